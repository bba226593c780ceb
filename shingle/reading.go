package shingle

import (
	"math"
	"slices"
	"unicode/utf8"
)

// Views says in which views of its text a feature is, as bits.
type Views uint8

const (
	InProse Views = 1 << iota // the prose, what the view [Prose] keeps
	InBody                    // the body: the text without what is surely menu
	InWhole                   // the whole text
)

// WordFlags says what a word is and where it stands, as bits.
type WordFlags uint8

const (
	WordInProse WordFlags = 1 << iota // in the prose
	WordInBody                        // in the body
	WordNumber                        // a number: nothing but digits, of any script
)

// Reading is what one reading of a text gives: its features and its words, each with what is known of its place. It is
// filled by [Shingler.Read], which reuses the room of its slices. The zero value is ready.
type Reading struct {
	Features []uint64 // in text order, repeats kept
	Views    []Views  // of each feature

	Words     []uint64    // the hash of each token, in text order, repeats kept
	WordFlags []WordFlags // of each word

	// FellBack reports that there is too little prose in the text, so that all of its body stands for it.
	FellBack bool
}

// Read fills r with the features and the words of text, whatever the View of s.
//
// The features are those of the whole text, as [AppendWords] gives them. One is in the prose, or in the body, if all of its
// tokens are, so what is in the prose is in the body, and none spans what was left out, as those of Append do. With View [Whole] every feature and
// word is in all views. With Unit [Char] or [Anchored] the features are those of [Shingler.Append], the words those of the
// view, and all are in all views.
//
// The groups of three digits of a number are one word, however they are set apart: 1,234,567 and 1.234.567 and 1234567 are
// the same, though not as tokens.
//
// It takes O(len(text)) time, with Anchored O(len(text) + tokens·Size), and allocates nothing if an earlier text of s and
// of r was at least as long.
func (s *Shingler) Read(r *Reading, text string) { read(s, r, text) }

// ReadBytes is [Shingler.Read] for a byte slice, which is not retained.
func (s *Shingler) ReadBytes(r *Reading, text []byte) { read(s, r, text) }

func read[T string | []byte](s *Shingler, r *Reading, text T) {
	sc := getScanner(tokenWords, s.cfg.FoldDiacritics)
	sc.spans, sc.toks = true, s.toks[:0]
	scan(sc, text)
	s.toks = sc.toks
	putScanner(sc)

	r.Features, r.Views = r.Features[:0], r.Views[:0]
	r.Words, r.WordFlags = r.Words[:0], r.WordFlags[:0]
	s.fellBack = false
	p := &s.prose
	if s.cfg.View == Whole {
		p.pieces = append(p.pieces[:0], piece{kept: true, body: true})
	} else {
		s.fellBack = selectPieces(p, text)
	}
	r.FellBack = s.fellBack
	if s.cfg.Unit != Word {
		fellBack := s.fellBack
		readView(s, r, text)
		s.fellBack = fellBack
		return
	}

	r.Features, r.Views = resize(r.Features, len(s.toks)), resize(r.Views, len(s.toks))
	for i := range s.toks {
		r.Features[i] = s.toks[i].hash
	}
	setViews(r.Views, s.toks, p.pieces, s.size)
	r.Features = r.Features[:roll(r.Features, s.size)]
	r.Views = r.Views[:len(r.Features)]
	appendReadWords(s, r, text)
}

// resize returns a slice of n elements of unspecified value in the room of a.
func resize[E any](a []E, n int) []E { return slices.Grow(a[:0], n)[:n] }

