// Report runs every measurement and writes each table and chart that the README shows, all at one
// commit on one machine.
//
//	cd bench/report
//	go run . -short -datasets DIR   # about 20 minutes on two cores
//	go run . -datasets DIR          # more than an hour: more rounds, ten million articles if they fit
//
// Parts, chosen by -only, are speed, plain (without assembly), large (indexes of a million and
// more), peers (other Go libraries), others (libraries of other languages: bench/peers/others),
// accuracy, latency, scale, small (scale by signature) and cores. What a part measured is kept as a
// file in -out, in the format of its own tool, and read again when the part is not run; a part that
// fails leaves its old file, and the others run. From the files come report.md, with everything,
// and the section of the README between
//
//	<!-- bench:begin --> and <!-- bench:end -->
//
// Git is asked first, before a file is written: every file says at which commit it was measured,
// "-dirty" if anything but the results and the README differs from it. Tables of another commit
// than most of the others are marked.
//
// Rounds alternate: each starts the test binary anew and runs all benchmarks once, so that what is
// compared is measured minutes apart at most, and a noisy stretch hits all sides. The tables give
// medians over the rounds, and ratios are medians of the ratios within a round, with their least
// and largest. Times are processor times of all threads where a column says so.
//
// A part is marked as measured under load if processes of others, or the host of a virtual machine,
// took more than a twentieth of the machine's processor time meanwhile. Where the system does not
// tell (it is not Linux), the load average alone is printed.
//
// The flag -datasets names a folder with labelled sets; what it holds says go doc ./bench/accuracy.
// Without it accuracy is measured on what the repository has. Peers of other languages need python3,
// pip and cargo, and are left out, loudly, where they are not there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
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
	noOthers bool
	stderr   io.Writer

	machine machine
	started time.Time
	own     time.Duration // processor time of the programs started for the present part
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := flag.NewFlagSet("report", flag.ContinueOnError)
	f.SetOutput(stderr)
	o := options{stderr: stderr, started: time.Now()}
	f.BoolVar(&o.short, "short", false, "about 20 minutes instead of more than an hour: fewer rounds, a million articles at most")
	f.IntVar(&o.rounds, "rounds", 0, "rounds of speed, plain and peers; 0 = 7, with -short 3")
	f.StringVar(&o.root, "root", filepath.Join("..", ".."), "root of the repository")
	f.StringVar(&o.out, "out", "", "folder of the results; empty = bench/results of the repository")
	f.StringVar(&o.readme, "readme", "", "README to write the section of; empty = that of the repository; none = do not write")
	f.StringVar(&o.datasets, "datasets", os.Getenv("NEARDUP_DATASETS"), "folder with the folders of labelled sets")
	f.StringVar(&o.workers, "workers", "1,2", "numbers of workers of the part cores")
	others := f.Bool("others", true, "run the peers of other languages, which are fetched from the registries of their languages")
	only := f.String("only", strings.Join(partNames(), ","), "parts to run; none = use the files of an earlier run")
	if err := f.Parse(args); err != nil {
		return err
	}
	o.noOthers = !*others
	if o.rounds == 0 {
		o.rounds = 7
		if o.short {
			o.rounds = 3
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
	var failed []error
	if *only != "none" {
		chosen := strings.Split(*only, ",")
		for _, name := range chosen {
			if !slices.Contains(partNames(), name) {
				return fmt.Errorf("-only has %q, want %s or none", name, strings.Join(partNames(), ", "))
			}
		}
		o.ask(ctx)
		for _, p := range parts {
			if !slices.Contains(chosen, p.name) || ctx.Err() != nil {
				continue
			}
			if err := p.measure(&o, ctx, p); err != nil {
				fmt.Fprintf(stderr, "== %s FAILED: %v\n", p.name, err)
				failed = append(failed, fmt.Errorf("%s: %w", p.name, err))
			}
		}
		fmt.Fprintf(stderr, "== measured in %.0f minutes\n", time.Since(o.started).Minutes())
	}
	return errors.Join(append(failed, o.write(stdout))...)
}
