package shingle

import (
	"testing"
	"unicode"
)

// TestTerminals checks the frozen tables against those of the Go release, as long as that has the same version.
func TestTerminals(t *testing.T) {
	if unicode.Version != "15.0.0" {
		t.Skipf("the tables are those of Unicode 15.0.0, Go has %s", unicode.Version)
	}
	tibetan := map[rune]bool{0xF08: true, 0xF0D: true, 0xF0E: true, 0xF11: true}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if got, want := isDigit(r), unicode.Is(unicode.Nd, r); got != want {
			t.Errorf("%U is a digit: %v, want %v", r, got, want)
		}
		ends := unicode.Is(unicode.Sentence_Terminal, r) || tibetan[r]
		if got := isTerminal(r); r >= 0x300 && got != ends {
			t.Errorf("%U ends a sentence: %v, want %v", r, got, ends)
		}
		if c := proseClass(r); ends && c != clsStop && c != clsFull {
			t.Errorf("%U ends a sentence and has class %d", r, c)
		}
	}
}
