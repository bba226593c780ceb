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
	// rarity is the smallest number such that each feature of some passageSpan places is in at most
	// so many texts. It is 0 if the passage is shorter.
	rarity  int
	anchors [2]uint32 // the features that stand before and after it and are in many texts
	texts   [2]int    // that have the anchors; 0: there is none
}

// A reader reads the sampled features of a text.
type reader struct {
	order    []uint64 // place<<32 | index in the sample
	sorted   []uint64
	features []feature // in text order
	window   []int     // scratch of rarity
}

// appendSample appends those of values that the skeleton has places of, ascending, each with its
// menu bit. It also returns a digest of all values that does not depend on their order. If values
// and skeleton are not of one text it appends nothing.
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
	r.order = slices.Grow(r.order[:0], len(sample))[:len(sample)]
	r.sorted = slices.Grow(r.sorted[:0], len(sample))[:len(sample)]
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
		r.features = append(r.features, feature{
			at: int(o >> 32 << shift), texts: c.of(v), value: v % universe, menu: v&Menu != 0,
		})
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

// findPassage finds the passage of the text, the first of several. It returns false if there is
// none of looseSpan, or it has no anchor.
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

// anchor sets an anchor to the first of features that is in so many texts: rather one of no menu,
// and rather one that is sampled from texts of any length, so that long and short ones have the
// same.
func (p *passage) anchor(side, many int, features iter.Seq2[int, feature]) {
	best := 4
	for _, f := range features {
		rank := 0
		if f.menu {
			rank = 2
		}
		if f.value%(1<<maxRate) != 0 {
			rank++
		}
		if f.texts >= many && rank < best {
			best, p.anchors[side], p.texts[side] = rank, f.value, f.texts
		}
		if best == 0 {
			return
		}
	}
}

// rarity returns the rarity of the passage of features[from : to+1].
func (r *reader) rarity(from, to, noise int) int {
	best := 0
	// window[head:] are the indices from start on of features that no later one exceeds, so that
	// the first is that of the maximum.
	r.window = r.window[:0]
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
		m := max(1, r.features[r.window[head]].texts-noise)
		if r.spans(start, j, passageSpan) && (best == 0 || m < best) {
			best = m
		}
	}
	return best
}

// findOpening returns the first feature of the first openSpan places of which the features are in
// about as many texts, and at most limit.
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
