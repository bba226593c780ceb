package minhash

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"sync"
)

// ContainmentConfig says what a [ContainmentIndex] finds. The zero value finds
// 95% of the documents that contain 80% of a passage and are ten times its size.
type ContainmentConfig struct {
	// K is the number of slots of the signatures, 1 to MaxK; 0 means 128. More
	// slots tell better how much of a small passage is in a large document.
	K int
	// Threshold is the share of the passage, above 0 and at most 1, from which documents have to be found;
	// 0 means 0.8.
	Threshold float64
	// Ratio is how many times as many features as the passage the documents have that have to be
	// found, 1 to 1000; 0 means 10. Documents that are smaller are found more often.
	Ratio float64
	// Recall is the share of these documents that has to be found, above 0 and below 1; 0 means 0.95.
	Recall float64
	// MaxBucket is the number of documents of about one size that share one slot
	// with the query and are looked at, the earliest first; 0 means 256.
	MaxBucket int
	// Seed and Scheme are those of the [Sketcher]; a Scheme of 0 means [FastSimilarity].
	Seed   uint64
	Scheme Scheme
}

// normal returns the configuration with defaults filled in, and the number of
// slots to index.
func (c ContainmentConfig) normal() (ContainmentConfig, int, error) {
	if c.K == 0 {
		c.K = DefaultK
	}
	if c.Threshold == 0 {
		c.Threshold = defaultThreshold
	}
	if c.Ratio == 0 {
		c.Ratio = 10
	}
	if c.Recall == 0 {
		c.Recall = defaultRecall
	}
	if c.MaxBucket == 0 {
		c.MaxBucket = defaultMaxBucket
	}
	if c.Scheme == 0 {
		c.Scheme = FastSimilarity
	}
	switch {
	case c.K < 1 || c.K > MaxK:
		return c, 0, fmt.Errorf("minhash: ContainmentConfig.K is %d, want 1 to %d", c.K, MaxK)
	case !(c.Threshold > 0 && c.Threshold <= 1):
		return c, 0, fmt.Errorf("minhash: ContainmentConfig.Threshold is %v, want more than 0 and at most 1", c.Threshold)
	case !(c.Ratio >= 1 && c.Ratio <= 1000):
		return c, 0, fmt.Errorf("minhash: ContainmentConfig.Ratio is %v, want 1 to 1000", c.Ratio)
	case !(c.Recall > 0 && c.Recall < 1):
		return c, 0, fmt.Errorf("minhash: ContainmentConfig.Recall is %v, want more than 0 and less than 1", c.Recall)
	case c.MaxBucket < 1 || c.MaxBucket > maxDocs:
		return c, 0, fmt.Errorf("minhash: ContainmentConfig.MaxBucket is %d, want 1 to %d", c.MaxBucket, maxDocs)
	case c.Scheme > Classic:
		return c, 0, fmt.Errorf("minhash: ContainmentConfig.Scheme is %d, want %d or %d", c.Scheme, FastSimilarity, Classic)
	}
	s := similarityOf(c.Threshold, 1, c.Ratio)
	slots := slotsFor(s, (1-c.Recall)/2, c.K)
	if slots == 0 {
		most := (1 - power(1-s, c.K)) * 2
		need := fmt.Sprintf("more than %d", MaxK)
		if k := slotsFor(s, (1-c.Recall)/2, MaxK); k > 0 {
			need = fmt.Sprint(k)
		}
		return c, 0, fmt.Errorf("minhash: %d slots find at most %.3g of the documents that contain %v of a passage and have %v times its features, want %v, which takes %s slots",
			c.K, max(0, most-1), c.Threshold, c.Ratio, c.Recall, need)
	}
	return c, slots, nil
}

// similarityOf returns the Jaccard similarity of a passage of size q and a document of size u
// that contains the share t of it.
func similarityOf(t, q, u float64) float64 {
	shared := float64(t * q)
	return min(1, shared/(u+q-shared))
}

// slotsFor returns the least number of slots of which at least one agrees, but
// for the probability missed, at a similarity of s; 0 if more than most are needed.
func slotsFor(s, missed float64, most int) int {
	p := 1.0
	for n := 1; n <= most; n++ {
		if p = float64(p * (1 - s)); p <= missed {
			return n
		}
	}
	return 0
}

