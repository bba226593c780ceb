package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/neardup/neardup/examples/internal/records"
)

// A pair is two slots, of which a is the smaller, or in the lists of one slot that one.
type pair struct {
	a, b   uint64
	shared int  // sampled features that both have
	band   bool // they share a band key
}

// merged sorts pairs and joins what is said of each.
func merged(list []pair) []pair {
	slices.SortFunc(list, func(x, y pair) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	out := list[:0]
	for _, p := range list {
		if n := len(out); n > 0 && out[n-1].a == p.a && out[n-1].b == p.b {
			out[n-1].shared += p.shared
			out[n-1].band = out[n-1].band || p.band
			continue
		}
		out = append(out, p)
	}
	return out
}

// sendPairs sends merged pairs to the partitions of their first slots.
func sendPairs(ctx context.Context, moved beam.Counter, list []pair, partitions int, emit func(int64, []byte)) {
	for len(list) > 0 {
		p := partition(list[0].a, slotBits, partitions)
		n := 1
		for n < min(most, len(list)) && partition(list[n].a, slotBits, partitions) == p {
			n++
		}
		entries := make([]entry, n)
		for i, x := range list[:n] {
			entries[i] = entry{x.a, x.b}
		}
		b := appendEntries(nil, entries)
		for _, x := range list[:n] {
			flag := uint64(0)
			if x.band {
				flag = 1
			}
			b = binary.AppendUvarint(b, uint64(x.shared)<<1|flag)
		}
		moved.Inc(ctx, int64(len(b)+8))
		emit(p, b)
		list = list[n:]
	}
}

// pairs reads a block of sendPairs.
func (r *block) pairs(dst []pair) []pair {
	for _, e := range r.entries(nil) {
		v := r.uvarint()
		dst = append(dst, pair{e.key, e.slot, int(v >> 1), v&1 == 1})
	}
	return dst
}

// enough is the number of pairs that a worker collects before it sends them on.
const enough = 1 << 20

// buckets calls f for each key that several slots have.
func buckets(blocks func(*[]byte) bool, f func(key uint64, bucket []entry)) error {
	var all []entry
	if err := each(blocks, func(r *block) { all = r.entries(all) }); err != nil {
		return err
	}
	slices.SortFunc(all, compareEntries)
	all = slices.Compact(all)
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].key == all[0].key {
			n++
		}
		if n > 1 {
			f(all[0].key, all[:n])
		}
		all = all[n:]
	}
	return nil
}

// Meet finds the pairs of texts that share a band key, or sampled features, and counts these. Texts that share a band key and
// are more than records.MaxBucket are a crowd, for Crowd. Sampled features that more than records.MaxCommon texts have are evidence
// of nothing: each of these texts is told how many of its features are.
type Meet struct{ Partitions int }

// ProcessElement handles the keys of one partition.
func (f *Meet) ProcessElement(
	ctx context.Context, _ int64, bands, samples func(*[]byte) bool, pairs, commons, crowds func(int64, []byte),
) error {
	var list []pair
	add := func(bucket []entry, p pair) {
		list = appendPairs(list, bucket, p)
		if len(list) > enough {
			if list = merged(list); len(list) > enough/2 {
				sendPairs(ctx, movedPairs, list, f.Partitions, pairs)
				list = list[:0]
			}
		}
	}
	var crowded, common []entry
	err := buckets(bands, func(key uint64, bucket []entry) {
		if len(bucket) > records.MaxBucket {
			crowded = appendCrowd(crowded, key, bucket)
			return
		}
		add(bucket, pair{band: true})
	})
	err = errors.Join(err, buckets(samples, func(key uint64, bucket []entry) {
		if len(bucket) > records.MaxCommon {
			commonFeatures.Inc(ctx, 1)
			for _, e := range bucket {
				common = append(common, entry{e.slot, key})
			}
			return
		}
		add(bucket, pair{shared: 1})
	}))
	sendPairs(ctx, movedPairs, merged(list), f.Partitions, pairs)
	sendEntries(ctx, movedCrowds, crowded, slotBits, f.Partitions, crowds)
	// How many of the features of a slot are common: those of one partition.
	counts := make([]pair, len(common))
	for i, e := range common {
		counts[i] = pair{a: e.key, shared: 1}
	}
	sendPairs(ctx, movedCommons, merged(counts), f.Partitions, commons)
	return err
}

func appendCrowd(crowded []entry, key uint64, bucket []entry) []entry {
	for _, e := range bucket {
		crowded = append(crowded, entry{e.slot, crowdOf(key)})
	}
	return crowded
}

// appendPairs appends all pairs of a bucket.
func appendPairs(list []pair, bucket []entry, p pair) []pair {
	for j, b := range bucket {
		for _, a := range bucket[:j] {
			p.a, p.b = a.slot, b.slot
			list = append(list, p)
		}
	}
	return list
}

// Once joins what all partitions say of a pair, and tells both sides.
type Once struct{ Partitions int }

// ProcessElement handles the pairs of one partition.
func (f *Once) ProcessElement(ctx context.Context, _ int64, blocks func(*[]byte) bool, sides func(int64, []byte)) error {
	var list []pair
	if err := each(blocks, func(r *block) { list = r.pairs(list) }); err != nil {
		return err
	}
	list = merged(list)
	candidates.Inc(ctx, int64(len(list)))
	for _, p := range list {
		p.a, p.b = p.b, p.a
		list = append(list, p)
	}
	sendPairs(ctx, movedSides, merged(list), f.Partitions, sides)
	return nil
}

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

