// Corpus is dedup for the corpora that people have: it reads web pages, web archives, Parquet and
// feeds, too, and writes them without their near-duplicates.
//
//	go run . [flags] PATH...
//	go run . -out clean.warc.gz crawl.warc.gz
//
// Run it with -h for the flags, examples, exit statuses, and the form of what it prints; all of
// that is as in examples/dedup. The README has what is read of each format, and by which library.
package main

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/neardup/neardup/examples/internal/dedup"
	"github.com/neardup/neardup/examples/internal/formats"
)

func main() { program.Main() }

var program = dedup.Program{
	Name: "corpus",
	Set: formats.Set{
		Formats: []formats.Format{Page{}, Archive{}, Parquet{}, Feed{}, formats.JSONLines{}, formats.Table{}, formats.TextFile{}},
		Codecs:  []*formats.Codec{formats.Gzip, formats.Bzip2, zstandard},
		Hints:   map[string]string{".json": formats.JSONHint},
	},
	Convert: convert,
	Kinds: `  .html .htm      a web page: one article; its ID is the path and its source the folder
  .warc           a web archive: the pages in it; their source is the host
  .parquet        one article a row
  .rss .atom .xml a feed: its items
  .jsonl .ndjson  one JSON object a line
  .csv .tsv       one article a row, the names of the columns in the first
  .txt .md        one article; its ID is the path and its source the folder
All but .parquet plain or compressed as .gz, .bz2 (which is not written) or .zst. Text that is not in
UTF-8 is recognised and converted; what -out writes has the bytes that were read.
`,
}

// zstandard is read with windows of any size that zstd --long makes.
var zstandard = &formats.Codec{
	Name: "Zstandard", Ext: ".zst", Magic: "\x28\xb5\x2f\xfd",
	NewReader: func(r *bufio.Reader) (io.Reader, error) {
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(1<<31))
	},
	NewWriter: func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) },
}
