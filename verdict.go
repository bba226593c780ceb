package neardup

import "math"

// A verdict compares counts, never texts. It says whether two articles are one article, or whether one is in the other so
// that it may go if the other stays. Its rules, in order:
//
// Found. An article is found in another text if three quarters of its features are there: of the prose, because sentences are
// what articles are made of, and of the body, because what a site says under everything is sentences too, and the poem above
// it is not. Where in the other text they are does not matter: how the other was cut says nothing about this one. If all of
// its words are in the other text as well, half of the features are enough: what is not found in a row is there word for word,
// in another order or with something between, as a table or mark-up puts it. With each word in a hundred that is new, five
// features in a hundred more are asked for, so that at one word in twenty it is three quarters again: a form that is filled in
// with another name has few new words too. And a text that is in the other from the first to the last word is found however
// short it is, a headline or a stub: nothing of it is lost.
//
// Alike. Two articles are the same if each is found in the other, or if half of the features of both bodies together are in
// both, as those of two edits of one article are. They are the same as well if the prose is in both and at least half of either
// body, and what they share is hardly more than prose: a brief on two sites that put more around it than it has words.
//
// Direction. If only one of two articles is found in the other, it is inside the other, however alike they are: the longer one
// has something of its own, and must not go because the shorter one is there. For the same reason nothing is the same as, or
// inside, what does not have at least half of its prose.
//
// Another item. Where texts share less than 150 features, what they share may be a notice that their site puts under
// everything. If then each has a passage of its own, of eight features or more, that is made of words that the other text does
// not have at all, five and more of them, two in five features, they are two items under one notice. An edit makes one
// new word to five features; an item that is not the other makes more. Texts that agree in nine features of ten are past that
// doubt.
//
// Other numbers. A form that is filled in with other numbers is another article: a price, a date, a result. If each text has
// numbers that the other lacks, and they are at least half of its new words, the texts are different if they share less than
// 50 features, so that one number is much, or if every twentieth word of both is such a number. Numbers on one side only are
// an update, and the same article.

// side is what one of two articles has, and how much of it is in the other. Features and words are counted once each.
type side struct {
	prose, body, whole int // features in each view of it; one in the prose is in the body, one in the body in the whole
	proseIn, bodyIn    int // of those of the prose and of the body, how many are anywhere in the other text

	words    int // words of the whole text, 0 if they are not known
	newWords int // of these, those that are nowhere in the other text,
	newProse int // of these, those that are in the prose
	numbers  int // of newWords, or of all if those are not known: those that are numbers
}

// evidence is what a verdict is given by. That of B and A is that of A and B turned round.
type evidence struct {
	a, b   side
	shared int // features that are anywhere in both texts
}

// thresholds are the limits that a user may set: the least Jaccard similarity of the same article, and the least share of an
// article in another one that it is inside, above 1 for never.
type thresholds struct{ same, contained float64 }

// A rule is what decided a verdict.
type rule uint8

const (
	ruleNothing      rule = iota // different: they share nothing
	ruleTooLittle                // different: they share too little
	ruleHalf                     // different: half of the prose of either is not in the other
	ruleOtherItem                // different: two items under one notice
	ruleOtherNumbers             // different: one form with other numbers
	ruleMutual                   // same: each is found in the other
	ruleAlike                    // same: half of what both have is in both
	ruleProse                    // same: the prose is in both, and what stands around it differs
	ruleInside                   // contained, contains: one is found in the other
)

const (
	leastFound   = 12  // features of prose that are found; fewer are a sentence that anybody writes
	leastWhole   = 4   // features of a text that is found as a whole, 8 words
	leastShare   = .5  // of the features of what is found, if all of its words are
	perNewWord   = 5   // more for each share of the words that is new
	noticeSize   = 150 // features that a site may put under everything
	passage      = 8   // features of a passage of its own,
	passageWords = 5   // with so many new words
	passageShare = .4  // and so many to a feature
	formSize     = 50  // features of a form in which one number makes another article,
	formNumbers  = 20  // and words to a number in longer ones
	clearlySame  = .9  // Jaccard similarity of whole texts from which on nothing speaks against them
)

