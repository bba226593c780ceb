package minhash

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// segment is a part of a [table]: a hash table of bins of a cache line each.
//
//	bin   print ×10 │ n │ passed │ filter │ ref ×10       64 bytes
//
// An entry is a print and a ref. It stands in the bin that is the home of its print, in no order,
// or, where that is full, in another, found by steps of a length that depends on the print; and the
// bins on its way remember that it has passed them. So a search ends at the first bin that none
// like it has passed, nearly always its home, and an entry that is removed leaves nothing behind.
type segment struct {
	bins  []bin  // an odd number; nil after the segment was split
	used  uint32 // entries
	scale uint32 // bins for 1<<16 prints, if all there are go to this segment
}

type bin struct {
	prints [2 * binSize]byte
	n      uint8  // entries, from the first on
	passed uint8  // entries that have passed; 255 stands for that or more
	filter uint16 // a bit for each of them, see filterBit
	refs   [binSize]uint32
}

const (
	binSize  = 10 // entries
	binBytes = 64 // memory
)

// noBins is all that empty segments have. It stays empty.
var noBins = make([]bin, 1)

// newSegment returns a segment of n bins, or a few more or less, for prints up to last.
func newSegment(n int, last uint16) segment {
	bins := noBins
	if n > 0 {
		bins = slices.Grow([]bin(nil), n|1)
		bins = bins[:(cap(bins)-1)|1] // use what room there is
	}
	return segment{bins: bins, scale: uint32(uint64(len(bins)) << 16 / (uint64(last) + 1))}
}

// binsFor returns the number of bins for entries and so many more.
func binsFor(entries, spare uint32) int {
	if entries == 0 {
		return 0
	}
	return max(3, 1+int(entries+spare)/binSize)
}

// full reports whether the segment needs more bins for one more entry: 13 of 14 places are taken.
func (g *segment) full() bool {
	n := len(g.bins) * binSize
	return int(g.used) >= n-n/14 || len(g.bins) == 1
}

// home returns the bin where a print belongs. Homes are in the order of the prints.
func (g *segment) home(print uint16) int {
	return int(uint64(print) * uint64(g.scale) >> 16)
}

// after returns the bin after i on the way of a print. The steps are short, which memory likes, and
// powers of 2, so that they lead to all of an odd number of bins.
func (g *segment) after(i int, print uint16) int {
	step := 1 << (print & 3)
	if print&4 == 0 {
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
func filterBit(print uint16) uint16 { return 1 << (print >> 3 & 15) }

// pass notes that an entry passes the bin.
func (b *bin) pass(print uint16) {
	if b.passed < 255 {
		b.passed++
	}
	b.filter |= filterBit(print)
}

// unpass takes back what pass has done.
func (b *bin) unpass() {
	if b.passed == 255 {
		return // there may have been more: until the segment is resized it stays so
	}
	if b.passed--; b.passed == 0 {
		b.filter = 0
	}
}

func (b *bin) print(i int) uint16 { return binary.LittleEndian.Uint16(b.prints[2*i:]) }

func (b *bin) set(i int, print uint16, ref uint32) {
	binary.LittleEndian.PutUint16(b.prints[2*i:], print)
	b.refs[i] = ref
}

// find returns the entry that has the print and, in the bits of mask, the ref: its bin, and its
// number there. The bin is nil if there is none. Where entries come and go, those of one filter bit
// can have passed every bin of a small segment, so the search ends after all bins too.
func (g *segment) find(home int, print uint16, ref, mask uint32) (b *bin, i int) {
	const one = 1<<48 | 1<<32 | 1<<16 | 1
	all := uint64(print) * one
	filter := filterBit(print)
	for range g.bins {
		b := &g.bins[home]
		// The top bit of each field of 16 bits that is equal, and perhaps of one above such a
		// field.
		x := binary.LittleEndian.Uint64(b.prints[0:8]) ^ all
		y := binary.LittleEndian.Uint64(b.prints[8:16]) ^ all
		z := uint64(binary.LittleEndian.Uint32(b.prints[16:20])) ^ all
		x = (x - one) &^ x & (one << 15)
		y = (y - one) &^ y & (one << 15)
		z = (z - one) &^ z & (1<<31 | 1<<15)
		for m := x | y>>1 | z>>2; m != 0; m &= m - 1 {
			at := bits.TrailingZeros64(m)
			i := 4*(15-at&15) + at>>4
			if i < int(b.n) && (b.refs[i]^ref)&mask == 0 && b.print(i) == print {
				return b, i
			}
		}
		if b.filter&filter == 0 {
			break
		}
		home = g.after(home, print)
	}
	return nil, 0
}

// insert adds an entry. There must be room.
func (g *segment) insert(home int, print uint16, ref uint32) {
	b := &g.bins[home]
	for b.n == binSize {
		b.pass(print)
		home = g.after(home, print)
		b = &g.bins[home]
	}
	b.set(int(b.n), print, ref)
	b.n++
	g.used++
}

// remove drops the i-th entry of a bin.
func (g *segment) remove(b *bin, i int) {
	print := b.print(i)
	for home := g.home(print); &g.bins[home] != b; home = g.after(home, print) {
		g.bins[home].unpass()
	}
	b.n--
	b.set(i, b.print(int(b.n)), b.refs[b.n])
	g.used--
}

// resize gives the segment another number of bins, n or so.
func (g *segment) resize(n int, last uint16) {
	old := g.bins
	*g = newSegment(n, last)
	for i := range old {
		from := &old[i]
		for k := range min(int(from.n), binSize) {
			print := from.print(k)
			home := g.home(print)
			if b := &g.bins[home]; b.n < binSize { // insert, without a call
				b.set(int(b.n), print, from.refs[k])
				b.n++
				g.used++
			} else {
				g.insert(home, print, from.refs[k])
			}
		}
	}
}
