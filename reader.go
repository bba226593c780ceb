package neardup

import (
	"errors"
	"fmt"
	"slices"

	"github.com/neardup/neardup/internal/featureset"
	"github.com/neardup/neardup/internal/sitetext"
	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
)

// A Record is what is kept of the text of an article: its features and its words, cut to short hashes and compressed,
// and a signature. It says nothing about who published it, and the text cannot be read back from it. Records can be
// compared when they come from Readers of the same Config. The zero Record is that of an empty text.
type Record struct {
	sig minhash.Signature
	evidence
}

// Evidence is what an exact verdict needs of a text, as the bytes that are kept.
type evidence struct {
	data     []byte // the set of features, that of words, and the skeleton
	words    int    // where the words begin
	skeleton int    // where the skeleton begins, which says in what order some features stood
	sizes    sizes
	fellBack bool
}

const (
	featureBits = 24 // of a feature: by chance 0.015 are common to two articles of 500
	wordBits    = 18 // of a word: one in 500 is taken for a word of an article that has 500 others
)

// Classes of features and words are sums of these.
const (
	inProse = 1 << iota
	inBody
	inWhole

	allViews = inProse | inBody | inWhole
)

const (
	wordInProse = 1 << iota
	wordIsNumber
)

// Signature returns the MinHash signature of the text without what is surely menu, by which candidates are found. It is
// the record's own.
func (r *Record) Signature() minhash.Signature { return r.sig }

// AppendSample appends the features by which a Detector finds excerpts, cut to 24 bits, and returns the extended slice;
// dst[:len(dst)] is untouched. One feature in 16 is sampled, by its own bits. Two records are candidates if they
// have in common a third of the smaller sample.
func (r *Record) AppendSample(dst []uint64) []uint64 {
	if r.Empty() {
		return dst
	}
	var z sampler
	return z.append(dst, r.features())
}

// Size returns the number of distinct features of the prose: the length of the article without its navigation.
func (r *Record) Size() int { return r.sizes.prose }

// FellBack reports whether there was too little prose in the text, so that all but its menus counts as prose.
func (r *Record) FellBack() bool { return r.fellBack }

// Empty reports whether the text has no features at all. Such a record is different from every other.
func (r *Record) Empty() bool { return r.sizes.whole == 0 }

// A Reader turns texts into records and gives the verdict on two of them, as a [Detector] of the same Config does: it is
// what stores, batch jobs and tokenizers of one's own build on. It must not be used concurrently. Make one with [NewReader].
type Reader struct {
	cfg      Config
	plan     minhash.Plan
	limits   limits
	least    float64             // see Config.least
	known    map[uint64]struct{} // features of Config.Templates.Known
	shingler *shingle.Shingler
	sketcher *minhash.Sketcher
	seed     uint64 // added to a feature before it is cut

	reading  shingle.Reading
	body     []uint64
	features featureset.Builder
	words    featureset.Builder
	rec      Record // of the last text, in room that is used again

	a            evidence // what the tables hold
	oneSource    bool     // the article held and those it is compared with name one source
	featuresA    featureset.Table
	wordsA       featureset.Table
	listA, listB []uint32
	ownSite      *sitetext.Model // whose text ownA does not have; nil if it is not made yet
	ownA         featureset.Table
	ownSet       []byte
	own          [featureset.Classes][]uint32
	sampler      sampler
	values       []uint32 // features cut, in the order of the text
	sample       []uint64 // those of values by which excerpts are found
	skeletons    sitetext.Writer
}

// NewReader returns a Reader, or an error that names the field that is out of range.
func NewReader(cfg Config) (*Reader, error) {
	cfg, err := cfg.normal()
	if err != nil {
		return nil, err
	}
	return newReader(cfg, nil)
}

