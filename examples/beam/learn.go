package main

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"iter"
	"maps"
	"math"
	"slices"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/internal/wire"
)

// fewest is the number of texts of a source from which something can be learnt.
const fewest = 6

// Count counts the articles of each source in a split.
type Count struct{ Partitions int }

// ProcessElement handles one split.
func (f *Count) ProcessElement(ctx context.Context, number int64, splits func(*[]byte) bool, sources func(int64, []byte)) error {
	counts := make(map[uint64]int)
	var data []byte
	for splits(&data) {
		s, err := decodeSplit(data)
		if err != nil {
			return err
		}
		if err := s.lines(ctx, func(_ int, line []byte) error {
			if a, err := articles.Decode(line); err == nil && a.Source != "" {
				counts[sourceKey(a.Source)]++
			}
			return nil
		}); err != nil {
			return err
		}
	}
	out := outbox{head: binary.AppendUvarint(nil, uint64(number))}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		out.add(partition(k, 64, f.Partitions), func(b []byte) []byte {
			return binary.AppendUvarint(binary.BigEndian.AppendUint64(b, k), uint64(counts[k]))
		})
	}
	out.send(ctx, movedSites, sources)
	return nil
}

// Ask asks the splits for articles of sources to learn from: for all, or, of a source that has more
// than Config.Learn, for a sample of about so many.
type Ask struct{ Config Config }

// ProcessElement handles the sources of one partition.
func (f *Ask) ProcessElement(ctx context.Context, _ int64, blocks func(*[]byte) bool, asks func(int64, []byte)) error {
	type here struct {
		source uint64
		split  int64
	}
	total := make(map[uint64]int)
	var all []here
	if err := each(blocks, func(r *block) {
		number := int64(r.uvarint())
		for r.more() {
			k := r.u64()
			total[k] += int(r.uvarint())
			all = append(all, here{k, number})
		}
	}); err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b here) int {
		if a.source < b.source {
			return -1
		}
		return 1
	})
	var out outbox
	for _, h := range all {
		n := total[h.source]
		if n < fewest {
			continue
		}
		limit := uint64(math.MaxUint64)
		if n > f.Config.Learn {
			limit = math.MaxUint64 / uint64(n) * uint64(f.Config.Learn)
		}
		out.add(h.split, func(b []byte) []byte {
			return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, h.source), limit)
		})
	}
	for _, n := range total {
		if n > f.Config.Learn {
			sampledSources.Inc(ctx, 1)
		}
	}
	out.send(ctx, movedSites, asks)
	return nil
}

// Collect reads the articles of a split that sources are learnt from.
type Collect struct {
	Config Config
	reader *reader
}

// Setup is called once a worker.
func (f *Collect) Setup() (err error) {
	f.reader, err = f.Config.reader()
	return err
}

// ProcessElement reads one split, if anything is asked of it, and sends records to the sources.
func (f *Collect) ProcessElement(ctx context.Context, _ int64, splits, asks func(*[]byte) bool, emit func(int64, []byte)) error {
	limits := make(map[uint64]uint64)
	if err := each(asks, func(r *block) {
		for r.more() {
			k := r.u64()
			limits[k] = r.u64()
		}
	}); err != nil || len(limits) == 0 {
		return err
	}
	var out outbox
	var data []byte
	for splits(&data) {
		s, err := decodeSplit(data)
		if err != nil {
			return err
		}
		err = s.lines(ctx, func(_ int, line []byte) error {
			a, err := articles.Decode(line)
			k := sourceKey(a.Source)
			limit, ok := limits[k]
			if err != nil || !ok {
				return nil // counted as malformed before
			}
			h := fnv.New64a()
			_, _ = h.Write([]byte(a.Text))
			if x := h.Sum64() * 0x9e3779b97f4a7c15; x^x>>32 > limit {
				return nil
			}
			rec, err := f.reader.Read(a.Text)
			if err != nil || rec.Empty() {
				return nil
			}
			data, err := stripped(rec)
			out.add(int64(k), func(b []byte) []byte { return append(binary.AppendUvarint(b, uint64(len(data))), data...) })
			return err
		})
		if err != nil {
			return err
		}
	}
	out.send(ctx, movedLearnt, emit)
	return nil
}