// match returns an error that names the first difference of o from c.
func (c ContainmentConfig) match(o ContainmentConfig) error {
	if err := (Config{K: c.K, Seed: c.Seed, Scheme: c.Scheme}).match(Config{K: o.K, Seed: o.Seed, Scheme: o.Scheme}); err != nil {
		return err
	}
	for _, f := range []struct {
		name      string
		got, want float64
	}{
		{"Threshold", o.Threshold, c.Threshold},
		{"Ratio", o.Ratio, c.Ratio},
		{"Recall", o.Recall, c.Recall},
		{"MaxBucket", float64(o.MaxBucket), float64(c.MaxBucket)},
	} {
		if f.got != f.want {
			return fmt.Errorf("minhash: %s is %v, want %v: %w", f.name, f.got, f.want, ErrMismatch)
		}
	}
	return nil
}

// ContainmentMatch is a document that contains a passage, or part of it.
type ContainmentMatch struct {
	ID            uint32
	Containment   float64 // estimated share of the passage that is in the document, in [0,1]
	StandardError float64 // of Containment
}

// ContainmentIndex finds the documents that contain a given passage, however
// much else they contain: a Jaccard similarity of 0.1 is not a weak match if
// the document has ten times the features of the passage.
//
// # Method
//
// As in LSH Ensemble (Zhu, Nargesian, Pu, Miller, VLDB 2016), the documents are divided by
// their size, and each class is searched as deep as the similarity requires that a match of its
// size would have. Different from it, the classes are fixed, one for each
// power of two, so that documents can be added at any time and the answer does not depend on
// what else is there; and a band is a single slot: a class is searched in
// the first n slots of the signature, with the least n that gives the recall asked
// for. Candidates are verified by the share of slots in which passage and
// document agree among those where the passage's value is not the larger, as
// [Signature.Containment] does.
//
// # Recall
//
// A document of which the passage's share at the threshold is contained and which has at most Ratio times its
// features is found with a probability of Recall or more. Larger documents are found too,
// with lower probability: 1-(1-s)^n, where s is their Jaccard similarity to the
// passage and n is [ContainmentIndex.Slots]. The estimate of the containment c has a standard error of
// sqrt(c·(1-c)/m), where m is about the number of slots times the share of the union that the passage is:
// 0.11 at c = 0.8, 128 slots and a document of ten times the features, and none at c = 1.
//
// # Cost
//
// With n slots indexed, a document takes at most 2·k + 11.5·n + 4 bytes: 790 bytes in the zero
// configuration, where n is 46. A query takes O(k + n) time for each class, and O(k) for each candidate.
//
// Queries may run concurrently with one another; Add, Delete, Replace, Merge and
// decoding need exclusive access. A ContainmentIndex comes from
// [NewContainmentIndex] or from decoding into its zero value, and must not be copied.
type ContainmentIndex struct {
	cfg  ContainmentConfig
	plan Plan // single slots
	holdings
	keys []uint64
	buf  []byte
	pool sync.Pool // *query
}

// classes of documents: class c has sizes of c bits, 0 those without features.
const classes = 33

// NewContainmentIndex returns an empty index. The error names the field of cfg
// that is out of range, or says which recall is possible.
func NewContainmentIndex(cfg ContainmentConfig) (*ContainmentIndex, error) {
	cfg, slots, err := cfg.normal()
	if err != nil {
		return nil, err
	}
	x := new(ContainmentIndex)
	x.init(cfg, slots)
	return x, nil
}

func (x *ContainmentIndex) init(cfg ContainmentConfig, slots int) {
	x.cfg = cfg
	x.plan = Plan{K: cfg.K, Bands: slots, Rows: 1}
	x.holdings = newHoldings(2*cfg.K+4, slots, classes)
}

// Config returns the configuration with its defaults filled in.
func (x *ContainmentIndex) Config() ContainmentConfig { return x.cfg }

// Slots returns the number of slots of a signature that are indexed.
func (x *ContainmentIndex) Slots() int { return x.bands }

// Len returns the number of documents that the index holds, those deleted not
// counted.
func (x *ContainmentIndex) Len() int { return x.live }

// Bytes returns the memory in bytes that the index holds for its documents. The
// room for queries is not counted.
func (x *ContainmentIndex) Bytes() int { return x.bytes() }

