package minhash

import (
	"fmt"
	"slices"

	"github.com/bits-and-blooms/bitset"
)

// holdings is what an index holds of its documents. They stand in slots, in the
// order in which they came; post and packed know slots only. Slots and ids
// are the same, and ids and slots are nil, until a document is replaced or the slots of deleted
// ones are given up.
type holdings struct {
	bands  int
	post   []postings    // of each class of documents, without tables while there are none
	packed records       // a piece of bytes for each document
	dead   bitset.BitSet // slots deleted or replaced
	live   int           // slots that are not
	total  int           // ids given out
	ids    []uint32      // by slot
	slots  []uint32      // by id, noSlot if deleted
}

const noSlot = 1<<32 - 1

func newHoldings(record, bands, classes int) holdings {
	return holdings{bands: bands, post: make([]postings, classes), packed: newRecords(record)}
}

// class returns the postings of a class that is about to get documents.
func (h *holdings) class(c int) *postings {
	if h.post[c].bands == nil {
		h.post[c] = newPostings(h.bands)
	}
	return &h.post[c]
}

// newID gives out the next id, to be added at once. It panics if there is none.
func (h *holdings) newID() uint32 {
	h.mustHaveRoom()
	id := uint32(h.total)
	h.total++
	if h.ids != nil {
		h.slots = append(h.slots, uint32(h.packed.n))
	}
	return id
}

func (h *holdings) mustHaveRoom() {
	if h.total >= maxDocs || h.packed.n >= maxDocs {
		panic("minhash: index is full")
	}
}

// add puts a document into the next slot.
func (h *holdings) add(id uint32, class int, keys []uint64, packed []byte) {
	if len(keys) > 0 {
		h.class(class).add(uint32(h.packed.n), keys)
	}
	h.packed.add(packed)
	if h.ids != nil {
		h.ids = append(h.ids, id)
	}
	h.live++
}

// slot returns the slot of a document.
func (h *holdings) slot(id uint32) (uint32, bool) {
	if int64(id) >= int64(h.total) {
		return 0, false
	}
	if h.ids != nil {
		return h.slots[id], h.slots[id] != noSlot
	}
	return id, !h.dead.Test(uint(id))
}

// id returns the document in a slot that is not dead.
func (h *holdings) id(slot uint32) uint32 {
	if h.ids != nil {
		return h.ids[slot]
	}
	return slot
}

// number makes ids and slots, where they are the same so far.
func (h *holdings) number() {
	if h.ids != nil {
		return
	}
	h.ids = make([]uint32, h.packed.n)
	h.slots = make([]uint32, h.total)
	for i := range h.ids {
		h.ids[i], h.slots[i] = uint32(i), uint32(i)
		if h.dead.Test(uint(i)) {
			h.slots[i] = noSlot
		}
	}
}

// kill deletes a document, if there is one.
func (h *holdings) kill(id uint32) (slot uint32, ok bool) {
	slot, ok = h.slot(id)
	if !ok {
		return 0, false
	}
	h.dead.Set(uint(slot))
	h.live--
	if h.ids != nil {
		h.slots[id] = noSlot
	}
	if dead := h.packed.n - h.live; dead > 1000 && dead > h.live {
		h.compact()
	}
	return slot, true
}

// vacate makes the next slot that of a document, if there is one, which has to
// be added at once.
func (h *holdings) vacate(id uint32) bool {
	if _, ok := h.slot(id); !ok {
		return false
	}
	h.mustHaveRoom()
	h.number()
	h.kill(id)
	h.slots[id] = uint32(h.packed.n)
	return true
}

// compact gives up the slots of dead documents.
func (h *holdings) compact() {
	h.number()
	packed := newRecords(h.packed.size)
	ids := make([]uint32, 0, h.live)
	moved := make([]uint32, h.packed.n)
	for slot := range moved {
		if h.dead.Test(uint(slot)) {
			continue
		}
		moved[slot] = uint32(len(ids))
		h.slots[h.ids[slot]] = uint32(len(ids))
		ids = append(ids, h.ids[slot])
		packed.add(h.packed.at(uint32(slot)))
	}
	for c := range h.post {
		h.post[c].sweep(&h.dead, moved)
	}
	h.packed, h.ids, h.dead = packed, ids, bitset.BitSet{}
}

// merge adds what o holds; the id i in o becomes i + offset.
func (h *holdings) merge(o *holdings) (offset uint32, err error) {
	if int64(h.total)+int64(o.total) > maxDocs || int64(h.packed.n)+int64(o.packed.n) > maxDocs {
		return 0, fmt.Errorf("minhash: indexes have %d and %d documents, want at most %d", h.total, o.total, maxDocs)
	}
	if o.ids != nil {
		h.number()
	}
	offset, first := uint32(h.total), uint32(h.packed.n)
	if h.ids != nil {
		for slot := range uint32(o.packed.n) {
			h.ids = append(h.ids, offset+o.id(slot))
		}
		for id := range uint32(o.total) {
			slot, ok := o.slot(id)
			if ok {
				slot += first
			} else {
				slot = noSlot
			}
			h.slots = append(h.slots, slot)
		}
	}
	for c := range h.post {
		if o.post[c].bands != nil {
			h.class(c).merge(&o.post[c], first, &o.dead)
		}
	}
	for slot := range uint32(o.packed.n) {
		h.packed.add(o.packed.at(slot))
	}
	for slot, ok := o.dead.NextSet(0); ok; slot, ok = o.dead.NextSet(slot + 1) {
		h.dead.Set(slot + uint(first))
	}
	h.total += o.total
	h.live += o.live
	return offset, nil
}

// rename turns the slots in q.ids into ids, in order.
func (h *holdings) rename(q *query) {
	if h.ids == nil {
		return
	}
	for i, slot := range q.ids {
		q.ids[i] = h.ids[slot]
	}
	slices.Sort(q.ids)
}

// bytes returns the memory held.
func (h *holdings) bytes() int {
	n := h.packed.bytes() + 8*cap(h.dead.Words()) + 4*(cap(h.ids)+cap(h.slots))
	for c := range h.post {
		n += h.post[c].bytes()
	}
	return n
}
