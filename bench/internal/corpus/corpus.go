// Package corpus generates the texts that the benchmarks measure on: articles with Zipf-distributed words in several scripts, edited
// copies at a known Jaccard, sites that wrap a body in navigation, and streams of millions of articles that are never held in memory.
//
// Everything is a pure function of its arguments: the same call gives the same bytes on every architecture and in every process. Only
// integer arithmetic decides what is written, so no fused multiply-add and no library function of floating point can change a byte;
// the tests pin the output. Nothing here is meant to read well. What is meant to be right is what a fingerprint sees: how often words
// repeat, how long words, sentences and paragraphs are, how many bytes are not ASCII, how much of a page is not the article.
package corpus

import (
	"math/bits"
	"math/rand/v2"
	"strconv"
	"unicode/utf8"
)

// rng draws from a PCG. Its own reduction to a range keeps the bytes independent of how math/rand/v2 implements IntN.
type rng struct{ pcg rand.PCG }

func newRNG(seed, stream uint64) (r rng) {
	r.pcg.Seed(seed, stream*0x9e3779b97f4a7c15+0x632be59bd9b4e019)
	r.pcg.Uint64() // the first outputs of neighbouring seeds are alike
	return r
}

// below returns a number in [0, n).
func (r *rng) below(n int) int {
	hi, _ := bits.Mul64(r.pcg.Uint64(), uint64(n))
	return int(hi)
}

// oneIn returns true once in n calls.
func (r *rng) oneIn(n int) bool { return r.below(n) == 0 }

// Article returns article number id of a seed: paragraphs of sentences of at most size bytes and, from 128 bytes up, of more than
// size-64. Articles of different ids have no more in common than two texts of one language have.
func Article(lang Language, seed, id uint64, size int) string {
	return string(AppendArticle(nil, lang, seed, id, size))
}

// AppendArticle appends [Article] to dst. It allocates only if dst has too little room.
func AppendArticle(dst []byte, lang Language, seed, id uint64, size int) []byte {
	return appendArticle(dst, lang, seed, id, size, 0, 0)
}

// Articles returns n articles, ids 0 to n-1.
func Articles(lang Language, seed uint64, n, size int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = Article(lang, seed, uint64(i), size)
	}
	return out
}

// appendArticle writes an article. With edit > 0, one word in 1/edit·10,000 is replaced by another, as chosen by editSeed; everything
// else stays as it is without edits.
func appendArticle(dst []byte, lang Language, seed, id uint64, size, edit int, editSeed uint64) []byte {
	if size <= 0 {
		return dst
	}
	v := lang.vocabulary()
	r := newRNG(seed, id*2+1)
	edits := newRNG(editSeed, id*2)
	var topic [24]uint16 // the words that this article is about
	for i := range topic {
		topic[i] = v.content(&r)
	}
	end := len(dst) + size
	tail := len(v.stop)
	for first := true; ; first = false {
		// One paragraph of two to five sentences.
		start := len(dst)
		if !first {
			dst = append(dst, "\n\n"...)
		}
		for s := 2 + r.below(4); s > 0; s-- {
			before := len(dst)
			var full bool
			dst, full = v.appendSentence(dst, &r, &edits, &topic, edit, end-tail)
			if full {
				if len(dst) == before || len(dst) == start+2 {
					dst = dst[:min(before, len(dst))]
				}
				return finish(dst, start, end, v)
			}
			if s > 1 && v.space != "" {
				dst = append(dst, v.space...)
			}
		}
	}
}

// finish closes a text that has run out of room: no dangling separators, a full stop if one fits.
func finish(dst []byte, floor, end int, v *vocabulary) []byte {
	for len(dst) > floor && (dst[len(dst)-1] == ' ' || dst[len(dst)-1] == '\n' || dst[len(dst)-1] == ',') {
		dst = dst[:len(dst)-1]
	}
	if n := len(dst); n > floor && n+len(v.stop) <= end {
		if !endsWith(dst, v.stop) {
			dst = append(dst, v.stop...)
		}
	}
	return dst
}

func endsWith(b []byte, s string) bool { return len(b) >= len(s) && string(b[len(b)-len(s):]) == s }

// appendSentence appends one sentence, or as many of its words as stay below limit; full tells that it was cut.
func (v *vocabulary) appendSentence(dst []byte, r, edits *rng, topic *[24]uint16, edit, limit int) (out []byte, full bool) {
	n := 8 + r.below(18)
	quoted := r.oneIn(9)
	if quoted {
		if len(dst)+len(v.openQuote) >= limit {
			return dst, true
		}
		dst = append(dst, v.openQuote...)
	}
	for i := range n {
		var w string
		f := r.pcg.Uint64() // the rare events, a few bits each
		number := f&63 == 0
		proper, comma, possessive := f>>6&15 == 0, i > 2 && i+2 < n && f>>10&31 < 3, f>>15&63 == 0
		switch {
		case number:
			var buf [8]byte
			w = string(strconv.AppendInt(buf[:0], int64(1+r.below(2100)), 10)) // at most four digits: does not escape
		case f>>21&7 == 0:
			w = v.words[topic[r.below(len(topic))]]
		default:
			w = v.words[v.draw(r)]
		}
		if edit > 0 && edits.below(10_000) < edit {
			w, number = v.words[v.content(edits)], false
		}
		sep := v.space
		if i == 0 {
			sep = ""
		}
		if len(dst)+len(sep)+len(w)+16 > limit {
			return dst, true
		}
		dst = append(dst, sep...)
		at := len(dst)
		dst = append(dst, w...)
		if v.cased && (i == 0 || proper) && !number {
			capitalize(dst[at:])
		}
		if possessive && v.possessive != "" && !number {
			dst = append(dst, v.possessive...)
		}
		if comma {
			dst = append(dst, v.comma...)
		}
	}
	switch r.below(20) {
	case 0:
		dst = append(dst, v.question...)
	default:
		dst = append(dst, v.stop...)
	}
	if quoted {
		dst = append(dst, v.closeQuote...)
	}
	return dst, false
}

// capitalize raises the first letter of w in place; the alphabets in use keep their width in UTF-8 when raised.
func capitalize(w []byte) {
	c, n := utf8.DecodeRune(w)
	switch {
	case 'a' <= c && c <= 'z', 'à' <= c && c <= 'þ' && c != '÷', 'а' <= c && c <= 'я':
		utf8.EncodeRune(w[:n], c-32)
	case c == 'œ':
		utf8.EncodeRune(w[:n], 'Œ')
	}
}

// Headline returns headline number id: five to eleven words, capitalised where the script has capitals, without a full stop.
func Headline(lang Language, seed, id uint64) string {
	return string(appendHeadline(nil, lang, seed, id))
}

func appendHeadline(dst []byte, lang Language, seed, id uint64) []byte {
	v := lang.vocabulary()
	r := newRNG(seed^0x68656164, id)
	for i := range 5 + r.below(7) {
		if i > 0 {
			dst = append(dst, v.space...)
		}
		at := len(dst)
		if r.oneIn(3) {
			dst = append(dst, v.words[v.draw(&r)]...)
		} else {
			dst = append(dst, v.words[v.content(&r)]...)
		}
		if v.cased {
			capitalize(dst[at:])
		}
	}
	return dst
}
