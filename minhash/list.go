package minhash

import (
	"math/bits"
	"slices"
)

// lists are the members of the buckets of a table that have more than one. A list is a block of
// words: its header, which has the number of members and the size of the block, and then the
// members, in no order. Blocks stand in chunks that are never moved, and those given back are used
// again. A bucket of crowdMin documents is a crowd, and its block has the number of that.
type lists struct {
	chunks [][]uint32
	free   [listSizes]uint32 // a free block of the size, plus 1; its second word is the next
	crowds []crowd
	unused []uint32 // crowds that are not in use
}

// Blocks have 4, 8, 16, 32 or 64 words and are known by where they begin, counted in units of 4
// words.
const (
	listUnit  = 4
	listSizes = 5
	listShift = 10
	listChunk = 1 << listShift // units
	crowdMin  = listUnit << (listSizes - 1)
	crowded   = 1 << 31 // flag of the header of a crowd
)

// block returns the words of a block, and those after it.
func (l *lists) block(at uint32) []uint32 {
	return l.chunks[at>>listShift][at%listChunk*listUnit:]
}

// most returns a number that no block exceeds, even if one more is made.
func (l *lists) most() uint32 { return uint32(len(l.chunks)+1)<<listShift - 1 }

// alloc returns a block for n members.
func (l *lists) alloc(n int) uint32 {
	size := bits.Len(uint(n) / listUnit)
	at := l.free[size]
	if at > 0 {
		at--
		l.free[size] = l.block(at)[1]
	} else {
		at = l.grow(listUnit << size)
	}
	l.block(at)[0] = uint32(size)<<16 | uint32(n)
	return at
}

// grow makes room for so many words.
func (l *lists) grow(words int) uint32 {
	last := len(l.chunks) - 1
	if last < 0 || len(l.chunks[last])+words > listChunk*listUnit {
		var chunk []uint32
		if last >= 0 { // the first grows as it is filled, so that a small index is small
			chunk = make([]uint32, 0, listChunk*listUnit)
		}
		l.chunks = append(l.chunks, chunk)
		last++
	}
	chunk := &l.chunks[last]
	at := len(*chunk) / listUnit
	*chunk = append(*chunk, make([]uint32, words)...)
	return uint32(last<<listShift | at)
}

// release gives a block back.
func (l *lists) release(at uint32) {
	block := l.block(at)
	size := block[0] &^ crowded >> 16
	block[1] = l.free[size]
	l.free[size] = at + 1
}

// move returns a block that has the members of another, of which there are n, and perhaps room for
// another number of them.
func (l *lists) move(at uint32, n int) uint32 {
	to := l.alloc(n)
	from := l.block(at)
	copy(l.block(to)[1:], from[1:1+min(uint32(n), from[0]&0xffff)])
	l.release(at)
	return to
}

// members returns the members of a bucket of more than one, or, if there are many, the crowd.
func (l *lists) members(at uint32) ([]uint32, *crowd) {
	block := l.block(at)
	if block[0]&crowded != 0 {
		return nil, &l.crowds[block[1]]
	}
	return block[1 : 1+block[0]&0xffff], nil
}

// add adds a member to a bucket and returns what names the bucket from now on. The name of a bucket
// of one document is the document, that of any other is its block with linked.
func (l *lists) add(name, id uint32, o order) uint32 {
	if name&linked == 0 {
		at := l.alloc(2)
		block := l.block(at)
		block[1], block[2] = name, id
		return at | linked
	}
	at := name &^ linked
	block := l.block(at)
	if block[0]&crowded != 0 {
		l.crowds[block[1]].insert(id, o)
		return name
	}
	n, size := block[0]&0xffff, block[0]>>16
	if n+1 == listUnit<<size {
		if n+1 == crowdMin {
			members := append(make([]uint32, 0, crowdMin+leafStep), block[1:1+n]...)
			l.release(at)
			return l.newCrowd(append(members, id), o) | linked
		}
		at = l.move(at, int(n+1))
		block = l.block(at)
		block[1+n] = id
		return at | linked
	}
	block[1+n] = id
	block[0]++
	return name
}

// newCrowd makes a crowd of members, which it sorts and keeps.
func (l *lists) newCrowd(members []uint32, o order) uint32 {
	o.sort(members)
	var i uint32
	if n := len(l.unused); n > 0 {
		i = l.unused[n-1]
		l.unused = l.unused[:n-1]
	} else {
		i = uint32(len(l.crowds))
		l.crowds = append(l.crowds, crowd{})
	}
	l.crowds[i] = crowd{leaves: [][]uint32{members}, n: len(members)}
	at := l.alloc(1)
	block := l.block(at)
	block[0] |= crowded
	block[1] = i
	return at
}

// remove drops a member of a bucket of more than one, which must have it, and returns what names
// the bucket from now on.
func (l *lists) remove(name, id uint32, o order) uint32 {
	at := name &^ linked
	block := l.block(at)
	if block[0]&crowded != 0 {
		c := &l.crowds[block[1]]
		c.remove(id, o)
		if c.n > crowdMin/2 {
			return name
		}
		small := l.alloc(c.n)
		c.append(l.block(small)[1:1])
		*c = crowd{}
		l.unused = append(l.unused, l.block(at)[1])
		l.release(at)
		return small | linked
	}
	n, size := block[0]&0xffff, block[0]>>16
	i := 1 + slices.Index(block[1:1+n], id)
	block[i] = block[n]
	block[0]--
	n--
	switch {
	case n == 1:
		last := block[1]
		l.release(at)
		return last
	case n+1 < listUnit<<size/2:
		return l.move(at, int(n)) | linked
	}
	return name
}

// bytes returns the memory held.
func (l *lists) bytes() int {
	n := 24*cap(l.chunks) + 32*cap(l.crowds) + 4*cap(l.unused)
	for _, c := range l.chunks {
		n += 4 * cap(c)
	}
	for i := range l.crowds {
		n += l.crowds[i].bytes()
	}
	return n
}
