package formats

import (
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// isUTF16 reports whether a text begins in UTF-16, with a byte order mark or, since no text has NUL
// in every other byte, without, and whether it is big-endian.
func isUTF16(head []byte) (is, big bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")):
		return false, false // UTF-32
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return true, false
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return true, true
	}
	var zero [2]int
	n := len(head) &^ 1
	for i, b := range head[:n] {
		if b == 0 {
			zero[i%2]++
		}
	}
	if n < 16 || zero[0]+zero[1] < n/5 || min(zero[0], zero[1]) > 0 {
		return false, false
	}
	return true, zero[0] > 0
}

func order(big bool) unicode.Endianness {
	if big {
		return unicode.BigEndian
	}
	return unicode.LittleEndian
}

// fromUTF16 and toUTF16 take a byte order mark for a character like any other, so that they undo
// one another.
func fromUTF16(r io.Reader, big bool) io.Reader {
	return transform.NewReader(r, unicode.UTF16(order(big), unicode.IgnoreBOM).NewDecoder())
}

func toUTF16(w io.Writer, big bool) io.WriteCloser {
	return transform.NewWriter(w, unicode.UTF16(order(big), unicode.IgnoreBOM).NewEncoder())
}

const bom = "\xef\xbb\xbf"

// Text returns a text in UTF-8, without a byte order mark, and the encoding it was in, "" if it was
// UTF-8. What is in no encoding that is known is returned as it is, and so called "unknown".
func (o *Options) Text(data []byte) (text []byte, encoding string) {
	if is, big := isUTF16(data[:min(len(data), 1<<10)]); is {
		name := "UTF-16LE"
		if big {
			name = "UTF-16BE"
		}
		if text, err := io.ReadAll(fromUTF16(bytes.NewReader(data), big)); err == nil {
			return bytes.TrimPrefix(text, []byte(bom)), name
		}
	}
	for i, mark := range []string{"\xff\xfe\x00\x00", "\x00\x00\xfe\xff"} {
		if bytes.HasPrefix(data, []byte(mark)) {
			e := []utf32.Endianness{utf32.LittleEndian, utf32.BigEndian}[i]
			if text, err := utf32.UTF32(e, utf32.IgnoreBOM).NewDecoder().Bytes(data); err == nil {
				return bytes.TrimPrefix(text, []byte(bom)), "UTF-32"
			}
		}
	}
	return o.narrow(bytes.TrimPrefix(data, []byte(bom)))
}

// narrow is Text for what is not wide.
func (o *Options) narrow(data []byte) (text []byte, encoding string) {
	if utf8.Valid(data) {
		return data, ""
	}
	if o.Convert != nil {
		if text, name, ok := o.Convert(data); ok {
			return text, name
		}
	}
	return data, "unknown"
}

// binary reports whether the beginning of a file is no text: it has a NUL, and is not wide.
func binary(head []byte) bool {
	if bytes.IndexByte(head, 0) < 0 || bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")) {
		return false
	}
	is, _ := isUTF16(head)
	return !is
}
