package shingle

import (
	"math/bits"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The prose view works in three steps, all in integers and each in one pass.
//
// 1. The text is cut into pieces: sentences, or what stands where sentences
// should be. A piece ends at terminal punctuation, at a blank line, and at a
// line break unless the text is hard-wrapped there (joinLines). Each word adds
// to the score of its piece: function words and words in lower case raise it;
// capitals, numbers and symbols lower it. The end of the piece adds what
// terminal punctuation, or the lack of it, says. A menu that runs into the
// first sentence of the article, because a converter put both on one line, is
// cut off where the running score turns ([cutter.word]).
//
// 2. The pieces are labelled prose or not, so that the sum of the scores of the
// prose, less a cost for each change of label, is largest ([label]). This keeps a
// short sentence or a sub-heading between two paragraphs, and drops a lone
// sentence in a sidebar. Pasternack and Roth (WWW 2009) call it maximum
// subsequence segmentation; the scores of theirs are learnt.
//
// 3. Runs of prose are dropped that are small beside the largest one, such as
// teasers, cookie notices and footers, or that have hardly a full stop in them,
// such as headlines in a row ([dropIslands]). And where next to nothing would
// be dropped, nothing is ([proseBlocks]).

// piece is a sentence, or what stands in its place: the bytes from its start
// to the start of the next piece.
type piece struct {
	start int
	score int32
	size  int32 // in quarters of a word
	gap   gap   // what stands before it
	list  bool  // has the numbers and commas of a list or a table
	stop  bool  // ends with terminal punctuation
	bare  bool  // is in a script without

	kept  bool // is prose
	away  bool // is prose, but dropped in step 3
	fromN bool // the best label before it, if it is not prose, is prose
	fromP bool // the best label before it, if it is prose, is prose
}

// gap is what separates a piece from the one before it.
type gap uint8

const (
	gapMid       gap = iota // nothing: the piece before was cut where its score turned
	gapSentence             // the end of a sentence
	gapLine                 // a line break
	gapParagraph            // a blank line, or the start of the text
)

// Points of score. They were set by hand, and checked for being on a plateau by
// changing one at a time, on pages of which half the sites were never looked at.
const (
	ptFunction    = 4  // a function word
	ptLower       = 1  // another word in lower case
	ptCapital     = -2 // a capitalised word that does not begin the piece
	ptAllCaps     = -2 // a word in capitals
	ptDigit       = -2 // a number
	ptBoilerplate = -8 // one of the few words of cookie notices and the like
	ptParticle    = 2  // a Korean word that ends with a particle, a Chinese character that carries grammar
	ptHira        = 1  // a hiragana
	ptSymbol      = -4 // a symbol that sentences do not have
	ptComma       = 1
	ptStop        = 6  // terminal punctuation after at least minSentence words
	ptStopShort   = 1  // terminal punctuation after fewer
	ptNoStop      = -2 // no terminal punctuation, and as much again for each word
	ptNoStopLeast = -30
	ptNoStopThai  = -10 // the same in scripts without terminal punctuation
	ptList        = 2   // least score of an item of a list or a row of a table
	ptDry         = -3  // each word after the first dry ones without punctuation

	minSentence = 5
	listShare   = 5  // items of lists have one number, comma, dash or bracket in so many words
	dry         = 30 // words

	turn  = 16 // how far the running score falls or rises before a piece is cut,
	least = 4  // if the part cut off has this score or its negative
)

// changeCost is what a change of label costs at each gap.
var changeCost = [...]int64{gapMid: 16, gapSentence: 8, gapLine: 6, gapParagraph: 5}

// Sizes in quarters of a word: a Chinese word has about two characters, a Thai
// one four.
const (
	sizeWord = 4
	sizeHan  = 2
	sizeKata = 1
	sizeThai = 1
)

const (
	minProse    = 20 * sizeWord // least prose in a text,
	minText     = 40 * sizeWord // least words of a text of which any are dropped
	minShare    = 24            // least share of it: one part in so many
	island      = 7             // a run of prose smaller than one part in so many of the largest is dropped
	headlines   = 60            // as is one with more than so many words to a full stop,
	minHeadings = 20 * sizeWord // if it is not too short to tell
	codeShare   = 12            // source code has a brace or an equals sign to so many words or fewer
	maxByline   = 20 * sizeWord // a list before the first sentence is kept if it has more words
	clean       = 5             // where no more than so many parts in a hundred are menus, nothing is dropped,
	cleanHead   = 20            // or so many, in a text that begins with prose
)

// prose is the scratch space of the prose view.
type prose struct {
	pieces      []piece
	raw, folded []byte // a word and its normal form
	iter        norm.Iter
	code        int64 // braces and equals signs
}

// class is what a character is to the prose view.
type class uint8

const (
	clsOther  class = iota // punctuation and symbols that say nothing
	clsSpace               // white space within a line
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
	clsThai                // and of those without terminal punctuation either: Thai, Lao, Khmer, Burmese
)

// proseTables is what the prose view looks up: the class of each character
// below U+0800, and words.
type proseTables struct {
	class [0x800]class
	words wordTable
}

var tables = sync.OnceValue(func() *proseTables {
	t := new(proseTables)
	for r := range t.class {
		t.class[r] = proseClass(rune(r))
	}
	t.words.add(functionWords, false)
	t.words.add(boilerplateWords, true)
	return t
})

// at returns the character at byte i, its length and its class.
func at[T string | []byte](t *proseTables, text T, i int) (rune, int, class) {
	c := text[i]
	switch {
	case c < utf8.RuneSelf:
		return rune(c), 1, t.class[c]
	case 0xC2 <= c && c < 0xE0 && i+1 < len(text) && text[i+1]&0xC0 == 0x80:
		r := rune(c&0x1F)<<6 | rune(text[i+1]&0x3F)
		return r, 2, t.class[r&0x7FF]
	case 0xE3 <= c && c < 0xED && i+2 < len(text) && text[i+1]&0xC0 == 0x80 && text[i+2]&0xC0 == 0x80:
		r := rune(c&0xF)<<12 | rune(text[i+1]&0x3F)<<6 | rune(text[i+2]&0x3F)
		if 0x4E00 <= r && r < 0xA000 {
			return r, 3, clsHan
		}
		return r, 3, proseClass(r)
	}
	r, n := decodeRune(text, i)
	return r, n, proseClass(r)
}

// proseClass returns the class of r. It is frozen with the scheme, as what a
// token is: ranges and [kindOf] decide, not the Unicode tables of the Go release.
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
		0x3099 <= r && r <= 0x309A, 0x302A <= r && r <= 0x302F, 0x1DC0 <= r && r <= 0x1DFF, 0x20D0 <= r && r <= 0x20FF, 0xFE20 <= r && r <= 0xFE2F, r == 0xFF9E, r == 0xFF9F:
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

// cutter cuts a text into pieces.
type cutter struct {
	pieces []piece
	t      *proseTables
	p      *prose

	// The piece that is open.
	start int
	gap   gap
	score int32
	size  int32
	words int32
	marks int32 // numbers, commas, dashes and brackets
	since int32 // words since the last punctuation
	thai  int32 // size in scripts without terminal punctuation
	// The extremes of the running score, where they were reached, and whether
	// the score is known to have turned up or down before.
	hi, lo         int32
	hiPos, loPos   int
	hiSize, loSize int32
	up, down       bool
}

// begin opens a piece.
func (z *cutter) begin(start int, g gap) {
	z.start, z.gap = start, g
	z.score, z.size, z.words, z.marks, z.since, z.thai = 0, 0, 0, 0, 0, 0
	z.hi, z.lo, z.hiPos, z.loPos, z.hiSize, z.loSize = 0, 0, start, start, 0, 0
	z.up, z.down = false, false
}

// isList reports whether the open piece has the numbers and commas of a list.
func (z *cutter) isList() bool { return z.words >= 3 && z.marks*listShare >= z.words }

// word adds a word that ends before byte end. If the running score has fallen
// by turn since it was highest, or risen since it was lowest, the piece is cut
// at that extreme: what runs together there differs in kind.
func (z *cutter) word(points, size int32, end int) {
	z.words++
	z.size += size
	if z.since++; z.since > dry {
		points += ptDry
	}
	z.score += points
	if !z.down {
		if z.score >= z.hi {
			z.hi, z.hiPos, z.hiSize = z.score, end, z.size
		} else if z.score <= z.hi-turn {
			z.cut(z.hi, z.hiSize, z.hiPos)
			z.up, z.down = false, true
			z.lo, z.loPos, z.loSize = z.score, end, z.size
			return
		}
	}
	if !z.up {
		if z.score <= z.lo {
			z.lo, z.loPos, z.loSize = z.score, end, z.size
		} else if z.score >= z.lo+turn {
			z.cut(z.lo, z.loSize, z.loPos)
			z.up, z.down = true, false
			z.hi, z.hiPos, z.hiSize = z.score, end, z.size
		}
	}
}

// cut ends the piece at byte pos, where it had the score and size given, and
// opens the next one there.
func (z *cutter) cut(score, size int32, pos int) {
	if -least < score && score < least {
		return // too little to be of another kind
	}
	thai := 2*z.thai > z.size
	z.pieces = append(z.pieces, piece{start: z.start, score: score, size: size, gap: z.gap, list: z.isList(), bare: thai})
	z.thai = max(z.thai-size, 0)
	z.start, z.gap = pos, gapMid
	z.score -= score
	z.size -= size
	z.words, z.marks = 0, 0
}

// finish ends the piece at a real boundary, after a character of class last,
// and opens the next one at byte next, after the gap g.
func (z *cutter) finish(last class, next int, g gap) {
	if z.size == 0 {
		// Nothing but punctuation: it goes with what follows.
		z.begin(z.start, max(g, z.gap))
		return
	}
	words := z.size / sizeWord
	stop, bare := false, false
	switch {
	case last == clsStop:
		stop = true
		if z.isList() {
			z.score = max(z.score, ptList)
		}
		if words >= minSentence {
			z.score += ptStop
		} else {
			z.score += ptStopShort
		}
	case last == clsColon:
		z.score = max(z.score+ptNoStop, 0)
	case 2*z.thai > z.size:
		bare = true
		z.score += ptNoStopThai
	default:
		z.score += max(ptNoStop*(words+1), ptNoStopLeast)
		if z.isList() {
			z.score = max(z.score, ptList)
		}
	}
	z.pieces = append(z.pieces, piece{start: z.start, score: z.score, size: z.size, gap: z.gap, list: z.isList(), stop: stop, bare: bare})
	z.begin(next, g)
}

// cutPieces cuts text into the pieces of p.
func cutPieces[T string | []byte](p *prose, text T) {
	z := cutter{pieces: p.pieces[:0], t: tables(), p: p}
	z.begin(0, gapParagraph)
	p.code = 0
	var (
		lineStart = 0     // first byte of the line
		narrow    = 0     // bytes of the line that are not columns
		width     = -1    // widest line of the paragraph from here on, -1 if not known
		glued     = false // no space since the last word
		last      = clsSpace
		lastLen   = 0 // letters of the last word
		lastUpper = false
	)
	for i := 0; i < len(text); {
		var (
			r   rune
			n   int
			cls class
		)
		if c := text[i]; c < utf8.RuneSelf {
			r, n, cls = rune(c), 1, z.t.class[c]
			if cls >= clsDigit {
				points, j := scanASCII(z.t, text, i, cls)
				if j == 0 {
					goto wide
				}
				if cls == clsDigit {
					z.marks++
				}
				if glued && points < ptFunction && points != ptBoilerplate {
					points = 0 // part of a compound, an address, a score
				} else if z.size == 0 && cls == clsUpper {
					points = max(points, 0)
				}
				z.word(points, sizeWord, j)
				lastLen, lastUpper = j-i, cls == clsUpper
				i, last, glued = j, cls, false
				if i < len(text) && text[i] == ' ' {
					i++
				}
				continue
			}
		} else {
			r, n, cls = at(z.t, text, i)
		}
	wide:
		switch cls {
		case clsDigit, clsLower, clsUpper, clsPlain, clsHangul, clsMark:
			wd, j := scanWide(&z, text, i, true)
			narrow += wd.narrow
			points := wd.points
			if glued && points < ptFunction && points != ptBoilerplate {
				points = 0
			} else if z.size == 0 && wd.first == clsUpper {
				points = max(points, 0)
			}
			z.word(points, sizeWord, j)
			if wd.first == clsDigit {
				z.marks++
			}
			i, last, glued = j, cls, false
			lastLen, lastUpper = wd.letters, wd.first == clsUpper
			continue
		case clsHan, clsHira, clsKata, clsThai:
			points, size, wide, j := scanSolo(z.t, text, i)
			narrow += wide
			if cls == clsThai {
				z.thai += size
			}
			z.word(points, size, j)
			i, last, glued = j, cls, false
			lastLen, lastUpper = 2, false
			continue
		case clsStop, clsFull:
			j, ends := stopAt(z.t, text, i, r, n, cls)
			if cls == clsStop && j == i+1 && (lastUpper && lastLen == 1 || last == clsDigit && lastLen <= 2 && z.words == 1) {
				ends = false // an initial, the number of a list item
			}
			narrow += j - i - 1
			i, last, glued = j, clsStop, true
			if ends && z.size > 0 {
				z.finish(clsStop, i, gapSentence)
			}
			continue
		case clsBreak:
			next, blank := lineAfter(z.t, text, i)
			if blank {
				z.finish(last, next, gapParagraph)
				width = -1
			} else if z.size == 0 || !joinLines(&z, text, lineStart, i, narrow, next, &width, last) {
				z.finish(last, next, gapLine)
			}
			i, lineStart, narrow, glued = next, next, 0, false
			continue
		case clsSpace:
			glued = false
		case clsSkip:
			narrow++
		case clsComma:
			if z.size > 0 {
				z.score += ptComma
				z.marks++
			}
			z.since, last = 0, cls
		case clsColon:
			z.since, last, glued = 0, cls, true
		case clsGlue:
			if r == '-' && !glued && (i == 0 || text[i-1] <= ' ') {
				z.marks++ // a dash
			}
			last, glued = cls, true
		case clsSymbol:
			z.score += ptSymbol
			if r == '{' || r == '}' || r == '=' {
				p.code++
			}
			last = cls
		default:
			if r == '(' || r == '–' || r == '—' {
				z.marks++
			}
			z.since, last = 0, cls
		}
		narrow += n - 1
		i += n
	}
	z.finish(last, len(text), gapParagraph)
	p.pieces = z.pieces
}

// stopAt looks at the terminal punctuation r, of n bytes and class cls, at byte
// i. It returns the end of it and of the quotes and brackets that close after
// it, and whether a sentence can end there.
func stopAt[T string | []byte](t *proseTables, text T, i int, r rune, n int, cls class) (end int, ends bool) {
	ellipsis := r == '.' && i+2 < len(text) && text[i+1] == '.' && text[i+2] == '.'
	end = i + n
	for end < len(text) {
		q, n, c := at(t, text, end)
		switch {
		case c == clsStop, c == clsFull, c == clsClose, c == clsSkip, c == clsGlue && (q == '\'' || q == '’'):
			end += n
			continue
		case c == clsSpace, c == clsBreak, q == '[', c >= clsHan:
			return end, !ellipsis
		}
		return end, cls == clsFull
	}
	return end, !ellipsis
}

// lineAfter returns the start of the line after the line break at byte i, and
// whether a blank line or the end of the text comes before it.
func lineAfter[T string | []byte](t *proseTables, text T, i int) (next int, blank bool) {
	if text[i] == '\n' && i+1 < len(text) && text[i+1] > ' ' && text[i+1] < utf8.RuneSelf-1 {
		return i + 1, false
	}
	breaks := 0
	next = i
	for i < len(text) {
		r, n, c := at(t, text, i)
		switch c {
		case clsBreak:
			if r == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				n = 2
			}
			breaks++
			if r == 0x2029 || r == '\f' {
				breaks++
			}
			next = i + n
		case clsSpace, clsSkip:
		default:
			return next, breaks > 1
		}
		i += n
	}
	return next, true
}

