package minhash

import (
	"fmt"
	"math"
)

// MaxK is the largest number of slots a signature can have.
const MaxK = 4096

// empty is the slot of a set without features. No feature reaches it.
const empty = math.MaxUint64

// The top two bits of a slot name the scheme that made it, so that signatures of different schemes agree nowhere.
const (
	tagShift    = 62
	tagFSS      = 0
	tagClassic  = 1
	tagWeighted = 2
	tagEmpty    = 3
)

// Signature is the MinHash of a set: k slots, each the minimum over the set of what the features write there. Two
// signatures made with the same k, seed and scheme agree in a slot with a probability that is the Jaccard similarity of
// their sets.
//
// A slot of the standard scheme is round<<32 | value. The top two bits name the scheme (see [Scheme]). In the
// signature of the empty set every slot is [math.MaxUint64].
//
// A Signature is plain data: it holds neither pointers nor the seed, is compared with [slices.Equal], and may be cut from or
// packed into larger slices. Signatures of different seeds agree nowhere, and nothing here can tell the reason.
type Signature []uint64

// scheme returns the tag of the scheme that made the signature, tagEmpty for the empty set.
func (a Signature) scheme() uint64 {
	if len(a) == 0 {
		return tagEmpty
	}
	return a[0] >> tagShift
}

// Empty reports whether the signature is that of the empty set. It takes O(1) time.
func (a Signature) Empty() bool { return a.scheme() == tagEmpty }

// matches returns the number of slots in which a and b agree, 0 if both are empty.
func (a Signature) matches(b Signature) int {
	if len(a) != len(b) {
		panic(fmt.Sprintf("minhash: signature has %d values, want %d", len(b), len(a)))
	}
	if a.Empty() {
		return 0
	}
	n0, n1 := 0, 0
	for len(a) >= 4 && len(b) >= 4 {
		n0 += b2i(a[0] == b[0]) + b2i(a[1] == b[1])
		n1 += b2i(a[2] == b[2]) + b2i(a[3] == b[3])
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		n0 += b2i(v == b[i])
	}
	return n0 + n1
}

// b2i is written so that the compiler makes it a flag and not a jump.
func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Similarity returns the estimated Jaccard similarity of the two sets, the share of slots that agree, in [0,1]. It is unbiased, with
// a standard error of at most [StandardError]. The empty set is similar to nothing: with an empty set on either side, or on both,
// the similarity is 0. It takes O(k) time and no allocation.
//
// Similarity panics if the signatures differ in length.
func (a Signature) Similarity(b Signature) float64 {
	if len(a) == 0 && len(b) == 0 {
		return 0
	}
	return float64(a.matches(b)) / float64(len(a))
}

// Merge makes a the signature of the union of both sets: the smaller value of each slot. The result is bit for bit
// what a [Sketcher] makes of all the features at once. It takes O(k) time and no allocation.
//
// Merge panics if the signatures differ in length or are of different schemes.
func (a Signature) Merge(b Signature) {
	if len(a) != len(b) {
		panic(fmt.Sprintf("minhash: signature has %d values, want %d", len(b), len(a)))
	}
	if s, t := a.scheme(), b.scheme(); s != t && s != tagEmpty && t != tagEmpty {
		panic(fmt.Sprintf("minhash: signature of scheme %d, want %d", t+1, s+1))
	}
	for i, v := range b {
		a[i] = min(a[i], v)
	}
}

// StandardError returns the standard error of [Signature.Similarity] at the given similarity with k slots,
// sqrt(similarity·(1-similarity)/k): what k independent slots would have. It is an upper bound; for sets of fewer features than
// slots the error is about three quarters of it.
func StandardError(similarity float64, k int) float64 {
	return math.Sqrt(similarity * (1 - similarity) / float64(k))
}
