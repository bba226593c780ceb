package shingle

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/neardup/neardup/shingle/internal/chars"
	"github.com/neardup/neardup/shingle/internal/chars/oracle"
)

// The view the slow way: from the tokens of the general path, with strings and lists, each piece looked at as often as it
// takes. It shares the points and the limits with the view, and the word table, and nothing else.

type tokenOracle struct {
	start, end    int
	class         chars.Class // of its first character
	size          int
	marks, points int
	joined        bool
}

type pieceOracle struct {
	Tok, Start, Score, Size        int
	Gap                            gap
	List, Stop, Bare               bool
	Kept, Body                     bool
	prose, away                    bool
	bestWithout, bestWith          int // the best sums up to this one, if it is not prose and if it is
	withoutAfterProse, withAfterIt bool
}

// lettersOf returns the characters of text that are no marks, in their composed form.
func lettersOf(text string) (out []rune) {
	for _, r := range norm.NFC.String(text) {
		if c := oracle.Class(r); c != chars.Mark && c != chars.Skip {
			out = append(out, r)
		}
	}
	return out
}

func solo(c chars.Class) bool { return c >= chars.Han }

func onlySkips(text string) bool {
	for _, r := range text {
		if oracle.Class(r) != chars.Skip {
			return false
		}
	}
	return true
}

func tokensOracle(text string) (out []tokenOracle) {
	for i, t := range generalTokens(text, tokenWords, false) {
		span := text[t.start:t.end]
		r, _ := utf8.DecodeRuneInString(span)
		letters := lettersOf(span)
		last := oracle.Class(r)
		if n := len(letters); n > 0 { // a letter may be of the class of marks
			last = oracle.Class(letters[n-1])
		}
		list := tables().words.list(t.hash)
		look := func(other int) int {
			return map[wordList]int{onNone: other, onFunctionWords: ptFunction, onBoilerplate: ptBoilerplate}[list]
		}
		w := tokenOracle{start: t.start, end: t.end, class: oracle.Class(r), size: sizeWord}
		switch w.class {
		case chars.Digit:
			w.points, w.marks = ptDigit, 1
		case chars.Lower:
			w.points = look(ptLower)
		case chars.Upper:
			w.points = ptCapital
			if len(letters) > 1 && last != chars.Lower {
				w.points = look(ptAllCaps)
			}
		case chars.Hangul, chars.Particle:
			if len(letters) > 1 && last == chars.Particle {
				w.points = ptParticle
			}
		case chars.Han:
			w.size = sizeHan
		case chars.Grammar:
			w.size, w.points = sizeHan, ptParticle
		case chars.Hira:
			w.size, w.points = sizeHan, ptHira
		case chars.Kata:
			w.size = sizeKata
		case chars.Thai:
			w.size = min((len(span)+2)/3*sizeThai, 7)
		default:
			w.points = look(0)
		}
		if i > 0 {
			before := out[i-1]
			w.joined = w.start < before.end || solo(w.class) && solo(before.class) && onlySkips(text[before.end:w.start])
		}
		out = append(out, w)
	}
	return out
}

// A cutOracle goes through a text.
type cutOracle struct {
	text          string
	toks          []tokenOracle
	pieces        []pieceOracle
	tok, start    int
	gap           gap
	points, marks int
	since         int
	lineStart     int
	widest        int // line of the paragraph, from where it was asked for; -1 before
	code          int
}

func (o *cutOracle) runes(i int) (rune, int, chars.Class) {
	r, n := utf8.DecodeRuneInString(o.text[i:])
	return r, n, oracle.Class(r)
}

func (o *cutOracle) pause(tok int) {
	words := 0
	for i := o.since; i < tok; i++ {
		if !o.toks[i].joined {
			if words++; words > dry {
				o.toks[i].points += ptDry
			}
		}
	}
	o.since = tok
}

func (o *cutOracle) begin(tok, start int, g gap) {
	o.tok, o.start, o.gap, o.points, o.marks, o.since = tok, start, g, 0, 0, tok
}

func (o *cutOracle) words(from, to int) (n int) {
	for _, t := range o.toks[from:to] {
		if !t.joined {
			n++
		}
	}
	return n
}

func (o *cutOracle) sum(from, to int) (score, size, thai int, list bool) {
	marks := 0
	for _, t := range o.toks[from:to] {
		score += t.points
		size += t.size
		marks += min(t.marks, 15)
		if t.class == chars.Thai {
			thai += t.size
		}
	}
	n := o.words(from, to)
	return score, size, thai, n >= 3 && marks*listShare >= n
}

