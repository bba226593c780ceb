package peers

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/ekzhu/minhash-lsh"
	"github.com/go-dedup/simhash/sho"

	"github.com/neardup/neardup/bench/internal/corpus"
	"github.com/neardup/neardup/bench/internal/measure"
	ours "github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/simhash"
)

var large = flag.Bool("large", false, "also run the indexes of a million: minutes and gigabytes")

func counts() []int {
	if *large {
		return []int{100_000, 1_000_000}
	}
	return []int{100_000}
}

// Both indexes are asked for pairs from a Jaccard of 0.8 on. ekzhu's chooses its bands so that the areas of false positives and
// negatives are smallest; ours for 95% of the pairs at 0.8. An operation of Add is one document, indexing included where it takes a
// call of its own; one of Query finds the candidates of a set that has a Jaccard of exactly 0.8 with a document.
func BenchmarkLSH(b *testing.B) {
	sets := corpus.FeatureStream{Seed: 9, N: 100, Copies: 10}
	sk, err := ours.New(ours.Config{K: slots})
	if err != nil {
		b.Fatal(err)
	}
	var features []uint64
	signature := func(i int) ours.Signature {
		features = sets.Append(features[:0], i)
		return sk.AppendSignature(nil, features)
	}
	var queries []ours.Signature
	var targets []int
	type index struct {
		add   func(id int, sig ours.Signature)
		done  func()
		query func(sig ours.Signature, target int) (found bool)
	}
	for _, l := range []struct {
		name string
		make func(n int) index
	}{
		{"ekzhu", func(n int) index {
			x := minhashlsh.NewMinhashLSH(slots, 0.8, n)
			return index{
				add:  func(id int, sig ours.Signature) { x.Add(uint32(id), sig) },
				done: x.Index,
				query: func(sig ours.Signature, target int) (found bool) {
					for _, id := range x.Query(sig) {
						found = found || id == uint32(target)
					}
					return found
				},
			}
		}},
		{"neardup", func(int) index {
			x, err := ours.NewIndex(ours.IndexConfig{})
			if err != nil {
				b.Fatal(err)
			}
			var ids []uint32
			return index{
				add:  func(_ int, sig ours.Signature) { x.Add(sig) },
				done: func() {},
				query: func(sig ours.Signature, target int) (found bool) {
					ids, _ = x.AppendCandidates(ids[:0], sig)
					for _, id := range ids {
						found = found || id == uint32(target)
					}
					return found
				},
			}
		}},
	} {
		for _, n := range counts() {
			build := func() (x index, perAdd, perDoc float64) {
				before := measure.Heap()
				x = l.make(n)
				var total time.Duration
				batch := make([]ours.Signature, 0, 1000)
				for i := range n {
					batch = append(batch, signature(i))
					if len(batch) == cap(batch) || i == n-1 {
						start := measure.CPU()
						for j, sig := range batch {
							x.add(i-len(batch)+1+j, sig)
						}
						total += measure.CPU() - start
						batch = batch[:0]
					}
				}
				start := measure.CPU()
				x.done()
				total += measure.CPU() - start
				clear(batch[:cap(batch)])
				return x, float64(total.Nanoseconds()) / float64(n), float64(measure.Heap()-before) / float64(n)
			}
			b.Run(fmt.Sprintf("op=add/impl=%s/n=%d", l.name, n), func(b *testing.B) {
				var perAdd, perDoc float64
				for b.Loop() {
					_, perAdd, perDoc = build()
				}
				b.ReportMetric(perAdd, "cpu-ns/op")
				b.ReportMetric(perDoc, "B/doc")
			})
			b.Run(fmt.Sprintf("op=query/impl=%s/n=%d", l.name, n), func(b *testing.B) {
				x, _, _ := build()
				queries, targets = queries[:0], targets[:0]
				for i := range 2048 {
					t := (i*7919 + 13) % n
					features = sets.AppendLike(features[:0], t, 0.8, uint64(i)+1<<40)
					queries, targets = append(queries, sk.AppendSignature(nil, features)), append(targets, t)
				}
				i := 0
				cpu := measure.CPU()
				for b.Loop() {
					x.query(queries[i&2047], targets[i&2047])
					i++
				}
				reportCPU(b, cpu)
				found := 0
				for i, q := range queries {
					if x.query(q, targets[i]) {
						found++
					}
				}
				b.ReportMetric(float64(found)/float64(len(queries)), "recall")
			})
		}
	}
}

// The oracle of go-dedup is a BK-tree: all within d bits of a fingerprint.
func BenchmarkHamming(b *testing.B) {
	for _, n := range counts() {
		all, _, _ := corpus.FeaturePair(n, 1, 11)
		queries, _, _ := corpus.FeaturePair(1024, 1, 12)
		for i := range queries {
			if i&1 == 0 {
				queries[i] = all[i*97] ^ 1<<(i&63) ^ 1<<(i>>3&63)
			}
		}
		b.Run(fmt.Sprintf("impl=dedup-sho/n=%d/d=3", n), func(b *testing.B) {
			before := measure.Heap()
			tree := sho.NewOracle()
			for _, f := range all {
				tree.See(f)
			}
			bytes := float64(measure.Heap()-before) / float64(n)
			i, found := 0, 0
			cpu := measure.CPU()
			for b.Loop() {
				found += len(tree.Search(queries[i&1023], 4)) // its bound is exclusive
				i++
			}
			reportCPU(b, cpu)
			b.ReportMetric(bytes, "B/doc")
			b.ReportMetric(float64(found)/float64(i), "matches/query")
		})
		b.Run(fmt.Sprintf("impl=neardup/n=%d/d=3", n), func(b *testing.B) {
			before := measure.Heap()
			x, err := simhash.NewIndex(simhash.IndexConfig{Distance: 3})
			if err != nil {
				b.Fatal(err)
			}
			for _, f := range all {
				x.Add(simhash.Fingerprint(f))
			}
			bytes := float64(measure.Heap()-before) / float64(n)
			var dst []simhash.Match
			i, found := 0, 0
			cpu := measure.CPU()
			for b.Loop() {
				dst = x.AppendQuery(dst[:0], simhash.Fingerprint(queries[i&1023]))
				found += len(dst)
				i++
			}
			reportCPU(b, cpu)
			b.ReportMetric(bytes, "B/doc")
			b.ReportMetric(float64(found)/float64(i), "matches/query")
		})
	}
}
