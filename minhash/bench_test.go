package minhash

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// permutations is the sketch that is written first, the yardstick of the speed: k permutations a·x+b modulo 2^61-1 in
// the arithmetic that most libraries have taken from datasketch, where 32 bits of the feature go in and the product wraps at 64 bits.
type permutations struct{ a, b []uint64 }

func newPermutations(k int) permutations {
	const p = 1<<61 - 1
	r := rand.New(rand.NewPCG(1, 61))
	var m permutations
	for range k {
		m.a = append(m.a, r.Uint64N(p-1)+1)
		m.b = append(m.b, r.Uint64N(p))
	}
	return m
}

func (m permutations) sum(sig []uint32, features []uint64) {
	const p = 1<<61 - 1
	for i := range sig {
		sig[i] = 1<<32 - 1
	}
	for _, x := range features {
		x = uint64(uint32(x))
		for i := range sig {
			if v := uint32((m.a[i]*x + m.b[i]) % p); v < sig[i] {
				sig[i] = v
			}
		}
	}
}

// rotation returns sets of n features, so many that the branch predictor cannot learn them.
func rotation(n int) [][]uint64 {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	sets := make([][]uint64, max(16, min(4096, 1<<18/n)))
	for i := range sets {
		sets[i] = make([]uint64, n)
		for j := range sets[i] {
			sets[i][j] = r.Uint64()
		}
	}
	return sets
}

// BenchmarkSketch compares ways from features to a signature. Inputs rotate.
func BenchmarkSketch(b *testing.B) {
	for _, k := range []int{128, 64, 100, 256} {
		for _, n := range []int{1, 10, 100, 1000, 10000} {
			sets := rotation(n)
			run := func(impl string, f func(x []uint64)) {
				b.Run(fmt.Sprintf("impl=%s/k=%d/n=%d", impl, k, n), func(b *testing.B) {
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						f(sets[i%len(sets)])
					}
				})
			}
			if k == 128 {
				m, sig := newPermutations(k), make([]uint32, k)
				run("classic", func(x []uint64) { m.sum(sig, x) })
			}
			s, err := New(Config{K: k})
			if err != nil {
				b.Fatal(err)
			}
			sig := make(Signature, 0, k)
			run("neardup", func(x []uint64) { sig = s.AppendSignature(sig[:0], x) })
		}
	}
}
