package sign

import (
	"slices"
	"testing"

	"github.com/neardup/neardup/examples/internal/corpus"
)

func TestSign(t *testing.T) {
	s, err := New(0.5, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	text := corpus.Articles(1, 1)[0].Text
	a, empty := s.Sign(text), s.Sign("?!")
	if a.Features == 0 || len(a.Packed) != K*Bits/8 || len(a.Keys) != s.Plan.Bands {
		t.Errorf("signed: %d features, %d bytes, %d keys", a.Features, len(a.Packed), len(a.Keys))
	}
	if b := s.Sign(text); !slices.Equal(a.Keys, b.Keys) || s.Similarity(a.Packed, b.Packed) != 1 {
		t.Error("one text signed twice differs from itself")
	}
	if empty.Features != 0 || len(empty.Keys) != 0 || s.Similarity(empty.Packed, empty.Packed) != 0 {
		t.Error("a text without words is similar to something")
	}
	if _, err := New(2, 0.95); err == nil {
		t.Error("threshold 2 was accepted")
	}
}

func TestCompared(t *testing.T) {
	for _, n := range []int{0, 1, 2, MaxBucket, MaxBucket + 1, 5000} {
		seen := make(map[[2]int]bool)
		tied := make([]bool, n) // to the first
		Compared(n, func(i, j int) {
			if i < 0 || i >= j || j >= n || seen[[2]int{i, j}] {
				t.Fatalf("n = %d: pair %d, %d", n, i, j)
			}
			seen[[2]int{i, j}] = true
			tied[j] = tied[j] || i == 0
		})
		small := min(n, MaxBucket)
		if want := small*(small-1)/2 + Heads*(n-small); len(seen) != want {
			t.Errorf("n = %d: %d pairs, want %d", n, len(seen), want)
		}
		if n > 0 && slices.Contains(tied[1:], false) {
			t.Errorf("n = %d: an article is not compared with the first", n)
		}
	}
}
