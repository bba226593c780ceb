package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/stats"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/records"
)

// Everything that a worker runs is registered by name. RegisterDoFn uses reflection; the generic
// register package is faster at run time and takes minutes to compile.
func init() {
	beam.RegisterType(reflect.TypeFor[Entry]())
	beam.RegisterType(reflect.TypeFor[Text]())
	beam.RegisterType(reflect.TypeFor[Sampled]())
	beam.RegisterType(reflect.TypeFor[Half]())
	beam.RegisterType(reflect.TypeFor[Edge]())
	beam.RegisterType(reflect.TypeFor[Placed]())
	beam.RegisterDoFn(&Read{})
	beam.RegisterDoFn(&Sample{})
	beam.RegisterDoFn(&Compare{})
	beam.RegisterDoFn(&LargeStar{})
	beam.RegisterDoFn(&SmallStar{})
	beam.RegisterDoFn(&ToShard{})
	beam.RegisterDoFn(&WriteShard{})
	beam.RegisterFunction(firstText)
	beam.RegisterFunction(bandsOf)
	beam.RegisterFunction(onePerValue)
	beam.RegisterFunction(commonValue)
	beam.RegisterFunction(pairsOfBand)
	beam.RegisterFunction(pairsOfSample)
	beam.RegisterFunction(once)
	beam.RegisterFunction(recordOf)
	beam.RegisterFunction(firstHalf)
	beam.RegisterFunction(linkOf)
	beam.RegisterFunction(byFirst)
	beam.RegisterFunction(edgesByRoot)
	beam.RegisterFunction(entriesByRoot)
	beam.RegisterFunction(groupsOf)
	beam.RegisterFunction(bothWays)
	beam.RegisterFunction(downwards)
}

// Config is what the workers need to know.
type Config struct {
	Threshold float64 // Jaccard similarity from which two articles are the same
	Recall    float64 // share of the pairs at the threshold to find
	Rounds    int     // rounds of connecting what is similar
}

func (c Config) check() error {
	if c.Rounds < 1 {
		return fmt.Errorf("-rounds is %d, want at least 1", c.Rounds)
	}
	_, err := c.reader()
	return err
}

func (c Config) reader() (*records.Reader, error) {
	return records.New(neardup.Config{Threshold: c.Threshold, Recall: c.Recall})
}

// Entry is what a group needs to know of an article.
type Entry struct {
	ID, Source     string
	Sec, Nsec      int64 // time of publication; Nsec is -1 for none
	Size, Features int64
}

func (e Entry) library(text int64) records.Held {
	h := records.Held{Entry: neardup.Entry{ID: e.ID, Source: e.Source, Size: int(e.Size)}, Text: text, Features: int(e.Features)}
	if e.Nsec >= 0 {
		h.Time = time.Unix(e.Sec, e.Nsec).UTC()
	}
	return h
}

// Text is what is kept of a text, about 2 KB.
type Text struct {
	Record        []byte
	Bands, Sample []int64
}

// Sampled is a text and its sampled values that are not common, in order.
type Sampled struct {
	ID     string
	Values []int64
}

// Half is the first text of a pair to be compared.
type Half struct {
	A      string
	Record []byte
}

// Edge is two texts that are near-duplicates, and their neardup.Relation.
type Edge struct {
	A, B                 string
	Kind, Shared, Reason int64
	Jaccard, AInB, BInA  float64
}

func (e Edge) relation() neardup.Relation {
	return neardup.Relation{
		Kind: neardup.Kind(e.Kind), Jaccard: e.Jaccard, ContainmentAInB: e.AInB, ContainmentBInA: e.BInA,
		Shared: int(e.Shared), Reason: neardup.Reason(e.Reason),
	}
}

// Placed is an article and its text.
type Placed struct {
	Text  string
	Entry Entry
}

