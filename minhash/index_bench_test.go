package minhash

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

// similarSignatures returns n random signatures of k slots of which every tenth shares slots with
// an earlier one, from 60% of them up.
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

// mapIndex is the index that everyone writes first: a map for each band, and the signatures
// themselves to verify. It is the yardstick of speed, and in tests of size the oracle.
type mapIndex struct {
	plan  Plan
	bands []map[uint64][]uint32
	sigs  []Signature
	keys  []uint64
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
	x.keys = x.plan.AppendBandKeys(x.keys[:0], sig)
	seen := map[uint32]bool{}
	for b, key := range x.keys {
		for _, id := range x.bands[b][key] {
			if !seen[id] {
				seen[id] = true
				if s := sig.Similarity(x.sigs[id]); s >= min {
					dst = append(dst, Match{id, s})
				}
			}
		}
	}
	return dst
}

// benchmarkSizes are numbers of documents.
func benchmarkSizes() []int {
	if testing.Short() {
		return []int{10_000}
	}
	return []int{10_000, 100_000, 1_000_000}
}

// benchmarkAdd makes indexes of n signatures, of which the last is returned.
func benchmarkAdd[T any](b *testing.B, sigs []Signature, add func() T) (last T) {
	before := heapHeld()
	b.ReportAllocs()
	for b.Loop() {
		last = add()
	}
	n := float64(len(sigs))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/doc")
	b.ReportMetric(float64(heapHeld()-before)/n, "B/doc")
	runtime.KeepAlive(last)
	return last
}

func BenchmarkIndexAdd(b *testing.B) {
	plan := Plan{K: 128, Bands: 16, Rows: 8}
	for _, n := range benchmarkSizes() {
		sigs := similarSignatures(n, plan.K)
		b.Run(fmt.Sprintf("impl=neardup/n=%d", n), func(b *testing.B) {
			benchmarkAdd(b, sigs, func() *Index {
				x, _ := NewIndex(IndexConfig{Plan: plan})
				for _, sig := range sigs {
					x.Add(sig)
				}
				return x
			})
		})
		b.Run(fmt.Sprintf("impl=map/n=%d", n), func(b *testing.B) {
			benchmarkAdd(b, sigs, func() *mapIndex {
				x := newMapIndex(plan)
				for _, sig := range sigs {
					x.Add(sig)
				}
				return x
			})
		})
	}
}

func BenchmarkIndexAddAll(b *testing.B) {
	for _, n := range benchmarkSizes() {
		sigs := similarSignatures(n, 128)
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			benchmarkAdd(b, sigs, func() *Index {
				x, _ := NewIndex(IndexConfig{Plan: Plan{K: 128, Bands: 16, Rows: 8}})
				x.AddAll(sigs)
				return x
			})
		})
	}
}

func BenchmarkIndexQuery(b *testing.B) {
	plan := Plan{K: 128, Bands: 16, Rows: 8}
	for _, n := range benchmarkSizes() {
		sigs := similarSignatures(n, plan.K)
		order := rand.New(rand.NewPCG(2, 3)).Perm(n)
		var m []Match
		x, _ := NewIndex(IndexConfig{Plan: plan})
		x.AddAll(sigs)
		b.Run(fmt.Sprintf("impl=neardup/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m, _ = x.AppendQuery(m[:0], sigs[order[i%n]], 0.5)
			}
		})
		s := x.Snapshot()
		b.Run(fmt.Sprintf("impl=snapshot/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m, _ = s.AppendQuery(m[:0], uint32(order[i%n]), 0.5, 64)
			}
		})
		x, s = nil, nil
		y := newMapIndex(plan)
		for _, sig := range sigs {
			y.Add(sig)
		}
		b.Run(fmt.Sprintf("impl=map/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m = y.AppendQuery(m[:0], sigs[order[i%n]], 0.5)
			}
		})
	}
}

// BenchmarkIndexPut replaces documents of an index, in no order.
func BenchmarkIndexPut(b *testing.B) {
	for _, n := range benchmarkSizes() {
		sigs := similarSignatures(n, 128)
		order := rand.New(rand.NewPCG(2, 3)).Perm(n)
		x, _ := NewIndex(IndexConfig{})
		x.AddAll(sigs)
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				x.Put(uint32(order[i%n]), sigs[order[(i+1)%n]])
			}
		})
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

func BenchmarkIndexEncoding(b *testing.B) {
	const n = 50_000
	x, _ := NewIndex(IndexConfig{})
	x.AddAll(similarSignatures(n, 128))
	data, err := x.MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	b.Run(fmt.Sprintf("op=append/n=%d", n), func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			data, _ = x.AppendBinary(data[:0])
		}
	})
	b.Run(fmt.Sprintf("op=unmarshal/n=%d", n), func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if err := new(Index).UnmarshalBinary(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
