package shingle

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// addTexts adds texts that are hard in some way to the seeds of a fuzz target
// of a text and a number.
func addTexts(f *testing.F) {
	for i, text := range []string{
		"", "a", "The quick brown fox; don’t panic.\n\nL’été, 2024年、ｶﾞ", "\xff\xc3\xe2\x80 a\xed\xa0\x80b",
		"e\u0301\u0323\u0345 ΐ ᾳ ½ ﷺ ͺ ŉ ǆ İ ẞ ſ", "한국어 \u1112\u1161\u11ab 각", "กำลัง ປະເທດ ខ្មែរ မြန်မာ",
		"a\u00adb\u200bc\u034fd\ufe0fe\U000e0100f\u3164", "हिन्दी क\u093c ড\u09bc\u09be", "كتـــاب שׁלום",
		"a" + strings.Repeat("\u0301\u0323", 40) + "b", "\u1100" + strings.Repeat("\u1161", 70),
		strings.Repeat("x", 5000) + "é " + strings.Repeat("北", 2000), strings.Repeat("a b\u0301", 1500),
		"Home | News\n\nThe mayor said that it was late, and that he would go home.\n\nMore | Less\n",
	} {
		f.Add(text, uint8(i))
	}
}

// FuzzTokens compares the paths to the tokens of a text with the general one,
// and checks where the tokens are said to stand.
func FuzzTokens(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, text string, _ uint8) {
		toks := appendTokens(nil, text)
		if want := generalTokens(text, tokenWords, false); !slices.Equal(toks, want) {
			t.Fatalf("%+q: tokens %v, want %v", text, toks, want)
		}
		end := 0
		for i, tok := range toks {
			// One character may be part of two tokens, as ½ is.
			if tok.start < end && (tok.start < toks[i-1].start || utf8.RuneCountInString(text[tok.start:end]) != 1) {
				t.Fatalf("%+q: tokens %d and %d overlap: %v", text, i-1, i, toks)
			}
			if tok.start >= tok.end || tok.end > len(text) {
				t.Fatalf("%+q: token %d is %v", text, i, tok)
			}
			if s := text[tok.start:tok.end]; !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\t ") {
				t.Fatalf("%+q: token %d is %+q", text, i, s)
			}
			end = tok.end
		}
		for _, c := range []struct {
			mode  tokenMode
			strip bool
		}{{tokenWords, false}, {tokenWords, true}, {tokenChars, false}, {tokenChars, true}} {
			want := hashesOf(generalTokens(text, c.mode, c.strip))
			if got := appendHashes(nil, text, c.mode, c.strip); !slices.Equal(got, want) {
				t.Fatalf("%+q: mode %d, strip %v: hashes %x, want %x", text, c.mode, c.strip, got, want)
			}
		}
	})
}

// FuzzOracle compares features with those of the naive implementation.
func FuzzOracle(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		if strings.Contains(norm.NFKD.String(text), "\u034f") {
			t.Skip("the normaliser of the oracle put a joiner into a long run of marks, or there was one")
		}
		w := int(size)%9 + 1
		if diff := diffFeatures(featuresOracle(wordsOracle(text, false), w), AppendWords(nil, text, w)); diff != "" {
			t.Fatalf("%+q: words (-want +got)\n%s", text, diff)
		}
		if diff := diffFeatures(featuresOracle(charsOracle(text, false), w), AppendChars(nil, text, w)); diff != "" {
			t.Fatalf("%+q: characters (-want +got)\n%s", text, diff)
		}
	})
}

// FuzzForms checks that canonically equivalent texts have the same features,
// and that compatibility normalisation changes none either.
func FuzzForms(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		if strings.Contains(norm.NFKD.String(text), "\u034f") {
			t.Skip("normalisation puts a joiner into a long run of marks, or there was one")
		}
		w := int(size)%5 + 1
		want, chars := AppendWords(nil, text, w), AppendChars(nil, text, w)
		for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
			if got := AppendWords(nil, form.String(text), w); !slices.Equal(got, want) {
				t.Fatalf("%+q: form %d: words differ", text, form)
			}
			if got := AppendChars(nil, form.String(text), w); !slices.Equal(got, chars) {
				t.Fatalf("%+q: form %d: characters differ", text, form)
			}
		}
		// Folding what is folded changes nothing, but for the one mark that folds
		// to a letter, which stays with the character that it is on.
		if strings.Contains(norm.NFD.String(text), "\u0345") {
			return
		}
		folded := strings.Join(wordsOracle(text, false), " ")
		if got := AppendWords(nil, folded, w); !slices.Equal(got, want) {
			t.Fatalf("%+q: words of the folded text %+q differ", text, folded)
		}
		for _, word := range []string{strings.ToUpper(folded), strings.ToLower(folded)} {
			// Case mapping is the inverse of folding for the most part only;
			// where it is not, there is a different number of letters.
			if len(AppendWords(nil, word, 1)) != len(AppendWords(nil, folded, 1)) {
				t.Fatalf("%+q: %+q has another number of words", folded, word)
			}
		}
	})
}

