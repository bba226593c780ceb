package simhash

import (
	"iter"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/neardup/neardup/internal/idmap"
)

// A Pair is two fingerprints within the distance of an index. A is less than B.
type Pair struct {
	A, B     uint32
	Distance int
}

// Pairs returns all pairs within the distance of the index, each once. The order depends only on
// the fingerprints, their ids and the distance: not on how and when they were added, nor on the
// number of processors. The work is done on all of them; the pairs found ahead of the loop are few,
// so memory does not grow with their number.
//
// It takes n/2 times the candidates of a query (see [Plan]), at less than 1 ns each, and first,
// unless the index is as [Index.Compact] leaves it, time and memory for a sorted copy. Equal
// fingerprints are compared once, but all the pairs of them are yielded: a million for 1,415 equal
// ones. [Index.Links] leaves those out.
//
// The index must not be changed during the loop; it may be searched.
func (x *Index) Pairs() iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		x.join(func(j *join, a, b []uint32, d int) bool {
			if b == nil {
				for i, s := range a {
					for _, t := range a[i+1:] {
						if !yield(j.pair(s, t, d)) {
							return false
						}
					}
				}
			}
			for _, s := range a {
				for _, t := range b {
					if !yield(j.pair(s, t, d)) {
						return false
					}
				}
			}
			return true
		})
	}
}

// Links is like [Index.Pairs] for those who want to know what hangs together: it yields only the
// pairs that link each of several equal fingerprints to the one with the lowest id, and that one to
// others within the distance. They connect what Pairs connects, but for n equal fingerprints there
// are n-1 of them, not n(n-1)/2.
func (x *Index) Links() iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		x.join(func(j *join, a, b []uint32, d int) bool {
			if b == nil {
				for _, t := range a[1:] {
					if !yield(j.pair(a[0], t, d)) {
						return false
					}
				}
				return true
			}
			return yield(j.pair(a[0], b[0], d))
		})
	}
}

// A join finds all pairs in a compact index.
type join struct {
	fps   []uint64
	ids   []uint32 // by slot; nil if the same
	r     run
	slots []uint32 // of distinct fingerprints, if they are scanned
	d     int

	chunks  []chunk
	next    atomic.Int64  // the first chunk that no worker has taken
	ahead   chan struct{} // one for each chunk taken but not consumed
	done    chan struct{}
	workers sync.WaitGroup
}

// A chunk is a piece of the work: keys of one table or, for a scan, slots, from lo up to hi. What
// is found goes out in batches, by slot.
type chunk struct {
	table, lo, hi int
	out           chan []Pair
}

const (
	chunkValues = 8192    // in one chunk, unless one key has more
	chunkScan   = 1 << 20 // comparisons in one chunk, unless one row has more
	batch       = 1024    // pairs
)

// join calls emit for each group of two or more equal fingerprints, as a with b = nil, and for each
// two groups within the distance, until it returns false. The slots of a group are in order.
func (x *Index) join(emit func(j *join, a, b []uint32, d int) bool) {
	j := x.newJoin()
	for lo := 0; lo < len(j.r.stands); {
		g := j.group(nil, j.r.stands[lo])
		if !emit(j, g, nil, 0) {
			return
		}
		lo += len(g) - 1
	}
	defer j.stop()
	j.start()
	var a, b []uint32
	for _, c := range j.chunks {
		for found := range c.out {
			for _, p := range found {
				a, b = j.group(a[:0], p.A), j.group(b[:0], p.B)
				if !emit(j, a, b, p.Distance) {
					return
				}
			}
		}
		<-j.ahead
	}
}

// newJoin brings x into a canonical shape, in a copy if it is not.
func (x *Index) newJoin() *join {
	j := &join{fps: x.fps, d: x.d, done: make(chan struct{})}
	if x.compact() && x.runs[0].root != nil {
		if j.r = x.runs[0]; !x.ids.Same() {
			j.ids = x.ids.AppendIDs(nil)
		}
		return j
	}
	j.fps, j.ids = make([]uint64, 0, x.ids.Len()), make([]uint32, 0, x.ids.Len())
	for i := range x.ids.Total() {
		if s, ok := x.ids.Slot(uint32(i)); ok {
			j.fps, j.ids = append(j.fps, x.fps[s]), append(j.ids, uint32(i))
		}
	}
	if j.r = newRun(j.fps, new(idmap.Map), 0, len(j.fps), x.d); j.r.root == nil {
		for i := range j.fps {
			j.slots = append(j.slots, uint32(i))
		}
		j.slots = j.r.group(j.fps, j.slots)
	}
	return j
}

// group appends slot and its twins to dst.
func (j *join) group(dst []uint32, slot uint32) []uint32 {
	return append(append(dst, slot), j.r.twinsOf(slot)...)
}

// pair returns the pair of two slots.
func (j *join) pair(s, t uint32, d int) Pair {
	if s > t {
		s, t = t, s
	}
	if j.ids != nil {
		s, t = j.ids[s], j.ids[t]
	}
	return Pair{s, t, d}
}

