package neardup

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// checkGroups checks the guarantee that Groups documents.
func checkGroups(t *testing.T, d *Detector, articles []Article, groups []Group, policy Policy) {
	t.Helper()
	byID := map[string]Article{}
	for _, a := range articles {
		byID[a.ID] = a
	}
	entries := map[string]Entry{}
	for e := range d.Entries() {
		entries[e.ID] = e
	}
	// All pairs by their verdict, from queries rather than from the code of groups.
	pair := map[[2]string]Match{}
	for _, a := range articles {
		ms, err := d.Query(a)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ms {
			pair[[2]string{a.ID, m.ID}] = m
		}
	}
	contained := map[string]bool{}
	for ab, m := range pair {
		if m.Kind == Contained {
			contained[ab[0]] = true
		}
	}
	in := map[string]string{}
	reps := map[string]bool{}
	for _, g := range groups {
		if len(g.Members) < 2 || g.Members[0].ID != g.Representative {
			t.Fatalf("group %v: want two members, the representative first", g)
		}
		reps[g.Representative] = true
		for i, m := range g.Members {
			if in[m.ID] != "" {
				t.Errorf("%s is in two groups", m.ID)
			}
			in[m.ID] = g.Representative
			if i == 0 {
				continue
			}
			if want, ok := pair[[2]string{g.Representative, m.ID}]; !ok {
				t.Errorf("%s is in the group of %s but no match of it", m.ID, g.Representative)
			} else if diff := cmp.Diff(want, m); diff != "" {
				t.Errorf("member (-query +group):\n%s", diff)
			}
			if m.Kind != Same && m.Kind != Contains {
				t.Errorf("%s stands for %s, which is %v", g.Representative, m.ID, m.Kind.flip())
			}
			if m.Kind == Same && !contained[m.ID] && !contained[g.Representative] && policy(entries[g.Representative], entries[m.ID]) > 0 {
				t.Errorf("%s represents %s, which the policy prefers", g.Representative, m.ID)
			}
		}
	}
	for _, a := range articles {
		if in[a.ID] != "" {
			continue
		}
		reps[a.ID] = true // a group of one
	}
	for ab, m := range pair {
		if reps[ab[0]] && reps[ab[1]] {
			t.Errorf("%s and %s are %v and both stand", ab[0], ab[1], m.Kind)
		}
	}
}

func TestGroupsGuarantee(t *testing.T) {
	for _, exact := range []bool{false, true} {
		cfg := whole
		cfg.BySignature = !exact
		for seed := range uint64(3) {
			articles := family(300, seed)
			d := mustNew(t, cfg)
			mustAdd(t, d, articles...)
			for _, policy := range []Policy{Earliest, Longest, PreferSources("s2", "s1")} {
				checkGroups(t, d, articles, mustGroups(t, d, policy), policy)
			}
		}
	}
}

func TestChain(t *testing.T) {
	n, orders := 1000, 20
	if testing.Short() {
		n, orders = 200, 4
	}
	// A window of 200 words moves on by 20 words at a time: neighbors have J = 0.82, those more than 3 apart less than 0.5.
	ws := words(1, 200+20*n)
	articles := make([]Article, n)
	for i := range articles {
		articles[i] = Article{
			ID:   fmt.Sprintf("%04d", i),
			Text: strings.Join(ws[20*i:20*i+200], " "),
			Time: time.Unix(int64(i*7919%n), 0),
		}
	}
	var want []Group
	rng := rand.New(rand.NewPCG(1, 2))
	for order := range orders {
		for _, workers := range []int{1, 2} {
			cfg := whole
			cfg.Workers = workers
			d := mustNew(t, cfg)
			shuffled := slices.Clone(articles)
			rng.Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			if err := d.AddAll(context.Background(), slices.Values(shuffled)); err != nil {
				t.Fatal(err)
			}
			got := mustGroups(t, d, nil)
			if want == nil {
				want = got
				checkGroups(t, d, articles, got, Earliest)
				largest := 0
				for _, g := range got {
					largest = max(largest, len(g.Members))
				}
				if largest > 12 {
					t.Errorf("a group has %d members: the chain was followed", largest)
				}
				if cs := mustComponents(t, d, nil); len(cs) != 1 || len(cs[0]) != n {
					t.Errorf("%d components, want the whole chain", len(cs))
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("order %d, %d workers: groups (-first +this):\n%s", order, workers, diff)
			}
		}
	}
}

func TestPolicies(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 5, day, 0, 0, 0, 0, time.UTC) }
	ws := words(1, 200)
	articles := []Article{
		{ID: "undated", Source: "wire", Text: strings.Join(ws, " ")},
		{ID: "late", Source: "daily", Time: at(9), Text: strings.Join(ws[:190], " ")},
		{ID: "early", Source: "blog", Time: at(2), Text: strings.Join(ws[:170], " ")},
	}
	for _, c := range []struct {
		name   string
		policy Policy
		want   string
	}{
		{"nil", nil, "early"},
		{"earliest", Earliest, "early"},
		{"longest", Longest, "undated"},
		{"sources", PreferSources("daily", "wire"), "late"},
		{"no such source", PreferSources("x"), "early"},
		{"own", func(a, b Entry) int { return strings.Compare(b.ID, a.ID) }, "undated"},
	} {
		d := mustNew(t, whole)
		mustAdd(t, d, articles...)
		gs := mustGroups(t, d, c.policy)
		if len(gs) != 1 || gs[0].Representative != c.want || len(gs[0].Members) != 3 {
			t.Errorf("%s: Groups = %v, want one led by %s", c.name, gs, c.want)
		}
	}
}