// maxWrap and minWrap are the widths, in characters, of the lines that are
// taken to have been wrapped by a program.
const (
	maxWrap = 120
	minWrap = 40
)

// joinLines reports whether the open piece goes on across the single line break
// at byte end, to the line at byte next: after a comma, before a word in lower
// case, and where the first word of the next line would not have fitted on
// this one, which begins at byte start and has narrow bytes more than
// characters. A line that begins like an item of a list begins a piece.
func joinLines[T string | []byte](z *cutter, text T, start, end, narrow, next int, width *int, last class) bool {
	i := next
	var r rune
	var n int
	var c class
	for i < len(text) {
		if r, n, c = at(z.t, text, i); c != clsSpace && c != clsSkip {
			break
		}
		i += n
	}
	switch {
	case c == clsSymbol, c == clsGlue && (r == '-' || r == '@'):
		return false
	case last == clsComma, c == clsLower && z.words >= 4:
		return true
	}
	if end-start-narrow < minWrap/2 {
		return false // the width is found for nothing
	}
	if *width < 0 {
		*width = widest(z.t, text, start)
	}
	if *width > maxWrap || *width < minWrap {
		return false
	}
	first := 0
	for i < len(text) && first <= maxWrap {
		r, n, c := at(z.t, text, i)
		if c == clsSpace || c == clsBreak {
			break
		}
		if !zeroWidth(r, c) {
			first++
		}
		if c >= clsHan && c != clsThai {
			break // lines are broken between any two
		}
		i += n
	}
	return end-start-narrow+1+first > *width
}

