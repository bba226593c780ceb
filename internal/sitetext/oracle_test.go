package sitetext

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
)

// naive is the rule of the package comment, word for word, from texts in full order. It shares no
// code with the package.
func naive(pages []*page) []uint32 {
	type text struct {
		set      map[uint32]bool // whether of a menu
		at       map[uint32]int  // the places of sampled values
		order    []uint32        // sampled values, by place
		own      []uint32        // the passage
		rarity   int
		anchors  []uint32
		opening  uint32
		opens    bool
		distance int
	}
	texts := make([]*text, len(pages))
	samplers := make(map[uint32]int) // texts that have a sampled value
	total := 0
	for i, g := range pages {
		t := &text{set: make(map[uint32]bool), at: make(map[uint32]int)}
		for _, v := range g.set {
			t.set[v&0xFFFFFF] = v>>31 == 1
		}
		every := uint32(8)
		if len(g.order) < 320 {
			every = 4
		}
		if len(g.order) < 160 {
			every = 2
		}
		step := 1
		for most := 256; len(g.order) <= 1024 && most < len(g.order); most *= 2 {
			step *= 2
		}
		for most := 65536; most < len(g.order); most *= 2 {
			step *= 2
		}
		for k, v := range g.order {
			if _, ok := t.at[v]; v%every == 0 && !ok {
				t.at[v] = k / step * step
				t.order = append(t.order, v)
				samplers[v]++
			}
		}
		sort.Slice(t.order, func(a, b int) bool {
			x, y := t.order[a], t.order[b]
			return t.at[x] < t.at[y] || t.at[x] == t.at[y] && x < y
		})
		if len(t.order) > 0 {
			total += len(t.set)
		}
		texts[i] = t
	}
	noise := total / (1 << 23)
	beside := make(map[uint32]int) // passages that an anchor stands beside
	for _, t := range texts {
		// The longest stretch of features that few texts have.
		from, to := 0, 0
		for i := range t.order {
			for j := i; j < len(t.order) && !t.set[t.order[j]] && samplers[t.order[j]] <= 5+noise; j++ {
				if d := t.at[t.order[j]] - t.at[t.order[i]]; to == 0 || d > t.distance {
					from, to, t.distance = i, j+1, d
				}
			}
		}
		t.own = t.order[from:to]
		if t.distance < 8 {
			t.own = nil
			continue
		}
		for i := range t.own {
			for j := i; j < len(t.own); j++ {
				if t.at[t.own[j]]-t.at[t.own[i]] >= 16 {
					worst := 1
					for _, v := range t.own[i : j+1] {
						worst = max(worst, samplers[v]-noise)
					}
					if t.rarity == 0 || worst < t.rarity {
						t.rarity = worst
					}
				}
			}
		}
		before := slices.Clone(t.order[:from])
		slices.Reverse(before)
		for _, side := range [][]uint32{before, t.order[to:]} {
			var best []uint32
			for _, kind := range []func(v uint32) bool{
				func(v uint32) bool { return !t.set[v] && v%8 == 0 },
				func(v uint32) bool { return !t.set[v] },
				func(v uint32) bool { return v%8 == 0 },
				func(v uint32) bool { return true },
			} {
				for _, v := range side {
					if best == nil && kind(v) && samplers[v] >= 6*max(1, t.rarity)+noise {
						best = []uint32{v}
					}
				}
			}
			t.anchors = append(t.anchors, best...)
			for _, v := range best {
				beside[v]++
			}
		}
		// The first stretch of features that few, and about as many, texts have.
		for j := range t.order {
			for i := 0; i <= j && !t.opens; i++ {
				low, high := 1<<30, 0
				for _, v := range t.order[i : j+1] {
					n := samplers[v]
					if t.set[v] {
						n = 1 << 30
					}
					low, high = min(low, n), max(high, n)
				}
				if high <= 10+noise && high <= 2*low && t.at[t.order[j]]-t.at[t.order[i]] >= 8 {
					t.opening, t.opens = t.order[i], true
				}
			}
		}
	}
	behind := make(map[uint32]*text) // the witness of each opening
	digest := func(t *text) (d uint64) {
		for v := range t.set {
			d += uint64(v) * uint64(v)
		}
		return d
	}
	for _, t := range texts {
		if !t.opens || t.rarity == 0 || !slices.ContainsFunc(t.anchors, func(v uint32) bool { return 3*beside[v] >= samplers[v] }) {
			continue
		}
		if o := behind[t.opening]; o == nil || t.rarity < o.rarity || t.rarity == o.rarity && digest(t) < digest(o) {
			behind[t.opening] = t
		}
	}
	var openings []uint32
	count := make(map[uint32]int)
	for o, t := range behind {
		openings = append(openings, o)
		for v := range t.at {
			count[v]++
		}
	}
	slices.Sort(openings)
	seen, all := make(map[uint32]int), make(map[uint32]int)
	features := 0
	for _, o := range openings {
		t := behind[o]
		look := false
		for v := range t.at {
			look = look || count[v] >= 6+noise && seen[v] < 24
		}
		if !look {
			continue
		}
		features += len(t.set)
		for v := range t.at {
			seen[v]++
		}
		for v := range t.set {
			all[v]++
		}
	}
	var site []uint32
	for v, n := range all {
		if n >= 6+features/(1<<23) {
			site = append(site, v)
		}
	}
	slices.Sort(site)
	return site
}

