package neardup

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup/shingle"
)

// whole is a configuration for texts that are lists of made-up words, where looking for prose is beside the point.
var whole = Config{Shingle: shingle.Config{View: shingle.Whole}}

// words returns n words made up from a seed.
func words(seed uint64, n int) []string {
	rng := rand.New(rand.NewPCG(1, seed))
	ws := make([]string, n)
	for i := range ws {
		ws[i] = fmt.Sprintf("w%x", rng.Uint32())
	}
	return ws
}

func made(seed uint64, n int) string { return strings.Join(words(seed, n), " ") }

// edited returns ws with every nth word replaced.
func edited(ws []string, nth int, seed uint64) []string {
	ws = slices.Clone(ws)
	with := words(seed, len(ws))
	for i := nth - 1; i < len(ws); i += nth {
		ws[i] = with[i]
	}
	return ws
}

func mustNew(t testing.TB, cfg Config) *Detector {
	t.Helper()
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mustAdd(t testing.TB, d *Detector, articles ...Article) {
	t.Helper()
	for _, a := range articles {
		if _, err := d.Add(a); err != nil {
			t.Fatal(err)
		}
	}
}

func mustGroups(t testing.TB, d *Detector, policy Policy) []Group {
	t.Helper()
	groups, err := d.Groups(t.Context(), policy)
	if err != nil {
		t.Fatal(err)
	}
	return groups
}

func mustComponents(t testing.TB, d *Detector, policy Policy) [][]string {
	t.Helper()
	components, err := d.Components(t.Context(), policy)
	if err != nil {
		t.Fatal(err)
	}
	return components
}

func mustPairs(t testing.TB, d *Detector) []Pair {
	t.Helper()
	var pairs []Pair
	for p, err := range d.Pairs(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, p)
	}
	return pairs
}

func ids(ms []Match) []string {
	out := []string{}
	for _, m := range ms {
		out = append(out, m.ID)
	}
	return out
}

func TestConfigErrors(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{Threshold: nan}, "Threshold is NaN"},
		{Config{Threshold: -0.5}, "Threshold is -0.5"},
		{Config{Threshold: 1.5}, "Threshold is 1.5"},
		{Config{Containment: nan}, "Containment is NaN"},
		{Config{Containment: 2}, "Containment is 2"},
		{Config{Recall: nan}, "Recall is NaN"},
		{Config{Recall: 1}, "Recall is 1"},
		{Config{K: -1}, "K is -1"},
		{Config{K: 4097}, "K is 4097"},
		{Config{MaxText: -1}, "MaxText is -1"},
		{Config{MaxCandidates: -1}, "MaxCandidates is -1"},
		{Config{Workers: -1}, "Workers is -1"},
		{Config{Shingle: shingle.Config{Size: -1}}, "Shingle: "},
	} {
		d, err := New(c.cfg)
		if err == nil || d != nil || !strings.HasPrefix(err.Error(), "neardup: "+c.want) {
			t.Errorf("New(%+v) = %v, want an error beginning %q", c.cfg, err, c.want)
		}
	}
	got := mustNew(t, Config{}).Config()
	want := Config{Threshold: 0.5, Containment: 0.75, Recall: 0.95, K: 128, MaxText: 16 << 20, MaxCandidates: 1000}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestAdd(t *testing.T) {
	for _, exact := range []bool{false, true} {
		cfg := whole
		cfg.BySignature = !exact
		d := mustNew(t, cfg)
		base := words(1, 400)
		mustAdd(t, d,
			Article{ID: "base", Text: strings.Join(base, " ")},
			Article{ID: "other", Text: made(2, 400)})
		near := strings.Join(edited(base, 60, 3), " ") // 6 edits spoil 30 of 396 shingles: J about 0.86
		ms, err := d.Add(Article{ID: "near", Text: near})
		if err != nil {
			t.Fatal(err)
		}
		if len(ms) != 1 || ms[0].ID != "base" || ms[0].Kind != Same || math.Abs(ms[0].Jaccard-0.86) > 0.12 {
			t.Errorf("exact=%v: Add(near) = %v, want base at about 0.86", exact, ms)
		}
		ms, err = d.Query(Article{Text: strings.Join(base, " ")})
		if err != nil || !slices.Equal(ids(ms), []string{"base", "near"}) || ms[0].Jaccard != 1 {
			t.Errorf("exact=%v: Query(base) = %v, %v; want base, near", exact, ms, err)
		}
		if n := d.Len(); n != 3 {
			t.Errorf("Len() = %d after a query, want 3", n)
		}
	}
}

