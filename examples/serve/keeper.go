package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/neardup/neardup"
)

// A keeper holds articles in a Detector, and sees to it that what was acknowledged is there after a
// crash. A change goes this way:
//
//	change → journal, together with others, synced → Detector → acknowledged
//
// Changes are made one after the other, in the order of the journal, while the next ones are written.
// Every so often the Detector is saved to a file, a snapshot, named by the number of a change up to
// which it has everything. A start reads the newest snapshot, and makes the changes after that number
// again. That some of them may be in the snapshot already does no harm: an article that is added again
// comes after all others, as it did then, so what is held is the same, in the same order.
//
// The last two snapshots are kept, and the journal back to the older one, so that a damaged snapshot
// loses nothing.
type keeper struct {
	detector *neardup.Detector // from when open has returned
	metrics  *metrics
	log      *slog.Logger
	dir      string
	window   time.Duration // 0 keeps everything
	most     int           // articles held, 0 for as many as come

	journal   *journal // of the goroutine write
	incoming  chan *batch
	written   chan *batch // to be made
	running   sync.WaitGroup
	failed    atomic.Pointer[error] // why nothing can be written any more
	saving    sync.Mutex
	saved     uint64       // number of the last snapshot; under saving
	snapshot  atomic.Int64 // its bytes
	due       chan struct{}
	closeOnce sync.Once
}

// A batch is some changes that go to the journal together.
type batch struct {
	changes []change
	results []result      // of each change
	err     error         // why none of them was written
	rotate  bool          // no changes: begin a new segment, and wait until all before it are made
	last    uint64        // of a rotate: the number of the last change before it
	done    chan struct{} // closed when they are made
}

// A result is what came of one change.
type result struct {
	matches []neardup.Match
	removed bool
	err     error
}

// errUnwritable says that the journal takes nothing any more; queries are still answered.
var errUnwritable = errors.New("the journal cannot be written; nothing is taken until the service is started again")

const (
	commitRecords = 1024    // changes that go to disk at once, at most
	commitBytes   = 8 << 20 // and their bytes
)

func newKeeper(dir string, window time.Duration, most int, m *metrics, log *slog.Logger) *keeper {
	return &keeper{
		metrics: m, log: log, dir: dir, window: window, most: most,
		incoming: make(chan *batch, 256),
		written:  make(chan *batch, 256),
		due:      make(chan struct{}, 1),
	}
}

// open reads the state in the directory and begins to take changes.
func (k *keeper) open(ctx context.Context) (err error) {
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil { // what bbolt does with pages that make no sense
			err = fmt.Errorf("journal in %s is damaged: %v", k.dir, p)
		}
	}()
	if k.journal, err = openJournal(filepath.Join(k.dir, "journal.db")); err != nil {
		return err
	}
	if d, err := os.Open(k.dir); err == nil { // that the file is there has to be on disk, too, where that can be said
		_ = d.Sync()
		_ = d.Close()
	}
	if k.saved, err = k.load(); err != nil {
		return errors.Join(err, k.journal.close())
	}
	if err := k.replay(ctx); err != nil {
		return errors.Join(err, k.journal.close())
	}
	if _, err := k.journal.rotate(k.saved + 1); err != nil { // a snapshot from elsewhere may be ahead
		return errors.Join(err, k.journal.close())
	}
	k.running.Go(k.write)
	k.running.Go(k.apply)
	return nil
}

// config is that of the detector: the default one, but for the length of answers. Where thousands of
// articles are alike, an answer names the nearest hundred; groups have all.
var config = neardup.Config{MaxCandidates: 100}

// load reads the newest snapshot that can be read and returns its number.
func (k *keeper) load() (uint64, error) {
	empty, err := neardup.New(config)
	if err != nil {
		return 0, err
	}
	numbers, err := snapshots(k.dir)
	if err != nil {
		return 0, err
	}
	first, err := k.journal.first()
	if err != nil {
		return 0, err
	}
	var damaged []string
	for _, n := range slices.Backward(numbers) {
		path := snapshotPath(k.dir, n)
		d, err := neardup.LoadFile(path)
		switch {
		case err == nil && !reflect.DeepEqual(d.Config(), empty.Config()):
			return 0, fmt.Errorf("snapshot %s is of a detector with another configuration", path)
		case err == nil && first > n+1:
			return 0, fmt.Errorf("snapshot %s ends at change %d and the journal begins at %d: what is between is lost%s; "+
				"to start from the snapshot alone move journal.db away", path, n, first, because(damaged))
		case err == nil:
			if info, err := os.Stat(path); err == nil {
				k.snapshot.Store(info.Size())
				k.metrics.snapshotTime.Set(float64(info.ModTime().Unix()))
			}
			k.detector = d
			k.log.Info("snapshot read", "path", path, "change", n, "articles", d.Len())
			return n, nil
		case errors.Is(err, neardup.ErrCorrupt):
			k.log.Error("snapshot is damaged; an older one and the journal are tried", "path", path, "error", err)
			damaged = append(damaged, path)
			if err := os.Rename(path, path+".damaged"); err != nil {
				return 0, err
			}
		default: // of another version, or not readable now: nothing to be cured by passing over it
			return 0, fmt.Errorf("snapshot %s: %w", path, err)
		}
	}
	if first > 1 {
		return 0, fmt.Errorf("no snapshot in %s can be read and the journal begins at change %d%s; "+
			"put a backup there as %s", k.dir, first, because(damaged), filepath.Base(snapshotPath(k.dir, first-1)))
	}
	k.detector = empty
	return 0, nil
}

