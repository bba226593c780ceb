package minhash

import (
	"bytes"
	"cmp"
	"slices"
)

// literalIndex is banding as the papers put it: two signatures are candidates if all slots of at least
// one band are equal. Of large buckets it looks at the members next to the one that asks, as the
// documentation of [Index] says. It shares no code with the index.
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

// less is the order of the bucket of a band.
func (l *literalIndex) less(band int, a Signature, i int64, b Signature, j int64) bool {
	x, y := literalKeys(l.plan, a), literalKeys(l.plan, b)
	for n := 1; n < len(x); n++ {
		at := (band + n) % len(x)
		if c := cmp.Compare(x[at]>>36, y[at]>>36); c != 0 {
			return c < 0
		}
	}
	if c := bytes.Compare(oraclePack(a, l.bits), oraclePack(b, l.bits)); c != 0 {
		return c < 0
	}
	return i < j
}

// candidates returns the documents that a query looks at, in order, and the number of those left out
// in each band. The id is that of the document that asks, or -1.
func (l *literalIndex) candidates(sig Signature, id int64, most int, only func(uint32) bool) (ids []uint32, skipped int) {
	ids = []uint32{}
	if isEmptySet(sig) {
		return ids, 0
	}
	for band := range l.plan.Bands {
		var before, after []uint32
		for i, other := range l.docs {
			switch {
			case int64(i) == id || !only(i) || isEmptySet(other) || !l.equal(sig, other, band):
			case l.less(band, other, int64(i), sig, id):
				before = append(before, i)
			default:
				after = append(after, i)
			}
		}
		for _, members := range [][]uint32{before, after} {
			slices.SortFunc(members, func(a, b uint32) int {
				if l.less(band, l.docs[a], int64(a), l.docs[b], int64(b)) {
					return -1
				}
				return 1
			})
		}
		if n := len(before) - most; n > 0 {
			before, skipped = before[n:], skipped+n
		}
		if n := len(after) - most; n > 0 {
			after, skipped = after[:most], skipped+n
		}
		ids = append(append(ids, before...), after...)
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
