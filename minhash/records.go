package minhash

import (
	"encoding/binary"
	"math/bits"

	"github.com/bits-and-blooms/bitset"
)

// records holds what an index keeps of each document, by id: its packed signature and the tags of
// its bands, 4 bytes each. They stand in blocks that are never moved, so adding one does not copy
// the others. Where no document is there is no block.
type records struct {
	size   int  // bytes
	tags   int  // where they begin in a record
	shift  uint // a block is for 1<<shift ids
	blocks [][]byte
	// sparse is of a block that has few records, by id the number of the record, plus 1; nil if
	// there are none.
	sparse [][]uint8
}

func newRecords(packed, bands int) records {
	const block, most = 1 << 17, 8 // an element of sparse counts no further
	size := packed + 4*bands
	return records{size: size, tags: packed, shift: uint(min(most, bits.Len(uint(max(1, block/size)))-1))}
}

// at returns the record of a document.
func (r *records) at(id uint32) []byte {
	b, i := int(id>>r.shift), int(id&(1<<r.shift-1))
	if r.sparse != nil && r.sparse[b] != nil {
		i = int(r.sparse[b][i]) - 1
	}
	return r.blocks[b][i*r.size : (i+1)*r.size : (i+1)*r.size]
}

// make returns the record of a document that is about to be put, with whatever is in it.
func (r *records) make(id uint32) []byte {
	b, i := int(id>>r.shift), int(id&(1<<r.shift-1))
	r.extend(b)
	switch block := r.blocks[b]; {
	case r.sparse != nil && r.sparse[b] != nil:
		index := r.sparse[b]
		if n := len(block) / r.size; index[i] == 0 && r.few(n+1) {
			r.blocks[b] = append(block, make([]byte, r.size)...)
			index[i] = uint8(n + 1)
		} else if index[i] == 0 {
			r.fill(b)
		}
	case block == nil && b > 0:
		r.blocks[b] = make([]byte, r.size<<r.shift)
	case len(block) < (i+1)*r.size:
		// The first grows as it is filled, so that a small index is small.
		r.blocks[b] = append(block, make([]byte, (i+1)*r.size-len(block))...)
	}
	return r.at(id)
}

// few reports whether n records are few for a block.
func (r *records) few(n int) bool { return n < 1<<r.shift/4 }

// extend makes blocks up to b, without room.
func (r *records) extend(b int) {
	if n := b + 1 - len(r.blocks); n > 0 {
		r.blocks = append(r.blocks, make([][]byte, n)...)
		if r.sparse != nil {
			r.sparse = append(r.sparse, make([][]uint8, n)...)
		}
	}
}

// reserve makes the block of a document, if it is not there and few of the ids that are to come
// belong to it.
func (r *records) reserve(id uint32, ids *bitset.BitSet) {
	b := int(id >> r.shift)
	r.extend(b)
	if r.blocks[b] != nil {
		return
	}
	n := 0
	for i, ok := ids.NextSet(uint(b) << r.shift); ok && int(i>>r.shift) == b; i, ok = ids.NextSet(i + 1) {
		n++
	}
	if !r.few(n) {
		return
	}
	if r.sparse == nil {
		r.sparse = make([][]uint8, len(r.blocks), cap(r.blocks))
	}
	r.blocks[b] = make([]byte, 0, n*r.size)
	r.sparse[b] = make([]uint8, 1<<r.shift)
}

// fill makes room for all records of a block.
func (r *records) fill(b int) {
	block := make([]byte, r.size<<r.shift)
	for i, n := range r.sparse[b] {
		if n > 0 {
			copy(block[i*r.size:(i+1)*r.size], r.blocks[b][(int(n)-1)*r.size:])
		}
	}
	r.blocks[b], r.sparse[b] = block, nil
}

// appendKeys appends the band keys of a document, of which the lower halves are not known.
func (r *records) appendKeys(dst []uint64, id uint32) []uint64 {
	for tags := r.at(id)[r.tags:]; len(tags) > 0; tags = tags[4:] {
		dst = append(dst, uint64(binary.LittleEndian.Uint32(tags))<<32)
	}
	return dst
}

// bytes returns the memory held.
func (r *records) bytes() int {
	n := 24 * (cap(r.blocks) + cap(r.sparse))
	for _, b := range r.blocks {
		n += cap(b)
	}
	for _, b := range r.sparse {
		n += cap(b)
	}
	return n
}
