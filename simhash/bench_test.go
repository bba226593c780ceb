package simhash

import (
	"fmt"
	"math/rand/v2"
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

// BenchmarkSum rotates over 64 inputs: one input repeated would train the branch predictor for the branchy loop.
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
