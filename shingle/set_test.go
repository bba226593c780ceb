package shingle

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomFeatures returns n values, of which repeats make up a part, and which
// are of bits bits above zero bits.
func randomFeatures(rng *rand.Rand, n, bits, zeros int) []uint64 {
	f := make([]uint64, n)
	for i := range f {
		if i > 0 && rng.IntN(4) == 0 {
			f[i] = f[rng.IntN(i)]
			continue
		}
		f[i] = rng.Uint64() >> (64 - bits) << zeros
	}
	return f
}

func TestNewSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 4))
	for _, n := range []int{0, 1, 2, 31, 32, 33, 34, 100, 1000, 20000} {
		for _, shape := range [][2]int{{64, 0}, {8, 0}, {8, 56}, {16, 30}, {1, 63}, {40, 0}} {
			f := randomFeatures(rng, n, shape[0], shape[1])
			want := slices.Compact(slices.Sorted(slices.Values(f)))
			if got := NewSet(f); !slices.Equal(got, want) {
				t.Errorf("n=%d, %d bits above %d: not sorted and compacted", n, shape[0], shape[1])
			}
		}
	}
}

// setsOracle counts with maps.
func setsOracle(a, b []uint64) (overlap, union int) {
	m := map[uint64]int{}
	for _, x := range a {
		m[x] |= 1
	}
	for _, x := range b {
		m[x] |= 2
	}
	for _, v := range m {
		if v == 3 {
			overlap++
		}
	}
	return overlap, len(m)
}

func TestSetSimilarity(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 5))
	sizes := []int{0, 1, 2, 3, 10, 100, 1000, 5000}
	for range 20 {
		for _, n := range sizes {
			for _, m := range sizes {
				bits := []int{6, 12, 64}[rng.IntN(3)]
				fa, fb := randomFeatures(rng, n, bits, 0), randomFeatures(rng, m, bits, 0)
				for i := range fb {
					if n > 0 && rng.IntN(2) == 0 {
						fb[i] = fa[rng.IntN(n)]
					}
				}
				overlap, union := setsOracle(fa, fb)
				a, b := NewSet(fa), NewSet(fb)
				if got := a.Overlap(b); got != overlap {
					t.Fatalf("overlap of %d and %d features: %d, want %d", len(a), len(b), got, overlap)
				}
				j, c := 0.0, 0.0
				if union > 0 {
					j = float64(overlap) / float64(union)
				}
				if len(a) > 0 {
					c = float64(overlap) / float64(len(a))
				}
				if got := a.Jaccard(b); got != j || b.Jaccard(a) != j {
					t.Fatalf("Jaccard of %d and %d features: %v, want %v", len(a), len(b), got, j)
				}
				if got := a.Containment(b); got != c {
					t.Fatalf("containment of %d in %d features: %v, want %v", len(a), len(b), got, c)
				}
				if len(a) > 0 && (a.Jaccard(a) != 1 || a.Containment(a) != 1) {
					t.Fatal("a set is not like itself")
				}
			}
		}
	}
}

func TestBag(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 6))
	for _, n := range []int{0, 1, 5, 50, 500} {
		for _, m := range []int{0, 1, 5, 50, 500} {
			fa, fb := randomFeatures(rng, n, 6, 0), randomFeatures(rng, m, 6, 0)
			ca, cb := map[uint64]int64{}, map[uint64]int64{}
			for _, x := range fa {
				ca[x] += 3 * int64(x%5)
			}
			for _, x := range fb {
				cb[x] += 3 * int64(x%5)
			}
			var lo, hi, total int64
			for x := range uint64(64) {
				lo += min(ca[x], cb[x])
				hi += max(ca[x], cb[x])
				total += ca[x]
			}
			worth := func(f uint64) int32 { return 3 * int32(f%5) }
			a, b := NewBag(fa), NewBag(fb)
			a.Scale(worth)
			b.Scale(worth)
			if got := a.Overlap(b); got != lo {
				t.Errorf("overlap %d, want %d", got, lo)
			}
			if got := a.Total(); got != total {
				t.Errorf("total %d, want %d", got, total)
			}
			ratio := func(x, y int64) float64 {
				if y == 0 {
					return 0
				}
				return float64(x) / float64(y)
			}
			if got := a.Jaccard(b); got != ratio(lo, hi) {
				t.Errorf("Jaccard %v, want %v", got, ratio(lo, hi))
			}
			if got := a.Containment(b); got != ratio(lo, total) {
				t.Errorf("containment %v, want %v", got, ratio(lo, total))
			}
		}
	}
}

func TestBagLimits(t *testing.T) {
	b := Bag{Features: Set{1}, Weights: []int32{math.MaxInt32 / 2}}
	b.Scale(func(uint64) int32 { return 5 })
	if b.Weights[0] != math.MaxInt32 {
		t.Errorf("weight %d, want %d", b.Weights[0], math.MaxInt32)
	}
	for name, f := range map[string]func(){
		"Scale":   func() { b.Scale(func(uint64) int32 { return -1 }) },
		"Overlap": func() { b.Overlap(Bag{Features: Set{1}}) },
		"Total":   func() { Bag{Weights: []int32{1}}.Total() },
	} {
		mustPanic(t, name, f)
	}
}

func mustPanic(t *testing.T, name string, f func()) {
	t.Helper()
	defer func() {
		if r := recover(); r == nil {
			t.Errorf("%s does not panic", name)
		} else if s, ok := r.(string); !ok || len(s) < 9 || s[:9] != "shingle: " {
			t.Errorf("%s panics with %v", name, r)
		}
	}()
	f()
}

func BenchmarkNewSet(b *testing.B) {
	for _, n := range []int{100, 1500, 20000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			sets := make([][]uint64, 64)
			rng := rand.New(rand.NewPCG(1, 7))
			for i := range sets {
				sets[i] = randomFeatures(rng, n, 64, 0)
			}
			buf := make([]uint64, n)
			i := 0
			for b.Loop() {
				copy(buf, sets[i%len(sets)])
				NewSet(buf)
				i++
			}
		})
	}
}

func BenchmarkOverlap(b *testing.B) {
	for _, n := range []int{1500, 100} {
		b.Run(fmt.Sprintf("n=1500/m=%d", n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 8))
			all := randomFeatures(rng, 4000, 64, 0)
			sets := make([]Set, 64)
			for i := range sets {
				f := slices.Clone(all)
				rng.Shuffle(len(f), func(i, j int) { f[i], f[j] = f[j], f[i] })
				sets[i] = NewSet(f[:[]int{1500, n}[i%2]])
			}
			i := 0
			for b.Loop() {
				sets[i%64].Overlap(sets[(i+1)%64])
				i++
			}
		})
	}
}
