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
	fmt.Fprint(w, "\noutput of add and query, one JSON object a line:\n"+articles.AnswerSchema+"output of groups:\n"+articles.GroupSchema+
		"output of remove:\n"+articles.RemovalSchema+`output of stats: {"articles": number, "bytes": number}, of sweep: {"removed": number}

exit status:
  0  done
  1  done, and something was reported on standard error and passed over
  2  something could not be done; what was added until then is kept
`)
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
	c := &commands{batch: *batch, stdin: stdin, out: articles.NewEncoder(stdout), stdout: stdout, stderr: stderr}
	err := c.run(flags.Args(), *path, neardup.Config{Threshold: *threshold, Recall: *recall})
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "store:", err)
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
	fmt.Fprintln(c.stderr, "store:", err)
}

func (c *commands) run(args []string, path string, cfg neardup.Config) (err error) {
	const want = "want add, query, remove, groups, stats or sweep"
	if len(args) == 0 {
		return errors.New("no command: " + want)
	}
	if c.batch < 1 {
		return fmt.Errorf("-batch is %d, want at least 1", c.batch)
	}
	command, rest := args[0], args[1:]
	do, ok := map[string]func(*Store, []string) error{
		"add": c.add, "query": c.query, "remove": c.remove, "groups": c.groups, "stats": c.stats, "sweep": c.sweep,
	}[command]
	switch takes := command == "add" || command == "query" || command == "remove"; {
	case !ok:
		return fmt.Errorf("unknown command %q: %s", command, want)
	case takes && len(rest) == 0:
		return fmt.Errorf("%s: no argument, want files, - for standard input, or IDs to remove", command)
	case !takes && len(rest) > 0:
		return fmt.Errorf("%s: argument %q, want none", command, rest[0])
	}
	s, err := Open(path, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s, rest)
}

func (c *commands) add(s *Store, files []string) error {
	start, added := time.Now(), 0
	var pending []neardup.Article
	flush := func() error {
		results, err := s.AddBatch(pending)
		if err != nil {
			return err
		}
		pending = pending[:0]
		for _, r := range results {
			if r.Err == nil {
				added++
			}
			if err := c.answer(r); err != nil {
				return err
			}
		}
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
	size, err := s.Size()
	if err != nil {
		return err
	}
	seconds := time.Since(start).Seconds()
	fmt.Fprintf(c.stderr, "%d articles in %.1f s, %.0f a second; the file has %.1f MB\n", added, seconds, float64(added)/seconds, float64(size)/1e6)
	return nil
}

// answer prints what is said of an article.
func (c *commands) answer(r Result) error {
	if r.Err != nil {
		c.report(fmt.Errorf("article %q: %w", articles.Abbreviate(r.ID, 40), r.Err))
	}
	return c.out.Encode(articles.NewAnswer(r.ID, r.Matches, r.Err))
}

func (c *commands) query(s *Store, files []string) error {
	return articles.Each(files, c.stdin, c.report, func(a neardup.Article) error {
		matches, err := s.Query(a)
		if err != nil && !errors.Is(err, neardup.ErrTooLong) {
			return err
		}
		return c.answer(Result{ID: a.ID, Matches: matches, Err: err})
	})
}

func (c *commands) remove(s *Store, ids []string) error {
	for _, id := range ids {
		found, err := s.Remove(id)
		if err != nil {
			return err
		}
		if err := c.out.Encode(articles.Removal{ID: id, Removed: found}); err != nil {
			return err
		}
	}
	return nil
}

func (c *commands) groups(s *Store, _ []string) error {
	groups, err := s.Groups()
	if err != nil {
		return err
	}
	return articles.WriteGroups(c.stdout, groups)
}

func (c *commands) stats(s *Store, _ []string) error {
	n, err := s.Len()
	if err != nil {
		return err
	}
	size, err := s.Size()
	if err != nil {
		return err
	}
	return c.out.Encode(map[string]int64{"articles": int64(n), "bytes": size})
}

func (c *commands) sweep(s *Store, _ []string) error {
	removed, err := s.Sweep()
	if err != nil {
		return err
	}
	return c.out.Encode(map[string]int{"removed": removed})
}
