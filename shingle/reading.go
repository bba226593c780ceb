package shingle

// Views says in which views of its text a feature is, as bits.
type Views uint8

const (
	InProse Views = 1 << iota // the prose, what the view [Prose] keeps
	InBody                    // the body: the text without what is surely menu
	InWhole                   // the whole text
)

// WordFlags says what a word is and where it stands, as bits.
type WordFlags uint8

const (
	WordInProse WordFlags = 1 << iota // in the prose
	WordNumber                        // begins with a digit, of any script
)

// Reading is what one reading of a text gives: its features and its words, each with what is known of its place. It is
// filled by [Shingler.Read], which reuses the room of its slices. The zero value is ready.
type Reading struct {
	Features []uint64 // in text order, repeats kept
	Views    []Views  // of each feature

	Words     []uint64    // the hash of each token, in text order, repeats kept
	WordFlags []WordFlags // of each word

	// FellBack reports that there is too little prose in the text, so that all of its body stands for it.
	FellBack bool
}

// Read fills r with the features and the words of text, whatever the View of s.
//
// The features are those of the whole text. One is in the prose, or in the body, if all of its tokens are, and so what is
// in the prose is in the body. With Unit [Char] or [Anchored], and with View [Whole], every feature and word is in all
// views. Words are words whatever the unit.
//
// It takes O(len(text)) time, with Anchored O(len(text) + tokens·Size), and allocates nothing if an earlier text of s and
// of r was at least as long.
func (s *Shingler) Read(r *Reading, text string) { read(s, r, text) }

// ReadBytes is [Shingler.Read] for a byte slice, which is not retained.
func (s *Shingler) ReadBytes(r *Reading, text []byte) { read(s, r, text) }

func read[T string | []byte](s *Shingler, r *Reading, text T) {
	sc := getScanner(tokenWords, s.cfg.FoldDiacritics)
	sc.spans, sc.toks = true, s.toks[:0]
	scan(sc, text)
	s.toks = sc.toks
	putScanner(sc)

	r.Features, r.Views = r.Features[:0], r.Views[:0]
	r.Words, r.WordFlags = r.Words[:0], r.WordFlags[:0]
	r.FellBack = false
	s.fellBack = false
	for _, t := range s.toks {
		f := WordFlags(0)
		if first, _ := decodeRune(text, t.start); isDigit(first) {
			f = WordNumber
		}
		r.Words = append(r.Words, t.hash)
		r.WordFlags = append(r.WordFlags, f)
	}
	if s.cfg.View == Whole || s.cfg.Unit != Word {
		if s.cfg.Unit == Char {
			r.Features = appendHashes(r.Features, text, tokenChars, s.cfg.FoldDiacritics)
		} else {
			r.Features = append(r.Features, r.Words...)
		}
		r.Features = s.shingles(r.Features, 0)
		for range r.Features {
			r.Views = append(r.Views, InProse|InBody|InWhole)
		}
		for i := range r.WordFlags {
			r.WordFlags[i] |= WordInProse
		}
		return
	}
	p := &s.prose
	r.FellBack = selectPieces(p, text)
	s.fellBack = r.FellBack
	selectBody(p, text, s.toks, r.FellBack)

	// The views of a token, and how many tokens in a row up to it are in each view.
	size := min(s.size, len(s.toks))
	prose, body, k := 0, 0, 0
	for i, t := range s.toks {
		for k+1 < len(p.pieces) && p.pieces[k+1].start <= t.start {
			k++
		}
		prose++
		body++
		if q := &p.pieces[k]; q.kept {
			r.WordFlags[i] |= WordInProse
		} else {
			prose = 0
			if !q.body {
				body = 0
			}
		}
		if i+1 < size {
			continue
		}
		v := InWhole
		if prose >= size {
			v |= InProse
		}
		if body >= size {
			v |= InBody
		}
		r.Views = append(r.Views, v)
	}
	r.Features = append(r.Features, r.Words...)
	r.Features = r.Features[:roll(r.Features, s.size)]
}

// What is surely menu: a run of pieces that do not read like prose,
const (
	menuPoints = -2               // with so many points a word or fewer,
	menuPiece  = 6 * sizeWord     // pieces of so many words at most on average,
	menuPlain  = 9 * sizeWord / 4 // or so many in scripts without case, where points say less,
	menuDigits = 40               // and no more than so many numbers in a hundred words
)

// menuWords counts the words of a run of pieces by their first character.
type menuWords struct{ all, digits, cased, plain int64 }

// selectBody decides which pieces are in the body: those of the prose, and all others but the runs that are surely menu.
// If hardly anything would be left, everything is in the body. If the text has too little prose, its body stands for it.
func selectBody[T string | []byte](p *prose, text T, toks []token, fellBack bool) {
	pieces := p.pieces
	var total, menus int64
	k := 0
	for i := 0; i < len(pieces); {
		q := &pieces[i]
		q.body = true
		total += int64(q.size)
		if q.prose || q.away {
			i++
			continue
		}
		var score, size int64
		var w menuWords
		j := i
		for ; j < len(pieces) && !pieces[j].prose && !pieces[j].away; j++ {
			score += int64(pieces[j].score)
			size += int64(pieces[j].size)
		}
		total += size - int64(q.size)
		for ; k < len(toks) && toks[k].start < pieces[i].start; k++ {
		}
		for ; k < len(toks) && (j == len(pieces) || toks[k].start < pieces[j].start); k++ {
			w.add(firstClass(text, toks[k].start))
		}
		n := int64(j - i)
		menu := score*sizeWord <= menuPoints*size && size <= menuPiece*n && w.digits*100 <= menuDigits*w.all &&
			(w.plain <= w.cased || size <= menuPlain*n)
		for ; i < j; i++ {
			pieces[i].body = !menu
		}
		if menu {
			menus += size
		}
	}
	if total-menus < minProse || (total-menus)*minShare < total {
		for i := range pieces {
			pieces[i].body = true
		}
	}
	for i := range pieces {
		if fellBack {
			pieces[i].kept = pieces[i].body
		}
		pieces[i].body = pieces[i].body || pieces[i].kept
	}
}

// add counts a word by the class of its first character.
func (w *menuWords) add(first class) {
	w.all++
	switch first {
	case clsDigit:
		w.digits++
	case clsLower, clsUpper:
		w.cased++
	default:
		w.plain++
	}
}

func firstClass[T string | []byte](text T, i int) class {
	r, _, c := at(tables(), text, i)
	if isDigit(r) {
		return clsDigit
	}
	return c
}
