package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/corpus"
	"github.com/neardup/neardup/examples/internal/sign"
	bolt "go.etcd.io/bbolt"
)

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, 0.5, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	s.db.NoSync = true // speed: these tests end with the process, not with the machine
	t.Cleanup(func() { s.Close() })
	return s
}

func add(t testing.TB, s *Store, docs []neardup.Article, batch int) (results []Result) {
	t.Helper()
	for part := range slices.Chunk(docs, batch) {
		r, err := s.AddBatch(part)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, r...)
	}
	return results
}

// The store has to find the groups that a Detector with the same limits finds in memory.
func TestGroupsEqualDetector(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 1_000
	}
	docs := corpus.Articles(n, 1)
	s := open(t, filepath.Join(t.TempDir(), "db"))
	add(t, s, docs, 1000)
	got, err := s.Groups()
	if err != nil {
		t.Fatal(err)
	}
	d, err := neardup.New(neardup.Config{NoContainment: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AddAll(context.Background(), slices.Values(docs)); err != nil {
		t.Fatal(err)
	}
	want := articles.Members(d.Groups(neardup.Earliest))
	if len(want) < n/20 {
		t.Fatalf("only %d groups among %d articles: the corpus tests nothing", len(want), n)
	}
	if diff := cmp.Diff(want, articles.Members(got)); diff != "" {
		t.Errorf("groups mismatch (-detector +store):\n%s", diff)
	}
}

// Whether articles come in one batch or one by one must not matter, nor whether the file is closed in between.
func TestBatchesAndRestarts(t *testing.T) {
	docs := corpus.Articles(300, 2)
	one := add(t, open(t, filepath.Join(t.TempDir(), "db")), docs, len(docs))

	path := filepath.Join(t.TempDir(), "db")
	var other []Result
	for part := range slices.Chunk(docs, 70) {
		s := open(t, path)
		other = append(other, add(t, s, part, 7)...)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(one, other); diff != "" {
		t.Errorf("results mismatch (-one batch +many):\n%s", diff)
	}
	found := 0
	for _, r := range one {
		found += len(r.Duplicates)
	}
	if found < 30 {
		t.Errorf("%d duplicates among 300 articles, want at least 30", found)
	}
}

func TestDelete(t *testing.T) {
	docs := corpus.Articles(50, 3)
	s := open(t, filepath.Join(t.TempDir(), "db"))
	add(t, s, docs, 50)
	text := docs[7].Text
	ids := func() (out []string) {
		matches, err := s.Query(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range matches {
			out = append(out, m.ID)
		}
		return out
	}
	if !slices.Contains(ids(), "a000007") {
		t.Fatal("an article is not found by its own text")
	}
	if found, err := s.Delete("a000007"); !found || err != nil {
		t.Fatalf("Delete = %v, %v", found, err)
	}
	if found, err := s.Delete("a000007"); found || err != nil {
		t.Fatalf("second Delete = %v, %v, want false", found, err)
	}
	if slices.Contains(ids(), "a000007") {
		t.Error("a deleted article is still found")
	}
	if n, err := s.Sweep(); n != s.signer.Plan.Bands || err != nil {
		t.Errorf("Sweep = %d, %v, want one entry for each of %d bands", n, err, s.signer.Plan.Bands)
	}
	if n, err := s.Len(); n != 49 || err != nil {
		t.Errorf("Len = %d, %v, want 49", n, err)
	}
	// The id is free again.
	if r := add(t, s, docs[7:8], 1); r[0].Err != "" {
		t.Errorf("adding a deleted article again: %s", r[0].Err)
	}
	if !slices.Contains(ids(), "a000007") {
		t.Error("an article added again is not found")
	}
}

func TestRefused(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "db"))
	a := neardup.Article{ID: "x", Text: "A short text about nothing in particular."}
	r := add(t, s, []neardup.Article{a, {Text: "no id"}, a, {ID: "empty"}, {ID: "also empty"}}, 5)
	want := []Result{
		{ID: "x", Duplicates: []Match{}},
		{ID: "", Duplicates: []Match{}, Err: "article has no id"},
		{ID: "x", Duplicates: []Match{}, Err: ErrExists.Error()},
		{ID: "empty", Duplicates: []Match{}},
		{ID: "also empty", Duplicates: []Match{}},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestOtherThreshold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(path, 0.8, 0.95); err == nil {
		s.Close()
		t.Error("a store made for threshold 0.5 was opened with 0.8")
	}
	if err := os.WriteFile(path, []byte("not a store"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(path, 0.5, 0.95); err == nil {
		s.Close()
		t.Error("a damaged file was opened")
	}
}

// One text thousands of times must not take quadratic time.
func TestOneTextManyTimes(t *testing.T) {
	text := corpus.Articles(1, 4)[0].Text
	docs := make([]neardup.Article, 5000)
	for i := range docs {
		docs[i] = neardup.Article{ID: fmt.Sprint(i), Text: text}
	}
	s := open(t, filepath.Join(t.TempDir(), "db"))
	results := add(t, s, docs, 1000)
	if n := len(results[4999].Duplicates); n != sign.MaxBucket {
		t.Errorf("the last copy has %d duplicates, want the %d that are looked at", n, sign.MaxBucket)
	}
	groups, err := s.Groups()
	if err != nil {
		t.Fatal(err)
	}
	if len(groups) != 1 || len(groups[0].Members) != 5000 {
		t.Errorf("%d groups, want one of 5,000", len(groups))
	}
}

// A process that dies in the middle of a batch loses that batch, and nothing that was added before.
func TestCrash(t *testing.T) {
	if path := os.Getenv("STORE_CRASH"); path != "" {
		s := open(t, path)
		add(t, s, corpus.Articles(200, 5), 100)
		_ = s.db.Update(func(tx *bolt.Tx) error { // the third batch, half of it written
			for i := range 50 {
				if err := tx.Bucket(idBucket).Put([]byte(fmt.Sprint("half", i)), make([]byte, 8)); err != nil {
					t.Fatal(err)
				}
			}
			os.Exit(3)
			return nil
		})
	}
	path := filepath.Join(t.TempDir(), "db")
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrash$")
	cmd.Env = append(os.Environ(), "STORE_CRASH="+path)
	var exit *exec.ExitError
	if out, err := cmd.CombinedOutput(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Fatalf("the crashing process: %v, want exit status 3\n%s", err, out)
	}
	s := open(t, path)
	if n, err := s.Len(); n != 200 || err != nil {
		t.Errorf("after the crash Len = %d, %v, want the 200 of the two whole batches", n, err)
	}
	if err := s.db.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			return err
		}
		return nil
	}); err != nil {
		t.Errorf("the file is damaged: %v", err)
	}
	add(t, s, corpus.Articles(300, 5)[200:], 100)
	if n, _ := s.Len(); n != 300 {
		t.Errorf("adding the lost batch again: Len = %d, want 300", n)
	}
}

func TestCommands(t *testing.T) {
	db := filepath.Join(t.TempDir(), "db")
	var in bytes.Buffer
	for _, a := range corpus.Articles(40, 6) {
		if err := json.NewEncoder(&in).Encode(map[string]any{"id": a.ID, "text": a.Text, "time": a.Time}); err != nil {
			t.Fatal(err)
		}
	}
	in.WriteString(`{"id": "broken`)
	do := func(stdin io.Reader, args ...string) (string, error) {
		var out bytes.Buffer
		err := run(append([]string{"-db", db}, args...), stdin, &out, io.Discard)
		return out.String(), err
	}
	out, err := do(&in, "add", "-")
	if err == nil || !strings.Contains(err.Error(), "article 41") {
		t.Errorf("a malformed line: %v, want an error that names article 41", err)
	}
	if n := strings.Count(out, "\n"); n != 40 {
		t.Errorf("add printed %d lines, want 40: what was read before the malformed line counts", n)
	}
	if out, err = do(nil, "stats"); err != nil || !strings.Contains(out, `"articles":40,`) {
		t.Errorf("stats = %s, %v", out, err)
	}
	if out, err = do(nil, "groups"); err != nil || !strings.Contains(out, `"representative":"a0000`) {
		t.Errorf("groups = %s, %v", out, err)
	}
	if _, err = do(nil, "delete", "nobody"); err == nil {
		t.Error("deleting an unknown id gave no error")
	}
	if _, err = do(nil, "frobnicate"); err == nil {
		t.Error("an unknown command gave no error")
	}
}

func BenchmarkAdd(b *testing.B) {
	docs := corpus.Articles(5000, 7)
	for i := 0; b.Loop(); i++ {
		s, err := Open(filepath.Join(b.TempDir(), "db"), 0.5, 0.95)
		if err != nil {
			b.Fatal(err)
		}
		add(b, s, docs, 1000)
		s.Close()
	}
	b.ReportMetric(float64(b.N*len(docs))/b.Elapsed().Seconds(), "articles/s")
}
