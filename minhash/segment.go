package minhash

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// segment is a part of a [table]: a hash table of bins of two cache lines each, of which the first is
// enough to see that a tag is not there.
//
//	bin   print ×20 │ n │ passed │ filter │ ref ×20       128 bytes
//
// An entry is a print and a ref. It stands in the bin that is the home of its print, in no order, or, where
// that is full, in another, found by steps of a length that depends on the print; and the bins on
// its way remember that it has passed them. So a search ends at the first bin that none like it has
// passed, nearly always its home, and an entry that is removed leaves nothing behind.
type segment struct {
	bins []bin // an odd number; nil after the segment was split
	used int   // entries
}

type bin struct {
	prints [2 * binSize]byte
	n      uint8  // entries, from the first on
	passed uint8  // entries that have passed; 255 stands for that or more
	filter uint32 // a bit for each of them, see filterBit
	refs   [binSize]uint32
}

const (
	binSize  = 20  // entries
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

// roomy returns the number of bins for so many entries and some more.
func roomy(entries int) int {
	if entries == 0 {
		return 0
	}
	return 2 + (entries+entries/knobRoomy)/binSize
}

// full reports whether the segment needs more bins for one more entry: 19 of 20 places are taken, not
// counting one bin.
func (g *segment) full() bool { n := (len(g.bins) - 1) * binSize; return g.used >= n-n/knobFull }

var knobFull, knobGrow, knobPlus, knobRoomy = 20, 5, 2, 5

// home returns the bin where a print belongs. Homes are in the order of the prints.
func (g *segment) home(print uint16) int {
	return int(uint64(print) * uint64(len(g.bins)) >> 16)
}

// after returns the bin after i on the way of a print. The steps are powers of 2, so they lead to all
// of an odd number of bins.
func (g *segment) after(i int, print uint16) int {
	for i += 1 << (print & 7); i >= len(g.bins); {
		i -= len(g.bins)
	}
	return i
}

// filterBit returns the bit of a filter that stands for a print.
func filterBit(print uint16) uint32 { return 1 << (print >> 3 & 31) }

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
	return v | w>>1 | x>>2 | y>>3 | z>>4
}

// lane returns the entry that the lowest bit of a mask stands for.
func lane(mask uint64) int {
	at := bits.TrailingZeros64(mask)
	return 4*(15-at&15) + at>>4
}

// find returns the entry that has the print and, in the bits of mask, the ref: its bin, and its
// number there.
func (g *segment) find(home int, print uint16, ref, mask uint32) (b *bin, i int, ok bool) {
	for {
		b := &g.bins[home]
		for m := b.equal(print); m != 0; m &= m - 1 {
			if i := lane(m); i < int(b.n) && (b.refs[i]^ref)&mask == 0 && b.print(i) == print {
				return b, i, true
			}
		}
		if b.filter&filterBit(print) == 0 {
			return nil, 0, false
		}
		home = g.after(home, print)
	}
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
func (g *segment) resize(n int) {
	old := g.bins
	*g = newSegment(n)
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
