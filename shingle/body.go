package shingle

// What is surely menu: a run of pieces that do not read like prose,
const (
	menuPoints = -2               // with so many points a word or fewer,
	menuPiece  = 6 * sizeWord     // pieces of so many words at most on average,
	menuPlain  = 9 * sizeWord / 4 // or so many in scripts without case, where points say less,
	menuDigits = 40               // and no more than so many numbers in a hundred words
)

// Before and after the prose of an article stand headlines of others as well, which are longer and which points tell less of.
// What has so much prose is an article: the notices that sites put under everything are shorter.
const (
	articleProse   = 150 * sizeWord
	headlinePoints = -1
	headlinePiece  = 16 * sizeWord
)

// selectBody decides which pieces are in the body: all but the runs that are surely menu, or all if hardly anything would be
// left. The size of the prose is given.
//
// A run goes or stays as a whole, because what stands in a table or a list of an article is much like a menu, line by line,
// and is told from it by the longer lines among it.
func selectBody[T string | []byte](p *prose, text T, size int64) {
	pieces := p.pieces
	first, last := len(pieces), 0 // the first piece of the prose, and the one after the last
	for i := range pieces {
		pieces[i].body = true
		if pieces[i].prose {
			first, last = min(first, i), i+1
		}
	}
	article := size >= articleProse
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
		end := len(text)
		if j < len(pieces) {
			end = pieces[j].start
		}
		points, piece, plain := int64(menuPoints), int64(menuPiece), int64(menuPlain)
		if article && (j <= first || i >= last) {
			points, piece, plain = headlinePoints, headlinePiece, headlinePiece
		}
		n := int64(j - i)
		menu := score*sizeWord <= points*size && size <= piece*n && menuWords(text[pieces[i].start:end], size <= plain*n)
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

// menuWords reports whether the words of text may be those of a menu: not many numbers, and mostly in scripts with case unless
// plain ones will do.
func menuWords[T string | []byte](text T, plain bool) bool {
	t := tables()
	var all, digits, cased int64
	in := false // within a word
	for i := 0; i < len(text); {
		r, w, c := at(t, text, i)
		i += w
		switch {
		case c == clsSkip || in && c == clsMark:
			continue
		case c < clsDigit:
			in = false
			continue
		case c >= clsHan:
			in = false
			all++
			continue
		case in:
			continue
		}
		in = true
		all++
		switch {
		case c == clsDigit || isDigit(r):
			digits++
		case c == clsLower || c == clsUpper:
			cased++
		}
	}
	return digits*100 <= menuDigits*all && (plain || all-digits-cased <= cased)
}
