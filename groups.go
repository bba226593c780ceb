package neardup

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/neardup/neardup/minhash"
)

// An Entry is what a [Policy] sees of an article.
type Entry struct {
	ID     string
	Source string
	Time   time.Time // in UTC; the zero Time if none was given
	Size   int       // distinct features of the text that was compared: the length of the article without its navigation
}

// A Policy orders articles by how well they represent their group: negative when a is the better representative, as
// [cmp.Compare]. It must be a consistent order. Articles that it leaves equal are ordered by [Earliest], then by
// [Longest], then by source, then by ID.
type Policy func(a, b Entry) int

// Earliest prefers the article published first; one without a time comes last.
func Earliest(a, b Entry) int {
	if a.Time.IsZero() || b.Time.IsZero() {
		switch {
		case b.Time.IsZero() && !a.Time.IsZero():
			return -1
		case a.Time.IsZero() && !b.Time.IsZero():
			return 1
		}
		return 0
	}
	return a.Time.Compare(b.Time)
}

// Longest prefers the article with the most text, counted in distinct features of the text that was compared.
func Longest(a, b Entry) int { return cmp.Compare(b.Size, a.Size) }

// PreferSources returns a policy that prefers the sources in the order given, before all others.
func PreferSources(sources ...string) Policy {
	rank := make(map[string]int, len(sources))
	for i, s := range sources {
		if _, ok := rank[s]; !ok {
			rank[s] = i - len(sources)
		}
	}
	return func(a, b Entry) int { return cmp.Compare(rank[a.Source], rank[b.Source]) }
}

// A Group is a representative and the articles that duplicate it.
type Group struct {
	Representative string
	// Members are all articles of the group, the representative first, then best first as seen from it: Similarity is
	// that between the representative and the member.
	Members []Match
}

// Groups returns the groups of two or more near-duplicate articles. nil stands for [Earliest].
//
// Groups do not chain. Articles are taken in the order of the policy; one that duplicates no representative yet becomes
// one. Every other article joins the representative that it resembles most, of those before it in the order. So:
//
//   - every member duplicates its representative (Same, Contained or Contains), by the verdict that Add uses;
//   - no two representatives that stand in the result duplicate one another;
//   - the representative is the first of its group in the order of the policy;
//   - every article is in one group at most, and no group loses all of its articles when only representatives are kept;
//   - the groups depend on the articles held, not on the order in which they were added nor on the number of workers
//     (with Templates.Learn, what has been learnt does depend on the order).
//
// Groups come in the order of their representatives. One query is made for each article that is not yet in a group, so
// thousands of copies or versions of one text take thousands of comparisons, not millions. Articles can be queried but not
// added meanwhile.
func (d *Detector) Groups(policy Policy) []Group {
	d.mu.RLock()
	defer d.mu.RUnlock()
	order := d.order(policy)

	// Classes, not articles, are grouped: the articles of one class have the same neighbors. Its first article in the
	// order speaks for the class.
	lead := make([]uint32, len(d.classes)) // rank of the first article of the class
	for i := range lead {
		lead[i] = none
	}
	var line []uint32 // classes in the order of their leads
	for r, s := range order {
		if c := d.slots[s].class; c != none && lead[c] == none {
			lead[c] = uint32(r)
			line = append(line, c)
		}
	}
	star := make([]uint32, len(d.classes)) // the class that represents this one
	best := make([]score, len(d.classes))  // as seen from star
	for i := range star {
		star[i] = none
	}
	// Queries run ahead of the decisions, a few at a time: most classes without a star now will still be when
	// their turn comes.
	const ahead = 256
	todo := make([]uint32, 0, ahead)
	near := make([][]neighbor, ahead)
	graph := d.index.Snapshot()
	for len(line) > 0 {
		todo = todo[:0]
		for len(line) > 0 && len(todo) < ahead {
			if star[line[0]] == none {
				todo = append(todo, line[0])
			}
			line = line[1:]
		}
		d.parallel(len(todo), func(w *worker, i int) {
			near[i] = append(near[i][:0], d.neighbors(w, graph, todo[i])...)
		})
		for i, c := range todo {
			if star[c] != none {
				continue
			}
			star[c], best[c] = c, twin
			for _, n := range near[i] {
				m := n.class
				// Only articles that come later may join, so that c is the first of its group.
				if lead[m] > lead[c] && (star[m] == none || better(n.score, best[m])) {
					star[m], best[m] = c, n.score
				}
			}
		}
	}

	groups := make(map[uint32]*Group)
	var reps []uint32
	for _, s := range order {
		c := d.slots[s].class
		if c == none {
			continue
		}
		g := groups[star[c]]
		m := Match{d.slots[s].id, best[c].kind, best[c].similarity, best[c].contained, best[c].contains}
		if g == nil {
			g = &Group{Representative: m.ID}
			groups[star[c]] = g
			reps = append(reps, star[c])
		}
		g.Members = append(g.Members, m)
	}
	var out []Group
	for _, c := range reps {
		if g := groups[c]; len(g.Members) > 1 {
			slices.SortFunc(g.Members[1:], compareMatches)
			out = append(out, *g)
		}
	}
	return out
}

