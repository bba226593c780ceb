package minhash

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/bits-and-blooms/bitset"
)

// Defaults of IndexConfig.
const (
	defaultBits      = 8
	defaultMaxBucket = 256
)

// IndexConfig says what an [Index] finds and holds. The zero value finds 95% of
// the pairs of similarity 0.8.
type IndexConfig struct {
	// Plan is the bands and rows; the zero Plan means that of the zero [Goal].
	Plan Plan
	// Bits is the number of bits of each slot that the index keeps for
	// verification: 1, 2, 4, 8 or 16; 0 means 8. See [Packing].
	Bits int
	// MaxBucket is the number of documents of one bucket (those that agree in one
	// band) that a query looks at, the earliest first; 0 means 256. It bounds the
	// cost of a text that is there thousands of times; [Index.Skipped] tells
	// what a query leaves out.
	MaxBucket int
	// Seed and Scheme are those of the [Sketcher] that makes the signatures. They
	// are kept with the index so that signatures of another kind are refused; a
	// Scheme of 0 means [FastSimilarity].
	Seed   uint64
	Scheme Scheme
}

// normal returns the configuration with defaults filled in.
func (c IndexConfig) normal() (IndexConfig, error) {
	if c.Plan == (Plan{}) {
		p, err := NewPlan(Goal{})
		if err != nil {
			return c, err
		}
		c.Plan = p
	}
	c.Plan.K = c.Plan.slots()
	if err := c.Plan.check(); err != nil {
		return c, err
	}
	if c.Bits == 0 {
		c.Bits = defaultBits
	}
	if err := c.packing().Check(); err != nil {
		return c, err
	}
	if c.MaxBucket == 0 {
		c.MaxBucket = defaultMaxBucket
	}
	if c.MaxBucket < 1 || c.MaxBucket > maxDocs {
		return c, fmt.Errorf("minhash: IndexConfig.MaxBucket is %d, want 1 to %d", c.MaxBucket, maxDocs)
	}
	if c.Scheme == 0 {
		c.Scheme = FastSimilarity
	}
	if c.Scheme >= tagEmpty+1 {
		return c, fmt.Errorf("minhash: IndexConfig.Scheme is %d, want 1 to %d", c.Scheme, tagEmpty)
	}
	return c, nil
}

func (c IndexConfig) packing() Packing { return Packing{K: c.Plan.K, Bits: c.Bits} }

// match returns an error that names the first difference of o from c.
func (c IndexConfig) match(o IndexConfig) error {
	if err := (Config{K: c.Plan.K, Seed: c.Seed, Scheme: c.Scheme}).match(Config{K: o.Plan.K, Seed: o.Seed, Scheme: o.Scheme}); err != nil {
		return err
	}
	for _, f := range []struct {
		name      string
		got, want int
	}{
		{"Plan.Bands", o.Plan.Bands, c.Plan.Bands},
		{"Plan.Rows", o.Plan.Rows, c.Plan.Rows},
		{"Plan.Wide", o.Plan.Wide, c.Plan.Wide},
		{"Bits", o.Bits, c.Bits},
		{"MaxBucket", o.MaxBucket, c.MaxBucket},
	} {
		if f.got != f.want {
			return fmt.Errorf("minhash: %s is %d, want %d: %w", f.name, f.got, f.want, ErrMismatch)
		}
	}
	return nil
}

// Match is a document that a query found.
type Match struct {
	ID         uint32
	Similarity float64 // estimated Jaccard similarity, in [0,1]
}

// Index finds similar signatures by the bands in which they agree, and verifies
// what it finds by the packed signatures that it holds. A document is searchable
// as soon as it is added. Ids are dense: the i-th document added has the id i, counting from 0,
// whatever is deleted. Answers depend on nothing but what was added, deleted and replaced,
// and in which order.
//
// # Recall
//
// A document of similarity s to the query becomes a candidate with the
// probability of [Plan.Probability](s). What is found after that depends on
// the minimum asked for, which is compared with an estimate whose
// standard error is [StandardError]: of the pairs at exactly min half are
// estimated below it. To miss none of the candidates above a threshold, ask for less
// and verify with the documents themselves, or use [Index.AppendQueryFunc].
// Documents without features are not found: they are similar to nothing.
//
// # Cost
//
// With b bands, k slots and B bits a slot, a document takes at most
//
//	k·B/8 + 11.5·b + 1/8 bytes
//
// once there are 10,000 documents that share no band: 312 bytes for 16 bands, 128 slots and 8 bits, of
// which 128 are the packed signature. A bucket of m > 1 documents takes 8·(m+1) to 10·(m+1) bytes beside the first 11.5, which is
// less for each document from four on; if all documents came in pairs, they would take 21·b bytes each.
// Add takes about 1.5 µs and a query about 2 µs at a million documents; now and then an Add
// grows the tables by a quarter, which takes O(n). An index holds at most 2,147,483,647
// documents.
//
// Queries may run concurrently with one another; Add, Delete, Replace, Merge and
// decoding need exclusive access. An Index comes from [NewIndex] or from
// decoding into its zero value, and must not be copied.
type Index struct {
	cfg     IndexConfig
	packing Packing
	holdings
	keys []uint64 // of the document being added
	buf  []byte
	pool sync.Pool // *query
}

