package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/sign"
)

// Everything that a worker runs is registered by name. RegisterDoFn uses reflection; the generic register package is
// faster at run time and takes minutes to compile.
func init() {
	beam.RegisterType(reflect.TypeFor[Entry]())
	beam.RegisterType(reflect.TypeFor[Article]())
	beam.RegisterType(reflect.TypeFor[Edge]())
	beam.RegisterDoFn(&Sign{})
	beam.RegisterDoFn(&Compare{})
	beam.RegisterDoFn(&LargeStar{})
	beam.RegisterDoFn(&SmallStar{})
	beam.RegisterDoFn(&ToShard{})
	beam.RegisterDoFn(&WriteShard{})
	beam.RegisterFunction(firstEdge)
	beam.RegisterFunction(linkOf)
	beam.RegisterFunction(byFirst)
	beam.RegisterFunction(byRoot)
	beam.RegisterFunction(groupsOf)
	beam.RegisterFunction(bothWays)
	beam.RegisterFunction(downwards)
}

// Config is what the workers need to know.
type Config struct {
	Threshold float64 // Jaccard similarity from which two articles are near-duplicates
	Recall    float64 // share of the pairs at the threshold to find
	Rounds    int     // rounds of connecting what is similar
}

func (c Config) check() error {
	if c.Rounds < 1 {
		return fmt.Errorf("-rounds is %d, want at least 1", c.Rounds)
	}
	_, err := sign.New(c.Threshold, c.Recall)
	return err
}

// Entry is what a group needs to know of an article.
type Entry struct {
	ID, Source string
	Unix       int64 // time of publication in seconds; 0 for none
	Features   int64
}

func (e Entry) library() neardup.Entry {
	out := neardup.Entry{ID: e.ID, Source: e.Source, Size: int(e.Features)}
	if e.Unix != 0 {
		out.Time = time.Unix(e.Unix, 0).UTC()
	}
	return out
}

// Article is what travels to the buckets, about 200 bytes.
type Article struct {
	Entry  Entry
	Packed []byte
}

// Edge is a verified pair. It carries both entries, so that groups need not be joined with the articles again.
type Edge struct {
	A, B       Entry
	Similarity float64
	Twin       bool // the signatures are equal, and A is the first article that has it
}

// Groups returns the groups of the articles in lines, JSON Lines, as lines of JSON. They are the groups that a
// neardup.Detector finds: every member resembles its representative, the earliest.
//
//	sign      article → (band key, signature), once a band
//	compare   bucket → verified edges, all pairs of a small bucket, a bounded number in a crowded one
//	unique    an edge found in several buckets counts once
//	connect   edges → the component of each article, by rounds of large-star and small-star
//	group     component → groups, on one worker
func Groups(s beam.Scope, cfg Config, lines beam.PCollection) beam.PCollection {
	s = s.Scope("neardup")
	buckets := beam.GroupByKey(s.Scope("sign"), beam.ParDo(s, &Sign{Config: cfg}, lines))
	found := beam.ParDo(s.Scope("compare"), &Compare{Config: cfg}, buckets)
	edges := beam.ParDo(s.Scope("unique"), firstEdge, beam.GroupByKey(s, found))
	roots := connect(s.Scope("connect"), beam.ParDo(s, linkOf, edges), cfg.Rounds)
	s = s.Scope("group")
	rooted := beam.ParDo(s, byRoot, beam.CoGroupByKey(s, beam.ParDo(s, byFirst, edges), roots))
	return beam.ParDo(s, groupsOf, beam.GroupByKey(s, rooted))
}

var (
	malformed   = beam.NewCounter("neardup", "malformed")
	unconnected = beam.NewCounter("neardup", "unconnected")
)

// converged returns an error if lines were skipped, or components not finished.
func converged(result beam.PipelineResult) error {
	var errs []error
	for _, c := range result.Metrics().AllMetrics().Counters() {
		switch {
		case c.Name() == "malformed" && c.Result() > 0:
			errs = append(errs, fmt.Errorf("%d malformed lines were passed over", c.Result()))
		case c.Name() == "unconnected" && c.Result() > 0:
			errs = append(errs, errors.New("groups are incomplete: similar articles form a chain that is too long for so few -rounds"))
		}
	}
	return errors.Join(errs...)
}

// Sign signs articles and sends them to their buckets.
type Sign struct {
	Config Config
	signer *sign.Signer
}

// Setup is called once a worker.
func (f *Sign) Setup() (err error) {
	f.signer, err = sign.New(f.Config.Threshold, f.Config.Recall)
	return err
}