// order returns the slots of all articles in the order of the policy.
func (d *Detector) order(policy Policy) []uint32 {
	entries := make([]Entry, 0, len(d.byID))
	for i := range d.slots {
		s := &d.slots[i]
		if s.id == "" {
			continue
		}
		e := Entry{ID: s.id, Source: d.sources[s.source]}
		if s.nsec != noTime {
			e.Time = time.Unix(s.sec, int64(s.nsec)).UTC()
		}
		if s.class != none {
			e.Size = int(d.classes[s.class].size)
		}
		entries = append(entries, e)
	}
	sortEntries(entries, policy)
	order := make([]uint32, len(entries))
	for i, e := range entries {
		order[i] = d.byID[e.ID]
	}
	return order
}

// better reports whether a ties an article more closely to its representative than b.
func better(a, b score) bool { return compareScores(a, b) < 0 }

// neighbors returns the classes that duplicate class c, in w.near.
func (d *Detector) neighbors(w *worker, graph *minhash.Snapshot, c uint32) []neighbor {
	w.found, _ = graph.AppendQuery(w.found[:0], c, 0, math.MaxInt)
	var set []uint32
	if d.cfg.Exact {
		set = d.sets[c]
		d.findExcerpts(w, set)
		w.found = slices.DeleteFunc(w.found, func(m minhash.Match) bool { return m.ID == c })
	}
	return d.verify(w, w.found, int(d.classes[c].size), set, d.classes[c].fellBack)
}

// parallel calls f for 0 … n-1 on all workers.
func (d *Detector) parallel(n int, f func(w *worker, i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(d.workers(), n) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w := d.worker()
			defer d.pool.Put(w)
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(w, i)
			}
		}()
	}
	wg.Wait()
}

// A Pair is two near-duplicate articles. Kind, Contained and Contains are as seen from A, which was added before B.
type Pair struct {
	A, B       string
	Kind       Kind
	Similarity float64
	Contained  float64 // share of A found in B
	Contains   float64 // share of B found in A
}

// Pairs returns all pairs of near-duplicates, each once, ordered by when B was added and then by when A was. The pairs
// among n copies of one text are n(n-1)/2; they come one at a time, and the loop may stop early. The loop body may use the
// detector; articles added or removed meanwhile may or may not be seen.
func (d *Detector) Pairs() iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		var (
			ahead = 256 // articles looked up at once
			todo  []uint32
			near  [][]neighbor
			found []earlier
			out   []Pair
			at    uint64 // the first seq not yet done
			graph *minhash.Snapshot
			since = -1 // renumbered when graph was made
		)
		for {
			// Everything is looked up under the lock, by seq, since slots move when holes are closed.
			todo, out = todo[:0], out[:0]
			d.mu.RLock()
			if since != d.renumbered {
				graph, since = d.index.Snapshot(), d.renumbered
			}
			i, _ := slices.BinarySearchFunc(d.slots, at, func(s slot, at uint64) int { return cmp.Compare(s.seq, at) })
			for ; i < len(d.slots) && len(todo) < ahead; i++ {
				if d.slots[i].id != "" && d.slots[i].class != none {
					todo = append(todo, uint32(i))
				}
				at = d.slots[i].seq + 1
			}
			for len(near) < len(todo) {
				near = append(near, nil)
			}
			d.parallel(len(todo), func(w *worker, i int) {
				near[i] = append(near[i][:0], d.neighbors(w, graph, d.slots[todo[i]].class)...)
			})
			ahead = min(2*ahead, 4096)
			for i, b := range todo {
				if len(out) > 1<<16 {
					// Enough for now: the rest is looked up again, in smaller portions.
					at, ahead = d.slots[b].seq, max(1, i)
					break
				}
				found = found[:0]
				own := neighbor{d.slots[b].class, twin}
				for _, n := range append(near[i], own) {
					for a := d.classes[n.class].first; a < b; a = d.slots[a].next {
						found = append(found, earlier{a, n.score.flip()})
					}
				}
				slices.SortFunc(found, func(x, y earlier) int { return cmp.Compare(x.slot, y.slot) })
				for _, f := range found {
					out = append(out, Pair{d.slots[f.slot].id, d.slots[b].id, f.kind, f.similarity, f.contained, f.contains})
				}
			}
			d.mu.RUnlock()
			for _, p := range out {
				if !yield(p) {
					return
				}
			}
			if len(todo) == 0 {
				return
			}
		}
	}
}

