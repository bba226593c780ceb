package simhash

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/bits-and-blooms/bitset"
	"github.com/cespare/xxhash/v2"
)

// Errors of decoding. They come wrapped with what is wrong.
var (
	// ErrVersion says that the bytes are of a version or a scheme that this release does not know.
	ErrVersion = errors.New("simhash: unknown version")
	// ErrCorrupt says that the bytes are not what was written.
	ErrCorrupt = errors.New("simhash: corrupt data")
	// ErrMismatch says that the bytes are good, but of an index with another configuration.
	ErrMismatch = errors.New("simhash: configuration differs")
)

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

// AppendBinary appends the 8 bytes of f, the most significant first, so that they sort as the numbers do. The error is nil.
func (f Fingerprint) AppendBinary(dst []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint64(dst, uint64(f)), nil
}

// MarshalBinary returns what [Fingerprint.AppendBinary] appends.
func (f Fingerprint) MarshalBinary() ([]byte, error) { return f.AppendBinary(nil) }

// UnmarshalBinary sets f to 8 bytes, the most significant first. Any other number of bytes is an [ErrCorrupt].
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

// UnmarshalText sets f to the number that 16 hexadecimal digits, of either case, stand for. Anything else is an
// [ErrCorrupt].
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

const (
	sketcherTag  = "shs\x01" // with the version
	sketcherSize = 5 + 8*Bits
	indexTag     = "shi\x01"
	indexHeader  = 14
)

// AppendBinary appends the state of s, 517 bytes. Sketchers that have been given the same features with the same
// weights, in whatever order and in whatever way, give the same bytes. The error is nil. [Sketcher.UnmarshalBinary] has
// the layout.
func (s *Sketcher) AppendBinary(dst []byte) ([]byte, error) {
	dst = append(append(dst, sketcherTag...), scheme)
	for _, c := range s.counts() {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(c))
	}
	return dst, nil
}

// MarshalBinary returns what [Sketcher.AppendBinary] appends.
func (s *Sketcher) MarshalBinary() ([]byte, error) { return s.AppendBinary(nil) }

// UnmarshalBinary sets s to the state that was written. The layout is
//
//	offset  size  what
//	     0     3  "shs"
//	     3     1  version, 1
//	     4     1  scheme of the features' mixing and of ties, 1
//	     5   512  for each bit from the lowest, the weight of the ones minus that of the zeros:
//	              64 bits, two's complement, little-endian
//
// The numbers are all odd or all even, as sums of the same weights are. Anything else is an [ErrCorrupt] or an
// [ErrVersion], and s is left as it was. Nothing of data is kept.
func (s *Sketcher) UnmarshalBinary(data []byte) error {
	if err := checkTag(data, sketcherTag, "sketcher"); err != nil {
		return err
	}
	if len(data) != sketcherSize {
		return corrupt("sketcher of %d bytes, want %d", len(data), sketcherSize)
	}
	var c [Bits]int64
	for i := range c {
		c[i] = int64(binary.LittleEndian.Uint64(data[5+8*i:]))
		if (c[i]^c[0])&1 != 0 {
			return corrupt("sketcher with odd and even counts")
		}
	}
	*s = Sketcher{count: c, full: true}
	return nil
}

// checkTag checks tag, version and scheme.
func checkTag(data []byte, tag, what string) error {
	switch {
	case len(data) < 5:
		return corrupt("%s of %d bytes", what, len(data))
	case string(data[:3]) != tag[:3]:
		return corrupt("%s begins with %q, want %q", what, data[:3], tag[:3])
	case data[3] != tag[3]:
		return fmt.Errorf("%w: %s of version %d, want %d", ErrVersion, what, data[3], tag[3])
	case data[4] != scheme:
		return fmt.Errorf("%w: %s of scheme %d, want %d", ErrVersion, what, data[4], scheme)
	}
	return nil
}

