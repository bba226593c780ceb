// Package oracle defines what package chars has tables of, the slow way: from the Unicode tables of the Go release and of
// golang.org/x/text, and from ranges of characters. It is for the generator of the tables and for tests.
package oracle

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/neardup/neardup/shingle/internal/chars"
)

// Version is the version of Unicode that the tables are of.
const Version = "15.0.0"

// IsPinned reports whether the Unicode tables at hand are of that version.
func IsPinned() bool { return unicode.Version == Version && norm.Version == Version }

var foldCaser = cases.Fold()

// Fold is case folding as the standard library has it. cases.Fold maps
// Cherokee the wrong way round, small letters to small letters.
func Fold(s string) string {
	var b []byte
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Cherokee, r):
			b = utf8.AppendRune(b, unicode.ToUpper(r))
		default:
			b = append(b, foldCaser.String(string(r))...)
		}
	}
	return string(b)
}

func Folded(r rune) string {
	s := norm.NFKD.String(Fold(norm.NFKD.String(string(r))))
	out := ""
	for _, r := range s {
		if !Ignored(r) {
			out += string(r)
		}
	}
	return norm.NFC.String(Letters(out))
}

// Letters makes the letters of a decomposed text one that scheme 1 has as one: forms of the alef, the ya, the kaf and the
// ha of the Arabic script, and Greek letters with and without accents and breathings.
func Letters(s string) string {
	greek := false
	return strings.Map(func(r rune) rune {
		switch r {
		case 'ٱ':
			return 'ا'
		case 'ى', 'ی':
			return 'ي'
		case 'ک':
			return 'ك'
		case 'ة', 'ہ', 'ە':
			return 'ه'
		}
		if !unicode.Is(unicode.M, r) {
			greek = r >= 0x370 && r < 0x400
		} else if greek && strings.ContainsRune("\u0300\u0301\u0304\u0306\u0308\u0313\u0314\u0342", r) {
			return -1
		}
		return r
	}, s)
}

// optional reports whether r is one of the marks of the Arabic and Hebrew scripts that are written or not: vowels, hamza and
// madda on a letter, signs for reading aloud.
func optional(r rune) bool {
	return unicode.Is(unicode.Mn, r) && (r >= 0x591 && r < 0x5C8 || r >= 0x610 && r < 0x61B || r >= 0x64B && r < 0x660 || r == 0x670 ||
		r >= 0x6D6 && r < 0x6EE || r >= 0x898 && r < 0x900)
}

func Ignored(r rune) bool {
	return r == 0x640 || optional(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || unicode.Is(unicode.Variation_Selector, r) ||
		unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) && (r < 0xFFF9 || r > 0xFFFB) && (r < 0x13430 || r > 0x1345F)
}

func Solo(r rune) bool {
	return r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) &&
		unicode.In(r, unicode.L, unicode.Nl)
}

// Kind derives the kind of a character from the Unicode tables of the
// standard library and of x/text, and the delta of word characters.
func Kind(r rune) (chars.Kind, rune) {
	if Ignored(r) {
		return chars.Ignored, 0
	}
	p := norm.NFC.PropertiesString(string(r))
	decomposes := norm.NFKD.PropertiesString(string(r)).Decomposition() != nil
	if unicode.Is(unicode.M, r) {
		switch {
		case decomposes:
			return chars.ComplexMark, 0
		case p.CCC() == 0 && !p.BoundaryBefore(), Folded(r) != string(r):
			return chars.ComplexMark, 0
		case p.CCC() == 0:
			return chars.PlainMark, 0
		case combinesBackward(r):
			return chars.ComplexMark, 0
		}
		return chars.LoneMark, 0
	}
	f := []rune(Folded(r))
	if len(f) == 0 {
		return chars.Ignored, 0 // a mark on a tatweel
	}
	words := 0
	for _, x := range f {
		if unicode.In(x, unicode.L, unicode.N) && x != 0x2BB && x != 0x2BC {
			words++
		}
	}
	switch {
	case words == 0 && unicode.Is(unicode.M, f[0]): // half-width voiced sound marks
		return chars.ComplexMark, 0
	case words == 0:
		return chars.Separator, 0
	case len(f) != 1 || !norm.NFC.PropertiesString(string(f)).BoundaryBefore() || r >= 0x1D400 && r < 0x1D800:
		return chars.Complex, 0
	case Solo(f[0]):
		if f[0] != r {
			return chars.Complex, 0
		}
		return chars.Solo, 0
	}
	return chars.Word, f[0] - r
}

