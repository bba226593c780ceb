// Package corpus makes articles for the tests of the examples: sentences of invented words, copied, edited and quoted as a
// wire story is from site to site. The same number of articles and seed give the same articles everywhere.
package corpus

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
)

// Articles returns n articles. Three in four are stories of their own. Of the others most are copies of one of them, with
// sentences dropped, added or exchanged: from none, a literal copy, to about half; some are excerpts, and some are roundups, in
// which a story stands among other sentences.
func Articles(n int, seed uint64) []neardup.Article {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	words := vocabulary(r, 4000)
	start := time.Date(2026, time.January, 1, 6, 0, 0, 0, time.UTC)
	var stories [][]string
	articles := make([]neardup.Article, n)
	for i := range articles {
		var story []string
		if len(stories) == 0 || r.IntN(4) > 0 {
			story = make([]string, 12+r.IntN(20))
			for j := range story {
				story[j] = sentence(r, words)
			}
			stories = append(stories, story)
		} else {
			story = stories[r.IntN(len(stories))]
			switch r.IntN(8) {
			case 0:
				story = excerpt(r, story)
			case 1:
				story = roundup(r, story, words)
			default:
				story = edit(r, story, words)
			}
		}
		articles[i] = neardup.Article{
			ID:     fmt.Sprintf("a%06d", i),
			Text:   text(story),
			Source: fmt.Sprintf("site%d", r.IntN(8)),
			Time:   start.Add(time.Duration(i) * time.Minute),
		}
	}
	return articles
}

// edit returns a copy in which each sentence is dropped, exchanged or followed by a new one with a probability that is
// drawn once for the copy.
func edit(r *rand.Rand, story, words []string) []string {
	p := r.Float64() * 0.5
	if r.IntN(4) == 0 {
		p = 0
	}
	var out []string
	for _, s := range story {
		switch {
		case r.Float64() >= p:
			out = append(out, s)
		case r.IntN(3) == 0:
			out = append(out, s, sentence(r, words))
		case r.IntN(2) == 0:
			out = append(out, sentence(r, words))
		}
	}
	return out
}

// excerpt returns some sentences in a row, four at least.
func excerpt(r *rand.Rand, story []string) []string {
	n := 4 + r.IntN(len(story)-4)
	from := r.IntN(len(story) - n + 1)
	return story[from : from+n]
}

// roundup returns the story among others, all together two to four times as long.
func roundup(r *rand.Rand, story, words []string) []string {
	var out []string
	at := r.IntN(len(story))
	for range len(story) * (1 + r.IntN(3)) {
		if len(out) == at {
			out = append(out, story...)
		}
		out = append(out, sentence(r, words))
	}
	return out
}

// text joins sentences to paragraphs of about three.
func text(story []string) string {
	var b strings.Builder
	for i, s := range story {
		if i > 0 && i%3 == 0 {
			b.WriteString("\n\n")
		} else if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	return b.String()
}

// sentence returns a sentence of invented nouns, verbs and adjectives between real function words, which is what the
// prose view goes by.
func sentence(r *rand.Rand, words []string) string {
	w := func() string {
		x := r.Float64()
		return words[int(x*x*float64(len(words)))]
	}
	s := ""
	switch r.IntN(4) {
	case 0:
		s = fmt.Sprintf("the %s of %s said that it would %s the %s for a %s.", w(), w(), w(), w(), w())
	case 1:
		s = fmt.Sprintf("in the %s there were %d %s, and most of them had not been %s since the %s.", w(), 2+r.IntN(900), w(), w(), w())
	case 2:
		s = fmt.Sprintf("after a %s %s, they have to %s with the %s or leave it to the %s.", w(), w(), w(), w(), w())
	case 3:
		s = fmt.Sprintf("it is not the %s that %s the %s, but the %s which was at the %s before.", w(), w(), w(), w(), w())
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func vocabulary(r *rand.Rand, n int) []string {
	const onset, nucleus = "bcdfghjklmnprstvwz", "aeiou"
	words := make([]string, n)
	for i := range words {
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteByte(onset[r.IntN(len(onset))])
			b.WriteByte(nucleus[r.IntN(len(nucleus))])
		}
		words[i] = b.String()
	}
	return words
}

// Files returns the articles in the .txt, .jsonl and .jsonl.gz files of a folder, in lexical order.
func Files(dir string) (all []neardup.Article, err error) {
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		id, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		id = filepath.ToSlash(id)
		switch {
		case strings.HasSuffix(name, ".txt"):
			text, err := io.ReadAll(f)
			all = append(all, neardup.Article{ID: id, Text: string(text), Source: path.Dir(id)})
			return err
		case strings.HasSuffix(name, ".jsonl.gz"):
			z, err := gzip.NewReader(f)
			if err != nil {
				return err
			}
			return lines(z, &all)
		case strings.HasSuffix(name, ".jsonl"):
			return lines(f, &all)
		}
		return nil
	})
	return all, err
}

func lines(r io.Reader, all *[]neardup.Article) error {
	b := bufio.NewReader(r)
	for {
		line, err := articles.ReadLine(b, nil, 1<<20)
		if strings.TrimSpace(string(line)) != "" {
			a, err := articles.Decode(line)
			if err != nil {
				return err
			}
			*all = append(*all, a)
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
