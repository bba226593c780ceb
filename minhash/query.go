package minhash

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/bits-and-blooms/bitset"
)

// Match is a document that a query found.
type Match struct {
	ID         uint32
	Similarity float64 // estimated Jaccard similarity, in [0,1]
}

// bestFirst orders matches.
func bestFirst(a, b Match) int {
	if c := cmp.Compare(b.Similarity, a.Similarity); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// query is the room that a query needs.
type query struct {
	keys     []uint64
	places   []place
	found    []bucket
	record   []byte // of the signature asked for
	ids      []uint32
	seen     bitset.BitSet // all clear between queries
	list     crowd         // a list, as if it were one
	agree    []uint16      // slots in which matches agree
	starts   []int         // of the matches that agree in as many
	unsorted []Match
	read     uint32
}

// bucket is one that a query has found.
type bucket struct {
	band   int
	linked bool
	name   uint32 // of the document or, if linked, the list
}

// start returns room for a query.
func (x *Index) start() *query {
	if q, ok := x.pool.Get().(*query); ok {
		return q
	}
	return new(query)
}

// lookup finds the buckets of q.keys.
func (h *holdings) lookup(q *query) {
	q.places, q.read = h.find(q.places, q.keys, false)
	q.found = q.found[:0]
	for b := range q.places {
		p := &q.places[b]
		if e, i := p.find(); e != nil {
			q.found = append(q.found, bucket{b, e.refs[i]&linked != 0, p.name(e.refs[i])})
		}
	}
}

// gather puts the members of the buckets found that are next to a document into q.ids, in the order
// of their ids, see [crowd.near]. It returns how many were left out, at least 1 if any.
func (h *holdings) gather(q *query, record []byte, id int64, most int, only *bitset.BitSet) (skipped int) {
	q.ids = q.ids[:0]
	for _, f := range q.found {
		if !f.linked {
			if int64(f.name) != id && (only == nil || only.Test(uint(f.name))) {
				q.ids = append(q.ids, f.name)
			}
			continue
		}
		list, c := h.bands[f.band].lists.members(f.name)
		if c == nil && len(list) <= most {
			for _, m := range list {
				if int64(m) != id && (only == nil || only.Test(uint(m))) {
					q.ids = append(q.ids, m)
				}
			}
			continue
		}
		o := h.order(f.band)
		if c == nil {
			c = q.crowd(list, o)
		}
		before, more := len(q.ids), false
		if q.ids, more = c.near(q.ids, record, id, o, most, only); more {
			skipped += max(1, c.n-(len(q.ids)-before))
		}
	}
	q.unique()
	return skipped
}

// crowd makes a crowd of the members of a list, which has no order.
func (q *query) crowd(members []uint32, o order) *crowd {
	if q.list.leaves == nil {
		q.list.leaves = make([][]uint32, 1)
	}
	leaf := append(q.list.leaves[0][:0], members...)
	o.sort(leaf)
	q.list.leaves[0], q.list.n = leaf, len(leaf)
	return &q.list
}

// unique sorts q.ids and drops repetitions.
func (q *query) unique() {
	if len(q.ids) <= 64 {
		slices.Sort(q.ids)
		q.ids = slices.Compact(q.ids)
		return
	}
	// A crowd: the bands repeat one another.
	kept := q.ids[:0]
	first, last := uint32(1<<32-1), uint32(0)
	for _, id := range q.ids {
		if !q.seen.Test(uint(id)) {
			q.seen.Set(uint(id))
			kept = append(kept, id)
			first, last = min(first, id), max(last, id)
		}
	}
	q.ids = kept
	if int(last-first)/64 > 8*len(kept) {
		slices.Sort(q.ids)
		for _, id := range q.ids {
			q.seen.Clear(uint(id))
		}
		return
	}
	words := q.seen.Words()[first/64 : last/64+1]
	q.ids = q.ids[:0]
	for i, word := range words {
		for at := (first/64 + uint32(i)) * 64; word != 0; word &= word - 1 {
			q.ids = append(q.ids, at+uint32(bits.TrailingZeros64(word)))
		}
		words[i] = 0
	}
}

// candidates puts the candidates for sig into q.ids, in order, and returns how many members of
// buckets were left out. If there are any, q.record is that of sig.
func (x *Index) candidates(q *query, sig Signature, most int) (skipped int) {
	x.mustFit(sig)
	q.ids = q.ids[:0]
	if sig.Empty() {
		return 0
	}
	q.keys = x.cfg.Plan.appendBandKeys(q.keys[:0], sig)
	if x.lookup(q); len(q.found) == 0 {
		return 0
	}
	q.record = slices.Grow(q.record[:0], x.records.size)[:x.records.size]
	x.write(q.record, sig, q.keys)
	return x.gather(q, q.record, -1, min(most, x.cfg.MaxBucket), nil)
}

// verify appends those of q.ids whose estimated similarity to a record is least or more, best
// first.
func (x *Index) verify(dst []Match, q *query, record []byte, least float64) []Match {
	base, tags := len(dst), x.records.tags
	q.agree = q.agree[:0]
	for _, id := range q.ids {
		m := x.packing.matches(record[:tags], x.records.at(id)[:tags])
		if s := x.packing.estimate(m); s >= least {
			if s == 0 {
				m = 0 // as little as that is all the same
			}
			dst = append(dst, Match{id, s})
			q.agree = append(q.agree, uint16(m))
		}
	}
	if found := dst[base:]; len(found) > 64 {
		q.sort(found, x.packing.K)
	} else {
		slices.SortFunc(found, bestFirst)
	}
	return dst
}

// sort sorts matches, which are in the order of their ids and agree in q.agree of k slots.
func (q *query) sort(found []Match, k int) {
	q.starts = slices.Grow(q.starts[:0], k+1)[:k+1]
	clear(q.starts)
	for _, m := range q.agree {
		q.starts[m]++
	}
	at := 0
	for m := k; m >= 0; m-- {
		at, q.starts[m] = at+q.starts[m], at
	}
	q.unsorted = append(q.unsorted[:0], found...)
	for i, m := range q.agree {
		found[q.starts[m]] = q.unsorted[i]
		q.starts[m]++
	}
}

// AppendCandidates appends the ids of the documents that agree with sig in at least one band,
// unverified, in ascending order, and returns the extended slice; dst[:len(dst)] is untouched.
// skipped is the number of members of crowded buckets that were not looked at (see [Index]),
// counted in each band; 0 says that the answer is complete. It panics as [Index.Put] does. Cost:
// O(k + c·log c) time for c candidates, no allocation if dst has room.
func (x *Index) AppendCandidates(dst []uint32, sig Signature) (ids []uint32, skipped int) {
	q := x.start()
	skipped = x.candidates(q, sig, x.cfg.MaxBucket)
	dst = append(dst, q.ids...)
	x.pool.Put(q)
	return dst, skipped
}

// AppendQuery appends the candidates for sig with an estimated similarity of min or more and
// returns the extended slice; dst[:len(dst)] is untouched. The most similar come first, those of
// equal similarity in the order of their ids. If min is NaN there are none. The document itself is
// found if it is in the index. skipped is that of [Index.AppendCandidates]. It panics as
// [Index.Put] does. Cost: O(k) time and O(k·Bits/64) for each candidate, no allocation if dst has
// room.
func (x *Index) AppendQuery(dst []Match, sig Signature, min float64) (matches []Match, skipped int) {
	return x.AppendNear(dst, sig, min, x.cfg.MaxBucket)
}

// AppendNear is [Index.AppendQuery], but of a bucket it looks at no more than most documents before
// the place of sig and most after it, as if [IndexConfig].MaxBucket were as small. Whoever wants all
// versions of a text, but not to look at every text that has one paragraph of it, begins with a
// small most, and makes it larger as long as some are skipped and what is found is worth it.
func (x *Index) AppendNear(dst []Match, sig Signature, min float64, most int) (matches []Match, skipped int) {
	q := x.start()
	skipped = x.candidates(q, sig, max(0, most))
	dst = x.verify(dst, q, q.record, min)
	x.pool.Put(q)
	return dst, skipped
}
