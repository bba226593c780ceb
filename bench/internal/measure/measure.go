// Package measure holds what the benchmarks judge results with: estimation error against theory, ranking quality, memory held.
package measure

import (
	"math"
	"runtime"
	"slices"
)

// Error collects estimates of known Jaccard similarities by signatures of k slots.
type Error struct {
	k                 int
	n                 int
	squares, variance float64
	bias              float64
}

// NewError starts a collection for k slots.
func NewError(k int) *Error { return &Error{k: k} }

// Add enters one estimate of the similarity j. Pairs with j of 0 or 1 have no variance in theory and are left out.
func (e *Error) Add(estimate, j float64) {
	if j <= 0 || j >= 1 {
		return
	}
	d := estimate - j
	e.n++
	e.squares += d * d
	e.bias += d
	e.variance += j * (1 - j) / float64(e.k)
}

// OverTheory returns the root mean square error as a multiple of sqrt(j(1-j)/k), what k independent minima give.
func (e *Error) OverTheory() float64 { return math.Sqrt(e.squares / e.variance) }

// Bias returns the mean error.
func (e *Error) Bias() float64 { return e.bias / float64(e.n) }

// AUC returns the probability that a score of a pair that is alike is higher than the score of a pair that is not, ties counting half:
// 1 is perfect separation, 0.5 is chance.
func AUC(alike, unlike []float64) float64 {
	u := slices.Clone(unlike)
	slices.Sort(u)
	var wins float64
	for _, s := range alike {
		below, _ := slices.BinarySearch(u, s)
		upTo, _ := slices.BinarySearchFunc(u, s, func(x, t float64) int {
			if x <= t {
				return -1
			}
			return 1
		})
		wins += float64(below) + float64(upTo-below)/2
	}
	return wins / float64(len(alike)*len(u))
}

// Heap returns the bytes of live objects after a collection.
func Heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what finalizers and pools held on to
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Median returns the median of xs, which it sorts; NaN of none.
func Median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	slices.Sort(xs)
	n := len(xs)
	return (xs[n/2] + xs[(n-1)/2]) / 2
}

// Exponent returns the slope of the least-squares line through (log x, log y): the e of y ~ x^e, and its r².
func Exponent(x, y []float64) (e, r2 float64) {
	n := float64(len(x))
	var sx, sy, sxx, sxy, syy float64
	for i := range x {
		a, b := math.Log(x[i]), math.Log(y[i])
		sx, sy, sxx, sxy, syy = sx+a, sy+b, sxx+a*a, sxy+a*b, syy+b*b
	}
	cov, vx, vy := sxy-sx*sy/n, sxx-sx*sx/n, syy-sy*sy/n
	return cov / vx, cov * cov / (vx * vy)
}

// Pairs counts decisions about pairs.
type Pairs struct{ TP, FP, FN int }

// Precision is the share of reported pairs that are true; 1 if none was reported.
func (p Pairs) Precision() float64 { return ratio(p.TP, p.TP+p.FP) }

// Recall is the share of true pairs that were reported; 1 if there is none.
func (p Pairs) Recall() float64 { return ratio(p.TP, p.TP+p.FN) }

// F1 is the harmonic mean of precision and recall.
func (p Pairs) F1() float64 { return ratio(2*p.TP, 2*p.TP+p.FP+p.FN) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

// ClusterPairs compares two partitions of the same items, given as a label for each item, by the pairs that each puts together.
func ClusterPairs(truth, got []int) Pairs {
	both, t, g := choose2(truth, got)
	return Pairs{TP: both, FP: g - both, FN: t - both}
}

// AdjustedRand returns the adjusted Rand index of two partitions (Hubert and Arabie 1985): 1 for equal ones, 0 in the mean for chance.
func AdjustedRand(truth, got []int) float64 {
	both, t, g := choose2(truth, got)
	n := len(truth)
	all := float64(n) * float64(n-1) / 2
	if all == 0 {
		return 1
	}
	expected := float64(t) * float64(g) / all
	limit := (float64(t) + float64(g)) / 2
	if limit == expected {
		return 1
	}
	return (float64(both) - expected) / (limit - expected)
}

// choose2 returns the pairs that are together in both partitions, in the first, in the second.
func choose2(truth, got []int) (both, t, g int) {
	type cell struct{ t, g int }
	cells, rows, cols := map[cell]int{}, map[int]int{}, map[int]int{}
	for i := range truth {
		cells[cell{truth[i], got[i]}]++
		rows[truth[i]]++
		cols[got[i]]++
	}
	for _, n := range cells {
		both += n * (n - 1) / 2
	}
	for _, n := range rows {
		t += n * (n - 1) / 2
	}
	for _, n := range cols {
		g += n * (n - 1) / 2
	}
	return both, t, g
}
