package corpus

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
)

// The bytes are pinned: published numbers were measured on them.
func TestGolden(t *testing.T) {
	stream := Stream{Seed: 1, Copies: 30, Sites: 40}
	edited, _ := Edit(English, Article(English, 1, 5, 5000), 5, 0.8, 9)
	got := map[string]uint64{
		"english":  hash(Article(English, 1, 7, 5000)),
		"french":   hash(Article(French, 1, 7, 5000)),
		"russian":  hash(Article(Russian, 1, 7, 5000)),
		"chinese":  hash(Article(Chinese, 1, 7, 5000)),
		"headline": hash(Headline(English, 1, 7)),
		"edit":     hash(edited),
		"page":     hash(Site{Seed: 3}.Page(Headline(English, 1, 7), Article(English, 1, 7, 5000), 12)),
		"stream":   hash(string(stream.Append(nil, 123_456))),
	}
	want := map[string]uint64{
		"english":  0x47dd897c88baa7fb,
		"french":   0xf2c05588f2335757,
		"russian":  0x15fadb9d75062feb,
		"chinese":  0x0de13415c389c445,
		"headline": 0x2e830151bc0be56a,
		"edit":     0x8881475128871efa,
		"page":     0xdc4e750db6e7b9a3,
		"stream":   0xb9e0f1cf91948189,
	}
	for name := range got {
		if got[name] != want[name] {
			t.Errorf("%s: %#016x, want %#016x", name, got[name], want[name])
		}
	}
	a, _, _ := FeaturePair(3, 0.5, 1)
	if want := []uint64{0x814666fced0a3c09, 0x0b4a4443cc2c1164, 0x6580343d52d4acfb}; !slices.Equal(a, want) {
		t.Errorf("features %#x, want %#x", a, want)
	}
}

func hash(s string) uint64 { return xxhash.Sum64String(s) }

func TestArticleSize(t *testing.T) {
	for _, lang := range Languages() {
		for _, size := range []int{-1, 0, 1, 7, 30, 64, 240, 1000, 5000, 9000, 50_000} {
			for id := range uint64(5) {
				text := Article(lang, 3, id, size)
				if len(text) > max(size, 0) || (size >= 128 && len(text) <= size-64) {
					t.Errorf("%v: size %d gave %d bytes", lang, size, len(text))
				}
				if !utf8.ValidString(text) {
					t.Errorf("%v: invalid UTF-8 at size %d", lang, size)
				}
			}
		}
	}
}

// What a fingerprint sees of an article is like news: word length, repetition, share of function words, sentences.
func TestArticleIsLikeNews(t *testing.T) {
	var words, bytes, function, distinct, shingles int
	v := English.vocabulary()
	isFunction := map[string]bool{}
	for _, w := range v.words[:v.function] {
		isFunction[w] = true
	}
	for id := range uint64(20) {
		text := Article(English, 1, id, 9000)
		seen := map[string]bool{}
		for _, w := range strings.Fields(strings.ToLower(text)) {
			w = strings.Trim(w, ".,?\"")
			words++
			bytes += len(w)
			if isFunction[w] {
				function++
			}
			seen[w] = true
		}
		distinct += len(seen)
		shingles += len(Shingles(text, 5))
	}
	check := func(what string, got, lo, hi float64) {
		t.Helper()
		if got < lo || got > hi {
			t.Errorf("%s is %.3f, want between %.3f and %.3f", what, got, lo, hi)
		}
	}
	check("bytes a word", float64(bytes)/float64(words), 4.2, 5.8)
	check("share of function words", float64(function)/float64(words), 0.25, 0.5)
	check("distinct words in 9 KB", float64(distinct)/20, 450, 900)
	check("distinct shingles a word", float64(shingles)/float64(words), 0.97, 1)
}

