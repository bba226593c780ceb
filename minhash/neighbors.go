package minhash

import (
	"slices"

	"github.com/bits-and-blooms/bitset"
)

// Neighbors answers queries for the documents that an index holds, by their ids. It is a snapshot of the bands, which
// the index itself does not keep by document: documents added later are not found, documents deleted later are not
// found either. It takes 4 bytes for each band of each document. Queries may run concurrently with one another; changes
// of the index need exclusive access.
type Neighbors struct {
	x    *Index
	n    int
	tags []uint32
}

// Neighbors returns a Neighbors of the documents now in the index. Cost: O(b) time for each document.
func (x *Index) Neighbors() *Neighbors {
	return &Neighbors{x, x.n, x.post.appendTags(nil, x.n, &x.dead)}
}

// AppendQuery appends the candidates for document id with an estimated similarity of min or more, without the document itself, and
// returns the extended slice; dst[:len(dst)] is untouched. The order is that of [Index.AppendQuery]; MaxBucket is not
// observed, so the candidates of a document do not depend on the order of adding. There are none if the document was
// deleted or is not in the snapshot. Cost: as [Index.AppendQuery], no allocation if dst has room.
func (g *Neighbors) AppendQuery(dst []Match, id uint32, min float64) []Match {
	x := g.x
	if !x.has(id) || int64(id) >= int64(g.n) {
		return dst
	}
	own := x.packed.at(id)
	if !x.indexed(id, g.tags) {
		return dst
	}
	base := len(dst)
	q := x.start()
	q.ids = q.ids[:0]
	bands := len(x.post.bands)
	for b, tag := range g.tags[int(id)*bands:][:bands] {
		if ref, ok := x.post.bucket(b, uint64(tag)<<32); ok {
			q.ids = x.post.appendBucket(q.ids, ref, &x.dead, maxDocs)
		}
	}
	q.unique()
	for _, other := range q.ids {
		if other == id || int64(other) >= int64(g.n) {
			continue
		}
		if s := x.packing.Similarity(own, x.packed.at(other)); s >= min {
			dst = append(dst, Match{other, s})
		}
	}
	x.pool.Put(q)
	slices.SortFunc(dst[base:], bestFirst)
	return dst
}

// indexed reports whether the document is in its buckets, as those without features are not.
func (x *Index) indexed(id uint32, tags []uint32) bool {
	if !zero(x.packed.at(id)) {
		return true
	}
	ref, ok := x.post.bucket(0, uint64(tags[int(id)*len(x.post.bands)])<<32)
	return ok && slices.Contains(x.post.appendBucket(nil, ref, &x.dead, maxDocs), id)
}

// Compact frees the room of deleted documents. The others are numbered anew, from 0 on in the order of their ids, so
// the index is as if the deleted ones had never been added. It makes a [Neighbors] useless. Cost: that of adding all
// documents again, without their signatures.
func (x *Index) Compact() {
	if x.gone == 0 {
		return
	}
	tags := x.post.appendTags(nil, x.n, &x.dead)
	old := x
	post, packed, n := newPostings(len(old.post.bands)), newRecords(old.packing.Size()), uint32(0)
	for id := range uint32(old.n) {
		if !old.has(id) {
			continue
		}
		if old.indexed(id, tags) {
			for b, tag := range tags[int(id)*len(post.bands):][:len(post.bands)] {
				post.addTag(n, b, uint64(tag))
			}
		}
		packed.add(old.packed.at(id))
		n++
	}
	x.post, x.packed, x.n = post, packed, int(n)
	x.dead, x.gone, x.swept = bitset.BitSet{}, 0, 0
}

// Similarity returns the similarity of two documents estimated from their packed signatures, in [0,1]. It panics if an
// id was not given; deleted documents may still be compared. Cost: O(k·Bits/64) time, no allocation.
func (x *Index) Similarity(a, b uint32) float64 {
	return x.packing.Similarity(x.packed.at(a), x.packed.at(b))
}
