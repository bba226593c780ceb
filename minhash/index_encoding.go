package minhash

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/bits-and-blooms/bitset"
	"github.com/cespare/xxhash/v2"
)

const (
	indexTag     = "mhi"
	indexVersion = 1
	indexHeader  = 34
	unindexed    = 1 << 31 // flag of the id of a document without features
)

// WriteTo writes the encoding of the index that [Index.UnmarshalBinary]
// describes, and returns the number of bytes written and the error of w, if any. It takes
// 4 bytes for each band and document while it runs.
//
// To replace a file so that there is a whole one at any time, write to a new file in
// the same directory, sync it, and rename it. A file that was cut short is refused on reading.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	x.mustBeMade()
	e := newEncoder(w)
	e.buf = x.appendHeader(e.buf)
	x.encode(e)
	return e.close()
}

// AppendBinary appends the encoding of the index and returns the extended slice.
// The error is always nil.
func (x *Index) AppendBinary(dst []byte) ([]byte, error) {
	x.mustBeMade()
	dst = slices.Grow(dst, indexHeader+x.encodedSize()+8)
	w := appender{dst}
	_, err := x.WriteTo(&w)
	return w.b, err
}

// MarshalBinary returns the encoding of the index. The error is always nil.
func (x *Index) MarshalBinary() ([]byte, error) { return x.AppendBinary(nil) }

// UnmarshalBinary makes x the index that data encodes. If x comes from
// [NewIndex], its configuration has to be that of the encoding; a zero Index
// takes it over. What x held before is gone.
//
// The errors wrap [ErrCorrupt], [ErrVersion] or [ErrMismatch], and then x is
// unchanged. Nothing of data is kept. The tables are made anew, so it takes as long as
// adding the documents, and never more memory than a small multiple of len(data).
//
// The encoding is the same on every machine and canonical: indexes that answer every
// query alike now and after any further changes have the same one. All numbers
// are little-endian.
//
//	offset  bytes  what
//	     0      3  "mhi"
//	     3      1  version, 1
//	     4      1  scheme of the signatures
//	     5      1  bits a slot of the packed signatures
//	     6      2  slots k
//	     8      2  bands b
//	    10      2  rows
//	    12      2  wide bands
//	    14      4  bucket limit
//	    18      8  seed
//	    26      4  ids given out, n
//	    30      4  0
//	    34   ⌈n/8⌉ bit i%8 of byte i/8 says that document i is not deleted
//	               then for each document that is not, in the order in which they came:
//	            4  id, plus 2^31 if it has no features
//	  ⌈k·bits/8⌉  packed signature
//	          4·b  the upper halves of the band keys, 0 if it has no features
//	               then at the end:
//	            8  XXH64 of all bytes before
func (x *Index) UnmarshalBinary(data []byte) error {
	return unmarshal(data, x.readFrom)
}

// ReadFrom makes x the index that r has the encoding of, under the rules of
// [Index.UnmarshalBinary], and returns the number of bytes read. It reads the
// bytes of the encoding and none after it, so several can stand in one file. The memory it
// takes grows with what it has read, whatever the encoding claims to hold. If r
// fails, the error wraps that of r.
func (x *Index) ReadFrom(r io.Reader) (int64, error) {
	d := newDecoder(r)
	err := x.readFrom(d)
	return d.n, err
}

func (x *Index) mustBeMade() {
	if x.bands == 0 {
		panic("minhash: Index is not made by NewIndex")
	}
}

func (x *Index) appendHeader(b []byte) []byte {
	c := x.cfg
	b = append(b, indexTag...)
	b = append(b, indexVersion, byte(c.Scheme), byte(c.Bits))
	b = binary.LittleEndian.AppendUint16(b, uint16(c.Plan.K))
	b = binary.LittleEndian.AppendUint16(b, uint16(c.Plan.Bands))
	b = binary.LittleEndian.AppendUint16(b, uint16(c.Plan.Rows))
	b = binary.LittleEndian.AppendUint16(b, uint16(c.Plan.Wide))
	b = binary.LittleEndian.AppendUint32(b, uint32(c.MaxBucket))
	b = binary.LittleEndian.AppendUint64(b, c.Seed)
	b = binary.LittleEndian.AppendUint32(b, uint32(x.total))
	return binary.LittleEndian.AppendUint32(b, 0)
}