// chunkReader returns its text in pieces of the lengths that plan has, in
// turn, the last one together with io.EOF if the first is odd.
type chunkReader struct {
	text string
	plan []byte
	i    int
}

func (r *chunkReader) Read(p []byte) (int, error) {
	n := len(r.text)
	if len(r.plan) > 0 {
		n = min(n, int(r.plan[r.i%len(r.plan)]))
		r.i++
		if r.i%50 == 0 {
			n = min(1, len(r.text))
		}
	}
	n = copy(p, r.text[:n])
	r.text = r.text[n:]
	if r.text == "" && (n == 0 || len(r.plan) > 0 && r.plan[0]%2 == 1) {
		return n, io.EOF
	}
	return n, nil
}

// FuzzInputs compares string, bytes and reader, and text that is read in
// windows with text that is read at once.
func FuzzInputs(f *testing.F) {
	for i, text := range []string{"", "a b", "Tom’s café\nis closed.", "\xe2\x80\x99 é\xcc\x81", strings.Repeat("été 北京 ", 600)} {
		f.Add(text, []byte{byte(i), 3, 0, 200}, uint8(i))
	}
	var shinglers []*Shingler
	for _, cfg := range configs {
		shinglers = append(shinglers, newShingler(f, cfg))
	}
	f.Fuzz(func(t *testing.T, text string, plan []byte, n uint8) {
		s := shinglers[int(n)%len(shinglers)]
		want := s.Append(nil, text)
		if got := s.AppendBytes(nil, []byte(text)); !slices.Equal(got, want) {
			t.Fatalf("%+q: bytes differ", text)
		}
		got, err := s.AppendReader(nil, &chunkReader{text: text, plan: plan})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%+q: reader differs, %v", text, err)
		}
		w := int(n)%7 + 1
		if got := slices.Collect(Words(text, w)); !slices.Equal(got, AppendWords(nil, text, w)) {
			t.Fatalf("%+q: sequence differs", text)
		}
		// What stands before a text, in windows of its own, changes nothing.
		before := strings.Repeat(" ", int(n)*61)
		if got := AppendWords(nil, before+text, w); !slices.Equal(got, AppendWords(nil, text, w)) {
			t.Fatalf("%d spaces and %+q: features differ", len(before), text)
		}
	})
}

// FuzzSets compares sets and bags with maps.
func FuzzSets(f *testing.F) {
	f.Add([]byte{}, []byte{1})
	f.Add([]byte{1, 2, 3, 1, 1}, []byte{3, 3, 1})
	f.Add(bytes.Repeat([]byte("neardup"), 100), []byte("near"))
	f.Fuzz(func(t *testing.T, x, y []byte) {
		fa, fb := features(x), features(y)
		overlap, union := setsOracle(fa, fb)
		counts := map[uint64][2]int64{}
		for i, f := range [][]uint64{fa, fb} {
			for _, v := range f {
				c := counts[v]
				c[i]++
				counts[v] = c
			}
		}
		var both int64
		for _, c := range counts {
			both += min(c[0], c[1])
		}
		ba, bb := NewBag(slices.Clone(fa)), NewBag(slices.Clone(fb))
		if got := ba.Overlap(bb); got != both || ba.Total() != int64(len(fa)) {
			t.Fatalf("bags: overlap %d, want %d", got, both)
		}
		a, b := NewSet(fa), NewSet(fb)
		if !slices.Equal(a, ba.Features) || !slices.IsSorted(a) {
			t.Fatal("the set is not that of the bag, or not sorted")
		}
		if got := a.Overlap(b); got != overlap || len(a)+len(b)-got != union {
			t.Fatalf("overlap %d, want %d of %d", got, overlap, union)
		}
	})
}

// features returns a value for each byte of b, on which sorting has to work.
func features(b []byte) []uint64 {
	f := make([]uint64, len(b))
	for i, c := range b {
		f[i] = binary.BigEndian.Uint64([]byte{c & 3, 0, c & 1, 0, c, c >> 7, 0, c >> 4})
	}
	return f
}
