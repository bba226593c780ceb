package shingle

import (
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The prose view works in three steps, all in integers and in one pass each.
//
// 1. The text is cut into pieces: sentences, or what stands where sentences
// should be. A piece ends at terminal punctuation, at a blank line, and at a
// line break unless the text is hard-wrapped there (joinLines). Each word adds
// to the score of its piece: function words and lower-case words raise it,
// capitals, digits and symbols lower it; the end adds what terminal
// punctuation, or the lack of it, says. A piece without punctuation inside,
// such as a menu that runs into the first sentence of the article because a
// converter put both on one line, is cut where the running score turns
// (zigzag).
//
// 2. The pieces are labelled prose or not so that the sum of the scores of the
// prose, less a cost for each change of label, is largest (Viterbi with two
// states; Pasternack and Roth, WWW 2009, call it maximum subsequence
// segmentation). That keeps a short sentence or a sub-heading between two
// paragraphs and drops a lone sentence in a sidebar.
//
// 3. Runs of prose that are small beside the largest one and far from it are
// dropped: teasers, cookie notices, footers.

// piece is a sentence, or what stands in its place: the bytes from its start
// to the start of the next piece.
type piece struct {
	start int
	score int32
	size  int32 // in quarters of a word
	gap   gap   // what stands before it
	kept  bool
	fromP bool // best predecessor label if this piece is prose
	fromN bool // and if it is not
	away  bool // prose, but dropped in step 3
	stop  bool // ends with terminal punctuation, or is in a script without it
	list  bool // has the digits and commas of a list or a table
}

// gap is what separates a piece from the one before it.
type gap uint8

const (
	gapMid       gap = iota // nothing: the piece before was cut where its score turned
	gapSentence             // the end of a sentence
	gapLine                 // a line break
	gapParagraph            // a blank line, or the start of the text
)

// prose is the scratch space of the prose view.
type prose struct {
	pieces []piece
}

// class is what a character is to the prose view.
type class uint8

const (
	clsOther  class = iota // punctuation and symbols that say nothing
	clsSpace               // space and other white space within a line
	clsBreak               // line break
	clsSkip                // nothing at all: soft hyphens, zero-width characters, tatweel
	clsStop                // . ! ?
	clsFull                // the same in other scripts, where no space need follow
	clsComma               // , ; and their likes
	clsColon               // :
	clsClose               // closing quotes and brackets
	clsGlue                // what joins words: apostrophe, hyphen, slash, @
	clsSymbol              // | • © and other symbols that sentences do not have
	clsDigit               // digits; from here on, parts of words
	clsLower               // letters of scripts with two cases
	clsUpper               //
	clsPlain               // letters of scripts without case, between spaces
	clsHangul              // the same, where the last syllable tells a particle
	clsMark                // combining marks
	clsHan                 // letters of scripts without spaces
	clsHira                //
	clsKata                //
	clsThai                // and of those that do not even end a sentence visibly
)

// proseTables is what the prose view looks up: the class of each character
// below U+0800 and the function words.
type proseTables struct {
	class [0x800]class
	words *[functionSlots]uint32
}

var tables = sync.OnceValue(func() *proseTables {
	t := &proseTables{words: functionTable()}
	for r := range t.class {
		t.class[r] = proseClass(rune(r))
	}
	return t
})

// proseClass returns the class of r. Ranges, not the Unicode tables, decide
// wherever a new version of Unicode might change its mind.
func proseClass(r rune) class {
	switch {
	case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == 0x85 || r == 0x2028 || r == 0x2029:
		return clsBreak
	case r <= ' ' || r == 0x7F || 0x80 <= r && r <= 0xA0 || r == 0x1680 || 0x2000 <= r && r <= 0x200A || r == 0x202F || r == 0x205F ||
		r == 0x3000:
		return clsSpace
	case r >= 0x80 && kindOf(r) == kindIgnored:
		return clsSkip
	}
	switch r {
	case '.', '!', '?', 0xFF0E, 0xFF01, 0xFF1F, 0x203C, 0x203D, 0x2047, 0x2048, 0x2049, 0x37E:
		return clsStop
	case 0x3002, 0xFF61, 0x964, 0x965, 0x61F, 0x6D4, 0x589, 0x1362, 0x1367, 0x1368, 0x17D4, 0x17D5, 0x104A, 0x104B, 0xE2F,
		0xE5A, 0xE5B, 0x700, 0x701, 0x702, 0x9F7, 0xABF0:
		return clsFull
	case ',', ';', 0xFF0C, 0xFF1B, 0x3001, 0xFF64, 0x60C, 0x61B, 0x55D, 0x1363, 0x1364:
		return clsComma
	case ':', 0xFF1A:
		return clsColon
	case '"', ')', ']', 0x201D, 0x201C, 0x201E, 0xBB, 0x300D, 0x300F, 0xFF09, 0x3011, 0xFF3D, 0xFF63, 0x300B, 0xFF02:
		return clsClose
	case '\'', 0x2019, 0x2018, 0x2BC, 0x2BB, 0xFF07, '-', 0x2010, 0x2011, 0xFF0D, '/', '@', '&', 0x5BE, 0x5F3, 0x5F4, 0xFF0F:
		return clsGlue
	case '|', 0xFF5C, 0x2022, 0xB7, 0x30FB, 0x203A, 0x2039, 0xA9, 0xAE, 0x2122, '_', '=', '{', '}', '<', '>', '\\', '#', '*', '+', '^',
		'~', 0x25B6, 0x25BA, 0x2192, 0x25CF, 0x25A0, 0x2190, 0x2191, 0x2193, 0xD7:
		return clsSymbol
	}
	switch {
	case '0' <= r && r <= '9', 0xFF10 <= r && r <= 0xFF19, 0x660 <= r && r <= 0x669, 0x6F0 <= r && r <= 0x6F9, 0x966 <= r && r <= 0x96F,
		0xE50 <= r && r <= 0xE59:
		return clsDigit
	case r < 0xC0:
		if 'a' <= r && r <= 'z' || r == 0xAA || r == 0xB5 || r == 0xBA {
			return clsLower
		} else if 'A' <= r && r <= 'Z' {
			return clsUpper
		}
		return clsOther
	case r == 0xF7:
		return clsOther
	case 0x300 <= r && r <= 0x36F, 0x483 <= r && r <= 0x489, 0x591 <= r && r <= 0x5BD, 0x5BF <= r && r <= 0x5C7,
		0x610 <= r && r <= 0x61A, 0x64B <= r && r <= 0x65F, r == 0x670, 0x6D6 <= r && r <= 0x6DC, 0x6DF <= r && r <= 0x6ED,
		0x3099 <= r && r <= 0x309A, 0x302A <= r && r <= 0x302F, 0x1DC0 <= r && r <= 0x1DFF, 0x20D0 <= r && r <= 0x20FF, 0xFE20 <= r && r <= 0xFE2F:
		return clsMark
	case 0x2000 <= r && r < 0x2C00, 0x2E00 <= r && r < 0x2E80, 0x3003 <= r && r < 0x3005, 0x3008 <= r && r < 0x3021,
		0xFE10 <= r && r < 0xFE70, 0xFF00 <= r && r <= 0xFF20, 0xFF3B <= r && r <= 0xFF40, 0xFF5B <= r && r <= 0xFF65, 0xFFE0 <= r && r < 0x10000,
		0x1F000 <= r && r < 0x20000, 0xE000 <= r && r < 0xF900, r == 0x387, 0x55A <= r && r <= 0x55F, r == 0x5C0, r == 0x5C3, r == 0x66A,
		0x600 <= r && r < 0x610, r == 0x66B, r == 0x66C, r == 0x66D, r == 0x61E, r == 0x970:
		return clsOther
	case 0xE00 <= r && r < 0xF00, 0x1000 <= r && r < 0x10A0, 0x1780 <= r && r < 0x1800, 0xAA60 <= r && r < 0xAA80:
		return clsThai
	case 0x3040 <= r && r < 0x30A0:
		return clsHira
	case 0x30A0 <= r && r < 0x3100, 0x31F0 <= r && r < 0x3200, 0xFF66 <= r && r < 0xFF9E:
		return clsKata
	case 0x2E80 <= r && r < 0x2FE0, 0x3005 <= r && r < 0x3008, 0x3021 <= r && r < 0x3040, 0x3100 <= r && r < 0x3130,
		0x31A0 <= r && r < 0x31C0, 0x3400 <= r && r < 0x4DC0, 0x4E00 <= r && r < 0xA000, 0xF900 <= r && r < 0xFB00, 0x20000 <= r && r < 0x40000:
		return clsHan
	case 0xAC00 <= r && r < 0xD7B0, 0x1100 <= r && r < 0x1200, 0x3130 <= r && r < 0x3190, 0xA960 <= r && r < 0xA980, 0xD7B0 <= r && r < 0xD800:
		return clsHangul
	case kindOf(r) == kindSeparator:
		return clsOther
	case r < 0x588, 0x1D00 <= r && r < 0x2000, 0x2C00 <= r && r < 0x2D00, 0xA640 <= r && r < 0xA6A0, 0xA720 <= r && r < 0xA800:
		// Latin, Greek, Cyrillic, Armenian. Georgian sentences have no capitals.
		if foldRune(r) != r && r != 'ς' {
			return clsUpper
		}
		return clsLower
	}
	return clsPlain
}

// W holds the points while they are being tuned.
var W = struct {
	Function, Lower, Capital, AllCaps, Digit, Glued, Symbol, Comma     int32
	Stop, StopShort, MinSentence, NoStop, NoStopMin, Floor, FloorShare int32
	Hira, Turn, Dry, DryCost, ListShare, ListScore, Colon              int32
	Mid, Sentence, Line, Paragraph                                     int32
	DryDrop, DryComma, Dense, ListStop, Boiler                         int32
	MinProse, MinShare, Island, Near, Clean, CleanHead, Head           int64
}{
	Function: 4, Lower: 1, Capital: -2, AllCaps: -2, Digit: -2, Glued: 0, Symbol: -4, Comma: 1,
	Stop: 6, StopShort: 1, MinSentence: 5, NoStop: -2, NoStopMin: -30, Floor: 0, FloorShare: 8,
	Hira: 1, Turn: 14, Dry: 30, DryCost: 3, ListShare: 5, ListScore: 2, Colon: -30,
	Mid: 12, Sentence: 8, Line: 6, Paragraph: 5,
	DryDrop: 0, DryComma: 1, Dense: 60, ListStop: 1, Boiler: -8,
	MinProse: 80, MinShare: 12, Island: 8, Near: 0, Clean: 5, CleanHead: 25, Head: 40,
}

// hanFunction are the Chinese characters that carry grammar.
const hanFunction = "的了是在和有不也与與为為对對将將就以及而但被把于於从從这這那其并並所等她他们們我你它之中上下后後前时時会會要说說到都还還没"

// cutter cuts a text into pieces.
type cutter struct {
	pieces []piece
	t      *proseTables

	gap   gap
	start int
	score int32
	size  int32
	words int32
	// The extremes of the running score, where they were reached, and whether
	// the running score is known to be going up or down.
	hi, lo              int32
	hiPos, loPos        int
	hiSize, loSize      int32
	up, down            bool
	funcs, marks, since int32 // function words; digits and commas; words since the last punctuation
	thai                int32 // size in scripts that do not end a sentence visibly
}

// begin starts a piece.
func (z *cutter) begin(start int, g gap) {
	z.gap, z.start = g, start
	z.score, z.size, z.words, z.thai = 0, 0, 0, 0
	z.hi, z.lo, z.hiPos, z.loPos, z.hiSize, z.loSize = 0, 0, start, start, 0, 0
	z.up, z.down = false, false
	z.funcs, z.marks, z.since = 0, 0, 0
}

// emit appends the piece up to byte end.
func (z *cutter) emit(score, size int32) {
	z.pieces = append(z.pieces, piece{start: z.start, score: score, size: size, gap: z.gap, list: z.marks*W.ListShare >= z.words && z.words >= 3})
}

// word adds a word that ends before byte end, and cuts the piece where the
// running score turned.
func (z *cutter) word(points, size int32, end int) {
	z.words++
	z.size += size
	if z.since++; z.since == W.Dry {
		z.score -= W.DryDrop
		z.hi -= W.DryDrop
	} else if z.since > W.Dry {
		points -= W.DryCost
	}
	if points == W.Function {
		z.funcs++
	}
	z.score += points
	if !z.down && z.score >= z.hi {
		z.hi, z.hiPos, z.hiSize = z.score, end, z.size
	}
	if !z.up && z.score <= z.lo {
		z.lo, z.loPos, z.loSize = z.score, end, z.size
	}
	if !z.down && z.score <= z.hi-W.Turn {
		z.cut(z.hi, z.hiSize, z.hiPos)
		z.up, z.down = false, true
		z.lo, z.loPos, z.loSize = z.score, end, z.size
	} else if !z.up && z.score >= z.lo+W.Turn {
		z.cut(z.lo, z.loSize, z.loPos)
		z.up, z.down = true, false
		z.hi, z.hiPos, z.hiSize = z.score, end, z.size
	}
}

// cut ends the piece at byte pos and begins the next one there.
func (z *cutter) cut(score, size int32, pos int) {
	if size > 0 {
		z.emit(score, size)
		z.start, z.gap = pos, gapMid
		z.funcs, z.marks, z.words = 0, 0, 0
		z.score -= score
		z.size -= size
	}
}

// finish ends the piece at a real boundary and begins the next one at byte
// next, after g.
func (z *cutter) finish(stop class, next int, g gap) {
	if z.size == 0 {
		// Nothing but punctuation: it goes with what follows, after the wider gap.
		g = max(g, z.gap)
		if len(z.pieces) > 0 && z.start > 0 {
			z.begin(z.start, g)
		} else {
			z.begin(z.start, gapParagraph)
		}
		return
	}
	words := z.size / 4
	stopped := false
	switch {
	case stop == clsStop || stop == clsFull:
		stopped = true
		if W.ListStop != 0 && z.marks*W.ListShare >= words && words >= 3 {
			z.score = max(z.score, W.ListScore)
		}
		if words >= W.MinSentence {
			z.score += W.Stop
		} else {
			z.score += W.StopShort
		}
		if z.funcs*W.FloorShare >= words && words >= W.MinSentence {
			z.score = max(z.score, W.Floor)
		}
	case stop == clsColon:
		z.score = max(z.score+W.NoStop, W.Colon)
	case 2*z.thai > z.size:
		stopped = true
		z.score -= 10
	default:
		z.score += max(W.NoStop*(words+1), W.NoStopMin)
		if z.marks*W.ListShare >= words && words >= 3 {
			z.score = max(z.score, W.ListScore)
		}
	}
	z.emit(z.score, z.size)
	z.pieces[len(z.pieces)-1].stop = stopped
	z.begin(next, g)
}

// scanPieces appends the pieces of text to dst.
func scanPieces[T string | []byte](dst []piece, text T) []piece {
	z := cutter{pieces: dst, t: tables()}
	z.begin(0, gapParagraph)
	n := len(text)
	var (
		lineStart = 0  // first byte of the line
		cols      = 0  // bytes of the line that are not columns
		width     = -1 // widest line of the paragraph, -1 if not known
		glued     = false
		last      = clsSpace // the last class that was not space
		lastLen   = 0        // length of the last word, in bytes
		lastUpper = false
	)
	for i := 0; i < n; {
		var (
			r   rune
			w   = 1
			cls class
		)
		if c := text[i]; c < utf8.RuneSelf {
			r, cls = rune(c), z.t.class[c]
		} else {
			r, w = decodeRune(text, i)
			if r < 0x800 {
				cls = z.t.class[r]
			} else {
				cls = proseClass(r)
			}
			cols += w - 1
			if cls == clsMark || cls == clsSkip {
				cols++
			}
		}
		switch cls {
		case clsDigit, clsLower, clsUpper, clsPlain, clsHangul, clsMark:
			var wd word
			wd, i, cols = scanWord(z.t, text, i, cols)
			pts := wd.points
			if z.size == 0 && pts < 0 && wd.first == clsUpper {
				pts = 0
			}
			if glued && pts < W.Function {
				pts = W.Glued
			}
			z.word(pts, wd.size, i)
			if wd.first == clsDigit {
				z.marks++
			}
			lastLen, lastUpper = wd.letters, wd.first == clsUpper
			last, glued = cls, false
			continue
		case clsHan, clsHira, clsKata, clsThai:
			var pts, size int32
			var j int
			pts, size, j, cols = scanSolo(z.t, text, i, cols)
			if cls == clsThai {
				z.thai += size
			}
			i = j
			z.word(pts, size, i)
			last, glued, lastLen, lastUpper = cls, false, 9, false
			continue
		case clsSpace:
			glued = false
			i += w
			continue
		case clsSkip:
			i += w
			continue
		case clsStop, clsFull:
			// The end of a sentence, if white space follows the closing quotes.
			j := i + w
			for j < n {
				q, qw, qc := at(z.t, text, j)
				if qc == clsStop || qc == clsFull || qc == clsClose || qc == clsGlue && (q == '\'' || q == 0x2019) || qc == clsSkip {
					j += qw
					continue
				}
				break
			}
			ends := cls == clsFull
			if j == n {
				ends = true
			} else if _, _, qc := at(z.t, text, j); qc == clsSpace || qc == clsBreak || text[j] == '[' || qc >= clsHan {
				ends = true
			}
			if r == '.' && j == i+1 && (last == clsStop || lastLen <= 1 && lastUpper || lastLen <= 2 && last == clsDigit && z.words == 1) {
				ends = false // an initial, a list number
			}
			if j >= i+3 && r == '.' && text[i+1] == '.' && text[i+2] == '.' {
				ends = false // an ellipsis
			}
			last, glued = clsStop, true
			i = j
			if ends && z.size > 0 {
				z.finish(clsStop, i, gapSentence)
			}
			continue
		case clsComma:
			if z.size > 0 {
				z.score += W.Comma
				z.marks++
			}
			if W.DryComma != 0 {
				z.since = 0
			}
			last = cls
		case clsColon:
			last, glued = cls, true
		case clsGlue:
			if r == '-' && i > 0 && text[i-1] <= ' ' {
				z.marks++
			}
			glued = true
			last = cls
		case clsSymbol:
			z.score += W.Symbol
			last = cls
		case clsBreak:
			next, blank := lineAfter(z.t, text, i)
			if blank {
				z.finish(last, next, gapParagraph)
				width = -1
			} else {
				if z.size == 0 || !joinLines(z.t, text, lineStart, i, cols, next, &width, last, z.words) {
					z.finish(last, next, gapLine)
				}
			}
			i, lineStart, cols, glued = next, next, 0, false
			continue
		default:
			last = cls
			if W.DryComma != 0 {
				z.since = 0
			}
			if r == '(' || r == '–' || r == '—' {
				z.marks++
			}
		}
		i += w
	}
	z.finish(last, n, gapParagraph)
	return z.pieces
}

// at returns the character at byte i, its length and its class.
func at[T string | []byte](t *proseTables, text T, i int) (rune, int, class) {
	if c := text[i]; c < utf8.RuneSelf {
		return rune(c), 1, t.class[c]
	}
	r, w := decodeRune(text, i)
	if r < 0x800 {
		return r, w, t.class[r]
	}
	return r, w, proseClass(r)
}

// lineAfter returns the start of the line after the line break at byte i, and
// whether a blank line comes before it.
func lineAfter[T string | []byte](t *proseTables, text T, i int) (next int, blank bool) {
	breaks := 0
	next = i
	for i < len(text) {
		r, w, c := at(t, text, i)
		if c == clsBreak {
			if r == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				w = 2
			}
			i += w
			breaks++
			next = i
			if r == 0x2029 || r == '\f' {
				breaks++
			}
		} else if c == clsSpace || c == clsSkip {
			i += w
		} else {
			break
		}
	}
	return next, breaks > 1 || i >= len(text)
}

