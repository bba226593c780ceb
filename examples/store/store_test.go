package main

import (
	"bytes"
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
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/corpus"
	"github.com/neardup/neardup/examples/internal/records"
	"github.com/neardup/neardup/examples/internal/records/recordstest"
	bolt "go.etcd.io/bbolt"
)

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, neardup.Config{})
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

func sameGroups(t *testing.T, s *Store, docs []neardup.Article) []neardup.Group {
	t.Helper()
	got, err := s.Groups()
	if err != nil {
		t.Fatal(err)
	}
	want, err := recordstest.Detector(t, docs, false).Groups(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-detector +store):\n%s", diff)
	}
	return got
}

// The store finds the groups that a Detector of the same configuration finds in memory, and says the same of each member.
func TestGroupsEqualDetector(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 1_000
	}
	docs := corpus.Articles(n, 1)
	s := open(t, filepath.Join(t.TempDir(), "db"))
	add(t, s, docs, 1000)
	groups := sameGroups(t, s, docs)
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
	s := open(t, filepath.Join(t.TempDir(), "db"))
	add(t, s, docs, 10)
	if groups := sameGroups(t, s, docs); len(groups) < 10 {
		t.Errorf("%d groups", len(groups))
	}
}

// What is found for one article is what the Detector finds, whether it is held already or not.
func TestQueryEqualsDetector(t *testing.T) {
	docs := corpus.Articles(1500, 8)
	s, d := open(t, filepath.Join(t.TempDir(), "db")), recordstest.Detector(t, docs[:1200], true)
	add(t, s, docs[:1200], 100)
	found := 0
	for _, a := range docs {
		got, err := s.Query(a)
		if err != nil {
			t.Fatal(err)
		}
		want, err := d.Query(a)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-detector +store):\n%s", a.ID, diff)
		}
		found += len(got)
	}
	if found < 300 {
		t.Errorf("%d matches for 1,500 articles", found)
	}
}

