// Command beam finds groups of near-duplicate articles as an Apache Beam pipeline: for collections
// that one process cannot hold, on the cluster that is there already.
//
//	go run . -input 'articles-*.jsonl' -output groups
//
// The input is JSON Lines with id and text, optionally source (or url, whose host is then the
// source) and time (RFC 3339, or a date). The output is a number of files, groups-00000-of-00004
// and so on, with one JSON object a line for each group, as neardup.Group has it: the
// representative is the same as each member, or contains it. They are the groups that a
// neardup.Detector finds.
//
// The pipeline writes what it found, entries and edges, to files groups-parts-…, and one process,
// this one, makes groups of them; -do says if only one of both is wanted.
//
// Without -runner the pipeline runs in this process, on Prism: that is for tests and for trying it
// out. The README says how to run it elsewhere, and what of that was verified.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"

	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/flink"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/spark"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
)

var (
	input      = flag.String("input", "", "the articles, JSON Lines; a `glob`")
	output     = flag.String("output", "", "the `prefix` of the files to write")
	do         = flag.String("do", "all", "`what`: all; edges: the pipeline alone; groups: the groups alone, of what the pipeline wrote before; detector: those that one Detector finds in this process, to compare with")
	threshold  = flag.Float64("threshold", 0.5, "Jaccard similarity from which two articles are the same")
	recall     = flag.Float64("recall", 0.95, "share of the pairs at the threshold to find")
	splitSize  = flag.Int64("split", 8<<20, "`bytes` of a file that are read at once; for terabytes 64 MiB")
	partitions = flag.Int("partitions", 16, "of what is shuffled; some 30,000 articles each is well")
	learn      = flag.Int("learn", 4096, "articles of a source that its text is learnt from")
	shards     = flag.Int("shards", 4, "files of groups to write")
	passes     = flag.Int("passes", 1, "passes in which groups are made, each with a part of the entries in memory")
	report     = flag.Bool("report", false, "write what was counted to standard error")
	pool       = flag.Int("pool", 0, "be a worker pool on this `port` of localhost instead, for jobs with -environment_type EXTERNAL")
)

func main() {
	flag.Usage = func() {
		w := flag.CommandLine.Output()
		fmt.Fprint(w, "usage: beam -input GLOB -output PREFIX [flags]\n\nFinds groups of near-duplicate articles as an Apache Beam pipeline.\n\nexample:\n"+
			"  beam -input 'articles-*.jsonl' -output groups\n\ninput:\n"+articles.FieldsHelp+"\noutput, one JSON object a line, in files PREFIX-00000-of-00004 and so on:\n"+
			articles.GroupSchema+articles.RelationSchema+"\nexit status:\n  0  done\n  1  not done, or something was passed over\n\nflags, of this program and of Beam:\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	slog.SetLogLoggerLevel(slog.LevelWarn)
	beam.Init() // in a worker this call does not return
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	work := run
	if *pool != 0 {
		work = servePool
	}
	if err := work(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "beam:", err)
		os.Exit(1)
	}
}

// servePool starts the workers that job services ask for, in this process, until it is interrupted.
func servePool(ctx context.Context) error {
	p, err := extworker.StartLoopback(ctx, *pool)
	if err != nil {
		return err
	}
	<-ctx.Done()
	return p.Stop(context.WithoutCancel(ctx))
}

func run(ctx context.Context) error {
	runner := *runners.Runner
	if runner == "" {
		runner = "prism"
	}
	return job{
		Config: Config{
			Input: *input, Parts: *output + "-parts-", Threshold: *threshold, Recall: *recall,
			Split: *splitSize, Partitions: *partitions, Learn: *learn,
		},
		output: *output, shards: *shards, passes: *passes, do: *do,
		execute: func(ctx context.Context, p *beam.Pipeline) (beam.PipelineResult, error) {
			return beam.Run(ctx, runner, p)
		},
	}.run(ctx)
}

// A job is what there is to do.
type job struct {
	Config
	output         string
	shards, passes int
	do             string
	execute        func(ctx context.Context, p *beam.Pipeline) (beam.PipelineResult, error)
}

func (j job) check() error {
	switch {
	case j.Input == "" && j.do != "groups":
		return errors.New("-input is missing")
	case j.output == "":
		return errors.New("-output is missing")
	case j.shards < 1:
		return fmt.Errorf("-shards is %d, want at least 1", j.shards)
	case j.passes < 1:
		return fmt.Errorf("-passes is %d, want at least 1", j.passes)
	case j.do != "all" && j.do != "edges" && j.do != "groups" && j.do != "detector":
		return fmt.Errorf("-do is %q, want all, edges, groups or detector", j.do)
	}
	return j.Config.check()
}

func (j job) run(ctx context.Context) error {
	if err := j.check(); err != nil {
		return err
	}
	f := &finish{parts: j.Parts, output: j.output, shards: j.shards, passes: j.passes}
	if j.do == "detector" {
		return f.detect(ctx, j.Config)
	}
	var passedOver error
	if j.do != "groups" {
		if err := f.clear(ctx, "*"); err != nil {
			return err
		}
		p, s := beam.NewPipelineWithRoot()
		Edges(s, j.Config)
		result, err := j.execute(ctx, p)
		if err != nil {
			return err
		}
		passedOver = account(result)
		if err := errors.Join(f.clear(ctx, "*.tmp"), f.mark(ctx)); err != nil {
			return err
		}
	}
	if j.do != "edges" {
		if err := f.run(ctx); err != nil {
			return err
		}
	}
	if f.repeated > 0 {
		passedOver = errors.Join(passedOver, fmt.Errorf("%d articles with the ID of another one like them were passed over", f.repeated))
	}
	return passedOver
}

// account writes what was counted, if that is wanted, and says what was passed over or capped.
func account(result beam.PipelineResult) error {
	counts := make(map[string]int64)
	moved := int64(0)
	for _, c := range result.Metrics().AllMetrics().Counters() {
		switch c.Namespace() {
		case "moved":
			moved += c.Result()
			counts["moved: "+c.Name()] += c.Result()
		case "neardup":
			counts[c.Name()] += c.Result()
		}
	}
	if n := counts["articles"]; *report && n > 0 {
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(os.Stderr, "%14d  %10.3f an article  %s\n", counts[name], float64(counts[name])/float64(n), name)
		}
		fmt.Fprintf(os.Stderr, "%14d  %10.3f an article  bytes moved in all\n", moved, float64(moved)/float64(n))
	}
	for _, name := range []string{tieredName, sourcesName} {
		if n := counts[name]; n > 0 {
			fmt.Fprintf(os.Stderr, "beam: %d %s\n", n, name)
		}
	}
	if n := counts["malformed"]; n > 0 {
		return fmt.Errorf("%d malformed lines were passed over", n)
	}
	return nil
}

// lineOf writes a group as a line.
func lineOf(g neardup.Group) (string, error) {
	var b bytes.Buffer
	err := articles.WriteGroups(&b, []neardup.Group{g})
	return b.String(), err
}
