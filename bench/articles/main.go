// Articles writes the generated articles of the benchmarks as JSON Lines, for programs that read
// files.
//
//	go run ./bench/articles -n 100000 -files 50 -output dir/articles
//
// The files are PREFIX-00000-of-00050.jsonl and so on, each with the next articles of the stream:
// id, text, time, and with -sites source. The same arguments give the same bytes everywhere.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/neardup/neardup/bench/internal/corpus"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "articles:", err)
		}
		os.Exit(1)
	}
}

// A kind says what the articles are like.
type kind struct {
	name string
	text func(s *corpus.Stream, i int) string
}

// shared is a paragraph of some 60 words.
var shared = corpus.Article(corpus.English, 99, 1, 400)

var kinds = []kind{
	{"stream", func(s *corpus.Stream, i int) string { return string(s.Append(nil, i)) }},
	{"copies", func(s *corpus.Stream, _ int) string { return string(s.Append(nil, 0)) }},
	{"paragraph", func(s *corpus.Stream, i int) string { return string(s.Append(nil, i)) + "\n\n" + shared }},
}

func run(args []string, stderr io.Writer) error {
	f := flag.NewFlagSet("articles", flag.ContinueOnError)
	f.SetOutput(stderr)
	n := f.Int("n", 100_000, "number of articles")
	files := f.Int("files", 50, "number of files")
	output := f.String("output", "", "`prefix` of the files")
	copies := f.Int("copies", 30, "percent of articles that are copies")
	sites := f.Int("sites", 0, "wrap bodies in pages of so many sites, which are then the sources; 0 = bare bodies")
	name := f.String("kind", "stream", "stream; copies: one text n times; paragraph: articles that share one, see -copies")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *output == "" || *n < 1 || *files < 1 || *copies < 0 || *copies > 90 {
		return fmt.Errorf("-output is %q, -n %d, -files %d, -copies %d, want a prefix, at least 1, at least 1, 0 to 90", *output, *n, *files, *copies)
	}
	s := &corpus.Stream{Seed: 1, Copies: *copies, Sites: *sites}
	for _, k := range kinds {
		if k.name != *name {
			continue
		}
		for i := range *files {
			if err := write(fmt.Sprintf("%s-%05d-of-%05d.jsonl", *output, i, *files), k, s, i**n / *files, (i+1)**n / *files); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("-kind is %q, want stream, copies or paragraph", *name)
}

// write writes articles from to to, the last not included.
func write(path string, k kind, s *corpus.Stream, from, to int) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriterSize(file, 1<<20)
	enc := json.NewEncoder(w)
	start := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	for i := from; i < to; i++ {
		a := struct {
			ID     string    `json:"id"`
			Source string    `json:"source,omitempty"`
			Time   time.Time `json:"time"`
			Text   string    `json:"text"`
		}{ID: fmt.Sprintf("a%09d", i), Time: start.Add(time.Duration(i) * time.Second), Text: k.text(s, i)}
		if s.Sites > 0 {
			a.Source = fmt.Sprintf("site%d", s.Site(i))
		}
		if err := enc.Encode(a); err != nil {
			return err
		}
	}
	return w.Flush()
}
