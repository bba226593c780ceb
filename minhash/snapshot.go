package minhash

import "github.com/bits-and-blooms/bitset"

// Snapshot is the documents that an [Index] held when it was made. It answers queries for them by
// their ids and writes them, while the index goes on: documents put later are not in it.
//
// A document of a snapshot must not be deleted, nor another put in its place, as long as the
// snapshot is in use. Its methods are queries of the index: they may run concurrently, and changes
// of the index need exclusive access, but between two calls there may be any.
type Snapshot struct {
	x    *Index
	ids  bitset.BitSet
	n    int
	next uint32
}

// Snapshot returns the documents now in the index. Cost: 1/8 byte for each id, and the time to copy
// them.
func (x *Index) Snapshot() *Snapshot {
	x.mustBeMade()
	return &Snapshot{x: x, ids: *x.live.Clone(), n: x.n, next: x.next}
}

// AppendQuery appends the candidates for document id with an estimated similarity of min or more,
// without the document itself, and returns the extended slice; dst[:len(dst)] is untouched. The
// order is that of [Index.AppendQuery]. There are none if the document is not in the snapshot.
//
// Of the members of a bucket that are in the snapshot it looks at those most that come before the
// document, and those most that come after it, in the order of the bucket (see [Index]); more says
// that there are others in some bucket. With equal most, a finds b if and only if b finds a. A
// caller that looks for all members of a group of versions of one text, but not at every text that
// has the same paragraph, begins with a small most and makes it larger as long as there are more
// and what it finds is worth it.
//
// Cost: O(b) time and O(k·Bits/64) for each candidate, no allocation if dst has room.
func (s *Snapshot) AppendQuery(dst []Match, id uint32, min float64, most int) (matches []Match, more bool) {
	x := s.x
	if !s.ids.Test(uint(id)) || !x.indexed.Test(uint(id)) {
		return dst, false
	}
	q := x.start()
	q.keys = x.records.appendKeys(q.keys[:0], id)
	x.lookup(q)
	record := x.records.at(id)
	more = x.gather(q, record, int64(id), max(0, most), &s.ids) > 0
	dst = x.verify(dst, q, record, min)
	x.pool.Put(q)
	return dst, more
}
