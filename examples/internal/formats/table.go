package formats

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/neardup/neardup/examples/internal/articles"
)

// A Table has one article a row and the names of the columns in the first: .csv and .tsv. Values
// may be quoted as RFC 4180 says; a quote inside of a value that is not quoted is a character like
// any other.
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
	if t.begun || r.Kind != Article || r.Err != nil {
		return nil
	}
	t.begun = true
	r.Kind = Head
	data, _ := t.in.Options.narrow(r.Raw)
	t.columns, t.bad = t.in.Options.Fields.Columns(split(nil, data, t.delimiter))
	return nil
}

func (t *table) Parse(r *Record) {
	if r.Err != nil || r.Cont || r.Kind != Article {
		return
	}
	if r.Err = t.bad; t.bad != nil {
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

// rows writes rows with annotations, as their last columns.
type rows struct {
	Copier
	t   *table
	buf []byte
}

func (o *rows) Write(r *Record, a *Annotation) error {
	var values [len(AnnotationNames)]string
	switch {
	case r.Kind == Head:
		for _, name := range o.t.columns.Names {
			for _, added := range AnnotationNames {
				if name == added {
					return fmt.Errorf("there is a column %q already", name)
				}
			}
		}
		values = AnnotationNames
	case r.Kind != Article || r.More || r.Cont || a == nil && len(split(nil, r.Raw, o.t.delimiter)) != len(o.t.columns.Names):
		return o.Copier.Write(r, nil)
	case a != nil:
		values = a.Values()
	}
	row := bytes.TrimSuffix(bytes.TrimSuffix(r.Raw, []byte("\n")), []byte("\r"))
	o.buf = append(o.buf[:0], row...)
	for _, v := range values {
		o.buf = append(o.buf, o.t.delimiter)
		if strings.ContainsAny(v, "\"\r\n"+string(rune(o.t.delimiter))) {
			v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
		}
		o.buf = append(o.buf, v...)
	}
	o.buf = append(o.buf, r.Raw[len(row):]...)
	_, err := o.W.Write(o.buf)
	return err
}

// quotes knows whether a row goes on after the end of a line.
type quotes struct {
	delimiter byte
	start     bool // of a value
	open      bool // inside of quotes
	closing   bool // after a quote that ends the value, unless another one follows
}

// scan reads on, and reports whether what follows is inside of quotes.
func (q *quotes) scan(part []byte) bool {
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
			q.open, q.start = true, false
		default:
			q.start = c == q.delimiter || c == '\n'
		}
	}
	return q.open && !q.closing
}

// split appends the values of a row.
func split(dst []string, row []byte, delimiter byte) []string {
	row = bytes.TrimSuffix(bytes.TrimSuffix(row, []byte("\n")), []byte("\r"))
	for {
		if len(row) == 0 || row[0] != '"' {
			n := bytes.IndexByte(row, delimiter)
			if n < 0 {
				return append(dst, string(row))
			}
			dst = append(dst, string(row[:n]))
			row = row[n+1:]
			continue
		}
		var value []byte
		row = row[1:]
		for {
			n := bytes.IndexByte(row, '"')
			if n < 0 {
				return append(dst, string(append(value, row...))) // the quote is not closed
			}
			value = append(value, row[:n]...)
			row = row[n+1:]
			if len(row) == 0 || row[0] != '"' {
				break
			}
			value = append(value, '"')
			row = row[1:]
		}
		n := bytes.IndexByte(row, delimiter)
		if n < 0 {
			return append(dst, string(append(value, row...)))
		}
		dst = append(dst, string(append(value, row[:n]...)))
		row = row[n+1:]
	}
}
