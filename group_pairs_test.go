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
				best = max(best, p.Jaccard)
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
			pairs = append(pairs, Pair{entries[a].ID, entries[b].ID, Relation{Kind: Same, Jaccard: 0.5 + r.Float64()/2}})
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

// Two articles of which one is in the other: the longer one represents, whatever the policy.
func TestGroupPairsDirection(t *testing.T) {
	entries := []Entry{{ID: "early", Time: time.Unix(1, 0)}, {ID: "late", Time: time.Unix(2, 0)}}
	for _, longer := range []string{"early", "late"} {
		shorter := map[string]string{"early": "late", "late": "early"}[longer]
		pair := Pair{shorter, longer, Relation{Kind: Contained, Jaccard: 0.2, ContainmentAInB: 0.9, ContainmentBInA: 0.1}}
		groups, err := GroupPairs(entries, slices.Values([]Pair{pair}), Earliest)
		if err != nil {
			t.Fatal(err)
		}
		want := []Group{{Representative: longer, Members: []Match{
			{longer, Relation{Kind: Same, Reason: EachInOther, Jaccard: 1, ContainmentAInB: 1, ContainmentBInA: 1}},
			{shorter, Relation{Kind: Contains, Jaccard: 0.2, ContainmentAInB: 0.1, ContainmentBInA: 0.9}},
		}}}
		if diff := cmp.Diff(want, groups); diff != "" {
			t.Errorf("%s is the longer (-want +got):\n%s", longer, diff)
		}
	}
}

// A stub is in each of many articles. It joins the best of them and represents none, and so does a copy of the stub; where
// what contains it has gone into the group of another article, it stands by itself.
func TestGroupPairsStub(t *testing.T) {
	var entries []Entry
	var pairs []Pair
	add := func(id string, day int64) { entries = append(entries, Entry{ID: id, Time: time.Unix(day, 0)}) }
	relate := func(a, b string, kind Kind, j float64) {
		pairs = append(pairs, Pair{a, b, Relation{Kind: kind, Jaccard: j}})
	}
	add("stub", 1)
	add("stub2", 2)
	relate("stub2", "stub", Same, 1)
	for i := range 20 {
		id := fmt.Sprint("article", i)
		add(id, int64(10+i))
		relate("stub", id, Contained, 0.1+float64(i)/1000)
		relate(id, "stub2", Contains, 0.1+float64(i)/1000)
	}
	groups, err := GroupPairs(entries, slices.Values(pairs), Earliest)
	if err != nil {
		t.Fatal(err)
	}
	if len(groups) != 1 || groups[0].Representative != "article19" || !slices.Equal(ids(groups[0].Members), []string{"article19", "stub", "stub2"}) {
		t.Errorf("groups = %v, want the stubs with the article that they resemble most", groups)
	}

	add("first", 3) // article0 goes into its group, and the stub is not in it
	only := []Pair{{"stub", "article0", Relation{Kind: Contained, Jaccard: 0.1}}, {"first", "article0", Relation{Kind: Same, Jaccard: 0.7}}}
	groups, err = GroupPairs(entries, slices.Values(only), Earliest)
	if err != nil {
		t.Fatal(err)
	}
	if len(groups) != 1 || !slices.Equal(ids(groups[0].Members), []string{"first", "article0"}) {
		t.Errorf("groups = %v, want first with article0 alone", groups)
	}
}

// Containment in a circle, which no verdict gives but a file may have, ends.
func TestGroupPairsCircle(t *testing.T) {
	entries := []Entry{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	in := Relation{Kind: Contained, Jaccard: 0.1}
	groups, err := GroupPairs(entries, slices.Values([]Pair{{"a", "b", in}, {"b", "c", in}, {"c", "a", in}}), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		for _, m := range g.Members[1:] {
			if m.Kind != Contains {
				t.Errorf("%s stands for %s, which is %v", g.Representative, m.ID, m.Kind)
			}
		}
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
