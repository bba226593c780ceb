package sitetext

import (
	"math/bits"
	"slices"
)

// Values are features cut to 24 bits.
const (
	width    = 24
	universe = 1 << width
)

// Menu is set in a value of a set that stands for a feature of a menu. It may be site text, and
// stand beside a passage, but is not part of any.
const Menu = 1 << 31

// A skeleton is
//
//	byte 0   bits 0-3 shift, bits 4-5 rate, bit 6 wide
//	then     for each sampled value, in ascending order, its place: a byte, or if wide two,
//	         little-endian
//
// A value is sampled if its lowest rate bits are 0; rate is 1 to 3. Its place is the number of
// features before the first that has this value, without the lowest shift bits.
const (
	headLen     = 1
	maxRate     = 3
	fewFeatures = 160    // below it rate is 1, below twice that 2: a short text has fewer to spare
	wideBit     = 1 << 6 // set for texts of more than 1,024 features
)

// A Writer makes skeletons. The zero Writer is ready. It is scratch, not for concurrent use.
type Writer struct{ sampled []uint64 }

// AppendSkeleton appends the skeleton of a text to dst and returns the extended slice. values are
// the features of the text, cut to 24 bits, in text order, repeats kept. The skeleton of a text of
// n features takes about n/8 bytes, about 80 at most if n ≤ 640, and n/4 if n > 1,024. It takes
// O(n log n) time, and allocates nothing once the Writer and dst have room.
func (w *Writer) AppendSkeleton(dst []byte, values []uint32) []byte {
	rate := maxRate
	if len(values) < 2*fewFeatures {
		rate--
	}
	if len(values) < fewFeatures {
		rate--
	}
	mask := uint32(1)<<rate - 1
	w.sampled = w.sampled[:0]
	for i, v := range values {
		if v&mask == 0 {
			w.sampled = append(w.sampled, uint64(v%universe)<<32|uint64(i))
		}
	}
	slices.Sort(w.sampled)

	last := uint(max(len(values), 1) - 1)
	head, shift := byte(rate<<4), bits.Len(last>>8)
	wide := last>>10 > 0
	if wide {
		head, shift = head|wideBit, bits.Len(last>>16)
	}
	dst = append(dst, head|byte(shift))
	done := uint64(universe)
	for _, s := range w.sampled {
		if s>>32 == done {
			continue // the first place counts
		}
		done = s >> 32
		p := uint32(s) >> shift
		dst = append(dst, byte(p))
		if wide {
			dst = append(dst, byte(p>>8))
		}
	}
	return dst
}