func TestEditHasTheJaccard(t *testing.T) {
	for _, lang := range Languages() {
		for _, size := range []int{1000, 9000} {
			for _, j := range []float64{1, 0.95, 0.8, 0.5, 0.2, 0.05} {
				text := Article(lang, 5, uint64(size), size)
				edited, exact := Edit(lang, text, 5, j, 7)
				if got := Jaccard(text, edited, 5); got != exact {
					t.Errorf("%v: Edit says %.4f, the sets %.4f", lang, exact, got)
				}
				// One word more or less moves it by at most 2w/n.
				if tol := 10/float64(len(spans(text))) + 0.012; math.Abs(exact-j) > tol {
					t.Errorf("%v size %d: Jaccard %.4f, want %.2f ± %.3f", lang, size, exact, j, tol)
				}
			}
		}
	}
	if text, j := Edit(English, "Too short.", 5, 0.5, 1); text != "Too short." || j != 1 {
		t.Errorf("a short text became %q with %v", text, j)
	}
}

func TestUnrelatedArticlesAreUnlike(t *testing.T) {
	for _, lang := range Languages() {
		if j := Jaccard(Article(lang, 1, 1, 9000), Article(lang, 1, 2, 9000), 5); j > 0.01 {
			t.Errorf("%v: Jaccard of two articles is %.4f", lang, j)
		}
	}
}

func TestFeaturePair(t *testing.T) {
	for _, n := range []int{1, 10, 1000} {
		for _, j := range []float64{0, 0.3, 1} {
			a, b, exact := FeaturePair(n, j, 5)
			shared := 0
			for _, x := range a {
				if slices.Contains(b, x) {
					shared++
				}
			}
			if got := float64(shared) / float64(len(a)+len(b)-shared); got != exact || math.Abs(got-j) > 1/float64(n) {
				t.Errorf("n=%d j=%v: says %v, is %v", n, j, exact, got)
			}
		}
	}
}

func TestSitePage(t *testing.T) {
	body := Article(English, 1, 1, 5000)
	s := Site{Seed: 4}
	page := s.Page("A Headline", body, 3)
	if !strings.Contains(page, body) || !strings.Contains(page, "A Headline\n") {
		t.Error("page lacks its body or headline")
	}
	if share := float64(len(body)) / float64(len(page)); share < 0.6 || share > 0.8 {
		t.Errorf("body is %.2f of the page", share)
	}
	other := s.Page("Another", Article(English, 1, 2, 5000), 3)
	if j := Jaccard(page, other, 5); j < 0.08 || j > 0.3 {
		t.Errorf("two pages of one site and day have Jaccard %.3f", j)
	}
}

func TestStream(t *testing.T) {
	s := Stream{Seed: 2, Copies: 30}
	const n = 3000
	copies, alike := 0, 0
	for i := range n {
		root := s.Root(i)
		if root > i || s.Root(root) != root {
			t.Fatalf("article %d has root %d, whose root is %d", i, root, s.Root(root))
		}
		if root == i {
			continue
		}
		copies++
		if copies > 60 {
			continue
		}
		if Jaccard(string(s.Append(nil, i)), string(s.Append(nil, root)), 5) > 0.7 {
			alike++
		}
	}
	if copies < n*27/100 || copies > n*33/100 {
		t.Errorf("%d copies among %d articles at 30%%", copies, n)
	}
	if alike < 58 {
		t.Errorf("only %d of 60 copies have Jaccard above 0.7 to their root", alike)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	s := Stream{Seed: 2, Copies: 30, Sites: 10}
	buf := make([]byte, 0, 1<<16)
	i := 0
	if n := testing.AllocsPerRun(100, func() { buf = s.Append(buf[:0], i); i++ }); n > 0 {
		t.Errorf("Append allocates %v times", n)
	}
}

func BenchmarkStream(b *testing.B) {
	for _, lang := range Languages() {
		b.Run(fmt.Sprintf("lang=%v", lang), func(b *testing.B) {
			s := Stream{Language: lang, Copies: 30}
			var buf []byte
			var total, i int
			for b.Loop() {
				buf = s.Append(buf[:0], i)
				total += len(buf)
				i++
			}
			b.ReportMetric(float64(total)/float64(i), "B/doc")
			b.ReportMetric(float64(total)/b.Elapsed().Seconds()/1e6, "MB/s")
		})
	}
}
