package neardup

import (
	"bytes"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/neardup/neardup/minhash"
)

// State is what a Detector holds. It knows no lock and no goroutine: who calls has exclusive access where something
// changes, and shared access otherwise.
//
//	byID ──► entries ──► texts ◄── byText       entry: an article, in the order of adding
//	           │          │  ▲                  text:  all articles with the same features and words
//	        sources       │  └── index, excerpts (by the number of the text)
//	                      ▼
//	                   kept bytes: the features, compressed; or a digest of them
//
// Removed entries stay in place until no snapshot can see them; then their places are used again.
type state struct {
	cfg *Config

	byID    map[string]uint32
	entries list[entry]
	texts   list[text]
	byText  map[uint64]uint32 // by hash of the kept bytes: the first text, from where text.same leads on
	seed    maphash.Seed      // of that hash, which no result depends on

	sources  []source
	bySource map[string]uint32

	index    *minhash.Index            // texts by their signatures, unless they have no features
	excerpts *minhash.ContainmentIndex // texts by their sampled features, unless NoContainment or BySignature

	clock    uint64         // grows with each change
	watched  map[uint64]int // snapshots in use, by their time
	saving   []*snapshot    // those that have yet to see the sites
	limbo    []uint32       // removed entries that are not yet freed, in the order of removal
	free     struct{ entries, texts, sources []uint32 }
	distinct int // texts of which articles are held
	empty    int // articles without features
}

// An entry is one article, or nothing if text and added are 0.
type entry struct {
	id         string
	added      uint64 // the time of adding; 0 if there is no entry here
	gone       uint64 // the time of removal; 0 while it is held
	sec        int64
	nsec       uint32 // noTime: no time given
	source     uint32
	text       uint32 // none: no features
	prev, next uint32 // articles of the same text, in the order of adding
}

// A text is all articles with one set of features and words. They share their evidence and one place in the indexes, so five
// thousand copies of one text cost no more to search than one.
type text struct {
	kept        []byte // the evidence; by signature a digest of it
	words       uint32 // where the words begin in the evidence
	skeleton    uint32 // where the skeleton begins
	fellBack    bool
	sizes       [3]uint32 // prose, body, whole
	hash        uint64    // of kept
	same        uint32    // the next text of the same hash
	first, last uint32    // articles held, in the order of adding
	live        uint32    // articles held
	refs        uint32    // articles held or in limbo
	changes     uint32    // of source, from one article held to the next
}

// A source is where articles come from.
type source struct {
	name string
	live uint32 // articles held
	refs uint32 // articles held or in limbo
	site
}

const (
	none   = math.MaxUint32
	noTime = math.MaxUint32

	maxBucket = 10_000 // texts of one bucket that Add and Query look at
	maxCommon = 256    // texts that a feature may be in and still hint at an excerpt
)

// A list grows without moving what it holds.
type list[T any] struct {
	chunks []*[chunk]T
	n      uint32
}

const chunk = 1 << 10

func (l *list[T]) at(i uint32) *T { return &l.chunks[i/chunk][i%chunk] }

// add makes room for one more and returns its number.
func (l *list[T]) add() uint32 {
	if l.n%chunk == 0 {
		l.chunks = append(l.chunks, new([chunk]T))
	}
	l.n++
	return l.n - 1
}

func newState(cfg *Config, plan minhash.Plan) (*state, error) {
	s := &state{
		cfg:      cfg,
		byID:     make(map[string]uint32),
		byText:   make(map[uint64]uint32),
		bySource: make(map[string]uint32),
		seed:     maphash.MakeSeed(),
		watched:  make(map[uint64]int),
	}
	var err error
	s.index, err = minhash.NewIndex(minhash.IndexConfig{Plan: plan, Bits: cfg.bits(), MaxBucket: maxBucket, Seed: cfg.Seed})
	if err != nil {
		return nil, err
	}
	if !cfg.NoContainment && !cfg.BySignature {
		s.excerpts, err = minhash.NewContainmentIndex(minhash.ContainmentConfig{Rate: 1, MaxDocs: maxCommon, Share: sampleShare})
	}
	return s, err
}

