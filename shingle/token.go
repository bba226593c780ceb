package shingle

import (
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
)

// token is a token of a text: its hash, and the bytes of the text that it
// came from.
//
// start is the first byte of the token's first character and end the byte
// after its last one, so text[start:end] is what a reader sees. Characters
// that a token ignores (soft hyphens and the like) are inside the range when
// they stand between two of its characters. Tokens come in text order and do
// not overlap, with one exception: a single character that is several tokens
// once it is folded, such as ½, gives tokens with the same range. Every token
// ends before the next line break, because a line break is a separator.
type token struct {
	hash       uint64
	start, end int
}

// appendTokens appends the tokens of text to dst: hash, start and end of each.
// It is what everything that has to know where a token stands is built on
// (prose, passages); features alone take the shorter way of appendHashes.
// It allocates nothing if dst has room for the tokens.
func appendTokens(dst []token, text string) []token {
	g := generalPool.Get().(*general)
	g.reset(tokenWords, false)
	dst, _ = scan(g, dst, nil, text, true)
	generalPool.Put(g)
	return dst
}

// spaceHash is the hash of " ", the token that stands for the separators
// between two characters.
const spaceHash = 0x79cf5ceb668638d

// hashToken returns the hash of one folded token.
func hashToken(folded []byte) uint64 {
	return xxhash.Sum64(folded)
}

// tokenMode says what a token is.
type tokenMode uint8

const (
	tokenWords tokenMode = iota // runs of letters, digits and marks
	tokenChars                  // every character with its marks; separators are one space
)

// scan runs the general path over the whole of text.
func scan[T string | []byte](g *general, toks []token, hashes []uint64, text T, spans bool) ([]token, []uint64) {
	g.toks, g.hashes, g.spans = toks, hashes, spans
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			g.ascii(c, i)
			i++
			continue
		}
		r, n := decodeRune(text, i)
		if r == utf8.RuneError && n == 1 {
			g.separator()
		} else {
			g.rune(r, i, i+n)
		}
		i += n
	}
	g.separator()
	toks, hashes = g.toks, g.hashes
	g.toks, g.hashes = nil, nil
	return toks, hashes
}

// decodeRune is utf8.DecodeRune at byte i of a string or a byte slice.
func decodeRune[T string | []byte](text T, i int) (rune, int) {
	var b [utf8.UTFMax]byte
	return utf8.DecodeRune(b[:copy(b[:], text[i:])])
}
