package neardup

import (
	"fmt"
	"math"
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
		{"excerpt", page(0, paragraphs(story[:9])), page(1, paragraphs(story)), Contained},
		{"excerpt-turned", page(1, paragraphs(story)), page(0, paragraphs(story[:9])), Contains},
		{"only-navigation", page(0, ""), page(0, paragraphs(story)), Different},
		{"navigation-in-navigation", headlines(0, 10), headlines(0, 40), Different},
		{"equal-headlines", "Council Shuts Ferry Bridge", "council shuts ferry bridge!", Same},
		{"headline-one-word-longer", "Council Shuts Old Ferry Bridge After Cracks Found", "Council Shuts Old Ferry Bridge After Cracks Found Today", Same},
		{"different-headlines", "Council Shuts Old Ferry Bridge", "School Choir Wins Regional Prize", Different},
		{"one-word", "Ferry", "ferry.", Same},
		{"empty", "", "", Different},
		{"empty-and-text", "", paragraphs(story), Different},
		{"no-words", "***", "***", Different},
		{"boilerplate", paragraphs(append(append([]string{}, story[:12]...), other[0])), paragraphs(append(append([]string{}, other[12:]...), other[0])), Different},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Compare(c.a, c.b)
			if got.Verdict != c.want {
				t.Fatalf("%v, want %v: %s", got.Verdict, c.want, got.Reason())
			}
			if got.Duplicate() != (c.want != Different) {
				t.Errorf("Duplicate is %v", got.Duplicate())
			}
			if r := got.Reason(); r == "" || strings.HasPrefix(r, "different") != (c.want == Different) {
				t.Errorf("reason %q", r)
			}
			back := Compare(c.b, c.a)
			if back.Verdict != got.Verdict.flip() && !(back.Verdict == got.Verdict && got.FeaturesA == got.FeaturesB) {
				t.Errorf("%v one way, %v the other", got.Verdict, back.Verdict)
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
	if got.Verdict != Same || got.Jaccard < 0.9 {
		t.Errorf("%v, Jaccard similarity %.2f", got.Verdict, got.Jaccard)
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

// TestVerdict pins the verdict at its limits.
func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		n, m, shared int
		want         Kind
	}{
		{0, 0, 0, Different},
		{10, 0, 0, Different},
		{10, 10, 0, Different},
		{1, 1, 1, Same},
		{3, 3, 2, Same},         // 2 of 4
		{4, 4, 2, Different},    // 2 of 6
		{100, 50, 50, Same},     // 50 of 100
		{101, 50, 50, Contains}, // 50 of 101
		{50, 101, 50, Contained},
		{1000, 20, 20, Contains},
		{1000, 19, 19, Different}, // too few
		{1000, 40, 30, Contains},
		{1000, 40, 29, Different},
		{30, 1000, 23, Contained},
		{30, 1000, 22, Different},
	} {
		j := float64(c.shared) / float64(c.n+c.m-c.shared)
		if c.n == 0 && c.m == 0 {
			j = math.NaN()
		}
		if got := newsroom.verdict(j, float64(c.shared), c.n, c.m); got != c.want {
			t.Errorf("%d and %d features, %d shared: %v, want %v", c.n, c.m, c.shared, got, c.want)
		}
	}
}

func TestReason(t *testing.T) {
	for _, c := range []struct {
		c    Comparison
		want string
	}{
		{Comparison{}, "different: neither text has words"},
		{Comparison{FeaturesB: 3}, "different: A has no words"},
		{Comparison{FeaturesA: 3}, "different: B has no words"},
		{Comparison{FeaturesA: 3, FeaturesB: 3}, "different: they have no five words in a row in common"},
		{Comparison{FeaturesA: 1000, FeaturesB: 1000, Shared: 999, Jaccard: 0.998, Verdict: Same},
			"the same article: more than 99% of the prose of both together is in both (Jaccard similarity)"},
		{Comparison{FeaturesA: 50, FeaturesB: 500, Shared: 45, ContainmentAInB: 0.9, ContainmentBInA: 0.09, Verdict: Contained},
			"A is inside B: 90% of the prose of A is in B, and 9% of B in A"},
		{Comparison{FeaturesA: 500, FeaturesB: 50, Shared: 45, ContainmentAInB: 0.09, ContainmentBInA: 0.9, Verdict: Contains},
			"B is inside A: 90% of the prose of B is in A, and 9% of A in B"},
		{Comparison{FeaturesA: 500, FeaturesB: 500, Shared: 2, ContainmentAInB: 0.004, ContainmentBInA: 0.004},
			"different: less than 1% of the prose of A is in B, and less than 1% of B in A"},
		{Comparison{FeaturesA: 10, FeaturesB: 500, Shared: 10, ContainmentAInB: 1, ContainmentBInA: 0.02},
			"different: what they share, 10 features, is too little to say that one is inside the other"},
		{Comparison{FeaturesA: 100, FeaturesB: 500, Shared: 100, ContainmentAInB: 1, ContainmentBInA: 0.2, FellBackA: true, FellBackB: true},
			"different: 100% of A is in B, and 20% of B in A, but neither has the prose of an article; " +
				"there is too little prose in both, so all of their text was compared"},
		{Comparison{FeaturesA: 3, FeaturesB: 3, FellBackA: true},
			"different: they have no five words in a row in common; there is too little prose in A, so all of it was compared"},
		{Comparison{FeaturesA: 3, FeaturesB: 3, FellBackB: true},
			"different: they have no five words in a row in common; there is too little prose in B, so all of it was compared"},
	} {
		if diff := cmp.Diff(c.want, c.c.Reason()); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.c, diff)
		}
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
		if c.FeaturesA > 0 && a == b && c.Verdict != Same {
			t.Fatalf("a text is %v to itself", c.Verdict)
		}
		if c.Hamming < 0 || c.Hamming > 64 || c.Reason() == "" {
			t.Fatalf("%+v", c)
		}
	})
}