// query is the room that a query needs; ids has slots first.
type query struct {
	keys    []uint64
	ids     []uint32
	packed  []byte
	seen    bitset.BitSet // all clear between queries
	touched uint64
}

// NewIndex returns an empty index. The error names the field of cfg that is out
// of range.
func NewIndex(cfg IndexConfig) (*Index, error) {
	cfg, err := cfg.normal()
	if err != nil {
		return nil, err
	}
	x := new(Index)
	x.init(cfg)
	return x, nil
}

// init makes x empty. The configuration is a normal one.
func (x *Index) init(cfg IndexConfig) {
	x.cfg, x.packing = cfg, cfg.packing()
	x.holdings = newHoldings(x.packing.Size(), cfg.Plan.Bands, 1)
	x.class(0)
}

// Config returns the configuration with its defaults filled in.
func (x *Index) Config() IndexConfig { return x.cfg }

// Len returns the number of documents that the index holds, those deleted not
// counted.
func (x *Index) Len() int { return x.live }

// Bytes returns the memory in bytes that the index holds for its documents. The
// room for queries is not counted.
func (x *Index) Bytes() int { return x.bytes() }

// mustFit panics if the signature is not one of this index.
func (x *Index) mustFit(sig Signature) {
	x.mustBeMade()
	x.cfg.Plan.mustFit(sig)
	sig.mustBe(x.cfg.Scheme)
}

// mustBe panics if the signature is of another scheme.
func (a Signature) mustBe(s Scheme) {
	if tag := a.scheme(); tag != tagEmpty && tag+1 != uint64(s) {
		panic(fmt.Sprintf("minhash: signature of scheme %d, want %d", tag+1, s))
	}
}

// Add adds a document and returns its id, the number of documents added before
// it. It panics if the signature does not have K slots or is of another scheme
// than the index, or if there is no room for more ids. Cost: O(k) time, amortized.
func (x *Index) Add(sig Signature) uint32 {
	x.mustFit(sig)
	id := x.newID()
	x.put(id, sig)
	return id
}

// put puts a document into the next slot.
func (x *Index) put(id uint32, sig Signature) {
	x.keys = x.keys[:0]
	if !sig.Empty() {
		x.keys = x.cfg.Plan.appendBandKeys(x.keys, sig)
	}
	x.buf = x.packing.Append(x.buf[:0], sig)
	x.add(id, 0, x.keys, x.buf)
}

// Delete removes a document and reports whether it was there. Its id is not
// given out again. Cost: O(1), amortized: when there are more deleted documents
// than others, what they take is given up in one pass, from when on each id ever given
// out takes 4 bytes and each document 4 more.
func (x *Index) Delete(id uint32) bool {
	_, ok := x.kill(id)
	return ok
}

// Replace gives a document another signature and reports whether there is such
// a document; if not, it changes nothing. Where order of arrival matters, which is in buckets of more
// than MaxBucket documents alone, the document counts as added now. It panics as [Index.Add] does. Cost:
// as Add; the first time O(n), and from then on 8 bytes more for each document.
func (x *Index) Replace(id uint32, sig Signature) bool {
	x.mustFit(sig)
	if !x.vacate(id) {
		return false
	}
	x.put(id, sig)
	return true
}

// start returns room for a query.
func (x *Index) start() *query {
	if q, ok := x.pool.Get().(*query); ok {
		return q
	}
	return new(query)
}

// candidates puts the slots of the candidates for sig into q.ids, in order.
func (x *Index) candidates(q *query, sig Signature) {
	x.mustFit(sig)
	q.ids = q.ids[:0]
	if sig.Empty() {
		return
	}
	q.keys = x.cfg.Plan.appendBandKeys(q.keys[:0], sig)
	q.touched = x.post[0].touch(q.keys)
	for b, key := range q.keys {
		if ref, ok := x.post[0].bucket(b, key); ok {
			q.ids = x.post[0].appendBucket(q.ids, ref, &x.dead, x.cfg.MaxBucket)
		}
	}
	q.unique()
}