// widest returns the number of characters of the widest line from byte i to
// the end of the paragraph, or a number above maxWrap.
func widest[T string | []byte](t *proseTables, text T, i int) int {
	width, n, ink := 0, 0, false
	for ; i < len(text) && width <= maxWrap && n <= maxWrap; i++ {
		for i+8 < len(text) {
			x := load8(text, i)
			// No byte above 0x7F, none below 0x20, and not all of them spaces.
			if (x|(x-0x20*ones))&highs != 0 || x == 0x20*ones {
				break
			}
			n += 8
			i += 8
			ink = true
		}
		switch c := text[i]; {
		case c == '\n' || c == '\r' && (i+1 == len(text) || text[i+1] != '\n'):
			if !ink {
				return width
			}
			width = max(width, n)
			n, ink = 0, false
		case c < utf8.RuneSelf:
			n++
			ink = ink || c > ' '
		default:
			r, w, cls := at(t, text, i)
			i += w - 1
			if !zeroWidth(r, cls) {
				n++
				ink = ink || cls != clsSpace
			}
		}
	}
	return max(width, n)
}

// zeroWidth reports whether r, of class c, does not count as a character, so
// that lines are as wide in one normalisation form as in another.
func zeroWidth(r rune, c class) bool {
	return c == clsMark || c == clsSkip || r >= 0x900 && (0x1160 <= r && r < 0x1200 || kindOf(r) == kindComplexMark)
}

