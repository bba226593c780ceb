package neardup

import (
	"math/rand/v2"
	"testing"
)

// turned is the evidence of B and A.
func (e evidence) turned() *evidence { return &evidence{a: e.b, b: e.a, shared: e.shared} }

var turnedKind = map[Kind]Kind{Different: Different, Same: Same, Contained: Contains, Contains: Contained}

// textSide is the side of a text that is all prose, with n features, shared of them in the other text, and news new words, of
// which numbers are numbers.
func textSide(n, shared, news, numbers int) side {
	return side{prose: n, body: n, whole: n, proseIn: shared, bodyIn: shared, words: n/2 + news, newWords: news, newProse: news, numbers: numbers}
}

// pageSide is the side of a page: prose and other body and menus, with how much of each is in the other text.
func pageSide(prose, proseIn, rest, restIn, menus int) side {
	return side{prose: prose, body: prose + rest, whole: prose + rest + menus, proseIn: proseIn, bodyIn: proseIn + restIn,
		words: (prose + rest + menus) / 2, newWords: (prose + rest + menus - proseIn - restIn) / 4, newProse: (prose - proseIn) / 4}
}

var defaults = thresholds{same: .5, contained: .75}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name string
		e    evidence
		kind Kind
		why  rule
	}{
		{"empty", evidence{}, Different, ruleNothing},
		{"nothing shared", evidence{textSide(500, 0, 100, 0), textSide(400, 0, 90, 0), 0}, Different, ruleNothing},
		{"one text twice", evidence{textSide(500, 500, 0, 0), textSide(500, 500, 0, 0), 500}, Same, ruleMutual},
		{"an equal headline", evidence{textSide(1, 1, 0, 0), textSide(1, 1, 0, 0), 1}, Same, ruleAlike},
		{"two edits of one article", evidence{textSide(500, 340, 40, 0), textSide(480, 340, 35, 0), 340}, Same, ruleAlike},
		{"unlike", evidence{textSide(500, 300, 60, 0), textSide(480, 300, 55, 0), 300}, Different, ruleTooLittle},

		{"an update", evidence{textSide(400, 400, 0, 0), textSide(480, 400, 30, 4), 400}, Same, ruleMutual},
		{"an excerpt", evidence{textSide(60, 60, 0, 0), textSide(600, 60, 200, 9), 60}, Contained, ruleInside},
		{"half of an article", evidence{textSide(300, 300, 0, 0), textSide(580, 300, 100, 9), 300}, Contained, ruleInside},
		{"an excerpt of three quarters", evidence{textSide(120, 90, 10, 0), textSide(600, 90, 200, 9), 90}, Contained, ruleInside},
		{"an excerpt of less", evidence{textSide(120, 89, 10, 0), textSide(600, 89, 200, 9), 89}, Different, ruleTooLittle},
		{"a headline in its article", evidence{textSide(4, 4, 0, 0), textSide(600, 4, 200, 9), 4}, Contained, ruleInside},
		{"a phrase in an article", evidence{textSide(3, 3, 0, 0), textSide(600, 3, 200, 9), 3}, Different, ruleTooLittle},
		{"a sentence more", evidence{textSide(14, 11, 2, 0), textSide(600, 11, 200, 9), 11}, Different, ruleTooLittle},
		{"all words, half of them in a row", evidence{textSide(400, 210, 0, 0), textSide(800, 210, 60, 9), 210}, Contained, ruleInside},
		{"all words, less in a row", evidence{textSide(400, 199, 0, 0), textSide(800, 199, 60, 9), 199}, Different, ruleTooLittle},
		{"half in a row, new words", evidence{textSide(400, 210, 9, 0), textSide(800, 210, 60, 9), 210}, Different, ruleTooLittle},

		{"an article and its page", evidence{textSide(700, 690, 2, 0), pageSide(680, 680, 30, 10, 700), 690}, Same, ruleMutual},
		{"an article on two pages", evidence{pageSide(700, 700, 100, 5, 600), pageSide(700, 700, 80, 5, 500), 710}, Same, ruleMutual},
		{"a brief on two sites", evidence{pageSide(63, 63, 50, 4, 40), pageSide(63, 63, 48, 4, 40), 67}, Same, ruleProse},
		{"two poems over one footer", evidence{pageSide(60, 60, 128, 0, 0), pageSide(60, 60, 128, 0, 0), 60}, Different, ruleTooLittle},
		{"two poems on one site", evidence{pageSide(60, 60, 190, 62, 40), pageSide(60, 60, 190, 62, 40), 160}, Different, ruleTooLittle},
		{"two laws of one form", evidence{pageSide(870, 730, 500, 190, 900), pageSide(1370, 670, 500, 250, 900), 1000}, Different, ruleTooLittle},

		{"two items under one notice", evidence{textSide(125, 105, 12, 0), textSide(130, 105, 15, 2), 105}, Different, ruleOtherItem},
		{"one item and the notice", evidence{textSide(125, 105, 12, 0), textSide(106, 105, 1, 0), 105}, Same, ruleMutual},
		{"a story with other beginnings", evidence{textSide(220, 190, 15, 0), textSide(225, 190, 18, 2), 190}, Same, ruleMutual},
		{"corrected here and there", evidence{textSide(125, 85, 9, 0), textSide(125, 85, 8, 0), 85}, Same, ruleAlike},

		{"a form with another number", evidence{textSide(40, 33, 2, 1), textSide(40, 33, 2, 1), 33}, Different, ruleOtherNumbers},
		{"a form with many others", evidence{textSide(160, 120, 8, 8), textSide(160, 120, 9, 9), 120}, Different, ruleOtherNumbers},
		{"a long text with a few others", evidence{textSide(300, 240, 8, 6), textSide(300, 240, 8, 6), 240}, Same, ruleMutual},
		{"numbers on one side", evidence{textSide(40, 34, 1, 0), textSide(44, 34, 3, 3), 34}, Same, ruleMutual},
		{"nine in ten", evidence{textSide(45, 43, 1, 1), textSide(45, 43, 1, 1), 43}, Same, ruleMutual},
	} {
		if kind, why := defaults.judge(&c.e); kind != c.kind || why != c.why {
			t.Errorf("%s: %v by rule %d, want %v by %d", c.name, kind, why, c.kind, c.why)
		}
		if kind, why := defaults.judge(c.e.turned()); kind != turnedKind[c.kind] || why != c.why {
			t.Errorf("%s, turned: %v by rule %d, want %v by %d", c.name, kind, why, turnedKind[c.kind], c.why)
		}
	}
}

