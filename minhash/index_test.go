package minhash

import (
	"math/rand/v2"
	"slices"
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
				got := x.AppendCandidates([]uint32{7}, sig)
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
			if i%2 == 0 && step > 1000 && rng.IntN(4) == 0 {
				other := uint32(rng.IntN(len(l.sigs)))
				if got, want := x.Replace(other, sig), l.sigs[other] != nil; got != want {
					t.Fatalf("Replace(%d) = %v, want %v", other, got, want)
				} else if got {
					l.sigs[other] = sig
				}
			}
			if step%100 == 99 {
				got := x.AppendQuery([]Match{{1, 2}}, sig, 0.25)
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
		if x.packed.n == x.total {
			t.Error("the slots of deleted documents were never given up")
		}
	}
}
