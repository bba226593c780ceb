// Package classic is the pipeline that a Go programmer writes first, kept as the yardstick of every ratio: strings.Fields, ToLower,
// Join, xxhash, a map as the set, k permutations modulo 2^61-1, a counter per bit, a map of slices per band. It is written as it would
// be in an afternoon, neither tuned nor slowed down, and it never changes: a ratio of last year and one of today must mean the same.
package classic

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Features returns the hashes of the word-w-shingles, repeats kept.
func Features(text string, w int) []uint64 {
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 {
		return nil
	}
	if len(words) < w {
		return []uint64{xxhash.Sum64String(strings.Join(words, " "))}
	}
	var out []uint64
	for i := 0; i+w <= len(words); i++ {
		out = append(out, xxhash.Sum64String(strings.Join(words[i:i+w], " ")))
	}
	return out
}

// Set returns the word-w-shingles as a set.
func Set(text string, w int) map[uint64]struct{} {
	words := strings.Fields(strings.ToLower(text))
	set := make(map[uint64]struct{})
	if len(words) > 0 && len(words) < w {
		set[xxhash.Sum64String(strings.Join(words, " "))] = struct{}{}
	}
	for i := 0; i+w <= len(words); i++ {
		set[xxhash.Sum64String(strings.Join(words[i:i+w], " "))] = struct{}{}
	}
	return set
}

const mersenne61 = 1<<61 - 1

// MinHash holds k permutations a·x+b modulo 2^61-1, in the arithmetic that most libraries have taken from datasketch: 32 bits of the
// feature go in, the product wraps at 64 bits, 32 bits of the result are kept.
type MinHash struct{ a, b []uint64 }

// NewMinHash draws k permutations.
func NewMinHash(k int, seed uint64) *MinHash {
	r := rand.New(rand.NewPCG(seed, 1))
	m := &MinHash{a: make([]uint64, k), b: make([]uint64, k)}
	for i := range k {
		m.a[i] = r.Uint64()%(mersenne61-1) + 1
		m.b[i] = r.Uint64() % mersenne61
	}
	return m
}

// Features returns the signature of features.
func (m *MinHash) Features(features []uint64) []uint32 {
	sig := make([]uint32, len(m.a))
	for i := range sig {
		sig[i] = ^uint32(0)
	}
	for _, x := range features {
		m.add(sig, x)
	}
	return sig
}

// Set returns the signature of a set.
func (m *MinHash) Set(set map[uint64]struct{}) []uint32 {
	sig := make([]uint32, len(m.a))
	for i := range sig {
		sig[i] = ^uint32(0)
	}
	for x := range set {
		m.add(sig, x)
	}
	return sig
}

func (m *MinHash) add(sig []uint32, x uint64) {
	x = uint64(uint32(x))
	for i := range sig {
		if v := uint32((m.a[i]*x + m.b[i]) % mersenne61); v < sig[i] {
			sig[i] = v
		}
	}
}

// Text returns the signature of a text's word-w-shingles.
func (m *MinHash) Text(text string, w int) []uint32 { return m.Set(Set(text, w)) }

// Similarity returns the share of equal slots.
func Similarity(a, b []uint32) float64 {
	n := 0
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return float64(n) / float64(len(a))
}

// SimHash counts every bit of every feature with a branch, as the peers do.
func SimHash(features []uint64) uint64 {
	var count [64]int
	for _, x := range features {
		for i := range count {
			if x>>i&1 == 1 {
				count[i]++
			} else {
				count[i]--
			}
		}
	}
	var f uint64
	for i, c := range count {
		if c > 0 {
			f |= 1 << i
		}
	}
	return f
}

// SimHashBranchFree is SimHash without the branch.
func SimHashBranchFree(features []uint64) uint64 {
	var ones [64]int
	for _, x := range features {
		for i := range ones {
			ones[i] += int(x >> i & 1)
		}
	}
	var f uint64
	for i, c := range ones {
		if 2*c > len(features) {
			f |= 1 << i
		}
	}
	return f
}

// LSH is a map from the hash of a band to the documents that have it, one map a band.
type LSH struct {
	rows  int
	maps  []map[uint64][]uint32
	bytes []byte
}

// NewLSH returns an index of bands × rows.
func NewLSH(bands, rows int) *LSH {
	x := &LSH{rows: rows, maps: make([]map[uint64][]uint32, bands)}
	for i := range x.maps {
		x.maps[i] = make(map[uint64][]uint32)
	}
	return x
}

func (x *LSH) key(sig []uint32, band int) uint64 {
	b := x.bytes[:0]
	for _, v := range sig[band*x.rows : (band+1)*x.rows] {
		b = append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
	}
	x.bytes = b
	return xxhash.Sum64(b)
}

// Add enters a document.
func (x *LSH) Add(id uint32, sig []uint32) {
	for band, m := range x.maps {
		k := x.key(sig, band)
		m[k] = append(m[k], id)
	}
}

// Query returns the documents that share a band with sig, sorted.
func (x *LSH) Query(sig []uint32) []uint32 {
	seen := make(map[uint32]struct{})
	for band, m := range x.maps {
		for _, id := range m[x.key(sig, band)] {
			seen[id] = struct{}{}
		}
	}
	out := make([]uint32, 0, len(seen))
	for id := range seen {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// Within returns the positions of the fingerprints within d bits of f: a scan.
func Within(all []uint64, f uint64, d int) []uint32 {
	var out []uint32
	for i, x := range all {
		if bits.OnesCount64(x^f) <= d {
			out = append(out, uint32(i))
		}
	}
	return out
}
