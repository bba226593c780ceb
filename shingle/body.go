package shingle

import "github.com/neardup/neardup/shingle/internal/chars"

// What is surely menu: a run of pieces that do not read like prose,
const (
	menuPoints = -2               // with so many points a word or fewer,
	menuPiece  = 6 * sizeWord     // pieces of so many words at most on average where there is an article,
	menuLone   = 3 * sizeWord     // or so many where there is none, and a list may be all that a text has of its own,
	menuPlain  = 9 * sizeWord / 4 // or so many in scripts without case, where points say less,
	menuSize   = 60 * sizeWord    // no more than so many words, or than there is prose where there is no article,
	menuDigits = 40               // no more than so many numbers in a hundred words,
	itemShare  = 4                // and fewer lines than one in so many with the number or letter of an item,
	maxItem    = 4                // which has so many characters at most
)

// Before and after the prose of an article stand headlines of others as well, which are longer and of which points tell less.
// They have up to twice as many words as the article: a longer list is what its page is about.
const (
	articleProse   = 150 * sizeWord // prose of an article; the notices that sites put under everything have less
	articleRun     = 3              // a run of prose of less, and smaller than one part in so many of the largest, may be one
	headlineShare  = 2
	headlinePoints = -1
	headlinePiece  = 16 * sizeWord
)

// selectBody decides which pieces are in the body: all but the runs that are surely menu, or all if hardly anything would be
// left.
//
// A run goes or stays as a whole, because what stands in a table or a list of an article is much like a menu, line by line,
// and is told from it by the longer lines among it.
func selectBody[T string | []byte](p *prose, text T) {
	pieces, info := p.pieces, p.desc.info
	for i := range pieces {
		pieces[i].body = true
	}
	first, last, prose := article(pieces)
	isArticle := prose >= articleProse
	var total, left int64
	for i := 0; i < len(pieces); {
		if q := &pieces[i]; q.prose || q.away {
			total += int64(q.size)
			left += int64(q.size)
			i++
			continue
		}
		var score, size int64
		j := i
		for ; j < len(pieces) && !pieces[j].prose && !pieces[j].away; j++ {
			score += int64(pieces[j].score)
			size += int64(pieces[j].size)
		}
		end, tok := len(text), len(info)
		if j < len(pieces) {
			end, tok = pieces[j].start, pieces[j].tok
		}
		points, piece, plain := int64(menuPoints), int64(menuPiece), int64(menuPlain)
		if !isArticle {
			piece = menuLone
		}
		if isArticle && (j <= first || i >= last) && size <= headlineShare*prose {
			points, piece, plain = headlinePoints, headlinePiece, headlinePiece
		}
		n, most := int64(j-i), max(menuSize, prose)
		if isArticle {
			most = headlineShare * prose
		}
		menu := size <= most && score*sizeWord <= points*size && size <= piece*n && menuWords(info[pieces[i].tok:tok], size <= plain*n) &&
			!enumerated(text[pieces[i].start:end])
		total += size
		if !menu {
			left += size
		}
		for ; i < j; i++ {
			pieces[i].body = !menu
		}
	}
	if left < minProse || left*minShare < total {
		for i := range pieces {
			pieces[i].body = true
		}
	}
}

// article returns where the article is among the pieces, from the first of them to the one after the last, and the size of its
// prose. It is what all runs of prose are in, but for the first or the last if that is as small as a notice and beside the
// largest: what a site says above or under everything, with headlines between it and the article.
func article(p []piece) (first, last int, size int64) {
	var largest int64
	runs := 0
	for i := 0; i < len(p); i++ {
		j, run := runOf(p, i)
		if j > i {
			largest = max(largest, run)
			size += run
			runs++
			last = j
			i = j
		}
	}
	small := func(run int64) bool { return run < articleProse && run*articleRun < largest }
	for first < len(p) && !p[first].prose {
		first++
	}
	if j, run := runOf(p, first); runs > 1 && small(run) {
		for first = j; !p[first].prose; first++ {
		}
		size -= run
		runs--
	}
	i := last
	for i > 0 && p[i-1].prose {
		i--
	}
	if _, run := runOf(p, i); runs > 1 && small(run) {
		for last = i; !p[last-1].prose; last-- {
		}
		size -= run
	}
	return first, last, size
}

// runOf returns the end of the run of prose at piece i, i if there is none, and its size.
func runOf(p []piece, i int) (end int, size int64) {
	for ; i < len(p) && p[i].prose; i++ {
		size += int64(p[i].size)
	}
	return i, size
}

// menuWords reports whether tokens may be those of a menu: not many numbers, and mostly in scripts with case unless plain
// ones will do.
func menuWords(info []wordInfo, plain bool) bool {
	digits, cased := 0, 0
	for _, w := range info {
		switch w.kind() {
		case wordDigit:
			digits++
		case wordLower, wordUpper:
			cased++
		}
	}
	return digits*100 <= menuDigits*len(info) && (plain || len(info)-digits-cased <= cased)
}

// enumerated reports whether one line of text in four, or more, begins with the number or the letter of an item: 1. or (a) or
// iv). Menus do not, but laws, recipes and rules do.
func enumerated[T string | []byte](text T) bool {
	lines, items := 0, 0
	for i := 0; i < len(text); i++ {
		for i < len(text) && text[i] <= ' ' {
			i++
		}
		if isItem(text, i) {
			items++
		}
		lines++
		for i+8 < len(text) && !hasByte(load8(text, i), '\n') {
			i += 8
		}
		for i < len(text) && text[i] != '\n' {
			i++
		}
	}
	return items*itemShare >= lines
}

// hasByte reports whether one of the bytes of x is c.
func hasByte(x uint64, c byte) bool {
	x ^= ones * uint64(c)
	return (x-ones)&^x&highs != 0
}

// isItem reports whether an item of a list begins at byte i.
func isItem[T string | []byte](text T, i int) bool {
	if i < len(text) && text[i] == '(' {
		i++
	}
	j := i
	for j < len(text) && j < i+maxItem && charKind(rune(text[j])) == chars.Word {
		j++
	}
	switch {
	case j == i || j == len(text):
		return false
	case text[j] == '.': // not the end of a word
		return (j == i+1 || text[i] <= '9') && (j+1 == len(text) || text[j+1] <= ' ')
	}
	return text[j] == ')'
}
