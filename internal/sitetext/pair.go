package sitetext

// A Pair says which features count when two texts are compared: those that are not the text of a
// site. What does not count is left out of everything that is counted: of the sizes of both texts,
// of what they share, in whatever view.
//
// A feature that both texts have is left out if it is the text of either site. A wall is a wall
// also where a source has too few pages to tell. If both sources had to have learnt it, one page of
// the smaller would be the same as all pages of the larger, and take their place.
type Pair struct {
	A, B *Model // of the sources of the two texts, nil if nothing is learnt
}

// Empty reports whether all features count.
func (p Pair) Empty() bool { return p.A == nil && p.B == nil }

// DropsA reports whether a feature that only text A has is left out.
func (p Pair) DropsA(v uint32) bool { return p.A.Has(v) }

// DropsB reports whether a feature that only text B has is left out.
func (p Pair) DropsB(v uint32) bool { return p.B.Has(v) }

// DropsBoth reports whether a feature that both texts have is left out.
func (p Pair) DropsBoth(v uint32) bool { return p.A.Has(v) || p.A != p.B && p.B.Has(v) }