// newReader returns a Reader for a normal configuration. Where known is nil it is made from Templates.Known.
func newReader(cfg Config, known map[uint64]struct{}) (*Reader, error) {
	r := &Reader{cfg: cfg, limits: cfg.limits(), least: cfg.least(), known: known, seed: mix(cfg.Seed)}
	var err error
	if r.plan, err = cfg.plan(); err != nil {
		return nil, err
	}
	if r.shingler, err = shingle.New(cfg.Shingle); err != nil {
		return nil, fmt.Errorf("neardup: Shingle: %w", err)
	}
	if r.sketcher, err = minhash.New(minhash.Config{K: cfg.K, Seed: cfg.Seed}); err != nil {
		return nil, fmt.Errorf("neardup: K: %w", err)
	}
	if r.known == nil {
		r.known = make(map[uint64]struct{})
		for _, text := range cfg.Templates.Known {
			r.shingler.Read(&r.reading, text)
			for _, f := range r.reading.Features {
				r.known[f] = struct{}{}
			}
		}
	}
	return r, nil
}

// mix is the SplitMix64 finalizer. (mix(0) is 0: with a seed of 0 features are cut as they are.)
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// Config returns the configuration with its defaults filled in.
func (r *Reader) Config() Config { return r.cfg.clone() }

// Plan returns the bands by which a Detector finds candidates: a store that cuts [Record.Signature] into them has the
// same ones.
func (r *Reader) Plan() minhash.Plan { return r.plan }

// Read returns the record of a text. The error wraps [ErrTooLong]. It takes O(len(text)) time.
func (r *Reader) Read(text string) (*Record, error) {
	if err := r.read(text); err != nil {
		return nil, err
	}
	return r.rec.clone(), nil
}

// ReadFeatures returns the record of features of the caller's own, in the order of the text, repeats kept. They all
// count as prose, and no words are known of them.
func (r *Reader) ReadFeatures(features []uint64) *Record {
	r.readFeatures(features)
	return r.rec.clone()
}

func (r *Record) clone() *Record {
	c := *r
	c.sig, c.data = slices.Clone(r.sig), slices.Clone(r.data)
	return &c
}

// read makes r.rec the record of a text.
func (r *Reader) read(text string) error {
	if len(text) > r.cfg.MaxText {
		return fmt.Errorf("%w: %d bytes, MaxText is %d", ErrTooLong, len(text), r.cfg.MaxText)
	}
	r.readText(text)
	return nil
}

func (r *Reader) readText(text string) {
	r.shingler.Read(&r.reading, text)
	r.body, r.values, r.sample = r.body[:0], r.values[:0], r.sample[:0]
	for i, f := range r.reading.Features {
		if len(r.known) > 0 {
			if _, ok := r.known[f]; ok {
				continue
			}
		}
		views := r.reading.Views[i]
		class := uint8(inWhole)
		if views&shingle.InBody != 0 {
			class |= inBody
			r.body = append(r.body, f)
		}
		if views&shingle.InProse != 0 {
			class |= inProse
		}
		r.features.Add(f+r.seed, class)
		v := featureset.Value(f+r.seed, featureBits)
		if v%sampleRate == 0 {
			r.sample = append(r.sample, uint64(v))
		}
		r.values = append(r.values, v)
	}
	for i, h := range r.reading.Words {
		if !r.limits.words {
			break // no verdict asks for them
		}
		var class uint8
		if r.reading.WordFlags[i]&shingle.WordInProse != 0 {
			class |= wordInProse
		}
		if r.reading.WordFlags[i]&shingle.WordNumber != 0 {
			class |= wordIsNumber
		}
		r.words.Add(h+r.seed, class)
	}
	r.finish(r.reading.FellBack)
}

func (r *Reader) readFeatures(features []uint64) {
	r.body, r.values, r.sample = r.body[:0], r.values[:0], r.sample[:0]
	for _, f := range features {
		if _, ok := r.known[f]; !ok {
			r.body = append(r.body, f)
			r.features.Add(f+r.seed, allViews)
			v := featureset.Value(f+r.seed, featureBits)
			if v%sampleRate == 0 {
				r.sample = append(r.sample, uint64(v))
			}
			r.values = append(r.values, v)
		}
	}
	r.finish(false)
}

