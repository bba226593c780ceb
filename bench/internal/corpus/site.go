package corpus

import "strconv"

// Site is a publisher whose pages wrap each article in the same banner, menus, cookie notice and footer, and in a sidebar of
// headlines that changes with the day. About half of a page with a 5 KB article is not the article.
type Site struct {
	Language Language
	Seed     uint64 // of the publisher: two sites of different seeds share no line
	Headings int    // lines in the sidebar, 0 = 24
}

// Page returns the page as text: one line an element, blank lines around paragraphs, as converters of HTML write it.
func (s Site) Page(headline, body string, day int) string {
	return string(s.AppendPage(nil, headline, body, day))
}

// AppendPage appends [Site.Page] to dst.
func (s Site) AppendPage(dst []byte, headline, body string, day int) []byte {
	dst, foot := s.appendHead(dst, headline, day)
	dst = append(dst, body...)
	return s.appendFoot(dst, day, foot)
}

// appendHead writes what stands before the body; the returned state continues below it.
func (s Site) appendHead(dst []byte, headline string, day int) ([]byte, rng) {
	v := s.Language.vocabulary()
	r := newRNG(s.Seed, 0x73697465)
	name := r.pcg.Uint64() >> 1
	dst = appendHeadline(dst, s.Language, name, 0)
	dst = append(dst, '\n', '\n')
	for range 14 { // the menu, an entry a line
		at := len(dst)
		dst = append(dst, v.words[v.content(&r)]...)
		if v.cased {
			capitalize(dst[at:])
		}
		dst = append(dst, '\n')
	}
	dst = append(dst, '\n')
	dst = strconv.AppendInt(dst, int64(1+day%28), 10)
	dst = append(dst, '.')
	dst = strconv.AppendInt(dst, int64(1+day/28%12), 10)
	dst = append(dst, ".20"...)
	dst = strconv.AppendInt(dst, int64(10+day/336), 10)
	dst = append(dst, '\n', '\n')
	dst = append(dst, headline...)
	dst = append(dst, '\n', '\n')
	return dst, r
}

func (s Site) appendFoot(dst []byte, day int, r rng) []byte {
	v := s.Language.vocabulary()
	n := s.Headings
	if n == 0 {
		n = 24
	}
	sidebar := r.pcg.Uint64()
	dst = append(dst, '\n', '\n')
	dst = appendHeadline(dst, s.Language, sidebar>>1, 1<<32)
	dst = append(dst, '\n')
	for i := range n { // three of them are new each day
		dst = appendHeadline(dst, s.Language, sidebar, uint64(day*3+i))
		dst = append(dst, '\n')
	}
	// Two sentences that every page of the site ends with: the cookie notice, the copyright line.
	var topic [24]uint16
	for i := range topic {
		topic[i] = v.content(&r)
	}
	var none rng
	for range 2 {
		dst = append(dst, '\n')
		dst, _ = v.appendSentence(dst, &r, &none, &topic, 0, len(dst)+1<<20)
	}
	dst = append(dst, '\n')
	for i := range 6 {
		if i > 0 {
			dst = append(dst, " | "...)
		}
		dst = append(dst, v.words[v.content(&r)]...)
	}
	return append(dst, '\n')
}
