package shingle

import "unicode/utf8"

// Reason is why the prose view kept or dropped a block.
type Reason uint8

const (
	ReadsLikeProse Reason = iota // kept: reads like sentences
	AmongProse                   // kept: does not, but stands among blocks that do
	TooLittleProse               // kept: there is too little prose in the text, so all of it is used
	NotSentences                 // dropped: reads like names, labels, links or headlines
	AwayFromProse                // dropped: reads like sentences, but is small and far from the body of the text
)

// String returns the reason in words.
func (r Reason) String() string {
	switch r {
	case ReadsLikeProse:
		return "reads like sentences"
	case AmongProse:
		return "stands among sentences"
	case TooLittleProse:
		return "too little prose in the text"
	case NotSentences:
		return "does not read like sentences"
	case AwayFromProse:
		return "small and far from the body"
	}
	return "unknown reason"
}

// Block is a paragraph-like unit of one text, bytes Start to End: whether the
// prose view keeps it, and why.
type Block struct {
	Start, End int
	Kept       bool
	Reason     Reason
}

// AppendBlocks appends the blocks of text to dst, in text order, and returns
// the extended slice; dst[:len(dst)] is untouched. It shows what the view
// [Prose] keeps and why.
//
// The blocks are paragraphs, or parts of a paragraph of which the view keeps
// only some. Together they are the text: each begins where the one before it
// ends, at a character boundary and not within a token, with the white space
// between two blocks at the end of the first.
//
// A block is kept if it reads like sentences, or stands among blocks that do:
// it has function words, few capitals, and terminal punctuation. The text may
// come from any converter: with a paragraph on a line, hard-wrapped, or on one
// line as a whole. If little but prose is found, all of it is kept. If hardly
// any is found, fewer than some 20 words or less than a sixteenth of the text,
// all of the text is kept too, with the reason [TooLittleProse].
//
// It takes O(len(text)) time and uses only integers, so that the result is the
// same everywhere. It does not depend on the normalisation form of text.
func AppendBlocks(dst []Block, text string) []Block {
	dst, _ = proseBlocks(new(prose), dst, text)
	return dst
}

// proseBlocks appends the blocks of text to dst, and reports whether all are
// kept because too little prose was found.
func proseBlocks[T string | []byte](p *prose, dst []Block, text T) (blocks []Block, fellBack bool) {
	cutPieces(p, text)
	pieces := p.pieces
	label(pieces)
	dropBylines(pieces)
	dropIslands(pieces)

	var sentences, total, menus int64
	for i := range pieces {
		size := int64(pieces[i].size)
		total += size
		switch {
		case pieces[i].kept && !pieces[i].list:
			sentences += size
		case pieces[i].kept:
		case !pieces[i].list && !pieces[i].away:
			menus += size
		}
	}
	fellBack = sentences < minProse || sentences*minShare < total || p.code*codeShare*sizeWord > total
	limit := int64(clean)
	if len(pieces) > 0 && pieces[0].kept {
		limit = cleanHead
	}
	all := fellBack || menus*100 <= total*limit

	n0 := len(dst)
	start := 0
	var sum int64 // of the scores of the sentences in the last block
	for i := range pieces {
		q := &pieces[i]
		end := len(text)
		if i+1 < len(pieces) {
			end = max(start, tokenEnd(text, pieces[i+1].start))
		}
		if end == start {
			continue // all of it is in the token that the piece before ends with
		}
		keep := q.kept || all
		if n := len(dst); n > n0 && q.gap < gapLine && dst[n-1].Kept == keep {
			dst[n-1].End = end
		} else {
			dst = append(dst, Block{Start: start, End: end, Kept: keep})
			sum = 0
		}
		if !q.list {
			sum += int64(q.score)
		}
		b := &dst[len(dst)-1]
		switch {
		case fellBack:
			b.Reason = TooLittleProse
		case keep && sum > 0:
			b.Reason = ReadsLikeProse
		case keep:
			b.Reason = AmongProse
		case q.away:
			b.Reason = AwayFromProse
		default:
			b.Reason = NotSentences
		}
		start = end
	}
	if len(pieces) == 0 && len(text) > 0 {
		dst = append(dst, Block{End: len(text), Kept: true, Reason: TooLittleProse})
	}
	return dst, fellBack
}

// tokenEnd returns the end of the token that stands on both sides of byte i, or
// i if none does. The view knows fewer letters than the tokenizer, so a piece
// may end where a token does not.
func tokenEnd[T string | []byte](text T, i int) int {
	before := false
	for j := i; j > 0 && !before; {
		n := 1
		for n < utf8.UTFMax && n < j && text[j-n]&0xC0 == 0x80 {
			n++
		}
		j -= n
		r, _ := decodeRune(text, j)
		switch charKind(r) {
		case kindIgnored:
		case kindSeparator:
			return i
		default:
			before = true
		}
	}
	for before && i < len(text) {
		r, n := decodeRune(text, i)
		if k := charKind(r); k == kindSeparator || k == kindSolo {
			break
		}
		i += n
	}
	return i
}

// charKind is kindOf for all characters.
func charKind(r rune) uint8 {
	switch {
	case r >= utf8.RuneSelf:
		return kindOf(r)
	case 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9':
		return kindWord
	}
	return kindSeparator
}
