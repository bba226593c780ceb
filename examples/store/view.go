package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/records"
	bolt "go.etcd.io/bbolt"
)

// A view is the store in one transaction.
type view struct {
	reader *records.Reader

	articles, ids, texts, digests, copies, bands, samples, sampled, common *bolt.Bucket

	sites *records.Sites

	// What a batch adds to bands and samples is collected and put in the order of the keys, at the end: a
	// page of bbolt that is being filled is a sorted slice.
	newBands   map[uint64][]number
	newSamples map[uint32][]number
	holders    map[uint32]int // of the sampled values of the text last looked for: the texts that have them
	counts     []uint32       // what is in sampled, by number, if much is asked of it
}

func newView(reader *records.Reader, tx *bolt.Tx) *view {
	v := &view{
		reader:     reader,
		articles:   tx.Bucket(articleBucket),
		ids:        tx.Bucket(idBucket),
		texts:      tx.Bucket(textBucket),
		digests:    tx.Bucket(digestBucket),
		copies:     tx.Bucket(copyBucket),
		bands:      tx.Bucket(bandBucket),
		samples:    tx.Bucket(sampleBucket),
		sampled:    tx.Bucket(sampledBucket),
		common:     tx.Bucket(commonBucket),
		newBands:   make(map[uint64][]number),
		newSamples: make(map[uint32][]number),
		holders:    make(map[uint32]int),
	}
	kept := tx.Bucket(siteBucket)
	v.sites = records.KeptSites(func(source string) ([]byte, error) { return kept.Get([]byte(source)), nil })
	for _, b := range []*bolt.Bucket{v.articles, v.texts, v.copies, v.sampled} {
		b.FillPercent = 0.9 // what is added comes after all that is there
	}
	return v
}

// find returns the stored articles that are near-duplicates of a text of a source, but for one, best
// first.
func (v *view) find(t records.Text, source string, but number) ([]neardup.Match, error) {
	if t.ID == "" {
		return nil, nil
	}
	candidates := make(map[number]bool)
	sources := []string{source}
	if n := v.digests.Get([]byte(t.ID)); n != nil {
		candidates[number(n)] = true
		more, err := v.sources(number(n))
		if err != nil {
			return nil, err
		}
		sources = append(sources, more...)
	}
	for _, key := range t.Bands { // the earliest texts of each band are looked at
		looked := 0
		for n := range with(v.bands, binary.BigEndian.AppendUint64(nil, key), v.newBands[key]) {
			candidates[n] = true
			if looked++; looked == records.MaxBucket {
				break
			}
		}
	}
	v.excerpts(t.Sample, func(n number) { candidates[n] = true })
	var matches []neardup.Match
	type near struct {
		text number
		neardup.Relation
	}
	var found []near
	own, err := v.sites.Site(sources)
	if err != nil {
		return nil, err
	}
	for _, n := range slices.SortedFunc(maps.Keys(candidates), compareNumbers) {
		other, err := v.text(n)
		if err != nil {
			return nil, err
		}
		others, err := v.sources(n)
		if err != nil {
			return nil, err
		}
		site, err := v.sites.Site(others)
		if err != nil {
			return nil, err
		}
		r, err := v.reader.RelateOn(t.Record, other.record, own, site)
		if err != nil {
			return nil, err
		}
		if r.Duplicate() {
			found = append(found, near{n, r})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return records.CompareRelations(a.Relation, b.Relation) })
	for _, f := range found {
		for at := range with(v.copies, f.text[:], nil) {
			if len(matches) == MaxMatches {
				break
			}
			if at == but {
				continue
			}
			a, err := decodeArticle(v.articles.Get(at[:]))
			if err != nil {
				return nil, err
			}
			matches = append(matches, neardup.Match{ID: a.id, Relation: f.Relation})
		}
	}
	slices.SortFunc(matches, records.CompareMatches)
	return matches, nil
}

// sources returns the sources of the first articles of a text.
func (v *view) sources(n number) (names []string, err error) {
	const most = 16
	for at := range with(v.copies, n[:], nil) {
		a, err := decodeArticle(v.articles.Get(at[:]))
		if err != nil {
			return nil, err
		}
		if names = append(names, a.source); len(names) == most {
			break
		}
	}
	return names, nil
}

// excerpts calls f for the texts that have enough of a sample.
func (v *view) excerpts(sample []uint32, f func(number)) {
	clear(v.holders)
	shared := make(map[number]int)
	for _, value := range sample {
		key := binary.BigEndian.AppendUint32(nil, value)
		if v.common.Get(key) != nil {
			continue
		}
		holders := 0
		for n := range with(v.samples, key, v.newSamples[value]) {
			shared[n]++
			holders++
		}
		v.holders[value] = holders
	}
	for n, count := range shared {
		if records.ShareSample(count, len(v.holders), v.sampledBy(n)) {
			f(n)
		}
	}
}