func TestExactSimilarity(t *testing.T) {
	cfg := whole
	cfg.Threshold = 0.4
	d := mustNew(t, cfg)
	ws := words(1, 300)
	a, b := strings.Join(ws[:200], " "), strings.Join(ws[50:], " ")
	mustAdd(t, d, Article{ID: "a", Text: a})
	ms, err := d.Add(Article{ID: "b", Text: b})
	if err != nil || len(ms) != 1 {
		t.Fatalf("Add = %v, %v; want one match", ms, err)
	}
	fa, fb := shingle.NewSet(shingle.AppendWords(nil, a, 5)), shingle.NewSet(shingle.AppendWords(nil, b, 5))
	want := Match{"a", Relation{
		Kind: Same, Reason: ms[0].Reason, Jaccard: fa.Jaccard(fb), Shared: fa.Overlap(fb),
		ContainmentAInB: fb.Containment(fa), ContainmentBInA: fa.Containment(fb),
	}}
	if diff := cmp.Diff(want, ms[0]); diff != "" {
		t.Errorf("match (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	cfg := whole
	cfg.MaxText = 100
	d := mustNew(t, cfg)
	mustAdd(t, d, Article{ID: "a", Text: "one two three four five six"})
	for _, c := range []struct {
		a    Article
		want error
		text string
	}{
		{Article{Text: "x"}, ErrNoID, `neardup: article "": article has no ID`},
		{Article{ID: "a", Text: "x"}, ErrDuplicateID, `neardup: article "a": ID is taken`},
		{Article{ID: "b", Text: strings.Repeat("x", 101)}, ErrTooLong, `neardup: article "b": text is too long: 101 bytes, MaxText is 100`},
	} {
		_, err := d.Add(c.a)
		var ae *ArticleError
		if !errors.Is(err, c.want) || !errors.As(err, &ae) || err.Error() != c.text {
			t.Errorf("Add(%q) = %v, want %s", c.a.ID, err, c.text)
		}
	}
	if d.Len() != 1 {
		t.Errorf("Len() = %d, want 1", d.Len())
	}
	if _, err := d.Query(Article{Text: strings.Repeat("x", 101)}); !errors.Is(err, ErrTooLong) {
		t.Errorf("Query = %v, want ErrTooLong", err)
	}
}

func TestEmptyAndShort(t *testing.T) {
	d := mustNew(t, Config{})
	mustAdd(t, d,
		Article{ID: "empty"}, Article{ID: "also empty"}, Article{ID: "marks", Text: " …!? \n"},
		Article{ID: "short", Text: "Ferry cancelled"})
	ms, err := d.Add(Article{ID: "short again", Text: "FERRY, cancelled!"})
	if err != nil || !slices.Equal(ids(ms), []string{"short"}) {
		t.Errorf("Add = %v, %v; want short", ms, err)
	}
	ms, err = d.Query(Article{Text: "Ferry delayed"})
	if err != nil || len(ms) != 0 {
		t.Errorf("Query = %v, %v; want nothing", ms, err)
	}
	if ms, err = d.Query(Article{}); err != nil || len(ms) != 0 {
		t.Errorf("Query(empty) = %v, %v; want nothing", ms, err)
	}
	if gs := mustGroups(t, d, nil); len(gs) != 1 || len(gs[0].Members) != 2 {
		t.Errorf("Groups = %v, want the two short articles", gs)
	}
	if s := d.Stats(); s.Articles != 5 || s.Empty != 3 || s.Distinct != 1 {
		t.Errorf("Stats = %+v, want 5 articles, 3 empty, 1 distinct", s)
	}
}

func TestRemoveReplace(t *testing.T) {
	d := mustNew(t, whole)
	same := made(1, 100)
	mustAdd(t, d, Article{ID: "a", Text: same}, Article{ID: "b", Text: same}, Article{ID: "c", Text: same})
	if d.Remove("x") || !d.Remove("b") || d.Remove("b") {
		t.Error("Remove: want false, true, false")
	}
	ms, err := d.Replace(Article{ID: "a", Text: made(2, 100)})
	if err != nil || len(ms) != 0 {
		t.Errorf("Replace = %v, %v; want no match", ms, err)
	}
	if ms, _ = d.Query(Article{Text: same}); !slices.Equal(ids(ms), []string{"c"}) {
		t.Errorf("Query = %v, want c", ms)
	}
	d.Remove("c")
	if ms, _ = d.Query(Article{Text: same}); len(ms) != 0 {
		t.Errorf("Query = %v after all were removed", ms)
	}
	mustAdd(t, d, Article{ID: "c", Text: same})
	if ms, _ = d.Replace(Article{ID: "a", Text: same}); !slices.Equal(ids(ms), []string{"c"}) {
		t.Errorf("Replace = %v, want c", ms)
	}
	if d.Len() != 2 {
		t.Errorf("Len() = %d, want 2", d.Len())
	}
}

// TestChurn compares a detector after random changes with a new one that holds the same articles.
func TestChurn(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	d := mustNew(t, whole)
	held := map[string]Article{}
	var order []string
	steps := 8000
	if testing.Short() {
		steps = 4000
	}
	for range steps {
		id := fmt.Sprint(rng.IntN(40))
		a := Article{ID: id, Text: strings.Join(edited(words(rng.Uint64N(6), 60), 30, rng.Uint64N(3)), " ")}
		switch rng.IntN(3) {
		case 0:
			d.Remove(id)
			delete(held, id)
			order = slices.DeleteFunc(order, func(s string) bool { return s == id })
			continue
		case 1:
			if _, err := d.Replace(a); err != nil {
				t.Fatal(err)
			}
			order = slices.DeleteFunc(order, func(s string) bool { return s == id })
		default:
			if _, err := d.Add(a); (err != nil) != slices.Contains(order, id) {
				t.Fatalf("Add(%s) = %v", id, err)
			} else if err != nil {
				continue
			}
		}
		held[id] = a
		order = append(order, id)
	}
	fresh := mustNew(t, whole)
	for _, id := range order {
		mustAdd(t, fresh, held[id])
	}
	if diff := cmp.Diff(mustPairs(t, fresh), mustPairs(t, d)); diff != "" {
		t.Errorf("pairs (-fresh +churned):\n%s", diff)
	}
	if diff := cmp.Diff(mustGroups(t, fresh, nil), mustGroups(t, d, nil)); diff != "" {
		t.Errorf("groups (-fresh +churned):\n%s", diff)
	}
	if n := d.state.entries.n; n > 41 {
		t.Errorf("room for %d articles was made, where never more than 40 were held", n)
	}
	if n := d.state.texts.n; n > 41 {
		t.Errorf("room for %d texts was made, where never more than 40 were held", n)
	}
}

// family returns n articles: versions of a few texts, some of them copies.
func family(n int, seed uint64) []Article {
	rng := rand.New(rand.NewPCG(1, seed))
	out := make([]Article, n)
	for i := range out {
		base := words(rng.Uint64N(uint64(n/6+1)), 120)
		if rng.IntN(3) > 0 {
			base = edited(base, 6+rng.IntN(60), rng.Uint64())
		}
		if rng.IntN(8) == 0 {
			base = base[:40]
		}
		out[i] = Article{
			ID:     fmt.Sprintf("%d-%d", seed, i),
			Text:   strings.Join(base, " "),
			Source: fmt.Sprint("s", rng.IntN(4)),
			Time:   time.Unix(rng.Int64N(50), 0),
		}
		if rng.IntN(5) == 0 {
			out[i].Time = time.Time{}
		}
	}
	return out
}

func TestAddAllEqualsAdd(t *testing.T) {
	articles := family(600, 1)
	articles[100].ID = articles[7].ID
	articles[200].ID = ""
	articles[300].Text = strings.Repeat("long ", 1000)
	for _, workers := range []int{1, 2, 7} {
		for _, exact := range []bool{false, true} {
			cfg := whole
			cfg.MaxText, cfg.Workers, cfg.BySignature = 4000, workers, !exact
			one, all := mustNew(t, cfg), mustNew(t, cfg)
			var want []string
			for i, a := range articles {
				if _, err := one.Add(a); err != nil {
					want = append(want, fmt.Sprintf("%d %v", i, err))
				}
			}
			err := all.AddAll(context.Background(), slices.Values(articles))
			var got []string
			for _, err := range err.(interface{ Unwrap() []error }).Unwrap() {
				var ae *ArticleError
				if !errors.As(err, &ae) {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprintf("%d %v", ae.Index, err))
			}
			if diff := cmp.Diff(want, got); diff != "" || len(got) != 3 {
				t.Errorf("errors (-one +all):\n%s", diff)
			}
			if diff := cmp.Diff(mustPairs(t, one), mustPairs(t, all)); diff != "" {
				t.Errorf("workers=%d exact=%v: pairs (-one +all):\n%s", workers, exact, diff)
			}
		}
	}
}

func TestAddAllCancel(t *testing.T) {
	d := mustNew(t, whole)
	ctx, cancel := context.WithCancel(context.Background())
	pulled := 0
	err := d.AddAll(ctx, func(yield func(Article) bool) {
		for i := 0; ; i++ {
			if i == 1000 {
				cancel()
			}
			if !yield(Article{ID: fmt.Sprint(i), Text: made(uint64(i), 20)}) {
				return
			}
			pulled++
		}
	})
	if !errors.Is(err, context.Canceled) || d.Len() != 1000 || pulled != 1000 {
		t.Errorf("AddAll = %v with %d of %d added, want context.Canceled and 1000", err, d.Len(), pulled)
	}
}

func TestAddAllPanic(t *testing.T) {
	d := mustNew(t, whole)
	defer func() {
		if recover() != "stop" {
			t.Error("the panic of the sequence was lost")
		}
		if d.Len() != 0 {
			t.Logf("%d articles were added before", d.Len())
		}
		mustAdd(t, d, Article{ID: "after", Text: "the detector still works"})
	}()
	_ = d.AddAll(context.Background(), func(func(Article) bool) { panic("stop") })
}

func TestConcurrent(t *testing.T) {
	t.Run("exact", func(t *testing.T) { testConcurrent(t, whole) })
	t.Run("by signature", func(t *testing.T) {
		testConcurrent(t, Config{Shingle: whole.Shingle, BySignature: true})
	})
}

func testConcurrent(t *testing.T, cfg Config) {
	d := mustNew(t, cfg)
	articles := family(400, 2)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := g; i < len(articles); i += 4 {
				a := articles[i]
				if _, err := d.Add(a); err != nil {
					t.Error(err)
				}
				if _, err := d.Query(a); err != nil {
					t.Error(err)
				}
				if i%5 == 0 && !d.Remove(a.ID) {
					t.Errorf("%s was lost", a.ID)
				}
				if i%50 == g {
					if _, err := d.Groups(t.Context(), nil); err != nil {
						t.Error(err)
					}
					if _, err := d.Components(t.Context(), nil); err != nil {
						t.Error(err)
					}
					d.Explain(a, articles[0])
				}
			}
		}()
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		for range 10 {
			for range d.Pairs(t.Context()) {
			}
			d.Stats()
		}
	}()
	wg.Wait()
	if d.Len() != 320 {
		t.Errorf("Len() = %d, want 320", d.Len())
	}
}

