package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/bench/internal/measure"
	"github.com/neardup/neardup/shingle"
)

// layout says what -data holds.
const layout = `-data (or NEARDUP_DATASETS) names a folder with a folder for each set, of the name of the set:
  pages scoop                  docs.jsonl.gz: one JSON object a line with id, text, cluster and, if known, source and time;
                               texts of one cluster are the same article
  wcxb_dev trafeval gesetze    docs.jsonl.gz, and labels.tsv.gz: a line of headings, then id1, id2, label, note by tabs; dup is a
  uagec ocr                    true pair, gray, short and far are not scored, a pair that is not listed is false
  licenses wdk-ddi             docs.jsonl.gz, and exact_pairs_w5.tsv.gz or exact_pairs_w5_J80.tsv.gz: id1, id2, Jaccard, containment
  fi-news                      docs.jsonl.gz, and exact_pairs_w3_J80.tsv: the same in word 3-shingles
  mccormick                    articles_1000.train: "ID text" a line; articles_1000.truth: "ID ID" a line
  articles                     *.txt, all of them pages with one story; may lie beside the folder
  news-copy core               as their publishers ship them, see adapters.go
`

// labelledSets are judged by default settings, exactSets by the threshold of their list. A set that
// is not there is left out.
var (
	labelledSets = []string{"pages", "wcxb_dev", "trafeval", "gesetze", "uagec", "ocr", "scoop", "mccormick", "articles", "news-copy", "core", "generated"}
	exactSets    = []struct {
		name string
		t    float64
		size int
	}{{"licenses", 0.5, 5}, {"licenses", 0.8, 5}, {"wdk-ddi", 0.8, 5}, {"fi-news", 0.8, 3}}
)

// A score is precision, recall and F1 of pairs, at a threshold where that was chosen.
type score struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	T         float64 `json:"t,omitempty"`
}

func scoreOf(p measure.Pairs) *score {
	return &score{Precision: p.Precision(), Recall: p.Recall(), F1: p.F1()}
}

// A summary is a line of what -all writes; which fields it has depends on its kind: labelled,
// exact, cases, lengths.
type summary struct {
	Kind string `json:"kind"`
	Set  string `json:"set,omitempty"`
	Docs int    `json:"docs,omitempty"`
	True int    `json:"true,omitempty"` // true pairs

	Ours   *score `json:"ours,omitempty"`
	Groups *score `json:"groups,omitempty"` // every two members of a group
	Even   *score `json:"even,omitempty"`   // the halves of the set, each by itself
	Odd    *score `json:"odd,omitempty"`
	At80   *score `json:"jaccard_at_80,omitempty"`   // what goes by the exact Jaccard of whole texts in words, w = 5, finds at .8
	Best   *score `json:"jaccard_at_best,omitempty"` // and at the threshold best for the set; of lengths, at .5

	T    float64 `json:"t,omitempty"` // exact
	Size int     `json:"size,omitempty"`

	Kinds  int `json:"kinds,omitempty"` // cases
	Right  int `json:"right,omitempty"`
	Wishes int `json:"wishes,omitempty"`
	Called int `json:"called"` // pairs of different articles called the same or contained

	Lo float64 `json:"lo,omitempty"` // lengths
	Hi float64 `json:"hi,omitempty"`
}

// runAll measures every set that is there.
func runAll(ctx context.Context, data, cases string, limit int, stdout io.Writer, emit func(any) error, stderr io.Writer) error {
	fmt.Fprintf(stdout, "| set | texts | true pairs | Jaccard at .8 | at its best | precision | recall | F1 | even half | odd half |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	missing := 0
	read := func(name string) (*set, error) {
		s, _, err := open(data, name, "", limit)
		if name != "generated" && (data == "" || errors.Is(err, fs.ErrNotExist)) {
			fmt.Fprintf(stderr, "%s: LEFT OUT, it is not in -data\n", name)
			missing++
			return nil, nil
		}
		if err != nil && (name == "articles" || name == "news-copy" || name == "core") {
			fmt.Fprintf(stderr, "%s: LEFT OUT, %v\n", name, err)
			return nil, nil
		}
		return s, err
	}
	lengths := newLengths()
	for _, name := range labelledSets {
		s, err := read(name)
		if err != nil {
			return err
		}
		if s == nil {
			continue
		}
		m, err := s.labelled(ctx, lengths)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(stdout, "| %s | %d | %d | %.3f | %.3f at %.2f | %.3f | %.3f | %.3f | %.3f | %.3f |\n", m.Set, m.Docs, m.True, m.At80.F1, m.Best.F1, m.Best.T,
			m.Ours.Precision, m.Ours.Recall, m.Ours.F1, m.Even.F1, m.Odd.F1)
		if err := emit(m); err != nil {
			return err
		}
	}
	fmt.Fprintln(stdout)
	for _, x := range exactSets {
		s, err := read(x.name)
		if err != nil {
			return err
		}
		if s == nil {
			continue
		}
		m, err := s.exact(ctx, x.t, x.size)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%s, whole text, w = %d, J ≥ %v: %d true pairs, precision %.4f, recall %.4f\n", m.Set, m.Size, m.T, m.True, m.Ours.Precision, m.Ours.Recall)
		if err := emit(m); err != nil {
			return err
		}
	}
	for _, m := range lengths.rows() {
		fmt.Fprintf(stdout, "%.2f to %.2f of the longer text: %d true pairs, found %.3f; by Jaccard .8 %.3f, .5 %.3f\n", m.Lo, m.Hi, m.True, m.Ours.Recall, m.At80.Recall, m.Best.Recall)
		if err := emit(m); err != nil {
			return err
		}
	}
	m, err := judgeCases(cases)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "cases: %d of %d kinds right in all variants, %d different articles called the same or contained; %d kinds are wishes\n", m.Right, m.Kinds, m.Called, m.Wishes)
	if missing > 0 {
		fmt.Fprintf(stderr, "\n%s", layout)
	}
	return emit(m)
}

