package simhash

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/neardup/neardup/internal/idmap"
	"github.com/neardup/neardup/internal/wire"
)

// Errors of decoding. They come wrapped with what is wrong.
var (
	// ErrVersion says that the bytes are of a version or a scheme that this release does not know.
	ErrVersion = errors.New("simhash: unknown version")
	// ErrCorrupt says that the bytes are not what was written.
	ErrCorrupt = errors.New("simhash: corrupt data")
	// ErrMismatch says that the bytes are good, but of an index with another configuration.
	ErrMismatch = errors.New("simhash: other configuration")
)

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

// AppendBinary appends the 8 bytes of f, the most significant first, so that they sort as the
// numbers do. The error is nil.
func (f Fingerprint) AppendBinary(dst []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint64(dst, uint64(f)), nil
}

// MarshalBinary returns what [Fingerprint.AppendBinary] appends.
func (f Fingerprint) MarshalBinary() ([]byte, error) { return f.AppendBinary(nil) }

// UnmarshalBinary sets f to 8 bytes, the most significant first. Any other number of bytes is an
// [ErrCorrupt].
func (f *Fingerprint) UnmarshalBinary(data []byte) error {
	if len(data) != 8 {
		return corrupt("fingerprint of %d bytes, want 8", len(data))
	}
	*f = Fingerprint(binary.BigEndian.Uint64(data))
	return nil
}

// AppendText appends the 16 digits of [Fingerprint.String]. The error is nil.
func (f Fingerprint) AppendText(dst []byte) ([]byte, error) {
	for i := 60; i >= 0; i -= 4 {
		dst = append(dst, hexDigits[f>>i&15])
	}
	return dst, nil
}

// MarshalText returns the 16 digits of [Fingerprint.String].
func (f Fingerprint) MarshalText() ([]byte, error) { return f.AppendText(nil) }

// UnmarshalText sets f to the number that 16 hexadecimal digits, of either case, stand for.
// Anything else is an [ErrCorrupt].
func (f *Fingerprint) UnmarshalText(text []byte) error {
	if len(text) != 16 {
		return corrupt("fingerprint of %d characters, want 16 hexadecimal digits", len(text))
	}
	var v Fingerprint
	for i, c := range text {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return corrupt("fingerprint with %q at position %d, want a hexadecimal digit", c, i)
		}
		v = v<<4 | Fingerprint(c)
	}
	*f = v
	return nil
}

var (
	sketcherFormat = format("shs", "sketcher")
	indexFormat    = format("shi", "index")
)

func format(magic, what string) wire.Format {
	return wire.Format{
		Package: "simhash", Type: what, Magic: magic, Version: 1,
		ErrVersion: ErrVersion, ErrCorrupt: ErrCorrupt, ErrMismatch: ErrMismatch,
	}
}

const (
	sketcherPayload = 1 + 8*Bits
	indexHeader     = 6
)

// AppendBinary appends the state of s, 527 bytes. Sketchers that have been given the same features
// with the same weights, in whatever order and in whatever way, give the same bytes. The error is
// nil. [Sketcher.UnmarshalBinary] has the layout.
func (s *Sketcher) AppendBinary(dst []byte) ([]byte, error) {
	e := sketcherFormat.NewAppender(dst, sketcherPayload)
	e.U8(scheme)
	for _, c := range s.counts() {
		e.U64(uint64(c))
	}
	return e.Appended()
}

// MarshalBinary returns what [Sketcher.AppendBinary] appends.
func (s *Sketcher) MarshalBinary() ([]byte, error) { return s.AppendBinary(nil) }

// UnmarshalBinary sets s to the state that was written. The layout is
//
//	bytes  what
//	    3  "shs"
//	    1  version, 1
//	       then in a block, with its length in 2 bytes before it and a check of 8 bytes, the XXH64
//	       of all before the check, after it:
//	    1  scheme of the features' mixing and of ties, 1
//	  512  for each bit from the lowest, the weight of the ones minus that of the zeros:
//	       64 bits, two's complement, little-endian
//
// The numbers are all odd or all even, as sums of the same weights are. Anything else is an
// [ErrCorrupt] or an [ErrVersion], and s is left as it was. Nothing of data is kept.
func (s *Sketcher) UnmarshalBinary(data []byte) error {
	d := sketcherFormat.NewSliceDecoder(data)
	readScheme(d)
	var c [Bits]int64
	for i := range c {
		c[i] = int64(d.U64())
		if (c[i]^c[0])&1 != 0 {
			_ = d.Corrupt("odd and even counts")
		}
	}
	if err := d.Close(); err != nil {
		return err
	}
	*s = Sketcher{count: c, full: true}
	return nil
}

