package featureset

import (
	"fmt"
	"testing"

	"github.com/cespare/xxhash/v2"
)

// golden are sets of the hashes 0 to n-1 in classes i%7, or class 7, and what they are on every
// machine and for ever.
var golden = []struct {
	n, width int
	mixed    bool
	want     string // in hexadecimal, or its length and XXH64
}{
	{0, 24, false, "00"},
	{1, 24, false, "8000000080"},
	{2, 8, false, "8001009d"},
	{10, 24, false, "800900001018b5a96d2fcabe38e45072c771192d62331b14c29d24734a0a"},
	{10, 24, true, "7f01010100000000000040ca01cdbc6ac0abb62abf3a5c981518b520803c5eab596769d1d5ae"},
	{12, 18, true, "7f0101010101000000001cd0af1aabb6fcea8659462d3f64401edaa0ab59a545575ba9"},
	{7, 32, false, "8006000000a038306a6da1b63d246d6846896bcc763428841e7792dc68"},
	{500, 24, false, "1038 bytes, f8bab158edb21931"},
	{1500, 24, true, "3346 bytes, 010bdb29bc27727d"},
	{3000, 18, true, "4026 bytes, ecadcb72f6685bcc"},
	{100_000, 24, true, "146184 bytes, 126bc3d06e8dc1fc"},
	{100_000, 32, false, "210924 bytes, e412eaa3c732e4f5"},
}

func TestGolden(t *testing.T) {
	var x Builder
	for _, g := range golden {
		for i := range g.n {
			class := uint8(7)
			if g.mixed {
				class = uint8(i % 7)
			}
			x.Add(uint64(i), class)
		}
		b := x.Append(nil, g.width)
		got := fmt.Sprintf("%x", b)
		if len(b) > 50 {
			got = fmt.Sprintf("%d bytes, %016x", len(b), xxhash.Sum64(b))
		}
		if got != g.want {
			t.Errorf("%d hashes, %d bits, mixed %v: %q, want %q", g.n, g.width, g.mixed, got, g.want)
		}
	}
}
