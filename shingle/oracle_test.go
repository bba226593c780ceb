package shingle

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/neardup/neardup/shingle/internal/chars"
	"github.com/neardup/neardup/shingle/internal/chars/oracle"
)

// wordsOracle returns the folded tokens of text the slow way: the whole text
// is normalised at once, and then cut.
func wordsOracle(text string, strip bool) []string {
	var out []string
	open := false // the last token goes on
	solo := false
	for _, r := range normalOracle(text) {
		switch {
		case r == 0x2BB || r == 0x2BC || !unicode.In(r, unicode.L, unicode.N, unicode.M):
			open = false
		case unicode.Is(unicode.M, r):
			if open && !(strip && chars.IsDiacritic(r)) {
				out[len(out)-1] += string(r)
			}
		case open && !solo && !oracle.Solo(r):
			out[len(out)-1] += string(r)
		default:
			out = append(out, string(r))
			open, solo = true, oracle.Solo(r)
		}
	}
	return finishOracle(out)
}

// charsOracle returns the folded characters of text the slow way.
func charsOracle(text string, strip bool) []string {
	norm1 := strings.NewReplacer("ß", "ss", "ẞ", "ss").Replace(normalOracle(text))
	if strip {
		norm1 = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.M, r) && chars.IsDiacritic(r) {
				return -1
			}
			return r
		}, norm1)
	}
	var out []string
	open, gap := false, false
	for _, r := range norm1 {
		switch {
		case r == 0x2BB || r == 0x2BC || !unicode.In(r, unicode.L, unicode.N, unicode.M):
			open, gap = false, true
		case unicode.Is(unicode.M, r):
			if open {
				out[len(out)-1] += string(r)
			}
		case open && utf8.RuneCountInString(norm.NFC.String(out[len(out)-1]+string(r))) == 1:
			out[len(out)-1] += string(r) // a Hangul syllable
		default:
			if gap && len(out) > 0 {
				out = append(out, " ")
			}
			out = append(out, string(r))
			open, gap = true, false
		}
	}
	return finishOracle(out)
}

func normalOracle(text string) string {
	drop := func(s string) string {
		return strings.Map(func(r rune) rune {
			if oracle.Ignored(r) {
				return -1
			}
			return r
		}, s)
	}
	s := strings.ToValidUTF8(text, " ")
	return oracle.Letters(drop(norm.NFKD.String(drop(s))))
}

func finishOracle(tokens []string) []string {
	for i, s := range tokens {
		tokens[i] = strings.ReplaceAll(norm.NFC.String(oracle.Fold(s)), "\u034f", "")
	}
	return tokens
}

// featuresOracle is the definition of scheme 1, token by token.
func featuresOracle(tokens []string, w int) []uint64 {
	if len(tokens) == 0 {
		return nil
	}
	w = min(w, len(tokens))
	var out []uint64
	for i := 0; i+w <= len(tokens); i++ {
		var h uint64
		for _, t := range tokens[i : i+w] {
			_, h = bits.Mul64(h, 11400714819323198485)
			h += xxhash.Sum64String(t)
		}
		h = (h ^ h>>30) * 13787848793156543929
		h = (h ^ h>>27) * 10723151780598845931
		out = append(out, h^h>>31)
	}
	return out
}