// AppendBinary appends x as [Index.WriteTo] writes it. The error is nil.
func (x *Index) AppendBinary(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = x.appendHeader(dst)
	for id := range x.total {
		dst = binary.LittleEndian.AppendUint64(dst, x.stored(id))
	}
	for id := 0; id < x.total; id += 8 {
		dst = append(dst, x.deleted(id))
	}
	return binary.LittleEndian.AppendUint64(dst, xxhash.Sum64(dst[start:])), nil
}

// MarshalBinary returns what [Index.AppendBinary] appends.
func (x *Index) MarshalBinary() ([]byte, error) { return x.AppendBinary(nil) }

// WriteTo writes x to w and returns the number of bytes written: 22 and 8 1/8 for each id given out. Tables are not
// written: to sort is faster than to read. Indexes with the same distance and the same fingerprints under the same ids
// give the same bytes, whatever their history. [Index.ReadFrom] has the layout. The error is that of w.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	sum := xxhash.New()
	n := int64(0)
	buf := x.appendHeader(make([]byte, 0, pieceSize+8))
	flush := func() error {
		_, _ = sum.Write(buf) // never fails
		m, err := w.Write(buf)
		n += int64(m)
		if err == nil && m < len(buf) {
			err = io.ErrShortWrite
		}
		buf = buf[:0]
		return err
	}
	for id := range x.total {
		buf = binary.LittleEndian.AppendUint64(buf, x.stored(id))
		if len(buf) >= pieceSize {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	for id := 0; id < x.total; id += 8 {
		buf = append(buf, x.deleted(id))
		if len(buf) >= pieceSize {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	if err := flush(); err != nil {
		return n, err
	}
	buf = binary.LittleEndian.AppendUint64(buf, sum.Sum64())
	err := flush()
	return n, err
}

// UnmarshalBinary is [Index.ReadFrom] for bytes in memory, of which none may be left over. Nothing of data is kept.
func (x *Index) UnmarshalBinary(data []byte) error {
	if err := checkTag(data, indexTag, "index"); err != nil {
		return err
	}
	if len(data) < indexHeader {
		return corrupt("index of %d bytes", len(data))
	}
	total := binary.LittleEndian.Uint64(data[6:])
	if total > maxIDs {
		return corrupt("index of %d fingerprints, want %d at most", total, uint32(maxIDs))
	}
	if want := indexSize(total); uint64(len(data)) != want {
		return corrupt("index of %d bytes, want %d for %d fingerprints", len(data), want, total)
	}
	body, end := data[:len(data)-8], data[len(data)-8:]
	if got, want := xxhash.Sum64(body), binary.LittleEndian.Uint64(end); got != want {
		return corrupt("index with checksum %016x, want %016x", got, want)
	}
	fps := make([]uint64, total)
	for id := range fps {
		fps[id] = binary.LittleEndian.Uint64(body[indexHeader+8*id:])
	}
	return x.decode(int(data[5]), fps, body[indexHeader+8*total:])
}

// ReadFrom sets x to the index read from r, and returns the number of bytes read. It reads no further than the index
// goes. The layout is
//
//	offset       size  what
//	     0          3  "shi"
//	     3          1  version, 1
//	     4          1  scheme of the fingerprints, 1
//	     5          1  distance in bits, 0 to 16
//	     6          8  n, the number of ids given out, under 2^32
//	    14         8n  fingerprints by id, deleted ones as 0
//	 14+8n  ceil(n/8)  a bit for each id, from the lowest of the first byte: 1 for deleted; the bits left over are 0
//	   end          8  XXH64 of all that precedes
//
// with numbers in little-endian order. What does not conform is an [ErrCorrupt] or an [ErrVersion]; data that end early
// are an ErrCorrupt, too; other errors of r are returned as they are. If x comes from [NewIndex] and has another distance
// than the index read, that is an [ErrMismatch]; a zero Index takes any. On error, x is left as it was. The memory allocated is
// in proportion to the bytes that are really there, whatever n says.
func (x *Index) ReadFrom(r io.Reader) (int64, error) {
	d := reader{r: r, sum: xxhash.New()}
	header, err := d.next(indexHeader)
	if err != nil {
		return d.n, err
	}
	if err := checkTag(header, indexTag, "index"); err != nil {
		return d.n, err
	}
	distance, total := int(header[5]), binary.LittleEndian.Uint64(header[6:])
	if total > maxIDs {
		return d.n, corrupt("index of %d fingerprints, want %d at most", total, uint32(maxIDs))
	}
	var fps []uint64
	for left := total; left > 0; {
		m := min(left, pieceSize/8)
		b, err := d.next(int(m) * 8)
		if err != nil {
			return d.n, err
		}
		for ; len(b) > 0; b = b[8:] {
			fps = append(fps, binary.LittleEndian.Uint64(b))
		}
		left -= m
	}
	var deleted []byte
	for left := (total + 7) / 8; left > 0; {
		m := min(left, pieceSize)
		b, err := d.next(int(m))
		if err != nil {
			return d.n, err
		}
		deleted = append(deleted, b...)
		left -= m
	}
	want := d.sum.Sum64()
	b, err := d.next(8)
	if err != nil {
		return d.n, err
	}
	if got := binary.LittleEndian.Uint64(b); got != want {
		return d.n, corrupt("index with checksum %016x, want %016x", want, got)
	}
	return d.n, x.decode(distance, fps, deleted)
}

// pieceSize is how much is read or written at once.
const pieceSize = 1 << 16

// indexSize returns the size of an encoded index.
func indexSize(total uint64) uint64 {
	return indexHeader + 8*total + (total+7)/8 + 8
}

func (x *Index) appendHeader(dst []byte) []byte {
	dst = append(append(dst, indexTag...), scheme, byte(x.d))
	return binary.LittleEndian.AppendUint64(dst, uint64(x.total))
}

// stored returns the fingerprint with an id, 0 if it is deleted.
func (x *Index) stored(id int) uint64 {
	if s, ok := x.slot(uint32(id)); ok {
		return x.fps[s]
	}
	return 0
}

// deleted returns a byte that tells which of eight ids from id on are deleted.
func (x *Index) deleted(id int) byte {
	var b byte
	for i := range min(8, x.total-id) {
		if _, ok := x.slot(uint32(id + i)); !ok {
			b |= 1 << i
		}
	}
	return b
}

// decode sets x to what was read, whose checksum is right.
func (x *Index) decode(distance int, fps []uint64, deleted []byte) error {
	if distance > MaxDistance {
		return corrupt("index of distance %d, want 0 to %d", distance, MaxDistance)
	}
	if x.made && x.d != distance {
		return fmt.Errorf("%w: index of distance %d, want %d", ErrMismatch, distance, x.d)
	}
	y := Index{d: distance, made: true, fps: fps, total: len(fps), live: len(fps), dead: *bitset.New(uint(len(fps)))}
	for i, b := range deleted {
		for j := range 8 {
			id := 8*i + j
			switch {
			case b>>j&1 == 0:
			case id >= len(fps):
				return corrupt("index that deletes more fingerprints than there are")
			case fps[id] != 0:
				return corrupt("index with a deleted fingerprint that is not 0")
			default:
				y.dead.Set(uint(id))
				y.live--
			}
		}
	}
	y.compact()
	*x = y
	return nil
}

// A reader reads pieces and sums them.
type reader struct {
	r   io.Reader
	n   int64
	sum *xxhash.Digest
	buf []byte
}

// next returns the next n bytes, which are good until the next call.
func (d *reader) next(n int) ([]byte, error) {
	if cap(d.buf) < n {
		d.buf = make([]byte, n)
	}
	b := d.buf[:n]
	m, err := io.ReadFull(d.r, b)
	d.n += int64(m)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil, corrupt("index ends after %d bytes", d.n)
	}
	if err != nil {
		return nil, err
	}
	_, _ = d.sum.Write(b) // never fails
	return b, nil
}
