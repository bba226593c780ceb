package neardup

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/neardup/neardup/internal/featureset"
	"github.com/neardup/neardup/internal/sitetext"
)

const (
	ownFeatures = 12   // that a text has to have beside its site's text to be anything's duplicate
	learnTexts  = 6    // of a source, from which on something can be learnt
	learnRecent = 1024 // texts of a source that came last, of which an Add learns
	learnHits   = 256  // texts of a source that were found to duplicate others, of which it learns too
	many        = none - 1
)

// judge gives the verdict on the article held and another, of which sites says what text is their sites' own, and
// oneSource whether they name one source. Of articles that are different it says no more than that.
func (r *Reader) judge(b *evidence, similarity float64, sites sitetext.Pair, oneSource bool) Relation {
	r.oneSource = oneSource
	// Under one wall there are thousands, which share that and nothing else.
	onlySite := sites.A != nil && sites.A == sites.B && !r.sharesOwn(b, sites.A)
	all := r.verdict(b, similarity)
	switch {
	case r.cfg.BySignature || sites.Empty() || all.Shared < ownFeatures:
		return all
	case onlySite:
		return Relation{Reason: OnlySite}
	}
	own, _, _ := r.relateOwn(b, sites)
	return own.withSite(all)
}

// withSite returns the relation r of what two texts have beside the text of their sites, of which all has the relation all. What is
// taken for a site's may be an article's, that many others quote: half of all of the prose has to be kept, too.
func (r Relation) withSite(all Relation) Relation {
	r.Kind, r.Reason = keepHalf(r.Kind, r.Reason, all.ContainmentAInB < leastShare, all.ContainmentBInA < leastShare)
	return r
}

// sharesOwn reports whether the article held and another share a feature that is not text of the site of both.
func (r *Reader) sharesOwn(b *evidence, site *sitetext.Model) bool {
	if r.ownSite != site {
		r.ownSite = site
		set := r.a.features()
		for class := range r.own {
			r.own[class] = featureset.AppendValues(r.own[class][:0], set, featureBits, class)
			r.own[class] = slices.DeleteFunc(r.own[class], site.Has)
		}
		r.ownSet = featureset.Append(r.ownSet[:0], featureBits, &r.own)
		r.ownA.Reset(r.ownSet, featureBits)
	}
	var hist table
	r.ownA.Count(b.features(), 0, &hist)
	return hist != (table{})
}

// relateOwn is relate without the text of sites. It also returns how many features of each were left out.
func (r *Reader) relateOwn(b *evidence, sites sitetext.Pair) (rel Relation, siteA, siteB int) {
	if len(r.listA) == 0 {
		r.listA = r.sampler.appendClassed(r.listA, r.a.features())
	}
	r.listB = r.sampler.appendClassed(r.listB[:0], b.features())
	var hist table
	var left [2][featureset.Classes]int // features of each that are not left out
	la, lb := r.listA, r.listB
	for len(la) > 0 || len(lb) > 0 {
		switch {
		case len(lb) == 0 || len(la) > 0 && la[0]>>3 < lb[0]>>3:
			if sites.DropsA(la[0] >> 3) {
				siteA++
			} else {
				left[0][la[0]&7]++
			}
			la = la[1:]
		case len(la) == 0 || lb[0]>>3 < la[0]>>3:
			if sites.DropsB(lb[0] >> 3) {
				siteB++
			} else {
				left[1][lb[0]&7]++
			}
			lb = lb[1:]
		default:
			if sites.DropsBoth(la[0] >> 3) {
				siteA++
				siteB++
			} else {
				left[0][la[0]&7]++
				left[1][lb[0]&7]++
				hist[la[0]&7][lb[0]&7]++
			}
			la, lb = la[1:], lb[1:]
		}
	}
	own := [2]evidence{r.a, *b}
	for i := range own {
		before := own[i].sizes.whole
		own[i].sizes = sizesIn(&left[i])
		if own[i].sizes.whole < min(before, ownFeatures) {
			return Relation{Reason: OnlySite}, siteA, siteB
		}
	}
	return r.decide(&hist, &own[0], &own[1]), siteA, siteB
}

// sourceTexts are the distinct texts of one source, to learn from. When ctx has ended they have no features, so that learning
// ends.
type sourceTexts struct {
	ctx     context.Context
	texts   []evidence
	sampler *sampler
}

func (t *sourceTexts) Len() int { return len(t.texts) }

