package shingle

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// classOracle returns the class of r. Ranges and [kindOf] decide, which are frozen with the scheme, not the Unicode
// tables of the Go release.
//
// A character that is one for compatibility, and part of a token, has the class of
// the first one that it stands for.
func classOracle(r rune) class {
	c := rangeOracle(r)
	switch {
	case r < 0x80:
	case isDigit(r):
		return clsDigit
	case kindOf(r) == kindComplex && r >= 0x300, kindOf(r) > kindPlainMark && c < clsDigit:
		if d := []rune(norm.NFKD.String(string(r))); d[0] != r {
			return classOracle(d[0])
		}
	}
	return c
}

func rangeOracle(r rune) class {
	switch r {
	case '은', '는', '이', '가', '을', '를', '의', '에', '로', '와', '과', '도', '서', '고', '한', '다', '며', '지', '들', '만', '게', '면', '할', '된', '인':
		return clsParticle
	case '的', '了', '是', '在', '和', '有', '不', '也', '与', '與', '为', '為', '对', '對', '将', '將', '就', '以', '及', '而', '但', '被', '把',
		'于', '於', '从', '從', '这', '這', '那', '其', '并', '並', '所', '等', '他', '她', '们', '們', '我', '你', '它', '之', '中', '上', '下',
		'后', '後', '前', '时', '時', '会', '會', '要', '说', '說', '到', '都', '还', '還', '没':
		return clsGrammar
	}
	switch {
	case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == 0x85 || r == 0x2028 || r == 0x2029:
		return clsBreak
	case r <= ' ' || r == 0x7F || 0x80 <= r && r <= 0xA0 || r == 0x1680 || 0x2000 <= r && r <= 0x200A || r == 0x202F || r == 0x205F ||
		r == 0x3000:
		return clsSpace
	case r >= 0x80 && kindOf(r) == kindIgnored:
		return clsSkip
	}
	switch r {
	case '.', '!', '?', 0xFF0E, 0xFF01, 0xFF1F, 0x203C, 0x203D, 0x2047, 0x2048, 0x2049, 0x37E:
		return clsStop
	case 0x3002, 0xFF61, 0x964, 0x965, 0x61F, 0x6D4, 0x589, 0x1362, 0x1367, 0x1368, 0x17D4, 0x17D5, 0x104A, 0x104B, 0xE2F,
		0xE5A, 0xE5B, 0x700, 0x701, 0x702, 0x9F7, 0xABF0,
		0x61D, 0x61E, 0x2E2E, 0x2E3C, 0x2E53, 0x2E54, 0xFE52, 0xFE56, 0xFE57:
		return clsFull
	case ',', ';', 0xFF0C, 0xFF1B, 0x3001, 0xFF64, 0x60C, 0x61B, 0x55D, 0x1363, 0x1364:
		return clsComma
	case ':', 0xFF1A:
		return clsColon
	case '"', ')', ']', 0x201D, 0x201C, 0x201E, 0xBB, 0x300D, 0x300F, 0xFF09, 0x3011, 0xFF3D, 0xFF63, 0x300B, 0xFF02:
		return clsClose
	case '\'', 0x2019, 0x2018, 0x2BC, 0x2BB, 0xFF07, '-', 0x2010, 0x2011, 0xFF0D, '/', '@', '&', 0x5BE, 0x5F3, 0x5F4, 0xFF0F:
		return clsGlue
	case '|', 0xFF5C, 0x2022, 0xB7, 0x30FB, 0x203A, 0x2039, 0xA9, 0xAE, 0x2122, '_', '=', '{', '}', '<', '>', '\\', '#', '*', '+', '^',
		'~', 0x25B6, 0x25BA, 0x2192, 0x25CF, 0x25A0, 0x2190, 0x2191, 0x2193, 0xD7:
		return clsSymbol
	}
	switch {
	case '0' <= r && r <= '9', 0xFF10 <= r && r <= 0xFF19, 0x660 <= r && r <= 0x669, 0x6F0 <= r && r <= 0x6F9, 0x966 <= r && r <= 0x96F,
		0xE50 <= r && r <= 0xE59:
		return clsDigit
	case r < 0xC0:
		if 'a' <= r && r <= 'z' || r == 0xAA || r == 0xB5 || r == 0xBA {
			return clsLower
		} else if 'A' <= r && r <= 'Z' {
			return clsUpper
		}
		return clsOther
	case r == 0xF7:
		return clsOther
	case 0x300 <= r && r <= 0x36F, 0x483 <= r && r <= 0x489, 0x591 <= r && r <= 0x5BD, 0x5BF <= r && r <= 0x5C7,
		0x610 <= r && r <= 0x61A, 0x64B <= r && r <= 0x65F, r == 0x670, 0x6D6 <= r && r <= 0x6DC, 0x6DF <= r && r <= 0x6ED,
		0x3099 <= r && r <= 0x309A, 0x302A <= r && r <= 0x302F, 0x1DC0 <= r && r <= 0x1DFF, 0x20D0 <= r && r <= 0x20FF, 0xFE20 <= r && r <= 0xFE2F, r == 0xFF9E, r == 0xFF9F:
		return clsMark
	case 0x2000 <= r && r < 0x2C00, 0x2E00 <= r && r < 0x2E80, 0x3003 <= r && r < 0x3005, 0x3008 <= r && r < 0x3021,
		0xFE10 <= r && r < 0xFE70, 0xFF00 <= r && r <= 0xFF20, 0xFF3B <= r && r <= 0xFF40, 0xFF5B <= r && r <= 0xFF65, 0xFFE0 <= r && r < 0x10000,
		0x1F000 <= r && r < 0x20000, 0xE000 <= r && r < 0xF900, r == 0x387, 0x55A <= r && r <= 0x55F, r == 0x5C0, r == 0x5C3, r == 0x66A,
		0x600 <= r && r < 0x610, r == 0x66B, r == 0x66C, r == 0x66D, r == 0x970:
		return clsOther
	case 0xE00 <= r && r < 0xF00, 0x1000 <= r && r < 0x10A0, 0x1780 <= r && r < 0x1800, 0xAA60 <= r && r < 0xAA80:
		return clsThai
	case 0x3040 <= r && r < 0x30A0:
		return clsHira
	case 0x30A0 <= r && r < 0x3100, 0x31F0 <= r && r < 0x3200, 0xFF66 <= r && r < 0xFF9E:
		return clsKata
	case 0x2E80 <= r && r < 0x2FE0, 0x3005 <= r && r < 0x3008, 0x3021 <= r && r < 0x3040, 0x3100 <= r && r < 0x3130,
		0x31A0 <= r && r < 0x31C0, 0x3400 <= r && r < 0x4DC0, 0x4E00 <= r && r < 0xA000, 0xF900 <= r && r < 0xFB00, 0x20000 <= r && r < kindLimit:
		return clsHan
	case 0xAC00 <= r && r < 0xD7B0, 0x1100 <= r && r < 0x1200, 0x3130 <= r && r < 0x3190, 0xA960 <= r && r < 0xA980, 0xD7B0 <= r && r < 0xD800:
		return clsHangul
	case kindOf(r) == kindSeparator:
		if isTerminal(r) {
			return clsFull
		}
		return clsOther
	case r < 0x588, 0x1D00 <= r && r < 0x2000, 0x2C00 <= r && r < 0x2D00, 0xA640 <= r && r < 0xA6A0, 0xA720 <= r && r < 0xA800:
		// Latin, Greek, Cyrillic, Armenian. Georgian sentences have no capitals.
		if foldRune(r) != r && r != 'ς' {
			return clsUpper
		}
		return clsLower
	}
	return clsPlain
}

