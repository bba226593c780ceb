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
