package minhash

import (
	"fmt"
	"math"
)

// maxK is the largest number of slots a signature can have.
const maxK = 4096

// empty is the slot of a set without features. No feature reaches it.
const empty = math.MaxUint64

// The top two bits of a slot name the scheme that made it, so that signatures of different schemes
// agree nowhere.
const (
	tagShift    = 62
	tagFSS      = 0
	tagClassic  = 1
	tagWeighted = 2
	tagEmpty    = 3
)

// Signature is the MinHash of a set: k slots, each the minimum over the set of what the features
// write there. Two signatures made with the same k, seed and scheme agree in a slot with a
// probability that is the Jaccard similarity of their sets.
//
// A slot of the standard scheme is round<<32 | value. The top two bits name the scheme (see
// [Scheme]). In the signature of the empty set every slot is [math.MaxUint64].
//
// A Signature is plain data: it holds neither pointers nor the seed, is compared with
// [slices.Equal], and may be cut from or packed into larger slices. Signatures of different seeds
// agree nowhere, and nothing here can tell the reason.
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

// Similarity returns the estimated Jaccard similarity of the two sets, the share of slots that
// agree, in [0,1]. It is unbiased, with a standard error of at most [StandardError]. The empty set
// is similar to nothing: with an empty set on either side, or on both, the similarity is 0. It
// takes O(k) time and no allocation.
//
// Similarity panics if the signatures differ in length.
func (a Signature) Similarity(b Signature) float64 {
	if len(a) == 0 && len(b) == 0 {
		return 0
	}
	return float64(a.matches(b)) / float64(len(a))
}

// Merge makes a the signature of the union of both sets: the smaller value of each slot. The result
// is bit for bit what a [Sketcher] makes of all the features at once. It takes O(k) time and no
// allocation.
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

// StandardError returns the standard error of [Signature.Similarity] at the given similarity with k
// slots, sqrt(similarity·(1-similarity)/k): what k independent slots would have. It is an upper
// bound; for sets of fewer features than slots the error is about three quarters of it.
func StandardError(similarity float64, k int) float64 {
	return math.Sqrt(similarity * (1 - similarity) / float64(k))
}

// Cardinality returns the estimated number of distinct features of the set, 0 for the empty set.
// Its standard error relative to the number is about 1/sqrt(k) for many features and 0.72/sqrt(k)
// for fewer than k (0.088 and 0.064 at k = 128); a few are counted nearly exactly. The bias is
// below a tenth of the error for k of 16 and more; below, the estimate is no more than a hint.
// Above 2^30·k features the 32 bits of a value do not suffice. It takes O(k) time and no
// allocation.
//
// Cardinality panics for a weighted signature, since the slots tell a weight and not a number.
func (a Signature) Cardinality() float64 {
	k := float64(len(a))
	switch a.scheme() {
	case tagEmpty:
		return 0
	case tagWeighted:
		panic("minhash: signature of a weighted set has no cardinality")
	case tagClassic:
		// The share of the range below a minimum: its negative logarithm has the exponential
		// distribution with rate n.
		var sum float64
		for _, v := range a {
			sum -= ln(1 - (float64(v&mersenne)+0.5)/(mersenne+1))
		}
		return (k - shrink(k, math.Inf(1))) / sum
	}
	last := rounds(len(a))
	first := 0
	for _, v := range a {
		first += b2i(v>>32 == 0)
	}
	// A feature misses the slot in a round with the probability 1-1/k, and stays above the value u
	// of the round that the slot is in with 1-u/k. The negative logarithm of the probability that
	// one feature misses all that was missed has the exponential distribution with rate n.
	var sum float64
	missed, product := uint64(0), 1.0
	for i, v := range a {
		u := (float64(uint32(v)) + 0.5) / (1 << 32)
		r := v >> 32
		if r < last {
			u /= k
		}
		missed += r
		product *= 1 - u // at least 2^-33
		if i%16 == 15 {
			sum, product = sum-ln(product), 1
		}
	}
	sum -= ln(product)
	if missed > 0 { // for k = 1 it is 0
		sum -= float64(float64(missed) * ln(1-1/k))
	}
	n := (k - shrink(k, k/sum)) / sum
	// Of few features nearly every one has a slot of round 0 to itself: linear counting (Whang,
	// Vander-Zanden, Taylor 1990) is better there. The weight moves from one to the other
	// gradually, since to choose by the outcome would bias it.
	w := float64(first-1) / (k / 4)
	if w >= 1 || first == len(a) {
		return n
	}
	return float64(w*n) + float64((1-w)*(ln(1-float64(first)/k)/ln(1-1/k)))
}

// shrink returns what has to be subtracted from k in k/sum for an unbiased estimate of about n: k
// times the relative variance of the sum, which would be 1 for independent slots and is 0.5 for n
// <= k since features do not choose a slot twice in a round. The curve between is fitted to
// simulations and good to 0.03.
func shrink(k, n float64) float64 {
	if k == 1 {
		return 1 - math.Ln2 // the mean does not exist, the median does
	}
	m := n / (3.5 * k)
	return 1 - 0.5/(1+float64(m*m))
}

// Containment returns the estimated share of the features of a that b has too, in [0,1];
// b.Containment(a) is the other way round. It uses the order of the values beside their equality: a
// slot where a has the smaller value speaks for a feature that b lacks. The standard error is about
// sqrt(c·(1-c)·u/(k·n)) at a containment of c, n features of a and u of the union; a set within the
// other has 1 without error. Where sizes are far apart, few slots tell of the smaller set: see
// [ContainmentIndex]. The empty set contains nothing and is not contained. It takes O(k) time and
// no allocation.
//
// Containment panics if the signatures differ in length or a is of a scheme other than b.
func (a Signature) Containment(b Signature) float64 {
	equal := a.matches(b)
	if s, t := a.scheme(), b.scheme(); s != t && s != tagEmpty && t != tagEmpty {
		panic(fmt.Sprintf("minhash: signature of scheme %d, want %d", t+1, s+1))
	}
	if equal == 0 {
		return 0
	}
	less := 0
	for i, v := range a {
		less += b2i(v < b[i])
	}
	return float64(equal) / float64(equal+less)
}
