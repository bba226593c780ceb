package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/bench/internal/measure"
	"github.com/neardup/neardup/shingle"
)

// A set is documents with what is known of their duplicates.
type set struct {
	Name string
	Docs []doc
	// labels holds the labelled pairs by the positions of their documents, the smaller first; nil =
	// truth is in clusters.
	labels map[[2]int]label
	// partial: only labelled pairs are judged.
	partial bool

	// lastOnly: of two documents with one id the last counts, instead of an error.
	lastOnly bool

	position map[string]int
}

type doc struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Cluster string `json:"cluster"`
	Source  string `json:"source"`
	Time    day    `json:"time"`

	page string // what the document is a rendering or a version of, where the truth is in pairs
}

// day is a time, or a date alone; what is neither is no time.
type day struct{ time.Time }

func (d *day) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			d.Time = t
			break
		}
	}
	return nil
}

// A label is what is known of a pair: same or not, or its exact similarities.
type label struct {
	same                 bool
	exact                bool
	gray                 bool // counts neither for nor against
	jaccard, containment float64
}

// line is a line of the format: a document or a pair.
type line struct {
	doc
	Pair        []string `json:"pair"`
	Same        *bool    `json:"same"`
	Jaccard     *float64 `json:"jaccard"`
	Containment float64  `json:"containment"`
}

func (s *set) add(d doc) error {
	if d.ID == "" {
		return errors.New("document without id")
	}
	if i, ok := s.position[d.ID]; ok {
		if s.lastOnly {
			s.Docs[i] = d
			return nil
		}
		return fmt.Errorf("document %q twice", d.ID)
	}
	if s.position == nil {
		s.position = map[string]int{}
	}
	s.position[d.ID] = len(s.Docs)
	s.Docs = append(s.Docs, d)
	return nil
}

// label enters a pair; one with a document that was not read is left out.
func (s *set) label(a, b string, l label) {
	i, ok := s.position[a]
	j, ok2 := s.position[b]
	if s.labels == nil {
		s.labels = map[[2]int]label{}
	}
	if !ok || !ok2 || i == j {
		return
	}
	if !l.exact && !l.same && !l.gray {
		s.partial = true
	}
	s.labels[[2]int{min(i, j), max(i, j)}] = l
}

// link makes documents of pairs said to be the same one cluster, and what those are linked to: for
// truth that is transitive.
func (s *set) link(pairs [][2]string) {
	parent := make([]int, len(s.Docs))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, p := range pairs {
		i, ok := s.position[p[0]]
		j, ok2 := s.position[p[1]]
		if ok && ok2 {
			parent[find(i)] = find(j)
		}
	}
	for i := range s.Docs {
		s.Docs[i].Cluster = fmt.Sprint(find(i))
	}
}

func (s *set) bytes() (n int) {
	for i := range s.Docs {
		n += len(s.Docs[i].Text)
	}
	return n
}

func (s *set) truthString() string {
	if s.labels == nil {
		clusters := map[int]int{}
		pairs := 0
		for _, c := range s.clusters() {
			pairs += clusters[c]
			clusters[c]++
		}
		return fmt.Sprintf("%d clusters with %d pairs", len(clusters), pairs)
	}
	if s.partial {
		return fmt.Sprintf("%d labelled pairs", len(s.labels))
	}
	return fmt.Sprintf("a complete list of %d pairs", len(s.labels))
}

// clusters returns a number for each document, equal where the labels are.
func (s *set) clusters() []int {
	out := make([]int, len(s.Docs))
	seen := map[string]int{}
	for i := range s.Docs {
		c := s.Docs[i].Cluster
		n, ok := seen[c]
		if !ok || c == "" {
			n = i
			if c != "" {
				seen[c] = n
			}
		}
		out[i] = n
	}
	return out
}

// readJSONL reads the format of this program into s.
func (s *set) readJSONL(path string, limit int) error {
	var pairs []line
	err := eachLine(path, func(n int, b []byte) error {
		var l line
		if err := json.Unmarshal(b, &l); err != nil {
			return err
		}
		switch {
		case l.Pair == nil:
			if limit > 0 && len(s.Docs) >= limit {
				return nil
			}
			return s.add(l.doc)
		case len(l.Pair) != 2 || (l.Same == nil) == (l.Jaccard == nil):
			return errors.New("a pair has two documents and either same or jaccard")
		}
		pairs = append(pairs, l)
		return nil
	})
	if err != nil {
		return err
	}
	for _, l := range pairs {
		if l.Same != nil {
			s.label(l.Pair[0], l.Pair[1], label{same: *l.Same})
		} else {
			s.label(l.Pair[0], l.Pair[1], label{exact: true, jaccard: *l.Jaccard, containment: l.Containment})
		}
	}
	return nil
}

