package neardup

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup/shingle"
)

// A universe is some texts, and how each two of them relate.
type universe struct {
	cfg   Config
	texts []string
	rel   [][]Relation
	canon []int // of each text: the first that has the same features
}

// universes has one for each setting. Its texts are versions of a few, excerpts, short ones, and some without words.
var universes = sync.OnceValue(func() []*universe {
	var out []*universe
	for _, bySignature := range []bool{false, true} {
		u := &universe{cfg: Config{Shingle: shingle.Config{View: shingle.Whole}, BySignature: bySignature, Templates: Templates{Off: true}}}
		for base := range uint64(4) {
			ws := words(base, 160)
			u.texts = append(u.texts, strings.Join(ws, " "), strings.ToUpper(strings.Join(ws, ", ")), strings.Join(ws[:90], " "),
				strings.Join(edited(ws, 40, base), " "), strings.Join(edited(ws, 11, base), " "), strings.Join(append(ws, words(base+9, 120)...), " "))
		}
		u.texts = append(u.texts, "", "…", "one word more", "one word")
		for _, a := range u.texts {
			u.canon = append(u.canon, slices.IndexFunc(u.texts, func(b string) bool { return maps.Equal(runs(a), runs(b)) }))
		}
		r, err := NewReader(u.cfg)
		if err != nil {
			panic(err)
		}
		var recs []*Record
		for _, text := range u.texts {
			rec, err := r.Read(text)
			if err != nil {
				panic(err)
			}
			recs = append(recs, rec)
		}
		for i := range recs {
			u.rel = append(u.rel, nil)
			for j := range recs {
				rel := r.Relate(recs[i], recs[j])
				switch {
				case rel.Kind == Different:
					rel = Relation{}
				case u.canon[i] == u.canon[j]:
					rel = twin(recs[i].sizes)
				}
				u.rel[i] = append(u.rel[i], rel)
			}
		}
		out = append(out, u)
	}
	return out
})

