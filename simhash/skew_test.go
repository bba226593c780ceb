package simhash

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestSkew: with n fingerprints of which one block is always the same, or thousands equal, to search and to join must
// not compare all with all. A quadratic join would make 5e9 comparisons here and take several seconds.
func TestSkew(t *testing.T) {
	const n = 100_000
	r := rand.New(rand.NewPCG(1, 8))
	for name, make1 := range map[string]func(i int) Fingerprint{
		"block 0":   func(int) Fingerprint { return Fingerprint(r.Uint64()) &^ 0xffff },
		"block 3":   func(int) Fingerprint { return Fingerprint(r.Uint64()) | 0xffff<<48 },
		"two equal": func(i int) Fingerprint { return Fingerprint(i % 2 * 0xffffff) },
		"equal in thousands, and a block": func(i int) Fingerprint {
			return Fingerprint(mix(uint64(i%30)) &^ 0xffff)
		},
	} {
		x, _ := NewIndex(Config{Distance: 3})
		f := make([]Fingerprint, n)
		for i := range f {
			f[i] = make1(i)
		}
		start := time.Now()
		x.AddAll(f)
		links := 0
		for range x.Links() {
			links++
		}
		var dst []Match
		for _, q := range f[:2000] {
			dst = x.AppendQueryWithin(dst[:0], q^0xf0f0, 3)
		}
		took := time.Since(start)
		limit := 2 * time.Second
		if raceEnabled {
			limit *= 10
		}
		if took > limit {
			t.Errorf("%s: %v", name, took)
		}
		if distinct := len(slices.Compact(slices.Sorted(slices.Values(f)))); links < n-distinct {
			t.Errorf("%s: %d links, want at least %d", name, links, n-distinct)
		}
	}
}

// TestConcurrentQueries is for the race detector.
func TestConcurrentQueries(t *testing.T) {
	x, _ := NewIndex(Config{Distance: 4})
	f := uniform(5000)
	x.AddAll(f[:4000])
	for _, g := range f[4000:] {
		x.Add(g)
	}
	x.Delete(7)
	x.Replace(8, 9)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var dst []Match
			for i := range 300 {
				dst = x.AppendQuery(dst[:0], f[(g*1000+i)%5000])
				x.Nearest(f[i] ^ 0xf00f)
				x.At(uint32(i))
			}
			n := 0
			for range x.Pairs() {
				n++
			}
			if n == 0 {
				t.Error("no pairs")
			}
			if _, err := x.MarshalBinary(); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
}

func TestIndexArguments(t *testing.T) {
	var x Index
	if x.Len() != 0 || x.Distance() != 0 || len(x.AppendQuery(nil, 0)) != 0 {
		t.Error("the zero Index is not an empty one of distance 0")
	}
	if _, ok := x.Nearest(5); ok {
		t.Error("something is nearest in an empty index")
	}
	for range x.Pairs() {
		t.Error("a pair in an empty index")
	}
	x.Compact()
	if x.AddAll(nil) != 0 || x.Merge(&x) != 0 || x.Delete(0) || x.Replace(0, 1) {
		t.Error("an empty index does something")
	}
	x.Add(5)
	if m := x.AppendQuery(nil, 5); !slices.Equal(m, []Match{{0, 0}}) {
		t.Errorf("got %v", m)
	}
	for _, d := range []int{-1, 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for distance %d", d)
				}
			}()
			x.AppendQueryWithin(nil, 5, d)
		}()
	}
}