func (t *sourceTexts) AppendSet(dst []uint32, i int) []uint32 {
	if t.ctx.Err() != nil {
		return dst
	}
	set := t.texts[i].features()
	for class, n := range featureset.Sizes(set) {
		if n == 0 {
			continue
		}
		from := len(dst)
		if dst = featureset.AppendValues(dst, set, featureBits, class); class&inBody == 0 {
			for i := range dst[from:] {
				dst[from+i] |= sitetext.Menu
			}
		}
	}
	return dst
}

func (t *sourceTexts) Skeleton(i int) []byte { return t.texts[i].skeletonBytes() }

// learns reports whether site text is learnt.
func (c *Config) learns() bool { return !c.Templates.Off && !c.BySignature }

// learn finds the site text of all sources of the snapshot.
func (v *snapshot) learn(ctx context.Context) error {
	v.models = make([]*sitetext.Model, len(v.sources))
	if !v.d.cfg.learns() {
		return nil
	}
	bySource := make([][]uint32, len(v.sources))
	for i := range v.entries {
		c := &v.entries[i]
		if c.text == none || v.sources[c.source] == "" {
			continue
		}
		bySource[c.source] = append(bySource[c.source], c.text)
	}
	var todo []int
	for s, texts := range bySource {
		slices.Sort(texts)
		bySource[s] = slices.Compact(texts)
		if len(bySource[s]) >= learnTexts {
			todo = append(todo, s)
		}
	}
	// The largest come first, so that no worker is left alone with one at the end.
	slices.SortStableFunc(todo, func(a, b int) int { return len(bySource[b]) - len(bySource[a]) })
	err := v.d.parallel(ctx, len(todo), func(w *worker, i int) {
		list := &sourceTexts{ctx: ctx, sampler: &w.sampler}
		for _, t := range bySource[todo[i]] {
			list.texts = append(list.texts, v.texts[t].evidence)
		}
		var l sitetext.Learner
		v.models[todo[i]] = l.Learn(list)
	})
	v.join()
	return err
}

// maxJoined is of how many sources of a text it is known what is theirs; a text of more is everybody's.
const maxJoined = 4

// join gives the texts that several sources have a source of their own, whose text is that of all of them.
func (v *snapshot) join() {
	joined := make(map[[maxJoined]string]uint32)
	for text, sources := range v.several {
		var names [maxJoined]string
		var list []*sitetext.Model
		slices.SortFunc(sources, func(a, b uint32) int { return cmp.Compare(v.sources[a], v.sources[b]) })
		n := 0
		for _, s := range slices.Compact(sources) {
			if v.sources[s] == "" {
				continue
			}
			if n++; n <= maxJoined {
				names[n-1] = v.sources[s]
				list = append(list, v.models[s])
			}
		}
		if n == 0 || n > maxJoined {
			continue
		}
		at, ok := joined[names]
		if !ok {
			at = uint32(len(v.models))
			joined[names] = at
			v.sources = append(v.sources, strings.Join(names[:], "\x00"))
			v.models = append(v.models, sitetext.Join(list...))
		}
		v.texts[text].source = at
	}
}

// sites says what text of two texts is their sites' own.
func (v *snapshot) sites(a, b *seenText) sitetext.Pair {
	return sitetext.Pair{A: v.model(a.source), B: v.model(b.source)}
}

// oneSource reports whether all articles of two texts name one source.
func (v *snapshot) oneSource(a, b *seenText) bool {
	return a.source == b.source && a.source < many && v.sources[a.source] != ""
}

func (v *snapshot) model(source uint32) *sitetext.Model {
	if source >= many {
		return nil
	}
	return v.models[source]
}

// A site is what a state knows of the text of a source. It is saved with what is held, and forgotten
// with the last article of the source.
type site struct {
	model  *sitetext.Model
	recent latest // of the texts that came last, each the first article that is held
	alike  latest // articles that were no different from others
	hits   int    // articles that were no different from others when they came
	next   int    // hits at which to learn again; 0 if nothing was learnt yet
}

// latest are the articles held that came last, by their entries, in the order of adding.
type latest []uint32

func (l *latest) add(entry uint32, most int) {
	if len(*l) == most {
		*l = slices.Delete(*l, 0, 1)
	}
	*l = append(*l, entry)
}

// remove reports whether the entry was there.
func (l *latest) remove(entry uint32) bool {
	i := slices.Index(*l, entry)
	if i >= 0 {
		*l = slices.Delete(*l, i, i+1)
	}
	return i >= 0
}

// maxHits is where hits end, so that next is an int on every machine.
const maxHits = 1 << 30

func (s *site) hit() { s.hits = min(s.hits+1, maxHits) }

// due reports whether it is time to learn.
func (s *site) due() bool {
	if s.next == 0 {
		return len(s.recent) >= learnTexts
	}
	return s.hits >= s.next
}

