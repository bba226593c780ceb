package neardup

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// form returns a page of a form: 150 words of the form with 50 words of its own in five places.
func form(template, seed uint64) string {
	fixed, own := words(template, 150), words(1<<40+seed, 50)
	var out []string
	for i := range 5 {
		out = append(out, fixed[30*i:30*i+30]...)
		out = append(out, own[10*i:10*i+10]...)
	}
	return strings.Join(out, " ")
}

// newspaper returns the articles of a source: so many whole ones, and so many of which a wall lets one see the first words.
func newspaper(source string, seed uint64, whole, walled int) []Article {
	wall := paragraphs(sentences(seed<<32, 18)) // some 270 words
	var out []Article
	for i := range whole {
		out = append(out, Article{ID: fmt.Sprint(source, "/", i), Source: source, Text: paragraphs(sentences(seed<<32+uint64(1+i), 20))})
	}
	for i := range walled {
		teaser := strings.Join(sentences(seed<<32+1<<20+uint64(i), 3), " ") // some 40 words
		out = append(out, Article{ID: fmt.Sprint(source, "/walled", i), Source: source, Text: teaser + "\n\n" + wall})
	}
	return out
}

// lost returns the articles that groups would let go.
func lost(groups []Group) []string {
	var out []string
	for _, g := range groups {
		for _, m := range g.Members[1:] {
			out = append(out, m.ID)
		}
	}
	return out
}

// A wall of 270 words is on 150 pages of a source, whose articles differ in 40 words.
func TestWall(t *testing.T) {
	whole, walled := 700, 150
	if testing.Short() {
		whole, walled = 100, 40
	}
	articles := newspaper("daily", 1, whole, walled)
	r := rand.New(rand.NewPCG(1, 1))
	for range 3 {
		d := mustNew(t, Config{})
		mustAdd(t, d, articles...)
		if gone := lost(mustGroups(t, d, nil)); len(gone) > 0 {
			t.Errorf("%d of %d articles would go: %v …", len(gone), len(articles), gone[:min(5, len(gone))])
		}
		for p, err := range d.Pairs(t.Context()) {
			t.Fatalf("pair %+v, %v", p, err)
		}
		r.Shuffle(len(articles), func(i, j int) { articles[i], articles[j] = articles[j], articles[i] })
	}
	// Without a source nothing is learnt, and what two texts say is all there is.
	d := mustNew(t, Config{})
	for _, a := range articles {
		a.Source = ""
		mustAdd(t, d, a)
	}
	if gone := lost(mustGroups(t, d, nil)); len(gone) == 0 {
		t.Error("nothing would go without sources: the test shows nothing")
	}
}

// In a stream the wall is known from the tenth page on that has it.
func TestWallStream(t *testing.T) {
	d := mustNew(t, Config{})
	mustAdd(t, d, newspaper("daily", 1, 100, 0)...)
	for i, a := range newspaper("daily", 1, 0, 60) {
		ms, err := d.Add(a)
		if err != nil {
			t.Fatal(err)
		}
		if i >= 9 && len(ms) > 0 {
			t.Errorf("walled page %d matches %v", i+1, ids(ms))
		}
	}
	// And from the first query on in a detector that was filled at once.
	d = mustNew(t, Config{})
	if err := d.AddAll(t.Context(), slices.Values(newspaper("daily", 1, 100, 60))); err != nil {
		t.Fatal(err)
	}
	ms, err := d.Query(newspaper("daily", 1, 0, 61)[60])
	if err != nil || len(ms) > 0 {
		t.Errorf("Query = %v, %v; want nothing", ids(ms), err)
	}
}

// One story as a source publishes it again and again is one group, and stays.
func TestPopular(t *testing.T) {
	n := 500
	if testing.Short() {
		n = 100
	}
	story := sentences(99, 24)
	for name, version := range map[string]func(i int) []string{
		"identical": func(int) []string { return story },
		"an edit": func(i int) []string {
			s := slices.Clone(story)
			s[i%len(s)] = strings.Replace(s[i%len(s)], " ", fmt.Sprintf(" edit%d ", i), 1)
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			articles := newspaper("daily", 1, 60, 0)
			for i := range n {
				articles = append(articles, Article{ID: fmt.Sprint("story", i), Source: "daily", Text: paragraphs(version(i))})
			}
			for range 3 {
				d := mustNew(t, Config{})
				mustAdd(t, d, articles...)
				groups := mustGroups(t, d, nil)
				if len(groups) != 1 || len(groups[0].Members) != n {
					t.Errorf("%d groups, %d articles in them, want one of %d", len(groups), len(groups)+len(lost(groups)), n)
				}
				r.Shuffle(len(articles), func(i, j int) { articles[i], articles[j] = articles[j], articles[i] })
			}
		})
	}
}

// Six stories that a source publishes ten times each, with a new paragraph every time, are six groups.
func TestUpdated(t *testing.T) {
	articles := newspaper("daily", 1, 300, 0)
	for story := range uint64(6) {
		body := sentences(500+story, 20)
		for i := range uint64(10) {
			version := slices.Insert(slices.Clone(body), 5, sentences(7000+100*story+i, 3)...)
			articles = append(articles, Article{ID: fmt.Sprintf("story%d/%d", story, i), Source: "daily", Text: paragraphs(version)})
		}
	}
	d := mustNew(t, Config{})
	mustAdd(t, d, articles...)
	groups := mustGroups(t, d, nil)
	if len(groups) != 6 || len(lost(groups)) != 54 {
		t.Errorf("%d groups, %d articles gone, want 6 groups of 10", len(groups), len(lost(groups)))
	}
}

// A story that ten sources publish, each on its own page with its own notice, is one group.
func TestSyndicated(t *testing.T) {
	var articles []Article
	body := paragraphs(sentences(77, 24))
	for s := range uint64(10) {
		source := fmt.Sprint("site", s)
		own := newspaper(source, 10+s, 20, 20)
		notice := paragraphs(sentences((10+s)<<32, 18))
		articles = append(articles, own...)
		articles = append(articles, Article{ID: source + "/wire", Source: source, Text: body + "\n\n" + notice})
	}
	d := mustNew(t, Config{})
	mustAdd(t, d, articles...)
	groups := mustGroups(t, d, nil)
	if len(groups) != 1 || len(groups[0].Members) != 10 {
		t.Errorf("%d groups with %d lost, want one of ten: %v", len(groups), len(lost(groups)), groups)
	}
}

func TestTemplatesKnown(t *testing.T) {
	cfg := whole
	cfg.Threshold = 0.3
	page := form(1, 1)
	cfg.Templates.Known = []string{strings.Join(words(1, 150), " ")}
	with := mustNew(t, cfg)
	cfg.Templates.Known = nil
	without := mustNew(t, cfg)
	for _, d := range []*Detector{with, without} {
		mustAdd(t, d, Article{ID: "page", Text: page})
	}
	if ms, _ := without.Query(Article{Text: form(1, 2)}); len(ms) != 1 {
		t.Errorf("without: %v, want a match", ms)
	}
	if ms, _ := with.Query(Article{Text: form(1, 2)}); len(ms) != 0 {
		t.Errorf("with: %v, want none", ms)
	}
	if ms, _ := with.Query(Article{Text: page}); len(ms) != 1 {
		t.Errorf("the page does not match itself: %v", ms)
	}
}
