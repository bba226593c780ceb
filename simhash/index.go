package simhash

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/bits-and-blooms/bitset"
)

// Config says what an [Index] is to find. The zero value is good for finding equal fingerprints.
type Config struct {
	// Distance is the greatest number of bits, 0 to [MaxDistance], in which a match differs.
	Distance int
}

// A Match is a fingerprint found: its id and its distance from what was asked for.
type Match struct {
	ID       uint32
	Distance int
}

// An Index finds all fingerprints within a distance: exactly, none missing, none twice.
//
// Ids are dense: the i-th fingerprint added has the id i, counting from 0, whatever is deleted. What is added is
// found at once. It goes to a small part that is scanned, and from there to sorted parts (see [Plan]), each at least
// eight times as large as the next, so that a fingerprint is sorted about eight times for each factor of eight in size;
// [Index.AddAll] sorts but once, and so does reading an index.
//
// # Cost
//
// A query takes what [NewPlan] predicts, for the large part and again, much less, for each smaller one. The memory is
// Plan.Bytes for each fingerprint; one that has come before takes 16 bytes, a deleted one 8.
//
// Skew is harmless. Fingerprints that are equal are compared once, however many they are, and where a block is the
// same in thousands of fingerprints, they are sorted again by their other blocks (for up to 32 bytes more in each of the
// tables concerned).
//
// The zero value is an empty index of distance 0. Queries may run concurrently; whatever changes the index needs
// exclusive access. An Index must not be copied.
type Index struct {
	d     int
	made  bool          // by NewIndex: the distance is settled
	fps   []uint64      // by slot
	dead  bitset.BitSet // slots deleted or replaced
	runs  []run         // sorted parts, in the order of slots and, by a factor of spread or more, of size
	tail  int           // the first slot after runs: from here on, fps is scanned
	live  int           // fingerprints that are not deleted
	total int           // ids given out

	// Ids and slots are the same until something is replaced.
	ids   []uint32 // by slot; nil if the same
	slots []uint32 // by id; nil if the same
}

const (
	maxIDs = math.MaxUint32 & math.MaxInt // slots are counted in an int
	spread = 8
)

// maxTail is the number of slots that are scanned. (Tests lower it.)
var maxTail = 256

// NewIndex returns an empty index. It returns an error that says what it would cost if cfg.Distance is over
// [MaxDistance], and an error if it is negative.
func NewIndex(cfg Config) (*Index, error) {
	if err := checkDistance(cfg.Distance); err != nil {
		return nil, err
	}
	return &Index{d: cfg.Distance, made: true}, nil
}

// Distance returns the greatest distance, in bits, of a match.
func (x *Index) Distance() int { return x.d }

// Len returns the number of fingerprints in x, deleted ones not counted.
func (x *Index) Len() int { return x.live }

// Add adds f and returns its id. It takes about 3 µs on average up to a million fingerprints, where one call in 256
// sorts some of them and rare ones sort all; [Index.AddAll] is far cheaper. It panics if x has given out 4,294,967,295 ids.
func (x *Index) Add(f Fingerprint) uint32 {
	id := x.add(f)
	if len(x.fps)-x.tail > maxTail {
		x.settle()
	}
	return id
}

// AddAll adds fingerprints and returns the id of the first; the others follow. It sorts at most once, which takes about
// 0.2 µs for each. It panics as [Index.Add] does.
func (x *Index) AddAll(fingerprints []Fingerprint) uint32 {
	first := uint32(x.total)
	x.fps = slices.Grow(x.fps, len(fingerprints))
	for _, f := range fingerprints {
		x.add(f)
	}
	if len(x.fps)-x.tail > maxTail {
		x.settle()
	}
	return first
}

// At returns the fingerprint with the given id, and false if there is none or it is deleted.
func (x *Index) At(id uint32) (Fingerprint, bool) {
	s, ok := x.slot(id)
	if !ok {
		return 0, false
	}
	return Fingerprint(x.fps[s]), true
}

