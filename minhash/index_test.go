package minhash

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustIndex(t testing.TB, cfg IndexConfig) *Index {
	t.Helper()
	x, err := NewIndex(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Every answer equals that of literal banding, while documents are added,
// deleted and replaced, for plans of equal and unequal bands.
func TestIndexEqualsLiteralBanding(t *testing.T) {
	for i, plan := range []Plan{
		{K: 16, Bands: 4, Rows: 4},
		{K: 16, Bands: 5, Rows: 2, Wide: 3},
		{K: 128, Bands: 16, Rows: 8},
		{K: 1, Bands: 1, Rows: 1},
		{K: 9, Bands: 9, Rows: 1},
	} {
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		x := mustIndex(t, IndexConfig{Plan: plan, MaxBucket: 1 << 20, Bits: 16})
		l := &literalBands{plan: plan}
		pack := Packing{K: plan.K, Bits: 16}
		for step := range 3000 {
			sig := make(Signature, plan.K)
			switch {
			case step%50 == 7:
				for j := range sig {
					sig[j] = 1<<64 - 1
				}
			case len(l.sigs) > 0 && rng.IntN(3) > 0 && l.sigs[len(l.sigs)-1] != nil:
				copy(sig, l.sigs[len(l.sigs)-1])
				for range rng.IntN(plan.K + 1) {
					if !isEmptySet(sig) {
						sig[rng.IntN(plan.K)] = uint64(rng.IntN(4))
					}
				}
			default:
				for j := range sig {
					sig[j] = uint64(rng.IntN(4))
				}
			}
			if step%100 < 5 { // query before it is there
				got, skipped := x.AppendCandidates([]uint32{7}, sig)
				if skipped != 0 {
					t.Fatalf("%d skipped", skipped)
				}
				if diff := cmp.Diff(append([]uint32{7}, l.candidates(sig)...), got); diff != "" {
					t.Fatalf("plan %+v step %d: candidates (-want +got)\n%s", plan, step, diff)
				}
			}
			id := x.Add(sig)
			if id != uint32(len(l.sigs)) {
				t.Fatalf("id %d, want %d", id, len(l.sigs))
			}
			l.sigs = append(l.sigs, sig)
			for range rng.IntN(3) {
				dead := uint32(rng.IntN(len(l.sigs)))
				if got, want := x.Delete(dead), l.sigs[dead] != nil; got != want {
					t.Fatalf("Delete(%d) = %v, want %v", dead, got, want)
				}
				l.sigs[dead] = nil
			}
			if i%2 == 0 && rng.IntN(3) == 0 { // put anew, there or deleted
				other := uint32(rng.IntN(len(l.sigs)))
				x.Put(other, sig)
				l.sigs[other] = sig
			}
			if i == 3 && step%500 == 400 {
				x.Compact()
			}
			if step%100 == 99 {
				got, _ := x.AppendQuery([]Match{{1, 2}}, sig, 0.25)
				want := []Match{}
				p := pack.Append(nil, sig)
				for _, id := range l.candidates(sig) {
					if s := pack.Similarity(p, pack.Append(nil, l.sigs[id])); s >= 0.25 {
						want = append(want, Match{id, s})
					}
				}
				slices.SortStableFunc(want, func(a, b Match) int { // ids are in order
					if a.Similarity > b.Similarity {
						return -1
					} else if a.Similarity < b.Similarity {
						return 1
					}
					return 0
				})
				if diff := cmp.Diff(append([]Match{{1, 2}}, want...), got); diff != "" {
					t.Fatalf("plan %+v step %d: matches (-want +got)\n%s", plan, step, diff)
				}
			}
		}
		live := 0
		for _, s := range l.sigs {
			if s != nil {
				live++
			}
		}
		if x.Len() != live {
			t.Errorf("Len() = %d, want %d", x.Len(), live)
		}
	}
}

// other returns an index of the same configuration with one document.
func (x *Index) other(t *testing.T) *Index {
	y := mustIndex(t, x.cfg)
	y.Add(make(Signature, x.cfg.Plan.K))
	return y
}

// An index that was merged is the index that adding everything makes, and so is one that documents were put into
// one by one.
func TestIndexMerge(t *testing.T) {
	for _, c := range []struct{ deleteX, deleteY bool }{{}, {deleteX: true}, {deleteY: true}, {true, true}} {
		cfg := IndexConfig{Plan: Plan{K: 16, Bands: 4, Rows: 4}}
		x, y, want := mustIndex(t, cfg), mustIndex(t, cfg), mustIndex(t, cfg)
		rng := rand.New(rand.NewPCG(1, 77))
		const n = 1500
		fill := func(part *Index, deleted bool) {
			first := want.next
			for i := range n {
				sig := make(Signature, 16)
				for j := range sig {
					sig[j] = uint64(rng.IntN(2))
					if i%100 == 17 {
						sig[j] = empty
					}
				}
				part.Add(sig)
				want.Add(sig)
			}
			for range n {
				if id := uint32(rng.IntN(n)); deleted && part.Delete(id) != want.Delete(first+id) {
					t.Fatal("Delete differs")
				}
			}
		}
		fill(x, c.deleteX)
		fill(y, c.deleteY)
		z := mustIndex(t, cfg)
		for _, part := range []*Index{x, y} {
			first := z.next
			for id := range part.next {
				if got := z.PutFrom(first+id, part, id); got != part.Has(id) {
					t.Fatalf("PutFrom reports %v", got)
				}
			}
			z.next = first + part.next
		}
		other := encoded(t, y)
		offset, err := x.Merge(y)
		if err != nil || offset != n {
			t.Fatalf("Merge = %d, %v", offset, err)
		}
		if !slices.Equal(encoded(t, y), other) {
			t.Errorf("%+v: the merged index changed", c)
		}
		if x.Len() != want.Len() {
			t.Errorf("%+v: Len = %d, want %d", c, x.Len(), want.Len())
		}
		if !slices.Equal(encoded(t, x), encoded(t, want)) {
			t.Errorf("%+v: the merged index is not that of adding one by one", c)
		}
		if !slices.Equal(encoded(t, z), encoded(t, want)) {
			t.Errorf("%+v: the index put together is not that of adding one by one", c)
		}
		for id := range x.next {
			if x.Has(id) && !x.PutFrom(id, x, id) {
				t.Fatal("a document is not put in its own place")
			}
		}
		if !slices.Equal(encoded(t, x), encoded(t, want)) {
			t.Errorf("%+v: putting documents in their own places changes the index", c)
		}
	}
	x := mustIndex(t, IndexConfig{})
	if _, err := x.Merge(x); err == nil {
		t.Error("merged with itself")
	}
	x.Put(maxDocs-1, make(Signature, 128))
	if _, err := x.Merge(x.other(t)); err == nil || x.Len() != 1 {
		t.Errorf("merged past the last id: error %v", err)
	}
}

func TestIndexNothing(t *testing.T) {
	x := mustIndex(t, IndexConfig{})
	void := make(Signature, 128)
	for i := range void {
		void[i] = empty
	}
	sig := similarSignatures(1, 128)[0]
	for range 3 {
		if m, skipped := x.AppendQuery(nil, void, 0); m != nil || skipped != 0 {
			t.Errorf("the empty set is similar to %v", m)
		}
		if m, _ := x.AppendQuery(nil, sig, math.NaN()); m != nil {
			t.Errorf("matches of NaN and more: %v", m)
		}
		for p := range x.Pairs(0) {
			t.Errorf("pair %v", p)
		}
		for id := range x.next {
			if m, more := x.Snapshot().AppendQuery(nil, id, 0, 10); m != nil || more {
				t.Errorf("the empty set is similar to %v", m)
			}
			if s := x.Similarity(id, id); s != 0 {
				t.Errorf("the empty set is %v similar to itself", s)
			}
		}
		x.Add(void)
	}
	if x.Delete(3) || !x.Delete(2) || x.Delete(2) || x.Len() != 2 || x.PutFrom(0, x, 9) {
		t.Error("documents that are not there are deleted or put elsewhere")
	}
}

func TestIndexErrors(t *testing.T) {
	for want, cfg := range map[string]IndexConfig{
		"minhash: Plan.Rows is 0, want 1 to 128":                     {Plan: Plan{Bands: 3}},
		"minhash: Plan uses 130 slots, want at most 128":             {Plan: Plan{Bands: 13, Rows: 10}},
		"minhash: Packing.Bits is 3, want 1, 2, 4, 8 or 16":          {Bits: 3},
		"minhash: IndexConfig.MaxBucket is -1, want 1 to 2147483647": {MaxBucket: -1},
		"minhash: IndexConfig.Scheme is 4, want 1 to 3":              {Scheme: 4},
		"minhash: Plan.K is 9999, want 1 to 4096":                    {Plan: Plan{K: 9999, Bands: 1, Rows: 1}},
	} {
		if _, err := NewIndex(cfg); err == nil || err.Error() != want {
			t.Errorf("error is %v, want %v", err, want)
		}
	}
	x := mustIndex(t, IndexConfig{})
	long := make(Signature, 129)
	classic := make(Signature, 128)
	classic[0] = tagClassic << tagShift
	for _, f := range []func(Signature){
		func(s Signature) { x.Add(s) },
		func(s Signature) { x.Put(0, s) },
		func(s Signature) { x.AddAll([]Signature{s}) },
		func(s Signature) { x.AppendCandidates(nil, s) },
		func(s Signature) { x.AppendQuery(nil, s, 0) },
	} {
		mustPanic(t, "minhash: signature has 129 values, want 128", func() { f(long) })
		mustPanic(t, "minhash: signature of scheme 2, want 1", func() { f(classic) })
	}
	mustPanic(t, "minhash: Index is not made by NewIndex", func() { new(Index).Add(long) })
	mustPanic(t, "minhash: Index is not made by NewIndex", func() { _, _ = new(Index).MarshalBinary() })
	mustPanic(t, "minhash: index has no document 0 or 1", func() { x.Similarity(0, 1) })
	mustPanic(t, "minhash: index is full", func() { x.Put(maxDocs, long[:128]) })
	mustPanic(t, "minhash: other configuration: Bits is 8, want 16", func() {
		mustIndex(t, IndexConfig{Bits: 16}).PutFrom(0, x, 0)
	})
	if x.Len() != 0 || x.next != 0 {
		t.Error("a Put that panics changes the index")
	}
}

// Queries of all kinds run at once; the race detector watches.
func TestIndexConcurrentQueries(t *testing.T) {
	x, l := withCopies(t, IndexConfig{Plan: Plan{K: 32, Bands: 8, Rows: 4}, MaxBucket: 20}, 600, true)
	snapshot := x.Snapshot()
	var wg sync.WaitGroup
	answers := make([]string, 4)
	for w := range answers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var all []any
			for id, sig := range l.sigs[:100] {
				if sig != nil {
					m, skipped := x.AppendQuery(nil, sig, 0.5)
					ids, _ := x.AppendCandidates(nil, sig)
					own, more := snapshot.AppendQuery(nil, uint32(id), 0, 20)
					all = append(all, m, skipped, ids, own, more)
				}
			}
			n := 0
			for range x.Pairs(0.5) {
				n++
			}
			answers[w] = fmt.Sprint(all, n)
		}()
	}
	wg.Wait()
	for _, a := range answers[1:] {
		if a != answers[0] {
			t.Fatal("answers differ")
		}
	}
}

func TestIndexAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector a sync.Pool forgets")
	}
	sigs := similarSignatures(2000, 128)
	x := mustIndex(t, IndexConfig{MaxBucket: 20})
	for _, sig := range sigs {
		x.Add(sig)
	}
	for i := range 200 { // a list and crowds
		x.Add(sigs[1])
		if i < 30 {
			x.Add(sigs[2])
		}
	}
	matches, ids := make([]Match, 0, 5000), make([]uint32, 0, 5000)
	keys := make([]uint64, 0, 128)
	snapshot := x.Snapshot()
	for name, f := range map[string]func(){
		"AppendQuery":      func() { matches, _ = x.AppendQuery(matches[:0], sigs[9], 0) },
		"AppendCandidates": func() { ids, _ = x.AppendCandidates(ids[:0], sigs[9]) },
		"of a crowd":       func() { matches, _ = x.AppendQuery(matches[:0], sigs[1], 0) },
		"of a long list":   func() { matches, _ = x.AppendQuery(matches[:0], sigs[2], 0) },
		"of a snapshot":    func() { matches, _ = snapshot.AppendQuery(matches[:0], 1, 0, 20) },
		"Delete and Put":   func() { x.Delete(9); x.Put(9, sigs[9]) },
		"AppendBandKeys":   func() { keys = x.cfg.Plan.AppendBandKeys(keys[:0], sigs[9]) },
	} {
		if n := testing.AllocsPerRun(200, f); n >= 1 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// The formula of the documentation bounds the memory held, and Bytes is what
// the heap says.
func TestIndexBytes(t *testing.T) {
	if raceEnabled {
		t.Skip("one goroutine, and slow under the race detector")
	}
	n := 50_000
	if testing.Short() {
		n = 12_000
	}
	rng := rand.New(rand.NewPCG(1, 14))
	sig := make(Signature, 128)
	for _, c := range []struct {
		cfg    IndexConfig
		copies int
		band   float64 // bytes
	}{
		{IndexConfig{}, 1, 11.5},
		{IndexConfig{Plan: Plan{Bands: 16, Rows: 8}, Bits: 16}, 1, 11.5},
		{IndexConfig{Plan: Plan{Bands: 40, Rows: 3}, Bits: 2}, 1, 11.5},
		{IndexConfig{}, 2, 16.5},
		{IndexConfig{}, 4, 15},
		{IndexConfig{}, 100, 11.5},
	} {
		t.Run(fmt.Sprintf("bits=%d/bands=%d/alike=%d", c.cfg.Bits, c.cfg.Plan.Bands, c.copies), func(t *testing.T) {
			before := heapHeld()
			x := mustIndex(t, c.cfg)
			p := x.cfg.Plan
			limit := 128*float64(x.cfg.Bits)/8 + c.band*float64(p.Bands) + 0.25
			for i := range n {
				if i%c.copies == 0 {
					for j := range sig {
						sig[j] = uint64(rng.Uint32())
					}
				}
				x.Add(sig)
				if i%997 == 0 && i >= 10_000 {
					// The last blocks of records are allotted as a whole.
					if got := float64(x.Bytes()-blockBytes) / float64(i+1); got > limit {
						t.Fatalf("%d documents, %d alike, take %.1f bytes each, want at most %.1f", i+1, c.copies, got, limit)
					}
				}
			}
			if heap := float64(heapHeld()-before) / float64(n); math.Abs(float64(x.Bytes())/float64(n)-heap) > 0.05*heap {
				t.Errorf("Bytes says %d, the heap %.0f", x.Bytes(), heap*float64(n))
			}
			runtime.KeepAlive(x)
		})
	}
}
