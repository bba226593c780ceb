package simhash

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/bits-and-blooms/bitset"
)

// A run is the sorted part of an index for the slots from start up to end: for each block of the plan a table of
// their distinct fingerprints. Fingerprints that are equal stand in the tables once, by the lowest slot, so that
// thousands of them cost a query one comparison unless they match.
type run struct {
	start, end int
	gone       int   // slots that have died since the tables were made
	root       *node // nil: scan

	// The slots that root leaves out, each beside the slot that stands for it; sorted by that, then by slot.
	stands, twins []uint32
}

// A node finds values, width bits each, by their blocks. The root has values of 64 bits, the fingerprints. Where a
// bucket of it is crowded, as happens when a block of most fingerprints is the same, a node below finds values by the
// bits that the bucket does not determine.
type node struct {
	width  int // of the values, in bits
	blocks int
	key    int // bits of each block that a table is sorted by
	tables []table
}

// A table holds values in compressed sparse rows: those with key k are from dir[k] up to dir[k+1].
type table struct {
	shift int      // where the block begins
	dir   []uint32 // 2^key + 1 positions
	part  []uint32 // the 32 bits after the key
	slot  []uint32
	sub   map[uint32]*node // by key, for crowded buckets; only in the root
}

// A bucket with more values than this, and than crowdFactor times as many as are expected, gets a node of its own.
// (Tests lower it.)
var crowd = 4096

const crowdFactor = 16

// split returns the key of v for t, and the other bits of v.
func (nd *node) split(t *table, v uint64) (key uint32, rest uint64) {
	v = (v>>t.shift | v<<(nd.width-t.shift)) & (^uint64(0) >> (Bits - nd.width))
	return uint32(v) & (1<<nd.key - 1), v >> nd.key
}

// earlier reports whether a pair whose values differ by diff is found through a table before t.
func (nd *node) earlier(b int, diff uint64, d int) bool {
	for i := range b {
		k, _ := nd.split(&nd.tables[i], diff)
		if bits.OnesCount32(k) <= radius(i, nd.blocks, d) {
			return true
		}
	}
	return false
}

// newRoot sorts the fingerprints of slots. It returns nil if a scan is as good.
func newRoot(fps []uint64, slots []uint32, d int) *node {
	values := make([]uint64, len(slots))
	for i, s := range slots {
		values[i] = fps[s]
	}
	root := newNode(values, slots, Bits, d)
	if root == nil {
		return nil
	}
	limit := max(crowd, crowdFactor*len(slots)>>root.key)
	for b := range root.tables {
		t := &root.tables[b]
		for k := range t.dir[1:] {
			bucket := t.slot[t.dir[k]:t.dir[k+1]]
			if len(bucket) <= limit {
				continue
			}
			values = values[:0]
			for _, s := range bucket {
				_, rest := root.split(t, fps[s])
				values = append(values, rest)
			}
			if sub := newNode(values, bucket, Bits-root.key, d); sub != nil {
				if t.sub == nil {
					t.sub = make(map[uint32]*node)
				}
				t.sub[uint32(k)] = sub
			}
		}
	}
	return root
}

// newNode sorts values, the lowest width bits of which count. It returns nil if a scan is as good.
func newNode(values []uint64, slots []uint32, width, d int) *node {
	p := planFor(len(values), d, width)
	if p.Blocks == 0 {
		return nil
	}
	nd := &node{width: width, blocks: p.Blocks, key: p.Key, tables: make([]table, p.Tables)}
	v, s := make([]uint64, len(values)), make([]uint32, len(values))
	for b := range nd.tables {
		nd.tables[b].shift = b * width / p.Blocks
		nd.fill(&nd.tables[b], values, slots, v, s)
	}
	return nd
}