func (x *ContainmentIndex) mustBeMade() {
	if x.bands == 0 {
		panic("minhash: ContainmentIndex is not made by NewContainmentIndex")
	}
}

// size checks the arguments of Add and of queries and returns the size, 0 for
// a set without features.
func (x *ContainmentIndex) size(sig Signature, size int) uint32 {
	x.mustBeMade()
	x.plan.mustFit(sig)
	sig.mustBe(x.cfg.Scheme)
	if size < 0 || int64(size) > math.MaxUint32 {
		panic(fmt.Sprintf("minhash: set has %d features, want 0 to %d", size, uint32(math.MaxUint32)))
	}
	if sig.Empty() {
		return 0
	}
	if size == 0 {
		return uint32(min(max(1, sig.Cardinality()), math.MaxUint32))
	}
	return uint32(size)
}

// Add adds a document that has size distinct features and returns its id, the
// number of documents added before it. A size of 0 means that of [Signature.Cardinality]. It panics
// if the signature does not have K slots or is of another scheme, if size is negative or greater
// than 4,294,967,295, or if there is no room for more ids. Cost: O(k) time, amortized.
func (x *ContainmentIndex) Add(sig Signature, size int) uint32 {
	n := x.size(sig, size)
	id := x.newID()
	x.put(id, sig, n)
	return id
}

func (x *ContainmentIndex) put(id uint32, sig Signature, size uint32) {
	x.keys = x.keys[:0]
	if size > 0 {
		x.keys = x.plan.appendBandKeys(x.keys, sig)
	}
	x.buf = binary.LittleEndian.AppendUint32(appendCodes(x.buf[:0], sig), size)
	x.add(id, bits.Len32(size), x.keys, x.buf)
}

// Delete removes a document and reports whether it was there. Its id is not
// given out again. Cost: as [Index.Delete].
func (x *ContainmentIndex) Delete(id uint32) bool {
	_, ok := x.kill(id)
	return ok
}

// Replace gives a document another signature and size and reports whether there is such
// a document; if not, it changes nothing. It panics as [ContainmentIndex.Add] does. Cost: as [Index.Replace].
func (x *ContainmentIndex) Replace(id uint32, sig Signature, size int) bool {
	n := x.size(sig, size)
	if !x.vacate(id) {
		return false
	}
	x.put(id, sig, n)
	return true
}

// Merge adds the documents of o, which stays as it is. The one with the id i in o
// gets the id i + offset. The error is as that of [Index.Merge]. Cost: O(n) for each document.
func (x *ContainmentIndex) Merge(o *ContainmentIndex) (offset uint32, err error) {
	if x == o {
		return 0, errors.New("minhash: an index cannot be merged with itself")
	}
	if err := x.cfg.match(o.cfg); err != nil {
		return 0, err
	}
	return x.merge(&o.holdings)
}

// appendCodes appends two bytes for each slot, whose order is that of the slots
// and whose differences are lost in about one of a thousand: the length of the value in six
// bits and the ten bits that follow the leading one.
func appendCodes(dst []byte, sig Signature) []byte {
	for _, v := range sig {
		v &= 1<<tagShift - 1
		n := bits.Len64(v)
		dst = binary.LittleEndian.AppendUint16(dst, uint16(n)<<10|uint16(v<<(64-n)<<1>>54))
	}
	return dst
}

// compareCodes returns the number of slots in which a and b agree, and of those
// in which a is smaller.
func compareCodes(a, b []byte) (equal, less int) {
	b = b[:len(a)]
	for i := 0; i+1 < len(a); i += 2 {
		v, w := binary.LittleEndian.Uint16(a[i:]), binary.LittleEndian.Uint16(b[i:])
		equal += b2i(v == w)
		less += b2i(v < w)
	}
	return equal, less
}

func (x *ContainmentIndex) start() *query {
	if q, ok := x.pool.Get().(*query); ok {
		return q
	}
	return new(query)
}

// depth returns in how many slots a class is searched for documents that
// contain the share least of a passage of size q, 0 if none of them can.
func (x *ContainmentIndex) depth(class int, q, least float64) int {
	largest := float64(uint64(1)<<class - 1)
	if 2*largest < least*q { // sizes may be estimates
		return 0
	}
	n := slotsFor(similarityOf(max(0, least), q, largest), (1-x.cfg.Recall)/2, x.bands)
	if n == 0 {
		return x.bands
	}
	return n
}

