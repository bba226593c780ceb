package neardup

import (
	"fmt"

	"github.com/neardup/neardup/internal/sitetext"
	"github.com/neardup/neardup/shingle"
	"github.com/neardup/neardup/simhash"
)

// minPassage is the least number of words of a passage that is shown.
const minPassage = 8

// A Comparison is the evidence for or against two texts, A and B, being near-duplicates, for people to read. Everything in
// it is exact.
type Comparison struct {
	Relation

	// Hamming is the number of bits, 0 to 64, in which the SimHash fingerprints of the prose differ. It is shown
	// for those who know it; the verdict does not depend on it.
	Hamming int `json:"hamming"`

	// Passages are the passages of at least 8 words that the texts share, in the order of A, as byte ranges of both.
	// They lie, like most of the evidence, in the prose.
	Passages []shingle.Passage `json:"passages"`

	A Side `json:"a"` // what was made of each text
	B Side `json:"b"`
}

// A Side is what was made of one text of a [Comparison].
type Side struct {
	// Features is the number of distinct features of the prose.
	Features int `json:"features"`
	// FellBack reports that too little prose was found, so that all but surely menus counts as prose.
	FellBack bool `json:"fell_back"`
	// Site is the number of distinct features that are the site's own, and so no evidence.
	Site int `json:"site"`
	// NewWords are words of the prose that are nowhere in the other text, and NewNumbers numbers of the whole text, as
	// they are written, in the order of the text, each once, 20 at most. There are none of features, nor by signature or with the
	// view [shingle.Whole], where no verdict looks at words.
	NewWords   []string `json:"new_words"`
	NewNumbers []string `json:"new_numbers"`
	// SiteLines are the lines of the text, 20 at most, of which more than half is the site's own.
	SiteLines []string `json:"site_lines"`
	// Blocks are the blocks of the text that are not prose, with the reason for each. There are none with the view
	// [shingle.Whole], nor if FellBack is set.
	Blocks []shingle.Block `json:"blocks"`
}

// Compare says whether two texts are near-duplicates: the same article, or one inside the other, whatever stands around
// them on their pages. It is equivalent to [Detector.Explain] of a detector with the zero [Config]. Texts that have no
// words are different from all others.
//
// It takes O(len(a)+len(b)) time but for sorting the features. To find the near-duplicates among many articles use a
// [Detector].
func Compare(a, b string) Comparison {
	cfg, err := Config{}.normal()
	if err != nil {
		panic(err) // the zero Config is valid
	}
	r, err := newReader(cfg, nil)
	if err != nil {
		panic(err)
	}
	return r.compare(&Article{Text: a}, &Article{Text: b}, sitetext.Pair{})
}

// Explain compares two articles as the detector does, with what it has learnt of their sources so far, and shows what
// the verdict is made of. The articles need not be held, and their IDs and times are not looked at. It takes time in
// proportion to the two texts, and does not observe Config.MaxText.
func (d *Detector) Explain(a, b Article) Comparison {
	d.mustBeMade()
	w := d.worker()
	defer d.pool.Put(w)
	d.mu.RLock()
	sites := d.state.sitesOf(a.Source, b.Source)
	d.mu.RUnlock()
	return w.compare(&a, &b, sites)
}

// compare reads two articles and shows their relation, with what is known of the text of their sites.
func (r *Reader) compare(a, b *Article, sites sitetext.Pair) Comparison {
	var c Comparison
	var recs [2]Record
	var prints [2]simhash.Fingerprint
	for i, x := range []*Article{a, b} {
		side := &c.A
		if i == 1 {
			side = &c.B
		}
		if x.Features != nil {
			r.readFeatures(x.Features)
		} else {
			r.readText(x.Text)
		}
		recs[i] = *r.rec.clone()
		prints[i] = simhash.Sum(r.body)
		side.Features, side.FellBack = recs[i].Size(), recs[i].FellBack()
		if r.cfg.Shingle.View == shingle.Prose && !side.FellBack && x.Features == nil {
			for _, block := range shingle.AppendBlocks(nil, x.Text) {
				if !block.Kept {
					side.Blocks = append(side.Blocks, block)
				}
			}
		}
	}
	r.a = recs[0].evidence
	r.holdSets()
	r.oneSource = a.Source != "" && a.Source == b.Source
	c.Relation = r.relate(&recs[1].evidence)
	if !sites.Empty() && !r.cfg.BySignature {
		var own Relation
		own, c.A.Site, c.B.Site = r.relateOwn(&recs[1].evidence, sites)
		if c.Shared >= ownFeatures {
			c.Relation = own.withSite(c.Relation)
		}
	}
	c.show(r, [2]string{a.Text, b.Text}, sites)
	c.Hamming = prints[0].Distance(prints[1])
	c.Passages = r.shingler.AppendPassages(nil, a.Text, b.Text, minPassage)
	return c
}

// String returns the verdict, the reason, and the figures that led to it, in a sentence for people to read.
func (c Comparison) String() string {
	var s string
	switch c.Kind {
	case Same:
		s = "the same article: "
	case Contained:
		s = "A is contained in B: "
	case Contains:
		s = "B is contained in A: "
	default:
		s = "different: "
	}
	s += c.Reason.String() + c.against()
	if c.Reason == NoWords || c.Reason == NothingShared {
		return s
	}
	s += fmt.Sprintf("; %s of the prose of A is in B, and %s of B in A", percent(c.ContainmentAInB), percent(c.ContainmentBInA))
	for _, side := range []struct {
		name string
		*Side
	}{{"A", &c.A}, {"B", &c.B}} {
		if side.Site > 0 {
			s += fmt.Sprintf("; %d features of %s are its site's and do not count", side.Site, side.name)
		}
		if side.FellBack {
			s += fmt.Sprintf("; %s has too little prose, so all of it that is not surely menu was taken for prose", side.name)
		}
	}
	return s
}

// percent formats a share without rounding it up to all or down to nothing.
func percent(x float64) string {
	switch {
	case x > 0 && x < 0.005:
		return "less than 1%"
	case x < 1 && x >= 0.995:
		return "more than 99%"
	}
	return fmt.Sprintf("%.0f%%", 100*x)
}
