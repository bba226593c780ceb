package simhash

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// near returns f with n random bits flipped, not all of them different ones.
func near(r *rand.Rand, f Fingerprint, n int) Fingerprint {
	for range n {
		f ^= 1 << r.IntN(64)
	}
	return f
}

// populations are fingerprints of the kinds that an index has to hold up with.
var populations = []struct {
	name string
	make func(r *rand.Rand, n int) []Fingerprint
}{
	{"uniform", func(r *rand.Rand, n int) []Fingerprint {
		f := make([]Fingerprint, n)
		for i := range f {
			f[i] = Fingerprint(r.Uint64())
			if i > 0 && i%4 == 0 {
				f[i] = near(r, f[r.IntN(i)], r.IntN(20))
			}
		}
		return f
	}},
	{"clustered", func(r *rand.Rand, n int) []Fingerprint {
		f := make([]Fingerprint, n)
		var centre [5]Fingerprint
		for i := range centre {
			centre[i] = Fingerprint(r.Uint64())
		}
		for i := range f {
			f[i] = near(r, centre[r.IntN(5)], r.IntN(12))
		}
		return f
	}},
	{"identical", func(r *rand.Rand, n int) []Fingerprint {
		f := make([]Fingerprint, n)
		few := [3]Fingerprint{0, ^Fingerprint(0), Fingerprint(r.Uint64())}
		for i := range f {
			f[i] = few[r.IntN(3)]
			if r.IntN(3) == 0 {
				f[i] = near(r, f[i], 1+r.IntN(3))
			}
		}
		return f
	}},
	{"constant-block", func(r *rand.Rand, n int) []Fingerprint {
		f := make([]Fingerprint, n)
		for i := range f {
			f[i] = Fingerprint(r.Uint64()) &^ 0xffff
			if i > 0 && r.IntN(3) == 0 {
				f[i] = near(r, f[r.IntN(i)], r.IntN(20))
			}
		}
		return f
	}},
	{"one-bit-a-block", func(r *rand.Rand, n int) []Fingerprint {
		f := make([]Fingerprint, n)
		for i := range f { // differences spread evenly over blocks of any size
			for b := range 16 {
				if r.IntN(3) == 0 {
					f[i] ^= 1 << (4*b + r.IntN(2))
				}
			}
		}
		return f
	}},
	{"small-integers", func(r *rand.Rand, n int) []Fingerprint {
		f := make([]Fingerprint, n)
		for i := range f {
			f[i] = Fingerprint(i)
		}
		return f
	}},
}

// setPlan makes every run be sorted in tables, crowded buckets from a few values on, so that small
// tests go where only large indexes go.
func setPlan(t testing.TB, blocks, key, crowded int) {
	t.Helper()
	forcePlan = func(p Plan, width int) Plan {
		if p.N == 0 {
			return p
		}
		p.Blocks = blocks
		p.Tables = min(blocks, p.Distance+1)
		p.Key = min(key, width/blocks)
		return p
	}
	oldCrowd, oldTail := crowd, maxTail
	crowd, maxTail = crowded, 16
	t.Cleanup(func() { forcePlan, crowd, maxTail = nil, oldCrowd, oldTail })
}

