package shingle

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"
	"unicode/utf8"
)

// windowSize is how many bytes of text are looked at together: a multiple of
// 64 below 1<<16.
const windowSize = 4096

// padding is how many bytes after the last one of a token may be read.
const padding = 16

// scanner finds the tokens of a text.
//
// The text is copied into a window, where eight bytes at a time ASCII letters
// become small, and each byte becomes a bit: part of a token or not. The
// changes of that bit are the edges of tokens. A token in ASCII is hashed
// where it stands; one with other characters goes through [scanner.run], which
// folds simple characters in place, and hands to the general path each token
// that holds any other. All three give the same tokens.
type scanner struct {
	general

	// What has been found: toks if spans is true, hashes otherwise.
	spans  bool
	toks   []token
	hashes []uint64

	win  [windowSize + padding]byte
	idx  edgeList
	high [windowSize/64 + 1]uint64 // a bit for each byte that is not ASCII

	// The tokens of a window that is not all ASCII: where they stand in the
	// window once they are folded, and in the text from the start of the window.
	at    edgeList
	src   [windowSize / 2][2]uint16
	n     int
	fixed []fixedHash

	batch batch
	out   [batchSize]uint64
	long  []byte // a run that does not fit into the window
}

// An edgeList holds the places in a window where tokens start and end, in
// turns.
type edgeList [windowSize + 8]uint16

