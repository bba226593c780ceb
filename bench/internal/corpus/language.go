package corpus

import (
	"math/bits"
	"strings"
	"sync"
)

// Language selects alphabet, function words and punctuation of what is generated.
type Language uint8

// The languages: one per way in which a tokenizer is challenged.
const (
	English Language = iota // Latin letters, ASCII but for typographic apostrophes, a byte in 300
	French                  // letters with accents, guillemets
	Russian                 // two bytes a letter
	Chinese                 // no spaces, three bytes a character, full-width punctuation
	languages
)

// Languages returns all languages.
func Languages() []Language {
	out := make([]Language, languages)
	for i := range out {
		out[i] = Language(i)
	}
	return out
}

// String returns the name as benchmark keys spell it.
func (l Language) String() string { return [...]string{"english", "french", "russian", "chinese"}[l] }

// vocabulary is a language's words, most frequent first, and a sampler of their Zipf-Mandelbrot distribution: the weight of rank i is
// 1/(i+2.7). Function words lead; they are the language's own, since a view of the text that looks for prose counts them.
type vocabulary struct {
	words    []string
	function int // words[:function] are function words
	// Alias table (Vose): slot i yields i below cut[i], else alias[i]; integers only.
	cut   []uint32
	alias []uint16

	cased bool
	// rare begins no word of the vocabulary: edits use it for words that are in no article.
	space, comma, stop, question            string
	openQuote, closeQuote, possessive, rare string
}

const vocabularySize = 20_000

var vocabularies = [languages]func() *vocabulary{
	English: sync.OnceValue(func() *vocabulary {
		v := &vocabulary{cased: true, space: " ", comma: ",", stop: ".", question: "?", openQuote: "\"", closeQuote: "\"", possessive: "’s", rare: "zq"}
		v.fill(1, englishFunction, strings.Fields("b c d f g h l m n p r s t v w b c d g l m n p r s t v cl dr gr pl pr sh st th tr"),
			strings.Fields("a e i o u a e i o ea ou ai"), strings.Fields("n r s t l m d ck nd nt st ng . . . . . ."))
		return v
	}),
	French: sync.OnceValue(func() *vocabulary {
		v := &vocabulary{cased: true, space: " ", comma: ",", stop: ".", question: " ?", openQuote: "« ", closeQuote: " »", rare: "zq"}
		v.fill(2, frenchFunction, strings.Fields("b c ç d f g j l m n p r s t v c d l m n p r s t v ch cr fr pl qu tr"),
			strings.Fields("a e é i o u è ê à ou ai ei eu oi au œ"), strings.Fields("n r s t l m x nt rs . . . . . . . ."))
		return v
	}),
	Russian: sync.OnceValue(func() *vocabulary {
		v := &vocabulary{cased: true, space: " ", comma: ",", stop: ".", question: "?", openQuote: "«", closeQuote: "»", rare: "щъ"}
		v.fill(3, russianFunction, strings.Fields("б в г д ж з к л м н п р с т ф х ц ч ш в д к л м н п р с т пр ст тр"),
			strings.Fields("а е и о у ы я ю а е и о"), strings.Fields("н р с т л м й к ть ст . . . . . ."))
		return v
	}),
	Chinese: sync.OnceValue(func() *vocabulary {
		v := &vocabulary{comma: "\uff0c", stop: "\u3002", question: "\uff1f", openQuote: "\u201c", closeQuote: "\u201d"}
		v.fillHan(4)
		return v
	}),
}

func (l Language) vocabulary() *vocabulary { return vocabularies[l]() }

