package minhash

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
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
	// MaxBucket is the number of documents of one bucket (those that agree in one band) that are
	// looked at in full, 1 to 2,147,483,647; 0 means 256. It bounds the cost of a text that is
	// there thousands of times: of a larger bucket a query looks at MaxBucket documents before and
	// after its own place, see [Index].
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
			return fmt.Errorf("%w: %s is %d, want %d", ErrMismatch, f.name, f.got, f.want)
		}
	}
	return nil
}

// Index finds similar signatures by the bands in which they agree, and verifies what it finds by
// the packed signatures that it holds. A document is found as soon as it is put. Answers are a
// function of the documents held and their ids, whenever and in which order they came.
//
// # Recall
//
// A document of similarity s to the query becomes a candidate with the probability
// [Plan.Probability](s). What is found after that depends on the minimum asked for, which is
// compared with an estimate whose standard error is [Packing.StandardError]: of the pairs at
// exactly min half are estimated below it. To miss none of the candidates above a threshold, ask
// for less, or for [Index.AppendCandidates], and verify with the documents themselves. Documents
// without features are not found: they are similar to nothing.
//
// # Crowded buckets
//
// The documents that agree in a band are a bucket. A text that is there ten thousand times, or a
// paragraph that ten thousand texts share, makes buckets of ten thousand. Of a bucket a query looks
// at the [IndexConfig].MaxBucket documents before and after its own place in the order of the
// bucket, so that one of up to MaxBucket is looked at in full. The order is by the tags (the upper
// halves of the band keys) of the band after it, the one after that, and so on round to the band
// before, then by packed signature, and then, between documents that the index cannot tell apart,
// by id: what a query looks at depends on what the documents are, and those that agree with it in
// further bands come first. What it leaves out it counts. A near-duplicate in a crowd is found by
// its other bands, whose buckets are small.
//
// # Cost
//
// With b bands, k slots and B bits a slot, a document takes at most
//
//	k·B/8 + 11.5·b + 1/4 bytes
//
// once there are 10,000 documents that share no band: 312 bytes for 16 bands, 128 slots and 8 bits,
// of which 128 are the packed signature. Where documents share all bands it is up to 16.5·b if they
// come in pairs, 15·b if they come in fours, and less than 11.5·b if a hundred come together. An id
// that is not in use takes up to half a byte, or as much as a document if it is between others that
// are.
//
// Put and Delete take a few microseconds at a million documents, and whatever the number none takes
// more than a millisecond: tables grow and are tidied up in small pieces, and nothing large is ever
// copied. (An id more than eight times as large as all before and as the number of documents makes
// an exception: O(n).) The place of a document in the tables depends on a secret that each index
// draws, so that a writer of texts cannot choose many that fall on one place.
//
// Queries may run concurrently with one another; Put, Delete and whatever else changes the index
// need exclusive access. An Index comes from [NewIndex] or from decoding into its zero value, and
// must not be copied.
type Index struct {
	cfg     IndexConfig
	packing Packing
	holdings
	pool sync.Pool // *query
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
	x.holdings = newHoldings(x.packing.Size(), cfg.Plan.Bands)
}

// Config returns the configuration with its defaults filled in.
func (x *Index) Config() IndexConfig { return x.cfg }

// Len returns the number of documents that the index holds, those deleted not
// counted.
func (x *Index) Len() int { return x.n }

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

// Add puts a document under the next id, which it returns: one more than the largest id ever put,
// or 0. It panics and costs as [Index.Put] does.
func (x *Index) Add(sig Signature) uint32 {
	id := x.next
	x.Put(id, sig)
	return id
}

// Put puts a document under an id of the caller's, which may have been another document's before.
// If that is still there, the new one takes its place. Ids should be dense: memory grows with the
// largest. It panics if the signature does not have K slots or is of another scheme than the index,
// or if the id is 2,147,483,647 or more. Cost: O(k) time, and O(b·log m) more where it joins
// buckets of m documents.
func (x *Index) Put(id uint32, sig Signature) {
	x.mustFit(sig)
	x.admit(id)
	if sig.Empty() {
		return
	}
	x.keys = x.cfg.Plan.appendBandKeys(x.keys[:0], sig)
	x.write(x.records.make(id), sig, x.keys)
	x.link(id, x.keys)
}

// write writes the record of a signature with features.
func (x *Index) write(record []byte, sig Signature, keys []uint64) {
	x.packing.Append(record[:0], sig)
	tags := record[x.records.tags:]
	for b, key := range keys {
		binary.LittleEndian.PutUint32(tags[4*b:], uint32(key>>32))
	}
}

// PutFrom is [Index.Put] with a document of another index in place of a signature, and reports
// whether there is such a document; if not, it changes nothing. It panics if the configurations of
// the indexes differ. Cost: as Put, without making band keys.
func (x *Index) PutFrom(id uint32, o *Index, from uint32) bool {
	if err := x.cfg.match(o.cfg); err != nil {
		panic(err.Error())
	}
	if !o.has(from) {
		return false
	}
	if x != o || id != from {
		x.copy(id, &o.holdings, from)
	}
	return true
}

// Delete removes a document and reports whether it was there. Its id may be put again; [Index.Add]
// does not give it out. Cost: as [Index.Put].
func (x *Index) Delete(id uint32) bool {
	if !x.has(id) {
		return false
	}
	x.drop(id)
	return true
}

// Has reports whether the document is in the index.
func (x *Index) Has(id uint32) bool { return x.has(id) }

// Similarity returns the similarity of two documents estimated from their packed signatures, in
// [0,1]. It panics if an id does not name a document of the index. Cost: O(k·Bits/64) time, no
// allocation.
func (x *Index) Similarity(a, b uint32) float64 {
	if !x.has(a) || !x.has(b) {
		panic(fmt.Sprintf("minhash: index has no document %d or %d", a, b))
	}
	if !x.indexed.Test(uint(a)) || !x.indexed.Test(uint(b)) {
		return 0
	}
	tags := x.records.tags
	return x.packing.Similarity(x.records.at(a)[:tags], x.records.at(b)[:tags])
}

// Compact gives up the room of what was deleted. Ids stay what they are, and so do all answers.
// There is no need for it: what is put later takes the room of what was deleted before. Cost: as
// adding all documents to a new index, which for a while is there beside the old.
func (x *Index) Compact() { x.holdings = x.compacted() }

// Merge adds the documents of o, which stays as it is. The one with the id i in o gets the id i +
// offset, where offset is the next id of x.
//
// The error wraps [ErrMismatch] and names the field if the configurations differ; it is another if
// o is x, or there is no room for so many ids. x is unchanged then. Cost: O(b) for each document.
func (x *Index) Merge(o *Index) (offset uint32, err error) {
	if x == o {
		return 0, errors.New("minhash: an index cannot be merged with itself")
	}
	if err := x.cfg.match(o.cfg); err != nil {
		return 0, err
	}
	if int64(x.next)+int64(o.next) > maxDocs {
		return 0, fmt.Errorf("minhash: indexes have %d and %d ids, want at most %d", x.next, o.next, maxDocs)
	}
	offset = x.next
	for id, ok := o.live.NextSet(0); ok; id, ok = o.live.NextSet(id + 1) {
		x.copy(offset+uint32(id), &o.holdings, uint32(id))
	}
	x.next = offset + o.next
	return offset, nil
}

// AddAll adds documents, as [Index.Add] does one by one, and returns the id of the first; the
// others follow.
func (x *Index) AddAll(sigs []Signature) (first uint32) {
	first = x.next
	for _, sig := range sigs {
		x.Add(sig)
	}
	return first
}
