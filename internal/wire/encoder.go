package wire

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// An Encoder writes one encoding, to a writer or to the end of a slice. The first error stops it:
// what is encoded after that goes nowhere, so that it need be looked at only at the end. It is
// itself a writer, of bytes of the payload, for an encoding in an encoding. It must not be copied.
type Encoder struct {
	f     *Format
	w     io.Writer // nil if all stays in buf
	buf   []byte    // what is not yet written
	first int       // where the encoding begins in buf, if all stays there
	start int       // where the present block begins in buf
	fresh int       // where what is not yet in sum begins in buf
	sum   xxhash.Digest
	n     int64
	err   error
}

// NewEncoder returns an encoder that writes to w, a block at a time. [Encoder.Close] has to be
// called.
func (f *Format) NewEncoder(w io.Writer) *Encoder {
	e := &Encoder{} // inlined: it need not go to the heap
	e.begin(f, w, nil, BlockSize)
	return e
}

// NewAppender returns an encoder that appends to dst. If the payload is as long as said, dst grows
// once at most. [Encoder.Appended] has to be called.
func (f *Format) NewAppender(dst []byte, payload int) *Encoder {
	e := &Encoder{} // inlined: it need not go to the heap
	e.begin(f, nil, dst, payload)
	return e
}

func (e *Encoder) begin(f *Format, w io.Writer, dst []byte, payload int) {
	e.f, e.w, e.buf = f, w, slices.Grow(dst, Size(payload))
	e.first, e.fresh = len(dst), len(dst)
	e.sum.Reset()
	e.buf = append(append(e.buf, f.Magic...), f.Version)
	e.open()
}

// Close ends an encoding to a writer. It returns the number of bytes written and the error of the
// writer.
func (e *Encoder) Close() (int64, error) {
	e.seal()
	if e.err != nil {
		return e.n, fmt.Errorf("%s: writing %s: %w", e.f.Package, e.f.Type, e.err)
	}
	return e.n, nil
}

// Appended ends an encoding to a slice, and returns the slice extended. There is no error unless
// [Encoder.Fail] was called; the slice is then as it was.
func (e *Encoder) Appended() ([]byte, error) {
	e.seal()
	if e.err != nil {
		return e.buf[:e.first], fmt.Errorf("%s: writing %s: %w", e.f.Package, e.f.Type, e.err)
	}
	return e.buf, nil
}

// Err returns the first error.
func (e *Encoder) Err() error { return e.err }

// Fail stops the encoder with an error, if it has none yet and err is one.
func (e *Encoder) Fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// U8 encodes a byte.
func (e *Encoder) U8(v byte) {
	e.buf = append(e.buf, v)
	if e.room() == 0 {
		e.next()
	}
}

// Bool encodes a boolean as a byte.
func (e *Encoder) Bool(v bool) {
	if v {
		e.U8(1)
	} else {
		e.U8(0)
	}
}

// U16 encodes 2 bytes.
func (e *Encoder) U16(v uint16) {
	if e.room() > 2 {
		e.buf = binary.LittleEndian.AppendUint16(e.buf, v)
		return
	}
	e.U8(byte(v))
	e.U8(byte(v >> 8))
}

// U32 encodes 4 bytes.
func (e *Encoder) U32(v uint32) {
	if e.room() > 4 {
		e.buf = binary.LittleEndian.AppendUint32(e.buf, v)
		return
	}
	e.U16(uint16(v))
	e.U16(uint16(v >> 16))
}

// U64 encodes 8 bytes.
func (e *Encoder) U64(v uint64) {
	if e.room() > 8 {
		e.buf = binary.LittleEndian.AppendUint64(e.buf, v)
		return
	}
	e.U32(uint32(v))
	e.U32(uint32(v >> 32))
}

// F64 encodes the 8 bytes of a number.
func (e *Encoder) F64(v float64) { e.U64(math.Float64bits(v)) }

// Raw encodes bytes as they are.
func (e *Encoder) Raw(b []byte) {
	for len(b) > 0 {
		n := min(len(b), e.room())
		e.buf = append(e.buf, b[:n]...)
		b = b[n:]
		if e.room() == 0 {
			e.next()
		}
	}
}

// Write is Raw, as a writer.
func (e *Encoder) Write(b []byte) (int, error) {
	e.Raw(b)
	if e.err != nil {
		return 0, e.err
	}
	return len(b), nil
}

// Count encodes the number of elements of a list, which have to follow.
func (e *Encoder) Count(n int) {
	if int64(n) > math.MaxUint32 {
		e.Fail(fmt.Errorf("list of %d elements, want at most %d", n, uint32(math.MaxUint32)))
	}
	e.U32(uint32(n))
}

// Bytes encodes a list of bytes.
func (e *Encoder) Bytes(b []byte) {
	e.Count(len(b))
	e.Raw(b)
}

// Text encodes a string.
func (e *Encoder) Text(s string) {
	e.Count(len(s))
	for len(s) > 0 {
		n := min(len(s), e.room())
		e.buf = append(e.buf, s[:n]...)
		s = s[n:]
		if e.room() == 0 {
			e.next()
		}
	}
}

// Texts encodes a list of strings.
func (e *Encoder) Texts(list []string) {
	e.Count(len(list))
	for _, s := range list {
		e.Text(s)
	}
}

// room returns the number of bytes that go into the present block.
func (e *Encoder) room() int { return e.start + lenSize + BlockSize - len(e.buf) }

// open begins a block.
func (e *Encoder) open() {
	e.start = len(e.buf)
	e.buf = append(e.buf, 0, 0)
}

func (e *Encoder) next() {
	e.seal()
	e.open()
}

// seal completes the present block and writes it.
func (e *Encoder) seal() {
	binary.LittleEndian.PutUint16(e.buf[e.start:], uint16(len(e.buf)-e.start-lenSize))
	_, _ = e.sum.Write(e.buf[e.fresh:]) // never fails
	e.fresh = len(e.buf)
	e.buf = binary.LittleEndian.AppendUint64(e.buf, e.sum.Sum64())
	if e.w == nil {
		return
	}
	_, _ = e.sum.Write(e.buf[e.fresh:])
	if e.err == nil {
		n, err := e.w.Write(e.buf)
		e.n += int64(n)
		if err == nil && n < len(e.buf) {
			err = io.ErrShortWrite
		}
		e.err = err
	}
	e.buf, e.fresh = e.buf[:0], 0
}
