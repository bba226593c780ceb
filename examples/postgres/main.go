// Command postgres keeps articles in a PostgreSQL database, by what a verdict needs of them: it adds
// and looks up articles one by one as they arrive, and groups all of them in one SQL statement.
//
//	export DATABASE_URL=postgres://user@localhost/news
//	go run . load FILE...     add many articles at once, without looking for duplicates
//	go run . add FILE...      add articles and print, for each, the earlier ones it duplicates
//	go run . query FILE...    print the duplicates of articles without adding them
//	go run . remove ID...     remove articles
//	go run . groups           print the groups of near-duplicates
//	go run . stats            print the number of articles and of texts
//	go run . sweep            reclaim what removed articles left behind
//
// A FILE holds JSON Lines with id and text, optionally source (or url, whose host is then the source)
// and time (RFC 3339, or a date); - is standard input. The tables are made at the first start. An
// article whose ID is there already takes the place of the former one, so what was loaded may be
// loaded again.
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
// A line or an article that is refused is reported, and does not stop the rest. The exit status is 0, 1
// if something was reported, 2 if something could not be done.
//
// The database reads and judges as a neardup.Detector does. What text sources put on their pages is learnt by
// groups, from all that is there, and kept: add and query go by what was learnt last.
package main

import (
	"context"
	"encoding/json"
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
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

func help(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(w, `usage: postgres [flags] COMMAND [ARGUMENT...]

Keeps articles in a PostgreSQL database and finds the near-duplicates among them.

commands:
  load FILE...   add many articles at once, without looking for duplicates
  add FILE...    add articles and print, for each, the earlier ones it duplicates
  query FILE...  print the duplicates of articles without adding them
  remove ID...   remove articles
  groups         print the groups of near-duplicates
  stats          print the number of articles and of texts
  sweep          reclaim what removed articles left behind

example:
  postgres -url postgres://user@localhost/news load archive.jsonl

files; - is standard input:
`+articles.FieldsHelp+"\nflags:\n")
	flags.SetOutput(w)
	flags.PrintDefaults()
	fmt.Fprint(w, "\noutput of add and query, one JSON object a line:\n"+articles.AnswerSchema+"output of groups:\n"+articles.GroupSchema+
		"output of remove:\n"+articles.RemovalSchema+`output of stats: {"articles": number, "texts": number}, of sweep: {"removed": number}

exit status:
  0  done
  1  done, and something was reported on standard error and passed over
  2  something could not be done; what was added until then is kept
`)
}

// run is the program. The status is 0, 1 if something was reported and passed over, 2 if something
// could not be done.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("postgres", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {}
	url := flags.String("url", "", "the database, as a `URL`; without it, DATABASE_URL of the environment, which others do not see")
	threshold := flags.Float64("threshold", 0.5, "Jaccard similarity from which two articles are the same")
	recall := flags.Float64("recall", 0.95, "share of the pairs at the threshold to find")
	batch := flags.Int("batch", 10_000, "articles in a transaction of load")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			help(stdout, flags)
			return 0
		}
		return 2
	}
	if *url == "" {
		*url = os.Getenv("DATABASE_URL")
	}
	c := &commands{batch: *batch, stdin: stdin, out: articles.NewEncoder(stdout), stdout: stdout, stderr: stderr}
	err := c.run(ctx, flags.Args(), *url, neardup.Config{Threshold: *threshold, Recall: *recall})
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "postgres:", err)
		return 2
	case c.reported:
		return 1
	}
	return 0
}

// commands are what the program does.
type commands struct {
	batch          int
	stdin          io.Reader
	out            *json.Encoder // to stdout
	stdout, stderr io.Writer
	reported       bool
}

// report says what was passed over.
func (c *commands) report(err error) {
	c.reported = true
	fmt.Fprintln(c.stderr, "postgres:", err)
}

