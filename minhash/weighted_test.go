package minhash

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWeightedDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 4))
	for _, k := range []int{1, 3, 16, 128, 500} {
		for _, n := range []int{0, 1, 2, 10, 100} {
			f := random(n, uint64(k))
			w := make([]int32, n)
			top := 10
			if n > 10 {
				top = 1 << 10
			}
			for i := range w {
				w[i] = r.Int32N(int32(top))
			}
			seed := uint64(k % 2)
			got := newSketcher(t, Config{K: k, Seed: seed}).AppendWeighted(Signature{7}, f, w)
			if got[0] != 7 {
				t.Error("AppendWeighted changed dst")
			}
			got = got[1:]
			want := oracleWeighted(f, w, k, seed)
			for i, v := range got {
				if want[i] == 0 { // no dart
					if v != empty {
						t.Errorf("k=%d n=%d: slot %d is %#x, want empty", k, n, i, v)
					}
					continue
				}
				if time := math.Float64frombits(v << 2); v>>62 != 2 || math.Abs(time/want[i]-1) > 1e-12 {
					t.Errorf("k=%d n=%d: slot %d is %#x at time %v, want %v", k, n, i, v, time, want[i])
				}
			}
			if seed == 0 {
				if diff := cmp.Diff(got, SumWeighted(f, w, k)); diff != "" {
					t.Errorf("SumWeighted mismatch (-want +got):\n%s", diff)
				}
			}
		}
	}
}

func TestWeightedAlgebra(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for _, n := range []int{1, 5, 60, 700} {
		s := newSketcher(t, Config{K: 64, Seed: 5})
		f := random(n, 6)
		v, w, both := make([]int32, n), make([]int32, n), make([]int32, n)
		for i := range w {
			v[i], w[i] = r.Int32N(100), r.Int32N(1000)
			if i%3 == 0 {
				v[i] = math.MaxInt32 - r.Int32N(3)
			}
			both[i] = max(v[i], w[i])
		}
		a, b, want := s.AppendWeighted(nil, f, v), s.AppendWeighted(nil, f, w), s.AppendWeighted(nil, f, both)
		ab, ba := slices.Clone(a), slices.Clone(b)
		ab.Merge(b)
		ba.Merge(a)
		if !slices.Equal(ab, want) || !slices.Equal(ba, want) {
			t.Errorf("n=%d: merged signatures are not those of the larger weights", n)
		}
		// Repeated features, in another order.
		p := r.Perm(2 * n)
		f2, w2 := make([]uint64, 2*n), make([]int32, 2*n)
		for i, j := range p {
			f2[i], w2[i] = f[j%n], slices.Concat(v, w)[j]
		}
		if got := s.AppendWeighted(nil, f2, w2); !slices.Equal(got, want) {
			t.Errorf("n=%d: order or repetition changes the signature", n)
		}
	}
	same := make([]uint64, 1000) // one feature a thousand times
	w := slices.Repeat([]int32{3}, 1000)
	if !slices.Equal(SumWeighted(same, w, 32), SumWeighted(same[:1], w[:1], 32)) {
		t.Error("repetition changes the signature")
	}
}

func TestWeightedPanics(t *testing.T) {
	a := SumWeighted([]uint64{1}, []int32{1}, 4)
	mustPanic(t, "minhash: k is 0, want 1 to 4096", func() { SumWeighted(nil, nil, 0) })
	mustPanic(t, "minhash: 1 weights, want 2", func() { SumWeighted([]uint64{1, 2}, []int32{1}, 4) })
	mustPanic(t, "minhash: weight -1 at index 1, want 0 or more", func() { SumWeighted([]uint64{1, 2}, []int32{1, -1}, 4) })
	mustPanic(t, "minhash: signature of a weighted set has no cardinality", func() { a.Cardinality() })
	mustPanic(t, "minhash: signature of scheme 1, want 3", func() { a.Merge(Sum([]uint64{1}, 4)) })
	if got := a.Similarity(Sum([]uint64{1}, 4)); got != 0 {
		t.Errorf("similarity of a weighted and an unweighted signature is %v", got)
	}
}

// TestWeightedError compares with the exact weighted Jaccard similarity.
func TestWeightedError(t *testing.T) {
	const k = 128
	trials := 1000
	if testing.Short() {
		trials = 150
	}
	for si, shape := range []struct {
		name   string
		n      int
		weight func(r *rand.Rand) (a, b int32)
	}{
		{"ones", 50, func(r *rand.Rand) (int32, int32) { return r.Int32N(2), r.Int32N(2) }},
		{"counts", 100, func(r *rand.Rand) (int32, int32) { return r.Int32N(10), r.Int32N(10) }},
		{"scaled", 20, func(r *rand.Rand) (int32, int32) { w := 1 + r.Int32N(1000); return w, w + r.Int32N(500) }},
		{"skewed", 200, func(r *rand.Rand) (int32, int32) {
			a, b := int32(1/(r.Float64()+1e-5)), int32(1/(r.Float64()+1e-5))
			return max(a, b), b
		}},
		{"huge", 5, func(r *rand.Rand) (int32, int32) { return r.Int32(), r.Int32() }},
		{"one", 1, func(*rand.Rand) (int32, int32) { return 300, 1000 }},
	} {
		t.Run(shape.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(si)))
			f, v, w := make([]uint64, shape.n), make([]int32, shape.n), make([]int32, shape.n)
			var m moments
			var a, b Signature
			s := newSketcher(t, Config{K: k})
			for i := range trials {
				sources[i%len(sources)].fill(f, r)
				for i := range f {
					v[i], w[i] = shape.weight(r)
				}
				j, _ := oracleWeightedJaccard(f, v, f, w)
				if j == 0 || j == 1 {
					continue
				}
				a, b = s.AppendWeighted(a[:0], f, v), s.AppendWeighted(b[:0], f, w)
				m.add((a.Similarity(b) - j) / StandardError(j, k))
			}
			t.Logf("similarity: bias/theory=%+.4f (z=%+.1f) rmse/theory=%.3f±%.3f",
				m.bias(), m.biasZ(), m.rmse(), m.rmseError())
			if math.Abs(m.biasZ()) > z {
				t.Errorf("similarity is biased, z=%.1f", m.biasZ())
			}
			if (m.rmse()-1)/m.rmseError() > z {
				t.Errorf("error of the similarity is %.3f of theory, want at most 1", m.rmse())
			}
		})
	}
}

func BenchmarkWeighted(b *testing.B) {
	for _, n := range []int{100, 1000} {
		for _, top := range []int32{10, 1000, 1000000} {
			b.Run(fmt.Sprintf("k=128/n=%d/w=%d", n, top), func(b *testing.B) {
				sets := rotation(n)
				r := rand.New(rand.NewPCG(1, 2))
				w := make([]int32, n)
				for i := range w {
					w[i] = 1 + r.Int32N(top)
				}
				s := newSketcher(b, Config{})
				sig := make(Signature, 0, 128)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					sig = s.AppendWeighted(sig[:0], sets[i%len(sets)], w)
				}
			})
		}
	}
}