// A phrase that more than records.MaxCommon texts have is no hint at an excerpt, and is not counted as a part of one.
func TestCommonPhrase(t *testing.T) {
	phrase, _, _ := strings.Cut(corpus.Articles(1, 9)[0].Text, "\n\n")
	const n = records.MaxCommon + 200 // some of them are copies
	docs := corpus.Articles(n, 10)
	long := corpus.Articles(1, 11)[0].Text
	for i := range docs {
		docs[i].Text += "\n\n" + phrase
	}
	half := long[:len(long)/2]
	docs = append(docs,
		neardup.Article{ID: "excerpt", Text: half + "\n\n" + phrase},
		neardup.Article{ID: "whole", Text: long})
	s := open(t, filepath.Join(t.TempDir(), "db"))
	add(t, s, docs, 400)
	sameGroups(t, s, docs)
	// What groups has learnt of the text of sources is kept.
	pairs := recordstest.Pairs(t, recordstest.Detector(t, docs, false))
	for _, a := range docs[records.MaxCommon+100:] {
		got, err := s.Query(a)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(pairs[a.ID], got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-detector +store):\n%s", a.ID, diff)
		}
	}
	if err := s.db.View(func(tx *bolt.Tx) error {
		if n := tx.Bucket(commonBucket).Stats().KeyN; n == 0 {
			t.Error("no value is common")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, a := range docs[:n] {
		if _, err := s.Remove(a.ID); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Sweep(); n < records.MaxCommon || err != nil {
		t.Errorf("Sweep = %d, %v", n, err)
	}
	if err := s.db.View(func(tx *bolt.Tx) error {
		if n := tx.Bucket(commonBucket).Stats().KeyN; n != 0 {
			t.Errorf("%d values are common in a store of three articles", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	sameGroups(t, s, docs[n:])
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
	if diff := cmp.Diff(one, other, cmpopts.EquateErrors()); diff != "" {
		t.Errorf("results mismatch (-one batch +many):\n%s", diff)
	}
	found := 0
	for _, r := range one {
		found += len(r.Matches)
	}
	if found < 30 {
		t.Errorf("%d duplicates among 300 articles, want at least 30", found)
	}
}

func TestRemove(t *testing.T) {
	docs := corpus.Articles(50, 3)
	s := open(t, filepath.Join(t.TempDir(), "db"))
	add(t, s, docs, 50)
	text := neardup.Article{Text: docs[7].Text}
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
	if found, err := s.Remove("a000007"); !found || err != nil {
		t.Fatalf("Remove = %v, %v", found, err)
	}
	if found, err := s.Remove("a000007"); found || err != nil {
		t.Fatalf("second Remove = %v, %v, want false", found, err)
	}
	if slices.Contains(ids(), "a000007") {
		t.Error("a removed article is still found")
	}
	keys := func() (n int) {
		if err := s.db.View(func(tx *bolt.Tx) error {
			for _, name := range [][]byte{textBucket, digestBucket, bandBucket, sampleBucket} {
				n += tx.Bucket(name).Stats().KeyN
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := keys()
	if n, err := s.Sweep(); n != 1 || err != nil {
		t.Errorf("Sweep = %d, %v, want the one text", n, err)
	}
	if text, err := s.reader.Read(text.Text); before-keys() != 2+len(text.Bands)+len(text.Sample) || err != nil {
		t.Errorf("%d entries are gone, %v, want two and one for each of %d bands and %d values", before-keys(), err, len(text.Bands), len(text.Sample))
	}
	if n, err := s.Len(); n != 49 || err != nil {
		t.Errorf("Len = %d, %v, want 49", n, err)
	}
	// The id is free again.
	if r := add(t, s, docs[7:8], 1); r[0].Err != nil {
		t.Errorf("adding a removed article again: %s", r[0].Err)
	}
	if !slices.Contains(ids(), "a000007") {
		t.Error("an article added again is not found")
	}
}

// An article that is refused does not stop the others of its batch.
func TestRefused(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "db"))
	a := neardup.Article{ID: "x", Text: "A short text about nothing in particular."}
	long := strings.Repeat("x", 40_000) // longer than a key of bbolt may be
	r := add(t, s, []neardup.Article{a, {Text: "no id"}, {ID: long}, {ID: "s", Source: long}, {ID: "\x00"}, {ID: "big", Text: strings.Repeat("x ", 9<<20)}, {ID: "empty"}, {ID: "also empty"}}, 8)
	for i, want := range []string{"", "no ID", "40000", "40000", "no text", "too long", "", ""} {
		if r[i].Err == nil != (want == "") || r[i].Err != nil && !strings.Contains(r[i].Err.Error(), want) || len(r[i].Matches) > 0 {
			t.Errorf("article %d: %v, %v, want %q", i, r[i].Matches, r[i].Err, want)
		}
	}
	if n, err := s.Len(); n != 3 || err != nil {
		t.Errorf("Len = %d, %v, want 3", n, err)
	}
}

// An article that comes again takes the place of the former one, as Detector.Replace has it; adding
// everything again changes nothing, and finds no article to be its own duplicate.
func TestAgain(t *testing.T) {
	docs := corpus.Articles(400, 11)
	s, d := open(t, filepath.Join(t.TempDir(), "db")), recordstest.Detector(t, nil, true)
	dump := func() map[string]string {
		all := make(map[string]string)
		if err := s.db.View(func(tx *bolt.Tx) error {
			return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
				return b.ForEach(func(k, v []byte) error {
					all[string(name)+" "+string(k)] = string(v)
					return nil
				})
			})
		}); err != nil {
			t.Fatal(err)
		}
		return all
	}
	compare := func(docs []neardup.Article) {
		t.Helper()
		for i, r := range add(t, s, docs, 90) {
			want, err := d.Replace(docs[i])
			if err != nil || r.Err != nil {
				t.Fatal(err, r.Err)
			}
			if diff := cmp.Diff(want, r.Matches, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s (-detector +store):\n%s", r.ID, diff)
			}
		}
	}
	compare(docs)
	before := dump()
	compare(docs)
	if diff := cmp.Diff(before, dump()); diff != "" {
		t.Errorf("adding again changed the store:\n%s", diff)
	}
	changed := recordstest.Changed(docs, 60, 5)
	compare(changed)
	compare(changed[:10])
	got, err := s.Groups()
	if err != nil {
		t.Fatal(err)
	}
	held := slices.Clone(docs)
	for _, a := range changed {
		held[slices.IndexFunc(held, func(b neardup.Article) bool { return a.ID == b.ID })] = a
	}
	want, err := recordstest.Detector(t, held, false).Groups(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-detector +store):\n%s", diff)
	}
	if n, err := s.Len(); n != len(docs) || err != nil {
		t.Errorf("Len = %d, %v, want %d", n, err, len(docs))
	}
}

func TestOtherThreshold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(path, neardup.Config{Threshold: 0.8}); err == nil {
		s.Close()
		t.Error("a store made for threshold 0.5 was opened with 0.8")
	}
	if err := os.WriteFile(path, []byte("not a store"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(path, neardup.Config{}); err == nil {
		s.Close()
		t.Error("a damaged file was opened")
	}
}

// One text thousands of times is kept once, and must not take quadratic time. The earliest copy represents it, whenever it came.
func TestOneTextManyTimes(t *testing.T) {
	text := corpus.Articles(1, 4)[0].Text
	docs := make([]neardup.Article, 3000)
	for i := range docs {
		docs[i] = neardup.Article{ID: fmt.Sprint(i), Text: text, Time: time.Unix(int64(3000-i), 5)}
	}
	s := open(t, filepath.Join(t.TempDir(), "db"))
	results := add(t, s, docs, 1000)
	if n := len(results[2999].Matches); n != MaxMatches {
		t.Errorf("the last copy has %d matches, want %d", n, MaxMatches)
	}
	if groups := sameGroups(t, s, docs); len(groups) != 1 || len(groups[0].Members) != 3000 || groups[0].Representative != "2999" {
		t.Errorf("%d groups, want one of 3,000", len(groups))
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
	lines := in.String()
	in.WriteString("nonsense\n" + `{"id": "late", "text": "Said after a line that makes no sense."}`)
	do := func(stdin io.Reader, args ...string) (stdout, stderr string, status int) {
		var out, errs bytes.Buffer
		status = run(append([]string{"-db", db}, args...), stdin, &out, &errs)
		return out.String(), errs.String(), status
	}
	out, errs, status := do(&in, "add", "no such file", "-")
	if status != 1 || !strings.Contains(errs, "-:41: not JSON") || !strings.Contains(errs, "no such file") {
		t.Errorf("a malformed line: status %d, %s, want it to be named", status, errs)
	}
	if n := strings.Count(out, "\n"); n != 41 || !strings.Contains(out, `{"id":"late","duplicates":[],"supersedes":[]}`) {
		t.Errorf("add printed %d lines, want 41: what is wrong with a line does not stop the rest", n)
	}
	if again, errs, status := do(strings.NewReader(lines), "add", "-"); status != 0 || strings.Count(again, "\n") != 40 {
		t.Errorf("add again: status %d, %s", status, errs)
	}
	for _, c := range [][2]string{
		{"stats", `{"articles":41,"bytes":`},
		{"groups", `{"representative":"a0000`},
		{"remove late nobody", `{"id":"late","removed":true}` + "\n" + `{"id":"nobody","removed":false}`},
		{"sweep", `{"removed":1}`},
		{"-h", ""},
	} {
		if out, errs, status := do(nil, strings.Fields(c[0])...); status != 0 || !strings.HasPrefix(out, c[1]) {
			t.Errorf("%s: status %d, %s%s", c[0], status, out, errs)
		}
	}
	if out, _, _ := do(nil, "-h"); !strings.Contains(out, "remove ID...") {
		t.Errorf("-h tells no commands: %s", out)
	}
	for _, args := range []string{"", "frobnicate", "add", "remove", "groups x", "-batch 0 stats", "-threshold 0.7 stats", "-no"} {
		if out, errs, status := do(nil, strings.Fields(args)...); status != 2 || out != "" || errs == "" {
			t.Errorf("%q: status %d, %s%s", args, status, out, errs)
		}
	}
	s := open(t, filepath.Join(t.TempDir(), "other"))
	db = s.db.Path()
	if _, errs, status := do(nil, "stats"); status != 2 || !strings.Contains(errs, "in use by another process") {
		t.Errorf("a store that is in use: status %d, %s", status, errs)
	}
}

func BenchmarkAdd(b *testing.B) {
	docs := corpus.Articles(5000, 7)
	for i := 0; b.Loop(); i++ {
		s, err := Open(filepath.Join(b.TempDir(), "db"), neardup.Config{})
		if err != nil {
			b.Fatal(err)
		}
		add(b, s, docs, 1000)
		s.Close()
	}
	b.ReportMetric(float64(b.N*len(docs))/b.Elapsed().Seconds(), "articles/s")
}
