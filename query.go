package neardup

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/neardup/neardup/minhash"
)

// A Match is an article found to be a near-duplicate of the one asked about, which is the A of the Relation.
type Match struct {
	ID string `json:"id"`
	Relation
}

// compareMatches orders matches best first, and by ID.
func compareMatches(a, b Match) int {
	if c := compareRelations(a.Relation, b.Relation); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// Query returns the articles that a duplicates, as [Detector.Add] would, without adding it. The ID may be empty; an
// article held under the same ID is not among the matches.
func (d *Detector) Query(a Article) ([]Match, error) {
	if d.state == nil {
		return nil, errZero
	}
	w := d.worker()
	defer d.pool.Put(w)
	p := &w.single
	if w.prepare(p, &a, d.state.seed); p.err != nil {
		return nil, p.err
	}
	for learnt := false; ; learnt = true {
		d.mu.RLock()
		self := uint32(none)
		if at, ok := d.state.held(a.ID); ok {
			self = at
		}
		matches, hit := d.matches(w, p, self)
		hit = hit && d.state.sources[d.state.bySource[a.Source]].next == 0
		d.mu.RUnlock()
		if !hit || learnt || !d.learn(w, a.Source) {
			return matches, nil
		}
	}
}

// matches answers a query for p, without the article in entry self. A hit is that p's text is no different from another one of
// its source: text of the site may have to be learnt.
func (d *Detector) matches(w *worker, p *prepared, self uint32) (out []Match, hit bool) {
	if p.rec.Empty() {
		return nil, false
	}
	s := d.state
	left := d.cfg.MaxCandidates
	add := func(id uint32, r Relation) {
		t := s.texts.at(id)
		rest := int(t.live)
		for at := t.first; at != none && left > 0; rest-- {
			e := s.entries.at(at)
			if at != self {
				left--
				out = append(out, Match{e.id, r})
			}
			at = e.next
		}
		d.dropped.Add(int64(rest))
	}
	own, ok := s.find(p)
	if ok {
		add(own, twin(p.rec.sizes))
	}
	near, dropped := s.query(w, p, d.cfg.MaxCandidates)
	d.compared.Add(int64(len(w.judged)))
	d.dropped.Add(int64(dropped))
	source, named := s.bySource[p.a.Source]
	named = named && p.a.Source != "" && d.cfg.learns()
	for _, n := range near {
		if !ok || n.text != own {
			add(n.text, n.Relation)
			hit = hit || named && s.sourceOf(s.texts.at(n.text)) == source
		}
	}
	slices.SortFunc(out, compareMatches)
	return out, hit
}

// query finds the texts that duplicate p's, best first, among those that the state has by now. limit bounds the
// candidates that are judged; dropped says how many were left out.
func (s *state) query(w *worker, p *prepared, limit int) (near []neighbor, dropped int) {
	sampled := s.findExcerpts(w, p.sample)
	source, ok := s.bySource[p.a.Source]
	if !ok || p.a.Source == "" {
		source = none
	}
	dropped = w.rounds(limit, s, func(most int) (unseen int) {
		w.found, unseen = s.index.AppendNear(w.found[:0], p.rec.sig, w.least, window(most))
		w.candidates(sampled)
		return unseen
	}, func(c candidate) {
		if len(w.judged) == 0 {
			w.hold(&p.rec.evidence)
		}
		t := s.texts.at(c.text)
		if t.live == 0 {
			return // a snapshot alone has it
		}
		e := t.evidence()
		sites, oneSource := s.sites(source, t)
		if r := w.judge(&e, max(0, c.similarity), sites, oneSource); r.Kind != Different {
			w.near = append(w.near, neighbor{c.text, r})
		}
	})
	// Of equal ones, that which came first: numbers of texts are others once they were saved and read.
	slices.SortFunc(w.near, func(a, b neighbor) int {
		return cmp.Or(compareRelations(a.Relation, b.Relation), cmp.Compare(s.added(a.text), s.added(b.text)))
	})
	return w.near, dropped
}

// added returns when the first article of a text that is held was added.
func (s *state) added(text uint32) uint64 { return s.entries.at(s.texts.at(text).first).added }

// findExcerpts puts the texts that share enough of the sampled features into w.excerpts, and returns how many of the sample are not common.
func (s *state) findExcerpts(w *worker, sample []uint64) (sampled int) {
	w.excerpts = w.excerpts[:0]
	if s.excerpts != nil {
		w.excerpts, sampled, _ = s.excerpts.AppendQuery(w.excerpts, sample)
	}
	return sampled
}

// A neighbor is a text found to duplicate another.
type neighbor struct {
	text uint32
	Relation
}

// A search looks for the neighbors of one text in rounds. Most texts have few candidates, and all of them are judged. Where
// there is a crowd of candidates, the most promising are judged first, and the more, the more of these are duplicates: thousands
// of versions of one text are all found, and where thousands share a paragraph and nothing else, few are looked at.
type search struct {
	found    []minhash.Match
	excerpts []minhash.ContainmentCandidate
	list     []candidate // all that the indexes know of
	chosen   []candidate // those to be judged in this round
	judged   []uint32    // texts
	near     []neighbor
}

const (
	crowd = 16 // candidates of each kind, the similar and those with an excerpt, that the first round looks at
	widen = 8  // as many times more in the next one
)

// window returns how many members of a crowded bucket are seen before and after a text, in a round that looks at most
// candidates of a kind. There are many buckets, so a few of each do in the first.
func window(most int) int {
	if most == crowd {
		return crowd / 4
	}
	return most
}

// A candidate is a text that may duplicate another.
type candidate struct {
	text       uint32
	similarity float64 // estimated from signatures; less than 0 if only sampled features speak for it
	inside     float64 // the share of the smaller sample that is in both, less than 1 where the sample is small
}

// rounds looks for candidates and judges them until there are none left, limit bounds them, or it is not worthwhile. look makes
// s.list, of texts with so many of a kind, and returns how many there are beyond them; judge adds to s.near what is a duplicate.
// rounds returns how many candidates were not judged.
func (s *search) rounds(limit int, k keeper, look func(most int) (unseen int), judge func(candidate)) (left int) {
	s.near, s.judged = s.near[:0], s.judged[:0]
	for most := crowd; ; most *= widen {
		unseen := look(most)
		s.choose(min(most, limit/2+limit%2), k)
		for _, c := range s.chosen {
			judge(c)
			s.judged = append(s.judged, c.text)
		}
		left = max(0, unseen+len(s.list)-len(s.judged))
		if left == 0 || most >= limit || !s.worthwhile(most) {
			return left
		}
	}
}

// worthwhile reports whether what the rounds found so far is worth another one: anything in the first, and later one in widen of
// those that were looked at.
func (s *search) worthwhile(most int) bool {
	return len(s.near)*widen >= most || most == crowd && len(s.near) > 0
}

// candidates joins s.found and s.excerpts, of a text with so many sampled features.
func (s *search) candidates(sampled int) {
	s.list = s.list[:0]
	for _, m := range s.found {
		s.list = append(s.list, candidate{m.ID, m.Similarity, 0})
	}
	slices.SortFunc(s.list, byText)
	n := len(s.list)
	for _, c := range s.excerpts {
		inside := float64(c.Shared) / float64(min(sampled, c.Sampled)+1)
		if i, ok := slices.BinarySearchFunc(s.list[:n], candidate{text: c.ID}, byText); ok {
			s.list[i].inside = inside
		} else {
			s.list = append(s.list, candidate{c.ID, -1, inside})
		}
	}
}

// sampleShare is the part of the smaller sample, one in so many, that two texts have to share. Sampling is coarse: of an
// excerpt that is contained by three quarters, a third of the sample is there nearly always.
const sampleShare = 3

func byText(a, b candidate) int { return cmp.Compare(a.text, b.text) }

// A keeper knows what is kept of the texts that candidates are.
type keeper interface{ keptOf(text uint32) []byte }

func (s *state) keptOf(text uint32) []byte { return s.texts.at(text).kept }

// choose puts those into s.chosen that have not been judged yet of the n most similar candidates and of the n that share most
// of an excerpt. Which of equally promising ones are taken depends on what they are, not on when they came.
func (s *search) choose(n int, k keeper) {
	s.chosen = s.chosen[:0]
	all := len(s.list) <= 2*n
	var similar, inside cut
	if !all {
		for _, c := range s.list {
			similar.level[level(c.similarity)]++
			inside.level[level(c.inside)]++
		}
		similar.lay(n)
		inside.lay(n)
		if similar.split() || inside.split() {
			slices.SortFunc(s.list, func(a, b candidate) int { return bytes.Compare(k.keptOf(a.text), k.keptOf(b.text)) })
		}
	}
	slices.Sort(s.judged)
	for _, c := range s.list {
		if !all {
			a, b := similar.take(c.similarity), inside.take(c.inside)
			if !a && !b {
				continue
			}
		}
		if _, ok := slices.BinarySearch(s.judged, c.text); !ok {
			s.chosen = append(s.chosen, c)
		}
	}
}

// A cut takes the n candidates of the highest level.
type cut struct {
	level [levels + 1]int // how many are at each
	last  int             // the lowest that is taken from
	left  int             // how many of that
}

const levels = 128

// level returns 0 for no share, up to levels for all.
func level(share float64) int { return max(0, min(levels, int(share*levels))) }

func (c *cut) lay(n int) {
	c.last, c.left = levels, n
	for c.last > 0 && c.left > c.level[c.last] {
		c.left -= c.level[c.last]
		c.last--
	}
	if c.last == 0 {
		c.left = 0 // nothing speaks for these
	}
}

// split reports whether some of the lowest level are taken and others are not.
func (c *cut) split() bool { return c.left > 0 && c.left < c.level[c.last] }

func (c *cut) take(share float64) bool {
	l := level(share)
	if l != c.last {
		return l > c.last
	}
	c.left--
	return c.left >= 0
}
