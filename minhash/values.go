package minhash

import (
	"math/bits"
	"slices"
)

// A valueSegment is a segment of a ContainmentIndex. It finds the documents that have a value, for
// all values that begin with the same depth bits. It is an ordered hash table with linear probing
// (Amble and Knuth, The Computer Journal, 1974). The home of a value is proportional to the value,
// from the end, and cells are in descending order, so that a search ends at the first cell that is
// not greater, and another table is filled from this one in one sweep.
//
//	cells  │ ffa1 doc 7 │ fb03 list 3 at 4 │ 0 │ e270 set 0 │ e1f2 list 2 at 0 │ 0 │ …
//	                             │                     │              │
//	lists  │ 5 9 │ - - │ 1 5 8 │ └→ 4                  │              └→ 0
//	sets   │ 1000 and more documents │ ←──────────────┘
//
// A cell is value<<32 | ref, or 0 if it is vacant. The ref of a value that one document has is the
// document. Otherwise it says where the documents are, in ascending order: in lists, or if they are
// many in a set.
type valueSegment struct {
	depth uint
	cells []uint64 // none stands before its home, and the last is vacant
	homes int
	used  int // cells
	lists []uint32
	dead  int // words of lists that belong to no list any more
	sets  []*docSet
}

const (
	docLimit = 1 << 31 // documents are below

	// A ref with the first bit set is a document, and with the second bit set the number of a set.
	// Without them it is the length and the offset of a list. None is 0.
	isDoc      = 1 << 31
	isSet      = 1 << 30
	offsetBits = 19

	// A segment of maxValueDepth has at most 256 values, and all of their lists are within the
	// reach of an offset.
	maxValueDepth = 24
)

// segmentLimits say how large a segment may become before it is split in two.
type segmentLimits struct {
	cells int // used
	words int // of lists
	list  int // documents in a list, 4 to 1024: if there are more, they become a set
}

// defaultLimits are such that no more than 128 KB are copied at a time.
var defaultLimits = segmentLimits{cells: 14 << 10, words: 32 << 10, list: 1 << 10}

// newValueSegment returns a segment with the cells, which are in order, and room for some more.
func newValueSegment(depth uint, cells []uint64) *valueSegment {
	g := &valueSegment{depth: depth}
	for _, c := range cells {
		g.used += b2i(c != 0)
	}
	g.place(cells, g.room())
	return g
}

// room returns the cells that the valueSegment needs, a ninth of them vacant.
func (g *valueSegment) room() int { return cellsOf(g.used + g.used/8 + 8) }

// cellsOf rounds a number of cells up to what fills the memory that is allotted for them.
func cellsOf(n int) int {
	if n > 4096 {
		return (n + 1023) &^ 1023
	}
	return (n + 15) &^ 15
}

// home returns the home of a value.
func (g *valueSegment) home(v uint32) int {
	return int(uint64(^(v << g.depth)) * uint64(g.homes) >> 32)
}

// find returns the position of the value, or the one where it belongs and false.
func (g *valueSegment) find(v uint32) (int, bool) {
	i := g.home(v)
	for g.cells[i]>>32 > uint64(v) {
		i++
	}
	c := g.cells[i]
	return i, c>>32 == uint64(v) && c != 0
}

// place gives the valueSegment n cells, which must suffice, with those that are in order in cells.
func (g *valueSegment) place(cells []uint64, n int) {
	g.cells = make([]uint64, n)
	g.homes = n - n/128 - 4
	dst, next := g.cells, 0
	for _, c := range cells {
		// Whether a cell is vacant is hard to predict, so it is moved in either case: to where
		// another will be or where it is vacant anyway, since its home is the last.
		i := max(next, g.home(uint32(c>>32)))
		if i+1 >= len(dst) {
			g.extend()
			dst = g.cells
		}
		dst[i] = c
		if c != 0 {
			next = i + 1
		}
	}
}

// extend adds cells to the end that nobody has a home in.
func (g *valueSegment) extend() {
	g.cells = append(g.cells[:len(g.cells):len(g.cells)], make([]uint64, 64)...)
}

