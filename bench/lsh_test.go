package bench

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/neardup/neardup/bench/internal/classic"
	"github.com/neardup/neardup/bench/internal/corpus"
	"github.com/neardup/neardup/bench/internal/measure"
	"github.com/neardup/neardup/minhash"
)

// sets are what the LSH benchmarks index: one set in ten is a near-duplicate of an earlier one.
var sets = corpus.FeatureStream{Seed: 9, N: 100, Copies: 10}

// plan is the banding that peers are measured with.
var plan = minhash.Plan{K: slots, Bands: 16, Rows: 8}

// filled is an index of n signatures, what it took to add them one by one, and what it holds.
type filled struct {
	clock   time.Duration // an Add
	cpu     time.Duration
	perDoc  float64 // bytes, all in
	index   *minhash.Index
	classic *classic.LSH
}

// fill makes signatures in batches, so that they need not be held, and times adding alone.
func fill(tb testing.TB, n, size int, add func(first int, batch []minhash.Signature)) (clock, cpu time.Duration, perDoc float64) {
	sk := sketcher(tb)
	batch := make([]minhash.Signature, size)
	for i := range batch {
		batch[i] = make(minhash.Signature, 0, slots)
	}
	var features []uint64
	before := measure.Heap()
	for first := 0; first < n; first += size {
		m := min(size, n-first)
		for i := range m {
			features = sets.Append(features[:0], first+i)
			batch[i] = sk.AppendSignature(batch[i][:0], features)
		}
		start, started := measure.CPU(), time.Now()
		add(first, batch[:m])
		cpu += measure.CPU() - start
		clock += time.Since(started)
	}
	perDoc = float64(measure.Heap()-before) / float64(n)
	runtime.KeepAlive(batch) // it was there before
	return clock / time.Duration(n), cpu / time.Duration(n), perDoc
}

func fillIndex(tb testing.TB, n int) *filled {
	x, err := minhash.NewIndex(minhash.IndexConfig{Plan: plan})
	if err != nil {
		tb.Fatal(err)
	}
	f := &filled{index: x}
	f.clock, f.cpu, f.perDoc = fill(tb, n, 1<<12, func(_ int, batch []minhash.Signature) {
		for _, sig := range batch {
			x.Add(sig)
		}
	})
	return f
}

// fillBulk adds many in one call, as a batch job does.
func fillBulk(tb testing.TB, n int) *filled {
	x, err := minhash.NewIndex(minhash.IndexConfig{Plan: plan})
	if err != nil {
		tb.Fatal(err)
	}
	f := &filled{index: x}
	f.clock, f.cpu, f.perDoc = fill(tb, n, 1<<16, func(_ int, batch []minhash.Signature) { x.AddAll(batch) })
	return f
}

func fillClassic(tb testing.TB, n int) *filled {
	x := classic.NewLSH(plan.Bands, plan.Rows)
	f := &filled{classic: x}
	narrow := make([]uint32, slots)
	f.clock, f.cpu, f.perDoc = fill(tb, n, 1<<12, func(first int, batch []minhash.Signature) {
		for i, sig := range batch {
			x.Add(uint32(first+i), narrowed(narrow, sig))
		}
	})
	return f
}

// narrowed writes the slots as the classic pipeline has them, 32 bits each. The round, in the other
// 32, is left out.
func narrowed(dst []uint32, sig minhash.Signature) []uint32 {
	for i, v := range sig {
		dst[i] = uint32(v)
	}
	return dst
}

// An operation is one Add, in the mean over an index growing from nothing to n documents;
// neardup-bulk adds thousands in one call.
func BenchmarkLSHAdd(b *testing.B) {
	for _, im := range []struct {
		name string
		fill func(testing.TB, int) *filled
	}{{"classic", fillClassic}, {"neardup", fillIndex}, {"neardup-bulk", fillBulk}} {
		for _, n := range counts([]int{100_000}, 1_000_000) {
			b.Run(fmt.Sprintf("impl=%s/n=%d", im.name, n), func(b *testing.B) {
				var clock, cpu time.Duration
				var f *filled
				rounds := 0
				for b.Loop() {
					f = im.fill(b, n)
					clock += f.clock
					cpu += f.cpu
					rounds++
				}
				b.ReportMetric(float64(clock.Nanoseconds())/float64(rounds), "ns/op")
				b.ReportMetric(float64(cpu.Nanoseconds())/float64(rounds), "cpu-ns/op")
				b.ReportMetric(f.perDoc, "B/doc")
				if f.index != nil {
					p := minhash.Packing{K: slots, Bits: 8}
					b.ReportMetric(f.perDoc-float64(p.Size()), "B/doc-without-signature")
				}
			})
		}
	}
}

// lshQueries are signatures of sets that have a Jaccard of exactly 0.8 with a document of the
// index, and that document.
func lshQueries(tb testing.TB, n int) (sigs []minhash.Signature, targets []uint32) {
	sk := sketcher(tb)
	r := featureSets(10)[0]
	var features []uint64
	for i := range 4096 {
		target := int((r[i%10]*uint64(2*i+1))%uint64(n)+uint64(i)) % n
		features = sets.AppendLike(features[:0], target, 0.8, uint64(i)+1<<40)
		sigs = append(sigs, sk.AppendSignature(nil, features))
		targets = append(targets, uint32(target))
	}
	return sigs, targets
}

