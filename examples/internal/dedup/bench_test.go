package dedup

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/corpus"
	"github.com/neardup/neardup/examples/internal/formats"
)

// BenchmarkPieces reads and parses JSON Lines, and does nothing with them.
func BenchmarkPieces(b *testing.B) {
	var in strings.Builder
	for _, a := range corpus.Articles(2000, 1) {
		in.WriteString(line(a.ID, a.Text) + "\n")
	}
	path := filepath.Join(b.TempDir(), "in.jsonl")
	write(b, path, in.String())
	p := Program{Name: "dedup", Set: formats.Standard()}
	b.SetBytes(int64(in.Len()))
	b.ReportAllocs()
	for b.Loop() {
		j := &job{program: &p, reading: formats.Options{Fields: articles.NewFinder(articles.Fields{}), MaxText: 16 << 20}}
		found := p.Set.Find(nil, false, nil, nil)
		found.Add(false, path)
		n := 0
		for x := range j.pieces(b.Context(), found.Files, true) {
			if !x.end && x.record.Err == nil {
				n++
			}
		}
		if n != 2000 {
			b.Fatalf("%d records", n)
		}
	}
}