// candidates puts the slots of the candidates into q.ids, in order.
func (x *ContainmentIndex) candidates(q *query, sig Signature, size int, least float64) {
	n := x.size(sig, size)
	q.ids = q.ids[:0]
	if n == 0 || !(least <= 1) {
		return
	}
	q.keys = x.plan.appendBandKeys(q.keys[:0], sig)
	for c := range x.post {
		post := &x.post[c]
		if post.bands == nil {
			continue
		}
		keys := q.keys[:x.depth(c, float64(n), least)]
		q.touched = post.touch(keys)
		for b, key := range keys {
			if ref, ok := post.bucket(b, key); ok {
				q.ids = post.appendBucket(q.ids, ref, &x.dead, x.cfg.MaxBucket)
			}
		}
	}
	q.unique()
}

// AppendQuery appends the documents that contain the share least of a passage with
// size distinct features, in [0,1], and returns the extended slice; dst[:len(dst)] is untouched. Documents whose
// estimate is lower stay in if it is not lower by more than three standard errors. The greatest containment comes first,
// and where it is equal the greater certainty, then the lower id. A size of 0 means that of
// [Signature.Cardinality]. If least is NaN or above 1 there are none. It panics as [ContainmentIndex.Add] does.
// No allocation if dst has room.
func (x *ContainmentIndex) AppendQuery(dst []ContainmentMatch, sig Signature, size int, least float64) []ContainmentMatch {
	base := len(dst)
	q := x.start()
	x.candidates(q, sig, size, least)
	if len(q.ids) > 0 {
		q.packed = appendCodes(q.packed[:0], sig)
		for _, slot := range q.ids {
			equal, less := compareCodes(q.packed, x.packed.at(slot))
			if equal == 0 {
				continue
			}
			m := float64(equal + less)
			c := float64(equal) / m
			// With one slot more on either side, no share is certain.
			p := (float64(equal) + 1) / (m + 2)
			match := ContainmentMatch{x.id(slot), c, math.Sqrt(float64(p*(1-p)) / (m + 2))}
			if c >= least-float64(3*math.Sqrt(float64(max(0, least)*(1-least))/m)) {
				dst = append(dst, match)
			}
		}
	}
	x.pool.Put(q)
	slices.SortFunc(dst[base:], fullestFirst)
	return dst
}

func fullestFirst(a, b ContainmentMatch) int {
	if c := cmp.Compare(b.Containment, a.Containment); c != 0 {
		return c
	}
	if c := cmp.Compare(a.StandardError, b.StandardError); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// AppendCandidates appends the ids of the documents that share one of the
// slots searched with the passage, unverified, in ascending order. The
// arguments are those of [ContainmentIndex.AppendQuery]. It serves to verify with the documents themselves.
func (x *ContainmentIndex) AppendCandidates(dst []uint32, sig Signature, size int, least float64) []uint32 {
	q := x.start()
	x.candidates(q, sig, size, least)
	x.rename(q)
	dst = append(dst, q.ids...)
	x.pool.Put(q)
	return dst
}

// Skipped returns how many members of crowded buckets [ContainmentIndex.AppendQuery] does not
// look at because of MaxBucket, counted in each slot; 0 says that its answer is
// complete. Buckets are crowded where very many documents share a feature.
func (x *ContainmentIndex) Skipped(sig Signature, size int, least float64) int {
	n := x.size(sig, size)
	if n == 0 || !(least <= 1) {
		return 0
	}
	q := x.start()
	q.keys = x.plan.appendBandKeys(q.keys[:0], sig)
	skipped := 0
	for c := range x.post {
		if x.post[c].bands != nil {
			skipped += x.post[c].skipped(q, q.keys[:x.depth(c, float64(n), least)], &x.dead, x.cfg.MaxBucket)
		}
	}
	x.pool.Put(q)
	return skipped
}

const (
	containmentTag     = "mhc"
	containmentVersion = 1
	containmentHeader  = 52
)

// WriteTo writes the encoding of the index that [ContainmentIndex.UnmarshalBinary]
// describes, as [Index.WriteTo] does.
func (x *ContainmentIndex) WriteTo(w io.Writer) (int64, error) {
	x.mustBeMade()
	e := newEncoder(w)
	c := x.cfg
	b := append(e.buf, containmentTag...)
	b = append(b, containmentVersion, byte(c.Scheme), 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(c.K))
	b = binary.LittleEndian.AppendUint32(b, uint32(c.MaxBucket))
	b = binary.LittleEndian.AppendUint64(b, c.Seed)
	for _, f := range []float64{c.Threshold, c.Ratio, c.Recall} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(x.total))
	e.buf = binary.LittleEndian.AppendUint32(b, 0)
	x.encode(e)
	return e.close()
}

