package bench

import (
	"fmt"
	"testing"

	"github.com/neardup/neardup/bench/internal/classic"
	"github.com/neardup/neardup/bench/internal/corpus"
	"github.com/neardup/neardup/bench/internal/measure"
	"github.com/neardup/neardup/simhash"
)

// fingerprints returns n random ones of which every tenth is within four bits of an earlier one.
var fingerprints = memo(func(n int) []simhash.Fingerprint {
	out := make([]simhash.Fingerprint, n)
	x, _, _ := corpus.FeaturePair(n, 1, 11)
	for i := range out {
		out[i] = simhash.Fingerprint(x[i])
		if i%10 == 9 {
			out[i] = nudge(out[x[i]%uint64(i)], x[i], int(x[i]>>60&3)+1)
		}
	}
	return out
})

// nudge flips bits of f, as seed says.
func nudge(f simhash.Fingerprint, seed uint64, bits int) simhash.Fingerprint {
	for range bits {
		seed = seed*6364136223846793005 + 1442695040888963407
		f ^= 1 << (seed >> 58)
	}
	return f
}

// fingerprintQueries are half of them near a fingerprint of the index, half anywhere.
func fingerprintQueries(n int) []simhash.Fingerprint {
	all := fingerprints(n)
	x, _, _ := corpus.FeaturePair(4096, 1, 12)
	out := make([]simhash.Fingerprint, len(x))
	for i := range out {
		out[i] = simhash.Fingerprint(x[i])
		if i&1 == 0 {
			out[i] = nudge(all[x[i]%uint64(n)], x[i], int(x[i]>>61)&3)
		}
	}
	return out
}

type hammingKey struct{ n, d int }

type hammingIndex struct {
	x     *simhash.Index
	bytes float64 // a fingerprint
}

func buildHamming(tb testing.TB, k hammingKey) hammingIndex {
	tb.Helper()
	all := fingerprints(k.n)
	before := measure.Heap()
	x, err := simhash.NewIndex(simhash.IndexConfig{Distance: k.d})
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range all {
		x.Add(f)
	}
	return hammingIndex{x, float64(measure.Heap()-before) / float64(k.n)}
}

func BenchmarkHammingAdd(b *testing.B) {
	for _, n := range counts([]int{100_000}, 1_000_000) {
		for _, d := range []int{3, 6} {
			b.Run(fmt.Sprintf("impl=neardup/n=%d/d=%d", n, d), func(b *testing.B) {
				all := fingerprints(n)
				b.ReportAllocs()
				cpu := measure.CPU()
				for b.Loop() {
					x, err := simhash.NewIndex(simhash.IndexConfig{Distance: d})
					if err != nil {
						b.Fatal(err)
					}
					for _, f := range all {
						x.Add(f)
					}
				}
				reportCPU(b, cpu)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/add")
			})
		}
	}
}

func BenchmarkHammingQuery(b *testing.B) {
	for _, n := range counts([]int{100_000}, 1_000_000) {
		queries := fingerprintQueries(n)
		b.Run(fmt.Sprintf("impl=classic/n=%d/d=3", n), func(b *testing.B) {
			all := bare(fingerprints(n))
			i := 0
			cpu := measure.CPU()
			for b.Loop() {
				classic.Within(all, uint64(queries[i&4095]), 3)
				i++
			}
			reportCPU(b, cpu)
		})
		for _, d := range []int{1, 3, 6, 10} {
			b.Run(fmt.Sprintf("impl=neardup/n=%d/d=%d", n, d), func(b *testing.B) {
				h := buildHamming(b, hammingKey{n, d})
				b.ReportAllocs()
				var dst []simhash.Match
				i, found := 0, 0
				cpu := measure.CPU()
				for b.Loop() {
					dst = h.x.AppendQuery(dst[:0], queries[i&4095])
					found += len(dst)
					i++
				}
				reportCPU(b, cpu)
				b.ReportMetric(float64(found)/float64(i), "matches/query")
				b.ReportMetric(h.bytes, "B/doc")
				if testing.Short() {
					return
				}
				want, got := 0, 0
				all := bare(fingerprints(n))
				for _, q := range queries[:64] {
					want += len(classic.Within(all, uint64(q), d))
					got += len(h.x.AppendQuery(nil, q))
				}
				b.ReportMetric(float64(got)/float64(want), "recall")
			})
		}
	}
}

func bare(f []simhash.Fingerprint) []uint64 {
	out := make([]uint64, len(f))
	for i := range f {
		out[i] = uint64(f[i])
	}
	return out
}

func BenchmarkHammingAllPairs(b *testing.B) {
	b.Run("impl=classic/n=10000/d=3", func(b *testing.B) {
		all := bare(fingerprints(10_000))
		cpu := measure.CPU()
		for b.Loop() {
			for i, f := range all {
				classic.Within(all[:i], f, 3)
			}
		}
		reportCPU(b, cpu)
	})
	for _, n := range counts([]int{10_000, 100_000}, 1_000_000, 10_000_000) {
		b.Run(fmt.Sprintf("impl=neardup/n=%d/d=3", n), func(b *testing.B) {
			x, err := simhash.NewIndex(simhash.IndexConfig{Distance: 3})
			if err != nil {
				b.Fatal(err)
			}
			x.AddAll(fingerprints(n))
			pairs := 0
			cpu := measure.CPU()
			for b.Loop() {
				pairs = 0
				for range x.Pairs() {
					pairs++
				}
			}
			reportCPU(b, cpu)
			b.ReportMetric(float64(pairs), "pairs")
		})
	}
}
