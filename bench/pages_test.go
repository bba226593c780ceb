package bench

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/neardup/neardup/bench/internal/classic"
	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
)

// Pages as converters print them, of the labelled set pages in the folder that NEARDUP_DATASETS
// names, see bench/accuracy. Generated articles have no menus; these have.
func BenchmarkPagesToMinHash(b *testing.B) {
	dir := os.Getenv("NEARDUP_DATASETS")
	if dir == "" {
		b.Skip("NEARDUP_DATASETS names no folder with the set pages")
	}
	texts, err := pages(filepath.Join(dir, "pages", "docs.jsonl.gz"), 256)
	if errors.Is(err, fs.ErrNotExist) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	m := classic.NewMinHash(slots, 1)
	prose, sk := shingler(b, shingle.Config{}), sketcher(b)
	var features []uint64
	var sig minhash.Signature
	b.Run("impl=classic/doc=page", func(b *testing.B) { run(b, texts, func(text string) { m.Text(text, shingleWords) }) })
	b.Run("impl=neardup-prose/doc=page", func(b *testing.B) {
		run(b, texts, func(text string) {
			features = prose.Append(features[:0], text)
			sig = sk.AppendSignature(sig[:0], features)
		})
	})
}

// pages returns n whole pages of at least 4 KB, a power of two; the same ones if there are fewer.
func pages(path string, n int) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var texts []string
	s := bufio.NewScanner(z)
	s.Buffer(nil, 16<<20)
	for s.Scan() && len(texts) < n {
		var x struct{ Variant, Text string }
		if err := json.Unmarshal(s.Bytes(), &x); err != nil {
			return nil, err
		}
		switch x.Variant {
		case "inscriptis", "html-text", "beautifulsoup", "html2text":
			if len(x.Text) >= 4000 {
				texts = append(texts, x.Text)
			}
		}
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	if len(texts) == 0 {
		return nil, errors.New(path + ": no whole pages")
	}
	for i := 0; len(texts) < n; i++ {
		texts = append(texts, texts[i])
	}
	return texts, nil
}