// Learn learns what text a source puts on its pages.
type Learn struct {
	Config Config
	reader *reader
}

// Setup is called once a worker.
func (f *Learn) Setup() (err error) {
	f.reader, err = f.Config.reader()
	return err
}

// ProcessElement handles one source.
func (f *Learn) ProcessElement(ctx context.Context, source int64, blocks func(*[]byte) bool, emit func(int64, []byte)) error {
	var failed error
	var list iter.Seq[*neardup.Record] = func(yield func(*neardup.Record) bool) {
		var data []byte
		for blocks(&data) {
			r := &block{b: data}
			for r.more() {
				rec := new(neardup.Record)
				if err := rec.UnmarshalBinary(r.next(r.count())); err != nil {
					failed = err
					return
				}
				if !yield(rec) {
					return
				}
			}
		}
	}
	site := f.reader.LearnSite(list)
	if failed != nil || site.Features() == 0 {
		return failed
	}
	b, err := site.MarshalBinary()
	if err != nil {
		return err
	}
	movedSites.Inc(ctx, int64(len(b)+8))
	emit(source, b)
	return nil
}

// sites says what is known of the text of sources.
type sites struct {
	bySource map[uint64]*neardup.Site
	features map[uint64][]uint32
	joined   map[string]*neardup.Site
}

// load reads what was learnt.
func (s *sites) load(learnt func(*int64, *[]byte) bool) error {
	if s.bySource != nil {
		return nil
	}
	s.bySource, s.joined, s.features = make(map[uint64]*neardup.Site), make(map[string]*neardup.Site), make(map[uint64][]uint32)
	var source int64
	var data []byte
	for learnt(&source, &data) {
		site := new(neardup.Site)
		if err := site.UnmarshalBinary(data); err != nil {
			return err
		}
		s.bySource[uint64(source)] = site
		dec := siteFormat.NewSliceDecoder(data)
		s.features[uint64(source)] = dec.AppendU32s(nil, dec.Count(4))
		if err := dec.Close(); err != nil {
			return err
		}
	}
	return nil
}

// The encoding of a site, as [neardup.Site.AppendBinary] describes it: the list of its features, of
// 24 bits.
var siteFormat = wire.Format{
	Package: "neardup", Type: "site", Magic: "nds", Version: 1,
	ErrVersion: neardup.ErrVersion, ErrCorrupt: neardup.ErrCorrupt, ErrMismatch: errMismatch,
}

// own returns the sampled features that are not text of the site of a source, or, if there is no
// other, all. Under the menus and notices of one site hundreds of articles would be candidates of
// one another, which a Detector looks at a few of.
func (s *sites) own(source uint64, sample []uint64) []uint64 {
	list := s.features[source]
	if len(list) == 0 {
		return sample
	}
	var out []uint64
	for _, v := range sample {
		if _, ok := slices.BinarySearch(list, uint32(v>>(sampleBits-20))<<4); !ok {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return sample
	}
	return out
}

// of returns the site of a text of some sources, nil for one of none or of too many. It is the same
// for the same sources.
func (s *sites) of(sources []uint64) *neardup.Site {
	switch {
	case len(sources) == 0 || len(sources) > maxSources:
		return nil
	case len(sources) == 1:
		return s.one(sources[0])
	}
	key := string(appendSources(nil, sources))
	site := s.joined[key]
	if site == nil {
		var list []*neardup.Site
		for _, k := range sources {
			list = append(list, s.one(k))
		}
		site = neardup.JoinSites(list...)
		s.joined[key] = site
	}
	return site
}

func (s *sites) one(source uint64) *neardup.Site {
	site := s.bySource[source]
	if site == nil {
		site = new(neardup.Site) // a source of which nothing was learnt is a source all the same
		s.bySource[source] = site
	}
	return site
}
