package featureset

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// Sizes returns how many values each class of a set has. It takes O(1) time. It panics if b does
// not begin as a set does.
func Sizes(b []byte) [Classes]int {
	sizes, _, ok := readSizes(b)
	if !ok {
		panic("featureset: Sizes of what is not a set")
	}
	return sizes
}

// readSizes returns the sizes and how many bytes say so, or false if Append does not write these
// bytes.
func readSizes(b []byte) (sizes [Classes]int, used int, ok bool) {
	if len(b) == 0 {
		return sizes, 0, false
	}
	total := uint64(0)
	used = 1
	for mask := b[0]; mask != 0; mask &= mask - 1 {
		n, size := binary.Uvarint(b[used:])
		if size <= 0 || n >= MaxValues || size > 1 && b[used+size-1] == 0 {
			return sizes, 0, false
		}
		used += size
		sizes[bits.TrailingZeros8(mask)] = int(n) + 1
		total += n + 1
	}
	return sizes, used, total <= MaxValues
}

// A layout is what the head of a set says of the rest.
type layout struct {
	sizes [Classes]int
	k     [Classes]uint
	total int
	low   uint64 // where the low bits begin, in bits
	high  uint64 // where the unary numbers begin
}

// read reads the layout of a set. It returns false if Append does not write this head or the values
// cannot be in b.
func (l *layout) read(b []byte, width int) (ok bool) {
	sizes, used, ok := readSizes(b)
	if !ok {
		return false
	}
	l.sizes = sizes
	l.total = 0
	l.low = 8 * uint64(used)
	l.high = l.low
	for c, n := range sizes {
		if n > 0 {
			l.k[c] = lowBits(n, width)
			l.high += uint64(n) * uint64(l.k[c])
			l.total += n
		}
	}
	return l.high+uint64(l.total) <= 8*uint64(len(b))
}

// mustRead is read of a set that was checked.
func (l *layout) mustRead(b []byte, width int) {
	checkWidth(width)
	if !l.read(b, width) {
		panic(fmt.Sprintf("featureset: not a set of values of %d bits", width))
	}
}

// skip returns the position after the next n ones, n > 0, from a position in bits. It returns false
// if they are not there or there are more than most zeros before the last of them.
func skip(b []byte, at uint64, n int, most uint64) (uint64, bool) {
	end := at + uint64(n) + most
	byteAt := int(at >> 3)
	mask := ^uint64(0) << (at & 7)
	for {
		if byteAt >= len(b) {
			return 0, false
		}
		word := load(b, byteAt) & mask
		mask = ^uint64(0)
		ones := bits.OnesCount64(word)
		if ones < n {
			n -= ones
			byteAt += 8
			continue
		}
		for ; n > 1; n-- {
			word &= word - 1
		}
		at = 8*uint64(byteAt) + uint64(bits.TrailingZeros64(word)) + 1
		return at, at <= end
	}
}

// load returns the 8 bytes at a position, and zeros after the end of b.
func load(b []byte, at int) uint64 {
	if at+8 <= len(b) {
		return binary.LittleEndian.Uint64(b[at:])
	}
	var pad [8]byte
	copy(pad[:], b[at:])
	return binary.LittleEndian.Uint64(pad[:])
}

// step is how many values are read at a time, at most. The counts of Table.Count need it to be less
// than 256.
const step = 240

// A reader reads the values of a set that was checked, class after class.
type reader struct {
	b     []byte
	short [8]byte // b, if it has less than 8 bytes
	low   uint64  // position of the next low bits
	at    int     // next byte of the unary numbers

	// The unary numbers are read a byte at a time, and so more of them than are asked for.
	ahead [step + 8]byte
	have  int    // numbers in ahead
	zeros uint64 // after the last one that was read, fewer than 249

	// Of the class:
	k    uint
	left int    // values to be read
	last uint64 // the value that was read last

	values [step]uint32
}

// open sets the positions of the low bits and the unary numbers, in bits. There must be such a
// number.
func (r *reader) open(b []byte, low, high uint64) {
	r.b, r.low, r.at = b, low, int(high>>3)
	if len(b) < len(r.short) {
		clear(r.short[copy(r.short[:], b):])
	}
	s := high & 7
	x := unary[b[r.at]>>s]
	r.at++
	binary.LittleEndian.PutUint64(r.ahead[:], x&unaryNumbers)
	r.have, r.zeros = int(x>>56&15), x>>60-s
}

