// Command store answers "have I seen this article?" across restarts: it keeps what a verdict needs of
// articles in one file, on the embedded store bbolt.
//
//	go run . -db seen.db add FILE...     add articles and print, for each, the earlier ones it duplicates
//	go run . -db seen.db query FILE...   print the duplicates of articles without adding them
//	go run . -db seen.db delete ID...    remove articles
//	go run . -db seen.db groups          print the groups of near-duplicates
//	go run . -db seen.db stats           print the number of articles and the size of the file
//	go run . -db seen.db sweep           reclaim what deleted articles left behind
//
// A FILE holds JSON Lines with id and text, optionally source (or url, whose host is then the source)
// and time (RFC 3339, or a date); - is standard input. Articles are added in batches, each one
// transaction: a crash in the middle of a batch loses that batch and nothing else.
//
// Results are JSON Lines on standard output. add and query print for each article
//
//	{"id":"b","duplicates":[{"id":"a","kind":"same",…}],"supersedes":[]}
//
// where "duplicates" are the articles that can stand for b: those that are the "same", and those that
// b is "contained" in; and "supersedes" are those that b can stand for, because it "contains" them.
// All have the fields of neardup.Relation, as seen from b. Groups are printed as neardup.Group has
// them: the representative is the same as each member, or contains it.
//
// The store reads and judges as a neardup.Detector does, except that it does not learn what text a
// source repeats on its pages.
package main

import (
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
	if err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "store:", err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("store", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("db", "seen.db", "the `file` of the store")
	threshold := flags.Float64("threshold", 0.5, "Jaccard similarity from which two articles are the same")
	recall := flags.Float64("recall", 0.95, "share of the pairs at the threshold to find")
	batch := flags.Int("batch", 1000, "articles in a transaction")
	flags.Usage = func() {}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			help(stdout, flags)
		}
		return err
	}
	if *batch < 1 {
		return fmt.Errorf("-batch is %d, want at least 1", *batch)
	}
	command, rest := flags.Arg(0), flags.Args()
	if command == "" {
		return errors.New("no command: want add, query, delete, groups, stats or sweep")
	}
	rest = rest[1:]
	s, err := Open(*path, neardup.Config{Threshold: *threshold, Recall: *recall})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	out := articles.NewEncoder(stdout)

	switch command {
	case "add":
		start, added := time.Now(), 0
		var pending []neardup.Article
		flush := func() error {
			results, err := s.AddBatch(pending)
			if err != nil {
				return err
			}
			added += len(pending)
			pending = pending[:0]
			for _, r := range results {
				if err := out.Encode(articles.NewAnswer(r.ID, r.Matches, r.Err)); err != nil {
					return err
				}
			}
			return nil
		}
		err := articles.Each(rest, stdin, func(a neardup.Article) error {
			pending = append(pending, a)
			if len(pending) == *batch {
				return flush()
			}
			return nil
		})
		if flushed := flush(); flushed != nil { // what was read is kept, even where the next line is malformed
			err = errors.Join(err, flushed)
		}
		size, sizeErr := s.Size()
		if sizeErr != nil {
			return errors.Join(err, sizeErr)
		}
		seconds := time.Since(start).Seconds()
		fmt.Fprintf(stderr, "%d articles in %.1f s, %.0f a second; the file has %.1f MB\n", added, seconds, float64(added)/seconds, float64(size)/1e6)
		return err
	case "query":
		return articles.Each(rest, stdin, func(a neardup.Article) error {
			matches, err := s.Query(a)
			if err != nil && !errors.Is(err, neardup.ErrTooLong) {
				return err
			}
			return out.Encode(articles.NewAnswer(a.ID, matches, err))
		})
	case "delete":
		for _, id := range rest {
			found, err := s.Delete(id)
			if err != nil {
				return err
			}
			if !found {
				return fmt.Errorf("no article %q", id)
			}
		}
		return nil
	case "groups":
		groups, err := s.Groups()
		if err != nil {
			return err
		}
		return articles.WriteGroups(stdout, groups)
	case "stats":
		n, err := s.Len()
		if err != nil {
			return err
		}
		size, err := s.Size()
		if err != nil {
			return err
		}
		return out.Encode(map[string]int64{"articles": int64(n), "bytes": size})
	case "sweep":
		removed, err := s.Sweep()
		if err != nil {
			return err
		}
		return out.Encode(map[string]int{"removed": removed})
	}
	return fmt.Errorf("unknown command %q: want add, query, delete, groups, stats or sweep", command)
}

// help prints how the program is used.
func help(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(w, `usage: store [flags] COMMAND [FILE...]

Answers "have I seen this article?" across restarts, from one file.

commands:
  add FILE...    add articles and print, for each, the earlier ones it duplicates
  query FILE...  print the duplicates of articles without adding them
  delete ID...   remove articles
  groups         print the groups of near-duplicates
  stats          print the number of articles and the size of the file
  sweep          reclaim what deleted articles left behind

example:
  store -db seen.db add monday.jsonl tuesday.jsonl

files; - is standard input:
`+articles.FieldsHelp+"\nflags:\n")
	flags.SetOutput(w)
	flags.PrintDefaults()
	fmt.Fprint(w, "\noutput of add and query, one JSON object a line:\n"+articles.AnswerSchema+"output of groups:\n"+articles.GroupSchema+
		`output of stats: {"articles": number, "bytes": number}, of sweep: {"removed": number}

exit status:
  0  done
  1  not done, or not all; what was added until then is kept
`)
}
