package minhash

import (
	"cmp"
	"math/bits"
	"slices"
)

// docSet is a set of documents, of which there are many. The numbers that agree in all but the last
// 16 bits form a chunk: their last bits in order or, of more than 4096, a bit for each that there
// could be (as in Roaring bitmaps: Chambi, Lemire, Kaser, Godin, Software: Practice and Experience
// 2016).
type docSet struct {
	n      int
	chunks []docChunk // in order
}

type docChunk struct {
	high uint16
	n    int32 // documents in bits
	low  []uint16
	bits *[1 << 16 / 64]uint64 // nil if low has them
}

const (
	mostInLow    = 4096 // with more, bits take less room
	fewestInBits = 2048
)

// find returns the position of the chunk of id, or the one where it belongs and false.
func (s *docSet) find(id uint32) (int, bool) {
	return slices.BinarySearchFunc(s.chunks, uint16(id>>16), func(c docChunk, high uint16) int {
		return cmp.Compare(c.high, high)
	})
}

// add adds a document and reports whether it was not there.
func (s *docSet) add(id uint32) bool {
	i, ok := s.find(id)
	if !ok {
		s.chunks = slices.Insert(s.chunks, i, docChunk{high: uint16(id >> 16)})
	}
	c, low := &s.chunks[i], uint16(id)
	if c.bits == nil && len(c.low) == mostInLow {
		if _, ok := slices.BinarySearch(c.low, low); ok {
			return false
		}
		c.bits = new([1 << 16 / 64]uint64)
		for _, v := range c.low {
			c.bits[v/64] |= 1 << (v % 64)
		}
		c.n, c.low = mostInLow, nil
	}
	if c.bits != nil {
		word, bit := &c.bits[low/64], uint64(1)<<(low%64)
		if *word&bit != 0 {
			return false
		}
		*word |= bit
		c.n++
	} else {
		j, ok := slices.BinarySearch(c.low, low)
		if ok {
			return false
		}
		c.low = slices.Insert(c.low, j, low)
	}
	s.n++
	return true
}

// remove removes a document and reports whether it was there.
func (s *docSet) remove(id uint32) bool {
	i, ok := s.find(id)
	if !ok {
		return false
	}
	c, low := &s.chunks[i], uint16(id)
	if c.bits == nil {
		j, ok := slices.BinarySearch(c.low, low)
		if !ok {
			return false
		}
		c.low = slices.Delete(c.low, j, j+1)
		if len(c.low) == 0 {
			s.chunks = slices.Delete(s.chunks, i, i+1)
		} else if len(c.low) < cap(c.low)/4 {
			c.low = slices.Clone(c.low)
		}
	} else {
		word, bit := &c.bits[low/64], uint64(1)<<(low%64)
		if *word&bit == 0 {
			return false
		}
		*word &^= bit
		if c.n--; c.n <= fewestInBits {
			c.low = make([]uint16, 0, c.n)
			c.each(func(low uint16) { c.low = append(c.low, low) })
			c.bits, c.n = nil, 0
		}
	}
	s.n--
	return true
}

// each calls f with the last bits of all documents, in order.
func (c *docChunk) each(f func(low uint16)) {
	for _, low := range c.low {
		f(low)
	}
	if c.bits != nil {
		for i, word := range c.bits {
			for ; word != 0; word &= word - 1 {
				f(uint16(i*64 + bits.TrailingZeros64(word)))
			}
		}
	}
}

// appendTo appends the documents in ascending order.
func (s *docSet) appendTo(dst []uint32) []uint32 {
	for i := range s.chunks {
		c := &s.chunks[i]
		c.each(func(low uint16) { dst = append(dst, uint32(c.high)<<16|uint32(low)) })
	}
	return dst
}

// bytes returns the memory held.
func (s *docSet) bytes() int {
	const docSetBytes, chunkBytes = 32, 40
	n := docSetBytes + chunkBytes*cap(s.chunks)
	for _, c := range s.chunks {
		n += 2 * cap(c.low)
		if c.bits != nil {
			n += 8 * len(c.bits)
		}
	}
	return n
}
