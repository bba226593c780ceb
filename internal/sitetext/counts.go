package sitetext

import (
	"math/bits"
	"math/rand/v2"
)

// A count is of one value: low bits, of the texts that have it; high bits, of the openings it was found behind. Both stay
// where they are when they are full.
const (
	textBits     = 10
	fullTexts    = 1<<textBits - 1
	fullOpenings = 1<<(16-textBits) - 1
)

const (
	firstCells = 1 << 12
	directFrom = 1 << 19 // distinct values from which on there is a count for each value there is: 32 MiB, whatever comes
)

// counts holds a count for each value. Small, it is a hash table under a secret key, with linear probing; large, it
// is addressed by value. What is counted is the same in both.
type counts struct {
	keys   []uint32 // value+1, 0 if free; at most half in use
	cells  []uint16 // counts, by index of the key
	spare  []uint32
	spareC []uint16
	key    uint64
	shift  int // 64 - log2 of the number of cells
	used   int
	all    []uint16 // counts, by value, if direct
	direct bool
}

// reset empties c.
func (c *counts) reset() {
	if c.direct {
		clear(c.all)
		c.direct = false
	}
	c.used = 0
	c.setCells(firstCells)
}

// setCells makes room for n keys.
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

// addText counts the text that has these values.
func (c *counts) addText(values []uint32) {
	for !c.direct && c.used+len(values) > len(c.keys)/2 {
		c.grow()
	}
	if c.direct {
		for _, v := range values {
			if n := &c.all[v%universe]; *n < fullTexts {
				*n++
			}
		}
		return
	}
	for _, v := range values {
		v %= universe
		i := c.find(v)
		if c.keys[i] == 0 {
			c.keys[i] = v + 1
			c.used++
		}
		if c.cells[i] < fullTexts {
			c.cells[i]++
		}
	}
}

func (c *counts) grow() {
	keys, cells := c.keys, c.cells
	if c.used >= directFrom {
		if c.all == nil {
			c.all = make([]uint16, universe)
		}
		c.direct = true
		for i, k := range keys {
			if k != 0 {
				c.all[k-1] = cells[i]
			}
		}
		return
	}
	c.keys, c.cells, c.spare, c.spareC = c.spare, c.spareC, keys, cells
	c.setCells(2 * len(keys))
	for i, k := range keys {
		if k != 0 {
			j := c.find(k - 1)
			c.keys[j], c.cells[j] = k, cells[i]
		}
	}
}

// texts returns the number of texts that have v, at most fullTexts.
func (c *counts) texts(v uint32) int {
	v %= universe
	if c.direct {
		return int(c.all[v] & fullTexts)
	}
	return int(c.cells[c.find(v)] & fullTexts)
}

// addOpening counts an opening for those of the values that at least least texts have, and appends to dst those that
// reach enough of them by it.
func (c *counts) addOpening(dst, values []uint32, least, enough int) []uint32 {
	for _, v := range values {
		v %= universe
		var n *uint16
		if c.direct {
			n = &c.all[v]
		} else {
			n = &c.cells[c.find(v)]
		}
		if int(*n&fullTexts) < least || *n>>textBits == fullOpenings {
			continue
		}
		if *n += 1 << textBits; int(*n>>textBits) == enough {
			dst = append(dst, v)
		}
	}
	return dst
}
