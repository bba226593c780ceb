package shingle

import (
	"bytes"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/neardup/neardup/shingle/internal/chars"
)

// composition is canonical composition (Unicode Standard, section 3.11) of the token after token that the general path has:
// decomposed, in canonical order, and short. It is what norm.NFC does, which its tables come from, in a fraction of the time:
// that one also takes text that is none of these. Hangul and what else is rare is left to it.
type composition struct {
	class [composedLimit]uint8 // canonical combining classes
	pairs map[uint32]rune      // of characters after each other, what they make
}

// composedLimit is a limit of the characters that are composed.
const composedLimit = 0x3100

var compositions = sync.OnceValue(func() *composition {
	c := &composition{pairs: make(map[uint32]rune, 1024)}
	for r := rune(0x80); r < composedLimit; r++ {
		c.class[r] = norm.NFC.PropertiesString(string(r)).CCC()
		d := norm.NFD.PropertiesString(string(r)).Decomposition()
		if d == nil || norm.NFC.String(string(d)) != string(r) {
			continue // not composed again
		}
		mark, n := utf8.DecodeLastRune(d)
		letter, _ := utf8.DecodeRuneInString(norm.NFC.String(string(d[:len(d)-n])))
		c.pairs[uint32(letter)<<16|uint32(mark)] = r
	}
	return c
})

// classOf returns the canonical combining class of r.
func (c *composition) classOf(r rune) uint8 {
	if r < composedLimit {
		return c.class[r]
	}
	var b [utf8.UTFMax]byte
	return norm.NFC.Properties(b[:utf8.EncodeRune(b[:], r)]).CCC()
}

// append appends the composition of text to dst, and reports whether it can.
func (c *composition) append(dst, text []byte) (out []byte, ok bool) {
	var (
		letter rune       // the last character of class 0,
		at     = len(dst) // and where it stands
		last   uint8      // the class of the last character, if it is not that one
	)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		if r >= composedLimit {
			return dst, false
		}
		class := c.class[r]
		switch {
		case class == 0:
			if r >= utf8.RuneSelf && chars.KindOf(r) < chars.PlainMark {
				return dst, false
			}
			letter, at, last = r, len(dst), 0
		case last < class: // nothing stands between the two
			if x, ok := c.pairs[uint32(letter)<<16|uint32(r)]; ok {
				dst = replaceRune(dst, at, utf8.RuneLen(letter), x)
				letter = x
				continue
			}
			fallthrough
		default:
			last = class
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst, true
}

// replaceRune puts r in place of the n bytes at byte i of b.
func replaceRune(b []byte, i, n int, r rune) []byte {
	var c [utf8.UTFMax]byte
	m := utf8.EncodeRune(c[:], r)
	if m > n {
		b = append(b, c[:m-n]...)
		copy(b[i+m:], b[i+n:len(b)-m+n])
	} else {
		b = append(b[:i+m], b[i+n:]...)
	}
	copy(b[i:], c[:m])
	return b
}

var joiner = []byte("\u034f")

// compose returns the composition of b, in room that is used again.
func (g *general) compose(b []byte) []byte {
	var ok bool
	if g.composed, ok = compositions().append(g.composed[:0], b); ok {
		return g.composed
	}
	g.iter.Init(norm.NFC, b)
	g.composed = g.composed[:0]
	for !g.iter.Done() {
		g.composed = append(g.composed, g.iter.Next()...)
	}
	if len(g.composed) > maxMarks {
		// Iter puts a combining grapheme joiner after 30 characters that do not
		// start a sequence.
		return bytes.ReplaceAll(g.composed, joiner, nil)
	}
	return g.composed
}
