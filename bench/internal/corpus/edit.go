package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Edit returns text with single words replaced by words that occur nowhere else, spread evenly, so many that the word-w-shingle Jaccard
// of the two is as near to j as whole words allow, and that Jaccard, counted exactly with [Jaccard]. In Chinese a character counts as a
// word. Texts of fewer than 2w words come back with j = 1.
func Edit(lang Language, text string, w int, j float64, seed uint64) (edited string, exact float64) {
	words := spans(text)
	n := len(words) - w + 1 // shingles
	if n <= w || j >= 1 {
		return text, 1
	}
	// Each replacement at least w words from the next breaks w shingles and makes w new ones: j = (n-mw) / (n+mw).
	m := int(float64(n)*(1-j)/(float64(w)*(1+j)) + 0.5)
	m = max(0, min(m, n/w))
	r := newRNG(seed, 0x65646974)
	fresh := r.below(1 << 24)
	var sb strings.Builder
	sb.Grow(len(text) + 16*m)
	at := 0
	for i := range m {
		lo, hi := w-1+i*(n-w+1)/m, w-1+(i+1)*(n-w+1)/m
		p := words[lo+r.below(max(1, hi-lo-w+1))]
		sb.WriteString(text[at:p[0]])
		sb.WriteString(rareWord(lang, fresh+i))
		at = p[1]
	}
	sb.WriteString(text[at:])
	edited = sb.String()
	return edited, Jaccard(text, edited, w)
}

// rareWord returns word number i of those that no vocabulary has.
func rareWord(lang Language, i int) string {
	if lang == Chinese {
		return string(rune(0x8000 + i%0x1f00)) // the vocabulary ends below U+7700
	}
	b := []byte(lang.vocabulary().rare)
	for range 6 {
		if lang == Russian {
			b = utf8.AppendRune(b, 'а'+rune(i%32))
			i /= 32
		} else {
			b = append(b, 'a'+byte(i%26))
			i /= 26
		}
	}
	return string(b)
}

// spans returns the byte ranges of the words: runs of letters, digits and marks with apostrophes inside, or single characters of Han.
func spans(text string) [][2]int {
	var out [][2]int
	start := -1
	for i, c := range text {
		switch {
		case unicode.Is(unicode.Han, c):
			if start >= 0 {
				out = append(out, [2]int{start, i})
				start = -1
			}
			out = append(out, [2]int{i, i + utf8.RuneLen(c)})
		case unicode.In(c, unicode.L, unicode.N, unicode.M) || (start >= 0 && (c == '’' || c == '\'')):
			if start < 0 {
				start = i
			}
		case start >= 0:
			out = append(out, [2]int{start, i})
			start = -1
		}
	}
	if start >= 0 {
		out = append(out, [2]int{start, len(text)})
	}
	return out
}

// Shingles returns the set of w-shingles of a text as strings: slow, and with no hash that could be wrong.
func Shingles(text string, w int) map[string]struct{} {
	words := spans(text)
	set := make(map[string]struct{}, len(words))
	for i := 0; i+w <= len(words); i++ {
		var sb strings.Builder
		for _, p := range words[i : i+w] {
			sb.WriteString(strings.ToLower(text[p[0]:p[1]]))
			sb.WriteByte(' ')
		}
		set[sb.String()] = struct{}{}
	}
	return set
}

// Jaccard returns the exact word-w-shingle Jaccard of two texts, by sets of strings.
func Jaccard(a, b string, w int) float64 {
	x, y := Shingles(a, w), Shingles(b, w)
	shared := 0
	for s := range x {
		if _, ok := y[s]; ok {
			shared++
		}
	}
	union := len(x) + len(y) - shared
	if union == 0 {
		return 0
	}
	return float64(shared) / float64(union)
}

// FeaturePair returns two sets of n distinct random features each with a Jaccard as near to j as n allows, and that Jaccard.
func FeaturePair(n int, j float64, seed uint64) (a, b []uint64, exact float64) {
	r := newRNG(seed, 0x66656174)
	shared := max(0, min(n, int(2*float64(n)*j/(1+j)+0.5)))
	a = make([]uint64, n)
	for i := range a {
		a[i] = r.pcg.Uint64()
	}
	b = append(b, a...)
	for i := shared; i < n; i++ {
		b[i] = r.pcg.Uint64()
	}
	if n > 0 {
		exact = float64(shared) / float64(2*n-shared)
	}
	return a, b, exact
}

// Features returns docs slices of n random features.
func Features(docs, n int, seed uint64) [][]uint64 {
	out := make([][]uint64, docs)
	for i := range out {
		out[i], _, _ = FeaturePair(n, 1, seed+uint64(i)<<32)
	}
	return out
}

// FeatureStream is a collection of feature sets, some of them near-duplicates of earlier ones, each a function of its number.
type FeatureStream struct {
	Seed   uint64
	N      int // features in a set
	Copies int // percent of sets that share 75% to 100% of their features with an earlier one, a Jaccard of 0.6 to 1
}

// Append appends the features of set i to dst.
func (s *FeatureStream) Append(dst []uint64, i int) []uint64 {
	r := newRNG(s.Seed^0x73657473, uint64(i))
	if i > 0 && r.below(100) < s.Copies {
		return s.AppendLike(dst, r.below(i), 0.6+0.4*float64(r.below(1000))/1000, uint64(i))
	}
	for range s.N {
		dst = append(dst, r.pcg.Uint64())
	}
	return dst
}

// AppendLike appends a set that has a Jaccard of j, as near as N allows, with set i.
func (s *FeatureStream) AppendLike(dst []uint64, i int, j float64, seed uint64) []uint64 {
	at := len(dst)
	dst = s.Append(dst, i)
	r := newRNG(s.Seed^0x6c696b65, seed)
	for k := int(2*float64(s.N)*j/(1+j) + 0.5); k < s.N; k++ {
		dst[at+k] = r.pcg.Uint64()
	}
	return dst
}