// TestUniverse compares the relations of the universe, exact ones, with what sets of strings say.
func TestUniverse(t *testing.T) {
	u := universes()[0]
	found := 0
	for i, a := range u.texts {
		for j, b := range u.texts {
			if got := u.rel[i][j].Flip(); got != u.rel[j][i] && u.rel[i][j].Kind != Same {
				t.Errorf("%d and %d: %+v one way, %+v the other", i, j, u.rel[i][j], u.rel[j][i])
			}
			x, y := runs(a), runs(b)
			both := 0
			for r := range x {
				if y[r] {
					both++
				}
			}
			want := Different
			switch n, m := float64(len(x)), float64(len(y)); {
			case both == 0:
			case float64(both) >= 0.5*(n+m-float64(both)):
				want = Same
			case both < 12:
			case n <= m && float64(both) >= 0.75*n:
				want = Contained
			case n > m && float64(both) >= 0.75*m:
				want = Contains
			}
			if got := u.rel[i][j]; got.Kind != want || want != Different && got.Shared != both {
				t.Errorf("%d and %d: %+v, want %v with %d shared", i, j, got, want, both)
			}
			if want != Different {
				found++
			}
		}
	}
	// All of that is found by a detector that holds one of the two.
	for _, u := range universes() {
		for j, b := range u.texts {
			d := mustNew(t, u.cfg)
			mustAdd(t, d, Article{ID: "b", Text: b})
			for i, a := range u.texts {
				ms, err := d.Query(Article{Text: a})
				if err != nil {
					t.Fatal(err)
				}
				var got Relation
				if len(ms) > 0 {
					got = ms[0].Relation
				}
				if got != u.rel[i][j] {
					t.Errorf("by signature %v, %d and %d: the detector says %+v, the reader %+v", u.cfg.BySignature, i, j, got, u.rel[i][j])
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("%d pairs only: the test shows little", found)
	}
}

// runs returns the runs of five words of a text, or all of it if it is shorter.
func runs(text string) map[string]bool {
	ws := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9') })
	out := map[string]bool{}
	for i := range ws {
		if i+5 <= len(ws) {
			out[strings.Join(ws[i:i+5], " ")] = true
		}
	}
	if len(ws) > 0 && len(ws) < 5 {
		out[strings.Join(ws, " ")] = true
	}
	return out
}

// A model is what a detector is to hold, as a list in the order of adding.
type model struct {
	*universe
	held []held
}

type held struct {
	id   string
	text int
	day  int // 0: no time
}

func (m *model) index(id string) int {
	return slices.IndexFunc(m.held, func(h held) bool { return h.id == id })
}

func (m *model) matches(text int, but string) []Match {
	var out []Match
	for _, h := range m.held {
		if r := m.rel[text][h.text]; r.Kind != Different && h.id != but {
			out = append(out, Match{h.id, r})
		}
	}
	slices.SortFunc(out, compareMatches)
	return out
}

func (m *model) remove(id string) bool {
	i := m.index(id)
	if i >= 0 {
		m.held = slices.Delete(m.held, i, i+1)
	}
	return i >= 0
}

func (m *model) pairs() []Pair {
	var out []Pair
	for j, b := range m.held {
		for _, a := range m.held[:j] {
			if r := m.rel[a.text][b.text]; r.Kind != Different {
				out = append(out, Pair{a.id, b.id, r})
			}
		}
	}
	return out
}

// groups follows the rule of Groups in the words of its documentation. Articles of one text go together.
func (m *model) groups() map[string][]string {
	copies := map[int][]string{} // by text, the first of those with the same features
	for _, h := range m.held {
		if len(runs(m.texts[h.text])) > 0 {
			copies[m.canon[h.text]] = append(copies[m.canon[h.text]], h.id)
		}
	}
	for _, list := range copies {
		slices.Sort(list)
	}
	order := slices.SortedFunc(maps.Keys(copies), func(a, b int) int { return strings.Compare(copies[a][0], copies[b][0]) })
	center := map[int]int{}
	best := map[int]Relation{}
	placed := func(t int) bool { _, ok := center[t]; return ok }
	stuck := map[int]bool{}
	var place func(t int, waiting map[int]bool)
	place = func(t int, waiting map[int]bool) {
		waiting[t] = true
		for _, c := range order {
			k := m.rel[t][c].Kind
			earlier := slices.Index(order, c) < slices.Index(order, t)
			if (k == Contained || k == Same && earlier) && !waiting[c] && !stuck[c] && !placed(c) && !placed(t) {
				place(c, waiting)
			}
		}
		delete(waiting, t)
		if placed(t) {
			return
		}
		if len(waiting) > 0 && slices.ContainsFunc(order, func(c int) bool { return m.rel[t][c].Kind == Contained && !placed(c) }) {
			stuck[t] = true
			return
		}
		center[t] = t
		for _, o := range order {
			r := m.rel[t][o]
			if o == t || placed(o) && center[o] == o || r.Kind != Same && r.Kind != Contains {
				continue
			}
			later := slices.Index(order, o) > slices.Index(order, t)
			if !placed(o) || compareRelations(r, best[o]) < 0 && (r.Kind == Contains || later) {
				center[o], best[o] = t, r
			}
		}
	}
	for _, t := range order {
		if !placed(t) {
			clear(stuck)
			place(t, map[int]bool{})
		}
	}
	out := map[string][]string{}
	for _, t := range order {
		head := copies[center[t]][0]
		for _, id := range copies[t] {
			if id != head {
				out[head] = append(out[head], id)
			}
		}
	}
	return out
}

// play does what a program says, two bytes for each step, to a detector and to a model, and compares them.
func play(t *testing.T, u *universe, program []byte) {
	ctx := context.Background()
	m := &model{universe: u}
	d := mustNew(t, u.cfg)
	check := func(what string, want, got any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-model +detector):\n%s", what, diff)
		}
	}
	for len(program) >= 3 {
		op, id, text := program[0]%16, fmt.Sprint("id", program[1]%16), int(program[2])%len(u.texts)
		day := int(program[1]) / 16
		program = program[3:]
		a := Article{ID: id, Text: u.texts[text], Source: fmt.Sprint("s", day%3)}
		if day > 0 {
			a.Time = time.Unix(int64(day), 0)
		}
		switch op {
		case 0, 1, 2, 3:
			got, err := d.Add(a)
			if taken := m.index(id) >= 0; taken != (err != nil) {
				t.Fatalf("Add(%s) = %v, taken is %v", id, err, taken)
			} else if taken {
				continue
			}
			check("Add", m.matches(text, ""), got)
			m.held = append(m.held, held{id, text, day})
		case 4, 5:
			got, err := d.Replace(a)
			if err != nil {
				t.Fatal(err)
			}
			m.remove(id)
			check("Replace", m.matches(text, ""), got)
			m.held = append(m.held, held{id, text, day})
		case 6, 7:
			if got, want := d.Remove(id), m.remove(id); got != want {
				t.Fatalf("Remove(%s) = %v, want %v", id, got, want)
			}
		case 8, 9:
			got, err := d.Query(a)
			if err != nil {
				t.Fatal(err)
			}
			check("Query", m.matches(text, id), got)
		case 10:
			n := len(m.held)
			m.held = slices.DeleteFunc(m.held, func(h held) bool { return h.day > 0 && h.day < day })
			got, err := d.RemoveBefore(ctx, time.Unix(int64(day), 0))
			if err != nil || got != n-len(m.held) {
				t.Fatalf("RemoveBefore = %d, %v, want %d", got, err, n-len(m.held))
			}
		case 11:
			d = mustLoad(t, encode(t, d))
		case 12:
			// Half of what is held is held by another detector, which is merged into a new one with the rest.
			rest, other := mustNew(t, u.cfg), mustNew(t, u.cfg)
			i := len(m.held) / 2
			for k, h := range m.held {
				a := Article{ID: h.id, Text: u.texts[h.text]}
				if h.day > 0 {
					a.Time = time.Unix(int64(h.day), 0)
				}
				mustAdd(t, map[bool]*Detector{true: rest, false: other}[k < i], a)
			}
			if i > 0 {
				mustAdd(t, other, Article{ID: m.held[0].id, Text: "is taken"})
			}
			err := rest.Merge(ctx, other)
			if (err != nil) != (i > 0) {
				t.Fatalf("Merge = %v with %d articles", err, i)
			}
			d = rest
		case 13:
			check("Pairs", m.pairs(), mustPairs(t, d))
		case 14:
			got := map[string][]string{}
			for _, g := range mustGroups(t, d, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) }) {
				for _, m := range g.Members[1:] {
					got[g.Representative] = append(got[g.Representative], m.ID)
				}
				slices.Sort(got[g.Representative])
			}
			want := m.groups()
			for _, list := range want {
				slices.Sort(list)
			}
			check("Groups", want, got)
		case 15:
			var want, got []string
			for _, h := range m.held {
				want = append(want, h.id)
			}
			for e := range d.Entries() {
				got = append(got, e.ID)
			}
			check("Entries", want, got)
		}
		if d.Len() != len(m.held) {
			t.Fatalf("Len() = %d, want %d", d.Len(), len(m.held))
		}
	}
	s := d.Stats()
	distinct, empty := map[int]bool{}, 0
	for _, h := range m.held {
		if len(runs(u.texts[h.text])) == 0 {
			empty++
		} else {
			distinct[h.text] = true
		}
	}
	if s.Empty != empty || s.Distinct > len(distinct) {
		t.Fatalf("Stats = %+v, want %d empty and at most %d distinct", s, empty, len(distinct))
	}
}

