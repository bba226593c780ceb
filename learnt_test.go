package neardup

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/neardup/neardup/internal/sitetext"
)

// A press prints the pages of a few sources, each under a wall of its own.
type press struct {
	writer
	walls [][]string
	n     int // pages
}

func newPress(seed uint64) *press {
	p := &press{writer: writer{r: rand.New(rand.NewPCG(11, seed)), seed: 1000 + seed}}
	for i := range 4 {
		p.walls = append(p.walls, p.fresh(4+6*i))
	}
	return p
}

// page returns a page that was not printed yet: most have a text of their own.
func (p *press) page() Article {
	p.n++
	at := p.r.IntN(len(p.walls) + 1)
	var body []string
	if p.r.IntN(4) > 0 {
		body = p.fresh(2 + p.r.IntN(5))
	} else {
		body = p.body()
	}
	p.articles = append(p.articles, body)
	a := Article{ID: fmt.Sprint("page ", p.n), Time: time.Unix(int64(p.n), 0), Text: paragraphs(body)}
	if at < len(p.walls) {
		a.Source = fmt.Sprint("site ", at)
		a.Text += "\n\n" + paragraphs(p.walls[at])
	}
	return a
}

// TestSavedGoesOn gives one sequence of changes and queries to two detectors, of which one is saved and read back again and again.
// All their answers are the same, and in the end what they save.
func TestSavedGoesOn(t *testing.T) {
	seeds, steps := uint64(4), 400
	if testing.Short() {
		seeds = 2
	}
	for name, cfg := range map[string]Config{
		"exact":        {},
		"few matches":  {MaxCandidates: 3},
		"by signature": {BySignature: true},
	} {
		t.Run(name, func(t *testing.T) {
			var matches, models, hits int
			for seed := range seeds {
				n, d := goOn(t, cfg, seed, steps)
				matches += n
				for i := range d.state.sources {
					if s := &d.state.sources[i]; s.model != nil {
						models++
						hits += s.hits
					}
				}
			}
			if matches < 20*int(seeds) || cfg.learns() && (models < int(seeds) || hits < 5*int(seeds)) {
				t.Errorf("%d matches, %d models after %d hits: the test shows little", matches, models, hits)
			}
		})
	}
}

