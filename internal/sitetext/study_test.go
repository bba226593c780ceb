package sitetext

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/neardup/neardup/shingle"
)

type sdoc struct {
	page
	order []uint64
	vals  []uint32 // sorted distinct
	skel  []byte
	key   string
}

type stexts []*sdoc

func (t stexts) Len() int                               { return len(t) }
func (t stexts) AppendSet(dst []uint32, i int) []uint32 { return append(dst, t[i].vals...) }
func (t stexts) Skeleton(i int) []byte                  { return t[i].skel }

func cut(f uint64) uint32 { return uint32(f >> 40) }

func readDocs(pages []page) []*sdoc {
	var w Writer
	var out []*sdoc
	for _, p := range pages {
		d := &sdoc{page: p}
		d.order = shingle.AppendWords(nil, p.text, 5)
		var ord []uint32
		for _, f := range d.order {
			ord = append(ord, cut(f))
		}
		d.skel = w.AppendSkeleton(nil, ord)
		d.vals = slices.Clone(ord)
		slices.Sort(d.vals)
		d.vals = slices.Compact(d.vals)
		d.key = p.source + "\x00" + fmt.Sprint(d.order)
		out = append(out, d)
	}
	return out
}

func learnAll(docs []*sdoc, learn func([]*sdoc) *Model) map[string]*Model {
	by := map[string][]*sdoc{}
	seen := map[string]bool{}
	for _, d := range docs {
		if d.source == "" || seen[d.key] {
			continue
		}
		seen[d.key] = true
		by[d.source] = append(by[d.source], d)
	}
	res := map[string]*Model{}
	for s, ds := range by {
		res[s] = learn(ds)
	}
	return res
}

// fullOrder is the rule of the study.
func fullOrder(ds []*sdoc) *Model {
	if len(ds) < 6 {
		return nil
	}
	df := map[uint64]int{}
	sets := make([]shingle.Set, len(ds))
	for i, d := range ds {
		sets[i] = shingle.NewSet(slices.Clone(d.order))
		for _, f := range sets[i] {
			df[f]++
		}
	}
	open := map[uint64]map[uint64]bool{}
	common := max(10, len(ds)/10)
	for i, d := range ds {
		run, best := 0, 0
		for _, f := range d.order {
			if df[f] <= 2 {
				run++
				best = max(best, run)
			} else {
				run = 0
			}
		}
		if best < 15 {
			continue
		}
		var op uint64
		for _, f := range d.order {
			if df[f] <= common {
				op = f
				break
			}
		}
		for _, f := range sets[i] {
			if df[f] < 6 {
				continue
			}
			if open[f] == nil {
				open[f] = map[uint64]bool{}
			}
			open[f][op] = true
		}
	}
	var site []uint32
	for f, m := range open {
		if len(m) >= 6 {
			site = append(site, cut(f))
		}
	}
	return newModel(site)
}

func sampled(ds []*sdoc) *Model {
	var l Learner
	return l.Learn(stexts(ds))
}

type outcome struct{ falsePairs, missed, empty, groups, want int }

func (o outcome) String() string {
	return fmt.Sprintf("false %6d missed %6d empty %4d groups %4d of %4d", o.falsePairs, o.missed, o.empty, o.groups, o.want)
}

func minus(vals []uint32, m *Model) []uint32 {
	var out []uint32
	for _, v := range vals {
		if !m.Has(v) {
			out = append(out, v)
		}
	}
	return out
}

var dropEither = os.Getenv("BOTH") == ""

// score judges all pairs on what is left.
func score(docs []*sdoc, models map[string]*Model) outcome {
	var o outcome
	parent := make([]int, len(docs))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	type post struct {
		doc  int32
		site bool
	}
	arts := map[string]int{}
	lists := map[uint32][]post{}
	own := make([]int, len(docs))
	nc, ka, kb := make([]int, len(docs)), make([]int, len(docs)), make([]int, len(docs))
	for i, a := range docs {
		want := arts[a.article]
		arts[a.article]++
		m := models[a.source]
		clear(nc)
		clear(ka)
		clear(kb)
		for _, v := range a.vals {
			site := m.Has(v)
			if !site {
				own[i]++
			}
			for _, p := range lists[v] {
				j := p.doc
				same := docs[j].source == a.source
				if site && p.site || dropEither && (site || p.site) || same && site {
					continue
				}
				nc[j]++
				if site {
					ka[j]++
				}
				if p.site {
					kb[j]++
				}
			}
			lists[v] = append(lists[v], post{int32(i), site})
		}
		if own[i] < 12 && len(a.vals) >= 12 {
			o.empty++
		}
		for j := range i {
			b := docs[j]
			na, nb := own[i]+ka[j], own[j]+kb[j]
			got := a.key == b.key
			if nc[j] >= 12 {
				got = got || nc[j]*2 >= na+nb-nc[j] || nc[j]*4 >= 3*min(na, nb)
			}
			if got {
				parent[find(i)] = find(j)
				if a.article != b.article {
					o.falsePairs++
				} else {
					want--
				}
			}
		}
		o.missed += want
	}
	for i := range docs {
		if find(i) == i {
			o.groups++
		}
	}
	o.want = len(arts)
	return o
}

