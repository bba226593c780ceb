package shingle

import (
	"encoding/binary"
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// The primes of XXH64.
const (
	prime1 = 0x9E3779B185EBCA87
	prime2 = 0xC2B2AE3D27D4EB4F
	prime3 = 0x165667B19E3779F9
	prime4 = 0x85EBCA77C2B2AE63
	prime5 = 0x27D4EB2F165667C5
)

// shortHash returns xxhash.Sum64 of b[:n] for 0 ≤ n < 16, where b has the 16
// bytes that are read but need not be part of the token. There are no branches:
// each step is computed and then taken or not, because the lengths of words
// are what a branch predictor cannot predict.
func shortHash(lo, hi, n uint64) uint64 {
	h := prime5 + n
	x := lo

	h8 := h ^ bits.RotateLeft64(lo*prime2, 31)*prime1
	h8 = bits.RotateLeft64(h8, 27)*prime1 + prime4
	if n&8 != 0 {
		h = h8
	}
	if n&8 != 0 {
		x = hi
	}

	h4 := h ^ x&0xFFFFFFFF*prime1
	h4 = bits.RotateLeft64(h4, 23)*prime2 + prime3
	x4 := x >> 32
	if n&4 != 0 {
		h = h4
	}
	if n&4 != 0 {
		x = x4
	}

	h1 := bits.RotateLeft64(h^x&0xFF*prime5, 11) * prime1
	h2 := bits.RotateLeft64(h1^x>>8&0xFF*prime5, 11) * prime1
	h3 := bits.RotateLeft64(h2^x>>16&0xFF*prime5, 11) * prime1
	if n&1 != 0 {
		h = h1
	}
	if n&3 == 2 {
		h = h2
	}
	if n&3 == 3 {
		h = h3
	}

	h ^= h >> 33
	h *= prime2
	h ^= h >> 29
	h *= prime3
	h ^= h >> 32
	return h
}

// The steps of XXH64 for an input below 32 bytes.

func hash8(h, x uint64) uint64 {
	h ^= bits.RotateLeft64(x*prime2, 31) * prime1
	return bits.RotateLeft64(h, 27)*prime1 + prime4
}

func hash4(h, x uint64) uint64 {
	h ^= x & 0xFFFFFFFF * prime1
	return bits.RotateLeft64(h, 23)*prime2 + prime3
}

func hash1(h, x uint64) uint64 {
	return bits.RotateLeft64(h^x&0xFF*prime5, 11) * prime1
}

func avalanche(h uint64) uint64 {
	h ^= h >> 33
	h *= prime2
	h ^= h >> 29
	h *= prime3
	return h ^ h>>32
}

// A batch is up to batchSize tokens of one window, waiting to be hashed. They
// are sorted by length: the work that a token needs depends on its length, and
// that is what a branch predictor cannot predict in text.
const batchSize = 512

type batch struct {
	next [16]uint32             // where the next token of each length goes
	pos  [16 * batchSize]uint32 // place in the window, and above that place in the result
}

// hash sets the first n results in dst to the hashes of the tokens that start
// and end at idx[i], idx[i+1], …
func (b *batch) hash(dst *[batchSize]uint64, win *[windowSize + padding]byte, idx *[windowSize + 8]uint16, i, n uint) {
	for l := range b.next {
		b.next[l] = uint32(l) * batchSize
	}
	for j := range n {
		at := (i + 2*j) % windowSize // edges of starts are below that
		p, e := uint32(idx[at]), uint32(idx[at+1])
		n := e - p
		if n >= 16 {
			n = 0
		}
		k := b.next[n%16]
		b.pos[k%(16*batchSize)] = uint32(j)<<16 | p
		b.next[n%16] = k + 1
	}
	for _, e := range b.pos[:b.next[0]] {
		j := uint(e >> 16)
		dst[j%batchSize] = hashToken(win[e&0xFFFF : idx[(i+2*j)%windowSize+1]])
	}
	lo := func(e uint32) uint64 { return binary.LittleEndian.Uint64(win[e%windowSize:][:8]) }
	hi := func(e uint32) uint64 { return binary.LittleEndian.Uint64(win[e%windowSize:][8:16]) }
	for _, e := range b.pos[1*batchSize : b.next[1]] {
		h, x := uint64(prime5+1), lo(e)
		h = hash1(h, x)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[2*batchSize : b.next[2]] {
		h, x := uint64(prime5+2), lo(e)
		h = hash1(h, x)
		h = hash1(h, x>>8)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[3*batchSize : b.next[3]] {
		h, x := uint64(prime5+3), lo(e)
		h = hash1(h, x)
		h = hash1(h, x>>8)
		h = hash1(h, x>>16)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[4*batchSize : b.next[4]] {
		h, x := uint64(prime5+4), lo(e)
		h = hash4(h, x)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[5*batchSize : b.next[5]] {
		h, x := uint64(prime5+5), lo(e)
		h = hash4(h, x)
		x >>= 32
		h = hash1(h, x)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[6*batchSize : b.next[6]] {
		h, x := uint64(prime5+6), lo(e)
		h = hash4(h, x)
		x >>= 32
		h = hash1(h, x)
		h = hash1(h, x>>8)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[7*batchSize : b.next[7]] {
		h, x := uint64(prime5+7), lo(e)
		h = hash4(h, x)
		x >>= 32
		h = hash1(h, x)
		h = hash1(h, x>>8)
		h = hash1(h, x>>16)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[8*batchSize : b.next[8]] {
		h, x := uint64(prime5+8), lo(e)
		h = hash8(h, x)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[9*batchSize : b.next[9]] {
		h, x := uint64(prime5+9), lo(e)
		h = hash8(h, x)
		x = hi(e)
		h = hash1(h, x)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[10*batchSize : b.next[10]] {
		h, x := uint64(prime5+10), lo(e)
		h = hash8(h, x)
		x = hi(e)
		h = hash1(h, x)
		h = hash1(h, x>>8)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[11*batchSize : b.next[11]] {
		h, x := uint64(prime5+11), lo(e)
		h = hash8(h, x)
		x = hi(e)
		h = hash1(h, x)
		h = hash1(h, x>>8)
		h = hash1(h, x>>16)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[12*batchSize : b.next[12]] {
		h, x := uint64(prime5+12), lo(e)
		h = hash8(h, x)
		x = hi(e)
		h = hash4(h, x)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[13*batchSize : b.next[13]] {
		h, x := uint64(prime5+13), lo(e)
		h = hash8(h, x)
		x = hi(e)
		h = hash4(h, x)
		x >>= 32
		h = hash1(h, x)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[14*batchSize : b.next[14]] {
		h, x := uint64(prime5+14), lo(e)
		h = hash8(h, x)
		x = hi(e)
		h = hash4(h, x)
		x >>= 32
		h = hash1(h, x)
		h = hash1(h, x>>8)
		dst[e>>16%batchSize] = avalanche(h)
	}
	for _, e := range b.pos[15*batchSize : b.next[15]] {
		h, x := uint64(prime5+15), lo(e)
		h = hash8(h, x)
		x = hi(e)
		h = hash4(h, x)
		x >>= 32
		h = hash1(h, x)
		h = hash1(h, x>>8)
		h = hash1(h, x>>16)
		dst[e>>16%batchSize] = avalanche(h)
	}
}

// hashToken returns the hash of one folded token: xxhash.Sum64.
func hashToken(b []byte) uint64 {
	n := len(b)
	if n >= 32 {
		return xxhash.Sum64(b)
	}
	h := prime5 + uint64(n)
	for len(b) >= 8 {
		h ^= bits.RotateLeft64(binary.LittleEndian.Uint64(b)*prime2, 31) * prime1
		h = bits.RotateLeft64(h, 27)*prime1 + prime4
		b = b[8:]
	}
	if len(b) >= 4 {
		h ^= uint64(binary.LittleEndian.Uint32(b)) * prime1
		h = bits.RotateLeft64(h, 23)*prime2 + prime3
		b = b[4:]
	}
	for _, c := range b {
		h ^= uint64(c) * prime5
		h = bits.RotateLeft64(h, 11) * prime1
	}
	h ^= h >> 33
	h *= prime2
	h ^= h >> 29
	h *= prime3
	h ^= h >> 32
	return h
}
