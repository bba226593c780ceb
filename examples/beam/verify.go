package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
)

// Entry is an article that is in an edge, or has copies, as it is written for the finish.
type Entry struct {
	Text   digest    `json:"text"` // equal for copies
	ID     string    `json:"id"`
	Source string    `json:"source,omitempty"`
	Time   time.Time `json:"time,omitzero"`
	// The number of distinct features, of the prose and of all. They are there once for each text.
	Size     int `json:"size,omitempty"`
	Features int `json:"features,omitempty"`
}

// Edge is two texts that are near-duplicates.
type Edge struct {
	A digest `json:"a"`
	B digest `json:"b"`
	neardup.Relation
}

// MarshalText writes a digest as letters and digits.
func (d digest) MarshalText() ([]byte, error) { return []byte(digestCode.EncodeToString(d[:])), nil }

// UnmarshalText reads it.
func (d *digest) UnmarshalText(text []byte) error {
	b, err := digestCode.DecodeString(string(text))
	if err != nil || len(b) != digestSize {
		return fmt.Errorf("%q is no digest", text)
	}
	copy(d[:], b)
	return nil
}

// Gather reads the wanted articles of a split again, writes their entries, and sends the records of
// their texts to where they meet others.
type Gather struct {
	Config Config
	reader *reader
}

// Setup is called once a worker.
func (f *Gather) Setup() (err error) {
	f.reader, err = f.Config.reader()
	return err
}

// ProcessElement handles one split.
func (f *Gather) ProcessElement(ctx context.Context, number int64, splits, wanted func(*[]byte) bool, emit func(int64, []byte)) error {
	wants := make(map[int]want)
	if err := each(wanted, func(r *block) {
		for r.more() {
			w := r.want()
			if former, ok := wants[w.line]; ok {
				w.add(former)
			}
			wants[w.line] = w
		}
	}); err != nil || len(wants) == 0 {
		return err
	}
	var data []byte
	if !splits(&data) {
		return fmt.Errorf("there is no split %d", number)
	}
	s, err := decodeSplit(data)
	if err != nil {
		return err
	}
	var out outbox
	err = f.Config.write(ctx, fmt.Sprintf("entries-%06d.jsonl", number), func(w io.Writer) error {
		enc := json.NewEncoder(w)
		return s.lines(ctx, func(n int, line []byte) error {
			want, ok := wants[n]
			if !ok {
				return nil
			}
			delete(wants, n)
			e, err := f.gather(want, line, &out)
			if err != nil {
				return fmt.Errorf("%s: line %d from byte %d on: %w", s.path, n+1, s.from, err)
			}
			return enc.Encode(e)
		})
	})
	if err == nil && len(wants) > 0 {
		err = fmt.Errorf("%s: %w", s.path, errChanged)
	}
	out.send(ctx, movedRecords, emit)
	return err
}

var errChanged = errors.New("the input has changed while the job ran")

func (f *Gather) gather(w want, line []byte, out *outbox) (e Entry, err error) {
	a, err := articles.Decode(line)
	if err != nil {
		return e, errChanged
	}
	e = Entry{Text: w.digest, ID: a.ID, Source: a.Source, Time: a.Time.UTC()}
	if !w.lead {
		return e, nil
	}
	rec, err := f.reader.Read(a.Text)
	if err != nil {
		return e, errChanged
	}
	if d, err := digestOf(rec); err != nil || d != w.digest {
		return e, errors.Join(errChanged, err)
	}
	e.Size, e.Features = rec.Size(), f.reader.Relate(rec, rec).Shared
	if len(w.near) == 0 {
		return e, nil
	}
	data, err := stripped(rec)
	if err != nil {
		return e, err
	}
	guest{want: w, data: data}.send(out, f.Config.Partitions)
	return e, nil
}

// A guest is a text where it meets others.
type guest struct {
	want
	data   []byte
	record *neardup.Record
}