// goOn returns how many matches there were, and the detector that was never saved.
func goOn(t *testing.T, cfg Config, seed uint64, steps int) (matches int, never *Detector) {
	p := newPress(seed)
	r := p.r
	ctx := t.Context()
	never, often := mustNew(t, cfg), mustNew(t, cfg)
	var printed []Article
	old := func() Article { return printed[r.IntN(len(printed))] }
	for step := range steps {
		if len(printed) < 5 {
			printed = append(printed, p.page())
		}
		var do func(d *Detector) any
		answer := func(ms []Match, err error) any { return fmt.Sprint(ms, err) }
		switch op := r.IntN(24); op {
		case 0, 1, 2, 3, 4, 5, 6, 7:
			a := p.page()
			printed = append(printed, a)
			do = func(d *Detector) any { return answer(d.Add(a)) }
		case 8, 9: // a copy, that another source may have
			a := old()
			a.ID, a.Time = fmt.Sprint("copy ", step), time.Unix(int64(p.n), 0)
			if r.IntN(2) == 0 {
				a.Source = fmt.Sprint("site ", r.IntN(len(p.walls)))
			}
			printed = append(printed, a)
			do = func(d *Detector) any { return answer(d.Add(a)) }
		case 10, 11:
			a := old()
			if op == 10 {
				a.Text, a.Source = old().Text, old().Source
			}
			do = func(d *Detector) any { return answer(d.Replace(a)) }
		case 12, 13, 14, 15:
			a := old()
			do = func(d *Detector) any { return d.Remove(a.ID) }
		case 16:
			before := time.Unix(int64(r.IntN(p.n+1)), 0)
			if r.IntN(3) > 0 {
				before = time.Unix(int64(p.n-40), 0)
			}
			do = func(d *Detector) any { return fmt.Sprint(d.RemoveBefore(ctx, before)) }
		case 17, 18:
			var list []Article
			for range r.IntN(12) {
				list = append(list, p.page())
			}
			printed = append(printed, list...)
			if op == 17 {
				do = func(d *Detector) any { return d.AddAll(ctx, slices.Values(list)) }
				break
			}
			other := mustNew(t, cfg)
			mustAdd(t, other, list...)
			do = func(d *Detector) any { return d.Merge(ctx, other) }
		case 19: // what is removed while somebody looks on is freed later, and may come again before that
			var again []Article
			for range 1 + r.IntN(4) {
				again = append(again, old())
			}
			gone := again
			if r.IntN(4) == 0 { // all of a source
				gone = slices.DeleteFunc(slices.Clone(printed), func(a Article) bool { return a.Source != again[0].Source })
			}
			v, err := never.snapshot(ctx)
			if err != nil {
				t.Fatal(err)
			}
			do = func(d *Detector) any {
				for _, a := range gone {
					d.Remove(a.ID)
				}
				err := d.AddAll(ctx, slices.Values(again))
				if d == never {
					v.release()
				}
				return err
			}
		case 20:
			b := encode(t, often)
			if got := encode(t, never); !bytes.Equal(b, got) {
				t.Fatalf("seed %d, step %d: %d bytes are saved, and %d others where it was never read back", seed, step, len(b), len(got))
			}
			often = mustLoad(t, b)
			checkState(t, often)
			continue
		default:
			a := old()
			if r.IntN(4) == 0 {
				a = p.page()
			}
			do = func(d *Detector) any {
				ms, err := d.Query(a)
				matches += len(ms)
				return answer(ms, err)
			}
		}
		if want, got := do(never), do(often); fmt.Sprint(want) != fmt.Sprint(got) {
			t.Fatalf("seed %d, step %d: what was read back says\n%v, want\n%v", seed, step, got, want)
		}
	}
	checkState(t, never)
	if !bytes.Equal(encode(t, often), encode(t, never)) {
		t.Errorf("seed %d: other bytes are saved in the end", seed)
	}
	return matches, never
}

// checkState compares what a state counts and lists with what its articles say.
func checkState(t *testing.T, d *Detector) {
	t.Helper()
	s := d.state
	var held []uint32
	for _, at := range s.byID {
		held = append(held, at)
	}
	slices.SortFunc(held, func(a, b uint32) int { return cmp.Compare(s.entries.at(a).added, s.entries.at(b).added) })
	ofText, ofSource := map[uint32][]uint32{}, map[uint32][]uint32{}
	for _, at := range held {
		e := s.entries.at(at)
		ofSource[e.source] = append(ofSource[e.source], at)
		if e.text != none {
			ofText[e.text] = append(ofText[e.text], at)
		}
	}
	for text, list := range ofText {
		want := s.entries.at(list[0]).source
		for _, at := range list {
			if s.entries.at(at).source != want {
				want = many
			}
		}
		if got := s.sourceOf(s.texts.at(text)); got != want {
			t.Fatalf("text %d is of source %d, want %d", text, got, want)
		}
	}
	for at := range s.sources {
		src, list := &s.sources[at], ofSource[uint32(at)]
		if int(src.live) != len(list) {
			t.Fatalf("source %d has %d articles, want %d", at, src.live, len(list))
		}
		if len(list) == 0 && (src.hits > 0 || src.next > 0 || src.model != nil) || len(src.recent) > learnRecent || len(src.alike) > learnHits {
			t.Fatalf("source %d of %d articles knows %+v", at, len(list), src.site)
		}
		for _, l := range []latest{src.recent, src.alike} {
			for i, e := range l {
				if !slices.Contains(list, e) || i > 0 && s.entries.at(e).added <= s.entries.at(l[i-1]).added {
					t.Fatalf("article %d of source %d is not held, or out of order", e, at)
				}
			}
		}
		for _, e := range src.recent {
			for _, first := range ofText[s.entries.at(e).text] {
				if s.entries.at(first).source == uint32(at) {
					if first != e {
						t.Fatalf("article %d of source %d is not the first of its text", e, at)
					}
					break
				}
			}
		}
	}
}

