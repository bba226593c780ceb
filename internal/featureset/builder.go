package featureset

import (
	"fmt"
	"slices"
)

// A Builder makes sets from hashes in any order. The zero Builder is ready. It is used again after
// Append, and then allocates nothing for a set that is not larger than those before: it keeps 48
// bytes for each hash of the largest. It needs exclusive access.
type Builder struct {
	keys   []uint64       // what was added: a mixed hash, and its class in the low byte
	counts [2][256]uint32 // of keys by their first byte, and by their second

	spare  []uint64 // keys on their way
	values []uint32 // the list of each class
}

const classMask = 255 // of a key

func checkClass(class uint8) {
	if class >= Classes {
		panic(fmt.Sprintf("featureset: class is %d, want 0 to %d", class, Classes-1))
	}
}

// Add adds the value of a hash to a class. A value that was added to several classes is in the one
// that is the bitwise or of them all: where a class has a bit for each view that a value is in, the
// views can be added one after the other. It panics if class is not less than [Classes].
func (x *Builder) Add(hash uint64, class uint8) {
	checkClass(class)
	key := mix(hash)&^classMask | uint64(class)
	x.counts[0][key>>56]++
	x.counts[1][key>>48&255]++
	x.keys = append(x.keys, key)
}

// AddAll is Add for each of the hashes.
func (x *Builder) AddAll(hashes []uint64, class uint8) {
	checkClass(class)
	start := len(x.keys)
	x.keys = slices.Grow(x.keys, len(hashes))[:start+len(hashes)]
	keys := x.keys[start:]
	first, second := &x.counts[0], &x.counts[1]
	for i, hash := range hashes {
		key := mix(hash)&^classMask | uint64(class)
		first[key>>56]++
		second[key>>48&255]++
		keys[i] = key
	}
}

// Append appends the set of what was added, values of width bits, and returns the extended buffer.
// The Builder is empty then. It takes O(n) time for n hashes. It panics if width is not 8 to 32 or
// there are more than [MaxValues] values.
func (x *Builder) Append(dst []byte, width int) []byte {
	checkWidth(width)
	x.sort()
	cut := 64 - uint(width)
	n := len(x.keys)
	if cap(x.values) < Classes*n {
		x.values = make([]uint32, Classes*cap(x.keys))
	}
	values := x.values[:Classes*n] // room for n in each class
	var ends [Classes]int          // of what is there
	for c := range ends {
		ends[c] = c * n
	}
	last, class := ^uint64(0), uint64(0)
	for _, key := range x.keys {
		v := key >> (cut & 63)
		c := key % Classes
		if v == last { // take it back, and add it to both classes
			ends[class]--
			c |= class
		}
		values[ends[c]] = uint32(v)
		ends[c]++
		last, class = v, c
	}
	x.keys = x.keys[:0]
	var lists [Classes][]uint32
	for c := range lists {
		lists[c] = values[c*n : ends[c]]
	}
	return Append(dst, width, &lists)
}

// sort sorts the keys, by their first 32 bits at least, and forgets the counts.
func (x *Builder) sort() {
	const few = 24
	n := len(x.keys)
	if n > few {
		if cap(x.spare) < n {
			x.spare = make([]uint64, cap(x.keys))
		}
		distribute(x.spare[:n], x.keys, &x.counts[1], 48)
		distribute(x.keys, x.spare[:n], &x.counts[0], 56)
	}
	clear(x.counts[:])
	// What is left to do is to sort the keys that have both bytes in common. Of random keys these
	// are few, up to some hundred thousand, and of chosen ones they may be all.
	if settle(x.keys, n+few*few) {
		return
	}
	var counts [4][256]uint32
	for _, key := range x.keys {
		counts[0][key>>32&255]++
		counts[1][key>>40&255]++
		counts[2][key>>48&255]++
		counts[3][key>>56]++
	}
	for i := range counts {
		distribute(x.spare[:n], x.keys, &counts[i], 32+8*uint(i))
		x.keys, x.spare = x.spare[:n], x.keys
	}
}

// distribute moves keys in order of a byte of them to another slice, and those of one byte in the
// order that they have. It uses up the counts of the bytes.
func distribute(to, keys []uint64, counts *[256]uint32, shift uint) {
	sum := uint32(0)
	for i, n := range counts {
		counts[i] = sum
		sum += n
	}
	for _, key := range keys {
		b := byte(key >> (shift & 63))
		at := counts[b]
		counts[b] = at + 1
		to[at] = key
	}
}

// settle sorts keys that are nearly in order, and gives up after about so many moves. It returns
// whether they are sorted.
func settle(keys []uint64, moves int) bool {
	last := uint64(0)
	for i, key := range keys {
		if key >= last {
			last = key
			continue
		}
		j := i
		for ; j > 0 && keys[j-1] > key; j-- {
			keys[j] = keys[j-1]
		}
		keys[j] = key
		if moves -= i - j; moves < 0 {
			return false
		}
	}
	return true
}