// maxWrap is the widest line, in characters, that is taken to have been
// wrapped by a program.
const maxWrap = 120

// joinLines reports whether the sentence goes on across the single line break
// at byte end, to the line at byte next.
func joinLines[T string | []byte](t *proseTables, text T, start, end, cols, next int, width *int, last class, words int32) bool {
	i := next
	var c class
	var r rune
	w := 0
	for i < len(text) {
		r, w, c = at(t, text, i)
		if c != clsSpace && c != clsSkip {
			break
		}
		i += w
	}
	switch c {
	case clsSymbol:
		return false // a list marker, a heading, a table
	case clsGlue:
		if r == '-' || r == '@' {
			return false
		}
	case clsLower:
		if words >= 4 || last == clsComma {
			return true
		}
	}
	if last == clsComma {
		return true
	}
	// Would the first word of the next line have fitted on this one?
	if *width < 0 {
		*width = widest(t, text, start)
	}
	if *width > maxWrap || *width < 40 {
		return false
	}
	first := 0
	for i < len(text) {
		_, w, c := at(t, text, i)
		if c == clsSpace || c == clsBreak {
			break
		}
		first++
		i += w
		if c >= clsHan || first > maxWrap {
			break
		}
	}
	return end-start-cols+1+first > *width
}

// widest returns the number of characters of the longest line in the
// paragraph that has a line at byte i.
func widest[T string | []byte](t *proseTables, text T, i int) int {
	width := 0
	for i < len(text) {
		n, j, ink := 0, i, false
		for j < len(text) {
			c := text[j]
			if c == '\n' || c == '\r' {
				break
			}
			if c&0xC0 != 0x80 {
				n++
			}
			ink = ink || c > ' '
			j++
		}
		if !ink {
			break
		}
		width = max(width, n)
		if width > maxWrap {
			break
		}
		if j+1 < len(text) && text[j] == '\r' && text[j+1] == '\n' {
			j++
		}
		i = j + 1
	}
	return width
}

