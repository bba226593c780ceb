package shingle

import (
	"slices"

	"github.com/neardup/neardup/shingle/internal/chars"
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
	p := &s.prose
	r.Words = describeText(p, r.Words[:0], text)
	s.fellBack = false
	if s.cfg.View == Whole {
		p.pieces = append(p.pieces[:0], piece{kept: true, body: true})
	} else {
		s.fellBack = selectPieces(p, text)
	}
	r.FellBack = s.fellBack
	if s.cfg.FoldDiacritics {
		r.Words = appendHashes(r.Words[:0], text, tokenWords, true)
	}
	if s.cfg.Unit != Word {
		setWords(s, r, text)
		readView(s, r, text)
		s.fellBack = r.FellBack
		return
	}
	r.Features = append(r.Features[:0], r.Words...)
	r.Features = r.Features[:roll(r.Features, s.size)]
	r.Views = resize(r.Views, len(r.Features))
	p.setViews(r.Views, len(r.Words), s.size)
	setWords(s, r, text)
}

// resize returns a slice of n elements of unspecified value in the room of a.
func resize[E any](a []E, n int) []E { return slices.Grow(a[:0], n)[:n] }

// fill sets all of a to v.
func fill[E any](a []E, v E) {
	if len(a) > 0 {
		a[0] = v
	}
	for n := 1; n < len(a); n *= 2 {
		copy(a[n:], a[:n])
	}
}

// setViews sets the views of the features of the shingles of size tokens, of n: those that all tokens of one are in. A text
// of fewer tokens is one shingle.
func (p *prose) setViews(views []Views, n, size int) {
	size = min(size, n)
	if q := &p.pieces[0]; len(p.pieces) == 1 && q.kept && q.body {
		fill(views, InWhole|InBody|InProse)
		return
	}
	fill(views, InWhole)
	prose, body := 0, 0 // where the run of pieces that are in each view begins
	for k := range p.pieces {
		q := &p.pieces[k]
		end := n
		if k+1 < len(p.pieces) {
			end = p.pieces[k+1].tok
		}
		if !q.kept {
			prose = end
		}
		if !q.kept && !q.body {
			body = end
		}
		// The shingles that end in this piece.
		for i := max(body, q.tok-size+1); i+size <= end; i++ {
			views[i] |= InBody
		}
		for i := max(prose, q.tok-size+1); i+size <= end; i++ {
			views[i] |= InProse
		}
	}
}

// readView fills r with what Append gives, and leaves the words that are in the view.
func readView[T string | []byte](s *Shingler, r *Reading, text T) {
	n := 0
	for i, f := range r.WordFlags {
		if f&WordInProse != 0 {
			r.Words[n], r.WordFlags[n] = r.Words[i], f
			n++
		}
	}
	r.Words, r.WordFlags = r.Words[:n], r.WordFlags[:n]
	r.Features = appendFeatures(s, r.Features[:0], text)
	r.Views = resize(r.Views, len(r.Features))
	fill(r.Views, InProse|InBody|InWhole)
}

// setWords makes words of the tokens in r.Words, and says what they are.
func setWords[T string | []byte](s *Shingler, r *Reading, text T) {
	p := &s.prose
	words := r.Words
	flags := resize(r.WordFlags, len(words))
	for k := range p.pieces {
		q := &p.pieces[k]
		end := len(words)
		if k+1 < len(p.pieces) {
			end = p.pieces[k+1].tok
		}
		f := WordFlags(0)
		if q.kept {
			f = WordInProse | WordInBody
		} else if q.body {
			f = WordInBody
		}
		fill(flags[q.tok:end], f)
	}
	n, done := 0, 0 // so many words are made of so many tokens
	gaps := p.desc.gaps
	for i := 0; i < len(gaps); i++ {
		g := &gaps[i]
		if p.desc.info[g.tok].kind() != wordDigit || !isNumber(text, g.start, g.end) {
			continue
		}
		flags[g.tok] |= WordNumber
		if j := groups(gaps[i:], text); j > 1 {
			words[g.tok] = joinedHash(s, gaps[i:i+j], text)
			copy(flags[n:], flags[done:g.tok+1])
			n += copy(words[n:], words[done:g.tok+1])
			done = g.tok + j
			i += j - 1
		}
	}
	if done > 0 {
		copy(flags[n:], flags[done:])
		n += copy(words[n:], words[done:])
		words, flags = words[:n], flags[:n]
	}
	r.Words, r.WordFlags = words, flags
}

// groups returns how many of the tokens at the start of gaps are the groups of one number: the first one to three digits, and
// each after it three, with one separator between two.
func groups[T string | []byte](gaps []gapSpan, text T) int {
	if utf8Len(text, gaps[0].start, gaps[0].end) > 3 {
		return 1
	}
	n := 1
	for ; n < len(gaps); n++ {
		g := &gaps[n]
		if g.tok != gaps[n-1].tok+1 || !isSeparator(text, g.from, g.start) || !isNumber(text, g.start, g.end) ||
			utf8Len(text, g.start, g.end) != 3 {
			break
		}
	}
	return n
}

// utf8Len returns how many characters text has from byte i to byte j.
func utf8Len[T string | []byte](text T, i, j int) (n int) {
	for ; i < j; n++ {
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

// joinedHash returns the hash of the token that the digits of the tokens of gaps are together.
func joinedHash[T string | []byte](s *Shingler, gaps []gapSpan, text T) uint64 {
	s.number = s.number[:0]
	for _, g := range gaps {
		s.number = append(s.number, text[g.start:g.end]...)
	}
	s.joined = appendHashes(s.joined[:0], s.number, tokenWords, s.cfg.FoldDiacritics)
	return s.joined[0]
}

// isNumber reports whether text[i:j] is all digits.
func isNumber[T string | []byte](text T, i, j int) bool {
	for i < j {
		r, n := decodeRune(text, i)
		if !chars.IsDigit(r) {
			return false
		}
		i += n
	}
	return true
}
