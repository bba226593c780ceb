package minhash

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var widths = []int{1, 2, 4, 8, 16}

// TestPacking compares the bytes and the counts with packing and counting bit by bit.
func TestPacking(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, b := range widths {
		for _, k := range []int{1, 2, 3, 7, 8, 9, 31, 63, 64, 65, 100, 127, 128, 129, 200, 4096} {
			p := Packing{K: k, Bits: b}
			x := Sum(random(50, uint64(k)), k)
			y := slices.Clone(x)
			for range r.IntN(k + 1) {
				y[r.IntN(k)] = r.Uint64N(1 << 40)
			}
			px, py := p.Append([]byte{9}, x)[1:], p.Append(nil, y)
			if !bytes.Equal(px, oraclePack(x, b)) || !bytes.Equal(py, oraclePack(y, b)) {
				t.Fatalf("k=%d bits=%d: packed bytes are wrong", k, b)
			}
			if len(px) != p.Size() {
				t.Errorf("k=%d bits=%d: %d bytes, want %d", k, b, len(px), p.Size())
			}
			want := 0
			for i := range x {
				if oracleSlot(x[i], b) == oracleSlot(y[i], b) {
					want++
				}
			}
			if got := p.matches(px, py); got != want {
				t.Errorf("k=%d bits=%d: %d matches, want %d", k, b, got, want)
			}
			if b == 16 || k > 16 { // or a signature may pack to zeros by chance
				if got := p.Similarity(px, px); got != 1 {
					t.Errorf("k=%d bits=%d: similarity to itself is %v", k, b, got)
				}
			}
			e := p.Append(nil, Sum(nil, k))
			if p.matches(e, e) != 0 || p.Similarity(e, e) != 0 {
				t.Errorf("k=%d bits=%d: the empty set is similar to itself", k, b)
			}
		}
	}
}

// TestLanes compares the counting of fields in a word with counting one by one.
func TestLanes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	for _, l := range []struct {
		bits int
		f    func(uint64) int
	}{{2, lanes2}, {4, lanes4}, {8, lanes8}, {16, lanes16}} {
		for range 2000 {
			x := r.Uint64() & r.Uint64() & r.Uint64()
			if r.IntN(2) == 0 {
				x = 1 << r.IntN(64)
				x |= 1 << r.IntN(64)
			}
			want := 0
			for i := 0; i < 64; i += l.bits {
				if x>>i&(1<<l.bits-1) != 0 {
					want++
				}
			}
			if got := l.f(x); got != want {
				t.Fatalf("bits=%d: %#x has %d fields, want %d", l.bits, x, got, want)
			}
		}
	}
}

func TestPackingPanics(t *testing.T) {
	sig := Sum([]uint64{1}, 4)
	p := Packing{K: 4, Bits: 8}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	mustPanic(t, "minhash: Packing.Bits is 3, want 1, 2, 4, 8 or 16", func() { Packing{K: 4, Bits: 3}.Append(nil, sig) })
	mustPanic(t, "minhash: Packing.Bits is 3, want 1, 2, 4, 8 or 16", func() { Packing{K: 4, Bits: 3}.matches([]byte{1, 2}, []byte{1, 2}) })
	mustPanic(t, "minhash: Packing.K is 0, want 1 to 4096", func() { Packing{}.Append(nil, sig) })
	mustPanic(t, "minhash: Packing.K is 0, want 1 to 4096", func() { Packing{}.matches(nil, nil) })
	mustPanic(t, "minhash: signature has 4 values, want 5", func() { Packing{K: 5, Bits: 8}.Append(nil, sig) })
	mustPanic(t, "minhash: packed signatures have 4 and 3 bytes, want 4", func() { p.matches(make([]byte, 4), make([]byte, 3)) })
}

// TestPackedError measures bias and error of the corrected estimate, before it is cut off at 0.
func TestPackedError(t *testing.T) {
	const k = 128
	trials := 4000
	if testing.Short() {
		trials = 400
	}
	for si, shape := range []pair{{0, 1, 1}, {9, 2, 9}, {5, 5, 5}, {45, 10, 45}, {50, 50, 50}, {5, 95, 5}, {450, 100, 450}, {100, 800, 100}} {
		j := shape.jaccard()
		var m [5]moments
		s := newSketcher(t, Config{K: k})
		r := rand.New(rand.NewPCG(1, uint64(si)))
		f := make([]uint64, shape.a+shape.both+shape.b)
		var a, b Signature
		var pa, pb []byte
		for range trials {
			sources[0].fill(f, r)
			a = s.AppendSignature(a[:0], f[:shape.a+shape.both])
			b = s.AppendSignature(b[:0], f[shape.a:])
			for i, w := range widths {
				p := Packing{K: k, Bits: w}
				pa, pb = p.Append(pa[:0], a), p.Append(pb[:0], b)
				c := 1 / float64(uint64(1)<<w)
				m[i].add((float64(p.matches(pa, pb))/k-c)/(1-c) - j)
			}
		}
		for i, w := range widths {
			t.Run(fmt.Sprintf("%d+%d+%d/bits=%d", shape.a, shape.both, shape.b, w), func(t *testing.T) {
				m, theory := &m[i], StandardError(j, k)
				t.Logf("J=%.3f bias=%+.5f (z=%+.1f) rmse/theory=%.3f±%.3f", j, m.bias(), m.biasZ(), m.rmse()/theory, m.rmseError()/theory)
				if math.Abs(m.biasZ()) > z {
					t.Errorf("bias %+.5f is %.1f standard errors from 0", m.bias(), m.biasZ())
				}
				c := math.Pow(2, -float64(w))
				agree := j + (1-j)*c
				if own := math.Sqrt(agree*(1-agree)/k) / (1 - c); (m.rmse()-own)/m.rmseError() > z {
					t.Errorf("error is %.5f, the formula says %.5f", m.rmse(), own)
				}
				if w >= 8 && j >= 0.1 && (m.rmse()-theory)/m.rmseError() > z {
					t.Errorf("error is %.3f of theory, want at most 1", m.rmse()/theory)
				}
			})
		}
	}
}
