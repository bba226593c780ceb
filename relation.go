package neardup

import (
	"cmp"
	"fmt"
)

// A Kind says in which way two articles, A and B, are near-duplicates.
type Kind uint8

const (
	Different Kind = iota // not at all
	Same                  // they are one article
	Contained             // A is found in B: A may go if B stays
	Contains              // B is found in A: B may go if A stays
)

var kindNames = [...]string{"different", "same", "contained", "contains"}

// String returns "different", "same", "contained" or "contains".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// MarshalText returns what String does, or an error if k is none of the kinds.
func (k Kind) MarshalText() ([]byte, error) {
	if int(k) >= len(kindNames) {
		return nil, fmt.Errorf("neardup: Kind is %d, want 0 to %d", k, len(kindNames)-1)
	}
	return []byte(kindNames[k]), nil
}

// UnmarshalText reads what MarshalText returns.
func (k *Kind) UnmarshalText(text []byte) error {
	for i, name := range kindNames {
		if string(text) == name {
			*k = Kind(i)
			return nil
		}
	}
	return fmt.Errorf("neardup: kind is %q, want different, same, contained or contains", text)
}

// flip is the kind seen from the other article.
func (k Kind) flip() Kind {
	switch k {
	case Contained:
		return Contains
	case Contains:
		return Contained
	}
	return k
}

// A Relation is what two articles, A and B, have in common, as seen from A. Shares are in [0, 1] and count distinct
// features: exactly, or, with Config.BySignature, by an estimate.
type Relation struct {
	Kind Kind `json:"kind"`

	// Jaccard is the share of the features of both together that both have. It leaves out what is surely menu.
	Jaccard float64 `json:"jaccard"`
	// ContainmentAInB is the share of the prose of A that is found anywhere in B, ContainmentBInA that of B in A: how
	// much of an article stays if the other one is kept in its place.
	ContainmentAInB float64 `json:"containment_a_in_b"`
	ContainmentBInA float64 `json:"containment_b_in_a"`
	// Shared is the number of features that are anywhere in both.
	Shared int `json:"shared"`

	// Reason is the rule that decided.
	Reason Reason `json:"reason"`
}

// Duplicate reports whether the articles are near-duplicates: Kind is not Different.
func (r Relation) Duplicate() bool { return r.Kind != Different }

// Flip returns the relation as seen from B.
func (r Relation) Flip() Relation {
	r.Kind = r.Kind.flip()
	r.ContainmentAInB, r.ContainmentBInA = r.ContainmentBInA, r.ContainmentAInB
	return r
}

// compareRelations orders relations best first: the same article before contained ones, then by similarity, then by
// containment.
func compareRelations(a, b Relation) int {
	if c := cmp.Compare(min(a.Kind, Contained), min(b.Kind, Contained)); c != 0 {
		return c
	}
	if c := cmp.Compare(b.Jaccard, a.Jaccard); c != 0 {
		return c
	}
	return cmp.Compare(max(b.ContainmentAInB, b.ContainmentBInA), max(a.ContainmentAInB, a.ContainmentBInA))
}
