package records

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/corpus"
)

func newReader(t *testing.T) *Reader {
	t.Helper()
	r, err := New(neardup.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRead(t *testing.T) {
	r := newReader(t)
	docs := corpus.Articles(2, 1)
	a, err := r.Read(docs[0].Text)
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Read(docs[1].Text)
	if err != nil {
		t.Fatal(err)
	}
	if a.ID == "" || a.ID == b.ID || a.Size < 100 || a.Features < a.Size || len(a.Bands) != r.plan.Bands || len(a.Sample) < a.Size/64 || !slices.IsSorted(a.Sample) {
		t.Errorf("%+v", a)
	}
	again, err := r.Read(docs[0].Text)
	if diff := cmp.Diff(a, again); diff != "" || err != nil {
		t.Errorf("one text read twice: %v\n%s", err, diff)
	}
	if got, err := r.RelateOn(a.Record, a.Record, nil, nil); got != Copy(a.Features) || err != nil {
		t.Errorf("a text and itself: %+v, %v, want %+v", got, err, Copy(a.Features))
	}
	for _, text := range []string{"", "?!"} {
		if e, err := r.Read(text); e.ID != "" || len(e.Bands)+len(e.Sample) > 0 || err != nil {
			t.Errorf("%q: %+v, %v", text, e, err)
		}
	}
	if _, err := r.Read(strings.Repeat("x ", 9<<20)); err == nil {
		t.Error("a text that is too long was read")
	}
	if _, err := New(neardup.Config{Threshold: 2}); err == nil {
		t.Error("threshold 2 was accepted")
	}
	if _, err := r.RelateOn(a.Record, a.Record[1:], nil, nil); err == nil {
		t.Error("a damaged record was accepted")
	}
}

// What stored bytes depend on is in the scheme.
func TestScheme(t *testing.T) {
	seen := make(map[string]bool)
	for _, cfg := range []neardup.Config{{}, {Threshold: 0.6}, {Recall: 0.99}, {Seed: 1}, {NoContainment: true}, {Containment: 0.9}} {
		r, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Scheme()
		if err != nil || seen[s] {
			t.Errorf("%+v: scheme %q, %v, which another has", cfg, s, err)
		}
		seen[s] = true
	}
}

// Groups of candidates found by the rules of this package, naively, are those of a Detector.
func TestGroupsEqualDetector(t *testing.T) {
	docs := corpus.Articles(600, 1)
	for i := range docs {
		if i%7 == 0 { // no order of adding, and times that are equal or missing
			docs[i].Time = docs[i/2].Time
		}
	}
	docs[5].Text, docs[6].Text = "", "!"
	r := newReader(t)
	var held []Held
	texts := make([]Text, len(docs)+1)
	number := make(map[string]int64)
	for i, a := range docs {
		x, err := r.Read(a.Text)
		if err != nil {
			t.Fatal(err)
		}
		h := Held{Entry: neardup.Entry{ID: a.ID, Source: a.Source, Time: a.Time, Size: x.Size}, Features: x.Features}
		if x.ID != "" {
			if number[x.ID] == 0 {
				number[x.ID] = int64(i + 1)
				texts[i+1] = x
			}
			h.Text = number[x.ID]
		}
		held = append(held, h)
	}
	var pairs []Pair
	for i := range texts {
		for j := range i {
			a, b := texts[i], texts[j]
			band := slices.ContainsFunc(a.Bands, func(k uint64) bool { return slices.Contains(b.Bands, k) })
			shared := 0
			for _, v := range a.Sample {
				if slices.Contains(b.Sample, v) {
					shared++
				}
			}
			if !band && !ShareSample(shared, len(a.Sample), len(b.Sample)) {
				continue
			}
			rel, err := r.RelateOn(a.Record, b.Record, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			pairs = append(pairs, Pair{int64(i), int64(j), rel})
		}
	}
	got, err := Groups(held, slices.Values(pairs))
	if err != nil {
		t.Fatal(err)
	}

	d, err := neardup.New(neardup.Config{Templates: neardup.Templates{Off: true}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AddAll(t.Context(), slices.Values(docs)); err != nil {
		t.Fatal(err)
	}
	want, err := d.Groups(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-detector +records):\n%s", diff)
	}
	copies, contained := 0, 0
	for _, g := range got {
		for _, m := range g.Members[1:] {
			if m.Jaccard == 1 {
				copies++
			}
			if m.Kind == neardup.Contains {
				contained++
			}
		}
	}
	if copies < 10 || contained < 10 {
		t.Errorf("%d copies and %d contained articles: the corpus tests nothing", copies, contained)
	}
}

// All pairs are those that a naive comparison of the samples finds, common values left out.
func TestSampling(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var samples [1500][]uint32
	var all [][2]uint32
	for i := range samples {
		for v := range uint32(60) {
			p := 0.05
			if v < 3 {
				p = 0.9 // common
			}
			if r.Float64() < p {
				samples[i] = append(samples[i], v)
				all = append(all, [2]uint32{v, uint32(i)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b [2]uint32) int { return int(a[0]) - int(b[0]) })
	var s Sampling
	for _, x := range all {
		s.Add(x[0], int64(x[1])+7)
	}
	got := make(map[[2]int64]bool)
	for a, b := range s.Pairs() {
		pair := [2]int64{min(a, b) - 7, max(a, b) - 7}
		if got[pair] {
			t.Fatalf("pair %v twice", pair)
		}
		got[pair] = true
	}
	want := 0
	for i := range samples {
		samples[i] = slices.DeleteFunc(samples[i], func(v uint32) bool { return v < 3 })
		for j := range i {
			shared := 0
			for _, v := range samples[i] {
				if slices.Contains(samples[j], v) {
					shared++
				}
			}
			if ShareSample(shared, len(samples[i]), len(samples[j])) {
				want++
				if !got[[2]int64{int64(j), int64(i)}] {
					t.Fatalf("%v and %v are not found", samples[j], samples[i])
				}
			}
		}
	}
	if len(got) != want || want < 1000 {
		t.Errorf("%d pairs, want %d", len(got), want)
	}
}

func TestCompared(t *testing.T) {
	for _, n := range []int{0, 1, 2, MaxBucket, MaxBucket + 1, 5000} {
		seen := make(map[[2]int]bool)
		tied := make([]bool, n) // to the first
		Compared(n, func(i, j int) {
			if i < 0 || i >= j || j >= n || seen[[2]int{i, j}] {
				t.Fatalf("n = %d: pair %d, %d", n, i, j)
			}
			seen[[2]int{i, j}] = true
			tied[j] = tied[j] || i == 0
		})
		small := min(n, MaxBucket)
		if want := small*(small-1)/2 + Heads*(n-small); len(seen) != want {
			t.Errorf("n = %d: %d pairs, want %d", n, len(seen), want)
		}
		if n > 0 && slices.Contains(tied[1:], false) {
			t.Errorf("n = %d: an article is not compared with the first", n)
		}
	}
}
