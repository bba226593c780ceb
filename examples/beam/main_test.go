package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/textio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/corpus"
	"github.com/neardup/neardup/examples/internal/records"
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

// sameGroups compares the groups that the pipeline finds with those of a Detector of the same configuration. It does not learn the text of
// sites, as the pipeline does not.
func sameGroups(t *testing.T, docs []neardup.Article) []neardup.Group {
	t.Helper()
	lines, err := pipeline(t, newsroom, docs)
	if err != nil {
		t.Fatal(err)
	}
	got := decodeGroups(t, lines)
	d, err := neardup.New(neardup.Config{Templates: neardup.Templates{Off: true}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AddAll(t.Context(), slices.Values(docs)); err != nil {
		t.Fatal(err)
	}
	want, err := d.Groups(t.Context(), nil)
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

var newsroom = Config{Threshold: 0.5, Recall: 0.95, Rounds: 5}

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
	got, err := pipeline(t, newsroom, docs, `{"id": "broken`, `{"text": "no id"}`)
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
	got, err := pipeline(t, newsroom, append(docs, docs...))
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
