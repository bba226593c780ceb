package minhash

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// With as many documents as make tables split: ids that are close and far apart, put, replaced and
// deleted in no order, against a map for each band.
func TestIndexLarge(t *testing.T) {
	n := 60_000
	if testing.Short() {
		n = 30_000
	}
	const k = 3
	rng := rand.New(rand.NewPCG(1, 71))
	x := mustIndex(t, IndexConfig{Plan: Plan{K: k, Bands: k, Rows: 1}, MaxBucket: n, Bits: 16})
	docs := map[uint32]Signature{}
	var buckets [k]map[uint64]map[uint32]bool
	for b := range buckets {
		buckets[b] = map[uint64]map[uint32]bool{}
	}
	drop := func(id uint32) bool {
		sig, ok := docs[id]
		for b, v := range sig {
			delete(buckets[b][v], id)
		}
		delete(docs, id)
		return ok
	}
	// Most values are in a bucket or two, some in many.
	random := func() Signature {
		sig := make(Signature, k)
		for b := range sig {
			sig[b] = uint64(rng.IntN(n))
			if rng.IntN(4) == 0 {
				sig[b] = uint64(rng.IntN(1 + rng.IntN(200)))
			}
		}
		return sig
	}
	check := func(when string) {
		t.Helper()
		if x.Len() != len(docs) {
			t.Fatalf("%s: Len() = %d, want %d", when, x.Len(), len(docs))
		}
		for range 300 {
			sig := random()
			var want []uint32
			for b, v := range sig {
				for id := range buckets[b][v] {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			want = slices.Compact(want)
			if got, skipped := x.AppendCandidates(nil, sig); skipped != 0 || !slices.Equal(got, want) {
				t.Fatalf("%s: %d candidates and %d skipped, want %d", when, len(got), skipped, len(want))
			}
		}
	}
	put := func(id uint32) {
		sig := random()
		drop(id)
		x.Put(id, sig)
		docs[id] = sig
		for b, v := range sig {
			if buckets[b][v] == nil {
				buckets[b][v] = map[uint32]bool{}
			}
			buckets[b][v][id] = true
		}
	}
	for i := range n {
		id := uint32(i)
		if i%8 == 0 { // far apart
			id = uint32(rng.IntN(30 * n))
		}
		put(id)
		if i%3 == 0 {
			put(uint32(rng.IntN(i + 1)))
		}
		if old := uint32(rng.IntN(i + 1)); i%4 == 0 {
			if got, want := x.Delete(old), drop(old); got != want {
				t.Fatalf("Delete(%d) = %v, want %v", old, got, want)
			}
		}
		if i%(n/6) == 0 {
			check("growing")
		}
	}
	check("grown")
	x.Compact()
	check("compacted")
	var y Index
	if err := y.UnmarshalBinary(encoded(t, x)); err != nil {
		t.Fatal(err)
	}
	x = &y
	check("decoded")
	ids := make([]uint32, 0, len(docs))
	for id := range docs {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	rng.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	for i, id := range ids {
		if x.Delete(id) != drop(id) {
			t.Fatalf("Delete(%d) finds nothing", id)
		}
		if i%(len(ids)/4) == 0 {
			check("shrinking")
		}
	}
	check("empty")
	for range 1000 {
		put(uint32(rng.IntN(n)))
	}
	check("filled again")
}