// same compares x with the linear scan: queries at all distances, pairs, links, nearest, and what
// is stored.
func same(t *testing.T, x *Index, want naiveIndex, r *rand.Rand, queries int) {
	t.Helper()
	live := 0
	for id, f := range want {
		got, ok := x.At(uint32(id))
		if ok != (f != nil) || ok && got != *f {
			t.Fatalf("At(%d) = %v, %v", id, got, ok)
		}
		if f != nil {
			live++
		}
	}
	if x.Len() != live {
		t.Fatalf("Len = %d, want %d", x.Len(), live)
	}
	for range queries {
		q := Fingerprint(r.Uint64())
		if len(want) > 0 && r.IntN(4) > 0 {
			if f := want[r.IntN(len(want))]; f != nil {
				q = near(r, *f, r.IntN(x.Distance()+3))
			}
		}
		prefix := []Match{{7, 7}}
		got := x.AppendQuery(prefix, q)
		if want := append(prefix, want.query(q, x.Distance())...); !slices.Equal(want, got) {
			t.Fatalf("query %v (-want +got):\n%s", q, cmp.Diff(want, got))
		}
		d := r.IntN(x.Distance() + 1)
		if want, got := want.query(q, d), x.AppendQueryWithin(nil, q, d); !slices.Equal(want, got) {
			t.Fatalf("query %v within %d (-want +got):\n%s", q, d, cmp.Diff(want, got))
		}
		m, ok := x.Nearest(q)
		if all := want.query(q, 64); ok != (live > 0) || ok && m != all[0] {
			t.Fatalf("Nearest(%v) = %v, %v", q, m, ok)
		}
	}
	pairs := want.pairs(x.Distance())
	if got := byID(slices.Collect(x.Pairs())); !slices.Equal(pairs, got) {
		t.Fatalf("pairs (-want +got):\n%s", cmp.Diff(pairs, got))
	}
	if want, got := want.links(pairs), byID(slices.Collect(x.Links())); !slices.Equal(want, got) {
		t.Fatalf("links (-want +got):\n%s", cmp.Diff(want, got))
	}
}

func TestIndexEqualsScan(t *testing.T) {
	plans := []struct{ blocks, key, crowd int }{
		{0, 0, 0}, {1, 5, 1000}, {2, 7, 1000}, {3, 6, 9}, {4, 4, 8}, {4, 16, 1000}, {4, 3, 1000},
	}
	for p, pop := range populations {
		for d := range MaxDistance + 1 {
			for i, plan := range plans {
				if turn := (i + d + p) % len(plans); turn > 1 || turn > 0 && (testing.Short() || raceEnabled) {
					continue // each plan meets each population, and each distance
				}
				if raceEnabled && d%5 != 1 {
					continue
				}
				t.Run(fmt.Sprintf("%s/d=%d/blocks=%d/key=%d", pop.name, d, plan.blocks, plan.key), func(t *testing.T) {
					if plan.blocks > 0 {
						setPlan(t, plan.blocks, plan.key, plan.crowd)
					}
					r := rand.New(rand.NewPCG(uint64(d), uint64(i)))
					x, err := NewIndex(IndexConfig{Distance: d})
					if err != nil {
						t.Fatal(err)
					}
					var want naiveIndex
					all := pop.make(r, 110)
					for i := range all[:90] {
						if id := x.Add(all[i]); id != uint32(i) {
							t.Fatalf("id %d, want %d", id, i)
						}
						want = append(want, &all[i])
					}
					same(t, x, want, r, 4)
					if first := x.AddAll(all[90:]); first != 90 {
						t.Fatalf("first id %d, want 90", first)
					}
					for i := range all[90:] {
						want = append(want, &all[90+i])
					}
					same(t, x, want, r, 2)
					for range 60 {
						id := r.IntN(len(want))
						if got := x.Delete(uint32(id)); got != (want[id] != nil) {
							t.Fatalf("Delete(%d) = %v", id, got)
						}
						want[id] = nil
					}
					same(t, x, want, r, 2)
					for range 40 {
						id := r.IntN(len(want))
						f := near(r, all[r.IntN(len(all))], r.IntN(4))
						if got := x.Replace(uint32(id), f); got != (want[id] != nil) {
							t.Fatalf("Replace(%d) = %v", id, got)
						}
						if want[id] != nil {
							want[id] = &f
						}
					}
					same(t, x, want, r, 2)
					if offset := x.Merge(x); offset != 110 {
						t.Fatalf("offset %d, want 110", offset)
					}
					want = append(want, want...)
					same(t, x, want, r, 1)
					before := slices.Collect(x.Pairs())
					x.Compact()
					same(t, x, want, r, 1)
					if after := slices.Collect(x.Pairs()); !slices.Equal(before, after) {
						t.Fatalf("Compact changed the order of pairs (-before +after):\n%s", cmp.Diff(before, after))
					}
				})
			}
		}
	}
}