func because(damaged []string) string {
	if len(damaged) == 0 {
		return ""
	}
	return ", because these are damaged: " + strings.Join(damaged, ", ")
}

// replay makes the changes after the snapshot again.
func (k *keeper) replay(ctx context.Context) error {
	start, n := time.Now(), 0
	var r replayer
	err := k.journal.after(k.saved, func(c change) error {
		if n++; n%100_000 == 0 {
			k.log.Info("replaying the journal", "changes", n)
		}
		k.journal.size += int64(len(c.Text))
		return r.make(ctx, k.detector, c)
	})
	if err == nil {
		err = r.flush(ctx, k.detector)
	}
	if err != nil {
		return err
	}
	if n > 0 {
		k.log.Info("journal replayed", "changes", n, "seconds", time.Since(start).Seconds(), "articles", k.detector.Len())
	}
	return k.forget(ctx)
}

// A replayer makes changes, and is equivalent to making each in turn, on all cores.
type replayer struct {
	adding []neardup.Article // different ones
	ids    map[string]bool   // of them
	bytes  int
}

func (r *replayer) make(ctx context.Context, d *neardup.Detector, c change) error {
	if r.ids[c.ID] || len(r.adding) >= 4096 || r.bytes >= commitBytes {
		if err := r.flush(ctx, d); err != nil {
			return err
		}
	}
	d.Remove(c.ID)
	if c.kind == kindRemove {
		return nil
	}
	if r.ids == nil {
		r.ids = make(map[string]bool)
	}
	r.ids[c.ID] = true
	r.adding = append(r.adding, c.Article)
	r.bytes += len(c.Text)
	return nil
}

func (r *replayer) flush(ctx context.Context, d *neardup.Detector) error {
	err := d.AddAll(ctx, slices.Values(r.adding))
	r.adding, r.bytes = r.adding[:0], 0
	clear(r.ids)
	return err
}

// apply makes what is written, in order.
func (k *keeper) apply() {
	for b := range k.written {
		for i := range b.changes {
			c, r := &b.changes[i], &b.results[i]
			switch c.kind {
			case kindPut:
				if r.matches, r.err = k.detector.Replace(c.Article); r.err != nil { // what is refused was refused before
					k.log.Error("a change of the journal cannot be made", "error", r.err)
				}
			case kindRemove:
				r.removed = k.detector.Remove(c.ID)
			case kindAsk:
				r.matches, r.err = k.detector.Query(c.Article)
			}
		}
		close(b.done)
	}
}

// write takes batches, as many as are there, and puts them into the journal together.
func (k *keeper) write() {
	defer close(k.written)
	var batches []*batch
	var records [][]byte
	for b := range k.incoming {
		batches, records = batches[:0], records[:0]
		bytes := 0
		for b != nil && !b.rotate {
			batches = append(batches, b)
			for _, c := range b.changes {
				if c.kind != kindAsk {
					records = append(records, c.encode())
					bytes += len(records[len(records)-1])
				}
			}
			if len(records) >= commitRecords || bytes >= commitBytes {
				b = nil
				break
			}
			select {
			case b = <-k.incoming: // nil once it is closed
			default:
				b = nil
			}
		}
		if len(batches) > 0 {
			k.commit(batches, records)
		}
		if b != nil { // rotate
			if b.last, b.err = k.journal.rotate(0); b.err == nil {
				k.written <- b // after all that was written before
			} else {
				close(b.done)
			}
		}
	}
}

func (k *keeper) commit(batches []*batch, records [][]byte) {
	start := time.Now()
	err := k.unwritable()
	if err == nil && len(records) > 0 {
		if err = k.journal.append(records); err != nil {
			k.log.Error("journal", "error", err)
			k.metrics.journalErrors.Inc()
			if !errors.Is(err, syscall.ENOSPC) { // room may come back; a disk that failed to sync is not to be trusted
				k.failed.CompareAndSwap(nil, &err)
			}
			err = fmt.Errorf("journal: %w", err)
		}
	}
	k.metrics.commitSeconds.Observe(time.Since(start).Seconds())
	k.metrics.commitRecords.Observe(float64(len(records)))
	k.metrics.sequence.Set(float64(k.journal.next - 1))
	k.metrics.journalBytes.Set(float64(k.journal.size))
	for _, b := range batches {
		if b.err = err; err != nil {
			close(b.done)
			continue
		}
		k.written <- b
	}
	// The journal may grow as large as the snapshot: then all that is written is at most twice what comes.
	if k.journal.size > max(256<<20, k.snapshot.Load()) {
		select {
		case k.due <- struct{}{}:
		default:
		}
	}
}

