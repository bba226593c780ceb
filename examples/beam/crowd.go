package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/neardup/neardup/examples/internal/records"
)

// crowds sends members of crowds to the partitions of these, at most tier of each; what comes after
// the earliest is compared with those alone, here.
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

// sendBoth tells both texts of a pair of the other one.
func sendBoth(asks *outbox, p pair, a, b *node, partitions int) {
	if a == nil || b == nil {
		return
	}
	asks.add(partition(p.b, slotBits, partitions), a.askOf(p).append)
	p.a, p.b = p.b, p.a
	asks.add(partition(p.b, slotBits, partitions), b.askOf(p).append)
}

// A member of a crowd goes as the crowd and an ask of which the other side is not known yet.
func appendMember(b []byte, m entry, n *node) []byte {
	b = appendSlot(b, m.key)
	return n.askOf(pair{a: m.slot, band: true}).append(b)
}

// Crowd finds the pairs of a crowd that are compared: all of the earliest, and every later text
// with the first records.Heads. So thousands of versions of one text are tied to the first of them.
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
