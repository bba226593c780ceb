package shingle

import (
	"math/bits"
	"slices"
	"unicode/utf8"

	"github.com/neardup/neardup/shingle/internal/chars"
)

// A wordInfo is what the prose view knows of a token: from the lowest bit on, its size in quarters of a word (3 bits), its
// kind (3 bits), how many numbers, commas, dashes and brackets it counts for (4 bits), whether it goes on with the word of
// the token before it (1 bit), and its points.
type wordInfo int32

const (
	kindShift   = 3
	marksShift  = 6
	joinedShift = 10
	joined      = 1 << joinedShift
	pointsShift = 11

	maxSize  = 1<<kindShift - 1
	maxCount = 1<<4 - 1
	maxPoint = 1<<(31-pointsShift) - 1
)

func makeInfo(kind wordKind, size, marks, points int32) wordInfo {
	return wordInfo(size | int32(kind)<<kindShift | marks<<marksShift | points<<pointsShift)
}

func (w wordInfo) size() int32    { return int32(w & maxSize) }
func (w wordInfo) kind() wordKind { return wordKind(w >> kindShift & 7) }
func (w wordInfo) marks() int32   { return int32(w >> marksShift & maxCount) }
func (w wordInfo) points() int32  { return int32(w >> pointsShift) }

// add returns w with more marks and points, as many as there is room for.
func (w wordInfo) add(marks, points int32) wordInfo {
	marks = min(w.marks()+marks, maxCount)
	points = min(max(w.points()+points, -maxPoint), maxPoint)
	return w&(joined|1<<marksShift-1) | wordInfo(marks<<marksShift|points<<pointsShift)
}

// wordKind is what a token is to the prose view, by its first character.
type wordKind uint8

const (
	wordLower  wordKind = iota // a letter of a script with two cases
	wordUpper                  //
	wordDigit                  // a digit of any script
	wordPlain                  // a letter of a script without case, or a symbol that has letters
	wordHangul                 // the same, where the last syllable tells a particle
	wordSolo                   // a letter of a script without spaces
	wordThai                   // the same, in a script without terminal punctuation
)

// A gapSpan is what stands before a token, if it is not just a space or if the token is a number: the bytes from the end of
// the token before it, or the start of the text, to its start, and its own end.
type gapSpan struct {
	tok              int // how many tokens come before
	from, start, end int
}

// description is what is known of the tokens of a text beside their hashes.
type description struct {
	tables  *proseTables
	info    []wordInfo
	gaps    []gapSpan
	lastEnd int  // of the last token
	solo    bool // there are tokens that are joined, or of another size than sizeWord,
	thai    bool // and tokens of kind wordThai

	// For describe: the lists that tokens are on, and which have a gapSpan.
	list [batchSize]wordList
	sel  [batchSize]uint16
}

func (d *description) reset() {
	d.tables = tables()
	d.info, d.gaps, d.lastEnd = d.info[:0], d.gaps[:0], 0
	d.solo, d.thai = false, false
}

// Parts of an index of proseTables.ascii: bits 5 and 6 of the first and the last character, which tell digits, capitals and
// small letters apart, whether the token is one character, and the list that it is on.
const (
	caseDigit, caseUpper, caseLower = 1, 2, 3

	lastShift = 2
	oneShift  = 4
	listShift = 5
)

// describe takes the tokens of text with the hashes given, one or more, no more than batchSize. Token j is from idx[2j] to
// idx[2j+1], counted from base.
func describe[T string | []byte](d *description, text T, base int, idx []uint16, hashes []uint64) {
	m, n := len(hashes), len(d.info)
	d.info = slices.Grow(d.info, m)[:n+m]
	d.tables.words.lists(&d.list, hashes)
	d.gaps = slices.Grow(d.gaps, m)
	describeOne(d, text, hashes[0], base+int(idx[0]), base+int(idx[1]), n)
	window, info := text[base:], d.info[n:]
	idx = idx[:2*m]
	for j := 1; j < m; {
		var k int
		j, k = describeASCII(d, window, idx, info, j)
		d.addGaps(d.sel[:k], base, n, idx)
		j = describeHan(d, window, idx, info, j)
		if j < m {
			d.lastEnd = base + int(idx[2*j-1])
			describeOne(d, text, hashes[j], base+int(idx[2*j]), base+int(idx[2*j+1]), n+j)
			j++
		}
	}
	d.lastEnd = base + int(idx[2*m-1])
}

