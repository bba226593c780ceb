package neardup

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"reflect"
	"slices"

	"github.com/neardup/neardup/internal/atomicfile"
	"github.com/neardup/neardup/internal/featureset"
	"github.com/neardup/neardup/internal/wire"
	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
)

// The errors of reading what was saved, always wrapped with the detail. Any other error is the reader's own.
var (
	ErrVersion  = errors.New("neardup: unknown version")
	ErrCorrupt  = errors.New("neardup: corrupt data")
	ErrMismatch = errors.New("neardup: other configuration")
)

var detectorFormat = format("detector", "ndd", 2)

func format(name, magic string, version byte) wire.Format {
	return wire.Format{
		Package: "neardup", Type: name, Magic: magic, Version: version,
		ErrVersion: ErrVersion, ErrCorrupt: ErrCorrupt, ErrMismatch: ErrMismatch,
	}
}

// WriteTo writes what is held, configuration, articles and what is kept of their texts, and what is
// learnt of their sources: the detector that [Load] returns goes on as d would, and answers every
// later sequence of calls in the same way. WriteTo works on a snapshot: others go on meanwhile,
// however slow w is.
//
// What is learnt takes one byte an article, 12 a source, and 4 for each feature of the source's own
// text, if it has any.
//
// The bytes are the same on every machine and canonical: reading them back and writing again gives the same bytes. They are
// an encoding of [github.com/neardup/neardup/internal/wire] with the magic "ndd", version 2, and this payload:
//
//	bytes     content
//	4         unit, view, flags (1 fold diacritics, 2 no containment, 4 by signature, 8 templates off), 0
//	8         probe: a hash of the features of a fixed text, which changes with the shingling
//	4+4       shingle size and distance, 0 for the default
//	list      anchors, strings
//	8+8+8     threshold, containment, recall
//	8         seed
//	4+4+4     K, MaxText, MaxCandidates
//	list      known templates, strings
//	list      sources, strings, in the order of their first articles
//	list      texts, in the order of their first articles: 1 if there was too little prose (1), then either the bytes
//	          of the evidence (string) and where its words and its skeleton begin (4+4), or, by signature, the digest
//	          (string) and the sizes of prose, body and whole (4+4+4)
//	list      articles, in the order of adding: ID (string), source (4), nanosecond (4; all ones if there is no time),
//	          second (8), text (4; all ones if there are no features); and, if text of sites is learnt, marks (1):
//	          1 if it is among the last 1024 that brought a text to their source, 2 if it is among the last 256
//	          that were no different from another of their source
//	…         if text of sites is learnt, of each source: how many articles were no different from another when they
//	          came (4); at how many of those it is learnt again (4), 0 if it never was; and the features of its own
//	          text, ascending (list of 4 each)
//	…         the index, as [minhash.Index.UnmarshalBinary] describes it
func (d *Detector) WriteTo(w io.Writer) (int64, error) { return d.save(context.Background(), w) }

// save is WriteTo with a context.
func (d *Detector) save(ctx context.Context, w io.Writer) (int64, error) {
	if d.state == nil {
		return 0, errZero
	}
	v, err := d.snapshotToSave(ctx)
	if err != nil {
		return 0, err
	}
	defer v.release()
	e := detectorFormat.NewEncoder(&stopper{ctx, w})
	v.encode(e)
	return e.Close()
}

// A stopper fails when its context has ended.
type stopper struct {
	ctx context.Context
	w   io.Writer
}

func (s *stopper) Write(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.w.Write(b)
}

func (v *snapshot) encode(e *wire.Encoder) {
	encodeConfig(e, &v.d.cfg)
	place := make([]uint32, len(v.texts)) // in the file, plus one
	var texts []uint32
	for i := range v.entries {
		c := &v.entries[i]
		if c.text != none && place[c.text] == 0 {
			texts = append(texts, c.text)
			place[c.text] = uint32(len(texts))
		}
	}
	e.Texts(v.sources)
	e.Count(len(texts))
	ids := make([]uint32, len(texts))
	for i, at := range texts {
		t := &v.texts[at]
		ids[i] = t.id
		e.Bool(t.fellBack)
		e.Bytes(t.data)
		if v.d.cfg.BySignature {
			e.U32(uint32(t.sizes.prose))
			e.U32(uint32(t.sizes.body))
			e.U32(uint32(t.sizes.whole))
		} else {
			e.U32(uint32(t.words))
			e.U32(uint32(t.skeleton))
		}
	}
	e.Count(len(v.entries))
	for i := range v.entries {
		c := &v.entries[i]
		e.Text(c.id)
		e.U32(c.source)
		e.U32(c.nsec)
		e.U64(uint64(c.sec))
		if c.text == none {
			e.U32(none)
		} else {
			e.U32(place[c.text] - 1)
		}
		if v.d.cfg.learns() {
			e.U8(c.marks)
		}
	}
	for i := range v.learnt {
		s := &v.learnt[i]
		e.U32(uint32(s.hits))
		e.U32(uint32(s.next))
		encodeModel(e, s.model)
	}
	if _, err := v.graph.WriteDocuments(e, v.d.mu.RLocker(), ids); err != nil {
		e.Fail(err)
	}
}

