package formats

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/neardup/neardup/examples/internal/articles"
)

// A Table has one article a row and the names of the columns in the first: .csv and .tsv. Values
// may be quoted as RFC 4180 says; a quote inside of a value that is not quoted is a character like
// any other. From a quote that is never closed to the end is one row, which is no article.
type Table struct{}

// Name returns "a table".
func (Table) Name() string { return "a table" }

// Extensions returns the ends of the names.
func (Table) Extensions() []string { return []string{".csv", ".tsv", ".tab"} }

// Sniff knows no table by its contents.
func (Table) Sniff([]byte) bool { return false }

// Whole is false.
func (Table) Whole() bool { return false }

// Open reads the names of the columns.
func (Table) Open(in *Input) (Reader, error) {
	b, err := in.Lines()
	if err != nil {
		return nil, err
	}
	head, err := b.Peek(1 << 14)
	if len(head) == 0 && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if binary(head) {
		return nil, ErrBinary
	}
	delimiter := byte(',')
	if name := strings.ToLower(in.File.Path); strings.Contains(name, ".tsv") || strings.Contains(name, ".tab") {
		delimiter = '\t'
	}
	delimiter = separator(head, delimiter)
	return &table{in: in, delimiter: delimiter, splitter: splitter{b: b, limit: 4*in.Options.MaxText + 1<<16, table: &quotes{delimiter: delimiter, start: true}}}, nil
}

// separator returns what separates the columns: usual if it is there in the first line, else what
// is most often.
func separator(head []byte, usual byte) byte {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if bytes.IndexByte(line, usual) >= 0 {
		return usual
	}
	best := usual
	for _, c := range []byte(",\t;|") {
		if bytes.Count(line, []byte{c}) > bytes.Count(line, []byte{best}) {
			best = c
		}
	}
	return best
}

type table struct {
	splitter
	in        *Input
	delimiter byte
	begun     bool
	columns   articles.Columns
	bad       error // of the columns
}

func (t *table) Next(r *Record) error {
	if err := t.splitter.next(r); err != nil {
		return err
	}
	r.Encoding = t.in.encoding()
	if t.begun || r.Kind != Article {
		return nil
	}
	t.begun = true
	if r.Err != nil {
		t.bad = fmt.Errorf("the names of the columns were not read: %w", r.Err)
		return nil
	}
	r.Kind = Head
	data, _ := t.in.Options.narrow(r.Raw)
	t.columns, t.bad = t.in.Options.Fields.Columns(split(nil, data, t.delimiter))
	return nil
}

func (t *table) Parse(r *Record) {
	if r.Err != nil || r.Cont || r.Kind != Article {
		return
	}
	if t.bad != nil {
		r.Err = t.bad
		return
	}
	data := r.Raw
	if r.Encoding == "" {
		data, r.Encoding = t.in.Options.narrow(data)
	}
	values := split(make([]string, 0, len(t.columns.Names)), data, t.delimiter)
	if len(values) != len(t.columns.Names) {
		r.Err = fmt.Errorf("row has %d values, want %d", len(values), len(t.columns.Names))
		return
	}
	r.Found, r.Err = t.columns.Article(func(i int) string { return values[i] })
	var te *articles.TimeError
	if errors.As(r.Err, &te) {
		r.Note, r.Err = r.Err, nil
	}
}

func (t *table) Writer(w io.Writer, annotate bool) (Writer, error) {
	out, err := t.in.Pack(w)
	if err != nil {
		return nil, err
	}
	if !annotate {
		return Copier{out}, nil
	}
	return &rows{Copier: Copier{out}, t: t}, nil
}

// rows writes rows with annotations, as their last columns or in the place of former ones.
type rows struct {
	Copier
	t     *table
	again bool // there are former ones
	buf   []byte
}