func TestOracle(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds, and a minute under the race detector")
	}
	var l Learner
	check := func(t *testing.T, pages []*page) {
		t.Helper()
		for s, texts := range bySource(pages) {
			want := naive(texts)
			got := l.Learn(texts).Append(nil)
			if !slices.Equal(got, want) {
				t.Errorf("source %s: %d features of the site, want %d", s, len(got), len(want))
			}
		}
	}
	for _, c := range corpora {
		t.Run(c.name, func(t *testing.T) {
			p := newPress(3)
			c.print(p)
			check(t, p.pages)
		})
	}
	for seed := range uint64(60) {
		t.Run(fmt.Sprint("mixed/", seed), func(t *testing.T) {
			p := newPress(100 + seed)
			p.mixed(10 + p.r.IntN(60))
			check(t, p.pages)
		})
		t.Run(fmt.Sprint("near/", seed), func(t *testing.T) {
			p := newPress(200 + seed)
			p.near(40)
			check(t, p.pages)
		})
	}
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("snippets/", seed), func(t *testing.T) {
			p := newPress(300 + seed)
			p.snippets(50)
			check(t, p.pages)
		})
	}
}

// mixed prints n pages of parts that come again at random.
func (p *press) mixed(n int) {
	var parts [][]string
	for range 1 + p.r.IntN(8) {
		w := p.between(3, 120)
		if p.r.IntN(4) == 0 {
			w = p.menu(len(w))
		}
		parts = append(parts, w)
	}
	for range n {
		var page [][]string
		for range 1 + p.r.IntN(5) {
			switch w := parts[p.r.IntN(len(parts))]; p.r.IntN(4) {
			case 0:
				page = append(page, p.between(1, 60))
			case 1:
				page = append(page, p.edited(w, p.r.IntN(3)))
			default:
				page = append(page, w)
			}
		}
		p.print("s", "a", page...)
	}
}

// near prints n pages, in versions, and a few of a rare kind, of which everything is near to where
// the rule changes its mind: passages of some 16 features in one to five texts, beside what is in
// some six times as many.
func (p *press) near(n int) {
	wall, rare := p.between(40, 90), p.words(30)
	for i := range n {
		title, own := p.between(5, 12), p.between(10, 18)
		for range 1 + p.r.IntN(5) {
			p.print("s", "a", title, own, wall[:min(len(wall), 20+p.r.IntN(60))], p.words(p.r.IntN(3)))
		}
		if i%5 == 0 {
			p.print("s", "a", rare, p.between(10, 18), wall, title)
		}
	}
	label, wall := p.between(11, 14), p.words(60)
	for range 9 {
		p.print("s", "a", label, p.words(30), wall)
	}
}

// snippets prints n long pages, with two words in the middle of what they share that a third of
// them have.
func (p *press) snippets(n int) {
	wall, snippet := p.words(300), p.words(2)
	for range n {
		middle := snippet
		if p.r.IntN(3) > 0 {
			middle = nil
		}
		p.print("s", "a", p.words(60), wall[:150], middle, wall[150:])
	}
}

// fullOrder is the rule that this one approximates: a feature is the site's if it is in texts with
// 6 openings or more, of those that have 15 features in a row that at most 2 texts have; the
// opening of a text is its first feature in at most 10 texts, or a tenth.
func fullOrder(pages []*page) map[uint32]bool {
	texts := make(map[uint32]int)
	for _, g := range pages {
		for _, v := range g.set {
			texts[v%universe]++
		}
	}
	openings := make(map[uint32]map[uint32]bool)
	for _, g := range pages {
		run, longest := 0, 0
		for _, v := range g.order {
			if run++; texts[v] > 2 {
				run = 0
			}
			longest = max(longest, run)
		}
		i := slices.IndexFunc(g.order, func(v uint32) bool { return texts[v] <= max(10, len(pages)/10) })
		if longest < 15 || i < 0 {
			continue
		}
		for _, v := range g.set {
			if openings[v%universe] == nil {
				openings[v%universe] = make(map[uint32]bool)
			}
			openings[v%universe][g.order[i]] = true
		}
	}
	site := make(map[uint32]bool)
	for v, o := range openings {
		if len(o) >= 6 {
			site[v] = true
		}
	}
	return site
}

// TestFullOrder compares what is learnt from samples with what the rule on full order finds, where
// that rule is right.
func TestFullOrder(t *testing.T) {
	for _, name := range []string{"wall", "wall, ten pages among many", "wall below a menu", "wall with prices that change",
		"notice below an item of a sentence", "long menu above an item of a sentence", "long texts with one formula", "copies with an edit anywhere"} {
		c := corpora[slices.IndexFunc(corpora, func(c corpus) bool { return c.name == name })]
		for seed := range uint64(4) {
			p := newPress(seed)
			c.print(p)
			want := fullOrder(p.pages)
			var l Learner
			m := l.Learn(pile(p.pages))
			both := 0
			for v := range want {
				if m.Has(v) {
					both++
				}
			}
			if both*100 < len(want)*98 || m.Len()*98 > len(want)*100 {
				t.Errorf("%s, seed %d: %d features of the site, %d of the %d that full order finds", name, seed, m.Len(), both, len(want))
			}
		}
	}
}

// TestPure learns the same from the same texts, whatever their order and whatever was learnt
// before.
func TestPure(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	var used Learner
	for seed := range uint64(20) {
		p := newPress(seed)
		p.mixed(40)
		p.walled("s", 12, 40, p.words(30), p.words(200))
		texts := bySource(p.pages)["s"]
		var fresh Learner
		want := fresh.Learn(texts).Append(nil)
		for range 5 {
			r.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
			for _, g := range texts {
				r.Shuffle(len(g.set), func(i, j int) { g.set[i], g.set[j] = g.set[j], g.set[i] })
			}
			if got := used.Learn(texts).Append(nil); !slices.Equal(got, want) {
				t.Fatalf("seed %d: %d features in another order, want %d", seed, len(got), len(want))
			}
		}
	}
}
