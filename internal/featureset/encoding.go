package featureset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// Classes is the number of classes of a set. They are numbered from 0.
const Classes = 8

// MaxValues is the number of values that a set can have, in all classes together.
const MaxValues = 1 << 28

// ErrCorrupt is what the errors of [Check] and [Len] wrap.
var ErrCorrupt = errors.New("featureset: corrupt set")

// lowBits returns k, the number of low bits of a difference that are stored as they are, for n
// values, n > 0. Differences of random values are distributed geometrically, and k = 1 +
// floor(log2(ln φ / ln(1 + 1/m))) suits a mean of m (Kiely, Selecting the Golomb Parameter in Rice
// Coding, 2004). As ln(1 + 1/m) is close to 1/m, ln φ is .4812 and m is 2^width/n, that is the
// logarithm of .9624·2^width/n, and .9624 is 1971/2048.
func lowBits(n, width int) uint {
	a, b := uint64(1971)<<width, 2048*uint64(n)
	k := bits.Len64(a) - bits.Len64(b)
	if k > 0 && a < b<<k {
		k--
	}
	return uint(max(0, k))
}

// Append appends the set whose classes have the values of lists, and returns the extended buffer.
// The values of a list must be ascending, and no value may be in two lists. Equal sets are equal
// bytes, on every machine. It takes O(n) time and allocates only if dst has no room for the set and
// 8 bytes more, in which it may write. It panics if a list is not ascending, a value has more than
// width bits, there are more than [MaxValues], or width is not 8 to 32. That no value is in two
// lists is left to the caller; [Check] finds it.
//
// The layout, of n values of which n_c are in class c:
//
//	bytes      what
//	1          bit c is set if class c has values
//	1-4 each   n_c - 1 for each class that has values, as an unsigned varint
//
// and then bits, the lowest of a byte first, and zeros up to a whole byte:
//
//	Σ n_c·k_c  for each class, for each value, the low k_c bits of its difference
//	n + Σ h    for each class, for each value, h zeros and a one; h is the difference >> k_c
//
// The difference of a value is to the one before it in its class, and to 0 for the first. What
// [lowBits] returns for n_c and the width is k_c.
func Append(dst []byte, width int, lists *[Classes][]uint32) []byte {
	checkWidth(width)
	var head [1 + Classes*binary.MaxVarintLen32]byte
	var low [Classes]uint
	used, total := 1, 0
	size := uint64(0) // of the rest, in bits, at most
	for c, list := range lists {
		n := len(list)
		if n == 0 {
			continue
		}
		last := uint64(list[n-1])
		if total += n; total > MaxValues {
			panic(fmt.Sprintf("featureset: more than %d values", MaxValues))
		}
		if last>>width != 0 {
			panic(fmt.Sprintf("featureset: the last of %d values of class %d is %d, width is %d", n, c, last, width))
		}
		low[c] = lowBits(n, width)
		size += uint64(n)*uint64(low[c]+1) + last>>low[c]
		head[0] |= 1 << c
		used += binary.PutUvarint(head[used:], uint64(n-1))
	}
	const slack = 8 // of the writer
	start := len(dst)
	dst = slices.Grow(dst, used+int((size+7)/8)+slack)
	w := writer{b: dst[:cap(dst)], at: start + copy(dst[start:cap(dst)], head[:used])}
	for c, list := range lists {
		w.lows(list, low[c])
	}
	for c, list := range lists {
		w.highs(list, low[c])
	}
	return dst[:w.end()]
}

// A writer writes bits to b, from byte at on. The last of them wait in acc: less than a byte after
// lows, a word at most after highs. Up to 8 bytes after those that are written are overwritten.
type writer struct {
	b    []byte
	at   int
	acc  uint64
	fill uint // bits in acc
}

// lows writes the low k bits of all differences. It panics if the list is not ascending.
func (w *writer) lows(list []uint32, k uint) {
	b, at, acc, fill := w.b, w.at, w.acc, w.fill
	k &= 31
	mask := uint64(1)<<k - 1
	before := uint32(0)
	i := 0
	if k <= 18 { // three and a part of a byte are less than a word
		for ; i < len(list)-2; i += 3 {
			v0, v1, v2 := list[i], list[i+1], list[i+2]
			if v1 <= v0 || v2 <= v1 || v0 <= before && i > 0 {
				panic(notAscending)
			}
			x := uint64(v2-v1)&mask<<k | uint64(v1-v0)&mask
			acc |= (x<<k | uint64(v0-before)&mask) << (fill & 63)
			before = v2
			binary.LittleEndian.PutUint64(b[at:at+8], acc)
			fill += 3 * k
			at += int(fill >> 3)
			acc >>= fill &^ 7 & 63
			fill &= 7
		}
	}
	for ; i < len(list); i++ {
		v := list[i]
		if v <= before && i > 0 {
			panic(notAscending)
		}
		acc |= uint64(v-before) & mask << (fill & 63)
		before = v
		binary.LittleEndian.PutUint64(b[at:at+8], acc)
		fill += k
		at += int(fill >> 3)
		acc >>= fill &^ 7 & 63
		fill &= 7
	}
	w.at, w.acc, w.fill = at, acc, fill
}

const notAscending = "featureset: the values of a class are not ascending"

// highs writes the differences without their low k bits in unary.
func (w *writer) highs(list []uint32, k uint) {
	b, at, acc, fill := w.b, w.at, w.acc, w.fill
	k &= 31
	before := uint32(0)
	for _, v := range list {
		fill += uint((v - before) >> k)
		before = v
		for fill >= 64 {
			binary.LittleEndian.PutUint64(b[at:at+8], acc)
			at += 8
			fill -= 64
			acc = 0
		}
		acc |= 1 << (fill & 63)
		fill++
	}
	w.at, w.acc, w.fill = at, acc, fill
}

// end writes what waits and returns where the bytes end.
func (w *writer) end() int {
	binary.LittleEndian.PutUint64(w.b[w.at:w.at+8], w.acc)
	return w.at + int(w.fill+7)>>3
}
