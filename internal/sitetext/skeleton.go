package sitetext

import (
	"math/bits"
	"slices"
)

// Values are features cut to 24 bits. Menu is set in a value of a set that stands for a feature of a menu: it may be site text,
// and what stands beside the article, but is no part of the article.
const (
	width    = 24
	universe = 1 << width
	Menu     = 1 << 31
)

// A skeleton is
//
//	byte 0      bits 0-3 shift, bits 4-5 rate, bit 6 wide
//	then        for each sampled value, in ascending order, its place: one byte, two (little-endian) if wide
//
// A value is sampled if its lowest rate bits are 0, rate being 1 to 3. Its place is the number of features before it, without
// the lowest shift bits.
const (
	headLen     = 1
	maxRate     = 3
	fewFeatures = 160    // below this number one value in 2 is sampled, below twice that one in 4
	wideBit     = 1 << 6 // set if a text has more than 1,024 features
)

// A Writer makes skeletons. The zero Writer is ready. It is scratch, not for concurrent use.
type Writer struct{ sampled []uint64 }

// AppendSkeleton appends the skeleton of a text to dst and returns the extended slice. values are its features in text order, cut
// to 24 bits, repeats kept. A text of n features takes about n/8 bytes, at most 84 if n ≤ 640. It takes O(n)
// time on ordinary text, O(n log n) at most, and allocates nothing once the Writer and dst have room.
func (w *Writer) AppendSkeleton(dst []byte, values []uint32) []byte {
	rate := rateOf(len(values))
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
	done := uint64(1<<64 - 1)
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

func rateOf(features int) int {
	switch {
	case features < fewFeatures:
		return 1
	case features < 2*fewFeatures:
		return 2
	}
	return maxRate
}
