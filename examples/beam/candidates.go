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

// Meet finds the pairs of texts that share a band key, or sampled features, and counts these. Texts
// that share a band key and are more than records.MaxBucket are a crowd, for Crowd. Sampled
// features that more than records.MaxCommon texts have are evidence of nothing: each of these texts
// is told how many of its features are.
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