// describeASCII takes tokens of text from token j on, up to one that does not begin and end in ASCII, unless it begins with a
// small letter. It returns which that is, and how many of d.sel have a gapSpan.
func describeASCII[T string | []byte](d *description, text T, idx []uint16, info []wordInfo, j int) (next, k int) {
	ascii, list, sel := &d.tables.ascii, &d.list, &d.sel
	last := uint(idx[2*j-1])
	info = info[:len(idx)/2]
	for ; j < len(info); j++ {
		p, e := uint(idx[2*j]), uint(idx[2*j+1])
		c, z := text[p], text[e-1]
		if c|z >= utf8.RuneSelf {
			if small := c|0x1F == 0x7F || c >= 0xC3 && c < 0xE0 && chars.ClassOf(rune(c&0x1F)<<6|rune(text[p+1]&0x3F)) == chars.Lower; !small {
				break
			}
			c, z = 'a', 'a'
		}
		i := uint(c>>5) | uint(z>>5)<<lastShift | (e-p-2)>>(bits.UintSize-1)<<oneShift | uint(list[uint(j)%batchSize])<<listShift
		info[j] = ascii[i%uint(len(ascii))]
		// Not one space, or a digit.
		gap := p - last - 1 | uint(text[last]^' ') | uint(c&0x40^0x40)
		sel[uint(k)%batchSize] = uint16(j)
		k += int((gap | -gap) >> (bits.UintSize - 1))
		last = e
	}
	return j, k
}

// describeHan takes tokens of text from token j on that are Chinese characters or the like, right after such a one, and
// returns which token is none.
func describeHan[T string | []byte](d *description, text T, idx []uint16, info []wordInfo, j int) (next int) {
	wide := &d.tables.wide
	info = info[:len(idx)/2]
	if info[j-1].kind() != wordSolo {
		return j
	}
	for ; j < len(info); j++ {
		p := uint(idx[2*j])
		if p != uint(idx[2*j-1]) || idx[2*j+1] != idx[2*j]+3 {
			break
		}
		b := text[p : p+3]
		if b[0] < 0xE3 || b[0] >= 0xEA {
			break
		}
		w := wide[chars.ClassOf(rune(b[0]&0xF)<<12|rune(b[1]&0x3F)<<6|rune(b[2]&0x3F))]
		if w.kind() != wordSolo {
			break
		}
		info[j] = w | joined
	}
	return j
}

// addGaps appends the gapSpan of each token in sel, counted from token n. Token j is from idx[2j] to idx[2j+1], counted from
// base.
func (d *description) addGaps(sel []uint16, base, n int, idx []uint16) {
	for _, j := range sel {
		d.gaps = append(d.gaps, gapSpan{n + int(j), base + int(idx[2*j-1]), base + int(idx[2*j]), base + int(idx[2*j+1])})
	}
}

// describeOne takes token n of text, from byte p to byte e.
func describeOne[T string | []byte](d *description, text T, hash uint64, p, e, n int) {
	before := wordInfo(0)
	if n > 0 {
		before = d.info[n-1]
	}
	w, gap := describeWide(d, text, hash, p, e, d.lastEnd, before)
	if gap || n == 0 {
		d.gaps = append(d.gaps, gapSpan{n, d.lastEnd, p, e})
	}
	d.info[n], d.lastEnd = w, e
}

// describeWide returns what is known of a token, any characters from byte p to byte e, after one that ends at byte last, and
// whether there is a gapSpan between them.
func describeWide[T string | []byte](d *description, text T, hash uint64, p, e, last int, before wordInfo) (w wordInfo, gap bool) {
	w = wideInfo(d.tables, text, hash, p, e)
	solo := w.kind() >= wordSolo
	if solo || p < last {
		d.solo = true
		d.thai = d.thai || w.kind() == wordThai
	}
	switch {
	case p < last, // both are from one character
		p == last && solo && before.kind() >= wordSolo:
		return w | joined, false
	case p == last+1 && text[last] == ' ' && w.kind() != wordDigit:
		return w, false
	}
	return w, true
}