// unwritable returns why nothing can be written any more, or nil.
func (k *keeper) unwritable() error {
	if err := k.failed.Load(); err != nil {
		return fmt.Errorf("%w (%w)", errUnwritable, *err)
	}
	return nil
}

// change makes changes and returns what came of each, when they are on disk. With an error none of
// them is acknowledged; some may still have been written. When ctx ends before they are taken, they
// are not made.
func (k *keeper) change(ctx context.Context, changes []change) ([]result, error) {
	b := &batch{changes: changes, results: make([]result, len(changes)), done: make(chan struct{})}
	if len(changes) == 0 {
		return nil, nil
	}
	select {
	case k.incoming <- b:
		<-b.done
		return b.results, b.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// save writes a snapshot, unless there is nothing new, and drops what it makes superfluous.
func (k *keeper) save(ctx context.Context) (err error) {
	k.saving.Lock()
	defer k.saving.Unlock()
	start := time.Now()
	defer func() {
		if err != nil && ctx.Err() == nil {
			k.metrics.snapshotErrors.Inc()
			k.log.Error("snapshot", "error", err)
		}
	}()
	b := &batch{rotate: true, done: make(chan struct{})}
	k.incoming <- b
	<-b.done
	select {
	case <-k.due: // by what is in this one
	default:
	}
	if b.err != nil || b.last == k.saved {
		return b.err
	}
	path := snapshotPath(k.dir, b.last)
	if err := k.detector.SaveFile(ctx, path); err != nil {
		return err
	}
	k.saved = b.last
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	k.snapshot.Store(info.Size())
	k.metrics.snapshotTime.SetToCurrentTime()
	k.metrics.snapshotSeconds.Set(time.Since(start).Seconds())
	k.log.Info("snapshot written", "path", path, "bytes", info.Size(), "seconds", time.Since(start).Seconds())
	// The journal goes back to the snapshot before this one, whatever older ones there are.
	numbers, err := snapshots(k.dir)
	if err != nil {
		return err
	}
	const kept = 2
	for len(numbers) > kept {
		if err := os.Remove(snapshotPath(k.dir, numbers[0])); err != nil {
			return err
		}
		numbers = numbers[1:]
	}
	if len(numbers) == kept {
		return k.journal.drop(numbers[0])
	}
	return nil
}

// forget removes what is older than the window.
func (k *keeper) forget(ctx context.Context) error {
	if k.window == 0 {
		return nil
	}
	n, err := k.detector.RemoveBefore(ctx, time.Now().Add(-k.window))
	k.metrics.forgotten.Add(float64(n))
	return err
}

// tend saves every interval, if that is not 0, and when the journal has grown, and forgets, until ctx
// ends.
func (k *keeper) tend(ctx context.Context, interval time.Duration) {
	var tick <-chan time.Time
	if interval > 0 {
		t := time.NewTicker(interval)
		defer t.Stop()
		tick = t.C
	}
	forget := time.NewTicker(max(min(k.window/20, time.Minute), 100*time.Millisecond))
	defer forget.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			_ = k.save(ctx) // said there; it may work the next time
		case <-k.due:
			_ = k.save(ctx)
		case <-forget.C:
			_ = k.forget(ctx)
		}
	}
}

// close ends what change has begun, writes a last snapshot, and closes the journal. Nobody may call
// change any more.
func (k *keeper) close(ctx context.Context) (err error) {
	k.closeOnce.Do(func() {
		err = k.save(ctx)
		if errors.Is(err, context.Canceled) {
			err = nil // the journal has what the snapshot would have
		}
		close(k.incoming)
		k.running.Wait()
		err = errors.Join(err, k.journal.close())
	})
	return err
}

// backup writes all that is held now.
func (k *keeper) backup(w io.Writer) error {
	_, err := k.detector.WriteTo(w)
	return err
}

const snapshotPrefix, snapshotSuffix = "snapshot-", ".nd"

func snapshotPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%s%020d%s", snapshotPrefix, number, snapshotSuffix))
}

// snapshots returns the numbers of the snapshots in a directory, ascending.
func snapshots(dir string) (numbers []uint64, err error) {
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, f := range files {
		name, ok := strings.CutPrefix(f.Name(), snapshotPrefix)
		if name, ok2 := strings.CutSuffix(name, snapshotSuffix); ok && ok2 && len(name) == 20 {
			if n, err := strconv.ParseUint(name, 10, 64); err == nil {
				numbers = append(numbers, n)
			}
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}
