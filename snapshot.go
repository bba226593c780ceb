package neardup

import (
	"cmp"
	"context"
	"iter"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/neardup/neardup/internal/sitetext"
	"github.com/neardup/neardup/minhash"
)

// A snapshot is what a detector held at one time. It is taken, and the indexes are asked, in short turns under the read
// lock, so that others go on meanwhile; everything else needs no lock. Texts and entries that the snapshot has are not
// freed before it is released.
type snapshot struct {
	d       *Detector
	time    uint64
	entries []seen // in the order of adding
	texts   []seenText
	of      []uint32 // by number of the text in the state: its place in texts, or none
	sources []string // in the order of their first articles
	models  []*sitetext.Model
	graph   *minhash.Snapshot

	several map[uint32][]uint32 // by text: its sources, if they are several

	former map[uint32]site // while the sites are yet to be seen: by number in the state, what has changed since
	learnt []seenSite      // of sources, if the snapshot is to be saved
}

// seen is an entry of a snapshot.
type seen struct {
	id     string
	source uint32 // in snapshot.sources
	marks  byte   // if the snapshot is to be saved
	added  uint64
	sec    int64
	nsec   uint32
	text   uint32 // in snapshot.texts; none: no features
}

// seenText is a text of a snapshot.
type seenText struct {
	id     uint32 // in the state
	source uint32 // in snapshot.sources; many, if articles of several have it
	evidence
}

// seenSite is what is known of a source of a snapshot.
type seenSite struct {
	model         *sitetext.Model
	hits, next    int
	recent, alike []uint64 // by when they were added
}

// The marks of an entry: whether it is among the latest of its source.
const (
	markRecent = 1 << iota
	markAlike
	allMarks = 1<<iota - 1
)

// turn is how many entries are copied while the lock is held.
const turn = 2048

// snapshot takes a snapshot, which has to be released.
func (d *Detector) snapshot(ctx context.Context) (*snapshot, error) {
	v := new(snapshot)
	_, err := v.take(ctx, d)
	return v, err
}

// snapshotToSave takes a snapshot that has what is known of sources, too.
func (d *Detector) snapshotToSave(ctx context.Context) (*snapshot, error) {
	if !d.cfg.learns() {
		return d.snapshot(ctx)
	}
	v := &snapshot{former: make(map[uint32]site)}
	numbers, err := v.take(ctx, d)
	if err == nil {
		err = v.seeSites(ctx, numbers)
	}
	return v, err
}

// take takes the snapshot and returns the numbers that it gives to sources, by those of the state.
// With an error it is released.
func (v *snapshot) take(ctx context.Context, d *Detector) (numbers map[uint32]uint32, err error) {
	s := d.state
	v.d = d
	d.mu.Lock()
	v.time, v.graph = s.clock, s.index.Snapshot()
	s.watched[v.time]++
	if v.former != nil {
		s.saving = append(s.saving, v)
	}
	entries, texts, held := s.entries.n, s.texts.n, len(s.byID)
	d.mu.Unlock()
	v.entries = make([]seen, 0, held)

	v.of = make([]uint32, texts)
	for i := range v.of {
		v.of[i] = none
	}
	names := make(map[uint32]string) // of sources, by their numbers in the state, which stay while they are watched
	for at := uint32(0); at < entries; {
		if err := ctx.Err(); err != nil {
			v.release()
			return nil, err
		}
		d.mu.RLock()
		for end := min(entries, at+turn); at < end; at++ {
			v.see(s, s.entries.at(at), names)
		}
		d.mu.RUnlock()
		runtime.Gosched()
	}
	slices.SortFunc(v.entries, func(a, b seen) int { return cmp.Compare(a.added, b.added) })
	return v.numberSources(names), nil
}

// seeSites copies what was known of the sources at the time of the snapshot. Whoever has changed
// that since has left it in v.former.
func (v *snapshot) seeSites(ctx context.Context, numbers map[uint32]uint32) error {
	s := v.d.state
	v.learnt = make([]seenSite, len(v.sources))
	n := turn
	v.d.mu.RLock()
	for at, number := range numbers {
		if n < 0 {
			v.d.mu.RUnlock()
			if err := ctx.Err(); err != nil {
				v.release()
				return err
			}
			runtime.Gosched()
			v.d.mu.RLock()
			n = turn
		}
		was, ok := v.former[at]
		if !ok {
			was = s.sources[at].site
		}
		c := &v.learnt[number]
		c.model, c.hits, c.next = was.model, was.hits, was.next
		c.recent, c.alike = s.appendAdded(nil, was.recent), s.appendAdded(nil, was.alike)
		n -= 8 + len(was.recent) + len(was.alike)
	}
	v.d.mu.RUnlock()
	v.d.mu.Lock()
	v.unwatchSites()
	v.d.mu.Unlock()
	for i := range v.entries {
		c := &v.entries[i]
		of := &v.learnt[c.source]
		for mark, list := range []*[]uint64{&of.recent, &of.alike} {
			if l := *list; len(l) > 0 && l[0] == c.added {
				*list = l[1:]
				c.marks |= 1 << mark
			}
		}
	}
	return nil
}

// unwatchSites says that no site is to be seen any more. The lock is held.
func (v *snapshot) unwatchSites() {
	s := v.d.state
	s.saving = slices.DeleteFunc(s.saving, func(o *snapshot) bool { return o == v })
	v.former = nil
}

