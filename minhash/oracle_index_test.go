package minhash

import (
	"bytes"
	"cmp"
	"slices"
)

// literalIndex is banding as the papers put it: two signatures are candidates if all slots of at
// least one band are equal. Of large buckets it looks at the members next to the one that asks, as
// the documentation of [Index] says. It shares no code with the index.
type literalIndex struct {
	plan Plan
	bits int
	docs map[uint32]Signature
}

// equal reports whether two signatures agree in a band.
func (l *literalIndex) equal(a, b Signature, band int) bool {
	at := band*l.plan.Rows + min(band, l.plan.Wide)
	rows := l.plan.Rows
	if band < l.plan.Wide {
		rows++
	}
	return slices.Equal(a[at:at+rows], b[at:at+rows])
}

// literalDoc is what the order of a bucket looks at.
type literalDoc struct {
	id     int64
	keys   []uint64
	packed []byte
}

func (l *literalIndex) doc(id int64, sig Signature) literalDoc {
	return literalDoc{id, literalKeys(l.plan, sig), oraclePack(sig, l.bits)}
}

// compare is the order of the bucket of a band.
func (a literalDoc) compare(band int, b literalDoc) int {
	for n := 1; n < len(a.keys); n++ {
		at := (band + n) % len(a.keys)
		if c := cmp.Compare(a.keys[at]>>36, b.keys[at]>>36); c != 0 {
			return c
		}
	}
	return cmp.Or(bytes.Compare(a.packed, b.packed), cmp.Compare(a.id, b.id))
}

// candidates returns the documents that a query looks at, in order, and the number of those left
// out in each band. The id is that of the document that asks, or -1.
func (l *literalIndex) candidates(sig Signature, id int64, most int, only func(uint32) bool) (ids []uint32, skipped int) {
	ids = []uint32{}
	if isEmptySet(sig) {
		return ids, 0
	}
	self := l.doc(id, sig)
	docs := map[uint32]literalDoc{}
	for band := range l.plan.Bands {
		var before, after []literalDoc
		for i, other := range l.docs {
			if int64(i) == id || !only(i) || isEmptySet(other) || !l.equal(sig, other, band) {
				continue
			}
			doc, ok := docs[i]
			if !ok {
				doc = l.doc(int64(i), other)
				docs[i] = doc
			}
			if doc.compare(band, self) < 0 {
				before = append(before, doc)
			} else {
				after = append(after, doc)
			}
		}
		for _, members := range [][]literalDoc{before, after} {
			slices.SortFunc(members, func(a, b literalDoc) int { return a.compare(band, b) })
		}
		if n := len(before) - most; n > 0 {
			before, skipped = before[n:], skipped+n
		}
		if n := len(after) - most; n > 0 {
			after, skipped = after[:most], skipped+n
		}
		for _, doc := range append(before, after...) {
			ids = append(ids, uint32(doc.id))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), skipped
}

// similarity is the estimate from b bits of each slot.
func (l *literalIndex) similarity(a, b Signature) float64 {
	if isEmptySet(a) || isEmptySet(b) {
		return 0
	}
	if zeros := make([]byte, len(oraclePack(a, l.bits))); bytes.Equal(oraclePack(a, l.bits), zeros) && bytes.Equal(oraclePack(b, l.bits), zeros) {
		return 0 // few bits are not told from the empty set
	}
	agree := 0
	for i := range a {
		if oracleSlot(a[i], l.bits) == oracleSlot(b[i], l.bits) {
			agree++
		}
	}
	values := 1 << l.bits
	return max(0, float64(agree*values-len(a))/float64(len(a)*(values-1)))
}

// matches returns those of some documents that are similar, best first.
func (l *literalIndex) matches(sig Signature, ids []uint32, least float64) []Match {
	found := []Match{}
	for _, id := range ids {
		if s := l.similarity(sig, l.docs[id]); s >= least {
			found = append(found, Match{id, s})
		}
	}
	slices.SortStableFunc(found, func(a, b Match) int { return cmp.Compare(b.Similarity, a.Similarity) })
	return found
}

func all(uint32) bool { return true }

func isEmptySet(sig Signature) bool {
	return !slices.ContainsFunc(sig, func(v uint64) bool { return v != 1<<64-1 })
}