// send sends a guest to its home: of one with many to meet several pieces, the first of which has
// the record.
func (g guest) send(out *outbox, partitions int) {
	near, earlier := g.near, g.earlier
	for g.near = range slices.Chunk(near, most) {
		g.earlier = max(0, min(earlier, len(g.near)))
		earlier -= g.earlier
		out.add(partition(g.home, slotBits, partitions), func(b []byte) []byte {
			b = appendMeeting(append(b, g.digest[:]...), g.want)
			return append(binary.AppendUvarint(b, uint64(len(g.data))), g.data...)
		})
		g.data = nil
	}
}

// A judge compares texts and writes the edges.
type judge struct {
	reader *reader
	sites  sites
}

// relate writes an edge, if there is one.
func (j *judge) relate(ctx context.Context, a, b *guest, enc *json.Encoder) error {
	judged.Inc(ctx, 1)
	if a.digest.compare(b.digest) > 0 {
		a, b = b, a
	}
	r := j.reader.RelateOn(a.record, b.record, j.sites.of(a.sources), j.sites.of(b.sources))
	if !r.Duplicate() {
		return nil
	}
	edges.Inc(ctx, 1)
	return enc.Encode(Edge{a.digest, b.digest, r})
}

// Compare gives the verdicts on the pairs that meet at one home. Texts with others that went
// elsewhere are sent on: to an earlier one of these, or to themselves, and after the last round,
// where few are left, each pair to a place of its own.
type Compare struct {
	Config Config
	Round  int
	judge  judge
}

// rounds is the number of homes that a text has.
const rounds = 2

// Setup is called once a worker.
func (f *Compare) Setup() (err error) {
	f.judge.reader, err = f.Config.reader()
	return err
}

// ProcessElement handles the homes of one partition.
func (f *Compare) ProcessElement(
	ctx context.Context, p int64, blocks func(*[]byte) bool, learnt func(*int64, *[]byte) bool, rest func(int64, []byte),
) error {
	if err := f.judge.sites.load(learnt); err != nil {
		return err
	}
	var all []*guest
	if err := each(blocks, func(r *block) {
		for r.more() {
			g := new(guest)
			copy(g.digest[:], r.next(digestSize))
			r.meeting(&g.want)
			g.data = r.next(r.count())
			all = append(all, g)
		}
	}); err != nil {
		return err
	}
	all = together(all)
	var out outbox
	err := f.Config.write(ctx, fmt.Sprintf("edges-%d-%06d.jsonl", f.Round, p), func(w io.Writer) error {
		enc := json.NewEncoder(w)
		for len(all) > 0 {
			n := 1
			for n < len(all) && all[n].home == all[0].home {
				n++
			}
			if err := f.home(ctx, all[:n], enc, &out); err != nil {
				return err
			}
			all = all[n:]
		}
		return nil
	})
	out.send(ctx, movedRest, rest)
	return err
}

// together sorts guests by their homes and digests, and joins the pieces of each.
func together(all []*guest) []*guest {
	slices.SortFunc(all, func(a, b *guest) int { return cmp.Or(cmp.Compare(a.home, b.home), a.digest.compare(b.digest)) })
	out := all[:0]
	for _, g := range all {
		if n := len(out); n > 0 && out[n-1].home == g.home && out[n-1].digest == g.digest {
			out[n-1].add(g.want)
			if len(g.data) > 0 {
				out[n-1].data = g.data
			}
			continue
		}
		out = append(out, g)
	}
	for _, g := range out {
		slices.Sort(g.near[:g.earlier])
		slices.Sort(g.near[g.earlier:])
	}
	return out
}

// home compares the texts of one home, in the order of their digests.
func (f *Compare) home(ctx context.Context, guests []*guest, enc *json.Encoder, out *outbox) error {
	bySlot := make(map[uint64][]*guest)
	for _, g := range guests {
		g.record = new(neardup.Record)
		if err := g.record.UnmarshalBinary(g.data); err != nil {
			return err
		}
		bySlot[g.digest.slot()] = append(bySlot[g.digest.slot()], g)
	}
	for _, g := range guests {
		var absent []uint64
		earlier := 0
		for i, s := range g.near {
			others := bySlot[s]
			if len(others) == 0 {
				absent = append(absent, s)
				if i < g.earlier {
					earlier++
				}
			}
			for _, h := range others {
				if g.digest.compare(h.digest) < 0 {
					if err := f.judge.relate(ctx, g, h, enc); err != nil {
						return err
					}
				}
			}
		}
		if len(absent) > 0 {
			f.onward(ctx, g, absent, earlier, out)
		}
	}
	return nil
}

