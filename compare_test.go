package neardup

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neardup/neardup/shingle"
)

// sentences returns n made-up sentences, the same for the same seed.
func sentences(seed uint64, n int) []string {
	rng := rand.New(rand.NewPCG(1, seed))
	syllables := strings.Fields("ka lo mi ren sta vor bel du ne tra pol gim sha or ev in um as")
	word := func() string {
		var b strings.Builder
		for range 1 + rng.IntN(3) {
			b.WriteString(syllables[rng.IntN(len(syllables))])
		}
		return b.String()
	}
	grammar := strings.Fields("the a of in on to and that was has with for by from at it")
	out := make([]string, n)
	for i := range out {
		words := make([]string, 10+rng.IntN(12))
		for j := range words {
			if j%2 == 1 {
				words[j] = grammar[rng.IntN(len(grammar))]
			} else {
				words[j] = word()
			}
		}
		words[0] = strings.ToUpper(words[0][:1]) + words[0][1:]
		out[i] = strings.Join(words, " ") + "."
	}
	return out
}

// paragraphs joins sentences, three to a paragraph.
func paragraphs(s []string) string {
	var b strings.Builder
	for i, x := range s {
		b.WriteString(x)
		if i%3 == 2 {
			b.WriteString("\n\n")
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// headlines returns n made-up headlines.
func headlines(seed uint64, n int) string {
	rng := rand.New(rand.NewPCG(2, seed))
	words := strings.Fields("Harbour Council Ferry Bridge Plan Vote Storm School Prize Market Mayor Budget Road Fish Team Final Fire Court Rail Strike")
	var b strings.Builder
	for range n {
		for j := range 6 + rng.IntN(5) {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(words[rng.IntN(len(words))])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// page puts a body into a site of which headlines and menus are about half.
func page(site uint64, body string) string {
	return fmt.Sprintf("The %s Post\n\nNews and views\nSunday, Nov 23, 2025\n\nHome\nNews\nSport\n\nA Headline About The Matter\n\n%s\nNewsletter\n\nRelated Articles\n\n0:00\nClose\n%s×\n",
		[]string{"Northern", "Southern", "Eastern"}[site], body, headlines(site, 40))
}

func TestCompare(t *testing.T) {
	story, other := sentences(1, 30), sentences(2, 30)
	edited := append([]string{}, story...)
	edited[7], edited[20] = other[7], other[20]
	for _, c := range []struct {
		name string
		a, b string
		want Kind
	}{
		{"syndicated", page(0, paragraphs(story)), page(1, paragraphs(story)), Same},
		{"page-and-body", page(0, paragraphs(story)), paragraphs(story), Same},
		{"edited", page(0, paragraphs(story)), page(1, paragraphs(edited)), Same},
		{"one-sidebar", page(0, paragraphs(story)), page(0, paragraphs(other)), Different},
		{"unrelated", page(0, paragraphs(story)), page(1, paragraphs(other)), Different},
		{"excerpt", page(0, paragraphs(story[:14])), page(1, paragraphs(story)), Contained},
		{"excerpt-turned", page(1, paragraphs(story)), page(0, paragraphs(story[:14])), Contains},
		{"bare-excerpt", strings.Join(story[:4], " "), page(1, paragraphs(story)), Contained},
		{"only-navigation", page(0, ""), page(0, paragraphs(story)), Contained},
		{"navigation-of-another-site", page(0, ""), page(1, paragraphs(story)), Different},
		{"navigation-in-navigation", headlines(0, 10), headlines(0, 40), Contained},
		{"equal-headlines", "Council Shuts Ferry Bridge", "council shuts ferry bridge!", Same},
		{"headline-one-word-longer", "Council Shuts Old Ferry Bridge After Cracks Found", "Council Shuts Old Ferry Bridge After Cracks Found Today", Contained},
		{"different-headlines", "Council Shuts Old Ferry Bridge", "School Choir Wins Regional Prize", Different},
		{"one-word", "Ferry", "ferry.", Same},
		{"empty", "", "", Different},
		{"empty-and-text", "", paragraphs(story), Different},
		{"no-words", "***", "***", Different},
		{"boilerplate", paragraphs(append(append([]string{}, story[:12]...), other[0])), paragraphs(append(append([]string{}, other[12:]...), other[0])), Different},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Compare(c.a, c.b)
			if got.Kind != c.want {
				t.Fatalf("%v, want %v: %s", got.Kind, c.want, got)
			}
			if got.Duplicate() != (c.want != Different) {
				t.Errorf("Duplicate is %v", got.Duplicate())
			}
			if r := got.String(); r == "" || strings.HasPrefix(r, "different") != (c.want == Different) {
				t.Errorf("reason %q", r)
			}
			back := Compare(c.b, c.a)
			if back.Kind != got.Kind.flip() && !(back.Kind == got.Kind && got.A.Features == got.B.Features) {
				t.Errorf("%v one way, %v the other", got.Kind, back.Kind)
			}
			if back.Jaccard != got.Jaccard || back.Hamming != got.Hamming || back.ContainmentAInB != got.ContainmentBInA {
				t.Errorf("figures are not symmetric: %+v, %+v", got, back)
			}
		})
	}
}

// TestCompareFounding has the proportions of the pair of pages that the
// library was made for: one story on two sites, half of each page navigation.
func TestCompareFounding(t *testing.T) {
	body := strings.TrimSpace(paragraphs(sentences(1, 30)))
	a, b := page(0, body), page(1, body)
	if n := len(a) - len(body); n < len(body)*8/10 || n > len(body)*12/10 {
		t.Fatalf("%d bytes of navigation around %d of body", n, len(body))
	}
	fa, fb := shingle.NewSet(shingle.AppendWords(nil, a, 5)), shingle.NewSet(shingle.AppendWords(nil, b, 5))
	if j := fa.Jaccard(fb); j > 0.5 {
		t.Fatalf("Jaccard similarity of the pages is %.2f", j)
	}
	got := Compare(a, b)
	if got.Kind != Same || got.Jaccard < 0.9 {
		t.Errorf("%v, Jaccard similarity %.2f", got.Kind, got.Jaccard)
	}
	if len(got.Passages) != 1 {
		t.Fatalf("%d passages, want the body", len(got.Passages))
	}
	p := got.Passages[0]
	if diff := cmp.Diff(strings.TrimSuffix(body, "."), a[p.AStart:p.AEnd]); diff != "" {
		t.Errorf("passage of a (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(strings.TrimSuffix(body, "."), b[p.BStart:p.BEnd]); diff != "" {
		t.Errorf("passage of b (-want +got):\n%s", diff)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("", "")
	f.Add("ferry", "ferry bridge")
	f.Add(page(0, paragraphs(sentences(1, 9))), page(1, paragraphs(sentences(1, 12))))
	f.Fuzz(func(t *testing.T, a, b string) {
		c := Compare(a, b)
		for _, x := range []float64{c.Jaccard, c.ContainmentAInB, c.ContainmentBInA} {
			if !(x >= 0 && x <= 1) {
				t.Fatalf("%+v", c)
			}
		}
		if c.A.Features > 0 && a == b && c.Kind != Same {
			t.Fatalf("a text is %v to itself", c.Kind)
		}
		if c.Hamming < 0 || c.Hamming > 64 || c.String() == "" {
			t.Fatalf("%+v", c)
		}
	})
}