// Delete removes the fingerprint with the given id and reports whether there was one. The id is not given out again. It
// takes O(1) time on average.
func (x *Index) Delete(id uint32) bool {
	s, ok := x.slot(id)
	if !ok {
		return false
	}
	x.live--
	x.kill(s)
	return true
}

// Replace gives the fingerprint with the given id another value and reports whether there was one; if not, it changes
// nothing. It takes as long as [Index.Add]; the first replacement since all was sorted also takes 8 bytes for each
// fingerprint.
func (x *Index) Replace(id uint32, f Fingerprint) bool {
	s, ok := x.slot(id)
	if !ok {
		return false
	}
	if x.fps[s] == uint64(f) {
		return true
	}
	if len(x.fps) >= maxIDs || len(x.fps) > 2*x.total+maxTail {
		x.compact()
		s = id
	}
	if x.ids == nil {
		x.ids = make([]uint32, len(x.fps), cap(x.fps))
		x.slots = make([]uint32, len(x.fps), cap(x.fps))
		for i := range x.ids {
			x.ids[i], x.slots[i] = uint32(i), uint32(i)
		}
	}
	x.slots[id] = uint32(len(x.fps))
	x.ids = append(x.ids, id)
	x.fps = append(x.fps, uint64(f))
	x.kill(s)
	if len(x.fps)-x.tail > maxTail {
		x.settle()
	}
	return true
}

// Merge adds all fingerprints of y to x. The one with the id i in y gets the id i + offset; ids that are deleted in y are
// deleted in x. Either may be searched at any distance of its own; x keeps its own. It does not change y, which
// may be x. It panics as [Index.Add] does.
func (x *Index) Merge(y *Index) (offset uint32) {
	offset = uint32(x.total)
	n := y.total
	x.fps = slices.Grow(x.fps, n)
	for id := range uint32(n) {
		if s, ok := y.slot(id); ok {
			x.add(Fingerprint(y.fps[s]))
		} else {
			s, _ := x.slot(x.add(0))
			x.dead.Set(uint(s))
			x.live--
		}
	}
	if len(x.fps)-x.tail > maxTail {
		x.settle()
	}
	return offset
}

// Compact sorts all fingerprints into one part, at about 0.2 µs each, so that queries are as fast and memory is as small as
// can be. Ids stay what they are. There is no need to call it; after many single additions or deletions it helps.
func (x *Index) Compact() {
	x.compact()
}

// AppendQuery appends all matches of f to dst and returns it: the fingerprints within the distance of the index, nearest
// first and by id among equals. dst up to its length is left alone. It does not allocate if the capacity suffices.
func (x *Index) AppendQuery(dst []Match, f Fingerprint) []Match {
	return x.appendQuery(dst, f, x.d)
}

// AppendQueryWithin is like [Index.AppendQuery] for a smaller distance d, which costs less. It panics if d is negative or
// more than the distance of the index.
func (x *Index) AppendQueryWithin(dst []Match, f Fingerprint, d int) []Match {
	if d < 0 || d > x.d {
		panic(fmt.Sprintf("simhash: query within distance %d, want 0 to %d", d, x.d))
	}
	return x.appendQuery(dst, f, d)
}

// Nearest returns the nearest fingerprint to f, however far it is, and of several the one with the lowest id. It returns
// false if the index is empty. It costs a query within the distance of the index and, if that finds nothing, a linear
// scan: about 0.6 ms for a million fingerprints. It allocates once, or more if many are found.
func (x *Index) Nearest(f Fingerprint) (Match, bool) {
	if x.live == 0 {
		return Match{}, false
	}
	m := make([]Match, 0, 64)
	for _, d := range [...]int{min(x.d, maxTables-1), x.d} { // most often, one lookup in each table will do
		if m = x.appendQuery(m[:0], f, d); len(m) > 0 {
			return m[0], true
		}
	}
	best := Match{Distance: Bits + 1}
	for s, v := range x.fps {
		d := f.Distance(Fingerprint(v))
		if d > best.Distance || x.dead.Test(uint(s)) {
			continue
		}
		if id := x.id(uint32(s)); d < best.Distance || id < best.ID {
			best = Match{id, d}
		}
	}
	return best, true
}

