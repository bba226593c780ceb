package shingle

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

// wrap breaks the lines of text after at most width characters, at spaces, or
// between characters in scripts without.
func wrap(text string, width int) string {
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		col := 0
		for _, word := range strings.SplitAfter(line, " ") {
			n := utf8.RuneCountInString(word)
			if col > 0 && col+n > width+1 {
				b.WriteByte('\n')
				col = 0
			}
			for n > width {
				cut := 0
				for range width {
					_, w := utf8.DecodeRuneInString(word[cut:])
					cut += w
				}
				b.WriteString(word[:cut] + "\n")
				word, n = word[cut:], n-width
			}
			b.WriteString(word)
			col += n
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// layouts are the ways in which converters write a page.
var layouts = []struct {
	name string
	page func(r pageRow) string
}{
	{"paragraphs", func(r pageRow) string {
		return strings.Join(append(append(append([]string{}, r.before...), r.body...), r.after...), "\n")
	}},
	{"blank-lines", func(r pageRow) string {
		return strings.Join(append(append(append([]string{}, r.before...), r.body...), r.after...), "\n\n")
	}},
	{"wrapped", func(r pageRow) string {
		return strings.Join(r.before, "\n") + "\n\n" + wrap(strings.Join(r.body, "\n\n"), 60) + "\n\n" + strings.Join(r.after, "\n")
	}},
	{"crlf", func(r pageRow) string {
		return strings.ReplaceAll(strings.Join(r.before, "\n")+"\n\n"+wrap(strings.Join(r.body, "\n\n"), 72)+"\n\n"+strings.Join(r.after, "\n"), "\n", "\r\n")
	}},
	{"markdown", func(r pageRow) string {
		return "  * " + strings.Join(r.before, "\n  * ") + "\n\n" + strings.Join(r.body, "\n\n") + "\n\n## " + strings.Join(r.after, "\n## ")
	}},
	{"indented", func(r pageRow) string {
		return "      * " + strings.Join(r.before, "\n      * ") + "\n\n    " + strings.Join(r.body, "\n\n    ") + "\n\n        + " + strings.Join(r.after, "\n        + ")
	}},
	{"one-line", func(r pageRow) string {
		return strings.Join(append(append(append([]string{}, r.before...), r.body...), r.after...), " ")
	}},
}

// keptOf returns the features of text that the prose view keeps.
func keptOf(t *testing.T, text string) (f Set, fellBack bool) {
	t.Helper()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	f = NewSet(s.Append(nil, text))
	return f, s.FellBack()
}

// TestProseScripts checks, for each script and each layout, that the view
// keeps the body and drops what stands around it.
func TestProseScripts(t *testing.T) {
	for _, r := range pageRows {
		body := NewSet(AppendWords(nil, strings.Join(r.body, "\n\n"), 5))
		for _, l := range layouts {
			t.Run(r.lang+"/"+l.name, func(t *testing.T) {
				kept, fellBack := keptOf(t, l.page(r))
				if fellBack {
					t.Fatal("fell back")
				}
				least, most := 0.95, 0.10
				if l.name == "one-line" {
					least, most = 0.80, 0.40 // no more to go by than words
				}
				if c := body.Containment(kept); c < least {
					t.Errorf("%.2f of the body kept, want %.2f", c, least)
				}
				if c := 1 - kept.Containment(body); c > most {
					t.Errorf("%.2f of what is kept is not the body, want at most %.2f", c, most)
				}
			})
		}
	}
}

// TestProseHarmless checks that texts without sentences, or with nothing else,
// are used as a whole.
func TestProseHarmless(t *testing.T) {
	for _, c := range []struct {
		name, text string
		fellBack   bool
	}{
		{"empty", "", true},
		{"white-space", " \n\n\t ", true},
		{"punctuation", "*** --- ***", true},
		{"headline", "Council Shuts Old Ferry Bridge After Cracks Found", true},
		{"sentence", "The bridge is closed.", true},
		{"message", "stuck at the ferry again!! 40 min late... #harbour #ferry @council", true},
		{"chinese-message", "今天渡轮又晚点了四十分钟", true},
		{"list", "- flour\n- two eggs\n- a pinch of salt\n- milk\n- butter\n- one pumpkin\n", true},
		{"names", strings.Repeat("Maren Holt\nEdda Lindqvist\nTomas Berg\n", 20), true},
		{"table", strings.Repeat("Oakhaven\t12\t3.5\t1,204\nNorthcross\t9\t4.1\t980\n", 20), true},
		{"poem", "The tide came in and took the shore\nand left the moon upon the sand\n" +
			"and nobody was at the door\nand nobody was in the land\n", true},
		{"code", strings.Repeat("func (x *Index) Len() int {\n\tif x == nil {\n\t\treturn 0\n\t}\n\treturn len(x.ids) - x.dead\n}\n\n", 10), true},
		{"invalid", strings.Repeat("\xff\xfe\x80 ", 50), true},
		{"body", strings.Join(pageRows[0].body, "\n\n"), false},
		{"body-with-headings", pageRows[0].body[0] + "\n\nWhat happens next\n\n" + pageRows[0].body[1] + "\n\n" + pageRows[0].body[2], false},
		{"body-with-short-line", pageRows[0].body[0] + "\n\nNobody was hurt.\n\n" + pageRows[0].body[1], false},
		{"body-with-list", pageRows[0].body[0] + "\n\nThese are the times:\n\nMonday, 7 to 9\nTuesday, 7 to 10\nFriday, 8 to 11\n\n" +
			pageRows[0].body[1], false},
	} {
		t.Run(c.name, func(t *testing.T) {
			kept, fellBack := keptOf(t, c.text)
			want := NewSet(AppendWords(nil, c.text, 5))
			if fellBack != c.fellBack {
				t.Errorf("fell back: %v, want %v", fellBack, c.fellBack)
			}
			if diff := cmp.Diff(want, kept); diff != "" {
				t.Errorf("features (-want +got):\n%s", diff)
			}
			if !c.fellBack {
				return
			}
			for _, b := range AppendBlocks(nil, c.text) {
				if !b.Kept || b.Reason != TooLittleProse {
					t.Errorf("block %+v, want it kept for %v", b, TooLittleProse)
				}
			}
		})
	}
}

// TestProseReasons checks the reasons on one page.
func TestProseReasons(t *testing.T) {
	got := map[string]Reason{}
	for _, b := range AppendBlocks(nil, pageEnglish) {
		got[strings.Join(strings.Fields(pageEnglish[b.Start:b.End]), " ")] = b.Reason
	}
	for text, want := range map[string]Reason{
		"Home":              LikeMenu,
		"What happens next": AmongProse,
		"Shopkeepers on the south bank fear for their trade. Half of their customers come over the bridge, they say.": ReadsLikeProse,
		"Ferry Timetable Changes From Monday": LikeMenu,
	} {
		if r, ok := got[text]; !ok || r != want {
			t.Errorf("%q: %v (found: %v), want %v", text, r, ok, want)
		}
	}

	teaser := strings.Repeat("Menu\nHome\nNews\n", 5) + "We use small files to see what you like on our site, and you agree to it.\n\n" +
		strings.Repeat("Sport\nOpinion\n", 5) + strings.Repeat(strings.Join(pageRows[0].body, "\n\n")+"\n\n", 3)
	for _, b := range AppendBlocks(nil, teaser) {
		if strings.Contains(teaser[b.Start:b.End], "small files") && b.Reason != AwayFromProse {
			t.Errorf("teaser: %v, want %v", b.Reason, AwayFromProse)
		}
	}

	for r := ReadsLikeProse; r <= AwayFromProse+1; r++ {
		if r.String() == "" {
			t.Errorf("reason %d has no text", r)
		}
	}
}

// checkBlocks checks what holds of the blocks of any text.
func checkBlocks(t *testing.T, text string) {
	t.Helper()
	prefix := Block{Start: -1}
	blocks := AppendBlocks([]Block{prefix}, text)
	if blocks[0] != prefix {
		t.Fatal("dst was changed")
	}
	blocks = blocks[1:]
	end := 0
	var kept strings.Builder
	all := true
	for _, b := range blocks {
		if b.Start != end || b.End <= b.Start {
			t.Fatalf("block %+v after byte %d", b, end)
		}
		end = b.End
		if b.End < len(text) && !utf8.RuneStart(text[b.End]) && utf8.ValidString(text) {
			t.Fatalf("block %+v ends within a character", b)
		}
		if b.Kept != (b.Reason <= TooLittleProse) {
			t.Fatalf("block %+v: %v", b, b.Reason)
		}
		if b.Kept {
			kept.WriteString(text[b.Start:b.End])
		}
		all = all && b.Kept
	}
	if end != len(text) {
		t.Fatalf("blocks end at byte %d of %d", end, len(text))
	}

	// No token is cut: the tokens of the blocks are the tokens of the text.
	var parts []uint64
	for _, b := range blocks {
		parts = appendHashes(parts, text[b.Start:b.End], tokenWords, false)
	}
	if diff := cmp.Diff(appendHashes(nil, text, tokenWords, false), parts); diff != "" {
		t.Fatalf("tokens (-text +blocks):\n%s", diff)
	}

	// The same from bytes, and from other normalisation forms.
	bytes, _ := proseBlocks(new(prose), nil, []byte(text))
	if diff := cmp.Diff(AppendBlocks(nil, text), bytes); diff != "" {
		t.Fatalf("blocks (-string +bytes):\n%s", diff)
	}
}

// TestProseForms checks that the view does not depend on the normalisation form.
func TestProseForms(t *testing.T) {
	for _, r := range pageRows {
		for _, l := range layouts {
			page := l.page(r)
			c, _ := keptOf(t, norm.NFC.String(page))
			d, _ := keptOf(t, norm.NFD.String(page))
			if diff := cmp.Diff(c, d); diff != "" {
				t.Errorf("%s/%s (-NFC +NFD):\n%s", r.lang, l.name, diff)
			}
		}
	}
}

func TestProseBlocks(t *testing.T) {
	for _, r := range pageRows {
		for _, l := range layouts {
			checkBlocks(t, l.page(r))
		}
	}
	// Random texts of characters of every class.
	rng := rand.New(rand.NewPCG(1, 1))
	alphabet := []rune("aAé Éß0٣.。।!?,、;:\"”)'’-/@|•·©ªҐбΣς的のカｶﾞ가각ᄀ\u0301\u0308\u200b\u00ad\u0640ا\u0655ב\u05b0ก\u0e48ฯ½Ⅷ①ﷺ\n\n\r\u2028\u2029\t\u3000 \u00a0\ufffd😀")
	for range 3000 {
		var b strings.Builder
		for range rng.IntN(60) {
			b.WriteRune(alphabet[rng.IntN(len(alphabet))])
		}
		checkBlocks(t, b.String())
	}
}

func FuzzProse(f *testing.F) {
	f.Add(pageEnglish)
	f.Add(pageChinese)
	for _, r := range pageRows {
		f.Add(layouts[2].page(r))
		f.Add(norm.NFD.String(layouts[6].page(r)))
	}
	f.Add("don't \xff. a\u200bb…\r\n\r\nA. 1. x")
	f.Fuzz(func(t *testing.T, text string) { checkBlocks(t, text) })
}

// TestLabel compares the labels with the best of all labellings.
func TestLabel(t *testing.T) {
	value := func(p []piece, labels int) (sum int64) {
		for i := range p {
			is := labels>>i&1 == 1
			if is {
				sum += int64(p[i].score)
			}
			if i > 0 && is != (labels>>(i-1)&1 == 1) {
				sum -= changeCost[p[i].gap]
			}
		}
		return sum
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 12 {
		for range 50 {
			p := make([]piece, n)
			for i := range p {
				p[i] = piece{score: int32(rng.IntN(41) - 20), gap: gap(rng.IntN(4))}
			}
			best := int64(math.MinInt64)
			for labels := range 1 << n {
				best = max(best, value(p, labels))
			}
			label(p)
			got := 0
			for i := range p {
				if p[i].kept {
					got |= 1 << i
				}
			}
			if v := value(p, got); v != best {
				t.Fatalf("%+v: labels %b are worth %d, best %d", p, got, v, best)
			}
		}
	}
}

func TestProseAllocs(t *testing.T) {
	var p prose
	var blocks []Block
	for _, text := range []string{pageEnglish, pageRussian, norm.NFD.String(pageRows[10].body[0])} {
		run := func() { blocks, _ = proseBlocks(&p, blocks[:0], text) }
		run()
		if n := testing.AllocsPerRun(20, run); n != 0 {
			t.Errorf("%.20q: %v allocations, want 0", text, n)
		}
	}
}

// TestWordTable checks that each word is found, and next to no others.
func TestWordTable(t *testing.T) {
	words := &tables().words
	hash := func(w string) uint64 { return appendHashes(nil, w, tokenWords, false)[0] }
	all := map[uint64]bool{}
	for _, c := range []struct {
		list string
		want wordList
	}{{functionWords, onFunctionWords}, {boilerplateWords, onBoilerplate}} {
		for _, w := range strings.Fields(c.list) {
			all[hash(w)] = true
			want := c.want
			if len(w) > maxFunctionWord && utf8.RuneCountInString(w) == len(w) {
				want = onNone
			}
			if got := words.list(hash(w)); got != want {
				t.Errorf("%s: on list %d, want %d", w, got, want)
			}
		}
	}
	wrong := 0
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			for c := 'a'; c <= 'z'; c++ {
				if h := hash(string([]rune{a, b, c, 'x'})); !all[h] && words.list(h) != onNone {
					wrong++
				}
			}
		}
	}
	if wrong > 5 { // 0.5 expected
		t.Errorf("%d of 17576 words are taken for others", wrong)
	}
}
