package bench

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"testing"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/bench/internal/corpus"
	"github.com/neardup/neardup/bench/internal/measure"
)

// A detector takes a stream of pages, three in ten of them copies of earlier ones on other sites. An operation is one article, read,
// compared with all earlier ones and added. recall and precision are those of the pairs that Groups puts together.
func BenchmarkDetector(b *testing.B) {
	for _, docs := range counts([]int{10_000}, 100_000) {
		for _, workers := range []int{1, 2, 4} {
			b.Run(fmt.Sprintf("docs=%d/workers=%d", docs, workers), func(b *testing.B) {
				pages := streamPages(docs)
				total := 0
				for _, p := range pages {
					total += len(p.Text)
				}
				before := measure.Heap()
				var d *neardup.Detector
				cpu := measure.CPU()
				for b.Loop() {
					var err error
					if d, err = neardup.New(neardup.Config{Workers: workers}); err != nil {
						b.Fatal(err)
					}
					if err := d.AddAll(context.Background(), values(pages)); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64((measure.CPU()-cpu).Nanoseconds())/float64(b.N*docs), "cpu-ns/op")
				seconds := b.Elapsed().Seconds() / float64(b.N)
				b.ReportMetric(seconds/float64(docs)*1e9, "ns/op")
				b.ReportMetric(float64(docs)/seconds, "docs/s")
				b.ReportMetric(float64(total)/seconds/1e6, "MB/s")
				b.ReportMetric(float64(measure.Heap()-before)/float64(docs), "B/doc")
				if !testing.Short() {
					p := groupPairs(d, docs)
					b.ReportMetric(p.Recall(), "recall")
					b.ReportMetric(p.Precision(), "precision")
				}
			})
		}
	}
}

// Two pages are compared, with the evidence. found is the share of pairs that are one body on two sites, each with navigation of its
// own, and are called duplicates; false is the share of pairs that are two stories of one site under one sidebar and are called so.
func BenchmarkCompare(b *testing.B) {
	const n = 64
	type pages struct{ a, same, other string }
	all := make([]pages, n)
	bytes := 0
	for i := range all {
		body, other := corpus.Article(corpus.English, 6, uint64(2*i), 5000), corpus.Article(corpus.English, 6, uint64(2*i+1), 5000)
		here := corpus.Site{Seed: uint64(1000 + i), Headings: 60}
		there := corpus.Site{Seed: uint64(2000 + i), Headings: 60}
		headline := corpus.Headline(corpus.English, 6, uint64(i))
		all[i] = pages{here.Page(headline, body, i), there.Page(headline, body, i+3), here.Page("Another story", other, i)}
		bytes += len(all[i].a) + len(all[i].same)
	}
	b.SetBytes(int64(bytes / n))
	i := 0
	cpu := measure.CPU()
	for b.Loop() {
		neardup.Compare(all[i%n].a, all[i%n].same)
		i++
	}
	reportCPU(b, cpu)
	found, wrong := 0, 0
	for _, p := range all {
		if neardup.Compare(p.a, p.same).Duplicate() {
			found++
		}
		if neardup.Compare(p.a, p.other).Duplicate() {
			wrong++
		}
	}
	b.ReportMetric(float64(found)/n, "found")
	b.ReportMetric(float64(wrong)/n, "false")
}

var detectorStream = corpus.Stream{Seed: 5, Copies: 30, Sites: 200}

var streamPages = memo(func(n int) []neardup.Article {
	out := make([]neardup.Article, n)
	var buf []byte
	for i := range out {
		buf = detectorStream.Append(buf[:0], i)
		out[i] = neardup.Article{ID: strconv.Itoa(i), Text: string(buf)}
	}
	return out
})

func values(articles []neardup.Article) iter.Seq[neardup.Article] {
	return func(yield func(neardup.Article) bool) {
		for _, a := range articles {
			if !yield(a) {
				return
			}
		}
	}
}

// groupPairs compares the groups of the first n articles of the stream with their roots.
func groupPairs(d *neardup.Detector, n int) measure.Pairs {
	truth, got := make([]int, n), make([]int, n)
	for i := range n {
		truth[i], got[i] = detectorStream.Root(i), -1-i
	}
	groups, err := d.Groups(context.Background(), nil)
	if err != nil {
		panic(err) // not without an end of the context
	}
	for g, group := range groups {
		for _, m := range group.Members {
			i, err := strconv.Atoi(m.ID)
			if err != nil {
				panic(err)
			}
			got[i] = g
		}
	}
	return measure.ClusterPairs(truth, got)
}