func TestPairs(t *testing.T) {
	for _, n := range []int{0, 1, 2, 700} {
		articles := family(n, 5)
		d := mustNew(t, whole)
		var want []Pair
		for _, a := range articles {
			ms, err := d.Add(a)
			if err != nil {
				t.Fatal(err)
			}
			var ps []Pair
			for _, m := range ms {
				ps = append(ps, Pair{m.ID, a.ID, m.Flip()})
			}
			slices.SortFunc(ps, func(x, y Pair) int { return int(d.state.byID[x.A]) - int(d.state.byID[y.A]) })
			want = append(want, ps...)
		}
		if diff := cmp.Diff(want, mustPairs(t, d)); diff != "" {
			t.Errorf("n=%d: pairs (-matches of Add +Pairs):\n%s", n, diff)
		}
	}
}

func TestPairsWhileChanging(t *testing.T) {
	d := mustNew(t, whole)
	for i := range 3000 {
		mustAdd(t, d, Article{ID: fmt.Sprint(i), Text: made(uint64(i/2), 30)})
	}
	seen := 0
	for p, err := range d.Pairs(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		d.Remove(p.A) // the snapshot still has it
		mustAdd(t, d, Article{ID: "new" + p.A, Text: made(uint64(seen), 30)})
		d.Remove("new" + p.A)
		if seen == 2000 {
			t.Fatal("the same pairs come again")
		}
	}
	if seen != 1500 || d.Len() != 1500 {
		t.Errorf("%d pairs and %d articles left, want 1500 and 1500", seen, d.Len())
	}
}

// TestManyVersions has thousands of versions of one text, which all share buckets.
func TestManyVersions(t *testing.T) {
	n := 1500
	if testing.Short() {
		n = 600
	}
	d := mustNew(t, whole)
	base := words(1, 200)
	for i := range n {
		mustAdd(t, d, Article{ID: fmt.Sprint(i), Text: strings.Join(edited(base, 150, uint64(i)+2), " ")})
	}
	before := d.Stats().Candidates
	gs := mustGroups(t, d, nil)
	if len(gs) != 1 || len(gs[0].Members) != n {
		t.Errorf("%d groups, want one of %d", len(gs), n)
	}
	if c := d.Stats().Candidates - before; c > int64(300*n) {
		t.Errorf("Groups compared %d candidates for %d articles", c, n)
	}
	r := d.Inspect(gs[0])
	if !r.Bound == (n > 512) || r.Diameter <= 0 || r.Diameter > 0.4 || len(r.Edges) < n-1 {
		t.Errorf("Inspect = %v %v with %d edges", r.Diameter, r.Bound, len(r.Edges))
	}
}

func TestInspect(t *testing.T) {
	cfg := whole
	d := mustNew(t, cfg)
	ws := words(1, 304)
	// 200-word windows: a is in the middle, 50 words from b and c, which are 100 words apart.
	mustAdd(t, d,
		Article{ID: "a", Text: strings.Join(ws[50:254], " ")},
		Article{ID: "b", Text: strings.Join(ws[0:204], " ")},
		Article{ID: "c", Text: strings.Join(ws[100:304], " ")},
		Article{ID: "copy", Text: strings.Join(ws[100:304], " ")})
	gs := mustGroups(t, d, func(x, y Entry) int { return strings.Compare(x.ID, y.ID) })
	if len(gs) != 1 {
		t.Fatalf("Groups = %v, want one", gs)
	}
	d.Remove("copy")
	got := d.Inspect(gs[0])
	// 200 shingles each; 150 of 250 shared with a, 100 of 300 between b and c.
	third := 1.0 / 3
	same := Relation{Kind: Same, Reason: got.Edges[0].Reason, Jaccard: 0.6, ContainmentAInB: 0.75, ContainmentBInA: 0.75, Shared: 150}
	want := Report{Diameter: 1 - third, Edges: []Pair{{"a", "b", same}, {"a", "c", same}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Inspect (-want +got):\n%s", diff)
	}
}

func TestGroupsOrder(t *testing.T) {
	for _, exact := range []bool{false, true} {
		cfg := whole
		cfg.BySignature = !exact
		articles := family(300, 7)
		var groups []Group
		var components [][]string
		rng := rand.New(rand.NewPCG(1, 3))
		for range 5 {
			d := mustNew(t, cfg)
			mustAdd(t, d, articles...)
			if groups == nil {
				groups, components = mustGroups(t, d, Longest), mustComponents(t, d, Longest)
			}
			if diff := cmp.Diff(groups, mustGroups(t, d, Longest)); diff != "" {
				t.Fatalf("exact=%v: groups (-first +this):\n%s", exact, diff)
			}
			if diff := cmp.Diff(components, mustComponents(t, d, Longest)); diff != "" {
				t.Fatalf("exact=%v: components (-first +this):\n%s", exact, diff)
			}
			rng.Shuffle(len(articles), func(i, j int) { articles[i], articles[j] = articles[j], articles[i] })
		}
	}
}