// Which of equal matches are beyond MaxCandidates does not depend on the numbers that texts have.
func TestSavedTies(t *testing.T) {
	d := mustNew(t, Config{MaxCandidates: 3, Templates: Templates{Off: true}})
	text := made(1, 80)
	mustAdd(t, d, Article{ID: "first", Text: made(2, 80)}, Article{ID: "a", Text: text + " alpha"}, Article{ID: "a2", Text: text + " alpha"})
	d.Remove("first")
	mustAdd(t, d, Article{ID: "b", Text: text + " beta"}, Article{ID: "b2", Text: text + " beta"})
	for name, d := range map[string]*Detector{"saved": d, "read": mustLoad(t, encode(t, d))} {
		ms, err := d.Query(Article{Text: text})
		if got := ids(ms); err != nil || !slices.Equal(got, []string{"a", "a2", "b"}) {
			t.Errorf("%s: %v, %v, want a, a2 and b", name, got, err)
		}
	}
}

// A source learns from a text as long as it has an article of it, whichever is removed first.
func TestLatestCopies(t *testing.T) {
	text := made(1, 50)
	for _, gone := range [][]string{nil, {"1"}, {"1", "2"}, {"2", "1"}, {"3"}, {"1", "2", "3"}, {"3", "1", "2"}} {
		d := mustNew(t, Config{})
		for i := range 20 {
			mustAdd(t, d, Article{ID: fmt.Sprint("before ", i), Source: "b", Text: text})
		}
		for _, id := range []string{"1", "2", "3"} {
			mustAdd(t, d, Article{ID: id, Source: "a", Text: text}, Article{ID: "b" + id, Source: "b", Text: text},
				Article{ID: "other " + id, Source: "a", Text: made(9, 50) + " " + id})
		}
		for _, id := range gone {
			d.Remove(id)
		}
		var got []string
		for _, at := range d.state.sources[d.state.bySource["a"]].recent {
			got = append(got, d.state.entries.at(at).id)
		}
		want := []string{"1", "other 1", "2", "other 2", "3", "other 3"}
		want = slices.DeleteFunc(want, func(id string) bool { return slices.Contains(gone, id) })
		first := true
		want = slices.DeleteFunc(want, func(id string) bool { // of the copies, the first
			drop := len(id) == 1 && !first
			first = first && len(id) > 1
			return drop
		})
		if !slices.Equal(got, want) {
			t.Errorf("without %v: %v, want %v", gone, got, want)
		}
		checkState(t, d)
	}
}

// TestSavedLatest saves a source of more articles than it learns from.
func TestSavedLatest(t *testing.T) {
	n := learnRecent + 200
	if testing.Short() {
		n = learnRecent + 20
	}
	never := mustNew(t, Config{})
	var often *Detector
	for i, text := range walledPages(n) {
		a := Article{ID: fmt.Sprint(i), Source: "shop", Text: text}
		want, err := never.Add(a)
		if err != nil {
			t.Fatal(err)
		}
		if i == learnRecent-10 {
			often = mustLoad(t, encode(t, never))
			continue
		}
		if often == nil {
			continue
		}
		if got, err := often.Add(a); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("article %d: %v, %v, want %v", i, got, err, want)
		}
		if i%50 == 0 {
			if never.Remove(fmt.Sprint(i-70)) != often.Remove(fmt.Sprint(i-70)) {
				t.Fatalf("article %d is removed from one of them", i-70)
			}
		}
	}
	site := &never.state.sources[0].site
	if len(site.recent) > learnRecent || len(site.recent) < learnRecent-10 || len(site.alike) == 0 || site.model == nil {
		t.Errorf("%d recent, %d alike, model of %d: the test shows little", len(site.recent), len(site.alike), site.model.Len())
	}
	if !bytes.Equal(encode(t, never), encode(t, often)) {
		t.Error("other bytes are saved in the end")
	}
	checkState(t, often)
}

