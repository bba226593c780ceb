// Dedup finds the near-duplicate articles in files and prints them as JSON Lines.
//
//	go run ./examples/dedup [flags] PATH...
//
// A PATH is a .txt file (one article, whose ID is the path and whose source is the folder), a
// .jsonl or .jsonl.gz file (one JSON object a line with "id" and "text", optionally "source" and
// "time"; where there is no source, the host of "url" is the source), a directory (searched for
// such files, in lexical order) or - for JSON Lines on standard input.
//
// By default it prints one line for each group of two or more articles: the representative, and
// all members, the representative first, with what it and they have in common:
//
//	{"representative":"a","members":[{"id":"a","kind":"same",…},{"id":"b","kind":"contains",…}]}
//
// The fields after the id are those of neardup.Relation, as seen from the representative: "kind"
// says that it is the "same" article as the member or "contains" it; "jaccard" is their Jaccard
// similarity, "containment_b_in_a" the share of the member's words that the representative has,
// "containment_a_in_b" the reverse, and "shared" the number of features in both. With -pairs a line
// is {"a":"a","b":"b","kind":"contained",…}, as seen from a: here a is contained in b, and may go.
//
// With -keep it prints the IDs that survive, one a line: all articles but the members that a
// representative stands for, in the order of the input. With -report out.html it also writes a page
// on which the groups can be searched and any two members read side by side.
//
// Text that a source repeats on its pages is no evidence. It is learnt from all that is read, before
// anything is compared; -templates-off turns that off.
//
// Messages go to standard error. A line or file that cannot be read is reported with its place and
// passed over. The exit status is 0, 1 when something was reported, 2 when nothing could be done.
// (go run turns 2 into 1; build the program where that matters.)
package main

import (
	"bufio"
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
	"github.com/neardup/neardup/shingle"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
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
		signature = flags.Bool("signature", false, "keep a signature of each article and not its features: a third of the memory, and similarities are estimates")
		noLearn   = flags.Bool("templates-off", false, "do not learn what text a source repeats on its pages: it counts as evidence then")
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
	cfg := neardup.Config{Threshold: *threshold, Recall: *recall, BySignature: *signature, Workers: *workers}
	cfg.Templates.Off = *noLearn
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
		if groups, err = detector.Groups(ctx, nil); err != nil {
			in.progress.clear()
			fmt.Fprintln(stderr, "dedup: interrupted while comparing")
			return 2
		}
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
	var found string
	switch {
	case *pairs:
		n := 0
		lines := json.NewEncoder(out)
		lines.SetEscapeHTML(false)
		for p, pairErr := range detector.Pairs(ctx) {
			p.Relation = articles.Round(p.Relation)
			if err = pairErr; err == nil {
				err = lines.Encode(p)
			}
			if err != nil {
				break
			}
			n++
		}
		found = plural(n, "pair")
	default:
		represented := make(map[string]bool)
		for _, g := range groups {
			for _, m := range g.Members {
				if m.ID != g.Representative {
					represented[m.ID] = true
				}
			}
		}
		if !*keep {
			err = articles.WriteGroups(out, groups)
		}
		if *keep {
			for _, id := range in.accepted() {
				if !represented[id] && err == nil {
					_, err = fmt.Fprintln(out, id)
				}
			}
		}
		found = fmt.Sprintf("%s, %s", plural(len(groups), "group"), plural(len(represented), "duplicate"))
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

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