// ProcessElement signs one article.
func (f *Sign) ProcessElement(ctx context.Context, line string, emit func(int64, Article)) {
	var in struct {
		ID     string    `json:"id"`
		Text   string    `json:"text"`
		Source string    `json:"source"`
		Time   time.Time `json:"time"`
	}
	if err := json.Unmarshal([]byte(line), &in); err != nil || in.ID == "" {
		malformed.Inc(ctx, 1)
		return
	}
	signed := f.signer.Sign(in.Text)
	a := Article{Entry{in.ID, in.Source, 0, int64(signed.Features)}, signed.Packed}
	if !in.Time.IsZero() {
		a.Entry.Unix = in.Time.Unix()
	}
	for _, key := range signed.Keys {
		emit(int64(key), a)
	}
}

// Compare compares what is in one bucket.
type Compare struct {
	Config Config
	signer *sign.Signer
}

// Setup is called once a worker.
func (f *Compare) Setup() (err error) {
	f.signer, err = sign.New(f.Config.Threshold, f.Config.Recall)
	return err
}

// ProcessElement emits the verified edges of a bucket, each under a key of its own. Articles of one signature are tied to
// the first of them, in order of time and ID, and of those first ones it compares what sign.Compared says, so a crowded bucket
// takes linear time. The bucket is held in memory meanwhile, about 200
// bytes an article: Beam brings its articles in any order, and once.
func (f *Compare) ProcessElement(_ int64, bucket func(*Article) bool, emit func(string, Edge)) {
	var all []Article
	var a Article
	for bucket(&a) {
		all = append(all, Article{a.Entry, bytes.Clone(a.Packed)})
	}
	slices.SortFunc(all, compareEntries)
	leads := all[:0] // the first article of each signature
	lead := make(map[string]Entry)
	for _, a := range all {
		first, ok := lead[string(a.Packed)]
		switch {
		case !ok:
			lead[string(a.Packed)] = a.Entry
			leads = append(leads, a)
		case first.ID != a.Entry.ID: // it is equal where an article was read twice
			emit(first.ID+"\x00"+a.Entry.ID, Edge{A: first, B: a.Entry, Similarity: 1, Twin: true})
		}
	}
	sign.Compared(len(leads), func(i, j int) {
		a, b := leads[i], leads[j]
		if sim := f.signer.Similarity(a.Packed, b.Packed); sim >= f.Config.Threshold {
			emit(a.Entry.ID+"\x00"+b.Entry.ID, Edge{A: a.Entry, B: b.Entry, Similarity: sim})
		}
	})
}

// compareEntries orders articles by time, those without one last, then by ID.
func compareEntries(x, y Article) int {
	a, b := x.Entry, y.Entry
	switch {
	case a.Unix == 0 && b.Unix != 0:
		return 1
	case a.Unix != 0 && b.Unix == 0:
		return -1
	}
	return cmp.Or(cmp.Compare(a.Unix, b.Unix), cmp.Compare(a.ID, b.ID))
}

func firstEdge(_ string, edges func(*Edge) bool, emit func(Edge)) {
	var e Edge
	if edges(&e) {
		emit(e)
	}
}

func linkOf(e Edge) (string, string)                  { return e.A.ID, e.B.ID }
func byFirst(e Edge) (string, Edge)                   { return e.A.ID, e }
func bothWays(u, v string, emit func(string, string)) { emit(u, v); emit(v, u) }

// downwards keys a link by its larger end.
func downwards(u, v string) (string, string) { return max(u, v), min(u, v) }

// byRoot keys the edges of an article by the root of its component, which is the article itself if it has none.
func byRoot(id string, edges func(*Edge) bool, roots func(*string) bool, emit func(string, Edge)) {
	var root string
	if !roots(&root) {
		root = id
	}
	var e Edge
	for edges(&e) {
		emit(root, e)
	}
}

// groupsOf groups one component. It needs memory for all of its edges. Twins go where the first article of their signature
// goes.
func groupsOf(_ string, edges func(*Edge) bool, emit func(string)) error {
	entries := make(map[string]neardup.Entry)
	first := make(map[string]string) // of a twin
	var all []Edge
	var e Edge
	for edges(&e) {
		entries[e.A.ID], entries[e.B.ID] = e.A.library(), e.B.library()
		if e.Twin {
			// Where signatures differ in bits that are not kept, a twin can have several first articles.
			if f, ok := first[e.B.ID]; !ok || e.A.ID < f {
				first[e.B.ID] = e.A.ID
			}
			continue
		}
		all = append(all, e)
	}
	lead := func(id string) string {
		for range len(first) {
			f, ok := first[id]
			if !ok {
				break
			}
			id = f
		}
		return id
	}
	twins := make(map[string][]string)
	for id := range first {
		twins[lead(id)] = append(twins[lead(id)], id)
	}
	var leads []neardup.Entry
	for id, e := range entries {
		if lead(id) == id {
			leads = append(leads, e)
		}
	}
	var pairs []neardup.Pair
	for _, e := range all {
		pairs = append(pairs, neardup.Pair{A: lead(e.A.ID), B: lead(e.B.ID), Kind: neardup.Same, Similarity: e.Similarity})
	}
	groups, err := neardup.GroupPairs(leads, slices.Values(pairs), neardup.Earliest)
	if err != nil {
		return err
	}
	// An article whose only company is its twins is in no group yet.
	grouped := make(map[string]bool)
	for _, g := range groups {
		for _, m := range g.Members {
			grouped[m.ID] = true
		}
	}
	for id := range twins {
		if !grouped[id] {
			groups = append(groups, neardup.Group{Representative: id, Members: []neardup.Match{{ID: id, Kind: neardup.Same, Similarity: 1}}})
		}
	}
	for _, g := range groups {
		for _, m := range g.Members {
			for _, id := range twins[m.ID] {
				g.Members = append(g.Members, neardup.Match{ID: id, Kind: m.Kind, Similarity: m.Similarity})
			}
		}
		slices.SortFunc(g.Members[1:], func(x, y neardup.Match) int {
			return cmp.Or(cmp.Compare(y.Similarity, x.Similarity), cmp.Compare(x.ID, y.ID))
		})
		var line bytes.Buffer
		if err := articles.WriteGroups(&line, []neardup.Group{g}); err != nil {
			return err
		}
		emit(string(bytes.TrimSpace(line.Bytes())))
	}
	return nil
}

