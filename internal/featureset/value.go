package featureset

import "fmt"

// The width of values, in bits.
const minWidth, maxWidth = 8, 32

// checkWidth panics if values cannot have width bits.
func checkWidth(width int) {
	if width < minWidth || width > maxWidth {
		panic(fmt.Sprintf("featureset: width is %d, want %d to %d", width, minWidth, maxWidth))
	}
}

// Value returns the value of a hash: the first width bits of a fixed mix of it, so that hashes need
// not be distributed evenly. The mix is one to one and the same for ever. It panics if width is not
// 8 to 32.
func Value(hash uint64, width int) uint32 {
	checkWidth(width)
	return uint32(mix(hash) >> (64 - uint(width)))
}

// mix is the 64-bit finalizer of MurmurHash3 (Appleby 2011) without its last step, which changes
// the low half only.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x * 0xc4ceb9fe1a85ec53
}

// Chance returns how many of the values that sets of n and m values are seen to share are expected
// to be of hashes that differ: (n - shared)·(m - shared) / 2^width, rounded. It is 0 for sets that
// are the same. It panics if width is not 8 to 32.
func Chance(n, m, shared, width int) int {
	checkWidth(width)
	x := uint64(max(0, n-shared)) * uint64(max(0, m-shared))
	return int((x + 1<<(width-1)) >> width)
}
