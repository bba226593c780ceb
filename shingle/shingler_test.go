package shingle

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

// configs are Shinglers of every unit and view.
var configs = []Config{
	{},
	{View: Whole},
	{Unit: Char, Size: 4},
	{Unit: Char, Size: 9, View: Whole},
	{Unit: Anchored},
	{Unit: Anchored, Size: 2, Distance: 2, View: Whole},
	{Unit: Anchored, Anchors: []string{"De", "été", "的"}, View: Whole},
	{Size: 1, View: Whole, FoldDiacritics: true},
	{Size: math.MaxInt, View: Whole},
}

func newShingler(t testing.TB, cfg Config) *Shingler {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNewErrors(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{Unit: 3}, "shingle: Unit is 3, want Word, Char or Anchored"},
		{Config{View: 2}, "shingle: View is 2, want Prose or Whole"},
		{Config{Size: -1}, "shingle: Size is -1, want 1 or more, or 0 for the default"},
		{Config{Unit: Anchored, Distance: -2}, "shingle: Distance is -2, want 1 or more, or 0 for the default"},
		{Config{Distance: 2}, "shingle: Distance is 2, want 0 unless Unit is Anchored"},
		{Config{Unit: Char, Anchors: []string{"a"}}, "shingle: 1 Anchors, want none unless Unit is Anchored"},
		{Config{Unit: Anchored, Anchors: []string{"a", "of the"}}, `shingle: Anchors[1] is "of the", 2 tokens, want 1`},
		{Config{Unit: Anchored, Anchors: []string{"?"}}, `shingle: Anchors[0] is "?", 0 tokens, want 1`},
	} {
		s, err := New(c.cfg)
		if err == nil || err.Error() != c.want || s != nil {
			t.Errorf("New(%+v): %v, want %s", c.cfg, err, c.want)
		}
	}
	for name, f := range map[string]func(){
		"AppendWords": func() { AppendWords(nil, "a", 0) },
		"AppendChars": func() { AppendCharsBytes(nil, nil, -1) },
		"Words":       func() { Words("a", 0) },
	} {
		mustPanic(t, name, f)
	}
}

func longTexts(n int) []string {
	rng := rand.New(rand.NewPCG(1, 9))
	texts := []string{"", " ", "one", "one two", "\xff", "“Ein Satz.”"}
	for i := range n {
		text := newsText(rng, []string{"en", "fr", "zh"}[i%3], rng.IntN(12000))
		if i%4 == 3 {
			text += "\n\n" + randomText(rng, 100)
		}
		texts = append(texts, text)
	}
	return texts
}

// TestInputs compares the ways in which a text can be given, with readers that
// give it in pieces.
func TestInputs(t *testing.T) {
	texts := longTexts(20)
	for _, cfg := range configs {
		s := newShingler(t, cfg)
		for i, text := range texts {
			want := s.Append([]uint64{1, 2}, text)
			fellBack := s.FellBack()
			if !slices.Equal(want[:2], []uint64{1, 2}) {
				t.Fatalf("%+v: text %d: dst is not kept", cfg, i)
			}
			if got := s.AppendBytes([]uint64{1, 2}, []byte(text)); !slices.Equal(got, want) || s.FellBack() != fellBack {
				t.Fatalf("%+v: text %d: bytes and string differ", cfg, i)
			}
			for name, wrap := range map[string]func(io.Reader) io.Reader{
				"OneByteReader": iotest.OneByteReader,
				"HalfReader":    iotest.HalfReader,
				"DataErrReader": iotest.DataErrReader,
				"plain":         func(r io.Reader) io.Reader { return r },
			} {
				got, err := s.AppendReader([]uint64{1, 2}, wrap(strings.NewReader(text)))
				if err != nil || !slices.Equal(got, want) || s.FellBack() != fellBack {
					t.Fatalf("%+v: text %d: %s differs: %v", cfg, i, name, err)
				}
			}
			if got := newShingler(t, cfg).Append(nil, text); !slices.Equal(got, want[2:]) {
				t.Fatalf("%+v: text %d: a new Shingler differs", cfg, i)
			}
		}
	}
}