// word is what a word says about the sentence it stands in.
type word struct {
	points  int32
	size    int32
	letters int
	first   class
}

// scanWord reads the word at byte i.
func scanWord[T string | []byte](t *proseTables, text T, i, cols int) (word, int, int) {
	var (
		h       uint64
		letters int
		start   = i
		first   class
		lower   bool
		odd     bool // has characters that normalisation may change
		lastR   rune
	)
	for i < len(text) {
		c := text[i]
		if c < utf8.RuneSelf {
			cls := t.class[c]
			if cls < clsDigit {
				break
			}
			if letters == 0 {
				first = cls
			}
			lower = lower || cls == clsLower
			h = wordStep(h, c|0x20)
			letters++
			i++
			continue
		}
		r, w, cls := at(t, text, i)
		if cls < clsDigit && cls != clsSkip || cls >= clsHan {
			break
		}
		cols += w - 1
		switch {
		case cls == clsSkip:
			cols++
		default:
			if cls == clsMark {
				cols++
			}
			odd = odd || isOdd(r)
			if letters == 0 {
				first = cls
			}
			lower = lower || cls == clsLower
			if cls == clsUpper {
				r = foldRune(r)
				var b [utf8.UTFMax]byte
				for _, c := range b[:utf8.EncodeRune(b[:], r)] {
					h = wordStep(h, c)
				}
			} else {
				for k := i; k < i+w; k++ {
					h = wordStep(h, text[k])
				}
			}
			if cls != clsMark {
				letters++
			}
			lastR = r
		}
		i += w
	}
	if odd {
		return oddWord(t, string(text[start:i])), i, cols
	}
	wd := word{size: 4, letters: letters, first: first}
	switch first {
	case clsDigit:
		wd.points = W.Digit
	case clsLower, clsPlain:
		if i-start <= maxFunctionWord && isFunctionWord(t.words, h) {
			wd.points = W.Function
		} else if isBoilerplate(h) {
			wd.points = W.Boiler
		} else if first == clsLower {
			wd.points = W.Lower
		}
	case clsUpper:
		if lower || letters < 2 {
			wd.points = W.Capital
		} else if i-start <= maxFunctionWord && isFunctionWord(t.words, h) {
			wd.points = W.Function
		} else {
			wd.points = W.AllCaps
		}
	case clsHangul:
		if letters >= 2 && isParticle(lastR) {
			wd.points = 2
		}
	}
	return wd, i, cols
}

