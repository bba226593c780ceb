package minhash

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// Packing is the shape of packed signatures: K slots of Bits bits each (b-bit minwise hashing, Li
// and König, WWW 2010). A packed signature is [Packing.Size] bytes without a header, the same on
// every machine: slot 0 first, within a byte from the low bits up, 16-bit slots with the low byte
// first, and bits to spare 0. It can be a database column, and many can stand in one slice.
//
// The bits of a slot are the low bits of a mix of the whole slot, round and value, so that slots
// that differ agree in one case of 2^Bits, and the estimate is corrected for that. The signature of
// the empty set packs to zeros. The zero Packing is not usable.
type Packing struct {
	K    int // slots, 1 to 4,096
	Bits int // bits a slot: 1, 2, 4, 8 or 16
}

// Check returns an error that names the field that is out of range, or nil.
func (p Packing) Check() error {
	if p.K < 1 || p.K > maxK {
		return fmt.Errorf("minhash: Packing.K is %d, want 1 to %d", p.K, maxK)
	}
	switch p.Bits {
	case 1, 2, 4, 8, 16:
		return nil
	}
	return fmt.Errorf("minhash: Packing.Bits is %d, want 1, 2, 4, 8 or 16", p.Bits)
}

// Size returns the number of bytes of a packed signature, K·Bits/8 rounded up.
func (p Packing) Size() int { return (p.K*p.Bits + 7) / 8 }

// Append appends the packed form of the signature to dst, [Packing.Size] bytes. It takes O(K) time
// and allocates only if dst has no room.
//
// Append panics if the signature does not have K slots or [Packing.Check] fails.
func (p Packing) Append(dst []byte, sig Signature) []byte {
	if err := p.Check(); err != nil {
		panic(err.Error())
	}
	if len(sig) != p.K {
		panic(fmt.Sprintf("minhash: signature has %d values, want %d", len(sig), p.K))
	}
	dst = slices.Grow(dst, p.Size())
	if sig.Empty() {
		return append(dst, make([]byte, p.Size())...)
	}
	if p.Bits == 16 {
		for _, v := range sig {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(mix(v)))
		}
		return dst
	}
	for p.Bits == 8 && len(sig) >= 8 { // the usual width, four times as fast
		x := mix(sig[0])&0xff | mix(sig[1])&0xff<<8 | mix(sig[2])&0xff<<16 | mix(sig[3])&0xff<<24
		x |= mix(sig[4])&0xff<<32 | mix(sig[5])&0xff<<40 | mix(sig[6])&0xff<<48 | mix(sig[7])<<56
		dst = binary.LittleEndian.AppendUint64(dst, x)
		sig = sig[8:]
	}
	mask := uint64(1)<<p.Bits - 1
	for len(sig) > 0 {
		n := min(8/p.Bits, len(sig))
		var x uint64
		for i, v := range sig[:n] {
			x |= mix(v) & mask << (i * p.Bits)
		}
		dst = append(dst, byte(x))
		sig = sig[n:]
	}
	return dst
}

// Similarity returns the Jaccard similarity estimated from two packed signatures, in [0,1]. With m
// slots that agree it is (m/K - c)/(1 - c), where c = 2^-Bits is the share that agrees by chance,
// or 0 if that is negative. If both are the empty set's it is 0. With p = J + (1-J)·c the standard
// error is sqrt(p·(1-p)/K)/(1-c): that of [StandardError] and 2% more for 8 bits at a similarity of
// 0.1, 73% more for 1 bit at 0.5. It takes O(K·Bits) time and no allocation.
//
// Similarity panics if a or b is not of [Packing.Size] bytes.
func (p Packing) Similarity(a, b []byte) float64 {
	// With c = 1/s the formula is (m·s - K) / (K·(s-1)).
	m := p.matches(a, b)
	s := 1 << p.Bits
	return max(0, float64(m*s-p.K)/float64(p.K*(s-1)))
}

// matches returns the number of slots in which a and b agree, by chance or not, 0 if both are
// empty.
func (p Packing) matches(a, b []byte) int {
	size := p.Size()
	if len(a) != size || len(b) != size {
		panic(fmt.Sprintf("minhash: packed signatures have %d and %d bytes, want %d", len(a), len(b), size))
	}
	var d int
	switch p.Bits {
	case 1:
		d = differ1(a, b)
	case 2:
		d = differ2(a, b)
	case 4:
		d = differ4(a, b)
	case 8:
		d = differ8(a, b)
	case 16:
		d = differ16(a, b)
	default:
		panic(p.Check().Error())
	}
	if d == 0 && zero(a) {
		return 0
	}
	return p.K - d
}

// zero reports whether all bytes are 0.
func zero(a []byte) bool {
	for _, v := range a {
		if v != 0 {
			return false
		}
	}
	return true
}

// tail returns up to seven bytes as the low bytes of a word.
func tail(a []byte) uint64 {
	var x uint64
	for i, v := range a {
		x |= uint64(v) << (8 * i)
	}
	return x
}