func (x *Index) readFrom(d *decoder) error {
	b := d.start(indexTag, indexVersion, indexHeader)
	if d.err != nil {
		return d.err
	}
	var c IndexConfig
	c.Scheme, c.Bits = Scheme(b[4]), int(b[5])
	c.Plan.K = int(binary.LittleEndian.Uint16(b[6:]))
	c.Plan.Bands = int(binary.LittleEndian.Uint16(b[8:]))
	c.Plan.Rows = int(binary.LittleEndian.Uint16(b[10:]))
	c.Plan.Wide = int(binary.LittleEndian.Uint16(b[12:]))
	maxBucket := binary.LittleEndian.Uint32(b[14:])
	c.MaxBucket = int(maxBucket & maxDocs)
	c.Seed = binary.LittleEndian.Uint64(b[18:])
	total, zero := binary.LittleEndian.Uint32(b[26:]), binary.LittleEndian.Uint32(b[30:])
	if full, err := c.normal(); err != nil || full != c || maxBucket > maxDocs || total > maxDocs || zero != 0 {
		return d.corrupt("header has a field out of range")
	}
	if x.bands != 0 {
		if err := x.cfg.match(c); err != nil {
			return err
		}
	}
	var y Index
	y.init(c)
	if err := y.decode(d, int(total), make([]byte, y.packed.size), func([]byte) int { return 0 }); err != nil {
		return err
	}
	x.cfg, x.packing, x.holdings = y.cfg, y.packing, y.holdings
	return nil
}

// encodedSize returns the number of bytes that encode writes.
func (h *holdings) encodedSize() int {
	return (h.total+7)/8 + h.live*h.recordSize()
}

func (h *holdings) recordSize() int { return 4 + h.packed.size + 4*h.bands }

// encode writes the documents.
func (h *holdings) encode(e *encoder) {
	tags := make([]uint32, h.packed.n*h.bands)
	var has bitset.BitSet
	for c := range h.post {
		h.post[c].tags(tags, nil, &h.dead, &has)
	}
	for id := uint32(0); int64(id) < int64(h.total); id += 8 {
		var b byte
		for i := range uint32(8) {
			if _, ok := h.slot(id + i); ok {
				b |= 1 << i
			}
		}
		e.buf = append(e.buf, b)
		e.flush(false)
	}
	for slot := range uint32(h.packed.n) {
		if h.dead.Test(uint(slot)) {
			continue
		}
		id := h.id(slot)
		if !has.Test(uint(slot)) {
			id |= unindexed
		}
		e.buf = binary.LittleEndian.AppendUint32(e.buf, id)
		e.buf = append(e.buf, h.packed.at(slot)...)
		for _, tag := range tags[int(slot)*h.bands : (int(slot)+1)*h.bands] {
			e.buf = binary.LittleEndian.AppendUint32(e.buf, tag)
		}
		e.flush(false)
	}
}

// decode fills empty holdings with documents and checks the checksum that
// follows them. void is the record of a document without features; class says from its record to which class
// another belongs.
func (h *holdings) decode(d *decoder, total int, void []byte, class func(record []byte) int) error {
	var alive bitset.BitSet
	var present []uint64 // words of alive
	for at := 0; at < total; {
		n := min(8*readChunk, total-at)
		b := d.read((n + 7) / 8)
		if d.err != nil {
			return d.err
		}
		if n%8 != 0 && b[len(b)-1]>>(n%8) != 0 {
			return d.corrupt("documents past the last")
		}
		for ; len(b) > 0; b = b[min(8, len(b)):] {
			present = append(present, tail(b[:min(8, len(b))]))
		}
		at += n
	}
	if total > 0 {
		alive = *bitset.FromWithLength(uint(total), present)
	}
	live := int(alive.Count())
	size := h.recordSize()
	if err := d.expect(int64(live)*int64(size) + 8); err != nil {
		return err
	}
	keys := make([]uint64, h.bands)
	ids := []uint32{} // not nil, which would mean that slots and ids are the same
	inOrder := live == total
	for left := live; left > 0; {
		n := min(left, max(1, readChunk/size))
		b := d.read(n * size)
		if d.err != nil {
			return d.err
		}
		for ; len(b) > 0; b = b[size:] {
			id := binary.LittleEndian.Uint32(b)
			none := id&unindexed != 0
			id &^= unindexed
			if int64(id) >= int64(total) || !alive.Test(uint(id)) {
				return d.corrupt("document is deleted or there twice")
			}
			alive.Clear(uint(id))
			inOrder = inOrder && int(id) == len(ids)
			ids = append(ids, id)
			record, tags := b[4:4+h.packed.size], b[4+h.packed.size:size]
			if none {
				if !bytes.Equal(record, void) || !zero(tags) {
					return d.corrupt("document without features has some")
				}
				h.add(id, 0, nil, record)
				continue
			}
			for i := range keys {
				keys[i] = uint64(binary.LittleEndian.Uint32(tags[4*i:])) << 32
			}
			h.add(id, class(record), keys, record)
		}
		left -= n
	}
	if err := d.finish(); err != nil {
		return err
	}
	h.total = total
	if !inOrder {
		h.ids, h.slots = ids, make([]uint32, total)
		for id := range h.slots {
			h.slots[id] = noSlot
		}
		for slot, id := range ids {
			h.slots[id] = uint32(slot)
		}
	}
	return nil
}

