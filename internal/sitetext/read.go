package sitetext

import (
	"cmp"
	"slices"
)

// A feature is a sampled feature of a text.
type feature struct {
	at    int // place
	texts int // that have it
	value uint32
}

// A passage is a text's own.
type passage struct {
	rarity  int        // of its features, each is in at most so many texts
	anchors [2]feature // what stands before and after it and is in many texts; none: texts is 0
}

// A reader reads the sampled features of a text.
type reader struct {
	sample   []uint32
	features []feature // of the body, in text order
	slack    int       // places that two features may be closer than they seem
	window   []int
}

// read reads the text that has these values and this skeleton. It returns false if they do not belong together.
func (r *reader) read(values []uint32, skeleton []byte, c *counts) bool {
	if len(skeleton) < headLen {
		return false
	}
	head := skeleton[0]
	rate, shift := head>>4&3, head&15
	mask := uint32(1)<<rate - 1
	r.sample = r.sample[:0]
	for _, v := range values {
		if v&mask == 0 {
			r.sample = append(r.sample, v)
		}
	}
	slices.Sort(r.sample)
	size := 1
	if head&wideBit != 0 {
		size = 2
	}
	p := skeleton[headLen:]
	if len(p) != size*len(r.sample) {
		return false
	}
	r.features = r.features[:0]
	for i, v := range r.sample {
		at := int(p[i*size])
		if size == 2 {
			at |= int(p[i*size+1]) << 8
		}
		if size == 1 && at == noPlace8 || size == 2 && at == noPlace16 {
			continue
		}
		r.features = append(r.features, feature{at: at << shift, texts: c.texts(v), value: v})
	}
	r.slack = 1<<shift - 1
	slices.SortFunc(r.features, func(a, b feature) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.texts, a.texts), cmp.Compare(a.value, b.value))
	})
	return true
}

// spans reports whether features i to j are n or more, over span places or more.
func (r *reader) spans(i, j, n, span int) bool {
	return j-i+1 >= n && r.features[j].at-r.features[i].at-r.slack >= span
}

// findPassage finds the rarest passage, the first of several.
func (r *reader) findPassage(noise int) (passage, bool) {
	best := rarityMost + noise + 1
	from, to := 0, 0
	r.window = r.window[:0] // from head on: the features of a window that no later one exceeds, so the first is the maximum
	head, start := 0, 0
	for j, f := range r.features {
		for len(r.window) > head && r.features[r.window[len(r.window)-1]].texts <= f.texts {
			r.window = r.window[:len(r.window)-1]
		}
		r.window = append(r.window, j)
		for r.spans(start+1, j, passageMin, passageSpan) {
			start++
			if r.window[head] < start {
				head++
			}
		}
		if m := r.features[r.window[head]].texts; m < best && r.spans(start, j, passageMin, passageSpan) {
			best, from, to = m, start, j
		}
	}
	if best > rarityMost+noise {
		return passage{}, false
	}
	p := passage{rarity: max(1, best-noise)}
	many := rarer*p.rarity + noise
	for i := from - 1; i >= 0; i-- {
		if r.features[i].texts >= many {
			p.anchors[0] = r.features[i]
			break
		}
	}
	for i := to + 1; i < len(r.features); i++ {
		if r.features[i].texts >= many {
			p.anchors[1] = r.features[i]
			break
		}
	}
	return p, p.anchors[0].texts > 0 || p.anchors[1].texts > 0
}

// findOpening returns the first feature of the first stretch in which all features are in about as many texts.
func (r *reader) findOpening(limit int) (uint32, bool) {
	start := 0
	low, high := 0, 0
	for j, f := range r.features {
		if f.texts > limit {
			start = j + 1
			continue
		}
		if j == start {
			low, high = f.texts, f.texts
		} else {
			low, high = min(low, f.texts), max(high, f.texts)
			for high > 2*low {
				start++
				low, high = f.texts, f.texts
				for _, g := range r.features[start:j] {
					low, high = min(low, g.texts), max(high, g.texts)
				}
			}
		}
		if r.spans(start, j, openMin, openSpan) {
			return r.features[start].value, true
		}
	}
	return 0, false
}
