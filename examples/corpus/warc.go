package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/formats"
)

// An Archive is a web archive, WARC 1.0 or 1.1, whose records are compressed one by one, or not at
// all. An archive that is compressed as a whole is read, and written record by record.
type Archive struct{}

// Name returns "web archive".
func (Archive) Name() string { return "web archive" }

// Extensions returns the ends of the names.
func (Archive) Extensions() []string { return []string{".warc", ".wet"} }

// Sniff looks for the first line of a record.
func (Archive) Sniff(head []byte) bool { return bytes.HasPrefix(head, []byte("WARC/")) }

// Whole is false.
func (Archive) Whole() bool { return false }

// Open begins to read an archive.
func (Archive) Open(in *formats.Input) (formats.Reader, error) {
	a := &archive{in: in, limit: 4*in.Options.MaxText + 1<<16}
	if in.Codec == formats.Gzip && !solid(in) {
		a.tee = &tee{r: in.Packed()}
		return a, nil
	}
	b, err := in.Stream()
	if err != nil {
		return nil, err
	}
	a.plain = b
	return a, nil
}

// solid reports whether the first member of a compressed archive has more than one record.
func solid(in *formats.Input) bool {
	at, size, err := in.ReaderAt()
	if err != nil {
		return false
	}
	z, err := gzip.NewReader(bufio.NewReader(io.NewSectionReader(at, 0, size)))
	if err != nil {
		return false
	}
	z.Multistream(false)
	b := bufio.NewReader(z)
	h, err := readHeader(b)
	if err != nil {
		return false
	}
	if _, err := io.CopyN(io.Discard, b, h.length+4); err != nil {
		return false
	}
	head, _ := b.Peek(5)
	return string(head) == "WARC/"
}

type archive struct {
	in    *formats.Input
	limit int           // bytes of a record
	plain *bufio.Reader // not compressed, or as a whole
	left  int64         // bytes of the record at hand that are still to be read from plain
	tee   *tee          // compressed record by record
	z     *gzip.Reader
	open  bool // a member of which something is left
	n     int  // records
}

// A tee keeps the bytes that were read through it. Reading by single bytes, as it can, nothing is
// read beyond the end of a compressed member.
type tee struct {
	r    *bufio.Reader
	kept []byte
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.kept = append(t.kept, p[:n]...)
	return n, err
}

func (t *tee) ReadByte() (byte, error) {
	c, err := t.r.ReadByte()
	if err == nil {
		t.kept = append(t.kept, c)
	}
	return c, err
}

// A header is that of a record.
type header struct {
	kind, id, uri, date, content string
	length                       int64
	raw                          []byte
}

