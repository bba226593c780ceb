package simhash

import (
	"math/big"
	"sort"
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
		total := int64(0)
		for i, x := range mixed {
			w := int64(1)
			if weights != nil {
				w = int64(weights[i])
			}
			if x&(uint64(1)<<bit) == 0 {
				w = -w
			}
			total += w
		}
		if total > 0 {
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
	for x := f ^ g; x != 0; x &= x - 1 {
		d++
	}
	return d
}

// A naiveIndex scans a list of fingerprints, nil for deleted ones.
type naiveIndex []*Fingerprint

func (x naiveIndex) query(f Fingerprint, d int) []Match {
	out := []Match{}
	for id, g := range x {
		if g != nil {
			if n := naiveDistance(f, *g); n <= d {
				out = append(out, Match{uint32(id), n})
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Distance < out[j].Distance })
	return out
}

func (x naiveIndex) pairs(d int) []Pair {
	var out []Pair
	for a, f := range x {
		for b := a + 1; b < len(x) && f != nil; b++ {
			if g := x[b]; g != nil {
				if n := naiveDistance(*f, *g); n <= d {
					out = append(out, Pair{uint32(a), uint32(b), n})
				}
			}
		}
	}
	return out
}

// links returns those of pairs that are between the first of equal fingerprints or link the others
// to it.
func (x naiveIndex) links(pairs []Pair) []Pair {
	first := map[Fingerprint]int{}
	for id := len(x) - 1; id >= 0; id-- {
		if x[id] != nil {
			first[*x[id]] = id
		}
	}
	var out []Pair
	for _, p := range pairs {
		a, b := first[*x[p.A]], first[*x[p.B]]
		if a == int(p.A) && (b == int(p.B) || p.Distance == 0) {
			out = append(out, p)
		}
	}
	return out
}

// byID sorts pairs, for comparison as sets.
func byID(p []Pair) []Pair {
	sort.Slice(p, func(i, j int) bool {
		if p[i].A != p[j].A {
			return p[i].A < p[j].A
		}
		return p[i].B < p[j].B
	})
	return p
}