// An earlier article that a later one duplicates; the score is as seen from the earlier.
type earlier struct {
	slot uint32
	score
}

// Components returns the connected components of all pairs that [Detector.Pairs] would give, as lists of IDs, both in the
// order of the policy (nil: [Earliest]). Components chain: two articles in one component may have nothing in common but a row of
// others between them. They are what union-find over pairs gives; for deduplication use [Detector.Groups].
func (d *Detector) Components(policy Policy) [][]string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	parent := make([]uint32, len(d.classes))
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
	var live []uint32
	for c := range d.classes {
		if d.classes[c].first != none {
			live = append(live, uint32(c))
		}
	}
	const ahead = 1024
	near := make([][]neighbor, ahead)
	graph := d.index.Snapshot()
	for len(live) > 0 {
		todo := live[:min(ahead, len(live))]
		live = live[len(todo):]
		d.parallel(len(todo), func(w *worker, i int) {
			near[i] = append(near[i][:0], d.neighbors(w, graph, todo[i])...)
		})
		for i, c := range todo {
			for _, n := range near[i] {
				parent[find(n.class)] = find(c)
			}
		}
	}
	order := d.order(policy)
	components := make(map[uint32][]string)
	var roots []uint32
	for _, s := range order {
		if c := d.slots[s].class; c != none {
			r := find(c)
			if components[r] == nil {
				roots = append(roots, r)
			}
			components[r] = append(components[r], d.slots[s].id)
		}
	}
	var out [][]string
	for _, r := range roots {
		if len(components[r]) > 1 {
			out = append(out, components[r])
		}
	}
	return out
}

// A Report says how a group holds together.
type Report struct {
	// Diameter is the largest Jaccard distance, 1 minus similarity, between two members.
	Diameter float64
	// Bound is set for a group of more than 512 different texts: Diameter is then an upper bound, from the triangle
	// inequality, and Edges has only those of the representative.
	Bound bool
	// Edges are all pairs of different texts among the members that duplicate one another, in the order of the members.
	// Copies are spoken for by the first of them.
	Edges []Pair
}

// Inspect compares the members of a group with one another. Members that have been removed since are passed over. The cost
// is one comparison for each two different texts in the group.
func (d *Detector) Inspect(g Group) Report {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var classes, slots []uint32
	seen := make(map[uint32]bool)
	for _, m := range g.Members {
		s, ok := d.byID[m.ID]
		if !ok {
			continue
		}
		if c := d.slots[s].class; c != none && !seen[c] {
			seen[c] = true
			classes = append(classes, c)
			slots = append(slots, s)
		}
	}
	var r Report
	var far [2]float64 // the two largest distances from the representative
	rows := len(classes)
	if rows > 512 {
		rows, r.Bound = 1, true
	}
	for i := range rows {
		for j := i + 1; j < len(classes); j++ {
			s := d.compare(classes[i], classes[j])
			distance := 1 - s.similarity
			if r.Bound {
				far[0], far[1] = max(far[0], distance), max(far[1], min(far[0], distance))
			}
			r.Diameter = max(r.Diameter, distance)
			if s.kind != Different {
				a, b := d.slots[slots[i]].id, d.slots[slots[j]].id
				r.Edges = append(r.Edges, Pair{a, b, s.kind, s.similarity, s.contained, s.contains})
			}
		}
	}
	if r.Bound {
		r.Diameter = min(1, far[0]+far[1])
	}
	return r
}

// compare scores two classes.
func (d *Detector) compare(a, b uint32) score {
	x, y := &d.classes[a], &d.classes[b]
	fellBack := x.fellBack && y.fellBack
	if d.cfg.Exact {
		return d.judgeExact(overlap(d.sets[a], d.sets[b]), int(x.size), int(y.size), fellBack)
	}
	return d.judge(d.index.Similarity(a, b), int(x.size), int(y.size), fellBack)
}
