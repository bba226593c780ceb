// Package wire is the codec of everything that is stored: the state of a detector, indexes,
// sketchers, signatures.
//
// An encoding names its type and version and then holds a payload in blocks, each with a check, so
// that no byte of the payload is interpreted before it is known to be what was written:
//
//	offset  bytes  what
//	     0      3  magic, which names the type
//	     3      1  version
//	     4      …  blocks
//
// A block is
//
//	offset  bytes  what
//	     0      2  n, the length of its piece of the payload, at most 32,768
//	     2      n  the piece
//	   2+n      8  XXH64 of all bytes of the encoding before these 8
//
// A block with a piece of 32,768 bytes is followed by another, and a shorter one is the last, be it
// empty. So a payload has one encoding only, and its end is known without looking past it: several
// encodings can stand in one file, and one can be part of the payload of another. As each check
// covers all that precedes, no block can be lost, repeated or moved.
//
// Values stand in the payload without padding: integers are little-endian, a float64 is its IEEE
// 754 bits as 8 bytes, a boolean is a byte, 0 or 1, a list is the number of its elements in 4 bytes
// and the elements, and a string is a list of bytes. A value may begin in one block and end in the
// next.
//
// Errors are those of the package that the type is of, which a [Format] names. Their text is the
// one of the sentinel, which begins with the name of the package, the type, and the detail:
// "simhash: corrupt data: index: ends after 20 bytes". Errors of a reader or writer are wrapped:
// "simhash: reading index: …".
package wire

import "fmt"

// BlockSize is the number of bytes of payload in every block but the last.
const BlockSize = 1 << 15

const (
	headSize  = 4 // magic and version
	lenSize   = 2 // the length of a block
	checkSize = 8
)

// A Format names a type that is stored and the errors of its package.
type Format struct {
	Package string // for errors of readers and writers: "simhash"
	Type    string // for all errors: "index"
	Magic   string // 3 bytes
	Version byte

	// What errors wrap. The text of each begins with the name of the package and a colon.
	ErrVersion, ErrCorrupt, ErrMismatch error
}

// Size returns the number of bytes of an encoding whose payload has the given number.
func Size(payload int) int {
	return headSize + payload + (payload/BlockSize+1)*(lenSize+checkSize)
}

// Corrupt returns an ErrCorrupt with a detail.
func (f *Format) Corrupt(format string, args ...any) error {
	return f.detail(f.ErrCorrupt, format, args)
}

// Unknown returns an ErrVersion with a detail.
func (f *Format) Unknown(format string, args ...any) error {
	return f.detail(f.ErrVersion, format, args)
}

// Mismatch returns an ErrMismatch with a detail.
func (f *Format) Mismatch(format string, args ...any) error {
	return f.detail(f.ErrMismatch, format, args)
}

func (f *Format) detail(sentinel error, format string, args []any) error {
	return fmt.Errorf("%w: %s: %s", sentinel, f.Type, fmt.Sprintf(format, args...))
}
