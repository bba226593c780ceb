package minhash

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// segment is a part of a [table]: a hash table of bins of two cache lines each, of which the first
// is enough to see that a tag is not there.
//
//	bin   print ×21 │ entries, filter │ ref ×21       128 bytes
//
// An entry is a print and a ref. It stands in the bin that is the home of its print, in no order,
// or, where that is full, in another, found by steps of a length that depends on the print; and the
// bins on its way have in their filter that one like it has passed them. So a search ends at the
// first bin that none like it has passed, nearly always its home. Filters forget only when the
// segment is made anew, which is done when too many entries that have passed a bin were removed.
type segment struct {
	bins  []bin // an odd number; nil after the segment was split
	used  int32 // entries
	stale int32 // entries removed elsewhere than at home
}

type bin struct {
	prints [2 * binSize]byte
	meta   uint16 // number of entries, from the first on; above 5 bits, the filter
	refs   [binSize]uint32
}

const (
	binSize  = 21  // entries
	binBytes = 128 // memory
)

// noBins is all that empty segments have. It stays empty.
var noBins = make([]bin, 1)

// newSegment returns a segment of n bins, or a few more or less.
func newSegment(n int) segment {
	if n == 0 {
		return segment{bins: noBins}
	}
	bins := slices.Grow([]bin(nil), n|1)
	return segment{bins: bins[:(cap(bins)-1)|1]} // use what room there is
}

// binsFor returns the number of bins for entries and so many more.
func binsFor(entries, spare int) int {
	if entries == 0 {
		return 0
	}
	return max(3, 1+(entries+spare)/binSize)
}

// full reports whether the segment needs more bins for one more entry: 23 of 24 places are taken.
func (g *segment) full() bool {
	n := len(g.bins) * binSize
	return int(g.used) >= n-n/24 || len(g.bins) == 1
}

// home returns the bin where a print belongs. Homes are in the order of the prints.
func (g *segment) home(print uint16) int {
	return int(uint64(print) * uint64(len(g.bins)) >> 16)
}

// after returns the bin after i on the way of a print. The steps are short, which memory likes, and
// powers of 2, so that they lead to all of an odd number of bins.
func (g *segment) after(i int, print uint16) int {
	step := 1 << (print >> 8 & 3)
	if print>>10&1 == 0 {
		for i += step; i >= len(g.bins); {
			i -= len(g.bins)
		}
		return i
	}
	for i -= step; i < 0; {
		i += len(g.bins)
	}
	return i
}

// filterBit returns the bit of a filter that stands for a print.
func filterBit(print uint16) uint16 { return 1 << (5 + uint32(print&0xff)*11>>8) }

func (b *bin) n() int { return int(b.meta & 31) }

func (b *bin) print(i int) uint16 { return binary.LittleEndian.Uint16(b.prints[2*i:]) }

func (b *bin) set(i int, print uint16, ref uint32) {
	binary.LittleEndian.PutUint16(b.prints[2*i:], print)
	b.refs[i] = ref
}

// equal returns a mask with a bit for each entry that has the print, and perhaps for others. The
// entry of a bit is what lane returns.
func (b *bin) equal(print uint16) uint64 {
	const one = 1<<48 | 1<<32 | 1<<16 | 1
	all := uint64(print) * one
	v := binary.LittleEndian.Uint64(b.prints[:]) ^ all
	w := binary.LittleEndian.Uint64(b.prints[8:]) ^ all
	x := binary.LittleEndian.Uint64(b.prints[16:]) ^ all
	y := binary.LittleEndian.Uint64(b.prints[24:]) ^ all
	z := binary.LittleEndian.Uint64(b.prints[32:]) ^ all
	// The top bit of a field that is 0, or of one that is 1 above a field that is 0.
	v = (v - one) &^ v & (one << 15)
	w = (w - one) &^ w & (one << 15)
	x = (x - one) &^ x & (one << 15)
	y = (y - one) &^ y & (one << 15)
	z = (z - one) &^ z & (one << 15)
	last := uint64(b.print(binSize-1) ^ print)
	return v | w>>1 | x>>2 | y>>3 | z>>4 | (last-1)>>63<<10
}

// lane returns the entry that the lowest bit of a mask stands for.
func lane(mask uint64) int {
	at := bits.TrailingZeros64(mask)
	return 4*(15-at&15) + at>>4
}

// find returns the entry that has the print and, in the bits of mask, the ref: its bin, and its
// number there. Where entries come and go, those of one filter bit can have passed every bin of a
// small segment, so the search ends after all bins too.
func (g *segment) find(home int, print uint16, ref, mask uint32) (b *bin, i int, ok bool) {
	for range g.bins {
		b := &g.bins[home]
		for m := b.equal(print); m != 0; m &= m - 1 {
			if i := lane(m); i < b.n() && (b.refs[i]^ref)&mask == 0 && b.print(i) == print {
				return b, i, true
			}
		}
		if b.meta&filterBit(print) == 0 {
			break
		}
		home = g.after(home, print)
	}
	return nil, 0, false
}

// insert adds an entry. There must be room.
func (g *segment) insert(home int, print uint16, ref uint32) {
	b := &g.bins[home]
	for b.n() == binSize {
		b.meta |= filterBit(print)
		home = g.after(home, print)
		b = &g.bins[home]
	}
	b.set(b.n(), print, ref)
	b.meta++
	g.used++
}

// remove drops the i-th entry of a bin.
func (g *segment) remove(b *bin, i int) {
	if b != &g.bins[g.home(b.print(i))] {
		g.stale++
	}
	b.meta--
	b.set(i, b.print(b.n()), b.refs[b.n()])
	g.used--
}

// resize gives the segment another number of bins, n or so.
func (g *segment) resize(n int) {
	old := g.bins
	*g = newSegment(n)
	for i := range old {
		from := &old[i]
		for k := range min(from.n(), binSize) {
			print := from.print(k)
			home := g.home(print)
			if b := &g.bins[home]; b.n() < binSize { // insert, without a call
				b.set(b.n(), print, from.refs[k])
				b.meta++
				g.used++
			} else {
				g.insert(home, print, from.refs[k])
			}
		}
	}
}