// combinesBackward reports whether a mark composes with a character before it:
// whether its quick check is not a plain yes.
func combinesBackward(r rune) bool {
	// A span that a quick check passes reaches the end.
	s := "\u00c5" + string(r)
	return norm.NFC.QuickSpanString(s) != len(s)
}

// terminals has the ranges of characters that end a sentence: those with the property Sentence_Terminal of Unicode 15.0,
// frozen with the scheme, and of Tibetan U+0F08, U+0F0D, U+0F0E and U+0F11, which do but lack it. Those in ASCII and Latin-1
// are not here.
var terminals = [...][2]rune{
	{0x589, 0x589}, {0x61D, 0x61F}, {0x6D4, 0x6D4}, {0x700, 0x702}, {0x7F9, 0x7F9}, {0x837, 0x837},
	{0x839, 0x839}, {0x83D, 0x83E}, {0x964, 0x965}, {0xF08, 0xF08}, {0xF0D, 0xF0E}, {0xF11, 0xF11},
	{0x104A, 0x104B}, {0x1362, 0x1362}, {0x1367, 0x1368}, {0x166E, 0x166E}, {0x1735, 0x1736}, {0x1803, 0x1803},
	{0x1809, 0x1809}, {0x1944, 0x1945}, {0x1AA8, 0x1AAB}, {0x1B5A, 0x1B5B}, {0x1B5E, 0x1B5F}, {0x1B7D, 0x1B7E},
	{0x1C3B, 0x1C3C}, {0x1C7E, 0x1C7F}, {0x203C, 0x203D}, {0x2047, 0x2049}, {0x2E2E, 0x2E2E}, {0x2E3C, 0x2E3C},
	{0x2E53, 0x2E54}, {0x3002, 0x3002}, {0xA4FF, 0xA4FF}, {0xA60E, 0xA60F}, {0xA6F3, 0xA6F3}, {0xA6F7, 0xA6F7},
	{0xA876, 0xA877}, {0xA8CE, 0xA8CF}, {0xA92F, 0xA92F}, {0xA9C8, 0xA9C9}, {0xAA5D, 0xAA5F}, {0xAAF0, 0xAAF1},
	{0xABEB, 0xABEB}, {0xFE52, 0xFE52}, {0xFE56, 0xFE57}, {0xFF01, 0xFF01}, {0xFF0E, 0xFF0E}, {0xFF1F, 0xFF1F},
	{0xFF61, 0xFF61}, {0x10A56, 0x10A57}, {0x10F55, 0x10F59}, {0x10F86, 0x10F89}, {0x11047, 0x11048}, {0x110BE, 0x110C1},
	{0x11141, 0x11143}, {0x111C5, 0x111C6}, {0x111CD, 0x111CD}, {0x111DE, 0x111DF}, {0x11238, 0x11239}, {0x1123B, 0x1123C},
	{0x112A9, 0x112A9}, {0x1144B, 0x1144C}, {0x115C2, 0x115C3}, {0x115C9, 0x115D7}, {0x11641, 0x11642}, {0x1173C, 0x1173E},
	{0x11944, 0x11944}, {0x11946, 0x11946}, {0x11A42, 0x11A43}, {0x11A9B, 0x11A9C}, {0x11C41, 0x11C42}, {0x11EF7, 0x11EF8},
	{0x11F43, 0x11F44}, {0x16A6E, 0x16A6F}, {0x16AF5, 0x16AF5}, {0x16B37, 0x16B38}, {0x16B44, 0x16B44}, {0x16E98, 0x16E98},
	{0x1BC9F, 0x1BC9F}, {0x1DA88, 0x1DA88},
}

