package neardup

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
)

// GroupPairs groups articles by pairs found elsewhere, in a database or by a batch job, with the rule and the guarantees of
// [Detector.Groups]: groups do not chain, every member is paired with its representative, and the result depends
// neither on the order of the entries nor on that of the pairs. nil stands for [Earliest]. Pairs may repeat; of two between the
// same articles the better one counts. A pair of an article with itself is passed over.
//
// The error names an ID that two entries have, or that a pair has and no entry. The cost is O(n log n + p log p) time for n
// entries and p pairs, and about 50 bytes a pair.
func GroupPairs(entries []Entry, pairs iter.Seq[Pair], policy Policy) ([]Group, error) {
	order := slices.Clone(entries)
	sortEntries(order, policy)
	rank := make(map[string]int32, len(order))
	for i, e := range order {
		if _, ok := rank[e.ID]; ok {
			return nil, fmt.Errorf("neardup: two entries have the ID %q", e.ID)
		}
		rank[e.ID] = int32(i)
	}

	// An edge leads from the article that comes first in the order to the other.
	type edge struct {
		from, to int32
		score    score
	}
	var edges []edge
	for p := range pairs {
		a, okA := rank[p.A]
		b, okB := rank[p.B]
		switch {
		case !okA:
			return nil, fmt.Errorf("neardup: a pair has the ID %q, which no entry has", p.A)
		case !okB:
			return nil, fmt.Errorf("neardup: a pair has the ID %q, which no entry has", p.B)
		}
		s := score{p.Kind, p.Similarity, p.Contained, p.Contains}
		switch {
		case a < b:
			edges = append(edges, edge{a, b, s})
		case b < a:
			edges = append(edges, edge{b, a, s.flip()})
		}
	}
	slices.SortFunc(edges, func(x, y edge) int { return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to)) })

	star := make([]int32, len(order)) // the representative, itself for one that has none before it
	best := make([]score, len(order)) // as seen from star
	for i := range star {
		star[i] = -1
	}
	for c := range order {
		n := 0
		for n < len(edges) && edges[n].from == int32(c) {
			n++
		}
		mine := edges[:n]
		edges = edges[n:]
		if star[c] >= 0 {
			continue
		}
		star[c], best[c] = int32(c), twin
		for _, e := range mine {
			if star[e.to] < 0 || better(e.score, best[e.to]) {
				star[e.to], best[e.to] = int32(c), e.score
			}
		}
	}

	members := make([][]Match, len(order))
	for i, e := range order {
		s := best[i]
		members[star[i]] = append(members[star[i]], Match{e.ID, s.kind, s.similarity, s.contained, s.contains})
	}
	var groups []Group
	for _, m := range members {
		if len(m) > 1 {
			slices.SortFunc(m[1:], compareMatches)
			groups = append(groups, Group{Representative: m[0].ID, Members: m})
		}
	}
	return groups, nil
}

// sortEntries sorts by the policy, and what it leaves equal by what [Policy] says.
func sortEntries(entries []Entry, policy Policy) {
	if policy == nil {
		policy = Earliest
	}
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(policy(a, b), Earliest(a, b), Longest(a, b), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
	})
}