// ProcessElement handles the slots of one partition. It sends asks to the partitions of the other texts, crowds to
// those of the crowds, and to its own those texts that are needed any further.
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

// crowds sends members of crowds to the partitions of these, at most tier of each; what comes after the
// earliest is compared with those alone, here.
func (f *Weigh) crowds(ctx context.Context, nodes map[uint64]*node, members []entry, asks *outbox) *outbox {
	out := new(outbox)
	slices.SortFunc(members, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(nodes[a.slot].sec(), nodes[b.slot].sec()), cmp.Compare(a.slot, b.slot))
	})
	members = slices.Compact(members)
	for len(members) > 0 {
		n := 1
		for n < len(members) && members[n].key == members[0].key {
			n++
		}
		crowd := members[:n]
		most := max(records.Heads, tier/f.Partitions) // of this partition
		to := partition(crowd[0].key, slotBits, f.Partitions)
		for i, m := range crowd {
			if i < most {
				if n := nodes[m.slot]; n != nil {
					out.add(to, func(b []byte) []byte { return appendMember(b, m, n) })
				}
				continue
			}
			tiered.Inc(ctx, 1)
			for _, head := range crowd[:records.Heads] {
				sendBoth(asks, pair{a: head.slot, b: m.slot, band: true}, nodes[head.slot], nodes[m.slot], f.Partitions)
			}
		}
		members = members[n:]
	}
	return out
}

// tier is the number of texts of one crowd that are compared with the earliest of all of it.
const tier = 1 << 16

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

// sendBoth tells both texts of a pair of the other one.
func sendBoth(asks *outbox, p pair, a, b *node, partitions int) {
	if a == nil || b == nil {
		return
	}
	asks.add(partition(p.b, slotBits, partitions), a.askOf(p).append)
	p.a, p.b = p.b, p.a
	asks.add(partition(p.b, slotBits, partitions), b.askOf(p).append)
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

// A member of a crowd goes as the crowd and an ask of which the other side is not known yet.
func appendMember(b []byte, m entry, n *node) []byte {
	b = appendSlot(b, m.key)
	return n.askOf(pair{a: m.slot, band: true}).append(b)
}

// Crowd finds the pairs of a crowd that are compared: all of the earliest, and every later text with the first
// records.Heads. So thousands of versions of one text are tied to the first of them.
type Crowd struct {
	Config Config
	least  float64
}

// earliest is the number of texts of a crowd of which all pairs are compared.
const earliest = 32

// Setup is called once a worker.
func (f *Crowd) Setup() error {
	r, err := f.Config.reader()
	if err == nil {
		f.least = r.least
	}
	return err
}

// ProcessElement handles the crowds of one partition.
func (f *Crowd) ProcessElement(ctx context.Context, _ int64, blocks func(*[]byte) bool, asks func(int64, []byte)) error {
	type member struct {
		crowd uint64
		ask
	}
	var all []member
	if err := each(blocks, func(r *block) {
		for r.more() {
			all = append(all, member{r.slot(), r.ask()})
		}
	}); err != nil {
		return err
	}
	slices.SortFunc(all, func(x, y member) int {
		return cmp.Or(cmp.Compare(x.crowd, y.crowd), cmp.Compare(x.sec, y.sec), cmp.Compare(x.a, y.a))
	})
	var out outbox
	tell := func(x, y member) {
		x.b = y.a
		out.add(partition(x.b, slotBits, f.Config.Partitions), x.ask.append)
	}
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].crowd == all[0].crowd {
			n++
		}
		crowds.Inc(ctx, 1)
		crowded.Inc(ctx, int64(max(0, n-earliest)))
		for j, y := range all[:n] {
			before := j
			if j >= earliest {
				before = records.Heads
			}
			for _, x := range all[:before] {
				if x.a != y.a && alike(x.sketch, y.sketch, f.least) {
					tell(x, y)
					tell(y, x)
				}
			}
		}
		all = all[n:]
	}
	out.send(ctx, movedAsks, asks)
	return nil
}

// Choose decides which candidates are worth a comparison, from both sides alike, and where it takes place: at the
// home of a text, which is the earliest of itself and its candidates. So a family, or a crowd with the first of it, meets in one
// place and the record of each moves once.
type Choose struct {
	Config Config
	reader *reader
}

// Setup is called once a worker.
func (f *Choose) Setup() (err error) {
	f.reader, err = f.Config.reader()
	return err
}

// ProcessElement handles the slots of one partition. It sends to each split which of its articles are wanted.
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
			if len(list) == 0 && len(t.places) == 1 {
				continue
			}
			for i, at := range t.places {
				w := want{line: at.line, digest: t.digest, lead: i == 0}
				if i > 0 || len(list) == 0 {
					out.add(at.split, w.append)
					continue
				}
				w.home, w.sources = slot, t.sources
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
	}
	out.send(ctx, movedWanted, wanted)
	return nil
}

// A neighbor is a slot, and the time of the earliest of its articles.
type neighbor struct {
	sec  int64
	slot uint64
}

func (n neighbor) compare(m neighbor) int {
	return cmp.Or(cmp.Compare(n.sec, m.sec), cmp.Compare(n.slot, m.slot))
}

// worthwhile says whether a text, which is the b of an ask, is to be compared with the one that asks.
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
