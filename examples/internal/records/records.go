// Package records is what the programs that keep articles outside of a Detector have in common: what
// is kept of a text, which texts are compared, and how groups are made of what is found. They read
// and judge with the library's Reader, and so find what a Detector of the same Config finds. What text is
// a site's own is learnt from all articles of a source when groups are made, see [Reader.Learn]; single
// articles are judged by what was learnt last.
//
// Articles whose texts are the same to the Reader share one text, so a text that is there thousands
// of times is kept, looked up and compared once. Two texts are candidates if they
//
//   - share a band key (see [neardup.Reader.Plan]), or
//   - have in common a third of the smaller sample (see [neardup.Record.AppendSample]), not counting
//     values that more than [MaxCommon] texts have.
package records

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/minhash"
)

// Text is what is kept of a text.
type Text struct {
	ID       string   // equal if the texts are the same to the Reader; "" if there are no features
	Record   []byte   // what the verdict needs, see [Reader.RelateOn]
	Size     int      // distinct features of the prose, for [neardup.Entry]
	Features int      // distinct features of the whole text
	Bands    []uint64 // two texts are candidates if they share one
	Sample   []uint32 // or if they share enough of these
}

// A Reader reads texts and judges what is kept of them. It must not be used concurrently.
type Reader struct {
	reader *neardup.Reader
	plan   minhash.Plan
	sample []uint64

	a, b  neardup.Record // what Relate was last asked about,
	aData []byte         // and what a was decoded from
}

// New returns a Reader, or an error that names the field of the configuration that is out of range.
func New(cfg neardup.Config) (*Reader, error) {
	r, err := neardup.NewReader(cfg)
	if err != nil {
		return nil, err
	}
	return &Reader{reader: r, plan: r.Plan()}, nil
}

// longestID is the number of bytes that an ID, or a source, may have: keys of stores have a limit.
const longestID = 1024

// Check says whether a store can take an article, whatever its text. The error wraps
// [neardup.ErrNoID], or says what is wrong with the ID or the source.
func Check(a neardup.Article) error {
	switch {
	case a.ID == "":
		return neardup.ErrNoID
	case len(a.ID) > longestID || len(a.Source) > longestID:
		return fmt.Errorf("ID and source have %d and %d bytes, want at most %d", len(a.ID), len(a.Source), longestID)
	case strings.ContainsRune(a.ID+a.Source, 0) || !utf8.ValidString(a.ID+a.Source):
		return errors.New("ID or source is no text")
	}
	return nil
}

// Read reads the text of an article. The result is the caller's. The error wraps
// [neardup.ErrTooLong].
func (r *Reader) Read(text string) (Text, error) {
	rec, err := r.reader.Read(text)
	if err != nil || rec.Empty() {
		return Text{}, err
	}
	data, err := rec.MarshalBinary()
	if err != nil {
		return Text{}, err
	}
	t := Text{
		ID:       ID(data),
		Record:   data,
		Size:     rec.Size(),
		Features: r.reader.Relate(rec, rec).Shared,
	}
	if sig := rec.Signature(); !sig.Empty() { // as it is if there is nothing but menus
		t.Bands = r.plan.AppendBandKeys(nil, sig)
	}
	r.sample = rec.AppendSample(r.sample[:0])
	for _, v := range r.sample {
		t.Sample = append(t.Sample, uint32(v))
	}
	slices.Sort(t.Sample)
	return t, nil
}

// ID returns the ID of the text whose record is given: 20 letters and digits, - and _.
func ID(record []byte) string {
	sum := sha256.Sum256(record)
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}

// RelateOn gives the library's verdict on two texts by their records, seen from a. Text of their sites is
// no evidence; nil is a site of which nothing is known. To compare one text with many give it as a each
// time: it is then decoded once.
func (r *Reader) RelateOn(a, b []byte, siteA, siteB *neardup.Site) (neardup.Relation, error) {
	if r.aData == nil || string(r.aData) != string(a) {
		if err := r.a.UnmarshalBinary(a); err != nil {
			return neardup.Relation{}, err
		}
		r.aData = append(r.aData[:0], a...)
	}
	if err := r.b.UnmarshalBinary(b); err != nil {
		return neardup.Relation{}, err
	}
	return r.reader.RelateOn(&r.a, &r.b, siteA, siteB), nil
}