func TestPairsStop(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	x, _ := NewIndex(IndexConfig{Distance: 3})
	x.AddAll(populations[1].make(r, 3000))
	before := runtime.NumGoroutine()
	for stop := range 40 {
		n := 0
		for range x.Pairs() {
			if n++; n > stop*stop {
				break
			}
		}
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines after the loops, %d before", n, before)
	}
}

func TestPairsOrder(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	r := rand.New(rand.NewPCG(1, 4))
	x, _ := NewIndex(IndexConfig{Distance: 5})
	x.AddAll(populations[0].make(r, 30000))
	var want []Pair
	for _, n := range []int{1, 2, 3, 7} {
		runtime.GOMAXPROCS(n)
		got := slices.Collect(x.Pairs())
		if want == nil {
			want = got
		}
		if len(got) < 500 || !slices.Equal(got, want) {
			t.Errorf("GOMAXPROCS=%d: %d pairs, not the same as with 1", n, len(got))
		}
	}
}

// TestFull fills indexes to the last id.
func TestFull(t *testing.T) {
	defer func(n, tail int) { maxIDs, maxTail = n, tail }(maxIDs, maxTail)
	maxIDs = 20
	full := func(what string, f func()) {
		t.Helper()
		defer func() {
			if s, _ := recover().(string); !strings.HasPrefix(s, "simhash: index is full: ") {
				t.Errorf("%s: panics with %q", what, s)
			}
		}()
		f()
	}
	x, _ := NewIndex(IndexConfig{Distance: 3})
	for i := range 12 {
		x.Add(Fingerprint(i) << 32)
	}
	y, _ := NewIndex(IndexConfig{Distance: 3})
	y.AddAll(make([]Fingerprint, 9))
	full("Merge", func() { x.Merge(y) })
	for i := range 30 { // more slots than there are
		if !x.Replace(uint32(i%12), Fingerprint(i)<<16) {
			t.Fatalf("Replace(%d) finds none", i%12)
		}
	}
	z, _ := NewIndex(IndexConfig{Distance: 3})
	for i := range 8 {
		z.Add(Fingerprint(i) << 60)
	}
	for i := range 5 {
		z.Replace(uint32(i), Fingerprint(i)<<56)
	}
	if offset := x.Merge(z); offset != 12 || x.Len() != 20 {
		t.Fatalf("Merge: offset %d, %d fingerprints, want 12, 20", offset, x.Len())
	}
	for i := range uint32(20) {
		want := Fingerprint(i+12) << 16
		switch {
		case i >= 17:
			want = Fingerprint(i-12) << 60
		case i >= 12:
			want = Fingerprint(i-12) << 56
		case i < 6:
			want = Fingerprint(i+24) << 16
		}
		if got, ok := x.At(i); !ok || got != want {
			t.Errorf("At(%d): got %v, %v, want %v", i, got, ok, want)
		}
	}
	full("Add", func() { x.Add(1) })
	full("AddAll", func() { x.AddAll(make([]Fingerprint, 2)) })
	if !x.Replace(3, 99) || len(x.AppendQuery(nil, 99)) == 0 {
		t.Error("a full index cannot replace")
	}
}

// TestCompactRoom deletes nine tenths, of which the room is given up, and keeps the ids.
func TestCompactRoom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 15))
	x, _ := NewIndex(IndexConfig{Distance: 3})
	f := uniform(20000)
	x.AddAll(f)
	x.Replace(19999, f[0]^1)
	for id := range uint32(18000) {
		x.Delete(id)
	}
	if len(x.fps) > 2*x.Len()+maxTail {
		t.Errorf("%d slots for %d fingerprints", len(x.fps), x.Len())
	}
	x.Compact()
	if len(x.fps) != 2000 || x.ids.Bytes() > 20000/6 {
		t.Errorf("%d slots for %d fingerprints, ids take %d bytes", len(x.fps), x.Len(), x.ids.Bytes())
	}
	if id := x.Add(5); id != 20000 {
		t.Errorf("the next id is %d, want 20000", id)
	}
	for range 200 {
		id := 18000 + r.Uint32N(1999)
		if m := x.AppendQuery(nil, f[id]); len(m) == 0 || !slices.Contains(m, Match{ID: id}) {
			t.Errorf("%d is not found by its fingerprint", id)
		}
	}
}