// held returns the entry of an article.
func (s *state) held(id string) (uint32, bool) { at, ok := s.byID[id]; return at, ok }

// find returns the text that is equal to p's.
func (s *state) find(p *prepared) (uint32, bool) {
	at, ok := s.byText[p.hash]
	for ok {
		t := s.texts.at(at)
		if t.fellBack == p.rec.fellBack && bytes.Equal(t.kept, p.kept) {
			return at, true
		}
		at, ok = t.same, t.same != none
	}
	return 0, false
}

// insert adds a prepared article, under an ID that is free.
func (s *state) insert(p *prepared) {
	id := uint32(none)
	if !p.rec.Empty() {
		var ok bool
		if id, ok = s.find(p); !ok {
			id = s.addText(p)
			s.index.Put(id, p.rec.sig)
		}
	}
	sec, nsec := int64(0), uint32(noTime)
	if !p.a.Time.IsZero() {
		sec, nsec = p.a.Time.Unix(), uint32(p.a.Time.Nanosecond())
	}
	s.insertEntry(strings.Clone(p.a.ID), p.a.Source, sec, nsec, id)
}

// insertEntry adds an article of a text that is held, or of none. It keeps the ID.
func (s *state) insertEntry(id, source string, sec int64, nsec, text uint32) {
	at := take(&s.free.entries, &s.entries)
	s.clock++
	e := s.entries.at(at)
	*e = entry{
		id: id, added: s.clock, sec: sec, nsec: nsec, source: s.intern(source),
		text: text, prev: none, next: none,
	}
	s.byID[id] = at
	s.sources[e.source].live++
	if text == none {
		s.empty++
		return
	}
	t := s.texts.at(text)
	if of := s.sourceOf(t); of != e.source && of != many && source != "" && s.cfg.learns() {
		s.site(e.source).recent.add(at, learnRecent)
	}
	if t.live == 0 {
		t.first = at
		s.distinct++
	} else {
		e.prev = t.last
		s.entries.at(t.last).next = at
		t.changes += s.change(t.last, at)
	}
	t.last = at
	t.live++
	t.refs++
}

// sourceOf returns the source of the articles of a text that are held: many, if they come from several, and none, if none is.
func (s *state) sourceOf(t *text) uint32 {
	switch {
	case t.live == 0:
		return none
	case t.changes > 0:
		return many
	}
	return s.entries.at(t.first).source
}

// change returns 1 if two entries are of different sources. Either may be none.
func (s *state) change(a, b uint32) uint32 {
	if a == none || b == none || s.entries.at(a).source == s.entries.at(b).source {
		return 0
	}
	return 1
}

// take returns a place that is free, or a new one.
func take[T any](free *[]uint32, l *list[T]) uint32 {
	if n := len(*free); n > 0 {
		at := (*free)[n-1]
		*free = (*free)[:n-1]
		return at
	}
	return l.add()
}

// intern returns the number of a source, for one more article.
func (s *state) intern(name string) uint32 {
	at, ok := s.bySource[name]
	if !ok {
		if n := len(s.free.sources); n > 0 {
			at = s.free.sources[n-1]
			s.free.sources = s.free.sources[:n-1]
		} else {
			at = uint32(len(s.sources))
			s.sources = append(s.sources, source{})
		}
		name = strings.Clone(name)
		s.sources[at].name = name
		s.bySource[name] = at
	}
	s.sources[at].refs++
	return at
}