// readArticle makes r.rec the record of an article's text, or of its features.
func (r *Reader) readArticle(a *Article) error {
	if a.Features != nil {
		if n := 8 * len(a.Features); n > r.cfg.MaxText {
			return fmt.Errorf("%w: %d features take %d bytes, MaxText is %d", ErrTooLong, len(a.Features), n, r.cfg.MaxText)
		}
		r.readFeatures(a.Features)
		return nil
	}
	return r.read(a.Text)
}

// finish encodes what was added to the builders.
func (r *Reader) finish(fellBack bool) {
	e := &r.rec.evidence
	e.data = r.features.Append(e.data[:0], featureBits)
	e.words = len(e.data)
	e.data = r.words.Append(e.data, wordBits)
	e.skeleton = len(e.data)
	if r.cfg.learns() {
		e.data = r.skeletons.AppendSkeleton(e.data, r.values)
	}
	e.fellBack = fellBack
	e.sizes = sizesOf(e.data)
	r.rec.sig = r.sketcher.AppendSignature(r.rec.sig[:0], r.body)
}

// sizes are the numbers of distinct features of the views of a text.
type sizes struct{ prose, body, whole int }

func sizesOf(set []byte) sizes {
	n := featureset.Sizes(set)
	return sizesIn(&n)
}

func sizesIn(classes *[featureset.Classes]int) sizes {
	var s sizes
	for class, n := range classes {
		if class&inProse != 0 {
			s.prose += n
		}
		if class&inBody != 0 {
			s.body += n
		}
		s.whole += n
	}
	return s
}

// features returns the encoded set of features.
func (e *evidence) features() []byte { return e.data[:e.words] }

// wordSet returns the encoded set of words.
func (e *evidence) wordSet() []byte { return e.data[e.words:e.skeleton] }

func (e *evidence) skeletonBytes() []byte { return e.data[e.skeleton:] }

// Relate gives the verdict on two records, seen from a, by what they say alone. It takes O(n) time for n features of both.
// It panics if the signatures are compared and have another number of slots than the configuration says.
func (r *Reader) Relate(a, b *Record) Relation {
	if a.Empty() || b.Empty() {
		return Relation{Reason: NoWords}
	}
	r.hold(&a.evidence)
	return r.verdict(&b.evidence, r.similarity(a, b))
}

// similarity estimates the similarity of two records, if verdicts are by signature.
func (r *Reader) similarity(a, b *Record) float64 {
	if !r.cfg.BySignature {
		return 0
	}
	p := minhash.Packing{K: r.cfg.K, Bits: r.cfg.bits()}
	return p.Similarity(p.Append(nil, a.sig), p.Append(nil, b.sig))
}

// hold makes a the first article of the verdicts that follow.
func (r *Reader) hold(a *evidence) {
	r.oneSource = false
	if r.a = *a; !r.cfg.BySignature {
		r.holdSets()
	}
}

// holdSets makes the sets of the article held ready to be compared.
func (r *Reader) holdSets() {
	r.listA, r.ownSite = r.listA[:0], nil
	r.featuresA.Reset(r.a.features(), featureBits)
	r.wordsA.Reset(r.a.wordSet(), wordBits)
}

// verdict gives the verdict on the article held and another, exactly or by the estimate of their similarity.
func (r *Reader) verdict(b *evidence, similarity float64) Relation {
	if r.cfg.BySignature {
		return r.limits.estimate(similarity, &r.a, b)
	}
	return r.relate(b)
}

// relate gives the verdict on the article held and another.
func (r *Reader) relate(b *evidence) Relation {
	if r.a.sizes.whole == 0 || b.sizes.whole == 0 {
		return Relation{Reason: NoWords}
	}
	var hist table
	r.featuresA.Count(b.features(), 0, &hist)
	return r.decide(&hist, &r.a, b)
}