func (x *Index) appendQuery(dst []Match, f Fingerprint, d int) []Match {
	n := len(dst)
	q := finder{fps: x.fps, q: uint64(f), d: d, out: dst}
	q.depth = 1
	for i := range x.runs {
		if r := &x.runs[i]; r.root != nil {
			q.probe(r.root, q.q, d)
		}
	}
	q.compare()
	for _, m := range q.out[n:] {
		r := 0
		for int(m.ID) >= x.runs[r].end {
			r++
		}
		for _, s := range x.runs[r].twinsOf(m.ID) {
			q.out = append(q.out, Match{s, m.Distance})
		}
	}
	for i := range x.runs {
		if r := &x.runs[i]; r.root == nil {
			q.scan(r.start, r.end)
		}
	}
	q.scan(x.tail, len(x.fps))
	kept := q.out[:n]
	for _, m := range q.out[n:] {
		if !x.dead.Test(uint(m.ID)) {
			kept = append(kept, Match{x.id(m.ID), m.Distance})
		}
	}
	slices.SortFunc(kept[n:], func(a, b Match) int {
		if a.Distance != b.Distance {
			return a.Distance - b.Distance
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return kept
}

// add appends f without sorting.
func (x *Index) add(f Fingerprint) uint32 {
	if x.total >= maxIDs {
		panic(fmt.Sprintf("simhash: index is full: %d ids", uint32(maxIDs)))
	}
	if len(x.fps) >= maxIDs {
		x.compact()
	}
	id := uint32(x.total)
	if x.ids != nil {
		x.ids = append(x.ids, id)
		x.slots = append(x.slots, uint32(len(x.fps)))
	}
	x.fps = append(x.fps, uint64(f))
	x.total++
	x.live++
	return id
}

// slot returns the slot of a live id.
func (x *Index) slot(id uint32) (uint32, bool) {
	if int64(id) >= int64(x.total) {
		return 0, false
	}
	s := id
	if x.slots != nil {
		s = x.slots[id]
	}
	return s, !x.dead.Test(uint(s))
}

// id returns the id of a slot.
func (x *Index) id(slot uint32) uint32 {
	if x.ids == nil {
		return slot
	}
	return x.ids[slot]
}

// kill marks a slot as dead, and sorts its run anew if half of it is.
func (x *Index) kill(slot uint32) {
	x.dead.Set(uint(slot))
	i, _ := slices.BinarySearchFunc(x.runs, int(slot), func(r run, s int) int {
		if r.end <= s {
			return -1
		}
		return 1
	})
	if i == len(x.runs) {
		return
	}
	r := &x.runs[i]
	r.gone++
	if r.gone > (r.end-r.start)/2 && r.root != nil {
		*r = newRun(x.fps, &x.dead, r.start, r.end, x.d)
	}
}

// settle sorts the tail, together with the runs before it that are not spread times as large.
func (x *Index) settle() {
	start := x.tail
	for n := len(x.runs); n > 0 && x.runs[n-1].end-x.runs[n-1].start < spread*(len(x.fps)-start); n-- {
		start = x.runs[n-1].start
		x.runs = x.runs[:n-1]
	}
	x.tail = len(x.fps)
	x.runs = append(x.runs, newRun(x.fps, &x.dead, start, x.tail, x.d))
}

// compact makes slots and ids the same again and sorts everything as one run.
func (x *Index) compact() {
	if x.ids != nil {
		fps, dead := make([]uint64, x.total), bitset.BitSet{}
		for id := range fps {
			if s, ok := x.slot(uint32(id)); ok {
				fps[id] = x.fps[s]
			} else {
				dead.Set(uint(id))
			}
		}
		x.fps, x.dead, x.ids, x.slots = fps, dead, nil, nil
	}
	x.tail = len(x.fps)
	x.runs = []run{newRun(x.fps, &x.dead, 0, x.tail, x.d)}
}
