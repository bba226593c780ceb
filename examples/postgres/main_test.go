package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/corpus"
	"github.com/neardup/neardup/examples/internal/records"
	"github.com/neardup/neardup/examples/internal/records/recordstest"
)

// database makes a schema of its own in the database at DATABASE_URL, gone after the test, and returns its URL.
func database(t testing.TB) string {
	t.Helper()
	base := os.Getenv("DATABASE_URL")
	if base == "" {
		if os.Getenv("REQUIRE_POSTGRES") != "" {
			t.Fatal("REQUIRE_POSTGRES is set and DATABASE_URL is not")
		}
		t.Skip("SKIPPED, NOTHING TESTED: DATABASE_URL is not set")
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	name := "neardup_" + strings.ToLower(rand.Text())
	if _, err := conn.Exec(ctx, "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(ctx, base)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "DROP SCHEMA "+name+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

func open(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(context.Background(), url, neardup.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// load loads articles of which none is refused.
func load(t testing.TB, s *Store, docs []neardup.Article) (changed int64) {
	t.Helper()
	changed, refused, err := s.Load(t.Context(), docs)
	if err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	return changed
}

func sameGroups(t *testing.T, s *Store, docs []neardup.Article) []neardup.Group {
	t.Helper()
	got, err := s.Groups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want, err := recordstest.Detector(t, docs, false).Groups(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-detector +postgres):\n%s", diff)
	}
	return got
}

// The batch step finds the groups that a Detector of the same configuration finds in memory, and says the same of each member.
func TestGroupsEqualDetector(t *testing.T) {
	s := open(t, database(t))
	n := 10_000
	if testing.Short() {
		n = 1_000
	}
	docs := corpus.Articles(n, 1)
	load(t, s, docs)
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
	s := open(t, database(t))
	load(t, s, docs)
	if groups := sameGroups(t, s, docs); len(groups) < 10 {
		t.Errorf("%d groups", len(groups))
	}
}

// What is found for one article is what the Detector finds, whether it is held already or not.
func TestQueryEqualsDetector(t *testing.T) {
	docs := corpus.Articles(600, 8)
	s, d := open(t, database(t)), recordstest.Detector(t, docs[:500], true)
	load(t, s, docs[:500])
	sameQueries(t, s, d, docs, 100)
}

func sameQueries(t *testing.T, s *Store, d *neardup.Detector, docs []neardup.Article, least int) {
	t.Helper()
	found := 0
	for _, a := range docs {
		got, err := s.Query(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		want, err := d.Query(a)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-detector +postgres):\n%s", a.ID, diff)
		}
		found += len(got)
	}
	if found < least {
		t.Errorf("%d matches for %d articles", found, len(docs))
	}
}

// A phrase that more than records.MaxCommon texts have is no hint at an excerpt, and is not counted as a part of one.
func TestCommonPhrase(t *testing.T) {
	phrase, _, _ := strings.Cut(corpus.Articles(1, 9)[0].Text, "\n\n")
	const n = records.MaxCommon + 200 // some of them are copies
	docs := corpus.Articles(n, 10)
	for i := range docs {
		docs[i].Text += "\n\n" + phrase
	}
	long := corpus.Articles(1, 11)[0].Text
	docs = append(docs,
		neardup.Article{ID: "excerpt", Text: long[:len(long)/2] + "\n\n" + phrase},
		neardup.Article{ID: "whole", Text: long})
	s := open(t, database(t))
	for part := range slices.Chunk(docs, 400) {
		load(t, s, part)
	}
	sameGroups(t, s, docs)
	// What groups has learnt of the text of sources is kept.
	pairs := recordstest.Pairs(t, recordstest.Detector(t, docs, false))
	for _, a := range docs[n-100:] {
		got, err := s.Query(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(pairs[a.ID], got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-detector +postgres):\n%s", a.ID, diff)
		}
	}
	common := func() (n int) {
		if err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM neardup_common`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if common() == 0 {
		t.Error("no value is common")
	}
	counted := func() (wrong int) {
		if err := s.pool.QueryRow(t.Context(), `
			SELECT count(*) FROM neardup_texts t WHERE sampled <> (
				SELECT count(*) FROM neardup_samples s
				WHERE s.text = t.num AND NOT EXISTS (SELECT FROM neardup_common c WHERE c.value = s.value))`).Scan(&wrong); err != nil {
			t.Fatal(err)
		}
		return wrong
	}
	if n := counted(); n != 0 {
		t.Errorf("sampled is wrong in %d texts", n)
	}
	if _, err := s.pool.Exec(t.Context(), `DELETE FROM neardup_articles WHERE id LIKE 'a0%'`); err != nil {
		t.Fatal(err)
	}
	sameGroups(t, s, docs[n:])
	if removed, err := s.Sweep(t.Context()); removed < records.MaxCommon || common() != 0 || err != nil {
		t.Errorf("Sweep = %d, %v; %d values are common in a database of two articles", removed, err, common())
	}
	if n := counted(); n != 0 {
		t.Errorf("sampled is wrong in %d texts after Sweep", n)
	}
	sameGroups(t, s, docs[n:])
}

// Adding one by one leaves the same tables as loading, and finds what a query finds.
func TestAddEqualsLoad(t *testing.T) {
	ctx := t.Context()
	docs := corpus.Articles(200, 2)
	loaded, added := open(t, database(t)), open(t, database(t))
	load(t, loaded, docs)
	found := 0
	for _, a := range docs {
		before, err := added.Query(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		matches, err := added.Add(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, matches); diff != "" {
			t.Errorf("%s: Query and Add differ (-query +add):\n%s", a.ID, diff)
		}
		found += len(matches)
	}
	if found < 20 {
		t.Errorf("%d duplicates among 200 articles, want at least 20", found)
	}
	dump := func(s *Store) (out []string) {
		rows, err := s.pool.Query(ctx, `
			SELECT concat_ws(' ', a.id, a.source, a.published, t.digest, t.size, t.features, t.sampled, encode(t.record, 'hex'),
				(SELECT array_agg(key ORDER BY key) FROM neardup_bands b WHERE b.text = t.num),
				(SELECT array_agg(value ORDER BY value) FROM neardup_samples s WHERE s.text = t.num))
			FROM neardup_articles a LEFT JOIN neardup_texts t ON t.num = a.text ORDER BY a.id`)
		if err != nil {
			t.Fatal(err)
		}
		if out, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if diff := cmp.Diff(dump(loaded), dump(added)); diff != "" {
		t.Errorf("tables differ (-load +add):\n%s", diff)
	}
}

func TestRemoveAndErrors(t *testing.T) {
	ctx, url := t.Context(), database(t)
	s := open(t, url)
	docs := corpus.Articles(20, 3)
	load(t, s, docs)
	hostile := `'); DROP TABLE neardup_articles; --`
	if _, err := s.Add(ctx, neardup.Article{ID: hostile, Source: hostile, Text: "Some text with a few words."}); err != nil {
		t.Errorf("an id with SQL in it: %v", err)
	}
	for _, id := range []string{hostile, docs[3].ID} {
		if found, err := s.Remove(ctx, id); !found || err != nil {
			t.Errorf("Remove(%q) = %v, %v", id, found, err)
		}
	}
	matches, err := s.Query(ctx, neardup.Article{Text: docs[3].Text})
	if err != nil || slices.ContainsFunc(matches, func(m neardup.Match) bool { return m.ID == docs[3].ID }) {
		t.Errorf("a removed article is still found: %v, %v", matches, err)
	}
	if n, err := s.Sweep(ctx); n < 1 || err != nil { // the other text may have a copy
		t.Errorf("Sweep = %d, %v", n, err)
	}
	var left, want int
	if err := s.pool.QueryRow(ctx, `
		SELECT (SELECT count(DISTINCT text) FROM neardup_bands), (SELECT count(DISTINCT text) FROM neardup_articles)`,
	).Scan(&left, &want); left != want || err != nil {
		t.Errorf("bands of %d texts are left, %v, want %d", left, err, want)
	}
	if _, err := s.Add(ctx, neardup.Article{ID: "long", Text: strings.Repeat("x ", 9<<20)}); !errors.Is(err, neardup.ErrTooLong) {
		t.Errorf("a text that is too long: %v", err)
	}
	if s, err := Open(ctx, url, neardup.Config{Threshold: 0.8}); err == nil {
		s.Close()
		t.Error("a database filled for threshold 0.5 was opened with 0.8")
	}
	// An article without words is kept and matches nothing.
	for _, id := range []string{"empty", "empty too"} {
		if matches, err := s.Add(ctx, neardup.Article{ID: id}); len(matches) > 0 || err != nil {
			t.Errorf("%s: %v, %v", id, matches, err)
		}
	}
}

// An article that comes again takes the place of the former one, as Detector.Replace has it; adding and
// loading everything again changes nothing, and finds no article to be its own duplicate.
func TestAgain(t *testing.T) {
	ctx := t.Context()
	docs := corpus.Articles(150, 11)
	s, d := open(t, database(t)), recordstest.Detector(t, nil, true)
	compare := func(docs []neardup.Article) {
		t.Helper()
		for _, a := range docs {
			want, err1 := d.Replace(a)
			got, err2 := s.Add(ctx, a)
			if err := errors.Join(err1, err2); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s (-detector +database):\n%s", a.ID, diff)
			}
		}
	}
	compare(docs)
	compare(docs)
	if n := load(t, s, docs); n != 0 {
		t.Errorf("loading again changed %d articles", n)
	}
	changed := recordstest.Changed(docs, 40, 3)
	compare(changed[:20])
	for _, a := range changed[20:] {
		if _, err := d.Replace(a); err != nil {
			t.Fatal(err)
		}
	}
	// Of two of one ID the last one counts.
	if n := load(t, s, append([]neardup.Article{{ID: changed[39].ID, Text: "not this"}}, changed...)); n == 0 || n > 20 {
		t.Errorf("%d articles have changed, want at most 20", n)
	}
	held := slices.Clone(docs)
	for _, a := range changed {
		held[slices.IndexFunc(held, func(b neardup.Article) bool { return a.ID == b.ID })] = a
	}
	want, err1 := recordstest.Detector(t, held, false).Groups(ctx, nil)
	got, err2 := s.Groups(ctx)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-detector +database):\n%s", diff)
	}
	if n, texts, err := s.Stats(ctx); n != int64(len(docs)) || texts < 100 || err != nil {
		t.Errorf("%d articles, %d texts, %v, want %d articles", n, texts, err, len(docs))
	}
}

// An article that is refused does not stop the others of its batch.
func TestRefused(t *testing.T) {
	s := open(t, database(t))
	long := strings.Repeat("x", 40_000) // longer than an index may have
	bad := []neardup.Article{{Text: "no ID"}, {ID: long}, {ID: "s", Source: long}, {ID: "\x00"}, {ID: "big", Text: strings.Repeat("x ", 9<<20)}}
	docs := append(slices.Clone(bad), corpus.Articles(5, 1)...)
	n, refused, err := s.Load(t.Context(), docs)
	if n != 5 || len(refused) != len(bad) || err != nil {
		t.Errorf("%d changed, refused %v, %v", n, refused, err)
	}
	for _, a := range bad {
		var is *RefusedError
		if _, err := s.Add(t.Context(), a); !errors.As(err, &is) {
			t.Errorf("Add of %q: %v, want a RefusedError", articles.Abbreviate(a.ID, 20), err)
		}
		if found, err := s.Remove(t.Context(), a.ID); found || err != nil {
			t.Errorf("Remove(%q) = %v, %v", articles.Abbreviate(a.ID, 20), found, err)
		}
	}
	if _, err := s.Query(t.Context(), neardup.Article{ID: "\x00", Text: docs[6].Text}); err != nil {
		t.Errorf("a query with a bad ID: %v", err)
	}
}

// Two processes may start at once on an empty database.
func TestOpenTogether(t *testing.T) {
	url := database(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := Open(t.Context(), url, neardup.Config{})
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
}

// Tables are brought to the version of the program, once, and later ones are left alone.
func TestMigrations(t *testing.T) {
	ctx, url := t.Context(), database(t)
	former := migrations
	defer func() { migrations = former }()
	version := func() (v string) {
		s := open(t, url)
		if err := s.pool.QueryRow(ctx, `SELECT value FROM neardup_meta WHERE name = 'version'`).Scan(&v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := version(); v != fmt.Sprint(len(former)) {
		t.Errorf("version %s, want %d", v, len(former))
	}
	migrations = append(slices.Clone(former), `CREATE TABLE second ()`, `CREATE TABLE third ()`)
	for range 2 { // the second time there is nothing to do
		if v := version(); v != fmt.Sprint(len(former)+2) {
			t.Errorf("version %s, want %d", v, len(former)+2)
		}
	}
	migrations = former
	if s, err := Open(ctx, url, neardup.Config{}); err == nil {
		s.Close()
		t.Error("later tables were opened")
	}
}

// One text thousands of times is kept once. The earliest copy represents it, whenever it came.
func TestOneTextManyTimes(t *testing.T) {
	s := open(t, database(t))
	text := corpus.Articles(1, 4)[0].Text
	docs := make([]neardup.Article, 5000)
	for i := range docs {
		docs[i] = neardup.Article{ID: fmt.Sprint(i), Text: text, Time: time.Unix(int64(5000-i), 0)}
	}
	load(t, s, docs)
	if matches, err := s.Query(t.Context(), docs[7]); len(matches) != MaxMatches || err != nil {
		t.Errorf("%d matches, %v, want %d", len(matches), err, MaxMatches)
	}
	if groups := sameGroups(t, s, docs); len(groups) != 1 || len(groups[0].Members) != len(docs) {
		t.Errorf("%d groups, want one of 5,000", len(groups))
	}
}

// Processes that add the same texts at the same time, while one sweeps, do not fail, and each text is kept once.
func TestTogether(t *testing.T) {
	url := database(t)
	docs := corpus.Articles(60, 12)
	var wg sync.WaitGroup
	for w := range 4 {
		s := open(t, url)
		wg.Go(func() {
			for i, a := range docs {
				a.ID = fmt.Sprintf("%s/%d", a.ID, w)
				var err error
				switch {
				case w == 0 && i%10 == 0:
					_, err = s.Sweep(t.Context())
				case w == 1 && i%20 == 0:
					part := slices.Clone(docs[i : i+20])
					for k := range part {
						part[k].ID += "/load"
					}
					_, _, err = s.Load(t.Context(), part)
				}
				if err == nil {
					_, err = s.Add(t.Context(), a)
				}
				if err == nil && i%5 == w {
					_, err = s.Remove(t.Context(), a.ID)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	var dangling, texts int
	if err := open(t, url).pool.QueryRow(t.Context(), `
		SELECT count(*) FILTER (WHERE t.num IS NULL), count(DISTINCT t.num)
		FROM neardup_articles a LEFT JOIN neardup_texts t ON t.num = a.text`).Scan(&dangling, &texts); err != nil {
		t.Fatal(err)
	}
	distinct := make(map[string]bool)
	for _, a := range docs {
		distinct[a.Text] = true
	}
	if dangling != 0 || texts != len(distinct) {
		t.Errorf("%d articles have lost their text, %d texts, want %d", dangling, texts, len(distinct))
	}
}

// Processes that load and add the same articles at the same time, in any order, neither fail nor wait
// for each other forever, and each article is there once, as one of them had it.
func TestSameTogether(t *testing.T) {
	url := database(t)
	docs := corpus.Articles(120, 13)
	var wg sync.WaitGroup
	for w := range 4 {
		s := open(t, url)
		mine := slices.Clone(docs)
		for i := range mine {
			mine[i].Source = fmt.Sprint(w)
			mine[i].Text = docs[(i+w/2)%len(docs)].Text // two and two have the same texts
		}
		if w%2 == 1 {
			slices.Reverse(mine)
		}
		wg.Go(func() {
			for part := range slices.Chunk(mine, 40) {
				_, refused, err := s.Load(t.Context(), part)
				if err != nil || len(refused) > 0 {
					t.Error(refused, err)
					return
				}
				for _, a := range part[:10] {
					if _, err := s.Add(t.Context(), a); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	s := open(t, url)
	if n, _, err := s.Stats(t.Context()); n != int64(len(docs)) || err != nil {
		t.Errorf("%d articles, %v, want %d", n, err, len(docs))
	}
	if _, err := s.Groups(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCommands(t *testing.T) {
	url := database(t)
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
		status = run(t.Context(), append([]string{"-url", url}, args...), stdin, &out, &errs)
		return out.String(), errs.String(), status
	}
	if out, errs, status := do(&in, "load", "no such file", "-"); out != "" || status != 1 ||
		!strings.Contains(errs, "-:41: not JSON") || !strings.Contains(errs, "no such file") || !strings.Contains(errs, "41 are new") {
		t.Errorf("load: status %d, %s%s", status, out, errs)
	}
	if out, errs, status := do(strings.NewReader(lines), "load", "-"); out != "" || status != 0 || !strings.Contains(errs, "; 0 are new") {
		t.Errorf("load again: status %d, %s%s", status, out, errs)
	}
	for _, command := range []string{"query", "add"} {
		if out, errs, status := do(strings.NewReader(lines), command, "-"); status != 0 || strings.Count(out, "\n") != 40 {
			t.Errorf("%s: status %d, %s%s, want 40 lines", command, status, out, errs)
		}
	}
	for _, c := range [][2]string{
		{"stats", `{"articles":41,"texts":`},
		{"groups", `{"representative":"a0000`},
		{"remove late nobody", `{"id":"late","removed":true}` + "\n" + `{"id":"nobody","removed":false}`},
		{"sweep", `{"removed":1}`},
		{"-h", ""},
	} {
		if out, errs, status := do(nil, strings.Fields(c[0])...); status != 0 || !strings.HasPrefix(out, c[1]) {
			t.Errorf("%s: status %d, %s%s", c[0], status, out, errs)
		}
	}
	for _, args := range []string{"", "frobnicate", "add", "remove", "groups x", "-batch 0 stats", "-threshold 0.7 stats", "-no"} {
		if out, errs, status := do(nil, strings.Fields(args)...); status != 2 || out != "" || errs == "" {
			t.Errorf("%q: status %d, %s%s", args, status, out, errs)
		}
	}
}

// Nobody is told the password.
func TestSecret(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://user:hush@127.0.0.1:1/news?connect_timeout=1")
	for _, args := range [][]string{{"-h"}, {"groups"}, {"-url", "postgres://user:hush@127.0.0.1:x/news", "groups"}, {"-url", "host=127.0.0.1 port=1 password=hush", "groups"}} {
		var out, errs bytes.Buffer
		status := run(t.Context(), args, nil, &out, &errs)
		said := out.String() + errs.String()
		if strings.Contains(said, "hush") || !strings.Contains(said, "postgres") || (status == 2) != (args[0] != "-h") {
			t.Errorf("%q: status %d, %s", args, status, said)
		}
	}
	t.Setenv("DATABASE_URL", "")
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"groups"}, nil, &out, &errs); status != 2 || !strings.Contains(errs.String(), "DATABASE_URL") {
		t.Errorf("no database: status %d, %s", status, &errs)
	}
}

func BenchmarkLoad(b *testing.B) {
	docs := corpus.Articles(5000, 7)
	for b.Loop() {
		load(b, open(b, database(b)), docs)
	}
	b.ReportMetric(float64(b.N*len(docs))/b.Elapsed().Seconds(), "articles/s")
}
