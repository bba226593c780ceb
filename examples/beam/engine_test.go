package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"

	"github.com/neardup/neardup/examples/internal/corpus"
)

// The engine that is at hand, as in "engines/with flink go test -run Engine .", finds the groups
// that a Detector finds.
func TestEngine(t *testing.T) {
	endpoint, runner := os.Getenv("BEAM_ENDPOINT"), os.Getenv("BEAM_RUNNER")
	if endpoint == "" {
		if os.Getenv("NEARDUP_REQUIRE_ENGINE") != "" {
			t.Fatal("no engine: run engines/with flink go test -run Engine .")
		}
		t.Skip("no engine: run engines/with flink go test -run Engine .")
	}
	*jobopts.Endpoint, *jobopts.EnvironmentType, *jobopts.Parallelism = endpoint, "LOOPBACK", 2
	docs := corpus.Articles(2000, 1)
	dir := t.TempDir()
	writeArticles(t, filepath.Join(dir, "in"), docs)
	lines, err := runJob(t, dir, newsroom, func(ctx context.Context, p *beam.Pipeline) (beam.PipelineResult, error) {
		return beam.Run(ctx, runner, p)
	})
	if err != nil {
		t.Fatal(err)
	}
	if groups := compareGroups(t, docs, lines); len(groups) < 100 {
		t.Errorf("%d groups of 2,000 articles: the corpus tests nothing", len(groups))
	}
}
