package sitetext

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// A page is a text of a corpus: pages of one article are to be found the same, others are not.
type page struct {
	source  string
	article string
	text    string
}

// A press writes pages, of words that nobody else writes.
type press struct {
	r     *rand.Rand
	pages []page
	n     int
}

func newPress(seed uint64) *press { return &press{r: rand.New(rand.NewPCG(1, seed))} }

// words returns n words.
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

func (p *press) article() string {
	p.n++
	return fmt.Sprint("a", p.n)
}

func (p *press) print(source, article string, parts ...[]string) {
	p.pages = append(p.pages, page{source, article, strings.Join(slices.Concat(parts...), " ")})
}

// edited returns words with n of them replaced.
func (p *press) edited(words []string, n int) []string {
	out := slices.Clone(words)
	for range n {
		out[p.r.IntN(len(out))] = p.words(1)[0] + "x"
	}
	return out
}

func (p *press) shuffled() []page {
	p.r.Shuffle(len(p.pages), func(i, j int) { p.pages[i], p.pages[j] = p.pages[j], p.pages[i] })
	return p.pages
}

// ordinary prints n articles of 120 to 400 words with a menu above and a footer below.
func (p *press) ordinary(source string, n, menu, footer int) {
	m, f := p.words(menu), p.words(footer)
	for range n {
		p.print(source, p.article(), m, p.words(120+p.r.IntN(280)), f)
	}
}
