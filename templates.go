package neardup

import (
	"context"
	"errors"
	"iter"

	"github.com/cespare/xxhash/v2"
)

// Templates says what is done about text that recurs in articles otherwise different: forms, price tables, court notices,
// navigation that the prose view did not recognise. Features of such text are left out of what is compared. The zero value
// compares everything.
//
// # What is learnt
//
// With Learn, a detector counts in how many articles of a source each feature occurs. A feature becomes a template feature when it has
// been counted in at least 10 articles and in at least a twentieth of those of its source. An article without a Source counts
// for the source "".
//
// # What keeps a popular article safe
//
// The features of an article published five hundred times occur together, in articles that have nothing else. The features of
// a form occur in articles that each bring text of their own. So an article is counted only if at least a tenth
// of its features are new to its source: the first of five hundred copies, or lightly edited versions, is counted, and the others are
// not. Counting by source keeps apart what is syndicated, once or twice in each source, from what a source puts on every page.
// And if fewer than 5 features of an article would be left, all are kept.
//
// What cannot be told apart is a text that one source publishes again and again, each time with more than a tenth
// of new text around it, in more than a twentieth of its articles. To this library that is a form.
//
// # What it costs
//
// 8 MiB, whatever the number of articles and sources: counters are shared by hashing, which can make them too high, and
// halved when a quarter of them is in use, so that what is no longer published is forgotten. About the last million features count, some
// 2,000 articles. Learning runs under the lock and takes about 20 ns a feature.
//
// What is left out of an article is decided when it is added or asked about, from what was learnt by then. The first articles
// of a source are therefore compared whole, and what is found depends on the order of adding. To know the templates from the first article
// on, give all of them to [Detector.Learn] before adding any.
type Templates struct {
	// Learn turns learning on.
	Learn bool
	// Known are texts, such as an empty form, whose features are left out wherever they occur. They are read as
	// articles are, and part of the saved state.
	Known []string
}

const (
	learnCells    = 1 << 22        // counters in each of two rows
	learnFull     = learnCells / 4 // increments after which all are halved
	learnArticles = 10             // articles that make a template, at least
	learnShare    = 20             // one in so many articles of the source
	learnNew      = 10             // one in so many features has to be new for an article to count
	learnLeft     = 5              // features that have to be left
	learnMax      = 1<<8 - 1       // of a counter
	learnMask     = learnCells - 1
)

// A learner is a count-min sketch with conservative update, of the articles of each source that a feature occurs in.
type learner struct {
	rows    [2][]uint8
	filled  int               // increments since the last halving
	sources map[uint64]uint32 // articles counted, by hash of the source
}

func newLearner() *learner {
	return &learner{
		rows:    [2][]uint8{make([]uint8, learnCells), make([]uint8, learnCells)},
		sources: make(map[uint64]uint32),
	}
}

// cells returns the two counters of a feature in a source.
func (l *learner) cells(f, source uint64) (a, b *uint8) {
	h := mix(f + source)
	return &l.rows[0][h&learnMask], &l.rows[1][h>>32&learnMask]
}

// add counts an article, unless most of it is known.
func (l *learner) add(features []uint64, source uint64) {
	fresh := 0
	for _, f := range features {
		if a, b := l.cells(f, source); min(*a, *b) == 0 {
			fresh++
		}
	}
	if fresh == 0 || fresh*learnNew < len(features) {
		return
	}
	for _, f := range features {
		a, b := l.cells(f, source)
		if n := min(*a, *b); n < learnMax {
			*a, *b = max(*a, n+1), max(*b, n+1)
		}
	}
	l.sources[source]++
	if l.filled += fresh; l.filled >= learnFull {
		l.halve()
	}
}

// halve forgets half of everything.
func (l *learner) halve() {
	for _, row := range l.rows {
		for i, n := range row {
			row[i] = n / 2
		}
	}
	for s, n := range l.sources {
		if l.sources[s] = n / 2; n < 2 {
			delete(l.sources, s)
		}
	}
	l.filled /= 2
}

// keep moves the features that are not of a template to the front and returns them; too few, and it returns all.
func (l *learner) keep(features []uint64, source uint64) []uint64 {
	limit := uint8(min(learnMax, max(learnArticles, l.sources[source]/learnShare)))
	n := 0
	for i, f := range features {
		if a, b := l.cells(f, source); min(*a, *b) < limit {
			features[i], features[n] = features[n], f
			n++
		}
	}
	if n < learnLeft {
		return features
	}
	return features[:n]
}

// learn takes what there is to learn from p and sketches the rest. The caller has the write lock.
func (d *Detector) learn(w *worker, p *prepared) {
	if d.learned != nil {
		d.learned.add(p.features, p.source())
		d.weigh(w, p)
	}
}

// weigh sketches p without what has been learnt. The caller has the read lock at least.
func (d *Detector) weigh(w *worker, p *prepared) {
	if d.learned != nil {
		d.sketch(w, p, d.learned.keep(p.features, p.source()))
	}
}

func (p *prepared) source() uint64 { return xxhash.Sum64String(p.a.Source) }

// Learn learns templates from articles without adding them, so that they are known before the first is added. IDs are
// not looked at; a text that is too long is refused, as by [Detector.AddAll]. Without Templates.Learn it returns an error.
func (d *Detector) Learn(ctx context.Context, articles iter.Seq[Article]) error {
	if d.learned == nil {
		return errors.New("neardup: Learn needs Config.Templates.Learn")
	}
	return d.pipeline(ctx, articles, func(_ *worker, p *prepared) error {
		d.learned.add(p.features, p.source())
		return nil
	})
}

// knownFeatures returns the features of texts.
func (w *worker) knownFeatures(texts []string) map[uint64]struct{} {
	known := make(map[uint64]struct{})
	for _, t := range texts {
		w.features = w.shingler.Append(w.features[:0], t)
		for _, f := range w.features {
			known[f] = struct{}{}
		}
	}
	return known
}
