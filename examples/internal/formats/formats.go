// Package formats reads and writes the kinds of file in which people keep articles. Each kind is a
// [Format]: it reads a file record by record, with the very bytes of each, and writes those of them
// that are to stay into a new file of its kind.
//
// This package has the formats that need nothing but the standard library; programs add others.
package formats

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/neardup/neardup/examples/internal/articles"
)

// A Format is a kind of file.
type Format interface {
	// Name says what it is, as in "JSON Lines".
	Name() string
	// Extensions are the ends of the names of its files, in lower case, with the dot. The first one
	// chooses the format on the command line, without the dot.
	Extensions() []string
	// Sniff reports whether the beginning of a file is of this kind. It is asked where the name
	// does not say.
	Sniff(head []byte) bool
	// Whole reports whether a file is one article, whose source is its folder.
	Whole() bool
	// Open begins to read a file.
	Open(in *Input) (Reader, error)
}

// A Reader reads the records of one file.
type Reader interface {
	// Next reads the next piece of the file into r, whose Raw it may overwrite and keeps nothing
	// of. The error is io.EOF at the end. After any other error, which is not and does not wrap
	// io.EOF, there is nothing more to be read.
	Next(r *Record) error
	// Parse makes an article of what Next has read. It may be called for several records at a time,
	// also after Next has returned io.EOF.
	Parse(r *Record)
	// Writer begins a file of the same kind. With annotate, the records are annotated; the error
	// then says that this kind of file has no room for that.
	Writer(w io.Writer, annotate bool) (Writer, error)
}

// A Writer writes records.
type Writer interface {
	// Write writes a piece that a Reader of the same file has read. a is nil if nothing is to be
	// added to it.
	Write(r *Record, a *Annotation) error
	// Close ends the file, but does not close what it is written to.
	Close() error
}

// A Kind tells what a piece of a file is.
type Kind uint8

// The kinds of pieces.
const (
	Article Kind = iota // a record that is, or should be, an article
	Other               // a record that is none by its nature, such as the request of a web archive
	Head                // belongs to the file: it is in every part of it, and not counted
	Filler              // belongs between records, such as an empty line: not counted
)

// A Record is a piece of a file.
type Record struct {
	Raw  []byte // its bytes
	Row  any    // for formats whose records are not bytes
	Kind Kind
	Line int  // where it begins: the number of a line, or of a record where there are no lines; 0 if it is the whole file
	More bool // the next piece continues this one
	Cont bool // this piece continues the one before

	// What Next may, and Parse must, set of an article.
	articles.Found
	Err      error  // it is no article; nil if it is
	Note     error  // it is one, but something was wrong with it
	Encoding string // that it was converted from; "" if it is UTF-8

	File   *File
	Reader Reader
}

// reset empties r but for the room of Raw.
func (r *Record) reset() { *r = Record{Raw: r.Raw[:0]} }

// An Annotation is what is found of an article: what stands for it, and how. The zero Annotation is
// that of one that stays.
type Annotation struct {
	DuplicateOf string
	Relation    string  // "same", or "contained"
	Similarity  float64 // Jaccard
	Coverage    float64 // share of it that is in the other
}

// AnnotationNames are the names of the fields of an annotation, in order.
var AnnotationNames = [...]string{"duplicate_of", "relation", "similarity", "coverage"}

// Annotated reports whether a record whose fields have some names is annotated already: it has all
// the fields of an annotation, which then are replaced. It is an error if it has some of them only:
// they are something else, and would be lost.
func Annotated(names []string) (bool, error) {
	there := ""
	n := 0
	for _, name := range AnnotationNames {
		if slices.Contains(names, name) {
			there = name
			n++
		}
	}
	if n > 0 && n < len(AnnotationNames) {
		return false, fmt.Errorf("%q is there already, and not of an annotation, which would replace it", there)
	}
	return n > 0, nil
}

// Options say how files are read.
type Options struct {
	Fields *articles.Finder
	// MaxText is the longest text of an article, in bytes.
	MaxText int
	// Convert returns text in UTF-8 that was in another encoding, and its name; ok is false if it
	// does not know which. nil knows none. UTF-16 is recognised without it.
	Convert func(data []byte) (text []byte, encoding string, ok bool)
	// Read counts the bytes read from files; nil counts nothing.
	Read func(n int)
}

