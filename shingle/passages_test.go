package shingle

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// checkPassages checks what holds of the passages of any two texts. The tokens
// between byte s and byte e of a text are taken from its own words, which is
// not how they are found.
func checkPassages(t *testing.T, a, b string, minTokens int) []Passage {
	t.Helper()
	prefix := Passage{AStart: -1}
	got := AppendPassages([]Passage{prefix}, a, b, minTokens)
	if got[0] != prefix {
		t.Fatal("dst was changed")
	}
	got = got[1:]
	ta, tb := appendTokens(nil, a), appendTokens(nil, b)
	index := func(toks []token, start, end int) (lo, hi int) {
		lo = slices.IndexFunc(toks, func(k token) bool { return k.start == start })
		for hi = lo; hi < len(toks) && toks[hi].end <= end; hi++ {
		}
		return lo, hi
	}
	// The tokens of one character, such as ½, count for one.
	width := func(toks []token) (n int) {
		for i := range toks {
			if i == 0 || toks[i].start >= toks[i-1].end {
				n++
			}
		}
		return n
	}
	usedA, usedB := make([]bool, len(ta)), make([]bool, len(tb))
	end := 0
	type span struct{ ai, aj, bi, bj int }
	var spans []span
	for _, p := range got {
		if p.AStart < end {
			t.Fatalf("%+v begins before byte %d", p, end)
		}
		end = p.AEnd
		ai, aj := index(ta, p.AStart, p.AEnd)
		bi, bj := index(tb, p.BStart, p.BEnd)
		if ai < 0 || bi < 0 || ta[aj-1].end != p.AEnd || tb[bj-1].end != p.BEnd {
			t.Fatalf("%+v does not begin and end with tokens", p)
		}
		if p.Tokens != width(ta[ai:aj]) || p.Tokens < max(minTokens, 1) {
			t.Fatalf("%+v has %d tokens", p, width(ta[ai:aj]))
		}
		if !slices.EqualFunc(ta[ai:aj], tb[bi:bj], func(x, y token) bool { return x.hash == y.hash }) {
			t.Fatalf("%+v: %q, %q", p, a[p.AStart:p.AEnd], b[p.BStart:p.BEnd])
		}
		for i := ai; i < aj; i++ {
			usedA[i] = true
		}
		for j := bi; j < bj; j++ {
			if usedB[j] {
				t.Fatalf("%+v overlaps another passage in b", p)
			}
			usedB[j] = true
		}
		spans = append(spans, span{ai, aj, bi, bj})
	}
	for k, s := range spans { // maximal
		if s.ai > 0 && s.bi > 0 && !usedA[s.ai-1] && !usedB[s.bi-1] && ta[s.ai-1].hash == tb[s.bi-1].hash &&
			ta[s.ai-1].end <= ta[s.ai].start && tb[s.bi-1].end <= tb[s.bi].start &&
			(s.ai == 1 || ta[s.ai-2].end <= ta[s.ai-1].start) && (s.bi == 1 || tb[s.bi-2].end <= tb[s.bi-1].start) {
			t.Fatalf("%+v goes on to the left", got[k])
		}
		if s.aj < len(ta) && s.bj < len(tb) && !usedA[s.aj] && !usedB[s.bj] && ta[s.aj].hash == tb[s.bj].hash &&
			ta[s.aj].start >= ta[s.aj-1].end && tb[s.bj].start >= tb[s.bj-1].end &&
			(s.aj+1 == len(ta) || ta[s.aj+1].start >= ta[s.aj].end) && (s.bj+1 == len(tb) || tb[s.bj+1].start >= tb[s.bj].end) {
			t.Fatalf("%+v goes on to the right", got[k])
		}
	}
	return got
}

// passagesOracle is the definition: from left to right in a, the longest run of
// words that starts there and is free in b, found by trying everything; the
// place that continues the passage before wins, then the first.
func passagesOracle(a, b []string, w int) (runs [][3]int) {
	used := make([]bool, len(b))
	cont := 0
	for i := 0; i < len(a); {
		n, at := 0, -1
		try := func(j int) {
			k := 0
			for i+k < len(a) && j+k < len(b) && !used[j+k] && a[i+k] == b[j+k] {
				k++
			}
			if k >= w && k > n {
				n, at = k, j
			}
		}
		if cont < len(b) {
			try(cont)
		}
		for j := range b {
			try(j)
		}
		if at < 0 {
			i++
			cont++
			continue
		}
		for k := range n {
			used[at+k] = true
		}
		runs = append(runs, [3]int{i, at, n})
		i, cont = i+n, at+n
	}
	return runs
}

func TestPassagesOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	random := func(n, words int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = string(rune('a' + rng.IntN(words)))
		}
		return out
	}
	for range 4000 {
		words := 2 + rng.IntN(20)
		a, b := random(rng.IntN(40), words), random(rng.IntN(15), words)
		w := 1 + rng.IntN(4)
		ta, tb := strings.Join(a, " "), strings.Join(b, " ")
		var got [][3]int
		for _, p := range checkPassages(t, ta, tb, w) {
			got = append(got, [3]int{p.AStart / 2, p.BStart / 2, p.Tokens})
		}
		if diff := cmp.Diff(passagesOracle(a, b, w), got); diff != "" {
			t.Fatalf("%s | %s, w = %d (-want +got):\n%s", ta, tb, w, diff)
		}
	}
}

func TestPassages(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		min        int
		want       []Passage
	}{
		{"empty", "", "", 1, nil},
		{"one-empty", "a b c", "", 1, nil},
		{"too-short", "a b c", "a b c", 4, nil},
		{"equal", "a b c", "a b c", 3, []Passage{{0, 5, 0, 5, 3}}},
		{"zero-is-one", "a", "a", 0, []Passage{{0, 1, 0, 1, 1}}},
		{"folded", "A, b - C!", "(a B c)", 2, []Passage{{0, 8, 1, 6, 3}}},
		{"moved", "a b c d e f", "d e f a b c", 3, []Passage{{0, 5, 6, 11, 3}, {6, 11, 0, 5, 3}}},
		{"twice-in-a", "a b c x a b c", "a b c", 3, []Passage{{0, 5, 0, 5, 3}}},
		{"one-word-changed", "a b c d e f g", "a b c X e f g", 3, []Passage{{0, 5, 0, 5, 3}, {8, 13, 8, 13, 3}}},
		{"chinese", "他说，桥关了。", "桥关了！", 3, []Passage{{9, 18, 0, 9, 3}}},
		{"half", "a ½ b", "a ½ b", 3, []Passage{{0, 6, 0, 6, 3}}},
		{"soft-hyphen", "bridge was shut", "brid\u00adge was shut", 3, []Passage{{0, 15, 0, 17, 3}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, AppendPassages(nil, c.a, c.b, c.min)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkPassages(t, c.a, c.b, c.min)
		})
	}
}

// TestPassagesHostile checks that texts which repeat themselves take linear
// time: quadratic time would be hours.
func TestPassagesHostile(t *testing.T) {
	n := 200_000
	if testing.Short() {
		n = 50_000
	}
	one := strings.Repeat("a ", n)
	two := strings.Repeat("a b ", n/2)
	most := strings.Repeat("a a a a a a a a a a a a a a a b ", n/16)
	for _, c := range []struct{ name, a, b string }{
		{"same-word", one, one},
		{"shorter", one, one[:n]},
		{"longer", one[:n], one},
		{"two-words", two, one},
		{"pattern", most, one},
		{"patterns", most, two + most},
		{"text", strings.Repeat(pageEnglish, n/400), strings.Repeat(pageEnglish[100:], n/400)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := AppendPassages(nil, c.a, c.b, 8)
			sum := 0
			for _, p := range got {
				sum += p.Tokens
			}
			if limit := min(len(c.a), len(c.b)); sum > limit {
				t.Errorf("%d tokens in passages of texts of %d bytes", sum, limit)
			}
		})
	}
}

// TestShingleView checks that the passages of a view lie in the blocks that it
// keeps, and that a dropped block ends them.
func TestPassagesView(t *testing.T) {
	r := pageRows[0]
	a := strings.Join(r.before, "\n") + "\n\n" + strings.Join(r.body, "\n\n") + "\n\n" + strings.Join(r.after, "\n")
	b := strings.Join(r.before, "\n") + "\n\n" + strings.Join(r.body[:2], "\n\n") + "\n\n" + strings.Repeat(strings.Join(r.after, "\n")+"\n", 3) +
		"\n\n" + r.body[2] + "\n\n" + strings.Join(r.after, "\n")
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range s.AppendPassages(nil, a, b, 8) {
		got = append(got, b[p.BStart:p.BEnd])
	}
	want := []string{strings.TrimSuffix(r.body[0]+"\n\n"+r.body[1], "."), strings.TrimSuffix(r.body[2], ".")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("prose (-want +got):\n%s", diff)
	}
	s, err = New(Config{View: Whole})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(AppendPassages(nil, a, b, 8), s.AppendPassages(nil, a, b, 8)); diff != "" {
		t.Errorf("whole (-function +method):\n%s", diff)
	}
}

func FuzzPassages(f *testing.F) {
	f.Add("a b c d", "b c d e", 2)
	f.Add(pageEnglish, pageEnglish[200:], 8)
	f.Add("½ ½ ﷺ a\u0301", "½ ﷺ á ½", 1)
	f.Add("\xc20½ ﷺ", "½ ﷺ á ½", 1)
	f.Add(pageChinese, "\xff"+pageChinese[300:], 5)
	f.Fuzz(func(t *testing.T, a, b string, minTokens int) {
		checkPassages(t, a, b, minTokens)
	})
}
