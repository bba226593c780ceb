// Package idmap keeps the ids of what an index holds apart from the places where it stands.
//
// Ids are dense and stay what they are: the i-th thing added has the id i, counting from 0,
// whatever is deleted. Things stand in slots, in the order in which they came; a thing that is
// replaced leaves its slot and goes to the end. The slots of what is deleted or replaced are dead
// until [Map.Compact] gives them up.
//
//	ids    0 1 2 3 4 5 6      added, of which 1 and 4 have been deleted and given up
//	held   1 0 1 1 0 1 1
//	slots  0   1 2   3 4      as many as there are ones before
//
// As long as the ids of the slots ascend, a bit for each id says whether it has a slot. To know
// which takes to count the bits before, so there is a number beside each 512 bits, and for the
// reverse one for each 512 slots. That is 0.14 bytes for each id ever given out, and nothing at all
// while each has a slot. Only what is replaced makes it necessary to write down the id of each slot
// and the slot of each id, which are 8 bytes.
package idmap

import (
	"math/bits"
	"slices"

	"github.com/bits-and-blooms/bitset"
)

// none stands for no slot.
const none = 1<<32 - 1

// A Map says in which slot what has an id stands, and the reverse. The zero value is empty.
// Questions may be asked concurrently; what changes a Map needs exclusive access. A Map has at most
// 4,294,967,295 ids and as many slots, which its owner has to see to.
type Map struct {
	total int           // ids given out
	n     int           // slots
	live  int           // slots that are not dead
	dead  bitset.BitSet // slots

	// While ids ascend: a bit for each id that has a slot, nil if all have one; the number of ones
	// before each block of words; and the block of each slot that is a multiple of blockBits.
	held   []uint64
	before []uint32
	block  []uint32

	// Else.
	ids   []uint32 // by slot
	slots []uint32 // by id, none if it has no slot
}

const (
	blockWords = 8
	blockBits  = 64 * blockWords
)

// Restore returns the map of total ids whose slots have the given ids, all different and less than
// total. It keeps ids.
func Restore(total int, ids []uint32) Map {
	m := Map{total: total, n: len(ids), live: len(ids)}
	m.arrange(ids)
	return m
}

// Total returns the number of ids given out.
func (m *Map) Total() int { return m.total }

// Len returns the number of ids that are not deleted.
func (m *Map) Len() int { return m.live }

// Slots returns the number of slots, dead ones included.
func (m *Map) Slots() int { return m.n }

// Ascending reports whether ids ascend with the slots.
func (m *Map) Ascending() bool { return m.ids == nil }

// Same reports whether ids and slots are the same numbers.
func (m *Map) Same() bool { return m.ids == nil && m.held == nil }

// Slot returns the slot of an id, and false if it is deleted or was never given out. It takes O(1).
func (m *Map) Slot(id uint32) (uint32, bool) {
	if int64(id) >= int64(m.total) {
		return 0, false
	}
	slot := id
	switch {
	case m.ids != nil:
		slot = m.slots[id]
		return slot, slot != none
	case m.held != nil:
		w, bit := int(id/64), uint64(1)<<(id%64)
		if m.held[w]&bit == 0 {
			return 0, false
		}
		slot = m.before[w/blockWords] + uint32(bits.OnesCount64(m.held[w]&(bit-1)))
		for _, word := range m.held[w&^(blockWords-1) : w] {
			slot += uint32(bits.OnesCount64(word))
		}
	}
	return slot, !m.dead.Test(uint(slot))
}

// ID returns the id of a slot; of a dead one that is no longer wanted, it may be any. It takes
// O(log n) at worst.
func (m *Map) ID(slot uint32) uint32 {
	if m.Same() { // inlined
		return slot
	}
	return m.find(slot)
}

func (m *Map) find(slot uint32) uint32 {
	if m.ids != nil {
		return m.ids[slot]
	}
	lo, hi := int(m.block[slot/blockBits]), len(m.before) // the block is one of those from lo up to hi
	if next := int(slot/blockBits) + 1; next < len(m.block) {
		hi = int(m.block[next]) + 1
	}
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; m.before[mid] <= slot {
			lo = mid
		} else {
			hi = mid
		}
	}
	left := int(slot - m.before[lo]) // ones of the block before that of slot
	w := lo * blockWords
	for {
		n := bits.OnesCount64(m.held[w])
		if n > left {
			return uint32(64*w + nthOne(m.held[w], left))
		}
		left -= n
		w++
	}
}

// nthOne returns the place of the one in a word before which there are n others.
func nthOne(word uint64, n int) int {
	at := 0
	for half := 32; half >= 4; half /= 2 {
		if low := bits.OnesCount64(word & (1<<half - 1)); n >= low {
			n -= low
			word >>= half
			at += half
		}
	}
	for range n {
		word &= word - 1
	}
	return at + bits.TrailingZeros64(word)
}

// AppendIDs appends the id of each slot to dst.
func (m *Map) AppendIDs(dst []uint32) []uint32 {
	dst = slices.Grow(dst, m.n)
	switch {
	case m.ids != nil:
		return append(dst, m.ids...)
	case m.held == nil:
		for slot := range uint32(m.n) {
			dst = append(dst, slot)
		}
		return dst
	}
	for w, word := range m.held {
		for ; word != 0; word &= word - 1 {
			dst = append(dst, uint32(64*w+bits.TrailingZeros64(word)))
		}
	}
	return dst
}

// Dead reports whether what stood in a slot is deleted or replaced.
func (m *Map) Dead(slot uint32) bool { return m.dead.Test(uint(slot)) }

// DeadSlots returns the set of dead slots, which must not be changed and is good until m changes.
func (m *Map) DeadSlots() *bitset.BitSet { return &m.dead }

