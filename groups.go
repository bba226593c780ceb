package neardup

import (
	"context"
	"fmt"
	"iter"
	"slices"
)

// A Group is a representative and the articles that it stands for: those that are the same as it, and those that it
// contains.
type Group struct {
	Representative string `json:"representative"`
	// Members are all articles of the group, the representative first, then best first as seen from it: a member's
	// Kind is Same or Contains, and its ContainmentBInA is the share of its prose that the representative has.
	Members []Match `json:"members"`
}

// Groups returns the groups of two or more near-duplicate articles. nil stands for [Earliest].
//
// Groups do not chain, and they have a direction: of what is not a representative, the representative has the words.
// Articles are taken in the order of the policy, but one that is contained in others waits until these have been taken; one
// that no representative stands for by then becomes one. Every other article joins the representative that it resembles
// most. So:
//
//   - the representative is the same as each member, or contains it, by the verdict that Add gives, with what all
//     articles held say of the text of their sources;
//   - of two representatives that were candidates of one another neither stands for the other;
//   - the representative comes before those that are the same as it in the order of the policy, unless these are
//     contained in other articles;
//   - an article contained in another one never represents that one, whatever the policy says;
//   - every article is in one group at most, and no group loses all of its articles when only representatives are kept;
//   - the groups depend on the articles held, not on the order in which they were added nor on the number of workers.
//
// Groups come in the order of their representatives. One query is made for each representative and few others, so
// thousands of copies or versions of one text take thousands of comparisons, not millions. It works on a snapshot: others
// go on meanwhile. When ctx ends, it returns ctx.Err().
func (d *Detector) Groups(ctx context.Context, policy Policy) ([]Group, error) {
	if d.state == nil {
		return nil, errZero
	}
	v, err := d.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer v.release()
	if err := v.learn(ctx); err != nil {
		return nil, err
	}

	// Texts, not articles, are grouped: the articles of one text have the same neighbors. Its first article in the
	// order speaks for it, and gives it its rank.
	order := v.order(policy)
	rank := make([]uint32, len(v.texts))
	for i := range rank {
		rank[i] = none
	}
	var line []uint32 // texts by rank
	for _, at := range order {
		if t := v.entries[at].text; t != none && rank[t] == none {
			rank[t] = uint32(len(line))
			line = append(line, t)
		}
	}
	stars, err := group(len(line), func(nodes []uint32, edges [][]edge) error {
		return d.parallel(ctx, len(nodes), func(w *worker, i int) {
			for _, n := range v.neighbors(w, int(line[nodes[i]])) {
				edges[i] = append(edges[i], edge{rank[n.text], n.Relation})
			}
		})
	})
	if err != nil {
		return nil, err
	}
	return gather(len(order), stars, func(i int) (string, uint32, Relation) {
		c := &v.entries[order[i]]
		if c.text == none {
			return c.id, none, Relation{}
		}
		return c.id, rank[c.text], twin(v.texts[c.text].sizes)
	}), nil
}

