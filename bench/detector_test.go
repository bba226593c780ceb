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
	for g, group := range d.Groups(nil) {
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
