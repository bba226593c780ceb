// Command postgres keeps articles in a PostgreSQL database, by what a verdict needs of them: it adds
// and looks up articles one by one as they arrive, and groups all of them in one SQL statement.
//
//	export DATABASE_URL=postgres://user@localhost/news
//	go run . load FILE...     add many articles at once, without looking for duplicates
//	go run . add FILE...      add articles and print, for each, the earlier ones it duplicates
//	go run . query FILE...    print the duplicates of articles without adding them
//	go run . delete ID...     remove articles
//	go run . groups           print the groups of near-duplicates
//	go run . sweep            reclaim what deleted articles left behind
//
// A FILE holds JSON Lines with id and text, optionally source (or url, whose host is then the source)
// and time (RFC 3339, or a date); - is standard input. The tables are made at the first start.
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
// The database reads and judges as a neardup.Detector does, except that it does not learn what text a
// source repeats on its pages.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "postgres:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("postgres", flag.ContinueOnError)
	flags.SetOutput(stderr)
	url := flags.String("url", os.Getenv("DATABASE_URL"), "the database, as a `URL`; default from DATABASE_URL")
	threshold := flags.Float64("threshold", 0.5, "Jaccard similarity from which two articles are the same")
	recall := flags.Float64("recall", 0.95, "share of the pairs at the threshold to find")
	batch := flags.Int("batch", 10_000, "articles in a transaction of load")
	flags.Usage = func() {}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			help(stdout, flags)
		}
		return err
	}
	const commands = "load, add, query, delete, groups or sweep"
	switch {
	case flags.NArg() == 0:
		return errors.New("no command: want " + commands)
	case *url == "":
		return errors.New("no database: set DATABASE_URL or -url")
	case *batch < 1:
		return fmt.Errorf("-batch is %d, want at least 1", *batch)
	}
	command, rest := flags.Arg(0), flags.Args()[1:]
	s, err := Open(ctx, *url, neardup.Config{Threshold: *threshold, Recall: *recall})
	if err != nil {
		return err
	}
	defer s.Close()
	out := articles.NewEncoder(stdout)

	switch command {
	case "load":
		start, loaded := time.Now(), 0
		var pending []neardup.Article
		flush := func() error {
			if err := s.Load(ctx, pending); err != nil {
				return err
			}
			loaded += len(pending)
			pending = pending[:0]
			return nil
		}
		err := articles.Each(rest, stdin, func(a neardup.Article) error {
			pending = append(pending, a)
			if len(pending) == *batch {
				return flush()
			}
			return nil
		})
		err = errors.Join(err, flush()) // what was read is kept, even where the next line is malformed
		seconds := time.Since(start).Seconds()
		fmt.Fprintf(stderr, "%d articles in %.1f s, %.0f a second\n", loaded, seconds, float64(loaded)/seconds)
		return err
	case "add", "query":
		return articles.Each(rest, stdin, func(a neardup.Article) (err error) {
			var matches []neardup.Match
			if command == "add" {
				matches, err = s.Add(ctx, a)
			} else {
				matches, err = s.Query(ctx, a)
			}
			if err != nil {
				return err
			}
			return out.Encode(articles.NewAnswer(a.ID, matches, nil))
		})
	case "delete":
		for _, id := range rest {
			found, err := s.Delete(ctx, id)
			if err != nil {
				return err
			}
			if !found {
				return fmt.Errorf("no article %q", id)
			}
		}
		return nil
	case "groups":
		groups, err := s.Groups(ctx)
		if err != nil {
			return err
		}
		return articles.WriteGroups(stdout, groups)
	case "sweep":
		removed, err := s.Sweep(ctx)
		if err != nil {
			return err
		}
		return out.Encode(map[string]int64{"removed": removed})
	}
	return fmt.Errorf("unknown command %q: want %s", command, commands)
}

// help prints how the program is used.
func help(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(w, `usage: postgres [flags] COMMAND [FILE...]

Keeps articles in a PostgreSQL database and finds the near-duplicates among them.

commands:
  load FILE...   add many articles at once, without looking for duplicates
  add FILE...    add articles and print, for each, the earlier ones it duplicates
  query FILE...  print the duplicates of articles without adding them
  delete ID...   remove articles
  groups         print the groups of near-duplicates
  sweep          reclaim what deleted articles left behind

example:
  postgres -url postgres://user@localhost/news load archive.jsonl

files; - is standard input:
`+articles.FieldsHelp+"\nflags:\n")
	flags.SetOutput(w)
	flags.PrintDefaults()
	fmt.Fprint(w, "\noutput of add and query, one JSON object a line:\n"+articles.AnswerSchema+"output of groups:\n"+articles.GroupSchema+
		`output of sweep: {"removed": number}

exit status:
  0  done
  1  not done, or not all; what was added until then is kept
`)
}