// A fixedHash is the hash of token n of the window, from the general path.
type fixedHash struct {
	hash uint64
	n    int
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// maxKeep is how many bytes a scanner keeps of a buffer that only unusual
// texts need.
const maxKeep = 64 << 10

// getScanner returns a scanner; putScanner takes it back.
func getScanner(mode tokenMode, strip bool) *scanner {
	s := scanners.Get().(*scanner)
	s.reset(mode, strip)
	return s
}

func putScanner(s *scanner) {
	s.toks, s.hashes = nil, nil
	if cap(s.tok) > maxKeep || cap(s.composed) > maxKeep {
		s.tok, s.composed = nil, nil
	}
	if cap(s.long) > maxKeep {
		s.long = nil
	}
	scanners.Put(s)
}

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// classify makes the ASCII letters of the 64 bytes at b small, and returns a
// bit for each byte that is part of a token, and whether any byte is not ASCII.
// All that are not count as part of a token here.
func classify(b *[64]byte) (word uint64, high bool) {
	var all uint64
	for j := 0; j < 64; j += 8 {
		x := binary.LittleEndian.Uint64(b[j : j+8])
		all |= x
		h := x &^ highs
		// The high bit of each byte says: from 'a' to 'z' or 'A' to 'Z', from
		// '0' to '9'.
		t := h | 0x20*ones
		letter := ((t + (0x80-'a')*ones) ^ (t + (0x7F-'z')*ones)) &^ x & highs
		digit := (h + (0x80-'0')*ones) ^ (h + (0x7F-'9')*ones)
		binary.LittleEndian.PutUint64(b[j:j+8], x|letter>>2)
		word = word>>8 | (letter|digit|x)&highs>>7*gather&(0xFF<<56)
	}
	return word, all&highs != 0
}

// highBits returns a bit for each of the 64 bytes at b that is not ASCII.
func highBits(b *[64]byte) (high uint64) {
	for j := 0; j < 64; j += 8 {
		high = high>>8 | binary.LittleEndian.Uint64(b[j:j+8])&highs>>7*gather&(0xFF<<56)
	}
	return high
}

// gather moves the lowest bits of eight bytes into the highest byte.
const gather = 0x0102040810204080

// scan takes the tokens of text.
func scan[T string | []byte](s *scanner, text T) {
	if s.mode == tokenChars {
		scanChars(s, text)
		return
	}
	for base := 0; base < len(text); {
		base = scanWindow(s, text, base)
	}
}

// scanWindow takes the tokens of a window of text, the next one of which
// starts at base, and returns where the next window starts.
func scanWindow[T string | []byte](s *scanner, text T, base int) int {
	n := copy(s.win[:windowSize], text[base:])
	blocks := (n + 63) / 64
	for i := n; i < blocks*64; i++ {
		s.win[i] = ' '
	}
	k, high := s.edges(blocks)
	if k&1 != 0 { // a token goes on at the end of the window
		switch start := int(s.idx[k-1]); {
		case base+n == len(text):
			s.idx[k] = uint16(n)
			k++
		case start > 0: // it will be at the start of the next one
			n = start
			k--
		default:
			return base + longRun(s, text, base)
		}
	}
	if high {
		foldRuns(s, text, base, k)
	} else {
		s.hashWindow(base, &s.idx, k/2)
	}
	return base + n
}

// scanChars takes the characters of text. A character in ASCII that another
// one follows is complete; anything else goes through run.
func scanChars[T string | []byte](s *scanner, text T) {
	for i := 0; i < len(text); {
		c := asciiSmall[text[i]]
		if c == 0 {
			s.gap = true
			i++
			continue
		}
		if c < utf8.RuneSelf && (i+1 == len(text) || text[i+1] < utf8.RuneSelf) {
			s.char(avalanche(hash1(prime5+1, uint64(c))), i, i+1)
			i++
			continue
		}
		e := i + 1
		for e < len(text) && text[e] >= utf8.RuneSelf {
			e++
		}
		s.long = append(append(s.long[:0], text[i:e]...), make([]byte, padding)...)
		s.long[0] = c
		run(s, text, s.long, i, 0, e-i, false)
		i = e
	}
}

// char takes a character, and the space before it.
func (s *scanner) char(hash uint64, start, end int) {
	if s.gap && s.any {
		s.append(spaceHash, s.lastEnd, start)
	}
	s.any, s.gap, s.lastEnd = true, false, end
	s.append(hash, start, end)
}

// edges classifies the first blocks of the window, 64 bytes each, writes the
// positions where tokens start and end to s.idx, and returns how many there
// are, and whether any byte is not ASCII.
func (s *scanner) edges(blocks int) (k int, high bool) {
	var carry uint64
	for b := range blocks {
		p := (*[64]byte)(s.win[b*64:])
		m, h := classify(p)
		s.high[b] = 0
		if h {
			s.high[b] = highBits(p)
			high = true
		}
		e := m ^ (m<<1 | carry)
		carry = m >> 63
		// Eight at a time, what is too much overwritten by the next: the number
		// of edges is what cannot be predicted.
		n, at := bits.OnesCount64(e), uint16(b*64)
		for j := k; j < k+n; j += 8 {
			p := (*[8]uint16)(s.idx[j:])
			p[0] = at + uint16(bits.TrailingZeros64(e|1<<63))
			e &= e - 1
			p[1] = at + uint16(bits.TrailingZeros64(e|1<<63))
			e &= e - 1
			p[2] = at + uint16(bits.TrailingZeros64(e|1<<63))
			e &= e - 1
			p[3] = at + uint16(bits.TrailingZeros64(e|1<<63))
			e &= e - 1
			p[4] = at + uint16(bits.TrailingZeros64(e|1<<63))
			e &= e - 1
			p[5] = at + uint16(bits.TrailingZeros64(e|1<<63))
			e &= e - 1
			p[6] = at + uint16(bits.TrailingZeros64(e|1<<63))
			e &= e - 1
			p[7] = at + uint16(bits.TrailingZeros64(e|1<<63))
			e &= e - 1
		}
		k += n
	}
	return k, high
}

// hashWindow appends the first n tokens of the window at base, which at holds
// and, if it is not s.idx, s.src.
func (s *scanner) hashWindow(base int, at *edgeList, n int) {
	if s.spans {
		s.toks = slices.Grow(s.toks, n)
	} else {
		s.hashes = slices.Grow(s.hashes, n)
	}
	fixed := s.fixed
	for i := 0; i < n; i += batchSize {
		m := min(n-i, batchSize)
		s.batch.hash(&s.out, &s.win, at, uint(2*i), uint(m))
		for len(fixed) > 0 && fixed[0].n < i+m {
			s.out[fixed[0].n-i] = fixed[0].hash
			fixed = fixed[1:]
		}
		switch {
		case !s.spans:
			s.hashes = append(s.hashes, s.out[:m]...)
		case at == &s.idx:
			for j, h := range s.out[:m] {
				s.toks = append(s.toks, token{h, base + int(at[2*(i+j)]), base + int(at[2*(i+j)+1])})
			}
		default:
			for j, h := range s.out[:m] {
				src := &s.src[i+j]
				s.toks = append(s.toks, token{h, base + int(src[0]), base + int(src[1])})
			}
		}
	}
	s.fixed = s.fixed[:0]
}

// foldRuns takes the tokens of the window at base, with edges up to k, some of
// them runs with characters that are not ASCII.
func foldRuns[T string | []byte](s *scanner, text T, base, k int) {
	s.n = 0
	for i := 0; i < k; i += 2 {
		h := s.nextHigh(int(s.idx[i]))
		for ; i < k && int(s.idx[i+1]) <= h; i += 2 {
			if s.n == len(s.src) {
				s.flushWindow(base)
			}
			s.set(s.n, s.idx[i], s.idx[i+1], s.idx[i], s.idx[i+1])
			s.n++
		}
		if i < k {
			run(s, text, s.win[:], base, int(s.idx[i]), int(s.idx[i+1]), true)
		}
	}
	s.flushWindow(base)
}

// flushWindow appends the tokens of the window at base so far.
func (s *scanner) flushWindow(base int) {
	s.hashWindow(base, &s.at, s.n)
	s.n = 0
}

// set makes token n the one that is folded in win[at:w] and stands in the text
// from start to end, counted from the start of the window.
func (s *scanner) set(n int, at, w, start, end uint16) {
	n %= windowSize / 2
	s.at[2*n], s.at[2*n+1] = at, w
	s.src[n] = [2]uint16{start, end}
}

// push adds a token to the window at base.
func (s *scanner) push(base int, at, w, start, end uint16) {
	if s.n == len(s.src) {
		s.flushWindow(base)
	}
	s.set(s.n, at, w, start, end)
	s.n++
}

// nextHigh returns the first byte from p on that is not ASCII, or windowSize.
func (s *scanner) nextHigh(p int) int {
	b := p / 64
	m := s.high[b] >> (p % 64) << (p % 64)
	for m == 0 {
		if b++; b == windowSize/64 {
			return windowSize
		}
		m = s.high[b]
	}
	return b*64 + bits.TrailingZeros64(m)
}

// hashAt returns the hash of the token win[p:e], which padding bytes follow.
func hashAt(win []byte, p, e int) uint64 {
	if n := e - p; n < 16 {
		b := win[p : p+16]
		return shortHash(binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), uint64(n))
	}
	return hashToken(win[p:e])
}

