package shingle

import (
	"fmt"
	"strings"
	"testing"
)

// inBody returns the share of the features of part, which is in text, that are in the body of text.
func inBody(t *testing.T, text, part string) float64 {
	t.Helper()
	s := newShingler(t, Config{})
	var r Reading
	s.Read(&r, text)
	var body []uint64
	for i, f := range r.Features {
		if r.Views[i]&InBody != 0 {
			body = append(body, f)
		}
	}
	return NewSet(AppendWords(nil, part, 5)).Containment(NewSet(body))
}

// TestBody checks what is surely menu and what is not.
func TestBody(t *testing.T) {
	story := strings.Join(pageRows[0].body, "\n\n") + "\n\n" + strings.Join(strings.Split(pageEnglish, "\n\n")[4:9], "\n\n")
	if n := len(strings.Fields(story)); n < 150 {
		t.Fatalf("the story has %d words, want 150", n)
	}
	footer := "We use small files to see what you like on our site. By clicking on the button you agree that we may keep them. You can " +
		"change your mind at any time, and you can read more about it in our policy."
	menu := "Home\nNews\nSport\nOpinion\nWeather\nContact us\nSign in\nJobs\nTravel\nObituaries"
	var headlines, poem, law, names, prices []string
	for i := range 30 {
		headlines = append(headlines, fmt.Sprintf("Harbour Master %c Retires After Forty Years%s", 'A'+i%26, strings.Repeat(" At Northcross Pier", i%3)))
	}
	longer := strings.Repeat(strings.Join(headlines, "\n")+"\n", 4)
	var graduates []string
	for i := range 40 {
		graduates = append(graduates, fmt.Sprintf("Edda%c Lindqvist%c", 'a'+i%26, 'z'-i%25))
	}
	long := strings.Join(graduates, "\n")
	items := "• Two bedrooms upstairs north\n• Kitchen with slate floor\n• Oak staircase hand carved\n• Copper roof and gutters\n" +
		"• Heat pump and cellar\n• Garden room of glass\n• Sauna beside the lake"
	for i := range 30 {
		poem = append(poem, fmt.Sprintf("the tide came in %c", 'a'+i%26), fmt.Sprintf("and took my boat %c", 'z'-i%26))
		law = append(law, fmt.Sprintf("%d. Ferry %c Pilots And Crew", i+1, 'A'+i%26))
		names = append(names, fmt.Sprintf("Berth %c, Edda Lindqvist, %d", 'A'+i%26, 30+i))
		prices = append(prices, fmt.Sprintf("%d\t%d\t%d", i+100, i*7+13, i*3+900))
	}
	for _, c := range []struct {
		name       string
		text, part string
		want       bool
	}{
		{"a menu", menu + "\n\n" + story, menu, false},
		{"headlines after an article", story + "\n\n" + strings.Join(headlines, "\n"), strings.Join(headlines, "\n"), false},
		{"headlines before an article", strings.Join(headlines, "\n") + "\n\n" + story, strings.Join(headlines, "\n"), false},
		{"headlines before a footer", story + "\n\n" + strings.Join(headlines, "\n") + "\n\n" + footer, strings.Join(headlines, "\n"), false},
		{"headlines alone, over a footer", strings.Join(headlines, "\n") + "\n\n" + footer, strings.Join(headlines, "\n"), true},
		{"a poem over a footer", strings.Join(poem, "\n") + "\n\n" + footer, strings.Join(poem, "\n"), true},
		{"items of a law over a footer", strings.Join(law, "\n") + "\n\n" + footer, strings.Join(law, "\n"), true},
		{"items of a law after its text", story + "\n\n" + strings.Join(law, "\n"), strings.Join(law, "\n"), true},
		{"a list of names over a footer", strings.Join(names, "\n") + "\n\n" + footer, strings.Join(names, "\n"), true},
		{"a table over a footer", strings.Join(prices, "\n") + "\n\n" + footer, strings.Join(prices, "\n"), true},
		{"a menu alone", menu, menu, true},
		{"a list of more than twice the article", story + "\n\n" + longer, longer, true},
		{"a list of more words than a notice", footer + "\n\n" + long, long, true},
		{"items of four words under a notice", footer + "\n\n" + items, items, true},
		{"items of four words before a notice", items + "\n\n" + footer, items, true},
		{"the article", menu + "\n\n" + story + "\n\n" + strings.Join(headlines, "\n"), story, true},
	} {
		if got := inBody(t, c.text, c.part); got > .1 != c.want || got < .9 == c.want {
			t.Errorf("%s: %.2f of it is in the body, want %v", c.name, got, c.want)
		}
	}
}

func TestEnumerated(t *testing.T) {
	for text, want := range map[string]bool{
		"1. one\n2. two\n3. three": true, "(a) one\n(b) two": true, "iv) one\nv) two": true, "  12. one\n\n": true,
		"Home\nNews\nSport\n1. one": true, "Home\nNews\nSport\nWeather\n1. one": false,
		"": true, "Mr. one\nDr. two": false, "1.5 one\n2.5 two": false, "2024 one": false, "(see) one": true, "(see below) one": false, "é) one": false,
	} {
		if got := enumerated(text); got != want {
			t.Errorf("%q is a list: %v, want %v", text, got, want)
		}
	}
}