// decide gives the verdict on the article held, a, and another, of which hist counts the features they share.
func (r *Reader) decide(hist *table, a, b *evidence) Relation {
	c := counts{oneSource: r.oneSource}
	c.count(hist, a, b)
	if c.shared == 0 {
		return Relation{Reason: NothingShared}
	}
	if r.limits.words && r.limits.mayMatch(&c) {
		var words table
		r.wordsA.Count(b.wordSet(), 0, &words)
		c.countWords(&words, featureset.Sizes(a.wordSet()), featureset.Sizes(b.wordSet()))
	}
	return r.limits.judge(&c)
}

// AppendBinary appends the encoding of the record and returns the extended slice. The error is always nil. Equal records
// have equal encodings, the same on every machine: those of [github.com/neardup/neardup/internal/wire] with the magic
// "ndr", version 1, and this payload:
//
//	bytes  content
//	1      1 if there was too little prose
//	list   slots of the signature (8 each)
//	list   bytes of the evidence: the sets of features and of words, and the skeleton
//	4+4    where in it the words and the skeleton begin
func (r *Record) AppendBinary(dst []byte) ([]byte, error) {
	e := recordFormat.NewAppender(dst, 1+4+8*len(r.sig)+4+len(r.data)+4+4)
	e.Bool(r.fellBack)
	e.Count(len(r.sig))
	for _, slot := range r.sig {
		e.U64(slot)
	}
	e.Bytes(r.data)
	e.U32(uint32(r.words))
	e.U32(uint32(r.skeleton))
	return e.Appended()
}

var recordFormat = format("record", "ndr", 1)

// MarshalBinary returns the encoding of the record. The error is always nil.
func (r *Record) MarshalBinary() ([]byte, error) { return r.AppendBinary(nil) }

// UnmarshalBinary makes r the record that data encodes, as [Record.AppendBinary] describes it. It keeps nothing of data.
// The error wraps [ErrCorrupt] or [ErrVersion], and then r is unchanged.
func (r *Record) UnmarshalBinary(data []byte) error {
	dec := recordFormat.NewSliceDecoder(data)
	fellBack := dec.Bool()
	sig := dec.AppendU64s(nil, dec.Count(8))
	kept := dec.Bytes()
	words, skeleton := dec.U32(), dec.U32()
	if dec.OK() {
		if len(sig) < 1 || len(sig) > maxK {
			_ = dec.Corrupt("%d slots", len(sig))
		} else if err := checkEvidence(kept, words, skeleton); err != nil {
			_ = dec.Corrupt("%v", err)
		}
	}
	if err := dec.Close(); err != nil {
		return err
	}
	*r = Record{sig, newEvidence(kept, words, skeleton, fellBack)}
	return nil
}

// checkEvidence checks the bytes of the evidence of a text, of which words and skeleton begin where it is said.
func checkEvidence(data []byte, words, skeleton uint32) error {
	if words > skeleton || int64(skeleton) > int64(len(data)) {
		return errors.New("parts of the evidence are out of range")
	}
	e := evidence{data: data, words: int(words), skeleton: int(skeleton)}
	if err := featureset.Check(e.features(), featureBits); err != nil {
		return err
	}
	if err := featureset.Check(e.wordSet(), wordBits); err != nil {
		return err
	}
	for class, n := range featureset.Sizes(e.features()) {
		if n > 0 && class != inWhole && class != inWhole|inBody && class != allViews {
			return errors.New("features of an unknown class")
		}
	}
	for class, n := range featureset.Sizes(e.wordSet()) {
		if n > 0 && class > wordInProse|wordIsNumber {
			return errors.New("words of an unknown class")
		}
	}
	return nil
}

func newEvidence(data []byte, words, skeleton uint32, fellBack bool) evidence {
	e := evidence{data: data, words: int(words), skeleton: int(skeleton), fellBack: fellBack}
	e.sizes = sizesOf(e.features())
	return e
}
