package neardup

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A comparison names what it went by: words, numbers, and lines of the site.
func TestShown(t *testing.T) {
	form := "The ferry to %s leaves at %s in the morning from the new pier behind the market hall, where there is room for %s cars, and a " +
		"ticket costs %s crowns for grown-ups and half of that for children who come with their parents or with a class of their school."
	a := fmt.Sprintf(form, "Northcross", "7", "12", "1,250")
	b := fmt.Sprintf(form, "Northcross", "9", "14", "1.400")
	c := Compare(a, b)
	if c.Kind != Different || c.Reason != OtherNumbers {
		t.Fatalf("%v", c)
	}
	if diff := cmp.Diff([][]string{{"7", "12", "1,250"}, {"9", "14", "1.400"}, nil, nil},
		[][]string{c.A.NewNumbers, c.B.NewNumbers, c.A.NewWords, c.B.NewWords}); diff != "" {
		t.Error(diff)
	}
	if got := c.String(); !strings.Contains(got, "other numbers (7, 12, 1,250 against 9, 14, 1.400)") {
		t.Error(got)
	}
	// 1,250 and 1250 are one number.
	if c := Compare(a, strings.Replace(a, "1,250", "1250", 1)); c.A.NewNumbers != nil || c.B.NewNumbers != nil {
		t.Errorf("%q, %q", c.A.NewNumbers, c.B.NewNumbers)
	}
	han := Compare("轮渡七点开往北方港口,票价十二元。", "轮渡九点开往北方港口,票价十四元。")
	if diff := cmp.Diff([][]string{{"七", "二"}, {"九", "四"}}, [][]string{han.A.NewWords, han.B.NewWords}); diff != "" {
		t.Error(diff)
	}

	d := mustNew(t, Config{})
	wall := strings.Join(sentences(999, 14), " ")
	for i := range 12 {
		mustAdd(t, d, Article{ID: fmt.Sprint(i), Source: "post", Text: paragraphs(sentences(uint64(100+i), 3)) + wall})
	}
	x := d.Explain(Article{Source: "post", Text: paragraphs(sentences(100, 3)) + wall}, Article{Source: "post", Text: paragraphs(sentences(101, 3)) + wall})
	if x.Kind != Different || len(x.A.SiteLines) != 1 || x.A.SiteLines[0] != wall || len(x.B.SiteLines) != 1 {
		t.Errorf("%v: %q, %q", x, x.A.SiteLines, x.B.SiteLines)
	}
}
