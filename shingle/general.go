package shingle

import (
	"sync"
	"unicode"
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

	spans  bool
	toks   []token
	hashes []uint64

	tok        []byte // the open token, folded and decomposed; empty if there is none
	plain      bool   // tok is ASCII
	solo       bool   // tok is one character of a script without spaces
	gap        bool   // tokenChars: separators since the last token
	start, end int
	marks      [maxMarks]mark
	n          int // marks that wait for their order to be known
	composed   []byte
}

type mark struct {
	r   rune
	ccc uint8
}

var generalPool = sync.Pool{New: func() any { return new(general) }}

func (g *general) reset(mode tokenMode, strip bool) {
	const keep = 64 << 10
	if cap(g.tok) > keep || cap(g.composed) > keep {
		g.tok, g.composed = nil, nil
	}
	g.mode, g.strip = mode, strip
	g.tok, g.n, g.gap, g.end = g.tok[:0], 0, false, 0
}

// ascii takes an ASCII character at byte i.
func (g *general) ascii(c byte, i int) {
	switch {
	case 'A' <= c && c <= 'Z':
		c += 'a' - 'A'
	case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
	default:
		g.separator()
		return
	}
	g.base(rune(c), i, i+1)
}

// rune takes a character that is not ASCII, at bytes i to j.
func (g *general) rune(r rune, i, j int) {
	if ignorable(r) {
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
		g.decomposed(r, norm.NFKD.Properties(d[:n]).CCC(), i, j)
		d = d[n:]
	}
}

// decomposed takes a character that has no decomposition.
func (g *general) decomposed(r rune, ccc uint8, i, j int) {
	switch {
	case ignorable(r):
	case !isWord(r):
		g.separator()
	case unicode.Is(unicode.M, r):
		g.mark(r, ccc, j)
	case r == 'ß' || r == 'ẞ':
		g.base('s', i, j)
		g.base('s', i, j)
	default:
		g.base(foldRune(r), i, j)
	}
}

// base takes a folded letter or digit.
func (g *general) base(r rune, i, j int) {
	solo := g.mode == tokenChars || isSolo(r)
	if len(g.tok) > 0 {
		if solo || g.solo {
			g.flush()
		} else {
			g.flushMarks()
		}
	}
	if len(g.tok) == 0 {
		if g.gap && g.mode == tokenChars {
			g.gap = false
			g.emit(spaceHash, g.end, i)
		}
		g.start, g.solo, g.plain = i, solo, true
	}
	g.end = j
	g.plain = g.plain && r < utf8.RuneSelf
	g.tok = utf8.AppendRune(g.tok, r)
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
		g.end = j
		return
	}
	k := g.n
	for k > 0 && g.marks[k-1].ccc > ccc {
		k--
	}
	g.end = j
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
	g.plain = false
	g.tok = utf8.AppendRune(g.tok, foldRune(r))
}

func (g *general) flushMarks() {
	for _, m := range g.marks[:g.n] {
		g.addMark(m.r)
	}
	g.n = 0
}

// separator ends the open token, if there is one.
func (g *general) separator() {
	g.flush()
	g.gap = g.mode == tokenChars && g.end > 0
}

func (g *general) flush() {
	if len(g.tok) == 0 {
		return
	}
	g.flushMarks()
	b := g.tok
	if !g.plain {
		g.composed = norm.NFC.Append(g.composed[:0], b...)
		b = g.composed
	}
	g.emit(hashToken(b), g.start, g.end)
	g.tok = g.tok[:0]
}

func (g *general) emit(h uint64, start, end int) {
	if g.spans {
		g.toks = append(g.toks, token{h, start, end})
	} else {
		g.hashes = append(g.hashes, h)
	}
}
