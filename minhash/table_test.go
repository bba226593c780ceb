package minhash

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// tagTable is a table with a record for each document, of one tag.
type tagTable struct {
	t       *testing.T
	h       holdings
	buckets map[uint32][]uint32
	tags    map[uint32]uint32
}

func newTagTable(t *testing.T) *tagTable {
	return &tagTable{t, newHoldings(1, 1), map[uint32][]uint32{}, map[uint32]uint32{}}
}

func (x *tagTable) put(id, tag uint32) {
	x.delete(id)
	x.h.admit(id)
	key := []uint64{uint64(tag) << (64 - tagBits)}
	putTags(x.h.records.make(id)[1:], key)
	x.h.link(id, key)
	x.buckets[tag] = append(x.buckets[tag], id)
	x.tags[id] = tag
}

func (x *tagTable) delete(id uint32) {
	tag, ok := x.tags[id]
	if !ok {
		return
	}
	x.h.drop(id)
	delete(x.tags, id)
	x.buckets[tag] = slices.DeleteFunc(x.buckets[tag], func(i uint32) bool { return i == id })
	if len(x.buckets[tag]) == 0 {
		delete(x.buckets, tag)
	}
}

// check compares the bucket of a tag.
func (x *tagTable) check(tag uint32) {
	x.t.Helper()
	var q query
	q.keys = []uint64{uint64(tag) << (64 - tagBits)}
	x.h.lookup(&q)
	record := make([]byte, x.h.records.size)
	putTags(record[1:], q.keys)
	x.h.gather(&q, record, -1, maxDocs, nil)
	want := slices.Clone(x.buckets[tag])
	slices.Sort(want)
	if !slices.Equal(q.ids, want) {
		x.t.Fatalf("bucket of %x is %v, want %v", tag, q.ids, want)
	}
}

// checkAll compares all buckets, and that there is nothing else in the table.
func (x *tagTable) checkAll() {
	x.t.Helper()
	t := &x.h.bands[0]
	used := 0
	for _, segs := range [][]segment{t.segs, t.next} {
		for i := range segs {
			g := &segs[i]
			n := 0
			for j := range g.bins {
				n += int(g.bins[j].n)
				if g.bins[j].passed == 0 && g.bins[j].filter != 0 {
					x.t.Fatal("a bin remembers what has not passed it")
				}
			}
			if n != int(g.used) {
				x.t.Fatalf("segment of %d entries says it has %d", n, g.used)
			}
			used += n
		}
	}
	if used != len(x.buckets) {
		x.t.Fatalf("%d entries, want %d", used, len(x.buckets))
	}
	for tag := range x.buckets {
		x.check(tag)
	}
}

// A table is a map, through all splits and back.
func TestTable(t *testing.T) {
	n := 120_000
	if testing.Short() {
		n = 20_000
	}
	x := newTagTable(t)
	rng := rand.New(rand.NewPCG(1, 8))
	tag := func() uint32 { return rng.Uint32N(1<<tagBits) >> (rng.IntN(3) / 2 * 12) } // a third of few values
	for i := range n {
		x.put(uint32(rng.IntN(n)), tag())
		if i%3 == 0 {
			x.delete(uint32(rng.IntN(n)))
		}
		if i%50 == 0 {
			x.check(tag())
		}
		if i == n/3 || i == n-1 {
			x.checkAll()
		}
	}
	if d := x.h.bands[0].depth; !testing.Short() && d == 0 {
		t.Error("no segment was split")
	}
	for id := range uint32(n) {
		x.delete(id)
	}
	x.checkAll()
	if used := x.h.bands[0].bytes(); used > 1<<20 {
		t.Errorf("an empty table takes %d bytes", used)
	}
	for id := range uint32(n / 10) {
		x.put(id, tag())
	}
	x.checkAll()
}

// Large ids, in any order of arrival, have their place.
func TestTableLargeIDs(t *testing.T) {
	if raceEnabled {
		t.Skip("one goroutine, and slow under the race detector")
	}
	x := newTagTable(t)
	rng := rand.New(rand.NewPCG(1, 9))
	for _, limit := range []uint32{1 << 10, 1 << 18, 1 << 20, 1 << 24} {
		for range 6000 {
			x.put(rng.Uint32N(limit), rng.Uint32N(1<<tagBits)>>(rng.IntN(2)*16))
		}
		x.put(limit-1, 5)
		x.checkAll()
	}
}

