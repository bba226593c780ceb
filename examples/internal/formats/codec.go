package formats

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"io"
)

// A Codec is a way of compression.
type Codec struct {
	Name, Ext string
	Magic     string // what such a file begins with
	NewReader func(r *bufio.Reader) (io.Reader, error)
	NewWriter func(w io.Writer) (io.WriteCloser, error) // nil: cannot be written
}

func (c *Codec) is(head []byte) bool { return bytes.HasPrefix(head, []byte(c.Magic)) }

// Gzip is read and written.
var Gzip = &Codec{
	Name: "gzip", Ext: ".gz", Magic: "\x1f\x8b",
	NewReader: func(r *bufio.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	NewWriter: func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
}

// Bzip2 is read only: the standard library has no writer of it.
var Bzip2 = &Codec{
	Name: "bzip2", Ext: ".bz2", Magic: "BZh",
	NewReader: func(r *bufio.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil },
}
