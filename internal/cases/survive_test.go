package cases

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/neardup/neardup"
)

// writer makes texts of invented words.
type writer struct{ *rand.Rand }

func newWriter(seed uint64) writer { return writer{rand.New(rand.NewPCG(11, seed))} }

var small = strings.Fields("the of and to in a is that for it was on with as by at from")

// words are n words, two in five of them small ones.
func (w writer) words(n int) string {
	out := make([]string, n)
	for i := range out {
		if out[i] = invent(w.Rand, "newword"); w.IntN(5) < 2 {
			out[i] = small[w.IntN(len(small))]
		}
	}
	return strings.Join(out, " ")
}

// prose is n sentences of so many words.
func (w writer) prose(n, words int) string {
	var b strings.Builder
	for range n {
		s := w.words(words)
		b.WriteString(strings.ToUpper(s[:1]) + s[1:] + ". ")
	}
	return b.String()
}

func (w writer) name() string { return invent(w.Rand, "Newname") + " " + invent(w.Rand, "Newname") }

// list is n lines that are no sentences.
func (w writer) list(mark string, n, words int) string {
	var b strings.Builder
	for range n {
		b.WriteString(mark + w.words(words) + "\n")
	}
	return b.String()
}

// Whole corpora of items that stand in one frame, as their sites publish them. Every item is an article of its own: whoever represents,
// all survive.
func TestItemsSurvive(t *testing.T) {
	frame := newWriter(1)
	firm, notice, licence := frame.prose(9, 17), frame.prose(12, 18), frame.prose(8, 20)
	for _, c := range []struct {
		kind   string
		n      int
		source bool
		item   func(w writer) string
	}{
		{"job ads of one employer, tasks as a list", 5, true, func(w writer) string {
			return w.name() + "\n\nYour tasks\n" + w.list("• ", 3, 10) + "\nYour profile\n" + w.list("• ", 3, 9) + "\nAbout us\n" + firm
		}},
		{"changes of releases", 10, true, func(w writer) string {
			return "Release notes\n\n" + frame.shared("install", 3, 15) + "\n\n" + w.list("- ", 6, 9)
		}},
		{"recipes", 5, true, func(w writer) string {
			return w.name() + "\n\n" + w.list("", 8, 5) + "\n" + frame.shared("kitchen", 5, 15) + "\n\n" + w.list("1. ", 5, 8)
		}},
		{"stories of three pages under a long notice", 3, true, func(w writer) string { return w.prose(6, 16) + "\n\n" + notice }},
		{"stories of two papers of one publisher", 2, false, func(w writer) string { return w.prose(7, 16) + "\n\n" + notice }},
		{"programs under one licence", 12, false, func(w writer) string {
			var b strings.Builder
			for range 60 {
				fmt.Fprintf(&b, "\t%s = %s(%s, %d)\n", invent(w.Rand, "newword"), invent(w.Rand, "newword"), invent(w.Rand, "newword"), w.IntN(900))
			}
			return "// " + licence + "\n\n" + b.String()
		}},
		{"forms with names and numbers", 30, false, func(w writer) string {
			return fmt.Sprintf("Notice is given that an application has been made by %s of %d %s Street for leave to build a house of %d storeys "+
				"on the land behind the chapel at %s. The plans may be seen at the town hall on any weekday from nine to four until the end of "+
				"the month. Whoever wishes to object must write to the clerk by %d March, naming the application %d and the reason. "+
				"Letters that come later will not be read at the hearing.",
				w.name(), 10+w.IntN(90), invent(w.Rand, "Newname"), 2+w.IntN(9), invent(w.Rand, "Newname"), 1+w.IntN(28), 1000+w.IntN(9000))
		}},
		{"forms with names and numbers, in Spanish", 30, true, func(w writer) string {
			return fmt.Sprintf("Se hace saber que don %s, vecino de la calle %s número %d, ha solicitado licencia para abrir un taller de %d metros "+
				"cuadrados en el barrio de %s. El expediente puede verse en la secretaría del ayuntamiento todos los días laborables. Quien se "+
				"considere afectado puede presentar sus alegaciones por escrito antes del día %d de abril, indicando el número %d. Pasado ese "+
				"plazo no se admitirá ninguna.", w.name(), invent(w.Rand, "Newname"), 10+w.IntN(90), 100+w.IntN(900), invent(w.Rand, "Newname"),
				1+w.IntN(28), 1000+w.IntN(9000))
		}},
		{"a law with other amounts", 3, true, func(w writer) string {
			return fmt.Sprintf("The fee for a licence to fish in the waters of the county is %d crowns a year. Whoever fishes without one pays a fine of "+
				"%d crowns, and interest of %d in the hundred if it is not paid within %d days. A boat may carry no more than %d nets. The warden "+
				"keeps the list of those who have a licence and shows it to whoever asks. An appeal goes to the court of the county within %d "+
				"days, and until it is heard the licence holds. ", 10+w.IntN(89), 200+w.IntN(700), 2+w.IntN(8), 11+w.IntN(80), 3+w.IntN(90),
				100+w.IntN(90)) + frame.shared("law", 3, 15)
		}},
	} {
		w := newWriter(uint64(len(c.kind)))
		var articles []neardup.Article
		for i := range c.n {
			a := neardup.Article{ID: fmt.Sprint(i), Text: c.item(w)}
			if c.source {
				a.Source = "one.example"
			}
			articles = append(articles, a)
		}
		d := detectorOf(t, articles)
		for name, policy := range policies {
			if gone := removed(t, d, policy); len(gone) > 0 {
				t.Errorf("%s: %s takes %d of %d: %v", c.kind, name, len(gone), c.n, gone)
			}
		}
	}
}