func TestReaderErrors(t *testing.T) {
	s := newShingler(t, Config{})
	broken := errors.New("broken")
	dst := []uint64{7}
	got, err := s.AppendReader(dst, io.MultiReader(strings.NewReader("some text"), iotest.ErrReader(broken)))
	if err != broken || !slices.Equal(got, dst) {
		t.Errorf("got %v, %v, want %v, %v", got, err, dst, broken)
	}
	if _, err := s.AppendReader(nil, stuckReader{}); err != io.ErrNoProgress {
		t.Errorf("got %v, want %v", err, io.ErrNoProgress)
	}
}

type stuckReader struct{}

func (stuckReader) Read([]byte) (int, error) { return 0, nil }

// TestOneShot compares the functions with the Shinglers that they are
// equivalent to.
func TestOneShot(t *testing.T) {
	for i, text := range longTexts(20) {
		for _, size := range []int{1, 2, 5, 1000, 5000, math.MaxInt} {
			want := newShingler(t, Config{Size: size, View: Whole}).Append(nil, text)
			if got := AppendWords(nil, text, size); !slices.Equal(got, want) {
				t.Fatalf("text %d: AppendWords differs", i)
			}
			if got := AppendWordsBytes(nil, []byte(text), size); !slices.Equal(got, want) {
				t.Fatalf("text %d: AppendWordsBytes differs", i)
			}
			if got := slices.Collect(Words(text, size)); !slices.Equal(got, want) {
				t.Fatalf("text %d: Words(%d) differs: %d features, want %d", i, size, len(got), len(want))
			}
			for f := range Words(text, size) {
				if f != want[0] {
					t.Fatalf("text %d: Words begins with another feature", i)
				}
				break
			}
			want = newShingler(t, Config{Unit: Char, Size: size, View: Whole}).Append(nil, text)
			if got := AppendChars(nil, text, size); !slices.Equal(got, want) {
				t.Fatalf("text %d: AppendChars differs", i)
			}
			if got := AppendCharsBytes(nil, []byte(text), size); !slices.Equal(got, want) {
				t.Fatalf("text %d: AppendCharsBytes differs", i)
			}
		}
	}
}

// TestProse compares the features of the prose view with those of the whole
// view of a text that has only the blocks that are kept.
func TestProse(t *testing.T) {
	text := "Home | News | Sport | Weather\n\nLog in\n\n" +
		"The harbour of the town was closed on Monday after a ship had run aground in the night, said the harbour master.\n\n" +
		"It will take two days to free the ship, and the ferries to the islands will not run before that is done.\n\n" +
		"Most read | Share | Print\n\nAbout us\n\nContact\n\n" +
		"“We have had worse,” said a fisherman, who was mending his nets while he waited for the tide to come in.\n"
	for _, cfg := range []Config{{}, {Unit: Char}, {Unit: Anchored}} {
		s := newShingler(t, cfg)
		got := s.Append(nil, text)
		var kept []string
		dropped := 0
		for _, b := range AppendBlocks(nil, text) {
			if b.Kept {
				kept = append(kept, text[b.Start:b.End])
			} else {
				dropped++
			}
		}
		if dropped == 0 || len(kept) == 0 || s.FellBack() {
			t.Fatalf("%+v: %d blocks kept, %d dropped, FellBack %v", cfg, len(kept), dropped, s.FellBack())
		}
		cfg.View = Whole
		want := newShingler(t, cfg).Append(nil, strings.Join(kept, "\n"))
		if !slices.Equal(got, want) {
			t.Errorf("%+v: %d features, want the %d of the kept blocks", cfg, len(got), len(want))
		}
	}
}

// anchoredOracle is the definition of anchored shingles, as lists of tokens.
func anchoredOracle(tokens []string, anchors map[string]bool, size, distance int) [][]string {
	var out [][]string
	for i, tok := range tokens {
		if !anchors[tok] {
			continue
		}
		chain := []string{tok}
		n := 0
		for _, next := range tokens[i+1:] {
			if anchors[next] {
				continue
			}
			if n++; n%distance == 0 && len(chain) <= size {
				chain = append(chain, next)
			}
		}
		if len(chain) == size+1 {
			out = append(out, chain)
		}
	}
	if len(out) == 0 && len(tokens) > 0 {
		out = append(out, tokens)
	}
	return out
}

