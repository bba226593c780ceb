package dedup

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/formats"
)

// judge finds the groups, and what goes.
func (j *job) judge(ctx context.Context) (*result, error) {
	decided, err := j.readDecisions()
	if err != nil {
		return nil, err
	}
	r := &result{}
	j.tally.marked = j.annotate
	j.removed = make(map[int]removal)
	for d, what := range decided {
		// So that it represents nothing. An old article is there whatever is decided.
		if what == "drop" && (len(j.against) == 0 || !strings.HasPrefix(d.id, old)) {
			j.detector.Remove(d.id)
		}
	}
	if !j.pairs || j.page != "" {
		var policy neardup.Policy
		if len(j.against) > 0 {
			policy = oldFirst
		}
		if r.groups, err = j.detector.Groups(ctx, policy); err != nil {
			return nil, err
		}
	}
	if !j.pairs {
		j.remove(r.groups, decided)
	}
	for i, s := range j.state {
		_, gone := j.removed[i]
		switch {
		case gone:
			j.tally.removed++
		case s == judged:
			j.tally.kept++
		case s == unjudged && j.rejects != "":
			j.tally.rejected++
		default:
			j.tally.passed++
		}
	}
	return r, nil
}

// oldFirst prefers old articles as representatives: what they have is there already.
func oldFirst(a, b neardup.Entry) int {
	x, y := strings.HasPrefix(a.ID, old), strings.HasPrefix(b.ID, old)
	if x != y {
		if x {
			return -1
		}
		return 1
	}
	return neardup.Earliest(a, b)
}

// remove notes which records go: the members of groups that a representative stands for, but for
// what was decided.
func (j *job) remove(groups []neardup.Group, decided decisions) {
	record := make(map[string]int32) // of the members, and of what was decided about
	for _, g := range groups {
		for _, m := range g.Members {
			record[m.ID] = -1
		}
	}
	for d := range decided {
		record[d.id] = -1
	}
	for i, id := range j.ids {
		if _, ok := record[id]; ok {
			record[id] = j.taken[i]
		}
	}
	drop := func(id string, r removal) {
		if n := record[id]; n >= 0 && j.state[n] == judged {
			j.removed[int(n)] = r
		}
	}
	for _, g := range groups {
		for _, m := range g.Members[1:] {
			if decided[decision{m.ID, ""}] == "keep" || decided[decision{m.ID, g.Representative}] == "different" {
				continue
			}
			rel := articles.Round(m.Relation.Flip())
			drop(m.ID, removal{g.Representative, formats.Annotation{
				DuplicateOf: g.Representative, Relation: rel.Kind.String(), Similarity: rel.Jaccard, Coverage: rel.ContainmentAInB,
			}})
		}
	}
	for d, what := range decided {
		if what == "drop" {
			drop(d.id, removal{})
		}
	}
}

// A decision is about an article alone or, if of is set, as a duplicate of another one.
type decision struct{ id, of string }

// decisions are what a person decided: "keep", "drop" or "different".
type decisions map[decision]string

// readDecisions reads the decisions, if there is a file of them. Of two about the same, the last
// counts.
func (j *job) readDecisions() (decisions, error) {
	if j.decisions == "" {
		return nil, nil
	}
	f, err := os.Open(j.decisions)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := make(decisions)
	known := make(map[string]bool)
	b := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, err := articles.ReadLine(b, nil, 1<<20)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: %w", where(j.decisions, n), err)
		}
		if s := strings.TrimSpace(string(line)); s != "" {
			var x struct{ ID, Of, Decision string }
			if err := json.Unmarshal([]byte(s), &x); err != nil {
				return nil, fmt.Errorf("%s: %w", where(j.decisions, n), err)
			}
			if x.ID == "" || !slices.Contains([]string{"keep", "drop", "different"}, x.Decision) {
				return nil, fmt.Errorf(`%s: decision is %q about %q, want "keep", "drop" or "different" and an "id"`, where(j.decisions, n), x.Decision, x.ID)
			}
			if x.Decision != "different" {
				x.Of = "" // holds whatever it is a duplicate of
			}
			d[decision{x.ID, x.Of}] = x.Decision
			known[x.ID] = false
		}
		if err != nil {
			break
		}
	}
	for _, id := range j.ids {
		if _, ok := known[id]; ok {
			known[id] = true
		}
	}
	missing := 0
	for _, ok := range known {
		if !ok {
			missing++
		}
	}
	if missing > 0 {
		j.report(j.decisions, 0, fmt.Errorf("%s not among the articles", plural(missing, "ID")))
	}
	return d, nil
}
