package minhash

// table finds, in one band, the bucket of a tag: the documents that have it. Its segments have an
// entry for each tag. Where that stands and what it is are together the whole tag:
//
//	              tag, scrambled, 32 bits
//	┌────────────────────┴────────────────────┐
//	  110100101  │  0111000110111101  │ 1010101
//	   segment         print             rest
//	  depth bits      16 bits          16-depth
//
//	ref   linked │ rest │ document, or, if linked, list
//	       1 bit            15+depth bits
//
// A segment of max entries is split into eight, whose depth is greater by three. While that
// happens there are two arrays of segments, and each few additions split one more, so that none does
// much. With the number of documents grows the depth, and with it the room for their ids.
type table struct {
	depth uint      // of segs
	segs  []segment // 1<<depth
	next  []segment // 8<<depth, nil when nothing is split
	split int       // segs before are split, and others may be
	added int       // entries added since the first was split
	lists lists
	max   int // entries of a segment
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
	tag     uint32 // scrambled
	rest    uint32 // the last bits of the tag, where a ref has them
	home    uint32
	print   uint16
	width   uint8 // bits of a ref that name the document or list
}

func newTable(max int) table { return table{segs: []segment{newSegment(0)}, max: max} }

// locate makes p the place of a scrambled tag.
func (t *table) locate(p *place, tag uint32) {
	depth := t.depth
	g := &t.segs[uint64(tag)>>((32-depth)&63)]
	if g.bins == nil {
		depth += depthStep
		g = &t.next[tag>>((32-depth)&31)]
	}
	p.set(g, tag, depth)
}

// set makes p the place of a scrambled tag in a segment.
func (p *place) set(g *segment, tag uint32, depth uint) {
	width := min(15+depth, 31)
	p.segment, p.tag, p.width = g, tag, uint8(width)
	p.print = uint16(tag << (depth & 31) >> 16)
	p.rest = tag << (width & 31) &^ linked
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
	if n := len(g.bins); g.used == 0 || n > 4 && g.used < n*binSize/2 {
		g.resize(roomy(g.used))
	}
}

// makeRoom makes room for one more entry in the segment of p.
func (t *table) makeRoom(p *place) {
	if t.next != nil {
		t.splitMore()
		t.locate(p, p.tag)
	}
	g := p.segment
	if !g.full() {
		return
	}
	i := uint64(p.tag) >> ((32 - t.depth) & 63)
	if g.used >= t.max && t.depth < maxDepth && g == &t.segs[i] {
		t.splitSegment(int(i))
	} else {
		g.resize(len(g.bins) + knobPlus + len(g.bins)/knobGrow)
	}
	t.locate(p, p.tag)
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
		for k := range b.refs[:b.n] {
			children[b.print(k)>>(16-depthStep)].used++
		}
	}
	for j := range children {
		children[j] = newSegment(roomy(children[j].used))
	}
	depth := t.depth
	from := place{width: uint8(15 + depth)} // less than 31, or there is no splitting
	var to place
	for j := range old {
		b := &old[j]
		for k, ref := range b.refs[:b.n] {
			print := b.print(k)
			tag := uint32(i)<<16 | uint32(print)
			if depth < 16 {
				tag = tag<<(16-depth) | ref&^linked>>from.width
			} else {
				tag >>= depth - 16
			}
			to.set(&children[print>>(16-depthStep)], tag, depth+depthStep)
			to.segment.insert(int(to.home), to.print, to.rest|ref&linked|from.name(ref))
		}
	}
}

// deepen splits segments until a ref has room for the name of a document or list.
func (t *table) deepen(name uint32) {
	for name>>(15+t.depth) != 0 {
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
