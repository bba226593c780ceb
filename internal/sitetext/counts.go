package sitetext

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

const (
	full       = 1<<16 - 1 // texts that are counted at most
	directFrom = 1 << 20   // values from which on each possible one has a counter: 32 MiB in all
)

// counts holds in how many texts each value is. For few values it is a hash table under a secret
// key, with linear probing; for many it is addressed by value. What it counts does not depend on
// which, nor on the key.
type counts struct {
	cells   []uint64 // (value+1)<<16 | texts, 0 if free
	shift   int      // 64 - log2 of len(cells)
	key     uint64
	byPlace []uint16 // texts
	direct  bool
}

// reset empties c and makes room for n values.
func (c *counts) reset(n int) {
	if c.direct = n > directFrom; c.direct {
		if c.byPlace == nil {
			c.byPlace = make([]uint16, universe)
		} else {
			clear(c.byPlace)
		}
		return
	}
	size := 1 << bits.Len(uint(n|1)) << 1 // at most half in use
	c.cells = slices.Grow(c.cells[:0], size)[:size]
	clear(c.cells)
	c.shift = 65 - bits.Len(uint(size))
	c.key = rand.Uint64() | 1
}

// find returns the index of v, or the free one where it belongs. The key makes the hash universal
// (Dietzfelbinger et al., A reliable randomized algorithm for the closest-pair problem, 1997):
// nobody can choose values that collide.
func (c *counts) find(v uint32) int {
	i := int(uint64(v) * c.key >> c.shift)
	for {
		e := c.cells[i]
		if e == 0 || uint32(e>>16) == v+1 {
			return i
		}
		if i++; i == len(c.cells) {
			i = 0
		}
	}
}

// place returns the index of v in byPlace. The values that are sampled from long texts come first,
// so that these use an eighth of it.
func place(v uint32) uint32 { return v>>maxRate | v%(1<<maxRate)<<(width-maxRate) }

// add counts a text that has these values.
func (c *counts) add(values []uint32) {
	if c.direct {
		for _, v := range values {
			if n := &c.byPlace[place(v%universe)]; *n < full {
				*n++
			}
		}
		return
	}
	for _, v := range values {
		v %= universe
		switch e := &c.cells[c.find(v)]; {
		case *e == 0:
			*e = uint64(v+1)<<16 | 1
		case *e&full < full:
			*e++
		}
	}
}

// of returns the number of texts that have v, at most full.
func (c *counts) of(v uint32) int {
	v %= universe
	if c.direct {
		return int(c.byPlace[place(v)])
	}
	return int(c.cells[c.find(v)] & full)
}

// appendFrom appends the values that at least least texts have, in no particular order.
func (c *counts) appendFrom(dst []uint32, least int) []uint32 {
	if c.direct {
		for i, n := range c.byPlace {
			if int(n) >= least {
				v := uint32(i)
				dst = append(dst, v<<maxRate%universe|v>>(width-maxRate))
			}
		}
		return dst
	}
	for _, e := range c.cells {
		if int(e&full) >= least {
			dst = append(dst, uint32(e>>16)-1)
		}
	}
	return dst
}