// insert puts a cell with a value that find did not find at i.
func (g *valueSegment) insert(i int, c uint64) {
	if g.used >= g.homes-g.homes/16 {
		n := len(g.cells)
		g.place(g.cells, cellsOf(n+max(16, min(1024, n/8))))
		i, _ = g.find(uint32(c >> 32))
	}
	n := 0
	for _, next := range g.cells[i:] {
		if next == 0 {
			break
		}
		n++
	}
	if i+n+1 == len(g.cells) {
		g.extend()
	}
	copy(g.cells[i+1:i+n+1], g.cells[i:])
	g.cells[i] = c
	g.used++
}

// erase makes cell i vacant, and moves those that follow closer to their homes.
func (g *valueSegment) erase(i int) {
	end := i + 1
	for g.cells[end] != 0 && g.home(uint32(g.cells[end]>>32)) < end {
		end++
	}
	copy(g.cells[i:], g.cells[i+1:end])
	g.cells[end-1] = 0
	if g.used--; g.used < g.homes/2 && len(g.cells) > 64 {
		g.place(g.cells, g.room())
	}
}

// setRef changes the ref of a cell.
func setRef(cell *uint64, ref uint32) { *cell = *cell>>32<<32 | uint64(ref) }

func listRef(n, at int) uint32 { return uint32(n<<offsetBits | at) }

// list returns the length and the offset that a ref has.
func list(ref uint32) (n, at int) {
	return int(ref >> offsetBits), int(ref & (1<<offsetBits - 1))
}

func (g *valueSegment) set(ref uint32) *docSet { return g.sets[ref&^isSet] }

// listRoom returns the words that a list of n documents takes: n, or up to a quarter more, so that
// it does not move with every document.
func listRoom(n int) int {
	step := 1 << max(0, bits.Len(uint(n-1))-3)
	return (n + step - 1) &^ (step - 1)
}

// full reports whether the valueSegment has to be split before anything is added.
func (g *valueSegment) full(l segmentLimits) bool {
	return (g.used >= l.cells || len(g.lists)-g.dead >= l.words) && g.depth < maxValueDepth
}

// split returns the segments of the values that have 1 and 0 behind the first depth bits. g cannot
// be used any more.
func (g *valueSegment) split() (high, low *valueSegment) {
	middle := 0
	for middle < len(g.cells) && (g.cells[middle] == 0 || g.cells[middle]>>(63-g.depth)&1 == 1) {
		middle++
	}
	high, low = newValueSegment(g.depth+1, g.cells[:middle]), newValueSegment(g.depth+1, g.cells[middle:])
	for _, h := range [...]*valueSegment{high, low} {
		h.lists, h.sets = g.lists, g.sets
		h.compact(0)
	}
	return high, low
}

// compact copies the lists and sets in use, so that no words of lists are dead and there is room
// for n.
func (g *valueSegment) compact(n int) {
	old, sets := g.lists, g.sets
	live := n
	for _, c := range g.cells {
		if ref := uint32(c); ref != 0 && ref < isSet {
			n, _ := list(ref)
			live += listRoom(n)
		}
	}
	g.lists, g.sets, g.dead = nil, nil, 0
	if live > 0 {
		g.lists = make([]uint32, 0, live+live/8+g.used/16)
	}
	for i, c := range g.cells {
		switch ref := uint32(c); {
		case ref == 0 || ref&isDoc != 0:
		case ref&isSet == 0:
			n, at := list(ref)
			setRef(&g.cells[i], listRef(n, len(g.lists)))
			g.lists = append(g.lists, old[at:at+listRoom(n)]...)
		default:
			setRef(&g.cells[i], isSet|uint32(len(g.sets)))
			g.sets = append(g.sets, sets[ref&^isSet])
		}
	}
}

// newList returns where there is room for a list of n documents. Other lists may move.
func (g *valueSegment) newList(n int) int {
	n = listRoom(n)
	if len(g.lists)+n > cap(g.lists) {
		g.compact(n)
	}
	at := len(g.lists)
	g.lists = g.lists[:at+n]
	return at
}

// freeList gives up words of a list.
func (g *valueSegment) freeList(words int) {
	if g.dead += words; g.dead > len(g.lists)/2+g.used/16 {
		g.compact(0)
	}
}