func TestAnchored(t *testing.T) {
	// The sentence of the paper's section 3.1, and its spot signatures.
	text := "at a rally to kick off a weeklong campaign for the south carolina primary, Obama tried to set the record straight " +
		"from an attack circulating widely on the Internet that is designed to play into prejudices against Muslims and fears of terrorism"
	var want []uint64
	for _, spot := range []string{"a rally kick", "a weeklong campaign", "the south carolina", "the record straight", "an attack circulating", "the internet designed", "is designed play"} {
		want = append(want, AppendWords(nil, spot, 3)...)
	}
	// The paper counts other function words as stop words too, which begin
	// nothing there; here every stop word begins a shingle.
	anchors := []string{"a", "an", "the", "is"}
	plain := strings.NewReplacer(" to ", " ", " off ", " ", " for ", " ", " on ", " ", " that ", " ").Replace(text)
	s := newShingler(t, Config{Unit: Anchored, Size: 2, View: Whole, Anchors: anchors})
	if got := s.Append(nil, plain); !slices.Equal(got, want) {
		t.Errorf("got %d features, want the %d of the paper", len(got), len(want))
	}

	rng := rand.New(rand.NewPCG(1, 10))
	words := strings.Fields("a b c d e f é 北 的")
	for range 500 {
		var tokens []string
		for range rng.IntN(30) {
			tokens = append(tokens, words[rng.IntN(len(words))])
		}
		size, distance := rng.IntN(4)+1, rng.IntN(3)+1
		s := newShingler(t, Config{Unit: Anchored, Size: size, Distance: distance, View: Whole, Anchors: []string{"A", "e\u0301", "的"}})
		var want []uint64
		for _, chain := range anchoredOracle(tokens, map[string]bool{"a": true, "é": true, "的": true}, size, distance) {
			want = append(want, featuresOracle(chain, len(chain))...)
		}
		if got := s.Append(nil, strings.Join(tokens, " ")); !slices.Equal(got, want) {
			t.Fatalf("%q, size %d, distance %d: got %x, want %x", tokens, size, distance, got, want)
		}
	}
}

// TestAnchoredLanguages checks that a sentence of each language has several
// anchors.
func TestAnchoredLanguages(t *testing.T) {
	for _, text := range []string{
		"The mayor of the town said that the bridge would be closed for a week.",
		"El alcalde de la ciudad dijo que el puente estará cerrado durante una semana.",
		"Der Bürgermeister der Stadt sagte, dass die Brücke für eine Woche gesperrt wird.",
		"Le maire de la ville a dit que le pont serait fermé pour une semaine.",
		"O prefeito da cidade disse que a ponte ficará fechada por uma semana.",
		"Il sindaco della città ha detto che il ponte resterà chiuso per una settimana.",
		"Мэр города сказал, что мост на реке и дорога к нему будут закрыты на неделю.",
		"قال رئيس البلدية إن الجسر في المدينة سيغلق من يوم غد إلى نهاية الأسبوع.",
		"市长说，这座城市的大桥将在下周关闭，行人和车辆都不能通过。",
		"市長は、町の橋が来週から一週間閉鎖されると述べた。",
	} {
		if n := len(newShingler(t, Config{Unit: Anchored, View: Whole}).Append(nil, text)); n < 3 {
			t.Errorf("%q has %d features, want at least 3", text, n)
		}
	}
}

func TestHashSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 11))
	for n := range 50 {
		in := randomFeatures(rng, n, 5, 0)
		s := newHashSet(in)
		for h := range uint64(64) {
			if got, want := s.has(h), slices.Contains(in, h); got != want {
				t.Fatalf("%d values: has(%d) is %v", n, h, got)
			}
		}
	}
}

// TestConcurrent runs the functions at the same time, and Shinglers of their
// own, for the race detector to look at.
func TestConcurrent(t *testing.T) {
	texts := longTexts(6)
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s := newShingler(t, Config{Size: 3, View: Whole})
			for i, text := range texts {
				if !slices.Equal(s.Append(nil, text), AppendWords(nil, text, 3)) {
					t.Errorf("text %d differs", i)
				}
			}
		}()
	}
	wg.Wait()
}

