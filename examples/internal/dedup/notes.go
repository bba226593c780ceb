package dedup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/formats"
)

// notes collects what a user has to know of how files were read, which is told once.
type notes struct {
	fields    int // records that have fields
	names     [4]map[string]int
	encodings map[string]*example
}

// An example is a number of texts, and where the first one is.
type example struct {
	n     int
	where string
}

// add takes note of a record.
func (n *notes) add(f *formats.File, r *formats.Record) {
	if r.Encoding != "" {
		if n.encodings == nil {
			n.encodings = make(map[string]*example)
		}
		e := n.encodings[r.Encoding]
		if e == nil {
			e = &example{where: where(f.Path, r.Line)}
			n.encodings[r.Encoding] = e
		}
		e.n++
	}
	if r.Err != nil || f.Format.Whole() || r.Names[articles.Text] == "" {
		return
	}
	n.fields++
	for role := range n.names {
		name := r.Names[role]
		switch {
		case name != "":
			name = fmt.Sprintf("%q", articles.Abbreviate(name, 40))
		case articles.Role(role) == articles.Source && r.Source != "":
			name = fmt.Sprintf("the host of %q", articles.Abbreviate(r.Names[articles.URL], 40))
		}
		if n.names[role] == nil {
			n.names[role] = make(map[string]int)
		}
		if len(n.names[role]) < 100 || n.names[role][name] > 0 {
			n.names[role][name]++
		}
	}
}

// print tells what was found under which name, and what was converted.
func (n *notes) print(j *job) {
	if n.fields > 0 {
		parts := make([]string, len(n.names))
		for role := range n.names {
			parts[role] = n.field([]string{"id", "text", "source", "time"}[role], n.names[role])
		}
		fmt.Fprintf(j.stderr, "%s: fields: %s\n", j.program.Name, strings.Join(parts, "; "))
	}
	var names []string
	for name := range n.encodings {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		e := n.encodings[name]
		if name != "unknown" {
			fmt.Fprintf(j.stderr, "%s: converted from %s: %s, first %s\n", j.program.Name, name, plural(e.n, "text"), e.where)
			continue
		}
		hint := ""
		if j.program.Convert == nil {
			hint = "; examples/corpus knows code pages"
		}
		fmt.Fprintf(j.stderr, "%s: not UTF-8, and read with gaps: %s, first %s%s\n", j.program.Name, plural(e.n, "text"), e.where, hint)
	}
}

// field says where a part of articles was found.
func (n *notes) field(part string, names map[string]int) string {
	var all []string
	for name := range names {
		all = append(all, name)
	}
	slices.SortFunc(all, func(a, b string) int {
		if names[a] != names[b] {
			return names[b] - names[a]
		}
		return strings.Compare(a, b)
	})
	var parts []string
	for i, name := range all {
		if i == 3 {
			parts = append(parts, "others")
			break
		}
		if name == "" {
			name = "none"
			if part == "id" {
				name = "file and line"
			}
		}
		if names[all[i]] < n.fields {
			name += fmt.Sprintf(" (%d)", names[all[i]])
		}
		parts = append(parts, name)
	}
	return part + " from " + strings.Join(parts, ", ")
}
