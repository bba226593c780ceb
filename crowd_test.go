package neardup

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// prosePicker makes sentences of invented words.
type prosePicker struct{ r *rand.Rand }

func (p prosePicker) words(n int) string {
	var b strings.Builder
	for i := range n {
		if i%12 == 0 {
			b.WriteString("The ")
		}
		for range 2 + p.r.IntN(3) {
			b.WriteByte("bdfgklmnprstvz"[p.r.IntN(14)])
			b.WriteByte("aeiou"[p.r.IntN(5)])
		}
		if i%12 == 11 {
			b.WriteString(". ")
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String() + "end.\n\n"
}

// Hundreds of articles that share a paragraph and nothing else cost some dozens of comparisons each, and the duplicates that are
// among them are found; of as many versions of one text, all are.
func TestCrowd(t *testing.T) {
	const n = 600
	p := prosePicker{rand.New(rand.NewPCG(1, 2))}
	notice := p.words(60)
	var articles []Article
	add := func(id, text string) { articles = append(articles, Article{ID: id, Text: text}) }
	for i := range n {
		own := p.words(60)
		add(fmt.Sprint("item ", i), own+notice)
		if i%100 == 50 {
			add(fmt.Sprint("again ", i), own+"And so it is. "+notice)
		}
	}
	d := mustNew(t, Config{})
	for _, a := range articles {
		m, err := d.Add(a)
		if err != nil {
			t.Fatal(err)
		}
		if again := strings.HasPrefix(a.ID, "again"); again != (len(m) == 1) {
			t.Errorf("%s: %v", a.ID, m)
		}
	}
	if got := d.Stats().Candidates; got > 48*n {
		t.Errorf("Add compared %d candidates of %d articles", got, n)
	}
	groups, err := d.Groups(context.Background(), nil)
	if err != nil || len(groups) != n/100 {
		t.Errorf("%d groups, %v, want %d", len(groups), err, n/100)
	}
	if got := d.Stats().Candidates; got > 2*48*n {
		t.Errorf("Add and Groups compared %d candidates of %d articles", got, n)
	}

	d = mustNew(t, Config{})
	story := strings.Fields(p.words(300))
	for i := range n {
		version := append([]string{}, story...)
		version[i%300] = fmt.Sprint("word", i)
		if m, err := d.Add(Article{ID: fmt.Sprint(i), Text: strings.Join(version, " ")}); err != nil || len(m) != i {
			t.Fatalf("version %d: %d matches, %v", i, len(m), err)
		}
	}
	if groups, err = d.Groups(context.Background(), nil); err != nil || len(groups) != 1 || len(groups[0].Members) != n {
		t.Errorf("%d groups, %v, want one of %d", len(groups), err, n)
	}
}