// isTerminal reports whether r, which is not ASCII, ends a sentence.
func isTerminal(r rune) bool {
	lo, hi := 0, len(terminals)
	for lo < hi {
		if m := (lo + hi) / 2; terminals[m][0] <= r {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo > 0 && r <= terminals[lo-1][1]
}

// Class returns the class of r. Ranges and chars.KindOf decide, which are frozen with the scheme, not the Unicode
// tables of the Go release.
//
// A character that is one for compatibility, and part of a token, has the class of
// the first one that it stands for.
func Class(r rune) chars.Class {
	c := inRange(r)
	switch {
	case r < 0x80:
	case chars.IsDigit(r):
		return chars.Digit
	case chars.KindOf(r) == chars.Complex && r >= 0x300, chars.KindOf(r) > chars.PlainMark && c < chars.Digit:
		if d := []rune(norm.NFKD.String(string(r))); d[0] != r {
			return Class(d[0])
		}
	}
	return c
}

func inRange(r rune) chars.Class {
	switch r {
	case '은', '는', '이', '가', '을', '를', '의', '에', '로', '와', '과', '도', '서', '고', '한', '다', '며', '지', '들', '만', '게', '면', '할', '된', '인':
		return chars.Particle
	case '的', '了', '是', '在', '和', '有', '不', '也', '与', '與', '为', '為', '对', '對', '将', '將', '就', '以', '及', '而', '但', '被', '把',
		'于', '於', '从', '從', '这', '這', '那', '其', '并', '並', '所', '等', '他', '她', '们', '們', '我', '你', '它', '之', '中', '上', '下',
		'后', '後', '前', '时', '時', '会', '會', '要', '说', '說', '到', '都', '还', '還', '没':
		return chars.Grammar
	}
	switch {
	case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == 0x85 || r == 0x2028 || r == 0x2029:
		return chars.Break
	case r <= ' ' || 0x80 <= r && r <= 0xA0 || r == 0x1680 || 0x2000 <= r && r <= 0x200A || r == 0x202F || r == 0x205F ||
		r == 0x3000:
		return chars.Space
	case r >= 0x80 && chars.KindOf(r) == chars.Ignored:
		return chars.Skip
	}
	switch r {
	case '.', '!', '?', 0xFF0E, 0xFF01, 0xFF1F, 0x203C, 0x203D, 0x2047, 0x2048, 0x2049, 0x37E:
		return chars.Stop
	case 0x3002, 0xFF61, 0x964, 0x965, 0x61F, 0x6D4, 0x589, 0x1362, 0x1367, 0x1368, 0x17D4, 0x17D5, 0x104A, 0x104B, 0xE2F,
		0xE5A, 0xE5B, 0x700, 0x701, 0x702, 0x9F7, 0xABF0,
		0x61D, 0x61E, 0x2E2E, 0x2E3C, 0x2E53, 0x2E54, 0xFE52, 0xFE56, 0xFE57:
		return chars.Full
	case ',', ';', 0xFF0C, 0xFF1B, 0x3001, 0xFF64, 0x60C, 0x61B, 0x55D, 0x1363, 0x1364:
		return chars.Comma
	case ':', 0xFF1A:
		return chars.Colon
	case '"', ')', ']', 0x201D, 0x201C, 0x201E, 0xBB, 0x300D, 0x300F, 0xFF09, 0x3011, 0xFF3D, 0xFF63, 0x300B, 0xFF02:
		return chars.Close
	case '\'', 0x2019, 0x2018, 0x2BC, 0x2BB, 0xFF07, '-', 0x2010, 0x2011, 0xFF0D, '/', '@', '&', 0x5BE, 0x5F3, 0x5F4, 0xFF0F:
		return chars.Glue
	case '|', 0xFF5C, 0x2022, 0xB7, 0x30FB, 0x203A, 0x2039, 0xA9, 0xAE, 0x2122, '_', '=', '{', '}', '<', '>', '\\', '#', '*', '+', '^',
		'~', 0x25B6, 0x25BA, 0x2192, 0x25CF, 0x25A0, 0x2190, 0x2191, 0x2193, 0xD7:
		return chars.Symbol
	}
	switch {
	case '0' <= r && r <= '9', 0xFF10 <= r && r <= 0xFF19, 0x660 <= r && r <= 0x669, 0x6F0 <= r && r <= 0x6F9, 0x966 <= r && r <= 0x96F,
		0xE50 <= r && r <= 0xE59:
		return chars.Digit
	case r < 0xC0:
		if 'a' <= r && r <= 'z' || r == 0xAA || r == 0xB5 || r == 0xBA {
			return chars.Lower
		} else if 'A' <= r && r <= 'Z' {
			return chars.Upper
		}
		return chars.Other
	case r == 0xF7:
		return chars.Other
	case 0x300 <= r && r <= 0x36F, 0x483 <= r && r <= 0x489, 0x591 <= r && r <= 0x5BD, 0x5BF <= r && r <= 0x5C7,
		0x610 <= r && r <= 0x61A, 0x64B <= r && r <= 0x65F, r == 0x670, 0x6D6 <= r && r <= 0x6DC, 0x6DF <= r && r <= 0x6ED,
		0x3099 <= r && r <= 0x309A, 0x302A <= r && r <= 0x302F, 0x1DC0 <= r && r <= 0x1DFF, 0x20D0 <= r && r <= 0x20FF, 0xFE20 <= r && r <= 0xFE2F, r == 0xFF9E, r == 0xFF9F:
		return chars.Mark
	case 0x2000 <= r && r < 0x2C00, 0x2E00 <= r && r < 0x2E80, 0x3003 <= r && r < 0x3005, 0x3008 <= r && r < 0x3021,
		0xFE10 <= r && r < 0xFE70, 0xFF00 <= r && r <= 0xFF20, 0xFF3B <= r && r <= 0xFF40, 0xFF5B <= r && r <= 0xFF65, 0xFFE0 <= r && r < 0x10000,
		0x1F000 <= r && r < 0x20000, 0xE000 <= r && r < 0xF900, r == 0x387, 0x55A <= r && r <= 0x55F, r == 0x5C0, r == 0x5C3, r == 0x66A,
		0x600 <= r && r < 0x610, r == 0x66B, r == 0x66C, r == 0x66D, r == 0x970:
		return chars.Other
	case 0xE00 <= r && r < 0xF00, 0x1000 <= r && r < 0x10A0, 0x1780 <= r && r < 0x1800, 0xAA60 <= r && r < 0xAA80:
		return chars.Thai
	case 0x3040 <= r && r < 0x30A0:
		return chars.Hira
	case 0x30A0 <= r && r < 0x3100, 0x31F0 <= r && r < 0x3200, 0xFF66 <= r && r < 0xFF9E:
		return chars.Kata
	case 0x2E80 <= r && r < 0x2FE0, 0x3005 <= r && r < 0x3008, 0x3021 <= r && r < 0x3040, 0x3100 <= r && r < 0x3130,
		0x31A0 <= r && r < 0x31C0, 0x3400 <= r && r < 0x4DC0, 0x4E00 <= r && r < 0xA000, 0xF900 <= r && r < 0xFB00, 0x20000 <= r && r < chars.Limit:
		return chars.Han
	case 0xAC00 <= r && r < 0xD7B0, 0x1100 <= r && r < 0x1200, 0x3130 <= r && r < 0x3190, 0xA960 <= r && r < 0xA980, 0xD7B0 <= r && r < 0xD800:
		return chars.Hangul
	case chars.KindOf(r) == chars.Separator:
		if isTerminal(r) {
			return chars.Full
		}
		return chars.Other
	case r < 0x588, 0x1D00 <= r && r < 0x2000, 0x2C00 <= r && r < 0x2D00, 0xA640 <= r && r < 0xA6A0, 0xA720 <= r && r < 0xA800:
		// Latin, Greek, Cyrillic, Armenian. Georgian sentences have no capitals.
		if chars.Fold(r) != r && r != 'ς' {
			return chars.Upper
		}
		return chars.Lower
	}
	return chars.Plain
}