// see copies an entry, if the snapshot has it.
func (v *snapshot) see(s *state, e *entry, names map[uint32]string) {
	if e.added == 0 || e.added > v.time || e.gone != 0 && e.gone <= v.time {
		return
	}
	c := seen{id: e.id, source: e.source, added: e.added, sec: e.sec, nsec: e.nsec, text: none}
	if _, ok := names[e.source]; !ok {
		names[e.source] = s.sources[e.source].name
	}
	if e.text != none {
		if v.of[e.text] == none {
			v.of[e.text] = uint32(len(v.texts))
			v.texts = append(v.texts, seenText{e.text, none, s.texts.at(e.text).evidence()})
		}
		c.text = v.of[e.text]
	}
	v.entries = append(v.entries, c)
}

// numberSources numbers the sources in the order of their first articles, and tells which texts are
// of one source. It returns the numbers by those of the state.
func (v *snapshot) numberSources(names map[uint32]string) map[uint32]uint32 {
	numbers := make(map[uint32]uint32, len(names))
	v.several = make(map[uint32][]uint32)
	for i := range v.entries {
		c := &v.entries[i]
		n, ok := numbers[c.source]
		if !ok {
			n = uint32(len(v.sources))
			numbers[c.source] = n
			v.sources = append(v.sources, names[c.source])
		}
		c.source = n
		if c.text == none {
			continue
		}
		switch t := &v.texts[c.text]; t.source {
		case none, n:
			t.source = n
		case many:
			v.several[c.text] = append(v.several[c.text], n)
		default:
			v.several[c.text] = append(v.several[c.text], t.source, n)
			t.source = many
		}
	}
	return numbers
}

// release lets go of what the snapshot keeps from being freed.
func (v *snapshot) release() {
	s := v.d.state
	v.d.mu.Lock()
	v.unwatchSites()
	if s.watched[v.time]--; s.watched[v.time] == 0 {
		delete(s.watched, v.time)
	}
	v.d.mu.Unlock()
	for more := true; more; {
		v.d.mu.Lock()
		more = s.sweep(16)
		v.d.mu.Unlock()
		runtime.Gosched()
	}
}

// entry returns what others see of an article.
func (v *snapshot) entry(i int) Entry {
	c := &v.entries[i]
	e := Entry{ID: c.id, Source: v.sources[c.source]}
	if c.nsec != noTime {
		e.Time = time.Unix(c.sec, int64(c.nsec)).UTC()
	}
	if c.text != none {
		e.Size = v.texts[c.text].sizes.prose
	}
	return e
}

// order returns the places of the entries in the order of the policy.
func (v *snapshot) order(policy Policy) []int {
	entries := make([]Entry, len(v.entries))
	order := make([]int, len(v.entries))
	for i := range v.entries {
		entries[i], order[i] = v.entry(i), i
	}
	total := policy.total()
	slices.SortFunc(order, func(a, b int) int { return total(entries[a], entries[b]) })
	return order
}

// neighbors returns the texts that duplicate text i, in w.near; their numbers are places in v.texts.
func (v *snapshot) neighbors(w *worker, i int) []neighbor {
	t := &v.texts[i]
	w.single.sample = w.single.sample[:0]
	if v.d.state.excerpts != nil {
		w.single.sample = w.sampler.append(w.single.sample, t.features())
	}
	v.d.mu.RLock()
	sampled := v.d.state.findExcerpts(w, w.single.sample)
	v.d.mu.RUnlock()
	w.rounds(math.MaxInt, v, func(most int) (unseen int) {
		return v.look(w, t.id, sampled, window(most))
	}, func(c candidate) {
		if len(w.judged) == 0 {
			w.hold(&t.evidence)
		}
		other := v.of[c.text]
		o := &v.texts[other]
		if r := w.judge(&o.evidence, max(0, c.similarity), v.sites(t, o), v.oneSource(t, o)); r.Kind != Different {
			w.near = append(w.near, neighbor{other, r})
		}
	})
	v.d.compared.Add(int64(len(w.judged)))
	return w.near
}

func (v *snapshot) keptOf(text uint32) []byte { return v.texts[v.of[text]].data }

// look finds the candidates for a text, in w.list, of which w.excerpts has those with an excerpt, and returns 1 if there are more
// in crowded buckets.
func (v *snapshot) look(w *worker, text uint32, sampled, window int) (unseen int) {
	v.d.mu.RLock()
	var more bool
	w.found, more = v.graph.AppendQuery(w.found[:0], text, w.least, window)
	v.d.mu.RUnlock()
	w.candidates(sampled)
	w.list = slices.DeleteFunc(w.list, func(c candidate) bool {
		return c.text == text || int(c.text) >= len(v.of) || v.of[c.text] == none
	})
	if more {
		unseen = 1
	}
	return unseen
}

// Entries returns what is held, in the order of adding. It is a snapshot of the moment when the loop begins; its body may
// use the detector.
func (d *Detector) Entries() iter.Seq[Entry] {
	d.mustBeMade()
	return func(yield func(Entry) bool) {
		v, err := d.snapshot(context.Background())
		if err != nil {
			return // not without an end of the context
		}
		v.release() // nothing is asked of the indexes
		for i := range v.entries {
			if !yield(v.entry(i)) {
				return
			}
		}
	}
}
