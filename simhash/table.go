package simhash

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/bits-and-blooms/bitset"
	"github.com/neardup/neardup/internal/idmap"
)

// A run is the sorted part of an index for the slots from start up to end: for each block of the
// plan a table of their distinct fingerprints. Fingerprints that are equal stand in the tables
// once, by the lowest slot, so that thousands of them cost a query one comparison unless they
// match.
type run struct {
	start, end int
	gone       int   // slots that have died since the tables were made
	root       *node // nil: scan

	// The slots that root leaves out, each beside the slot that stands for it; sorted by that, then
	// by slot.
	stands, twins []uint32
	stand         bitset.BitSet // the slots in stands, counted from start: to ask this is cheaper than to search
}

// A node finds values, width bits each, by their blocks. The root has values of 64 bits, the
// fingerprints. Where a bucket of it is crowded, as happens when a block of most fingerprints is
// the same, a node below finds values by the bits that the bucket does not determine.
type node struct {
	width  int // of the values, in bits
	blocks int
	key    int // bits of each block that a table is sorted by
	tables []table
	mask   uint32 // key ones
	plain  bool   // the root, if no bucket has a node below
}

// A table holds values in compressed sparse rows: those with key k are from dir[k] up to dir[k+1].
type table struct {
	shift int      // where the block begins
	dir   []uint32 // 2^key + 1 positions
	part  []uint32 // the 32 bits after the key, and room for nearBlock more to be read
	slot  []uint32
	sub   map[uint32]*node // by key, for crowded buckets; only in the root
}

// A bucket with more values than this, and than crowdFactor times as many as are expected, gets a
// node of its own. (Tests lower it.)
var crowd = 4096

const crowdFactor = 16

// split returns the key of v for t, and the other bits of v.
func (nd *node) split(t *table, v uint64) (key uint32, rest uint64) {
	v = (v>>t.shift | v<<(nd.width-t.shift)) & (^uint64(0) >> (Bits - nd.width))
	return uint32(v) & (1<<nd.key - 1), v >> nd.key
}