// word is what a word says about the piece it stands in.
type word struct {
	points  int32
	letters int
	narrow  int // bytes more than characters
	first   class
}

// maxOdd is the longest word, in bytes, that is normalised to be looked up.
const maxOdd = 256

// scanASCII returns the points and the end of the word at byte i, whose first
// character has class first. The end is 0 if the word is not all ASCII.
func scanASCII[T string | []byte](t *proseTables, text T, i int, first class) (points int32, end int) {
	var key uint64 // the first 8 bytes, as small letters
	var n int
	if i+8 <= len(text) {
		x := load8(text, i)
		if x&highs != 0 {
			goto bytewise
		}
		// The high bit of each byte that is a letter or a digit.
		l := x | 0x20*ones
		letter := (l + (0x80-'a')*ones) &^ (l + (0x80-'z'-1)*ones)
		digit := (x + (0x80-'0')*ones) &^ (x + (0x80-'9'-1)*ones)
		n = bits.TrailingZeros64(^(letter|digit)&highs) / 8
		if n < 8 {
			key = l & (1<<(8*n) - 1)
		} else {
			key = l
			for n = 8; i+n < len(text); n++ {
				c := text[i+n]
				if c >= utf8.RuneSelf {
					goto bytewise
				}
				if t.class[c] < clsDigit {
					break
				}
			}
		}
		end = i + n
		goto scored
	}
bytewise:
	key = 0
	for end = i; end < len(text); end++ {
		c := text[end]
		if c >= utf8.RuneSelf {
			if _, _, cls := at(t, text, end); cls < clsDigit && cls != clsSkip || cls >= clsHan {
				break
			}
			return 0, 0
		}
		if t.class[c] < clsDigit {
			break
		}
		if end-i < 8 {
			key |= uint64(c|0x20) << (8 * (end - i))
		}
	}
	n = end - i
scored:
	switch first {
	case clsLower:
		if n <= maxFunctionWord {
			return t.words.points(key, ptLower), end
		}
		return ptLower, end
	case clsUpper:
		if n == 1 || t.class[text[end-1]] == clsLower {
			return ptCapital, end
		}
		if n <= maxFunctionWord {
			return t.words.points(key, ptAllCaps), end
		}
		return ptAllCaps, end
	}
	return ptDigit, end
}