// labelled measures a set by default settings, all of it and by halves, beside exact Jaccard.
func (s *set) labelled(ctx context.Context, lengths *lengths) (*summary, error) {
	found := map[[2]int]bool{}
	j, d, err := s.find(ctx, neardup.Config{}, func(a, b int) { found[[2]int{min(a, b), max(a, b)}] = true })
	if err != nil {
		return nil, err
	}
	m := &summary{Kind: "labelled", Set: s.Name, Docs: len(s.Docs), True: j.truth, Ours: scoreOf(j.score())}
	groups, err := d.Groups(ctx, nil)
	if err != nil {
		return nil, err
	}
	g := s.judge(d.Config())
	for _, group := range groups {
		for i, a := range group.Members {
			for _, b := range group.Members[:i] {
				g.found(s.position[a.ID], s.position[b.ID])
			}
		}
	}
	m.Groups = scoreOf(g.score())
	for half, to := range []**score{&m.Even, &m.Odd} {
		h, err := s.half(half == 1)
		if err != nil {
			return nil, err
		}
		j, _, err := h.find(ctx, neardup.Config{}, nil)
		if err != nil {
			return nil, err
		}
		*to = scoreOf(j.score())
	}
	m.At80, m.Best, err = s.jaccard(j, func(a, b int, p pairCounts) { lengths.add(p, found[[2]int{a, b}]) })
	return m, err
}

// exact measures a set by its list of pairs, from a Jaccard of t on.
func (s *set) exact(ctx context.Context, t float64, size int) (*summary, error) {
	cfg := neardup.Config{Threshold: t, NoContainment: true, Shingle: shingle.Config{View: shingle.Whole, Size: size}}
	j, _, err := s.find(ctx, cfg, nil)
	if err != nil {
		return nil, err
	}
	return &summary{Kind: "exact", Set: s.Name, Docs: len(s.Docs), True: j.truth, Ours: scoreOf(j.score()), T: t, Size: size}, nil
}

// find judges the pairs that a Detector of the configuration finds, and calls each with them.
func (s *set) find(ctx context.Context, cfg neardup.Config, each func(a, b int)) (*judge, *neardup.Detector, error) {
	d, err := neardup.New(cfg)
	if err != nil {
		return nil, nil, err
	}
	if err := d.AddAll(ctx, s.articles()); err != nil {
		return nil, nil, err
	}
	j := s.judge(d.Config())
	for p, err := range d.Pairs(ctx) {
		if err != nil {
			return nil, nil, err
		}
		a, b := s.position[p.A], s.position[p.B]
		j.found(a, b)
		if each != nil {
			each(a, b)
		}
	}
	return j, d, nil
}

// half returns the documents whose cluster, by a hash of its name, is in one half, with their
// labels.
func (s *set) half(odd bool) (*set, error) {
	h := &set{Name: s.Name, partial: s.partial}
	moved := make([]int, len(s.Docs))
	for i, d := range s.Docs {
		moved[i] = -1
		sum := sha256.Sum256([]byte(cmp.Or(d.page, d.Cluster, d.ID)))
		if sum[0]%2 == 1 == odd {
			moved[i] = len(h.Docs)
			if err := h.add(d); err != nil {
				return nil, err
			}
		}
	}
	if s.labels != nil {
		h.labels = map[[2]int]label{}
		for p, l := range s.labels {
			if a, b := moved[p[0]], moved[p[1]]; a >= 0 && b >= 0 {
				h.labels[[2]int{a, b}] = l
			}
		}
	}
	return h, nil
}

// pairCounts are the sizes of two sets of features and of what they share.
type pairCounts struct{ shared, a, b int }

func (p pairCounts) jaccard() float64 { return float64(p.shared) / float64(p.a+p.b-p.shared) }

