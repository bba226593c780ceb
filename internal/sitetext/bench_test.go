package sitetext

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A heap is texts made of values, without words.
type heap struct {
	sets  [][]uint32
	skels [][]byte
}

func (h *heap) Len() int                               { return len(h.sets) }
func (h *heap) AppendSet(dst []uint32, i int) []uint32 { return append(dst, h.sets[i]...) }
func (h *heap) Skeleton(i int) []byte                  { return h.skels[i] }

// newHeap returns n texts of so many features, of which the last site ones are the site's.
func newHeap(n, features, site int) *heap {
	r := rand.New(rand.NewPCG(1, 1))
	var w Writer
	h := &heap{}
	shared := make([]uint32, site)
	for i := range shared {
		shared[i] = r.Uint32() >> 8
	}
	for range n {
		t := make([]uint32, 0, features)
		for len(t) < features-site {
			t = append(t, r.Uint32()>>8)
		}
		t = append(t, shared...)
		h.skels = append(h.skels, w.AppendSkeleton(nil, t))
		slices.Sort(t)
		h.sets = append(h.sets, slices.Compact(t))
	}
	return h
}

func BenchmarkLearn(b *testing.B) {
	for _, n := range []int{10, 100, 2000, 20000, 100000} {
		b.Run(fmt.Sprintf("texts=%d", n), func(b *testing.B) {
			h := newHeap(n, 500, 200)
			var l Learner
			l.Learn(h)
			b.ReportAllocs()
			for b.Loop() {
				if m := l.Learn(h); m.Len() < 190 {
					b.Fatal(m.Len())
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n)/500, "ns/feature")
		})
	}
}

func BenchmarkHas(b *testing.B) {
	h := newHeap(100, 500, 200)
	for _, n := range []int{200, 5000} {
		b.Run(fmt.Sprintf("model=%d", n), func(b *testing.B) {
			h := newHeap(100, n+300, n)
			var l Learner
			m := l.Learn(h)
			b.ResetTimer()
			k := 0
			for b.Loop() {
				for _, v := range h.sets[k%100] {
					if m.Has(v) {
						k++
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(h.sets[0])), "ns/feature")
		})
	}
	_ = h
}

func BenchmarkSkeleton(b *testing.B) {
	for _, n := range []int{100, 500, 1500} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			t := make([]uint32, n)
			for i := range t {
				t[i] = r.Uint32() >> 8
			}
			var w Writer
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				dst = w.AppendSkeleton(dst[:0], t)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/feature")
			b.ReportMetric(float64(len(dst)), "B/text")
		})
	}
}
