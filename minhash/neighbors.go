package minhash

import (
	"fmt"
	"slices"

	"github.com/bits-and-blooms/bitset"
)

// Neighbors answers queries for the documents that an index holds, by their ids. It is a snapshot of the bands, which
// the index itself does not keep by document: documents added or replaced later are not found, documents deleted later are
// not found either. It takes 4 bytes for each band of each id. Queries may run concurrently with one another; changes
// of the index need exclusive access.
type Neighbors struct {
	x    *Index
	tags []uint32      // by id
	has  bitset.BitSet // documents that have features
}

// Neighbors returns a Neighbors of the documents now in the index. Cost: O(b) time for each document.
func (x *Index) Neighbors() *Neighbors {
	g := &Neighbors{x: x, tags: make([]uint32, x.total*x.bands)}
	x.post[0].tags(g.tags, x.ids, &x.dead, &g.has)
	return g
}

// AppendQuery appends the candidates for document id with an estimated similarity of min or more, without the document itself, and
// returns the extended slice; dst[:len(dst)] is untouched. The order is that of [Index.AppendQuery]; MaxBucket is not
// observed, so the candidates of a document do not depend on the order of adding. There are none if the document was
// deleted or is not in the snapshot. Cost: as [Index.AppendQuery], no allocation if dst has room.
func (g *Neighbors) AppendQuery(dst []Match, id uint32, min float64) []Match {
	x := g.x
	slot, ok := x.slot(id)
	if !ok || !g.has.Test(uint(id)) {
		return dst
	}
	base := len(dst)
	own := x.packed.at(slot)
	q := x.start()
	q.ids = q.ids[:0]
	for b, tag := range g.tags[int(id)*x.bands:][:x.bands] {
		if ref, ok := x.post[0].bucket(b, uint64(tag)<<32); ok {
			q.ids = x.post[0].appendBucket(q.ids, ref, &x.dead, maxDocs)
		}
	}
	q.unique()
	for _, other := range q.ids {
		if other == slot || !g.has.Test(uint(x.id(other))) {
			continue
		}
		if s := x.packing.Similarity(own, x.packed.at(other)); s >= min {
			dst = append(dst, Match{x.id(other), s})
		}
	}
	x.pool.Put(q)
	slices.SortFunc(dst[base:], bestFirst)
	return dst
}

// Has reports whether the document is in the index, added and not deleted.
func (x *Index) Has(id uint32) bool {
	_, ok := x.slot(id)
	return ok
}

// Compact frees the room of deleted documents. The others are numbered anew, from 0 on in the order of their ids, so
// the index is as if the deleted ones had never been added. It makes a [Neighbors] useless. Cost: one pass over the tables.
func (x *Index) Compact() {
	if x.live == x.total && x.ids == nil {
		return
	}
	x.compact()
	next := uint32(0)
	ordered := true // so that slots and ids are the same
	for _, slot := range x.slots {
		if slot != noSlot {
			x.ids[slot] = next
			ordered = ordered && slot == next
			x.slots[next] = slot
			next++
		}
	}
	x.slots, x.total = x.slots[:next], int(next)
	if ordered {
		x.ids, x.slots = nil, nil
	}
}

// Similarity returns the similarity of two documents estimated from their packed signatures, in [0,1]. It panics if an
// id does not name a document of the index. Cost: O(k·Bits/64) time, no allocation.
func (x *Index) Similarity(a, b uint32) float64 {
	s, ok := x.slot(a)
	t, ok2 := x.slot(b)
	if !ok || !ok2 {
		panic(fmt.Sprintf("minhash: index has no document %d or %d", a, b))
	}
	return x.packing.Similarity(x.packed.at(s), x.packed.at(t))
}
