package minhash

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The promise: pairs at exactly the threshold are found as often as the goal
// says, by the index itself, for sets of few features and of many. For many, the
// rate is that of the curve; for few, slots agree more evenly and it is higher.
func TestRecallPromise(t *testing.T) {
	trials, sizes := 4000, []int{30, 100, 1000}
	if testing.Short() {
		trials, sizes = 300, []int{100}
	}
	recalls := []float64{0.80, 0.90, 0.95, 0.99}
	for _, n := range sizes {
		if n == 1000 {
			trials /= 4
		}
		// Of unit features, shared are in both sets.
		for _, at := range []struct {
			threshold    float64
			shared, unit int
		}{{0.5, 2, 3}, {0.6, 3, 4}, {0.7, 14, 17}, {0.8, 8, 9}, {0.9, 18, 19}, {0.95, 38, 39}} {
			rng := rand.New(rand.NewPCG(1, uint64(n)))
			indexes, found := make([]*Index, len(recalls)), make([]int, len(recalls))
			for i, recall := range recalls {
				plan, err := NewPlan(Goal{Threshold: at.threshold, Recall: recall})
				if err != nil {
					t.Fatal(err)
				}
				indexes[i] = mustIndex(t, IndexConfig{Plan: plan})
			}
			s, _ := New(Config{})
			var sa, sb Signature
			var ids []uint32
			units := (n + at.unit - 1) / at.unit
			for range trials {
				a := randomSet(rng, units*at.unit)
				b := append(slices.Clone(a[:units*at.shared]), randomSet(rng, units*(at.unit-at.shared))...)
				sa, sb = s.AppendSignature(sa[:0], a), s.AppendSignature(sb[:0], b)
				for i, x := range indexes {
					id := x.Add(sa)
					if ids, _ = x.AppendCandidates(ids[:0], sb); slices.Contains(ids, id) {
						found[i]++
					}
				}
			}
			for i, recall := range recalls {
				// Of 144 checks at 4.5 sigma, one fails in 2,000 runs.
				got, curve := float64(found[i])/float64(trials), indexes[i].cfg.Plan.Probability(at.threshold)
				sigma := math.Sqrt(recall * (1 - recall) / float64(trials))
				if z := (got - recall) / sigma; z < -4.5 {
					t.Errorf("n=%d t=%v: %.4f found, want %v (z = %.1f)", n, at.threshold, got, recall, z)
				}
				if z := (got - curve) / sigma; n == 1000 && z > 4.5 {
					t.Errorf("n=%d t=%v: %.4f found, the curve says %.4f (z = %.1f)", n, at.threshold, got, curve, z)
				}
			}
		}
	}
}
