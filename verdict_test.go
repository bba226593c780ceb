package neardup

import (
	"math/rand/v2"
	"testing"
)

// turned is the counts of B and A.
func (e counts) turned() *counts {
	e.a, e.b = e.b, e.a
	return &e
}

var turnedKind = map[Kind]Kind{Different: Different, Same: Same, Contained: Contains, Contains: Contained}

// textSide is the side of a text that is all prose, with n features, shared of them in the other text, and news new words, of
// which numbers are numbers.
func textSide(n, shared, news, numbers int) side {
	return side{prose: n, body: n, whole: n, proseIn: shared, bodyIn: shared, words: n/2 + news, newWords: news, newProse: news, numbers: numbers, inProse: numbers}
}

// ownList is the side of a page whose prose is all in the other text, and of whose list beside it nothing is.
func ownList(prose, list, news int) side {
	return side{prose: prose, body: prose + list, whole: prose + list, proseIn: prose, bodyIn: prose, words: prose/2 + news, newWords: news}
}

// pageSide is the side of a page: prose and other body and menus, with how much of each is in the other text.
func pageSide(prose, proseIn, rest, restIn, menus int) side {
	return side{prose: prose, body: prose + rest, whole: prose + rest + menus, proseIn: proseIn, bodyIn: proseIn + restIn,
		words: (prose + rest + menus) / 2, newWords: (prose + rest + menus - proseIn - restIn) / 4, newProse: (prose - proseIn) / 4}
}