// start cuts the work into chunks, in a way that depends on nothing but the fingerprints, and sets
// workers to it.
func (j *join) start() {
	if root := j.r.root; root != nil {
		for b, t := range root.tables {
			keys := len(t.dir) - 1
			for lo, k := 0, 1; k <= keys; k++ {
				if k == keys || t.dir[k+1]-t.dir[lo] > chunkValues {
					j.chunks = append(j.chunks, chunk{table: b, lo: lo, hi: k})
					lo = k
				}
			}
		}
	} else {
		rows := chunkScan/(len(j.slots)+1) + 1
		for lo := 0; lo < len(j.slots); lo += rows {
			j.chunks = append(j.chunks, chunk{lo: lo, hi: min(lo+rows, len(j.slots))})
		}
	}
	for i := range j.chunks {
		j.chunks[i].out = make(chan []Pair, 1)
	}
	n := runtime.GOMAXPROCS(0)
	j.ahead = make(chan struct{}, 16*n)
	for range min(n, len(j.chunks)) {
		j.workers.Add(1)
		go func() {
			defer j.workers.Done()
			w := worker{join: j}
			for !w.stopped() {
				select {
				case j.ahead <- struct{}{}:
				case <-j.done:
					return
				}
				i := j.next.Add(1) - 1
				if i >= int64(len(j.chunks)) {
					return
				}
				w.work(&j.chunks[i])
			}
		}()
	}
}

// stop ends the workers and waits for them.
func (j *join) stop() {
	close(j.done)
	j.workers.Wait()
}

// A worker works on one chunk at a time.
type worker struct {
	*join
	out   chan []Pair
	found []Pair
	path  [maxDepth]step
	depth int
}

// stopped reports whether nobody wants more pairs.
func (w *worker) stopped() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

func (w *worker) work(c *chunk) {
	w.out = c.out
	if w.r.root != nil {
		w.joinKeys(w.r.root, c.table, c.lo, c.hi, w.d)
	} else {
		w.joinRows(c.lo, c.hi)
	}
	w.flush()
	close(c.out)
}

// joinRows compares the fingerprints from lo up to hi with all that follow them.
func (w *worker) joinRows(lo, hi int) {
	for i := lo; i < hi && !w.stopped(); i++ {
		s := w.slots[i]
		f := w.fps[s]
		for _, t := range w.slots[i+1:] {
			if d := bits.OnesCount64(f ^ w.fps[t]); d <= w.d {
				w.add(s, t, d)
			}
		}
	}
}

// joinKeys finds the pairs within d bits of which one has a key from lo up to hi in table b of nd,
// and the other the same or a greater one.
func (w *worker) joinKeys(nd *node, b, lo, hi, d int) {
	r := radius(b, nd.blocks, d)
	if r < 0 {
		return
	}
	t := &nd.tables[b]
	w.path[w.depth] = step{nd, b, d}
	w.depth++
	for k := lo; k < hi && !w.stopped(); k++ {
		begin, end := t.dir[k], t.dir[k+1]
		if begin == end {
			continue
		}
		if sub := t.sub[uint32(k)]; sub != nil {
			for i := range sub.tables {
				w.joinKeys(sub, i, 0, 1<<sub.key, d)
			}
		} else {
			for i := begin; i+1 < end; i++ {
				w.compare(t, i, i+1, end, d)
			}
		}
		for n := 1; n <= min(r, nd.key); n++ {
			for flip := uint64(1)<<n - 1; flip>>nd.key == 0; flip = following(flip) {
				other := k ^ int(flip)
				if other < k || t.dir[other] == t.dir[other+1] {
					continue
				}
				if t.sub[uint32(k)] != nil || t.sub[uint32(other)] != nil {
					w.joinCrowd(nd, t, uint32(k), uint32(other), d-n)
					continue
				}
				for i := begin; i < end; i++ {
					w.compare(t, i, t.dir[other], t.dir[other+1], d-n)
				}
			}
		}
	}
	w.depth--
}

// joinCrowd finds the pairs within d bits between two buckets of which at least one has a node
// below it: it searches that for each of the other bucket.
func (w *worker) joinCrowd(nd *node, t *table, k, other uint32, d int) {
	if t.sub[other] == nil || t.sub[k] != nil && t.dir[k+1]-t.dir[k] > t.dir[other+1]-t.dir[other] {
		k, other = other, k
	}
	f := finder{fps: w.fps, d: w.d, path: w.path}
	for _, s := range t.slot[t.dir[k]:t.dir[k+1]] {
		f.q = w.fps[s]
		f.out = f.out[:0]
		f.depth = w.depth
		_, rest := nd.split(t, f.q)
		f.search(t.sub[other], rest, d)
		for _, m := range f.out {
			w.add(s, m.ID, m.Distance)
		}
	}
}

// compare finds what is within d bits of value i of t among those from lo up to hi.
func (w *worker) compare(t *table, i, lo, hi uint32, d int) {
	p := t.part[i]
	for ; lo < hi; lo += nearBlock {
		for m := nearParts(t.part[lo:], hi-lo, p, uint32(d)); m != 0; m &= m - 1 {
			s, u := t.slot[i], t.slot[lo+uint32(bits.TrailingZeros32(m))]
			diff := w.fps[s] ^ w.fps[u]
			if d := bits.OnesCount64(diff); d <= w.d && firstFound(w.path[:w.depth], diff) {
				w.add(s, u, d)
			}
		}
	}
}

func (w *worker) add(s, t uint32, d int) {
	w.found = append(w.found, Pair{s, t, d})
	if len(w.found) == batch {
		w.flush()
	}
}

// flush sends what is found.
func (w *worker) flush() {
	if len(w.found) > 0 {
		select {
		case w.out <- w.found:
		case <-w.done:
		}
		w.found = nil
	}
}
