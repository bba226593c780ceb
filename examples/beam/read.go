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

// An outbox holds what goes to each partition.
type outbox map[int64][]byte

// send sends it, and counts the bytes.
func (o outbox) send(ctx context.Context, moved beam.Counter, emit func(int64, []byte)) {
	for _, p := range slices.Sorted(maps.Keys(o)) {
		moved.Inc(ctx, int64(len(o[p])+8))
		emit(p, o[p])
	}
}

// sendEntries sends entries to the partitions of their keys, which have width bits. It sorts them.
func sendEntries(ctx context.Context, moved beam.Counter, list []entry, width, partitions int, emit func(int64, []byte)) []entry {
	slices.SortFunc(list, compareEntries)
	list = slices.Compact(list)
	for rest := list; len(rest) > 0; {
		p := partition(rest[0].key, width, partitions)
		n := 1
		for n < len(rest) && partition(rest[n].key, width, partitions) == p {
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
//   - crowds: (slot, crowd), of the texts that would be too many for bands, see Bands;
//   - samples: (sampled feature, slot);
//   - texts: what is known of each text, see appendTexts;
//   - sources: how many articles of a source are here, see Ask.
func (f *Read) ProcessElement(
	ctx context.Context, number int64, splits func(*[]byte) bool,
	bands, crowds, samples, texts, sources func(int64, []byte),
) error {
	var data []byte
	for splits(&data) {
		s, err := decodeSplit(data)
		if err != nil {
			return err
		}
		list, counts, err := f.read(ctx, s)
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
		out := make(outbox)
		for _, k := range slices.Sorted(maps.Keys(counts)) {
			p := partition(k, 64, n)
			if out[p] == nil {
				out[p] = binary.AppendUvarint(nil, uint64(number))
			}
			out[p] = binary.AppendUvarint(binary.BigEndian.AppendUint64(out[p], k), uint64(counts[k]))
		}
		out.send(ctx, movedSites, sources)
	}
	return nil
}

// read returns the texts of a split, in the order of their digests, and the number of articles of each source.
func (f *Read) read(ctx context.Context, s split) (list []*seen, sources map[uint64]int, err error) {
	byDigest := make(map[digest]*seen)
	sources = make(map[uint64]int)
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
			e = &seen{text: t, sampled: len(t.sample)}
			byDigest[t.digest] = e
			list = append(list, e)
		}
		e.places = append(e.places, place{number, sourceKey(a.Source), seconds(a)})
		if a.Source != "" {
			sources[sourceKey(a.Source)]++
		}
		return nil
	})
	slices.SortFunc(list, func(a, b *seen) int { return a.digest.compare(b.digest) })
	return list, sources, err
}

// thinned leaves so many of the texts of each band key that it is seen to be a crowd. The others are returned as
// members of the crowd, so that no worker has to hold all texts that share a key.
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

// sampled returns the sampled features of texts. Of one that is common within this split alone no more are
// returned than show that it is.
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
	out := make(outbox)
	for rest := list; len(rest) > 0; {
		p := partition(rest[0].digest.slot(), slotBits, partitions)
		n := 1
		for n < len(rest) && partition(rest[n].digest.slot(), slotBits, partitions) == p {
			n++
		}
		out[p] = appendTexts(nil, number, rest[:n])
		rest = rest[n:]
	}
	out.send(ctx, movedTexts, emit)
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

func (r *block) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
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
