package minhash

import "github.com/bits-and-blooms/bitset"

// postings finds the documents of a bucket: for each band a table from the top
// half of a band key, the tag, to the documents that have it.
type postings struct {
	bands   []table
	nodes   []node // the buckets of more than one document, linked
	touched uint64
}

// node is a member of a bucket, or the header of one: count members, last of
// which is node last. The first member is the node after the header.
type node struct {
	id   uint32 // header: count
	next uint32 // header: last; 0 ends the bucket, as node 0 is a header
}

// table is an ordered hash table with linear probing (Amble and Knuth, The
// Computer Journal, 1974). The home of a tag is proportional to the tag, and the
// slots are in order of their tags, so a search ends at the first slot that is
// not smaller, and a larger table is filled from a smaller one in one sweep.
type table struct {
	// slots hold tag<<32 | document, or tag<<32 | linked | header for a bucket in
	// nodes. None stands before its home. The last is always vacant.
	slots []uint64
	homes int
	used  int
}

const (
	vacant  = 1<<64 - 1
	linked  = 1 << 31
	maxDocs = linked - 1 // documents of an index; also headers, and linked|header is never all ones
)

func tagOf(key uint64) uint64 { return key >> 32 }

func (t *table) home(tag uint64) int { return int(tag * uint64(t.homes) >> 32) }

// find returns the position of the tag, or the one where it belongs and false.
// The table must have slots.
func (t *table) find(tag uint64) (int, bool) {
	i := t.home(tag)
	for t.slots[i] < tag<<32 {
		i++
	}
	s := t.slots[i]
	return i, s>>32 == tag && s != vacant
}

// put adds a tag that find did not find.
func (t *table) put(tag, ref uint64) {
	if t.used >= t.homes/8*7 {
		t.resize(max(32, t.homes+t.homes/4))
	}
	i, _ := t.find(tag)
	for slot := tag<<32 | ref; slot != vacant; i++ {
		slot, t.slots[i] = t.slots[i], slot
	}
	t.used++
	t.closeEnd()
}

// closeEnd keeps the last slot vacant.
func (t *table) closeEnd() {
	if t.slots[len(t.slots)-1] != vacant {
		t.slots = appendVacant(t.slots, 64)
	}
}

// appendVacant appends n vacant slots, with no room to spare.
func appendVacant(slots []uint64, n int) []uint64 {
	at := len(slots)
	slots = append(make([]uint64, 0, at+n), slots...)[:at+n]
	slots[at] = vacant
	for i := 1; i < n; i *= 2 {
		copy(slots[at+i:], slots[at:at+i])
	}
	return slots
}

// resize gives the table another number of homes, at least as many as it has
// slots in use.
func (t *table) resize(homes int) {
	slots := appendVacant(nil, homes+homes/256+16)
	// Whether a slot is in use is hard to predict, so it is moved in either case,
	// and a vacant one is written where another will be or where it is vacant anyway.
	next := 0
	for _, s := range t.slots {
		i := max(next, int(s>>32*uint64(homes)>>32))
		if i == len(slots) {
			slots = appendVacant(slots, 64)
		}
		slots[i] = s
		if s != vacant {
			next = i + 1
		}
	}
	t.slots, t.homes = slots, homes
	t.closeEnd()
}

func newPostings(bands int) postings {
	p := postings{bands: make([]table, bands)}
	for b := range p.bands {
		p.bands[b].resize(32)
	}
	return p
}

// touch reads the homes of all keys. The reads do not wait for one another, so
// the memory latency of the search that follows is paid once, not for each band.
// The sum of what it read has to be kept somewhere, or the compiler drops the reads.
func (p *postings) touch(keys []uint64) uint64 {
	var sum uint64
	for b, key := range keys {
		t := &p.bands[b]
		sum += t.slots[t.home(tagOf(key))]
	}
	return sum
}

// add adds a document. Ids have to be added in ascending order.
func (p *postings) add(id uint32, keys []uint64) {
	p.touched = p.touch(keys)
	for b, key := range keys {
		p.addTag(id, b, tagOf(key))
	}
}

func (p *postings) addTag(id uint32, b int, tag uint64) {
	t := &p.bands[b]
	i, ok := t.find(tag)
	if !ok {
		t.put(tag, uint64(id))
		return
	}
	ref := uint32(t.slots[i])
	if ref&linked == 0 {
		h := p.newList(ref)
		t.slots[i] = tag<<32 | linked | uint64(h)
		ref = h
	}
	p.link(ref&^linked, id)
}

// newList makes a bucket of one member and returns its header.
func (p *postings) newList(id uint32) uint32 {
	h := uint32(len(p.nodes))
	if h >= maxDocs {
		panic("minhash: index has too many entries")
	}
	p.nodes = append(p.nodes, node{1, h + 1}, node{id, 0})
	return h
}

