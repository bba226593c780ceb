package dedup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"runtime"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/formats"
)

// old stands before the IDs of old articles.
const old = "old:"

// read gives the articles of all files to the detector.
func (j *job) read(ctx context.Context) error {
	var failure error
	err := j.detector.AddAll(ctx, func(yield func(neardup.Article) bool) {
		failure = j.each(ctx, yield)
	})
	j.progress.clear()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failure != nil {
		return failure
	}
	j.refused(err)
	j.notes.print(j)
	return nil
}

// each yields the articles of all files and keeps account of their records.
func (j *job) each(ctx context.Context, yield func(neardup.Article) bool) error {
	j.first = make([]int, len(j.found.Files)+1)
	pieces, messages := 0, 0 // of the file at hand
	for x := range j.pieces(ctx, j.found.Files, true) {
		f := j.found.Files[x.file]
		if x.end {
			j.ended(x, pieces, messages)
			pieces, messages = 0, 0
			continue
		}
		pieces++
		r := x.record
		if r.Cont || r.Kind == formats.Head || r.Kind == formats.Filler {
			continue
		}
		problem := func(err error) {
			if messages++; messages <= mostMessages {
				j.report(f.Path, r.Line, err)
			} else {
				j.errs++
			}
		}
		record := int32(-1)
		if !f.Old {
			record = int32(len(j.state))
			j.state = append(j.state, stateOf(r))
			j.tally.read++
		}
		if r.Kind == formats.Other {
			continue
		}
		j.notes.add(f, r)
		if r.Err != nil {
			problem(r.Err)
			continue
		}
		if r.Note != nil {
			problem(r.Note)
		}
		at := place{uint32(x.file), uint32(r.Line)}
		a, err := j.named(r, at)
		if err != nil {
			problem(err)
		}
		if j.keep && !f.Old {
			if err := j.printable(a.ID); err != nil {
				return fmt.Errorf("%s: %w", where(f.Path, r.Line), err)
			}
		}
		j.taken = append(j.taken, record)
		j.ids = append(j.ids, a.ID)
		j.at = append(j.at, at)
		if !yield(a) {
			return nil
		}
		j.progress.show(len(j.ids))
	}
	return nil
}

// stateOf is the state of a record that was read; the detector may still refuse it.
func stateOf(r *formats.Record) state {
	switch {
	case r.Kind == formats.Other:
		return other
	case r.Err != nil:
		return unjudged
	}
	return judged
}

// ended takes account of the end of a file, of which there were so many pieces, and messages about it.
func (j *job) ended(x item, pieces, messages int) {
	f := j.found.Files[x.file]
	if messages > mostMessages {
		fmt.Fprintf(j.stderr, "%s: %s: %d more like these\n", j.program.Name, where(f.Path, 0), messages-mostMessages)
	}
	j.first[x.file+1] = len(j.state)
	if x.err == nil || pieces > 0 {
		j.files++
	}
	var skip formats.Skip
	switch {
	case x.err == nil:
	case errors.As(x.err, &skip):
		j.found.Skipped[string(skip)]++
		j.broken[f] = nil
	default:
		j.broken[f] = x.err
		j.report(f.Path, 0, x.err)
	}
}

// mostMessages is the number of messages about one file, mostReports that of all; what is more is
// counted.
const (
	mostMessages = 20
	mostReports  = 1000
)

// named returns the article of a record under an ID that no other has. The error says that it is
// not its own.
func (j *job) named(r *formats.Record, at place) (neardup.Article, error) {
	a := r.Article
	made := r.File.ID()
	if at.line > 0 {
		made = fmt.Sprintf("%s:%d", made, at.line)
	}
	if a.ID == "" || len(j.against) > 0 && !r.File.Old && strings.HasPrefix(a.ID, old) {
		a.ID = made
	}
	if r.File.Old {
		a.ID, made = old+a.ID, old+made
	}
	before, ok := j.seen[xxhash.Sum64String(a.ID)]
	if !ok {
		j.seen[xxhash.Sum64String(a.ID)] = uint32(len(j.ids))
		return a, nil
	}
	is := a.ID
	a.ID = made
	for n := 2; ; n++ {
		key := xxhash.Sum64String(a.ID)
		if _, ok := j.seen[key]; !ok {
			j.seen[key] = uint32(len(j.ids))
			break
		}
		a.ID = fmt.Sprintf("%s#%d", made, n)
	}
	first := j.at[before]
	return a, fmt.Errorf("ID %q is taken by %s; this article is called %q", is, where(j.found.Files[first.file].Path, int(first.line)), a.ID)
}

// printable refuses an ID that a list of IDs cannot have.
func (j *job) printable(id string) error {
	if j.null && strings.IndexByte(id, 0) >= 0 {
		return fmt.Errorf("ID %q has a NUL byte, which ends an ID with -0", id)
	}
	if !j.null && strings.ContainsAny(id, "\r\n") {
		return fmt.Errorf("ID %q has a line break: -keep needs -0", id)
	}
	return nil
}

