package neardup

import (
	"fmt"

	"github.com/neardup/neardup/shingle"
	"github.com/neardup/neardup/simhash"
)

// limits are what a verdict is given by.
type limits struct {
	same      float64 // least Jaccard similarity of the same article
	contained float64 // least share of the shorter article in the longer one, 2 for never
	shared    float64 // least number of features shared by an article and the one inside it
}

// newsroom is the limits that [Compare] uses. Measured on pages that hold an article and on what extractors make of them,
// a Jaccard similarity of 0.5 on the prose is reached by copies and not by two stories of one site; a share of 0.75 found in the
// other is evidence only when it is more than the few sentences that a site puts under everything.
var newsroom = limits{same: 0.5, contained: 0.75, shared: minShared}

// verdict weighs what articles of n and m distinct features have in common: their Jaccard similarity, and the number of
// features shared. All may be exact or estimated. An article without features is different from every other, also from
// another one without.
func (l limits) verdict(j, shared float64, n, m int) Kind {
	switch {
	case n <= 0 || m <= 0 || shared <= 0:
		return Different
	case j >= l.same:
		return Same
	case shared < l.shared:
		return Different
	case n <= m && shared >= l.contained*float64(n):
		return Contained
	case n > m && shared >= l.contained*float64(m):
		return Contains
	}
	return Different
}

// minPassage is the least number of words of a passage that is shown.
const minPassage = 8

// A Comparison is what two texts, A and B, have in common, measured on the word 5-shingles of their prose
// ([shingle.Prose]).
type Comparison struct {
	Verdict Kind // Contained: A is inside B; Contains: B is inside A

	Jaccard         float64 // features shared, of those of both, in [0, 1]
	ContainmentAInB float64 // share of the features of A found in B, in [0, 1]
	ContainmentBInA float64 // share of the features of B found in A, in [0, 1]

	// Hamming is the number of bits, 0 to 64, in which the SimHash fingerprints of the features differ. It is shown
	// for those who know it; the verdict does not depend on it.
	Hamming int

	// FeaturesA and FeaturesB are the numbers of distinct features of A and B, Shared that of those in both.
	FeaturesA, FeaturesB, Shared int

	// FellBackA and FellBackB report that a text has too little prose, so that all of it was compared.
	FellBackA, FellBackB bool

	// Passages are the passages of at least 8 words that the texts share, in the order of A, as byte ranges of both.
	// They are the evidence for the verdict and lie, like the features, in the prose.
	Passages []shingle.Passage
}

// Duplicate reports whether the articles are the same, or one is inside the other.
func (c Comparison) Duplicate() bool { return c.Verdict != Different }

// Compare says whether two texts are near-duplicates: the same article, or one inside the other, whatever stands around
// them on their pages.
//
// Two articles are the same if their Jaccard similarity is at least 0.5. One is inside the other if at least 0.75 of it,
// and at least 20 features (24 words in a row), are found there. If there is too little prose in both, so that menus and
// whatever else is there was compared, only the first counts. Texts that have no words are different from all others.
// Short texts have few features, or a single one if they have fewer than 5 words: two equal headlines are the same,
// and so are two that differ in a word at one end only.
//
// Everything is computed exactly, without sketches, in O(len(a)+len(b)) time but for sorting the features. To find the
// near-duplicates among many articles use a [Detector].
func Compare(a, b string) Comparison {
	s, err := shingle.New(shingle.Config{})
	if err != nil {
		panic(err) // the zero Config is valid
	}
	var c Comparison
	fa := shingle.NewSet(s.Append(nil, a))
	c.FellBackA = s.FellBack()
	fb := shingle.NewSet(s.Append(nil, b))
	c.FellBackB = s.FellBack()

	c.FeaturesA, c.FeaturesB, c.Shared = len(fa), len(fb), fa.Overlap(fb)
	if c.FeaturesA > 0 && c.FeaturesB > 0 {
		c.Jaccard = fa.Jaccard(fb)
		c.ContainmentAInB = fa.Containment(fb)
		c.ContainmentBInA = fb.Containment(fa)
	}
	c.Hamming = simhash.Sum(fa).Distance(simhash.Sum(fb))
	c.Passages = s.AppendPassages(nil, a, b, minPassage)
	c.Verdict = c.limits().verdict(c.Jaccard, float64(c.Shared), c.FeaturesA, c.FeaturesB)
	return c
}

// limits returns the limits for the two texts. Where neither has prose, what one shares with the other may be the menu of
// their site.
func (c Comparison) limits() limits {
	l := newsroom
	if c.FellBackA && c.FellBackB {
		l.contained = 2
	}
	return l
}

// Reason returns the verdict and the figures that led to it, in a sentence for people to read.
func (c Comparison) Reason() string {
	switch {
	case c.FeaturesA == 0 && c.FeaturesB == 0:
		return "different: neither text has words"
	case c.FeaturesA == 0:
		return "different: A has no words"
	case c.FeaturesB == 0:
		return "different: B has no words"
	}
	what := "prose"
	if c.FellBackA && c.FellBackB {
		what = "text"
	}
	var s string
	switch c.Verdict {
	case Same:
		s = fmt.Sprintf("the same article: %s of the %s of both together is in both (Jaccard similarity)", percent(c.Jaccard), what)
	case Contained:
		s = fmt.Sprintf("A is inside B: %s of the %s of A is in B, and %s of B in A", percent(c.ContainmentAInB), what, percent(c.ContainmentBInA))
	case Contains:
		s = fmt.Sprintf("B is inside A: %s of the %s of B is in A, and %s of A in B", percent(c.ContainmentBInA), what, percent(c.ContainmentAInB))
	default:
		switch inside := max(c.ContainmentAInB, c.ContainmentBInA) >= newsroom.contained; {
		case c.Shared == 0:
			s = "different: they have no five words in a row in common"
		case inside && c.FellBackA && c.FellBackB:
			s = fmt.Sprintf("different: %s of A is in B, and %s of B in A, but neither has the prose of an article",
				percent(c.ContainmentAInB), percent(c.ContainmentBInA))
		case inside:
			s = fmt.Sprintf("different: what they share, %d features, is too little to say that one is inside the other", c.Shared)
		default:
			s = fmt.Sprintf("different: %s of the %s of A is in B, and %s of B in A", percent(c.ContainmentAInB), what, percent(c.ContainmentBInA))
		}
	}
	switch {
	case c.FellBackA && c.FellBackB:
		s += "; there is too little prose in both, so all of their text was compared"
	case c.FellBackA:
		s += "; there is too little prose in A, so all of it was compared"
	case c.FellBackB:
		s += "; there is too little prose in B, so all of it was compared"
	}
	return s
}

// percent formats a share without rounding it up to all or down to nothing.
func percent(x float64) string {
	switch {
	case x > 0 && x < 0.005:
		return "less than 1%"
	case x < 1 && x >= 0.995:
		return "more than 99%"
	}
	return fmt.Sprintf("%.0f%%", 100*x)
}
