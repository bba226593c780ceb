package shingle

import (
	"slices"
	"strings"
	"testing"
)

// readTexts are texts of many kinds, among them pages in all layouts.
func readTexts() []string {
	texts := []string{"", " ", "one", "one two three four", "\xff\xfe", "½ ﷺ №5 ٣ ३ 20km", strings.Repeat("a ", 6000)}
	for _, r := range pageRows {
		for _, l := range layouts {
			texts = append(texts, l.page(r))
		}
	}
	return append(texts, pageEnglish, pageRussian, pageChinese)
}

// TestReadFeatures checks that the features of a reading are those of the whole text, that the views lie in one another,
// and that neither depends on what was read before.
func TestReadFeatures(t *testing.T) {
	s := newShingler(t, Config{})
	var r Reading
	for _, text := range readTexts() {
		s.Read(&r, text)
		if want := AppendWords(nil, text, 5); !slices.Equal(r.Features, want) {
			t.Errorf("%.40q: %d features are not those of AppendWords, %d", text, len(r.Features), len(want))
		}
		if want := appendHashes(nil, text, tokenWords, false); !slices.Equal(r.Words, want) {
			t.Errorf("%.40q: %d words are not the tokens, %d", text, len(r.Words), len(want))
		}
		if len(r.Views) != len(r.Features) || len(r.WordFlags) != len(r.Words) {
			t.Fatalf("%.40q: %d views of %d features, %d flags of %d words", text, len(r.Views), len(r.Features), len(r.WordFlags),
				len(r.Words))
		}
		for i, v := range r.Views {
			if v&InWhole == 0 || v&InProse != 0 && v&InBody == 0 {
				t.Fatalf("%.40q: feature %d is in the views %03b", text, i, v)
			}
		}
		var other Reading
		newShingler(t, Config{}).ReadBytes(&other, []byte(text))
		if !slices.Equal(r.Views, other.Views) || !slices.Equal(r.WordFlags, other.WordFlags) || r.FellBack != other.FellBack {
			t.Errorf("%.40q: a fresh Shingler reads it in another way", text)
		}
	}
}
