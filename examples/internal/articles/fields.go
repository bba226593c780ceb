package articles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/neardup/neardup"
)

// Fields are the names of the fields, or columns, in which an article stands. Those that are empty
// are found by their usual names, whatever their case: see [Usual].
type Fields struct {
	ID     string
	Text   []string // several are joined, with an empty line between them
	Source string
	Time   string
}

// Usual lists the names by which a part of an article is found, the first that is there. Capitals,
// "_" and "-" make no difference.
var Usual = map[string][]string{
	"id":     {"id", "_id", "doc_id", "document_id", "article_id", "uid", "uuid", "guid"},
	"text":   {"text", "content", "body", "article_body", "full_text", "main_text", "article_text", "content_text", "text_content", "plain_text", "raw_content", "article"},
	"source": {"source", "site", "domain", "host", "hostname", "publisher", "publication", "outlet", "newspaper", "source_name", "feed"},
	"time":   {"time", "date", "published", "published_at", "date_published", "publish_date", "publication_date", "pub_date", "published_date", "datetime", "timestamp", "created_at"},
	"title":  {"title", "headline", "heading"},
	"url":    {"url", "link", "uri", "page_url", "source_url", "canonical_url"},
}

// A Role is what a field is to an article.
type Role int

// The roles. Site is the source by the host of an address.
const (
	ID Role = iota
	Text
	Source
	Time
	Title
	URL
	roles
)

var roleNames = [roles]string{"id", "text", "source", "time", "title", "url"}

// A Finder finds the fields of an article. It may be used concurrently.
type Finder struct {
	fields Fields
	usual  map[string]place
	said   map[string][]place
}

// A place is the role of a name, and its rank among the names of that role.
type place struct {
	role Role
	rank int
}

// NewFinder returns a Finder of the fields.
func NewFinder(f Fields) *Finder {
	x := &Finder{fields: f, usual: make(map[string]place), said: make(map[string][]place)}
	said := [roles][]string{Text: f.Text}
	for role, name := range map[Role]string{ID: f.ID, Source: f.Source, Time: f.Time} {
		if name != "" {
			said[role] = []string{name}
		}
	}
	for i, name := range roleNames {
		role := Role(i)
		if len(said[role]) > 0 {
			for i, s := range said[role] {
				x.said[s] = append(x.said[s], place{role, i})
			}
			continue
		}
		for i, s := range Usual[name] {
			s = plainName(s)
			if _, ok := x.usual[s]; !ok {
				x.usual[s] = place{role, i}
			}
		}
	}
	return x
}

// plainName is a name without what makes no difference.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_' || r == '-' || r == ' ':
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// A Found is an article with what is not part of [neardup.Article].
type Found struct {
	neardup.Article
	Title string
	URL   string
	Names [roles]string // of the fields it was found in; that of the source is "" where it is the host of the URL
}

// A Columns says in which column each part of an article stands; -1 is nowhere.
type Columns struct {
	Names []string
	At    [roles]int
	Text  []int
}

// Columns finds the columns of a table.
func (x *Finder) Columns(names []string) (Columns, error) {
	c := Columns{Names: names, Text: make([]int, max(1, len(x.fields.Text)))}
	rank := [roles]int{}
	for i := range c.At {
		c.At[i], rank[i] = -1, math.MaxInt
	}
	for i := range c.Text {
		c.Text[i] = -1
	}
	for i, name := range names {
		for _, p := range x.said[name] {
			if p.role == Text {
				c.Text[p.rank] = i
			}
			c.At[p.role] = i
		}
		if p, ok := x.usual[plainName(name)]; ok && p.rank < rank[p.role] {
			c.At[p.role], rank[p.role] = i, p.rank
			if p.role == Text {
				c.Text[0] = i
			}
		}
	}
	for i, at := range c.Text {
		if at < 0 {
			want := "-text"
			if len(x.fields.Text) > 0 {
				want = strconv.Quote(x.fields.Text[i])
			}
			return c, fmt.Errorf("no column for the text (%s); there are %s", want, quoted(names))
		}
	}
	for role, name := range map[Role]string{ID: x.fields.ID, Source: x.fields.Source, Time: x.fields.Time} {
		if name != "" && c.At[role] < 0 {
			return c, fmt.Errorf("no column %q; there are %s", name, quoted(names))
		}
	}
	return c, nil
}

