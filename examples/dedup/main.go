// Dedup finds the near-duplicate articles in files and prints them as JSON Lines.
//
//	go run ./examples/dedup [flags] PATH...
//
// A PATH is a .txt file (one article, whose ID is the path), a .jsonl or .jsonl.gz file (one JSON object a line with
// "id" and "text", optionally "source" and "time"), a directory (searched for such files, in lexical order) or - for
// JSON Lines on standard input.
//
// By default it prints one line for each group of two or more articles:
//
//	{"representative":"a","members":[{"id":"a","similarity":1},{"id":"b","similarity":0.9531}]}
//
// Similarity is the estimated Jaccard similarity to the representative. A member that is in the group because one text
// is contained in the other, with a similarity below the threshold, has a "kind" as well: "contained" in the
// representative, or "contains" it. With -pairs, {"a":"a","b":"b","similarity":0.3125,"kind":"contained"} says that a is
// contained in b.
//
// With -keep it prints the IDs that survive, one a line: of each group the representative, and all articles that are in no
// group, in the order of the input. With -report out.html it also writes a page on which the groups can be searched and any
// two members read side by side.
//
// Messages go to standard error. A line or file that cannot be read is reported with its place and passed over. The exit
// status is 0, 1 when something was reported, 2 when nothing could be done. (go run turns 2 into 1; build the program
// where that matters.)
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/shingle"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

type member struct {
	ID         string  `json:"id"`
	Similarity float64 `json:"similarity"`
	Kind       string  `json:"kind,omitempty"`
}

type group struct {
	Representative string   `json:"representative"`
	Members        []member `json:"members"`
}

type pair struct {
	A          string  `json:"a"`
	B          string  `json:"b"`
	Similarity float64 `json:"similarity"`
	Kind       string  `json:"kind,omitempty"`
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("dedup", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: dedup [flags] PATH...\nPATH is a .txt, .jsonl or .jsonl.gz file, a directory, or - for JSON Lines on standard input.")
		flags.PrintDefaults()
	}
	var (
		threshold = flags.Float64("threshold", 0.5, "Jaccard similarity from which two articles are the same")
		recall    = flags.Float64("recall", 0.95, "share of the pairs at the threshold that has to be found")
		view      = flags.String("view", "prose", "what is compared: prose (navigation is dropped) or whole")
		exact     = flags.Bool("exact", false, "keep the features of all articles: exact similarities, and short excerpts are found; takes about 5 bytes a word")
		templates = flags.Bool("templates", false, "leave out what many articles of one source have in common, learnt while reading: for forms and pages made by programs")
		workers   = flags.Int("workers", 0, "goroutines that read texts; 0 means one for each processor")
		pairs     = flags.Bool("pairs", false, "print every pair instead of groups")
		keep      = flags.Bool("keep", false, "print the IDs that survive, one a line, instead of groups")
		page      = flags.String("report", "", "write a page to look at, `out.html`, too; all texts are then held in memory")
	)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	usage := func(err error) int {
		fmt.Fprintln(stderr, "dedup:", err)
		return 2
	}
	cfg := neardup.Config{Threshold: *threshold, Recall: *recall, Exact: *exact, Workers: *workers}
	cfg.Templates.Learn = *templates
	switch *view {
	case "prose":
		cfg.Shingle.View = shingle.Prose
	case "whole":
		cfg.Shingle.View = shingle.Whole
	default:
		return usage(fmt.Errorf("-view is %q, want prose or whole", *view))
	}
	switch {
	case *pairs && *keep:
		return usage(errors.New("-pairs and -keep exclude each other"))
	case *threshold == 0:
		return usage(errors.New("-threshold is 0, want more than 0 and at most 1"))
	case *recall == 0:
		return usage(errors.New("-recall is 0, want more than 0 and less than 1"))
	case flags.NArg() == 0:
		flags.Usage()
		return 2
	}
	detector, err := neardup.New(cfg)
	if err != nil {
		return usage(err)
	}

	start := time.Now()
	in := newInput(stdin, stderr, detector.Config().MaxText)
	if *page != "" {
		in.kept = make(map[string]neardup.Article)
	}
	in.find(flags.Args())
	addErr := detector.AddAll(ctx, in.articles(ctx))
	in.progress.clear()
	if ctx.Err() != nil {
		fmt.Fprintf(stderr, "dedup: interrupted after %d articles\n", len(in.ids))
		return 1
	}
	in.refused(addErr)

	in.progress.say(fmt.Sprintf("comparing %d articles", detector.Len()))
	var groups []neardup.Group
	if !*pairs || *page != "" {
		groups = detector.Groups(nil)
	}
	if *page != "" {
		in.progress.say("writing " + *page)
		if err := writeReport(*page, &report{groups: groups, articles: in.kept, view: cfg.Shingle.View}); err != nil {
			in.progress.clear()
			fmt.Fprintln(stderr, "dedup:", err)
			return 2
		}
	}
	in.progress.clear()
	out := bufio.NewWriterSize(stdout, 1<<16)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	var found string
	switch {
	case *pairs:
		n := 0
		for p := range detector.Pairs() {
			if err = lines.Encode(pair{p.A, p.B, round(p.Similarity), kind(p.Kind)}); err != nil || ctx.Err() != nil {
				break
			}
			n++
		}
		found = plural(n, "pair")
	default:
		dropped := make(map[string]bool)
		for _, g := range groups {
			line := group{Representative: g.Representative}
			for _, m := range g.Members {
				line.Members = append(line.Members, member{m.ID, round(m.Similarity), role(m.Kind)})
				if m.ID != g.Representative {
					dropped[m.ID] = true
				}
			}
			if !*keep && err == nil {
				err = lines.Encode(line)
			}
		}
		if *keep {
			for _, id := range in.accepted() {
				if !dropped[id] && err == nil {
					_, err = fmt.Fprintln(out, id)
				}
			}
		}
		found = fmt.Sprintf("%s, %s", plural(len(groups), "group"), plural(len(dropped), "duplicate"))
	}
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted while writing")
	}
	if err != nil {
		fmt.Fprintln(stderr, "dedup:", err)
		return 2
	}
	summary := fmt.Sprintf("dedup: %s in %s: %s", plural(detector.Len(), "article"), plural(in.read, "file"), found)
	if in.errs > 0 {
		summary += ", " + plural(in.errs, "error")
	}
	fmt.Fprintf(stderr, "%s; %.1f s\n", summary, time.Since(start).Seconds())
	if in.errs > 0 {
		return 1
	}
	return 0
}

// round keeps four decimals: the standard error of an estimate is in the second.
func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// kind names what a similarity below the threshold does not explain.
func kind(k neardup.Kind) string {
	if k == neardup.Same {
		return ""
	}
	return k.String()
}

// role is the kind of a member, which the detector sees from the representative and this program from the member.
func role(k neardup.Kind) string {
	switch k {
	case neardup.Contains:
		k = neardup.Contained
	case neardup.Contained:
		k = neardup.Contains
	}
	return kind(k)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