// jaccard judges all pairs by the exact Jaccard of whole texts, at .8 and at the threshold, in
// hundredths, with the best F1. It calls each with every true pair, the earlier document first.
func (s *set) jaccard(j *judge, each func(a, b int, p pairCounts)) (at80, best *score, err error) {
	sh, err := shingle.New(shingle.Config{View: shingle.Whole})
	if err != nil {
		return nil, nil, err
	}
	features := make([][]uint64, len(s.Docs))
	holders := map[uint64][]int32{}
	shared := make([]int32, len(s.Docs))
	var right, wrong [101]int // pairs by their Jaccard in hundredths, rounded down
	for i := range s.Docs {
		x := sh.Append(nil, s.Docs[i].Text)
		slices.Sort(x)
		x = slices.Compact(x)
		features[i] = x
		clear(shared)
		for _, f := range x {
			for _, k := range holders[f] {
				shared[k]++
			}
			holders[f] = append(holders[f], int32(i))
		}
		for k := range i {
			same, known := j.same(k, i)
			if !known {
				continue
			}
			p := pairCounts{int(shared[k]), len(features[k]), len(x)}
			if same && len(x) > 0 && len(features[k]) > 0 {
				each(k, i, p)
			}
			if p.shared == 0 {
				continue
			}
			if b := int(p.jaccard()*100 + 1e-9); same {
				right[b]++
			} else {
				wrong[b]++
			}
		}
	}
	tp, fp := 0, 0
	for t := 100; t >= 5; t-- {
		tp += right[t]
		fp += wrong[t]
		x := scoreOf(measure.Pairs{TP: tp, FP: fp, FN: j.truth - tp})
		x.T = float64(t) / 100
		if t == 80 {
			at80 = x
		}
		if best == nil || x.F1 > best.F1 {
			best = x
		}
	}
	return at80, best, nil
}

// lengths counts true pairs in which the longer text has most of the shorter, by how long the
// shorter is beside the longer.
type lengths struct{ pairs, ours, at80, at50 []int }

var lengthBounds = []float64{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1}

func newLengths() *lengths {
	n := len(lengthBounds) - 1
	return &lengths{make([]int, n), make([]int, n), make([]int, n), make([]int, n)}
}

func (l *lengths) add(p pairCounts, found bool) {
	short, long := min(p.a, p.b), max(p.a, p.b)
	if float64(p.shared) < 0.8*float64(short) {
		return
	}
	ratio := float64(short) / float64(long)
	i := 0
	for i < len(l.pairs)-1 && ratio >= lengthBounds[i+1] {
		i++
	}
	l.pairs[i]++
	count := func(to []int, ok bool) {
		if ok {
			to[i]++
		}
	}
	count(l.ours, found)
	count(l.at80, p.jaccard() >= 0.8)
	count(l.at50, p.jaccard() >= 0.5)
}

func (l *lengths) rows() (out []*summary) {
	for i, n := range l.pairs {
		recall := func(x int) *score { return &score{Recall: float64(x) / float64(n)} }
		if n > 0 {
			out = append(out, &summary{Kind: "lengths", Lo: lengthBounds[i], Hi: lengthBounds[i+1], True: n,
				Ours: recall(l.ours[i]), At80: recall(l.at80[i]), Best: recall(l.at50[i])})
		}
	}
	return out
}

// judgeCases compares the texts of each case, and holds both in a Detector of their own.
func judgeCases(path string) (*summary, error) {
	kinds, wishes, wrong := map[string]bool{}, map[string]bool{}, map[string]bool{}
	m := &summary{Kind: "cases"}
	err := eachLine(path, func(_ int, b []byte) error {
		var c struct {
			Kind, Expect, A, B string
			Wish               bool
		}
		if err := json.Unmarshal(b, &c); err != nil {
			return err
		}
		d, err := neardup.New(neardup.Config{})
		if err != nil {
			return err
		}
		if _, err := d.Add(neardup.Article{ID: "a", Text: c.A}); err != nil {
			return err
		}
		matches, err := d.Add(neardup.Article{ID: "b", Text: c.B})
		if err != nil {
			return err
		}
		same, want := neardup.Compare(c.A, c.B).Duplicate(), c.Expect == "dup"
		if same && !want || len(matches) > 0 && !want {
			m.Called++
		}
		if c.Wish {
			wishes[c.Kind] = true
			return nil
		}
		kinds[c.Kind] = true
		if same != want || len(matches) > 0 != want {
			wrong[c.Kind] = true
		}
		return nil
	})
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: run at the root of the repository, or name -cases", err)
	}
	m.Kinds, m.Right, m.Wishes = len(kinds), len(kinds)-len(wrong), len(wishes)
	return m, err
}

// casesFile is where the repository keeps the cases.
var casesFile = filepath.Join("internal", "cases", "testdata", "pairs.jsonl.gz")