// randomText returns a text of about n pieces: words and separators of many
// scripts, marks, characters that fold oddly, and bytes that are not UTF-8.
func randomText(rng *rand.Rand, n int) string {
	var b []byte
	pick := func(s string) {
		r := []rune(s)
		b = utf8.AppendRune(b, r[rng.IntN(len(r))])
	}
	for range rng.IntN(n) + 1 {
		for range rng.IntN(8) {
			switch rng.IntN(40) {
			default:
				pick("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
			case 0, 1:
				pick("àâäçéèêëîïôöûüÿœæÀÉÈÇÊßẞñÑãõåøØłŁıİğşž")
			case 2:
				pick("абвгдежзийклмнёАБЙЁґїєҐЇ")
			case 3:
				pick("αβγδσςΣάέήΆΈΐΰᾳᾴῼͅἈᾧῥᾰ\u0313")
			case 4:
				pick("北京大学新闻社会経済々〇龍豈並")
			case 5:
				pick("あいがぎぱーアイガパヴｶﾞﾊﾟｱｰ")
			case 6:
				pick("กขคงำิีุู่้๊์เแโไ๑๒ກຂຳំកម្မာ")
			case 7:
				pick("כתבשׁאָّبتثـكَيّأآإٱؤئىیکةہۂۀۀٕۖﷲ")
			case 8:
				pick("कखगघांिीु्ाक़ড়োকে")
			case 9:
				pick("한국어가각힣각ㄱ")
			case 10:
				pick("\u0301\u0300\u0308\u0323\u0327\u0345\u034f\u0338\u3099\u309a\u094d\u093c\u0e48\u0e38\u0f71\u0f72\u0f74\u0344")
			case 11:
				pick("\u00ad\u200b\u200c\u200d\u2060\ufeff\u0640\ufe0f\u3164\uffa0\u115f\u180e\u061c\U000e0100\U000e0041")
			case 12:
				pick("½¼⅓²³¹ªº①⑴㎞℃™№…´¨ͺ΅῾ﬁﬃŉǆǅʼʻﷺﹰﱞ＇＂！㈱①ⓐⅣⅳ㌔")
			case 13:
				b = append(b, "\x80\xbf\xc0\xc3\xe2\xed\xf0\xf4\xff\xfe"[rng.IntN(10)])
			case 14:
				pick("ⰀⴀⴰᏸꭰᎠᲐაꙊꭓ𐐀𐐨𝐀𝒳𞤀𞤢𐓐")
			case 15:
				b = utf8.AppendRune(b, rune(rng.IntN(0x33000)))
			case 16:
				pick("’‘'-_–—·.,;:!?“”«»、。，؟।")
			}
		}
		if rng.IntN(4) > 0 {
			pick("     \n\t,.’–\u00a0\u3000")
		}
	}
	return string(b)
}

// TestOracle compares the tokens, words and characters, with and without
// diacritics, with the oracle.
func TestOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	n := 8000
	if testing.Short() {
		n = 2000
	}
	for range n {
		text := randomText(rng, 12)
		w := rng.IntN(4) + 1
		if diff := diffFeatures(featuresOracle(wordsOracle(text, false), w), AppendWords(nil, text, w)); diff != "" {
			t.Fatalf("%+q: words (-want +got)\n%s", text, diff)
		}
		if diff := diffFeatures(featuresOracle(charsOracle(text, false), w), AppendChars(nil, text, w)); diff != "" {
			t.Fatalf("%+q: characters (-want +got)\n%s", text, diff)
		}
		if diff := diffFeatures(featuresOracle(wordsOracle(text, true), 1), strippedFeatures(text, tokenWords, true)); diff != "" {
			t.Fatalf("%+q: words without diacritics (-want +got)\n%s", text, diff)
		}
		if diff := diffFeatures(featuresOracle(charsOracle(text, true), 1), strippedFeatures(text, tokenChars, true)); diff != "" {
			t.Fatalf("%+q: characters without diacritics (-want +got)\n%s", text, diff)
		}
	}
}

func strippedFeatures(text string, mode tokenMode, strip bool) []uint64 {
	h := appendHashes(nil, text, mode, strip)
	return h[:roll(h, 1)]
}

func diffFeatures(want, got []uint64) string {
	if slices.Equal(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

// generalPath is that of generalTokens.
var generalPath general

// generalTokens returns the tokens of text along the general path alone.
func generalTokens(text string, mode tokenMode, strip bool) []token {
	g := &generalPath
	g.found = nil
	g.reset(mode, strip)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		g.take(r, i, i+n)
		i += n
	}
	g.flush()
	return g.found
}

// TestPaths compares the tokens of long texts, and where they stand, with those
// of the general path alone.
func TestPaths(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	n := 150
	if testing.Short() {
		n = 60
	}
	for i := range n {
		var b strings.Builder
		for size := rng.IntN(20000); b.Len() < size; {
			switch i % 4 {
			case 0:
				b.WriteString(randomText(rng, 50))
			case 1: // no ASCII separators, so that runs are longer than a window
				b.WriteString(strings.Join(strings.Fields(randomText(rng, 20)), "é"))
			case 2:
				b.WriteString(newsText(rng, []string{"en", "fr", "zh"}[rng.IntN(3)], 1000))
			case 3:
				b.WriteString(strings.Repeat(randomText(rng, 1), rng.IntN(1000)))
			}
		}
		text := b.String()
		want := generalTokens(text, tokenWords, false)
		got := appendTokens(nil, text)
		if !slices.Equal(want, got) {
			j := 0
			for j < min(len(want), len(got)) && want[j] == got[j] {
				j++
			}
			t.Fatalf("text %d: %d tokens, want %d; token %d: %+v, want %+v", i, len(got), len(want), j, got[j:][:2], want[j:][:2])
		}
		if h := appendHashes(nil, text, tokenWords, false); !slices.Equal(h, hashesOf(want)) {
			t.Fatalf("text %d: hashes differ from those of the tokens", i)
		}
		if h := appendHashes(nil, []byte(text), tokenWords, true); !slices.Equal(h, hashesOf(generalTokens(text, tokenWords, true))) {
			t.Fatalf("text %d: hashes of words without diacritics differ", i)
		}
		if h := appendHashes(nil, text, tokenChars, false); !slices.Equal(h, hashesOf(generalTokens(text, tokenChars, false))) {
			t.Fatalf("text %d: hashes of characters differ", i)
		}
	}
}

func hashesOf(toks []token) (h []uint64) {
	for _, t := range toks {
		h = append(h, t.hash)
	}
	return h
}
