package main

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
)

// What goes through a shuffle goes in blocks: all that one split, or one partition, has for another
// partition, under the number of that. An engine takes some 30 bytes and many instructions for each
// thing that it moves, so thousands of entries of 9 bytes are moved as one.

// slotBits is the number of bits of a slot, the first of the digest of a text. Texts that share one
// by chance, half a million pairs among a billion, are told apart when they are compared.
const slotBits = 40

// An entry is a key that a text has, or a text that another one has to do with.
type entry struct{ key, slot uint64 }

func compareEntries(a, b entry) int {
	return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.slot, b.slot))
}

var errBlock = errors.New("a block is damaged")

// escape is the number of ones that stand for a difference that is written out.
const escape = 24

// appendEntries appends entries, in order: the first key, and for each the difference of the keys
// in a Golomb-Rice code (Rice and Plaunt, Adaptive variable-length coding, 1971) and the slot. Keys
// have 48 bits at most. An entry among n that are spread over a range r takes slotBits + log2(r/n)
// + 1.5 bits.
func appendEntries(dst []byte, list []entry) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	if len(list) == 0 {
		return dst
	}
	last := list[0].key
	dst = binary.AppendUvarint(dst, last)
	low := max(0, bits.Len64((list[len(list)-1].key-last)/uint64(len(list)))-1)
	w := bitWriter{dst: append(dst, byte(low))}
	for _, e := range list {
		d := e.key - last
		if q := d >> low; q < escape {
			w.put(1<<q-1, int(q)+1)
			w.put(d&(1<<low-1), low)
		} else {
			w.put(1<<escape-1, escape)
			w.put(d, 48)
		}
		w.put(e.slot, slotBits)
		last = e.key
	}
	return w.close()
}

// A bitWriter appends numbers of some bits, low bits first.
type bitWriter struct {
	dst  []byte
	held uint64
	n    int // bits held, less than 8 between calls
}

// put appends the n low bits of v, which has no others, 48 at most.
func (w *bitWriter) put(v uint64, n int) {
	w.held |= v << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.dst = append(w.dst, byte(w.held))
		w.held >>= 8
	}
}

func (w *bitWriter) close() []byte {
	if w.n > 0 {
		w.dst = append(w.dst, byte(w.held))
	}
	return w.dst
}

// A block is read from its beginning. The first error stays, and everything read after it is zero.
type block struct {
	b   []byte
	err error
}

func (r *block) more() bool { return r.err == nil && len(r.b) > 0 }

func (r *block) fail() {
	r.b, r.err = nil, errBlock
}

func (r *block) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *block) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a number of things that take a byte or more each.
func (r *block) count() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(n)
}

// next returns the next n bytes, nil with an error.
func (r *block) next(n int) []byte {
	if n > len(r.b) {
		r.fail()
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *block) u64() uint64 {
	b := r.next(8)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// slot reads 5 bytes.
func (r *block) slot() uint64 {
	b := r.next(slotBits / 8)
	if b == nil {
		return 0
	}
	return slotOf(b)
}

func slotOf(digest []byte) uint64 {
	return uint64(binary.BigEndian.Uint32(digest))<<8 | uint64(digest[4])
}

func appendSlot(dst []byte, slot uint64) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(slot>>8)), byte(slot))
}

// entries appends the entries of appendEntries.
func (r *block) entries(dst []entry) []entry {
	n := r.count()
	if n == 0 {
		return dst
	}
	key := r.uvarint()
	if len(r.b) == 0 || r.b[0] > 48 {
		r.fail()
		return dst
	}
	low := int(r.b[0])
	in := bitReader{b: r.b[1:]}
	dst = slices.Grow(dst, n)
	for range n {
		q := 0
		for q < escape && in.get(1) == 1 {
			q++
		}
		if q == escape {
			key += in.get(48)
		} else {
			key += uint64(q)<<low | in.get(low)
		}
		dst = append(dst, entry{key, in.get(slotBits)})
	}
	if in.short {
		r.fail()
		return dst[:len(dst)-n]
	}
	r.b = in.b
	return dst
}

// A bitReader reads what a bitWriter wrote.
type bitReader struct {
	b     []byte
	held  uint64
	n     int
	short bool
}

func (r *bitReader) get(n int) uint64 {
	for r.n < n {
		if len(r.b) == 0 {
			r.short = true
			return 0
		}
		r.held |= uint64(r.b[0]) << r.n
		r.b, r.n = r.b[1:], r.n+8
	}
	v := r.held & (1<<n - 1)
	r.held >>= n
	r.n -= n
	return v
}

// partition says to which of n partitions a number of some bits belongs.
func partition(v uint64, width, n int) int64 {
	hi, _ := bits.Mul64(v<<(64-width), uint64(n))
	return int64(hi)
}
