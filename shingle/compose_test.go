package shingle

import (
	"math/rand/v2"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// TestCompose compares composition with that of package norm: of each character, and of random letters and marks.
func TestCompose(t *testing.T) {
	c := compositions()
	composed := 0
	check := func(text string) {
		d := norm.NFD.String(text)
		got, ok := c.append([]byte("x"), []byte(d))
		if ok {
			composed++
		}
		if want := "x" + norm.NFC.String(d); ok && string(got) != want {
			t.Errorf("%+q: %+q, want %+q", d, got, want)
		}
	}
	var marks, letters []rune
	for r := rune(0x80); r < 0x20000; r++ {
		p := norm.NFC.PropertiesString(string(r))
		if c.classOf(r) != p.CCC() {
			t.Errorf("%U: class %d, want %d", r, c.classOf(r), p.CCC())
		}
		switch d := norm.NFD.String(string(r)); {
		case p.CCC() > 0:
			marks = append(marks, r)
		case d != string(r) && (r < hangulBase || r >= hangulEnd):
			letters = append(letters, r)
			for _, x := range d {
				letters = append(letters, x)
			}
		}
		check(string(r))
	}
	rng := rand.New(rand.NewPCG(1, 41))
	for range 50000 {
		var text []rune
		for range 1 + rng.IntN(8) {
			switch rng.IntN(3) {
			case 0:
				text = append(text, letters[rng.IntN(len(letters))])
			case 1:
				text = append(text, marks[rng.IntN(len(marks))])
			default:
				text = append(text, 0x300+rune(rng.IntN(0x46)))
			}
		}
		check(string(text))
	}
	if composed < 25000 {
		t.Errorf("%d texts were composed, want 25,000", composed)
	}
}
