package minhash

import (
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func random(n int, seed uint64) []uint64 {
	r := rand.New(rand.NewPCG(1, seed))
	f := make([]uint64, n)
	for i := range f {
		f[i] = r.Uint64()
	}
	return f
}

func consecutive(n int) []uint64 {
	f := make([]uint64, n)
	for i := range f {
		f[i] = uint64(i)
	}
	return f
}

func newSketcher(t testing.TB, cfg Config) *Sketcher {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSketcherDefinition compares every way to a signature with the definition.
func TestSketcherDefinition(t *testing.T) {
	for _, scheme := range []Scheme{FastSimilarity, Classic} {
		for _, k := range []int{1, 2, 3, 5, 16, 31, 64, 127, 128, 129, 256, 1000, 4096} {
			for _, n := range []int{0, 1, 2, 3, 4, 5, 10, 100, 511, 512, 513, 1024, 1025, 3000} {
				if k*n > 50000 || scheme == Classic && k*n > 10000 {
					continue
				}
				seed := uint64(n % 3)
				f := random(n, uint64(k))
				if n == 100 {
					f = consecutive(n)
				}
				want := Signature(oracleFSS(f, k, seed))
				if scheme == Classic {
					want = oracleClassic(f, k, seed)
				}
				t.Run(fmt.Sprintf("scheme=%d/k=%d/n=%d", scheme, k, n), func(t *testing.T) {
					s := newSketcher(t, Config{K: k, Seed: seed, Scheme: scheme})
					for _, x := range f[:n/3] {
						s.Add(x)
					}
					s.AddAll(f[n/3 : n/2])
					half := s.Sum()
					got := s.AppendSignature(Signature{7}, f)
					if got[0] != 7 {
						t.Error("AppendSignature changed dst")
					}
					if diff := cmp.Diff(want, got[1:]); diff != "" {
						t.Errorf("AppendSignature mismatch (-want +got):\n%s", diff)
					}
					if got := s.Sum(); !slices.Equal(got, half) {
						t.Error("AppendSignature or Sum changed the state")
					}
					s.AddAll(f[n/2:])
					if diff := cmp.Diff(want, s.Sum()); diff != "" {
						t.Errorf("Sum after Add mismatch (-want +got):\n%s", diff)
					}
					if scheme == FastSimilarity && seed == 0 {
						if diff := cmp.Diff(want, Sum(f, k)); diff != "" {
							t.Errorf("package Sum mismatch (-want +got):\n%s", diff)
						}
					}
					half.Merge(s.AppendSignature(nil, f[n/3:]))
					if !slices.Equal(half, want) {
						t.Error("the merged signature is not that of the union")
					}
				})
			}
		}
	}
}

// unenter returns the feature that mixes to h.
func unenter(h, seed uint64) uint64 {
	inverse := func(c uint64) uint64 { // by Newton
		x := c
		for range 6 {
			x *= 2 - c*x
		}
		return x
	}
	h *= inverse(0xc4ceb9fe1a85ec53)
	h ^= h >> 33
	h *= inverse(0xff51afd7ed558ccd)
	h ^= h >> 33
	return h ^ seedWord(seed)
}

// TestSketcherEdges feeds features that mix to the ends of the slots, and the one that mixes to the
// value of an empty slot.
func TestSketcherEdges(t *testing.T) {
	for _, k := range []int{1, 2, 3, 100, 128, 256} {
		var edge []uint64
		for b := range k {
			first, rem := bits.Div64(uint64(b), 0, uint64(k))
			if rem > 0 {
				first++
			}
			edge = append(edge, unenter(first, 0), unenter(first-1, 0))
		}
		top := unenter(1<<64-1, 0)
		for name, f := range map[string][]uint64{
			"edge": edge,
			"top":  {top},
			"tops": slices.Repeat([]uint64{top}, 8*k),
			"zero": slices.Repeat([]uint64{unenter(0, 0)}, 8*k),
			"low":  slices.Repeat(edge[:1], 8*k),
		} {
			if diff := cmp.Diff(Signature(oracleFSS(f, k, 0)), Sum(f, k)); diff != "" {
				t.Errorf("k=%d %s: mismatch (-want +got):\n%s", k, name, diff)
			}
		}
	}
}

// TestSketcherAlgebra: order, repetitions, chunks and merges do not matter.
func TestSketcherAlgebra(t *testing.T) {
	for _, scheme := range []Scheme{FastSimilarity, Classic} {
		for _, n := range []int{1, 7, 100, 1500, 5000} {
			s := newSketcher(t, Config{K: 64, Seed: 3, Scheme: scheme})
			f := random(n, 9)
			want := s.AppendSignature(nil, f)
			r := rand.New(rand.NewPCG(1, 2))
			twice := append(slices.Clone(f), f...)
			r.Shuffle(len(twice), func(i, j int) { twice[i], twice[j] = twice[j], twice[i] })
			if got := s.AppendSignature(nil, twice); !slices.Equal(got, want) {
				t.Errorf("scheme=%d n=%d: order or repetition changes the signature", scheme, n)
			}
			o := newSketcher(t, s.Config())
			for rest := twice; len(rest) > 0; {
				m := min(len(rest), r.IntN(700))
				d := o
				if r.IntN(2) == 0 {
					d = s
				}
				d.AddAll(rest[:m])
				rest = rest[m:]
			}
			a, b := s.Sum(), o.Sum()
			ab, ba := slices.Clone(a), slices.Clone(b)
			ab.Merge(b)
			ba.Merge(a)
			if !slices.Equal(ab, want) || !slices.Equal(ba, want) {
				t.Errorf("scheme=%d n=%d: merged signatures are not the union's", scheme, n)
			}
			ab.Merge(ab)
			if !slices.Equal(ab, want) {
				t.Error("merging with itself changes the signature")
			}
			for range 2 {
				if err := s.Merge(o); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Merge(s); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.Sum(), want) || !slices.Equal(o.Sum(), b) {
				t.Errorf("scheme=%d n=%d: merged Sketcher is not the union", scheme, n)
			}
			s.Reset()
			if got := s.Sum(); !got.Empty() || !slices.Equal(got, newSketcher(t, s.Config()).Sum()) {
				t.Error("Reset does not equal New")
			}
		}
	}
}

func TestSketcherConfig(t *testing.T) {
	s := newSketcher(t, Config{})
	if got, want := s.Config(), (Config{K: 128, Scheme: FastSimilarity}); got != want {
		t.Errorf("default configuration is %+v, want %+v", got, want)
	}
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{K: -1}, "minhash: Config.K is -1, want 1 to 4096"},
		{Config{K: 4097}, "minhash: Config.K is 4097, want 1 to 4096"},
		{Config{Scheme: 3}, "minhash: Config.Scheme is 3, want 1 or 2"},
	} {
		if _, err := New(c.cfg); err == nil || err.Error() != c.want {
			t.Errorf("New(%+v) = %v, want %q", c.cfg, err, c.want)
		}
	}
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{K: 64}, "minhash: other configuration: 64 slots, want 128"},
		{Config{Seed: 5}, "minhash: other configuration: seed 5, want 0"},
		{Config{Scheme: Classic}, "minhash: other configuration: scheme 2, want 1"},
	} {
		err := s.Merge(newSketcher(t, c.cfg))
		if !errors.Is(err, ErrMismatch) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("Merge with %+v = %v, want %q", c.cfg, err, c.want)
		}
	}
}

func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != want {
			t.Errorf("panic %v, want %q", got, want)
		}
	}()
	f()
}

func TestPanics(t *testing.T) {
	sig := Sum([]uint64{1}, 4)
	s := newSketcher(t, Config{K: 4, Scheme: Classic})
	s.Add(1)
	mustPanic(t, "minhash: k is 0, want 1 to 4096", func() { Sum(nil, 0) })
	mustPanic(t, "minhash: k is 4097, want 1 to 4096", func() { Sum(nil, 4097) })
	mustPanic(t, "minhash: Sketcher not made by New", func() { new(Sketcher).Add(1) })
	mustPanic(t, "minhash: Sketcher not made by New", func() { new(Sketcher).Sum() })
	mustPanic(t, "minhash: signature has 4 values, want 3", func() { Sum(nil, 3).Similarity(sig) })
	mustPanic(t, "minhash: signature has 4 values, want 3", func() { Sum(nil, 3).Merge(sig) })
	mustPanic(t, "minhash: signature of scheme 2, want 1", func() { sig.Merge(s.Sum()) })
}
