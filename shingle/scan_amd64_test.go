//go:build !purego

package shingle

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
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

// TestSkipCyrillic checks that what is taken out of the masks are letters that fold to themselves, and all of those.
func TestSkipCyrillic(t *testing.T) {
	if !useAVX2 {
		t.Skip("NOTHING COMPARED: there is no AVX2; TestVectors fails if there must be")
	}
	var s scanner
	for r := rune(0x80); r < 0x800; r++ {
		for _, shift := range []int{0, 1, 30, 31, 32, 62, 63, 64} {
			n := copy(s.win[:], strings.Repeat(".", shift)+string(r)+"é")
			blocks := (n + 63) / 64
			clear(s.win[n:])
			s.classify(blocks)
			word, high, lead := s.word, s.high, s.lead
			s.skipCyrillic(blocks)
			skipped := s.high != high
			if want := (r >= 0x430 && r < 0x460) && shift%64 != 63; skipped != want || skipped && kindOf(r) != kindWord {
				t.Fatalf("%U at byte %d: skipped %v, want %v", r, shift, skipped, want)
			}
			for b := range blocks {
				if gone := high[b] &^ s.high[b]; gone != (lead[b]&^s.lead[b])*3 || word != s.word {
					t.Fatalf("%U at byte %d: masks %x, %x", r, shift, s.high, s.lead)
				}
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
