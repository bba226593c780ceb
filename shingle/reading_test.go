package shingle

import (
	"slices"
	"strings"
	"testing"
)

// readTexts are texts of many kinds, among them pages in all layouts.
func readTexts() []string {
	texts := []string{"", " ", "one", "one two three four", "\xff\xfe", "½ ﷺ №5 ٣ ३ 20km", strings.Repeat("a ", 6000), "\U0001D7D8 \U0001D7D9",
		"Home\nNews\nSport\n\n" + strings.Repeat("The tide came in and took the shore\nand left the moon upon the sand\n", 5),
		"Home\nNews\nSport\nAbout us\n" + pageRows[0].body[0]}
	for _, r := range pageRows {
		for _, l := range layouts {
			texts = append(texts, l.page(r))
		}
	}
	return append(texts, pageEnglish, pageRussian, pageChinese)
}

// viewsOracle returns the views of the features of text the slow way, from the blocks that each of its tokens is in.
func viewsOracle(text string, size int) (views []Views, words []WordFlags) {
	blocks := AppendBlocks(nil, text)
	var of []WordFlags
	for _, t := range generalTokens(text, tokenWords, false) {
		for _, b := range blocks {
			if b.Start > t.start || t.start >= b.End {
				continue
			}
			switch {
			case b.Kept:
				of = append(of, WordInProse|WordInBody)
			case b.Reason != LikeMenu:
				of = append(of, WordInBody)
			default:
				of = append(of, 0)
			}
		}
	}
	n := min(size, len(of))
	for i := 0; n > 0 && i+n <= len(of); i++ {
		v := InProse | InBody | InWhole
		for _, f := range of[i : i+n] {
			if f&WordInProse == 0 {
				v &^= InProse
			}
			if f&WordInBody == 0 {
				v &^= InBody
			}
		}
		views = append(views, v)
	}
	return views, of
}

// TestRead compares the features of a reading with those of the whole text, and their views with the blocks.
func TestRead(t *testing.T) {
	s := newShingler(t, Config{})
	var r Reading
	for _, text := range readTexts() {
		s.Read(&r, text)
		if want := AppendWords(nil, text, 5); !slices.Equal(r.Features, want) {
			t.Errorf("%.40q: %d features are not those of AppendWords, %d", text, len(r.Features), len(want))
		}
		views, words := viewsOracle(text, 5)
		if !slices.Equal(r.Views, views) {
			t.Errorf("%.40q: views\n%v, want\n%v", text, r.Views, views)
		}
		if len(r.Words) != len(r.WordFlags) || len(r.Words) > len(words) {
			t.Errorf("%.40q: %d words, %d flags of %d tokens", text, len(r.Words), len(r.WordFlags), len(words))
		}
		if blocks := AppendBlocks(nil, text); text != "" && (blocks[0].Reason == TooLittleProse) != r.FellBack && blocks[0].Kept {
			t.Errorf("%.40q: fell back %v, first block %v", text, r.FellBack, blocks[0].Reason)
		}
		var other Reading
		newShingler(t, Config{}).ReadBytes(&other, []byte(text))
		if !slices.Equal(r.Views, other.Views) || !slices.Equal(r.Words, other.Words) || !slices.Equal(r.WordFlags, other.WordFlags) ||
			r.FellBack != other.FellBack {
			t.Errorf("%.40q: a fresh Shingler reads it in another way", text)
		}
	}
}

// TestReadAll checks that with the view Whole, and with other units, everything is in all views.
func TestReadAll(t *testing.T) {
	for _, cfg := range []Config{{View: Whole}, {Unit: Char}, {Unit: Char, View: Whole}, {Unit: Anchored}, {Size: 2, View: Whole, FoldDiacritics: true}} {
		s := newShingler(t, cfg)
		var r Reading
		for _, text := range readTexts() {
			want := s.Append(nil, text)
			fellBack := s.FellBack()
			s.Read(&r, text)
			if !slices.Equal(r.Features, want) || r.FellBack != fellBack {
				t.Fatalf("%+v: %.40q: features are not those of Append", cfg, text)
			}
			for i, v := range r.Views {
				if v != InProse|InBody|InWhole {
					t.Fatalf("%+v: %.40q: feature %d is in the views %03b", cfg, text, i, v)
				}
			}
			for i, f := range r.WordFlags {
				if f&(WordInProse|WordInBody) != WordInProse|WordInBody {
					t.Fatalf("%+v: %.40q: word %d has the flags %03b", cfg, text, i, f)
				}
			}
		}
	}
}

