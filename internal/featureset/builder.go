package featureset

import "fmt"

// Value returns the first width bits of a mix of hash.
func Value(hash uint64, width int) uint32 {
	checkWidth(width)
	return uint32(mix(hash) >> (64 - uint(width)))
}

// mix is the 64-bit finalizer of MurmurHash3 without its last step, which only changes the low half.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x * 0xc4ceb9fe1a85ec53
}

// A Builder makes sets of hashes in any order.
type Builder struct {
	keys   []uint64 // a mixed hash, and in the low byte the class
	spare  []uint64
	values []uint32
}

// Add adds a hash to a class.
func (x *Builder) Add(hash uint64, class uint8) {
	if class >= Classes {
		panic(fmt.Sprintf("featureset: class is %d, want 0 to %d", class, Classes-1))
	}
	x.keys = append(x.keys, mix(hash)&^0xff|uint64(class))
}

// AddAll adds hashes to a class.
func (x *Builder) AddAll(hashes []uint64, class uint8) {
	if class >= Classes {
		panic(fmt.Sprintf("featureset: class is %d, want 0 to %d", class, Classes-1))
	}
	for _, h := range hashes {
		x.keys = append(x.keys, mix(h)&^0xff|uint64(class))
	}
}

// Append appends the set.
func (x *Builder) Append(dst []byte, width int) []byte {
	checkWidth(width)
	x.sort(width)
	cut := 64 - uint(width)
	var sizes [Classes]int
	// merge
	keys := x.keys[:0]
	prev := uint64(1 << 63)
	for _, key := range x.keys {
		v := key >> cut << 8
		if v == prev&^255 {
			sizes[prev&7]--
			prev |= key & 7
			keys[len(keys)-1] = prev
			sizes[prev&7]++
			continue
		}
		prev = v | key&7
		sizes[key&7]++
		keys = append(keys, prev)
	}
	if cap(x.values) < len(keys) {
		x.values = make([]uint32, 0, cap(x.keys))
	}
	var lists [Classes][]uint32
	at := 0
	for c, n := range sizes {
		lists[c] = x.values[at : at : at+n]
		at += n
	}
	for _, key := range keys {
		l := &lists[key&7]
		*l = append(*l, uint32(key>>8))
	}
	x.keys = x.keys[:0]
	return Append(dst, width, &lists)
}

func (x *Builder) sort(width int) {
	passes := uint(width+7) / 8
	var counts [4][256]uint32
	for _, key := range x.keys {
		counts[0][key>>56]++
		counts[1][key>>48&255]++
		if passes > 2 {
			counts[2][key>>40&255]++
		}
		if passes > 3 {
			counts[3][key>>32&255]++
		}
	}
	if cap(x.spare) < len(x.keys) {
		x.spare = make([]uint64, cap(x.keys))
	}
	from, to := x.keys, x.spare[:len(x.keys)]
	for p := passes; p > 0; p-- {
		c := &counts[p-1]
		shift := 64 - 8*p
		sum := uint32(0)
		for i := range c {
			c[i], sum = sum, sum+c[i]
		}
		for _, key := range from {
			d := byte(key >> (shift & 63))
			to[c[d]] = key
			c[d]++
		}
		from, to = to, from
	}
	x.keys, x.spare = from, to
}
