package neardup

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// A writer makes a corpus of articles that are made of one another in all ways: new ones, edits, updates, excerpts, roundups and
// mixtures, under the notices and in the pages of their sites.
type writer struct {
	r        *rand.Rand
	seed     uint64
	next     uint64
	articles [][]string // sentences
}

func (w *writer) fresh(n int) []string {
	w.next++
	return sentences(w.seed<<40+w.next, n)
}

// body returns the sentences of the next article.
func (w *writer) body() []string {
	some := func() []string { return w.articles[w.r.IntN(len(w.articles))] }
	part := func(s []string, n int) []string {
		n = min(n, len(s))
		at := w.r.IntN(len(s) - n + 1)
		return s[at : at+n]
	}
	kind := w.r.IntN(9)
	if len(w.articles) < 5 {
		kind = 0
	}
	switch kind {
	case 0, 1:
		return w.fresh(1 + w.r.IntN(30))
	case 2: // an edit
		out := append([]string{}, some()...)
		for range w.r.IntN(len(out)) {
			out[w.r.IntN(len(out))] = w.fresh(1)[0]
		}
		return out
	case 3: // an update
		return append(append([]string{}, some()...), w.fresh(1+w.r.IntN(10))...)
	case 4:
		return part(some(), 1+w.r.IntN(10))
	case 5: // a mixture of two
		return append(append([]string{}, part(some(), 8)...), part(some(), 8)...)
	case 6: // a roundup
		var out []string
		for range 6 {
			out = append(out, part(some(), 2)...)
		}
		return out
	case 7: // the same under another beginning
		return append(w.fresh(1+w.r.IntN(3)), some()...)
	default:
		return some()
	}
}

// shingles returns the runs of five words of sentences.
func shingles(s []string) map[string]bool {
	words := strings.FieldsFunc(strings.ToLower(strings.Join(s, " ")), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	out := map[string]bool{}
	for i := 0; i+5 <= len(words); i++ {
		out[strings.Join(words[i:i+5], " ")] = true
	}
	return out
}

// kept returns the share of the shingles of a that b has.
func kept(a, b map[string]bool) float64 {
	n := 0
	for s := range a {
		if b[s] {
			n++
		}
	}
	if len(a) == 0 {
		return 1
	}
	return float64(n) / float64(len(a))
}

// Whatever a corpus is made of: of each article that a group lets go, the representative has at least half of the sentences. A naive
// count says so, which knows what was put together and nothing of views, signatures or hashes.
func TestHalfIsKept(t *testing.T) {
	corpora := 36
	if testing.Short() {
		corpora = 6
	}
	gone := 0
	for seed := range uint64(corpora) {
		w := &writer{r: rand.New(rand.NewPCG(7, seed)), seed: seed}
		sources := int(seed%4) * 2 // 0: not named
		notices := make([][]string, max(1, sources))
		for i := range notices {
			notices[i] = w.fresh(w.r.IntN(6))
		}
		whole, own := map[string]map[string]bool{}, map[string]map[string]bool{}
		var articles []Article
		for i := range 80 {
			body := w.body()
			w.articles = append(w.articles, body)
			at := w.r.IntN(len(notices))
			text := paragraphs(body) + "\n\n" + paragraphs(notices[at])
			if seed%3 == 2 && sources > 0 { // two pages alone do not tell a sentence of their own from a headline
				text = page(uint64(at%3), text)
			}
			a := Article{ID: fmt.Sprint(i), Text: text}
			if sources > 0 {
				a.Source = fmt.Sprint("site ", at)
			}
			articles = append(articles, a)
			own[a.ID] = shingles(body)
			whole[a.ID] = shingles(append(append([]string{}, body...), notices[at]...))
		}
		for _, cfg := range []Config{{}, {BySignature: true}} {
			d := mustNew(t, cfg)
			mustAdd(t, d, articles...)
			least := 0.5 - 0.02 // sentences meet in other places than in the text
			if cfg.BySignature {
				least = 0.5 - 3*0.044
			}
			for _, g := range mustGroups(t, d, nil) {
				for _, m := range g.Members[1:] {
					gone++
					if share := kept(whole[m.ID], whole[g.Representative]); share < least {
						t.Errorf("seed %d, by signature %v: %s has %.2f of %s: %v", seed, cfg.BySignature, g.Representative, share, m.ID, m.Reason)
					}
				}
			}
		}
	}
	if gone < 20*corpora {
		t.Errorf("only %d articles of %d corpora were let go", gone, corpora)
	}
}
