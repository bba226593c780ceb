package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html"

	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/formats"
)

// A Feed is a file of RSS or Atom. Its items are the records, by the bytes between their tags; what
// stands around them stays.
type Feed struct{}

// Name returns "feed".
func (Feed) Name() string { return "feed" }

// Extensions returns the ends of the names.
func (Feed) Extensions() []string { return []string{".rss", ".atom", ".xml"} }

var feedRoot = regexp.MustCompile(`<([\w.-]+:)?(rss|feed|RDF)[\s>]`)

// Sniff looks for the first element.
func (Feed) Sniff(head []byte) bool { return feedRoot.Match(head) }

// Whole is false.
func (Feed) Whole() bool { return false }

// maxFeed is the largest feed that is read, in bytes.
const maxFeed = 256 << 20

// Open reads the whole feed.
func (Feed) Open(in *formats.Input) (formats.Reader, error) {
	b, err := in.Lines()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(b, maxFeed+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFeed {
		return nil, fmt.Errorf("feed is larger than %d bytes", maxFeed)
	}
	if !feedRoot.Match(data[:min(len(data), 1<<14)]) {
		return nil, formats.Skip("XML that is no feed")
	}
	parsed, err := gofeed.NewParser().Parse(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	f := &feed{in: in}
	items := 0
	for _, prefixed := range []bool{false, true} { // an item with a prefix may be another thing
		if f.pieces, items = cut(data, prefixed); items == len(parsed.Items) {
			break
		}
	}
	if items != len(parsed.Items) {
		return nil, fmt.Errorf("feed has %d items by its tags, and %d by their contents", items, len(parsed.Items))
	}
	f.items = parsed.Items
	f.site = parsed.Link
	return f, nil
}

// A piece is an item, or what stands between two.
type piece struct {
	data []byte
	item bool
}

// cut cuts a feed into pieces, whose bytes are all of its bytes, and returns how many are items.
// What is in an item belongs to it, be it an item, too.
func cut(data []byte, prefixed bool) (pieces []piece, items int) {
	last, from, depth := 0, 0, 0
	var open []byte // name of the item at hand
	for at := 0; ; {
		t := nextTag(data, at)
		if t.from < 0 {
			break
		}
		at = t.to
		switch {
		case depth > 0 && bytes.EqualFold(t.name, open):
			switch t.kind {
			case startTag:
				depth++
			case endTag:
				depth--
			}
		case depth == 0 && t.kind != endTag && isItem(t.name, prefixed):
			from, open = t.from, t.name
			if t.kind == startTag {
				depth++
			}
		default:
			continue
		}
		if depth > 0 {
			continue
		}
		if from > last {
			pieces = append(pieces, piece{data[last:from], false})
		}
		pieces = append(pieces, piece{data[from:at], true})
		items++
		last = at
	}
	if last < len(data) {
		pieces = append(pieces, piece{data[last:], false})
	}
	return pieces, items
}

// isItem reports whether an element is an item, by its name.
func isItem(name []byte, prefixed bool) bool {
	if n := bytes.LastIndexByte(name, ':'); n >= 0 && prefixed {
		name = name[n+1:]
	}
	return bytes.EqualFold(name, []byte("item")) || bytes.EqualFold(name, []byte("entry"))
}

type tagKind uint8

const (
	startTag tagKind = iota
	endTag
	emptyTag
)

// A tag is one of an element, and where it stands; from is -1 if there is none any more.
type tag struct {
	kind     tagKind
	name     []byte
	from, to int
}

// asides are what has no tags in it.
var asides = [...][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}}

// nextTag returns the next tag that begins at a place or after it.
func nextTag(data []byte, at int) tag {
next:
	for {
		n := bytes.IndexByte(data[at:], '<')
		if n < 0 {
			return tag{from: -1}
		}
		at += n
		for _, a := range asides {
			if bytes.HasPrefix(data[at:], []byte(a[0])) {
				n := bytes.Index(data[at+len(a[0]):], []byte(a[1]))
				if n < 0 {
					return tag{from: -1}
				}
				at += len(a[0]) + n + len(a[1])
				continue next
			}
		}
		t := tag{from: at}
		at++
		if at < len(data) && data[at] == '/' {
			t.kind = endTag
			at++
		}
		name := data[at:]
		if n := bytes.IndexAny(name, " \t\r\n/><"); n >= 0 {
			name = name[:n]
		}
		if t.name = name; len(name) == 0 {
			continue
		}
		if t.to = tagEnd(data, at+len(name)); t.to < 0 {
			continue
		}
		if data[t.to-2] == '/' && t.kind == startTag {
			t.kind = emptyTag
		}
		return t
	}
}

// tagEnd returns where a tag ends whose attributes begin at a place, -1 if it does not.
func tagEnd(data []byte, at int) int {
	quote := byte(0)
	for ; at < len(data); at++ {
		switch c := data[at]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return at + 1
		case c == '<':
			return -1
		}
	}
	return -1
}

type feed struct {
	in     *formats.Input
	pieces []piece
	items  []*gofeed.Item
	site   string
	next   int // piece
	item   int
}

func (f *feed) Next(r *formats.Record) error {
	*r = formats.Record{Raw: r.Raw[:0]}
	if f.next == len(f.pieces) {
		return io.EOF
	}
	p := f.pieces[f.next]
	r.Raw = append(r.Raw, p.data...)
	switch {
	case p.item:
		r.Row = f.items[f.item]
		f.item++
		r.Line = f.item
	case len(bytes.TrimSpace(p.data)) == 0:
		r.Kind = formats.Filler
	default:
		r.Kind = formats.Head // and tail
	}
	f.next++
	return nil
}

func (f *feed) Parse(r *formats.Record) {
	item, ok := r.Row.(*gofeed.Item)
	if !ok {
		return
	}
	text := item.Content
	if strings.TrimSpace(text) == "" {
		text = item.Description
	}
	r.Title, r.URL = item.Title, item.Link
	if r.ID = item.GUID; r.ID == "" {
		r.ID = item.Link
	}
	r.Source = articles.Host(item.Link)
	if r.Source == "" {
		r.Source = articles.Host(f.site)
	}
	switch {
	case item.PublishedParsed != nil:
		r.Time = *item.PublishedParsed
	case item.UpdatedParsed != nil:
		r.Time = *item.UpdatedParsed
	}
	if doc, err := html.Parse(strings.NewReader(text)); err == nil {
		r.Text = strings.TrimSpace(visibleText(doc))
	}
	if r.Text == "" {
		r.Err = fmt.Errorf("item %q has no text", articles.Abbreviate(item.Title, 60))
	}
}

func (f *feed) Writer(w io.Writer, annotate bool) (formats.Writer, error) {
	if annotate {
		return nil, formats.ErrNoRoom("a feed")
	}
	out, err := f.in.Pack(w)
	if err != nil {
		return nil, err
	}
	return formats.Copier{W: out}, nil
}
