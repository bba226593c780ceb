package minhash

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// newsLike returns the features of n articles of 320 to 960 features, 640 on average. One in ten
// repeats three quarters of an earlier one, one in ten has a quarter of an earlier one, all have
// some phrases that others use, the more often the lower their number is, and a tenth comes from
// one site with 60 features on all its pages.
func newsLike(n int) func(id int) []uint64 {
	return func(id int) []uint64 {
		rng := rand.New(rand.NewPCG(1, uint64(id)))
		size := 320 + rng.IntN(641)
		f := make([]uint64, 0, size)
		if id%10 == 0 {
			for i := range uint64(60) {
				f = append(f, i)
			}
		}
		own := func(id int) []uint64 {
			rng := rand.New(rand.NewPCG(2, uint64(id)))
			f := make([]uint64, 900)
			for i := range f {
				f[i] = rng.Uint64()
			}
			return f
		}
		for range size / 10 {
			f = append(f, 1<<20+uint64(float64(n)*50*rng.Float64()*rng.Float64()*rng.Float64()))
		}
		switch rest := size - len(f); rng.IntN(10) {
		case 0:
			f = append(f, own(rng.IntN(id + 1))[:rest*3/4]...)
		case 1:
			f = append(f, own(rng.IntN(id + 1))[:rest/4]...)
		}
		f = append(f, own(id)[:size-len(f)]...)
		slices.Sort(f)
		return slices.Compact(f)
	}
}

func BenchmarkContainment(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		article := newsLike(n)
		sets := make([][]uint64, min(n, 20_000))
		x, _ := NewContainmentIndex(ContainmentConfig{})
		sampled := 0
		fill := func(x *ContainmentIndex) {
			for i := range n {
				f := article(i)
				x.Add(uint32(i), f)
				sets[i%len(sets)] = f
			}
		}
		fill(x)
		for id := range n {
			sampled += x.count(uint32(id))
		}
		first := n - len(sets)
		b.Run(fmt.Sprintf("op=query/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			var found []ContainmentCandidate
			i, candidates := 0, 0
			for b.Loop() {
				found, _, _ = x.AppendQuery(found[:0], sets[i%len(sets)])
				candidates += len(found)
				i++
			}
			b.ReportMetric(float64(candidates)/float64(i), "candidates/query")
			b.ReportMetric(float64(x.Bytes())/float64(sampled), "B/value")
		})
		b.Run(fmt.Sprintf("op=replace/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				at := i * 7919 % len(sets)
				x.Remove(uint32(first+at), sets[at])
				x.Add(uint32(first+at), sets[at])
				i++
			}
		})
		b.Run(fmt.Sprintf("op=add/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			var longest time.Duration
			adds := 0
			for b.Loop() {
				y, _ := NewContainmentIndex(ContainmentConfig{})
				for i := range n {
					start := time.Now()
					y.Add(uint32(i), sets[i%len(sets)])
					longest = max(longest, time.Since(start))
				}
				adds += n
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(adds), "ns/doc")
			b.ReportMetric(float64(longest.Microseconds()), "longest-µs")
		})
	}
}
