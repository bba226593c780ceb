package neardup

import (
	"fmt"

	"github.com/neardup/neardup/internal/featureset"
	"github.com/neardup/neardup/shingle"
)

// A Reason is the rule that decided a verdict.
type Reason uint8

const (
	NothingShared Reason = iota // different: no feature in common
	NoWords                     // different: a text has no words
	TooLittle                   // different: too little of either is in the other
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
	same, contained float64
	containment     bool
	plain           bool // one view only: similarity and containment decide
	words           bool // words are known
}

func (c *Config) limits() limits {
	plain := c.Shingle.View == shingle.Whole || c.Shingle.Unit != shingle.Word
	return limits{
		same: c.Threshold, contained: c.Containment, containment: !c.NoContainment,
		plain: plain, words: !plain && !c.BySignature,
	}
}

// A side is what one of two articles has, and how much of it is in the other.
type side struct {
	sizes
	proseIn, bodyIn int // features of the prose and of the body that are anywhere in the other

	words    int // distinct words
	fresh    int // those that are nowhere in the other,
	inProse  int // and stand in the prose
	numbers  int // those of fresh that are numbers
	fellBack bool
}

// counts is what a verdict is given on: what each of two articles, a and b, has, and how many features are in the prose of
// both, in the body of both, and anywhere in both.
type counts struct {
	a, b               side
	prose, body, whole int
}

// table is a count for each class that values have in one article and in the other.
type table = [featureset.Classes][featureset.Classes]uint32

func (c *counts) count(hist *table, a, b *evidence) {
	c.a.sizes, c.b.sizes, c.a.fellBack, c.b.fellBack = a.sizes, b.sizes, a.fellBack, b.fellBack
	for i := range hist {
		for j, n := range hist[i] {
			n := int(n)
			c.whole += n
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
			if i&j&inProse != 0 {
				c.prose += n
			}
			if i&j&inBody != 0 {
				c.body += n
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
	c.a.addFresh(&a)
	c.b.addFresh(&b)
}

func (s *side) addFresh(classes *[featureset.Classes]int) {
	for class, n := range classes {
		s.words += n
		s.fresh += n
		if class&wordInProse != 0 {
			s.inProse += n
		}
		if class&wordIsNumber != 0 {
			s.numbers += n
		}
	}
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

func jaccard(both, a, b int) float64 { return share(both, a+b-both) }

const (
	article   = 150 // features of prose from which on it is an article, whatever else is on its page: notices are shorter
	nearlyAll = 0.97
)

// found reports whether s is found in the other article.
func (l *limits) found(s *side, whole int) bool {
	if s.whole >= 4 && whole == s.whole {
		return true
	}
	if s.proseIn < 12 {
		return false
	}
	p, n := share(s.proseIn, s.prose), share(s.bodyIn, s.body)
	if p >= l.contained && n >= l.contained || s.prose >= article && p >= nearlyAll {
		return true
	}
	need := 0.5 + float64(2.5*share(s.fresh, s.words))
	return p >= need && n >= need
}

// mayMatch reports whether anything but Different can come of the counts of features, so that words have to be counted.
func (l *limits) mayMatch(c *counts) bool {
	return c.whole == c.a.whole || c.whole == c.b.whole || c.a.half() || c.b.half() ||
		jaccard(c.body, c.a.body, c.b.body) >= l.same || jaccard(c.prose, c.a.prose, c.b.prose) >= l.contained
}

// half reports whether half of the prose and of the body is in the other article.
func (s *side) half() bool { return 2*s.proseIn >= s.prose && 2*s.bodyIn >= s.body }

func (l *limits) judge(c *counts) Relation {
	r := Relation{
		Jaccard:         jaccard(c.body, c.a.body, c.b.body),
		ContainmentAInB: share(c.a.proseIn, c.a.prose),
		ContainmentBInA: share(c.b.proseIn, c.b.prose),
		Shared:          c.whole,
	}
	switch {
	case c.whole == c.a.whole && c.whole == c.b.whole: // as twin has it
		r.Kind, r.Reason = Same, EachInOther
	case l.plain:
		r.Kind, r.Reason = l.judgePlain(&r, c.a.whole, c.b.whole)
	default:
		r.Kind, r.Reason = l.judgeViews(&r, c)
	}
	return r
}

func (l *limits) judgePlain(r *Relation, n, m int) (Kind, Reason) {
	switch {
	case r.Jaccard >= l.same:
		return Same, HalfInBoth
	case !l.containment || r.Shared < 12:
	case n <= m && r.ContainmentAInB >= l.contained:
		return Contained, FoundWhole
	case n > m && r.ContainmentBInA >= l.contained:
		return Contains, FoundWhole
	}
	return Different, TooLittle
}

func (l *limits) judgeViews(r *Relation, c *counts) (Kind, Reason) {
	a, b := &c.a, &c.b
	inA, inB := l.found(a, c.whole), l.found(b, c.whole)
	k, why := Different, TooLittle
	switch {
	case inA && inB:
		k, why = Same, EachInOther
	case inA:
		k, why = Contained, FoundWhole
	case inB:
		k, why = Contains, FoundWhole
	case r.Jaccard >= l.same:
		k, why = Same, HalfInBoth
	case 5*c.prose >= 4*c.body && jaccard(c.prose, a.prose, b.prose) >= l.contained && min(share(a.bodyIn, a.body), share(b.bodyIn, b.body)) >= 0.5:
		k, why = Same, OneProse
	default:
		return Different, TooLittle
	}
	if k == Same && (2*a.proseIn < a.prose || 2*b.proseIn < b.prose) {
		switch {
		case 2*a.proseIn >= a.prose:
			k = Contained
		case 2*b.proseIn >= b.prose:
			k = Contains
		default:
			return Different, TooLittle
		}
	}
	jw := jaccard(c.whole, a.whole, b.whole)
	if c.whole < 150 && jw < .9 && a.another() && b.another() {
		return Different, OtherWords
	}
	if a.numbers > 0 && b.numbers > 0 && c.whole < 50 && jw < .9 && 2*a.numbers >= a.fresh && 2*b.numbers >= b.fresh {
		return Different, OtherNumbers
	}
	if !l.containment && k != Same {
		return Different, TooLittle
	}
	return k, why
}

func (s *side) another() bool {
	own := s.prose - s.proseIn
	return own >= 8 && s.inProse >= 5 && float64(s.inProse) >= .4*float64(own)
}

// twin is the relation of two articles with one text.
func twin(s sizes) Relation {
	return Relation{Kind: Same, Jaccard: 1, ContainmentAInB: 1, ContainmentBInA: 1, Shared: s.whole, Reason: EachInOther}
}

// estimate gives the verdict on two articles of which the similarity is estimated.
func (l *limits) estimate(j float64, a, b sizes, fellBack bool) Relation {
	shared := j / (1 + j) * float64(a.body+b.body)
	r := Relation{
		Jaccard:         j,
		ContainmentAInB: min(1, shared/float64(max(1, a.body))),
		ContainmentBInA: min(1, shared/float64(max(1, b.body))),
		Shared:          int(shared + 0.5),
		Reason:          TooLittle,
	}
	switch {
	case j <= 0:
		r.Reason = NothingShared
	case j >= l.same:
		r.Kind, r.Reason = Same, HalfInBoth
	case !l.containment || fellBack || shared < 12:
	case r.ContainmentAInB >= l.contained && a.body <= b.body:
		r.Kind, r.Reason = Contained, FoundWhole
	case r.ContainmentBInA >= l.contained && b.body < a.body:
		r.Kind, r.Reason = Contains, FoundWhole
	}
	return r
}
