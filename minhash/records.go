package minhash

import "math/bits"

// records holds pieces of bytes of one size. They stand in blocks that are never moved, so adding
// one does not copy the others.
type records struct {
	size   int
	shift  uint // a block has 1<<shift records
	blocks [][]byte
	n      int
}

func newRecords(size int) records {
	const block = 1 << 17
	return records{size: size, shift: uint(bits.Len(uint(max(1, block/size))) - 1)}
}

// add appends a record.
func (r *records) add(record []byte) {
	if r.n&(1<<r.shift-1) == 0 {
		var block []byte
		if r.n > 0 { // the first grows as it is filled, so that a small index is small
			block = make([]byte, 0, r.size<<r.shift)
		}
		r.blocks = append(r.blocks, block)
	}
	last := &r.blocks[len(r.blocks)-1]
	*last = append(*last, record...)
	r.n++
}

func (r *records) at(i uint32) []byte {
	block := r.blocks[i>>r.shift]
	at := int(i&(1<<r.shift-1)) * r.size
	return block[at : at+r.size : at+r.size]
}

// bytes returns the memory held.
func (r *records) bytes() int {
	n := 0
	for _, b := range r.blocks {
		n += cap(b) + 24
	}
	return n
}
