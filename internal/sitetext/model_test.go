package sitetext

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestModel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	for _, n := range []int{1, 2, 3, 100, 5000} {
		for _, spread := range []uint32{universe, 20000, 5000} {
			values := make([]uint32, 0, n)
			for range n {
				values = append(values, universe/3+r.Uint32N(spread)/2)
			}
			want := make(map[uint32]bool)
			for _, v := range values {
				want[v] = true
			}
			values = setOf(values)
			shuffled := slices.Clone(values)
			r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			m := NewModel(shuffled)
			if m.Len() != len(values) || !slices.Equal(m.Append(nil), values) {
				t.Fatalf("model has %d values, want %d", m.Len(), len(values))
			}
			for v := range uint32(20000) {
				for _, v := range []uint32{v, universe/3 + v - 100, universe - 1 - v, v | Menu, r.Uint32()} {
					if m.Has(v) != want[v] {
						t.Fatalf("Has(%d) is %v", v, !want[v])
					}
				}
			}
		}
	}
	if m := NewModel(nil); m != nil || m.Len() != 0 || m.Has(0) || m.Append(nil) != nil {
		t.Error("a model of nothing is not nil")
	}
}

func TestPair(t *testing.T) {
	a, b := NewModel([]uint32{1, 2}), NewModel([]uint32{2, 3})
	for _, c := range []struct {
		pair               Pair
		v                  uint32
		dropA, dropB, both bool
	}{
		{Pair{a, b}, 1, true, false, true},
		{Pair{a, b}, 2, true, true, true},
		{Pair{a, b}, 3, false, true, true},
		{Pair{a, b}, 4, false, false, false},
		{Pair{a, a}, 1, true, true, true},
		{Pair{a, a}, 3, false, false, false},
		{Pair{a, nil}, 1, true, false, true},
		{Pair{nil, b}, 3, false, true, true},
		{Pair{}, 1, false, false, false},
	} {
		if c.pair.DropsA(c.v) != c.dropA || c.pair.DropsB(c.v) != c.dropB || c.pair.DropsBoth(c.v) != c.both {
			t.Errorf("feature %d: %v %v %v, want %v %v %v", c.v, c.pair.DropsA(c.v), c.pair.DropsB(c.v), c.pair.DropsBoth(c.v), c.dropA, c.dropB, c.both)
		}
	}
	if !(Pair{}).Empty() || (Pair{a, nil}).Empty() || (Pair{nil, b}).Empty() {
		t.Error("Empty")
	}
}