func (c *commands) run(ctx context.Context, args []string, url string, cfg neardup.Config) error {
	const want = "want load, add, query, remove, groups, stats or sweep"
	if len(args) == 0 {
		return errors.New("no command: " + want)
	}
	command, rest := args[0], args[1:]
	do, ok := map[string]func(context.Context, *Store, []string) error{
		"load": c.load, "add": c.add, "query": c.query, "remove": c.remove, "groups": c.groups, "stats": c.stats, "sweep": c.sweep,
	}[command]
	switch takes := command == "load" || command == "add" || command == "query" || command == "remove"; {
	case !ok:
		return fmt.Errorf("unknown command %q: %s", command, want)
	case takes && len(rest) == 0:
		return fmt.Errorf("%s: no argument, want files, - for standard input, or IDs to remove", command)
	case !takes && len(rest) > 0:
		return fmt.Errorf("%s: argument %q, want none", command, rest[0])
	case c.batch < 1:
		return fmt.Errorf("-batch is %d, want at least 1", c.batch)
	case url == "":
		return errors.New("no database: set DATABASE_URL, or -url, such as postgres://user@localhost/news")
	}
	s, err := Open(ctx, url, cfg)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(ctx, s, rest)
}

func (c *commands) load(ctx context.Context, s *Store, files []string) error {
	start, read, changed := time.Now(), 0, int64(0)
	var pending []neardup.Article
	flush := func() error {
		n, refused, err := s.Load(ctx, pending)
		for _, err := range refused {
			c.report(err)
		}
		if err != nil {
			return err
		}
		read += len(pending) - len(refused)
		changed += n
		pending = pending[:0]
		return nil
	}
	err := articles.Each(files, c.stdin, c.report, func(a neardup.Article) error {
		if pending = append(pending, a); len(pending) == c.batch {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	seconds := time.Since(start).Seconds()
	fmt.Fprintf(c.stderr, "%d articles in %.1f s, %.0f a second; %d are new or have changed\n", read, seconds, float64(read)/seconds, changed)
	return nil
}

func (c *commands) add(ctx context.Context, s *Store, files []string) error {
	return c.answer(ctx, files, s.Add)
}

func (c *commands) query(ctx context.Context, s *Store, files []string) error {
	return c.answer(ctx, files, s.Query)
}

// answer prints what is said of each article.
func (c *commands) answer(ctx context.Context, files []string, ask func(context.Context, neardup.Article) ([]neardup.Match, error)) error {
	return articles.Each(files, c.stdin, c.report, func(a neardup.Article) error {
		matches, err := ask(ctx, a)
		var refused *RefusedError
		if errors.As(err, &refused) {
			c.report(err)
			return c.out.Encode(articles.NewAnswer(a.ID, nil, refused.Err))
		}
		if err != nil {
			return err
		}
		return c.out.Encode(articles.NewAnswer(a.ID, matches, nil))
	})
}

func (c *commands) remove(ctx context.Context, s *Store, ids []string) error {
	for _, id := range ids {
		found, err := s.Remove(ctx, id)
		if err != nil {
			return err
		}
		if err := c.out.Encode(articles.Removal{ID: id, Removed: found}); err != nil {
			return err
		}
	}
	return nil
}

func (c *commands) groups(ctx context.Context, s *Store, _ []string) error {
	groups, err := s.Groups(ctx)
	if err != nil {
		return err
	}
	return articles.WriteGroups(c.stdout, groups)
}

func (c *commands) stats(ctx context.Context, s *Store, _ []string) error {
	articles, texts, err := s.Stats(ctx)
	if err != nil {
		return err
	}
	return c.out.Encode(map[string]int64{"articles": articles, "texts": texts})
}

func (c *commands) sweep(ctx context.Context, s *Store, _ []string) error {
	removed, err := s.Sweep(ctx)
	if err != nil {
		return err
	}
	return c.out.Encode(map[string]int64{"removed": removed})
}
