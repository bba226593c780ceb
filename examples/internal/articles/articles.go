// Package articles reads and writes what the examples exchange: articles as JSON Lines, and what
// the library says of them.
package articles

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/neardup/neardup"
)

// ErrLongLine says that a line was longer than the limit, and passed over.
var ErrLongLine = errors.New("line is too long")

// ReadLine appends the next line to dst, however long, up to limit. A longer one is consumed and
// ErrLongLine returned. io.EOF comes with the last line.
func ReadLine(r *bufio.Reader, dst []byte, limit int) ([]byte, error) {
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(dst)+len(part) > limit; !long {
			dst = append(dst, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if long && (err == nil || errors.Is(err, io.EOF)) {
			err = ErrLongLine
		}
		return dst, err
	}
}

// usual finds the fields by their usual names.
var usual = NewFinder(Fields{})

// Decode reads an article, a JSON object with an id and a text, and optionally a source or url and
// a time, by their usual names (see [Usual]). An id may be a number. Without a source the host of
// the url, less "www.", is the source. An article with an ID is good even if there is an error too:
// then its time is left out.
func Decode(data []byte) (neardup.Article, error) {
	a, err := usual.Decode(data)
	var te *TimeError
	if a.ID == "" && (err == nil || errors.As(err, &te)) {
		return neardup.Article{}, errors.New(`no "id"`)
	}
	return a.Article, err
}

// Abbreviate cuts s after n bytes.
func Abbreviate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// Each calls f for each article of the files, JSON Lines as [Decode] describes them; the name - is
// standard input. It ends at the first error, which names the file and the article, or is that of
// f.
func Each(names []string, stdin io.Reader, f func(neardup.Article) error) error {
	if len(names) == 0 {
		return errors.New("no file given; - is standard input")
	}
	for _, name := range names {
		if err := each(name, stdin, f); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func each(name string, stdin io.Reader, f func(neardup.Article) error) error {
	r := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		r = file
	}
	d := json.NewDecoder(r)
	for n := 1; ; n++ {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return nil
		}
		var a neardup.Article
		if err == nil {
			a, err = Decode(raw)
		}
		if err != nil {
			return fmt.Errorf("article %d: %w", n, err)
		}
		if err := f(a); err != nil {
			return err
		}
	}
}

// Round returns a relation with its shares rounded to four decimals, as all programs print them.
func Round(r neardup.Relation) neardup.Relation {
	for _, x := range []*float64{&r.Jaccard, &r.ContainmentAInB, &r.ContainmentBInA} {
		*x = math.Round(*x*1e4) / 1e4
	}
	return r
}

// RoundMatches returns matches with their shares rounded. It is never nil, so that an empty list is
// [] in JSON.
func RoundMatches(matches []neardup.Match) []neardup.Match {
	out := make([]neardup.Match, len(matches))
	for i, m := range matches {
		out[i] = neardup.Match{ID: m.ID, Relation: Round(m.Relation)}
	}
	return out
}

// Split tells the matches of an article apart, in order, and rounds them: those that can stand for
// it, being the same or containing it, and those that it contains and can stand for.
func Split(matches []neardup.Match) (duplicates, supersedes []neardup.Match) {
	duplicates, supersedes = []neardup.Match{}, []neardup.Match{}
	for _, m := range RoundMatches(matches) {
		if m.Kind == neardup.Contains {
			supersedes = append(supersedes, m)
		} else {
			duplicates = append(duplicates, m)
		}
	}
	return duplicates, supersedes
}

// An Answer is what the programs that are asked about an article print, one a line.
type Answer struct {
	ID         string          `json:"id"`
	Duplicates []neardup.Match `json:"duplicates"`      // those that can stand for it
	Supersedes []neardup.Match `json:"supersedes"`      // those that it can stand for
	Error      string          `json:"error,omitempty"` // why it was refused
}

// NewAnswer returns the answer about an article that has these matches, or was refused with an
// error.
func NewAnswer(id string, matches []neardup.Match, err error) Answer {
	a := Answer{ID: id}
	a.Duplicates, a.Supersedes = Split(matches)
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

// NewEncoder returns an encoder of lines, as all programs print them.
func NewEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// AnswerSchema describes the fields of an answer and of what is in it, for -h.
const AnswerSchema = `  {"id": string, "duplicates": [MATCH, …], "supersedes": [MATCH, …], "error": string}
                "duplicates" can stand for the article, which may go: they are the same, or it is
                contained in them. "supersedes" are those that it contains. Both come best first.
                "error" is there if the article was refused.
  MATCH         {"id": string, RELATION}, as seen from the article
` + RelationSchema

// RelationSchema describes the fields of a relation, for -h.
const RelationSchema = `  RELATION      "kind": "same" | "contained" (in the other, and may go) | "contains" (the other),
                "jaccard": number, "containment_a_in_b": number, "containment_b_in_a": number,
                "shared": number, "reason": string; shares are in [0, 1] and have four decimals
`

// GroupSchema describes a line of groups, for -h.
const GroupSchema = `  {"representative": string, "members": [{"id": string, RELATION}, …]}
                the representative comes first; relations are as seen from it
`

// FieldsHelp describes what articles are read from, for -h.
const FieldsHelp = `  JSON Lines: an object a line with an id and a text, and optionally a source or url, whose host
  is then the source, and a time (RFC 3339, a date, or seconds since 1970). The usual names of
  these are known: content, body, doc_id, publisher, link, published, date and others.
`

// WriteGroups writes one JSON object a line for each group, as [neardup.Group] has it, with the
// shares rounded.
func WriteGroups(w io.Writer, groups []neardup.Group) error {
	enc := NewEncoder(w)
	for _, g := range groups {
		g.Members = RoundMatches(g.Members)
		if err := enc.Encode(g); err != nil {
			return err
		}
	}
	return nil
}