// earlier reports whether a pair whose values differ by diff is found through a table before t.
func (nd *node) earlier(b int, diff uint64, d int) bool {
	most, last := d/nd.blocks, d%nd.blocks
	for i := range b {
		r := most // as radius has it
		if i > last {
			r--
		}
		k, _ := nd.split(&nd.tables[i], diff)
		if bits.OnesCount32(k) <= r {
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
	root.plain = true
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
				root.plain = false
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
	nd := &node{width: width, blocks: p.Blocks, key: p.Key, tables: make([]table, p.Tables), mask: 1<<p.Key - 1}
	v, s := make([]uint64, len(values)), make([]uint32, len(values))
	for b := range nd.tables {
		nd.tables[b].shift = b * width / p.Blocks
		nd.fill(&nd.tables[b], values, slots, v, s)
	}
	return nd
}

// fill sorts values into t by their keys, those of one key in the order given. It goes by the high
// bits of the key first, so that each pass writes to few places at once. v and s are scratch.
func (nd *node) fill(t *table, values []uint64, slots []uint32, v []uint64, s []uint32) {
	low := nd.key / 2
	t.dir = make([]uint32, 1<<nd.key+1)
	t.part = make([]uint32, len(values)+nearBlock)
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
func newRun(fps []uint64, ids *idmap.Map, start, end, d int) run {
	r := run{start: start, end: end}
	slots := make([]uint32, 0, end-start)
	for i := start; i < end; i++ {
		if !ids.Dead(uint32(i)) {
			slots = append(slots, uint32(i))
		}
	}
	if planFor(len(slots), d, Bits).Blocks == 0 {
		return r
	}
	slots = r.group(fps, slots)
	if r.root = newRoot(fps, slots, d); r.root == nil {
		r.stands, r.twins, r.stand = nil, nil, bitset.BitSet{}
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
	r.stand = *bitset.New(uint(r.end - r.start))
	for i, t := range twins {
		r.stands[i], r.twins[i] = t.stand, t.slot
		r.stand.Set(uint(int(t.stand) - r.start))
	}
	return kept
}

// twinsOf returns the slots that stand stands for, itself apart, in order.
func (r *run) twinsOf(stand uint32) []uint32 {
	if !r.stand.Test(uint(int(stand) - r.start)) {
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

// A finder looks for the fingerprints within d bits of q in the runs of an index. It finds each
// once.
type finder struct {
	fps   []uint64
	q     uint64
	d     int
	out   []Match // by slot, in no order; equal fingerprints once
	path  [maxDepth]step
	depth int

	probes [maxProbes]probe // of nodes of the current depth that are not compared yet
	n      int

	touched uint32 // keeps the compiler from leaving out a load
}

// A step leads to a bucket: the node, the number of its table, and the distance that is searched
// there.
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

// maxProbes is the number of buckets that are fetched side by side.
const maxProbes = 16

// A probe is a bucket to be looked at: values from lo up to hi of a table of which those are wanted
// whose part is within left bits of part.
type probe struct {
	step
	t      *table
	lo, hi uint32
	part   uint32
	left   uint32
}

// A hit is a value whose part is near enough.
type hit struct {
	probe uint32
	at    uint32 // position in the table, then slot
}

// search looks for values within d bits of v below nd, on the path to it.
func (f *finder) search(nd *node, v uint64, d int) {
	f.depth++
	f.probe(nd, v, d)
	f.compare()
	f.depth--
}

// probe looks up the buckets with values within d bits of v below nd, and leaves some of them to
// compare.
//
// The buckets of a query are all over the memory, and what a query costs is to wait for them. As
// many instructions as a processor looks ahead must therefore reach several, hence a way of few
// instructions for the most frequent case.
func (f *finder) probe(nd *node, v uint64, d int) {
	if nd.plain && d < nd.blocks && f.n+len(nd.tables) <= maxProbes {
		n := f.n
		for b := range nd.tables[:min(d+1, len(nd.tables))] {
			t := &nd.tables[b]
			rest := bits.RotateLeft64(v, -t.shift)
			k := uint32(rest) & nd.mask
			p := &f.probes[n&(maxProbes-1)]
			n++
			p.nd, p.table, p.d, p.t = nd, b, d, t
			p.lo, p.hi = t.dir[k], t.dir[k+1]
			p.part, p.left = uint32(rest>>(nd.key&63)), uint32(d)
		}
		f.n = n
		return
	}
	most, last := d/nd.blocks, d%nd.blocks
	for b := range nd.tables {
		r := most // as radius has it
		if b > last {
			r--
		}
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
					f.compare()
					f.path[f.depth-1] = step{nd, b, d}
					f.search(t.sub[k], rest, d-j)
					continue
				}
				if f.n == maxProbes {
					f.compare()
				}
				p := &f.probes[f.n&(maxProbes-1)]
				p.nd, p.table, p.d, p.t = nd, b, d, t
				p.lo, p.hi = lo, hi
				p.part, p.left = uint32(rest), uint32(d-j)
				f.n++
			}
		}
	}
}

// compare looks at the buckets found. It first touches both ends of each, which the processor then
// fetches side by side, and gathers what is near before it looks further, for the same reason.
func (f *finder) compare() {
	var hits [16]hit
	n := 0
	probes := f.probes[:f.n]
	touched := uint32(0)
	for i := range probes {
		p := &probes[i]
		touched += p.t.part[p.lo] + p.t.part[p.hi]
	}
	f.touched += touched
	for i := range probes {
		p := &probes[i]
		for at := p.lo; at < p.hi; at += nearBlock {
			for m := nearParts(p.t.part[at:], p.hi-at, p.part, p.left); m != 0; m &= m - 1 {
				hits[n] = hit{uint32(i), at + uint32(bits.TrailingZeros32(m))}
				if n++; n == len(hits) {
					f.check(hits[:])
					n = 0
				}
			}
		}
	}
	f.check(hits[:n])
	f.n = 0
}

// check adds those of hits to out that are within the distance and are not found through an earlier
// table.
func (f *finder) check(hits []hit) {
	for i := range hits {
		h := &hits[i]
		h.at = f.probes[h.probe].t.slot[h.at]
	}
	for _, h := range hits {
		diff := f.fps[h.at] ^ f.q
		n := bits.OnesCount64(diff)
		if n > f.d {
			continue
		}
		f.path[f.depth-1] = f.probes[h.probe].step
		if firstFound(f.path[:f.depth], diff) {
			f.out = append(f.out, Match{ID: h.at, Distance: n})
		}
	}
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

// following returns the least number above x that has as many ones (Gosper; HAKMEM, item 175), and
// for 0, which has none, a number greater than any key.
func following(x uint64) uint64 {
	if x == 0 {
		return ^x
	}
	low := x & -x
	up := x + low
	return up | (x^up)>>(bits.TrailingZeros64(low)+2)
}
