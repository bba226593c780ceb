package chars_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/neardup/neardup/shingle/internal/chars"
	"github.com/neardup/neardup/shingle/internal/chars/oracle"
)

// pinned skips a test of the tables where what they come from is of another version.
func pinned(t *testing.T) {
	if !oracle.IsPinned() {
		t.Skipf("the tables are those of Unicode %s, Go has %s", oracle.Version, unicode.Version)
	}
}

// TestKinds compares the kinds, and what letters fold to, with their definition.
func TestKinds(t *testing.T) {
	pinned(t)
	bad := 0
	for r := rune(0x80); r <= unicode.MaxRune && bad < 20; r++ {
		if !utf8.ValidRune(r) || testing.Short() && r > 0x3000 && r%16 != 0 {
			continue
		}
		kind, delta := oracle.Kind(r)
		got, d := chars.KindOf(r), rune(0)
		if got >= chars.Word {
			got, d = chars.Word, chars.Delta(got)
		}
		if kind == chars.Word && got == chars.Complex {
			if norm.NFKD.PropertiesString(string(r)).Decomposition() != nil || chars.Fold(r) == r+delta {
				continue // the long way to the same result
			}
		}
		if got != kind || d != delta {
			bad++
			t.Errorf("%U: kind %d, delta %d, want %d, %d", r, got, d, kind, delta)
		}
	}
}

// TestClasses compares the classes with their definition.
func TestClasses(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if got, want := chars.ClassOf(r), oracle.Class(r); got != want {
			t.Errorf("%U: class %d, want %d", r, got, want)
		}
		if r < 0x80 && chars.ASCII(byte(r)) != chars.ClassOf(r) {
			t.Errorf("%U: class %d among ASCII characters, %d among all", r, chars.ASCII(byte(r)), chars.ClassOf(r))
		}
		// Whatever is part of a token is part of a word, so that no text is invisible. Letters that are symbols are an
		// exception.
		if r >= 0x80 && unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lo) && chars.KindOf(r) >= chars.Solo {
			if c := chars.ClassOf(r); c < chars.Digit && c != chars.Full && (r < 0x2100 || r >= 0x2200) {
				t.Errorf("%U is class %d", r, c)
			}
		}
	}
}

// TestTerminals checks the digits, and that what ends a sentence has a class that says so.
func TestTerminals(t *testing.T) {
	pinned(t)
	tibetan := map[rune]bool{0xF08: true, 0xF0D: true, 0xF0E: true, 0xF11: true}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if got, want := chars.IsDigit(r), unicode.Is(unicode.Nd, r); got != want {
			t.Errorf("%U is a digit: %v, want %v", r, got, want)
		}
		if c := chars.ClassOf(r); (unicode.Is(unicode.Sentence_Terminal, r) || tibetan[r]) && c != chars.Stop && c != chars.Full {
			t.Errorf("%U ends a sentence and has class %d", r, c)
		}
	}
}