// learnt replaces the model, and sets when the next is due: at 5 hits, 6, and so on up to 10, and then at half as many
// more each time, so that all learning of a source together costs little more than the last.
func (s *site) learnt(m *sitetext.Model) {
	s.model = m
	s.next = max(5, s.hits+1)
	if s.hits >= 10 {
		s.next = s.hits + s.hits/2
	}
}

// site returns what is known of a source, to be changed. Snapshots that are to be saved keep what it was.
func (s *state) site(source uint32) *site {
	now := &s.sources[source].site
	for _, v := range s.saving {
		if _, ok := v.former[source]; !ok {
			was := *now
			was.recent, was.alike = slices.Clone(now.recent), slices.Clone(now.alike)
			v.former[source] = was
		}
	}
	return now
}

// alike notes that an article is no different from others of its source.
func (s *state) alike(id string) {
	at := s.byID[id]
	s.site(s.entries.at(at).source).alike.add(at, learnHits)
}

// forget takes an article that was removed out of what its source learns from. Of a text that came
// lately, the next article of the source takes its place, so that nothing depends on the order in
// which articles are removed, unless thousands of other sources' copies lie between the two.
func (s *state) forget(at uint32) {
	e := s.entries.at(at)
	src := &s.sources[e.source]
	if src.live == 0 {
		*s.site(e.source) = site{}
		return
	}
	if len(src.recent)+len(src.alike) == 0 {
		return
	}
	site := s.site(e.source)
	site.alike.remove(at)
	if !site.recent.remove(at) {
		return
	}
	const most = 4096 // copies looked at, under the lock
	at = e.next
	for n := 0; at != none && n < most; n++ {
		if s.entries.at(at).source == e.source {
			i, _ := slices.BinarySearchFunc(site.recent, s.entries.at(at).added, s.compareAdded)
			site.recent = slices.Insert(site.recent, i, at)
			return
		}
		at = s.entries.at(at).next
	}
}

func (s *state) compareAdded(entry uint32, added uint64) int {
	return cmp.Compare(s.entries.at(entry).added, added)
}

// appendAdded returns when entries were added.
func (s *state) appendAdded(dst []uint64, list latest) []uint64 {
	for _, at := range list {
		dst = append(dst, s.entries.at(at).added)
	}
	return dst
}

// sampleTexts returns texts of a source to learn from: the last that came and are still there.
func (s *state) sampleTexts(source uint32) []evidence {
	var ids []uint32
	for _, list := range []latest{s.sources[source].recent, s.sources[source].alike} {
		for _, at := range list {
			ids = append(ids, s.entries.at(at).text)
		}
	}
	slices.Sort(ids)
	var out []evidence
	for _, id := range slices.Compact(ids) {
		out = append(out, s.texts.at(id).evidence())
	}
	return out
}

// sites says what text of an article of a source, and of a text that is held, is their sites' own, and whether they have a source
// in common.
func (s *state) sites(source uint32, t *text) (p sitetext.Pair, oneSource bool) {
	if source < many {
		p.A = s.sources[source].model
	}
	if of := s.sourceOf(t); of < many {
		p.B = s.sources[of].model
		return p, source == of
	}
	// Several sources have it: what most is known of stands for all. The first are looked at.
	at := t.first
	for n := 0; at != none && n < 16; n++ {
		e := s.entries.at(at)
		if m := s.sources[e.source].model; m.Len() > p.B.Len() {
			p.B = m
		}
		oneSource = oneSource || e.source == source
		at = e.next
	}
	return p, oneSource
}

// sitesOf says what text of articles of two sources is their sites' own.
func (s *state) sitesOf(a, b string) sitetext.Pair {
	var p sitetext.Pair
	if at, ok := s.bySource[a]; ok && a != "" {
		p.A = s.sources[at].model
	}
	if at, ok := s.bySource[b]; ok && b != "" {
		p.B = s.sources[at].model
	}
	return p
}

// learn learns the text of a source, if that is due, and reports whether it did. The lock must not be held.
func (d *Detector) learn(w *worker, name string) bool {
	d.mu.RLock()
	at, ok := d.state.bySource[name]
	if !ok || !d.state.sources[at].due() {
		d.mu.RUnlock()
		return false
	}
	list := &sourceTexts{ctx: context.Background(), texts: d.state.sampleTexts(at), sampler: &w.sampler}
	d.mu.RUnlock()
	m := w.learner.Learn(list)
	d.mu.Lock()
	defer d.mu.Unlock()
	if at, ok = d.state.bySource[name]; ok {
		d.state.site(at).learnt(m)
	}
	return ok
}
