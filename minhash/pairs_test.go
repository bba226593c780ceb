package minhash

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// withCopies returns an index of random signatures in which some documents are copies of a few
// others, with deletions and, on request, replacements.
func withCopies(t testing.TB, cfg IndexConfig, n int, replace bool) (*Index, *literalIndex) {
	t.Helper()
	x := mustIndex(t, cfg)
	l := &literalIndex{plan: x.cfg.Plan, bits: x.cfg.Bits, docs: map[uint32]Signature{}}
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	random := func() Signature {
		sig := make(Signature, x.cfg.Plan.K)
		for j := range sig {
			sig[j] = uint64(rng.Uint32())
		}
		if len(l.docs) > 0 && rng.IntN(2) == 0 {
			if from, ok := l.docs[uint32(rng.IntN(min(10, len(l.docs))))]; ok {
				for j := range sig {
					if rng.IntN(8) > 0 {
						sig[j] = from[j]
					}
				}
			}
		}
		return sig
	}
	for range n {
		sig := random()
		l.docs[x.Add(sig)] = sig
	}
	for range n / 5 {
		id := uint32(10 + rng.IntN(n-10))
		x.Delete(id)
		delete(l.docs, id)
	}
	for range n / 5 {
		id, sig := uint32(10+rng.IntN(n-10)), random()
		if replace {
			x.Put(id, sig)
			l.docs[id] = sig
		}
	}
	return x, l
}

// allPairs returns the pairs of all documents and what they look at.
func (l *literalIndex) allPairs(most int, least float64) []Pair {
	var pairs []Pair
	for a, sig := range l.docs {
		ids, _ := l.candidates(sig, int64(a), most, all)
		for _, m := range l.matches(sig, ids, least) {
			if a < m.ID {
				pairs = append(pairs, Pair{a, m.ID, m.Similarity})
			}
		}
	}
	slices.SortFunc(pairs, func(p, q Pair) int { return cmp.Or(int(p.A)-int(q.A), int(p.B)-int(q.B)) })
	return pairs
}

func TestPairsEqualAllPairs(t *testing.T) {
	for _, most := range []int{3, 100, 10_000} {
		t.Run(fmt.Sprintf("most=%d", most), func(t *testing.T) {
			const n = 700
			x, l := withCopies(t, IndexConfig{Plan: Plan{K: 32, Bands: 8, Rows: 4}, MaxBucket: most}, n, true)
			want := l.allPairs(most, 0.5)
			if len(want) < n {
				t.Fatalf("only %d pairs", len(want))
			}
			for _, procs := range []int{1, 2, 7} {
				old := runtime.GOMAXPROCS(procs)
				got := slices.Collect(x.Pairs(0.5))
				runtime.GOMAXPROCS(old)
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Fatalf("pairs on %d processors (-want +got)\n%s", procs, diff[:min(len(diff), 2000)])
				}
			}
			for _, stop := range []int{0, 1, 500} {
				i := 0
				for p := range x.Pairs(0.5) {
					if p != want[i] {
						t.Fatalf("pair %d is %v, want %v", i, p, want[i])
					}
					if i++; i > stop {
						break
					}
				}
			}
		})
	}
}

// One text thousands of times: the cost stays linear, and what comes out links all copies.
func TestPairsOfCopies(t *testing.T) {
	const n = 3000
	x := mustIndex(t, IndexConfig{MaxBucket: 30})
	sig := similarSignatures(1, 128)[0]
	others := similarSignatures(1000, 128)
	for i := range n {
		x.Add(sig)
		if i < len(others) {
			x.Add(others[i])
		}
	}
	linked := map[uint32]bool{0: true}
	pairs := 0
	for p := range x.Pairs(0.99) {
		if linked[p.A] {
			pairs++
			linked[p.B] = true
		}
	}
	if want := n*30 - 30*31/2; pairs != want || len(linked) != n {
		t.Errorf("%d pairs link %d copies, want %d and %d", pairs, len(linked), want, n)
	}
}
