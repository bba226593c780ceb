package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// A Decoder reads one encoding, from a reader or from a slice. The first error stops it: what is
// decoded after that is zero, empty or nil, so that it need be looked at only before something
// depends on it. It is itself a reader, of bytes of the payload, for an encoding in an encoding. It
// must not be copied.
//
// It reads the bytes of the encoding and none after it. A number that says how much is to come is
// not believed: room is made for what has been read. A slice that a Decoder returns is the
// caller's, but for that of [Decoder.Next].
type Decoder struct {
	f       *Format
	r       io.Reader // nil if all is in data
	data    []byte    // of a slice, what comes after the present block
	block   []byte    // what is left of the present block's payload, all of it checked
	next    int       // length of the payload of the block that comes, -1 after the last
	buf     []byte    // the present block as read
	scratch []byte
	n       int64 // bytes read
	sum     xxhash.Digest
	err     error
}

// NewDecoder returns a decoder that reads from r, and reads magic and version. [Decoder.Close] or
// [Decoder.CloseAtEOF] has to be called.
func (f *Format) NewDecoder(r io.Reader) *Decoder {
	d := &Decoder{f: f, r: r} // inlined: it need not go to the heap
	d.begin()
	return d
}

// NewSliceDecoder returns a decoder that reads data, which is not copied, and reads magic and
// version. [Decoder.Close] has to be called.
func (f *Format) NewSliceDecoder(data []byte) *Decoder {
	d := &Decoder{f: f, data: data} // inlined: it need not go to the heap
	d.begin()
	return d
}

func (d *Decoder) begin() {
	d.sum.Reset()
	b := d.read(headSize + lenSize)
	switch {
	case d.err != nil:
		return
	case string(b[:3]) != d.f.Magic:
		_ = d.Corrupt("does not begin with %q", d.f.Magic)
		return
	case b[3] != d.f.Version:
		d.Fail(d.f.Unknown("has version %d, want %d", b[3], d.f.Version))
		return
	}
	_, _ = d.sum.Write(b) // never fails
	d.announce(b[headSize:])
}

// Close checks that the payload has been read to its end and, of a slice, that nothing follows, and
// returns the first error.
func (d *Decoder) Close() error {
	if d.err == nil && (len(d.block) > 0 || d.load() && len(d.block) > 0) {
		return d.Corrupt("has more than is expected")
	}
	if d.err == nil && len(d.data) > 0 {
		return d.Corrupt("ends %d bytes before the data", len(d.data))
	}
	return d.err
}

// CloseAtEOF is [Decoder.Close], and checks that the reader, too, is at its end.
func (d *Decoder) CloseAtEOF() error {
	if d.Close() != nil || d.r == nil {
		return d.err
	}
	switch n, err := io.ReadFull(d.r, make([]byte, 1)); {
	case n > 0:
		d.n++
		return d.Corrupt("ends after %d bytes, and more follow", d.n-1)
	case err != io.EOF:
		d.failed(err)
	}
	return d.err
}

// Err returns the first error.
func (d *Decoder) Err() error { return d.err }

// OK reports whether there is no error yet. A loop over what a count promised asks it each time.
func (d *Decoder) OK() bool { return d.err == nil }

// N returns the number of bytes read from the reader.
func (d *Decoder) N() int64 { return d.n }

// Fail stops the decoder with an error, if it has none yet and err is one.
func (d *Decoder) Fail(err error) {
	if d.err == nil && err != nil {
		d.err = err
		d.block = nil
	}
}

// Corrupt stops the decoder with what [Format.Corrupt] returns, and returns the first error.
func (d *Decoder) Corrupt(format string, args ...any) error {
	d.Fail(d.f.Corrupt(format, args...))
	return d.err
}

// Unknown stops the decoder with what [Format.Unknown] returns, and returns the first error.
func (d *Decoder) Unknown(format string, args ...any) error {
	d.Fail(d.f.Unknown(format, args...))
	return d.err
}

// Mismatch stops the decoder with what [Format.Mismatch] returns, and returns the first error.
func (d *Decoder) Mismatch(format string, args ...any) error {
	d.Fail(d.f.Mismatch(format, args...))
	return d.err
}

// U8 decodes a byte.
func (d *Decoder) U8() byte {
	if len(d.block) == 0 && !d.more() {
		return 0
	}
	v := d.block[0]
	d.block = d.block[1:]
	return v
}

