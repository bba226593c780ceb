package featureset

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// unmix returns the hash that mix makes x of.
func unmix(x uint64) uint64 {
	x *= inverse(0xc4ceb9fe1a85ec53)
	x ^= x >> 33
	x *= inverse(0xff51afd7ed558ccd)
	return x ^ x>>33
}

// inverse returns 1/x modulo 2^64, by Newton's method.
func inverse(x uint64) uint64 {
	y := x
	for range 6 {
		y *= 2 - x*y
	}
	return y
}

// TestBuilder adds hashes whose values are as the shapes have them, some of them again, and
// compares with a map.
func TestBuilder(t *testing.T) {
	var x Builder
	for _, s := range shapes {
		for _, width := range []int{8, 9, 16, 18, 24, 31, 32} {
			for _, n := range []int{0, 1, 2, 24, 25, 26, 300, 2000, 100_000} {
				if n > 2000 && width%8 != 0 {
					continue
				}
				r := rand.New(rand.NewPCG(8, uint64(n+width)))
				want := naive{}
				var all []uint64
				for range n {
					h := unmix(uint64(s.draw(r, width))<<(64-width) | r.Uint64()>>width)
					all = append(all, h)
				}
				for i, h := range all {
					class := uint8(r.IntN(8))
					if i%2 == 0 {
						class = 4
					}
					x.Add(h, class)
					want[Value(h, width)] |= int(class)
				}
				again := all[:n/2]
				x.AddAll(again, 1)
				for _, h := range again {
					want[Value(h, width)] |= 1
				}
				if got := x.Append([]byte("x"), width); !bytes.Equal(got[1:], want.encode(width)) || got[0] != 'x' {
					t.Fatalf("%s, %d hashes, %d bits: not what a map says", s.name, n, width)
				}
			}
		}
	}
}

// TestBuilderOrder checks that the order of adding and what was made before do not matter.
func TestBuilderOrder(t *testing.T) {
	h := hashes(1000, 3)
	var x, y Builder
	x.AddAll(h, 1)
	x.AddAll(h[500:], 6)
	want := x.Append(nil, 24)
	y.AddAll(h[:10], 3)
	y.Append(nil, 32)
	r := rand.New(rand.NewPCG(9, 1))
	for _, i := range r.Perm(1000) {
		if i >= 500 {
			y.Add(h[i], 6)
		}
	}
	for _, i := range r.Perm(1000) {
		y.Add(h[i], 1)
	}
	if got := y.Append(nil, 24); !bytes.Equal(got, want) {
		t.Error("another order makes other bytes")
	}
	if got := y.Append(nil, 24); !bytes.Equal(got, []byte{0}) {
		t.Errorf("the Builder is not empty after Append: %x", got)
	}
}

// TestValue has the first bits of fmix64(1) and fmix64(2) of MurmurHash3, 0xb456bcfc34c2cb2c and
// 0x3abf2a20650683e7, and some of our own: values are kept, so they must stay as they are.
func TestValue(t *testing.T) {
	for _, x := range []struct {
		hash  uint64
		width int
		want  uint32
	}{
		{0, 32, 0},
		{1, 32, 0xb456bcfc},
		{2, 32, 0x3abf2a20},
		{1, 24, 0xb456bc},
		{1 << 63, 24, 0x8f7808},
		{1<<64 - 1, 24, 0x64b572},
		{1<<64 - 1, 8, 0x64},
		{0x0123456789abcdef, 18, 0x21f2f},
	} {
		if got := Value(x.hash, x.width); got != x.want {
			t.Errorf("Value(%#x, %d) = %#x, want %#x", x.hash, x.width, got, x.want)
		}
		if got := unmix(mix(x.hash)); got != x.hash {
			t.Errorf("unmix(mix(%#x)) = %#x", x.hash, got)
		}
	}
}
