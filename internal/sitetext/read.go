package sitetext

import (
	"iter"
	"slices"
)

// A feature is a sampled feature of a text.
type feature struct {
	at    int // place
	texts int // that have it
	value uint32
	menu  bool
}

// A passage is the longest part of a text that few other texts of its source have.
type passage struct {
	rarity  int       // passageSpan places of it are such that each feature is in at most so many texts; 0: it is shorter
	anchors [2]uint32 // the features that stand before and after it and are in many texts
	texts   [2]int    // that have the anchors; 0: there is none
}

// A reader reads the sampled features of a text.
type reader struct {
	order    []uint64 // place<<32 | index in the sample
	sorted   []uint64
	features []feature // in text order
	window   []int
}

// appendSample appends those of values that the skeleton has places of, ascending, each with its menu bit. It also returns a
// digest of all values that does not depend on their order. If the two are not of one text it appends nothing.
func appendSample(dst, values []uint32, skeleton []byte) (_ []uint32, digest uint64) {
	if len(skeleton) < headLen {
		return dst, 0
	}
	mask := uint32(1)<<(skeleton[0]>>4&3) - 1
	n := len(dst)
	dst = slices.Grow(dst, len(values))
	sample, k := dst[n:n+len(values)], 0
	for _, v := range values {
		sample[k] = v<<1 | v>>31 // so that the menu bit does not change the order
		k += int((v&mask - 1) >> 31)
		digest += uint64(v%universe) * uint64(v%universe)
	}
	sample = sample[:k]
	size := 1
	if skeleton[0]&wideBit != 0 {
		size = 2
	}
	if len(skeleton)-headLen != size*len(sample) {
		return dst, 0
	}
	slices.Sort(sample)
	for i, v := range sample {
		sample[i] = v>>1 | v<<31
	}
	return dst[:n+k], digest
}

// read reads the text that has this sample and skeleton.
func (r *reader) read(sample []uint32, skeleton []byte, c *counts) {
	shift, p := skeleton[0]&15, skeleton[headLen:]
	r.order, r.sorted = slices.Grow(r.order[:0], len(sample))[:len(sample)], slices.Grow(r.sorted[:0], len(sample))[:len(sample)]
	if len(p) == len(sample) {
		for i := range sample {
			r.order[i] = uint64(p[i])<<32 | uint64(i)
		}
		r.sort(32)
	} else {
		for i := range sample {
			r.order[i] = (uint64(p[2*i])|uint64(p[2*i+1])<<8)<<32 | uint64(i)
		}
		r.sort(32)
		r.sort(40)
	}
	r.features = r.features[:0]
	for _, o := range r.order {
		v := sample[uint32(o)]
		r.features = append(r.features, feature{at: int(o >> 32 << shift), texts: c.of(v), value: v % universe, menu: v&Menu != 0})
	}
}

// sort sorts r.order by the byte that begins at bit from, leaving equal ones in order.
func (r *reader) sort(from int) {
	var ends [257]int
	for _, o := range r.order {
		ends[o>>from&0xFF+1]++
	}
	for i := range 256 {
		ends[i+1] += ends[i]
	}
	for _, o := range r.order {
		n := &ends[o>>from&0xFF]
		r.sorted[*n] = o
		*n++
	}
	r.order, r.sorted = r.sorted, r.order
}

// spans reports whether features i to j stand over span places or more.
func (r *reader) spans(i, j, span int) bool { return r.features[j].at-r.features[i].at >= span }

// findPassage finds the passage of the text, the first of several. It returns false if there is none worth speaking of.
func (r *reader) findPassage(noise int) (passage, bool) {
	const none = -1
	limit := rarityMost + noise
	from, to, start := 0, none, none
	for i, f := range r.features {
		if f.menu || f.texts > limit {
			start = none
			continue
		}
		if start == none {
			start = i
		}
		if to == none || r.features[i].at-r.features[start].at > r.features[to].at-r.features[from].at {
			from, to = start, i
		}
	}
	if to == none || !r.spans(from, to, looseSpan) {
		return passage{}, false
	}
	p := passage{rarity: r.rarity(from, to, noise)}
	many := rarer*max(p.rarity, 1) + noise
	p.anchor(0, many, slices.Backward(r.features[:from]))
	p.anchor(1, many, slices.All(r.features[to+1:]))
	return p, p.texts[0] > 0 || p.texts[1] > 0
}

// anchor sets an anchor to the first of features that are in many texts, preferably not of a menu.
func (p *passage) anchor(side, many int, features iter.Seq2[int, feature]) {
	for _, f := range features {
		if f.texts < many || f.menu && p.texts[side] > 0 {
			continue
		}
		p.anchors[side], p.texts[side] = f.value, f.texts
		if !f.menu {
			return
		}
	}
}

// rarity returns the smallest number such that features in a row over passageSpan places, among those from index from to
// index to, are each in at most so many texts. It returns 0 if that is too short.
func (r *reader) rarity(from, to, noise int) int {
	best := 0
	r.window = r.window[:0] // from head on: the features of features[start:j] that no later one exceeds, so the first is the maximum
	head, start := 0, from
	for j := from; j <= to; j++ {
		for len(r.window) > head && r.features[r.window[len(r.window)-1]].texts <= r.features[j].texts {
			r.window = r.window[:len(r.window)-1]
		}
		r.window = append(r.window, j)
		for r.spans(start+1, j, passageSpan) {
			start++
			if r.window[head] < start {
				head++
			}
		}
		if m := max(1, r.features[r.window[head]].texts-noise); r.spans(start, j, passageSpan) && (best == 0 || m < best) {
			best = m
		}
	}
	return best
}

// findOpening returns the first feature of the first stretch in which all features are in about as many texts.
func (r *reader) findOpening(limit int) (uint32, bool) {
	start := 0
	low, high := 0, 0
	for j, f := range r.features {
		if f.menu || f.texts > limit {
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
		if r.spans(start, j, openSpan) {
			return r.features[start].value, true
		}
	}
	return 0, false
}