// fill sorts values into t by their keys, those of one key in the order given. It goes by the high bits of the key
// first, so that each pass writes to few places at once. v and s are scratch.
func (nd *node) fill(t *table, values []uint64, slots []uint32, v []uint64, s []uint32) {
	low := nd.key / 2
	t.dir = make([]uint32, 1<<nd.key+1)
	t.part = make([]uint32, len(values))
	t.slot = make([]uint32, len(values))
	next := make([]uint32, 1<<nd.key)
	for _, x := range values {
		k, _ := nd.split(t, x)
		next[k]++
	}
	high := make([]uint32, 1<<(nd.key-low))
	n := uint32(0)
	for k, c := range next {
		if k&(1<<low-1) == 0 {
			high[k>>low] = n
		}
		t.dir[k], next[k] = n, n
		n += c
	}
	t.dir[len(next)] = n
	for i, x := range values {
		k, _ := nd.split(t, x)
		p := &high[k>>low]
		v[*p], s[*p] = x, slots[i]
		*p++
	}
	for i, x := range v {
		k, rest := nd.split(t, x)
		p := &next[k]
		t.part[*p], t.slot[*p] = uint32(rest), s[i]
		*p++
	}
}

// newRun sorts the live slots from start up to end of fps.
func newRun(fps []uint64, dead *bitset.BitSet, start, end, d int) run {
	r := run{start: start, end: end}
	slots := make([]uint32, 0, end-start)
	for i := start; i < end; i++ {
		if !dead.Test(uint(i)) {
			slots = append(slots, uint32(i))
		}
	}
	if planFor(len(slots), d, Bits).Blocks == 0 {
		return r
	}
	slots = r.group(fps, slots)
	if r.root = newRoot(fps, slots, d); r.root == nil {
		r.stands, r.twins = nil, nil
	}
	return r
}

// group keeps of slots with equal fingerprints the first and makes the others its twins.
func (r *run) group(fps []uint64, slots []uint32) []uint32 {
	type twin struct{ stand, slot uint32 }
	var twins []twin
	// Equal fingerprints are in one bucket and have the same part; mixed, few others do.
	values := make([]uint64, len(slots))
	for i, s := range slots {
		values[i] = mix(fps[s])
	}
	nd := node{width: Bits, key: max(1, bits.Len(uint(len(slots)))-3)}
	var t table
	nd.fill(&t, values, slots, make([]uint64, len(slots)), make([]uint32, len(slots)))
	for k := range t.dir[1:] {
		lo, hi := t.dir[k], t.dir[k+1]
		part, slot := t.part[lo:hi], t.slot[lo:hi]
		if len(slot) > 64 { // many equal ones
			slices.SortFunc(slot, func(s, t uint32) int {
				return cmp.Or(cmp.Compare(fps[s], fps[t]), cmp.Compare(s, t))
			})
			stand := slot[0]
			for _, s := range slot[1:] {
				if fps[s] == fps[stand] {
					twins = append(twins, twin{stand, s})
				} else {
					stand = s
				}
			}
			continue
		}
		for i, p := range part {
			for j, q := range part[:i] {
				if p == q && fps[slot[i]] == fps[slot[j]] {
					twins = append(twins, twin{slot[j], slot[i]})
					break
				}
			}
		}
	}
	if len(twins) == 0 {
		return slots
	}
	slices.SortFunc(twins, func(a, b twin) int { return cmp.Compare(a.slot, b.slot) })
	kept := slots[:0]
	rest := twins
	for _, s := range slots {
		if len(rest) > 0 && rest[0].slot == s {
			rest = rest[1:]
			continue
		}
		kept = append(kept, s)
	}
	slices.SortStableFunc(twins, func(a, b twin) int { return cmp.Compare(a.stand, b.stand) })
	r.stands, r.twins = make([]uint32, len(twins)), make([]uint32, len(twins))
	for i, t := range twins {
		r.stands[i], r.twins[i] = t.stand, t.slot
	}
	return kept
}

// twinsOf returns the slots that stand stands for, itself apart, in order.
func (r *run) twinsOf(stand uint32) []uint32 {
	if len(r.stands) == 0 {
		return nil
	}
	lo, ok := slices.BinarySearch(r.stands, stand)
	if !ok {
		return nil
	}
	hi := lo + 1
	for hi < len(r.stands) && r.stands[hi] == stand {
		hi++
	}
	return r.twins[lo:hi]
}

