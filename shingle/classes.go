package shingle

import "unicode"

func isWord(r rune) bool {
	switch r {
	case 0x2BB, 0x2BC: // modifier letters that are typed as apostrophes
		return false
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.M)
}

// isSolo reports whether r is a letter of a script that is written without
// spaces, where each character with its marks is a token.
func isSolo(r rune) bool {
	if r < 0xE00 {
		return false
	}
	return r == 0x30FC || !unicode.Is(unicode.Nd, r) && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// ignorable reports whether r is removed from the text as if it were not
// there: the Default_Ignorable_Code_Point property and the Arabic tatweel.
func ignorable(r rune) bool {
	switch {
	case r == 0xAD, r == 0x34F, r == 0x61C, r == 0x640, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5,
		0x180B <= r && r <= 0x180F, 0x200B <= r && r <= 0x200F, 0x202A <= r && r <= 0x202E, 0x2060 <= r && r <= 0x206F,
		r == 0x3164, 0xFE00 <= r && r <= 0xFE0F, r == 0xFEFF, r == 0xFFA0, 0xFFF0 <= r && r <= 0xFFF8,
		0x1BCA0 <= r && r <= 0x1BCA3, 0x1D173 <= r && r <= 0x1D17A, 0xE0000 <= r && r <= 0xE0FFF:
		return true
	}
	return false
}

// isDiacritic reports whether r is one of the marks that Config.FoldDiacritics
// drops.
func isDiacritic(r rune) bool {
	switch {
	case 0x300 <= r && r <= 0x36F, 0x483 <= r && r <= 0x487, 0x591 <= r && r <= 0x5C7, 0x610 <= r && r <= 0x61A,
		0x64B <= r && r <= 0x65F, r == 0x670, 0x6D6 <= r && r <= 0x6ED, 0x1AB0 <= r && r <= 0x1AFF,
		0x1DC0 <= r && r <= 0x1DFF, 0x20D0 <= r && r <= 0x20FF, 0xFE20 <= r && r <= 0xFE2F:
		return true
	}
	return false
}

// foldRune is the case folding of a character that has no decomposition.
func foldRune(r rune) rune {
	if r < 0x80 {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	switch r {
	case 'ς':
		return 'σ'
	case 0x345:
		return 'ι'
	}
	return unicode.ToLower(r)
}