// Bool decodes a boolean; any byte but 0 and 1 is corrupt.
func (d *Decoder) Bool() bool {
	v := d.U8()
	if v > 1 {
		_ = d.Corrupt("has a boolean of %d", v)
	}
	return v == 1
}

// U16 decodes 2 bytes.
func (d *Decoder) U16() uint16 {
	if len(d.block) < 2 {
		var b [2]byte
		d.fill(b[:])
		return binary.LittleEndian.Uint16(b[:])
	}
	v := binary.LittleEndian.Uint16(d.block)
	d.block = d.block[2:]
	return v
}

// U32 decodes 4 bytes.
func (d *Decoder) U32() uint32 {
	if len(d.block) < 4 {
		var b [4]byte
		d.fill(b[:])
		return binary.LittleEndian.Uint32(b[:])
	}
	v := binary.LittleEndian.Uint32(d.block)
	d.block = d.block[4:]
	return v
}

// U64 decodes 8 bytes.
func (d *Decoder) U64() uint64 {
	if len(d.block) < 8 {
		var b [8]byte
		d.fill(b[:])
		return binary.LittleEndian.Uint64(b[:])
	}
	v := binary.LittleEndian.Uint64(d.block)
	d.block = d.block[8:]
	return v
}

// F64 decodes a number, whatever its bits.
func (d *Decoder) F64() float64 { return math.Float64frombits(d.U64()) }

// Next returns the next n bytes, which are good until the next call of any method; nil with an
// error.
func (d *Decoder) Next(n int) []byte {
	if len(d.block) == 0 && n > 0 && !d.more() {
		return nil
	}
	if n <= len(d.block) {
		b := d.block[:n:n]
		d.block = d.block[n:]
		return b
	}
	d.scratch = d.AppendRaw(d.scratch[:0], n)
	if d.err != nil {
		return nil
	}
	return d.scratch
}

// AppendRaw appends the next n bytes to dst, which it returns as it was with an error. Of a reader,
// it makes room for at most twice as many as have come.
func (d *Decoder) AppendRaw(dst []byte, n int) []byte {
	if !d.Need(int64(n)) {
		return dst
	}
	first := len(dst)
	for want := first + n; len(dst) < want; {
		if len(d.block) == 0 && !d.more() {
			return dst[:first]
		}
		m := min(want-len(dst), len(d.block))
		if cap(dst)-len(dst) < m {
			dst = slices.Grow(dst, d.Room(want-len(dst), 1, len(dst)-first))
		}
		dst = append(dst, d.block[:m]...)
		d.block = d.block[m:]
	}
	return dst
}

// AppendU32s appends the next n numbers of 4 bytes to dst, which it returns as it was with an
// error. Of a reader, it makes room for at most twice as many as have come.
func (d *Decoder) AppendU32s(dst []uint32, n int) []uint32 {
	if !d.Need(4 * int64(n)) {
		return dst
	}
	first := len(dst)
	for want := first + n; len(dst) < want; {
		if cap(dst) == len(dst) {
			dst = slices.Grow(dst, d.Room(want-len(dst), 4, len(dst)-first))
		}
		v := d.U32()
		if d.err != nil {
			return dst[:first]
		}
		dst = append(dst, v)
	}
	return dst
}

// AppendU64s appends the next n numbers of 8 bytes to dst, which it returns as it was with an
// error. Of a reader, it makes room for at most twice as many as have come.
func (d *Decoder) AppendU64s(dst []uint64, n int) []uint64 {
	if !d.Need(8 * int64(n)) {
		return dst
	}
	first := len(dst)
	for want := first + n; len(dst) < want; {
		if cap(dst) == len(dst) {
			dst = slices.Grow(dst, d.Room(want-len(dst), 8, len(dst)-first))
		}
		v := d.U64()
		if d.err != nil {
			return dst[:first]
		}
		dst = append(dst, v)
	}
	return dst
}

// Count decodes the number of elements of a list, of which each takes at least size bytes. Of a
// slice, a number that cannot be true is corrupt; of a reader, it may be any: see [Decoder.Room].
func (d *Decoder) Count(size int) int {
	n := d.U32()
	if int64(n) > math.MaxInt {
		_ = d.Corrupt("has a list of %d elements", n)
	}
	if !d.Need(int64(n) * int64(size)) {
		return 0
	}
	return int(n)
}

