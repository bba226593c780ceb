package classic

import (
	"math"
	"slices"
	"testing"

	"github.com/neardup/neardup/bench/internal/corpus"
)

// The yardstick has to be a working one.
func TestYardstick(t *testing.T) {
	text := corpus.Article(corpus.English, 1, 1, 3000)
	edited, want := corpus.Edit(corpus.English, text, 5, 0.7, 2)
	m := NewMinHash(512, 1)
	a, b := m.Text(text, 5), m.Text(edited, 5)
	if got := Similarity(a, b); math.Abs(got-want) > 0.08 {
		t.Errorf("similarity %.3f, want %.3f", got, want)
	}
	f := Features(text, 5)
	if got, want := SimHashBranchFree(f), SimHash(f); got != want {
		t.Errorf("branch-free %#x, branchy %#x", got, want)
	}
	if !slices.Equal(m.Features(f), a) {
		t.Error("signature of the list is not that of the set")
	}
	x := NewLSH(64, 8)
	x.Add(4, a)
	x.Add(9, m.Text(corpus.Article(corpus.English, 1, 2, 3000), 5))
	if got := x.Query(b); !slices.Equal(got, []uint32{4}) {
		t.Errorf("query found %v, want [4]", got)
	}
	if got := Within([]uint64{0, 1, 7, 15}, 0, 3); !slices.Equal(got, []uint32{0, 1, 2}) {
		t.Errorf("within 3: %v", got)
	}
	if got := Features("two words", 5); len(got) != 1 {
		t.Errorf("short text has %d features", len(got))
	}
}