// onward sends a text to meet others, of which so many are earlier.
func (f *Compare) onward(ctx context.Context, g *guest, absent []uint64, earlier int, out *outbox) {
	own := g.digest.slot()
	if f.Round < rounds {
		next := guest{want: g.want, data: g.data}
		next.near, next.earlier, next.home = absent, earlier, own
		if earlier > 0 {
			next.home = absent[0]
		}
		next.send(out, f.Config.Partitions)
		return
	}
	unmet.Inc(ctx, int64(len(absent)))
	for _, s := range absent {
		p := pair{a: min(own, s), b: max(own, s)}
		to := partition((p.a*0x9e3779b97f4a7c15^p.b)&(1<<slotBits-1), slotBits, f.Config.Partitions)
		out.add(to, func(b []byte) []byte {
			b = appendSources(append(appendSlot(appendSlot(b, p.a), p.b), g.digest[:]...), g.sources)
			return append(binary.AppendUvarint(b, uint64(len(g.data))), g.data...)
		})
	}
}

// Rest gives the verdicts on the pairs that did not meet at a home.
type Rest struct {
	Config Config
	judge  judge
}

// Setup is called once a worker.
func (f *Rest) Setup() (err error) {
	f.judge.reader, err = f.Config.reader()
	return err
}

// ProcessElement handles the pairs of one partition.
func (f *Rest) ProcessElement(ctx context.Context, p int64, blocks func(*[]byte) bool, learnt func(*int64, *[]byte) bool) error {
	if err := f.judge.sites.load(learnt); err != nil {
		return err
	}
	type half struct {
		pair
		*guest
	}
	var all []half
	if err := each(blocks, func(r *block) {
		for r.more() {
			h := half{pair{a: r.slot(), b: r.slot()}, new(guest)}
			copy(h.digest[:], r.next(digestSize))
			h.sources = r.sources()
			h.data = r.next(r.count())
			all = append(all, h)
		}
	}); err != nil {
		return err
	}
	slices.SortFunc(all, func(x, y half) int {
		return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b), x.digest.compare(y.digest))
	})
	return f.Config.write(ctx, fmt.Sprintf("edges-rest-%06d.jsonl", p), func(w io.Writer) error {
		enc := json.NewEncoder(w)
		for i, x := range all {
			x.record = new(neardup.Record)
			if err := x.record.UnmarshalBinary(x.data); err != nil {
				return err
			}
			for j := i - 1; j >= 0 && all[j].a == x.a && all[j].b == x.b; j-- {
				if all[j].digest.slot() == x.digest.slot() {
					continue // they have met
				}
				if err := f.judge.relate(ctx, all[j].guest, x.guest, enc); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// write writes a part of the output: to a temporary name first, so that whoever reads the name
// finds it whole. An attempt that an engine has given up may still write the same again.
func (c Config) write(ctx context.Context, name string, f func(w io.Writer) error) error {
	return writeWhole(ctx, c.Parts+name, f)
}

func writeWhole(ctx context.Context, path string, f func(w io.Writer) error) error {
	fs, err := filesystem.New(ctx, path)
	if err != nil {
		return err
	}
	defer fs.Close()
	temporary := fmt.Sprintf("%s.%016x.tmp", path, randomName())
	file, err := fs.OpenWrite(ctx, temporary)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(file, 1<<16)
	err = f(w)
	if err == nil {
		err = w.Flush()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = filesystem.Rename(ctx, fs, temporary, path)
	}
	if r, ok := fs.(filesystem.Remover); ok && err != nil {
		_ = r.Remove(ctx, temporary)
	}
	return err
}