// AppendBinary appends the encoding of the index and returns the extended slice.
// The error is always nil.
func (x *ContainmentIndex) AppendBinary(dst []byte) ([]byte, error) {
	x.mustBeMade()
	w := appender{slices.Grow(dst, containmentHeader+x.encodedSize()+8)}
	_, err := x.WriteTo(&w)
	return w.b, err
}

// MarshalBinary returns the encoding of the index. The error is always nil.
func (x *ContainmentIndex) MarshalBinary() ([]byte, error) { return x.AppendBinary(nil) }

// UnmarshalBinary makes x the index that data encodes, under the rules of
// [Index.UnmarshalBinary]. All numbers are little-endian.
//
//	offset  bytes  what
//	     0      3  "mhc"
//	     3      1  version, 1
//	     4      1  scheme of the signatures
//	     5      1  0
//	     6      2  slots k
//	     8      4  bucket limit
//	    12      8  seed
//	    20      8  threshold, IEEE 754
//	    28      8  ratio, IEEE 754
//	    36      8  recall, IEEE 754
//	    44      4  ids given out, n
//	    48      4  0
//	    52   ⌈n/8⌉ bit i%8 of byte i/8 says that document i is not deleted
//	               then for each document that is not, in the order in which they came:
//	            4  id, plus 2^31 if it has no features
//	          2·k  for each slot its length in bits times 2^10 plus the ten bits after its leading one
//	            4  number of features
//	          4·n  the upper halves of the keys of the n slots indexed, 0 if it has no features
//	               then at the end:
//	            8  XXH64 of all bytes before
func (x *ContainmentIndex) UnmarshalBinary(data []byte) error {
	return unmarshal(data, x.readFrom)
}

// ReadFrom makes x the index that r has the encoding of, as [Index.ReadFrom] does.
func (x *ContainmentIndex) ReadFrom(r io.Reader) (int64, error) {
	d := newDecoder(r)
	err := x.readFrom(d)
	return d.n, err
}

func (x *ContainmentIndex) readFrom(d *decoder) error {
	b := d.start(containmentTag, containmentVersion, containmentHeader)
	if d.err != nil {
		return d.err
	}
	var c ContainmentConfig
	c.Scheme, c.K = Scheme(b[4]), int(binary.LittleEndian.Uint16(b[6:]))
	maxBucket := binary.LittleEndian.Uint32(b[8:])
	c.MaxBucket = int(maxBucket & maxDocs)
	c.Seed = binary.LittleEndian.Uint64(b[12:])
	c.Threshold = math.Float64frombits(binary.LittleEndian.Uint64(b[20:]))
	c.Ratio = math.Float64frombits(binary.LittleEndian.Uint64(b[28:]))
	c.Recall = math.Float64frombits(binary.LittleEndian.Uint64(b[36:]))
	total, zero := binary.LittleEndian.Uint32(b[44:]), binary.LittleEndian.Uint32(b[48:])
	full, slots, err := c.normal()
	if err != nil || full != c || b[5] != 0 || maxBucket > maxDocs || total > maxDocs || zero != 0 {
		return d.corrupt("header has a field out of range")
	}
	if x.bands != 0 {
		if err := x.cfg.match(c); err != nil {
			return err
		}
	}
	var y ContainmentIndex
	y.init(c, slots)
	void := make(Signature, c.K)
	fill(void)
	err = y.decode(d, int(total), binary.LittleEndian.AppendUint32(appendCodes(nil, void), 0), func(record []byte) int {
		return bits.Len32(binary.LittleEndian.Uint32(record[2*c.K:]))
	})
	if err != nil {
		return err
	}
	x.cfg, x.plan, x.holdings = y.cfg, y.plan, y.holdings
	return nil
}
