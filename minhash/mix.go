package minhash

// golden is 2^64 divided by the golden ratio, the increment of SplitMix64 (Steele, Lea, Flood,
// OOPSLA 2014).
const golden = 0x9e3779b97f4a7c15

// The digits of π after the point in base 16, sixteen at a time. They start sequences of random
// numbers that have nothing to do with one another, and show that nobody chose them to an end.
const (
	pi0 = 0x243f6a8885a308d3 // factors of rounds
	pi1 = 0x13198a2e03707344 // factors of slots
	pi2 = 0xa4093822299f31d0 // factors of the permutations of Classic
	pi3 = 0x082efa98ec4e6c89 // summands of the permutations of Classic
	pi4 = 0x452821e638d01377 // seeds of samples
)

// mix is the finalizer of SplitMix64 (Stafford's variant 13), a permutation of the 64-bit words.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// seedWord turns a seed into the word that every feature is combined with by exclusive or.
func seedWord(seed uint64) uint64 { return mix(seed + golden) }

// sampleWord does so for a ContainmentIndex. It is another word than that of signatures, so that it
// is independent of them what is sampled.
func sampleWord(seed uint64) uint64 { return mix(seed + pi4) }

// enter mixes a feature combined with the seed word: the finalizer of MurmurHash3 (Appleby 2011) up
// to and including its second multiplication, a permutation. The shift that it ends with would only
// improve the low bits; everything here uses the high bits, of the result or of an odd multiple of
// it.
func enter(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	return (x ^ x>>33) * 0xc4ceb9fe1a85ec53
}

// enterAll sets dst[i] to the mixed feature src[i].
func enterAll(dst, src []uint64, word uint64) {
	dst = dst[:len(src)]
	for i, x := range src {
		dst[i] = enter(x ^ word)
	}
}

// roundMultiplier returns the odd factor of round r, 1 for round 0.
func roundMultiplier(r uint64) uint64 {
	if r == 0 {
		return 1
	}
	return mix(pi0+r*golden) | 1
}

// slotMultiplier returns the odd factor of the permutation that slot b has of its own.
func slotMultiplier(b int) uint64 {
	return mix(pi1+uint64(b)*golden) | 1
}