// Tags that a writer of texts has chosen to stand in one place of a table do not, whatever the
// place and the secret.
func TestTableCannotBeAimedAt(t *testing.T) {
	if raceEnabled {
		t.Skip("one goroutine, and slow under the race detector")
	}
	const n = 20_000
	for name, tag := range map[string]func(i uint32) uint32{
		"consecutive":   func(i uint32) uint32 { return 0x7654321 + i },
		"first":         func(i uint32) uint32 { return i },
		"last":          func(i uint32) uint32 { return 1<<tagBits - 1 - i },
		"lower bits 0":  func(i uint32) uint32 { return i << 12 },
		"upper bits 1":  func(i uint32) uint32 { return i | 0xfff8000 },
		"two bits only": func(i uint32) uint32 { return i&0xff | i>>8<<20 },
	} {
		rng := rand.New(rand.NewPCG(1, 10))
		for trial := range 10 {
			h := newHoldings(1, 1)
			h.secret = secret{rng.Uint32N(1 << tagBits), rng.Uint32() | 1, rng.Uint32() | 1}
			passed := 0
			for i := range uint32(n) {
				h.admit(i)
				key := []uint64{uint64(tag(i)) << (64 - tagBits)}
				putTags(h.records.make(i)[1:], key)
				h.link(i, key)
			}
			segs, largest := 0, 0
			for _, s := range [][]segment{h.bands[0].segs, h.bands[0].next} {
				for i := range s {
					segs++
					largest = max(largest, int(s[i].used))
					for j := range s[i].bins {
						passed += int(s[i].bins[j].passed)
					}
				}
			}
			// At random, an entry passes 0.1 bins, and no segment has half more than the others.
			if passed > n/3 {
				t.Errorf("%s, %d: entries pass %.2f bins", name, trial, float64(passed)/n)
			}
			if h.bands[0].depth > 0 && largest > 3*n/segs {
				t.Errorf("%s, %d: the largest of %d segments has %d of %d entries", name, trial, segs, largest, n)
			}
		}
	}
}

// Documents that come and go take no more memory after long than after short.
func TestIndexChurn(t *testing.T) {
	const n = 2000
	rounds := 60
	if testing.Short() {
		rounds = 20
	}
	rng := rand.New(rand.NewPCG(1, 12))
	x := mustIndex(t, IndexConfig{Plan: Plan{K: 16, Bands: 8, Rows: 2}})
	sig := make(Signature, 16)
	var early int
	for round := range rounds {
		alike := 1 + rng.IntN(40) // buckets of another size each time
		for i := range uint32(n) {
			for j := range sig {
				sig[j] = rng.Uint64N(uint64(1 + n/alike))
			}
			if id := uint32(rng.IntN(n)); rng.IntN(2) == 0 {
				x.Delete(id)
			} else {
				x.Put(i, sig)
			}
		}
		switch {
		case round < 10:
			early = max(early, x.Bytes())
		case x.Bytes() > early*5/4:
			t.Fatalf("round %d: %d bytes, %d at first", round, x.Bytes(), early)
		}
	}
	before := encoded(t, x)
	x.Compact()
	if !slices.Equal(before, encoded(t, x)) {
		t.Error("Compact changes the index")
	}
	for id := range uint32(n) {
		if id%50 != 0 {
			x.Delete(id)
		}
	}
	full := x.Bytes()
	x.Compact()
	if x.Bytes() > full/4 {
		t.Errorf("%d bytes after Compact, %d before, of which 49 in 50 documents were deleted", x.Bytes(), full)
	}
}

// Whatever the number of documents, no segment is larger than what can be split or resized in a
// fraction of a millisecond.
func TestSegmentsStaySmall(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a large index")
	}
	h := newHoldings(1, 2)
	rng := rand.New(rand.NewPCG(1, 13))
	keys := make([]uint64, 2)
	for i := range uint32(600_000) {
		for j := range keys {
			keys[j] = rng.Uint64()
		}
		h.admit(i)
		putTags(h.records.make(i)[1:], keys)
		h.link(i, keys)
	}
	for b := range h.bands {
		t.Run(fmt.Sprintf("band=%d", b), func(t *testing.T) {
			for _, segs := range [][]segment{h.bands[b].segs, h.bands[b].next} {
				for i := range segs {
					if segs[i].used > segmentMax*5/4 {
						t.Fatalf("segment of %d entries", segs[i].used)
					}
				}
			}
		})
	}
}
