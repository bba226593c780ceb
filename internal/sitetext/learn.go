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
	passageMin  = 3  // sampled features of a passage
	openSpan    = 8
	openMin     = 2
	openMost    = 10 // texts that may have an opening
	anchorShare = 3  // one in so many
	noiseShift  = 23 // features of the source over 2^23 that a value is met by chance, at most: twice the mean over 2^24 values
)

// Texts are the distinct texts of one source.
type Texts interface {
	Len() int
	// AppendSet appends the values of text i, distinct, in any order.
	AppendSet(dst []uint32, i int) []uint32
	// Skeleton returns the skeleton of text i. A text without is counted, but no evidence of anything.
	Skeleton(i int) []byte
}

// A Learner learns the text of sites. The zero Learner is ready. It is scratch, for one goroutine, of some 36 MiB
// after a large source and 12 bytes a feature after a small one.
type Learner struct {
	counts counts
	reader
	values  []uint32
	texts   []witness
	anchors []uint32
	site    []uint32
}

// A witness is what is known of a text before its features are counted.
type witness struct {
	passage
	opening uint32
	digest  uint64
	index   int
}

// Learn returns the text of the site that t comes from, nil if there is none. It depends on the set of texts only, not on
// their order. It takes some 10 to 20 ns a feature.
func (l *Learner) Learn(t Texts) *Model {
	if t.Len() < minTexts {
		return nil
	}
	features := l.count(t)
	noise := features >> noiseShift
	enough := minOpenings + noise
	if enough > fullOpenings {
		return nil
	}
	l.witness(t, noise)
	if len(l.texts) < minOpenings {
		return nil
	}
	l.site = l.site[:0]
	for _, w := range l.texts {
		l.values = t.AppendSet(l.values[:0], w.index)
		l.site = l.counts.addOpening(l.site, l.values, rarer*w.rarity+noise, enough)
	}
	return newModel(l.site)
}

// count counts the texts that have each feature, and returns the sum over all texts.
func (l *Learner) count(t Texts) (features int) {
	l.counts.reset()
	for i := range t.Len() {
		l.values = t.AppendSet(l.values[:0], i)
		l.counts.addText(l.values)
		features += len(l.values)
	}
	return features
}

// witness sets l.texts to one text for each opening.
func (l *Learner) witness(t Texts, noise int) {
	l.texts, l.anchors = l.texts[:0], l.anchors[:0]
	for i := range t.Len() {
		l.values = t.AppendSet(l.values[:0], i)
		if !l.read(l.values, t.Skeleton(i), &l.counts) {
			continue
		}
		p, ok := l.findPassage(noise)
		if !ok {
			continue
		}
		for _, a := range p.anchors {
			if a.texts > 0 {
				l.anchors = append(l.anchors, a.value)
			}
		}
		w := witness{passage: p, index: i}
		if w.opening, ok = l.findOpening(openMost + noise); !ok {
			continue
		}
		for _, v := range l.values {
			w.digest += uint64(v) * uint64(v)
		}
		l.texts = append(l.texts, w)
	}
	slices.Sort(l.anchors)
	l.texts = slices.DeleteFunc(l.texts, func(w witness) bool { return !l.anchored(w.anchors[0]) && !l.anchored(w.anchors[1]) })
	slices.SortFunc(l.texts, func(a, b witness) int {
		return cmp.Or(cmp.Compare(a.opening, b.opening), cmp.Compare(a.rarity, b.rarity), cmp.Compare(a.digest, b.digest))
	})
	l.texts = slices.CompactFunc(l.texts, func(a, b witness) bool { return a.opening == b.opening })
}

// anchored reports whether a passage stands where passages stand.
func (l *Learner) anchored(a feature) bool {
	if a.texts == 0 {
		return false
	}
	i, _ := slices.BinarySearch(l.anchors, a.value)
	j, _ := slices.BinarySearch(l.anchors, a.value+1)
	return (j-i)*anchorShare >= a.texts
}
