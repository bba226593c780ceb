package neardup

import (
	"fmt"

	"github.com/neardup/neardup/internal/featureset"
)

// A Reason is the rule that decided a verdict.
type Reason uint8

const (
	NothingShared Reason = iota
	NoWords
	SameText
	InsideText
	TooLittleShared
	OnlySiteText
)

// String returns the reason.
func (r Reason) String() string { return fmt.Sprintf("Reason(%d)", uint8(r)) }

type limits struct {
	same, contained, shared float64
	words                   bool
}

func (c *Config) limits() limits {
	l := limits{c.Threshold, c.Containment, 12, !c.BySignature}
	if c.NoContainment {
		l.contained = 2
	}
	return l
}

// counts is what a verdict is given on.
type counts struct {
	a, b                         sizes
	fellBack                     bool
	prose, body, whole           int // in the prose, the body, the whole of both
	proseA, bodyA, proseB, bodyB int // of one in the whole of the other
}

func (c *counts) count(hist *[featureset.Classes][featureset.Classes]uint32, a, b *evidence) {
	c.a, c.b, c.fellBack = a.sizes, b.sizes, a.fellBack && b.fellBack
	for i := range hist {
		for j, n := range hist[i] {
			n := int(n)
			c.whole += n
			if i&inProse != 0 {
				c.proseA += n
			}
			if i&inBody != 0 {
				c.bodyA += n
			}
			if j&inProse != 0 {
				c.proseB += n
			}
			if j&inBody != 0 {
				c.bodyB += n
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

func (c *counts) countWords(hist *[featureset.Classes][featureset.Classes]uint32, a, b [featureset.Classes]int) {
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

func (l *limits) judge(c *counts) Relation {
	r := Relation{
		Jaccard:         share(c.body, c.a.body+c.b.body-c.body),
		ContainmentAInB: share(c.proseA, c.a.prose),
		ContainmentBInA: share(c.proseB, c.b.prose),
		Shared:          c.whole,
		Reason:          TooLittleShared,
	}
	switch {
	case r.Jaccard >= l.same:
		r.Kind, r.Reason = Same, SameText
	case c.fellBack || c.whole < int(l.shared):
	case r.ContainmentAInB >= l.contained && c.a.prose <= c.b.prose:
		r.Kind, r.Reason = Contained, InsideText
	case r.ContainmentBInA >= l.contained && c.b.prose < c.a.prose:
		r.Kind, r.Reason = Contains, InsideText
	}
	return r
}

// twin is the relation of two articles with one text.
func twin(s sizes) Relation {
	return Relation{Kind: Same, Jaccard: 1, ContainmentAInB: 1, ContainmentBInA: 1, Shared: s.whole, Reason: SameText}
}

// estimate gives the verdict on two articles of which the similarity is estimated.
func (l *limits) estimate(j float64, a, b sizes, fellBack bool) Relation {
	shared := j / (1 + j) * float64(a.body+b.body)
	r := Relation{
		Jaccard:         j,
		ContainmentAInB: min(1, shared/float64(max(1, a.body))),
		ContainmentBInA: min(1, shared/float64(max(1, b.body))),
		Shared:          int(shared + 0.5),
		Reason:          TooLittleShared,
	}
	switch {
	case j <= 0:
		r.Reason = NothingShared
	case j >= l.same:
		r.Kind, r.Reason = Same, SameText
	case fellBack || shared < l.shared:
	case r.ContainmentAInB >= l.contained && a.body <= b.body:
		r.Kind, r.Reason = Contained, InsideText
	case r.ContainmentBInA >= l.contained && b.body < a.body:
		r.Kind, r.Reason = Contains, InsideText
	}
	return r
}

// String returns the verdict and the figures that led to it, in a sentence for people to read.
func (c Comparison) String() string { return c.Kind.String() }
