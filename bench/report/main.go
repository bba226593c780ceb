// Report runs the benchmarks and writes every table and chart that the README shows.
//
//	cd bench/report
//	go run . -short          # minutes: fewer rounds, no index of a million
//	go run .                 # about an hour on two cores
//
// Parts, chosen by -only: speed, large (the indexes of a million and more, left out by -short), peers, accuracy, scale, cores. What a part measured is kept as a file in -out, in the format of its own
// tool, and read again when the part is not run: speed.txt, large.txt and peers.txt (benchstat reads them), accuracy.jsonl, scale.jsonl, cores.jsonl. From
// those come report.md, with everything, and the section of the README between
//
//	<!-- bench:begin --> and <!-- bench:end -->
//
// Rounds alternate: each starts the test binary anew and runs all benchmarks once, so that what is compared is measured minutes apart
// at most, and a noisy stretch hits all sides. The tables give medians over the rounds, and ratios are medians of the ratios within a round.
// Times are processor times where the system tells them: neighbours on the machine make the clock jump.
//
// -datasets names a folder with labelled sets, see bench/accuracy; without it accuracy is measured on the generated set alone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "report:", err)
		}
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	short    bool
	rounds   int
	root     string // of the repository
	out      string
	readme   string
	datasets string
	workers  string
	stderr   io.Writer
}

var parts = []string{"speed", "large", "peers", "accuracy", "scale", "cores"}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := flag.NewFlagSet("report", flag.ContinueOnError)
	f.SetOutput(stderr)
	o := options{stderr: stderr}
	f.BoolVar(&o.short, "short", false, "minutes instead of an hour: fewer rounds, no large indexes")
	f.IntVar(&o.rounds, "rounds", 0, "rounds of speed and peers; 0 = 6, with -short 2")
	f.StringVar(&o.root, "root", filepath.Join("..", ".."), "root of the repository")
	f.StringVar(&o.out, "out", "", "folder of the results; empty = bench/results of the repository")
	f.StringVar(&o.readme, "readme", "", "README to write the section of; empty = that of the repository; none = do not write")
	f.StringVar(&o.datasets, "datasets", os.Getenv("NEARDUP_DATASETS"), "folder with the folders of labelled sets")
	f.StringVar(&o.workers, "workers", "1,2", "numbers of workers of the part cores")
	only := f.String("only", strings.Join(parts, ","), "parts to run; none = use the files of an earlier run")
	if err := f.Parse(args); err != nil {
		return err
	}
	if o.rounds == 0 {
		o.rounds = 6
		if o.short {
			o.rounds = 2
		}
	}
	if o.out == "" {
		o.out = filepath.Join(o.root, "bench", "results")
	}
	if o.readme == "" {
		o.readme = filepath.Join(o.root, "README.md")
	}
	// Programs run in other folders than this one.
	for _, path := range []*string{&o.root, &o.out, &o.datasets, &o.readme} {
		if *path == "" || *path == "none" {
			continue
		}
		var err error
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(o.out, 0o777); err != nil {
		return err
	}
	if *only != "none" {
		for _, part := range strings.Split(*only, ",") {
			if !slices.Contains(parts, part) {
				return fmt.Errorf("-only has %q, want %s or none", part, strings.Join(parts, ", "))
			}
		}
		for i, measure := range []func(context.Context) error{o.speed, o.large, o.peers, o.accuracy, o.scale, o.cores} {
			if slices.Contains(strings.Split(*only, ","), parts[i]) {
				if err := measure(ctx); err != nil {
					return fmt.Errorf("%s: %w", parts[i], err)
				}
			}
		}
	}
	return o.write(ctx, stdout)
}

// command runs a program in a folder of the repository and copies what it prints to w.
func (o *options) command(ctx context.Context, dir string, w io.Writer, name string, args ...string) error {
	fmt.Fprintf(o.stderr, "%s: %s %s\n", dir, name, strings.Join(args, " "))
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = filepath.Join(o.root, dir)
	c.Stdout, c.Stderr = w, o.stderr
	return c.Run()
}

// capture is command, returning what it prints.
func (o *options) capture(ctx context.Context, dir, name string, args ...string) (string, error) {
	var sb strings.Builder
	err := o.command(ctx, dir, &sb, name, args...)
	return sb.String(), err
}
