package featureset

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var mixes = [][]int{{0}, {5}, {7, 7, 7, 7, 7, 7, 7, 7, 7, 4}, {1, 6}, {0, 1, 2, 3, 4, 5, 6, 7}}

// TestOracle compares sets and counts with maps, at all widths.
func TestOracle(t *testing.T) {
	var table Table
	for width := minWidth; width <= maxWidth; width++ {
		t.Run(fmt.Sprint("width=", width), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(width)))
			for _, s := range shapes {
				for _, n := range []int{0, 1, 2, 3, 5, 8, 30, 100, 239, 240, 241, 500, 1000} {
					classes := mixes[r.IntN(len(mixes))]
					set := s.of(r, n, width, classes)
					other := s.of(r, r.IntN(n+1), width, classes)
					for v := range set {
						if len(other) < n {
							other[v] = classes[r.IntN(len(classes))]
						}
					}
					checkSet(t, set, width)
					checkCount(t, &table, set, other, width)
					if t.Failed() {
						t.Fatalf("%s, n = %d, classes %v", s.name, n, classes)
					}
				}
			}
		})
	}
}

// TestLarge is TestOracle for sets of many values.
func TestLarge(t *testing.T) {
	var table Table
	for _, s := range shapes {
		for _, width := range []int{18, 24} {
			r := rand.New(rand.NewPCG(2, uint64(width)))
			set := s.of(r, 100_000, width, mixes[2])
			checkSet(t, set, width)
			checkCount(t, &table, set, s.of(r, 1000, width, mixes[4]), width)
			checkCount(t, &table, s.of(r, 1000, width, mixes[4]), set, width)
			if t.Failed() {
				t.Fatalf("%s, %d bits", s.name, width)
			}
		}
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
	for _, least := range []int{-1, 0, shared/2 + 1, shared, shared + 1, len(set) + 1, math.MaxInt} {
		got := [Classes][Classes]uint32{{3, 7}, 7: {5}}
		ok := table.Count(b, least, &got)
		if ok != (shared >= least) || ok && got != want {
			t.Errorf("Count, least %d of %d: %v (-want +got):\n%s", least, shared, ok, cmp.Diff(want, got))
		}
	}
}

// TestUnary computes the table again, a bit at a time.
func TestUnary(t *testing.T) {
	for b := range 256 {
		var numbers []int
		zeros := 0
		for i := range 8 {
			if b>>i&1 == 0 {
				zeros++
				continue
			}
			numbers = append(numbers, zeros)
			zeros = 0
		}
		want := uint64(zeros)<<60 + uint64(len(numbers))<<56
		for i, n := range numbers {
			want += uint64(n) << (8 * i)
		}
		if unary[b] != want {
			t.Errorf("unary[%#x] = %#x, want %#x", b, unary[b], want)
		}
	}
}

// TestLowBits compares with the definition, the largest k with 2^k ≤ .9624·2^width/n. It is a part
// of the format.
func TestLowBits(t *testing.T) {
	for width := minWidth; width <= maxWidth; width++ {
		for n := 1; n < 1<<17 && n <= 1<<width; n++ {
			k := lowBits(n, width)
			limit := uint64(1971) << width
			if step := uint64(2048*n) << k; k > 0 && step > limit || 2*step <= limit {
				t.Fatalf("lowBits(%d, %d) = %d", n, width, k)
			}
		}
	}
	if got := lowBits(MaxValues, 8); got != 0 {
		t.Errorf("lowBits of more values than there are = %d, want 0", got)
	}
}

// TestRoom checks the bytes that the package comment promises, and how far they are from the
// entropy.
func TestRoom(t *testing.T) {
	for _, x := range []struct {
		n    int
		want float64 // bytes a value
	}{
		{1, 6}, {10, 3}, {30, 2.67}, {100, 2.39}, {500, 2.09}, {1500, 1.88}, {10_000, 1.53}, {100_000, 1.12},
	} {
		r := rand.New(rand.NewPCG(3, uint64(x.n)))
		for range 5 {
			b := Append(nil, 24, random(r, x.n, 24, []int{7}).lists())
			if got := float64(len(b)) / float64(x.n); got > x.want {
				t.Errorf("n = %d: %.3f bytes a value, want %v", x.n, got, x.want)
			}
			// A byte for the mask, four for a size, and one of bits that are not used.
			if got, most := float64(8*(len(b)-6)), entropy(x.n, 24)+.12*float64(x.n)+1; got > most {
				t.Errorf("n = %d: %v bits, want %v at most", x.n, got, most)
			}
		}
	}
	// The promise for any values.
	for _, s := range shapes {
		for width := 16; width <= maxWidth; width++ {
			r := rand.New(rand.NewPCG(3, uint64(width)))
			set := s.of(r, 2000, width, []int{0})
			n := float64(len(set))
			if got, most := float64(8*(len(set.encode(width))-6)), n*(float64(width)-math.Log2(n)+2.1); got > most {
				t.Errorf("%s, %v values of %d bits: %v bits, want %v at most", s.name, n, width, got, most)
			}
		}
	}
}

// TestBounded checks that values chosen to share one home of the table, or the first two bytes of
// the Builder's keys, cost a constant more: searching their run from its beginning for each of
// them, or inserting them one by one, would take hundreds of times as long as random values do.
func TestBounded(t *testing.T) {
	const n = 20_000
	times := func(width int, draw func(r *rand.Rand) uint32) (build, count time.Duration) {
		r := rand.New(rand.NewPCG(4, n))
		var h [2][]uint64
		for i := range 2 * n {
			h[i%2] = append(h[i%2], unmix(uint64(draw(r))<<32|r.Uint64()>>32))
		}
		var x Builder
		x.AddAll(h[0], 0)
		b := x.Append(nil, width)
		var table Table
		table.Reset(b, width)
		build, count = math.MaxInt64, math.MaxInt64
		for range 10 {
			start := time.Now()
			x.AddAll(h[1], 0)
			b = x.Append(b[:0], width)
			build = min(build, time.Since(start))
			var hist [Classes][Classes]uint32
			start = time.Now()
			table.Count(b, 0, &hist)
			count = min(count, time.Since(start))
		}
		return build, count
	}
	build, count := times(24, func(r *rand.Rand) uint32 { return r.Uint32() })
	_, chosen := times(24, func(r *rand.Rand) uint32 { return (1<<23 + r.Uint32N(3*n)) << 8 })
	if chosen > 30*count {
		t.Errorf("Count takes %v for values of one home, %v for random ones", chosen, count)
	}
	chosen, _ = times(32, func(r *rand.Rand) uint32 { return r.Uint32() >> 16 })
	if chosen > 30*build {
		t.Errorf("a Builder takes %v for hashes with the same two bytes, %v for random ones", chosen, build)
	}
}

func TestChance(t *testing.T) {
	for _, x := range []struct{ n, m, shared, width, want int }{
		{500, 500, 0, 24, 0},
		{1500, 1500, 0, 24, 0},
		{10_000, 10_000, 0, 24, 6},
		{100_000, 100_000, 0, 24, 596},
		{100_000, 100_000, 596, 24, 589},
		{100_000, 100_000, 100_000, 24, 0},
		{500, 100_000, 500, 24, 0},
		{500, 100_000, 3, 24, 3},
		{MaxValues, MaxValues, 0, 32, 1 << 24},
		{256, 256, 0, 8, 256},
		{5, 5, 6, 24, 0},
	} {
		if got := Chance(x.n, x.m, x.shared, x.width); got != x.want {
			t.Errorf("Chance(%d, %d, %d, %d) = %d, want %d", x.n, x.m, x.shared, x.width, got, x.want)
		}
	}
}

// TestChanceStatistics compares sets of hashes of which a part is the same, and looks at what
// Chance leaves.
func TestChanceStatistics(t *testing.T) {
	const n, rounds = 20_000, 20
	for _, same := range []int{0, 5_000, 19_000} {
		var table Table
		sum := 0.0
		for i := range rounds {
			r := rand.New(rand.NewPCG(5, uint64(i*n+same)))
			var x, y Builder
			for j := range n {
				h := r.Uint64()
				x.Add(h, 0)
				if j >= same {
					h = r.Uint64()
				}
				y.Add(h, 0)
			}
			table.Reset(x.Append(nil, 24), 24)
			var hist [Classes][Classes]uint32
			b := y.Append(nil, 24)
			table.Count(b, 0, &hist)
			shared := int(hist[0][0])
			sum += float64(shared - Chance(n, n, shared, 24) - same)
		}
		// The false common values are distributed as Poisson's, about, and same hashes that fall
		// together are some fewer.
		expected := float64((n-same)*(n-same)) / (1 << 24)
		lost := float64(same) * float64(same) / (1 << 25)
		sigma := math.Sqrt((expected + lost + 1) * rounds)
		if z := (sum + lost*rounds) / sigma; math.Abs(z) > 4 {
			t.Errorf("%d the same: %.1f too many in %d rounds, z = %.1f", same, sum, rounds, z)
		}
	}
}

func TestAllocs(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	small := random(r, 2, 24, mixes[2]).encode(24)
	set := random(r, 1500, 24, mixes[2]).encode(24)
	h := hashes(1500, 1)
	var table Table
	var x Builder
	var hist [Classes][Classes]uint32
	b, values := make([]byte, 0, 8000), make([]uint32, 0, 2000)
	for name, f := range map[string]func(){
		"Check": func() {
			if Check(set, 24) != nil || Check(small, 24) != nil {
				t.Error("Check fails")
			}
		},
		"Len":          func() { _, _ = Len(set, 24) },
		"Sizes":        func() { Sizes(set) },
		"AppendValues": func() { AppendValues(values, set, 24, 7); AppendValues(values, small, 24, 7) },
		"Append":       func() { x.AddAll(h, 1); x.Add(5, 2); b = x.Append(b[:0], 24) },
		"Count": func() {
			table.Reset(set, 24)
			table.Count(small, 0, &hist)
			table.Reset(small, 24)
			table.Count(set, 0, &hist)
		},
	} {
		f()
		if n := testing.AllocsPerRun(100, f); n > 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func TestPanics(t *testing.T) {
	set := random(rand.New(rand.NewPCG(7, 1)), 10, 24, []int{0}).encode(24)
	var table Table
	table.Reset(set, 24)
	var hist [Classes][Classes]uint32
	for want, f := range map[string]func(){
		"width is 7, want 8 to 32":                           func() { Value(1, 7) },
		"width is 33, want 8 to 32":                          func() { Append(nil, 33, new([Classes][]uint32)) },
		"width is -1, want 8 to 32":                          func() { _ = Check(nil, -1) },
		"width is 0, want 8 to 32":                           func() { new(Table).Count(set, 0, &hist) },
		"width is 64, want 8 to 32":                          func() { new(Builder).Append(nil, 64) },
		"the last of 1 values of class 3 is 256, width is 8": func() { Append(nil, 8, &[Classes][]uint32{3: {256}}) },
		"the values of a class are not ascending":            func() { Append(nil, 8, &[Classes][]uint32{{1 << 30, 5}}) },
		"the values of a class are not ascending ":           func() { Append(nil, 8, &[Classes][]uint32{{5, 5}}) },
		"the values of a class are not ascending  ":          func() { Append(nil, 24, &[Classes][]uint32{{1, 2, 3, 1 << 31, 4, 5, 6, 7}}) },
		"the values of a class are not ascending   ":         func() { Append(nil, 8, &[Classes][]uint32{{1, 2, 3, 3, 4, 5}}) },
		"the values of a class are not ascending    ":        func() { Append(nil, 8, &[Classes][]uint32{{1, 2, 3, 4, 3, 5}}) },
		"the values of a class are not ascending      ":      func() { Append(nil, 8, &[Classes][]uint32{{1, 2, 2, 3, 4, 5}}) },
		"the values of a class are not ascending     ":       func() { Append(nil, 24, &[Classes][]uint32{{0, 0}}) },
		"class is 8, want 0 to 7":                            func() { new(Builder).Add(1, 8) },
		"class is 255, want 0 to 7":                          func() { new(Builder).AddAll(nil, 255) },
		"class is -1, want 0 to 7":                           func() { AppendValues(nil, set, 24, -1) },
		"not a set of values of 24 bits":                     func() { AppendValues(nil, set[:5], 24, 0) },
		"not a set of values of 24 bits ":                    func() { table.Reset(set[:5], 24) },
		"not a set of values of 24 bits  ":                   func() { table.Count(nil, 0, &hist) },
		"Sizes of what is not a set":                         func() { Sizes(nil) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != "featureset: "+strings.TrimSpace(want) {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			f()
		}()
	}
}
