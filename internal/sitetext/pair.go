package sitetext

// A Pair says which features of two texts count when the two are compared: those that are not the text of a site. A feature that
// is left out of one count is left out of all: of the sizes of both texts, of what they share, in whatever view.
//
// In a text of a source that has no Model, a feature counts unless the other text has it too and it is the text of the other's site:
// a wall is a wall where it is met for the first time.
type Pair struct {
	A, B *Model // of the source of either text; nil if nothing is learnt
}

// Empty reports whether all features count.
func (p Pair) Empty() bool { return p.A == nil && p.B == nil }

// DropsA reports whether a feature that only text A has is left out.
func (p Pair) DropsA(v uint32) bool { return p.A.Has(v) }

// DropsB reports whether a feature that only text B has is left out.
func (p Pair) DropsB(v uint32) bool { return p.B.Has(v) }

// DropsBoth reports whether a feature that both texts have is left out.
func (p Pair) DropsBoth(v uint32) bool { return p.A.Has(v) || p.A != p.B && p.B.Has(v) }
