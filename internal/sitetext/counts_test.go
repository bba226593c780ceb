package sitetext

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCounts compares both kinds of counts with a map.
func TestCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	var c counts
	for round, room := range []int{1, 3000, directFrom + 1, 0, 5000, directFrom + 1} {
		c.reset(max(room, 3000))
		if c.direct != (room > directFrom) {
			t.Fatalf("room for %d: direct is %v", room, c.direct)
		}
		want := make(map[uint32]int)
		for range 100 {
			text := make([]uint32, r.IntN(30))
			for i := range text {
				text[i] = uint32(r.IntN(200)) << r.IntN(17) % universe
			}
			text = setOf(text)
			for i, v := range text {
				want[v]++
				text[i] |= Menu * uint32(r.IntN(2))
			}
			c.add(text)
		}
		for v := range uint32(1000) {
			for _, v := range []uint32{v, v << 14 % universe, universe - 1 - v} {
				if got := c.of(v); got != want[v] {
					t.Fatalf("round %d: %d texts have %d, want %d", round, got, v, want[v])
				}
			}
		}
		for _, least := range []int{1, 2, 9} {
			var all []uint32
			for v, n := range want {
				if n >= least {
					all = append(all, v)
				}
			}
			slices.Sort(all)
			got := c.appendFrom(nil, least)
			slices.Sort(got)
			if !slices.Equal(got, all) {
				t.Errorf("round %d: %d values are in %d texts, want %d", round, len(got), least, len(all))
			}
		}
	}
}

func TestCountsFull(t *testing.T) {
	for _, room := range []int{8, directFrom + 1} {
		var c counts
		c.reset(room)
		for range full + 10 {
			c.add([]uint32{5})
		}
		if c.of(5) != full || c.of(6) != 0 {
			t.Errorf("counts are %d and %d, want %d and 0", c.of(5), c.of(6), full)
		}
	}
}

// TestCountsProbes counts the steps of lookups among values that somebody chose. They would be tens
// of thousands if one could choose values of one cell. In the mean over keys they are few; the
// bound is loose, since one key may be unlucky.
func TestCountsProbes(t *testing.T) {
	const n = 50000
	for name, value := range map[string]func(i int) uint32{
		"in a row":    func(i int) uint32 { return uint32(i) },
		"multiples":   func(i int) uint32 { return uint32(i) * 320 % universe },
		"high bits":   func(i int) uint32 { return uint32(i) << 8 % universe },
		"golden":      func(i int) uint32 { return uint32(i) * 0x9E3779B1 >> 8 },
		"low and top": func(i int) uint32 { return uint32(i)&0xFF | uint32(i)>>8<<16 },
	} {
		steps, keys := 0, uint64(20)
		for key := range keys {
			var c counts
			c.reset(n)
			c.key = rand.New(rand.NewPCG(1, key)).Uint64() | 1
			values := make([]uint32, n)
			for i := range values {
				values[i] = value(i)
			}
			c.add(values)
			for _, v := range values {
				home := int(uint64(v) * c.key >> c.shift)
				steps += (c.find(v) - home + len(c.cells)) % len(c.cells)
			}
		}
		if mean := float64(steps) / n / float64(keys); mean > 8 {
			t.Errorf("%s: %.1f steps a lookup, want 8 at most", name, mean)
		}
	}
}
