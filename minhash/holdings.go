package minhash

import (
	"crypto/rand"
	"encoding/binary"
	"slices"

	"github.com/bits-and-blooms/bitset"
)

// holdings is what an index holds of its documents.
type holdings struct {
	records records
	live    bitset.BitSet // ids of documents
	indexed bitset.BitSet // ids of those that have features, which are in the tables
	n       int           // documents
	next    uint32        // one more than the largest id ever put
	bands   []table
	secret  secret

	keys    []uint64 // of the document being linked or unlinked
	places  []place
	touched uint32
}

// secret scrambles tags, in each index differently. Tags depend on the text alone, so whoever
// writes it could choose many that stand in one place of a table which has them as they are.
// Nothing that an index answers or encodes depends on its secret.
type secret struct{ xor, mul, mul2 uint32 }

func newSecret() secret {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return secret{
		binary.LittleEndian.Uint32(b[:]),
		binary.LittleEndian.Uint32(b[4:]) | 1,
		binary.LittleEndian.Uint32(b[8:]) | 1,
	}
}

// scramble returns another tag for each.
func (s secret) scramble(tag uint32) uint32 {
	tag = (tag ^ s.xor) * s.mul
	tag = (tag ^ tag>>15) * s.mul2
	return tag ^ tag>>16
}

func newHoldings(packed, bands int) holdings {
	h := holdings{records: newRecords(packed, bands), bands: make([]table, bands), secret: newSecret()}
	for b := range h.bands {
		h.bands[b] = newTable(b, bands)
	}
	return h
}

func (h *holdings) has(id uint32) bool { return h.live.Test(uint(id)) }

// admit makes room for a document that is new or takes the place of another.
func (h *holdings) admit(id uint32) {
	if id >= maxDocs {
		panic("minhash: index is full")
	}
	if h.has(id) {
		h.drop(id)
	}
	h.live.Set(uint(id))
	h.n++
	h.next = max(h.next, id+1)
}

// drop removes a document.
func (h *holdings) drop(id uint32) {
	if h.indexed.Test(uint(id)) {
		h.unlink(id)
		h.indexed.Clear(uint(id))
	}
	h.live.Clear(uint(id))
	h.n--
}

// find returns the places of tags, one for each band, in dst. It reads there, and if something is
// to be added, also where it will be, as far as that can be foreseen. The reads do not wait for one
// another, so the latency of memory is paid once, not for each band. The sum of what it read has
// to be kept somewhere, or the compiler drops the reads.
func (h *holdings) find(dst []place, keys []uint64, add bool) (places []place, sum uint32) {
	places = slices.Grow(dst[:0], len(keys))[:len(keys)]
	secret, bands := h.secret, h.bands[:len(keys)]
	for b, key := range keys {
		bands[b].locate(&places[b], secret.scramble(uint32(key>>32)))
	}
	for b := range places {
		p := &places[b]
		sum += uint32(p.segment.bins[p.home].meta)
	}
	for b := range places {
		p := &places[b]
		meta := p.segment.bins[p.home].meta
		if meta&filterBit(p.print) != 0 || add && meta&31 == binSize {
			sum += uint32(p.segment.bins[p.segment.after(int(p.home), p.print)].meta)
		}
	}
	return places, sum
}

// order returns the order of the members of the buckets of a band.
func (h *holdings) order(band int) order { return order{&h.records, band} }

// link puts a document with a record into the tables.
func (h *holdings) link(id uint32, keys []uint64) {
	h.indexed.Set(uint(id))
	h.places, h.touched = h.find(h.places, keys, true)
	for b := range h.places {
		p, t := &h.places[b], &h.bands[b]
		if name := max(id, t.lists.most()); name>>(p.width&31) != 0 {
			t.deepen(name)
			t.relocate(p, p.tag)
		}
		if e, i, ok := p.find(); ok {
			e.refs[i] = p.rest | t.lists.add(e.refs[i]&linked|p.name(e.refs[i]), id, h.order(b))
		} else {
			t.insert(p, id)
		}
	}
}

// unlink takes a document with a record out of the tables.
func (h *holdings) unlink(id uint32) {
	h.keys = h.records.appendKeys(h.keys[:0], id)
	h.places, h.touched = h.find(h.places, h.keys, false)
	for b := range h.places {
		p, t := &h.places[b], &h.bands[b]
		e, i, _ := p.find()
		if ref := e.refs[i]; ref&linked != 0 {
			e.refs[i] = p.rest | t.lists.remove(ref&linked|p.name(ref), id, h.order(b))
		} else {
			t.remove(p, e, i)
		}
	}
}

// copy puts the document from of o, which must be there, under an id.
func (h *holdings) copy(id uint32, o *holdings, from uint32) {
	h.admit(id)
	if o.indexed.Test(uint(from)) {
		copy(h.records.make(id), o.records.at(from))
		h.keys = h.records.appendKeys(h.keys[:0], id)
		h.link(id, h.keys)
	}
}

// compacted returns holdings of the same documents that have nothing to spare.
func (h *holdings) compacted() holdings {
	to := newHoldings(h.records.tags, len(h.bands))
	to.next = h.next
	for id, ok := h.live.NextSet(0); ok; id, ok = h.live.NextSet(id + 1) {
		to.records.reserve(uint32(id), &h.indexed)
		to.copy(uint32(id), h, uint32(id))
	}
	return to
}

// bytes returns the memory held.
func (h *holdings) bytes() int {
	n := h.records.bytes() + 8*(cap(h.live.Words())+cap(h.indexed.Words()))
	for b := range h.bands {
		n += h.bands[b].bytes()
	}
	return n
}
