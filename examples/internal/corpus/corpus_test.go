package corpus

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup"
)

func TestArticles(t *testing.T) {
	a, b := Articles(200, 1), Articles(200, 1)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("the same seed gives other articles:\n%s", diff)
	}
	if a[0].Text == Articles(200, 2)[0].Text {
		t.Error("another seed gives the same articles")
	}
	c := neardup.Compare(a[0].Text, a[0].Text)
	if c.A.FellBack || c.A.Features < 50 {
		t.Errorf("the prose view does not take the sentences for prose: %d features", c.A.Features)
	}
}

func TestFiles(t *testing.T) {
	all, err := Files("../../dedup/corpus")
	if err != nil {
		t.Fatal(err)
	}
	sources := make(map[string]int)
	for _, a := range all {
		sources[a.Source]++
	}
	if len(all) != 41 || sources["harbour-courier"] != 8 || sources["daily-lantern.example"] < 3 {
		t.Errorf("%d articles, of %v", len(all), sources)
	}
}