// sampledBy returns the number of sampled values of a text that are not common.
func (v *view) sampledBy(n number) int {
	if v.counts != nil {
		return int(v.counts[n.int()])
	}
	b := v.sampled.Get(n[:])
	if len(b) != 4 {
		return 0
	}
	return int(binary.LittleEndian.Uint32(b))
}

// setSampled sets that number.
func (v *view) setSampled(n number, to int) error {
	if v.counts != nil {
		for int(n.int()) >= len(v.counts) {
			v.counts = append(v.counts, 0)
		}
		v.counts[n.int()] = uint32(to)
	}
	return v.sampled.Put(n[:], binary.LittleEndian.AppendUint32(nil, uint32(to)))
}

// load reads all these numbers, for a batch that asks for many.
func (v *view) load() {
	v.counts = make([]uint32, 1)
	c := v.sampled.Cursor()
	for k, b := c.First(); k != nil; k, b = c.Next() {
		for number(k).int() > int64(len(v.counts)) { // swept
			v.counts = append(v.counts, 0)
		}
		v.counts = append(v.counts, binary.LittleEndian.Uint32(b))
	}
}

// moreSampled adds to that number for all texts that have a value.
func (v *view) moreSampled(key []byte, more int) error {
	holders := slices.Collect(with(v.samples, key, v.newSamples[binary.BigEndian.Uint32(key)]))
	for _, n := range holders {
		if err := v.setSampled(n, v.sampledBy(n)+more); err != nil {
			return err
		}
	}
	return nil
}

// put adds an article of which the text has just been looked for, in place of a former one, if that is
// not 0. One that is the same stays as it is.
func (v *view) put(a neardup.Article, t records.Text, former number) error {
	var n number
	if t.ID != "" {
		copy(n[:], v.digests.Get([]byte(t.ID)))
	}
	if former != (number{}) {
		old, err := decodeArticle(v.articles.Get(former[:]))
		if err != nil {
			return err
		}
		if old.text == n && (n != (number{}) || t.ID == "") && old.source == a.Source && old.time.Equal(a.Time) {
			return nil
		}
		if err := v.remove(former, a.ID); err != nil {
			return err
		}
	}
	if t.ID != "" && n == (number{}) {
		var err error
		if n, err = v.addText(t); err != nil {
			return err
		}
	}
	at, err := next(v.articles)
	if err != nil {
		return err
	}
	if n != (number{}) {
		if err := v.copies.Put(slices.Concat(n[:], at[:]), nil); err != nil {
			return err
		}
	}
	return errors.Join(
		v.articles.Put(at[:], article{text: n, time: a.Time, source: a.Source, id: a.ID}.encode()),
		v.ids.Put([]byte(a.ID), at[:]))
}

// remove removes an article.
func (v *view) remove(n number, id string) error {
	a, err := decodeArticle(v.articles.Get(n[:]))
	if err != nil {
		return err
	}
	return errors.Join(v.copies.Delete(slices.Concat(a.text[:], n[:])), v.articles.Delete(n[:]), v.ids.Delete([]byte(id)))
}

func (v *view) addText(t records.Text) (number, error) {
	n, err := next(v.texts)
	if err != nil {
		return n, err
	}
	for _, key := range t.Bands {
		v.newBands[key] = append(v.newBands[key], n)
	}
	if err := v.setSampled(n, len(v.holders)); err != nil {
		return n, err
	}
	for _, value := range t.Sample {
		v.newSamples[value] = append(v.newSamples[value], n)
		if v.holders[value] != records.MaxCommon {
			continue
		}
		key := binary.BigEndian.AppendUint32(nil, value)
		if err := errors.Join(v.common.Put(key, nil), v.moreSampled(key, -1)); err != nil {
			return n, err
		}
	}
	return n, errors.Join(
		v.texts.Put(n[:], text{t.Size, t.Features, t.Record}.encode()),
		v.digests.Put([]byte(t.ID), n[:]))
}

