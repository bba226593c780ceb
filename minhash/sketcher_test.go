package minhash

import (
	"slices"
	"testing"
)

func TestSketcherAgreesWithSum(t *testing.T) {
	for _, k := range []int{1, 2, 3, 100, 128, 4096} {
		for _, n := range []int{0, 1, 10, 1000, 3000} {
			s, err := New(Config{K: k})
			if err != nil {
				t.Fatal(err)
			}
			var f []uint64
			for i := range n {
				f = append(f, uint64(i))
				s.Add(uint64(i))
			}
			want := Sum(f, k)
			if got := s.Sum(); !slices.Equal(got, want) {
				t.Errorf("k=%d n=%d: Add and Sum differ", k, n)
			}
			if got := s.AppendSignature(nil, f); !slices.Equal(got, want) {
				t.Errorf("k=%d n=%d: AppendSignature and Sum differ", k, n)
			}
		}
	}
}
