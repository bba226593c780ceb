package simhash

import (
	"math"
	"math/rand/v2"
	"testing"
)

func randomFeatures(r *rand.Rand, n int) []uint64 {
	x := make([]uint64, n)
	for i := range x {
		x[i] = r.Uint64()
	}
	return x
}

func TestSum(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for n := range 200 {
		x := randomFeatures(r, n)
		if got, want := Sum(x), naiveSum(x, nil); got != want {
			t.Errorf("n=%d: got %v, want %v", n, got, want)
		}
	}
	for _, n := range []int{1000, 4096, 4111} {
		x := randomFeatures(r, n)
		copy(x[n/2:], x[:n/4]) // repeats count
		if got, want := Sum(x), naiveSum(x, nil); got != want {
			t.Errorf("n=%d: got %v, want %v", n, got, want)
		}
	}
}

// TestSketcher drives a Sketcher with random calls and compares with the naive sums after each.
func TestSketcher(t *testing.T) {
	seeds := uint64(30)
	if testing.Short() {
		seeds = 6
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(1, seed))
		var s Sketcher
		var x []uint64
		var w []int32
		for step := range 40 {
			switch r.IntN(5) {
			case 0:
				s.Add(uint64(step))
				x, w = append(x, uint64(step)), append(w, 1)
			case 1:
				y := randomFeatures(r, r.IntN(50))
				s.AddAll(y)
				for _, y := range y {
					x, w = append(x, y), append(w, 1)
				}
			case 2:
				for range r.IntN(20) {
					v := []int32{0, 1, -1, 2, 7, -9, 1000, 65535, -65535, 65536, math.MaxInt32, math.MinInt32}[r.IntN(12)]
					if seed%3 == 0 {
						v %= 100
					}
					y := r.Uint64()
					s.AddWeighted(y, v)
					x, w = append(x, y), append(w, v)
				}
			case 3:
				var u Sketcher
				y := randomFeatures(r, r.IntN(30))
				u.AddAll(y)
				u.AddWeighted(9, 5)
				before := u.Sum()
				s.Merge(&u)
				if u.Sum() != before {
					t.Fatalf("seed %d: Merge changed its argument", seed)
				}
				for _, y := range y {
					x, w = append(x, y), append(w, 1)
				}
				x, w = append(x, 9), append(w, 5)
			case 4:
				if r.IntN(8) == 0 {
					s.Reset()
					x, w = nil, nil
				}
			}
			want := naiveSum(x, w)
			if got := s.Sum(); got != want {
				t.Fatalf("seed %d step %d: got %v, want %v", seed, step, got, want)
			}
			if got := s.Sum(); got != want {
				t.Fatalf("seed %d step %d: second Sum %v, want %v", seed, step, got, want)
			}
			if got := SumWeighted(x, w); got != want {
				t.Fatalf("seed %d step %d: SumWeighted %v, want %v", seed, step, got, want)
			}
		}
		before := s.Sum()
		s.Merge(&s)
		if s.Sum() != before {
			t.Errorf("seed %d: merging with itself moved a majority", seed)
		}
	}
}

func TestSpill(t *testing.T) {
	x := randomFeatures(rand.New(rand.NewPCG(1, 2)), 100)
	var s Sketcher
	s.AddAll(x)
	s.ones.n += 1 << 38 // as if so many zeros had been voted
	s.AddAll(x[:16])
	if s.ones.n != 0 || !s.full {
		t.Fatalf("planes hold %d votes after 2^38", s.ones.n)
	}
	if got := s.Sum(); got != 0 {
		t.Errorf("got %v, want the zeros to win", got)
	}
	s.Merge(&s)
	var ones Sketcher
	for i := range 64 {
		ones.count[i] = 1 << 39
	}
	s.Merge(&ones)
	y := append(append([]uint64{}, x...), x...)
	y = append(append(y, x[:16]...), x[:16]...)
	if got, want := s.Sum(), naiveSum(y, nil); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSumWeightedPanics(t *testing.T) {
	defer func() {
		if got, want := recover(), "simhash: 1 weights for 2 features"; got != want {
			t.Errorf("got panic %v, want %q", got, want)
		}
	}()
	SumWeighted([]uint64{1, 2}, []int32{3})
}
