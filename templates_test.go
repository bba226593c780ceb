package neardup

import (
	"context"
	"fmt"
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

func TestTemplates(t *testing.T) {
	var articles []Article
	add := func(id, source, text string) {
		articles = append(articles, Article{ID: id, Source: source, Text: text})
	}
	for i := range 300 {
		add(fmt.Sprint("form", i), "court", form(1, uint64(i)))
		add(fmt.Sprint("news", i), "daily", text(uint64(1000+i), 200))
		// One story as five hundred and more places published it: verbatim, lightly edited, and by other sources.
		story := words(2, 300)
		add(fmt.Sprint("copy", i), "daily", strings.Join(story, " "))
		add(fmt.Sprint("edit", i), "daily", strings.Join(edited(story, 290, uint64(i)), " "))
		add(fmt.Sprint("wire", i), fmt.Sprint("site", i%100), strings.Join(append(slices.Clone(story), words(uint64(9000+i), 40)...), " "))
	}
	for _, learn := range []bool{false, true} {
		cfg := whole
		cfg.Threshold = 0.4
		cfg.Templates.Learn = learn
		d := mustNew(t, cfg)
		if learn {
			if err := d.Learn(context.Background(), slices.Values(articles)); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.AddAll(context.Background(), slices.Values(articles)); err != nil {
			t.Fatal(err)
		}
		forms, stories := 0, 0
		for _, g := range d.Groups(nil) {
			for _, m := range g.Members {
				if strings.HasPrefix(m.ID, "form") {
					forms++
				}
			}
			if slices.ContainsFunc(g.Members, func(m Match) bool { return m.ID == "copy0" }) {
				stories = len(g.Members)
			}
		}
		if stories != 900 {
			t.Errorf("learn=%v: %d copies of the story found, want 900", learn, stories)
		}
		if want := 0; learn && forms != want {
			t.Errorf("%d pages of the form are grouped, want none", forms)
		} else if !learn && forms < 250 {
			t.Errorf("only %d pages of the form are grouped without learning: the test shows nothing", forms)
		}
	}
}

func TestTemplatesStreaming(t *testing.T) {
	cfg := whole
	cfg.Threshold = 0.4
	cfg.Templates.Learn = true
	d := mustNew(t, cfg)
	for i := range 100 {
		ms, err := d.Add(Article{ID: fmt.Sprint(i), Text: form(1, uint64(i))})
		if err != nil {
			t.Fatal(err)
		}
		if i >= 20 && len(ms) > 0 {
			t.Errorf("page %d matches %v", i, ids(ms))
		}
	}
	if ms, err := d.Query(Article{Text: form(1, 99)}); err != nil || !slices.Equal(ids(ms), []string{"99"}) {
		t.Errorf("Query = %v, %v; want page 99 itself", ms, err)
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

func TestLearnNeedsConfig(t *testing.T) {
	if err := mustNew(t, whole).Learn(context.Background(), slices.Values([]Article{})); err == nil {
		t.Error("Learn without Templates.Learn: no error")
	}
}

// TestLearnerForgets checks that the sketch stays within its bounds and keeps what is still published.
func TestLearnerForgets(t *testing.T) {
	l := newLearner()
	nav := make([]uint64, 100)
	for i := range nav {
		nav[i] = mix(uint64(i) + 1)
	}
	n := 6000
	if testing.Short() {
		n = 3000
	}
	for i := range n {
		features := slices.Clone(nav)
		for j := range 900 {
			features = append(features, mix(uint64(1000+1000*i+j)))
		}
		l.add(features, 7)
		if i > 20 {
			if kept := l.keep(features, 7); len(kept) < 890 || len(kept) > 900 {
				t.Fatalf("article %d: %d of 900 features kept", i, len(kept))
			}
		}
	}
	if l.filled >= learnFull || l.sources[7] > 4000 {
		t.Errorf("filled %d, %d articles", l.filled, l.sources[7])
	}
	// An article that comes again is not counted again.
	once := make([]uint64, 200)
	for i := range once {
		once[i] = mix(uint64(i) + 1<<50)
	}
	for range 500 {
		l.add(once, 7)
	}
	if kept := l.keep(once, 7); len(kept) != 200 {
		t.Errorf("%d of 200 features of a popular article kept", len(kept))
	}
}