func differ1(a, b []byte) int {
	n := 0
	for len(a) >= 16 && len(b) >= 16 {
		a2, b2 := (*[16]byte)(a), (*[16]byte)(b)
		x, y := xor(a2[:8], b2[:8]), xor(a2[8:], b2[8:])
		n += bits.OnesCount64(x) + bits.OnesCount64(y)
		a, b = a[16:], b[16:]
	}
	for len(a) >= 8 && len(b) >= 8 {
		n += bits.OnesCount64(xor(a, b))
		a, b = a[8:], b[8:]
	}
	return n + bits.OnesCount64(tail(a)^tail(b))
}

func differ2(a, b []byte) int {
	n := 0
	for len(a) >= 16 && len(b) >= 16 {
		a2, b2 := (*[16]byte)(a), (*[16]byte)(b)
		x, y := xor(a2[:8], b2[:8]), xor(a2[8:], b2[8:])
		x, y = x|x>>1, y|y>>1
		n += bits.OnesCount64(x&0x5555555555555555 | y<<1&^0x5555555555555555)
		a, b = a[16:], b[16:]
	}
	for len(a) >= 8 && len(b) >= 8 {
		n += lanes2(xor(a, b))
		a, b = a[8:], b[8:]
	}
	return n + lanes2(tail(a)^tail(b))
}

func differ4(a, b []byte) int {
	n := 0
	for len(a) >= 16 && len(b) >= 16 {
		a2, b2 := (*[16]byte)(a), (*[16]byte)(b)
		x, y := xor(a2[:8], b2[:8]), xor(a2[8:], b2[8:])
		x, y = x|x>>2, y|y>>2
		x, y = (x|x>>1)&0x1111111111111111, (y|y>>1)&0x1111111111111111
		n += bits.OnesCount64(x | y<<1)
		a, b = a[16:], b[16:]
	}
	for len(a) >= 8 && len(b) >= 8 {
		n += lanes4(xor(a, b))
		a, b = a[8:], b[8:]
	}
	return n + lanes4(tail(a)^tail(b))
}

func differ8(a, b []byte) int {
	const low = 0x7f7f7f7f7f7f7f7f
	n := 0
	for len(a) >= 32 && len(b) >= 32 {
		a4, b4 := (*[32]byte)(a), (*[32]byte)(b)
		x, y, u, v := xor(a4[:8], b4[:8]), xor(a4[8:16], b4[8:16]), xor(a4[16:24], b4[16:24]), xor(a4[24:], b4[24:])
		// The high bit of a byte tells whether it is not 0. Shifted to four places of their own
		// they are counted at once.
		x = (x&low + low | x) &^ low
		y = (y&low + low | y) &^ low
		u = (u&low + low | u) &^ low
		v = (v&low + low | v) &^ low
		n += bits.OnesCount64(x | y>>1 | u>>2 | v>>3)
		a, b = a[32:], b[32:]
	}
	for len(a) >= 8 && len(b) >= 8 {
		n += lanes8(xor(a, b))
		a, b = a[8:], b[8:]
	}
	return n + lanes8(tail(a)^tail(b))
}

func differ16(a, b []byte) int {
	const low = 0x7fff7fff7fff7fff
	n := 0
	for len(a) >= 32 && len(b) >= 32 {
		a4, b4 := (*[32]byte)(a), (*[32]byte)(b)
		x, y, u, v := xor(a4[:8], b4[:8]), xor(a4[8:16], b4[8:16]), xor(a4[16:24], b4[16:24]), xor(a4[24:], b4[24:])
		x = (x&low + low | x) &^ low
		y = (y&low + low | y) &^ low
		u = (u&low + low | u) &^ low
		v = (v&low + low | v) &^ low
		n += bits.OnesCount64(x | y>>1 | u>>2 | v>>3)
		a, b = a[32:], b[32:]
	}
	for len(a) >= 8 && len(b) >= 8 {
		n += lanes16(xor(a, b))
		a, b = a[8:], b[8:]
	}
	return n + lanes16(tail(a)^tail(b))
}

// xor returns the first eight bytes of a and b, combined.
func xor(a, b []byte) uint64 {
	return binary.LittleEndian.Uint64(a) ^ binary.LittleEndian.Uint64(b)
}

// lanes2, lanes4, lanes8 and lanes16 return how many fields of so many bits are not 0.

func lanes2(x uint64) int {
	return bits.OnesCount64((x | x>>1) & 0x5555555555555555)
}

func lanes4(x uint64) int {
	x |= x >> 2
	return bits.OnesCount64((x | x>>1) & 0x1111111111111111)
}

func lanes8(x uint64) int {
	const low = 0x7f7f7f7f7f7f7f7f
	return bits.OnesCount64((x&low + low | x) &^ low)
}

func lanes16(x uint64) int {
	const low = 0x7fff7fff7fff7fff
	return bits.OnesCount64((x&low + low | x) &^ low)
}
