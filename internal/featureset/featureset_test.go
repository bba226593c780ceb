package featureset

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var mixes = [][]int{{0}, {5}, {7, 7, 7, 7, 7, 7, 7, 7, 7, 4}, {1, 6}, {0, 1, 2, 3, 4, 5, 6, 7}}

// TestOracle compares all functions with maps, at all widths.
func TestOracle(t *testing.T) {
	var table Table
	for width := minWidth; width <= maxWidth; width++ {
		t.Run(fmt.Sprint("width=", width), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(width)))
			for _, s := range shapes {
				for _, n := range []int{0, 1, 2, 3, 5, 8, 30, 100, 239, 240, 241, 500, 1000} {
					for _, classes := range mixes {
						set := s.of(r, n, width, classes)
						checkSet(t, set, width)
						other := s.of(r, r.IntN(n+1), width, classes)
						for v := range set {
							if len(other) < n {
								other[v] = classes[r.IntN(len(classes))]
							}
						}
						checkCount(t, &table, set, other, width)
						if t.Failed() {
							t.Fatalf("%s, n = %d, classes %v", s.name, n, classes)
						}
					}
				}
			}
		})
	}
}

func checkSet(t *testing.T, set naive, width int) {
	t.Helper()
	b := Append([]byte("before"), width, set.lists())
	b, ok := bytes.CutPrefix(b, []byte("before"))
	if want := set.encode(width); !ok || !bytes.Equal(b, want) {
		t.Errorf("Append = %x, want %x", b, want)
	}
	if err := Check(b, width); err != nil {
		t.Errorf("Check: %v", err)
	}
	if n, err := Len(append(slices.Clip(b), 255, 255), width); n != len(b) || err != nil {
		t.Errorf("Len = %d, %v, want %d", n, err, len(b))
	}
	if got, want := Sizes(b), set.sizes(); got != want {
		t.Errorf("Sizes = %v, want %v", got, want)
	}
	for c, want := range set.lists() {
		got := AppendValues([]uint32{1, 2}, b, width, c)
		if !slices.Equal(got[2:], want) || got[0] != 1 || got[1] != 2 {
			t.Errorf("AppendValues of class %d (-want +got):\n%s", c, cmp.Diff(want, got[2:]))
		}
	}
}

func checkCount(t *testing.T, table *Table, set, other naive, width int) {
	t.Helper()
	b := Append(nil, width, other.lists())
	want := set.count(other)
	shared := 0
	for _, row := range want {
		for _, n := range row {
			shared += int(n)
		}
	}
	table.Reset(Append(nil, width, set.lists()), width)
	for _, least := range []int{-1, 0, shared/2 + 1, shared, shared + 1, len(set) + 1, 1 << 30} {
		got := [Classes][Classes]uint32{{3, 7}, 7: {5}}
		ok := table.Count(b, least, &got)
		if ok != (shared >= least) || ok && got != want {
			t.Errorf("Count, least %d of %d: %v (-want +got):\n%s", least, shared, ok, cmp.Diff(want, got))
		}
	}
}
