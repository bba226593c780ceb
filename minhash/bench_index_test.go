package minhash

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

// similarSignatures returns n random signatures of k slots of which every
// tenth shares slots with an earlier one, from 60% of them up.
func similarSignatures(n, k int) []Signature {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	all := make(Signature, n*k)
	sigs := make([]Signature, n)
	for i := range sigs {
		sig := all[i*k : (i+1)*k : (i+1)*k]
		sigs[i] = sig
		for j := range sig {
			sig[j] = uint64(rng.Uint32())
		}
		if i%10 == 9 {
			from, s := sigs[rng.IntN(i)], 0.6+0.4*rng.Float64()
			for j := range sig {
				if rng.Float64() < s {
					sig[j] = from[j]
				}
			}
		}
	}
	return sigs
}

// mapIndex is the index that everyone writes first: a map for each band, and
// the signatures themselves to verify.
type mapIndex struct {
	plan  Plan
	bands []map[uint64][]uint32
	sigs  []Signature
	keys  []uint64
	ids   []uint32
}

func newMapIndex(p Plan) *mapIndex {
	x := &mapIndex{plan: p, bands: make([]map[uint64][]uint32, p.Bands)}
	for b := range x.bands {
		x.bands[b] = map[uint64][]uint32{}
	}
	return x
}

func (x *mapIndex) Add(sig Signature) {
	x.keys = x.plan.AppendBandKeys(x.keys[:0], sig)
	for b, key := range x.keys {
		x.bands[b][key] = append(x.bands[b][key], uint32(len(x.sigs)))
	}
	x.sigs = append(x.sigs, sig)
}

func (x *mapIndex) AppendQuery(dst []Match, sig Signature, min float64) []Match {
	x.keys, x.ids = x.plan.AppendBandKeys(x.keys[:0], sig), x.ids[:0]
	for b, key := range x.keys {
		x.ids = append(x.ids, x.bands[b][key]...)
	}
	q := query{ids: x.ids}
	q.unique()
	for _, id := range q.ids {
		if s := sig.Similarity(x.sigs[id]); s >= min {
			dst = append(dst, Match{id, s})
		}
	}
	return dst
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC() // pools are emptied by the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkIndex(b *testing.B) {
	plan := Plan{K: 128, Bands: 16, Rows: 8}
	for _, n := range []int{10_000, 1_000_000} {
		if testing.Short() && n > 10_000 {
			continue
		}
		sigs := similarSignatures(n, plan.K)
		order := rand.New(rand.NewPCG(2, 3)).Perm(n)
		before := heapInUse()
		x, _ := NewIndex(IndexConfig{Plan: plan})
		b.Run(fmt.Sprintf("op=add/impl=neardup/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x, _ = NewIndex(IndexConfig{Plan: plan})
				for _, sig := range sigs {
					x.Add(sig)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/doc")
			b.ReportMetric(float64(heapInUse()-before)/float64(n), "B/doc")
		})
		b.Run(fmt.Sprintf("op=query/impl=neardup/n=%d", n), func(b *testing.B) {
			var m []Match
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				m = x.AppendQuery(m[:0], sigs[order[i]], 0.5)
				if i++; i == n {
					i = 0
				}
			}
		})
		before = heapInUse()
		y := newMapIndex(plan)
		b.Run(fmt.Sprintf("op=add/impl=map/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				y = newMapIndex(plan)
				for _, sig := range sigs {
					y.Add(sig)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/doc")
			b.ReportMetric(float64(heapInUse()-before)/float64(n), "B/doc")
		})
		b.Run(fmt.Sprintf("op=query/impl=map/n=%d", n), func(b *testing.B) {
			var m []Match
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				m = y.AppendQuery(m[:0], sigs[order[i]], 0.5)
				if i++; i == n {
					i = 0
				}
			}
		})
		runtime.KeepAlive(x)
		runtime.KeepAlive(y)
	}
}

func BenchmarkPairs(b *testing.B) {
	const n = 50_000
	for _, alike := range []int{1, 1000} {
		x, _ := NewIndex(IndexConfig{})
		for i, sig := range similarSignatures(n, 128) {
			for j := 0; j == 0 || i == 0 && j < alike; j++ {
				x.Add(sig)
			}
		}
		b.Run(fmt.Sprintf("n=%d/alike=%d", n, alike), func(b *testing.B) {
			b.ReportAllocs()
			pairs := 0
			for b.Loop() {
				pairs = 0
				for range x.Pairs(0.5) {
					pairs++
				}
			}
			b.ReportMetric(float64(pairs), "pairs")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/doc")
		})
	}
}
