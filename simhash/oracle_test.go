package simhash

import (
	"math/big"
)

// naiveMix is the finalizer written with big integers.
func naiveMix(x uint64) uint64 {
	mod := new(big.Int).Lsh(big.NewInt(1), 64)
	v := new(big.Int).SetUint64(x)
	step := func(shift uint, factor uint64) {
		v.Xor(v, new(big.Int).Rsh(v, shift))
		v.Mul(v, new(big.Int).SetUint64(factor)).Mod(v, mod)
	}
	v.Add(v, new(big.Int).SetUint64(0x9e3779b97f4a7c15)).Mod(v, mod)
	step(30, 0xbf58476d1ce4e5b9)
	step(27, 0x94d049bb133111eb)
	step(31, 1)
	return v.Uint64()
}

// naiveVotes sums signed weights bit by bit, over features that are already mixed.
func naiveVotes(mixed []uint64, weights []int32) uint64 {
	var f uint64
	for bit := 0; bit < 64; bit++ {
		total := new(big.Int)
		for i, x := range mixed {
			w := int64(1)
			if weights != nil {
				w = int64(weights[i])
			}
			if x&(uint64(1)<<bit) == 0 {
				w = -w
			}
			total.Add(total, big.NewInt(w))
		}
		if total.Sign() > 0 {
			f |= uint64(1) << bit
		}
	}
	return f
}

func naiveSum(features []uint64, weights []int32) Fingerprint {
	mixed := make([]uint64, len(features))
	for i, x := range features {
		mixed[i] = naiveMix(x)
	}
	return Fingerprint(naiveVotes(mixed, weights))
}

func naiveDistance(f, g Fingerprint) int {
	d := 0
	for x := f ^ g; x != 0; x /= 2 {
		d += int(x % 2)
	}
	return d
}