// shared is prose that is the same each time it is asked for by one name.
func (w writer) shared(name string, n, words int) string {
	return newWriter(uint64(len(name))*1000+uint64(name[0])).prose(n, words)
}

var policies = map[string]neardup.Policy{
	"earliest": neardup.Earliest,
	"longest":  neardup.Longest,
	"shortest": func(a, b neardup.Entry) int { return cmp.Compare(a.Size, b.Size) },
}

func detectorOf(t *testing.T, articles []neardup.Article) *neardup.Detector {
	t.Helper()
	d, err := neardup.New(neardup.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range articles {
		if _, err := d.Add(a); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// removed returns the IDs that groups would let go.
func removed(t *testing.T, d *neardup.Detector, policy neardup.Policy) (ids []string) {
	t.Helper()
	groups, err := d.Groups(context.Background(), policy)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		for _, m := range g.Members[1:] {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// A story that grows: of its versions the last one stays, by any policy, as it has what the others have.
func TestGrowingStory(t *testing.T) {
	for _, c := range []struct {
		kind string
		more func(w writer, i int) string
	}{
		{"a paragraph", func(w writer, _ int) string { return w.prose(3, 15) + "\n\n" }},
		{"a sentence", func(w writer, _ int) string { return w.prose(1, 9) }},
		{"an entry at a time", func(w writer, i int) string { return fmt.Sprintf("%d.%02d: %s\n", 9+i, 5*i, w.prose(2, 14)) }},
	} {
		for _, source := range []string{"", "one.example"} {
			w := newWriter(3)
			text := w.prose(8, 16) + "\n\n"
			var articles []neardup.Article
			for i := range 6 {
				articles = append(articles, neardup.Article{ID: fmt.Sprint(i), Source: source, Text: text})
				text += c.more(w, i)
			}
			d := detectorOf(t, articles)
			for name, policy := range policies {
				if gone := fmt.Sprint(removed(t, d, policy)); strings.Contains(gone, "5") || strings.Count(gone, " ") != 4 {
					t.Errorf("%s, source %q: %s takes %s, want all but the last", c.kind, source, name, gone)
				}
			}
		}
	}
}