// flush puts what was collected.
func (v *view) flush() error {
	for _, key := range slices.Sorted(maps.Keys(v.newBands)) {
		for _, n := range v.newBands[key] {
			if err := v.bands.Put(append(binary.BigEndian.AppendUint64(nil, key), n[:]...), nil); err != nil {
				return err
			}
		}
	}
	for _, value := range slices.Sorted(maps.Keys(v.newSamples)) {
		for _, n := range v.newSamples[value] {
			if err := v.samples.Put(append(binary.BigEndian.AppendUint32(nil, value), n[:]...), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// pairs yields the pairs of near-duplicates among the texts.
func (v *view) pairs(texts map[number]text, sites *records.Sites, yield func(records.Pair) bool) error {
	near := make(map[number][]number) // candidates of a text that are earlier than it
	var bucket []number
	compare := func() {
		records.Compared(len(bucket), func(i, j int) { near[bucket[j]] = append(near[bucket[j]], bucket[i]) })
		bucket = bucket[:0]
	}
	var last []byte
	for c, k := first(v.bands); k != nil; k, _ = c.Next() {
		if !bytes.Equal(k[:8], last) {
			compare()
			last = k[:8]
		}
		if n := number(k[8:]); texts[n].record != nil {
			bucket = append(bucket, n)
		}
	}
	compare()
	var samples records.Sampling
	for c, k := first(v.samples); k != nil; k, _ = c.Next() {
		if n := number(k[4:]); texts[n].record != nil {
			samples.Add(binary.BigEndian.Uint32(k), n.int())
		}
	}
	for a, b := range samples.Pairs() {
		later := numberOf(max(a, b))
		near[later] = append(near[later], numberOf(min(a, b)))
	}

	for _, n := range slices.SortedFunc(maps.Keys(near), compareNumbers) {
		candidates := near[n]
		slices.SortFunc(candidates, compareNumbers)
		for _, m := range slices.Compact(candidates) {
			r, err := v.reader.RelateOn(texts[n].record, texts[m].record, sites.Of(n.int()), sites.Of(m.int()))
			if err != nil {
				return err
			}
			if r.Duplicate() && !yield(records.Pair{A: n.int(), B: m.int(), Relation: r}) {
				return nil
			}
		}
	}
	return nil
}

// recount sees to it that values that few texts have are not common any more.
func (v *view) recount() error {
	var few [][]byte
	for c, k := first(v.common); k != nil; k, _ = c.Next() {
		holders := 0
		for range with(v.samples, k, nil) {
			holders++
		}
		if holders <= records.MaxCommon {
			few = append(few, bytes.Clone(k))
		}
	}
	for _, k := range few {
		if err := errors.Join(v.common.Delete(k), v.moreSampled(k, 1)); err != nil {
			return err
		}
	}
	return nil
}

// with gives the numbers that stand behind a prefix in the keys of a bucket, and then some more.
func with(b *bolt.Bucket, prefix []byte, more []number) func(yield func(number) bool) {
	return func(yield func(number) bool) {
		c := b.Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			if !yield(number(k[len(prefix):])) {
				return
			}
		}
		for _, n := range more {
			if !yield(n) {
				return
			}
		}
	}
}

// first returns a cursor at the first key of a bucket.
func first(b *bolt.Bucket) (*bolt.Cursor, []byte) {
	c := b.Cursor()
	k, _ := c.First()
	return c, k
}

// number is the number of an article or text, counted from 1 in the order in which they were added.
type number [8]byte

func compareNumbers(a, b number) int { return bytes.Compare(a[:], b[:]) }

func (n number) int() int64 { return int64(binary.BigEndian.Uint64(n[:])) }

func numberOf(i int64) (n number) {
	binary.BigEndian.PutUint64(n[:], uint64(i))
	return n
}

func next(b *bolt.Bucket) (number, error) {
	seq, err := b.NextSequence()
	return numberOf(int64(seq)), err
}

// article is what is kept of an article:
//
//	bytes  content
//	8      text; 0 if there are no features
//	15     time, as time.Time.MarshalBinary writes it
//	4      length of the source, little-endian
//	…      source
//	rest   id
type article struct {
	text   number
	time   time.Time
	source string
	id     string
}

const articleFixed = 8 + 15 + 4

func (a article) encode() []byte {
	when, err := a.time.UTC().MarshalBinary()
	if err != nil {
		panic(err) // UTC has an offset of whole minutes
	}
	b := binary.LittleEndian.AppendUint32(append(a.text[:], when...), uint32(len(a.source)))
	return append(append(b, a.source...), a.id...)
}

func decodeArticle(b []byte) (a article, err error) {
	if len(b) < articleFixed {
		return a, fmt.Errorf("article has %d bytes, want at least %d", len(b), articleFixed)
	}
	a.text = number(b)
	if err := a.time.UnmarshalBinary(b[8:23]); err != nil {
		return a, err
	}
	n := binary.LittleEndian.Uint32(b[23:])
	if b = b[articleFixed:]; uint64(n) > uint64(len(b)) {
		return a, fmt.Errorf("source has %d bytes of %d", n, len(b))
	}
	a.source, a.id = string(b[:n]), string(b[n:])
	return a, nil
}

// text is what is kept of a text:
//
//	bytes  content, little-endian
//	4      distinct features of the prose
//	4      distinct features
//	rest   record
type text struct {
	size, features int
	record         []byte // shares the memory of the transaction
}

const textFixed = 4 + 4

func (t text) encode() []byte {
	b := make([]byte, 0, textFixed+len(t.record))
	for _, n := range []int{t.size, t.features} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return append(b, t.record...)
}

func (v *view) text(n number) (t text, err error) {
	b := v.texts.Get(n[:])
	if len(b) < textFixed {
		return t, fmt.Errorf("text %d has %d bytes, want at least %d", n.int(), len(b), textFixed)
	}
	for i, p := range []*int{&t.size, &t.features} {
		*p = int(binary.LittleEndian.Uint32(b[4*i:]))
	}
	t.record = b[textFixed:]
	return t, nil
}

// alive reports whether there is an article of the text.
func (v *view) alive(n number) bool {
	for range with(v.copies, n[:], nil) {
		return true
	}
	return false
}
