package main

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/records"
)

// An outbox holds what goes to each partition, in blocks.
type outbox struct {
	head   []byte // of each block
	blocks map[int64][][]byte
}

// blockSize is the size of a block: what comes when it is reached goes to another one. Engines sort
// what they shuffle, and what is larger than their buffers they refuse.
const blockSize = 32 << 10

// add adds what f appends to a block for a partition.
func (o *outbox) add(p int64, f func(b []byte) []byte) {
	if o.blocks == nil {
		o.blocks = make(map[int64][][]byte)
	}
	list := o.blocks[p]
	if n := len(list); n == 0 || len(list[n-1]) >= blockSize {
		list = append(list, slices.Clone(o.head))
	}
	last := &list[len(list)-1]
	*last = f(*last)
	o.blocks[p] = list
}

// send sends it, and counts the bytes.
func (o *outbox) send(ctx context.Context, moved beam.Counter, emit func(int64, []byte)) {
	for _, p := range slices.Sorted(maps.Keys(o.blocks)) {
		for _, b := range o.blocks[p] {
			moved.Inc(ctx, int64(len(b)+8))
			emit(p, b)
		}
	}
}

// most is the number of things of 5 to 12 bytes that make a block.
const most = 3000

// sendEntries sends entries to the partitions of their keys, which have width bits. It sorts them.
func sendEntries(ctx context.Context, moved beam.Counter, list []entry, width, partitions int, emit func(int64, []byte)) []entry {
	slices.SortFunc(list, compareEntries)
	list = slices.Compact(list)
	for rest := list; len(rest) > 0; {
		p := partition(rest[0].key, width, partitions)
		n := 1
		for n < min(most, len(rest)) && partition(rest[n].key, width, partitions) == p {
			n++
		}
		b := appendEntries(nil, rest[:n])
		moved.Inc(ctx, int64(len(b)+8))
		emit(p, b)
		rest = rest[n:]
	}
	return list
}

// Read reads and signs the articles of a split.
type Read struct {
	Config Config
	reader *reader
	sites  sites
}

// Setup is called once a worker.
func (f *Read) Setup() (err error) {
	f.reader, err = f.Config.reader()
	return err
}

// seen is a text of a split.
type seen struct {
	text
	sampled int // features sampled, without those known to be common
	places  []place
}

// A place is an article in a split.
type place struct {
	line   int
	source uint64 // see sourceKey; 0: none is named
	sec    int64  // see seconds
}

// sourceKey is the name of a source in 8 bytes.
func sourceKey(name string) uint64 {
	if name == "" {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(name))
	k := h.Sum64() * 0x9e3779b97f4a7c15 // the high bits of FNV are poor
	return max(1, k^k>>32)
}

// seconds is the time of an article, for the order of a crowd. Articles without one come last.
func seconds(a neardup.Article) int64 {
	if a.Time.IsZero() {
		return never
	}
	return a.Time.Unix()
}

const never = 1 << 60

// ProcessElement reads one split. To the partitions it sends
//
//   - bands: (band key, slot);
//   - crowds: (slot, crowd), of the texts that would be too many for bands, see Meet;
//   - samples: (sampled feature, slot), but for those that are text of the site;
//   - texts: what is known of each text, see sendTexts.
func (f *Read) ProcessElement(
	ctx context.Context, number int64, splits func(*[]byte) bool, learnt func(*int64, *[]byte) bool,
	bands, crowds, samples, texts func(int64, []byte),
) error {
	if err := f.sites.load(learnt); err != nil {
		return err
	}
	var data []byte
	for splits(&data) {
		s, err := decodeSplit(data)
		if err != nil {
			return err
		}
		list, err := f.read(ctx, s)
		if err != nil {
			return err
		}
		n := f.Config.Partitions
		var keys []entry
		for _, t := range list {
			for _, k := range t.bands {
				keys = append(keys, entry{k, t.digest.slot()})
			}
		}
		keys, crowded := thinned(keys)
		sendEntries(ctx, movedBands, keys, bandBits, n, bands)
		sendEntries(ctx, movedCrowds, crowded, slotBits, n, crowds)
		sendEntries(ctx, movedSamples, sampled(list), sampleBits, n, samples)
		sendTexts(ctx, number, list, n, texts)
	}
	return nil
}

// read returns the texts of a split, in the order of their digests.
func (f *Read) read(ctx context.Context, s split) (list []*seen, err error) {
	byDigest := make(map[digest]*seen)
	err = s.lines(ctx, func(number int, line []byte) error {
		a, err := articles.Decode(line)
		if err == nil {
			err = records.Check(a)
		}
		var t text
		var ok bool
		if err == nil {
			t, ok, err = f.reader.text(a.Text)
		}
		if err != nil {
			malformed.Inc(ctx, 1)
			return nil
		}
		read.Inc(ctx, 1)
		if !ok {
			return nil
		}
		e := byDigest[t.digest]
		if e == nil {
			t.sample = f.sites.own(sourceKey(a.Source), t.sample)
			e = &seen{text: t, sampled: len(t.sample)}
			byDigest[t.digest] = e
			list = append(list, e)
		}
		e.places = append(e.places, place{number, sourceKey(a.Source), seconds(a)})
		return nil
	})
	slices.SortFunc(list, func(a, b *seen) int { return a.digest.compare(b.digest) })
	return list, err
}

