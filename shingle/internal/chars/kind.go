// Package chars says what a character is: to those who make tokens, its kind and what it folds to; to the prose view, its class.
//
// All of it is frozen as of Unicode 15.0, with scheme 1 of the features. A character that a later version of Unicode adds is a
// separator for as long as the scheme lives. The tables are written by package gen from the definitions in package oracle.
package chars

import "sort"

//go:generate go run ./gen

// Kind is what a character is as far as making tokens is concerned.
type Kind uint8

const (
	Separator   Kind = iota // neither letter, digit nor mark, nor anything that folds to one
	Ignored                 // removed from the text
	Complex                 // a letter or digit that only the general path knows how to fold
	ComplexMark             // a mark that may compose with what is before it, or decompose
	LoneMark                // a mark that stays as it is, unless marks around it have to be put into order
	PlainMark               // a mark that stays as it is, always
	Solo                    // a token of its own, with its marks; folds to itself
	Word                    // a part of a longer token; this and the kinds above fold to one character, Delta away
)

const (
	// First is what is added to kinds in their table, so that they are printable characters.
	First = '!'
	// Block is how many characters a block of a table has.
	Block = 64
	// Limit is a limit of the characters that the tables have.
	Limit = 0x323C0
)

// KindOf returns the kind of a character that is not ASCII.
func KindOf(r rune) Kind {
	if uint32(r) < Limit {
		return Kind(kindData[int(kindIndex[r/Block])*Block+int(r%Block)] - First)
	}
	if 0xE0000 <= r && r <= 0xE0FFF {
		return Ignored
	}
	return Separator
}

// Delta returns what folding adds to a character of kind k, Word or above.
func Delta(k Kind) rune { return kindDelta[k-Word] }

// Fold returns the case folding of a letter or digit that has no decomposition and
// that folds to one character.
func Fold(r rune) rune {
	if r < 0x80 {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	k := KindOf(r)
	if k >= Word {
		return r + Delta(k)
	}
	if k == Complex {
		i := sort.Search(len(rareFold), func(i int) bool { return rareFold[i][0] >= r })
		if i < len(rareFold) && rareFold[i][0] == r {
			return rareFold[i][1]
		}
	}
	return r
}

// IsDiacritic reports whether r is one of the marks that are dropped where
// diacritics are: those of the Latin, Greek and Cyrillic scripts.
func IsDiacritic(r rune) bool {
	switch {
	case 0x300 <= r && r <= 0x36F, 0x483 <= r && r <= 0x487, 0x1AB0 <= r && r <= 0x1AFF, 0x1DC0 <= r && r <= 0x1DFF,
		0x20D0 <= r && r <= 0x20FF, 0xFE20 <= r && r <= 0xFE2F:
		return true
	}
	return false
}

// IsGreekAccent reports whether r is one of the marks that a Greek letter loses:
// accents, breathings, and the signs for two vowels and for length. Capitals are
// written without them, and most text has lost those of the polytonic script.
func IsGreekAccent(r rune) bool {
	switch r {
	case 0x300, 0x301, 0x304, 0x306, 0x308, 0x313, 0x314, 0x342:
		return true
	}
	return false
}
