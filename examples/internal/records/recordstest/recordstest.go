// Package recordstest is what a store is compared with in tests: a Detector of the same articles.
package recordstest

import (
	"slices"
	"testing"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/records"
)

// Detector returns a Detector that holds the articles. If off is set it does not learn the text of sources.
func Detector(t testing.TB, docs []neardup.Article, off bool) *neardup.Detector {
	t.Helper()
	d, err := neardup.New(neardup.Config{Templates: neardup.Templates{Off: off}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AddAll(t.Context(), slices.Values(docs)); err != nil {
		t.Fatal(err)
	}
	return d
}

// Pairs returns the pairs that a Detector finds, as matches of each article.
func Pairs(t testing.TB, d *neardup.Detector) map[string][]neardup.Match {
	t.Helper()
	of := make(map[string][]neardup.Match)
	for p, err := range d.Pairs(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		of[p.A] = append(of[p.A], neardup.Match{ID: p.B, Relation: p.Relation})
		of[p.B] = append(of[p.B], neardup.Match{ID: p.A, Relation: p.Flip()})
	}
	for _, matches := range of {
		slices.SortFunc(matches, records.CompareMatches)
	}
	return of
}

// Changed returns later versions of n articles, of each step-th: with the text of another, with one of its own, of another time, and
// without a text, in turn.
func Changed(docs []neardup.Article, n, step int) []neardup.Article {
	var changed []neardup.Article
	for i := range n {
		a := docs[i*step]
		switch i % 4 {
		case 0:
			a.Text = docs[i*step+1].Text
		case 1:
			a.Text = "Something else altogether, which nobody has said before, number " + a.ID + " of many."
		case 2:
			a.Time = a.Time.Add(-time.Hour * 24 * 400)
		case 3:
			a.Text = ""
		}
		changed = append(changed, a)
	}
	return changed
}