func TestHotText(t *testing.T) {
	n := 5000
	if testing.Short() {
		n = 1500
	}
	d := mustNew(t, whole)
	same := made(1, 300)
	for i := range n {
		ms, err := d.Add(Article{ID: fmt.Sprintf("%05d", i), Text: same})
		if err != nil || len(ms) != min(i, 1000) {
			t.Fatalf("copy %d: %d matches, %v", i, len(ms), err)
		}
	}
	if s := d.Stats(); s.Distinct != 1 || s.Candidates > int64(n) {
		t.Errorf("Stats = %+v: the copies were compared with one another", s)
	}
	if gs := mustGroups(t, d, nil); len(gs) != 1 || len(gs[0].Members) != n {
		t.Errorf("%d groups, want one of %d", len(gs), n)
	}
	seen := 0
	for range d.Pairs(t.Context()) {
		if seen++; seen == 200000 {
			break
		}
	}
	if cs := mustComponents(t, d, nil); len(cs) != 1 || len(cs[0]) != n {
		t.Errorf("%d components, want one of %d", len(cs), n)
	}
}

// TestExcerpts looks for a tenth of an article, whichever of the two comes first.
func TestExcerpts(t *testing.T) {
	cfg := whole
	d := mustNew(t, cfg)
	const n = 60
	for i := range uint64(n) {
		ws := words(i, 1500)
		mustAdd(t, d, Article{ID: fmt.Sprint("full", i), Text: strings.Join(ws, " ")})
		if i%2 == 0 { // and the others, where their articles are not there
			ws = words(1000+i, 1500)
		}
		mustAdd(t, d, Article{ID: fmt.Sprint("part", i), Text: strings.Join(ws[400:550], " ")})
	}
	found := 0
	for i := range uint64(n) {
		ms, err := d.Query(Article{ID: fmt.Sprint("part", i), Text: strings.Join(words(i, 1500)[400:550], " ")})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ms {
			if m.ID == fmt.Sprint("full", i) && m.Kind == Contained && m.ContainmentAInB == 1 {
				found++
			}
		}
	}
	pairs := 0
	for _, p := range mustPairs(t, d) {
		if p.Kind != Contains || p.ContainmentBInA != 1 || p.A[4:] != p.B[4:] {
			t.Errorf("pair %+v", p)
		}
		pairs++
	}
	// 1-(15/16)^146 = 0.9999
	if found < n-1 || pairs < n/2-1 || pairs > n/2 {
		t.Errorf("%d of %d excerpts found, and %d pairs of %d", found, n, pairs, n/2)
	}
	d.Remove("full1")
	if ms, _ := d.Query(Article{Text: strings.Join(words(1, 1500)[400:550], " ")}); !slices.Equal(ids(ms), []string{"part1"}) {
		t.Errorf("after the article was removed: %v, want the excerpt alone", ms)
	}
}
