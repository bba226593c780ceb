package neardup

import (
	"bytes"
	"context"
	"iter"
	"slices"

	"github.com/neardup/neardup/internal/sitetext"
	"github.com/neardup/neardup/internal/wire"
)

// A Site is the text that a source puts on its pages again and again, as a [Detector] learns it where articles name their source:
// for stores and batch jobs, which keep records themselves. It is immutable. A nil Site is that of an article that names no source.
type Site struct{ model *sitetext.Model }

// LearnSite learns the text of a source from the records of all its articles, in any order; copies count once. From fewer than six
// different texts nothing is learnt. It takes some 10 µs and 4 KB a record.
func (r *Reader) LearnSite(records iter.Seq[*Record]) *Site {
	list := &sourceTexts{ctx: context.Background(), sampler: &r.sampler}
	for rec := range records {
		if !rec.Empty() {
			list.texts = append(list.texts, rec.evidence)
		}
	}
	slices.SortFunc(list.texts, func(a, b evidence) int { return bytes.Compare(a.data, b.data) })
	list.texts = slices.CompactFunc(list.texts, func(a, b evidence) bool {
		return a.fellBack == b.fellBack && bytes.Equal(a.data, b.data)
	})
	s := new(Site)
	if r.cfg.learns() {
		var l sitetext.Learner
		s.model = l.Learn(list)
	}
	return s
}

// JoinSites returns the text that any of the sites has, of articles that several sources have: a detector goes by it for texts of up
// to four sources, and takes a text of more for everybody's, of no site.
func JoinSites(sites ...*Site) *Site {
	var models []*sitetext.Model
	for _, s := range sites {
		if s != nil {
			models = append(models, s.model)
		}
	}
	return &Site{sitetext.Join(models...)}
}

// Features returns the number of features that are the site's own.
func (s *Site) Features() int {
	if s == nil {
		return 0
	}
	return s.model.Len()
}

// RelateOn is [Reader.Relate] for articles of two sites, of which the text of the sites is no evidence. It says what a Detector says
// in [Detector.Groups] that holds all articles that the sites were learnt from. If the sites are the same pointer, the articles come
// from one source. Of articles that are different it may say no more than that.
func (r *Reader) RelateOn(a, b *Record, siteA, siteB *Site) Relation {
	if a.Empty() || b.Empty() {
		return Relation{Reason: NoWords}
	}
	if a.fellBack == b.fellBack && bytes.Equal(a.data, b.data) {
		return twin(a.sizes)
	}
	r.hold(&a.evidence)
	var p sitetext.Pair
	if siteA != nil {
		p.A = siteA.model
	}
	if siteB != nil {
		p.B = siteB.model
	}
	return r.judge(&b.evidence, r.similarity(a, b), p, siteA != nil && siteA == siteB)
}

// AppendBinary appends the encoding of the site and returns the extended slice. The error is always nil. Equal sites have equal
// encodings, the same on every machine: those of [github.com/neardup/neardup/internal/wire] with the magic "nds", version 1, and a
// list of the features (4 each), ascending.
func (s *Site) AppendBinary(dst []byte) ([]byte, error) {
	var m *sitetext.Model
	if s != nil {
		m = s.model
	}
	e := siteFormat.NewAppender(dst, 4+4*m.Len())
	encodeModel(e, m)
	return e.Appended()
}

func encodeModel(e *wire.Encoder, m *sitetext.Model) {
	values := m.Append(nil)
	e.Count(len(values))
	for _, v := range values {
		e.U32(v)
	}
}

// decodeModel returns nil if dec has an error.
func decodeModel(dec *wire.Decoder) *sitetext.Model {
	values := dec.AppendU32s(nil, dec.Count(4))
	for i, v := range values {
		if i > 0 && v <= values[i-1] || v>>featureBits != 0 {
			_ = dec.Corrupt("feature %d is %#x, out of order or range", i, v)
			return nil
		}
	}
	return sitetext.NewModel(values)
}

var siteFormat = format("site", "nds", 1)

// MarshalBinary returns the encoding of the site. The error is always nil.
func (s *Site) MarshalBinary() ([]byte, error) { return s.AppendBinary(nil) }

// UnmarshalBinary makes s the site that data encodes, as [Site.AppendBinary] describes it. The error wraps [ErrCorrupt] or
// [ErrVersion], and then s is unchanged.
func (s *Site) UnmarshalBinary(data []byte) error {
	dec := siteFormat.NewSliceDecoder(data)
	m := decodeModel(dec)
	if err := dec.Close(); err != nil {
		return err
	}
	s.model = m
	return nil
}