// openText opens a file, unpacking it if it ends in .gz.
func openText(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil || !strings.HasSuffix(path, ".gz") {
		return f, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}

func eachLine(path string, f func(n int, b []byte) error) error {
	r, err := openText(path)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // it was read from
	br := bufio.NewReaderSize(r, 1<<20)
	for n := 1; ; n++ {
		b, err := br.ReadBytes('\n')
		if len(strings.TrimSpace(string(b))) > 0 {
			if err := f(n, b); err != nil {
				return fmt.Errorf("%s:%d: %w", path, n, err)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// A result is a row of the table.
type result struct {
	Set string `json:"set"`
	setting
	Size int     `json:"size"`
	T    float64 `json:"t"` // the threshold as a number

	Precision      float64  `json:"precision"`
	Recall         float64  `json:"recall"`
	F1             float64  `json:"f1"`
	GroupPrecision float64  `json:"group_precision"`
	GroupRecall    float64  `json:"group_recall"`
	GroupF1        float64  `json:"group_f1"`
	ARI            *float64 `json:"ari,omitempty"` // nil where truth is not a partition
	Right          float64  `json:"right"`
	FellBack       float64  `json:"fell_back"`
	Speed          float64  `json:"articles_per_second"`
}

// articles gives the documents as a Detector takes them.
func (s *set) articles() iter.Seq[neardup.Article] {
	return func(yield func(neardup.Article) bool) {
		for i := range s.Docs {
			x := &s.Docs[i]
			if !yield(neardup.Article{ID: x.ID, Text: x.Text, Source: x.Source, Time: x.Time.Time}) {
				return
			}
		}
	}
}

func (s *set) measure(ctx context.Context, c setting) (*result, error) {
	d, err := neardup.New(c.cfg)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := d.AddAll(ctx, s.articles()); err != nil {
		return nil, err
	}
	r := &result{Set: s.Name, setting: c, T: c.cfg.Threshold, Speed: float64(len(s.Docs)) / time.Since(start).Seconds()}
	cfg := d.Config()
	r.Size = cfg.Shingle.Size
	if r.Size == 0 {
		r.Size = shingleSize
	}
	r.FellBack, err = s.fellBack(cfg.Shingle)
	if err != nil {
		return nil, err
	}

	j := s.judge(cfg)
	for p, err := range d.Pairs(ctx) {
		if err != nil {
			return nil, err
		}
		j.found(s.position[p.A], s.position[p.B])
	}
	pairs := j.score()
	r.Precision, r.Recall, r.F1, r.Right = pairs.Precision(), pairs.Recall(), pairs.F1(), j.right()

	got := make([]int, len(s.Docs))
	for i := range got {
		got[i] = -1 - i
	}
	g := s.judge(cfg)
	groups, err := d.Groups(ctx, nil)
	if err != nil {
		return nil, err
	}
	for n, group := range groups {
		members := make([]int, len(group.Members))
		for i, m := range group.Members {
			members[i] = s.position[m.ID]
			got[members[i]] = n
		}
		if s.labels != nil {
			for i, a := range members {
				for _, b := range members[:i] {
					g.found(a, b)
				}
			}
		}
	}
	grouped := g.score()
	if s.labels == nil {
		truth := s.clusters()
		grouped = measure.ClusterPairs(truth, got)
		ari := measure.AdjustedRand(truth, got)
		r.ARI = &ari
	}
	r.GroupPrecision, r.GroupRecall, r.GroupF1 = grouped.Precision(), grouped.Recall(), grouped.F1()
	return r, nil
}

// shingleSize is what Config.Size 0 stands for.
const shingleSize = 5

// fellBack returns the share of documents whose prose view is the whole text.
func (s *set) fellBack(cfg shingle.Config) (float64, error) {
	sh, err := shingle.New(cfg)
	if err != nil {
		return 0, err
	}
	n := 0
	var buf []uint64
	for i := range s.Docs {
		buf = sh.Append(buf[:0], s.Docs[i].Text)
		if sh.FellBack() {
			n++
		}
	}
	return float64(n) / float64(max(1, len(s.Docs))), nil
}

// A judge compares pairs found with the truth under one configuration.
type judge struct {
	s       *set
	same    func(i, j int) (same, known bool)
	pairs   measure.Pairs
	truth   int   // true pairs
	degree  []int // true duplicates of each document
	hits    []int
	mistake []bool
}

func (s *set) judge(cfg neardup.Config) *judge {
	j := &judge{s: s, degree: make([]int, len(s.Docs)), hits: make([]int, len(s.Docs)), mistake: make([]bool, len(s.Docs))}
	if s.labels == nil {
		c := s.clusters()
		size := map[int]int{}
		for _, x := range c {
			j.truth += size[x]
			size[x]++
		}
		for i, x := range c {
			j.degree[i] = size[x] - 1
		}
		j.same = func(a, b int) (bool, bool) { return c[a] == c[b], true }
		return j
	}
	is := func(l label) bool {
		if !l.exact {
			return l.same
		}
		return l.jaccard >= cfg.Threshold || (!cfg.NoContainment && l.containment >= cfg.Containment)
	}
	for p, l := range s.labels {
		if is(l) {
			j.truth++
			j.degree[p[0]]++
			j.degree[p[1]]++
		}
	}
	j.same = func(a, b int) (bool, bool) {
		l, ok := s.labels[[2]int{min(a, b), max(a, b)}]
		return ok && is(l), (ok || !s.partial) && !l.gray
	}
	return j
}

func (j *judge) found(a, b int) {
	same, known := j.same(a, b)
	switch {
	case !known:
	case same:
		j.pairs.TP++
		j.hits[a]++
		j.hits[b]++
	default:
		j.pairs.FP++
		j.mistake[a], j.mistake[b] = true, true
	}
}

func (j *judge) score() measure.Pairs {
	p := j.pairs
	p.FN = j.truth - p.TP
	return p
}

// right returns the share of documents all of whose duplicates were found, and nothing else.
func (j *judge) right() float64 {
	n := 0
	for i := range j.degree {
		if !j.mistake[i] && j.hits[i] == j.degree[i] {
			n++
		}
	}
	return float64(n) / float64(max(1, len(j.degree)))
}
