package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"github.com/neardup/neardup/examples/internal/formats"
)

// A Page is a web page, as it was saved: one article.
type Page struct{}

// Name returns "web page".
func (Page) Name() string { return "web page" }

// Extensions returns the ends of the names.
func (Page) Extensions() []string { return []string{".html", ".htm", ".xhtml"} }

// Sniff looks for the beginning of a page.
func (Page) Sniff(head []byte) bool {
	s := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(head), "\ufeff")))
	return strings.HasPrefix(s, "<!doctype html") || strings.HasPrefix(s, "<html")
}

// Whole is true.
func (Page) Whole() bool { return true }

// Open begins to read a page.
func (Page) Open(in *formats.Input) (formats.Reader, error) {
	return formats.NewWhole(in, "web page", func(r *formats.Record) error {
		p, err := readPage(r.Raw, "text/html", "")
		if err == nil {
			p.to(r)
		}
		return err
	})
}

// A page is one HTML page.
type page struct {
	Title    string
	Article  string // what the extractor takes to be the article; empty where it finds none
	Text     string // everything a reader sees on the page, navigation included
	Time     time.Time
	Encoding string // "" if it is UTF-8
}

// leastShare: what is taken for the article is at least a sixth of the page. Less may be the notice
// that all pages of a site have, by which they would be one article; then all of the page is looked
// at, whose navigation the prose view drops.
const leastShare = 6

// to makes the page the article of a record.
func (p *page) to(r *formats.Record) {
	r.Text, r.Title, r.Time, r.Encoding = p.Article, p.Title, p.Time, p.Encoding
	if leastShare*len(strings.TrimSpace(r.Text)) < len(p.Text) {
		r.Text = p.Text
	}
}

// maxDepth is how deep elements may be nested: what is deeper is no article, and would take the
// extractor very long.
const maxDepth = 400

// readPage decodes a page, in the encoding that it or the content type declares, and takes both
// texts from it.
func readPage(raw []byte, contentType, address string) (page, error) {
	data, encoding := new(formats.Options).Text(raw)
	if encoding == "unknown" {
		e, name, certain := charset.DetermineEncoding(raw, contentType)
		if !certain { // nothing declares it
			if text, found, ok := convert(raw); ok {
				data, name, e = text, found, nil
			}
		}
		if e != nil {
			var err error
			if data, err = e.NewDecoder().Bytes(raw); err != nil {
				return page{}, fmt.Errorf("encoding of the page: %w", err)
			}
		}
		encoding = name
	} else if e, name, _ := charset.DetermineEncoding(raw, contentType); encoding == "" && strings.HasPrefix(name, "iso-2022") {
		// All of it is ASCII, and means something else.
		if text, err := e.NewDecoder().Bytes(raw); err == nil {
			data, encoding = text, name
		}
	}
	doc, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		return page{}, fmt.Errorf("parsing the page: %w", err)
	}
	if depth(doc) > maxDepth {
		return page{}, fmt.Errorf("page is nested more than %d deep", maxDepth)
	}
	p := page{Text: visibleText(doc), Encoding: encoding} // before the extractor, which rearranges the tree
	u, err := url.Parse(address)
	if err != nil || address == "" {
		u = nil
	}
	article, err := extract(doc, u)
	if err != nil {
		return p, nil // no article found: the page's text is still there
	}
	p.Title = strings.Join(strings.Fields(article.Title()), " ")
	if t, err := article.PublishedTime(); err == nil {
		p.Time = t
	}
	if article.Node == nil {
		return p, nil
	}
	var b strings.Builder
	if err := article.RenderText(&b); err != nil {
		return page{}, fmt.Errorf("rendering the article: %w", err)
	}
	p.Article = b.String()
	return p, nil
}

// extract is the extractor, whose panics on a strange page are errors.
func extract(doc *html.Node, address *url.URL) (a readability.Article, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = errors.New("the extractor failed")
		}
	}()
	return readability.FromDocument(doc, address)
}

// depth returns how deep a tree is.
func depth(doc *html.Node) int {
	most := 0
	for n, d := doc, 0; n != nil; {
		most = max(most, d)
		switch {
		case n.FirstChild != nil:
			n = n.FirstChild
			d++
		default:
			for n != nil && n.NextSibling == nil {
				n = n.Parent
				d--
			}
			if n != nil {
				n = n.NextSibling
			}
		}
	}
	return most
}

// visibleText returns the text of the page, one paragraph for each block of it.
func visibleText(doc *html.Node) string {
	var b strings.Builder
	appendText(&b, doc)
	return b.String()
}

func appendText(b *strings.Builder, n *html.Node) {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Title:
		return
	}
	if n.Type == html.TextNode {
		for _, word := range strings.Fields(n.Data) {
			b.WriteString(word)
			b.WriteByte(' ')
		}
	}
	if block[n.DataAtom] {
		b.WriteString("\n\n")
	}
	for c := range n.ChildNodes() {
		appendText(b, c)
	}
	if block[n.DataAtom] {
		b.WriteString("\n\n")
	}
}

// block holds the elements that begin a new line.
var block = map[atom.Atom]bool{
	atom.Article: true, atom.Aside: true, atom.Blockquote: true, atom.Br: true, atom.Dd: true, atom.Div: true,
	atom.Dt: true, atom.Figcaption: true, atom.Footer: true, atom.H1: true, atom.H2: true, atom.H3: true,
	atom.H4: true, atom.H5: true, atom.H6: true, atom.Header: true, atom.Li: true, atom.Main: true, atom.Nav: true,
	atom.Option: true, atom.P: true, atom.Pre: true, atom.Section: true, atom.Table: true, atom.Td: true,
	atom.Th: true, atom.Tr: true, atom.Ul: true, atom.Ol: true,
}
