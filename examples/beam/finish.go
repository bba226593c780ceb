package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/records"
)

// A finish makes groups of the entries and edges that the job wrote. It runs in one process.
type finish struct {
	parts  string // prefix of the files of entries and edges
	output string // prefix of the files of groups
	shards int
	passes int // over the files, each with the components of one part, so that only these are held

	repeated int // articles with the ID of another one
}

// clear removes the parts that match: all that an earlier job left, or the temporary files of lost
// workers.
func (f *finish) clear(ctx context.Context, glob string) error {
	fs, err := filesystem.New(ctx, f.parts)
	if err != nil {
		return err
	}
	defer fs.Close()
	names, err := fs.List(ctx, f.parts+glob)
	if err != nil || len(names) == 0 {
		return err
	}
	r, ok := fs.(filesystem.Remover)
	if !ok {
		return fmt.Errorf("%s is there from an earlier job, want another name", names[0])
	}
	for _, name := range names {
		err = errors.Join(err, r.Remove(ctx, name))
	}
	return err
}

// complete is the name of the part that says that all others are there.
const complete = "complete"

// mark says that the job has written all parts.
func (f *finish) mark(ctx context.Context) error {
	return writeWhole(ctx, f.parts+complete, func(io.Writer) error { return nil })
}

// run writes the groups.
func (f *finish) run(ctx context.Context) error {
	fs, err := filesystem.New(ctx, f.parts)
	if err != nil {
		return err
	}
	defer fs.Close()
	if names, err := fs.List(ctx, f.parts+complete); err != nil || len(names) == 0 {
		return errors.Join(fmt.Errorf("%s%s is not there: no job has written its edges to the end", f.parts, complete), err)
	}
	root, err := f.components(ctx)
	if err != nil {
		return err
	}
	lines := make([][]string, f.shards)
	for pass := range f.passes {
		groups, err := f.groups(ctx, func(d digest) bool { return f.passes == 1 || root(d)%uint64(f.passes) == uint64(pass) })
		if err != nil {
			return err
		}
		if err := f.share(groups, lines); err != nil {
			return err
		}
	}
	return f.write(ctx, lines)
}

// share adds groups to the lines of the shards.
func (f *finish) share(groups []neardup.Group, lines [][]string) error {
	for _, g := range groups {
		line, err := lineOf(g)
		if err != nil {
			return err
		}
		h := fnv.New64a()
		_, _ = io.WriteString(h, g.Representative)
		shard := h.Sum64() % uint64(f.shards)
		lines[shard] = append(lines[shard], line)
	}
	return nil
}

