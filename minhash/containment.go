package minhash

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sync"
)

// ContainmentConfig says what a [ContainmentIndex] samples. The zero value is the default.
type ContainmentConfig struct {
	// Rate is the number of features of which one is sampled, 1 to 1<<20; 0 means 32. Of features
	// that documents share, fewer are missed at a lower rate, and more bytes taken.
	Rate int
	// MaxDocs is the number of documents, 1 to 1<<31-1, that may have a sampled value. If more have
	// it, it is common: evidence of nothing, and left out of all counts. 0 means 1000.
	MaxDocs int
	// Share leaves documents out of the answer to a query that share less than one in Share of the
	// sampled values of the query, or of those of the document if it has fewer. 0 leaves out none.
	Share int
	// Seed selects the features that are sampled.
	Seed uint64
}

const (
	defaultRate    = 32
	maxRate        = 1 << 20
	defaultMaxDocs = 1000
)

// normal returns the configuration with defaults filled in.
func (c ContainmentConfig) normal() (ContainmentConfig, error) {
	if c.Rate == 0 {
		c.Rate = defaultRate
	}
	if c.MaxDocs == 0 {
		c.MaxDocs = defaultMaxDocs
	}
	if c.Rate < 1 || c.Rate > maxRate {
		return c, fmt.Errorf("minhash: ContainmentConfig.Rate is %d, want 1 to %d", c.Rate, maxRate)
	}
	if c.MaxDocs < 1 || int64(c.MaxDocs) > math.MaxInt32 {
		return c, fmt.Errorf("minhash: ContainmentConfig.MaxDocs is %d, want 1 to %d", c.MaxDocs, math.MaxInt32)
	}
	if c.Share < 0 || int64(c.Share) > math.MaxInt32 {
		return c, fmt.Errorf("minhash: ContainmentConfig.Share is %d, want 0 to %d", c.Share, math.MaxInt32)
	}
	return c, nil
}

// ContainmentCandidate is a document that shares sampled values with a query. Common values, which
// more documents have than [ContainmentConfig].MaxDocs, count nowhere in it.
type ContainmentCandidate struct {
	ID      uint32
	Shared  int // sampled values that the document and the query have, 1 or more
	Sampled int // sampled values that the document has
}

// ContainmentIndex finds the documents that contain a passage or are contained in it, however
// different in size they are. Signatures of a fixed number of slots do not: they estimate
// similarity, which is low between a quotation and a book.
//
// # Method
//
// One feature in Rate is sampled, by its own bits, so that a feature is sampled in every document
// that has it or in none: the sketch MOD of Broder (On the resemblance and containment of
// documents, 1997), known today as FracMinHash (Irber and others, 2022). What two documents have in
// common is sampled at the same rate as all else. So any shared value tells of a passage in common,
// and the share of a document's sample that is in another estimates how much of it is there.
//
// The index is a set of pairs of a sampled value and a document. Add puts pairs in and Remove takes
// them out, and queries depend on the pairs that are there and on nothing else: neither on their
// order nor on what was there before. A value that was common is evidence again when enough
// documents are removed. To merge indexes is to add the documents of one to the other.
//
// # Accuracy
//
// Two documents that have m features in common share a sampled value with the probability
// 1-(1-1/Rate)^m. Of the documents that have the share c of the n features of a passage,
// 1-(1-c/Rate)^n are found, nearly: at a rate of 32 and c = 0.8, 0.71 for n = 50, 0.92 for 100 and
// 0.994 for 200. If s of n sampled values are shared, s/n estimates the containment without bias
// and with a standard error of sqrt(c·(1-c)/n). Of a document that has few features nothing may be
// sampled: at 32 that befalls 4 of 100 documents of 100 features.
//
// Of a feature 32 bits are kept. With v values in the index, a value of the query is taken for one
// of them by mistake with the probability v/2^32.
//
// # Cost
//
// A sampled value of a document takes at most 10 bytes in an index of up to ten million documents:
// 9.4 on average if no other document has it, 4 to 9 if few have it, and less than 2 if many
// thousands do. To add or remove a document of n features takes O(n) time, about 1 ns a feature and
// 0.2 µs a sampled value, however many documents there are, but for the pair that makes a value
// common or ends that, which takes O(MaxDocs). A query takes as much, and some 3 ns for each pair
// of a value and a document that it finds, and 20 ns for each document that is not left out for its
// Share. There are no pauses: the index grows by copying pieces of 128 KB, one at a time, and a
// directory of 8 to 16 bytes for each piece.
//
// # Security
//
// Random numbers of each index decide where in memory a value is, so that nobody can choose
// features that crowd one place. They have no influence on what is found. Who knows the Seed can
// write texts of which nothing is sampled, or all.
//
// Queries may run concurrently with one another; Add and Remove need exclusive access. A
// ContainmentIndex comes from [NewContainmentIndex] and must not be copied.
type ContainmentIndex struct {
	cfg     ContainmentConfig
	word    uint64 // what the seed adds to every feature
	sampled uint64 // the largest mixed feature that is sampled
	place   scramble
	limits  segmentLimits

	// The first depth bits of a value number the segment that has it (extendible hashing: Fagin,
	// Nievergelt, Pippenger, Strong, ACM TODS 1979). A segment that goes by fewer bits stands at
	// all numbers that begin with them.
	directory []*valueSegment
	depth     uint
	counts    []*[countsPage]uint32 // by document, the sampled values that are not common
	many      []*[manyPage]uint64   // a bit for each document, set if there are minMany or more

	values, ids []uint32 // room for Add and Remove
	touched     uint64
	pool        sync.Pool // *containmentQuery
}

