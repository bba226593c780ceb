package formats

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/neardup/neardup"
)

// A Skip is the error of a file that is passed over, being of another kind than its name says: it
// is the reason.
type Skip string

func (s Skip) Error() string { return "is passed over: " + string(s) }

// ErrBinary says that a file that should be text is none.
const ErrBinary = Skip("binary")

// A TextFile is one article: .txt and .md.
type TextFile struct{}

// Name returns "text".
func (TextFile) Name() string { return "text" }

// Extensions returns the ends of the names.
func (TextFile) Extensions() []string { return []string{".txt", ".md", ".markdown", ".text"} }

// Sniff knows no text by its contents.
func (TextFile) Sniff([]byte) bool { return false }

// Whole is true.
func (TextFile) Whole() bool { return true }

// Open begins to read a text.
func (TextFile) Open(in *Input) (Reader, error) { return NewWhole(in, "text", nil) }

// NewWhole returns a Reader of a file that is one article, whose text, and what else is known,
// parse makes from its bytes. nil takes them for the text. Errors of parse are those of the record.
func NewWhole(in *Input, name string, parse func(r *Record) error) (Reader, error) {
	b, err := in.Stream()
	if err != nil {
		return nil, err
	}
	head, err := b.Peek(1 << 12)
	if len(head) == 0 && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if binary(head) {
		return nil, ErrBinary
	}
	return &whole{in: in, name: name, b: b, parse: parse}, nil
}

type whole struct {
	in    *Input
	name  string
	b     *bufio.Reader
	parse func(r *Record) error
	read  bool // its beginning
	long  bool
}

// Next returns the file, in pieces if it is longer than a text may be.
func (t *whole) Next(r *Record) error {
	r.reset()
	if t.read {
		if !t.long {
			return io.EOF
		}
		r.Cont = true
	}
	limit := t.in.Options.MaxText
	if t.read {
		limit = 1 << 16
	}
	var err error
	if r.Raw, err = appendUpTo(r.Raw, t.b, limit); err != nil {
		return err
	}
	_, err = t.b.Peek(1)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	t.long = err == nil
	r.More = t.long
	if t.long && !t.read {
		r.Err = fmt.Errorf("text is longer than %d bytes: %w", limit, neardup.ErrTooLong)
	}
	t.read = true
	return nil
}

// appendUpTo appends the next limit bytes of b, or what there is, to dst.
func appendUpTo(dst []byte, b *bufio.Reader, limit int) ([]byte, error) {
	for end := len(dst) + limit; len(dst) < end; {
		head, err := b.Peek(1)
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			return dst, err
		}
		_ = head
		part, _ := b.Peek(min(b.Buffered(), end-len(dst)))
		dst = append(dst, part...)
		_, _ = b.Discard(len(part))
	}
	return dst, nil
}

// Parse makes the article: its ID is the path, its source the folder.
func (t *whole) Parse(r *Record) {
	if r.Err != nil || r.Cont {
		return
	}
	r.ID = t.in.File.ID()
	if t.parse != nil {
		r.Err = t.parse(r)
	} else {
		var text []byte
		text, r.Encoding = t.in.Options.Text(r.Raw)
		r.Text = string(text)
	}
	if r.Source == "" {
		r.Source = path.Dir(r.ID)
	}
}

func (t *whole) Writer(w io.Writer, annotate bool) (Writer, error) {
	if annotate {
		return nil, ErrNoRoom("a file of " + t.name)
	}
	out, err := t.in.Pack(w)
	if err != nil {
		return nil, err
	}
	return Copier{out}, nil
}