// Function words by frequency, as any grammar lists them.
const (
	englishFunction = "the of and to in a is that for it was on with as be by at he this are from his have not had but which or an they their were said has been its who will more would one about also than into there can after all other when some if out up what so we no our may over most such only between under could these those"
	frenchFunction  = "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont la avec son aux cette ont ses mais comme on tout nous sa été aussi leur bien peut ces y deux même si ou elle être dont fait entre sans après avant où très encore ils"
	russianFunction = "и в не на что с по это как к из у за от а но для о до он так же его все бы было то при их уже или только она чтобы еще мы со был если после может нет под также во когда были более этого был перед между через без где"
	chineseFunction = "的 了 在 是 和 有 不 这 为 我 他 也 就 人 都 一 个 上 到 说 们 中 与 对 将 而 及 被 从 但 已 等 于 以 会 其 还 并 或 由"
)

// fill makes words of one to four syllables in a fixed pseudo-random order; . is an empty coda.
func (v *vocabulary) fill(stream uint64, function string, onsets, vowels, codas []string) {
	r := newRNG(0x766f63616273, stream)
	seen := make(map[string]bool, vocabularySize)
	add := func(w string) {
		if !seen[w] && !strings.HasPrefix(w, v.rare) {
			seen[w] = true
			v.words = append(v.words, w)
		}
	}
	for _, w := range strings.Fields(function) {
		add(w)
	}
	v.function = len(v.words)
	var sb strings.Builder
	for len(v.words) < vocabularySize {
		sb.Reset()
		// Frequent words are short; only a word's end has a coda.
		for n := 1 + r.below(2) + r.below(1+min(len(v.words)/1000, 2)); n > 0; n-- {
			sb.WriteString(onsets[r.below(len(onsets))])
			sb.WriteString(vowels[r.below(len(vowels))])
			if c := codas[r.below(len(codas))]; n == 1 && c != "." {
				sb.WriteString(c)
			}
		}
		add(sb.String())
	}
	v.weigh()
}

// fillHan makes words of one to three characters from a set of 2,600 frequent ones.
func (v *vocabulary) fillHan(stream uint64) {
	r := newRNG(0x766f63616273, stream)
	seen := make(map[string]bool, vocabularySize)
	add := func(w string) {
		if !seen[w] {
			seen[w] = true
			v.words = append(v.words, w)
		}
	}
	for _, w := range strings.Fields(chineseFunction) {
		add(w)
	}
	v.function = len(v.words)
	for len(v.words) < vocabularySize {
		n := 2
		switch r.below(8) {
		case 0:
			n = 1
		case 1:
			n = 3
		}
		w := make([]rune, n)
		for i := range w {
			a, b := r.below(2600), r.below(2600)
			w[i] = rune(0x4e00 + min(a, b)*4) // the smaller of two: some characters are frequent
		}
		add(string(w))
	}
	v.weigh()
}

// weigh builds the alias table.
func (v *vocabulary) weigh() {
	n := len(v.words)
	weights := make([]uint64, n) // times n
	var total uint64
	for i := range weights {
		weights[i] = (10 << 32) / uint64(10*i+27)
		total += weights[i]
	}
	v.cut, v.alias = make([]uint32, n), make([]uint16, n)
	var small, large []int
	for i := range weights {
		weights[i] *= uint64(n)
		if weights[i] < total {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		share, _ := bits.Div64(weights[s]>>32, weights[s]<<32, total) // of 2^32
		v.cut[s] = uint32(share)
		v.alias[s] = uint16(l)
		weights[l] -= total - weights[s]
		if weights[l] < total {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) {
		v.cut[i], v.alias[i] = ^uint32(0), uint16(i)
	}
}

// draw returns the index of a word with its probability.
func (v *vocabulary) draw(r *rng) uint16 {
	x := r.pcg.Uint64()
	i := int((x >> 32) * uint64(len(v.words)) >> 32)
	if uint32(x) < v.cut[i] {
		return uint16(i)
	}
	return v.alias[i]
}

// content returns the index of a word that is not a function word, by the same distribution.
func (v *vocabulary) content(r *rng) uint16 {
	for {
		if i := v.draw(r); int(i) >= v.function {
			return i
		}
	}
}
