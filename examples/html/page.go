package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// maxPage is the largest page that is read, in bytes: a crawler meets everything.
const maxPage = 16 << 20

// page is one HTML page in the two forms that are compared.
type page struct {
	Title   string
	Article string // what the extractor takes to be the article; empty where it finds none
	Text    string // everything a reader sees on the page, navigation included
}

// readPage decodes a page, in whatever encoding it declares, and takes both texts from it.
func readPage(r io.Reader) (page, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxPage+1))
	if err != nil {
		return page{}, err
	}
	if len(raw) > maxPage {
		return page{}, fmt.Errorf("page is larger than %d bytes", maxPage)
	}
	utf8, err := charset.NewReader(bytes.NewReader(raw), "text/html")
	if err != nil {
		return page{}, fmt.Errorf("encoding of the page: %w", err)
	}
	doc, err := html.Parse(utf8)
	if err != nil {
		return page{}, fmt.Errorf("parsing the page: %w", err)
	}
	p := page{Text: visibleText(doc)} // before the extractor, which rearranges the tree
	article, err := readability.FromDocument(doc, nil)
	if err != nil {
		return p, nil // no article found: the page's text is still there
	}
	p.Title = article.Title()
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
