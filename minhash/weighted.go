package minhash

import (
	"fmt"
	"math"
	"math/bits"
)

// SumWeighted returns the signature of a weighted set under seed 0: what [Sketcher.AppendWeighted]
// of Config{K: k} appends.
//
// SumWeighted panics if k is not in 1 to 4,096, the slices differ in length or a weight is
// negative.
func SumWeighted(features []uint64, weights []int32, k int) Signature {
	if k < 1 || k > maxK {
		panic(fmt.Sprintf("minhash: k is %d, want 1 to %d", k, maxK))
	}
	dst := make(Signature, k)
	weighted(dst, features, weights, seedWord(0))
	return dst
}

// AppendWeighted appends to dst the k slots of the signature of a weighted set, in which
// features[i] has the weight weights[i], for instance how often a word occurs. Two such signatures
// agree in a slot with the probability that is the weighted Jaccard similarity of the sets, the sum
// of the smaller weights of all features divided by the sum of the larger ones, so that
// [Signature.Similarity] estimates it, with the standard error of [StandardError]. A feature of
// weight 0 counts as absent. A feature that is given several times counts once with the largest of
// its weights, and [Signature.Merge] keeps the largest of its weights too. Only the proportions of
// the weights matter to the similarity: fractions can be scaled to integers.
//
// A weighted signature is of a scheme of its own and agrees nowhere with an unweighted one, even if
// all weights are 1. What was added to the Sketcher plays no part. The time is O(n·log w + k·log k)
// for n features of weights up to w: it does not grow in proportion to k·n, nor to w. There is no
// allocation if dst has room.
//
// AppendWeighted panics if the slices differ in length or a weight is negative.
func (s *Sketcher) AppendWeighted(dst Signature, features []uint64, weights []int32) Signature {
	s.ready()
	dst = s.grow(dst)
	weighted(dst[len(dst)-s.cfg.K:], features, weights, s.word)
	return dst
}

// weighted sets dst to the signature of the weighted set.
//
// Imagine for every feature a plane of time and weight, on which darts fall at random, one on
// average to the unit of area, each marked with a slot. A set sees the darts below the weight that
// the feature has in it, and every slot keeps the first in time. Of two sets with the same planes
// the first dart of a slot that either of them sees is seen by both with the probability Σmin/Σmax
// (Christiani 2020, "DartMinHash"; Ertl 2018, "BagMinHash", for the Poisson process by levels of
// weight). The plane is cut into strips [0,1), [1,2), [2,4), … of weight, in each of which the
// darts are drawn in order of time until the time is past what can still matter.
func weighted(dst Signature, features []uint64, weights []int32, word uint64) {
	if len(features) != len(weights) {
		panic(fmt.Sprintf("minhash: %d weights, want %d", len(weights), len(features)))
	}
	fill(dst)
	var total float64
	for i, w := range weights {
		if w < 0 {
			panic(fmt.Sprintf("minhash: weight %d at index %d, want 0 or more", w, i))
		}
		total += float64(w)
	}
	if total == 0 {
		return
	}
	k := float64(len(dst))
	// By this time k·(ln k + 3) darts have been seen, which leave a slot empty in one case of 20.
	// Repeated features are seen once, and may take more time.
	until := k * (ln(k) + 3) / total
	for {
		for i, w := range weights {
			if w > 0 {
				throwDarts(dst, enter(features[i]^word), uint64(w), until)
			}
		}
		full := true
		for _, v := range dst {
			full = full && v != empty
		}
		if full {
			return
		}
		until *= 2
	}
}

// throwDarts lowers dst to the minimum with the darts of one mixed feature below weight w up to a
// time.
func throwDarts(dst Signature, x, w uint64, until float64) {
	base, width := uint64(0), uint64(1) // the strip [base, base+width)
	for strip := uint64(1); base < w; strip++ {
		state := mix(x + strip*golden)
		rate := float64(width)
		limit := until * rate
		cut := limit * (1 + 1e-9)
		for t := 0.0; ; {
			state += golden
			u := (float64(mix(state)>>11) + 0.5) / (1 << 53)
			// The gap to the next dart is -ln u, at least 1-u: mostly that is enough to know that
			// no dart is left.
			if t+(1-u) > cut {
				break
			}
			t -= ln(u)
			if t > limit {
				break
			}
			state += golden
			slot, rest := bits.Mul64(mix(state), uint64(len(dst)))
			if rest>>32*width < (w-base)<<32 {
				p := &dst[slot]
				*p = min(*p, tagWeighted<<tagShift|math.Float64bits(t/rate)>>2)
			}
		}
		base, width = base+width, max(1, base+width)
	}
}