// An operation is one query for the candidates; neardup-verified compares each with its signature
// and sorts what is similar.
func BenchmarkLSHQuery(b *testing.B) {
	for _, n := range counts([]int{100_000}, 1_000_000) {
		queries, targets := lshQueries(b, n)
		report := func(b *testing.B, query func(sig minhash.Signature) []uint32) {
			found, candidates := 0, 0
			for i, q := range queries {
				ids := query(q)
				candidates += len(ids)
				for _, id := range ids {
					if id == targets[i] {
						found++
					}
				}
			}
			b.ReportMetric(float64(found)/float64(len(queries)), "recall")
			b.ReportMetric(plan.Probability(0.8), "promised")
			b.ReportMetric(float64(candidates)/float64(len(queries)), "candidates/query")
		}
		b.Run(fmt.Sprintf("impl=classic/n=%d", n), func(b *testing.B) {
			x := fillClassic(b, n).classic
			narrow := make([]uint32, slots)
			b.ReportAllocs()
			i := 0
			cpu := measure.CPU()
			for b.Loop() {
				x.Query(narrowed(narrow, queries[i&4095]))
				i++
			}
			reportCPU(b, cpu)
			report(b, func(sig minhash.Signature) []uint32 { return x.Query(narrowed(narrow, sig)) })
		})
		for _, verified := range []bool{false, true} {
			name := "neardup"
			if verified {
				name = "neardup-verified"
			}
			b.Run(fmt.Sprintf("impl=%s/n=%d", name, n), func(b *testing.B) {
				x := fillIndex(b, n).index
				b.ReportAllocs()
				var ids []uint32
				var matches []minhash.Match
				i := 0
				cpu := measure.CPU()
				for b.Loop() {
					if verified {
						matches, _ = x.AppendQuery(matches[:0], queries[i&4095], 0.7)
					} else {
						ids, _ = x.AppendCandidates(ids[:0], queries[i&4095])
					}
					i++
				}
				reportCPU(b, cpu)
				report(b, func(sig minhash.Signature) []uint32 {
					if !verified {
						ids, _ = x.AppendCandidates(ids[:0], sig)
						return ids
					}
					ids = ids[:0]
					matches, _ = x.AppendQuery(matches[:0], sig, 0.7)
					for _, m := range matches {
						ids = append(ids, m.ID)
					}
					return ids
				})
			})
		}
	}
}

// The planner promises; the index keeps. An operation is one query.
func BenchmarkPromisedRecall(b *testing.B) {
	for _, goal := range []minhash.Goal{
		{Threshold: 0.5, Recall: 0.9}, {Threshold: 0.5, Recall: 0.95},
		{Threshold: 0.7, Recall: 0.9}, {Threshold: 0.7, Recall: 0.95}, {Threshold: 0.7, Recall: 0.99},
		{Threshold: 0.8, Recall: 0.9}, {Threshold: 0.8, Recall: 0.95}, {Threshold: 0.8, Recall: 0.99},
		{Threshold: 0.9, Recall: 0.95}, {Threshold: 0.9, Recall: 0.99},
	} {
		b.Run(fmt.Sprintf("threshold=%v/goal=%v", goal.Threshold, goal.Recall), func(b *testing.B) {
			p, err := minhash.NewPlan(goal)
			if err != nil {
				b.Fatal(err)
			}
			x, err := minhash.NewIndex(minhash.IndexConfig{Plan: p})
			if err != nil {
				b.Fatal(err)
			}
			sk := sketcher(b)
			n := 20_000
			if testing.Short() {
				n = 2000
			}
			var sig minhash.Signature
			var queries []minhash.Signature
			exact := 0.0
			for i := range n {
				x1, x2, j := corpus.FeaturePair(300, goal.Threshold, uint64(i))
				sig = sk.AppendSignature(sig[:0], x1)
				x.Add(sig)
				queries = append(queries, sk.AppendSignature(nil, x2))
				exact += j / float64(n)
			}
			found, candidates, rounds := 0, 0, 0
			var ids []uint32
			for b.Loop() {
				i := rounds % n
				ids, _ = x.AppendCandidates(ids[:0], queries[i])
				rounds++
			}
			if testing.Short() {
				return // too few pairs to say something about recall
			}
			for i, q := range queries {
				ids, _ = x.AppendCandidates(ids[:0], q)
				candidates += len(ids)
				for _, id := range ids {
					if int(id) == i {
						found++
					}
				}
			}
			b.ReportMetric(p.Probability(exact), "promised")
			b.ReportMetric(float64(found)/float64(n), "recall")
			b.ReportMetric(float64(candidates)/float64(n), "candidates/query")
			b.ReportMetric(float64(p.Bands), "bands")
		})
	}
}
