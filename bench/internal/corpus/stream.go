package corpus

// Stream is a collection of any length in which some articles are near-duplicates of earlier ones. Each article is a function of its
// number, so nothing is held and any part can be written first, or by any goroutine.
type Stream struct {
	Language Language
	Seed     uint64
	Size     int // bytes of a body; 0 = between 1 and 9 KB, 3.8 KB in the mean
	// Copies is the share of articles, in percent, that are copies of an earlier one: three in five with the same body, three in ten
	// with one word in 200 to 50 replaced, the rest cut to between 85% and 97% of the text.
	Copies int
	// Sites is the number of publishers whose pages wrap the bodies; 0 = bare bodies.
	Sites int
}

// Root returns the number of the article that i is a copy of, or i.
func (s *Stream) Root(i int) int {
	for i > 0 {
		r := newRNG(s.Seed^0x726f6f74, uint64(i))
		if r.below(100) >= s.Copies {
			break
		}
		i = r.below(i)
	}
	return i
}

// Site returns the number of the publisher of article i, 0 if there is none.
func (s *Stream) Site(i int) int {
	if s.Sites == 0 {
		return 0
	}
	r := newRNG(s.Seed^0x70616765, uint64(i))
	return r.below(s.Sites)
}

// Append appends article number i to dst. It allocates only if dst has too little room.
func (s *Stream) Append(dst []byte, i int) []byte {
	root := s.Root(i)
	r := newRNG(s.Seed^0x73697a65, uint64(root))
	size := s.Size
	if size == 0 {
		size = [...]int{1000, 1500, 2000, 2500, 3000, 3500, 4000, 5000, 6500, 9000}[r.below(10)]
		size -= r.below(size / 8)
	}
	edit, keep := 0, 100
	if root != i {
		r := newRNG(s.Seed^0x636f7079, uint64(i))
		switch k := r.below(10); {
		case k < 6:
		case k < 9:
			edit = 50 + r.below(150)
		default:
			keep = 85 + r.below(12)
		}
	}
	if s.Sites == 0 {
		return s.appendBody(dst, i, root, size*keep/100, edit)
	}
	site := Site{Language: s.Language, Seed: s.Seed + uint64(s.Site(i))<<20}
	day := i / 1000
	var line [256]byte
	dst, foot := site.appendHead(dst, string(appendHeadline(line[:0], s.Language, s.Seed, uint64(root))), day)
	dst = s.appendBody(dst, i, root, size*keep/100, edit)
	return site.appendFoot(dst, day, foot)
}

func (s *Stream) appendBody(dst []byte, i, root, size, edit int) []byte {
	return appendArticle(dst, s.Language, s.Seed, uint64(root), size, edit, s.Seed^uint64(i)<<24)
}
