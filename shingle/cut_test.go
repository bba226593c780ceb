package shingle

import (
	"slices"
	"strings"
	"testing"
)

// A text that ends within a character has the same tokens whatever was read before it, and whatever its length is.
func TestCutCharacter(t *testing.T) {
	s := newShingler(t, Config{})
	var r Reading
	for n := range 130 {
		for _, cut := range []string{"漢\xe6", "漢\xe6\xbc", "é\xc3", "\xd0", "한\xed\x95", "😀\xf0\x9f\x98"} {
			for _, filler := range []string{"x", "漢", "й ", "one two "} {
				text := strings.Repeat(filler, n) + cut
				want := AppendWords(nil, strings.Clone(text)+" ", 1)
				for _, before := range []string{"漢字", "é", "한글", "😀"} {
					AppendWords(nil, strings.Repeat(before, 600), 1)
					if got := AppendWords(nil, text, 1); !slices.Equal(got, want) {
						t.Fatalf("%d times %q and %q after %q: %x, want %x", n, filler, cut, before, got, want)
					}
					s.Read(&r, text)
				}
			}
		}
	}
}
