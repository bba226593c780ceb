package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
)

// A node is what is held in one slot: a text, or by chance several.
type node struct {
	texts   []holding
	sampled int // features that are not common: the fewest
}

// join adds a text, or more places of one.
func (n *node) join(h holding) {
	for i := range n.texts {
		t := &n.texts[i]
		if t.digest == h.digest {
			t.places = append(t.places, h.places...)
			t.sources = append(t.sources, h.sources...)
			t.sampled = min(t.sampled, h.sampled)
			t.sec = min(t.sec, h.sec)
			return
		}
	}
	n.texts = append(n.texts, h)
}

// finish puts everything in order, however it came.
func (n *node) finish(common int) {
	slices.SortFunc(n.texts, func(a, b holding) int { return a.digest.compare(b.digest) })
	for i := range n.texts {
		t := &n.texts[i]
		t.sampled = max(0, t.sampled-common)
		slices.Sort(t.sources)
		t.sources = slices.Compact(t.sources)
		t.sources = t.sources[:min(len(t.sources), maxSources+1)]
		slices.SortFunc(t.places, func(a, b where) int { return cmp.Or(cmp.Compare(a.split, b.split), cmp.Compare(a.line, b.line)) })
		if i == 0 || t.sampled < n.sampled {
			n.sampled = t.sampled
		}
	}
}

// maxSources is of how many sources a text is at most that is of any site, as a Detector has it.
const maxSources = 4

// An ask is a candidate of a text, with what it needs to know to say whether it is one.
type ask struct {
	pair
	sampled int
	sec     int64
	sketch  []byte // nil if the slot has several texts
}

// askOf says to b what is known of n, which is in slot a.
func (n *node) askOf(p pair) ask {
	a := ask{pair: p, sampled: n.sampled, sec: n.sec()}
	if len(n.texts) == 1 {
		a.sketch = n.texts[0].sketch[:]
	}
	return a
}

func (a ask) append(b []byte) []byte {
	flags := uint64(a.shared) << 2
	if a.band {
		flags |= 1
	}
	if a.sketch != nil {
		flags |= 2
	}
	b = appendSlot(appendSlot(b, a.a), a.b)
	b = binary.AppendUvarint(binary.AppendUvarint(b, flags), uint64(a.sampled))
	return append(binary.AppendVarint(b, a.sec), a.sketch...)
}

func (r *block) ask() (a ask) {
	a.a, a.b = r.slot(), r.slot()
	flags := r.uvarint()
	a.shared, a.band = int(flags>>2), flags&1 == 1
	a.sampled = int(r.uvarint())
	a.sec = r.varint()
	if flags&2 != 0 {
		a.sketch = r.next(sketchSize)
	}
	return a
}

// Weigh tells each text of a candidate pair what is known of the other one.
type Weigh struct{ Partitions int }

// ProcessElement handles the slots of one partition. It sends asks to the partitions of the other
// texts, crowds to those of the crowds, and to its own those texts that are needed any further.
func (f *Weigh) ProcessElement(
	ctx context.Context, p int64, texts, commons, sides, crowds func(*[]byte) bool,
	asks, crowded, involved func(int64, []byte),
) error {
	nodes, err := nodesOf(texts, commons)
	if err != nil {
		return err
	}
	needed := make(map[uint64]bool)
	var out outbox
	if err := each(sides, func(r *block) {
		for _, x := range r.pairs(nil) {
			if n := nodes[x.a]; n != nil {
				needed[x.a] = true
				out.add(partition(x.b, slotBits, f.Partitions), n.askOf(x).append)
			}
		}
	}); err != nil {
		return err
	}
	var members []entry // crowd, slot
	if err := each(crowds, func(r *block) {
		for _, e := range r.entries(nil) {
			members = append(members, entry{e.slot, e.key})
			needed[e.key] = true
		}
	}); err != nil {
		return err
	}
	f.crowds(ctx, nodes, members, &out).send(ctx, movedCrowds, crowded)
	out.send(ctx, movedAsks, asks)
	var own outbox
	for _, slot := range sortedSlots(nodes) {
		n := nodes[slot]
		if needed[slot] || len(n.texts) > 1 || len(n.texts[0].places) > 1 {
			n.send(&own, p)
		}
	}
	own.send(ctx, movedTexts, involved)
	return nil
}

// sec returns the time of the earliest article.
func (n *node) sec() int64 {
	sec := int64(never)
	if n != nil {
		for i := range n.texts {
			sec = min(sec, n.texts[i].sec)
		}
	}
	return sec
}

func nodesOf(texts, commons func(*[]byte) bool) (map[uint64]*node, error) {
	nodes := make(map[uint64]*node)
	if err := each(texts, func(r *block) {
		r.texts(func(h holding) {
			n := nodes[h.digest.slot()]
			if n == nil {
				n = new(node)
				nodes[h.digest.slot()] = n
			}
			n.join(h)
		})
	}); err != nil {
		return nil, err
	}
	common := make(map[uint64]int)
	err := each(commons, func(r *block) {
		for _, p := range r.pairs(nil) {
			common[p.a] += p.shared
		}
	})
	for slot, n := range nodes {
		n.finish(common[slot])
	}
	return nodes, err
}

func sortedSlots(nodes map[uint64]*node) []uint64 {
	slots := make([]uint64, 0, len(nodes))
	for s := range nodes {
		slots = append(slots, s)
	}
	slices.Sort(slots)
	return slots
}

// send sends the texts of a node, which nodes reads: of one with many places several pieces.
func (n *node) send(out *outbox, p int64) {
	for _, t := range n.texts {
		for piece := range slices.Chunk(t.places, most) {
			out.add(p, func(b []byte) []byte {
				b = append(append(b, t.digest[:]...), t.sketch[:]...)
				b = binary.AppendVarint(binary.AppendUvarint(b, uint64(t.sampled)), t.sec)
				b = appendSources(b, t.sources)
				b = binary.AppendUvarint(b, uint64(len(piece)))
				for _, w := range piece {
					b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(w.split)), uint64(w.line))
				}
				return b
			})
		}
	}
}

func (r *block) nodes(nodes map[uint64]*node) {
	for r.more() {
		var h holding
		copy(h.digest[:], r.next(digestSize))
		copy(h.sketch[:], r.next(sketchSize))
		h.sampled = int(r.uvarint())
		h.sec = r.varint()
		h.sources = r.sources()
		for range r.count() {
			h.places = append(h.places, where{int64(r.uvarint()), int(r.uvarint())})
		}
		n := nodes[h.digest.slot()]
		if n == nil {
			n = new(node)
			nodes[h.digest.slot()] = n
		}
		n.join(h)
	}
}
