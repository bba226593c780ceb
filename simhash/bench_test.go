package simhash

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

var (
	sinkFingerprint Fingerprint
)

// branchy is the loop that most libraries have, over the same mixed features.
func branchy(features []uint64) Fingerprint {
	var c [64]int
	for _, x := range features {
		h := mix(x)
		for i := range c {
			if h>>uint(i)&1 == 1 {
				c[i]++
			} else {
				c[i]--
			}
		}
	}
	var f Fingerprint
	for i, v := range c {
		if v > 0 {
			f |= 1 << uint(i)
		}
	}
	return f
}

// branchfree is the same without the unpredictable branch.
func branchfree(features []uint64) Fingerprint {
	var c [64]int32
	for _, x := range features {
		h := mix(x)
		for i := range c {
			c[i] += int32(h & 1)
			h >>= 1
		}
	}
	var f Fingerprint
	for i, v := range c {
		if 2*int(v) > len(features) {
			f |= 1 << uint(i)
		}
	}
	return f
}

// BenchmarkSum rotates over 64 inputs: one input repeated would train the branch predictor for the
// branchy loop.
func BenchmarkSum(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{10, 100, 1000, 10000} {
		in := make([][]uint64, 64)
		for i := range in {
			in[i] = randomFeatures(r, n)
		}
		for _, impl := range []struct {
			name string
			sum  func([]uint64) Fingerprint
		}{{"branchy", branchy}, {"branchfree", branchfree}, {"neardup", Sum}} {
			b.Run(fmt.Sprintf("impl=%s/n=%d", impl.name, n), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(8 * n))
				i := 0
				for b.Loop() {
					sinkFingerprint = impl.sum(in[i&63])
					i++
				}
			})
		}
	}
}

func BenchmarkSumWeighted(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	const n = 1000
	for _, most := range []int32{1, 3, 255, 10000, 1000000} {
		in := make([][]uint64, 64)
		w := make([][]int32, 64)
		for i := range in {
			in[i] = randomFeatures(r, n)
			w[i] = make([]int32, n)
			for j := range w[i] {
				w[i][j] = 1 + r.Int32N(most)
			}
		}
		b.Run(fmt.Sprintf("n=%d/weight=%d", n, most), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				sinkFingerprint = SumWeighted(in[i&63], w[i&63])
				i++
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	b.ReportAllocs()
	var s Sketcher
	x := uint64(0)
	for b.Loop() {
		s.Add(x)
		x++
	}
	sinkFingerprint = s.Sum()
}

// uniform returns fingerprints of which one in ten is within five bits of an earlier one.
func uniform(n int) []Fingerprint {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	f := make([]Fingerprint, n)
	for i := range f {
		f[i] = Fingerprint(r.Uint64())
		if i%10 == 9 {
			f[i] = near(r, f[r.IntN(i)], r.IntN(6))
		}
	}
	return f
}

// queries returns as many queries, half of which are near some fingerprint.
func queries(f []Fingerprint, n int) []Fingerprint {
	r := rand.New(rand.NewPCG(2, uint64(n)))
	q := make([]Fingerprint, n)
	for i := range q {
		q[i] = Fingerprint(r.Uint64())
		if i%2 == 0 {
			q[i] = near(r, f[r.IntN(len(f))], 2)
		}
	}
	return q
}

func benchIndex(b *testing.B, n, d int) (*Index, []Fingerprint) {
	if testing.Short() && n > 100_000 {
		b.Skip("large")
	}
	f := uniform(n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x, err := NewIndex(IndexConfig{Distance: d})
	if err != nil {
		b.Fatal(err)
	}
	x.AddAll(f)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "B/fingerprint")
	return x, f
}

var benchDistances = []int{0, 1, 2, 3, 4, 6, 8, 12, 16}

func BenchmarkQuery(b *testing.B) {
	for _, n := range []int{1000, 100_000, 1_000_000, 10_000_000} {
		for _, d := range benchDistances {
			if n == 10_000_000 && d != 3 && d != 6 {
				continue
			}
			b.Run(fmt.Sprintf("n=%d/d=%d", n, d), func(b *testing.B) {
				x, f := benchIndex(b, n, d)
				q := queries(f, 1<<14)
				var dst []Match
				found := 0
				b.ReportAllocs()
				b.ResetTimer()
				i := 0
				for b.Loop() {
					dst = x.AppendQuery(dst[:0], q[i&(1<<14-1)])
					found += len(dst)
					i++
				}
				b.ReportMetric(float64(found)/float64(i), "matches/op")
				p, _ := NewPlan(n, d)
				b.ReportMetric(p.Candidates, "candidates/op")
				b.ReportMetric(p.Bytes, "planned-B")
			})
		}
		b.Run(fmt.Sprintf("n=%d/scan", n), func(b *testing.B) {
			if testing.Short() && n > 100_000 {
				b.Skip("large")
			}
			f := uniform(n)
			q := queries(f, 1<<14)
			i, found := 0, 0
			b.ResetTimer()
			for b.Loop() {
				for _, g := range f {
					if q[i&(1<<14-1)].Distance(g) <= 3 {
						found++
					}
				}
				i++
			}
		})
	}
}

func BenchmarkPairs(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000, 10_000_000} {
		for _, d := range benchDistances {
			if n > 100_000 && d > 8 || n > 1_000_000 && d != 3 {
				continue
			}
			b.Run(fmt.Sprintf("n=%d/d=%d", n, d), func(b *testing.B) {
				x, _ := benchIndex(b, n, d)
				b.ResetTimer()
				found := 0
				for b.Loop() {
					found = 0
					for range x.Pairs() {
						found++
					}
				}
				b.ReportMetric(float64(found), "pairs")
			})
		}
	}
}

func BenchmarkIndexAdd(b *testing.B) {
	f := uniform(1_000_000)
	for _, all := range []bool{false, true} {
		b.Run(fmt.Sprintf("n=1000000/all=%t", all), func(b *testing.B) {
			if testing.Short() {
				b.Skip("large")
			}
			for b.Loop() {
				x, _ := NewIndex(IndexConfig{Distance: 3})
				if all {
					x.AddAll(f)
				} else {
					for _, f := range f {
						x.Add(f)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/fingerprint")
		})
	}
}