// thinned leaves so many of the texts of each band key that it is seen to be a crowd. The others
// are returned as members of the crowd, so that no worker has to hold all texts that share a key.
func thinned(keys []entry) (few, crowded []entry) {
	slices.SortFunc(keys, compareEntries)
	keys = slices.Compact(keys)
	few = keys[:0]
	n := 0
	for i, e := range keys {
		if n++; i == 0 || keys[i].key != few[len(few)-1].key {
			n = 1
		}
		if n > records.MaxBucket+1 {
			crowded = append(crowded, entry{e.slot, crowdOf(e.key)})
			continue
		}
		few = append(few, e)
	}
	return few, crowded
}

// crowdOf returns the name of the crowd of a band key.
func crowdOf(key uint64) uint64 { return key >> (bandBits - slotBits) }

// sampled returns the sampled features of texts. Of one that is common within this split alone no
// more are returned than show that it is.
func sampled(list []*seen) []entry {
	holders := make(map[uint64]int)
	for _, t := range list {
		for _, v := range t.sample {
			holders[v]++
		}
	}
	sent := make(map[uint64]int)
	var out []entry
	for _, t := range list {
		for _, v := range t.sample {
			if holders[v] > records.MaxCommon {
				if sent[v]++; sent[v] > records.MaxCommon+1 {
					t.sampled--
					continue
				}
			}
			out = append(out, entry{v, t.digest.slot()})
		}
	}
	return out
}

// sendTexts sends what is known of the texts of a split, in blocks of
//
//	number of the split, and the earliest second
//	n, and n sources (8 bytes each)
//	texts: digest, sketch, sampled features, n, and for each of n places: line, source (its place in the list, from 1
//	on; 0 for none) and second (from the earliest, from 1 on; 0 for none)
func sendTexts(ctx context.Context, number int64, list []*seen, partitions int, emit func(int64, []byte)) {
	for len(list) > 0 {
		p := partition(list[0].digest.slot(), slotBits, partitions)
		n, places := 1, len(list[0].places)
		for n < len(list) && places < most/10 && partition(list[n].digest.slot(), slotBits, partitions) == p {
			places += len(list[n].places)
			n++
		}
		part := list[:n]
		if n == 1 && places > most { // copies of one text: in several blocks
			t := *list[0]
			t.places = t.places[:most]
			part = []*seen{&t}
			list[0].places = list[0].places[most:]
			n = 0
		}
		b := appendTexts(nil, number, part)
		movedTexts.Inc(ctx, int64(len(b)+8))
		emit(p, b)
		list = list[n:]
	}
}

func appendTexts(b []byte, number int64, list []*seen) []byte {
	b = binary.AppendUvarint(b, uint64(number))
	var sources []uint64
	at := make(map[uint64]int)
	earliest := int64(never)
	for _, t := range list {
		for _, x := range t.places {
			earliest = min(earliest, x.sec)
			if x.source != 0 && at[x.source] == 0 {
				sources = append(sources, x.source)
				at[x.source] = len(sources)
			}
		}
	}
	b = binary.AppendVarint(b, earliest)
	b = binary.AppendUvarint(b, uint64(len(sources)))
	for _, s := range sources {
		b = binary.BigEndian.AppendUint64(b, s)
	}
	for _, t := range list {
		b = append(append(b, t.digest[:]...), t.sketch[:]...)
		b = binary.AppendUvarint(b, uint64(t.sampled))
		b = binary.AppendUvarint(b, uint64(len(t.places)))
		for _, x := range t.places {
			b = binary.AppendUvarint(b, uint64(x.line))
			b = binary.AppendUvarint(b, uint64(at[x.source]))
			after := uint64(0)
			if x.sec != never {
				after = uint64(x.sec-earliest) + 1
			}
			b = binary.AppendUvarint(b, after)
		}
	}
	return b
}

// A holding is a text of the whole collection.
type holding struct {
	digest  digest
	sketch  [sketchSize]byte
	sampled int
	places  []where
	sources []uint64
	sec     int64 // of the earliest
}

// where is an article in the input.
type where struct {
	split int64
	line  int
}

// texts reads a block of sendTexts.
func (r *block) texts(f func(h holding)) {
	number := int64(r.uvarint())
	earliest := r.varint()
	sources := make([]uint64, r.count())
	for i := range sources {
		sources[i] = r.u64()
	}
	for r.more() {
		h := holding{sec: never}
		copy(h.digest[:], r.next(digestSize))
		copy(h.sketch[:], r.next(sketchSize))
		h.sampled = int(r.uvarint())
		for range r.count() {
			h.places = append(h.places, where{number, int(r.uvarint())})
			if s := r.uvarint(); s > uint64(len(sources)) {
				r.fail()
			} else if s > 0 {
				h.sources = append(h.sources, sources[s-1])
			}
			if after := r.uvarint(); after > 0 {
				h.sec = min(h.sec, earliest+int64(after-1))
			}
		}
		if r.err == nil {
			f(h)
		}
	}
}

// each calls f for each block, and returns the first error.
func each(blocks func(*[]byte) bool, f func(r *block)) error {
	var data []byte
	var err error
	for blocks(&data) {
		r := &block{b: data}
		f(r)
		err = errors.Join(err, r.err)
	}
	return err
}
