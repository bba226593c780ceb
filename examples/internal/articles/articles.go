// Package articles reads and writes what the examples exchange: articles as JSON Lines, and what
// the library says of them.
package articles

import (
	"bufio"
	"bytes"
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

// DecodeID reads the id of a JSON object, which may be a number, and nothing else of it.
func DecodeID(data []byte) (id string, err error) {
	var raw []byte
	if err := object(data, func(key string, value []byte) {
		if key == "id" {
			raw = value
		}
	}); err != nil {
		return "", err
	}
	if id, err = scalar(raw); err != nil {
		return "", fmt.Errorf(`"id" is %w`, err)
	}
	if id == "" {
		return "", errors.New(`no "id"`)
	}
	return id, nil
}

// Abbreviate cuts s after n bytes.
func Abbreviate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// Each calls f for each article of the files, JSON Lines as [Decode] describes them; the name - is
// standard input. What is wrong with a line, or with a file, is reported, by its name and number, and
// passed over. The error is that of f, at which it ends.
func Each(names []string, stdin io.Reader, report func(error), f func(neardup.Article) error) error {
	for _, name := range names {
		if name == "-" {
			if err := each(name, stdin, report, f); err != nil {
				return err
			}
			continue
		}
		file, err := os.Open(name)
		if err != nil {
			report(err)
			continue
		}
		err = each(name, file, report, f)
		file.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

const longestLine = 64 << 20 // bytes

func each(name string, r io.Reader, report func(error), f func(neardup.Article) error) error {
	b := bufio.NewReaderSize(r, 1<<16)
	var line []byte
	for n := 1; ; n++ {
		var err error
		line, err = ReadLine(b, line[:0], longestLine)
		ended := err != nil && !errors.Is(err, ErrLongLine)
		if err == nil || errors.Is(err, io.EOF) {
			var a neardup.Article
			err = nil
			if text := bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff"))); len(text) > 0 {
				a, err = Decode(text)
			}
			if a.ID != "" {
				if err := f(a); err != nil {
					return err
				}
			}
		}
		if err != nil {
			report(fmt.Errorf("%s:%d: %w", name, n, err))
		}
		if ended {
			return nil
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

// An Answer is what the programs say of one article, one JSON object a line: the articles that can
// stand for it, which are the same or contain it, and those that it contains and can stand for. Both
// come best first, and have the fields of [neardup.Relation] as seen from the article.
type Answer struct {
	ID         string          `json:"id"`
	Duplicates []neardup.Match `json:"duplicates"`
	Supersedes []neardup.Match `json:"supersedes"`
	Warning    string          `json:"warning,omitempty"` // what was passed over in an article that was taken
	Error      string          `json:"error,omitempty"`   // why the article was refused
}

// NewAnswer returns the answer about an article that has these matches, or was refused. A refusal
// says nothing of the article but its ID.
func NewAnswer(id string, matches []neardup.Match, refused error) Answer {
	a := Answer{ID: id}
	a.Duplicates, a.Supersedes = Split(matches)
	if refused != nil {
		a.Error = refused.Error()
	}
	return a
}

// NewEncoder returns an encoder of lines, as all programs print them.
func NewEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// A Removal says whether an article that was to be removed was held, one JSON object a line.
type Removal struct {
	ID      string `json:"id"`
	Removed bool   `json:"removed"`
	Error   string `json:"error,omitempty"`
}

// AnswerSchema describes the fields of an answer and of what is in it, for -h.
const AnswerSchema = `  {"id": string, "duplicates": [MATCH, …], "supersedes": [MATCH, …],
   "warning": string, "error": string}
                "duplicates" can stand for the article, which may go: they are the same, or it is
                contained in them. "supersedes" are those that it contains. Both come best first.
                "error" is there if the article was refused, "warning" if a part of it was.
  MATCH         {"id": string, RELATION}, as seen from the article
` + RelationSchema

// RemovalSchema describes a line about an article that was to be removed, for -h.
const RemovalSchema = `  {"id": string, "removed": boolean}; it is false if there was no such article
`

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