// setViews sets the views of the features of the shingles of size tokens: those that all tokens of one are in. A text of fewer
// tokens is one shingle.
func setViews(views []Views, toks []token, pieces []piece, size int) {
	size = min(size, len(toks))
	prose, body := 0, 0 // how many tokens in a row up to this one are in each view
	for k, i := 0, 0; i < len(toks); k++ {
		end := math.MaxInt
		if k+1 < len(pieces) {
			end = pieces[k+1].start
		}
		q := &pieces[k]
		for ; i < len(toks) && toks[i].start < end; i++ {
			prose++
			body++
			if !q.kept {
				prose = 0
				if !q.body {
					body = 0
				}
			}
			if i+1 < size {
				continue
			}
			v := InWhole
			if body >= size {
				v |= InBody
			}
			if prose >= size {
				v |= InProse
			}
			views[i+1-size] = v
		}
	}
}

// readView fills r with what Append gives, and the words that are in the view.
func readView[T string | []byte](s *Shingler, r *Reading, text T) {
	appendReadWords(s, r, text)
	n := 0
	for i, f := range r.WordFlags {
		if f&WordInProse != 0 {
			r.Words[n], r.WordFlags[n] = r.Words[i], f
			n++
		}
	}
	r.Words, r.WordFlags = r.Words[:n], r.WordFlags[:n]
	r.Features = appendFeatures(s, r.Features, text)
	for range r.Features {
		r.Views = append(r.Views, InProse|InBody|InWhole)
	}
}

// appendReadWords appends the words of the tokens that s has read.
func appendReadWords[T string | []byte](s *Shingler, r *Reading, text T) {
	r.Words, r.WordFlags = slices.Grow(r.Words[:0], len(s.toks)), slices.Grow(r.WordFlags[:0], len(s.toks))
	pieces := s.prose.pieces
	for k, i := 0, 0; i < len(s.toks); k++ {
		end := math.MaxInt
		if k+1 < len(pieces) {
			end = pieces[k+1].start
		}
		var f WordFlags
		if q := &pieces[k]; q.kept {
			f = WordInProse | WordInBody
		} else if q.body {
			f = WordInBody
		}
		for ; i < len(s.toks) && s.toks[i].start < end; i++ {
			t := &s.toks[i]
			h, f := t.hash, f
			if c := text[t.start]; (c <= '9' || c >= utf8.RuneSelf) && isNumber(text, t.start, t.end) {
				f |= WordNumber
				if j := groups(s.toks[i:], text); j > 1 {
					h = joinedHash(s, s.toks[i:i+j], text)
					i += j - 1
				}
			}
			r.Words = append(r.Words, h)
			r.WordFlags = append(r.WordFlags, f)
		}
	}
}

// groups returns how many of the tokens at the start of toks are the groups of one number: the first one to three digits, and
// each after it three, with one separator between two.
func groups[T string | []byte](toks []token, text T) int {
	if digits(text, toks[0]) > 3 {
		return 1
	}
	n := 1
	for n < len(toks) && isSeparator(text, toks[n-1].end, toks[n].start) && isNumber(text, toks[n].start, toks[n].end) &&
		digits(text, toks[n]) == 3 {
		n++
	}
	return n
}

// digits returns how many characters t has.
func digits[T string | []byte](text T, t token) int {
	n := 0
	for i := t.start; i < t.end; n++ {
		_, w := decodeRune(text, i)
		i += w
	}
	return n
}

// isSeparator reports whether text[i:j] is one of the characters that are put between the digits of a number.
func isSeparator[T string | []byte](text T, i, j int) bool {
	if i >= j {
		return false
	}
	r, n := decodeRune(text, i)
	switch r {
	case ',', '.', '\'', '’', 0xA0, 0x2009, 0x202F, '٬', '，':
		return i+n == j
	}
	return false
}

// joinedHash returns the hash of the token that the digits of toks are together.
func joinedHash[T string | []byte](s *Shingler, toks []token, text T) uint64 {
	s.number = s.number[:0]
	for _, t := range toks {
		s.number = append(s.number, text[t.start:t.end]...)
	}
	s.joined = appendHashes(s.joined[:0], s.number, tokenWords, s.cfg.FoldDiacritics)
	return s.joined[0]
}