// longRun takes the tokens of the run of bytes that starts at base and is
// longer than a window, and returns its length.
func longRun[T string | []byte](s *scanner, text T, base int) int {
	n := 0
	for base+n < len(text) && asciiSmall[text[base+n]] != 0 {
		n++
	}
	b := append(s.long[:0], text[base:base+n]...)
	for i, c := range b {
		b[i] = asciiSmall[c]
	}
	s.long = append(b, make([]byte, padding)...)
	run(s, text, s.long, base, 0, n, false)
	return n
}

// asciiSmall has the small letter for each ASCII letter, digits and bytes that
// are not ASCII as they are, and 0 for the rest.
var asciiSmall = [256]byte{
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 0, 0, 0, 0, 0, 0,
	0, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 0, 0, 0, 0, 0,
	0, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 0, 0, 0, 0, 0,
	0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F,
	0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F,
	0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF,
	0xB0, 0xB1, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE, 0xBF,
	0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF,
	0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF,
	0xE0, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xEB, 0xEC, 0xED, 0xEE, 0xEF,
	0xF0, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF,
}

// run takes the tokens of win[p:e], a run of bytes without an ASCII separator,
// its ASCII letters small, that stands at text[base+p:base+e]. Characters are
// folded where they stand.
func run[T string | []byte](s *scanner, text T, win []byte, base, p, e int, window bool) {
	var (
		open  bool // there is a token, folded in win[at:w], from start to end in the run
		solo  bool // it is of kindSolo
		order bool // its last character is a mark that has to be in order

		at, w, start, end int
	)
	chars := s.mode == tokenChars
	for i := p; i < e; {
		if win[i] < utf8.RuneSelf {
			if open && solo {
				s.token(win, base, at, w, start, end, window)
				open = false
			}
			if !open {
				open, solo = true, chars
				at, w, start = i, i, i
			}
			j := i + 1
			for j < e && win[j] < utf8.RuneSelf {
				j++
			}
			if w == i {
				w = j
			} else {
				w += copy(win[w:], win[i:j])
			}
			i, end, order = j, j, false
			continue
		}
		r, n := decode(win[i:e])
		kind := kindOf(r)
		if s.strip && kind >= kindLoneMark && kind != kindSolo {
			kind = kindComplex
		}
		switch {
		case kind >= kindSolo:
			if open && (solo || kind == kindSolo) {
				s.token(win, base, at, w, start, end, window)
				open = false
			}
			if !open {
				if kind == kindSolo && n == 3 && window {
					i = s.solos(base, i, e)
				}
				open, solo = true, kind == kindSolo || chars
				at, w, start = i, i, i
			}
			order = false
			if kind > kindWord {
				r += kindDelta[kind-kindWord]
				m := utf8.RuneLen(r)
				if m > n {
					kind = kindComplex
					break
				}
				w += utf8.EncodeRune(win[w:w+m], r)
				i += n
				end = i
				continue
			}
		case kind == kindIgnored:
			i += n
			continue
		case kind == kindSeparator:
			if open {
				s.token(win, base, at, w, start, end, window)
				open = false
			}
			s.gap = true
			i += n
			continue
		case !open && kind >= kindLoneMark:
			i += n
			continue
		case kind == kindPlainMark:
			order = false
		case kind == kindLoneMark && !order:
			order = true
		default:
			kind = kindComplex
		}
		if kind == kindComplex {
			from := i
			if open {
				from, open = start, false
			}
			i = complexRun(s, text, base, from, i, e, window)
			continue
		}
		if w == i {
			w += n
		} else {
			w += copy(win[w:], win[i:i+n])
		}
		i += n
		end = i
	}
	if open {
		s.token(win, base, at, w, start, end, window)
	}
}