func encodeConfig(e *wire.Encoder, c *Config) {
	var flags byte
	for i, set := range []bool{c.Shingle.FoldDiacritics, c.NoContainment, c.BySignature, c.Templates.Off} {
		if set {
			flags |= 1 << i
		}
	}
	e.Raw([]byte{byte(c.Shingle.Unit), byte(c.Shingle.View), flags, 0})
	e.U64(probe(c.Shingle))
	e.U32(uint32(c.Shingle.Size))
	e.U32(uint32(c.Shingle.Distance))
	e.Texts(c.Shingle.Anchors)
	e.F64(c.Threshold)
	e.F64(c.Containment)
	e.F64(c.Recall)
	e.U64(c.Seed)
	e.U32(uint32(c.K))
	e.U32(uint32(c.MaxText))
	e.U32(uint32(c.MaxCandidates))
	e.Texts(c.Templates.Known)
}

// probe identifies what a shingler does by what it makes of a text.
func probe(cfg shingle.Config) uint64 {
	const text = "The harbour café re-opened on Friday, said its owner; “we’re glad,” she told a crowd of 250 people.\n\n" +
		"Menu | Home | Search\n\nOn the following day, the mayor and the council visited it. 東京都は金曜日に発表した。"
	s, err := shingle.New(cfg)
	if err != nil {
		return 0
	}
	var r shingle.Reading
	s.Read(&r, text)
	var h uint64
	for i, f := range r.Features {
		h = mix(h + f + uint64(r.Views[i]))
	}
	return h
}

// SaveFile writes the detector to a file, which at any moment is either the old one or the new one, whole. What is
// replaced keeps its mode, and a symbolic link its target's place. It works on a snapshot, as [Detector.WriteTo] does;
// when ctx ends, the old file stays and the error is ctx.Err(). Read it with [LoadFile].
func (d *Detector) SaveFile(ctx context.Context, path string) error {
	err := atomicfile.Write(path, func(w io.Writer) error {
		_, err := d.save(ctx, w)
		return err
	})
	if err != nil && !errors.Is(err, errZero) {
		return fmt.Errorf("neardup: saving: %w", err)
	}
	return err
}