const (
	countsPage = 1024
	manyPage   = 128 // 64 documents each
	minMany    = 8
)

// NewContainmentIndex returns an empty index. The error names the field of cfg that is out of
// range.
func NewContainmentIndex(cfg ContainmentConfig) (*ContainmentIndex, error) {
	cfg, err := cfg.normal()
	if err != nil {
		return nil, err
	}
	return &ContainmentIndex{
		cfg:       cfg,
		word:      sampleWord(cfg.Seed),
		sampled:   math.MaxUint64 / uint64(cfg.Rate),
		place:     newScramble(rand.Uint64(), rand.Uint64()),
		limits:    defaultLimits,
		directory: []*valueSegment{newValueSegment(0, nil)},
	}, nil
}

// A scramble is a permutation of the 32-bit numbers, one of 2^94: the steps of the finalizer of
// MurmurHash3 with a secret word and secret factors.
type scramble struct{ word, factor, factor2 uint32 }

// newScramble returns the permutation that is chosen by random bits.
func newScramble(a, b uint64) scramble {
	return scramble{uint32(b), uint32(a) | 1, uint32(a>>32) | 1}
}

func (s scramble) of(v uint32) uint32 {
	v ^= s.word
	v = (v ^ v>>16) * s.factor
	v = (v ^ v>>15) * s.factor2
	return v ^ v>>16
}

// appendSample appends the places of the sampled values of the features.
func (x *ContainmentIndex) appendSample(dst []uint32, features []uint64) []uint32 {
	if x.directory == nil {
		panic("minhash: ContainmentIndex is not made by NewContainmentIndex")
	}
	word, limit, rate := x.word, x.sampled, uint64(x.cfg.Rate)
	for _, f := range features {
		if h := enter(f ^ word); h <= limit {
			// The product is below 2^64, and evenly spread there.
			dst = append(dst, x.place.of(uint32(h*rate>>32)))
		}
	}
	return dst
}

func (x *ContainmentIndex) segment(v uint32) *valueSegment {
	return x.directory[v>>(32-x.depth)]
}

// touch reads the homes of the values. As the reads do not wait for one another, the time that
// memory takes is spent once and not for each value. The sum has to be kept, or the compiler drops
// the reads.
func (x *ContainmentIndex) touch(values []uint32) uint64 {
	var sum uint64
	for _, v := range values {
		g := x.segment(v)
		sum += g.cells[g.home(v)]
	}
	return sum
}

// count returns how many sampled values that are not common a document has.
func (x *ContainmentIndex) count(id uint32) int {
	return int(x.counts[id/countsPage][id%countsPage])
}

// addCount changes what count returns for a document, which makeRoom has been told of.
func (x *ContainmentIndex) addCount(id uint32, n int) {
	count := &x.counts[id/countsPage][id%countsPage]
	*count += uint32(n)
	word, bit := &x.many[id/64/manyPage][id/64%manyPage], uint64(1)<<(id%64)
	if *count >= minMany {
		*word |= bit
	} else {
		*word &^= bit
	}
}

// hasMany reports whether count is minMany or more.
func (x *ContainmentIndex) hasMany(id uint32) bool {
	return x.many[id/64/manyPage][id/64%manyPage]>>(id%64)&1 == 1
}

