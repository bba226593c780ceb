package simhash

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/neardup/neardup/internal/idmap"
)

// IndexConfig says what an [Index] is to find. The zero value is good for finding equal
// fingerprints.
type IndexConfig struct {
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
// Ids are dense: the i-th fingerprint added has the id i, counting from 0, whatever is deleted.
// What is added is found at once. It goes to a small part that is scanned, and from there to sorted
// parts (see [Plan]), each at least eight times as large as the next, so that a fingerprint is
// sorted about eight times for each factor of eight in size; [Index.AddAll] sorts but once, and so
// does reading an index.
//
// # Cost
//
// A query takes what [NewPlan] predicts, for the large part and again, much less, for each smaller
// one. The memory is Plan.Bytes for each fingerprint; one that has come before takes 16 bytes. The
// room of deleted fingerprints is given up at the latest when they are as many as the others; from
// then on each id that was ever given out takes 0.14 bytes. While there are replaced ones whose
// room is not given up, each id takes 8 bytes.
//
// Skew is harmless. Fingerprints that are equal are compared once, however many they are, and where
// a block is the same in thousands of fingerprints, they are sorted again by their other blocks
// (for up to 32 bytes more in each of the tables concerned).
//
// The zero value is an empty index of distance 0. Queries may run concurrently; whatever changes
// the index needs exclusive access. An Index must not be copied.
type Index struct {
	d    int
	made bool      // by NewIndex: the distance is settled
	ids  idmap.Map // which id is in which slot
	fps  []uint64  // by slot
	runs []run     // sorted parts, in the order of slots and, by a factor of spread or more, of size
	tail int       // the first slot after runs: from here on, fps is scanned
}

const spread = 8

// Tests lower these.
var (
	maxIDs  = math.MaxUint32 & math.MaxInt // ids given out, and slots, which are counted in an int
	maxTail = 256                          // slots that are scanned
)

// NewIndex returns an empty index. It returns an error that says what it would cost if cfg.Distance
// is over [MaxDistance], and an error if it is negative.
func NewIndex(cfg IndexConfig) (*Index, error) {
	if err := checkDistance(cfg.Distance); err != nil {
		return nil, err
	}
	return &Index{d: cfg.Distance, made: true}, nil
}

// Distance returns the greatest distance, in bits, of a match.
func (x *Index) Distance() int { return x.d }

// Len returns the number of fingerprints in x, deleted ones not counted.
func (x *Index) Len() int { return x.ids.Len() }

// Add adds f and returns its id. It takes about 3 µs on average up to a million fingerprints, where
// one call in 256 sorts some of them and rare ones sort all; [Index.AddAll] is far cheaper. It
// panics if x has given out 4,294,967,295 ids.
func (x *Index) Add(f Fingerprint) uint32 {
	id := x.add(f)
	x.settle()
	return id
}

// AddAll adds fingerprints and returns the id of the first; the others follow. It sorts at most
// once, which takes about 0.2 µs for each. It panics as [Index.Add] does.
func (x *Index) AddAll(fingerprints []Fingerprint) uint32 {
	first := uint32(x.ids.Total())
	x.fps = slices.Grow(x.fps, len(fingerprints))
	for _, f := range fingerprints {
		x.add(f)
	}
	x.settle()
	return first
}

// At returns the fingerprint with the given id, and false if there is none or it is deleted.
func (x *Index) At(id uint32) (Fingerprint, bool) {
	s, ok := x.ids.Slot(id)
	if !ok {
		return 0, false
	}
	return Fingerprint(x.fps[s]), true
}

// Delete removes the fingerprint with the given id and reports whether there was one. The id is not
// given out again. It takes O(1) time on average; a call after which most are deleted compacts the
// index.
func (x *Index) Delete(id uint32) bool {
	s, ok := x.ids.Delete(id)
	if ok {
		x.died(s)
	}
	return ok
}

// Replace gives the fingerprint with the given id another value and reports whether there was one;
// if not, it changes nothing. It takes as long as [Index.Add]; the first replacement since all was
// sorted also takes 8 bytes for each id.
func (x *Index) Replace(id uint32, f Fingerprint) bool {
	s, ok := x.ids.Slot(id)
	if !ok {
		return false
	}
	if x.fps[s] == uint64(f) {
		return true
	}
	if len(x.fps) >= maxIDs {
		x.Compact()
	}
	from, _, _ := x.ids.Move(id)
	x.fps = append(x.fps, uint64(f))
	x.died(from)
	x.settle()
	return true
}

// Merge adds all fingerprints of y to x. The one with the id i in y gets the id i + offset; ids
// that are deleted in y are deleted in x. Either may be searched at any distance of its own; x
// keeps its own. It does not change y, which may be x. It panics as [Index.Add] does.
func (x *Index) Merge(y *Index) (offset uint32) {
	if maxIDs-x.ids.Total() < y.ids.Total() {
		panic(fmt.Sprintf("simhash: index is full: %d and %d ids, want at most %d", x.ids.Total(), y.ids.Total(), uint32(maxIDs)))
	}
	if maxIDs-len(x.fps) < len(y.fps) { // y has no more live ones than ids
		x.Compact()
		z := Index{d: y.d, fps: slices.Clone(y.fps)}
		z.ids.Append(&y.ids)
		z.pack()
		y = &z
	}
	offset = uint32(x.ids.Total())
	x.ids.Append(&y.ids)
	x.fps = append(x.fps, y.fps...)
	x.settle()
	return offset
}

// Compact gives up the room of deleted and replaced fingerprints and sorts the others into one
// part, at about 0.2 µs each, so that queries are as fast and memory is as small as can be. Ids
// stay what they are. There is no need to call it; after many single additions or deletions it
// helps.
func (x *Index) Compact() {
	if x.compact() {
		return
	}
	x.pack()
	x.tail = len(x.fps)
	x.runs = []run{newRun(x.fps, &x.ids, 0, x.tail, x.d)}
}

// AppendQuery appends all matches of f to dst and returns it: the fingerprints within the distance
// of the index, nearest first and by id among equals. dst up to its length is left alone. It does
// not allocate if the capacity suffices.
func (x *Index) AppendQuery(dst []Match, f Fingerprint) []Match {
	return x.appendQuery(dst, f, x.d)
}

// AppendQueryWithin is like [Index.AppendQuery] for a smaller distance d, which costs less. It
// panics if d is negative or more than the distance of the index.
func (x *Index) AppendQueryWithin(dst []Match, f Fingerprint, d int) []Match {
	if d < 0 || d > x.d {
		panic(fmt.Sprintf("simhash: query within distance %d, want 0 to %d", d, x.d))
	}
	return x.appendQuery(dst, f, d)
}

// Nearest returns the nearest fingerprint to f, however far it is, and of several the one with the
// lowest id. It returns false if the index is empty. It costs a query within the distance of the
// index and, if that finds nothing, a linear scan: about 0.6 ms for a million fingerprints. It
// allocates once, or more if many are found.
func (x *Index) Nearest(f Fingerprint) (Match, bool) {
	if x.ids.Len() == 0 {
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
		if d > best.Distance || x.ids.Dead(uint32(s)) {
			continue
		}
		if id := x.ids.ID(uint32(s)); d < best.Distance || id < best.ID {
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
		if !x.ids.Dead(m.ID) {
			kept = append(kept, Match{x.ids.ID(m.ID), m.Distance})
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
	if x.ids.Total() >= maxIDs {
		panic(fmt.Sprintf("simhash: index is full: %d ids", uint32(maxIDs)))
	}
	if len(x.fps) >= maxIDs {
		x.Compact()
	}
	id, _ := x.ids.Add()
	x.fps = append(x.fps, uint64(f))
	return id
}

// died looks after a slot that has just become dead: it compacts x if most slots are dead, and
// sorts the run of the slot anew if half of that is.
func (x *Index) died(slot uint32) {
	if len(x.fps) > 2*x.ids.Len()+maxTail {
		x.Compact()
		return
	}
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
		*r = newRun(x.fps, &x.ids, r.start, r.end, x.d)
	}
}

// settle sorts the tail if it is long, together with the runs before it that are not spread times
// as large.
func (x *Index) settle() {
	if len(x.fps)-x.tail <= maxTail {
		return
	}
	start := x.tail
	for n := len(x.runs); n > 0 && x.runs[n-1].end-x.runs[n-1].start < spread*(len(x.fps)-start); n-- {
		start = x.runs[n-1].start
		x.runs = x.runs[:n-1]
	}
	x.tail = len(x.fps)
	x.runs = append(x.runs, newRun(x.fps, &x.ids, start, x.tail, x.d))
}

// compact reports whether x is as Compact leaves it.
func (x *Index) compact() bool {
	return len(x.runs) == 1 && x.runs[0].end == len(x.fps) && x.ids.Len() == len(x.fps) && x.ids.Ascending()
}

// pack gives up the dead slots and puts the others in the order of ids.
func (x *Index) pack() {
	if x.ids.Len() == len(x.fps) && x.ids.Ascending() {
		return
	}
	order := x.ids.Compact(true)
	fps := make([]uint64, len(order))
	for i, s := range order {
		fps[i] = x.fps[s]
	}
	x.fps = fps
}
