package neardup

import (
	"cmp"
	"fmt"
	"math"

	"github.com/neardup/neardup/internal/featureset"
	"github.com/neardup/neardup/shingle"
)

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
// short it is, a headline or a stub: nothing of it is lost. Where a text has the prose of an article, more than notices have,
// and all of that is in the other, what else stands on its page does not matter; where it is hardly more than a notice, no more than
// half as much may, or it is the licence above a program.
//
// Alike. Two articles are the same if each is found in the other, or if half of the features of both bodies together are in
// both, as those of two edits of one article are. They are the same as well if the prose is in both and at least half of either
// body, and what they share is hardly more than prose: a brief on two sites that put more around it than it has words.
//
// Direction. If only one of two articles is found in the other, it is inside the other, however alike they are: the longer one
// has something of its own, and must not go because the shorter one is there. So is one that has next to nothing of its own where the
// other has a passage, or five new words in one place: a later version of a story has the story and more. For the same reason nothing
// is the same as, or inside, what does not have at least half of its prose.
//
// Another item. Where texts share less than 150 features, what they share may be a notice that their site puts under
// everything. If then each has a passage of its own, of eight features or more, that is made of words that the other text does
// not have at all, five and more of them, two in five features, they are two items under one notice. An edit makes one
// new word to five features; an item that is not the other makes more. Two articles of one source are two items sooner, and if there is
// no prose on their pages, a title each is enough: pages of videos and of pictures have no more. However much two texts share, they are
// two items if what each has of its own is as much as a third of that; or as a fifth, lists and tables included, where they come from
// one source, for what the pages of a source have in common is not the article's. Texts that agree in nine features of ten are
// past that doubt.
//
// Other numbers. A form that is filled in with other numbers is another article: a price, a date, a result. If each text has
// numbers that the other lacks, and they are at least half of its new words, the texts are different if they share less than
// 50 features, so that one number is much, or if every twentieth word of both is such a number. A form is filled in with names as
// well: two numbers each are enough where texts share less than 150 features, or 40 to a number, if there are no more than eight new
// words to a number. Numbers on one side only are an update.

// A Reason is the rule that decided a verdict.
type Reason uint8

const (
	NothingShared Reason = iota // different: no feature in common
	NoWords                     // different: a text has no words
	TooLittle                   // different: too little of either is in the other
	HalfLost                    // different: half of the prose of one is not in the other
	OtherWords                  // different: each has new words where the other has others, another item under one notice
	OtherNumbers                // different: one form with other numbers
	OnlySite                    // different: a text has next to nothing but text of its site
	EachInOther                 // same: each is found in the other
	HalfInBoth                  // same: Jaccard reaches Config.Threshold
	OneProse                    // same: the prose is, whatever stands around it
	FoundWhole                  // contained, or contains
)

var reasons = [...]struct{ name, text string }{
	{"nothing-shared", "they have nothing in common"},
	{"no-words", "a text has no words"},
	{"too-little", "too little of either is in the other"},
	{"half-lost", "half of the prose of one is not in the other"},
	{"other-words", "each has new words where the other has others, as two items under one notice have"},
	{"other-numbers", "it is one form with other numbers"},
	{"only-site", "a text has next to nothing but the text of its site"},
	{"each-in-other", "each is found in the other"},
	{"half-in-both", "enough of both together is in both"},
	{"one-prose", "their prose is one, whatever stands around it"},
	{"found-whole", "one is found in the other"},
}

