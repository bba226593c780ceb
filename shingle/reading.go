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
	WordInBody                        // in the body
	WordNumber                        // a number: nothing but digits, of any script
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
		if isNumber(text, t.start, t.end) {
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
			r.WordFlags[i] |= WordInProse | WordInBody
		}
		return
	}
	p := &s.prose
	r.FellBack = selectPieces(p, text)
	s.fellBack = r.FellBack

	// The views of a token, and how many tokens in a row up to it are in each view.
	size := min(s.size, len(s.toks))
	prose, body, k := 0, 0, 0
	for i, t := range s.toks {
		for k+1 < len(p.pieces) && p.pieces[k+1].start <= t.start {
			k++
		}
		prose++
		body++
		q := &p.pieces[k]
		if q.kept {
			r.WordFlags[i] |= WordInProse
		} else {
			prose = 0
		}
		if q.body {
			r.WordFlags[i] |= WordInBody
		} else {
			body = 0
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
