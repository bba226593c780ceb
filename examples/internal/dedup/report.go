package dedup

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/formats"
	"github.com/neardup/neardup/internal/atomicfile"
	"github.com/neardup/neardup/shingle"
)

//go:embed report.html
var reportHTML string

var reportPage = template.Must(template.New("report.html").Parse(reportHTML))

// What a report holds at most. Browsers take pages of some hundred megabytes, people do not.
const (
	reportText  = 64 << 20 // bytes of text
	reportPairs = 64       // texts of one group that are all compared with one another
	minPassage  = 8        // words of the shortest passage marked
)

// A report is one HTML page that needs nothing else: the list of groups, and beside it the texts of
// each group, which the page unpacks when the group is opened.
type report struct {
	groups   []neardup.Group
	articles map[string]articles.Found
	view     shingle.View
	explain  func(a, b neardup.Article) neardup.Comparison // nil: the lines of sites are not told apart
	shingler *shingle.Shingler
	left     int // bytes of text that may still be put in
}

// A reportRow is what the list shows of a group and is searched and filtered by.
type reportRow struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Size    int      `json:"size"`
	Low     float64  `json:"low"` // the least Jaccard similarity to the representative
	Kinds   []string `json:"kinds"`
	Sources []string `json:"sources"`
	Time    string   `json:"time"` // of the first article of the group that has one
	First   string   `json:"first"`
	Find    []string `json:"find"` // IDs and other titles
}

type reportDetail struct {
	Members []reportMember `json:"members"`
	Texts   []reportBody   `json:"texts"`
	// Passages of two texts, by their numbers "a-b", a < b: start and end in a, start and end in b.
	Passages map[string][][4]int `json:"passages"`
}

type reportMember struct {
	ID      string  `json:"id"`
	Title   string  `json:"title"`
	Source  string  `json:"source"`
	Time    string  `json:"time"`
	Unix    int64   `json:"unix"`    // the time in seconds; 0 if there is none
	Kind    string  `json:"kind"`    // "representative", "copy", "same" or "contained"
	Jaccard float64 `json:"jaccard"` // with the representative
	Why     string  `json:"why"`
	Text    int     `json:"text"` // number in Texts, -1 if left out
}

// Offsets in a reportBody count UTF-16 code units, as JavaScript does.
type reportBody struct {
	Text string   `json:"text"`
	Nav  [][2]int `json:"nav"`
	Site [][2]int `json:"site"` // lines that the site has on many pages
}

