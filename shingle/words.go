package shingle

import (
	"fmt"
	"iter"
)

// AppendWords appends the features of the word w-shingles of the whole text to
// dst, in text order, repeats kept, and returns the extended slice;
// dst[:len(dst)] is untouched. A text of n ≥ w tokens has n-w+1 features, a
// text of 1 to w-1 tokens has one, over all of them, and a text without tokens
// has none. The package comment says what a token is.
//
// It is equivalent to [Shingler.Append] with Unit [Words], Size w and View
// [Whole]. It takes O(len(text)) time whatever w is, and allocates nothing if
// dst has room for one value per token. It panics if w < 1.
func AppendWords(dst []uint64, text string, w int) []uint64 {
	return appendUnits(dst, text, tokenWords, w)
}

// AppendWordsBytes is [AppendWords] for a byte slice, which is not retained.
func AppendWordsBytes(dst []uint64, text []byte, w int) []uint64 {
	return appendUnits(dst, text, tokenWords, w)
}

// AppendChars appends the features of the character k-grams of the whole text
// to dst, in text order, repeats kept, and returns the extended slice;
// dst[:len(dst)] is untouched. A character is a folded letter or digit with
// its combining marks; a run of anything else between two of them counts as one
// character, a space, and as none at the ends of the text. A text of n ≥ k
// characters has n-k+1 features, a text of 1 to k-1 characters has one, and a
// text without letters and digits has none.
//
// It is equivalent to [Shingler.Append] with Unit [Chars], Size k and View
// [Whole]. It takes O(len(text)) time whatever k is, and allocates nothing if
// dst has room for one value per character. It panics if k < 1.
func AppendChars(dst []uint64, text string, k int) []uint64 {
	return appendUnits(dst, text, tokenChars, k)
}

// AppendCharsBytes is [AppendChars] for a byte slice, which is not retained.
func AppendCharsBytes(dst []uint64, text []byte, k int) []uint64 {
	return appendUnits(dst, text, tokenChars, k)
}

func appendUnits[T string | []byte](dst []uint64, text T, mode tokenMode, size int) []uint64 {
	if size < 1 {
		panic(fmt.Sprintf("shingle: size %d, want at least 1", size))
	}
	n := len(dst)
	dst = appendHashes(dst, text, mode, false)
	return dst[:n+roll(dst[n:], size)]
}

// Words returns the features of [AppendWords], one at a time. The text is read
// a few kilobytes ahead of them at most, or 2w tokens, so that stopping early
// saves the rest of the work. It panics if w < 1.
func Words(text string, w int) iter.Seq[uint64] {
	if w < 1 {
		panic(fmt.Sprintf("shingle: size %d, want at least 1", w))
	}
	return func(yield func(uint64) bool) {
		s := getScanner(tokenWords, false)
		defer putScanner(s)
		s.spans = false
		var toks, last []uint64 // of the shingles to come; the w-1 that the ones after them begin with
		short := true           // there was no shingle yet
		for base := 0; base < len(text); {
			s.hashes = toks
			base = scanWindow(s, text, base)
			toks = s.hashes
			if n := len(toks); base < len(text) && n/2 < w || n < w && !(short && n > 0) {
				continue
			}
			if base < len(text) {
				last = append(last[:0], toks[len(toks)-w+1:]...)
			}
			for _, f := range toks[:roll(toks, w)] {
				if !yield(f) {
					return
				}
			}
			toks, short = append(toks[:0], last...), false
		}
	}
}
