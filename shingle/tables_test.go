package shingle

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

var writeTables = flag.Bool("write-tables", false, "write tables.go; only ever for a new scheme")

var foldCaser = cases.Fold()

// foldOracle is case folding as the standard library has it. cases.Fold maps
// Cherokee the wrong way round, small letters to small letters.
func foldOracle(s string) string {
	var b []byte
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Cherokee, r):
			b = utf8.AppendRune(b, unicode.ToUpper(r))
		default:
			b = append(b, foldCaser.String(string(r))...)
		}
	}
	return string(b)
}

func foldedOracle(r rune) string {
	s := norm.NFKD.String(foldOracle(norm.NFKD.String(string(r))))
	out := ""
	for _, r := range s {
		if !ignored(r) {
			out += string(r)
		}
	}
	return norm.NFC.String(lettersOracle(out))
}

// lettersOracle makes the letters of a decomposed text one that scheme 1 has as one: forms of the alef, the ya, the kaf and the
// ha of the Arabic script, and Greek letters with and without accents and breathings.
func lettersOracle(s string) string {
	greek := false
	return strings.Map(func(r rune) rune {
		switch r {
		case 'ٱ':
			return 'ا'
		case 'ى', 'ی':
			return 'ي'
		case 'ک':
			return 'ك'
		case 'ة', 'ہ', 'ە':
			return 'ه'
		}
		if !unicode.Is(unicode.M, r) {
			greek = r >= 0x370 && r < 0x400
		} else if greek && strings.ContainsRune("\u0300\u0301\u0304\u0306\u0308\u0313\u0314\u0342", r) {
			return -1
		}
		return r
	}, s)
}

// optional reports whether r is one of the marks of the Arabic and Hebrew scripts that are written or not: vowels, hamza and
// madda on a letter, signs for reading aloud.
func optional(r rune) bool {
	return unicode.Is(unicode.Mn, r) && (r >= 0x591 && r < 0x5C8 || r >= 0x610 && r < 0x61B || r >= 0x64B && r < 0x660 || r == 0x670 ||
		r >= 0x6D6 && r < 0x6EE || r >= 0x898 && r < 0x900)
}

func ignored(r rune) bool {
	return r == 0x640 || optional(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || unicode.Is(unicode.Variation_Selector, r) ||
		unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) && (r < 0xFFF9 || r > 0xFFFB) && (r < 0x13430 || r > 0x1345F)
}

func soloOracle(r rune) bool {
	return r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) &&
		unicode.In(r, unicode.L, unicode.Nl)
}

// kindOracle derives the kind of a character from the Unicode tables of the
// standard library and of x/text, and the delta of word characters.
func kindOracle(r rune) (uint8, rune) {
	if ignored(r) {
		return kindIgnored, 0
	}
	p := norm.NFC.PropertiesString(string(r))
	decomposes := norm.NFKD.PropertiesString(string(r)).Decomposition() != nil
	if unicode.Is(unicode.M, r) {
		switch {
		case decomposes:
			return kindComplexMark, 0
		case p.CCC() == 0 && !p.BoundaryBefore(), foldedOracle(r) != string(r):
			return kindComplexMark, 0
		case p.CCC() == 0:
			return kindPlainMark, 0
		case combinesBackward(r):
			return kindComplexMark, 0
		}
		return kindLoneMark, 0
	}
	f := []rune(foldedOracle(r))
	if len(f) == 0 {
		return kindIgnored, 0 // a mark on a tatweel
	}
	words := 0
	for _, x := range f {
		if unicode.In(x, unicode.L, unicode.N) && x != 0x2BB && x != 0x2BC {
			words++
		}
	}
	switch {
	case words == 0 && unicode.Is(unicode.M, f[0]): // half-width voiced sound marks
		return kindComplexMark, 0
	case words == 0:
		return kindSeparator, 0
	case len(f) != 1 || !norm.NFC.PropertiesString(string(f)).BoundaryBefore() || r >= 0x1D400 && r < 0x1D800:
		return kindComplex, 0
	case soloOracle(f[0]):
		if f[0] != r {
			return kindComplex, 0
		}
		return kindSolo, 0
	}
	return kindWord, f[0] - r
}

// combinesBackward reports whether a mark composes with a character before it:
// whether its quick check is not a plain yes.
func combinesBackward(r rune) bool {
	// A span that a quick check passes reaches the end.
	s := "\u00c5" + string(r)
	return norm.NFC.QuickSpanString(s) != len(s)
}

// common has the distances of letters that are common in text though few: those of lettersOracle, and of Greek letters with an
// accent.
var common = func() map[rune]bool {
	m := map[rune]bool{}
	for _, r := range "أآإٱؤئىیکةہۂۀەάέήίόύώϊϋΐΰΆΈΉΊΌΎΏ" {
		m[[]rune(foldedOracle(r))[0]-r] = true
	}
	return m
}()

