package featureset

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
)

// naive is a set as a map from its values to their classes.
type naive map[uint32]int

func (s naive) lists() *[Classes][]uint32 {
	var lists [Classes][]uint32
	for v, c := range s {
		lists[c] = append(lists[c], v)
	}
	for _, l := range lists {
		slices.Sort(l)
	}
	return &lists
}

func (s naive) sizes() (sizes [Classes]int) {
	for _, c := range s {
		sizes[c]++
	}
	return sizes
}

func (s naive) count(other naive) (hist [Classes][Classes]uint32) {
	for v, i := range s {
		if j, ok := other[v]; ok {
			hist[i][j]++
		}
	}
	return hist
}

func (s naive) encode(width int) []byte { return encode(s.lists(), width) }

// encode is the layout as its table says it, bit by bit. It does not look whether the lists make a
// set.
func encode(lists *[Classes][]uint32, width int) []byte {
	head := []byte{0}
	for c, l := range lists {
		if len(l) > 0 {
			head[0] += 1 << c
			n := len(l) - 1
			for ; n > 127; n /= 128 {
				head = append(head, byte(n%128+128))
			}
			head = append(head, byte(n))
		}
	}
	var lows, highs []byte // a bit each
	for _, l := range lists {
		k := lowBitsOracle(len(l), width)
		before := int64(0)
		for _, v := range l {
			gap := int64(v) - before
			before = int64(v)
			for i := range k {
				lows = append(lows, byte(gap>>i&1))
			}
			for range gap >> k {
				highs = append(highs, 0)
			}
			highs = append(highs, 1)
		}
	}
	bits := append(lows, highs...)
	for len(bits)%8 != 0 {
		bits = append(bits, 0)
	}
	for ; len(bits) > 0; bits = bits[8:] {
		var x byte
		for i, bit := range bits[:8] {
			x += bit << i
		}
		head = append(head, x)
	}
	return head
}

// lowBitsOracle is the largest k with 2^k ≤ 1971/2048·2^width/n, or 0.
func lowBitsOracle(n, width int) int {
	if n == 0 {
		return 0
	}
	mean := new(big.Rat).SetFrac64(1<<width, int64(n))
	mean.Mul(mean, big.NewRat(1971, 2048))
	k := 0
	for big.NewRat(2<<k, 1).Cmp(mean) <= 0 {
		k++
	}
	return k
}

// A shape draws the values of a set.
type shape struct {
	name string
	draw func(r *rand.Rand, width int) uint32
}

var shapes = []shape{
	{"random", func(r *rand.Rand, width int) uint32 { return r.Uint32() >> (32 - width) }},
	// All of one home of a table, as far as there are values.
	{"first", func(r *rand.Rand, width int) uint32 { return r.Uint32N(1<<14) & (1<<width - 1) }},
	{"last", func(r *rand.Rand, width int) uint32 { return 1<<width - 1 - r.Uint32N(1<<14)&(1<<width-1) }},
	{"ends", func(r *rand.Rand, width int) uint32 {
		return -r.Uint32N(2)&(1<<width-1) ^ r.Uint32N(1<<13)&(1<<width-1)
	}},
	{"clusters", func(r *rand.Rand, width int) uint32 {
		return (r.Uint32N(8)*0x2545f491 + r.Uint32N(1<<12)) >> (32 - max(width, 24)) & (1<<width - 1)
	}},
	{"even", func(r *rand.Rand, width int) uint32 { return r.Uint32() >> (32 - width) &^ 1 }},
	{"squares", func(r *rand.Rand, width int) uint32 { x := r.Uint32() >> 16; return x * x >> (32 - width) }},
}

// of returns a set of n values, or of as many as the shape has without much searching.
func (s shape) of(r *rand.Rand, n, width int, classes []int) naive {
	set := naive{}
	for tries := 0; len(set) < n && tries < 4*n; tries++ {
		set[s.draw(r, width)] = classes[r.IntN(len(classes))]
	}
	return set
}

// entropy is log2 of the number of sets of n values of width bits.
func entropy(n, width int) float64 {
	all := math.Exp2(float64(width))
	a, _ := math.Lgamma(all + 1)
	b, _ := math.Lgamma(float64(n) + 1)
	c, _ := math.Lgamma(all - float64(n) + 1)
	return (a - b - c) / math.Ln2
}