// String returns the reason in words.
func (r Reason) String() string {
	if int(r) < len(reasons) {
		return reasons[r].text
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// MarshalText returns the name of the reason, such as "other-numbers", or an error if r is none.
func (r Reason) MarshalText() ([]byte, error) {
	if int(r) >= len(reasons) {
		return nil, fmt.Errorf("neardup: Reason is %d, want 0 to %d", r, len(reasons)-1)
	}
	return []byte(reasons[r].name), nil
}

// UnmarshalText reads what MarshalText returns.
func (r *Reason) UnmarshalText(text []byte) error {
	for i := range reasons {
		if string(text) == reasons[i].name {
			*r = Reason(i)
			return nil
		}
	}
	return fmt.Errorf("neardup: reason is %q, want one such as %q", text, reasons[0].name)
}

// limits are what a verdict is given by.
type limits struct {
	same, contained float64 // contained is above 1 for never
	plain           bool    // one view only: similarity and containment decide
	words           bool    // words are known
	slots           int     // of signatures
}

func (c *Config) limits() limits {
	plain := c.Shingle.View == shingle.Whole || c.Shingle.Unit != shingle.Word
	l := limits{same: c.Threshold, contained: c.Containment, plain: plain, words: !plain && !c.BySignature, slots: c.K}
	if c.NoContainment {
		l.contained = 2
	}
	return l
}

// side is what one of two articles has, and how much of it is in the other. Features and words are counted once each.
type side struct {
	prose, body, whole int // features in each view of it; one in the prose is in the body, one in the body in the whole
	proseIn, bodyIn    int // of those of the prose and of the body, how many are anywhere in the other text

	words    int // words of the whole text, 0 if they are not known
	newWords int // of these, those that are nowhere in the other text,
	newProse int // of these, those that are in the prose
	numbers  int // of newWords: those that are numbers,
	inProse  int // of these: those that are in the prose
}

// counts is what a verdict is given by. That of B and A is that of A and B turned round.
type counts struct {
	a, b   side
	shared int // features that are anywhere in both texts

	oneSource bool // both articles name one source
	noProse   bool // neither has enough prose, and all but menus counts as such
}

// table is a count for each class that values have in one article and in the other.
type table = [featureset.Classes][featureset.Classes]uint32

func (c *counts) count(hist *table, a, b *evidence) {
	c.a = side{prose: a.sizes.prose, body: a.sizes.body, whole: a.sizes.whole}
	c.b = side{prose: b.sizes.prose, body: b.sizes.body, whole: b.sizes.whole}
	c.noProse = a.fellBack && b.fellBack
	for i := range hist {
		for j, n := range hist[i] {
			n := int(n)
			c.shared += n
			if i&inProse != 0 {
				c.a.proseIn += n
			}
			if i&inBody != 0 {
				c.a.bodyIn += n
			}
			if j&inProse != 0 {
				c.b.proseIn += n
			}
			if j&inBody != 0 {
				c.b.bodyIn += n
			}
		}
	}
}

// countWords counts words, of which hist counts those in both.
func (c *counts) countWords(hist *table, a, b [featureset.Classes]int) {
	for i := range hist {
		for j, n := range hist[i] {
			a[i] -= int(n)
			b[j] -= int(n)
			c.a.words += int(n)
			c.b.words += int(n)
		}
	}
	c.a.addNew(&a)
	c.b.addNew(&b)
}

func (s *side) addNew(classes *[featureset.Classes]int) {
	for class, n := range classes {
		s.words += n
		s.newWords += n
		if class&wordInProse != 0 {
			s.newProse += n
		}
		if class&wordIsNumber != 0 {
			s.numbers += n
			if class&wordInProse != 0 {
				s.inProse += n
			}
		}
	}
}

const (
	leastFound    = 12  // features of prose that are found; fewer are a sentence that anybody writes
	leastWhole    = 4   // features of a text that is found as a whole, 8 words
	leastShare    = .5  // of the features of what is found, if all of its words are
	perNewWord    = 5   // more for each share of the words that is new
	noticeSize    = 150 // features that a site may put under everything
	articleSize   = 200 // features that are an article, and no notice
	nearlyAll     = .97 // of the prose of an article that has more
	passage       = 8   // features of a passage of its own,
	passageWords  = 5   // with so many new words
	passageShare  = .4  // and so many to a feature,
	sourceShare   = 3   // or one to so many where both come from one source,
	titleSize     = 7   // and then, where there is no prose, features of a title of its own
	chromeSize    = 600 // features of what stands around it at most,
	titleWords    = 2   // with so many new words, as others are on the page already,
	titleShare    = 6   // and at least one to so many features
	formSize      = 50  // features of a form in which one number makes another article,
	formNumbers   = 20  // and words to a number in longer ones
	filledNumbers = 2   // numbers that make another form,
	filledShare   = 8   // with so many new words to a number,
	filledSize    = 40  // and features to a number in longer ones
	clearlySame   = .9  // Jaccard similarity of whole texts from which on nothing speaks against them

	// By signature: what the slots do not see.
	pageSize  = 60 // features of a page that may have navigation; of one without prose
	seenPage  = 50 // not one part in so many may be lost,
	seenProse = 8  // and of the body of another at least one part in so many is prose
)

// mayMatch reports whether anything but Different can come of the counts of features, so that words have to be counted.
func (l *limits) mayMatch(c *counts) bool {
	return c.shared == c.a.whole || c.shared == c.b.whole || c.a.half() || c.b.half() ||
		fromShares(share(c.a.bodyIn, c.a.body), share(c.b.bodyIn, c.b.body)) >= l.same ||
		fromShares(share(c.a.proseIn, c.a.prose), share(c.b.proseIn, c.b.prose)) >= max(l.same, l.contained)
}

// half reports whether s may be found in the other article, by its features.
func (s *side) half() bool {
	p := share(s.proseIn, s.prose)
	return p >= leastShare && share(s.bodyIn, s.body) >= leastShare || p >= nearlyAll
}

// judge returns the relation that the counts speak for.
func (l *limits) judge(c *counts) Relation {
	r := Relation{
		ContainmentAInB: share(c.a.proseIn, c.a.prose),
		ContainmentBInA: share(c.b.proseIn, c.b.prose),
		Shared:          c.shared,
	}
	if c.a.bodyIn == c.b.bodyIn { // without a detour
		r.Jaccard = jaccard(c.a.bodyIn, c.a.body, c.b.body)
	} else {
		r.Jaccard = fromShares(share(c.a.bodyIn, c.a.body), share(c.b.bodyIn, c.b.body))
	}
	switch {
	case c.shared == c.a.whole && c.shared == c.b.whole: // as twin has it
		r.Kind, r.Reason = Same, EachInOther
	case l.plain:
		r.Kind, r.Reason = l.judgePlain(r.Jaccard, c)
	default:
		r.Kind, r.Reason = l.judgeViews(c)
	}
	return r
}

// judgePlain gives the verdict where there is one view: by Jaccard similarity and containment.
func (l *limits) judgePlain(j float64, c *counts) (Kind, Reason) {
	n, m := c.a.whole, c.b.whole
	switch {
	case c.shared == 0:
		return Different, NothingShared
	case j >= l.same:
		return Same, HalfInBoth
	case c.shared < leastFound:
		return Different, TooLittle
	case n < m && share(c.shared, n) >= l.contained:
		return Contained, FoundWhole
	case n > m && share(c.shared, m) >= l.contained:
		return Contains, FoundWhole
	}
	return Different, TooLittle
}

// estimate gives the verdict on two articles of which the similarity j of the bodies is estimated. It cannot know which part of
// a body the other has. So all that the other lacks may be prose, and of two pages without prose, which may be of a site and have a
// title each, hardly anything may differ. No words speak for or against.
func (l *limits) estimate(j float64, a, b *evidence) Relation {
	n := min(a.sizes.body, b.sizes.body, int(math.Round(j/(1+j)*float64(a.sizes.body+b.sizes.body))))
	c := &counts{a: estimated(&a.sizes, n), b: estimated(&b.sizes, n), shared: n}
	r := l.judge(c)
	r.Jaccard = j
	if !l.plain {
		// Two standard errors fewer may be shared.
		n -= int(2 * math.Sqrt(j*(1-j)/float64(l.slots)) * float64(a.sizes.body+b.sizes.body) / ((1 + j) * (1 + j)))
		r.Kind, r.Reason = keepHalf(r.Kind, r.Reason, c.a.mayLose(a, n), c.b.mayLose(b, n))
	}
	return r
}

func estimated(s *sizes, n int) side {
	return side{prose: s.body, body: s.body, whole: s.body, proseIn: n, bodyIn: n}
}

// mayLose reports whether more than half of the prose of e may be in what another article lacks, if it has n features of the body.
func (s *side) mayLose(e *evidence, n int) bool {
	if e.fellBack && s.body >= pageSize {
		return seenPage*n < (seenPage-1)*s.body
	}
	return 2*(s.body-n) > e.sizes.prose || seenProse*e.sizes.prose < s.body
}

// twin is the relation of two articles with one text.
func twin(s sizes) Relation {
	return Relation{Kind: Same, Jaccard: 1, ContainmentAInB: 1, ContainmentBInA: 1, Shared: s.whole, Reason: EachInOther}
}

// judgeViews returns the verdict on A and B and the rule that decided it.
func (l *limits) judgeViews(c *counts) (Kind, Reason) {
	if c.shared == 0 {
		return Different, NothingShared
	}
	kind, why := l.alike(c)
	if kind == Different {
		return Different, why
	}
	// A page without prose may be a title among what stands on all pages of its source, even if that is much.
	item := c.oneSource && c.noProse && c.shared < chromeSize
	if j := jaccard(c.shared, c.a.whole, c.b.whole); j < clearlySame || item {
		switch {
		case (c.shared < noticeSize || item) && c.ownPassage(&c.a) && c.ownPassage(&c.b), c.otherItem(&c.a) && c.otherItem(&c.b):
			return Different, OtherWords
		case j < clearlySame && (c.a.otherNumbers(c.shared) && c.b.otherNumbers(c.shared) || c.filledIn(&c.a) && c.filledIn(&c.b)):
			return Different, OtherNumbers
		}
	}
	return kind, why
}

// alike returns the verdict on A and B if nothing speaks against them.
func (l *limits) alike(c *counts) (Kind, Reason) {
	a, b := &c.a, &c.b
	aIn, bIn := l.found(a, c.shared), l.found(b, c.shared)
	body := fromShares(share(a.bodyIn, a.body), share(b.bodyIn, b.body))
	kind, why := Same, HalfInBoth
	switch {
	case aIn && bIn && (body >= l.same || moreInside(a, b) == 0):
		why = EachInOther
	case aIn && (!bIn || moreInside(a, b) > 0):
		kind, why = Contained, FoundWhole
	case bIn:
		kind, why = Contains, FoundWhole
	case body >= l.same:
	case fromShares(share(a.proseIn, a.prose), share(b.proseIn, b.prose)) >= max(l.same, l.contained) &&
		a.mostlyProse() && b.mostlyProse():
		why = OneProse
	default:
		return Different, TooLittle
	}
	if kind == Same {
		switch {
		case aIn && c.surplus(b, a):
			kind, why = Contained, FoundWhole
		case bIn && c.surplus(a, b):
			kind, why = Contains, FoundWhole
		}
	}
	return keepHalf(kind, why, a.lost(), b.lost())
}

// surplus reports whether s has a passage of its own, and the other text o next to nothing. Of two pages of one source all counts,
// of others the prose.
func (c *counts) surplus(s, o *side) bool {
	own, others, words := s.ownProse(), o.ownProse(), s.newProse
	if c.oneSource {
		own, others, words = s.whole-c.shared, o.whole-c.shared, s.newWords
	}
	return 4*others <= own && (own >= 3*passage || own >= passageWords && words >= passageWords && sourceShare*words >= own)
}

// moreInside compares how much of a and of b is in the other; of equal shares the smaller text is more inside.
func moreInside(a, b *side) int {
	return cmp.Or(cmp.Compare(share(a.bodyIn, a.body), share(b.bodyIn, b.body)), cmp.Compare(b.body, a.body), cmp.Compare(b.whole, a.whole))
}

// keepHalf turns a verdict so that no article may go of which the other has less than half of the prose.
func keepHalf(kind Kind, why Reason, aLost, bLost bool) (Kind, Reason) {
	switch {
	case kind == Same && aLost && bLost, kind == Contained && aLost, kind == Contains && bLost:
		return Different, HalfLost
	case kind == Same && aLost:
		return Contains, why
	case kind == Same && bLost:
		return Contained, why
	}
	return kind, why
}

// found reports whether the article s is found in the other text, with which it shares so many features.
func (l *limits) found(s *side, shared int) bool {
	switch {
	case l.contained > 1:
		return false
	case shared == s.whole && shared >= leastWhole:
		return true
	case s.proseIn < leastFound:
		return false
	}
	least := l.contained
	if s.words > 0 {
		least = min(least, leastShare+float64(perNewWord*share(s.newWords, s.words)))
	}
	p := share(s.proseIn, s.prose)
	return p >= least && share(s.bodyIn, s.body) >= least ||
		p >= nearlyAll && (s.prose >= articleSize || s.prose >= noticeSize && 2*s.ownBeside() <= s.proseIn)
}

// ownBeside returns the features beside the prose that are not in the other text.
func (s *side) ownBeside() int { return s.body - s.bodyIn - s.ownProse() }

// ownProse returns the features of the prose that are not in the other text.
func (s *side) ownProse() int { return s.prose - s.proseIn }

// mostlyProse reports whether at least half of the body is in the other text, and four fifths of that is prose.
func (s *side) mostlyProse() bool { return 2*s.bodyIn >= s.body && 5*s.proseIn >= 4*s.bodyIn }

// lost reports whether less than half of the prose is in the other text.
func (s *side) lost() bool { return 2*s.proseIn < s.prose }

// ownPassage reports whether s has a passage that is not in the other text, of words that are not there either.
func (c *counts) ownPassage(s *side) bool {
	own := s.ownProse()
	switch {
	case !c.oneSource:
		return own >= passage && s.newProse >= passageWords && float64(s.newProse) >= float64(passageShare*float64(own))
	case c.noProse:
		return own >= titleSize && s.newProse >= titleWords && titleShare*s.newProse >= own
	}
	return own >= passage && sourceShare*s.newProse >= own
}

// otherItem reports whether s has so much of its own that it is another item, however much stands around both: a third of what is
// shared; or, where both come from one source and what its pages have in common is not theirs, a fifth, of prose or of all that
// there is, lists and tables too.
func (c *counts) otherItem(s *side) bool {
	own := func(own, words, part int) bool {
		return own >= passage && sourceShare*words >= own && part*own >= c.shared
	}
	prose := s.ownProse()
	if c.oneSource {
		return own(prose, s.newProse, 5) || own(s.whole-c.shared, s.newWords, 5)
	}
	return c.shared >= noticeSize && c.shared < chromeSize && own(prose, s.newProse, 3)
}

// otherNumbers reports whether s has as many numbers that are not in the other text as another article has.
func (s *side) otherNumbers(shared int) bool {
	return s.numbers > 0 && 2*s.numbers >= s.newWords && (shared < formSize || formNumbers*s.numbers >= s.whole)
}

// filledIn reports whether s has numbers and other words of its own as a form has that is filled in with both.
func (c *counts) filledIn(s *side) bool {
	own, numbers := s.ownProse(), s.inProse
	switch {
	case c.oneSource:
		own, numbers = s.whole-c.shared, s.numbers
	case c.noProse:
		return false // a bad reading of something that is no sentences has other numbers, too
	}
	return own >= passage && numbers >= filledNumbers && filledShare*numbers >= s.newWords &&
		(c.shared < noticeSize || c.shared < filledSize*numbers)
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