// Groups returns the groups of the articles in lines, JSON Lines, as lines of JSON. They are the
// groups that a neardup.Detector finds that does not learn the text of sites.
//
//	read      article → text and entry; equal texts become one
//	bands     text → band keys → pairs of texts that share one, a bounded number in a crowded bucket
//	samples   text → sampled values that are not common → pairs of texts that share enough of them
//	once      each pair of texts once
//	compare   pair, with what is kept of both texts → verified edge
//	connect   edges → the component of each text, by rounds of large-star and small-star
//	group     component, with the entries of its articles → groups, on one worker
//
// Texts go by an ID of 20 bytes; what is kept of them travels to the comparisons alone.
func Groups(s beam.Scope, cfg Config, lines beam.PCollection) beam.PCollection {
	s = s.Scope("neardup")
	read, entries := beam.ParDo2(s.Scope("read"), &Read{Config: cfg}, lines)
	texts := beam.ParDo(s.Scope("texts"), firstText, beam.GroupByKey(s, read))
	edges := compare(s.Scope("compare"), cfg, texts, candidates(s, texts))
	roots := connect(s.Scope("connect"), beam.ParDo(s, linkOf, edges), cfg.Rounds)
	s = s.Scope("group")
	rootedEdges := beam.ParDo(s, edgesByRoot, beam.CoGroupByKey(s, beam.ParDo(s, byFirst, edges), roots))
	rootedEntries := beam.ParDo(s, entriesByRoot, beam.CoGroupByKey(s, entries, roots))
	return beam.ParDo(s, groupsOf, beam.CoGroupByKey(s, rootedEntries, rootedEdges))
}

// candidates returns the pairs of texts to be compared, each once.
func candidates(s beam.Scope, texts beam.PCollection) beam.PCollection {
	b := s.Scope("bands")
	banded := beam.ParDo(b, pairsOfBand, beam.GroupByKey(b, beam.ParDo(b, bandsOf, texts)))
	x := s.Scope("samples")
	common := beam.ParDo(x, commonValue, stats.SumPerKey(x, beam.ParDo(x, onePerValue, texts)))
	sampled := beam.ParDo(x, pairsOfSample, beam.GroupByKey(x, beam.ParDo(x, &Sample{}, texts, beam.SideInput{Input: common})))
	o := s.Scope("once")
	return beam.ParDo(o, once, beam.GroupByKey(o, beam.Flatten(o, banded, sampled)))
}

// compare returns the edges among pairs of texts.
func compare(s beam.Scope, cfg Config, texts, pairs beam.PCollection) beam.PCollection {
	kept := beam.ParDo(s, recordOf, texts)
	halves := beam.ParDo(s, firstHalf, beam.CoGroupByKey(s, kept, pairs))
	return beam.ParDo(s, &Compare{Config: cfg}, beam.CoGroupByKey(s, kept, halves))
}

var (
	malformed   = beam.NewCounter("neardup", "malformed")
	unconnected = beam.NewCounter("neardup", "unconnected")
	repeated    = beam.NewCounter("neardup", "repeated")
)

// converged returns an error if lines were skipped, or components not finished.
func converged(result beam.PipelineResult) error {
	var errs []error
	for _, c := range result.Metrics().AllMetrics().Counters() {
		switch {
		case c.Name() == "malformed" && c.Result() > 0:
			errs = append(errs, fmt.Errorf("%d malformed lines were passed over", c.Result()))
		case c.Name() == "repeated" && c.Result() > 0:
			errs = append(errs, fmt.Errorf("%d articles with the ID of another one like them were passed over", c.Result()))
		case c.Name() == "unconnected" && c.Result() > 0:
			errs = append(errs, errors.New("groups are incomplete: similar articles form a chain that is too long for so few -rounds"))
		}
	}
	return errors.Join(errs...)
}

// Read reads articles.
type Read struct {
	Config Config
	reader *records.Reader
}

// Setup is called once a worker.
func (f *Read) Setup() (err error) {
	f.reader, err = f.Config.reader()
	return err
}

