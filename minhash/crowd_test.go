package minhash

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// grouped is the result of grouping in one pass over a snapshot, as [Snapshot.AppendQuery] says:
// each document that is in no group looks for those of a similarity of least or more, widely only
// if that is worth it.
type grouped struct {
	group  []uint32 // by id: the first of its group
	looked int      // candidates compared
}

func group(s *Snapshot, n uint32, least float64) grouped {
	const none = math.MaxUint32
	g := grouped{group: slices.Repeat([]uint32{none}, int(n))}
	var found []Match
	for id := range n {
		if g.group[id] != none {
			continue
		}
		g.group[id] = id
		for most := 64; ; most *= 8 {
			var more bool
			found, more = s.AppendQuery(found[:0], id, 0, most)
			g.looked += len(found)
			end := slices.IndexFunc(found, func(m Match) bool { return m.Similarity < least })
			if end >= 0 {
				found = found[:end]
			}
			if !more || 8*len(found) < most {
				break
			}
		}
		for _, m := range found {
			if g.group[m.ID] == none {
				g.group[m.ID] = id
			}
		}
	}
	return g
}

// A paragraph that thousands of documents share makes crowds in which no two are similar. They cost
// little, and duplicates among them are found as the plan promises, whether the paragraph is there
// or not.
func TestBarrenCrowd(t *testing.T) {
	n, pairs := 12_000, 1500
	if testing.Short() {
		n, pairs = 3000, 500
	}
	const least = 0.5
	plan, err := NewPlan(Goal{Threshold: 0.5, Recall: 0.95})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 30))
	s, _ := New(Config{})
	x := mustIndex(t, IndexConfig{Plan: plan})
	paragraph := randomSet(rng, 60)
	var sig Signature
	add := func(set []uint64) {
		sig = s.AppendSignature(sig[:0], append(slices.Clone(set), paragraph...))
		x.Add(sig)
	}
	for range n {
		add(randomSet(rng, 160)) // two of them have a Jaccard similarity of 60 in 380, 0.16
	}
	for range pairs { // of 0.5: 60 and 80 of 280
		own := randomSet(rng, 150)
		add(own[:140])
		add(append(slices.Clone(own[:80]), randomSet(rng, 60)...))
	}
	snapshot := x.Snapshot()
	most, crowded := 0, 0
	var found []Match
	for id := range uint32(1000) {
		var more bool
		found, _ = snapshot.AppendQuery(found[:0], id, 0, math.MaxInt)
		most += len(found)
		if _, more = snapshot.AppendQuery(nil, id, 0, 64); more {
			crowded++
		}
	}
	if crowded < 200 {
		t.Fatalf("only %d of 1000 documents are in a crowd", crowded)
	}
	// Groups of one's estimated half below the threshold are not what this test is about: least is
	// lower.
	g := group(snapshot, uint32(n+2*pairs), least-0.25)
	if perDoc := float64(g.looked) / float64(n+2*pairs); perDoc > 200 {
		t.Errorf("%.0f candidates for each document", perDoc)
	}
	hits := 0
	for i := range pairs {
		a := uint32(n + 2*i)
		found, _ = snapshot.AppendQuery(found[:0], a, 0, 64)
		if slices.ContainsFunc(found, func(m Match) bool { return m.ID == a+1 }) {
			hits++
		}
	}
	got := float64(hits) / float64(pairs)
	if sigma := math.Sqrt(0.95 * 0.05 / float64(pairs)); (got-0.95)/sigma < -4.5 {
		t.Errorf("%.3f of the pairs found, want 0.95 (z = %.1f)", got, (got-0.95)/sigma)
	}
	t.Logf("%d bands, %.0f candidates in full, %.0f looked at, %.3f found", plan.Bands, float64(most)/1000, float64(g.looked)/float64(n+2*pairs), got)
}

// Thousands of versions of one text have one representative, and cost no more than so many
// comparisons each.
func TestVersionsOfOneText(t *testing.T) {
	n := 5000
	if testing.Short() {
		n = 2000
	}
	rng := rand.New(rand.NewPCG(1, 31))
	s, _ := New(Config{})
	plan, err := NewPlan(Goal{Threshold: 0.5, Recall: 0.95})
	if err != nil {
		t.Fatal(err)
	}
	x := mustIndex(t, IndexConfig{Plan: plan})
	text := randomSet(rng, 300)
	var sig Signature
	for range n { // two of them have 0.74 to 0.97
		version := slices.Clone(text)
		for range 5 + rng.IntN(18) {
			version[rng.IntN(len(version))] = rng.Uint64()
		}
		sig = s.AppendSignature(sig[:0], version)
		x.Add(sig)
	}
	g := group(x.Snapshot(), uint32(n), 0.4)
	groups := map[uint32]int{}
	for _, first := range g.group {
		groups[first]++
	}
	if groups[0] < n-1 || g.looked > 4*n {
		t.Errorf("%d groups, %d of %d in the first, after %d comparisons", len(groups), groups[0], n, g.looked)
	}
}
