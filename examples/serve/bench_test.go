package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/neardup/neardup/examples/internal/corpus"
)

// Articles are added in batches of 250. See load for what a client sees.
func BenchmarkAddAll(b *testing.B) {
	s := launch(b, b.TempDir(), "-snapshot", "0")
	docs := corpus.Articles(20_000, 1)
	var bodies []string
	for part := range slices.Chunk(docs, 250) {
		bodies = append(bodies, forms(part))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		body := bodies[i%len(bodies)]
		if i++; i > len(bodies) { // again, as other articles
			body = strings.ReplaceAll(body, `"id":"`, `"id":"`+strings.Repeat("x", i/len(bodies)))
		}
		b.SetBytes(int64(len(body)))
		s.must("POST", "/v1/add-all", ndjson, body)
	}
	b.ReportMetric(250*float64(b.N)/b.Elapsed().Seconds(), "articles/s")
}
