//go:build !purego

package shingle

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/neardup/neardup/shingle/internal/chars"
)

// TestVectors compares the kernels with each other: masks, edges and hashes.
func TestVectors(t *testing.T) {
	if !useAVX2 {
		if os.Getenv("NEARDUP_REQUIRE_AVX2") != "" {
			t.Fatal("NEARDUP_REQUIRE_AVX2 is set and there is no AVX2")
		}
		t.Skip("NOTHING COMPARED: there is no AVX2; NEARDUP_REQUIRE_AVX2=1 makes this a failure")
	}
	defer func() { useAVX2 = true }()
	rng := rand.New(rand.NewPCG(1, 20))
	for i := range 400 {
		var s, g scanner
		text := randomText(rng, 1+rng.IntN(2000))
		switch i % 4 {
		case 1: // all bytes
			b := make([]byte, rng.IntN(windowSize+1))
			for j := range b {
				b[j] = byte(rng.Uint32())
			}
			text = string(b)
		case 2:
			text = newsText(rng, "en", windowSize)
		}
		n := copy(s.win[:windowSize], text)
		copy(g.win[:], s.win[:n])
		blocks := (n + 63) / 64
		useAVX2 = true
		high, k := s.classify(blocks), s.findEdges(blocks)
		useAVX2 = false
		if h := g.classify(blocks); h != high || s.win != g.win || s.word != g.word || s.high != g.high || s.lead != g.lead {
			t.Fatalf("text %d: masks differ: %x, want %x", i, s.word, g.word)
		}
		if e := g.findEdges(blocks); e != k || !slices.Equal(s.idx[:k], g.idx[:k]) {
			t.Fatalf("text %d: edges %v, want %v", i, s.idx[:k], g.idx[:e])
		}
		for at := 0; at < k/2; at += batchSize {
			m := min(k/2-at, batchSize)
			useAVX2 = true
			s.hashTokens(&s.idx, at, m)
			useAVX2 = false
			g.hashTokens(&s.idx, at, m)
			if !slices.Equal(s.out[:m], g.out[:m]) {
				t.Fatalf("text %d: hashes %x, want %x", i, s.out[:m], g.out[:m])
			}
		}
	}
}

// TestSkipLetters checks that what is taken out of the masks are letters that fold to themselves, and all that should be.
func TestSkipLetters(t *testing.T) {
	if !useAVX2 {
		t.Skip("NOTHING COMPARED: there is no AVX2; TestVectors fails if there must be")
	}
	var s scanner
	for r := rune(0x80); r < 0xE000; r++ {
		if r >= 0xA000 && r < 0xD7A0 || r == 0xD800 {
			continue
		}
		if r >= 0xD800 {
			break
		}
		for _, shift := range []int{0, 1, 30, 31, 61, 62, 63, 64} {
			n := copy(s.win[:], strings.Repeat(".", shift)+string(r)+"é")
			blocks := (n + 63) / 64
			clear(s.win[n:])
			s.classify(blocks)
			word, high, lead := s.word, s.high, s.lead
			s.skipLetters(blocks)
			size := uint64(utf8.RuneLen(r))
			cyrillic, han := r >= 0x430 && r < 0x460, r >= 0x4E00 && r < 0xA000
			var gone, solo uint64
			if (cyrillic || han) && shift%64+int(size) <= 64 {
				gone = 1 << (shift % 64)
			}
			if han {
				solo = gone
			}
			if cyrillic && chars.KindOf(r) != chars.Word || han && chars.KindOf(r) != chars.Solo {
				t.Fatalf("%U is of kind %d", r, chars.KindOf(r))
			}
			b := shift / 64
			if s.word != word || high[b]&^s.high[b] != gone*(1<<size-1) || lead[b]&^s.lead[b] != gone || s.solo[b] != solo {
				t.Fatalf("%U at byte %d: masks %x, %x, %x", r, shift, s.high[b], s.lead[b], s.solo[b])
			}
		}
	}
}

// TestPathsGeneric is TestPaths without vectors.
func TestPathsGeneric(t *testing.T) {
	defer func(was bool) { useAVX2 = was }(useAVX2)
	useAVX2 = false
	TestPaths(t)
}