// connect returns, for each article but the smallest of its component, the smallest: alternating large-star and
// small-star (Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii: Connected Components in MapReduce and Beyond, SoCC 2014,
// section 3). Beam has no loops, so the rounds are unrolled, and the last one counts what it still had to change.
func connect(s beam.Scope, links beam.PCollection, rounds int) beam.PCollection {
	for i := range rounds {
		last := i == rounds-1
		links = beam.ParDo(s, &LargeStar{last}, beam.GroupByKey(s, beam.ParDo(s, bothWays, links)))
		links = beam.ParDo(s, &SmallStar{last}, beam.GroupByKey(s, beam.ParDo(s, downwards, links)))
	}
	return links
}

// LargeStar links the larger neighbors of an article to the smallest of its neighborhood.
type LargeStar struct{ Last bool }

// ProcessElement handles one neighborhood.
func (f *LargeStar) ProcessElement(ctx context.Context, u string, neighbors func(*string) bool, emit func(string, string)) {
	all, smallest := neighborhood(u, neighbors)
	for _, v := range all {
		if v > u {
			if f.Last && smallest != u {
				unconnected.Inc(ctx, 1)
			}
			emit(v, smallest)
		}
	}
}

// SmallStar links the smaller neighbors of an article, and itself, to the smallest of them.
type SmallStar struct{ Last bool }

// ProcessElement handles one neighborhood.
func (f *SmallStar) ProcessElement(ctx context.Context, u string, neighbors func(*string) bool, emit func(string, string)) {
	all, smallest := neighborhood(u, neighbors)
	if f.Last && len(all) > 1 {
		unconnected.Inc(ctx, int64(len(all)-1))
	}
	if smallest != u {
		emit(u, smallest)
	}
	for _, v := range all {
		if v != smallest {
			emit(v, smallest)
		}
	}
}

// neighborhood returns the neighbors of u, each once and in order, and the smallest of them and u.
func neighborhood(u string, neighbors func(*string) bool) (all []string, smallest string) {
	var v string
	for neighbors(&v) {
		all = append(all, v)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) == 0 {
		return nil, u
	}
	return all, min(u, all[0])
}

// write writes lines to n files. (textio.Write brings everything together under one key and writes one file.)
func write(s beam.Scope, lines beam.PCollection, prefix string, n int) {
	s = s.Scope("write")
	beam.ParDo(s, &WriteShard{prefix, n}, beam.GroupByKey(s, beam.ParDo(s, &ToShard{n}, lines)))
}

// ToShard says which file a line goes to.
type ToShard struct{ Shards int }

// ProcessElement returns the number of the file, and the line.
func (f *ToShard) ProcessElement(line string) (int64, string) {
	h := fnv.New64a()
	h.Write([]byte(line))
	return int64(h.Sum64() % uint64(f.Shards)), line
}

// WriteShard writes one file.
type WriteShard struct {
	Prefix string
	Shards int
}

// ProcessElement writes the lines of one file, sorted, and emits its name.
func (f *WriteShard) ProcessElement(ctx context.Context, shard int64, lines func(*string) bool, emit func(string)) (err error) {
	name := fmt.Sprintf("%s-%05d-of-%05d", f.Prefix, shard, f.Shards)
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return err
	}
	defer fs.Close()
	file, err := fs.OpenWrite(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var all []string
	var line string
	for lines(&line) {
		all = append(all, line)
	}
	slices.Sort(all)
	w := bufio.NewWriter(file)
	for _, line := range all {
		if _, err := w.WriteString(line + "\n"); err != nil {
			return err
		}
	}
	emit(name)
	return w.Flush()
}
