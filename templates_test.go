package neardup

import (
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