// estimated returns the evidence that a Jaccard similarity j of the bodies gives, if no features are kept: of a and b features,
// with so many numbers on one side only. What it cannot know it takes for granted: that the prose is like the body, and that
// no words speak for or against. Exact j finds a point of F1 less than all features do, and one estimated by 128 slots two
// points; and two items under one notice are the same article to it.
func estimated(j float64, a, b, numbersA, numbersB int) *evidence {
	n := min(a, b, int(math.Round(j/(1+j)*float64(a+b))))
	return &evidence{
		a:      side{prose: a, body: a, whole: a, proseIn: n, bodyIn: n, newWords: numbersA, numbers: numbersA},
		b:      side{prose: b, body: b, whole: b, proseIn: n, bodyIn: n, newWords: numbersB, numbers: numbersB},
		shared: n,
	}
}

// judge returns the verdict on A and B and the rule that decided it.
func (t thresholds) judge(e *evidence) (Kind, rule) {
	if e.shared == 0 {
		return Different, ruleNothing
	}
	kind, why := t.alike(e)
	if kind == Different {
		return Different, why
	}
	if jaccard(e.shared, e.a.whole, e.b.whole) < clearlySame {
		switch {
		case e.shared < noticeSize && e.a.ownPassage() && e.b.ownPassage():
			return Different, ruleOtherItem
		case e.a.otherNumbers(e.shared) && e.b.otherNumbers(e.shared):
			return Different, ruleOtherNumbers
		}
	}
	return kind, why
}

// alike returns the verdict on A and B if nothing speaks against them.
func (t thresholds) alike(e *evidence) (Kind, rule) {
	a, b := &e.a, &e.b
	aIn, bIn := t.found(a, e.shared), t.found(b, e.shared)
	body := fromShares(share(a.bodyIn, a.body), share(b.bodyIn, b.body))
	kind, why := Same, ruleAlike
	switch {
	case aIn && bIn && body >= t.same:
		why = ruleMutual
	case aIn && (!bIn || share(a.bodyIn, a.body) >= share(b.bodyIn, b.body)):
		kind, why = Contained, ruleInside
	case bIn:
		kind, why = Contains, ruleInside
	case body >= t.same:
	case fromShares(share(a.proseIn, a.prose), share(b.proseIn, b.prose)) >= max(t.same, t.contained) &&
		a.mostlyProse() && b.mostlyProse():
		why = ruleProse
	default:
		return Different, ruleTooLittle
	}
	aLost, bLost := a.lost(), b.lost()
	switch {
	case kind == Same && aLost && bLost, kind == Contained && aLost, kind == Contains && bLost:
		return Different, ruleHalf
	case kind == Same && aLost:
		return Contains, why
	case kind == Same && bLost:
		return Contained, why
	}
	return kind, why
}

// found reports whether the article s is found in the other text, with which it shares so many features.
func (t thresholds) found(s *side, shared int) bool {
	switch {
	case t.contained > 1:
		return false
	case shared == s.whole && shared >= leastWhole:
		return true
	case s.proseIn < leastFound:
		return false
	}
	least := t.contained
	if s.words > 0 {
		least = min(least, leastShare+float64(perNewWord*share(s.newWords, s.words)))
	}
	return share(s.proseIn, s.prose) >= least && share(s.bodyIn, s.body) >= least
}

// mostlyProse reports whether at least half of the body is in the other text, and four fifths of that is prose.
func (s *side) mostlyProse() bool { return 2*s.bodyIn >= s.body && 5*s.proseIn >= 4*s.bodyIn }

// lost reports whether less than half of the prose is in the other text.
func (s *side) lost() bool { return 2*s.proseIn < s.prose }

// ownPassage reports whether s has a passage that is not in the other text, of words that are not there either.
func (s *side) ownPassage() bool {
	own := s.prose - s.proseIn
	return own >= passage && s.newProse >= passageWords && float64(s.newProse) >= float64(passageShare*float64(own))
}

// otherNumbers reports whether s has as many numbers that are not in the other text as another article has.
func (s *side) otherNumbers(shared int) bool {
	return s.numbers > 0 && 2*s.numbers >= s.newWords && (shared < formSize || formNumbers*s.numbers >= s.whole)
}

// share returns the share that n is of all, 0 of nothing.
func share(n, all int) float64 {
	if all <= 0 {
		return 0
	}
	return float64(n) / float64(all)
}

// jaccard returns the Jaccard similarity of sets of a and b elements that share n.
func jaccard(n, a, b int) float64 { return share(n, a+b-n) }

// fromShares returns the Jaccard similarity of two sets of which the shares given are in the other.
func fromShares(a, b float64) float64 {
	if a == 0 || b == 0 {
		return 0
	}
	return 1 / (1/a + 1/b - 1)
}
