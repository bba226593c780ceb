package minhash

// table finds, in one band, the bucket of a tag: the documents that have it. Its segments have an
// entry for each tag. Where that stands and what it is are together the whole tag:
//
//	         tag, scrambled and stretched, 33 bits
//	┌────────────────────┴────────────────────┐
//	  110100101  │  0111000110111101  │ 10101011
//	   segment         print             rest
//	  depth bits      16 bits          17-depth
//
//	ref   linked │ rest │ document, or, if linked, list
//	       1 bit            14+depth bits
//
// A segment of segmentMax entries is split into eight, whose depth is greater by three. While that
// happens there are two arrays of segments, and each few additions split one more, so that none
// does much. With the number of documents grows the depth, and with it the room for their ids.
//
// Tags are stretched over one to two times the 32 bits that they have, in each band by another
// factor. So in each band the segments are of another number and size, and do not all grow at the
// same time.
type table struct {
	stretch uint32    // how much more than once, in 2^-32
	depth   uint      // of segs
	segs    []segment // 1<<depth
	next    []segment // 8<<depth, nil when nothing is split
	split   int       // segs before are split, and others may be
	added   int       // entries added since the first was split
	lists   lists
}

const (
	segmentMax = 4096
	splitEvery = 64 // additions
	depthStep  = 3
	maxDepth   = 18
	linked     = 1 << 31    // flag of a ref
	maxDocs    = linked - 1 // ids of an index
)

// place is where the entry of a tag belongs.
type place struct {
	segment *segment
	tag     uint64 // stretched, in the upper 33 bits
	rest    uint32 // as a ref has it
	home    uint32
	print   uint16
	width   uint8 // bits of a ref that name the document or list
}

// newTable returns the table of the b-th of so many bands.
func newTable(b, bands int) table {
	return table{segs: []segment{newSegment(0)}, stretch: uint32(uint64(b) << 32 / uint64(bands))}
}

// locate makes p the place of a scrambled tag.
func (t *table) locate(p *place, tag uint32) {
	t.relocate(p, (uint64(tag)+uint64(tag)*uint64(t.stretch)>>32)<<31)
}

// relocate makes p the place of a stretched tag.
func (t *table) relocate(p *place, tag uint64) {
	depth := t.depth
	g := &t.segs[tag>>1>>((63-depth)&63)]
	if g.bins == nil {
		depth += depthStep
		g = &t.next[tag>>((64-depth)&63)]
	}
	p.set(g, tag, depth)
}

// set makes p the place of a stretched tag in a segment.
func (p *place) set(g *segment, tag uint64, depth uint) {
	p.segment, p.tag, p.width = g, tag, uint8(min(14+depth, 31))
	p.print = uint16(tag << (depth & 63) >> 48)
	p.rest = uint32(tag << ((depth + 16) & 63) >> 33)
	p.home = uint32(g.home(p.print))
}

// name returns what a ref names, a document or a list.
func (p *place) name(ref uint32) uint32 { return ref & (1<<(p.width&31) - 1) }

// find returns the entry of the tag of p, if there is one.
func (p *place) find() (b *bin, i int, ok bool) {
	return p.segment.find(int(p.home), p.print, p.rest, linked-1<<(p.width&31))
}

// insert adds an entry for a document.
func (t *table) insert(p *place, id uint32) {
	if t.next != nil || p.segment.full() {
		t.makeRoom(p)
	}
	p.segment.insert(int(p.home), p.print, p.rest|id)
}

// remove drops an entry, and room with it if there is too much.
func (t *table) remove(p *place, b *bin, i int) {
	g := p.segment
	g.remove(b, i)
	switch used, room := int(g.used), len(g.bins)*binSize; {
	case used == 0:
		g.resize(0)
	case used < room/2 && room > 4*binSize:
		g.resize(binsFor(used, used/8))
	case g.stale > g.used/8:
		g.resize(len(g.bins))
	}
}

// makeRoom makes room for one more entry in the segment of p.
func (t *table) makeRoom(p *place) {
	if t.next != nil {
		t.splitMore()
		t.relocate(p, p.tag)
	}
	g := p.segment
	if !g.full() {
		return
	}
	i := p.tag >> 1 >> (63 - t.depth)
	if g.used >= segmentMax && t.depth < maxDepth && g == &t.segs[i] {
		t.splitSegment(int(i))
	} else {
		g.resize(len(g.bins) + 1 + len(g.bins)/5)
	}
	t.relocate(p, p.tag)
}

// splitMore splits one more segment, after so many additions.
func (t *table) splitMore() {
	if t.added++; t.added%splitEvery != 0 {
		return
	}
	for t.split < len(t.segs) && t.segs[t.split].bins == nil {
		t.split++
	}
	if t.split < len(t.segs) {
		t.splitSegment(t.split)
		return
	}
	t.segs, t.next, t.depth = t.next, nil, t.depth+depthStep
}

// splitSegment splits a segment of segs.
func (t *table) splitSegment(i int) {
	if t.next == nil {
		t.next, t.split, t.added = make([]segment, len(t.segs)<<depthStep), 0, 0
	}
	children := t.next[i<<depthStep : (i+1)<<depthStep]
	old := t.segs[i].bins
	t.segs[i].bins = nil
	for j := range old {
		b := &old[j]
		for k := range b.refs[:b.n()] {
			children[b.print(k)>>(16-depthStep)].used++
		}
	}
	for j := range children {
		n := int(children[j].used)
		children[j] = newSegment(binsFor(n, n/8))
	}
	depth := t.depth
	from := place{width: uint8(14 + depth)} // less than 31, or there is no splitting
	var to place
	for j := range old {
		b := &old[j]
		for k, ref := range b.refs[:b.n()] {
			print := b.print(k)
			tag := (uint64(i)<<16 | uint64(print)) << (48 - depth)
			tag |= uint64(ref&^linked&^from.name(ref)) << 33 >> (16 + depth)
			to.set(&children[print>>(16-depthStep)], tag, depth+depthStep)
			to.segment.insert(int(to.home), to.print, to.rest|ref&linked|from.name(ref))
		}
	}
}

// deepen splits segments until a ref has room for the name of a document or list.
func (t *table) deepen(name uint32) {
	for name>>(14+t.depth) != 0 {
		for i := range t.segs {
			if t.next == nil || t.segs[i].bins != nil {
				t.splitSegment(i)
			}
		}
		t.segs, t.next, t.depth = t.next, nil, t.depth+depthStep
	}
}

// bytes returns the memory held.
func (t *table) bytes() int {
	n := t.lists.bytes() + 32*(cap(t.segs)+cap(t.next))
	for _, segs := range [][]segment{t.segs, t.next} {
		for i := range segs {
			if bins := segs[i].bins; cap(bins) > 1 { // not noBins
				n += binBytes * cap(bins)
			}
		}
	}
	return n
}
