package neardup

import (
	"regexp"
	"strings"
	"sync"

	"github.com/neardup/neardup/internal/featureset"
	"github.com/neardup/neardup/internal/sitetext"
	"github.com/neardup/neardup/shingle"
)

// maxShown is how many words, numbers or lines of a text are named.
const maxShown = 20

// written finds words and numbers as they are written. The groups of three digits of a number are one match.
var written = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\p{Nd}{1,3}(?:[,.'’\x{a0}\x{2009}\x{202f}٬，]\p{Nd}{3})+|[\p{L}\p{N}\p{M}]+`)
})

// show names the words and numbers of each of two texts that the other does not have, and the lines that are their sites'.
func (c *Comparison) show(r *Reader, texts [2]string, sites sitetext.Pair) {
	var flags [2]map[uint64]shingle.WordFlags
	for i, text := range texts {
		r.shingler.Read(&r.reading, text)
		flags[i] = make(map[uint64]shingle.WordFlags, len(r.reading.Words))
		for j, h := range r.reading.Words {
			flags[i][h] |= r.reading.WordFlags[j]
		}
	}
	if r.limits.words && c.Shared > 0 {
		c.A.showWords(r, texts[0], flags[0], flags[1])
		c.B.showWords(r, texts[1], flags[1], flags[0])
	}
	if c.A.Site > 0 {
		c.A.showSite(r, texts[0], sites.DropsA)
	}
	if c.B.Site > 0 {
		c.B.showSite(r, texts[1], sites.DropsB)
	}
}

func (s *Side) showWords(r *Reader, text string, own, other map[uint64]shingle.WordFlags) {
	for _, at := range written().FindAllStringIndex(text, -1) {
		if len(s.NewWords) == maxShown && len(s.NewNumbers) == maxShown {
			return
		}
		match := text[at[0]:at[1]]
		r.shingler.Read(&r.reading, match)
		letters := []rune(match) // where each is a word: Chinese
		single := len(letters) > 1 && len(letters) == len(r.reading.Words)
		for i, h := range r.reading.Words {
			if single {
				match = string(letters[i])
			}
			f, ok := own[h]
			if _, both := other[h]; both || !ok {
				continue
			}
			delete(own, h) // each is named once
			switch {
			case f&shingle.WordNumber != 0 && len(s.NewNumbers) < maxShown:
				s.NewNumbers = append(s.NewNumbers, match)
			case f&(shingle.WordNumber|shingle.WordInProse) == shingle.WordInProse && len(s.NewWords) < maxShown:
				s.NewWords = append(s.NewWords, match)
			default:
				continue
			}
			if !single {
				break
			}
		}
	}
}

func (s *Side) showSite(r *Reader, text string, drops func(uint32) bool) {
	for line := range strings.Lines(text) {
		if len(s.SiteLines) == maxShown {
			return
		}
		r.shingler.Read(&r.reading, line)
		site := 0
		for _, f := range r.reading.Features {
			if drops(featureset.Value(f+r.seed, featureBits)) {
				site++
			}
		}
		if 2*site > len(r.reading.Features) {
			s.SiteLines = append(s.SiteLines, strings.TrimSpace(line))
		}
	}
}

// against names what a reason is about, or returns "".
func (c *Comparison) against() string {
	var a, b []string
	switch c.Reason {
	case OtherNumbers:
		a, b = c.A.NewNumbers, c.B.NewNumbers
	case OtherWords:
		a, b = c.A.NewWords, c.B.NewWords
	}
	if len(a) == 0 || len(b) == 0 {
		return ""
	}
	return " (" + few(a) + " against " + few(b) + ")"
}

// few lists a few words.
func few(words []string) string {
	const most = 5
	if len(words) > most {
		return strings.Join(words[:most], ", ") + ", …"
	}
	return strings.Join(words, ", ")
}
