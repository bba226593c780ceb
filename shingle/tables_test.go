package shingle

import (
	"slices"
	"testing"
)

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
