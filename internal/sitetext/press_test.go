package sitetext

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/neardup/neardup/shingle"
)

// A page is a text of a corpus: pages of one article are to be found the same, others are not.
type page struct {
	source, article string
	key             string   // the text
	order           []uint32 // values in text order
	set             []uint32 // ascending, with Menu
	skeleton        []byte
}

// A press prints pages, in words that nobody else prints.
type press struct {
	r        *rand.Rand
	w        Writer
	pages    []*page
	articles int
}

func newPress(seed uint64) *press { return &press{r: rand.New(rand.NewPCG(1, seed))} }

func (p *press) words(n int) []string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	out := make([]string, n)
	for i := range out {
		var b strings.Builder
		for range 2 + p.r.IntN(2) {
			b.WriteByte(consonants[p.r.IntN(len(consonants))])
			b.WriteByte(vowels[p.r.IntN(len(vowels))])
		}
		out[i] = b.String()
	}
	return out
}

// between returns from min to max words.
func (p *press) between(min, max int) []string { return p.words(min + p.r.IntN(max-min+1)) }

// menu returns words of a menu.
func (p *press) menu(n int) []string {
	out := p.words(n)
	for i := range out {
		out[i] = "menu" + out[i]
	}
	return out
}

// edited returns words with n of them replaced.
func (p *press) edited(words []string, n int) []string {
	out := slices.Clone(words)
	for range n {
		out[p.r.IntN(len(out))] = p.words(1)[0] + "x"
	}
	return out
}

func (p *press) article() string {
	p.articles++
	return fmt.Sprint("article ", p.articles)
}

// print prints a page of these parts.
func (p *press) print(source, article string, parts ...[]string) {
	const w = 5
	words := slices.Concat(parts...)
	g := &page{source: source, article: article, key: strings.Join(words, " ")}
	for i, f := range shingle.AppendWords(nil, g.key, w) {
		v := uint32(f >> 40)
		g.order = append(g.order, v)
		if !slices.ContainsFunc(words[i:min(i+w, len(words))], func(s string) bool { return !strings.HasPrefix(s, "menu") }) {
			v |= Menu
		}
		g.set = append(g.set, v)
	}
	g.skeleton = p.w.AppendSkeleton(nil, g.order)
	slices.SortFunc(g.set, func(a, b uint32) int { return int(a%universe) - int(b%universe) })
	g.set = slices.CompactFunc(g.set, func(a, b uint32) bool { return a%universe == b%universe })
	p.pages = append(p.pages, g)
}

// articlesOf prints n ordinary articles between a head and a foot.
func (p *press) articlesOf(source string, n int, head, foot []string) {
	for range n {
		p.print(source, p.article(), head, p.between(120, 400), foot)
	}
}

// pile is pages as Texts.
type pile []*page

func (t pile) Len() int                               { return len(t) }
func (t pile) AppendSet(dst []uint32, i int) []uint32 { return append(dst, t[i].set...) }
func (t pile) Skeleton(i int) []byte                  { return t[i].skeleton }

// bySource returns the distinct pages of each source.
func bySource(pages []*page) map[string]pile {
	by := make(map[string]pile)
	seen := make(map[string]bool)
	for _, g := range pages {
		if k := g.source + "\n" + g.key; g.source != "" && !seen[k] {
			seen[k] = true
			by[g.source] = append(by[g.source], g)
		}
	}
	return by
}

// learnAll learns all sources.
func learnAll(pages []*page) map[string]*Model {
	models := make(map[string]*Model)
	var l Learner
	for s, t := range bySource(pages) {
		models[s] = l.Learn(t)
	}
	return models
}

// An outcome counts pairs of pages, judged on what is left of them.
type outcome struct {
	merged int // found the same, of different articles
	missed int // found different, of one article
	empty  int // pages with nothing left
}

// judgeAll judges all pairs of distinct pages: the same if the Jaccard similarity of what counts is
// ≥ .5 or one text has ≥ .75 of the other, 12 features at least.
func judgeAll(pages []*page, models map[string]*Model) (o outcome) {
	const least = 12
	type occurrence struct {
		page int
		site bool
	}
	where := make(map[uint32][]occurrence)
	left := make([]int, len(pages)) // features of a page that count, but for those that depend on the other page
	shared, more, less := make([]int, len(pages)), make([]int, len(pages)), make([]int, len(pages))
	for i, a := range pages {
		clear(shared)
		clear(more)
		clear(less)
		for _, v := range a.set {
			site := models[a.source].Has(v % universe)
			if !site {
				left[i]++
			}
			for _, b := range where[v%universe] {
				switch { // as Pair has it
				case !site && !b.site:
					shared[b.page]++
				case !site:
					more[b.page]++
				case !b.site:
					less[b.page]++
				}
			}
			where[v%universe] = append(where[v%universe], occurrence{i, site})
		}
		if left[i] < least && len(a.set) >= least {
			o.empty++
		}
		for j, b := range pages[:i] {
			na, nb, n := left[i]-more[j], left[j]-less[j], shared[j]
			same := n >= least && (2*n >= na+nb-n || 4*n >= 3*min(na, nb))
			switch {
			case a.key == b.key:
			case same && a.article != b.article:
				o.merged++
			case !same && a.article == b.article:
				o.missed++
			}
		}
	}
	return o
}
