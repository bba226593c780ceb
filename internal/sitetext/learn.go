package sitetext

import (
	"cmp"
	"slices"
)

// The constants of the rule. What they do to a set of corpora was tried; where it says "to", all
// values in between do as well.
const (
	// Openings that a feature of the site is found behind: 4 to 6. With 8, ten walled pages are too
	// few; with 4, a story needs but four new titles and paragraphs to be taken for a form.
	minOpenings = 6
	// Texts that may have a feature of a passage of one's own. With 3, a wall is not found if a
	// source has each page in 5 versions. It must be less than minOpenings: of a story that grows,
	// the last rarityMost versions have a passage of their own, and must not be enough.
	rarityMost = minOpenings - 1
	// Times that a feature must be as frequent as a passage to stand for what surrounds it.
	rarer = 6
	// Places from the first to the last sampled feature of a passage: 12 to 16. With 10, a new
	// title is one; with 20, items of one sentence are none.
	passageSpan = 16
	// The same for a passage that only shows where passages stand: 4 to 8. With 12, many pages
	// without text of their own (videos, pictures) hide the place where the others have it.
	looseSpan = 8
	// Of the texts with a feature, one in so many must have a passage beside it. With 2, pages
	// without text of their own hide the place, as above; with 4, a story may not come with a new
	// paragraph at any of four places.
	anchorShare = 3
	// Texts that may have an opening: versions of a story that may come with a new paragraph, and
	// pages under a notice that may not be found.
	openMost = 10
	// Places of an opening. A label above a title has fewer.
	openSpan = 8
	// Texts with a sampled feature of the site that are looked at in full. minOpenings would do for
	// a wall that is always the same; this finds what stands in a third of the walls.
	spreadTexts = 24
	// Features of a source over 2^24 are the mean number of texts that a value is in by chance,
	// since features that are cut collide. Twice that is added to what a feature must have, or may.
	noiseShift = width - 1
)

// Texts are the distinct texts of one source.
type Texts interface {
	Len() int
	// AppendSet appends the values of text i, distinct, in any order, with Menu set in those of
	// menus.
	AppendSet(dst []uint32, i int) []uint32
	// Skeleton returns the skeleton of text i. A text without one is left out.
	Skeleton(i int) []byte
}

// A Learner learns the text of sites. The zero Learner is ready. It is scratch, for one goroutine:
// at most 32 MiB and a byte for each feature of the largest source so far.
type Learner struct {
	texts     counts // that have a value, of the texts in which it is sampled
	found     counts // of the texts that are looked at in full
	reader    reader
	values    []uint32
	samples   []uint32 // of all texts, one after the other
	witnesses []witness
	anchors   []uint32 // of all passages, ascending
}

// A witness is a text that may have a passage of its own.
type witness struct {
	passage
	opening  uint32
	digest   uint64 // of the set
	index    int
	size     int // of the set
	from, to int // its sample in samples
}

// Learn returns the text of the site that t comes from, nil if there is none, as for fewer than 6
// texts. It depends on the set of texts only, not on their order. Each set is read once or twice.
// It takes O(n) time for n features in all texts, some 10 ns each.
func (l *Learner) Learn(t Texts) *Model {
	if t.Len() < minOpenings {
		return nil
	}
	l.samples, l.witnesses = l.samples[:0], l.witnesses[:0]
	features := 0
	for i := range t.Len() {
		features += l.sample(t, i)
	}
	l.count()
	noise := features >> noiseShift
	l.testify(t, noise)
	if len(l.witnesses) < minOpenings {
		return nil
	}
	l.count() // openings, from here on
	return NewModel(l.spread(t, minOpenings+noise))
}

// count counts the witnesses that have each sampled value.
func (l *Learner) count() {
	n := 0
	for _, w := range l.witnesses {
		n += w.to - w.from
	}
	l.texts.reset(n)
	for _, w := range l.witnesses {
		l.texts.add(l.samples[w.from:w.to])
	}
}

// sample takes the sample of text i and returns the number of its features.
func (l *Learner) sample(t Texts, i int) int {
	skeleton := t.Skeleton(i)
	l.values = t.AppendSet(l.values[:0], i)
	w := witness{index: i, from: len(l.samples)}
	l.samples, w.digest = appendSample(l.samples, l.values, skeleton)
	if w.to = len(l.samples); w.to == w.from {
		return 0
	}
	w.size = len(l.values)
	l.witnesses = append(l.witnesses, w)
	return w.size
}

// testify keeps one witness for each opening: of the texts that have a passage of their own where
// texts of this source have one, that with the rarest.
func (l *Learner) testify(t Texts, noise int) {
	l.anchors = l.anchors[:0]
	r := &l.reader
	kept := l.witnesses[:0]
	for _, w := range l.witnesses {
		r.read(l.samples[w.from:w.to], t.Skeleton(w.index), &l.texts)
		var ok bool
		if w.passage, ok = r.findPassage(noise); !ok {
			continue
		}
		for side, n := range w.texts {
			if n > 0 {
				l.anchors = append(l.anchors, w.anchors[side])
			}
		}
		if w.opening, ok = r.findOpening(openMost + noise); !ok || w.rarity == 0 {
			continue
		}
		w.to = w.from
		for _, f := range r.features {
			if f.texts >= minOpenings {
				l.samples[w.to] = f.value // may be found behind so many openings
				w.to++
			}
		}
		kept = append(kept, w)
	}
	slices.Sort(l.anchors)
	kept = slices.DeleteFunc(kept, func(w witness) bool { return !l.anchored(w.passage) })
	slices.SortFunc(kept, func(a, b witness) int {
		return cmp.Or(cmp.Compare(a.opening, b.opening), cmp.Compare(a.rarity, b.rarity),
			cmp.Compare(a.digest, b.digest))
	})
	l.witnesses = slices.CompactFunc(kept, func(a, b witness) bool { return a.opening == b.opening })
}

// anchored reports whether p stands where passages do.
func (l *Learner) anchored(p passage) bool {
	for side, n := range p.texts {
		if n > 0 {
			i, _ := slices.BinarySearch(l.anchors, p.anchors[side])
			j, _ := slices.BinarySearch(l.anchors, p.anchors[side]+1)
			if (j-i)*anchorShare >= n {
				return true
			}
		}
	}
	return false
}

// spread returns all features of the site, given by l.texts those that are sampled.
func (l *Learner) spread(t Texts, enough int) []uint32 {
	l.found.reset(len(l.samples))
	features := 0
	kept := l.witnesses[:0]
	for _, w := range l.witnesses {
		sample := l.samples[w.from:w.to]
		if slices.ContainsFunc(sample, func(v uint32) bool {
			return l.texts.of(v) >= enough && l.found.of(v) < spreadTexts
		}) {
			l.found.add(sample)
			features += w.size
			kept = append(kept, w)
		}
	}
	l.found.reset(features)
	for _, w := range kept {
		l.values = t.AppendSet(l.values[:0], w.index)
		l.found.add(l.values)
	}
	return l.found.appendFrom(l.values[:0], minOpenings+features>>noiseShift)
}