// A File is a file to be read.
type File struct {
	Path   string // "-" is standard input
	Rel    string // its place in a folder of output
	Old    bool   // articles of it are there to be compared with
	Format Format // nil until it is open, if the name does not say
	Size   int64  // -1 if it is a stream
	spool  string // a copy of a stream
	stdin  io.Reader
	mod    time.Time
}

// ID is the path in the form in which it is the ID of an article.
func (f *File) ID() string {
	if f.Path == "-" {
		return "stdin"
	}
	return strings.ReplaceAll(f.Path, string(os.PathSeparator), "/")
}

// An Input is an open file.
type Input struct {
	File    *File
	Options *Options
	Codec   *Codec // how it is compressed; nil if it is not
	// Out says how a new one is compressed.
	Out *Codec

	utf16  bool // of either byte order
	big    bool
	file   *os.File
	packed *bufio.Reader // as in the file
	plain  *bufio.Reader // uncompressed, and in UTF-8 if it was UTF-16
}

// A Set is the formats and ways of compression that a program knows.
type Set struct {
	Formats []Format
	Codecs  []*Codec
	// Hints say what to do about files of other kinds, by their extension.
	Hints map[string]string
}

// Standard returns those that need the standard library only.
func Standard() Set {
	hints := map[string]string{".json": JSONHint}
	for _, ext := range []string{".html", ".htm", ".xhtml", ".warc", ".parquet", ".zst", ".rss", ".atom", ".xml"} {
		hints[ext] = "examples/corpus reads it"
	}
	return Set{
		Formats: []Format{JSONLines{}, Table{}, TextFile{}},
		Codecs:  []*Codec{Gzip, Bzip2},
		Hints:   hints,
	}
}

// JSONHint says what to do about a file that is one JSON value.
const JSONHint = "want one object a line; jq -c '.[]' makes that of a list"

// ByName returns the format and the compression that the name of a file says, nil if it says none.
func (s *Set) ByName(name string) (Format, *Codec) {
	name = strings.ToLower(path.Base(strings.ReplaceAll(name, string(os.PathSeparator), "/")))
	var codec *Codec
	for _, c := range s.Codecs {
		if strings.HasSuffix(name, c.Ext) {
			codec = c
			name = strings.TrimSuffix(name, c.Ext)
			break
		}
	}
	for _, f := range s.Formats {
		for _, ext := range f.Extensions() {
			if strings.HasSuffix(name, ext) && name != ext {
				return f, codec
			}
		}
	}
	return nil, codec
}

// Lookup returns the format with an extension, without the dot.
func (s *Set) Lookup(ext string) (Format, error) {
	var names []string
	for _, f := range s.Formats {
		for i, e := range f.Extensions() {
			if e == "."+strings.ToLower(ext) {
				return f, nil
			}
			if i == 0 {
				names = append(names, e[1:])
			}
		}
	}
	return nil, fmt.Errorf("format is %q, want %s", ext, strings.Join(names, ", "))
}

// Open opens a file and begins to read it. The Input has to be closed.
func (s *Set) Open(f *File, o *Options) (*Input, Reader, error) {
	in := &Input{File: f, Options: o}
	r, err := in.open(s)
	if err != nil {
		in.Close()
		return nil, nil, err
	}
	return in, r, nil
}

func (in *Input) open(s *Set) (Reader, error) {
	f := in.File
	name := f.Path
	if f.spool != "" {
		name = f.spool
	}
	var r io.Reader = f.stdin
	if f.Path != "-" || f.spool != "" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		in.file, r = file, file
		if err := f.unchanged(file); err != nil {
			return nil, err
		}
	}
	in.packed = bufio.NewReaderSize(&counted{r, in.Options.Read}, 1<<16)
	head, err := in.packed.Peek(8)
	if err != nil && err != io.EOF {
		return nil, err
	}
	for _, c := range s.Codecs {
		if c.is(head) {
			in.Codec, in.Out = c, c
		}
	}
	if f.Format == nil {
		stream, err := in.Stream()
		if err != nil {
			return nil, err
		}
		head, err := stream.Peek(1 << 12)
		if len(head) == 0 && !errors.Is(err, io.EOF) {
			return nil, err
		}
		for _, format := range s.Formats {
			if format.Sniff(head) {
				f.Format = format
				break
			}
		}
		if f.Format == nil && len(bytes.TrimSpace(head)) == 0 {
			f.Format = JSONLines{} // nothing
		}
		if f.Format == nil {
			return nil, fmt.Errorf("is of no kind that is known here; want %s, or -format KIND", s.kinds())
		}
	}
	return f.Format.Open(in)
}