// solos takes the characters of kindSolo from i on, each three bytes in the
// window at base, as long as another one follows, and returns where that is.
// They are what Chinese consists of.
func (s *scanner) solos(base, i, e int) int {
	for i+6 <= e {
		b := s.win[i+3 : i+6]
		r := rune(b[0]&0xF)<<12 | rune(b[1]&0x3F)<<6 | rune(b[2]&0x3F)
		if b[0]&0xF0 != 0xE0 || b[1]&0xC0 != 0x80 || b[2]&0xC0 != 0x80 || kindOf(r) != kindSolo {
			break
		}
		if s.n == len(s.src) {
			s.flushWindow(base)
		}
		p := uint16(i)
		s.set(s.n, p, p+3, p, p+3)
		s.n++
		i += 3
	}
	return i
}

// token takes the token that is folded in win[at:w] and stands in the text from
// start to end, counted from base.
func (s *scanner) token(win []byte, base, at, w, start, end int, window bool) {
	if window {
		s.push(base, uint16(at), uint16(w), uint16(start), uint16(end))
		return
	}
	h := hashAt(win, at, w)
	if s.mode == tokenChars {
		s.char(h, base+start, base+end)
		return
	}
	s.append(h, base+start, base+end)
}

func (s *scanner) append(hash uint64, start, end int) {
	if s.spans {
		s.toks = append(s.toks, token{hash, start, end})
	} else {
		s.hashes = append(s.hashes, hash)
	}
}

// complexRun takes the tokens of text[base+p:base+e] along the general path, up
// to the first character after i that ends a token whatever came before, and
// returns where that is.
func complexRun[T string | []byte](s *scanner, text T, base, p, i, e int, window bool) int {
	g, chars := &s.general, s.mode == tokenChars
	for ; p < e; p++ {
		r, n := decodeRune(text, base+p)
		if p > i && r >= utf8.RuneSelf {
			if k := kindOf(r); k == kindSeparator || k == kindSolo || k >= kindWord && chars {
				break
			}
		}
		g.take(r, base+p, base+p+n)
		p += n - 1
		if len(g.found) >= batchSize {
			s.takeFound(base, window)
		}
	}
	g.flush()
	s.takeFound(base, window)
	return p
}

// takeFound takes the tokens that the general path has found.
func (s *scanner) takeFound(base int, window bool) {
	for _, t := range s.found {
		if !window {
			s.append(t.hash, t.start, t.end)
			continue
		}
		s.push(base, 0, 0, uint16(t.start-base), uint16(t.end-base))
		s.fixed = append(s.fixed, fixedHash{t.hash, s.n - 1})
	}
	s.found = s.found[:0]
}

// decode is utf8.DecodeRune for a character that is not ASCII.
func decode(b []byte) (rune, int) {
	if len(b) >= 3 {
		switch c := b[0]; {
		case c < 0xE0:
			if c >= 0xC2 && b[1]&0xC0 == 0x80 {
				return rune(c&0x1F)<<6 | rune(b[1]&0x3F), 2
			}
		case c < 0xF0:
			r := rune(c&0xF)<<12 | rune(b[1]&0x3F)<<6 | rune(b[2]&0x3F)
			if b[1]&0xC0 == 0x80 && b[2]&0xC0 == 0x80 && r >= 0x800 && r&0xF800 != 0xD800 {
				return r, 3
			}
		}
	}
	return utf8.DecodeRune(b)
}
