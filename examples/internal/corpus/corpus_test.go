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
	if c.FellBackA || c.FeaturesA < 50 {
		t.Errorf("the prose view does not take the sentences for prose: %d features", c.FeaturesA)
	}
}