// TestReadFold checks that without diacritics the features are others, and the views are not.
func TestReadFold(t *testing.T) {
	s, fold := newShingler(t, Config{}), newShingler(t, Config{FoldDiacritics: true})
	whole := newShingler(t, Config{View: Whole, FoldDiacritics: true})
	var r, f Reading
	for _, text := range append(readTexts(), "e\u0301\u0345 \u0301a 1\u0301,234 ½\u0308 Ünter") {
		s.Read(&r, text)
		fold.Read(&f, text)
		if !slices.Equal(r.Views, f.Views) || r.FellBack != f.FellBack {
			t.Errorf("%.40q: other views", text)
		}
		if want := whole.Append(nil, text); !slices.Equal(f.Features, want) {
			t.Errorf("%.40q: %d features are not those of Append, %d", text, len(f.Features), len(want))
		}
	}
}

// TestReadNumbers checks what a number is, and that its groups of digits are one word.
func TestReadNumbers(t *testing.T) {
	s := newShingler(t, Config{})
	var r Reading
	for _, c := range []struct {
		text string
		want string // the tokens that the words are, those that are numbers in brackets
	}{
		{"about 1,234,567 people", "about [1234567] people"},
		{"1.234.567, 1'234 and 1’234", "[1234567] [1234] and [1234]"},
		{"1\u00a0234\u202f567 and 1 234", "[1234567] and [1] [234]"},
		{"12,34 and 1,2345 and 1234,567", "[12] [34] and [1] [2345] and [1234] [567]"},
		{"3.50 or 3,500.25", "[3] [50] or [3500] [25]"},
		{"1,234th 20km x1 2nd", "[1] 234th 20km x1 2nd"},
		{"١٢٬٣٤٥ १२ ４２", "[١٢٣٤٥] [१२] [42]"},
		{"2024年3月", "[2024] 年 [3] 月"},
		{"1,,234", "[1] [234]"},
	} {
		s.Read(&r, c.text)
		words := strings.Fields(c.want)
		if len(words) != len(r.Words) {
			t.Errorf("%q: %d words, want %q", c.text, len(r.Words), c.want)
			continue
		}
		for i, w := range words {
			number := strings.HasPrefix(w, "[")
			h := appendHashes(nil, strings.Trim(w, "[]"), tokenWords, false)
			if r.Words[i] != h[0] || r.WordFlags[i]&WordNumber != 0 != number {
				t.Errorf("%q: word %d is not %s", c.text, i, w)
			}
		}
	}
}

func TestReadAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector drops pooled objects")
	}
	for _, cfg := range []Config{{}, {View: Whole}, {Unit: Char}, {Unit: Anchored}} {
		s := newShingler(t, cfg)
		var r Reading
		page := pageEnglish + " 1,234,567 " + pageChinese + pageRussian
		run := func() { s.Read(&r, page) }
		run()
		if n := testing.AllocsPerRun(20, run); n != 0 {
			t.Errorf("%+v: %v allocations", cfg, n)
		}
	}
}

// FuzzRead compares the views of any text with the blocks.
func FuzzRead(f *testing.F) {
	addTexts(f)
	f.Add(pageEnglish, uint8(4))
	s := newShingler(f, Config{})
	var r Reading
	f.Fuzz(func(t *testing.T, text string, _ uint8) {
		if len(text) > 4<<10 {
			t.Skip("the oracle is slow")
		}
		s.Read(&r, text)
		if want := AppendWords(nil, text, 5); !slices.Equal(r.Features, want) {
			t.Fatalf("%+q: features are not those of AppendWords", text)
		}
		if want, _ := viewsOracle(text, 5); !slices.Equal(r.Views, want) {
			t.Fatalf("%+q: views %v, want %v", text, r.Views, want)
		}
	})
}
