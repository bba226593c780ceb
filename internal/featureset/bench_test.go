package featureset

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// eachSize runs a benchmark at sizes of texts from a note to a book, and reports the time of a
// value beside that of a set.
func eachSize(b *testing.B, run func(b *testing.B, n int)) {
	for _, n := range []int{30, 500, 1500, 10000} {
		b.Run(fmt.Sprint("n=", n), func(b *testing.B) {
			b.ReportAllocs()
			run(b, n)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/value")
		})
	}
}

func hashes(n int, seed uint64) []uint64 {
	r := rand.New(rand.NewPCG(2, seed))
	h := make([]uint64, n)
	for i := range h {
		h[i] = r.Uint64()
	}
	return h
}

// BenchmarkBuild adds n hashes to a Builder and makes a set of them.
func BenchmarkBuild(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		h := hashes(n, 1)
		var x Builder
		var set []byte
		for b.Loop() {
			x.AddAll(h, 7)
			set = x.Append(set[:0], 24)
		}
		b.ReportMetric(float64(len(set))/float64(n), "B/value")
	})
}

func BenchmarkAppend(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		lists := random(rand.New(rand.NewPCG(3, 1)), n, 24, []int{7}).lists()
		var set []byte
		for b.Loop() {
			set = Append(set[:0], 24, lists)
		}
		b.ReportMetric(float64(len(set))/float64(n), "B/value")
	})
}

func BenchmarkAppendValues(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		set := Append(nil, 24, random(rand.New(rand.NewPCG(3, 1)), n, 24, []int{7}).lists())
		var values []uint32
		for b.Loop() {
			values = AppendValues(values[:0], set, 24, 7)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	for _, classes := range [][]int{{7}, mostly7} {
		b.Run(fmt.Sprint("classes=", len(slices.Compact(slices.Clone(classes)))), func(b *testing.B) {
			eachSize(b, func(b *testing.B, n int) {
				set := Append(nil, 24, random(rand.New(rand.NewPCG(3, 1)), n, 24, classes).lists())
				for b.Loop() {
					_ = Check(set, 24)
				}
			})
		})
	}
}

func BenchmarkReset(b *testing.B) {
	for _, classes := range [][]int{{7}, mostly7} {
		b.Run(fmt.Sprint("classes=", len(slices.Compact(slices.Clone(classes)))), func(b *testing.B) {
			eachSize(b, func(b *testing.B, n int) {
				set := Append(nil, 24, random(rand.New(rand.NewPCG(3, 1)), n, 24, classes).lists())
				var table Table
				for b.Loop() {
					table.Reset(set, 24)
				}
			})
		})
	}
}

// mostly7 is how the features of an article are distributed: most are of all views.
var mostly7 = []int{7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 6, 4, 4}

// BenchmarkCount compares a set with candidates that share some of its values, many of them, so
// that no branch is learnt.
func BenchmarkCount(b *testing.B) {
	for _, classes := range [][]int{{7}, mostly7} {
		for _, share := range []int{0, 50, 90} {
			b.Run(fmt.Sprintf("classes=%d/share=%d", len(slices.Compact(slices.Clone(classes))), share), func(b *testing.B) {
				eachSize(b, func(b *testing.B, n int) {
					r := rand.New(rand.NewPCG(4, uint64(n)))
					set := random(r, n, 24, classes)
					candidates := make([][]byte, 64)
					for i := range candidates {
						c := naive{}
						for v, class := range set {
							if len(c) < n*share/100 {
								c[v] = class
							}
						}
						for len(c) < n {
							c[r.Uint32()>>8] = classes[r.IntN(len(classes))]
						}
						candidates[i] = Append(nil, 24, c.lists())
					}
					var table Table
					table.Reset(Append(nil, 24, set.lists()), 24)
					var hist [Classes][Classes]uint32
					i := 0
					for b.Loop() {
						table.Count(candidates[i%len(candidates)], 0, &hist)
						i++
					}
				})
			})
		}
	}
}

func random(r *rand.Rand, n, width int, classes []int) naive {
	set := naive{}
	for len(set) < n {
		set[r.Uint32()>>(32-width)] = classes[r.IntN(len(classes))]
	}
	return set
}