// unique sorts q.ids and drops repetitions.
func (q *query) unique() {
	if len(q.ids) > 64 { // a crowded bucket: the bands repeat one another
		kept := q.ids[:0]
		for _, id := range q.ids {
			if !q.seen.Test(uint(id)) {
				q.seen.Set(uint(id))
				kept = append(kept, id)
			}
		}
		for _, id := range kept {
			q.seen.Clear(uint(id))
		}
		q.ids = kept
	}
	slices.Sort(q.ids)
	q.ids = slices.Compact(q.ids)
}

// AppendCandidates appends the ids of the documents that agree with sig in at
// least one band, unverified, in ascending order, and returns the extended slice;
// dst[:len(dst)] is untouched. No more than MaxBucket documents of each band are looked
// at. It panics as [Index.Add] does. Cost: O(k + c log c) time for c candidates,
// no allocation if dst has room.
func (x *Index) AppendCandidates(dst []uint32, sig Signature) []uint32 {
	q := x.start()
	x.candidates(q, sig)
	x.rename(q)
	dst = append(dst, q.ids...)
	x.pool.Put(q)
	return dst
}

// AppendQuery appends the candidates for sig with an estimated similarity of min
// or more and returns the extended slice; dst[:len(dst)] is untouched. The most similar
// come first, those of equal similarity in the order of their ids. If min is
// NaN there are none. The document itself is found if it is in the index. It
// panics as [Index.Add] does. Cost: O(k) time and O(k·Bits/64) for each candidate, no allocation if dst
// has room.
func (x *Index) AppendQuery(dst []Match, sig Signature, min float64) []Match {
	base := len(dst)
	q := x.start()
	x.candidates(q, sig)
	if len(q.ids) > 0 {
		q.packed = x.packing.Append(q.packed[:0], sig)
		for _, slot := range q.ids {
			if s := x.packing.Similarity(q.packed, x.packed.at(slot)); s >= min {
				dst = append(dst, Match{x.id(slot), s})
			}
		}
	}
	x.pool.Put(q)
	slices.SortFunc(dst[base:], bestFirst)
	return dst
}

// bestFirst orders matches.
func bestFirst(a, b Match) int {
	if c := cmp.Compare(b.Similarity, a.Similarity); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// AppendNearest appends the n candidates for sig that are estimated to be most
// similar, or fewer if there are not so many, in the order of [Index.AppendQuery], and
// returns the extended slice. They are the nearest of those that agree in a
// band: documents far below the threshold of the plan are hardly ever among them.
// It panics and costs as AppendQuery does.
func (x *Index) AppendNearest(dst []Match, sig Signature, n int) []Match {
	base := len(dst)
	dst = x.AppendQuery(dst, sig, 0)
	return dst[:base+min(len(dst)-base, max(0, n))]
}

// AppendQueryFunc is [Index.AppendQuery] with a similarity of the caller's, such
// as the exact one of the documents, in place of the estimate: similarity is called for
// each candidate once, in ascending order of ids. It may use the index for
// further queries.
func (x *Index) AppendQueryFunc(dst []Match, sig Signature, min float64, similarity func(id uint32) float64) []Match {
	base := len(dst)
	q := x.start()
	x.candidates(q, sig)
	x.rename(q)
	for _, id := range q.ids {
		if s := similarity(id); s >= min {
			dst = append(dst, Match{id, s})
		}
	}
	x.pool.Put(q)
	slices.SortFunc(dst[base:], bestFirst)
	return dst
}

// Skipped returns how many members of crowded buckets a query for sig does not
// look at because of MaxBucket, counted in each band; 0 says that its answer is
// complete. It panics as [Index.Add] does. Cost: O(k) time and O(1) for each member.
func (x *Index) Skipped(sig Signature) int {
	x.mustFit(sig)
	if sig.Empty() {
		return 0
	}
	q := x.start()
	q.keys = x.cfg.Plan.appendBandKeys(q.keys[:0], sig)
	skipped := x.post[0].skipped(q, q.keys, &x.dead, x.cfg.MaxBucket)
	x.pool.Put(q)
	return skipped
}

// Merge adds the documents of o, which stays as it is. The one with the id i in o
// gets the id i + offset, where offset is the number of ids that x has given out; ids deleted in o
// are deleted in x. The result is the index that adding o's documents one by one makes.
//
// The error wraps [ErrMismatch] and names the field if the configurations
// differ; it is another if o is x, or there is no room for so many ids. x is
// unchanged then. Cost: O(b) for each document.
func (x *Index) Merge(o *Index) (offset uint32, err error) {
	if x == o {
		return 0, errors.New("minhash: an index cannot be merged with itself")
	}
	if err := x.cfg.match(o.cfg); err != nil {
		return 0, err
	}
	return x.merge(&o.holdings)
}