// ProcessElement reads one article. One without features is in no group.
func (f *Read) ProcessElement(ctx context.Context, line string, emitText func(string, Text), emitEntry func(string, Entry)) {
	a, err := articles.Decode([]byte(line))
	var t records.Text
	if err == nil {
		t, err = f.reader.Read(a.Text)
	}
	if err != nil {
		malformed.Inc(ctx, 1)
		return
	}
	if t.ID == "" {
		return
	}
	e := Entry{ID: a.ID, Source: a.Source, Nsec: -1, Size: int64(t.Size), Features: int64(t.Features)}
	if !a.Time.IsZero() {
		e.Sec, e.Nsec = a.Time.Unix(), int64(a.Time.Nanosecond())
	}
	text := Text{Record: t.Record, Bands: make([]int64, len(t.Bands)), Sample: make([]int64, len(t.Sample))}
	for i, key := range t.Bands {
		text.Bands[i] = int64(key)
	}
	for i, v := range t.Sample {
		text.Sample[i] = int64(v)
	}
	emitText(t.ID, text)
	emitEntry(t.ID, e)
}

func firstText(id string, texts func(*Text) bool, emit func(string, Text)) {
	var t Text
	if texts(&t) {
		emit(id, t)
	}
}

func recordOf(id string, t Text) (string, []byte) { return id, t.Record }

func bandsOf(id string, t Text, emit func(int64, string)) {
	for _, key := range t.Bands {
		emit(key, id)
	}
}

// pairsOfBand emits the pairs of texts in one bucket that records.Compared says, in order of ID, so a
// crowded bucket takes linear time. The bucket is held in memory meanwhile, about 40 bytes a text.
func pairsOfBand(_ int64, bucket func(*string) bool, emit func(string, bool)) {
	var all []string
	var id string
	for bucket(&id) {
		all = append(all, id)
	}
	slices.Sort(all)
	records.Compared(len(all), func(i, j int) { emit(pairOf(all[i], all[j]), true) })
}

// pairOf returns one key for two IDs, which have the same length.
func pairOf(a, b string) string { return min(a, b) + max(a, b) }

func onePerValue(_ string, t Text, emit func(int64, int64)) {
	for _, v := range t.Sample {
		emit(v, 1)
	}
}

func commonValue(value, texts int64, emit func(int64)) {
	if texts > records.MaxCommon {
		emit(value)
	}
}

// Sample emits the sampled values of texts that are not common.
type Sample struct {
	common map[int64]bool
}

// ProcessElement handles one text.
func (f *Sample) ProcessElement(id string, t Text, common func(*int64) bool, emit func(int64, Sampled)) {
	if f.common == nil {
		f.common = make(map[int64]bool)
		var v int64
		for common(&v) {
			f.common[v] = true
		}
	}
	own := slices.DeleteFunc(slices.Clone(t.Sample), func(v int64) bool { return f.common[v] })
	for _, v := range own {
		emit(v, Sampled{id, own})
	}
}

// pairsOfSample emits the pairs of the texts that share one value, and enough of their samples. One
// that shares several values is emitted for the smallest of them.
func pairsOfSample(value int64, bucket func(*Sampled) bool, emit func(string, bool)) {
	var all []Sampled // records.MaxCommon at most
	var x Sampled
	for bucket(&x) {
		for _, y := range all {
			if shared, first := overlap(x.Values, y.Values); first == value && records.ShareSample(shared, len(x.Values), len(y.Values)) {
				emit(pairOf(x.ID, y.ID), true)
			}
		}
		all = append(all, Sampled{x.ID, slices.Clone(x.Values)})
	}
}

// overlap returns the number of values in both of two ordered lists, and the first of them.
func overlap(a, b []int64) (n int, first int64) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			if n == 0 {
				first = a[0]
			}
			n++
			a, b = a[1:], b[1:]
		}
	}
	return n, first
}

// once emits a pair of texts, the smaller ID first.
func once(pair string, _ func(*bool) bool, emit func(string, string)) {
	emit(pair[:len(pair)/2], pair[len(pair)/2:])
}

// firstHalf sends what is kept of a text to those that it is compared with.
func firstHalf(a string, kept func(*[]byte) bool, others func(*string) bool, emit func(string, Half)) {
	var record []byte
	if !kept(&record) {
		return
	}
	var b string
	for others(&b) {
		emit(b, Half{a, record})
	}
}