// readChunk is the number of bytes read at a time, which is all that a damaged
// length can make a decoder allocate in vain.
const readChunk = 1 << 16

// encoder writes to w what is appended to buf, and the checksum at the end.
type encoder struct {
	w   io.Writer
	buf []byte
	sum *xxhash.Digest
	n   int64
	err error
}

func newEncoder(w io.Writer) *encoder {
	return &encoder{w: w, sum: xxhash.New(), buf: make([]byte, 0, 2*readChunk)}
}

// flush writes what is buffered, if it is much or all is to be written.
func (e *encoder) flush(all bool) {
	if len(e.buf) < readChunk && !all {
		return
	}
	if e.err == nil {
		_, _ = e.sum.Write(e.buf) // never fails
		e.write(e.buf)
	}
	e.buf = e.buf[:0]
}

func (e *encoder) write(b []byte) {
	n, err := e.w.Write(b)
	e.n += int64(n)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	e.err = err
}

func (e *encoder) close() (int64, error) {
	e.flush(true)
	if e.err == nil {
		e.write(binary.LittleEndian.AppendUint64(nil, e.sum.Sum64()))
	}
	if e.err != nil {
		return e.n, fmt.Errorf("minhash: write index: %w", e.err)
	}
	return e.n, nil
}

// appender is a writer to memory.
type appender struct{ b []byte }

func (a *appender) Write(b []byte) (int, error) {
	a.b = append(a.b, b...)
	return len(b), nil
}

// decoder reads from r and sums what it reads.
type decoder struct {
	r    io.Reader
	left int64 // bytes that r has, -1 if unknown
	buf  []byte
	sum  *xxhash.Digest
	n    int64
	err  error
}

func newDecoder(r io.Reader) *decoder {
	return &decoder{r: r, left: -1, sum: xxhash.New()}
}

// unmarshal calls read with a decoder of data and checks that nothing is left.
func unmarshal(data []byte, read func(*decoder) error) error {
	d := newDecoder(bytes.NewReader(data))
	d.left = int64(len(data))
	return read(d)
}

func (d *decoder) corrupt(what string) error {
	d.err = fmt.Errorf("minhash: index: %s: %w", what, ErrCorrupt)
	return d.err
}

// expect reports whether the rest of the encoding can have n bytes.
func (d *decoder) expect(n int64) error {
	if d.left >= 0 && d.n+n != d.left {
		return d.corrupt(fmt.Sprintf("has %d bytes, want %d", d.left, d.n+n))
	}
	return nil
}

// read returns the next n bytes, until the next read; nil after an error.
func (d *decoder) read(n int) []byte {
	if d.err != nil {
		return nil
	}
	if cap(d.buf) < n {
		d.buf = make([]byte, n)
	}
	b := d.buf[:n]
	got, err := io.ReadFull(d.r, b)
	d.n += int64(got)
	switch {
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		_ = d.corrupt(fmt.Sprintf("ends after %d bytes", d.n))
		return nil
	case err != nil:
		d.err = fmt.Errorf("minhash: read index: %w", err)
		return nil
	}
	_, _ = d.sum.Write(b) // never fails
	return b
}

// start reads the header.
func (d *decoder) start(tag string, version byte, size int) []byte {
	b := d.read(4)
	if d.err != nil {
		return nil
	}
	if string(b[:3]) != tag {
		_ = d.corrupt(fmt.Sprintf("begins with %q, want %q", b[:3], tag))
		return nil
	}
	if b[3] != version {
		d.err = fmt.Errorf("minhash: index has version %d, want %d: %w", b[3], version, ErrVersion)
		return nil
	}
	head := make([]byte, size)
	copy(head, b)
	copy(head[4:], d.read(size-4))
	return head
}

// finish reads and checks the checksum.
func (d *decoder) finish() error {
	want := d.sum.Sum64()
	b := d.read(8)
	if d.err != nil {
		return d.err
	}
	if binary.LittleEndian.Uint64(b) != want {
		return d.corrupt("checksum is wrong")
	}
	return nil
}
