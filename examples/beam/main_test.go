package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/textio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/google/go-cmp/cmp"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/corpus"
)

func TestMain(m *testing.M) {
	beam.Init() // in a worker this call does not return
	os.Exit(m.Run())
}

// pipeline runs the whole pipeline on Prism and returns the lines of all files written.
func pipeline(t *testing.T, cfg Config, docs []neardup.Article, more ...string) (lines []string, err error) {
	t.Helper()
	dir := t.TempDir()
	var in bytes.Buffer
	for _, a := range docs {
		if err := json.NewEncoder(&in).Encode(map[string]any{"id": a.ID, "text": a.Text, "source": a.Source, "time": a.Time}); err != nil {
			t.Fatal(err)
		}
	}
	in.WriteString(strings.Join(more, "\n"))
	if err := os.WriteFile(filepath.Join(dir, "in.jsonl"), in.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p, s := beam.NewPipelineWithRoot()
	write(s, Groups(s, cfg, textio.Read(s, filepath.Join(dir, "*.jsonl"))), filepath.Join(dir, "out"), 3)
	result, err := prism.Execute(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "out-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Fields(string(b))...) // ids of these tests have no spaces
	}
	slices.Sort(lines)
	return lines, converged(result)
}

// members returns what articles.Members would of the groups in lines.
func members(t *testing.T, lines []string) [][]string {
	t.Helper()
	var out [][]string
	for _, line := range lines {
		var g struct {
			Representative string
			Members        []struct{ ID string }
		}
		if err := json.Unmarshal([]byte(line), &g); err != nil {
			t.Fatal(err)
		}
		ids := []string{}
		for _, m := range g.Members {
			ids = append(ids, m.ID)
		}
		if ids[0] != g.Representative {
			t.Errorf("the group of %s begins with %s", g.Representative, ids[0])
		}
		slices.Sort(ids[1:])
		out = append(out, ids)
	}
	// The earliest article of this corpus has the smallest ID, and groups come in that order.
	slices.SortFunc(out, slices.Compare[[]string])
	return out
}

var newsroom = Config{Threshold: 0.5, Recall: 0.95, Rounds: 5}

// The pipeline has to find the groups that a Detector with the same limits finds in memory.
func TestGroupsEqualDetector(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 200
	}
	docs := corpus.Articles(n, 1)
	got, err := pipeline(t, newsroom, docs)
	if err != nil {
		t.Fatal(err)
	}
	d, err := neardup.New(neardup.Config{NoContainment: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AddAll(t.Context(), slices.Values(docs)); err != nil {
		t.Fatal(err)
	}
	want := articles.Members(d.Groups(neardup.Earliest))
	if len(want) < n/20 {
		t.Fatalf("only %d groups among %d articles: the corpus tests nothing", len(want), n)
	}
	if diff := cmp.Diff(want, members(t, got)); diff != "" {
		t.Errorf("groups mismatch (-detector +beam):\n%s", diff)
	}
}

// One text thousands of times is one group, and does not take quadratic time or memory.
func TestOneTextManyTimes(t *testing.T) {
	n := 5000
	if testing.Short() {
		n = 600
	}
	text := corpus.Articles(1, 4)[0].Text
	docs := make([]neardup.Article, n)
	for i := range docs {
		docs[i] = neardup.Article{ID: fmt.Sprintf("copy%04d", i), Text: text}
	}
	got, err := pipeline(t, newsroom, docs)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || strings.Count(got[0], `"id"`) != n {
		t.Errorf("%d groups, want one of %d articles", len(got), n)
	}
}

// What cannot be read is counted and does not stop the rest.
func TestMalformed(t *testing.T) {
	docs := corpus.Articles(2, 5)
	docs[1].Text = docs[0].Text
	got, err := pipeline(t, newsroom, docs, `{"id": "broken`, `{"text": "no id"}`)
	if err == nil || !strings.Contains(err.Error(), "2 malformed lines") {
		t.Errorf("error %v, want one that counts 2 malformed lines", err)
	}
	if len(got) != 1 {
		t.Errorf("%d groups, want the one of the two articles that can be read", len(got))
	}
}

// Too few rounds for the chains in the collection are an error, not a wrong result.
func TestTooFewRounds(t *testing.T) {
	// Each text has 11 of the 12 sentences of the one before.
	sentences := strings.SplitAfter(strings.ReplaceAll(corpus.Articles(1, 6)[0].Text+" "+corpus.Articles(1, 7)[0].Text+" "+
		corpus.Articles(1, 8)[0].Text+" "+corpus.Articles(1, 9)[0].Text, "\n\n", " "), ". ")
	var docs []neardup.Article
	for i := 0; i+12 <= len(sentences); i++ {
		docs = append(docs, neardup.Article{ID: fmt.Sprintf("link%02d", i*37%len(sentences)), Text: strings.Join(sentences[i:i+12], "")})
	}
	cfg := newsroom
	cfg.Rounds = 1
	if _, err := pipeline(t, cfg, docs); err == nil {
		t.Errorf("one round for a chain of %d gave no error", len(docs))
	}
	cfg.Rounds = 10
	if _, err := pipeline(t, cfg, docs); err != nil {
		t.Error(err)
	}
}
