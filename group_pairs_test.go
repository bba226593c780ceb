package neardup

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// naiveGroups follows the rule in the words of its documentation, by looking every pair up again and again.
func naiveGroups(entries []Entry, pairs []Pair) [][]string {
	order := slices.Clone(entries)
	slices.SortFunc(order, func(a, b Entry) int { return a.Time.Compare(b.Time) })
	similar := func(a, b string) (best float64) {
		for _, p := range pairs {
			if p.A == a && p.B == b || p.A == b && p.B == a {
				best = max(best, p.Similarity)
			}
		}
		return best
	}
	var groups [][]string
	for _, e := range order {
		joins, best := -1, 0.0
		for g := range groups {
			if s := similar(groups[g][0], e.ID); s > best {
				joins, best = g, s
			}
		}
		if joins < 0 {
			groups = append(groups, []string{e.ID})
		} else {
			groups[joins] = append(groups[joins], e.ID)
		}
	}
	groups = slices.DeleteFunc(groups, func(g []string) bool { return len(g) < 2 })
	if len(groups) == 0 {
		return nil
	}
	for _, g := range groups {
		slices.Sort(g[1:])
	}
	return groups
}

func TestGroupPairs(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(1, seed))
		n := r.IntN(30)
		entries := make([]Entry, n)
		for i := range entries {
			entries[i] = Entry{ID: fmt.Sprint("id", i), Time: time.Unix(int64(1000+i), 0)}
		}
		var pairs []Pair
		for range r.IntN(3*n + 1) {
			a, b := r.IntN(n), r.IntN(n)
			pairs = append(pairs, Pair{A: entries[a].ID, B: entries[b].ID, Kind: Same, Similarity: 0.5 + r.Float64()/2})
		}
		want := naiveGroups(entries, pairs)
		for range 3 {
			r.Shuffle(n, func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
			r.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
			groups, err := GroupPairs(entries, slices.Values(pairs), nil)
			if err != nil {
				t.Fatal(err)
			}
			var got [][]string
			for _, g := range groups {
				var ids []string
				for _, m := range g.Members {
					ids = append(ids, m.ID)
				}
				if ids[0] != g.Representative {
					t.Errorf("seed %d: the first member of the group of %s is %s", seed, g.Representative, ids[0])
				}
				slices.Sort(ids[1:])
				got = append(got, ids)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d: groups mismatch (-naive +got):\n%s", seed, diff)
			}
		}
	}
}

// What is seen from A in a pair is seen from the representative in a group.
func TestGroupPairsDirection(t *testing.T) {
	entries := []Entry{{ID: "early", Time: time.Unix(1, 0)}, {ID: "late", Time: time.Unix(2, 0)}}
	pair := Pair{A: "late", B: "early", Kind: Contained, Similarity: 0.2, Contained: 0.9, Contains: 0.1}
	groups, err := GroupPairs(entries, slices.Values([]Pair{pair}), Earliest)
	if err != nil {
		t.Fatal(err)
	}
	want := []Group{{Representative: "early", Members: []Match{
		{ID: "early", Kind: Same, Similarity: 1, Contained: 1, Contains: 1},
		{ID: "late", Kind: Contains, Similarity: 0.2, Contained: 0.1, Contains: 0.9},
	}}}
	if diff := cmp.Diff(want, groups); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestGroupPairsErrors(t *testing.T) {
	one := []Entry{{ID: "a"}, {ID: "b"}}
	for name, in := range map[string]struct {
		entries []Entry
		pair    Pair
	}{
		"two entries":  {append(one, Entry{ID: "a"}), Pair{A: "a", B: "b"}},
		"unknown A":    {one, Pair{A: "x", B: "b"}},
		"unknown B":    {one, Pair{A: "a", B: "x"}},
		"unknown self": {one, Pair{A: "x", B: "x"}},
	} {
		if _, err := GroupPairs(in.entries, slices.Values([]Pair{in.pair}), nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if groups, err := GroupPairs(nil, slices.Values([]Pair(nil)), nil); groups != nil || err != nil {
		t.Errorf("nothing to group: %v, %v, want nothing", groups, err)
	}
}
