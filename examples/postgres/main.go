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
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/commands"
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
	fmt.Fprint(w, "\n"+commands.Output(`{"articles": number, "texts": number}`)+commands.Status)
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
	c := &program{Program: commands.New("postgres", stdin, stdout, stderr), batch: *batch}
	return c.Exit(c.run(ctx, flags.Args(), *url, neardup.Config{Threshold: *threshold, Recall: *recall}))
}

// program is one run of the program.
type program struct {
	*commands.Program
	batch int
	store *Store
}

func (c *program) run(ctx context.Context, args []string, url string, cfg neardup.Config) error {
	do, err := commands.Find(args, []commands.Command{
		{Name: "load", Takes: true, Do: func(files []string) error { return c.load(ctx, files) }},
		{Name: "add", Takes: true, Do: func(files []string) error { return c.answer(ctx, files, c.store.Add) }},
		{Name: "query", Takes: true, Do: func(files []string) error { return c.answer(ctx, files, c.store.Query) }},
		{Name: "remove", Takes: true, Do: func(ids []string) error {
			return c.Remove(ids, func(id string) (bool, error) { return c.store.Remove(ctx, id) })
		}},
		{Name: "groups", Do: func([]string) error { return c.Groups(c.store.Groups(ctx)) }},
		{Name: "stats", Do: func([]string) error { return c.stats(ctx) }},
		{Name: "sweep", Do: func([]string) error { return c.Swept(c.store.Sweep(ctx)) }},
	})
	switch {
	case err != nil:
		return err
	case c.batch < 1:
		return fmt.Errorf("-batch is %d, want at least 1", c.batch)
	case url == "":
		return errors.New("no database: set DATABASE_URL, or -url, such as postgres://user@localhost/news")
	}
	if c.store, err = Open(ctx, url, cfg); err != nil {
		return err
	}
	defer c.store.Close()
	return do.Do(args[1:])
}

func (c *program) load(ctx context.Context, files []string) error {
	start, read, changed := time.Now(), 0, int64(0)
	err := c.Batches(files, c.batch, func(batch []neardup.Article) error {
		n, refused, err := c.store.Load(ctx, batch)
		for _, err := range refused {
			c.Report(err)
		}
		if err != nil {
			return err
		}
		read += len(batch) - len(refused)
		changed += n
		return nil
	})
	if err != nil {
		return err
	}
	c.Added(read, time.Since(start).Seconds(), fmt.Sprintf("%d are new or have changed", changed))
	return nil
}

// answer prints what is said of each article.
func (c *program) answer(ctx context.Context, files []string, ask func(context.Context, neardup.Article) ([]neardup.Match, error)) error {
	return c.Each(files, func(a neardup.Article) error {
		matches, err := ask(ctx, a)
		var refused *RefusedError
		if errors.As(err, &refused) {
			return c.Answer(a.ID, nil, refused.Err)
		}
		if err != nil {
			return err
		}
		return c.Answer(a.ID, matches, nil)
	})
}

func (c *program) stats(ctx context.Context) error {
	articles, texts, err := c.store.Stats(ctx)
	if err != nil {
		return err
	}
	return c.Print(map[string]int64{"articles": articles, "texts": texts})
}