// refused reports the articles that the detector did not take.
func (j *job) refused(err error) {
	list, ok := err.(interface{ Unwrap() []error })
	if !ok {
		if err != nil {
			j.report(j.program.Name, 0, err)
		}
		return
	}
	for _, err := range list.Unwrap() {
		var ae *neardup.ArticleError
		if !errors.As(err, &ae) {
			j.report(j.program.Name, 0, err)
			continue
		}
		at := j.at[ae.Index]
		j.report(j.found.Files[at.file].Path, int(at.line), fmt.Errorf("article %q passed over: %w", ae.ID, ae.Err))
		if n := j.taken[ae.Index]; n >= 0 {
			j.state[n] = unjudged
		}
	}
}

// report says what is wrong and where; reading goes on.
func (j *job) report(file string, line int, err error) {
	if j.errs++; j.errs > mostReports {
		return
	}
	j.progress.clear()
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err // the file is named already
	}
	fmt.Fprintf(j.stderr, "%s: %s: %s\n", j.program.Name, where(file, line), plain(err.Error()))
}

// where names a line of a file. What a terminal would take for a command is quoted.
func where(file string, line int) string {
	if file == "-" {
		file = "standard input"
	}
	if strings.ContainsFunc(file, strange) {
		file = fmt.Sprintf("%q", file)
	}
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// An item is a record, or the end of a file.
type item struct {
	file   int
	record *formats.Record
	end    bool
	err    error // with which the file ended
}

// A batch is some items, which are parsed together.
type batch struct {
	items []item
	done  chan struct{} // closed when they are
}

// What a batch has at most; it has at least one record, however long.
const (
	batchItems = 128
	batchBytes = 1 << 18
)

// pieces yields all pieces of files, and the end of each, in order. One goroutine reads and others
// parse, ahead of what is yielded by a few batches. A record is valid until the next one.
func (j *job) pieces(ctx context.Context, files []*formats.File, parse bool) iter.Seq[item] {
	return func(yield func(item) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		workers := j.config.Workers
		if workers <= 0 {
			workers = runtime.GOMAXPROCS(0)
		}
		l := &pipe{
			ctx: ctx, work: make(chan *batch, workers), ordered: make(chan *batch, workers),
			free: make(chan *batch, 2*workers+2),
		}
		go j.readInto(l, files)
		for range workers {
			go l.parse(parse)
		}
		for {
			var b *batch
			select {
			case b = <-l.ordered:
			case <-ctx.Done(): // while a stream may have nothing to read
			}
			if b == nil {
				return
			}
			select {
			case <-b.done:
			case <-ctx.Done():
				return
			}
			for _, x := range b.items {
				if !yield(x) {
					return
				}
			}
			select {
			case l.free <- b:
			default:
			}
		}
	}
}

// A pipe is what stands between those that read, parse and use records.
type pipe struct {
	ctx     context.Context
	work    chan *batch // to be parsed
	ordered chan *batch // the same, to be used
	free    chan *batch // used
	batch   *batch      // to be filled
	bytes   int         // in it
}

// readInto reads files into batches.
func (j *job) readInto(l *pipe, files []*formats.File) {
	defer close(l.work)
	defer close(l.ordered)
	l.batch = newBatch(l.free)
	for i, f := range files {
		if !j.readFile(l, i, f) {
			return
		}
	}
	l.send()
}

// readFile reads one file. It returns false if reading shall stop.
func (j *job) readFile(l *pipe, i int, f *formats.File) bool {
	in, reader, err := j.program.Set.Open(f, &j.reading)
	if err == nil {
		defer in.Close()
	}
	for err == nil {
		r := l.batch.next(i)
		err = reader.Next(r)
		r.File, r.Reader = f, reader
		if err != nil {
			l.batch.drop()
			break
		}
		if l.bytes += len(r.Raw); !l.sendFull() {
			return false
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	l.batch.items = append(l.batch.items, item{file: i, end: true, err: err})
	return l.sendFull()
}

// sendFull sends the batch if it is full, and returns false if reading shall stop.
func (l *pipe) sendFull() bool {
	if len(l.batch.items) < batchItems && l.bytes < batchBytes {
		return l.ctx.Err() == nil
	}
	return l.send()
}

// send sends the batch and begins another.
func (l *pipe) send() bool {
	for _, c := range []chan *batch{l.ordered, l.work} {
		select {
		case c <- l.batch:
		case <-l.ctx.Done():
			return false
		}
	}
	l.batch, l.bytes = newBatch(l.free), 0
	return true
}

// parse parses batches, unless they are only to be passed on.
func (l *pipe) parse(really bool) {
	for b := range l.work {
		for _, x := range b.items {
			if !x.end && really && l.ctx.Err() == nil {
				x.record.Reader.Parse(x.record)
			}
		}
		close(b.done)
	}
}

func newBatch(free chan *batch) *batch {
	select {
	case b := <-free:
		b.items = b.items[:0]
		b.done = make(chan struct{})
		return b
	default:
		return &batch{done: make(chan struct{})}
	}
}

// next returns the record of a new item, with the room of a former one if that was not too large.
func (b *batch) next(file int) *formats.Record {
	n := len(b.items)
	var r *formats.Record
	if n < cap(b.items) {
		r = b.items[:n+1][n].record
	}
	if r == nil || cap(r.Raw) > 4*batchBytes {
		r = new(formats.Record)
	}
	b.items = append(b.items, item{file: file, record: r})
	return r
}

// drop takes back the last record, which was not read.
func (b *batch) drop() { b.items = b.items[:len(b.items)-1] }
