// Package sample finds the sets that contain a set or are contained in it, however different in size they are. Signatures of
// a fixed number of slots do not: they estimate similarity, which is low between an excerpt and the whole.
//
// One value in 32 is sampled, by its own bits, so a value is sampled in every set that has it or in none (Broder, On the
// resemblance and containment of documents, 1997, the sketch modulo m). Two sets that have s values in common have s/32
// sampled ones in common on average, whatever else is in them.
package sample

import "slices"

// Rate is the number of values of which one is sampled.
const Rate = 32

func sampled(v uint32) bool { return v%Rate == 0 }

// An Index finds sets by their sampled values. The zero Index is empty and ready. Queries may run concurrently; Add and
// Remove need exclusive access. It takes about 25 bytes for each sampled value of each set, less than one byte for each value.
type Index struct {
	heads map[uint32]uint32 // value to the first node of its list
	nodes []node
	sizes []uint32 // sampled values of each set
}

// A node is a set that has a value. Node 0 ends all lists.
type node struct {
	set, next uint32
	length    uint32 // of the list from here
}

// Add adds a set of distinct values. Sets are numbered by the caller, densely.
func (x *Index) Add(set uint32, values []uint32) {
	if x.heads == nil {
		x.heads = make(map[uint32]uint32)
		x.nodes = make([]node, 1)
	}
	for int(set) >= len(x.sizes) {
		x.sizes = append(x.sizes, 0)
	}
	for _, v := range values {
		if sampled(v) {
			next := x.heads[v]
			x.heads[v] = uint32(len(x.nodes))
			x.nodes = append(x.nodes, node{set, next, x.nodes[next].length + 1})
			x.sizes[set]++
		}
	}
}

// Remove removes a set that was added with these values. Its room is not used again.
func (x *Index) Remove(set uint32, values []uint32) {
	for _, v := range values {
		if !sampled(v) {
			continue
		}
		at := x.heads[v]
		if n := x.nodes[at]; n.set == set {
			if x.heads[v] = n.next; n.next == 0 {
				delete(x.heads, v)
			}
			continue
		}
		for ; x.nodes[at].next != 0; at = x.nodes[at].next {
			n := &x.nodes[at]
			n.length--
			if next := x.nodes[n.next]; next.set == set {
				n.next = next.next
				break
			}
		}
	}
	x.sizes[set] = 0
}

// AppendCandidates appends, in ascending order, the sets that have at least a third of the sampled values of the
// smaller of the two in common with values. Values that more than most sets have are not looked at: they are evidence of
// nothing. Of the pairs of which the smaller set has n values and the share c is in the other, 1-(1-c/32)^n are found at
// least, where n is not so small that this third asks for more than one value.
func (x *Index) AppendCandidates(dst []uint32, values []uint32, most int) []uint32 {
	base := len(dst)
	size := uint32(0)
	for _, v := range values {
		if !sampled(v) {
			continue
		}
		size++
		at := x.heads[v]
		if at == 0 || int64(x.nodes[at].length) > int64(most) {
			continue
		}
		for ; at != 0; at = x.nodes[at].next {
			dst = append(dst, x.nodes[at].set)
		}
	}
	found := dst[base:]
	slices.Sort(found)
	kept := found[:0]
	for len(found) > 0 {
		set := found[0]
		n := 1
		for n < len(found) && found[n] == set {
			n++
		}
		found = found[n:]
		if 3*uint64(n) >= uint64(min(size, x.sizes[set])) {
			kept = append(kept, set)
		}
	}
	return dst[:base+len(kept)]
}