// isOdd reports whether normalisation may change a word because it has r.
func isOdd(r rune) bool {
	k := kindOf(r)
	return k == kindComplex || k == kindComplexMark
}

// oddWord is scanWord for a word that normalisation may change.
func oddWord(t *proseTables, s string) word {
	c := norm.NFKC.String(s)
	if c == s {
		return word{size: 4, letters: 2, first: clsPlain}
	}
	wd, i, _ := scanWord(t, c, 0, 0)
	if i == 0 {
		wd = word{size: 4, letters: 1, first: clsPlain}
	}
	return wd
}

// isParticle reports whether a Korean word that ends with r is likely to end
// with a particle or a verb ending.
func isParticle(r rune) bool {
	switch r {
	case '은', '는', '이', '가', '을', '를', '의', '에', '로', '와', '과', '도', '서', '고', '한', '다', '며', '지', '들', '만', '게', '면', '할', '된', '인':
		return true
	}
	return false
}

// scanSolo reads the run of letters of scripts without spaces at byte i.
func scanSolo[T string | []byte](t *proseTables, text T, i, cols int) (points, size int32, end, ncols int) {
	var chars int32
	thai := false
	for i < len(text) {
		r, w, cls := at(t, text, i)
		if cls == clsMark || cls == clsSkip {
			i += w
			cols += w
			continue
		}
		if cls < clsHan {
			break
		}
		switch cls {
		case clsHan:
			if isHanFunction(r) {
				points += 2
			}
			size += 2
		case clsHira:
			points += W.Hira
			size += 2
		case clsKata:
			size += 1
		case clsThai:
			thai = true
			size++
		}
		chars++
		cols += w - 1
		i += w
	}
	if thai {
		points += min(max((chars-12)/4, -3), 12)
	}
	return points, size, i, cols
}