var newsroom = limits{same: .5, contained: .75}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name string
		e    counts
		kind Kind
		why  Reason
	}{
		{"empty", counts{}, Different, NothingShared},
		{"nothing shared", counts{a: textSide(500, 0, 100, 0), b: textSide(400, 0, 90, 0), shared: 0}, Different, NothingShared},
		{"one text twice", counts{a: textSide(500, 500, 0, 0), b: textSide(500, 500, 0, 0), shared: 500}, Same, EachInOther},
		{"an equal headline", counts{a: textSide(1, 1, 0, 0), b: textSide(1, 1, 0, 0), shared: 1}, Same, HalfInBoth},
		{"two edits of one article", counts{a: textSide(500, 340, 40, 0), b: textSide(480, 340, 35, 0), shared: 340}, Same, HalfInBoth},
		{"unlike", counts{a: textSide(500, 300, 60, 0), b: textSide(480, 300, 55, 0), shared: 300}, Different, TooLittle},

		{"an update", counts{a: textSide(400, 400, 0, 0), b: textSide(480, 400, 30, 4), shared: 400}, Contained, FoundWhole},
		{"a sentence added", counts{a: textSide(40, 40, 0, 0), b: textSide(47, 40, 6, 0), shared: 40}, Contained, FoundWhole},
		{"a word added", counts{a: textSide(40, 40, 0, 0), b: textSide(45, 40, 1, 0), shared: 40}, Same, EachInOther},
		{"edits on both sides, more on one", counts{a: textSide(400, 388, 4, 0), b: textSide(430, 388, 12, 0), shared: 388}, Same, EachInOther},
		{"an excerpt", counts{a: textSide(60, 60, 0, 0), b: textSide(600, 60, 200, 9), shared: 60}, Contained, FoundWhole},
		{"half of an article", counts{a: textSide(300, 300, 0, 0), b: textSide(580, 300, 100, 9), shared: 300}, Contained, FoundWhole},
		{"an excerpt of three quarters", counts{a: textSide(120, 90, 10, 0), b: textSide(600, 90, 200, 9), shared: 90}, Contained, FoundWhole},
		{"an excerpt of less", counts{a: textSide(120, 89, 10, 0), b: textSide(600, 89, 200, 9), shared: 89}, Different, TooLittle},
		{"a headline in its article", counts{a: textSide(4, 4, 0, 0), b: textSide(600, 4, 200, 9), shared: 4}, Contained, FoundWhole},
		{"a phrase in an article", counts{a: textSide(3, 3, 0, 0), b: textSide(600, 3, 200, 9), shared: 3}, Different, TooLittle},
		{"a sentence more", counts{a: textSide(14, 11, 2, 0), b: textSide(600, 11, 200, 9), shared: 11}, Different, TooLittle},
		{"all words, half of them in a row", counts{a: textSide(400, 210, 0, 0), b: textSide(800, 210, 60, 9), shared: 210}, Contained, FoundWhole},
		{"all words, less in a row", counts{a: textSide(400, 199, 0, 0), b: textSide(800, 199, 60, 9), shared: 199}, Different, TooLittle},
		{"half in a row, new words", counts{a: textSide(400, 210, 9, 0), b: textSide(800, 210, 60, 9), shared: 210}, Different, TooLittle},

		{"an article and its page", counts{a: textSide(700, 690, 2, 0), b: pageSide(680, 680, 30, 10, 700), shared: 690}, Same, EachInOther},
		{"an article on two pages", counts{a: pageSide(700, 700, 100, 5, 600), b: pageSide(700, 700, 80, 5, 500), shared: 710}, Same, EachInOther},
		{"a brief on two sites", counts{a: pageSide(63, 63, 50, 4, 40), b: pageSide(63, 63, 48, 4, 40), shared: 67}, Same, OneProse},
		{"two poems over one footer", counts{a: pageSide(60, 60, 128, 0, 0), b: pageSide(60, 60, 128, 0, 0), shared: 60}, Different, TooLittle},
		{"two poems on one site", counts{a: pageSide(60, 60, 190, 62, 40), b: pageSide(60, 60, 190, 62, 40), shared: 160}, Different, TooLittle},
		{"two laws of one form", counts{a: pageSide(870, 730, 500, 190, 900), b: pageSide(1370, 670, 500, 250, 900), shared: 1000}, Different, TooLittle},

		{"two items under one notice", counts{a: textSide(125, 105, 12, 0), b: textSide(130, 105, 15, 2), shared: 105}, Different, OtherWords},
		{"one item and the notice", counts{a: textSide(125, 105, 12, 0), b: textSide(106, 105, 1, 0), shared: 105}, Contains, FoundWhole},
		{"a story with other beginnings", counts{a: textSide(220, 190, 15, 0), b: textSide(225, 190, 18, 2), shared: 190}, Same, EachInOther},
		{"two stories under a long notice", counts{a: textSide(320, 230, 33, 0), b: textSide(315, 230, 30, 2), shared: 230}, Different, OtherWords},
		{"a story with other paragraphs", counts{a: textSide(620, 520, 36, 0), b: textSide(600, 520, 30, 2), shared: 520}, Same, EachInOther},
		{"two lists of one employer", counts{a: ownList(164, 60, 30), b: ownList(164, 70, 32), shared: 164, oneSource: true}, Different, OtherWords},
		{"one text beside two lists", counts{a: ownList(164, 60, 30), b: ownList(164, 70, 32), shared: 164}, Same, EachInOther},
		{"two programs under one licence", counts{a: ownList(160, 300, 60), b: ownList(160, 200, 50), shared: 160}, Different, TooLittle},
		{"corrected here and there", counts{a: textSide(125, 85, 9, 0), b: textSide(125, 85, 8, 0), shared: 85}, Same, HalfInBoth},

		{"a form with another number", counts{a: textSide(40, 33, 2, 1), b: textSide(40, 33, 2, 1), shared: 33}, Different, OtherNumbers},
		{"a form with many others", counts{a: textSide(160, 120, 8, 8), b: textSide(160, 120, 9, 9), shared: 120}, Different, OtherNumbers},
		{"a form with other names and numbers", counts{a: textSide(96, 66, 8, 4), b: textSide(94, 66, 8, 4), shared: 66}, Different, OtherNumbers},
		{"a form with other names", counts{a: textSide(96, 66, 8, 1), b: textSide(94, 66, 8, 1), shared: 66}, Same, HalfInBoth},
		{"a law with other amounts", counts{a: textSide(148, 118, 5, 5), b: textSide(148, 118, 5, 5), shared: 118}, Different, OtherNumbers},
		{"a long text with a few others", counts{a: textSide(300, 240, 8, 6), b: textSide(300, 240, 8, 6), shared: 240}, Same, EachInOther},
		{"numbers on one side", counts{a: textSide(40, 34, 1, 0), b: textSide(44, 34, 3, 3), shared: 34}, Same, EachInOther},
		{"nine in ten", counts{a: textSide(45, 43, 1, 1), b: textSide(45, 43, 1, 1), shared: 43}, Same, EachInOther},
	} {
		if kind, why := newsroom.judgeViews(&c.e); kind != c.kind || why != c.why {
			t.Errorf("%s: %v by Reason %d, want %v by %d", c.name, kind, why, c.kind, c.why)
		}
		if kind, why := newsroom.judgeViews(c.e.turned()); kind != turnedKind[c.kind] || why != c.why {
			t.Errorf("%s, turned: %v by Reason %d, want %v by %d", c.name, kind, why, turnedKind[c.kind], c.why)
		}
	}
}

