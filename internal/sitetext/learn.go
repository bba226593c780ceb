package sitetext

import (
	"cmp"
	"slices"
)

// Constants of the rule, see the package comment. The tests show what other values do.
var (
	minTexts    = 6  // distinct texts of a source from which on anything is learnt
	minOpenings = 6  // openings that a feature of the site is found behind
	rarer       = 6  // times that a text's own passage is rarer than a feature that it speaks for
	rarityMost  = 5  // texts that may have a passage of one's own. Fewer than minOpenings: see below
	passageSpan = 16 // places from the first to the last sampled feature of a passage
	looseSpan   = 8
	openSpan    = 8
	openMost    = 10 // texts that may have an opening
	anchorShare = 3  // one in so many
	spreadTexts = 24
	noiseShift  = 23 // features of the source over 2^23 that a value is met by chance, at most: twice the mean over 2^24 values
)

// Texts are the distinct texts of one source.
type Texts interface {
	Len() int
	// AppendSet appends the values of text i, distinct, in any order, with Menu set in those of menus.
	AppendSet(dst []uint32, i int) []uint32
	// Skeleton returns the skeleton of text i. A text without is counted, but no evidence of anything.
	Skeleton(i int) []byte
}

// A Learner learns the text of sites. The zero Learner is ready. It is scratch, for one goroutine, of about a byte for each
// feature of the largest source so far.
type Learner struct {
	texts     counts // that have a sampled value, of those texts in which it would be sampled
	found     counts // of the texts that are looked at in full
	reader    reader
	values    []uint32
	samples   []uint32 // of all texts, one after the other
	witnesses []witness
	anchors   []uint32
}

// A witness is a text with a passage of its own.
type witness struct {
	passage
	opening  uint32
	digest   uint64 // of the set
	index    int
	size     int // of the set
	from, to int // in samples
}

// Learn returns the text of the site that t comes from, nil if there is none. It depends on the set of texts only, not on
// their order. It takes O(n) time for n features in all texts, 5 to 15 ns each.
func (l *Learner) Learn(t Texts) *Model {
	if t.Len() < minTexts {
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
	return newModel(l.spread(t, minOpenings+noise))
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

// testify keeps one witness for each opening, of the texts that have a passage of their own where texts of the source
// have one.
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
		return cmp.Or(cmp.Compare(a.opening, b.opening), cmp.Compare(a.rarity, b.rarity), cmp.Compare(a.digest, b.digest))
	})
	l.witnesses = slices.CompactFunc(kept, func(a, b witness) bool { return a.opening == b.opening })
}

// anchored reports whether a passage stands where passages stand.
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

// spread returns all features of the site, from those of the sample that are behind enough openings. Some twenty texts with each
// of these are enough to find what stands around them.
func (l *Learner) spread(t Texts, enough int) []uint32 {
	l.found.reset(len(l.samples))
	features := 0
	kept := l.witnesses[:0]
	for _, w := range l.witnesses {
		sample := l.samples[w.from:w.to]
		if slices.ContainsFunc(sample, func(v uint32) bool { return l.texts.of(v) >= enough && l.found.of(v) < spreadTexts }) {
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