func isHanFunction(r rune) bool {
	for _, f := range hanFunction {
		if f == r {
			return true
		}
	}
	return false
}

// label decides which pieces are prose.
func label(p []piece) {
	if len(p) == 0 {
		return
	}
	const edge = 0
	var v0, v1 int64 // best sum with the last piece not prose, and prose
	v1 = edge
	for i := range p {
		c := int64([...]int32{W.Mid, W.Sentence, W.Line, W.Paragraph}[p[i].gap])
		if i == 0 {
			c = 0
		}
		n0, n1 := v0, v1
		p[i].fromN = v1-c >= v0
		if p[i].fromN {
			n0 = v1 - c
		}
		p[i].fromP = v1 > v0-c
		if !p[i].fromP {
			n1 = v0 - c
		}
		v0, v1 = n0, n1+int64(p[i].score)
	}
	kept := v1 >= v0
	for i := len(p) - 1; i >= 0; i-- {
		p[i].kept = kept
		if kept {
			kept = p[i].fromP
		} else {
			kept = p[i].fromN
		}
	}
}

func isBoilerplate(h uint64) bool { return boiler[h] }

var boiler = func() map[uint64]bool {
	m := map[uint64]bool{}
	for _, w := range strings.Fields("cookie cookies privacy consent subscribe unsubscribe newsletter newsletters website login logged browser copyright advertising reserved") {
		h := uint64(0)
		for i := 0; i < len(w); i++ {
			h = wordStep(h, w[i])
		}
		m[h] = true
	}
	return m
}()
