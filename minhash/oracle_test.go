package minhash

import (
	"math"
	"math/big"
	"math/bits"
)

// The definitions, written down without regard to time. Nothing here is shared with the code.

// oracleEnter mixes a feature under a seed.
func oracleEnter(feature, seed uint64) uint64 {
	w := seed + 0x9e3779b97f4a7c15
	w ^= w >> 30
	w *= 0xbf58476d1ce4e5b9
	w ^= w >> 27
	w *= 0x94d049bb133111eb
	w ^= w >> 31
	x := feature ^ w
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x
}

// oracleDraw returns number i of the SplitMix64 sequence that starts behind start.
func oracleDraw(start uint64, i int) uint64 {
	z := start + uint64(i)*0x9e3779b97f4a7c15
	z ^= z >> 30
	z *= 0xbf58476d1ce4e5b9
	z ^= z >> 27
	z *= 0x94d049bb133111eb
	z ^= z >> 31
	return z
}

// oracleFSS is Fast Similarity Sketching as section 2 of the paper defines it, with its 2t hash
// functions h_0 … h_{2t-1}, of which the first t choose a slot and the others each have their own.
// Here it is R functions of the first kind, and one round in which all slots have theirs.
func oracleFSS(features []uint64, k int, seed uint64) []uint64 {
	sig := make([]uint64, k)
	for i := range sig {
		sig[i] = 1<<64 - 1
	}
	put := func(slot int, round uint64, value uint32) {
		if v := round*1<<32 + uint64(value); v < sig[slot] {
			sig[slot] = v
		}
	}
	R := k / 2
	if R < 16 {
		R = 16
	}
	for _, f := range features {
		x := oracleEnter(f, seed)
		for r := 0; r < R; r++ {
			h := x
			if r > 0 {
				h *= oracleDraw(0x243f6a8885a308d3, r) | 1
			}
			hi, lo := bits.Mul64(h, uint64(k))
			put(int(hi), uint64(r), uint32(lo>>32))
		}
		for b := 0; b < k; b++ {
			h := x * (oracleDraw(0x13198a2e03707344, b) | 1)
			put(b, uint64(R), uint32(h>>32))
		}
	}
	return sig
}

// oracleClassic has one permutation a·x+b mod 2^61-1 per slot.
func oracleClassic(features []uint64, k int, seed uint64) []uint64 {
	p := new(big.Int).SetUint64(1<<61 - 1)
	sig := make([]uint64, k)
	for i := range sig {
		sig[i] = 1<<64 - 1
		a := new(big.Int).SetUint64(oracleDraw(0xa4093822299f31d0, i) / 8 % (1<<61 - 2))
		a.Add(a, big.NewInt(1))
		b := new(big.Int).SetUint64(oracleDraw(0x082efa98ec4e6c89, i) / 8)
		b.Mod(b, p)
		for _, f := range features {
			v := new(big.Int).SetUint64(oracleEnter(f, seed))
			v.Mul(v, a).Add(v, b).Mod(v, p)
			if v := v.Uint64() + 1<<62; v < sig[i] {
				sig[i] = v
			}
		}
	}
	return sig
}

// oracleSlot returns the packed bits of a slot.
func oracleSlot(v uint64, bits int) uint64 {
	v ^= v >> 30
	v *= 0xbf58476d1ce4e5b9
	v ^= v >> 27
	v *= 0x94d049bb133111eb
	v ^= v >> 31
	for i := 63; i >= bits; i-- {
		v &^= 1 << i
	}
	return v
}

// oraclePack packs bit by bit.
func oraclePack(sig []uint64, b int) []byte {
	out := make([]byte, (len(sig)*b+7)/8)
	for i, v := range sig {
		if v == 1<<64-1 {
			continue
		}
		v = oracleSlot(v, b)
		for j := range b {
			if v>>j&1 == 1 {
				out[(i*b+j)/8] |= 1 << ((i*b + j) % 8)
			}
		}
	}
	return out
}

// oracleWeighted returns the time of the first dart of every slot, 0 if there is none, by drawing
// far more darts than needed.
func oracleWeighted(features []uint64, weights []int32, k int, seed uint64) []float64 {
	first := make([]float64, k)
	total := 0.0
	for _, w := range weights {
		total += float64(w)
	}
	if total == 0 {
		return first
	}
	end := float64(k) * 40 / total // a slot stays empty with probability e^-40
	for i, f := range features {
		x := oracleEnter(f, seed)
		for strip := 1; strip <= 32; strip++ {
			low, high := 0.0, 1.0
			if strip > 1 {
				low, high = math.Pow(2, float64(strip-2)), math.Pow(2, float64(strip-1))
			}
			if float64(weights[i]) <= low {
				continue
			}
			start := oracleDraw(x, strip)
			time := 0.0
			for d := 1; ; d += 2 {
				u := (float64(oracleDraw(start, d)>>11) + 0.5) / (1 << 53)
				time += -math.Log(u) / (high - low)
				if time > end {
					break
				}
				slot, rest := bits.Mul64(oracleDraw(start, d+1), uint64(k))
				height := low + (high-low)*float64(rest>>32)/(1<<32)
				if height < float64(weights[i]) && (first[slot] == 0 || time < first[slot]) {
					first[slot] = time
				}
			}
		}
	}
	return first
}

// oracleWeightedJaccard returns Σmin/Σmax of the weights, and the sum of the first ones. No feature
// is given twice.
func oracleWeightedJaccard(a []uint64, v []int32, b []uint64, w []int32) (j, sum float64) {
	va, vb := map[uint64]float64{}, map[uint64]float64{}
	all := map[uint64]bool{}
	for i, x := range a {
		va[x] = float64(v[i])
		all[x] = true
		sum += float64(v[i])
	}
	for i, x := range b {
		vb[x] = float64(w[i])
		all[x] = true
	}
	low, high := 0.0, 0.0
	for x := range all {
		low += math.Min(va[x], vb[x])
		high += math.Max(va[x], vb[x])
	}
	if high == 0 {
		return 0, sum
	}
	return low / high, sum
}
