//go:build !purego

package simhash

import (
	"math/rand/v2"
	"os"
	"testing"
)

// TestVectors compares the kernels with each other, plane by plane.
func TestVectors(t *testing.T) {
	if !useAVX2 {
		if os.Getenv("NEARDUP_REQUIRE_AVX2") != "" {
			t.Fatal("NEARDUP_REQUIRE_AVX2 is set and there is no AVX2")
		}
		t.Skip("NOTHING COMPARED: there is no AVX2; NEARDUP_REQUIRE_AVX2=1 makes this a failure")
	}
	r := rand.New(rand.NewPCG(1, 9))
	var p, q planes
	for n := range 1000 {
		x := randomFeatures(r, r.IntN(500))
		if n%3 == 0 {
			for i := range x {
				x[i] = uint64(n)
			}
		}
		p.addFew(p.addBlocks(x))
		q.addFew(q.addBlocksGeneric(x))
		if p != q {
			t.Fatalf("after %d features: %x, want %x", q.n, p.p, q.p)
		}
	}
}

func BenchmarkSumGeneric(b *testing.B) {
	defer func(was bool) { useAVX2 = was }(useAVX2)
	useAVX2 = false
	BenchmarkSum(b)
}