// kinds names what can be read.
func (s *Set) kinds() string {
	var exts []string
	for _, f := range s.Formats {
		exts = append(exts, f.Extensions()...)
	}
	var packed []string
	for _, c := range s.Codecs {
		packed = append(packed, c.Ext)
	}
	return strings.Join(exts, " ") + ", plain or " + strings.Join(packed, " ")
}

// unchanged fails if a file is not what it was when it was found, so that two readings of it are
// the same.
func (f *File) unchanged(file *os.File) error {
	if f.spool != "" {
		return nil
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	if f.mod.IsZero() {
		f.mod, f.Size = info.ModTime(), info.Size()
	}
	if info.Size() != f.Size || !info.ModTime().Equal(f.mod) {
		return ErrChanged
	}
	return nil
}

// ErrChanged says that a file was changed between two readings.
var ErrChanged = fmt.Errorf("was changed while it was being read")

// Stream returns the bytes of the file, uncompressed and, where they are UTF-16, in UTF-8. It is
// the same one each time.
func (in *Input) Stream() (*bufio.Reader, error) {
	if in.plain != nil {
		return in.plain, nil
	}
	r := in.packed
	if in.Codec != nil {
		z, err := in.Codec.NewReader(in.packed)
		if err != nil {
			return nil, err
		}
		r = bufio.NewReaderSize(z, 1<<16)
	}
	in.plain = r
	return r, nil
}

// Lines returns the bytes as [Input.Stream] does, for a format of lines: UTF-16 is made UTF-8.
func (in *Input) Lines() (*bufio.Reader, error) {
	r, err := in.Stream()
	if err != nil {
		return nil, err
	}
	head, err := r.Peek(1 << 10)
	if len(head) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if in.utf16, in.big = isUTF16(head); in.utf16 {
		r = bufio.NewReaderSize(fromUTF16(r, in.big), 1<<16)
		in.plain = r
	}
	return r, nil
}

// Packed returns the bytes of the file as they are, for a format that sees to compression itself.
func (in *Input) Packed() *bufio.Reader { return in.packed }

// ReaderAt returns the file for reading anywhere, and its size.
func (in *Input) ReaderAt() (io.ReaderAt, int64, error) {
	if in.file == nil {
		return nil, 0, fmt.Errorf("cannot be read from a pipe")
	}
	info, err := in.file.Stat()
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("cannot be read from a pipe")
	}
	return in.file, info.Size(), nil
}

// encoding is the encoding that a format of lines was converted from.
func (in *Input) encoding() string {
	switch {
	case in.utf16 && in.big:
		return "UTF-16BE"
	case in.utf16:
		return "UTF-16LE"
	}
	return ""
}

// Pack returns a writer to w that compresses, and encodes, as the file was. Closing it does not
// close w.
func (in *Input) Pack(w io.Writer) (io.WriteCloser, error) {
	var out io.WriteCloser = nopCloser{w}
	if in.Out != nil {
		if in.Out.NewWriter == nil {
			return nil, fmt.Errorf("cannot be written as %s", in.Out.Name)
		}
		z, err := in.Out.NewWriter(w)
		if err != nil {
			return nil, err
		}
		out = z
	}
	if in.utf16 {
		return &both{toUTF16(out, in.big), out}, nil
	}
	return out, nil
}

// Close closes the file.
func (in *Input) Close() {
	if in.file != nil {
		in.file.Close()
	}
}

type counted struct {
	r io.Reader
	f func(int)
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	if c.f != nil && n > 0 {
		c.f(n)
	}
	return n, err
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// both is a writer into another one, which is closed after it.
type both struct {
	io.WriteCloser
	under io.Closer
}

func (b *both) Close() error {
	if err := b.WriteCloser.Close(); err != nil {
		return err
	}
	return b.under.Close()
}

// Copier is a Writer that writes the bytes of records.
type Copier struct{ W io.WriteCloser }

// Write writes the bytes of r.
func (c Copier) Write(r *Record, _ *Annotation) error {
	_, err := c.W.Write(r.Raw)
	return err
}

// Close ends the file.
func (c Copier) Close() error { return c.W.Close() }

// ErrNoRoom says that records of a format cannot be annotated.
func ErrNoRoom(name string) error { return fmt.Errorf("%s has no room for annotations", name) }