func (o *cutOracle) finish(last chars.Class, tok, next int, g gap) {
	if tok == o.tok {
		o.begin(tok, o.start, max(g, o.gap))
		return
	}
	o.pause(tok)
	for i := o.tok; i < tok; { // phrases
		j, n, thai := i, 0, false
		for ; j < tok && (j == i || o.toks[j].joined); j++ {
			if o.toks[j].class == chars.Thai {
				n, thai = n+o.toks[j].size, true
			} else {
				n++
			}
		}
		if thai {
			o.toks[j-1].points += min(max((n-12)/4, -3), 12)
		}
		i = j
	}
	// The words up to each word, and where the running score turns.
	up, down, from := false, false, o.tok
	highTok, lowTok := o.tok, o.tok
	score := func(to int) int { s, _, _, _ := o.sum(o.tok, to); return s }
	cut := func(at int) {
		s, size, thai, list := o.sum(o.tok, at)
		if -least < s && s < least {
			return
		}
		o.pieces = append(o.pieces, pieceOracle{Tok: o.tok, Start: o.start, Score: s, Size: size, Gap: o.gap, List: list, Bare: 2*thai > size})
		o.tok, o.start, o.gap = at, o.toks[at-1].end, gapMid
	}
	for i := from + 1; i <= tok; i++ {
		if i < tok && o.toks[i].joined {
			continue
		}
		s := score(i)
		switch {
		case !down && s >= score(highTok):
			highTok = i
		case !down && s <= score(highTok)-turn:
			cut(highTok)
			up, down, lowTok = false, true, i
			continue
		}
		switch {
		case !up && s <= score(lowTok):
			lowTok = i
		case !up && s >= score(lowTok)+turn:
			cut(lowTok)
			up, down, highTok = true, false, i
		}
	}
	s, size, thai, _ := o.sum(o.tok, tok)
	marks := o.marks // those at the end count as well
	for _, t := range o.toks[o.tok:tok] {
		marks += min(t.marks, 15)
	}
	n := o.words(o.tok, tok)
	list := n >= 3 && marks*listShare >= n
	s += o.points
	p := pieceOracle{Tok: o.tok, Start: o.start, Size: size, Gap: o.gap, List: list}
	switch {
	case last == chars.Stop:
		p.Stop = true
		if list {
			s = max(s, ptList)
		}
		if size/sizeWord >= minSentence {
			s += ptStop
		} else {
			s += ptStopShort
		}
	case last == chars.Colon:
		s = max(s+ptNoStop, 0)
	case 2*thai > size:
		p.Bare = true
		s += ptNoStopThai
	default:
		s += max(ptNoStop*(size/sizeWord+1), ptNoStopLeast)
		if list {
			s = max(s, ptList)
		}
	}
	p.Score = s
	o.pieces = append(o.pieces, p)
	o.begin(tok, next, g)
}

func (o *cutOracle) run() {
	o.begin(0, 0, gapParagraph)
	end := 0
	for i := 0; i <= len(o.toks); i++ {
		next := len(o.text)
		if i < len(o.toks) {
			next = o.toks[i].start
		}
		last, glued := o.between(i, end, next)
		if i == len(o.toks) {
			o.finish(last, i, len(o.text), gapParagraph)
			return
		}
		t := &o.toks[i]
		switch {
		case solo(t.class):
		case glued && t.points < ptFunction && t.points != ptBoilerplate, i == o.tok && t.class == chars.Upper && t.points < 0:
			t.points = 0
		}
		t.points += o.points
		t.marks += o.marks
		o.points, o.marks = 0, 0
		end = t.end
	}
}