// addText adds a text that is not held, but for its signature.
func (s *state) addText(p *prepared) uint32 {
	id := take(&s.free.texts, &s.texts)
	t := s.texts.at(id)
	*t = text{
		kept:     slices.Clone(p.kept),
		fellBack: p.rec.fellBack,
		sizes:    [3]uint32{uint32(p.rec.sizes.prose), uint32(p.rec.sizes.body), uint32(p.rec.sizes.whole)},
		hash:     p.hash,
		same:     none,
		first:    none,
		last:     none,
	}
	if !s.cfg.BySignature {
		t.words, t.skeleton = uint32(p.rec.words), uint32(p.rec.skeleton)
	}
	if first, ok := s.byText[p.hash]; ok {
		t.same = first
	}
	s.byText[p.hash] = id
	if s.excerpts != nil {
		s.excerpts.Add(id, p.sample)
	}
	return id
}

// remove takes out an article. What it took is freed when no snapshot sees it.
func (s *state) remove(id string) bool {
	at, ok := s.byID[id]
	if !ok {
		return false
	}
	delete(s.byID, id)
	s.clock++
	e := s.entries.at(at)
	e.gone = s.clock
	s.sources[e.source].live--
	if e.text == none {
		s.empty--
	} else {
		s.unlink(s.texts.at(e.text), at)
	}
	s.forget(at)
	s.limbo = append(s.limbo, at)
	s.sweep(4)
	return true
}

// unlink takes an entry out of the list of its text.
func (s *state) unlink(t *text, at uint32) {
	e := s.entries.at(at)
	t.changes += s.change(e.prev, e.next) - s.change(e.prev, at) - s.change(at, e.next)
	if e.prev == none {
		t.first = e.next
	} else {
		s.entries.at(e.prev).next = e.next
	}
	if e.next == none {
		t.last = e.prev
	} else {
		s.entries.at(e.next).prev = e.prev
	}
	if t.live--; t.live == 0 {
		s.distinct--
	}
}

// sweep frees at most n removed entries, and reports whether there are more that could be freed.
func (s *state) sweep(n int) bool {
	for ; len(s.limbo) > 0; n-- {
		at := s.limbo[0]
		e := s.entries.at(at)
		for time := range s.watched {
			if e.gone > time {
				return false
			}
		}
		if n <= 0 {
			return true
		}
		s.limbo = s.limbo[1:]
		if e.text != none {
			if t := s.texts.at(e.text); t.refs == 1 {
				s.freeText(e.text, t)
			} else {
				t.refs--
			}
		}
		if src := &s.sources[e.source]; src.refs == 1 {
			delete(s.bySource, src.name)
			*src = source{}
			s.free.sources = append(s.free.sources, e.source)
		} else {
			src.refs--
		}
		*e = entry{}
		s.free.entries = append(s.free.entries, at)
	}
	return false
}

// freeText gives up a text that no article has any more.
func (s *state) freeText(id uint32, t *text) {
	if first := s.byText[t.hash]; first != id {
		at := s.texts.at(first)
		for at.same != id {
			at = s.texts.at(at.same)
		}
		at.same = t.same
	} else if t.same != none {
		s.byText[t.hash] = t.same
	} else {
		delete(s.byText, t.hash)
	}
	s.index.Delete(id)
	if s.excerpts != nil {
		e := t.evidence()
		var z sampler
		s.excerpts.Remove(id, z.append(nil, e.features()))
	}
	*t = text{}
	s.free.texts = append(s.free.texts, id)
}

// evidence returns what an exact verdict needs.
func (t *text) evidence() evidence {
	return evidence{
		data:     t.kept, // by signature it has no words and no skeleton
		words:    int(t.words),
		skeleton: int(t.skeleton),
		sizes:    sizes{int(t.sizes[0]), int(t.sizes[1]), int(t.sizes[2])},
		fellBack: t.fellBack,
	}
}

// time returns the time of an entry, in UTC.
func (e *entry) time() time.Time {
	if e.nsec == noTime {
		return time.Time{}
	}
	return time.Unix(e.sec, int64(e.nsec)).UTC()
}
