// Command store answers "have I seen this article?" across restarts: it keeps what a verdict needs of
// articles in one file, on the embedded store bbolt.
//
//	go run . -db seen.db add FILE...     add articles and print, for each, the earlier ones it duplicates
//	go run . -db seen.db query FILE...   print the duplicates of articles without adding them
//	go run . -db seen.db remove ID...    remove articles
//	go run . -db seen.db groups          print the groups of near-duplicates
//	go run . -db seen.db stats           print the number of articles and the size of the file
//	go run . -db seen.db sweep           reclaim what removed articles left behind
//
// A FILE holds JSON Lines with id and text, optionally source (or url, whose host is then the source)
// and time (RFC 3339, or a date); - is standard input. Articles are added in batches, each one
// transaction: a crash in the middle of a batch loses that batch and nothing else. An article whose ID
// is there already takes the place of the former one, so what was added may be added again.
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
// The store reads and judges as a neardup.Detector does. What text sources put on their pages is learnt by
// groups, from all that is there, and kept: add and query go by what was learnt last.
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
	"github.com/neardup/neardup/examples/internal/commands"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func help(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(w, `usage: store [flags] COMMAND [ARGUMENT...]

Answers "have I seen this?" across restarts, from one file.

commands:
  add FILE...    add articles and print, for each, the earlier ones it duplicates
  query FILE...  print the duplicates of articles without adding them
  remove ID...   remove articles
  groups         print the groups of near-duplicates
  stats          print the number of articles and the size of the file
  sweep          reclaim what removed articles left behind

example:
  store -db seen.db add monday.jsonl tuesday.jsonl

files; - is standard input:
`+articles.FieldsHelp+"\nflags:\n")
	flags.SetOutput(w)
	flags.PrintDefaults()
	fmt.Fprint(w, "\n"+commands.Output(`{"articles": number, "bytes": number}`)+commands.Status)
}

// run is the program. The status is 0, 1 if something was reported and passed over, 2 if something
// could not be done.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	flags := flag.NewFlagSet("store", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {}
	path := flags.String("db", "seen.db", "the `file` of the store")
	threshold := flags.Float64("threshold", 0.5, "Jaccard similarity from which two articles are the same")
	recall := flags.Float64("recall", 0.95, "share of the pairs at the threshold to find")
	batch := flags.Int("batch", 1000, "articles in a transaction")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			help(stdout, flags)
			return 0
		}
		return 2
	}
	c := &program{Program: commands.New("store", stdin, stdout, stderr), batch: *batch}
	return c.Exit(c.run(flags.Args(), *path, neardup.Config{Threshold: *threshold, Recall: *recall}))
}

// program is one run of the program.
type program struct {
	*commands.Program
	batch int
	store *Store
}

func (c *program) run(args []string, path string, cfg neardup.Config) (err error) {
	do, err := commands.Find(args, []commands.Command{
		{Name: "add", Takes: true, Do: c.add},
		{Name: "query", Takes: true, Do: c.query},
		{Name: "remove", Takes: true, Do: func(ids []string) error { return c.Remove(ids, c.store.Remove) }},
		{Name: "groups", Do: func([]string) error { return c.Groups(c.store.Groups()) }},
		{Name: "stats", Do: c.stats},
		{Name: "sweep", Do: func([]string) error { return c.Swept(c.store.Sweep()) }},
	})
	if err != nil {
		return err
	}
	if c.batch < 1 {
		return fmt.Errorf("-batch is %d, want at least 1", c.batch)
	}
	if c.store, err = Open(path, cfg); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.store.Close()) }()
	return do.Do(args[1:])
}

func (c *program) add(files []string) error {
	start, added := time.Now(), 0
	err := c.Batches(files, c.batch, func(batch []neardup.Article) error {
		results, err := c.store.AddBatch(batch)
		if err != nil {
			return err
		}
		for _, r := range results {
			if r.Err == nil {
				added++
			}
			if err := c.Answer(r.ID, r.Matches, r.Err); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	size, err := c.store.Size()
	if err != nil {
		return err
	}
	c.Added(added, time.Since(start).Seconds(), fmt.Sprintf("the file has %.1f MB", float64(size)/1e6))
	return nil
}

func (c *program) query(files []string) error {
	return c.Each(files, func(a neardup.Article) error {
		matches, err := c.store.Query(a)
		if err != nil && !errors.Is(err, neardup.ErrTooLong) {
			return err
		}
		return c.Answer(a.ID, matches, err)
	})
}

func (c *program) stats([]string) error {
	n, err := c.store.Len()
	if err != nil {
		return err
	}
	size, err := c.store.Size()
	if err != nil {
		return err
	}
	return c.Print(map[string]int64{"articles": int64(n), "bytes": size})
}
