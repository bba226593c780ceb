// Package commands is the frame of the programs that keep articles in a store: they take a command and
// its arguments, print JSON Lines, report what they pass over, and end with one of three statuses.
package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
)

// Status is what -h says of the exit status.
const Status = `exit status:
  0  done
  1  done, and something was reported on standard error and passed over
  2  something could not be done; what was added until then is kept
`

// Output returns what -h says of the output. stats is that of stats.
func Output(stats string) string {
	return "output of add and query, one JSON object a line:\n" + articles.AnswerSchema + "output of groups:\n" + articles.GroupSchema +
		"output of remove:\n" + articles.RemovalSchema + "output of stats: " + stats + `, of sweep: {"removed": number}` + "\n\n"
}

// A Program is one run of such a program.
type Program struct {
	name           string
	out            *json.Encoder // to stdout
	stdin          io.Reader
	stdout, stderr io.Writer
	reported       bool
}

// New returns a run of the program of that name.
func New(name string, stdin io.Reader, stdout, stderr io.Writer) *Program {
	return &Program{name: name, out: articles.NewEncoder(stdout), stdin: stdin, stdout: stdout, stderr: stderr}
}

// A Command is what a program can do.
type Command struct {
	Name  string
	Takes bool // arguments, one at least; else none
	Do    func(args []string) error
}

// Find returns the command that args begin with. The error says what is wrong with args.
func Find(args []string, all []Command) (Command, error) {
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	last := len(names) - 1
	want := "want " + strings.Join(names[:last], ", ") + " or " + names[last]
	if len(args) == 0 {
		return Command{}, errors.New("no command: " + want)
	}
	for _, c := range all {
		switch n := len(args) - 1; {
		case c.Name != args[0]:
		case c.Takes && n == 0:
			return c, fmt.Errorf("%s: no argument, want files, - for standard input, or IDs to remove", c.Name)
		case !c.Takes && n > 0:
			return c, fmt.Errorf("%s: argument %q, want none", c.Name, args[1])
		default:
			return c, nil
		}
	}
	return Command{}, fmt.Errorf("unknown command %q: %s", args[0], want)
}

// Report says what was passed over.
func (p *Program) Report(err error) {
	p.reported = true
	fmt.Fprintf(p.stderr, "%s: %v\n", p.name, err)
}

// Exit returns the status, after the error that ended the program is printed.
func (p *Program) Exit(err error) int {
	switch {
	case err != nil:
		fmt.Fprintf(p.stderr, "%s: %v\n", p.name, err)
		return 2
	case p.reported:
		return 1
	}
	return 0
}

// Each reads the articles of files, see [articles.Each].
func (p *Program) Each(files []string, f func(neardup.Article) error) error {
	return articles.Each(files, p.stdin, p.Report, f)
}

// Batches reads the articles of files and calls f with n of them at a time, and with the rest at last, which may be none. f must not
// keep the slice.
func (p *Program) Batches(files []string, n int, f func([]neardup.Article) error) error {
	var pending []neardup.Article
	flush := func() error {
		err := f(pending)
		pending = pending[:0]
		return err
	}
	err := p.Each(files, func(a neardup.Article) error {
		if pending = append(pending, a); len(pending) == n {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// Added says on standard error how many articles were added, in what time, and more.
func (p *Program) Added(n int, seconds float64, more string) {
	fmt.Fprintf(p.stderr, "%d articles in %.1f s, %.0f a second; %s\n", n, seconds, float64(n)/seconds, more)
}

// Answer prints what is said of an article. One that was refused is reported.
func (p *Program) Answer(id string, matches []neardup.Match, refused error) error {
	if refused != nil {
		p.Report(fmt.Errorf("article %q: %w", articles.Abbreviate(id, 40), refused))
	}
	return p.out.Encode(articles.NewAnswer(id, matches, refused))
}

// Print prints a result.
func (p *Program) Print(result any) error { return p.out.Encode(result) }

// Remove removes articles and says of each whether it was there.
func (p *Program) Remove(ids []string, remove func(id string) (bool, error)) error {
	for _, id := range ids {
		found, err := remove(id)
		if err != nil {
			return err
		}
		if err := p.out.Encode(articles.Removal{ID: id, Removed: found}); err != nil {
			return err
		}
	}
	return nil
}

// Groups prints groups.
func (p *Program) Groups(groups []neardup.Group, err error) error {
	if err != nil {
		return err
	}
	return articles.WriteGroups(p.stdout, groups)
}

// Swept prints how many texts were removed.
func (p *Program) Swept(n int64, err error) error {
	if err != nil {
		return err
	}
	return p.out.Encode(map[string]int64{"removed": n})
}
