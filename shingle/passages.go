package shingle

// Passage is a run of tokens that two texts share: bytes AStart to AEnd of the
// first and BStart to BEnd of the second, from the first character of the
// first token to the end of the last one. What stands between the tokens
// (punctuation, white space) may differ, and so may what folding removes.
type Passage struct {
	AStart, AEnd, BStart, BEnd int
	Tokens                     int
}

// AppendPassages appends the passages of at least minTokens tokens that texts
// a and b share to dst, and returns the extended slice; dst[:len(dst)] is
// untouched. minTokens less than 1 means 1.
//
// Passages come in the order of a, and no token of either text is in two of
// them. Each is maximal: the tokens before it in a and b differ, or one of them
// is in another passage or does not exist, and so do the tokens after it. In a
// they are chosen from left to right, each the longest that starts there; where
// b has the start of a passage many times over, the first maxPlaces places and
// the one that continues the passage before are tried. Passages may come in
// another order in b, as when an editor moved a paragraph.
//
// It takes O(len(a)+len(b)) time and memory, whatever the texts.
func AppendPassages(dst []Passage, a, b string, minTokens int) []Passage {
	ta := appendSpans(nil, a, 0, 0, false)
	tb := appendSpans(nil, b, 0, 0, false)
	return appendPassages(dst, ta, tb, minTokens)
}

// AppendPassages is like the function [AppendPassages] on the view of the
// Shingler: with [Prose] the passages lie in the blocks that are kept, as the
// features do, and end where text was dropped in between. The tokens are words
// whatever the unit.
func (s *Shingler) AppendPassages(dst []Passage, a, b string, minTokens int) []Passage {
	return appendPassages(dst, s.spans(a), s.spans(b), minTokens)
}

// spans returns the tokens of the view of text.
func (s *Shingler) spans(text string) []span {
	if s.cfg.View == Whole {
		return appendSpans(nil, text, 0, 0, s.cfg.FoldDiacritics)
	}
	var out []span
	blocks, _ := proseBlocks(&s.prose, nil, text)
	run, end := 0, -1
	for _, b := range blocks {
		if !b.Kept {
			continue
		}
		if b.Start != end {
			run++
		}
		end = b.End
		out = appendSpans(out, text[b.Start:b.End], b.Start, run, s.cfg.FoldDiacritics)
	}
	return out
}

// span is a token of a text, and the run of kept text that it is in.
type span struct {
	token
	run int
}

// appendSpans appends the tokens of text, which starts at byte offset. Tokens
// that come from one character, as those of ½, are one here, so that no passage
// begins or ends within a character.
func appendSpans(dst []span, text string, offset, run int, strip bool) []span {
	sc := getScanner(tokenWords, strip)
	sc.spans = true
	scanWords(sc, text)
	toks := sc.toks
	putScanner(sc)
	n0 := len(dst)
	for _, t := range toks {
		t.start += offset
		t.end += offset
		if n := len(dst); n > n0 && t.start < dst[n-1].end {
			dst[n-1].hash = mix(dst[n-1].hash ^ mix(t.hash))
			dst[n-1].end = max(dst[n-1].end, t.end)
			continue
		}
		dst = append(dst, span{t, run})
	}
	return dst
}

// maxPlaces is how many places in b are tried for a passage that starts at one
// place in a.
const maxPlaces = 16

// appendPassages finds the passages of two lists of tokens. A table of the runs
// of w tokens in b, chained by hash, proposes places; tokens decide. The
// places tried at one token of a are extended over at most the length of the
// longest of them, which is then skipped in a: the time is linear.
func appendPassages(dst []Passage, a, b []span, minTokens int) []Passage {
	w := max(minTokens, 1)
	if len(a) < w || len(b) < w {
		return dst
	}
	// heads[h] is the first place of a run with hash h, plus 1; next[j] is the one after place j.
	grams := gramHashes(b, w)
	size := 1
	for size < 2*len(grams) {
		size *= 2
	}
	mask := uint64(size - 1)
	heads := make([]int32, size)
	next := make([]int32, len(grams))
	for j := len(grams) - 1; j >= 0; j-- {
		slot := grams[j] & mask
		next[j] = heads[slot]
		heads[slot] = int32(j + 1)
	}
	usedB := make([]bool, len(b))

	// length is how far a[i:] and b[j:] agree.
	length := func(i, j int) int {
		n := 0
		for i+n < len(a) && j+n < len(b) && a[i+n].hash == b[j+n].hash && !usedB[j+n] &&
			a[i+n].run == a[i].run && b[j+n].run == b[j].run {
			n++
		}
		return n
	}
	done := 0 // the tokens of a before this one are in passages or have been passed over for good
	cont := 0 // the place in b that continues the last passage
	for i, h := range gramHashes(a, w) {
		if i < done {
			continue
		}
		best, at := w-1, -1
		if cont < len(b) {
			if n := length(i, cont); n > best {
				best, at = n, cont
			}
		}
		tried := 0
		for j := heads[h&mask]; j > 0 && tried < maxPlaces; j = next[j-1] {
			if grams[j-1] != h {
				tried++
				continue
			}
			tried++
			if n := length(i, int(j-1)); n > best {
				best, at = n, int(j-1)
			}
		}
		cont++
		if at < 0 {
			continue
		}
		// Backwards, over tokens that had no place among those tried.
		start := i
		for start > done && at > 0 && a[start-1].hash == b[at-1].hash && !usedB[at-1] &&
			a[start-1].run == a[i].run && b[at-1].run == b[at].run {
			start--
			at--
			best++
		}
		for k := at; k < at+best; k++ {
			usedB[k] = true
		}
		done, cont = start+best, at+best
		dst = append(dst, Passage{a[start].start, a[done-1].end, b[at].start, b[cont-1].end, best})
	}
	return dst
}

// gramHashes returns a hash of each run of w tokens.
func gramHashes(t []span, w int) []uint64 {
	const p = 0x9e3779b97f4a7c15
	out := make([]uint64, len(t)-w+1)
	pw := uint64(1)
	for range w {
		pw *= p
	}
	var h uint64
	for i := range t {
		h = h*p + t[i].hash
		if i >= w {
			h -= t[i-w].hash * pw
		}
		if i >= w-1 {
			out[i-w+1] = mix(h)
		}
	}
	return out
}