// readHeader reads the header of a record, with its empty line.
func readHeader(b *bufio.Reader) (h header, err error) {
	h.length = -1
	for {
		line, err := b.ReadSlice('\n')
		h.raw = append(h.raw, line...)
		if err != nil {
			if err == io.EOF && len(h.raw) == 0 {
				return h, io.EOF
			}
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return h, fmt.Errorf("header: %w", err)
		}
		if len(h.raw) > 1<<20 {
			return h, errors.New("header is longer than 1 MB")
		}
		text := strings.TrimRight(string(line), "\r\n")
		if len(h.raw) == len(line) {
			if !strings.HasPrefix(text, "WARC/") {
				return h, fmt.Errorf("record begins with %q, want WARC/", articles.Abbreviate(text, 20))
			}
			continue
		}
		if text == "" {
			break
		}
		name, value, _ := strings.Cut(text, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(name) {
		case "warc-type":
			h.kind = strings.ToLower(value)
		case "warc-record-id":
			h.id = strings.Trim(value, "<>")
		case "warc-target-uri":
			h.uri = strings.Trim(value, "<>")
		case "warc-date":
			h.date = value
		case "content-type":
			h.content = value
		case "content-length":
			if h.length, err = strconv.ParseInt(value, 10, 64); err != nil || h.length < 0 {
				return h, fmt.Errorf("Content-Length is %q", value)
			}
		}
	}
	if h.length < 0 {
		return h, errors.New("record has no Content-Length")
	}
	return h, nil
}

// A capture is the header and the block of a record.
type capture struct {
	header
	block []byte
	whole []byte // of all of the record, uncompressed
}

func (a *archive) Next(r *formats.Record) error {
	*r = formats.Record{Raw: r.Raw[:0]}
	if a.tee != nil {
		return a.nextMember(r)
	}
	if a.left > 0 {
		r.Cont = true
		return a.more(r)
	}
	a.n++
	r.Line = a.n
	h, err := readHeader(a.plain)
	if err == io.EOF {
		return err
	}
	if err != nil {
		return fmt.Errorf("record %d: %w", a.n, err)
	}
	r.Raw = append(r.Raw, h.raw...)
	a.left = h.length
	if h.length > int64(a.limit) {
		r.Err = fmt.Errorf("record is longer than %d bytes", a.limit)
		kindOf(r, &h)
		return a.more(r)
	}
	if err := a.more(r); err != nil {
		return err
	}
	r.Row = &capture{h, r.Raw[len(h.raw):][:h.length], r.Raw}
	kindOf(r, &h)
	return nil
}

// more appends what is left of a record to r, or a part of it, and the empty lines after it.
func (a *archive) more(r *formats.Record) error {
	n := min(a.left, int64(a.limit))
	from := len(r.Raw)
	r.Raw = append(r.Raw, make([]byte, n)...)
	if _, err := io.ReadFull(a.plain, r.Raw[from:]); err != nil {
		return fmt.Errorf("record %d: %w", a.n, io.ErrUnexpectedEOF)
	}
	a.left -= n
	if r.More = a.left > 0; r.More {
		return nil
	}
	for { // two empty lines, or more, or fewer
		c, err := a.plain.Peek(1)
		if err != nil || c[0] != '\r' && c[0] != '\n' {
			return nil
		}
		_, _ = a.plain.Discard(1)
		r.Raw = append(r.Raw, c[0])
	}
}

// nextMember reads a record that is a member of its own.
func (a *archive) nextMember(r *formats.Record) error {
	if r.Cont = a.open; !a.open {
		a.tee.kept = a.tee.kept[:0]
		if _, err := a.tee.r.Peek(1); err != nil {
			return err // io.EOF after the last
		}
		a.n++
		r.Line = a.n
		var err error
		if a.z == nil {
			a.z, err = gzip.NewReader(a.tee)
		} else {
			err = a.z.Reset(a.tee)
		}
		if err != nil {
			return a.damaged(err)
		}
		a.z.Multistream(false)
	}
	data, err := io.ReadAll(io.LimitReader(a.z, int64(a.limit)+1))
	if err != nil {
		return a.damaged(err)
	}
	a.open = len(data) > a.limit
	r.More = a.open
	r.Raw = append(r.Raw, a.tee.kept...)
	a.tee.kept = a.tee.kept[:0]
	if r.Cont {
		return nil
	}
	b := bufio.NewReader(bytes.NewReader(data))
	h, err := readHeader(b)
	if err != nil {
		r.Err = fmt.Errorf("record %d: %w", a.n, err)
		return nil
	}
	if a.open {
		r.Err = fmt.Errorf("record is longer than %d bytes", a.limit)
		kindOf(r, &h)
		return nil
	}
	block := data[len(h.raw):]
	if int64(len(block)) < h.length {
		r.Err = fmt.Errorf("record has %d bytes, want %d", len(block), h.length)
		return nil
	}
	if bytes.HasPrefix(block[h.length:], []byte("\r\n\r\nWARC/")) {
		return fmt.Errorf("record %d: two records are compressed as one, others are not", a.n)
	}
	r.Row = &capture{h, block[:h.length], data}
	kindOf(r, &h)
	return nil
}

func (a *archive) damaged(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("record %d: %w", a.n, err)
}

// kindOf says whether a record can be an article.
func kindOf(r *formats.Record, h *header) {
	r.Kind = formats.Other
	kind, _, _ := mime.ParseMediaType(h.content)
	switch h.kind {
	case "response":
		if kind == "application/http" || kind == "" {
			r.Kind = formats.Article
		}
	case "resource", "conversion":
		if kind == "text/html" || kind == "text/plain" || kind == "application/xhtml+xml" {
			r.Kind = formats.Article
		}
	}
	if r.Kind != formats.Other {
		// What was fetched may be a picture, which only its header tells.
		if c, ok := r.Row.(*capture); ok && h.kind == "response" && !isPage(c.block) {
			r.Kind = formats.Other
		}
		return
	}
	r.Err = nil
}

// isPage reports whether an HTTP response is a page that was there.
func isPage(block []byte) bool {
	head, _, _ := bytes.Cut(block, []byte("\r\n\r\n"))
	status, fields, _ := bytes.Cut(head, []byte("\r\n"))
	parts := strings.Fields(string(status))
	if len(parts) < 2 || !strings.HasPrefix(parts[0], "HTTP/") || !strings.HasPrefix(parts[1], "2") {
		return false
	}
	h, _ := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(bytes.Clone(fields), "\r\n\r\n"...)))).ReadMIMEHeader()
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return kind == "" || kind == "text/html" || kind == "text/plain" || kind == "application/xhtml+xml"
}