// changing is a context that calls f once, when it is asked for its error.
type changing struct {
	context.Context
	f func()
}

func (c *changing) Err() error {
	if f := c.f; f != nil {
		c.f = nil
		f()
	}
	return c.Context.Err()
}

// What is saved of sources is what was known when the saving began, whatever is learnt meanwhile.
func TestSaveWhileLearning(t *testing.T) {
	pages := walledPages(40)
	d := mustNew(t, Config{})
	add := func(from, to int) {
		for i := from; i < to; i++ {
			mustAdd(t, d, Article{ID: fmt.Sprint(i), Source: fmt.Sprint("site ", i%2), Text: pages[i]})
		}
	}
	add(0, 24)
	want := encode(t, d)
	var b bytes.Buffer
	_, err := d.save(&changing{t.Context(), func() {
		add(24, 40)
		for i := range 12 {
			d.Remove(fmt.Sprint(2 * i)) // of one source all are gone but those that came meanwhile
		}
	}}, &b)
	if err != nil || !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%v; other bytes are saved than there were at first: %v", err, !bytes.Equal(b.Bytes(), want))
	}
	if bytes.Equal(encode(t, d), want) {
		t.Error("nothing has changed: the test shows nothing")
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := d.save(&changing{ctx, cancel}, &b); err == nil || len(d.state.saving) > 0 {
		t.Errorf("%v; %d snapshots are still to see sites", err, len(d.state.saving))
	}
}

// What no detector knows of a source is not read.
func TestLoadMalformedSites(t *testing.T) {
	for name, damage := range map[string]func(s *state){
		"never learnt, and a model":   func(s *state) { s.sources[0].next = 0 },
		"too many hits":               func(s *state) { s.sources[0].hits = maxHits + 1 },
		"learns too late":             func(s *state) { s.sources[0].next = maxHits/2*3 + 1 },
		"learns from an empty text":   func(s *state) { s.sources[0].recent.add(s.byID["empty"], learnRecent) },
		"learns from no source":       func(s *state) { s.sources[1].alike.add(s.byID["free"], learnHits) },
		"learns from too many alike":  func(s *state) { s.sources[0].alike = s.sources[0].recent[:learnHits+1] },
		"features are not of 24 bits": func(s *state) { s.sources[0].model = sitetext.NewModel([]uint32{1, 1<<24 - 1, 1 << 23}) },
	} {
		d := mustNew(t, Config{})
		for i := range uint64(learnHits + 1) {
			mustAdd(t, d, Article{ID: fmt.Sprint(i), Source: "a", Text: made(i, 8)})
		}
		mustAdd(t, d, Article{ID: "free", Text: made(1000, 8)}, Article{ID: "empty", Source: "a"})
		d.state.sources[0].learnt(sitetext.NewModel([]uint32{1, 2, 3}))
		if _, err := Load(bytes.NewReader(encode(t, d))); err != nil {
			t.Fatal(err)
		}
		damage(d.state)
		b := encode(t, d)
		if name == "features are not of 24 bits" {
			b = outOfRange(t, b)
		}
		if _, err := Load(bytes.NewReader(b)); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v, want ErrCorrupt", name, err)
		}
	}
}

// outOfRange raises the largest feature of a model, which is the only place where these bytes stand.
func outOfRange(t *testing.T, b []byte) []byte {
	raw := payload(t, b)
	at := bytes.Index(raw, []byte{0, 0, 0x80, 0, 0xff, 0xff, 0xff, 0})
	if at < 0 {
		t.Fatal("the model is not there")
	}
	raw[at+7] = 1
	e := detectorFormat.NewAppender(nil, len(raw))
	e.Raw(raw)
	out, err := e.Appended()
	if err != nil {
		t.Fatal(err)
	}
	return out
}
