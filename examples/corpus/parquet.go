package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/formats"
)

// Parquet has one article a row. What is found in is the columns of the first level.
type Parquet struct{}

// Name returns "Parquet".
func (Parquet) Name() string { return "Parquet" }

// Extensions returns the ends of the names.
func (Parquet) Extensions() []string { return []string{".parquet"} }

// Sniff looks for what every such file begins with.
func (Parquet) Sniff(head []byte) bool { return strings.HasPrefix(string(head), "PAR1") }

// Whole is false.
func (Parquet) Whole() bool { return false }

// Open reads the schema.
func (Parquet) Open(in *formats.Input) (formats.Reader, error) {
	at, size, err := in.ReaderAt()
	if err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(at, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	p := &table{in: in, file: f, groups: f.RowGroups()}
	var names []string
	for i, path := range f.Schema().Columns() {
		leaf, ok := f.Schema().Lookup(path...)
		if !ok || leaf.Node.Repeated() {
			continue
		}
		if len(path) == 1 {
			names = append(names, path[0])
			p.leaves = append(p.leaves, i)
			p.types = append(p.types, leaf.Node.Type())
		}
	}
	p.columns, p.bad = in.Options.Fields.Columns(names)
	return p, nil
}

type table struct {
	in      *formats.Input
	file    *parquet.File
	groups  []parquet.RowGroup
	leaves  []int          // column of each name
	types   []parquet.Type // of the same
	columns articles.Columns
	bad     error
	rows    parquet.Rows
	group   int // of rows
	buf     [64]parquet.Row
	have    []parquet.Row // of buf, still to be returned
	row     int
}

// A row is the values of a row, and the row group that it was in.
type row struct {
	values parquet.Row
	group  int
}

func (t *table) Next(r *formats.Record) (err error) {
	defer func() { // the library panics on some files that are damaged
		if x := recover(); x != nil {
			err = fmt.Errorf("damaged: %v", x)
		}
	}()
	*r = formats.Record{Raw: r.Raw[:0]}
	for len(t.have) == 0 {
		if t.rows == nil {
			if t.group == len(t.groups) {
				return io.EOF
			}
			t.rows = t.groups[t.group].Rows()
		}
		n, err := t.rows.ReadRows(t.buf[:])
		t.have = t.buf[:n]
		if n == 0 && err == nil {
			return errors.New("damaged: no rows where there should be some")
		}
		if err == io.EOF {
			err = t.rows.Close()
			t.rows = nil
			t.group++
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		if n > 0 {
			break
		}
	}
	t.row++
	r.Line = t.row
	group := t.group
	if t.rows == nil {
		group-- // the last rows of one
	}
	r.Row = row{t.have[0].Clone(), group}
	t.have = t.have[1:]
	return nil
}

func (t *table) Parse(r *formats.Record) {
	if r.Err != nil {
		return
	}
	if r.Err = t.bad; t.bad != nil {
		return
	}
	texts := make([]string, len(t.leaves))
	values := r.Row.(row).values
	k := 0
	for _, v := range values {
		for k < len(t.leaves) && t.leaves[k] < v.Column() {
			k++
		}
		if k < len(t.leaves) && t.leaves[k] == v.Column() && !v.IsNull() {
			texts[k] = text(v, t.types[k])
		}
	}
	r.Found, r.Err = t.columns.Article(func(i int) string { return texts[i] })
	var te *articles.TimeError
	if errors.As(r.Err, &te) {
		r.Note, r.Err = r.Err, nil
	}
}

// text returns a value as it would stand in a table of text.
func text(v parquet.Value, typ parquet.Type) string {
	var logical format.LogicalTypeValue
	if l := typ.LogicalType(); l != nil {
		logical = l.Value
	}
	switch v.Kind() {
	case parquet.ByteArray, parquet.FixedLenByteArray:
		if _, ok := logical.(*format.UUIDType); ok {
			return fmt.Sprintf("%x", v.ByteArray())
		}
		return string(v.ByteArray())
	case parquet.Int32:
		if _, ok := logical.(*format.DateType); ok {
			return time.Unix(int64(v.Int32())*86400, 0).UTC().Format(time.DateOnly)
		}
	case parquet.Int64:
		if stamp, ok := logical.(*format.TimestampType); ok {
			x := v.Int64()
			t := time.Unix(0, x)
			switch stamp.Unit.Value.(type) {
			case *format.MilliSeconds:
				t = time.UnixMilli(x)
			case *format.MicroSeconds:
				t = time.UnixMicro(x)
			}
			return t.UTC().Format(time.RFC3339Nano)
		}
	case parquet.Int96:
		d := v.Int96() // nanoseconds of the day, and the Julian day
		return time.Unix((int64(d[2])-2440588)*86400, int64(uint64(d[1])<<32|uint64(d[0]))).UTC().Format(time.RFC3339Nano)
	}
	return v.String()
}

// Writer begins a file of the same schema, compression and metadata.
func (t *table) Writer(w io.Writer, annotate bool) (formats.Writer, error) {
	meta := t.file.Metadata()
	schema := t.file.Schema()
	o := &tableWriter{annotate: annotate}
	if annotate {
		var err error
		if schema, o.at, o.again, err = withAnnotation(schema); err != nil {
			return nil, err
		}
	}
	options := []parquet.WriterOption{schema}
	if len(meta.RowGroups) > 0 && len(meta.RowGroups[0].Columns) > 0 {
		options = append(options, parquet.Compression(parquet.LookupCompressionCodec(meta.RowGroups[0].Columns[0].MetaData.Codec)))
	}
	for _, kv := range meta.KeyValueMetadata {
		if annotate && !o.again && (kv.Key == "ARROW:schema" || kv.Key == "pandas") {
			continue // they would not be true
		}
		options = append(options, parquet.KeyValueMetadata(kv.Key, kv.Value))
	}
	o.w = parquet.NewGenericWriter[any](w, options...)
	return o, nil
}

// annotation is the columns of an annotation.
var annotation = [len(formats.AnnotationNames)]parquet.Node{
	parquet.Optional(parquet.String()), parquet.Optional(parquet.String()),
	parquet.Optional(parquet.Leaf(parquet.DoubleType)), parquet.Optional(parquet.Leaf(parquet.DoubleType)),
}

// withAnnotation returns a schema that has the columns of an annotation, where they are, and
// whether they are there already.
func withAnnotation(s *parquet.Schema) (with *parquet.Schema, at [len(annotation)]int, again bool, err error) {
	var names []string
	for _, f := range s.Fields() {
		names = append(names, f.Name())
	}
	if again, err = formats.Annotated(names); err != nil {
		return nil, at, false, fmt.Errorf("column %w", err)
	}
	for i, name := range formats.AnnotationNames {
		at[i] = len(s.Columns()) + i
		if !again {
			continue
		}
		leaf, ok := s.Lookup(name)
		if !ok || !leaf.Node.Optional() || leaf.Node.Type().Kind() != annotation[i].Type().Kind() {
			return nil, at, false, fmt.Errorf("column %q is there already, and of another type than an annotation", name)
		}
		at[i] = leaf.ColumnIndex
	}
	if !again {
		s = parquet.NewSchema(s.Name(), annotated(s))
	}
	return s, at, again, nil
}

type tableWriter struct {
	w        *parquet.GenericWriter[any]
	annotate bool
	again    bool                 // a former annotation is replaced
	at       [len(annotation)]int // columns
	group    int
}

func (o *tableWriter) Write(r *formats.Record, a *formats.Annotation) error {
	x := r.Row.(row)
	if x.group != o.group { // as the rows were grouped
		if err := o.w.Flush(); err != nil {
			return err
		}
		o.group = x.group
	}
	values := x.values
	switch {
	case !o.annotate || o.again && a == nil:
	case o.again:
		values = slices.Clone(values)
		added := o.values(a)
		for i, v := range values {
			if k := slices.Index(o.at[:], v.Column()); k >= 0 {
				values[i] = added[k]
			}
		}
	default:
		added := o.values(a)
		values = append(values, added[:]...)
	}
	_, err := o.w.WriteRows([]parquet.Row{values})
	return err
}

// values are those of an annotation, in their columns.
func (o *tableWriter) values(a *formats.Annotation) (all [len(annotation)]parquet.Value) {
	if a != nil && a.DuplicateOf != "" {
		all = [...]parquet.Value{parquet.ValueOf(a.DuplicateOf), parquet.ValueOf(a.Relation), parquet.ValueOf(a.Similarity), parquet.ValueOf(a.Coverage)}
	}
	for i, v := range all {
		level := 1
		if v.IsNull() {
			level = 0
		}
		all[i] = v.Level(0, level, o.at[i])
	}
	return all
}

func (o *tableWriter) Close() error { return o.w.Close() }

// annotated is a schema with the columns of an annotation as its last.
func annotated(s *parquet.Schema) parquet.Node {
	fields := s.Fields()
	for i, n := range annotation {
		fields = append(fields[:len(fields):len(fields)], field{n, formats.AnnotationNames[i]})
	}
	return root{s, fields}
}

type root struct {
	parquet.Node
	fields []parquet.Field
}

func (r root) Fields() []parquet.Field { return r.fields }

// field is an optional column.
type field struct {
	parquet.Node
	name string
}

func (f field) Name() string { return f.name }

// Value is for rows that are Go values, of which there are none.
func (f field) Value(reflect.Value) reflect.Value {
	panic("a field of an annotation is not in any Go value")
}
