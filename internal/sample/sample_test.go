package sample

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// naive is the definition of AppendCandidates.
func naive(sets map[uint32][]uint32, values []uint32, most int) []uint32 {
	in := func(v uint32, set []uint32) bool { return slices.Contains(set, v) }
	sampledOf := func(set []uint32) (out []uint32) {
		for _, v := range set {
			if v%32 == 0 {
				out = append(out, v)
			}
		}
		return out
	}
	var out []uint32
	for id, set := range sets {
		shared := 0
		for _, v := range sampledOf(values) {
			have := 0
			for _, other := range sets {
				if in(v, other) {
					have++
				}
			}
			if in(v, set) && have <= most {
				shared++
			}
		}
		if shared > 0 && 3*shared >= min(len(sampledOf(values)), len(sampledOf(set))) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

func TestIndex(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(1, seed))
		var x Index
		sets := map[uint32][]uint32{}
		random := func() []uint32 {
			var set []uint32
			for v := range uint32(300) {
				if rng.IntN(4) == 0 {
					set = append(set, v*8)
				}
			}
			return set[:rng.IntN(len(set))]
		}
		for id := range uint32(60) {
			sets[id] = random()
			x.Add(id, sets[id])
			if gone := rng.Uint32N(60); rng.IntN(3) == 0 && sets[gone] != nil {
				x.Remove(gone, sets[gone])
				delete(sets, gone)
			}
			q, most := random(), 1+rng.IntN(40)
			want := append([]uint32{7}, naive(sets, q, most)...)
			if diff := cmp.Diff(want, x.AppendCandidates([]uint32{7}, q, most)); diff != "" {
				t.Fatalf("seed %d, %d sets (-naive +got):\n%s", seed, len(sets), diff)
			}
		}
	}
}

// TestRecall looks for excerpts of a tenth of a text.
func TestRecall(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var x Index
	const n, size, part = 2000, 1500, 150
	excerpts := make([][]uint32, n)
	for id := range uint32(n) {
		set := make([]uint32, size)
		for i := range set {
			set[i] = rng.Uint32()
		}
		x.Add(id, set)
		excerpts[id] = set[:part]
	}
	found, others := 0, 0
	for id, e := range excerpts {
		for _, c := range x.AppendCandidates(nil, e, 1000) {
			if c == uint32(id) {
				found++
			} else {
				others++
			}
		}
	}
	// 1-(31/32)^150 = 0.9915, with a standard error of 0.002.
	if r := float64(found) / n; r < 0.983 {
		t.Errorf("recall %.4f, want 0.99", r)
	}
	if others > n/100 {
		t.Errorf("%d wrong candidates", others)
	}
}
