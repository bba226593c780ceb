package simhash

import (
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

func TestPlanErrors(t *testing.T) {
	for _, test := range []struct {
		n, d int
		want string
	}{
		{10, -1, "simhash: distance -1, want 0 to 16"},
		{10, 65, "simhash: distance 65, want 0 to 16"},
		{10, 17, "simhash: distance 17, want 0 to 16: a query would make 6428 lookups and compare 10% of all fingerprints, no better than a linear scan"},
		{-1, 3, "simhash: plan for -1 fingerprints, want 0 to "},
	} {
		if _, err := NewPlan(test.n, test.d); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("NewPlan(%d, %d): %v, want %s", test.n, test.d, err, test.want)
		}
		if test.n > 0 {
			if _, err := NewIndex(IndexConfig{Distance: test.d}); err == nil || err.Error() != test.want {
				t.Errorf("NewIndex(%d): %v, want %s", test.d, err, test.want)
			}
		}
	}
}

// TestPlans holds for every size and distance: memory within bounds, candidates no more than a
// scan, radii complete.
func TestPlans(t *testing.T) {
	for d := range MaxDistance + 1 {
		for n := range 28 {
			p, err := NewPlan(1<<n+n, d)
			if err != nil {
				t.Fatal(err)
			}
			if p.Bytes > 48.2 || p.Candidates > float64(p.N) || p.Key*p.Blocks > Bits || p.Tables > p.Blocks {
				t.Errorf("%+v", p)
			}
		}
		for m := 1; m <= maxTables; m++ {
			// However d differences are spread over m blocks, one block has no more than its
			// radius: it would take the sum of radius+1 over all blocks to avoid that.
			sum := 0
			for b := range m {
				sum += radius(b, m, d) + 1
			}
			if sum != d+1 {
				t.Errorf("d=%d m=%d: radii let %d differences pass", d, m, sum)
			}
		}
	}
}

// TestPlanTellsTruth compares the candidates and the memory of a plan with what happens.
func TestPlanTellsTruth(t *testing.T) {
	const n = 100_000
	r := rand.New(rand.NewPCG(1, 7))
	f := make([]Fingerprint, n)
	for i := range f {
		f[i] = Fingerprint(r.Uint64())
	}
	for _, d := range []int{0, 3, 6} {
		p, _ := NewPlan(n, d)
		x, _ := NewIndex(IndexConfig{Distance: d})
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		x.AddAll(f)
		runtime.GC()
		runtime.ReadMemStats(&after)
		if got := float64(after.HeapAlloc-before.HeapAlloc) / n; !raceEnabled && (got > 1.05*p.Bytes || got < 0.9*p.Bytes) {
			t.Errorf("d=%d: %.1f bytes each, planned %.1f", d, got, p.Bytes)
		}
		compared := 0
		root := x.runs[0].root
		const queries = 300
		for range queries {
			q := r.Uint64()
			for b := range root.tables {
				tab := &root.tables[b]
				key, _ := root.split(tab, q)
				for k := range uint32(1) << root.key {
					if Fingerprint(k).Distance(Fingerprint(key)) <= radius(b, root.blocks, d) {
						compared += int(tab.dir[k+1] - tab.dir[k])
					}
				}
			}
		}
		got := float64(compared) / queries
		if got < 0.8*p.Candidates || got > 1.2*p.Candidates { // over ten sigma: the sum is of thousands
			t.Errorf("d=%d: %.1f candidates, planned %.1f", d, got, p.Candidates)
		}
		runtime.KeepAlive(x)
	}
}