// TestClassTable compares the table of classes with the ranges that define it, or writes it.
func TestClassTable(t *testing.T) {
	if *writeTables {
		var b bytes.Buffer
		fmt.Fprintf(&b, "// Code generated by TestClassTable -write-tables; DO NOT EDIT.\n\npackage shingle\n\n")
		fmt.Fprintf(&b, "// classIndex has the block of classData for every %d characters.\nvar classIndex = [...]uint16{", kindBlock)
		blocks := map[string]int{}
		var data []string
		for r := rune(0); r < kindLimit; r += kindBlock {
			var blk []byte
			for i := r; i < r+kindBlock; i++ {
				blk = append(blk, byte(classOracle(i)))
			}
			n, ok := blocks[string(blk)]
			if !ok {
				n = len(data)
				blocks[string(blk)] = n
				data = append(data, string(blk))
			}
			if r/kindBlock%32 == 0 {
				fmt.Fprint(&b, "\n")
			}
			fmt.Fprintf(&b, "%d,", n)
		}
		fmt.Fprintf(&b, "\n}\n\n// classData has the class of each character of a block. The first two blocks are ASCII.\nconst classData = \"\" +\n")
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
		if err := os.WriteFile("class_tables.go", out, 0o666); err != nil {
			t.Fatal(err)
		}
		t.Fatalf("class_tables.go is written: %d blocks", len(data))
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if got, want := proseClass(r), classOracle(r); got != want {
			t.Errorf("%U: class %d, want %d", r, got, want)
		}
	}
}