// Need reports whether n more bytes of payload can come; if they cannot, that is corrupt. Of a
// reader, they always can.
func (d *Decoder) Need(n int64) bool {
	if have := int64(len(d.block) + len(d.data)); d.err == nil && (n < 0 || d.r == nil && n > have) {
		_ = d.Corrupt("has %d bytes left, want %d", have, n)
	}
	return d.err == nil
}

// Room returns for how many of n elements, which take size bytes each in memory, room may be made
// at once when there are have of them: of a slice, for 4 bytes in memory for each byte to come, and
// of a reader, for a block of memory or as many elements again as there are.
func (d *Decoder) Room(n, size, have int) int {
	if d.r == nil {
		return int(min(int64(n), max(1, 4*int64(len(d.block)+len(d.data))/int64(size))))
	}
	return min(n, max(have, BlockSize/size, 1))
}

// Bytes decodes a list of bytes.
func (d *Decoder) Bytes() []byte { return d.AppendRaw(nil, d.Count(1)) }

// Text decodes a string.
func (d *Decoder) Text() string { return string(d.Next(d.Count(1))) }

// Texts decodes a list of strings.
func (d *Decoder) Texts() []string {
	var list []string
	for n := d.Count(4); len(list) < n; {
		if cap(list) == len(list) {
			list = slices.Grow(list, d.Room(n-len(list), 16, len(list)))
		}
		s := d.Text()
		if d.err != nil {
			return nil
		}
		list = append(list, s)
	}
	return list
}

// Read reads bytes of the payload.
func (d *Decoder) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, d.err
	}
	if len(d.block) == 0 {
		if !d.load() || len(d.block) == 0 {
			if d.err != nil {
				return 0, d.err
			}
			return 0, io.EOF
		}
	}
	n := copy(b, d.block)
	d.block = d.block[n:]
	return n, nil
}

// fill decodes len(b) bytes, all 0 with an error.
func (d *Decoder) fill(b []byte) {
	for at := 0; at < len(b); {
		if len(d.block) == 0 && !d.more() {
			clear(b)
			return
		}
		n := copy(b[at:], d.block)
		d.block = d.block[n:]
		at += n
	}
}

// more gets the next block, which must have something.
func (d *Decoder) more() bool {
	if d.load() && len(d.block) > 0 {
		return true
	}
	_ = d.Corrupt("has less than is expected")
	return false
}

// load gets and checks the next block, and returns false if there is none.
func (d *Decoder) load() bool {
	if d.err != nil || d.next < 0 {
		return false
	}
	n, size := d.next, d.next+checkSize
	if n == BlockSize {
		size += lenSize // another block follows
	}
	at := d.n
	b := d.read(size)
	if d.err != nil {
		return false
	}
	_, _ = d.sum.Write(b[:n]) // never fails
	if want, got := binary.LittleEndian.Uint64(b[n:]), d.sum.Sum64(); got != want {
		_ = d.Corrupt("has a damaged block: XXH64 of bytes 0 to %d is %016x, want %016x", at+int64(n), got, want)
		return false
	}
	_, _ = d.sum.Write(b[n:])
	d.block = b[:n:n]
	d.next = -1
	if n == BlockSize {
		d.announce(b[n+checkSize:])
	}
	return d.err == nil
}

// announce takes the length of the block that comes.
func (d *Decoder) announce(b []byte) {
	d.next = int(binary.LittleEndian.Uint16(b))
	if d.next > BlockSize {
		_ = d.Corrupt("has a block of %d bytes, want at most %d", d.next, BlockSize)
	}
}

// read returns the next n bytes of the encoding; nil with an error.
func (d *Decoder) read(n int) []byte {
	if d.r == nil {
		if n > len(d.data) {
			_ = d.Corrupt("ends after %d bytes", d.n+int64(len(d.data)))
			return nil
		}
		b := d.data[:n]
		d.data = d.data[n:]
		d.n += int64(n)
		return b
	}
	if cap(d.buf) < n {
		d.buf = make([]byte, n)
	}
	got, err := io.ReadFull(d.r, d.buf[:n])
	d.n += int64(got)
	if err != nil {
		d.failed(err)
		return nil
	}
	return d.buf[:n]
}

// failed takes an error of the reader.
func (d *Decoder) failed(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		_ = d.Corrupt("ends after %d bytes", d.n)
		return
	}
	d.Fail(fmt.Errorf("%s: reading %s: %w", d.f.Package, d.f.Type, err))
}
