package simhash

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// joinWork returns how many comparisons a join makes below nd without a radius.
func joinWork(nd *node) int {
	n := 0
	for _, t := range nd.tables {
		for k := range t.dir[1:] {
			if sub := t.sub[uint32(k)]; sub != nil {
				n += joinWork(sub)
				continue
			}
			size := int(t.dir[k+1] - t.dir[k])
			n += size * (size - 1) / 2
		}
	}
	return n
}

// TestSkew: with n fingerprints of which one block is always the same, or thousands equal, to
// search and to join must not compare all with all, which would be 8e8 comparisons.
func TestSkew(t *testing.T) {
	const n = 40_000
	if raceEnabled {
		t.Skip("one goroutine's work")
	}
	r := rand.New(rand.NewPCG(1, 8))
	for _, test := range []struct {
		name  string
		make1 func(i int) Fingerprint
	}{
		{"block 0", func(int) Fingerprint { return Fingerprint(r.Uint64()) &^ 0xffff }},
		{"block 3", func(int) Fingerprint { return Fingerprint(r.Uint64()) | 0xffff<<48 }},
		{"two equal", func(i int) Fingerprint { return Fingerprint(i % 2 * 0xffffff) }},
		{"thousands equal", func(i int) Fingerprint { return Fingerprint(mix(uint64(i%30)) &^ 0xffff) }},
		{"thousands equal and others", func(i int) Fingerprint {
			if i%3 == 0 {
				return Fingerprint(mix(uint64(i)) &^ 0xffff)
			}
			return Fingerprint(mix(uint64(i%30)) &^ 0xffff)
		}},
	} {
		x, _ := NewIndex(IndexConfig{Distance: 3})
		f := make([]Fingerprint, n)
		for i := range f {
			f[i] = test.make1(i)
		}
		x.AddAll(f)
		if root := x.runs[0].root; root != nil {
			if work := joinWork(root); work > 100*n {
				t.Errorf("%s: %d comparisons", test.name, work)
			}
		}
		links := 0
		for range x.Links() {
			links++
		}
		if distinct := len(slices.Compact(slices.Sorted(slices.Values(f)))); links < n-distinct || links > n-distinct+1000 {
			t.Errorf("%s: %d links, want about %d", test.name, links, n-distinct)
		}
	}
}

// TestConcurrentQueries is for the race detector.
func TestConcurrentQueries(t *testing.T) {
	x, _ := NewIndex(IndexConfig{Distance: 4})
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