// Sites are what is known of the text that sources put on their pages: what [Reader.Learn] has learnt, or what a store has kept of
// that.
type Sites struct {
	load     func(source string) ([]byte, error) // nil if all is there
	bySource map[string]*neardup.Site
	joined   map[string]*neardup.Site // by the names of several sources
	sources  map[int64][]string       // of a text: those that its articles name
}

func newSites() *Sites {
	return &Sites{bySource: make(map[string]*neardup.Site), joined: make(map[string]*neardup.Site), sources: make(map[int64][]string)}
}

// KeptSites returns the sites that a store has kept. What it has of one, as [Sites.All] gives it, or
// nothing, is loaded when it is needed.
func KeptSites(load func(source string) ([]byte, error)) *Sites {
	s := newSites()
	s.load = load
	return s
}

// All gives all sources that have text of their own, in order, each with an encoding of it.
func (s *Sites) All() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, name := range slices.Sorted(maps.Keys(s.bySource)) {
			site := s.bySource[name]
			if site.Features() == 0 {
				continue
			}
			data, err := site.MarshalBinary()
			if err != nil {
				panic(err) // it always is nil
			}
			if !yield(name, data) {
				return
			}
		}
	}
}

// maxJoined is of how many sources a text is at most that is of any site, as a Detector has it.
const maxJoined = 4

// Of returns what is known of the site of a text that was learnt from, or nil.
func (s *Sites) Of(text int64) *neardup.Site {
	site, _ := s.Site(s.sources[text]) // nothing is loaded
	return site
}

// Site returns what is known of the site of a text that some sources have, nil if they are too many. The
// names may be in any order, some of them twice; "" stands for no source.
func (s *Sites) Site(names []string) (*neardup.Site, error) {
	names = slices.Clone(names)
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
	switch {
	case len(names) == 0 || len(names) > maxJoined:
		return nil, nil
	case len(names) == 1:
		return s.named(names[0])
	}
	key := strings.Join(names, "\x00")
	if site, ok := s.joined[key]; ok {
		return site, nil
	}
	var sites []*neardup.Site
	for _, name := range names {
		site, err := s.named(name)
		if err != nil {
			return nil, err
		}
		sites = append(sites, site)
	}
	s.joined[key] = neardup.JoinSites(sites...)
	return s.joined[key], nil
}

// named returns what is known of one site.
func (s *Sites) named(name string) (*neardup.Site, error) {
	site, ok := s.bySource[name]
	if ok || s.load == nil {
		return site, nil
	}
	data, err := s.load(name)
	if err != nil {
		return nil, err
	}
	site = new(neardup.Site)
	if len(data) > 0 {
		if err := site.UnmarshalBinary(data); err != nil {
			return nil, fmt.Errorf("text of source %q: %w", name, err)
		}
	}
	s.bySource[name] = site
	return site, nil
}

// Learn learns, as [neardup.Detector.Groups] does, what text the sources of articles put on their
// pages. load returns the records of some texts, in any order: those of one source.
func (r *Reader) Learn(articles []Held, load func(texts []int64) iter.Seq2[[]byte, error]) (*Sites, error) {
	s := newSites()
	texts := make(map[string][]int64) // of a source
	for _, a := range articles {
		if a.Text == 0 || a.Source == "" {
			continue
		}
		if !slices.Contains(s.sources[a.Text], a.Source) {
			s.sources[a.Text] = append(s.sources[a.Text], a.Source)
		}
		texts[a.Source] = append(texts[a.Source], a.Text)
	}
	for source, list := range texts { // each by itself, in any order
		slices.Sort(list)
		var failed error
		site := r.reader.LearnSite(func(yield func(*neardup.Record) bool) {
			for data, err := range load(slices.Compact(list)) {
				rec := new(neardup.Record)
				if err == nil {
					err = rec.UnmarshalBinary(data)
				}
				if err != nil {
					failed = err
					return
				}
				if !yield(rec) {
					return
				}
			}
		})
		if failed != nil {
			return nil, failed
		}
		s.bySource[source] = site
	}
	return s, nil
}

