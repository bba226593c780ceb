package minhash

import (
	"math"
	"slices"
	"testing"
)

func TestSimilarity(t *testing.T) {
	e := Signature{empty, empty, empty, empty, empty}
	a := Signature{1, 2, 3, 4, 5}
	for _, c := range []struct {
		a, b Signature
		want float64
	}{
		{nil, nil, 0},
		{e, e, 0},
		{e, a, 0},
		{a, e, 0},
		{a, a, 1},
		{a, Signature{1, 2, 3, 4, 6}, 0.8},
		{a, Signature{2, 1, 9, 9, 5}, 0.2},
		{a, Signature{5, 4, 2, 1, 0}, 0},
		{a[:1], a[:1], 1},
	} {
		if got := c.a.Similarity(c.b); got != c.want {
			t.Errorf("Similarity(%d, %d) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestEmpty(t *testing.T) {
	for _, k := range []int{1, 128} {
		e, a := Sum(nil, k), Sum([]uint64{1, 2, 3}, k)
		if !e.Empty() || a.Empty() || !Signature(nil).Empty() {
			t.Error("Empty is wrong")
		}
		if e.Cardinality() != 0 {
			t.Error("the empty set has features")
		}
		if e.Containment(a) != 0 || a.Containment(e) != 0 || e.Containment(e) != 0 {
			t.Error("the empty set is contained in something")
		}
		m := slices.Clone(e)
		m.Merge(a)
		if !slices.Equal(m, a) {
			t.Error("the union with the empty set changes the signature")
		}
		m.Merge(e)
		if !slices.Equal(m, a) {
			t.Error("the union with the empty set changes the signature")
		}
	}
}

func TestContainmentPanics(t *testing.T) {
	s := newSketcher(t, Config{K: 4, Scheme: Classic})
	s.Add(1)
	mustPanic(t, "minhash: signature of scheme 2, want 1", func() {
		sig := s.Sum()
		sig[0] = Sum([]uint64{1}, 4)[0]
		sig.Containment(s.Sum())
	})
}

// TestLn compares with package math, whose error is below one unit in the last place for normal
// numbers.
func TestLn(t *testing.T) {
	if ln(1) != 0 || !math.IsInf(ln(0), -1) || !math.IsInf(ln(math.Inf(1)), 1) || !math.IsNaN(ln(math.NaN())) {
		t.Error("ln is wrong at 0, 1, infinity or NaN")
	}
	if got, want := ln(math.SmallestNonzeroFloat64), -1074*math.Ln2; math.Abs(got-want) > 1e-12 {
		t.Errorf("ln of the smallest number is %v, want %v", got, want)
	}
	for _, x := range []float64{0x1p-1022, math.MaxFloat64, math.Nextafter(1, 0), math.Nextafter(1, 2), math.Sqrt2, math.Sqrt2 / 2} {
		if got, want := ln(x), math.Log(x); math.Abs(got-want) > math.Abs(want)*0x1p-50 {
			t.Errorf("ln(%v) = %v, want %v", x, got, want)
		}
	}
	for i, f := range random(20000, 7) {
		x := float64(f>>11) / (1 << 53)
		switch i % 3 {
		case 1:
			x = 1 - float64(f>>11)*0x1p-53*math.Pow(2, float64(-i%50))
		case 2:
			x = math.Float64frombits(f & (1<<63 - 1))
		}
		if !(x >= 0x1p-1022) || math.IsInf(x, 1) {
			continue
		}
		if got, want := ln(x), math.Log(x); math.Abs(got-want) > math.Abs(want)*0x1p-50 {
			t.Errorf("ln(%v) = %v, want %v", x, got, want)
		}
	}
}
