// Dedup finds the near-duplicate articles in files, prints them as JSON Lines, and writes the files
// without them.
//
//	go run ./examples/dedup [flags] PATH...
//	go run ./examples/dedup -out clean.jsonl corpus.jsonl
//
// A PATH is a file, a folder or - for standard input. It reads JSON Lines, tables (.csv, .tsv) and
// text (.txt, .md), plain or compressed by gzip or bzip2; examples/corpus reads more. Fields are
// found by their usual names, or named by -id, -text, -source and -time. Run it with -h for
// everything else: flags, examples, exit statuses, and the form of what it prints.
//
// By default it prints one line for each group of two or more articles: the representative, and all
// members, the representative first, with what it and they have in common:
//
//	{"representative":"a","members":[{"id":"a","kind":"same",…},{"id":"b","kind":"contains",…}]}
//
// With -out it writes what stays, record by record and byte for byte, in the form it came in: a
// file that is there whole or not at all. What could not be judged stays, and is counted. Nothing
// that is read is written over, but by -out over the one file that it is made of. With -report it
// writes a page on which the groups can be searched, any two members read side by side, and
// decisions made that -decisions reads back.
package main

import (
	"github.com/neardup/neardup/examples/internal/dedup"
	"github.com/neardup/neardup/examples/internal/formats"
)

func main() { program.Main() }

var program = dedup.Program{
	Name: "dedup",
	Set:  formats.Standard(),
	Kinds: `  .jsonl .ndjson  one JSON object a line
  .csv .tsv       one article a row, the names of the columns in the first
  .txt .md        one article; its ID is the path and its source the folder
All of them plain or compressed as .gz or .bz2, in UTF-8 or UTF-16. examples/corpus reads web pages,
web archives, Parquet and feeds, too.
`,
}
