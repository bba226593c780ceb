package neardup

import (
	"slices"

	"github.com/neardup/neardup/shingle"
)

// An Explanation is the evidence for or against two articles being near-duplicates, for people to read. Similarities are
// exact, and as seen from the first article.
type Explanation struct {
	Kind       Kind
	Similarity float64 // Jaccard similarity
	Contained  float64 // share of the first found in the second
	Contains   float64 // share of the second found in the first

	// Passages are the byte ranges that the two texts share, in order.
	Passages []shingle.Passage

	A, B Ignored // what was left out of each
}

// Ignored says what of a text was not compared.
type Ignored struct {
	// Blocks are the blocks of the text that the prose view dropped, with the reason for each. None are dropped by the
	// whole view, nor when FellBack is set.
	Blocks []shingle.Block
	// FellBack reports that the whole text was used, because too little prose was found in it.
	FellBack bool
	// Features is the number of distinct features compared, Templates of those left out as belonging to templates.
	Features, Templates int
}

// Explain compares two texts as the detector does, with what it has learnt of templates so far, but from the texts
// themselves. The articles need not be held, and their IDs and times are not looked at. It takes time in proportion to the
// two texts, and does not observe Config.MaxText.
func (d *Detector) Explain(a, b Article) Explanation {
	w := d.worker()
	defer d.pool.Put(w)
	var e Explanation
	var fa, fb shingle.Set
	fa, e.A = d.view(w, a)
	fb, e.B = d.view(w, b)
	if len(fa) > 0 && len(fb) > 0 {
		s := d.judgeExact(fa.Overlap(fb), len(fa), len(fb), e.A.FellBack && e.B.FellBack)
		e.Kind, e.Similarity, e.Contained, e.Contains = s.kind, s.similarity, s.contained, s.contains
	}
	e.Passages = w.shingler.AppendPassages(nil, a.Text, b.Text, minPassage)
	return e
}

// view returns the features of an article that are compared, and what is ignored.
func (d *Detector) view(w *worker, a Article) (shingle.Set, Ignored) {
	var ig Ignored
	all := len(w.distinct(w.shingler.Append(w.features[:0], a.Text)))
	features := w.distinct(d.features(w, a.Text))
	ig.FellBack = w.shingler.FellBack()
	if d.learned != nil {
		p := prepared{a: a}
		d.mu.RLock()
		features = d.learned.keep(features, p.source())
		d.mu.RUnlock()
	}
	ig.Features, ig.Templates = len(features), all-len(features)
	if d.cfg.Shingle.View == shingle.Prose && !ig.FellBack {
		for _, b := range shingle.AppendBlocks(nil, a.Text) {
			if !b.Kept {
				ig.Blocks = append(ig.Blocks, b)
			}
		}
	}
	return shingle.NewSet(slices.Clone(features)), ig
}