// load8 returns the eight bytes at byte i, the first of them lowest.
func load8[T string | []byte](text T, i int) uint64 {
	b := text[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// scanWide reads the word at byte i, of any characters, and returns its end. The
// word is read in its normal form if it may have another one: features do not depend on the form
// of a text, so the view must not either.
func scanWide[T string | []byte](z *cutter, text T, i int, normalise bool) (word, int) {
	var (
		wd    word
		h     wordHash
		j     = i
		end   class // of the last letter
		lastR rune
		odd   bool
		b     [utf8.UTFMax]byte
	)
	for j < len(text) {
		if c := text[j]; 0xC3 <= c && c < 0xD5 && j+1 < len(text) && text[j+1]&0xC0 == 0x80 {
			// Most letters of Latin, Greek and Cyrillic: small, and in their normal form.
			r := rune(c&0x1F)<<6 | rune(text[j+1]&0x3F)
			if cls := z.t.class[r&0x7FF]; cls == clsLower && (r < 0x300 || r >= 0x388) {
				if wd.letters == 0 {
					wd.first = cls
				}
				wd.letters++
				wd.narrow++
				end = cls
				h.add(c)
				h.add(text[j+1])
				j += 2
				continue
			}
		}
		r, n, cls := at(z.t, text, j)
		if cls < clsDigit && cls != clsSkip || cls >= clsHan {
			break
		}
		j += n
		wd.narrow += n - 1
		if zeroWidth(r, cls) {
			wd.narrow++
		}
		if cls == clsSkip {
			odd = true
			continue
		}
		if r >= 0x300 && (r < 0x388 || r >= 0x530) {
			if k := kindOf(r); k == kindComplex || k == kindComplexMark {
				odd = true
			}
		}
		if cls != clsMark {
			if wd.letters == 0 {
				wd.first = cls
			}
			wd.letters++
			end, lastR = cls, r
		}
		if cls == clsUpper {
			r = foldRune(r)
		}
		if r < utf8.RuneSelf {
			h.add(byte(r))
			continue
		}
		for _, c := range b[:utf8.EncodeRune(b[:], r)] {
			h.add(c)
		}
	}
	if odd && normalise && j-i <= maxOdd {
		p := z.p
		p.raw, p.folded = append(p.raw[:0], text[i:j]...), p.folded[:0]
		p.iter.Init(norm.NFKC, p.raw) // norm.Append would allocate
		for !p.iter.Done() {
			p.folded = append(p.folded, p.iter.Next()...)
		}
		if w, n := scanWide(z, p.folded, 0, false); n > 0 {
			w.narrow = wd.narrow
			return w, j
		}
	}
	switch wd.first {
	case clsDigit:
		wd.points = ptDigit
	case clsLower:
		wd.points = z.t.words.points(h.key(), ptLower)
	case clsUpper:
		wd.points = ptCapital
		if end != clsLower && wd.letters > 1 {
			wd.points = z.t.words.points(h.key(), ptAllCaps)
		}
	case clsHangul:
		if wd.letters > 1 && isParticle(lastR) {
			wd.points = ptParticle
		}
	case clsPlain:
		wd.points = z.t.words.points(h.key(), 0)
	}
	return wd, j
}

// isParticle reports whether a Korean word that ends with r is likely to end
// with a particle or with the ending of a verb.
func isParticle(r rune) bool {
	switch r {
	case '은', '는', '이', '가', '을', '를', '의', '에', '로', '와', '과', '도', '서', '고', '한', '다', '며', '지', '들', '만', '게', '면', '할', '된', '인':
		return true
	}
	return false
}

// scanSolo reads the letters of scripts without spaces at byte i, up to the
// next other character, and returns how many bytes more than characters they
// have, and their end.
func scanSolo[T string | []byte](t *proseTables, text T, i int) (points, size int32, narrow, end int) {
	chars, thai := int32(0), false
	for i < len(text) {
		r, n, cls := at(t, text, i)
		if cls < clsHan && cls != clsMark && cls != clsSkip {
			break
		}
		i += n
		narrow += n - 1
		chars++
		switch cls {
		case clsHan:
			size += sizeHan
			if isGrammar(r) {
				points += ptParticle
			}
		case clsHira:
			size += sizeHan
			points += ptHira
		case clsKata:
			size += sizeKata
		case clsThai:
			size += sizeThai
			thai = true
		default:
			narrow++
			chars--
		}
	}
	if thai {
		// Spaces stand between phrases: those of a menu are shorter.
		points += min(max((chars-12)/4, -3), 12)
	}
	return points, size, narrow, i
}

// isGrammar reports whether a Chinese character carries grammar, as a rule.
func isGrammar(r rune) bool {
	switch r {
	case '的', '了', '是', '在', '和', '有', '不', '也', '与', '與', '为', '為', '对', '對', '将', '將', '就', '以', '及', '而', '但', '被', '把',
		'于', '於', '从', '從', '这', '這', '那', '其', '并', '並', '所', '等', '他', '她', '们', '們', '我', '你', '它', '之', '中', '上', '下',
		'后', '後', '前', '时', '時', '会', '會', '要', '说', '說', '到', '都', '还', '還', '没':
		return true
	}
	return false
}

// label decides which pieces are prose: the labels with the greatest sum of the
// scores of the prose less changeCost at each change of label, found with the
// algorithm of Viterbi. Among equals, prose begins as late and ends as late as
// it can, because lists follow what they belong to.
func label(p []piece) {
	var n, y int64 // the greatest sums if the last piece is not prose, and if it is
	for i := range p {
		q := &p[i]
		c := changeCost[q.gap]
		if i == 0 {
			c = 0
		}
		q.fromN = y-c >= n
		q.fromP = y > n-c
		n, y = max(n, y-c), max(y, n-c)+int64(q.score)
	}
	kept := y >= n
	for i := len(p) - 1; i >= 0; i-- {
		q := &p[i]
		q.kept = kept
		if kept {
			kept = q.fromP
		} else {
			kept = q.fromN
		}
	}
}

// dropBylines drops the little that stands before the first sentence of a run
// of prose and looks like a list: a name, a date, a caption.
func dropBylines(p []piece) {
	for i := 0; i < len(p); i++ {
		if !p[i].kept {
			continue
		}
		j, size := i, int32(0)
		for j < len(p) && p[j].kept && (p[j].list || p[j].score <= 0) {
			size += p[j].size
			j++
		}
		if j < len(p) && p[j].kept && p[j].gap >= gapLine && size <= maxByline {
			for ; i < j; i++ {
				p[i].kept = false
			}
		}
		for i = j; i < len(p) && p[i].kept; i++ {
		}
	}
}

// dropIslands drops the runs of prose that are small beside the largest, or
// that have too few full stops for their words outside of lists.
func dropIslands(p []piece) {
	var largest, run int64
	for i := range p {
		if !p[i].kept {
			run = 0
			continue
		}
		run += int64(p[i].size)
		largest = max(largest, run)
	}
	for i := 0; i < len(p); {
		if !p[i].kept {
			i++
			continue
		}
		j := i
		var run, free, stops int64
		for ; j < len(p) && p[j].kept; j++ {
			run += int64(p[j].size)
			if !p[j].list && !p[j].bare {
				free += int64(p[j].size)
			}
			if p[j].stop {
				stops++
			}
		}
		away := run*island < largest
		if away || free > minHeadings && stops*headlines*sizeWord < free {
			for k := i; k < j; k++ {
				p[k].kept, p[k].away = false, away
			}
		}
		i = j
	}
}
