package minhash

import "math/bits"

// mersenne is the prime 2^61-1.
const mersenne = 1<<61 - 1

// classic lowers dst to the minimum under one permutation a·x+b mod 2^61-1 per slot. buf holds
// mixed features meanwhile.
func classic(dst Signature, features []uint64, word uint64, buf []uint64) {
	for len(features) > 0 {
		n := min(len(features), len(buf))
		h := buf[:n]
		enterAll(h, features[:n], word)
		for i := range dst {
			a, b := permutation(i)
			m := uint64(mersenne)
			for _, x := range h {
				m = min(m, permute(a, b, x))
			}
			dst[i] = min(dst[i], tagClassic<<tagShift|m)
		}
		features = features[n:]
	}
}

// permutation returns the coefficients of slot i, 0 < a < 2^61-1 and 0 <= b < 2^61-1.
func permutation(i int) (a, b uint64) {
	a = mix(pi2+uint64(i)*golden)>>3%(mersenne-1) + 1
	b = mix(pi3+uint64(i)*golden) >> 3 % mersenne
	return a, b
}

// permute returns a·x+b mod 2^61-1 for a, b < 2^61-1 and any x.
func permute(a, b, x uint64) uint64 {
	hi, lo := bits.Mul64(a, x)
	lo, c := bits.Add64(lo, b, 0)
	hi += c // a·x+b < 2^125
	// 2^61 is 1 modulo the prime: add the bits above to the bits below.
	v := lo&mersenne + (hi<<3|lo>>61)&mersenne + hi>>58
	v = v&mersenne + v>>61
	if v >= mersenne {
		v -= mersenne
	}
	return v
}