// link adds a member to the bucket with header h.
func (p *postings) link(h, id uint32) {
	n := uint32(len(p.nodes))
	p.nodes = append(p.nodes, node{id, 0})
	head := &p.nodes[h]
	p.nodes[head.next].next = n
	head.id++
	head.next = n
}

// bucket returns what find finds for the key: the reference of its slot.
func (p *postings) bucket(b int, key uint64) (ref uint32, ok bool) {
	t := &p.bands[b]
	i, ok := t.find(tagOf(key))
	return uint32(t.slots[i]), ok
}

// appendBucket appends the documents of a bucket that are not dead, in order,
// no more than most.
func (p *postings) appendBucket(dst []uint32, ref uint32, dead *bitset.BitSet, most int) []uint32 {
	if ref&linked == 0 {
		if !dead.Test(uint(ref)) {
			dst = append(dst, ref)
		}
		return dst
	}
	for n := ref&^linked + 1; n != 0 && most > 0; n = p.nodes[n].next {
		if id := p.nodes[n].id; !dead.Test(uint(id)) {
			dst = append(dst, id)
			most--
		}
	}
	return dst
}

// sweep drops the dead documents, in one pass over the tables, and gives the
// others the numbers that moved has for them, in the same order.
func (p *postings) sweep(dead *bitset.BitSet, moved []uint32) {
	old := *p
	p.nodes = nil
	var ids []uint32
	for b := range p.bands {
		t := &old.bands[b]
		keep := t.slots[:0] // read before they are overwritten
		for _, s := range t.slots {
			if s == vacant {
				continue
			}
			ids = old.appendBucket(ids[:0], uint32(s), dead, maxDocs)
			if len(ids) == 0 {
				continue
			}
			ref := moved[ids[0]]
			if len(ids) > 1 {
				ref = p.newList(ref)
				for _, id := range ids[1:] {
					p.link(ref, moved[id])
				}
				ref |= linked
			}
			keep = append(keep, s>>32<<32|uint64(ref))
		}
		p.bands[b] = table{slots: keep, used: len(keep)}
		p.bands[b].resize(max(32, len(keep)+len(keep)/4))
	}
}

// tags writes the tags of all documents that are not dead to tags, those of one
// document side by side, and sets the bits of these documents in has. Documents
// are known there by the numbers that names has for them, if it is not nil.
func (p *postings) tags(tags, names []uint32, dead, has *bitset.BitSet) {
	var ids []uint32
	for b := range p.bands {
		for _, s := range p.bands[b].slots {
			if s == vacant {
				continue
			}
			ids = p.appendBucket(ids[:0], uint32(s), dead, maxDocs)
			for _, id := range ids {
				if names != nil {
					id = names[id]
				}
				tags[int(id)*len(p.bands)+b] = uint32(s >> 32)
				has.Set(uint(id))
			}
		}
	}
}

// bytes returns the memory held.
func (p *postings) bytes() int {
	n := 8 * cap(p.nodes)
	for b := range p.bands {
		n += 8 * cap(p.bands[b].slots)
	}
	return n
}

// merge adds the documents of o that are not dead, their ids raised by shift,
// which no id of p reaches.
func (p *postings) merge(o *postings, shift uint32, dead *bitset.BitSet) {
	var ids []uint32
	for b := range o.bands {
		for _, s := range o.bands[b].slots {
			if s == vacant {
				continue
			}
			ids = o.appendBucket(ids[:0], uint32(s), dead, maxDocs)
			for _, id := range ids {
				p.addTag(id+shift, b, s>>32)
			}
		}
	}
}

// lists calls f for each bucket of more than one living document, with the band, the
// header and the members, which f must not keep. The order is that of bands and
// of tags.
func (p *postings) lists(dead *bitset.BitSet, f func(band int, h uint32, members []uint32)) {
	var ids []uint32
	for b := range p.bands {
		for _, s := range p.bands[b].slots {
			if s == vacant || s&linked == 0 {
				continue
			}
			if ids = p.appendBucket(ids[:0], uint32(s), dead, maxDocs); len(ids) > 1 {
				f(b, uint32(s)&^linked, ids)
			}
		}
	}
}

// skipped returns how many members of the buckets of the keys are past the first
// most of each.
func (p *postings) skipped(q *query, keys []uint64, dead *bitset.BitSet, most int) int {
	n := 0
	for b, key := range keys {
		if ref, ok := p.bucket(b, key); ok {
			q.ids = p.appendBucket(q.ids[:0], ref, dead, maxDocs)
			n += max(0, len(q.ids)-most)
		}
	}
	return n
}