// maxDepth is the number of nodes between a fingerprint and its bucket.
const maxDepth = 2

// A finder looks for the fingerprints within d bits of q in one run. It finds each once.
type finder struct {
	fps   []uint64
	q     uint64
	d     int
	out   []Match // by slot, in no order; equal fingerprints once
	path  [maxDepth]step
	depth int

	touched uint32 // keeps the compiler from leaving out a load
}

// A step leads to a bucket: the node, the number of its table, and the distance that is searched there.
type step struct {
	nd       *node
	table, d int
}

// scan looks at all of fps from slot start up to end.
func (f *finder) scan(start, end int) {
	q, most := f.q, f.d
	for i, x := range f.fps[start:end] {
		if d := bits.OnesCount64(x ^ q); d <= most {
			f.out = append(f.out, Match{ID: uint32(start + i), Distance: d})
		}
	}
}

// A probe is a bucket to be looked at: values from lo up to hi of a table of which those are wanted whose part is within
// left bits of part.
type probe struct {
	table  int
	lo, hi uint32
	part   uint32
	left   int
}

// search looks for values within d bits of v below nd.
//
// The buckets of a query are all over the memory. So it first touches several, which the processor then fetches side by
// side, and compares after that.
func (f *finder) search(nd *node, v uint64, d int) {
	var probes [16]probe
	n := 0
	f.depth++
	for b := range nd.tables {
		r := radius(b, nd.blocks, d)
		if r < 0 {
			break
		}
		t := &nd.tables[b]
		key, rest := nd.split(t, v)
		for j := 0; j <= min(r, nd.key); j++ {
			for flip := uint64(1)<<j - 1; flip>>nd.key == 0; flip = following(flip) {
				k := key ^ uint32(flip)
				lo, hi := t.dir[k], t.dir[k+1]
				if lo == hi {
					continue
				}
				if t.sub != nil && t.sub[k] != nil {
					f.path[f.depth-1] = step{nd, b, d}
					f.search(t.sub[k], rest, d-j)
					continue
				}
				f.touched += t.part[lo]
				probes[n] = probe{b, lo, hi, uint32(rest), d - j}
				if n++; n == len(probes) {
					f.compare(nd, probes[:n], d)
					n = 0
				}
			}
		}
	}
	f.compare(nd, probes[:n], d)
	f.depth--
}

// compare looks at the buckets of probes.
func (f *finder) compare(nd *node, probes []probe, d int) {
	for i := range probes {
		p := &probes[i]
		t := &nd.tables[p.table]
		f.path[f.depth-1] = step{nd, p.table, d}
		want, left := p.part, p.left
		for i, part := range t.part[p.lo:p.hi] {
			if bits.OnesCount32(part^want) <= left {
				f.check(t.slot[int(p.lo)+i])
			}
		}
	}
}

// check adds slot to out if it is within the distance and is not found through an earlier table.
func (f *finder) check(slot uint32) {
	diff := f.fps[slot] ^ f.q
	n := bits.OnesCount64(diff)
	if n > f.d {
		return
	}
	if !firstFound(f.path[:f.depth], diff) {
		return
	}
	f.out = append(f.out, Match{ID: slot, Distance: n})
}

// firstFound reports whether path is the first on which two fingerprints that differ by diff meet.
func firstFound(path []step, diff uint64) bool {
	for _, s := range path {
		if s.nd.earlier(s.table, diff, s.d) {
			return false
		}
		_, diff = s.nd.split(&s.nd.tables[s.table], diff)
	}
	return true
}

// following returns the least number above x that has as many ones (Gosper; HAKMEM, item 175), and for 0, which has none,
// a number greater than any key.
func following(x uint64) uint64 {
	if x == 0 {
		return ^x
	}
	low := x & -x
	up := x + low
	return up | (x^up)>>(bits.TrailingZeros64(low)+2)
}