// Compare gives the verdicts.
type Compare struct {
	Config Config
	reader *records.Reader
}

// Setup is called once a worker.
func (f *Compare) Setup() (err error) {
	f.reader, err = f.Config.reader()
	return err
}

// ProcessElement compares a text with others.
func (f *Compare) ProcessElement(b string, kept func(*[]byte) bool, halves func(*Half) bool, emit func(Edge)) error {
	var record []byte
	if !kept(&record) {
		return nil
	}
	var h Half
	for halves(&h) {
		r, err := f.reader.Relate(record, h.Record)
		if err != nil {
			return err
		}
		if r = r.Flip(); r.Duplicate() {
			emit(Edge{
				A: h.A, B: b, Kind: int64(r.Kind), Shared: int64(r.Shared), Reason: int64(r.Reason),
				Jaccard: r.Jaccard, AInB: r.ContainmentAInB, BInA: r.ContainmentBInA,
			})
		}
	}
	return nil
}

func linkOf(e Edge) (string, string)                  { return e.A, e.B }
func byFirst(e Edge) (string, Edge)                   { return e.A, e }
func bothWays(u, v string, emit func(string, string)) { emit(u, v); emit(v, u) }

// downwards keys a link by its larger end.
func downwards(u, v string) (string, string) { return max(u, v), min(u, v) }

// edgesByRoot keys the edges of a text by the root of its component, which is the text itself if it
// has none.
func edgesByRoot(id string, edges func(*Edge) bool, roots func(*string) bool, emit func(string, Edge)) {
	root := rootOf(id, roots)
	var e Edge
	for edges(&e) {
		emit(root, e)
	}
}

func rootOf(id string, roots func(*string) bool) string {
	var root string
	if roots(&root) {
		return root
	}
	return id
}

// entriesByRoot keys the articles of a text in the same way.
func entriesByRoot(id string, entries func(*Entry) bool, roots func(*string) bool, emit func(string, Placed)) {
	root := rootOf(id, roots)
	var e Entry
	for entries(&e) {
		emit(root, Placed{id, e})
	}
}

// groupsOf groups one component. It needs memory for all of its edges and entries.
func groupsOf(ctx context.Context, _ string, entries func(*Placed) bool, edges func(*Edge) bool, emit func(string)) error {
	var all []Placed
	var p Placed
	for entries(&p) {
		all = append(all, p)
	}
	if len(all) < 2 {
		return nil
	}
	// Beam brings them in any order.
	slices.SortFunc(all, func(a, b Placed) int {
		return cmp.Or(cmp.Compare(a.Entry.ID, b.Entry.ID), cmp.Compare(a.Entry.Sec, b.Entry.Sec), cmp.Compare(a.Text, b.Text))
	})
	numbers := make(map[string]int64)
	var held []records.Held
	for i, p := range all {
		if i > 0 && p.Entry.ID == all[i-1].Entry.ID {
			repeated.Inc(ctx, 1)
			continue
		}
		if numbers[p.Text] == 0 {
			numbers[p.Text] = int64(len(numbers) + 1)
		}
		held = append(held, p.Entry.library(numbers[p.Text]))
	}
	groups, err := records.Groups(held, func(yield func(records.Pair) bool) {
		var e Edge
		for edges(&e) {
			if !yield(records.Pair{A: numbers[e.A], B: numbers[e.B], Relation: e.relation()}) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	for _, g := range groups {
		var line bytes.Buffer
		if err := articles.WriteGroups(&line, []neardup.Group{g}); err != nil {
			return err
		}
		emit(string(bytes.TrimSpace(line.Bytes())))
	}
	return nil
}

// connect returns, for each text but the smallest of its component, the smallest: alternating large-star and
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

// LargeStar links the larger neighbors of a text to the smallest of its neighborhood.
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

// SmallStar links the smaller neighbors of a text, and itself, to the smallest of them.
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
