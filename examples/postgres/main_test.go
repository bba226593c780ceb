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

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/corpus"
	"github.com/neardup/neardup/examples/internal/sign"
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
	s, err := Open(context.Background(), url, 0.5, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// The batch step has to find the groups that a Detector with the same limits finds in memory.
func TestGroupsEqualDetector(t *testing.T) {
	s := open(t, database(t))
	n := 10_000
	if testing.Short() {
		n = 1_000
	}
	docs := corpus.Articles(n, 1)
	if err := s.Load(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	got, err := s.Groups(t.Context())
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
	if diff := cmp.Diff(want, articles.Members(got)); diff != "" {
		t.Errorf("groups mismatch (-detector +postgres):\n%s", diff)
	}
}

// Adding one by one leaves the same tables as loading, and finds what a query finds.
func TestAddEqualsLoad(t *testing.T) {
	ctx := t.Context()
	docs := corpus.Articles(200, 2)
	loaded, added := open(t, database(t)), open(t, database(t))
	if err := loaded.Load(ctx, docs); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, a := range docs {
		before, err := added.Query(ctx, a.Text)
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
			SELECT a.id || ' ' || a.source || ' ' || a.features || ' ' || b.key || ' ' || encode(a.packed, 'hex')
			FROM neardup_articles a JOIN neardup_bands b USING (num) ORDER BY a.id, b.key`)
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

func TestDeleteAndErrors(t *testing.T) {
	ctx, url := t.Context(), database(t)
	s := open(t, url)
	docs := corpus.Articles(20, 3)
	if err := s.Load(ctx, docs); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(ctx, docs[3]); !errors.Is(err, ErrExists) {
		t.Errorf("adding an article twice: %v, want ErrExists", err)
	}
	if err := s.Load(ctx, []neardup.Article{{ID: "new"}, docs[3]}); err == nil {
		t.Error("loading an article that is there gave no error")
	}
	if found, err := s.Delete(ctx, "new"); found || err != nil {
		t.Errorf("half of a failed load is there: %v, %v", found, err)
	}
	hostile := `'); DROP TABLE neardup_articles; --`
	if _, err := s.Add(ctx, neardup.Article{ID: hostile, Source: hostile, Text: "Some text with a few words."}); err != nil {
		t.Errorf("an id with SQL in it: %v", err)
	}
	for _, id := range []string{hostile, docs[3].ID} {
		if found, err := s.Delete(ctx, id); !found || err != nil {
			t.Errorf("Delete(%q) = %v, %v", id, found, err)
		}
	}
	matches, err := s.Query(ctx, docs[3].Text)
	if err != nil || slices.ContainsFunc(matches, func(m Match) bool { return m.ID == docs[3].ID }) {
		t.Errorf("a deleted article is still found: %v, %v", matches, err)
	}
	if n, err := s.Sweep(ctx); n < int64(s.signer.Plan.Bands) || err != nil {
		t.Errorf("Sweep = %d, %v, want at least %d", n, err, s.signer.Plan.Bands)
	}
	if s, err := Open(ctx, url, 0.8, 0.95); err == nil {
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

// Two processes may start at once on an empty database.
func TestOpenTogether(t *testing.T) {
	url := database(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := Open(t.Context(), url, 0.5, 0.95)
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
}

func TestOneTextManyTimes(t *testing.T) {
	s := open(t, database(t))
	text := corpus.Articles(1, 4)[0].Text
	docs := make([]neardup.Article, 5000)
	for i := range docs {
		docs[i] = neardup.Article{ID: fmt.Sprint(i), Text: text}
	}
	if err := s.Load(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	if matches, err := s.Query(t.Context(), text); len(matches) != sign.MaxBucket || err != nil {
		t.Errorf("%d matches, %v, want the %d that are looked at", len(matches), err, sign.MaxBucket)
	}
	groups, err := s.Groups(t.Context())
	if err != nil || len(groups) != 1 || len(groups[0].Members) != len(docs) {
		t.Errorf("%d groups, %v, want one of 5,000", len(groups), err)
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
	do := func(stdin io.Reader, args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"-url", url}, args...), stdin, &out, io.Discard)
		return out.String(), err
	}
	lines := in.String()
	if out, err := do(&in, "load", "-"); out != "" || err != nil {
		t.Errorf("load = %s, %v", out, err)
	}
	if out, err := do(strings.NewReader(lines), "query", "-"); err != nil || strings.Count(out, "\n") != 40 {
		t.Errorf("query = %s, %v, want 40 lines", out, err)
	}
	if out, err := do(nil, "groups"); err != nil || !strings.Contains(out, `"representative":"a0000`) {
		t.Errorf("groups = %s, %v", out, err)
	}
	if _, err := do(nil, "delete", "nobody"); err == nil {
		t.Error("deleting an unknown id gave no error")
	}
	if _, err := do(nil, "frobnicate"); err == nil {
		t.Error("an unknown command gave no error")
	}
}

func BenchmarkLoad(b *testing.B) {
	docs := corpus.Articles(5000, 7)
	for b.Loop() {
		if err := open(b, database(b)).Load(b.Context(), docs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(docs))/b.Elapsed().Seconds(), "articles/s")
}