// TestHuge checks that texts made to be hard are read in linear time: each of
// these would take minutes otherwise.
func TestHuge(t *testing.T) {
	n := 1 << 18
	if testing.Short() {
		n = 1 << 16
	}
	for name, text := range map[string]string{
		"one word":         strings.Repeat("a", n),
		"one letter words": strings.Repeat("a ", n/2),
		"one wide word":    strings.Repeat("é", n/2),
		"decomposed":       strings.Repeat("e\u0301", n/3),
		"marks":            "a" + strings.Repeat("\u0301\u0323", n/4),
		"marks of class 0": "a" + strings.Repeat("\u09be", n/3),
		"vowel letters":    strings.Repeat("\u1161", n/3),
		"syllables":        strings.Repeat("가", n/3),
		"han":              strings.Repeat("北", n/3),
		"expansion":        strings.Repeat("\ufdfa", n/3),
		"fractions":        strings.Repeat("½", n/2),
		"ignored":          "a" + strings.Repeat("\u00ad", n/2) + "b",
		"invalid":          strings.Repeat("\xff", n),
		"stop words":       strings.Repeat("the ", n/4),
		"turns":            strings.Repeat("A B C D E F G H I the of and to in a is it the of and to ", n/57),
		"wide lines":       strings.Repeat(strings.Repeat("Abcd ", 9)+"\n"+strings.Repeat("Abcd ", 9)+"\f", n/92),
		"blank lines":      strings.Repeat(strings.Repeat("Abcd ", 9)+"\n"+strings.Repeat("Abcd ", 9)+"\n  \x7f  \u200b \n", n/102),
		"lines":            strings.Repeat("a\n", n/2),
		"indents":          strings.Repeat("a\n          ", n/12),
		"stops":            strings.Repeat(".", n),
		"groups of digits": "1" + strings.Repeat(",234", n/4),
		"characters, skip": strings.Repeat("北\u200b", n/6),
	} {
		for _, cfg := range []Config{{}, {View: Whole}, {Unit: Char, View: Whole}, {Unit: Anchored, View: Whole}} {
			s := newShingler(t, cfg)
			f := s.Append(nil, text)
			if len(f) > 7*n {
				t.Errorf("%s: %d features", name, len(f))
			}
		}
		if testing.Short() {
			break
		}
	}
}

func TestAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes a sync.Pool allocate")
	}
	texts := longTexts(10)
	rng := rand.New(rand.NewPCG(1, 12))
	texts = append(texts, randomText(rng, 500))
	data := make([][]byte, len(texts))
	for i, text := range texts {
		data[i] = []byte(text)
	}
	dst := make([]uint64, 0, 1<<16)
	each := func(f func(i int)) func() {
		return func() {
			for i := range texts {
				f(i)
			}
		}
	}
	tests := map[string]func(){
		"AppendWords":      each(func(i int) { AppendWords(dst, texts[i], 5) }),
		"AppendWordsBytes": each(func(i int) { AppendWordsBytes(dst, data[i], 5) }),
		"AppendChars":      each(func(i int) { AppendChars(dst, texts[i], 5) }),
		"AppendCharsBytes": each(func(i int) { AppendCharsBytes(dst, data[i], 5) }),
	}
	for _, cfg := range configs {
		s := newShingler(t, cfg)
		r := bytes.NewReader(nil)
		name := string(rune('0'+cfg.Unit)) + string(rune('0'+cfg.View))
		each := each
		if cfg.View == Prose {
			each = func(f func(i int)) func() {
				return func() {
					for i := range texts[:9] { // without what only the general path can read
						f(i)
					}
				}
			}
		}
		tests["Append"+name] = each(func(i int) { s.Append(dst, texts[i]) })
		tests["AppendBytes"+name] = each(func(i int) { s.AppendBytes(dst, data[i]) })
		tests["AppendReader"+name] = each(func(i int) { r.Reset(data[i]); _, _ = s.AppendReader(dst, r) })
	}
	a, b := NewSet(AppendWords(nil, texts[8], 3)), NewSet(AppendWords(nil, texts[9], 3))
	features := AppendWords(nil, texts[8], 3)
	bag := NewBag(slices.Clone(features))
	tests["NewSet"] = func() { NewSet(append(dst, features...)) }
	tests["Set"] = func() { a.Overlap(b); a.Jaccard(b); a.Containment(b) }
	tests["Bag"] = func() { bag.Reset(append(dst, features...)); bag.Jaccard(bag) }
	for name, f := range tests {
		// The pool that scanners come from may be emptied at any time.
		f()
		if n := testing.AllocsPerRun(20, f); n >= 1 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
