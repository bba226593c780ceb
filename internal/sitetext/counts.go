package sitetext

import (
	"math/bits"
	"math/rand/v2"
)

const (
	full       = 1<<16 - 1 // texts that are counted at most
	firstCells = 1 << 10
	directFrom = 1 << 19 // values from which on there is a counter for each value there is: 32 MiB, whatever comes
)

// counts holds in how many texts each value is. Small, it is a hash table under a secret key, with linear probing; large, it is
// addressed by value. What is counted does not depend on which.
type counts struct {
	keys   []uint32 // value+1, 0 if free; at most half of them in use
	cells  []uint16 // texts, by index of the key
	spareK []uint32
	spareC []uint16
	key    uint64
	shift  int // 64 - log2 of len(keys)
	used   int
	direct []uint16 // texts, by place
}

// reset empties c.
func (c *counts) reset() {
	c.used, c.direct = 0, nil
	c.setCells(firstCells)
}

// setCells makes room for n keys, half of which may be used.
func (c *counts) setCells(n int) {
	if cap(c.keys) < n {
		c.keys, c.cells = make([]uint32, n), make([]uint16, n)
	}
	c.keys, c.cells = c.keys[:n], c.cells[:n]
	clear(c.keys)
	clear(c.cells)
	c.shift = 64 - bits.TrailingZeros(uint(n))
	c.key = rand.Uint64() | 1
}

// find returns the index of v, or the free one where it belongs. The key makes the hash universal (Dietzfelbinger et al., A
// reliable randomized algorithm for the closest-pair problem, 1997): nobody can choose values that collide.
func (c *counts) find(v uint32) int {
	i := int(uint64(v) * c.key >> c.shift)
	for c.keys[i] != 0 && c.keys[i] != v+1 {
		if i++; i == len(c.keys) {
			i = 0
		}
	}
	return i
}

// place returns the index of v where there is a counter for each value. Those that are sampled from long texts come first.
func place(v uint32) uint32 { return v>>maxRate | v%(1<<maxRate)<<(width-maxRate) }

// add counts a text that has these values.
func (c *counts) add(values []uint32) {
	for c.direct == nil && c.used+len(values) > len(c.keys)/2 {
		c.grow()
	}
	for _, v := range values {
		v %= universe
		var n *uint16
		if c.direct != nil {
			n = &c.direct[place(v)]
		} else {
			i := c.find(v)
			if c.keys[i] == 0 {
				c.keys[i] = v + 1
				c.used++
			}
			n = &c.cells[i]
		}
		if *n < full {
			*n++
		}
	}
}

func (c *counts) grow() {
	keys, cells := c.keys, c.cells
	if c.used >= directFrom {
		c.direct = make([]uint16, universe)
		for i, k := range keys {
			if k != 0 {
				c.direct[place(k-1)] = cells[i]
			}
		}
		return
	}
	c.keys, c.cells, c.spareK, c.spareC = c.spareK, c.spareC, keys, cells
	c.setCells(2 * len(keys))
	for i, k := range keys {
		if k != 0 {
			j := c.find(k - 1)
			c.keys[j], c.cells[j] = k, cells[i]
		}
	}
}

// of returns the number of texts that have v, at most full.
func (c *counts) of(v uint32) int {
	v %= universe
	if c.direct != nil {
		return int(c.direct[place(v)])
	}
	return int(c.cells[c.find(v)])
}

// appendFrom appends the values that at least least texts have, in no particular order.
func (c *counts) appendFrom(dst []uint32, least int) []uint32 {
	if c.direct != nil {
		for i, n := range c.direct {
			if int(n) >= least {
				v := uint32(i)
				dst = append(dst, v<<maxRate%universe|v>>(width-maxRate))
			}
		}
		return dst
	}
	for i, n := range c.cells {
		if int(n) >= least {
			dst = append(dst, c.keys[i]-1)
		}
	}
	return dst
}