// TestJudgeThresholds checks that on whole texts a verdict is what its limits say.
func TestJudgeThresholds(t *testing.T) {
	for _, c := range []struct {
		t      limits
		n, m   int
		shared int
		want   Kind
	}{
		{limits{same: .8, contained: .9}, 1000, 1000, 889, Same},
		{limits{same: .8, contained: .9}, 1000, 1000, 888, Different},
		{limits{same: .8, contained: .9}, 1000, 2000, 900, Contained},
		{limits{same: .8, contained: .9}, 1000, 2000, 899, Different},
		{limits{same: .8, contained: .75}, 1000, 1010, 800, Contained}, // each in the other, but not the same
		{limits{same: .8, contained: 2}, 1000, 2000, 1000, Different},
		{limits{same: .5, contained: 2}, 1000, 2000, 1000, Same},
	} {
		e := counts{a: textSide(c.n, c.shared, 200, 0), b: textSide(c.m, c.shared, 200, 0), shared: c.shared}
		if got, _ := c.t.judgeViews(&e); got != c.want {
			t.Errorf("%v: %d and %d features, %d shared: %v, want %v", c.t, c.n, c.m, c.shared, got, c.want)
		}
		if got, _ := c.t.judgeViews(e.turned()); got != turnedKind[c.want] {
			t.Errorf("%v: %d and %d features, %d shared, turned: %v, want %v", c.t, c.n, c.m, c.shared, got, turnedKind[c.want])
		}
	}
}

// TestJudgeHalf checks the promise of every verdict on any counts: of what may go, at least half of the prose is in what
// stays; and that turned counts gives the turned verdict.
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
		e := counts{a: some(shared), b: some(shared), shared: shared}
		th := limits{same: rng.Float64(), contained: rng.Float64() * 1.2}
		if rng.IntN(2) == 0 {
			th = newsroom
		}
		kind, why := th.judgeViews(&e)
		kinds[kind]++
		if kind == Same || kind == Contained {
			if 2*e.a.proseIn < e.a.prose {
				t.Fatalf("%v by Reason %d, but %d of %d features of the prose of A are in B", kind, why, e.a.proseIn, e.a.prose)
			}
		}
		if kind == Same || kind == Contains {
			if 2*e.b.proseIn < e.b.prose {
				t.Fatalf("%v by Reason %d, but %d of %d features of the prose of B are in A", kind, why, e.b.proseIn, e.b.prose)
			}
		}
		got, turned := th.judgeViews(e.turned())
		if tie := share(e.a.bodyIn, e.a.body) == share(e.b.bodyIn, e.b.body); got != turnedKind[kind] && !(tie && why == FoundWhole) || turned != why {
			t.Fatalf("%+v: %v by Reason %d, turned %v by %d", e, kind, why, got, turned)
		}
	}
	for _, k := range []Kind{Different, Same, Contained, Contains} {
		if kinds[k] < 1000 {
			t.Errorf("%d verdicts are %v, too few to tell", kinds[k], k)
		}
	}
}
