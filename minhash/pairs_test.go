package minhash

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// crowd returns an index of random signatures in which some documents are
// copies of a few others, with deletions and, on request, replacements.
func crowd(t testing.TB, cfg IndexConfig, n int, replace bool) (*Index, *literalBands) {
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
		if replace && x.Replace(id, sig) {
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
			n := 2500
			if testing.Short() {
				n = 1200
			}
			x, l := crowd(t, IndexConfig{Plan: Plan{K: 32, Bands: 8, Rows: 4}, MaxBucket: n}, n, replace)
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

// One text thousands of times: the cost stays linear, and what comes out links
// all copies.
func TestCrowdedBuckets(t *testing.T) {
	const n = 5000
	x := mustIndex(t, IndexConfig{})
	sig := similarSignatures(1, 128)[0]
	others := similarSignatures(1000, 128)
	for i := range n {
		x.Add(sig)
		if i < len(others) {
			x.Add(others[i])
		}
	}
	if got, want := x.Skipped(sig), x.cfg.Plan.Bands*(n-x.cfg.MaxBucket); got != want {
		t.Errorf("Skipped = %d, want %d", got, want)
	}
	if got := len(x.AppendQuery(nil, sig, 0.9)); got != x.cfg.MaxBucket {
		t.Errorf("%d matches, want %d", got, x.cfg.MaxBucket)
	}
	if got := x.Skipped(others[3]); got != 0 {
		t.Errorf("Skipped = %d for a signature in no crowd", got)
	}
	buckets, largest := x.Crowded()
	if buckets != x.cfg.Plan.Bands || largest != n {
		t.Errorf("Crowded = %d, %d, want %d, %d", buckets, largest, x.cfg.Plan.Bands, n)
	}
	linked := map[uint32]bool{0: true}
	pairs := 0
	for p := range x.Pairs(0.99) {
		if linked[p.A] {
			pairs++
			linked[p.B] = true
		}
	}
	if pairs != n-1 || len(linked) != n {
		t.Errorf("%d pairs link %d copies, want %d and %d", pairs, len(linked), n-1, n)
	}
}

// naiveGroups is the connected components of all similar pairs, as the smallest
// member of each member's component.
func naiveGroups(n int, similar func(i, j int) bool) []int {
	group := make([]int, n)
	for i := range group {
		group[i] = i
	}
	for changed := true; changed; {
		changed = false
		for i := range n {
			for j := range n {
				if i != j && similar(min(i, j), max(i, j)) && group[j] > group[i] {
					group[j], changed = group[i], true
				}
			}
		}
	}
	return group
}

func TestForest(t *testing.T) {
	for trial := range 300 {
		rng := rand.New(rand.NewPCG(1, uint64(trial)))
		n := rng.IntN(30)
		degree := rng.Float64() * 3 / float64(n+1)
		s := map[[2]int]float64{}
		for i := range n {
			for j := i + 1; j < n; j++ {
				if rng.Float64() < degree {
					s[[2]int{i, j}] = 0.5 + rng.Float64()/2
				}
			}
		}
		for _, most := range []int{-1, 0, 1, 2, 5, 12, n, 100} {
			calls := make([]int, n+1)
			asked := map[[2]int]bool{}
			edges, skipped := AppendForest([]Edge{{7, 8, 9}}, n, most, 0.5, func(i, j int) float64 {
				if i >= j || asked[[2]int{i, j}] {
					t.Fatalf("asked for %d, %d", i, j)
				}
				asked[[2]int{i, j}] = true
				calls[j]++
				return s[[2]int{i, j}]
			})
			if edges[0] != (Edge{7, 8, 9}) {
				t.Fatal("dst was changed")
			}
			edges = edges[1:]
			for j, c := range calls {
				if c > max(0, most) {
					t.Fatalf("%d comparisons of member %d, want at most %d", c, j, most)
				}
			}
			in := map[[2]int]bool{}
			for _, e := range edges {
				if s[[2]int{e.A, e.B}] != e.Similarity || e.A >= e.B {
					t.Fatalf("edge %v", e)
				}
				in[[2]int{e.A, e.B}] = true
			}
			got := naiveGroups(n, func(i, j int) bool { return in[[2]int{i, j}] })
			roots := 0
			for i, g := range got {
				if g == i {
					roots++
				}
			}
			if len(edges) != n-roots {
				t.Fatalf("%d edges make %d groups of %d members: a cycle", len(edges), roots, n)
			}
			want := naiveGroups(n, func(i, j int) bool { return s[[2]int{i, j}] > 0 })
			if n <= most+1 && skipped > 0 {
				t.Fatalf("%d skipped of %d members with %d comparisons each", skipped, n, most)
			}
			if skipped == 0 {
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("groups of %d, at most %d comparisons (-want +got)\n%s", n, most, diff)
				}
			}
		}
	}
}
