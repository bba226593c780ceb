package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"github.com/neardup/neardup/examples/internal/records"
)

// Choose decides which candidates are worth a comparison, from both sides alike, and where it takes
// place: at the home of a text, which is the earliest of itself and its candidates. So a family, or
// a crowd with the first of it, meets in one place and the record of each moves once.
type Choose struct {
	Config Config
	reader *reader
}

// Setup is called once a worker.
func (f *Choose) Setup() (err error) {
	f.reader, err = f.Config.reader()
	return err
}

// ProcessElement handles the slots of one partition. It sends to each split which of its articles
// are wanted.
func (f *Choose) ProcessElement(ctx context.Context, _ int64, involved, asks func(*[]byte) bool, wanted func(int64, []byte)) error {
	nodes := make(map[uint64]*node)
	if err := each(involved, func(r *block) { r.nodes(nodes) }); err != nil {
		return err
	}
	for _, n := range nodes {
		n.finish(0)
	}
	near := make(map[uint64][]neighbor)
	if err := each(asks, func(r *block) {
		for r.more() {
			a := r.ask()
			if n := nodes[a.b]; n != nil && f.worthwhile(n, a) {
				near[a.b] = append(near[a.b], neighbor{a.sec, a.a})
			}
		}
	}); err != nil {
		return err
	}
	var out outbox
	for _, slot := range sortedSlots(nodes) {
		n := nodes[slot]
		self := neighbor{n.sec(), slot}
		list := near[slot]
		if len(n.texts) > 1 {
			list = append(list, self)
		}
		slices.SortFunc(list, neighbor.compare)
		list = slices.Compact(list)
		for _, t := range n.texts {
			if len(list) > 0 || len(t.places) > 1 {
				t.ask(&out, self, list)
			}
		}
	}
	out.send(ctx, movedWanted, wanted)
	return nil
}

// ask asks the splits for the articles of a text: for the first to meet its neighbors, and for the
// entries of the others.
func (t *holding) ask(out *outbox, self neighbor, list []neighbor) {
	for i, at := range t.places {
		w := want{line: at.line, digest: t.digest, lead: i == 0}
		if i > 0 || len(list) == 0 {
			out.add(at.split, w.append)
			continue
		}
		w.home, w.sources = self.slot, t.sources
		if list[0].compare(self) < 0 {
			w.home = list[0].slot
		}
		for piece := range slices.Chunk(list, most) {
			w.earlier, w.near = 0, nil
			for _, x := range piece {
				w.near = append(w.near, x.slot)
				if x.compare(self) < 0 {
					w.earlier++
				}
			}
			out.add(at.split, w.append)
		}
	}
}

// A neighbor is a slot, and the time of the earliest of its articles.
type neighbor struct {
	sec  int64
	slot uint64
}

func (n neighbor) compare(m neighbor) int {
	return cmp.Or(cmp.Compare(n.sec, m.sec), cmp.Compare(n.slot, m.slot))
}

// worthwhile says whether a text, which is the b of an ask, is to be compared with the one that
// asks.
func (f *Choose) worthwhile(n *node, a ask) bool {
	if records.ShareSample(a.shared, a.sampled, n.sampled) {
		return true
	}
	if !a.band {
		return false
	}
	return len(n.texts) > 1 || alike(a.sketch, n.texts[0].sketch[:], f.reader.least)
}

// alike says whether two sketches are, or are not known.
func alike(a, b []byte, least float64) bool {
	return a == nil || b == nil || packing.Similarity(a, b) >= least
}

// A want is an article that is read again.
type want struct {
	line    int
	digest  digest
	lead    bool     // the first of its text, which speaks for all
	near    []uint64 // those that it meets, the earlier ones first
	earlier int      // how many of these are
	home    uint64
	sources []uint64
}

// add adds another piece of the same.
func (w *want) add(piece want) {
	w.near = slices.Concat(w.near[:w.earlier], piece.near[:piece.earlier], w.near[w.earlier:], piece.near[piece.earlier:])
	w.earlier += piece.earlier
}

func (w want) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(w.line))
	b = append(b, w.digest[:]...)
	switch {
	case !w.lead:
		return append(b, 0)
	case len(w.near) == 0:
		return append(b, 1)
	}
	return appendMeeting(append(b, 2), w)
}

// appendMeeting appends where a text meets others, and which.
func appendMeeting(b []byte, w want) []byte {
	b = binary.AppendUvarint(binary.AppendUvarint(appendSlot(b, w.home), uint64(w.earlier)), uint64(len(w.near)))
	for _, s := range w.near {
		b = appendSlot(b, s)
	}
	return appendSources(b, w.sources)
}

func appendSources(b []byte, sources []uint64) []byte {
	b = append(b, byte(len(sources)))
	for _, s := range sources {
		b = binary.BigEndian.AppendUint64(b, s)
	}
	return b
}

func (r *block) sources() (out []uint64) {
	for range r.count() {
		out = append(out, r.u64())
	}
	return out
}

func (r *block) meeting(w *want) {
	w.home = r.slot()
	w.earlier = int(r.uvarint())
	for range r.count() {
		w.near = append(w.near, r.slot())
	}
	if w.earlier > len(w.near) {
		r.fail()
	}
	w.sources = r.sources()
}

func (r *block) want() (w want) {
	w.line = int(r.uvarint())
	copy(w.digest[:], r.next(digestSize))
	kind := r.next(1)
	if kind == nil {
		return w
	}
	if w.lead = kind[0] > 0; kind[0] > 1 {
		r.meeting(&w)
	}
	return w
}
