package shingle

import "slices"

// Set is a set of features: sorted, each once.
type Set []uint64

// NewSet sorts features in place, drops repeats, and returns the prefix that
// holds the set. The slice passed in must not be used any more.
func NewSet(features []uint64) Set {
	slices.Sort(features)
	return Set(slices.Compact(features))
}

// Overlap returns how many features a and b have in common.
func (a Set) Overlap(b Set) int {
	n, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		x, y := a[i], b[j]
		if x == y {
			n++
		}
		if x <= y {
			i++
		}
		if y <= x {
			j++
		}
	}
	return n
}

// Jaccard returns the share of the features of a and b together that both
// have, in [0, 1]. The Jaccard similarity of two empty sets is 0: texts without
// features are not duplicates of each other.
func (a Set) Jaccard(b Set) float64 {
	n := a.Overlap(b)
	if n == 0 {
		return 0
	}
	return float64(n) / float64(len(a)+len(b)-n)
}

// Containment returns the share of the features of a that b has too, in
// [0, 1]. It is 0 if a is empty.
func (a Set) Containment(b Set) float64 {
	if len(a) == 0 {
		return 0
	}
	return float64(a.Overlap(b)) / float64(len(a))
}
