package minhash

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// permutations is the sketch that is written first, the yardstick of the speed: k permutations
// a·x+b modulo 2^61-1 in the arithmetic that most libraries have taken from datasketch, where 32
// bits of the feature go in and the product wraps at 64 bits.
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

// rotation returns sets of n features, so many that the branch predictor cannot learn them, and so
// few that they stay in the second cache, where who made them has just left them.
func rotation(n int) [][]uint64 {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	sets := make([][]uint64, max(16, min(1024, 1<<14/n)))
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

// BenchmarkSimilarity compares two signatures, plain and packed. Pairs rotate; they agree in about
// half of the slots.
func BenchmarkSimilarity(b *testing.B) {
	const k, n = 128, 64
	s := newSketcher(b, Config{K: k})
	var sigs []Signature
	for i := range uint64(n) {
		f := append(random(300, 1), random(300, i+2)...)
		sigs = append(sigs, s.AppendSignature(nil, f))
	}
	var sum float64
	b.Run("bits=64/k=128", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			sum += sigs[i%n].Similarity(sigs[(i+1)%n])
		}
	})
	for _, w := range widths {
		p := Packing{K: k, Bits: w}
		var many []byte
		for _, sig := range sigs {
			many = p.Append(many, sig)
		}
		one := many[:p.Size()]
		b.Run(fmt.Sprintf("bits=%d/k=128", w), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				o := i % n * p.Size()
				sum += p.Similarity(one, many[o:o+p.Size()])
			}
		})
	}
	if sum < 0 {
		b.Fatal("similarity is negative")
	}
}

func BenchmarkPack(b *testing.B) {
	sig := Sum(random(1000, 1), 128)
	for _, w := range widths {
		b.Run(fmt.Sprintf("bits=%d/k=128", w), func(b *testing.B) {
			p := Packing{K: 128, Bits: w}
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				dst = p.Append(dst[:0], sig)
			}
		})
	}
}

func BenchmarkCardinality(b *testing.B) {
	sig := Sum(random(1000, 1), 128)
	b.ReportAllocs()
	for b.Loop() {
		sig.Cardinality()
	}
}

func BenchmarkAdd(b *testing.B) {
	s := newSketcher(b, Config{})
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		s.Add(i)
	}
}