// makeRoom makes room for a document to be counted.
func (x *ContainmentIndex) makeRoom(id uint32) {
	page, manyAt := int(id/countsPage), int(id/64/manyPage)
	for page >= len(x.counts) {
		x.counts = append(x.counts, nil)
	}
	for manyAt >= len(x.many) {
		x.many = append(x.many, nil)
	}
	if x.counts[page] == nil {
		x.counts[page] = new([countsPage]uint32)
	}
	if x.many[manyAt] == nil {
		x.many[manyAt] = new([manyPage]uint64)
	}
}

// Add adds a document, which the caller numbers, or features to a document that is there. It does
// not matter in which order features are given, nor how often.
//
// Numbers may be used again after [ContainmentIndex.Remove]. They should be dense by and large, for
// each run of 1,024 numbers of which any was used takes 4 KB, and each of 8,192 one more. Add panics if id is 1<<31 or more.
func (x *ContainmentIndex) Add(id uint32, features []uint64) {
	if id >= docLimit {
		panic(fmt.Sprintf("minhash: document has the number %d, want less than %d", id, uint32(docLimit)))
	}
	x.values = x.appendSample(x.values[:0], features)
	if len(x.values) == 0 {
		return
	}
	x.touched = x.touch(x.values)
	x.makeRoom(id)
	for _, v := range x.values {
		g := x.segment(v)
		for g.full(x.limits) {
			x.split(v)
			g = x.segment(v)
		}
		n, added := g.add(v, id, x.limits)
		if !added || n > x.cfg.MaxDocs+1 {
			continue
		}
		x.addCount(id, 1)
		if n > x.cfg.MaxDocs {
			x.ids = g.appendDocs(x.ids[:0], g.ref(v))
			for _, id := range x.ids {
				x.addCount(id, -1)
			}
		}
	}
}

// Remove takes features from a document: all that it was added with, to remove it. Features that it
// does not have are ignored. The room is used again, or given back where much is removed.
func (x *ContainmentIndex) Remove(id uint32, features []uint64) {
	x.values = x.appendSample(x.values[:0], features)
	if id >= docLimit {
		return
	}
	x.touched = x.touch(x.values)
	for _, v := range x.values {
		g := x.segment(v)
		n, removed := g.remove(v, id, x.limits)
		switch {
		case !removed || n > x.cfg.MaxDocs:
		case n < x.cfg.MaxDocs:
			x.addCount(id, -1)
		default: // the value is not common any more
			x.ids = g.appendDocs(x.ids[:0], g.ref(v))
			for _, id := range x.ids {
				x.addCount(id, 1)
			}
		}
	}
}

// split divides the segment that v belongs to by one bit more of its values.
func (x *ContainmentIndex) split(v uint32) {
	g := x.segment(v)
	if g.depth == x.depth {
		directory := make([]*valueSegment, 0, 2*len(x.directory))
		for _, g := range x.directory {
			directory = append(directory, g, g)
		}
		x.directory = directory
		x.depth++
	}
	high, low := g.split()
	n := 1 << (x.depth - low.depth) // entries of each half
	first := int(v>>(32-x.depth)) &^ (2*n - 1)
	for i := range n {
		x.directory[first+i], x.directory[first+n+i] = low, high
	}
}

// containmentQuery is the room that a query needs.
type containmentQuery struct {
	values, refs, ids, spare []uint32
	tally                    []uint8
	touched                  uint64
}

// AppendQuery appends the documents that share a sampled value with the features, common values not
// counted, and returns the extended slice; dst[:len(dst)] is untouched. They are in ascending
// order. It does not matter in which order features are given, nor how often.
//
// Beside them it returns how many sampled values the features have that are not common, and how
// many that are. A candidate has Shared of the first number, so that Shared/sampled estimates how
// much of the features is in the document, and Shared/Sampled how much of the document is in the
// features. The number of values alone says how sure that is: what to make of it is for the caller
// to decide. To look at candidates that have a third of the smaller sample, as in
//
//	3*c.Shared >= min(sampled, c.Sampled)
//
// keeps most of those of which a half is in the other, and few of those that share a phrase. It is
// what [ContainmentConfig].Share = 3 leaves.
//
// No allocation if dst has room.
func (x *ContainmentIndex) AppendQuery(dst []ContainmentCandidate, features []uint64) (found []ContainmentCandidate, sampled, common int) {
	q, ok := x.pool.Get().(*containmentQuery)
	if !ok {
		q = new(containmentQuery)
	}
	q.values = x.appendSample(q.values[:0], features)
	slices.Sort(q.values)
	q.values = slices.Compact(q.values)
	common = x.find(q)
	sampled = len(q.values) - common
	x.leaveOut(q, sampled)
	q.ids, q.spare = sortIDs(q.ids, q.spare)
	distinct := 0
	for i, id := range q.ids {
		distinct += b2i(i == 0 || id != q.ids[i-1])
	}
	dst = slices.Grow(dst, distinct)
	for ids := q.ids; len(ids) > 0; {
		n := 1
		for n < len(ids) && ids[n] == ids[0] {
			n++
		}
		c := ContainmentCandidate{ids[0], n, x.count(ids[0])}
		if x.cfg.Share == 0 || x.covers(n) >= int64(min(sampled, c.Sampled)) {
			dst = append(dst, c)
		}
		ids = ids[n:]
	}
	x.pool.Put(q)
	return dst, sampled, common
}

