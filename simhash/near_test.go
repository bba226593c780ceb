package simhash

import (
	"math/rand/v2"
	"testing"
)

// TestNearParts compares nearParts, with AVX2 where there is one, and its twin with counting bit by
// bit.
func TestNearParts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 10))
	for range 20_000 {
		n := uint32(1 + r.IntN(70))
		want, most := r.Uint32(), uint32(r.IntN(MaxDistance+1))
		part := make([]uint32, n+nearBlock)
		for i := range part {
			part[i] = uint32(near(r, Fingerprint(want), r.IntN(60)))
		}
		part[r.IntN(len(part))], part[r.IntN(len(part))] = ^want, want
		mask := uint32(0)
		for i, p := range part[:min(n, nearBlock)] {
			if naiveDistance(Fingerprint(p), Fingerprint(want)) <= int(most) {
				mask |= 1 << i
			}
		}
		if got := nearPartsGeneric(part, n, want, most); got != mask {
			t.Fatalf("generic: %d values within %d of %08x: %032b, want %032b", n, most, want, got, mask)
		}
		if got := nearParts(part, n, want, most); got != mask {
			t.Fatalf("%d values within %d of %08x: %032b, want %032b", n, most, want, got, mask)
		}
	}
}