// between reads text[i:end], before token tok.
func (o *cutOracle) between(tok, i, end int) (last chars.Class, glued bool) {
	last = chars.Lower
	from := i
	for i < end {
		r, n, c := o.runes(i)
		switch {
		case c == chars.Stop || c == chars.Full:
			j, ends := o.stop(i, r, n, c)
			if c == chars.Stop && i == from && j == i+1 && tok > o.tok && o.initial(tok-1) {
				ends = false
			}
			i, last, glued = j, chars.Stop, true
			if ends && tok > o.tok {
				o.finish(chars.Stop, tok, i, gapSentence)
			}
			continue
		case c == chars.Break:
			// All the white space that follows, as lines.
			j, next, breaks := i, i, 0
			for j < len(o.text) {
				r, n, c := o.runes(j)
				if c != chars.Space && c != chars.Skip && c != chars.Break {
					break
				}
				j += n
				if c == chars.Break {
					if r == '\r' && strings.HasPrefix(o.text[j:], "\n") {
						j++
					}
					breaks++
					if r == 0x2029 || r == '\f' {
						breaks++
					}
					next = j
				}
			}
			switch {
			case breaks > 1 || j == len(o.text):
				o.finish(last, tok, next, gapParagraph)
				o.widest = -1
			case tok == o.tok || !o.joins(tok, i, j, last):
				o.finish(last, tok, next, gapLine)
			}
			i, o.lineStart, glued = j, next, false
			continue
		case c == chars.Space:
			glued = false
		case c == chars.Skip:
		case c == chars.Comma:
			if tok > o.tok {
				o.points += ptComma
				o.marks++
			}
			o.pause(tok)
			last = c
		case c == chars.Colon:
			o.pause(tok)
			last, glued = c, true
		case c == chars.Glue:
			if r == '-' && !glued && (i == 0 || o.text[i-1] <= ' ') {
				o.marks++
			}
			last, glued = c, true
		case c == chars.Symbol:
			o.points += ptSymbol
			if strings.ContainsRune("{}=", r) {
				o.code++
			}
			last = c
		default:
			if strings.ContainsRune("(–—", r) {
				o.marks++
			}
			o.pause(tok)
			last = c
		}
		i += n
	}
	return last, glued
}

// initial reports whether token i is a capital alone or the number of an item.
func (o *cutOracle) initial(i int) bool {
	n := 0
	for _, r := range o.text[o.toks[i].start:o.toks[i].end] {
		if !unicode.Is(unicode.M, r) && !oracle.Ignored(r) {
			n++
		}
	}
	return o.toks[i].class == chars.Upper && n == 1 || o.toks[i].class == chars.Digit && n <= 2 && i == o.tok
}

func (o *cutOracle) stop(i int, r rune, n int, c chars.Class) (end int, ends bool) {
	ellipsis := strings.HasPrefix(o.text[i:], "...")
	for end = i + n; end < len(o.text); {
		q, n, k := o.runes(end)
		if k == chars.Stop || k == chars.Full || k == chars.Close || k == chars.Skip || q == '\'' || q == '’' {
			end += n
			continue
		}
		if k == chars.Space || k == chars.Break || q == '[' || k >= chars.Han {
			return end, !ellipsis
		}
		return end, c == chars.Full
	}
	return end, !ellipsis
}

func (o *cutOracle) width(line string) (n int) {
	for _, r := range line {
		c := oracle.Class(r)
		if c != chars.Mark && c != chars.Skip && (r < 0x900 || (r < 0x1160 || r >= 0x1200) && chars.KindOf(r) != chars.ComplexMark) {
			n++
		}
	}
	return n
}

// joins reports whether the line that ends at byte end and the one that begins at byte i are one.
func (o *cutOracle) joins(tok, end, i int, last chars.Class) bool {
	r, _, c := o.runes(i)
	switch {
	case c == chars.Symbol || c == chars.Glue && (r == '-' || r == '@'):
		return false
	case last == chars.Comma || c == chars.Lower && o.words(o.tok, tok) >= 4:
		return true
	}
	line := o.text[o.lineStart:end]
	if o.width(line) < minWrap/2 {
		return false
	}
	if o.widest < 0 {
		o.widest = o.widestLine()
	}
	widest := o.widest
	if widest > maxWrap || widest < minWrap {
		return false
	}
	word := 0
	for i < len(o.text) && word <= maxWrap {
		r, n, c := o.runes(i)
		if c == chars.Space || c == chars.Break {
			break
		}
		word += o.width(string(r))
		if c >= chars.Han && c != chars.Thai {
			break
		}
		i += n
	}
	return o.width(line)+1+word > widest
}

// widestLine returns the width of the widest line from this one to the end of the paragraph.
func (o *cutOracle) widestLine() (width int) {
	rest := strings.ReplaceAll(o.text[o.lineStart:], "\r\n", "\n")
	for rest != "" {
		i := strings.IndexFunc(rest, func(r rune) bool { return oracle.Class(r) == chars.Break })
		if i < 0 {
			return max(width, o.width(rest))
		}
		line := rest[:i]
		r, n := utf8.DecodeRuneInString(rest[i:])
		rest = rest[i+n:]
		width = max(width, o.width(line))
		blank := !strings.ContainsFunc(line, func(r rune) bool { c := oracle.Class(r); return c != chars.Space && c != chars.Skip })
		if blank || r == '\f' || r == 0x2029 {
			return width
		}
	}
	return width
}