func TestModel(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 15
	}
	for i := range rounds {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		program := make([]byte, 3*300)
		for j := range program {
			program[j] = byte(r.Uint32())
		}
		play(t, universes()[i%2], program)
	}
}

func FuzzModel(f *testing.F) {
	r := rand.New(rand.NewPCG(2, 1))
	for n := range 20 {
		program := make([]byte, 3*(4+n))
		for j := range program {
			program[j] = byte(r.Uint32())
		}
		f.Add(n%2 == 0, program)
	}
	f.Fuzz(func(t *testing.T, bySignature bool, program []byte) {
		u := universes()[0]
		if bySignature {
			u = universes()[1]
		}
		play(t, u, program[:min(len(program), 3*24)])
	})
}

// TestModelConcurrent has goroutines change, ask and save a detector, each with articles of its own, and looks at what is left.
func TestModelConcurrent(t *testing.T) {
	each := time.Second
	if testing.Short() {
		each = 250 * time.Millisecond
	}
	if long, err := time.ParseDuration(os.Getenv("NEARDUP_MODEL_TIME")); err == nil {
		each = long
	}
	for _, u := range universes() {
		end := time.Now().Add(each)
		d := mustNew(t, u.cfg)
		other := mustNew(t, u.cfg)
		mustAdd(t, other, Article{ID: "merged", Text: u.texts[0]})
		var mu sync.Mutex
		want := map[string]int{}
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				r := rand.New(rand.NewPCG(3, uint64(g)))
				mine := map[string]int{}
				for i := 0; time.Now().Before(end); i++ {
					id, text := fmt.Sprint(g, "-", r.IntN(8)), r.IntN(len(u.texts))
					a := Article{ID: id, Text: u.texts[text], Source: fmt.Sprint(g)}
					switch r.IntN(9) {
					case 0, 1, 2:
						if _, err := d.Replace(a); err != nil {
							t.Error(err)
						}
						mine[id] = text
					case 3:
						_, ok := mine[id]
						if d.Remove(id) != ok {
							t.Errorf("Remove(%s) is %v", id, !ok)
						}
						delete(mine, id)
					case 4:
						ms, err := d.Query(Article{Text: u.texts[text]})
						if err != nil {
							t.Error(err)
						}
						for _, m := range ms {
							if have, ok := mine[m.ID]; ok && m.Relation != u.rel[text][have] {
								t.Errorf("%s is %+v, want %+v", m.ID, m.Relation, u.rel[text][have])
							}
						}
					case 5:
						if _, err := d.Groups(t.Context(), nil); err != nil {
							t.Error(err)
						}
					case 6:
						var b bytes.Buffer
						if _, err := d.WriteTo(&b); err != nil {
							t.Error(err)
						}
						if _, err := Load(&b); err != nil {
							t.Error(err)
						}
					case 7:
						for _, err := range d.Pairs(t.Context()) {
							if err != nil {
								t.Error(err)
							}
						}
					case 8:
						if g == 0 {
							d.Remove("merged")
						} else if err := d.Merge(t.Context(), other); err != nil && !strings.Contains(err.Error(), "taken") {
							t.Error(err)
						}
					}
				}
				mu.Lock()
				maps.Copy(want, mine)
				mu.Unlock()
			}()
		}
		wg.Wait()
		d.Remove("merged")
		if d.Len() != len(want) {
			t.Errorf("Len() = %d, want %d", d.Len(), len(want))
		}
		for p, err := range d.Pairs(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if r := u.rel[want[p.A]][want[p.B]]; r != p.Relation {
				t.Errorf("%s and %s are %+v, want %+v", p.A, p.B, p.Relation, r)
			}
		}
		if n := d.state.entries.n; n > 400 {
			t.Errorf("room for %d articles was made, where never more than 33 were held", n)
		}
		end = end.Add(time.Until(end) + 2*time.Second)
	}
}