// Scheme describes everything that the stored bytes and the verdicts on them depend on. A store keeps
// it beside the data and refuses to work with another.
func (r *Reader) Scheme() (string, error) {
	const probe = "On 3 May the harbour master said that the gate would stay open until all 12 barges had passed."
	t, err := r.Read(probe)
	if err != nil {
		return "", err
	}
	c := r.reader.Config()
	return fmt.Sprintf("neardup records 1 probe=%s bands=%d rows=%d wide=%d threshold=%v containment=%v contained=%v",
		t.ID, r.plan.Bands, r.plan.Rows, r.plan.Wide, c.Threshold, c.Containment, !c.NoContainment), nil
}

// What is compared in a bucket, the texts that share one band key, in the order in which they came:
// all pairs of the first MaxBucket, and every later text with the first Heads. So thousands of
// versions of one text take thousands of comparisons, not millions, and are still tied to the first
// of them.
const (
	MaxBucket = 256
	Heads     = 8
)

// MaxCommon is the number of texts that may have a sampled value before it is common, which is to say
// that it is evidence of nothing: everybody's phrase.
const MaxCommon = 256

// Compared calls f for the pairs i < j of a bucket of n texts that are to be compared.
func Compared(n int, f func(i, j int)) {
	for j := range n {
		before := j
		if j >= MaxBucket {
			before = Heads
		}
		for i := range before {
			f(i, j)
		}
	}
}

// ShareSample reports whether two texts that share so many sampled values, and have so many, common
// ones not counted, are candidates.
func ShareSample(shared, a, b int) bool { return shared > 0 && 3*shared >= min(a, b) }

// A Sampling finds, among all texts of a store, the pairs that share enough of their samples. It needs
// memory for the samples, 12 bytes for each value of each text, and counts what each two texts share
// one by one, for which neither keys nor joins of a database are quick enough.
type Sampling struct {
	texts  []int64 // in the order of Add
	number map[int64]uint32
	values []uint32
	of     []uint32 // the text of each value, by its place in texts
}

// Add adds a value of a text. Values have to come in ascending order.
func (s *Sampling) Add(value uint32, text int64) {
	n, ok := s.number[text]
	if !ok {
		if s.number == nil {
			s.number = make(map[int64]uint32)
		}
		n = uint32(len(s.texts))
		s.number[text] = n
		s.texts = append(s.texts, text)
	}
	s.values = append(s.values, value)
	s.of = append(s.of, n)
}

// Pairs returns the pairs of texts that share enough, each once: first those of one text, then those of
// another.
func (s *Sampling) Pairs() iter.Seq2[int64, int64] {
	return func(yield func(a, b int64) bool) {
		// runs are the places in of, from one to the next, of the texts that share a value which is not common.
		type run struct{ from, to uint32 }
		runs := make([][]run, len(s.texts)) // by text
		for from := 0; from < len(s.values); {
			to := from + 1
			for to < len(s.values) && s.values[to] == s.values[from] {
				to++
			}
			if to-from <= MaxCommon {
				for _, n := range s.of[from:to] {
					runs[n] = append(runs[n], run{uint32(from), uint32(to)})
				}
			}
			from = to
		}
		shared := make([]uint16, len(s.texts))
		var touched []uint32
		for a := range runs {
			touched = touched[:0]
			for _, r := range runs[a] {
				for _, b := range s.of[r.from:r.to] {
					if int(b) < a {
						if shared[b] == 0 {
							touched = append(touched, b)
						}
						if shared[b]++; shared[b] == 0 {
							shared[b]-- // more than can be counted is enough
						}
					}
				}
			}
			for _, b := range touched {
				n := int(shared[b])
				shared[b] = 0
				if ShareSample(n, len(runs[a]), len(runs[b])) && !yield(s.texts[a], s.texts[b]) {
					return
				}
			}
		}
	}
}

