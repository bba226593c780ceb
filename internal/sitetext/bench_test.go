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
	for _, n := range []int{10, 100, 2000, 20000} {
		b.Run(fmt.Sprintf("texts=%d", n), func(b *testing.B) {
			h := newHeap(n, 500, 200)
			var l Learner
			l.Learn(h)
			b.ReportAllocs()
			for b.Loop() {
				if m := l.Learn(h); m.Len() < 190 {
					b.Fatalf("%d features of the site, want 200", m.Len())
				}
			}
			perFeature(b, n*500)
		})
	}
}

func BenchmarkHas(b *testing.B) {
	for _, n := range []int{200, 5000} {
		b.Run(fmt.Sprintf("site=%d", n), func(b *testing.B) {
			h := newHeap(50, n+300, n)
			var l Learner
			m := l.Learn(h)
			for b.Loop() {
				for _, v := range h.sets[0] {
					m.Has(v)
				}
			}
			perFeature(b, len(h.sets[0]))
		})
	}
}

func BenchmarkSkeleton(b *testing.B) {
	for _, n := range []int{100, 500, 1500} {
		b.Run(fmt.Sprintf("features=%d", n), func(b *testing.B) {
			values := randomValues(rand.New(rand.NewPCG(1, 1)), n)
			var w Writer
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				dst = w.AppendSkeleton(dst[:0], values)
			}
			perFeature(b, n)
			b.ReportMetric(float64(len(dst)), "B/text")
		})
	}
}

// perFeature reports the time of one of n features.
func perFeature(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/feature")
}
