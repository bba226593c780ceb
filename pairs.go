package neardup

import (
	"cmp"
	"context"
	"iter"
	"slices"
)

// A Pair is two near-duplicate articles. The Relation is as seen from A, which was added before B.
type Pair struct {
	A string `json:"a"`
	B string `json:"b"`
	Relation
}

// Pairs returns all pairs of near-duplicates, each once, ordered by when B was added and then by when A was. The pairs
// among n copies of one text are n(n-1)/2; they come one at a time, and the loop may stop early. They are those of a snapshot of
// the moment when the loop begins; its body may use the detector. When ctx ends, the last pair comes with ctx.Err(),
// and there is no other error.
func (d *Detector) Pairs(ctx context.Context) iter.Seq2[Pair, error] {
	return func(yield func(Pair, error) bool) {
		if d.state == nil {
			yield(Pair{}, errZero)
			return
		}
		v, err := d.snapshot(ctx)
		if err != nil {
			yield(Pair{}, err)
			return
		}
		defer v.release()
		if err := v.pairs(ctx, yield); err != nil {
			yield(Pair{}, err)
		}
	}
}

// pairs yields the pairs of a snapshot until yield returns false.
func (v *snapshot) pairs(ctx context.Context, yield func(Pair, error) bool) error {
	if err := v.learn(ctx); err != nil {
		return err
	}
	of := v.entriesByText()
	type earlier struct {
		at uint32
		Relation
	}
	const ahead = 256 // articles looked up at once
	near := make([][]neighbor, ahead)
	// Of two texts in a crowd one may find the other, and not be found by it. What a text found of those to come is kept for
	// them, unless it is much: then these are versions of one text, which find one another.
	const much = 64
	forward := make(map[uint32][]neighbor)
	seen := make([]bool, len(v.texts))
	var found []earlier
	for first := 0; first < len(v.entries); first += ahead {
		todo := v.entries[first:min(first+ahead, len(v.entries))]
		err := v.d.parallel(ctx, len(todo), func(w *worker, i int) {
			near[i] = near[i][:0]
			if t := todo[i].text; t != none {
				near[i] = append(near[i], v.neighbors(w, int(t))...)
			}
		})
		if err != nil {
			return err
		}
		for i := range todo {
			b := uint32(first + i)
			if todo[i].text == none {
				continue
			}
			found = found[:0]
			text := todo[i].text
			near[i] = union(near[i], forward[text])
			if !seen[text] {
				seen[text] = true
				for _, n := range near[i] {
					if len(near[i]) <= much && !seen[n.text] {
						forward[n.text] = append(forward[n.text], neighbor{text, n.Flip()})
					}
				}
			}
			own := neighbor{todo[i].text, twin(v.texts[todo[i].text].sizes)}
			for _, n := range append(near[i], own) {
				r := n.Flip()
				for _, a := range of.of(n.text) {
					if a >= b {
						break
					}
					found = append(found, earlier{a, r})
				}
			}
			slices.SortFunc(found, func(x, y earlier) int { return cmp.Compare(x.at, y.at) })
			for _, f := range found {
				if err := ctx.Err(); err != nil {
					return err
				}
				if !yield(Pair{v.entries[f.at].id, v.entries[b].id, f.Relation}, nil) {
					return nil
				}
			}
		}
	}
	return nil
}

// union appends those neighbors to a that it does not have.
func union(a, b []neighbor) []neighbor {
	for _, n := range b {
		if !slices.ContainsFunc(a, func(m neighbor) bool { return m.text == n.text }) {
			a = append(a, n)
		}
	}
	return a
}

// entryLists are the places of the entries of each text, in the order of adding.
type entryLists struct{ start, at []uint32 }

func (l *entryLists) of(text uint32) []uint32 { return l.at[l.start[text]:l.start[text+1]] }

func (v *snapshot) entriesByText() entryLists {
	l := entryLists{start: make([]uint32, len(v.texts)+2), at: make([]uint32, len(v.entries))}
	for i := range v.entries {
		if t := v.entries[i].text; t != none {
			l.start[t+2]++
		}
	}
	for t := 2; t < len(l.start); t++ {
		l.start[t] += l.start[t-1]
	}
	for i := range v.entries {
		if t := v.entries[i].text; t != none {
			l.at[l.start[t+1]] = uint32(i)
			l.start[t+1]++
		}
	}
	return l
}

