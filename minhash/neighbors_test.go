package minhash

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The answer for an id is the answer for its signature, without itself.
func TestNeighborsEqualQuery(t *testing.T) {
	plan := Plan{K: 24, Bands: 6, Rows: 3, Wide: 2}
	rng := rand.New(rand.NewPCG(1, 5))
	x := mustIndex(t, IndexConfig{Plan: plan, MaxBucket: maxDocs})
	var sigs []Signature
	add := func() {
		sig := make(Signature, plan.K)
		for j := range sig {
			sig[j] = uint64(rng.IntN(3))
		}
		if len(sigs)%40 == 3 {
			for j := range sig {
				sig[j] = empty
			}
		}
		x.Add(sig)
		sigs = append(sigs, sig)
	}
	for range 400 {
		add()
	}
	for range 50 {
		x.Delete(uint32(rng.IntN(400)))
	}
	g := x.Neighbors()
	for range 40 {
		add() // after the snapshot
		x.Delete(uint32(rng.IntN(400)))
	}
	for id := range uint32(450) {
		var want []Match
		if x.Has(id) && id < 400 {
			want = slices.DeleteFunc(x.AppendQuery(nil, sigs[id], 0.3), func(m Match) bool { return m.ID == id || m.ID >= 400 })
			for _, m := range want {
				if s := x.Similarity(id, m.ID); s != m.Similarity {
					t.Fatalf("Similarity(%d, %d) = %v, want %v", id, m.ID, s, m.Similarity)
				}
			}
		}
		got := g.AppendQuery([]Match{{7, 7}}, id, 0.3)
		if diff := cmp.Diff(append([]Match{{7, 7}}, want...), got); diff != "" {
			t.Fatalf("document %d (-query +neighbors):\n%s", id, diff)
		}
	}
}

// A compacted index answers as one that never had the deleted documents.
func TestCompact(t *testing.T) {
	plan := Plan{K: 24, Bands: 6, Rows: 3, Wide: 2}
	rng := rand.New(rand.NewPCG(1, 6))
	x, fresh := mustIndex(t, IndexConfig{Plan: plan}), mustIndex(t, IndexConfig{Plan: plan})
	var kept []Signature
	for i := range 500 {
		sig := make(Signature, plan.K)
		for j := range sig {
			sig[j] = uint64(rng.IntN(3))
			if i%40 == 3 {
				sig[j] = empty
			}
		}
		id := x.Add(sig)
		if rng.IntN(3) == 0 {
			x.Delete(id)
			continue
		}
		fresh.Add(sig)
		kept = append(kept, sig)
	}
	x.Compact()
	for step := range 2 { // and it goes on as one
		if x.Len() != fresh.Len() {
			t.Fatalf("Len() = %d, want %d", x.Len(), fresh.Len())
		}
		for _, sig := range kept {
			if diff := cmp.Diff(fresh.AppendQuery(nil, sig, 0), x.AppendQuery(nil, sig, 0)); diff != "" {
				t.Fatalf("step %d (-fresh +compacted):\n%s", step, diff)
			}
		}
		for _, sig := range kept[:100] {
			if a, b := x.Add(sig), fresh.Add(sig); a != b {
				t.Fatalf("id %d, want %d", a, b)
			}
		}
	}
}

func TestNeighborsAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector a sync.Pool forgets")
	}
	x := mustIndex(t, IndexConfig{Plan: Plan{K: 8, Bands: 4, Rows: 2}})
	for i := range uint64(100) {
		x.Add(Sum([]uint64{i / 4}, 8))
	}
	g := x.Neighbors()
	dst := make([]Match, 0, 100)
	if n := testing.AllocsPerRun(100, func() { dst = g.AppendQuery(dst[:0], 42, 0) }); n > 0 {
		t.Errorf("AppendQuery allocates %v times", n)
	}
}