// Add gives out the next id, which gets the next slot.
func (m *Map) Add() (id, slot uint32) {
	id, slot = uint32(m.total), uint32(m.n)
	switch {
	case m.ids != nil:
		m.ids = append(m.ids, id)
		m.slots = append(m.slots, slot)
	case m.held != nil:
		m.hold(id)
	}
	m.total++
	m.n++
	m.live++
	return id, slot
}

// hold sets the bit of the next id, of which all slots so far are of smaller ones.
func (m *Map) hold(id uint32) {
	m.reach(int(id) + 1)
	if m.n%blockBits == 0 {
		m.block = append(m.block, id/blockBits)
	}
	m.held[id/64] |= 1 << (id % 64)
}

// reach gives held a bit for each of total ids.
func (m *Map) reach(total int) {
	for len(m.held) < (total+63)/64 {
		if len(m.held)%blockWords == 0 {
			m.before = append(m.before, uint32(m.n))
		}
		m.held = append(m.held, 0)
	}
}

// Delete makes the slot of an id dead and returns it, and false if there is none.
func (m *Map) Delete(id uint32) (slot uint32, ok bool) {
	if slot, ok = m.Slot(id); !ok {
		return 0, false
	}
	m.dead.Set(uint(slot))
	m.live--
	if m.ids != nil {
		m.slots[id] = none
	}
	return slot, true
}

// Move makes the next slot that of an id, whose slot so far is dead from then on. It returns both,
// and false if there is none. The first Move since ids ascended takes O(n) time and 8 bytes for
// each id.
func (m *Map) Move(id uint32) (from, to uint32, ok bool) {
	if from, ok = m.Slot(id); !ok {
		return 0, 0, false
	}
	if m.ids == nil {
		m.spell()
	}
	m.dead.Set(uint(from))
	to = uint32(m.n)
	m.slots[id] = to
	m.ids = append(m.ids, id)
	m.n++
	return from, to, true
}

// spell writes down ids and slots.
func (m *Map) spell() {
	ids := m.AppendIDs(make([]uint32, 0, m.n+m.n/4+1))
	m.slots = slices.Grow(m.slots[:0], m.total+m.total/4)
	for range m.total {
		m.slots = append(m.slots, none)
	}
	for slot, id := range ids {
		if !m.dead.Test(uint(slot)) {
			m.slots[id] = uint32(slot)
		}
	}
	m.ids, m.held, m.before, m.block = ids, nil, nil, nil
}

// Compact gives up the dead slots. It returns the former slots in their new order, which is the old
// one or, if byID is set, that of their ids.
func (m *Map) Compact(byID bool) (order []uint32) {
	ids := m.AppendIDs(nil)
	order = make([]uint32, 0, m.live)
	kept := ids[:0]
	for slot, id := range ids {
		if !m.dead.Test(uint(slot)) {
			order = append(order, uint32(slot))
			kept = append(kept, id)
		}
	}
	if byID && m.ids != nil {
		slices.Sort(kept)
		for i, id := range kept {
			order[i] = m.slots[id]
		}
	}
	m.n, m.dead = m.live, bitset.BitSet{}
	m.arrange(slices.Clip(kept))
	return order
}

// arrange notes the ids of all slots, none of which is dead, in the least room. It keeps ids.
func (m *Map) arrange(ids []uint32) {
	m.held, m.before, m.block, m.ids, m.slots = nil, nil, nil, nil, nil
	if !slices.IsSorted(ids) {
		m.ids, m.slots = ids, make([]uint32, m.total)
		for id := range m.slots {
			m.slots[id] = none
		}
		for slot, id := range ids {
			m.slots[id] = uint32(slot)
		}
		return
	}
	if len(ids) == m.total {
		return
	}
	words := (m.total + 63) / 64
	m.held, m.before = make([]uint64, 0, words), make([]uint32, 0, (words+blockWords-1)/blockWords)
	m.block = make([]uint32, 0, (len(ids)+blockBits-1)/blockBits)
	n := m.n
	for slot, id := range ids {
		m.n = slot
		m.hold(id)
	}
	m.n = n
	m.reach(m.total)
}

// Append adds what o holds, dead slots included. With the numbers that m has before, the id i in o
// becomes i + m.Total() and the slot s becomes s + m.Slots(). It does not change o, which may be m.
func (m *Map) Append(o *Map) {
	total, n, live := o.total, o.n, o.live // o may be m
	switch {
	case m.ids == nil && o.ids != nil:
		m.spell()
		fallthrough
	case m.ids != nil:
		ids := o.AppendIDs(nil)
		for _, id := range ids {
			m.ids = append(m.ids, uint32(m.total)+id)
		}
		for id := range uint32(total) {
			slot, ok := o.Slot(id)
			if ok {
				slot += uint32(m.n)
			} else {
				slot = none
			}
			m.slots = append(m.slots, slot)
		}
	case m.held != nil || o.held != nil:
		ids := o.AppendIDs(nil)
		first, own := uint32(m.total), m.n
		if m.held == nil {
			m.n = 0
			for id := range first {
				m.hold(id)
				m.n++
			}
		}
		for i, id := range ids {
			m.n = own + i
			m.hold(first + id)
		}
		m.n = own + n
		m.reach(m.total + total)
		m.n = own
	}
	for slot, ok := o.dead.NextSet(0); ok && slot < uint(n); slot, ok = o.dead.NextSet(slot + 1) {
		m.dead.Set(uint(m.n) + slot)
	}
	m.total += total
	m.n += n
	m.live += live
}

// Bytes returns the memory held.
func (m *Map) Bytes() int {
	return 8*cap(m.held) + 4*(cap(m.before)+cap(m.block)+cap(m.ids)+cap(m.slots)) + 8*cap(m.dead.Words())
}