// Components returns the connected components of all pairs that [Detector.Pairs] would give, as lists of IDs, both in the
// order of the policy (nil: [Earliest]). Components chain: two articles in one component may have nothing in common but a row of
// others between them. They are what union-find over pairs gives; for deduplication use [Detector.Groups]. It works on a
// snapshot; when ctx ends, it returns ctx.Err().
func (d *Detector) Components(ctx context.Context, policy Policy) ([][]string, error) {
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
	parent := make([]uint32, len(v.texts))
	for i := range parent {
		parent[i] = uint32(i)
	}
	find := func(c uint32) uint32 {
		for parent[c] != c {
			parent[c] = parent[parent[c]]
			c = parent[c]
		}
		return c
	}
	const ahead = 1024
	near := make([][]neighbor, ahead)
	for first := 0; first < len(v.texts); first += ahead {
		n := min(ahead, len(v.texts)-first)
		err := d.parallel(ctx, n, func(w *worker, i int) {
			near[i] = append(near[i][:0], v.neighbors(w, first+i)...)
		})
		if err != nil {
			return nil, err
		}
		for i := range n {
			for _, m := range near[i] {
				parent[find(m.text)] = find(uint32(first + i))
			}
		}
	}
	place := make([]int, len(v.texts)) // by root: the place in components, plus one
	var components [][]string
	for _, at := range v.order(policy) {
		c := &v.entries[at]
		if c.text == none {
			continue
		}
		r := find(c.text)
		if place[r] == 0 {
			components = append(components, nil)
			place[r] = len(components)
		}
		list := &components[place[r]-1]
		*list = append(*list, c.id)
	}
	return slices.DeleteFunc(components, func(c []string) bool { return len(c) < 2 }), nil
}

// A Report says how a group holds together.
type Report struct {
	// Diameter is the largest Jaccard distance, 1 minus similarity, between two members.
	Diameter float64 `json:"diameter"`
	// Bound is set for a group of more than 512 different texts: Diameter is then an upper bound, from the triangle
	// inequality, and Edges has only those of the representative.
	Bound bool `json:"bound"`
	// Edges are all pairs of different texts among the members that duplicate one another, in the order of the members.
	// Copies are spoken for by the first of them.
	Edges []Pair `json:"edges"`
}

// Inspect compares the members of a group with one another. Members that have been removed since are passed over. The cost
// is one comparison for each two different texts in the group; others go on meanwhile.
func (d *Detector) Inspect(g Group) Report {
	d.mustBeMade()
	type member struct {
		id   string
		text uint32
		evidence
	}
	var members []member
	seen := make(map[uint32]bool)
	var packed []float64
	rows := 0
	w := d.worker()
	defer d.pool.Put(w)
	d.mu.RLock()
	s := d.state
	for _, m := range g.Members {
		at, ok := s.held(m.ID)
		if !ok {
			continue
		}
		if t := s.entries.at(at).text; t != none && !seen[t] {
			seen[t] = true
			members = append(members, member{id: m.ID, text: t, evidence: s.texts.at(t).evidence()})
		}
	}
	var r Report
	rows = len(members)
	if rows > 512 {
		rows, r.Bound = 1, true
	}
	if d.cfg.BySignature {
		for i := range rows {
			for j := i + 1; j < len(members); j++ {
				packed = append(packed, s.index.Similarity(members[i].text, members[j].text))
			}
		}
	}
	d.mu.RUnlock()

	var far [2]float64 // the two largest distances from the representative
	for i := range rows {
		w.hold(&members[i].evidence)
		for j := i + 1; j < len(members); j++ {
			similarity := 0.0
			if len(packed) > 0 {
				similarity, packed = packed[0], packed[1:]
			}
			rel := w.verdict(&members[j].evidence, similarity)
			distance := 1 - rel.Jaccard
			if r.Bound {
				far[0], far[1] = max(far[0], distance), max(far[1], min(far[0], distance))
			}
			r.Diameter = max(r.Diameter, distance)
			if rel.Kind != Different {
				r.Edges = append(r.Edges, Pair{members[i].id, members[j].id, rel})
			}
		}
	}
	if r.Bound {
		r.Diameter = min(1, far[0]+far[1])
	}
	return r
}