// write writes the shards.
func (f *finish) write(ctx context.Context, lines [][]string) error {
	for i, list := range lines {
		slices.Sort(list)
		err := writeWhole(ctx, fmt.Sprintf("%s-%05d-of-%05d", f.output, i, f.shards), func(w io.Writer) error {
			for _, line := range list {
				if _, err := io.WriteString(w, line); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// detect writes the groups that one Detector in this process finds, to compare with.
func (f *finish) detect(ctx context.Context, cfg Config) error {
	d, err := neardup.New(neardup.Config{Threshold: cfg.Threshold, Recall: cfg.Recall})
	if err != nil {
		return err
	}
	const batch = 1 << 12
	var pending []neardup.Article
	add := func() error {
		err := d.AddAll(ctx, slices.Values(pending))
		pending = pending[:0]
		return err
	}
	var failed error
	err = (&List{cfg}).ProcessElement(ctx, nil, func(_ int64, data []byte) {
		s, err := decodeSplit(data)
		if err == nil && failed == nil {
			err = s.lines(ctx, func(_ int, line []byte) error {
				a, err := articles.Decode(line)
				if err == nil {
					pending = append(pending, a)
				}
				if len(pending) == batch {
					return add()
				}
				return nil
			})
		}
		failed = errors.Join(failed, err)
	})
	if err = errors.Join(err, failed); err == nil {
		err = add()
	}
	if err != nil {
		return err
	}
	groups, err := d.Groups(ctx, nil)
	if err != nil {
		return err
	}
	lines := make([][]string, f.shards)
	if err := f.share(groups, lines); err != nil {
		return err
	}
	return f.write(ctx, lines)
}

// components returns what tells the component of a text, by union-find over the edges. It holds 16
// bytes and more for each text that is in an edge, and nothing if all is done in one pass.
func (f *finish) components(ctx context.Context) (func(digest) uint64, error) {
	parent := make(map[uint64]uint64)
	find := func(x uint64) uint64 {
		for {
			p, ok := parent[x]
			if !ok || p == x {
				return x
			}
			if pp, ok := parent[p]; ok {
				parent[x] = pp
			}
			x = p
		}
	}
	root := func(d digest) uint64 { return find(short(d)) }
	if f.passes == 1 {
		return root, nil
	}
	err := lines(ctx, f.parts+"edges-*.jsonl", func(line []byte) error {
		var e Edge
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		a, b := root(e.A), root(e.B)
		parent[max(a, b)] = min(a, b)
		return nil
	})
	return root, err
}

// short is the beginning of a digest. Texts that share it by chance are taken for one component,
// which does no harm.
func short(d digest) uint64 {
	b := block{b: d[:8]}
	return b.u64()
}

// groups returns the groups of the texts that are in a part.
func (f *finish) groups(ctx context.Context, in func(digest) bool) ([]neardup.Group, error) {
	numbers := make(map[digest]int64)
	type known struct{ size, features int }
	texts := make([]known, 1)
	var held []records.Held
	err := lines(ctx, f.parts+"entries-*.jsonl", func(line []byte) error {
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil || !in(e.Text) {
			return err
		}
		n := numbers[e.Text]
		if n == 0 {
			n = int64(len(texts))
			numbers[e.Text] = n
			texts = append(texts, known{})
		}
		if e.Features > 0 {
			texts[n] = known{e.Size, e.Features}
		}
		held = append(held, records.Held{Entry: neardup.Entry{ID: e.ID, Source: e.Source, Time: e.Time}, Text: n})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range held {
		t := texts[held[i].Text]
		held[i].Size, held[i].Features = t.size, t.features
	}
	// The order of reading says nothing.
	slices.SortFunc(held, func(a, b records.Held) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), a.Time.Compare(b.Time), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Text, b.Text))
	})
	n := len(held)
	held = slices.CompactFunc(held, func(a, b records.Held) bool { return a.ID == b.ID })
	f.repeated += n - len(held)
	var failed error
	groups, err := records.Groups(held, func(yield func(records.Pair) bool) {
		failed = lines(ctx, f.parts+"edges-*.jsonl", func(line []byte) error {
			var e Edge
			if err := json.Unmarshal(line, &e); err != nil || !in(e.A) {
				return err
			}
			if a, b := numbers[e.A], numbers[e.B]; a != 0 && b != 0 && !yield(records.Pair{A: a, B: b, Relation: e.Relation}) {
				return io.EOF
			}
			return nil
		})
	})
	return groups, errors.Join(err, failed)
}

// lines calls f for each line of the files that match a glob, in the order of their names.
func lines(ctx context.Context, glob string, f func(line []byte) error) error {
	fs, err := filesystem.New(ctx, glob)
	if err != nil {
		return err
	}
	defer fs.Close()
	names, err := fs.List(ctx, glob)
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		file, err := fs.OpenRead(ctx, name)
		if err != nil {
			return err
		}
		r := bufio.NewReaderSize(file, 1<<16)
		var line []byte
		for err == nil {
			line, err = articles.ReadLine(r, line[:0], longestLine)
			if len(line) > 0 && (err == nil || errors.Is(err, io.EOF)) {
				if failed := f(line); failed != nil {
					err = failed
				}
			}
		}
		file.Close()
		if !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
