package shingle

import (
	"fmt"
	"io"
)

// Unit is what shingles are made of.
type Unit uint8

const (
	Word     Unit = iota // runs of w tokens
	Char                 // runs of k characters
	Anchored             // a stop word and the content words after it
)

// View is the part of a text that is shingled.
type View uint8

const (
	Prose View = iota // the blocks that read like sentences, as [AppendBlocks] finds them
	Whole             // the whole text
)

// Config configures a [Shingler]. The zero value is word 5-shingles of the
// prose.
type Config struct {
	// Unit is what shingles are made of; the zero value is [Word].
	Unit Unit

	// Size is how many tokens ([Word]) or characters ([Char]) a shingle has,
	// or how many content words follow its stop word ([Anchored]). 0 means 5,
	// or 3 with Anchored.
	Size int

	// View is the part of the text that is shingled; the zero value is
	// [Prose].
	View View

	// FoldDiacritics drops accents and vowel points, so that "Müller" and
	// "Muller" are the same token. The package comment has the marks that it
	// drops.
	FoldDiacritics bool

	// Distance, with Anchored, is how many content words further the next one
	// of a shingle is: with 2, every other word is left out. 0 means 1.
	Distance int

	// Anchors, with Anchored, are the stop words, in place of the ones that are
	// built in. Each must be one token.
	Anchors []string
}

// Shingler turns texts into features and keeps the room that it needs for the
// next one. It is made by [New] and must not be used concurrently.
type Shingler struct {
	cfg      Config
	size     int
	mode     tokenMode
	anchors  hashSet
	content  []uint64
	prose    prose
	blocks   []Block
	buf      []byte
	fellBack bool
}

// New returns a Shingler, or an error that names the field of cfg that is out
// of range. It keeps nothing of cfg.Anchors.
func New(cfg Config) (*Shingler, error) {
	s := &Shingler{cfg: cfg, size: cfg.Size}
	switch {
	case cfg.Unit > Anchored:
		return nil, fmt.Errorf("shingle: Unit is %d, want Word, Char or Anchored", cfg.Unit)
	case cfg.View > Whole:
		return nil, fmt.Errorf("shingle: View is %d, want Prose or Whole", cfg.View)
	case cfg.Size < 0:
		return nil, fmt.Errorf("shingle: Size is %d, want 1 or more, or 0 for the default", cfg.Size)
	case cfg.Distance < 0:
		return nil, fmt.Errorf("shingle: Distance is %d, want 1 or more, or 0 for the default", cfg.Distance)
	case cfg.Unit != Anchored && cfg.Distance != 0:
		return nil, fmt.Errorf("shingle: Distance is %d, want 0 unless Unit is Anchored", cfg.Distance)
	case cfg.Unit != Anchored && len(cfg.Anchors) > 0:
		return nil, fmt.Errorf("shingle: %d Anchors, want none unless Unit is Anchored", len(cfg.Anchors))
	}
	if s.size == 0 {
		s.size = 5
		if cfg.Unit == Anchored {
			s.size = 3
		}
	}
	switch cfg.Unit {
	case Char:
		s.mode = tokenChars
	case Anchored:
		if err := s.setAnchors(cfg.Anchors); err != nil {
			return nil, err
		}
	}
	s.cfg.Anchors = nil
	return s, nil
}

// Append appends the features of text to dst, in text order, repeats kept, and
// returns the extended slice; dst[:len(dst)] is untouched.
//
// With View [Prose], what is shingled is the kept blocks as if nothing stood
// between them: a shingle may begin in one and end in the next, a token may
// not. A paragraph break is layout, which converters move about, and what is
// dropped between two paragraphs (an advertisement, a link to another story) is
// in one copy of an article and not in the other.
//
// It takes O(len(text)) time, with Anchored O(len(text) + tokens·Size), and
// allocates nothing if dst has room for one value per token, or character, and
// an earlier text was at least as long.
func (s *Shingler) Append(dst []uint64, text string) []uint64 {
	return appendFeatures(s, dst, text)
}

// AppendBytes is [Shingler.Append] for a byte slice, which is not retained.
func (s *Shingler) AppendBytes(dst []uint64, text []byte) []uint64 {
	return appendFeatures(s, dst, text)
}

func appendFeatures[T string | []byte](s *Shingler, dst []uint64, text T) []uint64 {
	n := len(dst)
	sc := getScanner(s.mode, s.cfg.FoldDiacritics)
	sc.spans, sc.hashes = false, dst
	s.fellBack = false
	if s.cfg.View == Whole {
		scan(sc, text)
	} else {
		s.blocks, s.fellBack = proseBlocks(&s.prose, s.blocks[:0], text)
		for b := s.blocks; len(b) > 0; b = b[1:] {
			if !b[0].Kept {
				continue
			}
			start, end := b[0].Start, b[0].End
			for len(b) > 1 && b[1].Kept && b[1].Start == end {
				end = b[1].End
				b = b[1:]
			}
			sc.gap = true
			scan(sc, text[start:end])
		}
	}
	dst = sc.hashes
	putScanner(sc)
	if s.cfg.Unit == Anchored {
		return dst[:n+s.anchor(dst[n:])]
	}
	return dst[:n+roll(dst[n:], s.size)]
}

// AppendReader is [Shingler.Append] for the text that r holds up to io.EOF.
// The features do not depend on how r splits the text. The text is held in
// memory as a whole, in room that the Shingler keeps for the next one; a limit
// is for the caller to set, with [io.LimitReader]. If reading fails, it returns
// dst as it was and the error of r.
func (s *Shingler) AppendReader(dst []uint64, r io.Reader) ([]uint64, error) {
	b := s.buf[:0]
	for empty := 0; ; {
		if len(b) == cap(b) {
			b = append(b, make([]byte, max(512, len(b)/4))...)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		s.buf = b
		switch {
		case err == io.EOF:
			return s.AppendBytes(dst, b), nil
		case err != nil:
			return dst, err
		case n > 0:
			empty = 0
		default:
			if empty++; empty == 100 { // as package bufio has it
				return dst, io.ErrNoProgress
			}
		}
	}
}

// FellBack reports whether the last Append used the whole text because it
// found too little prose in it. It is false with View [Whole].
func (s *Shingler) FellBack() bool { return s.fellBack }
