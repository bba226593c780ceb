package cases

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/shingle"
)

// lines calls f for each line of a gzipped file of JSON lines.
func lines[T any](t *testing.T, name string, f func(T)) {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		f(v)
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
}

// known are the kinds that are not right in all variants, and why. A kind that becomes right has to leave the list.
var known = map[string]string{
	"2sites-poem-same":             "a poem under another footer each: what they share is no prose, and what they do not is as long",
	"poem-same-two-sites":          "the same",
	"brief-two-sites-1sent":        "one sentence, and three of a notice on either side",
	"same-brief-two-banners":       "the same",
	"headline-site-suffix":         "seven words and the name of the site: three features",
	"html-inline-links":            "links cut a short text into pieces",
	"paywall-stub-1sent":           "one sentence of its own under a paywall: two texts do not tell",
	"teaser-sentences-short-item":  "the same under teasers",
	"video-page-same-site":         "the same on a page of a video",
	"video-stub-cookie-vs-article": "all that the stub has is in the article: it is contained, and goes only if the article stays",
	"number-format":                "1,234 is two numbers, 1234 one",
	"ocr-noise-2pct":               "one in three of its words is new on either side, as in another form of the kind",
}

// Every kind that is not a wish is right in all variants, by Compare and by a Detector, but for those that are known; and no
// pair of different articles is called the same or contained, but in those.
func TestPairs(t *testing.T) {
	type pair struct {
		Kind, Variant, A, B, Expect string
		Wish                        bool
	}
	wrong := map[string]int{}
	pairs, kinds := 0, map[string]bool{}
	lines(t, "pairs.jsonl.gz", func(p pair) {
		pairs++
		kinds[p.Kind] = true
		c := neardup.Compare(p.A, p.B)
		right := c.Duplicate() == (p.Expect == "dup")
		if !right {
			wrong[p.Kind]++
		}
		if _, ok := known[p.Kind]; !right && !ok && (!p.Wish || p.Expect == "diff") {
			t.Errorf("%s, %s: %v, want %s", p.Kind, p.Variant, c, p.Expect)
		}
		d, err := neardup.New(neardup.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Add(neardup.Article{ID: "b", Text: p.B}); err != nil {
			t.Fatal(err)
		}
		ms, err := d.Query(neardup.Article{Text: p.A})
		if err != nil {
			t.Fatal(err)
		}
		if len(ms) > 0 && ms[0].Relation != c.Relation {
			t.Errorf("%s, %s: the detector says %+v, Compare %+v", p.Kind, p.Variant, ms[0].Relation, c.Relation)
		}
		// What is found by a sample may be missed if it is short.
		if len(ms) == 0 && c.Duplicate() && c.Shared >= 100 {
			t.Errorf("%s, %s: the detector does not find %v", p.Kind, p.Variant, c)
		}
	})
	if pairs < 800 || len(kinds) < 280 {
		t.Errorf("%d pairs of %d kinds only", pairs, len(kinds))
	}
	for kind := range known {
		if wrong[kind] == 0 {
			t.Errorf("%s is right now: it has to leave the list", kind)
		}
	}
}

// Of these corpora every article survives.
func TestCorpora(t *testing.T) {
	for name, survivors := range map[string][]int{
		"corpus-stub-swallows-site.jsonl.gz": {200, 201}, // 200 articles and a stub
		"corpus-footer-poem.jsonl.gz":        {60},
	} {
		for _, sources := range []bool{true, false} {
			d, err := neardup.New(neardup.Config{})
			if err != nil {
				t.Fatal(err)
			}
			lines(t, name, func(a struct{ ID, Text, Source string }) {
				if !sources {
					a.Source = ""
				}
				if _, err := d.Add(neardup.Article{ID: a.ID, Text: a.Text, Source: a.Source}); err != nil {
					t.Fatal(err)
				}
			})
			groups, err := d.Groups(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			kept := d.Len()
			for _, g := range groups {
				kept -= len(g.Members) - 1
			}
			if !slices.Contains(survivors, kept) {
				t.Errorf("%s, with sources %v: %d of %d survive, want %v", name, sources, kept, d.Len(), survivors)
			}
		}
	}
}

// Of two short items of one site two texts alone may not tell that they are two. Thirty of them, with the name of their source,
// do: all survive, in any order.
func TestShortItems(t *testing.T) {
	type pair struct{ Kind, Variant, A, B, Expect string }
	lines(t, "pairs.jsonl.gz", func(p pair) {
		if _, ok := known[p.Kind]; !ok || p.Expect != "diff" || !neardup.Compare(p.A, p.B).Duplicate() {
			return
		}
		r := rand.New(rand.NewPCG(1, uint64(len(p.A))))
		items := []string{p.B}
		for range 29 {
			items = append(items, another(r, p.B, p.A))
		}
		want := len(items)
		if p.Kind == "video-stub-cookie-vs-article" {
			items = append(items, p.A) // which may be contained in one of them
		}
		for range 3 {
			d, err := neardup.New(neardup.Config{})
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range r.Perm(len(items)) {
				if _, err := d.Add(neardup.Article{ID: fmt.Sprint(i), Text: items[i], Source: "post"}); err != nil {
					t.Fatal(err)
				}
			}
			groups, err := d.Groups(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			kept := d.Len()
			for _, g := range groups {
				kept -= len(g.Members) - 1
			}
			if kept < want {
				t.Errorf("%s, %s: %d of %d survive", p.Kind, p.Variant, kept, len(items))
			}
		}
	})
}

// another makes a text like a, which has other words where a has other words than b.
func another(r *rand.Rand, a, b string) string {
	var out strings.Builder
	at := 0
	for _, p := range append(shingle.AppendPassages(nil, a, b, 4), shingle.Passage{AStart: len(a), AEnd: len(a)}) {
		if p.AStart > at {
			out.WriteString(word.ReplaceAllStringFunc(a[at:p.AStart], func(old string) string { return invent(r, old) }))
		}
		out.WriteString(a[max(at, p.AStart):p.AEnd])
		at = max(at, p.AEnd)
	}
	return out.String()
}

var word = regexp.MustCompile(`\pL+`)

// invent makes a word that looks like another, if that is longer than a function word.
func invent(r *rand.Rand, old string) string {
	if utf8.RuneCountInString(old) < 5 {
		return old
	}
	var b strings.Builder
	for range 2 + r.IntN(3) {
		b.WriteByte("bdfgklmnprstvz"[r.IntN(14)])
		b.WriteByte("aeiou"[r.IntN(5)])
	}
	if first, _ := utf8.DecodeRuneInString(old); unicode.IsUpper(first) {
		return strings.ToUpper(b.String()[:1]) + b.String()[1:]
	}
	return b.String()
}