// writePage reads the articles of the groups a second time, and writes a page about them, which
// appears when it is complete.
func (j *job) writePage(ctx context.Context, found *result) error {
	r := &report{groups: found.groups, articles: make(map[string]articles.Found), view: j.config.Shingle.View}
	if !j.config.BySignature && !j.config.Templates.Off {
		learnt := make(map[string]bool)
		r.explain = func(a, b neardup.Article) neardup.Comparison {
			// What groups go by was learnt for them alone. A detector learns for Explain what is
			// the text of a site when it is asked about a new text that is much like another of the
			// site.
			if !learnt[b.Source] {
				learnt[b.Source] = true
				_, _ = j.detector.Query(neardup.Article{Source: b.Source, Text: b.Text + "\n\nOne more line."})
			}
			return j.detector.Explain(a, b)
		}
	}
	for _, g := range found.groups {
		for _, m := range g.Members {
			r.articles[m.ID] = articles.Found{}
		}
	}
	n := 0
	for x := range j.pieces(ctx, j.found.Files, true) {
		if x.end || x.record.Cont || x.record.Kind != formats.Article || x.record.Err != nil {
			continue
		}
		if n == len(j.ids) {
			return fmt.Errorf("%s: %w", where(x.record.File.Path, 0), formats.ErrChanged)
		}
		if _, ok := r.articles[j.ids[n]]; ok {
			a := x.record.Found
			a.ID = j.ids[n]
			r.articles[a.ID] = a
		}
		n++
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if n != len(j.ids) {
		return formats.ErrChanged
	}
	return atomicfile.Write(j.page, r.write)
}

func (r *report) write(w io.Writer) error {
	r.left = reportText
	s, err := shingle.New(shingle.Config{View: r.view})
	if err != nil {
		return err
	}
	r.shingler = s
	rows := make([]reportRow, 0, len(r.groups))
	n := 0
	for _, g := range r.groups {
		rows = append(rows, r.row(g))
		n += len(g.Members)
	}
	return reportPage.Execute(w, struct {
		Title   string
		Rows    []reportRow
		Details iter.Seq2[int, reportDetail]
	}{
		fmt.Sprintf("%s of near-duplicates, %s", plural(len(r.groups), "group"), plural(n, "article")),
		rows,
		func(yield func(int, reportDetail) bool) {
			for i, g := range r.groups {
				if !yield(i, r.detail(g)) {
					return
				}
			}
		},
	})
}

func (r *report) row(g neardup.Group) reportRow {
	row := reportRow{ID: g.Representative, Title: r.headline(g.Representative), Size: len(g.Members), Low: 1, Kinds: []string{}, Sources: []string{}}
	var first time.Time
	for i, m := range g.Members {
		a := r.articles[m.ID]
		row.Low = min(row.Low, articles.Round(m.Relation).Jaccard)
		row.Find = append(row.Find, m.ID)
		if t := r.headline(m.ID); t != row.Title {
			row.Find = append(row.Find, t)
		}
		if a.Source != "" && !slices.Contains(row.Sources, a.Source) {
			row.Sources = append(row.Sources, a.Source)
		}
		if k := kind(m); i > 0 && !slices.Contains(row.Kinds, k) {
			row.Kinds = append(row.Kinds, k)
		}
		if !a.Time.IsZero() && (first.IsZero() || a.Time.Before(first)) {
			first = a.Time
			row.Time, row.First = a.Time.UTC().Format("2006-01-02 15:04"), a.Source
		}
	}
	return row
}

// headline is the title of an article, or a line of it that is like one.
func (r *report) headline(id string) string {
	a := r.articles[id]
	if t := oneLine(a.Title); t != "" {
		return t
	}
	if t := title(a.Text); t != "" {
		return t
	}
	return id
}

// kind says how a member of a group is to its representative, which it is not.
func kind(m neardup.Match) string {
	switch {
	case m.Jaccard == 1 && m.ContainmentAInB == 1 && m.ContainmentBInA == 1:
		return "copy"
	case m.Kind == neardup.Contains:
		return "contained"
	}
	return "same"
}

// title is the first sentence-like line of a text, abbreviated.
func title(text string) string {
	line := ""
	for _, b := range shingle.AppendBlocks(nil, text) {
		if b.Kept {
			// The place and the capitals that it begins with may not be kept.
			start := strings.LastIndexByte(text[:b.Start], '\n') + 1
			if b.Start-start > 80 {
				start = b.Start
			}
			line = text[start:b.End]
			break
		}
	}
	if line == "" {
		line, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	}
	return oneLine(line)
}

// oneLine puts text on one line, and cuts it.
func oneLine(s string) string {
	s = strings.ToValidUTF8(articles.Abbreviate(s, 1000), "�")
	s = strings.Join(strings.FieldsFunc(s, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }), " ")
	// A line of signs, as over a dispatch, is no part of it.
	if t := strings.TrimLeftFunc(s, func(c rune) bool { return strings.ContainsRune("=-*_#~+|<> ", c) }); t != "" {
		s = t
	}
	return articles.Abbreviate(s, 200)
}

