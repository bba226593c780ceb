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
	cells  []uint64 // (value+1)<<16 | texts, 0 if free; at most half of them in use
	spare  []uint64
	key    uint64
	shift  int // 64 - log2 of len(cells)
	used   int
	direct []uint16 // texts, by place
}

// reset empties c.
func (c *counts) reset() {
	c.used, c.direct = 0, nil
	c.setCells(firstCells)
}

// setCells makes room for n/2 values.
func (c *counts) setCells(n int) {
	if cap(c.cells) < n {
		c.cells = make([]uint64, n)
	}
	c.cells = c.cells[:n]
	clear(c.cells)
	c.shift = 64 - bits.TrailingZeros(uint(n))
	c.key = rand.Uint64() | 1
}

// find returns the index of v, or the free one where it belongs. The key makes the hash universal (Dietzfelbinger et al., A
// reliable randomized algorithm for the closest-pair problem, 1997): nobody can choose values that collide.
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

// place returns the index of v where there is a counter for each value. Those that are sampled from long texts come first.
func place(v uint32) uint32 { return v>>maxRate | v%(1<<maxRate)<<(width-maxRate) }

// add counts a text that has these values.
func (c *counts) add(values []uint32) {
	for c.direct == nil && c.used+len(values) > len(c.cells)/2 {
		c.grow()
	}
	if c.direct != nil {
		for _, v := range values {
			if n := &c.direct[place(v%universe)]; *n < full {
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
			c.used++
		case *e&full < full:
			*e++
		}
	}
}

func (c *counts) grow() {
	old := c.cells
	if c.used >= directFrom {
		c.direct = make([]uint16, universe)
		for _, e := range old {
			if e != 0 {
				c.direct[place(uint32(e>>16)-1)] = uint16(e)
			}
		}
		return
	}
	c.cells, c.spare = c.spare, old
	c.setCells(2 * len(old))
	for _, e := range old {
		if e != 0 {
			c.cells[c.find(uint32(e>>16)-1)] = e
		}
	}
}

// of returns the number of texts that have v, at most full.
func (c *counts) of(v uint32) int {
	v %= universe
	if c.direct != nil {
		return int(c.direct[place(v)])
	}
	return int(c.cells[c.find(v)] & full)
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
	for _, e := range c.cells {
		if int(e&full) >= least {
			dst = append(dst, uint32(e>>16)-1)
		}
	}
	return dst
}
