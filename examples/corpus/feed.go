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

var feedRoot = regexp.MustCompile(`<(rss|feed|rdf:RDF)[\s>]`)

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
	f := &feed{in: in, pieces: cut(data)}
	parsed, err := gofeed.NewParser().Parse(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	items := 0
	for _, p := range f.pieces {
		if p.item {
			items++
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

var (
	itemStart = regexp.MustCompile(`<!\[CDATA\[|<!--|<(item|entry)[\s>]`)
	itemInner = regexp.MustCompile(`<!\[CDATA\[|<!--|</(item|entry)\s*>`)
)

// cut cuts a feed into pieces, whose bytes are all of its bytes.
func cut(data []byte) (pieces []piece) {
	// find returns where the next match of one of the two ends, which is not in a comment or in
	// CDATA; and where it begins.
	find := func(re *regexp.Regexp, at int) (from, to int) {
		for {
			m := re.FindIndex(data[at:])
			if m == nil {
				return -1, -1
			}
			from, to = at+m[0], at+m[1]
			end := ""
			switch string(data[from:to]) {
			case "<!--":
				end = "-->"
			case "<![CDATA[":
				end = "]]>"
			default:
				return from, to
			}
			n := bytes.Index(data[to:], []byte(end))
			if n < 0 {
				return -1, -1
			}
			at = to + n + len(end)
		}
	}
	last := 0
	for {
		from, to := find(itemStart, last)
		if from < 0 {
			break
		}
		_, end := find(itemInner, to)
		if end < 0 {
			break
		}
		if from > last {
			pieces = append(pieces, piece{data[last:from], false})
		}
		pieces = append(pieces, piece{data[from:end], true})
		last = end
	}
	if last < len(data) {
		pieces = append(pieces, piece{data[last:], false})
	}
	return pieces
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