func (r *report) detail(g neardup.Group) reportDetail {
	d := reportDetail{Texts: []reportBody{}, Passages: map[string][][4]int{}}
	number := make(map[string]int) // of each different text
	var texts []string
	var units [][]int
	for i, m := range g.Members {
		a := r.articles[m.ID]
		k, ok := number[a.Text]
		if !ok {
			k = -1
			if len(a.Text) <= r.left {
				r.left -= len(a.Text)
				k = len(texts)
				texts = append(texts, a.Text)
				u := utf16Offsets(a.Text)
				units = append(units, u)
				d.Texts = append(d.Texts, reportBody{Text: a.Text, Nav: r.nav(a, u), Site: r.site(g.Representative, a, u)})
			}
			number[a.Text] = k
		}
		member := reportMember{
			ID: m.ID, Title: r.headline(m.ID), Source: a.Source, Jaccard: articles.Round(m.Relation).Jaccard, Text: k,
			Kind: "representative", Why: "stands for the group; " + plural(words(a.Text), "word"),
		}
		if !a.Time.IsZero() {
			member.Time, member.Unix = a.Time.UTC().Format("2006-01-02 15:04"), a.Time.Unix()
		}
		if i > 0 {
			member.Kind, member.Why = kind(m), why(m, words(a.Text))
		}
		d.Members = append(d.Members, member)
	}
	for i := range texts {
		if i > 0 && len(texts) > reportPairs {
			break // only with the representative
		}
		for j := i + 1; j < len(texts); j++ {
			list := [][4]int{}
			for _, p := range r.shingler.AppendPassages(nil, texts[i], texts[j], minPassage) {
				list = append(list, [4]int{units[i][p.AStart], units[i][p.AEnd], units[j][p.BStart], units[j][p.BEnd]})
			}
			d.Passages[fmt.Sprintf("%d-%d", i, j)] = list
		}
	}
	return d
}

// nav lists the blocks of a text that were not compared.
func (r *report) nav(a articles.Found, units []int) [][2]int {
	nav := [][2]int{}
	if r.view != shingle.Prose {
		return nav
	}
	if r.shingler.Append(nil, a.Text); r.shingler.FellBack() {
		return nav // too little prose: everything was compared
	}
	for _, b := range shingle.AppendBlocks(nil, a.Text) {
		if !b.Kept {
			nav = append(nav, [2]int{units[b.Start], units[b.End]})
		}
	}
	slices.SortFunc(nav, func(x, y [2]int) int { return cmp.Compare(x[0], y[0]) })
	return nav
}

// site lists the lines of a text that its site has on many pages, and that were no evidence.
func (r *report) site(representative string, a articles.Found, units []int) [][2]int {
	site := [][2]int{}
	if r.explain == nil || a.Source == "" {
		return site
	}
	from := 0
	for _, line := range r.explain(r.articles[representative].Article, a.Article).B.SiteLines {
		if n := strings.Index(a.Text[from:], line); n >= 0 && line != "" {
			site = append(site, [2]int{units[from+n], units[from+n+len(line)]})
			from += n + len(line)
		}
	}
	return site
}

// why says in words what connects a member with its representative. m is as the representative sees
// it.
func why(m neardup.Match, n int) string {
	share := func(x float64) string { return fmt.Sprintf("%.0f%%", 100*x) }
	switch kind(m) {
	case "copy":
		return "word for word the same article; " + plural(n, "word")
	case "contained":
		return fmt.Sprintf("contained: %s of it is in the representative; %s", share(m.ContainmentBInA), plural(n, "word"))
	}
	return fmt.Sprintf("the same article: %s of it is in the representative, %s of the representative in it; %s",
		share(m.ContainmentBInA), share(m.ContainmentAInB), plural(n, "word"))
}

// words counts words, or characters where a script has no spaces.
func words(text string) int { return len(shingle.AppendWords(nil, text, 1)) }

// utf16Offsets maps each byte offset of s to one in UTF-16 code units, of s as JSON has it: a byte
// that is not UTF-8 becomes U+FFFD.
func utf16Offsets(s string) []int {
	offsets := make([]int, len(s)+1)
	n := 0
	for i := 0; i < len(s); {
		c, size := utf8.DecodeRuneInString(s[i:])
		for k := range size {
			offsets[i+k] = n
		}
		n++
		if c >= 0x10000 {
			n++
		}
		i += size
	}
	offsets[len(s)] = n
	return offsets
}
