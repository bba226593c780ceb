package shingle

import (
	"math/rand/v2"
	"testing"

	"github.com/cespare/xxhash/v2"
)

func TestHashIsXXH64(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	buf := make([]byte, 100+16)
	for range 1000 {
		for i := range buf {
			buf[i] = byte(rng.Uint32())
		}
		for n := range 100 {
			want := xxhash.Sum64(buf[:n])
			if got := hashToken(buf[:n]); got != want {
				t.Fatalf("hashToken of %d bytes: %#x, want %#x", n, got, want)
			}
		}
	}
}

var sink uint64

func BenchmarkHash(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 3))
	buf := make([]byte, 4096+16)
	for i := range buf {
		buf[i] = byte(rng.Uint32())
	}
	at, ln := make([]uint16, 1<<17), make([]uint16, 1<<17)
	for i := range at {
		at[i] = uint16(rng.IntN(4096))
		ln[i] = uint16([]int{1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12}[rng.IntN(21)])
	}
	b.Run("branchy", func(b *testing.B) {
		for b.Loop() {
			var s uint64
			for i, p := range at {
				s += hashToken(buf[p : p+ln[i]])
			}
			sink += s
		}
	})
	b.Run("xxhash", func(b *testing.B) {
		for b.Loop() {
			var s uint64
			for i, p := range at {
				s += xxhash.Sum64(buf[p : p+ln[i]])
			}
			sink += s
		}
	})
}