// find puts the documents that have the values of a query into ids, those that have several
// several times, and returns how many of the values are common. The lists are read beforehand, so
// that the reads do not wait for one another.
func (x *ContainmentIndex) find(q *containmentQuery) (common int) {
	q.touched = x.touch(q.values)
	q.refs = q.refs[:0]
	for _, v := range q.values {
		g := x.segment(v)
		ref := g.ref(v)
		if ref != 0 && ref < isSet {
			_, at := list(ref)
			q.touched += uint64(g.lists[at])
		}
		q.refs = append(q.refs, ref)
	}
	q.ids = q.ids[:0]
	for i, ref := range q.refs {
		if ref == 0 {
			continue
		}
		g := x.segment(q.values[i])
		if g.docs(ref) > x.cfg.MaxDocs {
			common++
		} else {
			q.ids = g.appendDocs(q.ids, ref)
		}
	}
	return common
}

// covers returns how many sampled values the smaller sample may have at most if n are shared.
func (x *ContainmentIndex) covers(n int) int64 { return int64(n) * int64(x.cfg.Share) }

// leaveOut drops most of the ids that the Share leaves out, and none of the others. Documents are
// tallied in a small table, where those that meet are tallied together; so a tally is never less than
// what the document shares.
func (x *ContainmentIndex) leaveOut(q *containmentQuery, sampled int) {
	const few, most = 64, 1 << 20 // ids; more would be tallied in a table that is not small
	if n := len(q.ids); x.cfg.Share == 0 || n < few || n > most {
		return
	}
	size := 8 << bits.Len(uint(len(q.ids)))
	if cap(q.tally) < size {
		q.tally = make([]uint8, size)
	}
	tally, mask := q.tally[:size], uint32(size-1)
	clear(tally)
	for _, id := range q.ids {
		if t := &tally[id&mask]; *t < math.MaxUint8 {
			*t++
		}
	}
	kept := q.ids[:0]
	for _, id := range q.ids {
		n := int(tally[id&mask])
		covers := x.covers(n)
		switch {
		case covers >= int64(sampled) || n == math.MaxUint8:
		case covers < minMany && x.hasMany(id), covers < int64(x.count(id)):
			continue
		}
		kept = append(kept, id)
	}
	q.ids = kept
}

// sortIDs returns the numbers in ascending order and the other of the two slices. Many are sorted
// digit by digit, eleven bits each, in a tenth of the time.
func sortIDs(ids, spare []uint32) (sorted, other []uint32) {
	const few, digit = 192, 11
	if len(ids) < few {
		slices.Sort(ids)
		return ids, spare
	}
	spare = slices.Grow(spare[:0], len(ids))[:len(ids)]
	largest := slices.Max(ids)
	for shift := 0; shift < 32 && largest>>shift > 0; shift += digit {
		var start [1<<digit + 1]uint32
		for _, id := range ids {
			start[id>>shift%(1<<digit)+1]++
		}
		for i := range 1 << digit {
			start[i+1] += start[i]
		}
		for _, id := range ids {
			at := &start[id>>shift%(1<<digit)]
			spare[*at] = id
			*at++
		}
		ids, spare = spare, ids
	}
	return ids, spare
}

// Bytes returns the memory in bytes that the index holds for its documents. It differs a little
// from process to process, as places do. The room for queries is not counted.
func (x *ContainmentIndex) Bytes() int {
	n := 8 * (cap(x.directory) + cap(x.counts) + cap(x.many))
	for _, page := range x.many {
		if page != nil {
			n += 8 * manyPage
		}
	}
	for _, page := range x.counts {
		if page != nil {
			n += 4 * countsPage
		}
	}
	for i := 0; i < len(x.directory); {
		g := x.directory[i]
		n += g.bytes()
		i += 1 << (x.depth - g.depth)
	}
	return n
}