func TestTables(t *testing.T) {
	const frozen = "15.0.0"
	if unicode.Version != frozen || norm.Version != frozen {
		t.Skipf("the tables are those of Unicode %s, Go has %s", frozen, unicode.Version)
	}
	type entry struct {
		kind  uint8
		delta rune
	}
	want := map[rune]entry{}
	deltas := map[rune]int{}
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if testing.Short() && r > 0x3000 && r%16 != 0 {
			continue
		}
		if utf8.ValidRune(r) {
			k, d := kindOracle(r)
			want[r] = entry{k, d}
			if k == kindWord {
				deltas[d]++
			}
		}
	}
	if *writeTables && !testing.Short() {
		var codes []rune
		for d, n := range deltas {
			if d != 0 && (n >= 10 || common[d]) {
				codes = append(codes, d)
			}
		}
		sort.Slice(codes, func(i, j int) bool {
			a, b := codes[i], codes[j]
			return deltas[a] > deltas[b] || deltas[a] == deltas[b] && a < b
		})
		code := map[rune]uint8{0: kindWord}
		var b bytes.Buffer
		fmt.Fprintf(&b, "package shingle\n\n// The tables of scheme 1, derived from Unicode %s by TestTables -write-tables.\n", frozen)
		fmt.Fprintf(&b, "// They are part of the scheme: never to be derived again from a later version.\n\n")
		fmt.Fprintf(&b, "// kindDelta is what folding adds to a character of kind kindWord and above.\nvar kindDelta = [...]rune{\n0,\n")
		for i, d := range codes {
			code[d] = kindWord + uint8(i) + 1
			fmt.Fprintf(&b, "%d,\n", d)
		}
		fmt.Fprintf(&b, "}\n\n// rareFold has the other characters that fold to one, in order, and what to.\nvar rareFold = [...][2]rune{\n")
		blocks := map[string]int{}
		var data []string
		var index []int
		for r := rune(0); r < kindLimit; r += kindBlock {
			var blk []byte
			for i := r; i < r+kindBlock; i++ {
				e := want[i]
				if e.kind == kindWord {
					c, ok := code[e.delta]
					if !ok {
						c = kindComplex
						if norm.NFKD.PropertiesString(string(i)).Decomposition() == nil {
							fmt.Fprintf(&b, "{0x%x, 0x%x},\n", i, i+e.delta)
						}
					}
					e.kind = c
				}
				blk = append(blk, e.kind+kindFirst)
			}
			n, ok := blocks[string(blk)]
			if !ok {
				n = len(data)
				blocks[string(blk)] = n
				data = append(data, string(blk))
			}
			index = append(index, n)
		}
		fmt.Fprintf(&b, "}\n\n// kindIndex has the block of kindData for every %d characters.\nvar kindIndex = [...]uint16{", kindBlock)
		for i, n := range index {
			if i%32 == 0 {
				fmt.Fprint(&b, "\n")
			}
			fmt.Fprintf(&b, "%d,", n)
		}
		fmt.Fprintf(&b, "\n}\n\n// kindData has the kind of each character of a block, plus kindFirst.\nconst kindData = \"\" +\n")
		for i, d := range data {
			fmt.Fprintf(&b, "%q", d)
			if i+1 < len(data) {
				fmt.Fprintf(&b, " +\n")
			}
		}
		fmt.Fprintf(&b, "\n")
		out, err := format.Source(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("tables.go", out, 0o666); err != nil {
			t.Fatal(err)
		}
		t.Fatalf("tables.go is written: %d blocks, %d deltas", len(data), len(codes))
	}
	bad := 0
	for r, w := range want {
		k := kindOf(r)
		d := rune(0)
		got := k
		if k >= kindWord {
			got, d = kindWord, kindDelta[k-kindWord]
		}
		if w.kind == kindWord && k == kindComplex {
			if norm.NFKD.PropertiesString(string(r)).Decomposition() != nil || foldRune(r) == r+w.delta {
				continue // the long way to the same result
			}
		}
		if got != w.kind || d != w.delta {
			if bad++; bad < 20 {
				t.Errorf("%U: kind %d, delta %d, want %d, %d", r, got, d, w.kind, w.delta)
			}
		}
	}
}

// TestTablesPaths compares the paths on every character after others that it
// might compose with.
func TestTablesPaths(t *testing.T) {
	for r := rune(0x80); r < 0x20000; r++ {
		if r > 0x3400 && r < 0xA000 || r > 0xAC00 && r < 0xE000 || testing.Short() && r%8 != 0 {
			continue
		}
		for _, text := range []string{"e" + string(r), "\u1100" + string(r), "가" + string(r) + "a", "か" + string(r), "É" + string(r) + "\u0301", "\u0dd9" + string(r)} {
			for _, mode := range []tokenMode{tokenWords, tokenChars} {
				want, got := hashesOf(generalTokens(text, mode, false)), appendHashes(nil, text, mode, false)
				if !slices.Equal(got, want) {
					t.Errorf("%+q: mode %d: %x, want %x", text, mode, got, want)
				}
			}
		}
	}
}