// labels sets which pieces are kept before any are dropped again: by going through all sums once.
func (o *cutOracle) labels() {
	p := o.pieces
	for i := range p {
		n, y, c := 0, 0, 0
		if i > 0 {
			n, y, c = p[i-1].bestWithout, p[i-1].bestWith, int(changeCost[p[i].Gap])
		}
		p[i].withoutAfterProse = y-c >= n
		p[i].withAfterIt = y > n-c
		p[i].bestWithout, p[i].bestWith = max(n, y-c), max(y, n-c)+p[i].Score
	}
	kept := p[len(p)-1].bestWith >= p[len(p)-1].bestWithout
	for i := len(p) - 1; i >= 0; i-- {
		p[i].Kept = kept
		if kept {
			kept = p[i].withAfterIt
		} else {
			kept = p[i].withoutAfterProse
		}
	}
}

// runsOf calls f with each run of pieces for which is gives the same, from piece i to piece j.
func runsOf(p []pieceOracle, is func(*pieceOracle) bool, f func(i, j int, is bool)) {
	for i := 0; i < len(p); {
		j := i
		for j < len(p) && is(&p[j]) == is(&p[i]) {
			j++
		}
		f(i, j, is(&p[i]))
		i = j
	}
}

func sizeOf(p []pieceOracle, f func(*pieceOracle) bool) (n int) {
	for i := range p {
		if f(&p[i]) {
			n += p[i].Size
		}
	}
	return n
}

func every(*pieceOracle) bool { return true }

func isKept(q *pieceOracle) bool { return q.Kept }

func (o *cutOracle) drop() {
	p := o.pieces
	runsOf(p, isKept, func(i, j int, kept bool) { // bylines
		k := i
		for k < j && (p[k].List || p[k].Score <= 0) {
			k++
		}
		if kept && k < j && p[k].Gap >= gapLine && sizeOf(p[i:k], every) <= maxByline {
			for ; i < k; i++ {
				p[i].Kept = false
			}
		}
	})
	largest := 0
	runsOf(p, isKept, func(i, j int, kept bool) {
		if kept {
			largest = max(largest, sizeOf(p[i:j], every))
		}
	})
	runsOf(slices.Clone(p), isKept, func(i, j int, kept bool) {
		size := sizeOf(p[i:j], every)
		free := sizeOf(p[i:j], func(q *pieceOracle) bool { return !q.List && !q.Bare })
		stops := 0
		for _, q := range p[i:j] {
			if q.Stop {
				stops++
			}
		}
		away := size*island < largest
		if kept && (away || free > minHeadings && stops*headlines*sizeWord < free) {
			for ; i < j; i++ {
				p[i].Kept, p[i].away = false, away
			}
		}
	})
	for i := range p {
		p[i].prose = p[i].Kept
	}
}

// menus sets which pieces are in the body.
func (o *cutOracle) menus() {
	p := o.pieces
	prose := func(q *pieceOracle) bool { return q.prose }
	type run struct{ i, j, size int }
	var runs []run
	article, largest := 0, 0
	runsOf(p, prose, func(i, j int, is bool) {
		if is {
			r := run{i, j, sizeOf(p[i:j], every)}
			runs = append(runs, r)
			article += r.size
			largest = max(largest, r.size)
		}
	})
	small := func(r run) bool { return r.size < articleProse && r.size*articleRun < largest }
	if len(runs) > 1 && small(runs[0]) {
		article -= runs[0].size
		runs = runs[1:]
	}
	if len(runs) > 1 && small(runs[len(runs)-1]) {
		article -= runs[len(runs)-1].size
		runs = runs[:len(runs)-1]
	}
	left := 0
	runsOf(p, func(q *pieceOracle) bool { return q.prose || q.away }, func(i, j int, is bool) {
		end, tok := len(o.text), len(o.toks)
		if j < len(p) {
			end, tok = p[j].Start, p[j].Tok
		}
		size, score := sizeOf(p[i:j], every), 0
		for _, q := range p[i:j] {
			score += q.Score
		}
		points, piece, plain := menuPoints, menuPiece, menuPlain
		most := headlineShare * article
		if article < articleProse {
			piece = menuLone
			most = max(menuSize, article)
		} else if size <= headlineShare*article && (j <= runs[0].i || i >= runs[len(runs)-1].j) {
			points, piece, plain = headlinePoints, headlinePiece, headlinePiece
		}
		digits, cased, all := 0, 0, tok-p[i].Tok
		for _, t := range o.toks[p[i].Tok:tok] {
			switch t.class {
			case chars.Digit:
				digits++
			case chars.Lower, chars.Upper:
				cased++
			}
		}
		menu := !is && size <= most && score*sizeWord <= points*size && size <= piece*(j-i) && digits*100 <= menuDigits*all &&
			(size <= plain*(j-i) || all-digits-cased <= cased) && !enumerated(o.text[p[i].Start:end])
		if !menu {
			left += size
		}
		for ; i < j; i++ {
			p[i].Body = !menu
		}
	})
	if total := sizeOf(p, every); left < minProse || left*minShare < total {
		for i := range p {
			p[i].Body = true
		}
	}
}

