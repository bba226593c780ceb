package shingle

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks in a row, in canonical order, belong to
// a character; more are ignored. It is the limit of the Stream-Safe Text
// Format (UAX #15, section 13). No orthography needs more than a handful.
const maxMarks = 30

// general is the path that defines what a token is: one character at a time,
// for any text. It takes the characters of a text in order and appends each
// token as soon as the next character shows that it has ended.
//
// A character is replaced by its compatibility decomposition, its marks are
// put into canonical order, and each result is case folded; the token is what
// canonical composition then makes of it. This is toNFKC_Casefold of the
// Unicode Standard (section 3.13, definition R5), applied to one token.
type general struct {
	mode  tokenMode
	strip bool // drop diacritics

	found   []token
	any     bool // tokenChars: there was a token
	gap     bool // tokenChars: there was a separator after it
	lastEnd int

	tok        []byte // the open token, folded and decomposed; empty if there is none
	plain      bool   // tok is ASCII
	solo       bool   // tok is one character of a script without spaces
	last       rune   // the last letter or digit of tok, 0 if marks follow it
	start, end int
	marks      [maxMarks]mark
	n          int // marks that wait for their order to be known
	composed   []byte
}

var joiner = []byte("\u034f")

type mark struct {
	r   rune
	ccc uint8
}

func (g *general) reset(mode tokenMode, strip bool) {
	g.mode, g.strip = mode, strip
	g.any, g.gap = false, false
	g.tok, g.n, g.found = g.tok[:0], 0, g.found[:0]
}

// take takes a character at bytes i to j, utf8.RuneError for a byte that is not
// part of one.
func (g *general) take(r rune, i, j int) {
	if r < utf8.RuneSelf {
		g.ascii(byte(r), i, j)
	} else {
		g.rune(r, i, j)
	}
}

// ascii takes an ASCII character, or one that decomposes into some, at bytes i
// to j.
func (g *general) ascii(c byte, i, j int) {
	switch {
	case 'A' <= c && c <= 'Z':
		c += 'a' - 'A'
	case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
	default:
		g.separator()
		return
	}
	g.base(rune(c), i, j)
}

// rune takes a character that is not ASCII, at bytes i to j.
func (g *general) rune(r rune, i, j int) {
	switch kindOf(r) {
	case kindIgnored:
		return
	case kindSeparator:
		g.separator()
		return
	}
	if hangulBase <= r && r < hangulEnd { // Decomposition leaves these out
		s := r - hangulBase
		g.base(jamoL+s/(jamoVs*jamoTs), i, j)
		g.base(jamoV+s/jamoTs%jamoVs, i, j)
		if s%jamoTs != 0 {
			g.base(jamoT+s%jamoTs, i, j)
		}
		return
	}
	var b [utf8.UTFMax]byte
	p := norm.NFKD.Properties(b[:utf8.EncodeRune(b[:], r)])
	d := p.Decomposition()
	if d == nil {
		g.decomposed(r, p.CCC(), i, j)
		return
	}
	for len(d) > 0 {
		r, n := utf8.DecodeRune(d)
		if r < utf8.RuneSelf {
			g.ascii(byte(r), i, j)
		} else {
			g.decomposed(r, norm.NFKD.Properties(d[:n]).CCC(), i, j)
		}
		d = d[n:]
	}
}

// Hangul syllables and the letters they are made of (Unicode Standard,
// section 3.12).
const (
	hangulBase, hangulEnd  = 0xAC00, 0xD7A4
	jamoL, jamoV, jamoT    = 0x1100, 0x1161, 0x11A7
	jamoLs, jamoVs, jamoTs = 19, 21, 28
)

// decomposed takes a character that is not ASCII and has no decomposition.
func (g *general) decomposed(r rune, ccc uint8, i, j int) {
	switch kindOf(r) {
	case kindIgnored:
	case kindSeparator:
		g.separator()
	case kindComplexMark, kindLoneMark, kindPlainMark:
		g.mark(r, ccc, j)
	default:
		if r == 'ß' || r == 'ẞ' {
			g.base('s', i, j)
			r = 's'
		}
		g.base(foldRune(r), i, j)
	}
}

// base takes a folded letter or digit.
func (g *general) base(r rune, i, j int) {
	solo := g.mode == tokenChars || r >= utf8.RuneSelf && kindOf(r) == kindSolo
	if len(g.tok) > 0 {
		if solo && g.joins(r) {
			g.flushMarks()
		} else if solo || g.solo {
			g.flush()
		} else {
			g.flushMarks()
		}
	}
	if len(g.tok) == 0 {
		g.start, g.solo, g.plain = i, solo, true
	}
	g.end = j
	g.last = r
	g.plain = g.plain && r < utf8.RuneSelf
	g.tok = utf8.AppendRune(g.tok, r)
}

// joins reports whether r is the next part of the Hangul syllable that the
// open token is, and the open token does not end in a mark.
func (g *general) joins(r rune) bool {
	switch {
	case jamoV <= r && r < jamoV+jamoVs:
		return jamoL <= g.last && g.last < jamoL+jamoLs
	case jamoT < r && r < jamoT+jamoTs:
		return jamoV <= g.last && g.last < jamoV+jamoVs && len(g.tok) > 3
	}
	return false
}

// mark takes a combining mark. A mark without a letter or digit before it
// belongs to no token. Marks are kept in canonical order: a stable insertion
// by combining class, where a mark of class 0 lets nothing pass.
func (g *general) mark(r rune, ccc uint8, j int) {
	if len(g.tok) == 0 {
		return
	}
	if g.strip && isDiacritic(r) {
		g.end = j
		return
	}
	if ccc == 0 {
		g.flushMarks()
		g.addMark(r)
		g.end, g.last = j, 0
		return
	}
	k := g.n
	for k > 0 && g.marks[k-1].ccc > ccc {
		k--
	}
	g.end, g.last = j, 0
	if k == maxMarks {
		return
	}
	if g.n < maxMarks {
		g.n++
	}
	copy(g.marks[k+1:g.n], g.marks[k:])
	g.marks[k] = mark{r, ccc}
}

func (g *general) addMark(r rune) {
	if r == 0x345 { // COMBINING GREEK YPOGEGRAMMENI, the one mark that folds
		r = 'ι'
	}
	g.plain = false
	g.tok = utf8.AppendRune(g.tok, r)
}

func (g *general) flushMarks() {
	for _, m := range g.marks[:g.n] {
		g.addMark(m.r)
	}
	g.n = 0
}

// separator takes a separator.
func (g *general) separator() {
	g.flush()
	g.gap = true
}

// flush ends the open token, if there is one.
func (g *general) flush() {
	if len(g.tok) == 0 {
		return
	}
	g.flushMarks()
	b := g.tok
	if !g.plain {
		g.composed = norm.NFC.Append(g.composed[:0], b...)
		b = g.composed
		if len(b) > maxMarks {
			// Append puts a combining grapheme joiner after 30 characters that
			// do not start a sequence.
			b = bytes.ReplaceAll(b, joiner, nil)
		}
	}
	g.emit(hashToken(b), g.start, g.end)
	g.tok = g.tok[:0]
}

// emit takes a token that is complete.
func (g *general) emit(h uint64, start, end int) {
	if g.mode == tokenChars {
		if g.gap && g.any {
			g.found = append(g.found, token{spaceHash, g.lastEnd, start})
		}
		g.any, g.gap, g.lastEnd = true, false, end
	}
	g.found = append(g.found, token{h, start, end})
}
