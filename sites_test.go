package neardup

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// walledPages are pages of a shop, each with words of its own and one wall.
func walledPages(n int) []string {
	wall := paragraphs(sentences(77777, 16))
	pages := make([]string, n)
	for i := range pages {
		pages[i] = paragraphs(sentences(uint64(88000+i), 5)) + "\n\n" + wall
	}
	return pages
}

// A text that several sources have is judged without the text of each: copies under a second host, and in an aggregator, do not make
// the pages one.
func TestSeveralSources(t *testing.T) {
	pages := walledPages(30)
	for _, copies := range []int{3, 10, 30} {
		d := mustNew(t, Config{})
		for i, text := range pages {
			mustAdd(t, d, Article{ID: fmt.Sprint("www ", i), Source: "www", Text: text})
		}
		for i, text := range pages[:copies] {
			m, err := d.Add(Article{ID: fmt.Sprint("copy ", i), Source: "m", Text: text})
			if err != nil || len(m) != 1 || m[0].ID != fmt.Sprint("www ", i) {
				t.Errorf("copy %d of %d: %v, %v", i, copies, m, err)
			}
		}
		groups := mustGroups(t, d, nil)
		if len(groups) != copies {
			t.Errorf("%d groups of %d copies", len(groups), copies)
		}
		for _, g := range groups {
			if len(g.Members) != 2 {
				t.Errorf("%d members of %s", len(g.Members), g.Representative)
			}
		}
	}
}

// What Add learns of a source while articles come, a detector that was merged or filled in bulk learns when it is asked, and one that
// was read knows.
func TestSitesAfterLoad(t *testing.T) {
	pages := walledPages(30)
	var articles []Article
	added := mustNew(t, Config{})
	for i, text := range pages {
		a := Article{ID: fmt.Sprint(i), Source: "www", Text: text}
		articles = append(articles, a)
		mustAdd(t, added, a)
	}
	bulk, merged := mustNew(t, Config{}), mustNew(t, Config{})
	if err := bulk.AddAll(context.Background(), slices.Values(articles)); err != nil {
		t.Fatal(err)
	}
	if err := merged.Merge(context.Background(), added); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := added.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*Detector{"added": added, "in bulk": bulk, "merged": merged, "read": mustLoad(t, file.Bytes())} {
		for i := range 3 {
			if m, err := d.Query(articles[3+i]); err != nil || len(m) != 0 {
				t.Errorf("%s: Query of a page that is held: %d matches, %v", name, len(m), err)
			}
			if m, err := d.Replace(articles[3+i]); err != nil || len(m) != 0 {
				t.Errorf("%s: Replace of a page by itself: %d matches, %v", name, len(m), err)
			}
		}
	}
}

// A comparison turned round is the same comparison, also where both texts are in one another to the same share.
func TestCompareTurned(t *testing.T) {
	for seed := range uint64(200) {
		ws := words(seed, 30+int(seed)%60)
		turned := slices.Clone(ws)
		for i := range len(ws) * int(seed%5) / 10 {
			j := i + int(seed*uint64(i+7))%(len(ws)*4/10-i+1)
			turned[i], turned[j%len(ws)] = turned[j%len(ws)], turned[i]
		}
		a, b := strings.Join(ws, " "), strings.Join(turned, " ")
		if one, two := Compare(a, b), Compare(b, a); one.Relation != two.Flip() {
			t.Errorf("seed %d: %v, and turned %v", seed, one, two)
		}
	}
}
