package formats

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/neardup/neardup/examples/internal/articles"
)

// JSONLines has one JSON object a line: .jsonl and .ndjson.
type JSONLines struct{}

// Name returns "JSON Lines".
func (JSONLines) Name() string { return "JSON Lines" }

// Extensions returns the ends of the names.
func (JSONLines) Extensions() []string { return []string{".jsonl", ".ndjson"} }

// Sniff looks for the beginning of an object.
func (JSONLines) Sniff(head []byte) bool {
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte(bom)))
	return len(head) > 0 && head[0] == '{'
}

// Whole is false.
func (JSONLines) Whole() bool { return false }

// Open begins to read lines.
func (JSONLines) Open(in *Input) (Reader, error) {
	b, err := in.Lines()
	if err != nil {
		return nil, err
	}
	if head, _ := b.Peek(1 << 10); binary(head) {
		return nil, ErrBinary
	}
	return &lines{in: in, splitter: splitter{b: b, limit: 4*in.Options.MaxText + 1<<16}}, nil // JSON may escape every character
}

type lines struct {
	splitter
	in *Input
}

func (l *lines) Next(r *Record) error {
	if err := l.splitter.next(r); err != nil {
		return err
	}
	r.Encoding = l.in.encoding()
	return nil
}

func (l *lines) Parse(r *Record) {
	if r.Err != nil || r.Cont || r.Kind != Article {
		return
	}
	data := r.Raw
	if r.Encoding == "" {
		data, r.Encoding = l.in.Options.narrow(data)
	}
	r.Found, r.Err = l.in.Options.Fields.Decode(data)
	var te *articles.TimeError
	if errors.As(r.Err, &te) {
		r.Note, r.Err = r.Err, nil
	}
}

func (l *lines) Writer(w io.Writer, annotate bool) (Writer, error) {
	out, err := l.in.Pack(w)
	if err != nil {
		return nil, err
	}
	if annotate {
		return &objects{Copier: Copier{out}}, nil
	}
	return Copier{out}, nil
}

// objects writes objects with annotations, as their last fields, in the place of former ones.
type objects struct {
	Copier
	buf   []byte
	names []string
	ends  []int // of the fields
}

func (o *objects) Write(r *Record, a *Annotation) error {
	if a == nil || r.Kind != Article || r.Err != nil {
		return o.Copier.Write(r, nil)
	}
	o.names, o.ends = o.names[:0], o.ends[:0]
	begin := bytes.IndexByte(r.Raw, '{') + 1
	err := articles.EachField(r.Raw, func(name string, _ []byte, to int) {
		o.names, o.ends = append(o.names, name), append(o.ends, to)
	})
	if err != nil {
		return o.Copier.Write(r, nil) // nobody took it for an article
	}
	again, err := Annotated(o.names)
	if err != nil {
		return fmt.Errorf("line %d: field %w", r.Line, err)
	}
	o.buf = append(o.buf[:0], r.Raw[:begin]...)
	from := begin
	for i, to := range o.ends {
		if !again || !slices.Contains(AnnotationNames[:], o.names[i]) {
			part := r.Raw[from:to]
			if len(o.buf) == begin {
				part = bytes.TrimPrefix(part, []byte(","))
			}
			o.buf = append(o.buf, part...)
		}
		from = to
	}
	for i, v := range a.Values() {
		if len(o.buf) > begin {
			o.buf = append(o.buf, ',')
		}
		o.buf = append(o.buf, '"')
		o.buf = append(o.buf, AnnotationNames[i]...)
		o.buf = append(o.buf, '"', ':')
		switch {
		case v == "":
			o.buf = append(o.buf, "null"...)
		case i < 2:
			o.buf = appendJSON(o.buf, v)
		default:
			o.buf = append(o.buf, v...)
		}
	}
	o.buf = append(o.buf, r.Raw[from:]...)
	_, err = o.W.Write(o.buf)
	return err
}

// Values returns an annotation as text, "" where there is none.
func (a *Annotation) Values() [len(AnnotationNames)]string {
	if a.DuplicateOf == "" {
		return [len(AnnotationNames)]string{}
	}
	return [...]string{a.DuplicateOf, a.Relation, strconv.FormatFloat(a.Similarity, 'f', -1, 64), strconv.FormatFloat(a.Coverage, 'f', -1, 64)}
}

func appendJSON(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string has an encoding
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// A splitter cuts a stream into lines or, with quotes, into rows of a table.
type splitter struct {
	b     *bufio.Reader
	limit int // of bytes of a record
	line  int // lines read
	cont  bool
	begun bool
	table *quotes // nil: lines
}

// next reads the next record into r, or a piece of one that is too long. Empty lines are filler,
// and so is a byte order mark.
func (s *splitter) next(r *Record) error {
	r.reset()
	if !s.begun {
		s.begun = true
		if head, _ := s.b.Peek(len(bom)); string(head) == bom {
			r.Raw = append(r.Raw, bom...)
			r.Kind = Filler
			_, err := s.b.Discard(len(bom))
			return err
		}
	}
	r.Cont, r.Line = s.cont, s.line+1
	limit := s.limit
	if s.cont {
		limit = 1 << 16
		r.Line = 0
	}
	for {
		part, err := s.b.ReadSlice('\n')
		r.Raw = append(r.Raw, part...)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%w after %d lines", err, s.line)
		}
		inside := false
		if s.table != nil {
			inside = s.table.scan(part, s.line+1)
		}
		if err == nil {
			s.line++
		}
		switch {
		case err == io.EOF:
			if len(r.Raw) == 0 {
				return io.EOF
			}
			if s.cont = false; inside && !r.Cont {
				r.Err = s.unclosed(part)
			}
		case err == nil && !inside:
			s.cont = false
		case len(r.Raw) > limit:
			r.More = true
			if !s.cont {
				r.Err = s.tooLong(inside)
			}
			s.cont = true
			return nil
		default:
			continue
		}
		if !r.Cont && len(bytes.TrimSpace(r.Raw)) == 0 {
			r.Kind = Filler
		} else if !r.Cont && len(r.Raw) > s.limit {
			r.Err = s.tooLong(inside)
		}
		return nil
	}
}

// tooLong says that a record is, and where the quote is that it may be by.
func (s *splitter) tooLong(inside bool) error {
	switch {
	case s.table == nil:
		return fmt.Errorf("line is longer than %d bytes", s.limit)
	case inside:
		return fmt.Errorf("row is longer than %d bytes; the quote that begins in line %d is not closed by then", s.limit, s.table.line)
	}
	return fmt.Errorf("row is longer than %d bytes", s.limit)
}

// unclosed says that the file ended inside of quotes, and how much of it is not read for that.
func (s *splitter) unclosed(last []byte) error {
	n := s.line - s.table.line + 1
	if len(last) > 0 {
		n++ // which has no line break
	}
	err := fmt.Errorf("the quote that begins in line %d is not closed", s.table.line)
	if n > 1 {
		err = fmt.Errorf("%w: the rest of the file, %d lines, is one row", err, n)
	}
	return err
}
