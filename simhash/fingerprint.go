package simhash

import (
	"math/bits"
)

// scheme numbers the function from features to fingerprints: the finalizer in mix, one vote a bit,
// and a tie that gives 0. Changing any of it takes a new number and a CHANGELOG entry headed Output
// change.
const scheme = 1

// Bits is the width of a [Fingerprint].
const Bits = 64

// A Fingerprint is 64 bits that stand for a bag of features: bit i tells on which side of the i-th
// random hyperplane the bag lies. It is a plain value: comparable, usable as a map key, and ordered
// as its number, its text and its bytes are.
//
// A Fingerprint may come from elsewhere, another SimHash or any other 64-bit code compared by
// Hamming distance: an [Index] takes it as it is.
type Fingerprint uint64

// Sum returns the fingerprint of features, each of which votes once for every time it occurs. It is
// equivalent to adding them to a new [Sketcher] and calling [Sketcher.Sum].
//
// The order of the features does not matter. A bit is 1 if more features vote for 1 than for 0; a
// tie gives 0, and so the fingerprint of no features is 0. Features are mixed on entry, so they
// need not be good hashes: distinct integers will do.
//
// It takes O(n) time for n features, about one nanosecond each with AVX2 and two without, and does
// not allocate.
func Sum(features []uint64) Fingerprint {
	var p planes
	p.addFew(p.addBlocks(features))
	return Fingerprint(p.majority())
}

// SumWeighted returns the fingerprint of features that vote with the weights at the same positions.
// It is equivalent to calling [Sketcher.AddWeighted] for each on a new [Sketcher], and then
// [Sketcher.Sum].
//
// Weights are summed exactly, so neither order nor machine changes a bit; scale fractional weights
// (IDF, say) to integers, 100 times or 1000 times, before the call. A weight of 0 is no vote and a
// negative one votes for the opposite of each bit. Weights that are all equal and positive give
// what [Sum] gives.
//
// It takes O(n) time, about 20 ns for each feature whose weight is under 65,536 and 100 ns for
// others, and does not allocate. It panics if the slices differ in length.
func SumWeighted(features []uint64, weights []int32) Fingerprint {
	checkWeights(features, weights)
	var s Sketcher
	for i, x := range features {
		s.AddWeighted(x, weights[i])
	}
	return s.Sum()
}

// Distance returns the number of bits, from 0 to 64, in which f and g differ.
//
// It is a metric. For fingerprints of unrelated bags it is 32 on average with a standard deviation
// of 4. It costs a population count.
func (f Fingerprint) Distance(g Fingerprint) int {
	return bits.OnesCount64(uint64(f ^ g))
}

// Similarity returns an estimate, in [0, 1], of the cosine between the two bags that f and g stand
// for, taken as vectors of feature counts (or of weights): cos(π·d/64) for distance d.
//
// Each bit differs with probability θ/π for vectors at angle θ (Charikar, STOC 2002, section 3), so
// d/64 estimates θ/π without bias, with a standard error of at most 1/16: d = 0 to 3 says 1.000 to
// 0.989, but a pair whose cosine is 0.9 is found anywhere from 3 to 15 bits apart. Counts cannot be
// negative, nor can their cosine, so a distance above 32, where only chance leads, gives 0. The
// cosine is not the Jaccard index: two sets of one size with Jaccard j have the cosine 2j/(1+j).
//
// The result is a constant from a table: the same bits on every machine.
func (f Fingerprint) Similarity(g Fingerprint) float64 {
	return cosines[f.Distance(g)]
}

const hexDigits = "0123456789abcdef"

// String returns f as 16 lower-case hexadecimal digits, the most significant first. Strings sort as
// the numbers do.
func (f Fingerprint) String() string {
	var b [16]byte
	for i := range b {
		b[i] = hexDigits[f>>(60-4*i)&15]
	}
	return string(b[:])
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), with the increment that
// keeps 0 from being a fixed point. It is a bijection.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// cosines[d] is cos(π·d/64), or 0 where that is negative.
var cosines = [Bits + 1]float64{
	1, 0.9987954562051724, 0.9951847266721969, 0.9891765099647810,
	0.9807852804032304, 0.9700312531945440, 0.9569403357322088, 0.9415440651830208,
	0.9238795325112867, 0.9039892931234433, 0.8819212643483550, 0.8577286100002721,
	0.8314696123025452, 0.8032075314806449, 0.7730104533627370, 0.7409511253549591,
	0.7071067811865476, 0.6715589548470183, 0.6343932841636455, 0.5956993044924335,
	0.5555702330196023, 0.5141027441932217, 0.4713967368259978, 0.4275550934302822,
	0.3826834323650898, 0.3368898533922201, 0.2902846772544623, 0.2429801799032640,
	0.1950903220161283, 0.1467304744553617, 0.0980171403295608, 0.0490676743274181,
	0,
}
