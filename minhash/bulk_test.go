package minhash

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Many documents at once make the index that one after the other make.
func TestAddAll(t *testing.T) {
	plan := Plan{K: 8, Bands: 4, Rows: 2}
	rng := rand.New(rand.NewPCG(1, 20))
	x, y := mustIndex(t, IndexConfig{Plan: plan}), mustIndex(t, IndexConfig{Plan: plan})
	if x.AddAll(nil) != 0 || x.Len() != 0 {
		t.Error("nothing added is something")
	}
	for _, n := range []int{1, 7, 999, 1500, 50_000, 20_000, 5000} {
		sigs := make([]Signature, n)
		for i := range sigs {
			sigs[i] = make(Signature, plan.K)
			for j := range sigs[i] {
				switch i % 8 {
				case 0: // crowds
					sigs[i][j] = rng.Uint64N(3)
				case 1, 2: // lists
					sigs[i][j] = rng.Uint64N(40)
				default:
					sigs[i][j] = rng.Uint64() >> 8
				}
			}
			if i%1000 == 3 {
				for j := range sigs[i] {
					sigs[i][j] = empty
				}
			}
		}
		first := x.AddAll(sigs)
		for i, sig := range sigs {
			if id := y.Add(sig); id != first+uint32(i) {
				t.Fatalf("ids begin with %d, want %d", first, id-uint32(i))
			}
		}
		if !bytes.Equal(encoded(t, x), encoded(t, y)) {
			t.Fatal("encodings differ")
		}
		for _, sig := range sigs[:min(n, 500)] {
			a, skippedA := x.AppendCandidates(nil, sig)
			b, skippedB := y.AppendCandidates(nil, sig)
			if diff := cmp.Diff(b, a); diff != "" || skippedA != skippedB {
				t.Fatalf("%d skipped, want %d; candidates (-Add +AddAll)\n%s", skippedA, skippedB, diff)
			}
		}
		for id := range uint32(n / 3) {
			x.Delete(3 * id)
			y.Delete(3 * id)
		}
	}
	if float64(x.Bytes()) > 1.1*float64(y.Bytes()) {
		t.Errorf("%d bytes, %d when added one by one", x.Bytes(), y.Bytes())
	}
}

// Answers do not depend on the order in which documents came, but for the names of documents that
// are the same.
func TestIndexOrder(t *testing.T) {
	const n = 400
	cfg := IndexConfig{Plan: Plan{K: 16, Bands: 4, Rows: 4}, MaxBucket: 10}
	rng := rand.New(rand.NewPCG(1, 4))
	sigs := make([]Signature, n)
	for i := range sigs {
		sigs[i] = make(Signature, 16)
		for j := range sigs[i] {
			sigs[i][j] = uint64(rng.IntN(2))
		}
		sigs[i][3] = uint64(i) // all differ
		sigs[i][15] = uint64(i)
	}
	answers := func(order []int) [][]Match {
		x := mustIndex(t, cfg)
		for _, i := range order {
			x.Add(sigs[i])
		}
		s := x.Snapshot()
		out := make([][]Match, n)
		for id, i := range order {
			m, _ := x.AppendQuery(nil, sigs[i], 0)
			m, _ = s.AppendQuery(m, uint32(id), 0, 7)
			for j := range m {
				m[j].ID = uint32(order[m[j].ID])
			}
			slices.SortFunc(m, bestFirst)
			out[i] = m
		}
		return out
	}
	want := answers(rng.Perm(n))
	for range 3 {
		if diff := cmp.Diff(want, answers(rng.Perm(n))); diff != "" {
			t.Fatalf("another order (-want +got)\n%s", diff)
		}
	}
}

// A snapshot answers and is written as if nothing had happened since.
func TestSnapshotStays(t *testing.T) {
	x, _ := withCopies(t, IndexConfig{Plan: Plan{K: 32, Bands: 8, Rows: 4}}, 2000, true)
	sigs := similarSignatures(500, 32)
	want := encoded(t, x)
	s := x.Snapshot()
	var answers [][]Match
	for id := range x.next {
		m, more := s.AppendQuery(nil, id, 0.3, 20)
		answers = append(answers, append(m, Match{ID: uint32(map[bool]int{true: 1}[more])}))
	}
	var mu sync.RWMutex
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i, sig := range sigs {
			mu.Lock()
			id := x.Add(sig)
			if from := uint32(i); x.Has(from) {
				x.PutFrom(x.next, x, from) // crowds grow
			}
			if i%3 == 0 {
				x.Delete(id)
			}
			mu.Unlock()
		}
	}()
	var out bytes.Buffer
	if n, err := s.WriteTo(&out, mu.RLocker()); err != nil || n != int64(out.Len()) {
		t.Fatalf("%d bytes written: %v", n, err)
	}
	wg.Wait()
	if !bytes.Equal(out.Bytes(), want) {
		t.Error("the encoding is not that of the time of the snapshot")
	}
	for id, want := range answers {
		m, more := s.AppendQuery(nil, uint32(id), 0.3, 20)
		m = append(m, Match{ID: uint32(map[bool]int{true: 1}[more])})
		if diff := cmp.Diff(want, m); diff != "" {
			t.Fatalf("document %d (-before +after)\n%s", id, diff)
		}
	}
	if m, more := s.AppendQuery(nil, x.next-1, 0, 1000); m != nil || more {
		t.Error("a document put later has neighbors in the snapshot")
	}
}
