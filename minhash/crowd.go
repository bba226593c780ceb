package minhash

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/bits-and-blooms/bitset"
)

// crowd is a bucket of many documents, in an order that depends on what they are and not on when
// they came, see [order]. The members stand in leaves of up to leafMax, none of them empty.
type crowd struct {
	leaves [][]uint32
	n      int
}

const (
	leafMax  = 256
	leafStep = 32 // by which a leaf grows
)

// order is that of the members of a bucket of a band: by the tag of the band after it, and of the
// one after that, and so on round to the band before it, then by the packed signature, and then,
// between documents that are the same to the index, by id. So documents that agree in further bands
// stand together.
type order struct {
	*records
	band int
}

// compare compares two documents by their records and ids.
func (o order) compare(a []byte, i int64, b []byte, j int64) int {
	x, y := a[o.tags:], b[o.tags:]
	at := 4 * o.band
	if c := compareTags(x[at+4:], y[at+4:]); c != 0 {
		return c
	}
	if c := compareTags(x[:at], y[:at]); c != 0 {
		return c
	}
	if c := bytes.Compare(a[:o.tags], b[:o.tags]); c != 0 {
		return c
	}
	return cmp.Compare(i, j)
}

func compareTags(a, b []byte) int {
	for ; len(a) > 0; a, b = a[4:], b[4:] {
		if x, y := binary.LittleEndian.Uint32(a), binary.LittleEndian.Uint32(b); x != y {
			return cmp.Compare(x, y)
		}
	}
	return 0
}

func (o order) sort(ids []uint32) {
	slices.SortFunc(ids, func(a, b uint32) int {
		return o.compare(o.at(a), int64(a), o.at(b), int64(b))
	})
}

// seek returns where the first member is that is not before a document. The place after the last
// member is one after it in the last leaf.
func (c *crowd) seek(record []byte, id int64, o order) (leaf, at int) {
	last := func(m uint32) int { // the last leaf whose first member is not after the document
		if o.compare(o.at(m), int64(m), record, id) > 0 {
			return 1
		}
		return -1
	}
	leaf, _ = slices.BinarySearchFunc(c.leaves[1:], 0, func(l []uint32, _ int) int { return last(l[0]) })
	at, _ = slices.BinarySearchFunc(c.leaves[leaf], 0, func(m uint32, _ int) int {
		return o.compare(o.at(m), int64(m), record, id)
	})
	return leaf, at
}

func (c *crowd) insert(id uint32, o order) {
	i, at := c.seek(o.at(id), int64(id), o)
	c.n++
	if leaf := c.leaves[i]; len(leaf) < leafMax {
		if len(leaf) == cap(leaf) {
			leaf = append(make([]uint32, 0, min(leafMax, cap(leaf)+leafStep)), leaf...)
		}
		c.leaves[i] = slices.Insert(leaf, at, id)
		return
	}
	const half = leafMax / 2
	upper := append(make([]uint32, 0, half+leafStep), c.leaves[i][half:]...)
	c.leaves = slices.Insert(c.leaves, i+1, upper)
	c.leaves[i] = c.leaves[i][:half]
	if at > half {
		i, at = i+1, at-half
	}
	c.leaves[i] = slices.Insert(c.leaves[i], at, id)
}

// remove drops a member. Two leaves that are small by then become one.
func (c *crowd) remove(id uint32, o order) {
	i, at := c.seek(o.at(id), int64(id), o)
	c.leaves[i] = slices.Delete(c.leaves[i], at, at+1)
	c.n--
	if i == len(c.leaves)-1 {
		i--
	}
	if i < 0 {
		return
	}
	a, b := c.leaves[i], c.leaves[i+1]
	if len(a) == 0 || len(b) == 0 || len(a)+len(b) <= leafMax/2 {
		if len(a) == 0 {
			a, b = b, a
		}
		c.leaves[i] = append(a, b...)
		c.leaves = slices.Delete(c.leaves, i+1, i+2)
	}
}

// append appends all members.
func (c *crowd) append(dst []uint32) []uint32 {
	for _, leaf := range c.leaves {
		dst = append(dst, leaf...)
	}
	return dst
}

// near appends the members next to a document: up to most before it and up to most after it, and
// itself not, if it is a member. If only is not nil, the members that it does not have are passed
// over as if they were none. It returns whether there are more.
func (c *crowd) near(dst []uint32, record []byte, id int64, o order, most int, only *bitset.BitSet) (near []uint32, more bool) {
	leaf, at := c.seek(record, id, o)
	take := func(m uint32, left *int) (full bool) {
		if int64(m) == id || only != nil && !only.Test(uint(m)) {
			return false
		}
		if *left == 0 {
			return true
		}
		dst = append(dst, m)
		*left--
		return false
	}
	left := most
	for i, end := leaf, at; i >= 0 && !more; i-- {
		for end--; end >= 0 && !more; end-- {
			more = take(c.leaves[i][end], &left)
		}
		if i > 0 {
			end = len(c.leaves[i-1])
		}
	}
	full := false
	left = most
	for ; leaf < len(c.leaves) && !full; leaf, at = leaf+1, 0 {
		for ; at < len(c.leaves[leaf]) && !full; at++ {
			full = take(c.leaves[leaf][at], &left)
		}
	}
	return dst, more || full
}

// bytes returns the memory held.
func (c *crowd) bytes() int {
	n := 24 * cap(c.leaves)
	for _, leaf := range c.leaves {
		n += 4 * cap(leaf)
	}
	return n
}