func (o *rows) Write(r *Record, a *Annotation) error {
	columns := o.t.columns.Names
	var values [len(AnnotationNames)]string
	switch {
	case r.Kind == Head:
		var err error
		if o.again, err = Annotated(columns); err != nil {
			return fmt.Errorf("column %w", err)
		}
		if o.again {
			return o.Copier.Write(r, nil)
		}
		values = AnnotationNames
	case r.Kind != Article || r.More || r.Cont || a == nil && (o.again || len(split(nil, r.Raw, o.t.delimiter)) != len(columns)):
		return o.Copier.Write(r, nil)
	case a != nil:
		values = a.Values()
	}
	row := bytes.TrimSuffix(bytes.TrimSuffix(r.Raw, []byte("\n")), []byte("\r"))
	o.buf = o.buf[:0]
	if o.again {
		rest := row
		for i, name := range columns {
			if i > 0 {
				o.buf = append(o.buf, o.t.delimiter)
			}
			n := cell(rest, o.t.delimiter)
			if k := slices.Index(AnnotationNames[:], name); k >= 0 {
				o.value(values[k])
			} else {
				o.buf = append(o.buf, rest[:n]...)
			}
			rest = rest[min(n+1, len(rest)):]
		}
	} else {
		o.buf = append(o.buf, row...)
		for _, v := range values {
			o.buf = append(o.buf, o.t.delimiter)
			o.value(v)
		}
	}
	o.buf = append(o.buf, r.Raw[len(row):]...)
	_, err := o.W.Write(o.buf)
	return err
}

// value appends a value, in quotes if it needs them.
func (o *rows) value(v string) {
	if strings.ContainsAny(v, "\"\r\n"+string(rune(o.t.delimiter))) {
		v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
	}
	o.buf = append(o.buf, v...)
}

// quotes knows whether a row goes on after the end of a line.
type quotes struct {
	delimiter byte
	start     bool // of a value
	open      bool // inside of quotes
	closing   bool // after a quote that ends the value, unless another one follows
	line      int  // in which the last quote was opened
}

// scan reads on, in a line, and reports whether what follows is inside of quotes.
func (q *quotes) scan(part []byte, line int) bool {
	for _, c := range part {
		switch {
		case q.open && q.closing:
			if q.closing = false; c == '"' {
				continue
			}
			q.open = false
			q.start = c == q.delimiter || c == '\n'
		case q.open:
			q.closing = c == '"'
		case q.start && c == '"':
			q.open, q.start, q.line = true, false, line
		default:
			q.start = c == q.delimiter || c == '\n'
		}
	}
	return q.open && !q.closing
}

// cell returns the length of the first value of a row, as it is written.
func cell(row []byte, delimiter byte) int {
	at := 0
	if len(row) > 0 && row[0] == '"' {
		for at = 1; ; at += 2 { // after a quote; two are a character
			n := bytes.IndexByte(row[at:], '"')
			if n < 0 {
				return len(row) // the quote is not closed
			}
			if at += n; at+1 == len(row) || row[at+1] != '"' {
				break
			}
		}
	}
	if n := bytes.IndexByte(row[at:], delimiter); n >= 0 {
		return at + n
	}
	return len(row)
}

// split appends the values of a row.
func split(dst []string, row []byte, delimiter byte) []string {
	row = bytes.TrimSuffix(bytes.TrimSuffix(row, []byte("\n")), []byte("\r"))
	for {
		n := cell(row, delimiter)
		dst = append(dst, unquoted(row[:n]))
		if n == len(row) {
			return dst
		}
		row = row[n+1:]
	}
}

// unquoted returns what a value says.
func unquoted(cell []byte) string {
	if len(cell) == 0 || cell[0] != '"' {
		return string(cell)
	}
	value := make([]byte, 0, len(cell))
	for cell = cell[1:]; ; cell = cell[1:] {
		n := bytes.IndexByte(cell, '"')
		if n < 0 {
			return string(append(value, cell...)) // the quote is not closed
		}
		value = append(value, cell[:n]...)
		if cell = cell[n+1:]; len(cell) == 0 || cell[0] != '"' {
			return string(append(value, cell...))
		}
		value = append(value, '"')
	}
}