// TestJudgeThresholds checks that on whole texts a verdict is what its thresholds say.
func TestJudgeThresholds(t *testing.T) {
	for _, c := range []struct {
		t      thresholds
		n, m   int
		shared int
		want   Kind
	}{
		{thresholds{.8, .9}, 1000, 1000, 889, Same},
		{thresholds{.8, .9}, 1000, 1000, 888, Different},
		{thresholds{.8, .9}, 1000, 2000, 900, Contained},
		{thresholds{.8, .9}, 1000, 2000, 899, Different},
		{thresholds{.8, .75}, 1000, 1010, 800, Contained}, // each in the other, but not the same
		{thresholds{.8, 2}, 1000, 2000, 1000, Different},
		{thresholds{.5, 2}, 1000, 2000, 1000, Same},
	} {
		e := evidence{textSide(c.n, c.shared, 200, 0), textSide(c.m, c.shared, 200, 0), c.shared}
		if got, _ := c.t.judge(&e); got != c.want {
			t.Errorf("%v: %d and %d features, %d shared: %v, want %v", c.t, c.n, c.m, c.shared, got, c.want)
		}
		if got, _ := c.t.judge(e.turned()); got != turnedKind[c.want] {
			t.Errorf("%v: %d and %d features, %d shared, turned: %v, want %v", c.t, c.n, c.m, c.shared, got, turnedKind[c.want])
		}
	}
}

// TestJudgeHalf checks the promise of every verdict on any evidence: of what may go, at least half of the prose is in what
// stays; and that turned evidence gives the turned verdict.
func TestJudgeHalf(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 13))
	within := func(n int) int { // often all, often nearly none
		switch rng.IntN(4) {
		case 0:
			return n
		case 1:
			return rng.IntN(n/8 + 1)
		}
		return rng.IntN(n + 1)
	}
	some := func(shared int) side {
		s := side{whole: shared + within(1+rng.IntN(600))}
		s.body = within(s.whole)
		s.prose = within(s.body)
		s.bodyIn = min(within(s.body), shared)
		s.proseIn = min(within(s.prose), s.bodyIn)
		if rng.IntN(4) > 0 {
			s.words = 1 + s.whole/2
			s.newWords = within(s.words)
			s.newProse = within(s.newWords)
			s.numbers = within(s.newWords)
		}
		return s
	}
	kinds := map[Kind]int{}
	for range 200000 {
		shared := rng.IntN(500)
		e := evidence{some(shared), some(shared), shared}
		th := thresholds{rng.Float64(), rng.Float64() * 1.2}
		if rng.IntN(2) == 0 {
			th = defaults
		}
		kind, why := th.judge(&e)
		kinds[kind]++
		if kind == Same || kind == Contained {
			if 2*e.a.proseIn < e.a.prose {
				t.Fatalf("%v by rule %d, but %d of %d features of the prose of A are in B", kind, why, e.a.proseIn, e.a.prose)
			}
		}
		if kind == Same || kind == Contains {
			if 2*e.b.proseIn < e.b.prose {
				t.Fatalf("%v by rule %d, but %d of %d features of the prose of B are in A", kind, why, e.b.proseIn, e.b.prose)
			}
		}
		got, turned := th.judge(e.turned())
		if tie := share(e.a.bodyIn, e.a.body) == share(e.b.bodyIn, e.b.body); got != turnedKind[kind] && !(tie && why == ruleInside) || turned != why {
			t.Fatalf("%+v: %v by rule %d, turned %v by %d", e, kind, why, got, turned)
		}
	}
	for _, k := range []Kind{Different, Same, Contained, Contains} {
		if kinds[k] < 1000 {
			t.Errorf("%d verdicts are %v, too few to tell", kinds[k], k)
		}
	}
}

func TestEstimated(t *testing.T) {
	for _, c := range []struct {
		j          float64
		a, b, x, y int
		want       Kind
	}{
		{1, 300, 300, 0, 0, Same},
		{.5, 300, 300, 3, 3, Same},
		{.49, 300, 300, 0, 0, Different},
		{.25, 100, 400, 0, 9, Contained},
		{.1, 100, 400, 0, 9, Different},
		{0, 100, 400, 0, 0, Different},
		{.6, 40, 40, 1, 1, Different}, // a form with another number
		{1, 0, 0, 0, 0, Different},
	} {
		if got, _ := defaults.judge(estimated(c.j, c.a, c.b, c.x, c.y)); got != c.want {
			t.Errorf("similarity %v of %d and %d features, %d and %d numbers: %v, want %v", c.j, c.a, c.b, c.x, c.y, got, c.want)
		}
	}
}
