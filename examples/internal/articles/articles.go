// Package articles reads and writes what the examples exchange: articles as JSON Lines, and what the
// library says of them.
package articles

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"strings"
	"time"

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

// Decode reads an article, a JSON object with "id" and "text" and optionally "source", "url" and
// "time" (RFC 3339, or a date). An id may be a number. Without a source the host of the url, less
// "www.", is the source. An article with an ID is good even if there is an error too: then its time
// is left out.
func Decode(data []byte) (neardup.Article, error) {
	var line struct {
		ID     json.RawMessage `json:"id"`
		Text   *string         `json:"text"`
		Source string          `json:"source"`
		URL    json.RawMessage `json:"url"`
		Time   json.RawMessage `json:"time"`
	}
	if err := unmarshal(data, &line); err != nil {
		return neardup.Article{}, err
	}
	id, err := scalar(line.ID)
	switch {
	case err != nil:
		return neardup.Article{}, fmt.Errorf(`"id" is %w`, err)
	case id == "":
		return neardup.Article{}, errors.New(`no "id"`)
	case line.Text == nil:
		return neardup.Article{}, fmt.Errorf(`article %q has no "text"`, id)
	}
	a := neardup.Article{ID: id, Text: *line.Text, Source: line.Source}
	if a.Source == "" {
		if address, err := scalar(line.URL); err == nil {
			a.Source = host(address)
		}
	}
	if len(line.Time) > 0 && string(line.Time) != "null" {
		if a.Time, err = parseTime(line.Time); err != nil {
			return a, fmt.Errorf(`article %q is taken without its "time": %w`, id, err)
		}
	}
	return a, nil
}

// DecodeID reads the "id" of a JSON object as [Decode] does, and nothing else of it.
func DecodeID(data []byte) (string, error) {
	var line struct {
		ID json.RawMessage `json:"id"`
	}
	if err := unmarshal(data, &line); err != nil {
		return "", err
	}
	id, err := scalar(line.ID)
	if err == nil && id == "" {
		err = errors.New(`no "id"`)
	}
	return id, err
}

// unmarshal reads a JSON object, and says in plain words what it is if it is none.
func unmarshal(data []byte, object any) error {
	err := json.Unmarshal(data, object)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &wrong):
		return fmt.Errorf("not JSON: %w", err)
	case wrong.Field == "":
		return fmt.Errorf("line is a JSON %s, want an object", wrong.Value)
	}
	return fmt.Errorf("%q is a %s, want a string", wrong.Field, wrong.Value)
}

// host returns the host of a URL without port and "www.", or "".
func host(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

// scalar returns a JSON string, or a number as it is written. null and nothing are "".
func scalar(raw json.RawMessage) (string, error) {
	var s string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", nil
	case raw[0] == '"':
		err := json.Unmarshal(raw, &s)
		return s, err
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		return string(raw), nil
	}
	return "", fmt.Errorf("%s, want a string or a number", Abbreviate(string(raw), 40))
}

// parseTime accepts RFC 3339 and a bare date.
func parseTime(raw json.RawMessage) (time.Time, error) {
	s, err := scalar(raw)
	if err != nil {
		return time.Time{}, err
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither RFC 3339 nor YYYY-MM-DD", Abbreviate(s, 40))
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

// A Removal says whether an article that was to be removed was held, one JSON object a line.
type Removal struct {
	ID      string `json:"id"`
	Removed bool   `json:"removed"`
	Error   string `json:"error,omitempty"`
}

// WriteGroups writes one JSON object a line for each group, as [neardup.Group] has it, with the
// shares rounded.
func WriteGroups(w io.Writer, groups []neardup.Group) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, g := range groups {
		g.Members = RoundMatches(g.Members)
		if err := enc.Encode(g); err != nil {
			return err
		}
	}
	return nil
}
