package minhash

import "slices"

// literalBands is banding as the papers put it: two signatures are candidates
// if all slots of at least one band are equal. It shares no code with the index.
type literalBands struct {
	plan Plan
	sigs []Signature // nil where deleted
}

func (l *literalBands) share(a, b Signature) bool {
	at := 0
	for band := range l.plan.Bands {
		r := l.plan.Rows
		if band < l.plan.Wide {
			r = l.plan.Rows + 1
		}
		equal := true
		for i := at; i < at+r; i++ {
			if a[i] != b[i] {
				equal = false
			}
		}
		if equal {
			return true
		}
		at += r
	}
	return false
}

func (l *literalBands) candidates(sig Signature) []uint32 {
	ids := []uint32{}
	for id, other := range l.sigs {
		if other != nil && !isEmptySet(sig) && l.share(sig, other) {
			ids = append(ids, uint32(id))
		}
	}
	return ids
}

func isEmptySet(sig Signature) bool {
	return !slices.ContainsFunc(sig, func(v uint64) bool { return v != 1<<64-1 })
}
