package sitetext

import (
	"math/bits"
	"slices"
)

// Values are features cut to 24 bits. Menu is set in a value that stands for a feature of a menu.
const (
	width    = 24
	universe = 1 << width
	Menu     = 1 << 31
)

// A skeleton is
//
//	byte 0      bits 0-3 shift, bits 4-5 rate, bit 6 wide
//	then        for each sampled value, in ascending order, its place in the body: one byte, two (little-endian) if wide
//
// A value is sampled if its lowest rate bits are 0, rate being 1 to 3. Its place is the number of features of the body before
// it, without the lowest shift bits, or noPlace if it is in menus only.
const (
	headLen     = 1
	maxRate     = 3
	fewFeatures = 160 // below this number one value in 2 is sampled, below twice that one in 4
	wideBit     = 1 << 6
	narrowLen   = 4 * noPlace8 // features of the body from which on places take two bytes: those of one byte would be too coarse
	noPlace8    = 1<<8 - 1
	noPlace16   = 1<<16 - 1
	inMenu      = 1<<32 - 1
)

// A Writer makes skeletons. The zero Writer is ready. It is scratch, not for concurrent use.
type Writer struct{ sampled []uint64 }

// AppendSkeleton appends the skeleton of a text to dst and returns the extended slice. values are its features in text order, cut
// to 24 bits, repeats kept, with Menu set in those that are not part of the body. A text of n features takes about n/8
// bytes, at most 84 if n ≤ 640. It takes O(n) time on ordinary text, O(n log n) at most, and allocates
// nothing once the Writer and dst have room.
func (w *Writer) AppendSkeleton(dst []byte, values []uint32) []byte {
	body := 0
	for _, v := range values {
		body += int(^v >> 31)
	}
	rate := rateOf(body)
	mask := uint32(1)<<rate - 1
	w.sampled = w.sampled[:0]
	place := uint64(0)
	for _, v := range values {
		if v&Menu != 0 {
			if v&mask == 0 {
				w.sampled = append(w.sampled, uint64(v&^Menu)<<32|inMenu)
			}
			continue
		}
		if v&mask == 0 {
			w.sampled = append(w.sampled, uint64(v)<<32|place)
		}
		place++
	}
	slices.Sort(w.sampled)

	wide := body > narrowLen
	shift := max(0, bits.Len(uint(max(body-1, 0)/noPlace8)))
	none := uint32(noPlace8)
	head := byte(rate << 4)
	if wide {
		shift = bits.Len(uint(body-1) / noPlace16)
		none = noPlace16
		head |= wideBit
	}
	dst = append(dst, head|byte(shift))
	last := uint64(1<<64 - 1)
	for _, s := range w.sampled {
		if s>>32 == last {
			continue // the first place counts
		}
		last = s >> 32
		p := none
		if uint32(s) != inMenu {
			p = uint32(s) >> shift
		}
		dst = append(dst, byte(p))
		if wide {
			dst = append(dst, byte(p>>8))
		}
	}
	return dst
}

func rateOf(body int) int {
	switch {
	case body < fewFeatures:
		return 1
	case body < 2*fewFeatures:
		return 2
	}
	return maxRate
}