func TestStudy(t *testing.T) {
	if os.Getenv("STUDY") == "" {
		t.Skip()
	}
	seeds := 3
	if e := os.Getenv("SEEDS"); e != "" {
		fmt.Sscan(e, &seeds)
	}
	for _, c := range studyCorpora {
		if k := os.Getenv("STUDY"); k != "all" && !strings.Contains(c.name, k) {
			continue
		}
		fmt.Printf("%-32s\n", c.name)
		for _, r := range []struct {
			name  string
			learn func([]*sdoc) *Model
		}{{"full", fullOrder}, {"sampled", sampled}} {
			if r.name == "full" && os.Getenv("FULL") == "" {
				continue
			}
			for seed := range seeds {
				p := newPress(uint64(seed))
				c.make(p)
				docs := readDocs(p.shuffled())
				m := learnAll(docs, r.learn)
				fmt.Printf("%-28s %-8s %v  site %v\n", "", r.name, score(docs, m), lens(m))
			}
		}
	}
}

func lens(m map[string]*Model) []int {
	var n []int
	for _, v := range m {
		n = append(n, v.Len())
	}
	slices.Sort(n)
	if len(n) > 10 {
		n = n[len(n)-10:]
	}
	return n
}

var studyCorpora = []struct {
	name string
	make func(*press)
}{
	{"wall 150+700", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		wall := p.words(270)
		for range 150 {
			p.print("s", p.article(), p.words(40), wall)
		}
	}},
	{"wall 150+700 nav", func(p *press) {
		nav := p.words(60)
		wall := p.words(270)
		for range 400 {
			p.print("s", p.article(), nav, p.words(120+p.r.IntN(280)))
		}
		for range 150 {
			p.print("s", p.article(), nav, p.words(40), wall)
		}
	}},
	{"wall 10+700", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		wall := p.words(270)
		for range 10 {
			p.print("s", p.article(), p.words(40), wall)
		}
	}},
	{"wall 10 alone", func(p *press) {
		wall := p.words(270)
		for range 10 {
			p.print("s", p.article(), p.words(40), wall)
		}
	}},
	{"wall 10 alone 25 words", func(p *press) {
		wall := p.words(270)
		for range 10 {
			p.print("s", p.article(), p.words(25), wall)
		}
	}},
	{"wall 150 5 snapshots, date", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		wall := p.words(270)
		for range 60 {
			a := p.article()
			te := p.words(40)
			for range 5 {
				p.print("s", a, p.words(3), te, wall)
			}
		}
	}},
	{"wall 150 5 snapshots", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		wall := p.words(270)
		for range 60 {
			a := p.article()
			te := p.words(40)
			for range 5 {
				p.print("s", a, te, wall, p.words(3))
			}
		}
	}},
	{"wall 150 labelled(6)", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		wall, label := p.words(270), p.words(6)
		for range 150 {
			p.print("s", p.article(), label, p.words(40), wall)
		}
	}},
	{"wall 50 labelled(6)", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		wall, label := p.words(270), p.words(6)
		for range 50 {
			p.print("s", p.article(), label, p.words(40), wall)
		}
	}},
	{"notices 60", func(p *press) {
		form := p.words(200)
		for range 60 {
			p.print("s", p.article(), p.edited(form, 8))
		}
	}},
	{"copies 500 one edit", func(p *press) {
		a, st := p.article(), p.words(250)
		for range 300 {
			p.print("s", a, p.edited(st, 1))
		}
	}},
	{"copies 500 one edit +700", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		a, st := p.article(), p.words(250)
		for range 300 {
			p.print("s", a, p.edited(st, 1))
		}
	}},
	{"copies 500 3 edits", func(p *press) {
		a, st := p.article(), p.words(250)
		for range 300 {
			p.print("s", a, p.edited(st, 3))
		}
	}},
	{"copies 500 10 edits(3%)", func(p *press) {
		a, st := p.article(), p.words(330)
		for range 300 {
			p.print("s", a, p.edited(st, 10))
		}
	}},
	{"copies 500 new title 8w", func(p *press) {
		a, st := p.article(), p.words(250)
		for range 300 {
			p.print("s", a, p.words(8), st)
		}
	}},
	{"copies 500 new title 12w", func(p *press) {
		a, st := p.article(), p.words(250)
		for range 300 {
			p.print("s", a, p.words(12), st)
		}
	}},
	{"copies 500 new para end", func(p *press) {
		a, ti, st := p.article(), p.words(8), p.words(250)
		for range 300 {
			p.print("s", a, ti, st, p.words(40))
		}
	}},
	{"copies 500 para end +700", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		a, ti, st := p.article(), p.words(8), p.words(250)
		for range 300 {
			p.print("s", a, ti, st, p.words(40))
		}
	}},
	{"copies 500 para +2000", func(p *press) {
		for range 2000 {
			p.print("s", p.article(), p.words(50))
		}
		a, ti, st := p.article(), p.words(8), p.words(250)
		for range 300 {
			p.print("s", a, ti, st, p.words(40))
		}
	}},
	{"copies 60 para anywhere +700", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		a, ti, st := p.article(), p.words(8), p.words(250)
		for range 60 {
			k := p.r.IntN(250)
			p.print("s", a, ti, st[:k], p.words(40), st[k:])
		}
	}},
	{"rolling blog 200 +300", func(p *press) {
		p.ordinary("s", 300, 20, 64)
		a, ti, st := p.article(), p.words(8), p.words(100)
		var paras [][]string
		for range 200 {
			paras = append([][]string{p.words(40)}, paras...)
			p.print("s", a, ti, slices.Concat(paras[:min(8, len(paras))]...), st)
		}
	}},
	{"six stories x10", func(p *press) {
		footer := p.words(64)
		sixStories(p, nil, footer)
		for range 120 {
			p.print("s", p.article(), p.words(120), footer)
		}
	}},
	{"six stories x10 nav", func(p *press) {
		footer, nav := p.words(64), p.words(50)
		sixStories(p, nav, footer)
		for range 120 {
			p.print("s", p.article(), nav, p.words(120), footer)
		}
	}},
	{"menus 60", func(p *press) {
		menu, note := p.words(150), p.words(100)
		for range 60 {
			p.print("s", p.article(), menu, p.words([]int{20, 35, 60}[p.r.IntN(3)]), note, menu[:40])
		}
	}},
	{"menus 60 20w", func(p *press) {
		menu, note := p.words(150), p.words(100)
		for range 60 {
			p.print("s", p.article(), menu, p.words(20), note, menu[:40])
		}
	}},
	{"syndicated 30 on 10 sites", func(p *press) {
		var nav, wall [][]string
		for range 10 {
			nav, wall = append(nav, p.words(150)), append(wall, p.words(150))
		}
		for range 30 {
			a, st := p.article(), p.words(150+p.r.IntN(200))
			for s := range 10 {
				p.print(fmt.Sprint("s", s), a, nav[s], p.edited(st, 2), wall[s])
			}
		}
	}},
	{"laws 100 x3 versions", func(p *press) {
		head, tail := p.words(60), p.words(300)
		for range 100 {
			a, ti, body := p.article(), p.words(10), p.words(100+p.r.IntN(300))
			for range 3 {
				p.print("s", a, head, ti, p.edited(body, 5), tail)
			}
		}
	}},
	{"cookie items 30, 20w", func(p *press) {
		c := p.words(100)
		for range 30 {
			p.print("s", p.article(), c, p.words(15+p.r.IntN(10)))
		}
	}},
	{"top notice 30 of 400", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		c := p.words(100)
		for range 30 {
			p.print("s", p.article(), c, p.words(25+p.r.IntN(20)))
		}
	}},
	{"sentence replaced anywhere 300", func(p *press) {
		a, ti, st := p.article(), p.words(8), p.words(250)
		for range 300 {
			k := p.r.IntN(230)
			p.print("s", a, ti, st[:k], p.words(15+p.r.IntN(10)), st[k+20:])
		}
	}},
	{"sentence replaced anywhere 12", func(p *press) {
		a, ti, st := p.article(), p.words(8), p.words(250)
		for range 12 {
			k := p.r.IntN(230)
			p.print("s", a, ti, st[:k], p.words(15+p.r.IntN(10)), st[k+20:])
		}
	}},
	{"para at 6 boundaries 300", func(p *press) {
		a, ti, st := p.article(), p.words(8), p.words(250)
		for range 300 {
			k := 50 * p.r.IntN(6)
			p.print("s", a, ti, st[:k], p.words(40), st[k:])
		}
	}},
	{"para at 4 boundaries 300", func(p *press) {
		a, ti, st := p.article(), p.words(8), p.words(150)
		for range 300 {
			k := 50 * p.r.IntN(4)
			p.print("s", a, ti, st[:k], p.words(40), st[k:])
		}
	}},
	{"blog grows at end 300", func(p *press) {
		a, all := p.article(), p.words(200)
		for range 300 {
			all = append(all, p.words(20)...)
			p.print("s", a, all)
		}
	}},
	{"blog grows at top 300", func(p *press) {
		a, ti, st := p.article(), p.words(8), p.words(200)
		for range 300 {
			st = slices.Concat(p.words(20), st)
			p.print("s", a, ti, st)
		}
	}},
	{"snapshots 40, sidebar", func(p *press) {
		p.ordinary("s", 100, 20, 64)
		a, nav, st := p.article(), p.words(60), p.words(300)
		var side [][]string
		for range 40 {
			side = append([][]string{p.words(7), p.words(8)}, side...)
			side = side[:min(len(side), 10)]
			p.print("s", a, nav, st, slices.Concat(side...))
		}
	}},
	{"wall variable bits", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		wall := p.words(270)
		for range 100 {
			p.print("s", p.article(), p.words(40), p.edited(wall, 4))
		}
	}},
	{"wall, headlines around", func(p *press) {
		nav, wall := p.words(40), p.words(270)
		var heads [][]string
		for range 200 {
			heads = append(heads, p.words(8))
		}
		for i := range 100 {
			p.print("s", p.article(), nav, slices.Concat(heads[i/2:i/2+6]...), p.words(40), slices.Concat(heads[i/2+50:i/2+56]...), wall)
		}
	}},
	{"wall, teaser 20 words", func(p *press) {
		p.ordinary("s", 400, 20, 64)
		wall := p.words(270)
		for range 100 {
			p.print("s", p.article(), p.words(20), wall)
		}
	}},
	{"nav 500, items 20 words", func(p *press) {
		nav := p.words(500)
		for range 60 {
			p.print("s", p.article(), nav, p.words(20))
		}
	}},
	{"nav 500, items 25 words", func(p *press) {
		nav := p.words(500)
		for range 60 {
			p.print("s", p.article(), nav, p.words(25))
		}
	}},
	{"stubs 100 among articles 60", func(p *press) {
		nav, foot := p.words(60), p.words(100)
		for range 60 {
			p.print("s", p.article(), nav, p.words(150), foot)
		}
		for range 100 {
			p.print("s", p.article(), nav, p.words(8), foot)
		}
	}},
	{"stubs 300 among articles 60", func(p *press) {
		nav, foot := p.words(60), p.words(100)
		for range 60 {
			p.print("s", p.article(), nav, p.words(150), foot)
		}
		for range 300 {
			p.print("s", p.article(), nav, p.words(8), foot)
		}
	}},
	{"video stubs 30 alone", func(p *press) {
		nav, foot := p.words(20), p.words(70)
		for range 30 {
			p.print("s", p.article(), nav, p.words(8), foot)
		}
	}},
	{"siblings 100 + 3, one wall", func(p *press) {
		wall := p.words(270)
		for range 100 {
			p.print("s", p.article(), p.words(40), wall)
		}
		for range 3 {
			p.print("t", p.article(), p.words(40), wall)
		}
	}},
	{"erased story on another site", func(p *press) {
		fa, fb := p.words(64), p.words(64)
		p.ordinary("s", 100, 20, 64)
		p.ordinary("t", 100, 20, 64)
		for range 6 {
			a, st := p.article(), p.words(250)
			for range 10 {
				p.print("s", a, p.words(8), st, p.words(40), fa)
			}
			p.print("t", a, p.words(8), st, p.words(40), fb)
		}
	}},
	{"long texts 3000, wall", func(p *press) {
		head, wall := p.words(300), p.words(2500)
		for range 30 {
			p.print("s", p.article(), head, p.words(300), wall)
		}
	}},
	{"cookie items 30, 30w end", func(p *press) {
		c := p.words(100)
		for range 30 {
			p.print("s", p.article(), p.words(25+p.r.IntN(10)), c)
		}
	}},
}

func sixStories(p *press, nav, footer []string) {
	for s := range 6 {
		a, t, st := p.article(), p.words(8), p.words(240)
		var paras [][]string
		for range 10 {
			paras = append(paras, p.words(40))
		}
		for k := range 10 {
			var w [][]string
			switch s {
			case 0:
				w = [][]string{t, paras[k], st}
			case 1:
				w = [][]string{t, st[:120], paras[k], st[120:]}
			case 2:
				w = [][]string{t, st, paras[k]}
			case 3:
				w = append([][]string{t, st}, paras[:k+1]...)
			case 4:
				w = [][]string{t}
				for i := k; i >= 0; i-- {
					w = append(w, paras[i])
				}
				w = append(w, st)
			case 5:
				w = [][]string{p.words(8), st, paras[k]}
			}
			p.print("s", a, nav, slices.Concat(w...), footer)
		}
	}
}
