// Package articles reads and writes what the examples that keep articles exchange: JSON Lines.
package articles

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/neardup/neardup"
)

// ErrLongLine says that a line was longer than the limit, and passed over.
var ErrLongLine = errors.New("line is too long")

// ReadLine appends the next line to dst, however long, up to limit. A longer one is consumed and ErrLongLine returned.
// io.EOF comes with the last line.
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

// Each calls f for each article of the files, JSON Lines with id and text and optionally source and time; the name - is
// standard input. It ends at the first error, which names the file and the article, or is that of f.
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
		var a struct {
			ID     string    `json:"id"`
			Text   string    `json:"text"`
			Source string    `json:"source"`
			Time   time.Time `json:"time"`
		}
		if err := d.Decode(&a); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("article %d: %w", n, err)
		}
		if err := f(neardup.Article{ID: a.ID, Text: a.Text, Source: a.Source, Time: a.Time}); err != nil {
			return err
		}
	}
}

// WriteGroups writes one JSON object a line for each group: {"representative": id, "members": [{"id", "similarity"}]}.
func WriteGroups(w io.Writer, groups []neardup.Group) error {
	type member struct {
		ID         string  `json:"id"`
		Similarity float64 `json:"similarity"`
	}
	enc := json.NewEncoder(w)
	for _, g := range groups {
		members := make([]member, len(g.Members))
		for i, m := range g.Members {
			members[i] = member{m.ID, m.Similarity}
		}
		if err := enc.Encode(struct {
			Representative string   `json:"representative"`
			Members        []member `json:"members"`
		}{g.Representative, members}); err != nil {
			return err
		}
	}
	return nil
}

// Members returns the ids of each group, the representative first and the others in order: what tests compare.
func Members(groups []neardup.Group) [][]string {
	out := [][]string{}
	for _, g := range groups {
		ids := make([]string, len(g.Members))
		for i, m := range g.Members {
			ids[i] = m.ID
		}
		slices.Sort(ids[1:]) // the representative stays first
		out = append(out, ids)
	}
	return out
}
