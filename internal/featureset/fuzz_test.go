package featureset

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// FuzzSet takes bytes for an encoded set, and for values of which to make two.
func FuzzSet(f *testing.F) {
	r := rand.New(rand.NewPCG(11, 1))
	for _, s := range shapes {
		for _, width := range []int{8, 18, 24, 32} {
			for _, n := range []int{0, 1, 3, 20, 300} {
				f.Add(s.of(r, n, width, mixes[r.IntN(len(mixes))]).encode(width), uint8(width-minWidth))
			}
		}
	}
	for _, x := range malformed {
		f.Add(x.b, uint8(x.width-minWidth))
	}
	var table Table
	f.Fuzz(func(t *testing.T, data []byte, w uint8) {
		width := minWidth + int(w)%(maxWidth-minWidth+1)
		if len(data) > 2000 {
			return
		}
		checkCanonical(t, data, width)

		set, other := naive{}, naive{}
		for ; len(data) >= 5; data = data[5:] {
			v := binary.LittleEndian.Uint32(data) >> (maxWidth - width)
			if x := data[4]; x&64 == 0 {
				set[v] = int(x & 7)
			}
			if x := data[4]; x&128 == 0 {
				other[v] = int(x >> 3 & 7)
			}
		}
		checkSet(t, set, width)
		checkCount(t, &table, set, other, width)
	})
}
