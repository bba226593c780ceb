package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/corpus"
	"github.com/neardup/neardup/examples/internal/records"
	"github.com/neardup/neardup/examples/internal/records/recordstest"
)

func TestMain(m *testing.M) {
	beam.Init() // in a worker this call does not return
	os.Exit(m.Run())
}

// pipeline runs the whole job on Prism, with small splits of three files, and returns the lines of all files written.
func pipeline(t *testing.T, docs []neardup.Article, more ...string) (lines []string, err error) {
	t.Helper()
	dir := t.TempDir()
	writeArticles(t, filepath.Join(dir, "in"), docs, more...)
	return runJob(t, dir, newsroom, prism.Execute)
}

// writeArticles writes articles to three files, as good as any number.
func writeArticles(t *testing.T, prefix string, docs []neardup.Article, more ...string) {
	t.Helper()
	for i := range 3 {
		var in bytes.Buffer
		for _, a := range docs[len(docs)*i/3 : len(docs)*(i+1)/3] {
			if err := json.NewEncoder(&in).Encode(map[string]any{"id": a.ID, "text": a.Text, "source": a.Source, "time": a.Time}); err != nil {
				t.Fatal(err)
			}
		}
		if i == 2 {
			in.WriteString(strings.Join(more, "\n"))
		}
		if err := os.WriteFile(fmt.Sprintf("%s%d.jsonl", prefix, i), in.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// runJob runs the job on the files in*.jsonl of a directory.
func runJob(t *testing.T, dir string, cfg Config, execute func(context.Context, *beam.Pipeline) (beam.PipelineResult, error)) (lines []string, err error) {
	t.Helper()
	cfg.Input, cfg.Parts = filepath.Join(dir, "in*.jsonl"), filepath.Join(dir, "out-parts-")
	err = job{Config: cfg, output: filepath.Join(dir, "out"), shards: 3, passes: 1, do: "all", execute: execute}.run(t.Context())
	return linesOf(t, filepath.Join(dir, "out-0*")), err
}

var prismExecute = prism.Execute

// linesOf returns the lines of files, sorted.
func linesOf(t *testing.T, glob string) (lines []string) {
	t.Helper()
	files, err := filepath.Glob(glob)
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
	return lines
}

// decodeGroups decodes the lines, in the order of their representatives.
func decodeGroups(t *testing.T, lines []string) []neardup.Group {
	t.Helper()
	var out []neardup.Group
	for _, line := range lines {
		var g neardup.Group
		if err := json.Unmarshal([]byte(line), &g); err != nil {
			t.Fatal(err)
		}
		out = append(out, g)
	}
	return sorted(out)
}

func sorted(groups []neardup.Group) []neardup.Group {
	slices.SortFunc(groups, func(a, b neardup.Group) int { return cmp.Compare(a.Representative, b.Representative) })
	return groups
}

// sameGroups compares the groups that the job finds with those of a Detector.
func sameGroups(t *testing.T, docs []neardup.Article) []neardup.Group {
	t.Helper()
	lines, err := pipeline(t, docs)
	if err != nil {
		t.Fatal(err)
	}
	return compareGroups(t, docs, lines)
}

func compareGroups(t *testing.T, docs []neardup.Article, lines []string) []neardup.Group {
	t.Helper()
	got := decodeGroups(t, lines)
	want, err := recordstest.Detector(t, docs, false).Groups(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want[i].Members = articles.RoundMatches(want[i].Members)
	}
	if diff := gocmp.Diff(sorted(want), got); diff != "" {
		t.Errorf("groups (-detector +beam):\n%s", diff)
	}
	return got
}

var newsroom = Config{Threshold: 0.5, Recall: 0.95, Split: 1 << 20, Partitions: 5, Learn: 4096}

// The pipeline finds the groups that a Detector of the same configuration finds in memory, and says the same of each member.
func TestGroupsEqualDetector(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 200
	}
	groups := sameGroups(t, corpus.Articles(n, 1))
	contained := 0
	for _, g := range groups {
		for _, m := range g.Members {
			if m.Kind == neardup.Contains {
				contained++
			}
		}
	}
	if len(groups) < n/20 || contained < n/100 {
		t.Errorf("%d groups with %d contained among %d articles: the corpus tests nothing", len(groups), contained, n)
	}
}

func TestCorpus(t *testing.T) {
	docs, err := corpus.Files("../dedup/corpus")
	if err != nil {
		t.Fatal(err)
	}
	if groups := sameGroups(t, docs); len(groups) < 10 {
		t.Errorf("%d groups", len(groups))
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
		docs[i] = neardup.Article{ID: fmt.Sprintf("copy%04d", i), Text: text, Time: time.Unix(int64(n-i), 7)}
	}
	if got := sameGroups(t, docs); len(got) != 1 || len(got[0].Members) != n {
		t.Errorf("%d groups, want one of %d articles", len(got), n)
	}
}

// What cannot be read is counted and does not stop the rest.
func TestMalformed(t *testing.T) {
	docs := corpus.Articles(2, 5)
	docs[1].Text = docs[0].Text
	got, err := pipeline(t, docs, `{"id": "broken`, `{"text": "no id"}`)
	if err == nil || !strings.Contains(err.Error(), "2 malformed lines") {
		t.Errorf("error %v, want one that counts 2 malformed lines", err)
	}
	if len(got) != 1 {
		t.Errorf("%d groups, want the one of the two articles that can be read", len(got))
	}
}

// An article that was read twice is there once.
func TestRepeated(t *testing.T) {
	docs := corpus.Articles(3, 5)
	docs[1].Text = docs[0].Text
	got, err := pipeline(t, append(docs, docs...))
	if err == nil || !strings.Contains(err.Error(), "3 articles with the ID of another") {
		t.Errorf("error %v, want one that counts 3 articles", err)
	}
	if len(got) != 1 || strings.Count(got[0], `"id"`) != 2 {
		t.Errorf("got %q, want one group of two", got)
	}
}

// A phrase that more than records.MaxCommon texts have is no hint at an excerpt, and is not counted as a part of one.
func TestCommonPhrase(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a thousand articles")
	}
	phrase, _, _ := strings.Cut(corpus.Articles(1, 9)[0].Text, "\n\n")
	docs := corpus.Articles(records.MaxCommon+200, 10) // some of them are copies
	for i := range docs {
		docs[i].Text += "\n\n" + phrase
	}
	long := corpus.Articles(1, 11)[0].Text
	sameGroups(t, append(docs,
		neardup.Article{ID: "excerpt", Text: long[:len(long)/2] + "\n\n" + phrase},
		neardup.Article{ID: "whole", Text: long}))
}
