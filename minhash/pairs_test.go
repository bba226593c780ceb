package minhash

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withCopies returns an index of random signatures in which some documents are
// copies of a few others, with deletions and, on request, replacements.
func withCopies(t testing.TB, cfg IndexConfig, n int, replace bool) (*Index, *literalBands) {
	t.Helper()
	x := mustIndex(t, cfg)
	l := &literalBands{plan: x.cfg.Plan}
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	random := func() Signature {
		sig := make(Signature, x.cfg.Plan.K)
		for j := range sig {
			sig[j] = uint64(rng.Uint32())
		}
		if len(l.sigs) > 0 && rng.IntN(2) == 0 {
			if from := l.sigs[rng.IntN(min(10, len(l.sigs)))]; from != nil {
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
		x.Add(sig)
		l.sigs = append(l.sigs, sig)
	}
	for range n / 5 {
		id := uint32(10 + rng.IntN(n-10))
		x.Delete(id)
		l.sigs[id] = nil
	}
	for range n / 5 {
		id, sig := uint32(10+rng.IntN(n-10)), random()
		if replace {
			x.Put(id, sig)
			l.sigs[id] = sig
		}
	}
	return x, l
}

// allPairs compares every document with every other.
func (l *literalBands) allPairs(p Packing, least float64) []Pair {
	var pairs []Pair
	packed := make([][]byte, len(l.sigs))
	for i, sig := range l.sigs {
		if sig != nil {
			packed[i] = p.Append(nil, sig)
		}
	}
	for a := range l.sigs {
		for b := a + 1; b < len(l.sigs); b++ {
			if l.sigs[a] == nil || l.sigs[b] == nil || !l.share(l.sigs[a], l.sigs[b]) {
				continue
			}
			if s := p.Similarity(packed[a], packed[b]); s >= least {
				pairs = append(pairs, Pair{uint32(a), uint32(b), s})
			}
		}
	}
	return pairs
}

func TestPairsEqualAllPairs(t *testing.T) {
	for _, replace := range []bool{false, true} {
		t.Run(fmt.Sprintf("replace=%v", replace), func(t *testing.T) {
			n := 1500
			if testing.Short() {
				n = 1000
			}
			x, l := withCopies(t, IndexConfig{Plan: Plan{K: 32, Bands: 8, Rows: 4}, MaxBucket: n}, n, replace)
			want := l.allPairs(x.packing, 0.5)
			if len(want) < n {
				t.Fatalf("only %d pairs", len(want))
			}
			for _, procs := range []int{1, 2, 7} {
				old := runtime.GOMAXPROCS(procs)
				got := slices.Collect(x.Pairs(0.5))
				runtime.GOMAXPROCS(old)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("pairs on %d processors (-want +got)\n%s", procs, diff[:min(len(diff), 2000)])
				}
			}
			for _, stop := range []int{0, 1, 1000} {
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
