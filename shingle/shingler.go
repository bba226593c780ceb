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
	Prose View = iota // the blocks that read like sentences, as AppendBlocks finds them
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
	// "Muller" are the same token. See the package comment for which marks
	// it drops.
	FoldDiacritics bool
}

// Shingler turns texts into features and keeps the room that it needs for the
// next one. It is made by [New] and must not be used concurrently.
type Shingler struct {
	cfg      Config
	size     int
	toks     []token
	prose    prose
	blocks   []Block
	buf      []byte
	fellBack bool
}

// New returns a Shingler, or an error that names the field of cfg that is out
// of range.
func New(cfg Config) (*Shingler, error) {
	s := &Shingler{cfg: cfg, size: cfg.Size}
	switch {
	case cfg.Unit > Anchored:
		return nil, fmt.Errorf("shingle: Unit %d, want Word, Char or Anchored", cfg.Unit)
	case cfg.View > Whole:
		return nil, fmt.Errorf("shingle: View %d, want Prose or Whole", cfg.View)
	case cfg.Size < 0:
		return nil, fmt.Errorf("shingle: Size %d, want at least 1, or 0 for the default", cfg.Size)
	case cfg.Size == 0:
		s.size = 5
	}
	return s, nil
}

// Append appends the features of text to dst, in text order, repeats kept, and
// returns the extended slice; dst[:len(dst)] is untouched. It takes
// O(len(text)) time, and allocates nothing if dst has room for one value per
// token and an earlier text was at least as long.
func (s *Shingler) Append(dst []uint64, text string) []uint64 {
	s.fellBack = false
	n := len(dst)
	mode := tokenWords
	if s.cfg.Unit == Char {
		mode = tokenChars
	}
	if s.cfg.View == Whole {
		dst = appendHashes(dst, text, mode, s.cfg.FoldDiacritics)
	} else {
		dst = s.appendProse(dst, text, mode)
	}
	return dst[:n+roll(dst[n:], s.size)]
}

// appendProse appends the hashes of the tokens in the blocks of text that the
// prose view keeps.
func (s *Shingler) appendProse(dst []uint64, text string, mode tokenMode) []uint64 {
	n0 := len(dst)
	s.blocks, s.fellBack = proseBlocks(&s.prose, s.blocks[:0], text)
	for _, b := range s.blocks {
		if !b.Kept {
			continue
		}
		n := len(dst)
		if mode == tokenChars && n > n0 {
			dst = append(dst, spaceHash)
		}
		dst = appendHashes(dst, text[b.Start:b.End], mode, s.cfg.FoldDiacritics)
		if len(dst) == n+1 && mode == tokenChars && n > n0 {
			dst = dst[:n] // no characters
		}
	}
	return dst
}

// AppendBytes is [Shingler.Append] for a byte slice, which is not retained.
func (s *Shingler) AppendBytes(dst []uint64, text []byte) []uint64 {
	return s.Append(dst, string(text))
}

// AppendReader is [Shingler.Append] for the text that r holds up to io.EOF.
// The features do not depend on how r splits the text. The text is held in
// memory as a whole, in room that the Shingler keeps for the next one; a limit
// is for the caller to set, with [io.LimitReader]. If reading fails, it returns
// dst as it was and the error of r.
func (s *Shingler) AppendReader(dst []uint64, r io.Reader) ([]uint64, error) {
	b := s.buf[:0]
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == nil {
			continue
		}
		s.buf = b
		if err != io.EOF {
			return dst, err
		}
		return s.AppendBytes(dst, b), nil
	}
}

// FellBack reports whether the last Append used the whole text because it
// found too little prose in it. It is false with View [Whole].
func (s *Shingler) FellBack() bool { return s.fellBack }
