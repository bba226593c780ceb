package neardup

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/neardup/neardup/shingle"
)

// dataset returns a file of labelled data, whose directory NEARDUP_DATASETS names.
func dataset(t *testing.T, name ...string) *bufio.Scanner {
	t.Helper()
	dir := os.Getenv("NEARDUP_DATASETS")
	if dir == "" {
		t.Skip("NEARDUP_DATASETS is not set")
	}
	f, err := os.Open(filepath.Join(append([]string{dir}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 64<<20)
	return s
}

// TestTemplatePages measures what learning templates does for 24,358 pages of one documentation, which are mostly form.
func TestTemplatePages(t *testing.T) {
	var articles []Article
	for s := dataset(t, "wdk-ddi", "docs.jsonl.gz"); s.Scan(); {
		var doc struct{ ID, Text string }
		if err := json.Unmarshal(s.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		articles = append(articles, Article{ID: doc.ID, Text: doc.Text})
	}
	truth := map[[2]string]float64{}
	for s := dataset(t, "wdk-ddi", "exact_pairs_w5_J80.tsv.gz"); s.Scan(); {
		f := strings.Split(s.Text(), "\t")
		if j, err := strconv.ParseFloat(f[2], 64); err == nil && j >= 0.8 {
			truth[[2]string{min(f[0], f[1]), max(f[0], f[1])}] = j
		}
	}
	for _, c := range []struct {
		name         string
		exact, learn bool
		threshold    float64
	}{
		{"off, by signature", false, false, 0.8},
		{"learnt, by signature", false, true, 0.8},
		{"off, exact", true, false, 0.8},
		{"learnt, exact", true, true, 0.8},
		{"off, at 0.5", false, false, 0.5},
		{"learnt, at 0.5", false, true, 0.5},
	} {
		d := mustNew(t, Config{
			Shingle:       shingle.Config{View: shingle.Whole},
			Threshold:     c.threshold,
			NoContainment: true,
			Exact:         c.exact,
			Templates:     Templates{Learn: c.learn},
		})
		start := time.Now()
		if c.learn {
			if err := d.Learn(context.Background(), slices.Values(articles)); err != nil {
				t.Fatal(err)
			}
		}
		learnt := time.Since(start)
		if err := d.AddAll(context.Background(), slices.Values(articles)); err != nil {
			t.Fatal(err)
		}
		added := time.Since(start)
		pairs, right := 0, 0
		for p := range d.Pairs() {
			pairs++
			if truth[[2]string{min(p.A, p.B), max(p.A, p.B)}] > 0 {
				right++
			}
		}
		took := time.Since(start)
		t.Logf("%-20s learnt %5.1f s, added %5.1f s, pairs %5.1f s; %8d candidates, %6d pairs; at exact J ≥ 0.8: precision %.3f, recall %.3f of %d",
			c.name, learnt.Seconds(), added.Seconds(), took.Seconds(), d.Stats().Candidates/2, pairs, float64(right)/float64(pairs), float64(right)/float64(len(truth)), len(truth))
	}
}

// TestPages measures the default verdict on renderings of the same pages: bodies, whole pages, what extractors make of them.
func TestPages(t *testing.T) {
	var articles []Article
	cluster := map[string]string{}
	for s := dataset(t, "pages", "docs.jsonl.gz"); s.Scan(); {
		var doc struct{ ID, Text, Cluster string }
		if err := json.Unmarshal(s.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		articles = append(articles, Article{ID: doc.ID, Text: doc.Text})
		cluster[doc.ID] = doc.Cluster
	}
	total := 0
	for i, a := range articles {
		for _, b := range articles[:i] {
			if cluster[a.ID] == cluster[b.ID] {
				total++
			}
		}
	}
	for _, view := range []shingle.View{shingle.Whole, shingle.Prose} {
		for _, exact := range []bool{false, true} {
			d := mustNew(t, Config{Shingle: shingle.Config{View: view}, Exact: exact})
			if err := d.AddAll(context.Background(), slices.Values(articles)); err != nil {
				t.Fatal(err)
			}
			found, right := 0, 0
			for p := range d.Pairs() {
				found++
				if cluster[p.A] == cluster[p.B] {
					right++
				}
			}
			p, r := float64(right)/float64(found), float64(right)/float64(total)
			t.Logf("view %d, exact %v: precision %.4f, recall %.4f, F1 %.4f", view, exact, p, r, 2*p*r/(p+r))
		}
	}
}