// add adds a document to a value. It returns the number of documents that have the value now, and
// whether this one did not have it before.
func (g *valueSegment) add(v, id uint32, l segmentLimits) (n int, added bool) {
	i, ok := g.find(v)
	if !ok {
		g.insert(i, uint64(v)<<32|uint64(isDoc|id))
		return 1, true
	}
	cell := &g.cells[i]
	ref := uint32(*cell)
	switch {
	case ref == isDoc|id:
		return 1, false
	case ref&isDoc != 0:
		at, other := g.newList(2), ref&^isDoc
		g.lists[at], g.lists[at+1] = min(other, id), max(other, id)
		setRef(cell, listRef(2, at))
		return 2, true
	case ref&isSet != 0:
		s := g.set(ref)
		added = s.add(id)
		return s.n, added
	}
	n, at := list(ref)
	ids := g.lists[at : at+n]
	j, ok := slices.BinarySearch(ids, id)
	switch {
	case ok:
		return n, false
	case n >= l.list:
		s := new(docSet)
		for _, id := range ids {
			s.add(id)
		}
		s.add(id)
		setRef(cell, isSet|uint32(len(g.sets)))
		g.sets = append(g.sets, s)
		g.freeList(listRoom(n))
	case n < listRoom(n):
		ids = g.lists[at : at+n+1]
		copy(ids[j+1:], ids[j:])
		ids[j] = id
		setRef(cell, listRef(n+1, at))
	default:
		to := g.newList(n + 1)
		_, at = list(uint32(*cell)) // it may have moved
		copy(g.lists[to:], g.lists[at:at+j])
		g.lists[to+j] = id
		copy(g.lists[to+j+1:], g.lists[at+j:at+n])
		setRef(cell, listRef(n+1, to))
		g.freeList(listRoom(n))
	}
	return n + 1, true
}

// remove removes a document from a value. It returns the number of documents that have the value
// still, and whether this one had it.
func (g *valueSegment) remove(v, id uint32, l segmentLimits) (n int, removed bool) {
	i, ok := g.find(v)
	if !ok {
		return 0, false
	}
	cell := &g.cells[i]
	ref := uint32(*cell)
	switch {
	case ref == isDoc|id:
		g.erase(i)
		return 0, true
	case ref&isDoc != 0:
		return 1, false
	case ref&isSet != 0:
		s := g.set(ref)
		if removed = s.remove(id); s.n <= l.list/2 {
			g.sets[ref&^isSet] = nil
			at := g.newList(s.n)
			s.appendTo(g.lists[at:at])
			setRef(cell, listRef(s.n, at))
		}
		return s.n, removed
	}
	n, at := list(ref)
	ids := g.lists[at : at+n]
	j, ok := slices.BinarySearch(ids, id)
	if !ok {
		return n, false
	}
	copy(ids[j:], ids[j+1:])
	if n == 2 {
		setRef(cell, isDoc|ids[0])
		g.freeList(2)
	} else {
		setRef(cell, listRef(n-1, at))
		g.freeList(listRoom(n) - listRoom(n-1))
	}
	return n - 1, true
}

// ref returns the ref of a value, 0 if no document has it.
func (g *valueSegment) ref(v uint32) uint32 {
	if i, ok := g.find(v); ok {
		return uint32(g.cells[i])
	}
	return 0
}

// docs returns the number of documents that a ref leads to.
func (g *valueSegment) docs(ref uint32) int {
	switch {
	case ref&isDoc != 0:
		return 1
	case ref&isSet != 0:
		return g.set(ref).n
	}
	n, _ := list(ref)
	return n
}

// appendDocs appends the documents that a ref leads to, in ascending order.
func (g *valueSegment) appendDocs(dst []uint32, ref uint32) []uint32 {
	switch {
	case ref&isDoc != 0:
		return append(dst, ref&^isDoc)
	case ref&isSet != 0:
		return g.set(ref).appendTo(dst)
	}
	n, at := list(ref)
	return append(dst, g.lists[at:at+n]...)
}

// bytes returns the memory held.
func (g *valueSegment) bytes() int {
	const segmentBytes = 128
	n := segmentBytes + 8*cap(g.cells) + 4*cap(g.lists) + 8*cap(g.sets)
	for _, s := range g.sets {
		if s != nil {
			n += s.bytes()
		}
	}
	return n
}
