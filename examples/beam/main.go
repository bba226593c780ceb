// Command beam finds groups of near-duplicate articles as an Apache Beam pipeline: for collections that
// one process cannot hold, on the cluster that is there already.
//
//	go run . -input 'articles-*.jsonl' -output groups
//
// The input is JSON Lines with id and text, optionally source (or url, whose host is then the source)
// and time (RFC 3339, or a date). The output is a number of files, groups-00000-of-00004 and so on, with
// one JSON object a line for each group, as neardup.Group has it: the representative is the same as each
// member, or contains it.
//
// Without -runner the pipeline runs in this process, on Prism: that is for tests and for trying it out,
// since Prism keeps everything in memory, about 200 KB an article. The README says how to run it
// elsewhere, and what of that was verified.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/textio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"

	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/flink"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/spark"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"

	"github.com/neardup/neardup/examples/internal/articles"
)

var (
	input     = flag.String("input", "", "the articles, JSON Lines; a `glob`")
	output    = flag.String("output", "", "the `prefix` of the files to write")
	threshold = flag.Float64("threshold", 0.5, "Jaccard similarity from which two articles are the same")
	recall    = flag.Float64("recall", 0.95, "share of the pairs at the threshold to find")
	rounds    = flag.Int("rounds", 5, "rounds of connecting what is similar; too few are an error, never a wrong result")
	shards    = flag.Int("shards", 4, "files to write")
	pool      = flag.Int("pool", 0, "be a worker pool on this `port` of localhost instead, for jobs with -environment_type EXTERNAL")
)

func main() {
	flag.Usage = func() {
		w := flag.CommandLine.Output()
		fmt.Fprint(w, "usage: beam -input GLOB -output PREFIX [flags]\n\nFinds groups of near-duplicate articles as an Apache Beam pipeline.\n\nexample:\n"+
			"  beam -input 'articles-*.jsonl' -output groups\n\ninput:\n"+articles.FieldsHelp+"\noutput, one JSON object a line, in files PREFIX-00000-of-00004 and so on:\n"+
			articles.GroupSchema+articles.RelationSchema+"\nexit status:\n  0  done\n  1  not done\n\nflags, of this program and of Beam:\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	slog.SetLogLoggerLevel(slog.LevelWarn)
	beam.Init() // in a worker this call does not return
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	do := run
	if *pool != 0 {
		do = servePool
	}
	if err := do(ctx); err != nil {
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
	cfg := Config{Threshold: *threshold, Recall: *recall, Rounds: *rounds}
	switch {
	case *input == "":
		return fmt.Errorf("-input is missing")
	case *output == "":
		return fmt.Errorf("-output is missing")
	case *shards < 1:
		return fmt.Errorf("-shards is %d, want at least 1", *shards)
	}
	if err := cfg.check(); err != nil {
		return err
	}
	p, s := beam.NewPipelineWithRoot()
	groups := Groups(s, cfg, textio.Read(s, *input))
	write(s, groups, *output, *shards)
	runner := *runners.Runner
	if runner == "" {
		runner = "prism"
	}
	result, err := beam.Run(ctx, runner, p)
	if err != nil {
		return err
	}
	return converged(result)
}
