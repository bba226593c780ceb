// Command html compares two web pages as a crawler fetched them, in two ways: by the articles that a
// readability extractor finds in the HTML, and by the whole text of the pages through the prose view of
// this library, which needs no HTML. It shows both, so that one can see when which is enough.
//
//	go run . [-json] A.html B.html
//
// The exit status is 0 if the extracted articles are near-duplicates, 1 if they are not, and 2 in case
// of trouble (go run itself makes 1 of every status but 0: build the program first to see it). Where
// the extractor finds no article in a page, the text of the whole page stands in for it.
//
// With -json it prints one object for each way, with the fields of neardup.Relation: "kind" says which
// of the two articles may go.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// The exit statuses, as those of diff.
const (
	alike = iota
	different
	trouble
)

// result is what one of the two ways says.
type result struct {
	Way       string `json:"way"`
	Duplicate bool   `json:"duplicate"`
	Verdict   string `json:"verdict"` // in a sentence
	neardup.Relation
	CharsA int   `json:"chars_a"`
	CharsB int   `json:"chars_b"`
	Micros int64 `json:"compare_us"`
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("html", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print one JSON object a way instead of text")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: html [-json] A.html B.html   (- is standard input)")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return alike
		}
		return trouble
	}
	if flags.NArg() != 2 {
		flags.Usage()
		return trouble
	}
	var pages [2]page
	for i, name := range flags.Args() {
		var err error
		if pages[i], err = open(name, stdin); err != nil {
			fmt.Fprintf(stderr, "html: %s: %v\n", name, err)
			return trouble
		}
		if pages[i].Article == "" {
			fmt.Fprintf(stderr, "html: %s: the extractor finds no article; its whole text stands in\n", name)
			pages[i].Article = pages[i].Text
		}
	}
	results := []result{
		compare("extracted articles", pages[0].Article, pages[1].Article),
		compare("whole pages, prose view", pages[0].Text, pages[1].Text),
	}
	if err := show(stdout, results, *asJSON); err != nil {
		fmt.Fprintf(stderr, "html: %v\n", err)
		return trouble
	}
	if results[0].Duplicate {
		return alike
	}
	return different
}

func open(name string, stdin io.Reader) (page, error) {
	if name == "-" {
		return readPage(stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return page{}, err
	}
	defer f.Close()
	return readPage(f)
}

func compare(way, a, b string) result {
	start := time.Now()
	c := neardup.Compare(a, b)
	return result{
		Way: way, Duplicate: c.Duplicate(), Verdict: c.String(), Relation: articles.Round(c.Relation),
		CharsA: len(a), CharsB: len(b), Micros: time.Since(start).Microseconds(),
	}
}

func show(w io.Writer, results []result, asJSON bool) error {
	enc := json.NewEncoder(w)
	for _, r := range results {
		var err error
		if asJSON {
			err = enc.Encode(r)
		} else {
			_, err = fmt.Fprintf(w, "%s (%d and %d bytes)\n  %s\n  Jaccard %.3f, A in B %.3f, B in A %.3f\n",
				r.Way, r.CharsA, r.CharsB, r.Verdict, r.Jaccard, r.ContainmentAInB, r.ContainmentBInA)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