// LoadFile reads a detector that [Detector.SaveFile] wrote.
func LoadFile(path string) (*Detector, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("neardup: %w", err)
	}
	defer f.Close()
	d, err := Load(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// Load returns the detector that [Detector.WriteTo] wrote, with the configuration it was written with and what it
// had learnt; only the counts of [Stats] begin anew. It reads to the end of r. The error is wrapped around ErrVersion or ErrCorrupt, or is that of r; or around ErrMismatch, if this
// version reads texts in another way. Memory is allocated for what has been read, never for what a damaged length
// promises.
func Load(r io.Reader) (*Detector, error) {
	dec := detectorFormat.NewDecoder(r)
	d := decodeDetector(dec)
	if err := dec.CloseAtEOF(); err != nil {
		return nil, err
	}
	return d, nil
}

// decodeDetector returns nil if dec has an error.
func decodeDetector(dec *wire.Decoder) *Detector {
	cfg := decodeConfig(dec)
	if !dec.OK() {
		return nil
	}
	d, err := New(cfg)
	if err != nil {
		_ = dec.Corrupt("%v", err)
		return nil
	}
	sources := dec.Texts()
	w := d.worker()
	defer d.pool.Put(w)
	texts := w.decodeTexts(dec)
	read := w.decodeEntries(dec, sources, len(texts))
	sites := w.decodeSites(dec, len(sources))
	if !dec.OK() {
		return nil
	}
	// The index comes with its plan: a later version might plan otherwise for the same configuration.
	index := new(minhash.Index)
	if _, err := index.ReadFrom(dec); err != nil && dec.OK() {
		_ = dec.Corrupt("%v", err)
	}
	if !dec.OK() {
		return nil
	}
	ix := index.Config()
	if ix.Plan.K != cfg.K || ix.Bits != cfg.bits() || ix.Seed != cfg.Seed || ix.Scheme != minhash.FastSimilarity || index.Len() != len(texts) {
		_ = dec.Corrupt("the index does not fit the configuration")
		return nil
	}
	s := d.state
	s.index = index
	for i := range texts {
		if !index.Has(uint32(i)) {
			_ = dec.Corrupt("the index does not fit the texts")
			return nil
		}
		p := &texts[i]
		if s.excerpts != nil {
			p.sample = w.sampler.append(p.sample[:0], p.rec.features())
		}
		p.hash = maphash.Bytes(s.seed, p.kept)
		if _, ok := s.find(p); ok {
			_ = dec.Corrupt("a text comes twice")
			return nil
		}
		s.addText(p)
		p.sample = nil
	}
	for i := range read {
		e := &read[i]
		if _, ok := s.held(e.id); ok {
			_ = dec.Corrupt("an ID comes twice")
			return nil
		}
		s.insertEntry(e.id, sources[e.source], e.sec, e.nsec, e.text)
		if at := s.byID[e.id]; e.marks != 0 {
			sites[e.source].mark(at, e.marks)
		}
	}
	for i := range sites {
		if len(sites[i].recent) > learnRecent || len(sites[i].alike) > learnHits {
			_ = dec.Corrupt("too many articles of a source are marked")
			return nil
		}
		s.sources[s.bySource[sources[i]]].site = sites[i]
	}
	return d
}

// decodeTexts reads the texts; of each, what is kept and its evidence.
func (w *worker) decodeTexts(dec *wire.Decoder) []prepared {
	var texts []prepared
	for range dec.Count(6) {
		var p prepared
		fellBack := dec.Bool()
		kept := dec.Bytes()
		if !dec.OK() {
			return nil
		}
		var err error
		if w.cfg.BySignature {
			s := sizes{int(dec.U32()), int(dec.U32()), int(dec.U32())}
			switch {
			case len(kept) != digestSize:
				err = errors.New("a digest is of another size")
			case s.whole < 1 || s.prose > s.body || s.body > s.whole || s.whole > featureset.MaxValues:
				err = errors.New("sizes are out of range")
			}
			p.rec.evidence = evidence{data: kept, sizes: s, fellBack: fellBack}
		} else {
			words, skeleton := dec.U32(), dec.U32()
			if err = checkEvidence(kept, words, skeleton); err == nil {
				p.rec.evidence = newEvidence(kept, words, skeleton, fellBack)
			}
			if err == nil && p.rec.Empty() {
				err = errors.New("a text is empty")
			}
		}
		if err != nil && dec.OK() {
			_ = dec.Corrupt("%v", err)
		}
		if !dec.OK() {
			return nil
		}
		p.kept = p.rec.data
		texts = append(texts, p)
	}
	return texts
}

// decodeEntries reads the articles and checks that every source and text is used, in order.
func (w *worker) decodeEntries(dec *wire.Decoder, sources []string, texts int) []seen {
	var out []seen
	usedSources, usedTexts := uint32(0), uint32(0)
	for range dec.Count(24) {
		e := seen{id: dec.Text()}
		source := dec.U32()
		e.nsec, e.sec, e.text = dec.U32(), int64(dec.U64()), dec.U32()
		if w.cfg.learns() {
			e.marks = dec.U8()
		}
		switch {
		case !dec.OK():
			return nil
		case e.id == "":
			_ = dec.Corrupt("an ID is empty")
		case source > usedSources || int64(source) >= int64(len(sources)):
			_ = dec.Corrupt("a source is out of range")
		case e.nsec >= 1e9 && (e.nsec != noTime || e.sec != 0):
			_ = dec.Corrupt("a time is out of range")
		case e.text != none && (e.text > usedTexts || int64(e.text) >= int64(texts)):
			_ = dec.Corrupt("a text is out of range")
		case e.marks > allMarks || e.marks > 0 && (e.text == none || sources[source] == ""):
			_ = dec.Corrupt("the marks of an article are %#x", e.marks)
		}
		if !dec.OK() {
			return nil
		}
		if source == usedSources {
			usedSources++
		}
		if e.text == usedTexts {
			usedTexts++
		}
		e.source = source
		out = append(out, e)
	}
	if dec.OK() && (int(usedSources) != len(sources) || int(usedTexts) != texts) {
		_ = dec.Corrupt("a source or a text has no article")
	}
	return out
}

// decodeSites reads what is known of each source, but for the articles that are marked.
func (w *worker) decodeSites(dec *wire.Decoder, sources int) []site {
	if !w.cfg.learns() {
		return nil
	}
	var out []site
	for range sources {
		hits, next := dec.U32(), dec.U32()
		s := site{hits: int(hits), next: int(next), model: decodeModel(dec)}
		switch {
		case !dec.OK():
			return nil
		case hits > maxHits || next > maxHits+maxHits/2 || next == 0 && s.model != nil:
			_ = dec.Corrupt("of a source %d articles were alike, and %d are to be", hits, next)
			return nil
		}
		out = append(out, s)
	}
	return out
}

// mark takes an entry into the latest that its marks name.
func (s *site) mark(entry uint32, marks byte) {
	if marks&markRecent != 0 {
		s.recent = append(s.recent, entry)
	}
	if marks&markAlike != 0 {
		s.alike = append(s.alike, entry)
	}
}

func decodeConfig(dec *wire.Decoder) Config {
	var c Config
	c.Shingle.Unit, c.Shingle.View = shingle.Unit(dec.U8()), shingle.View(dec.U8())
	flags := dec.U8()
	if zero := dec.U8(); dec.OK() && (flags > 15 || zero != 0) {
		_ = dec.Corrupt("unknown flags")
	}
	c.Shingle.FoldDiacritics, c.NoContainment = flags&1 != 0, flags&2 != 0
	c.BySignature, c.Templates.Off = flags&4 != 0, flags&8 != 0
	p := dec.U64()
	c.Shingle.Size, c.Shingle.Distance = int(dec.U32()), int(dec.U32())
	c.Shingle.Anchors = dec.Texts()
	c.Threshold, c.Containment, c.Recall = dec.F64(), dec.F64(), dec.F64()
	c.Seed = dec.U64()
	c.K, c.MaxText, c.MaxCandidates = int(dec.U32()), int(dec.U32()), int(dec.U32())
	c.Templates.Known = dec.Texts()
	if !dec.OK() {
		return c
	}
	full, err := c.normal()
	switch {
	case err != nil:
		_ = dec.Corrupt("%v", err)
	case !reflect.DeepEqual(full.Threshold, c.Threshold) || full.Containment != c.Containment || full.Recall != c.Recall ||
		full.K != c.K || full.MaxText != c.MaxText || full.MaxCandidates != c.MaxCandidates:
		_ = dec.Corrupt("a setting is missing")
	case p != probe(c.Shingle):
		_ = dec.Mismatch("this version shingles texts in another way")
	}
	return c
}

// sameConfig names the first field in which a configuration differs from the one wanted.
func sameConfig(got, want Config) error {
	for _, f := range []struct {
		name      string
		got, want any
	}{
		{"Shingle.Unit", got.Shingle.Unit, want.Shingle.Unit},
		{"Shingle.Size", got.Shingle.Size, want.Shingle.Size},
		{"Shingle.View", got.Shingle.View, want.Shingle.View},
		{"Shingle.FoldDiacritics", got.Shingle.FoldDiacritics, want.Shingle.FoldDiacritics},
		{"Shingle.Distance", got.Shingle.Distance, want.Shingle.Distance},
		{"Threshold", got.Threshold, want.Threshold},
		{"Containment", got.Containment, want.Containment},
		{"NoContainment", got.NoContainment, want.NoContainment},
		{"Recall", got.Recall, want.Recall},
		{"BySignature", got.BySignature, want.BySignature},
		{"K", got.K, want.K},
		{"Seed", got.Seed, want.Seed},
		{"Templates.Off", got.Templates.Off, want.Templates.Off},
		{"MaxText", got.MaxText, want.MaxText},
		{"MaxCandidates", got.MaxCandidates, want.MaxCandidates},
	} {
		if f.got != f.want {
			return fmt.Errorf("%w: %s is %v, want %v", ErrMismatch, f.name, f.got, f.want)
		}
	}
	if !slices.Equal(got.Shingle.Anchors, want.Shingle.Anchors) {
		return fmt.Errorf("%w: Shingle.Anchors differ", ErrMismatch)
	}
	if !slices.Equal(got.Templates.Known, want.Templates.Known) {
		return fmt.Errorf("%w: Templates.Known differs", ErrMismatch)
	}
	return nil
}