func quoted(names []string) string {
	var b strings.Builder
	for i, s := range names {
		if i == 12 {
			fmt.Fprintf(&b, " and %d more", len(names)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(Abbreviate(s, 40)))
	}
	return b.String()
}

// Article makes an article of a row, whose values get returns. As [Finder.Decode] does, it may
// return an error with an article that is good but for its time.
func (c *Columns) Article(get func(column int) string) (a Found, err error) {
	value := func(r Role) string {
		if at := c.At[r]; at >= 0 {
			if s := get(at); s != "" {
				a.Names[r] = c.Names[at]
				return s
			}
		}
		return ""
	}
	a.ID, a.Source, a.Title, a.URL = value(ID), value(Source), value(Title), value(URL)
	parts := make([]string, 0, len(c.Text))
	for _, at := range c.Text {
		if s := get(at); s != "" {
			parts = append(parts, s)
		}
	}
	a.Text = strings.Join(parts, "\n\n")
	a.Names[Text] = c.Names[c.Text[len(c.Text)-1]]
	if len(parts) == 0 {
		return a, fmt.Errorf("%sno text", called(a.ID))
	}
	if a.Source == "" {
		a.Source = Host(a.URL)
	}
	if s := value(Time); s != "" {
		if a.Time, err = ParseTime(s); err != nil {
			return a, &TimeError{a.ID, roleNames[Time], err}
		}
	}
	return a, nil
}

// A TimeError says that an article is good, but for its time.
type TimeError struct {
	ID, Name string
	Err      error
}

func (e *TimeError) Error() string {
	if e.ID == "" {
		return fmt.Sprintf("article is taken without its %q: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("article %q is taken without its %q: %v", e.ID, e.Name, e.Err)
}

// Unwrap returns what is wrong with the time.
func (e *TimeError) Unwrap() error { return e.Err }

func called(id string) string {
	if id == "" {
		return ""
	}
	return fmt.Sprintf("article %q has ", id)
}

// Decode reads an article, a JSON object. The id and the time may be numbers, the text a list of
// strings. The ID is empty where there is none. A [TimeError] comes with an article that is good
// without its time.
func (x *Finder) Decode(data []byte) (a Found, err error) {
	var values [roles][]byte
	rank := [roles]int{math.MaxInt, math.MaxInt, math.MaxInt, math.MaxInt, math.MaxInt, math.MaxInt}
	var texts [][]byte
	if n := len(x.fields.Text); n > 0 {
		texts = make([][]byte, n)
	}
	var keys []string // for the message that there is no text
	err = object(data, func(key string, value []byte) {
		if len(keys) < 12 {
			keys = append(keys, key)
		}
		if string(value) == "null" {
			return
		}
		for _, p := range x.said[key] {
			if p.role == Text {
				texts[p.rank] = value
			}
			values[p.role], a.Names[p.role] = value, key
		}
		if p, ok := x.usual[plainName(key)]; ok && p.rank <= rank[p.role] && (p.rank == 0 || fits(p.role, value)) {
			values[p.role], a.Names[p.role], rank[p.role] = value, key, p.rank
		}
	})
	if err != nil {
		return Found{}, err
	}
	if a.ID, err = scalar(values[ID]); err != nil {
		return Found{}, fmt.Errorf("%q is %w", a.Names[ID], err)
	}
	if a.Text, err = x.text(values[Text], texts, a.Names[Text]); err != nil {
		return Found{}, err
	}
	switch {
	case values[Text] != nil:
	case a.ID != "" && len(x.fields.Text) == 0:
		return Found{}, fmt.Errorf(`article %q has no "text"`, a.ID)
	case len(x.fields.Text) > 0:
		return Found{}, fmt.Errorf("%sno %s", called(a.ID), quoted(x.fields.Text))
	default:
		return Found{}, fmt.Errorf(`no "text"; there are %s`, quoted(keys))
	}
	if raw := values[Source]; raw != nil {
		if a.Source, err = str(raw); err != nil {
			return Found{}, fmt.Errorf("%q is %w", a.Names[Source], err)
		}
	}
	a.Title, _ = scalar(values[Title])
	a.URL, _ = scalar(values[URL])
	if a.Source == "" {
		a.Names[Source] = ""
		a.Source = Host(a.URL)
	}
	if values[Time] != nil {
		s, err := scalar(values[Time])
		if err == nil && s != "" {
			a.Time, err = ParseTime(s)
		}
		if err != nil {
			return a, &TimeError{a.ID, a.Names[Time], err}
		}
	}
	return a, nil
}

// text joins the texts of an article.
func (x *Finder) text(one []byte, several [][]byte, name string) (string, error) {
	if several == nil {
		several = [][]byte{one}
	}
	parts := make([]string, 0, len(several))
	for i, raw := range several {
		if raw == nil {
			continue
		}
		if len(x.fields.Text) > 0 {
			name = x.fields.Text[i]
		}
		if raw[0] == '[' {
			var list []string
			if err := json.Unmarshal(raw, &list); err != nil {
				return "", fmt.Errorf("%q is a list, want a string or a list of strings", name)
			}
			parts = append(parts, list...)
			continue
		}
		s, err := str(raw)
		if err != nil {
			return "", fmt.Errorf("%q is %w", name, err)
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "\n\n"), nil
}

// fits reports whether a value can be what a field of a less usual name is taken for.
func fits(r Role, value []byte) bool {
	switch value[0] {
	case '"':
		return true
	case '[':
		return r == Text && bytes.HasPrefix(bytes.TrimLeft(value[1:], " \t\n\r"), []byte(`"`))
	case '{', 't', 'f':
		return false
	}
	return r == ID || r == Time
}

// str returns a JSON string; the error says what else it is.
func str(raw []byte) (string, error) {
	switch raw[0] {
	case '"':
		if s, ok := unquote(raw[1 : len(raw)-1]); ok {
			return s, nil
		}
		var s string
		err := json.Unmarshal(raw, &s)
		if err != nil {
			err = fmt.Errorf("a string with an error: %w", err)
		}
		return s, err
	case '{':
		return "", errors.New("an object, want a string")
	case '[':
		return "", errors.New("a list, want a string")
	case 't', 'f':
		return "", errors.New("a bool, want a string")
	}
	return "", errors.New("a number, want a string")
}

// unquote returns what stands between the quotes of a JSON string, several times as fast as
// encoding/json. It leaves to that what is not UTF-8, not JSON, or half of a surrogate pair.
func unquote(b []byte) (string, bool) {
	for _, c := range b {
		if c < ' ' {
			return "", false
		}
	}
	if !utf8.Valid(b) {
		return "", false
	}
	i := bytes.IndexByte(b, '\\')
	if i < 0 {
		return string(b), true
	}
	var s strings.Builder
	s.Grow(len(b))
	for ; i >= 0; i = bytes.IndexByte(b, '\\') {
		s.Write(b[:i])
		if b = b[i+1:]; len(b) == 0 {
			return "", false
		}
		c := b[0]
		b = b[1:]
		switch c {
		case '"', '\\', '/':
			s.WriteByte(c)
		case 'n':
			s.WriteByte('\n')
		case 't':
			s.WriteByte('\t')
		case 'r':
			s.WriteByte('\r')
		case 'b':
			s.WriteByte('\b')
		case 'f':
			s.WriteByte('\f')
		case 'u':
			r, ok := hex(b)
			if !ok {
				return "", false
			}
			b = b[4:]
			if utf16.IsSurrogate(r) {
				if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
					return "", false
				}
				low, ok := hex(b[2:])
				if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
					return "", false
				}
				b = b[6:]
			}
			s.WriteRune(r)
		default:
			return "", false
		}
	}
	s.Write(b)
	return s.String(), true
}

// hex returns the number that four digits are.
func hex(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// object calls f for each field of a JSON object. A value that nobody decodes is checked for its
// end only.
func object(data []byte, f func(key string, value []byte)) error {
	d := bytes.Trim(data, " \t\n\r")
	if len(d) > 0 && d[0] != '{' {
		if json.Valid(d) {
			what := "number"
			switch d[0] {
			case '[':
				what = "array"
			case '"':
				what = "string"
			case 't', 'f':
				what = "bool"
			case 'n':
				what = "null"
			}
			return fmt.Errorf("line is a JSON %s, want an object", what)
		}
		return malformed(d)
	}
	if len(d) == 0 {
		return malformed(d)
	}
	d = bytes.TrimLeft(d[1:], " \t\n\r")
	if len(d) > 0 && d[0] == '}' {
		if len(d) > 1 {
			return malformed(data)
		}
		return nil
	}
	for {
		n := value(d)
		if n < 0 || d[0] != '"' {
			return malformed(data)
		}
		var key string
		if k := d[1 : n-1]; bytes.IndexFunc(k, func(c rune) bool { return c == '\\' || c < ' ' }) < 0 {
			key = string(k)
		} else if json.Unmarshal(d[:n], &key) != nil {
			return malformed(data)
		}
		d = bytes.TrimLeft(d[n:], " \t\n\r")
		if len(d) == 0 || d[0] != ':' {
			return malformed(data)
		}
		d = bytes.TrimLeft(d[1:], " \t\n\r")
		if n = value(d); n < 0 {
			return malformed(data)
		}
		v := d[:n]
		d = bytes.TrimLeft(d[n:], " \t\n\r")
		if len(d) == 0 || d[0] != ',' && (d[0] != '}' || len(d) > 1) {
			return malformed(data)
		}
		f(key, v)
		if d[0] == '}' {
			return nil
		}
		d = bytes.TrimLeft(d[1:], " \t\n\r")
	}
}

// EachField calls f for each field of a JSON object, with its name, its value, and where it ends in
// data: at the next comma or the brace that closes the object.
func EachField(data []byte, f func(name string, value []byte, end int)) error {
	return object(data, func(key string, value []byte) {
		end := cap(data) - cap(value) + len(value) // value is a part of data
		end += len(data[end:]) - len(bytes.TrimLeft(data[end:], " \t\n\r"))
		f(key, value, end)
	})
}

// malformed says what is wrong with JSON.
func malformed(data []byte) error {
	var x any
	err := json.Unmarshal(data, &x)
	if err == nil {
		err = errors.New("malformed object")
	}
	return fmt.Errorf("not JSON: %w", err)
}

// value returns the length of the JSON value at the beginning of d, or -1.
func value(d []byte) int {
	if len(d) == 0 {
		return -1
	}
	switch d[0] {
	case '"':
		return quotedLen(d)
	case '{', '[':
		depth := 0
		for i := 0; i < len(d); i++ {
			switch d[i] {
			case '"':
				n := quotedLen(d[i:])
				if n < 0 {
					return -1
				}
				i += n - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					if !json.Valid(d[:i+1]) {
						return -1
					}
					return i + 1
				}
			}
		}
		return -1
	}
	n := bytes.IndexAny(d, ",} \t\r\n")
	if n < 0 || !json.Valid(d[:n]) {
		return -1
	}
	return n
}

// quotedLen returns the length of the JSON string at the beginning of d, or -1 if it does not end.
func quotedLen(d []byte) int {
	for i := 1; ; {
		n := bytes.IndexByte(d[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		back := i
		for d[back-1] == '\\' && back > 1 {
			back--
		}
		i++
		if (i-1-back)%2 == 0 {
			return i
		}
	}
}

// scalar returns a JSON string, or a number as it is written. null and nothing are "".
func scalar(raw []byte) (string, error) {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", nil
	case raw[0] == '"':
		return str(raw)
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		return string(raw), nil
	}
	return "", fmt.Errorf("%s, want a string or a number", Abbreviate(string(raw), 40))
}

// layouts are the forms in which times are understood.
var layouts = []string{
	time.RFC3339, time.DateOnly, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700",
	"2006-01-02T15:04:05-0700", "2006-01-02T15:04", "2006-01-02 15:04", time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700", "2006/01/02", "20060102", "20060102150405",
}

// ParseTime understands RFC 3339, dates, the times of mail, and seconds or milliseconds since 1970.
func ParseTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	if x, err := strconv.ParseFloat(s, 64); err == nil && x >= 1e8 && x < 1e14 {
		if x >= 1e11 {
			return time.UnixMilli(int64(x)).UTC(), nil
		}
		return time.Unix(int64(x), 0).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%q is neither RFC 3339 nor YYYY-MM-DD", Abbreviate(s, 40))
}

// Host returns the host of a URL without port and "www.", or "".
func Host(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}