func readScheme(d *wire.Decoder) {
	if v := d.U8(); v != scheme && d.OK() {
		_ = d.Unknown("has scheme %d, want %d", v, scheme)
	}
}

// AppendBinary appends x as [Index.WriteTo] writes it. The error is nil.
func (x *Index) AppendBinary(dst []byte) ([]byte, error) {
	e := indexFormat.NewAppender(dst, indexHeader+(x.ids.Total()+7)/8+8*x.ids.Len())
	x.encode(e)
	return e.Appended()
}

// MarshalBinary returns what [Index.AppendBinary] appends.
func (x *Index) MarshalBinary() ([]byte, error) { return x.AppendBinary(nil) }

// WriteTo writes x to w and returns the number of bytes written: 8 for each fingerprint, 1/8 for
// each id given out, 20, and 10 for each 32,768 of these. Tables are not written: to sort is faster
// than to read. Indexes with the same distance and the same fingerprints under the same ids give
// the same bytes, whatever their history. [Index.ReadFrom] has the layout. The error wraps that of
// w.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	e := indexFormat.NewEncoder(w)
	x.encode(e)
	return e.Close()
}

func (x *Index) encode(e *wire.Encoder) {
	total := x.ids.Total()
	e.U8(scheme)
	e.U8(byte(x.d))
	e.U32(uint32(total))
	for id := 0; id < total; id += 8 {
		var b byte
		for i := range min(8, total-id) {
			if _, ok := x.ids.Slot(uint32(id + i)); ok {
				b |= 1 << i
			}
		}
		e.U8(b)
	}
	for id := range total {
		if s, ok := x.ids.Slot(uint32(id)); ok {
			e.U64(x.fps[s])
		}
	}
}

// UnmarshalBinary is [Index.ReadFrom] for bytes in memory, of which none may be left over. Nothing
// of data is kept.
func (x *Index) UnmarshalBinary(data []byte) error {
	return x.decode(indexFormat.NewSliceDecoder(data))
}

// ReadFrom sets x to the index read from r, and returns the number of bytes read. It reads no
// further than the index goes. The layout is
//
//	bytes      what
//	        3  "shi"
//	        1  version, 1
//	           then in blocks of 32,768 bytes, the last of which is shorter, each with its length in
//	           2 bytes before it and a check of 8 bytes, the XXH64 of all before the check, after it:
//	        1  scheme of the fingerprints, 1
//	        1  distance in bits, 0 to 16
//	        4  n, the number of ids given out
//	ceil(n/8)  a bit for each id, from the lowest of the first byte: 0 for deleted; 0 if left over
//	       8m  the m fingerprints that are not deleted, by id
//
// with numbers in little-endian order. What does not conform is an [ErrCorrupt] or an [ErrVersion];
// data that end early are an ErrCorrupt, too; other errors of r are wrapped. If x comes from
// [NewIndex] and has another distance than the index read, that is an [ErrMismatch]; a zero Index
// takes any. On error, x is left as it was. The memory allocated is in proportion to the bytes that
// are really there, whatever n says.
func (x *Index) ReadFrom(r io.Reader) (int64, error) {
	d := indexFormat.NewDecoder(r)
	err := x.decode(d)
	return d.N(), err
}

func (x *Index) decode(d *wire.Decoder) error {
	readScheme(d)
	y := Index{d: int(d.U8()), made: true}
	total := d.U32()
	switch {
	case !d.OK():
		return d.Err()
	case y.d > MaxDistance:
		return d.Corrupt("distance %d, want 0 to %d", y.d, MaxDistance)
	case uint64(total) > uint64(maxIDs):
		return d.Corrupt("%d ids, want at most %d", total, maxIDs)
	case x.made && x.d != y.d:
		return d.Mismatch("distance %d, want %d", y.d, x.d)
	}
	live := d.AppendRaw(nil, int((uint64(total)+7)/8))
	m := 0
	for _, b := range live {
		m += bits.OnesCount8(b)
	}
	if n := len(live); n > 0 && total%8 != 0 && live[n-1]>>(total%8) != 0 {
		return d.Corrupt("has fingerprints beyond the last of %d ids", total)
	}
	y.fps = d.AppendU64s(nil, m)
	if err := d.Close(); err != nil {
		return err
	}
	ids := make([]uint32, 0, m)
	for i, b := range live {
		for ; b != 0; b &= b - 1 {
			ids = append(ids, uint32(8*i+bits.TrailingZeros8(b)))
		}
	}
	y.ids = idmap.Restore(int(total), ids)
	y.Compact()
	*x = y
	return nil
}
