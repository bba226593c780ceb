package minhash

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// bulkChunk is how many documents AddAll puts into the tables at a time.
const bulkChunk = 1 << 18

// AddAll adds documents as [Index.Add] does one after the other, and returns the id of the first;
// the others follow. It panics as [Index.Put] does, before it adds any. It goes through the tables
// band by band, in the order of the tags, so that memory is read in its order too, and on all
// processors: a million documents take a third of the time of Add on two processors, and half of it
// in processor time. For fewer documents than a 64th of those that are there it is Add.
func (x *Index) AddAll(sigs []Signature) (first uint32) {
	x.mustBeMade()
	first = x.next
	for _, sig := range sigs {
		x.mustFit(sig)
	}
	if int64(first)+int64(len(sigs)) > maxDocs {
		panic("minhash: index is full")
	}
	for len(sigs) > 0 {
		n := min(len(sigs), bulkChunk)
		if n > x.n/64 {
			x.addChunk(sigs[:n])
		} else { // so few are better off on their own
			for _, sig := range sigs[:n] {
				x.Add(sig)
			}
		}
		sigs = sigs[n:]
	}
	return first
}

func (x *Index) addChunk(sigs []Signature) {
	ids := make([]uint32, 0, len(sigs))
	full := make([]Signature, 0, len(sigs))
	for _, sig := range sigs {
		id := x.next
		x.admit(id)
		if !sig.Empty() {
			x.indexed.Set(uint(id))
			x.records.make(id)
			ids, full = append(ids, id), append(full, sig)
		}
	}
	tags := make([]uint32, len(x.bands)*len(ids)) // of the first band, of the second, …
	const piece = 256
	inParallel((len(ids)+piece-1)/piece, func() func(int) {
		var keys []uint64
		return func(c int) {
			for i := c * piece; i < min((c+1)*piece, len(ids)); i++ {
				keys = x.cfg.Plan.appendBandKeys(keys[:0], full[i])
				x.write(x.records.at(ids[i]), full[i], keys)
				for b, key := range keys {
					tags[b*len(ids)+i] = uint32(key >> (64 - tagBits))
				}
			}
		}
	})
	inParallel(len(x.bands), func() func(int) {
		s := sorter{entries: make([]uint64, len(ids)), other: make([]uint64, len(ids))}
		return func(b int) {
			x.bands[b].linkAll(ids, tags[b*len(ids):], x.secret, x.order(b), &s)
		}
	})
}

// linkAll adds documents, whose tags these are.
func (t *table) linkAll(ids, tags []uint32, secret secret, o order, s *sorter) {
	s.entries = s.entries[:len(ids)]
	for i := range ids {
		s.entries[i] = t.stretched(secret.scramble(tags[i])) | uint64(i) // which is less than bulkChunk
	}
	s.sort()
	t.expect(len(ids))
	var p place
	for left := s.entries; len(left) > 0; {
		t.locate(&p, left[0]&^(bulkChunk-1))
		// Those that go to one segment, and how many of them differ.
		n, differ := 1, 1
		for n < len(left) && (left[n]^left[0])>>1>>(63-p.depth) == 0 {
			if (left[n]^left[n-1])&^(bulkChunk-1) != 0 {
				differ++
			}
			n++
		}
		if need := min(int(p.segment.used)+differ, segmentMax); len(p.segment.bins)*binSize < need {
			t.resize(&p, binsFor(uint32(need), uint32(need/8)))
		}
		for _, e := range left[:n] {
			t.locate(&p, e&^(bulkChunk-1))
			t.link(&p, ids[e%bulkChunk], o)
		}
		left = left[n:]
	}
}

// expect splits segments that would soon be split, with so many more documents.
func (t *table) expect(n int) {
	if n < 1000 {
		return
	}
	for _, segs := range [][]segment{t.segs, t.next} {
		for i := range segs {
			n += int(segs[i].used)
		}
	}
	for int64(n) > segmentMax<<t.depth && t.depth < maxDepth {
		t.splitAll()
	}
}

// sorter sorts entries by their upper bits: enough of them that places in tables are in order but
// for a few.
type sorter struct{ entries, other []uint64 }

func (s *sorter) sort() {
	const bits = 11
	s.other = s.other[:len(s.entries)]
	for _, shift := range []int{64 - 2*bits, 64 - bits} {
		var at [1<<bits + 1]int
		for _, e := range s.entries {
			at[e>>shift&(1<<bits-1)+1]++
		}
		for i := range at[1:] {
			at[i+1] += at[i]
		}
		for _, e := range s.entries {
			i := e >> shift & (1<<bits - 1)
			s.other[at[i]] = e
			at[i]++
		}
		s.entries, s.other = s.other, s.entries
	}
}

// inParallel calls the functions that worker makes for 0 to n-1, each once.
func inParallel(n int, worker func() func(int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			work := worker()
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				work(int(i - 1))
			}
		}()
	}
	wg.Wait()
}
