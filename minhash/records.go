package minhash

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/bits-and-blooms/bitset"
)

// tagBits is the number of bits of a tag, which are the upper ones of a band key. Two documents
// that do not agree in a band have the same tag with probability 2^-28.
const tagBits = 28

// records holds what an index keeps of each document, by id: its packed signature and the tags of
// its bands, 28 bits each, from the low bits up. They stand in blocks that are never moved, so
// adding one does not copy the others. Where no document is there is no block.
type records struct {
	size   int  // bytes
	tags   int  // where they begin in a record
	shift  uint // a block is for 1<<shift ids
	blocks [][]byte
	rest   []byte   // of what was allotted for blocks
	sparse [][]byte // of a block that has few records: their ids in the block, in the order of the records
}

// blockBytes is how much is allotted at a time, if there is much.
const blockBytes = 1 << 18

func newRecords(packed, bands int) records {
	const most = 8 // the bits of an id in a block
	size := packed + tagBytes(bands)
	return records{size: size, tags: packed, shift: uint(min(most, bits.Len(uint(max(1, blockBytes/size)))-1))}
}

// at returns the record of a document.
func (r *records) at(id uint32) []byte {
	b, i := int(id>>r.shift), int(id&(1<<r.shift-1))
	if r.sparse != nil && r.sparse[b] != nil {
		i = bytes.IndexByte(r.sparse[b], byte(i))
	}
	return r.blocks[b][i*r.size : (i+1)*r.size : (i+1)*r.size]
}

// make returns the record of a document that is about to be put, with whatever is in it.
func (r *records) make(id uint32) []byte {
	b, i := int(id>>r.shift), int(id&(1<<r.shift-1))
	r.extend(b)
	switch block := r.blocks[b]; {
	case r.sparse != nil && r.sparse[b] != nil:
		if bytes.IndexByte(r.sparse[b], byte(i)) >= 0 {
			break
		}
		if !r.few(len(r.sparse[b]) + 1) {
			r.fill(b)
			break
		}
		r.blocks[b] = append(block, make([]byte, r.size)...)
		r.sparse[b] = append(r.sparse[b], byte(i))
	case block == nil && b > 0:
		r.blocks[b] = r.block()
	case len(block) < (i+1)*r.size: // the first grows as it is filled, so that a small index is small
		r.blocks[b] = append(block, make([]byte, (i+1)*r.size-len(block))...)
	}
	return r.at(id)
}

// block returns room for all records of a block. It is allotted for several blocks at a time, as
// the allocator rounds up.
func (r *records) block() []byte {
	size := r.size << r.shift
	if len(r.rest) < size {
		r.rest = make([]byte, max(1, min(blockBytes, len(r.blocks)*size/4)/size)*size)
	}
	block := r.rest[:size:size]
	r.rest = r.rest[size:]
	return block
}

// few reports whether n records are few for a block.
func (r *records) few(n int) bool { return n < 1<<r.shift/2 }

// extend makes blocks up to b, without room.
func (r *records) extend(b int) {
	if n := b + 1 - len(r.blocks); n > 0 {
		r.blocks = append(r.blocks, make([][]byte, n)...)
		if r.sparse != nil {
			r.sparse = append(r.sparse, make([][]byte, n)...)
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
		r.sparse = make([][]byte, len(r.blocks), cap(r.blocks))
	}
	r.blocks[b] = make([]byte, 0, n*r.size)
	r.sparse[b] = make([]byte, 0, n)
}

// fill makes room for all records of a block.
func (r *records) fill(b int) {
	block := r.block()
	for n, i := range r.sparse[b] {
		copy(block[int(i)*r.size:], r.blocks[b][n*r.size:(n+1)*r.size])
	}
	r.blocks[b], r.sparse[b] = block, nil
}

// tagBytes returns the number of bytes of the tags of a record.
func tagBytes(bands int) int { return (bands*tagBits + 7) / 8 }

// tagAt returns the tag of a band.
func tagAt(tags []byte, band int) uint32 {
	at := band * tagBits / 8
	return binary.LittleEndian.Uint32(tags[at:at+4]) << (4 - 4*(band&1)) >> 4
}

// putTags writes the tags of band keys.
func putTags(tags []byte, keys []uint64) {
	for len(keys) >= 2 {
		v := keys[0]>>(64-tagBits) | keys[1]>>(64-tagBits)<<tagBits
		binary.LittleEndian.PutUint32(tags, uint32(v))
		binary.LittleEndian.PutUint32(tags[3:], uint32(v>>24))
		keys, tags = keys[2:], tags[7:]
	}
	if len(keys) > 0 {
		binary.LittleEndian.PutUint32(tags, uint32(keys[0]>>(64-tagBits)))
	}
}

// appendKeys appends the band keys of a document, of which only the tags are known.
func (r *records) appendKeys(dst []uint64, id uint32, bands int) []uint64 {
	tags := r.at(id)[r.tags:]
	for b := range bands {
		dst = append(dst, uint64(tagAt(tags, b))<<(64-tagBits))
	}
	return dst
}

// bytes returns the memory held.
func (r *records) bytes() int {
	n := len(r.rest) + 24*(cap(r.blocks)+cap(r.sparse))
	for _, b := range r.blocks {
		n += cap(b)
	}
	for _, b := range r.sparse {
		n += cap(b)
	}
	return n
}