func (a *archive) Parse(r *formats.Record) {
	c, ok := r.Row.(*capture)
	if !ok || r.Kind != formats.Article || r.Err != nil {
		return
	}
	r.ID, r.URL, r.Source = c.id, c.uri, articles.Host(c.uri)
	if t, err := time.Parse(time.RFC3339Nano, c.date); err == nil {
		r.Time = t
	}
	content, body := c.content, c.block
	if c.kind == "response" {
		var err error
		if content, body, err = payload(c.block); err != nil {
			r.Err = err
			return
		}
	}
	captured := r.Time
	kind, _, _ := mime.ParseMediaType(content)
	if kind == "text/plain" {
		text, encoding := a.in.Options.Text(body)
		r.Text, r.Encoding = string(text), encoding
		return
	}
	p, err := readPage(body, content, c.uri)
	if err != nil {
		r.Err = err
		return
	}
	p.to(r)
	if r.Time.IsZero() {
		r.Time = captured
	}
}

// payload returns what an HTTP response has, and of which type it is.
func payload(block []byte) (content string, body []byte, err error) {
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(block)), nil)
	if err != nil {
		return "", nil, fmt.Errorf("HTTP: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	content = response.Header.Get("Content-Type")
	body, err = io.ReadAll(response.Body)
	if err != nil {
		// Archives often have the body as it was after it was decoded, under the header of before.
		if _, rest, ok := bytes.Cut(block, []byte("\r\n\r\n")); ok {
			body = rest
		}
	}
	if bytes.HasPrefix(body, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err == nil {
			body, err = io.ReadAll(io.LimitReader(z, 64<<20))
		}
		if err != nil {
			return "", nil, fmt.Errorf("HTTP body: %w", err)
		}
	}
	return content, body, nil
}

func (a *archive) Writer(w io.Writer, annotate bool) (formats.Writer, error) {
	if annotate {
		return nil, formats.ErrNoRoom("a web archive")
	}
	packed := a.in.Out
	if packed != nil && packed != formats.Gzip {
		return nil, fmt.Errorf("a web archive cannot be written as %s", packed.Name)
	}
	return &archiveWriter{w: w, a: a, packed: packed != nil}, nil
}

type archiveWriter struct {
	w      io.Writer
	a      *archive
	packed bool
	z      *gzip.Writer // a record that is not complete
}

// Write writes the bytes of a record as they are, if they are compressed as they have to be.
func (o *archiveWriter) Write(r *formats.Record, _ *formats.Annotation) error {
	raw := r.Raw
	switch was := o.a.tee != nil; {
	case was == o.packed:
	case was:
		c, ok := r.Row.(*capture)
		if !ok {
			return fmt.Errorf("record %d is too long, or damaged, to be written uncompressed", r.Line)
		}
		raw = c.whole
	default:
		if o.z == nil {
			o.z = gzip.NewWriter(o.w)
		}
		if _, err := o.z.Write(raw); err != nil || r.More {
			return err
		}
		err := o.z.Close()
		o.z = nil
		return err
	}
	_, err := o.w.Write(raw)
	return err
}

func (o *archiveWriter) Close() error { return nil }