// wideInfo returns what is known of a token, any characters from byte p to byte e.
func wideInfo[T string | []byte](t *proseTables, text T, hash uint64, p, e int) wordInfo {
	var r rune
	n := 1
	switch c := text[p]; {
	case c < utf8.RuneSelf:
		r = rune(c)
	case c < 0xE0:
		r, n = rune(c&0x1F)<<6|rune(text[p+1]&0x3F), 2
	case c < 0xF0:
		r, n = rune(c&0xF)<<12|rune(text[p+1]&0x3F)<<6|rune(text[p+2]&0x3F), 3
	default:
		r, n = decodeRune(text, p)
	}
	c := chars.ClassOf(r)
	kind, small := wordPlain, false
	switch c {
	case chars.Lower:
		kind = wordLower
	case chars.Upper:
		last := lastLetter(text, p, p+n, e)
		kind, small = wordUpper, last == chars.Lower || last == chars.Skip
	case chars.Hangul, chars.Particle:
		if lastLetter(text, p, p+n, e) == chars.Particle {
			return makeInfo(wordHangul, sizeWord, 0, ptParticle)
		}
		return makeInfo(wordHangul, sizeWord, 0, 0)
	case chars.Thai:
		return makeInfo(wordThai, int32(min((e-p+2)/3*sizeThai, maxSize)), 0, 0)
	default:
		if w := t.wide[c]; w != 0 {
			return w
		}
	}
	return makeInfo(kind, sizeWord, 0, wordPoints(kind, t.words.list(hash), small))
}

// lastLetter returns the class of the last character of a token that is no mark. The token starts at byte start of text, its
// second character at byte p, and it ends at byte e; chars.Skip is for a token of one character. A Hangul syllable is one, also
// as the letters it is made of.
func lastLetter[T string | []byte](text T, start, p, e int) chars.Class {
	for e > p {
		i := e - 1
		for i > p && text[i]&0xC0 == 0x80 {
			i--
		}
		r, _, c := at(text, i)
		switch {
		case c == chars.Mark || c == chars.Skip:
			e = i
			continue
		case jamoV <= r && r < jamoV+jamoVs || jamoT < r && r < jamoT+jamoTs:
			if r, i = syllable(text, start, i, r); i == start {
				return chars.Skip
			}
			return chars.ClassOf(r)
		}
		return c
	}
	return chars.Skip
}

// syllable returns the Hangul syllable that ends with the letter r, at byte i, and where it starts, in a token that starts at
// byte start.
func syllable[T string | []byte](text T, start, i int, r rune) (rune, int) {
	v, at, t := r, i, rune(0)
	if r > jamoT {
		if at -= 3; at < start {
			return r, i
		}
		t = r - jamoT
		v, _ = decodeRune(text, at)
	}
	if at -= 3; at < start || v < jamoV || v >= jamoV+jamoVs {
		return r, i
	}
	l, _ := decodeRune(text, at)
	if l < jamoL || l >= jamoL+jamoLs {
		return r, i
	}
	return hangulBase + ((l-jamoL)*jamoVs+v-jamoV)*jamoTs + t, at
}

// wordPoints returns the points of a word of a kind, on a list or none. Small says that a word with a capital at its start
// has a small letter at its end, or is one letter: it is not looked up.
func wordPoints(kind wordKind, list wordList, small bool) int32 {
	other := int32(0)
	switch {
	case kind == wordDigit:
		return ptDigit
	case kind == wordUpper && small:
		return ptCapital
	case kind == wordUpper:
		other = ptAllCaps
	case kind == wordLower:
		other = ptLower
	}
	switch list {
	case onFunctionWords:
		return ptFunction
	case onBoilerplate:
		return ptBoilerplate
	}
	return other
}