// CompareRelations orders relations as a Detector does: the same article before contained ones, then
// by similarity, then by containment.
func CompareRelations(a, b neardup.Relation) int {
	return cmp.Or(
		cmp.Compare(min(a.Kind, neardup.Contained), min(b.Kind, neardup.Contained)),
		cmp.Compare(b.Jaccard, a.Jaccard),
		cmp.Compare(max(b.ContainmentAInB, b.ContainmentBInA), max(a.ContainmentAInB, a.ContainmentBInA)))
}

// CompareMatches orders matches as a Detector does, by their relations and then by ID.
func CompareMatches(a, b neardup.Match) int {
	return cmp.Or(CompareRelations(a.Relation, b.Relation), cmp.Compare(a.ID, b.ID))
}

// Copy is the relation of two articles of one text, which has so many features.
func Copy(features int) neardup.Relation {
	return neardup.Relation{
		Kind: neardup.Same, Jaccard: 1, ContainmentAInB: 1, ContainmentBInA: 1,
		Shared: features, Reason: neardup.EachInOther,
	}
}

// Held is an article that a store holds.
type Held struct {
	neardup.Entry
	Text     int64 // a number of the text, which copies share; 0 if there are no features
	Features int   // of the text
}

// Pair is two texts that were found to be near-duplicates, by their numbers.
type Pair struct {
	A, B int64
	neardup.Relation
}

// Groups makes groups of articles, by the pairs of their texts, as [neardup.Detector.Groups] makes
// them: the earliest represents, unless it is contained in another. Pairs may repeat.
func Groups(articles []Held, pairs iter.Seq[Pair]) ([]neardup.Group, error) {
	articles = slices.Clone(articles)
	slices.SortFunc(articles, func(a, b Held) int {
		return cmp.Or(neardup.Earliest(a.Entry, b.Entry), neardup.Longest(a.Entry, b.Entry),
			cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
	})
	// The first article of each text speaks for it.
	first := make(map[int64]int)
	copies := make(map[string][]Held) // of a first article, by its ID
	rank := make(map[string]int)
	var leads []neardup.Entry
	for i, a := range articles {
		if a.Text == 0 {
			continue
		}
		rank[a.ID] = i
		if at, ok := first[a.Text]; ok {
			copies[articles[at].ID] = append(copies[articles[at].ID], a)
		} else {
			first[a.Text] = i
			leads = append(leads, a.Entry)
		}
	}
	groups, err := neardup.GroupPairs(leads, func(yield func(neardup.Pair) bool) {
		for p := range pairs {
			a, okA := first[p.A]
			b, okB := first[p.B]
			if okA && okB && !yield(neardup.Pair{A: articles[a].ID, B: articles[b].ID, Relation: p.Relation}) {
				return
			}
		}
	}, neardup.Earliest)
	if err != nil {
		return nil, err
	}
	// Copies go where the first of them goes. One whose only company is its copies is in no group yet.
	grouped := make(map[string]bool)
	for _, g := range groups {
		for _, m := range g.Members {
			grouped[m.ID] = true
		}
	}
	for id := range copies {
		if !grouped[id] {
			groups = append(groups, neardup.Group{Representative: id, Members: []neardup.Match{{ID: id}}})
		}
	}
	for i := range groups {
		g := &groups[i]
		g.Members[0].Relation = Copy(articles[rank[g.Representative]].Features)
		for _, m := range g.Members {
			for _, c := range copies[m.ID] {
				g.Members = append(g.Members, neardup.Match{ID: c.ID, Relation: m.Relation})
			}
		}
		slices.SortFunc(g.Members[1:], CompareMatches)
	}
	slices.SortFunc(groups, func(a, b neardup.Group) int {
		return cmp.Compare(rank[a.Representative], rank[b.Representative])
	})
	return groups, nil
}