// GroupPairs groups articles by pairs found elsewhere, in a database or by a batch job, with the rule and the guarantees of
// [Detector.Groups], where each entry is a text of its own: groups do not chain, every member is paired with its representative, and the result depends
// neither on the order of the entries nor on that of the pairs. nil stands for [Earliest]. Pairs may repeat; of two between the
// same articles the better one counts. A pair of an article with itself is passed over, and so is one of kind [Different].
//
// The error names an ID that two entries have, or that a pair has and no entry. The cost is O(n log n + p log p) time for n
// entries and p pairs, and about 100 bytes a pair.
func GroupPairs(entries []Entry, pairs iter.Seq[Pair], policy Policy) ([]Group, error) {
	order := slices.Clone(entries)
	sortEntries(order, policy)
	rank := make(map[string]uint32, len(order))
	for i, e := range order {
		if _, ok := rank[e.ID]; ok {
			return nil, fmt.Errorf("neardup: two entries have the ID %q", e.ID)
		}
		rank[e.ID] = uint32(i)
	}
	near := make([][]edge, len(order))
	for p := range pairs {
		a, okA := rank[p.A]
		b, okB := rank[p.B]
		switch {
		case !okA:
			return nil, fmt.Errorf("neardup: a pair has the ID %q, which no entry has", p.A)
		case !okB:
			return nil, fmt.Errorf("neardup: a pair has the ID %q, which no entry has", p.B)
		case a != b && p.Kind != Different:
			near[a] = append(near[a], edge{b, p.Relation})
			near[b] = append(near[b], edge{a, p.Flip()})
		}
	}
	stars, err := group(len(order), func(nodes []uint32, edges [][]edge) error {
		for i, n := range nodes {
			edges[i] = append(edges[i], near[n]...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return gather(len(order), stars, func(i int) (string, uint32, Relation) {
		return order[i].ID, uint32(i), Relation{Kind: Same, Reason: EachInOther, Jaccard: 1, ContainmentAInB: 1, ContainmentBInA: 1}
	}), nil
}

// An edge leads from one node to another that duplicates it; the relation is as seen from the first.
type edge struct {
	to uint32
	Relation
}

// A star is what a node belongs to: the node that represents it, and the relation as seen from there.
type star struct {
	center uint32
	Relation
}

// A grouping finds the star of each node. Nodes are numbered in the order of the policy.
type grouping struct {
	near  func(nodes []uint32, edges [][]edge) error
	stars []star
	known map[uint32][]edge // of the nodes that were asked for, as long as they are needed
	path  []uint32          // nodes that wait for the next on the path
	on    map[uint32]bool   // nodes on the path
	stuck map[uint32]bool   // nodes contained in one that waits for them, by way of another
}

// group puts n nodes into stars. near appends the edges of some nodes.
func group(n int, near func(nodes []uint32, edges [][]edge) error) ([]star, error) {
	g := &grouping{near: near, stars: make([]star, n), known: make(map[uint32][]edge), on: make(map[uint32]bool), stuck: make(map[uint32]bool)}
	for i := range g.stars {
		g.stars[i].center = none
	}
	// Edges are looked up ahead of the decisions, some at a time: mostly, nodes without a star now will still be without
	// one when their turn comes. Where they are not, as with thousands of versions of one text, fewer are.
	const least, most = 8, 256
	ahead := least
	var todo []uint32
	for next := 0; next < n; {
		for todo = todo[:0]; next < n && len(todo) < ahead; next++ {
			if g.open(uint32(next)) {
				todo = append(todo, uint32(next))
			}
		}
		if err := g.fetch(todo); err != nil {
			return nil, err
		}
		needed := 0
		for _, c := range todo {
			if g.open(c) {
				needed++
			}
			if err := g.settle(c); err != nil {
				return nil, err
			}
		}
		if 4*needed >= 3*len(todo) {
			ahead = min(most, 2*ahead)
		} else {
			ahead = max(least, ahead/2)
		}
		clear(g.known)
	}
	return g.stars, nil
}

func (g *grouping) open(c uint32) bool { return g.stars[c].center == none }

// fetch looks up the edges of nodes, and of the nodes that have to be settled first, and so on.
func (g *grouping) fetch(nodes []uint32) error {
	for len(nodes) > 0 {
		edges := make([][]edge, len(nodes))
		if err := g.near(nodes, edges); err != nil {
			return err
		}
		for i, c := range nodes {
			slices.SortFunc(edges[i], func(a, b edge) int {
				if a.to != b.to {
					return int(int64(a.to) - int64(b.to))
				}
				return compareRelations(a.Relation, b.Relation)
			})
			edges[i] = slices.CompactFunc(edges[i], func(a, b edge) bool { return a.to == b.to })
			g.known[c] = edges[i]
		}
		var next []uint32
		for _, c := range nodes {
			m := g.first(c)
			if _, ok := g.known[m]; m != none && !ok {
				next = append(next, m)
			}
		}
		slices.Sort(next)
		nodes = slices.Compact(next)
	}
	return nil
}

// first returns the first node without a star that has to be settled before c, and is not waiting for c; or none. It is one
// that contains c, or one that is the same as c and comes before it.
func (g *grouping) first(c uint32) uint32 {
	for _, e := range g.known[c] {
		if (e.Kind == Contained || e.Kind == Same && e.to < c) && g.open(e.to) && !g.on[e.to] && !g.stuck[e.to] {
			return e.to
		}
	}
	return none
}

// waits reports whether a node that contains c has no star yet.
func (g *grouping) waits(c uint32) bool {
	return slices.ContainsFunc(g.known[c], func(e edge) bool { return e.Kind == Contained && g.open(e.to) })
}

// settle finds the star of node c, after those of the nodes that come first. Containment goes before the order of the policy: a
// node that is contained in one on the path is left for later, so that it does not come to represent it.
func (g *grouping) settle(c uint32) error {
	clear(g.stuck)
	g.path = append(g.path[:0], c)
	for len(g.path) > 0 {
		c := g.path[len(g.path)-1]
		if g.open(c) {
			if _, ok := g.known[c]; !ok {
				if err := g.fetch([]uint32{c}); err != nil {
					return err
				}
			}
			g.on[c] = true
			if m := g.first(c); m != none {
				g.path = append(g.path, m)
				continue
			}
			if len(g.path) > 1 && g.waits(c) {
				g.stuck[c] = true
			} else {
				g.represent(c)
			}
		}
		delete(g.on, c)
		g.path = g.path[:len(g.path)-1]
	}
	return nil
}

// represent makes c the center of a star of all that are the same as it, or contained in it, and not better off. What is the
// same as c and before it in the order joins it only if it has no star: it waited for c.
func (g *grouping) represent(c uint32) {
	g.stars[c] = star{c, Relation{}}
	for _, e := range g.known[c] {
		m := &g.stars[e.to]
		switch {
		case e.Kind != Same && e.Kind != Contains || m.center == e.to:
		case m.center == none, compareRelations(e.Relation, m.Relation) < 0 && (e.Kind == Contains || e.to > c):
			*m = star{c, e.Relation}
		}
	}
}

// gather makes groups from stars. member returns the ID of the article that is i-th in the order of the policy, its node
// (none if it has no features), and the relation of articles of one node.
func gather(n int, stars []star, member func(i int) (string, uint32, Relation)) []Group {
	place := make([]int, len(stars)) // by center: the place in groups, plus one
	var groups []Group
	for _, centers := range []bool{true, false} { // what is contained may come before its representative in the order
		for i := range n {
			id, node, own := member(i)
			if node == none || (stars[node].center == node) != centers {
				continue
			}
			s := stars[node]
			if !centers {
				own = s.Relation
			} else if place[node] == 0 {
				groups = append(groups, Group{Representative: id})
				place[node] = len(groups)
			}
			g := &groups[place[s.center]-1]
			g.Members = append(g.Members, Match{id, own})
		}
	}
	groups = slices.DeleteFunc(groups, func(g Group) bool { return len(g.Members) < 2 })
	for _, g := range groups {
		slices.SortFunc(g.Members[1:], compareMatches)
	}
	return groups
}