// viewOracle returns the pieces of text, and whether its body is kept because there is too little prose.
func viewOracle(text string) (pieces []pieceOracle, fellBack bool) {
	o := cutOracle{text: text, toks: tokensOracle(text), widest: -1}
	o.run()
	p := o.pieces
	if len(p) == 0 {
		return []pieceOracle{{Kept: true, Body: true}}, true
	}
	o.labels()
	o.drop()
	total := sizeOf(p, every)
	sentences := sizeOf(p, func(q *pieceOracle) bool { return q.Kept && !q.List })
	menus := sizeOf(p, func(q *pieceOracle) bool { return !q.Kept && !q.List && !q.away })
	clean := clean
	if p[0].Kept {
		clean = cleanHead
	}
	o.menus()
	fellBack = sentences < minProse || total < minText || sentences*minShare < total || o.code*codeShare*sizeWord > total
	for i := range p {
		if fellBack {
			p[i].Kept = p[i].Body
		} else if menus*100 <= total*clean {
			p[i].Kept, p[i].Body = true, true
		}
	}
	return p, fellBack
}

// checkView compares the view of text with the oracle.
func checkView(t *testing.T, text string) {
	t.Helper()
	var p prose
	describeText(&p, nil, text)
	fellBack := selectPieces(&p, text)
	want, back := viewOracle(text)
	var got []pieceOracle
	for _, q := range p.pieces {
		got = append(got, pieceOracle{Tok: q.tok, Start: q.start, Score: int(q.score), Size: int(q.size), Gap: q.gap,
			List: q.list, Stop: q.stop, Bare: q.bare, Kept: q.kept, Body: q.body})
	}
	for i := range want {
		w := &want[i]
		want[i] = pieceOracle{Tok: w.Tok, Start: w.Start, Score: w.Score, Size: w.Size, Gap: w.Gap,
			List: w.List, Stop: w.Stop, Bare: w.Bare, Kept: w.Kept, Body: w.Body}
	}
	if fellBack != back {
		t.Fatalf("%+.2000q: fell back: %v, want %v", text, fellBack, back)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%+.2000q: pieces (-want +got):\n%s", text, cmp.Diff(want, got, cmp.AllowUnexported(pieceOracle{})))
	}
}

// TestView compares the view with the oracle on pages, on random text, and on text that is hard in some way.
func TestView(t *testing.T) {
	for _, text := range append(readTexts(), longTexts(3)...) {
		checkView(t, text)
	}
	rng := rand.New(rand.NewPCG(1, 30))
	n := 3000
	if testing.Short() {
		n = 600
	}
	alphabet := []rune("aAé Éß0٣.。।!?,、;:\"”)'’-/@|•·©ªҐбΣς的のカｶﾞ가각ᄀ\u1161\u0301\u0308\u200b\u00ad\u0640ا\u0655ב\u05b0ก\u0e48ฯ½Ⅷ①ﷺ({=\n\n\r\u2028\u2029\t\u3000 \u00a0\ufffd😀")
	words := strings.Fields(englishWords + " Council Old Ferry Bridge NATO cookies privacy 12 1,234 x. y? | - (z) – 的中文 的 เรือ を 가는 이")
	for i := range n {
		var b strings.Builder
		switch i % 3 {
		case 0:
			b.WriteString(randomText(rng, 60))
		case 1:
			for range rng.IntN(80) {
				b.WriteRune(alphabet[rng.IntN(len(alphabet))])
			}
		case 2:
			for range rng.IntN(200) {
				b.WriteString(words[rng.IntN(len(words))])
				b.WriteString([]string{" ", " ", " ", " ", " ", " ", ", ", ". ", "\n", "\n\n", " - ", "", "\u200b"}[rng.IntN(13)])
			}
		}
		checkView(t, b.String())
	}
}

// FuzzView compares the view of any text with the oracle.
func FuzzView(f *testing.F) {
	addTexts(f)
	f.Add(pageEnglish, uint8(0))
	f.Add(pageChinese, uint8(0))
	f.Add(norm.NFD.String(pageRows[10].body[0]), uint8(0))
	f.Fuzz(func(t *testing.T, text string, _ uint8) {
		if len(text) > 4<<10 {
			t.Skip("the oracle is slow")
		}
		checkView(t, text)
	})
}