// class begins with the next class, of n values.
func (r *reader) class(n int, k uint) {
	r.left, r.k, r.last = n, k, 0
}

// read returns the next values of the class, at least one and at most step, or none at its end.
// They are good until the next read.
func (r *reader) read() []uint32 {
	n := r.numbers(min(r.left, step))
	r.add(n)
	r.left -= n
	r.have -= n
	copy(r.ahead[:8], r.ahead[n:])
	return r.values[:n]
}

// numbers sees to it that some unary numbers are in ahead, and returns how many, n at most.
func (r *reader) numbers(n int) int {
	b, at, have, zeros := r.b, r.at, r.have, r.zeros
	for have < n {
		x := b[at]
		at++
		if x == 0 {
			// A number in ahead is at most 255. More zeros are added to the class, once nothing is
			// in ahead.
			if zeros += 8; zeros > 240 {
				if have > 0 {
					break
				}
				r.last += zeros << r.k
				zeros = 0
			}
			continue
		}
		e := unary[x]
		binary.LittleEndian.PutUint64(r.ahead[have:have+8], e&unaryNumbers+zeros)
		have += int(e >> 56 & 15)
		zeros = e >> 60
	}
	r.at, r.have, r.zeros = at, have, zeros
	return min(have, n)
}

// add adds differences, the first n numbers in ahead and as many low bits, to the last value. As
// the numbers are known, no low bits wait for those before them: this and numbers take half the
// time of reading a difference whole, then the next.
func (r *reader) add(n int) {
	b, low, last, k := r.b, r.low, r.last, r.k&31
	if len(b) < len(r.short) {
		b = r.short[:]
	}
	end := len(b) - 8
	mask := uint64(1)<<k - 1
	i := 0
	switch {
	case k <= 14: // four and a part of a byte are in a word
		for ; i < n-3; i += 4 {
			at := int(low >> 3)
			if at > end {
				break
			}
			x := binary.LittleEndian.Uint64(b[at:at+8]) >> (low & 7)
			low += 4 * uint64(k)
			last += x&mask + uint64(r.ahead[i])<<k
			r.values[i] = uint32(last)
			x >>= k
			last += x&mask + uint64(r.ahead[i+1])<<k
			r.values[i+1] = uint32(last)
			x >>= k
			last += x&mask + uint64(r.ahead[i+2])<<k
			r.values[i+2] = uint32(last)
			x >>= k
			last += x&mask + uint64(r.ahead[i+3])<<k
			r.values[i+3] = uint32(last)
		}
	case k <= 19: // three are
		for ; i < n-2; i += 3 {
			at := int(low >> 3)
			if at > end {
				break
			}
			x := binary.LittleEndian.Uint64(b[at:at+8]) >> (low & 7)
			low += 3 * uint64(k)
			last += x&mask + uint64(r.ahead[i])<<k
			r.values[i] = uint32(last)
			x >>= k
			last += x&mask + uint64(r.ahead[i+1])<<k
			r.values[i+1] = uint32(last)
			x >>= k
			last += x&mask + uint64(r.ahead[i+2])<<k
			r.values[i+2] = uint32(last)
		}
	}
	for ; i < n; i++ {
		at := min(int(low>>3), end)
		last += binary.LittleEndian.Uint64(b[at:at+8])>>((low-uint64(at)<<3)&63)&mask + uint64(r.ahead[i])<<k
		low += uint64(k)
		r.values[i] = uint32(last)
	}
	r.low, r.last = low, last
}

// AppendValues appends the values of a class, ascending. It takes O(n) time for n values in this
// class and those before it. It panics if class is not one, or b is not a set of this width.
func AppendValues(dst []uint32, b []byte, width, class int) []uint32 {
	if class < 0 || class >= Classes {
		panic(fmt.Sprintf("featureset: class is %d, want 0 to %d", class, Classes-1))
	}
	var l layout
	l.mustRead(b, width)
	n := l.sizes[class]
	if n == 0 {
		return dst
	}
	low, high := l.low, l.high
	for c, m := range l.sizes[:class] {
		if m > 0 {
			low += uint64(m) * uint64(l.k[c])
			high, _ = skip(b, high, m, 1<<width)
		}
	}
	var r reader
	r.open(b, low, high)
	r.class(n, l.k[class])
	dst = slices.Grow(dst, n)
	for values := r.read(); len(values) > 0; values = r.read() {
		dst = append(dst, values...)
	}
	return dst
}
