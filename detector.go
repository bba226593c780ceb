package neardup

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Stats counts what a [Detector] holds and has done. The last two start at zero in a new or newly read detector.
type Stats struct {
	Articles   int   `json:"articles"`   // articles held
	Distinct   int   `json:"distinct"`   // different texts among them
	Empty      int   `json:"empty"`      // articles without a feature, which never match
	Candidates int64 `json:"candidates"` // candidates that queries compared
	Dropped    int64 `json:"dropped"`    // candidates and matches left out because of Config.MaxCandidates
}

// A Detector holds articles, by what a verdict needs of them and not by text, and finds the near-duplicates among them. It
// is safe for concurrent use: any number of queries run at once, changes take turns for some microseconds each while the
// text of an article is read outside the lock, and what takes long works on a snapshot and stops nobody. Make one with
// [New], [Load] or [LoadFile].
//
// # Text of sites
//
// Where articles name a source, what recurs in different articles of that source, behind at least six different
// beginnings, is the source's own text: walls, notices, footers, teasers. It is evidence for no pair that has an article of
// that source, and still no article goes of which the other has less than half of all prose. Two short items of one source
// are two sooner than those of two sources. Groups, Pairs and Components learn from all that is held, whatever the order of
// adding.
//
// Add and Query learn on the way, when six texts of a source are held and one is found to look like
// another, and again as more do, from the last thousand that came and are held; from the tenth page
// with one wall on they know it, from the sixteenth if it stands above the text. So what they say
// depends on what was added, asked and removed before, and in which order, and on nothing else: a
// detector that was saved and read back has learnt the same. A source is forgotten with the last
// of its articles, and one that never has six different texts at once is not learnt: where a window
// of two days holds one page a day of a form, each page may be a duplicate of the one before. What
// is learnt takes some 65 bytes an article, and 10 µs for each article learnt from.
type Detector struct {
	cfg  Config
	pool *sync.Pool // of *worker

	compared, dropped atomic.Int64

	mu    sync.RWMutex
	state *state
}

// New returns an empty detector, or an error that names the field that is out of range.
func New(cfg Config) (*Detector, error) {
	cfg, err := cfg.normal()
	if err != nil {
		return nil, err
	}
	plan, err := cfg.plan()
	if err != nil {
		return nil, err
	}
	d := &Detector{cfg: cfg}
	if d.pool, err = newWorkers(cfg); err != nil {
		return nil, err
	}
	d.state, err = newState(&d.cfg, plan)
	return d, err
}

// mustBeMade panics if d is a zero value.
func (d *Detector) mustBeMade() {
	if d.state == nil {
		panic(errZero.Error())
	}
}

// Config returns the configuration with its defaults filled in.
func (d *Detector) Config() Config { return d.cfg.clone() }

// NewReader returns a Reader that reads and judges as the detector does.
func (d *Detector) NewReader() *Reader {
	d.mustBeMade()
	w := d.pool.New().(*worker)
	return w.Reader
}

// Len returns the number of articles held.
func (d *Detector) Len() int {
	d.mustBeMade()
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.state.byID)
}

// Has reports whether an article of that ID is held.
func (d *Detector) Has(id string) bool {
	d.mustBeMade()
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, ok := d.state.held(id)
	return ok
}

// Stats returns what is held and what was done.
func (d *Detector) Stats() Stats {
	d.mustBeMade()
	d.mu.RLock()
	defer d.mu.RUnlock()
	return Stats{
		Articles:   len(d.state.byID),
		Distinct:   d.state.distinct,
		Empty:      d.state.empty,
		Candidates: d.compared.Load(),
		Dropped:    d.dropped.Load(),
	}
}

// Add adds an article and returns the articles already held that it duplicates, best first: the same article before
// contained ones, then by similarity, then by ID. An article without a feature (no letters and digits at all) is held
// but never matches; one with fewer words than a shingle has a single feature and matches its equals.
//
// The error is an [*ArticleError] wrapping [ErrNoID], [ErrDuplicateID] or [ErrTooLong]; the detector is then unchanged.
// The cost is that of reading the text, and some microseconds under the lock.
func (d *Detector) Add(a Article) ([]Match, error) { return d.add(a, false) }

// Replace is [Detector.Add], except that an article held under the same ID gives way to the new one, which counts as
// added now. The old article is not among the matches.
func (d *Detector) Replace(a Article) ([]Match, error) { return d.add(a, true) }

func (d *Detector) add(a Article, replace bool) ([]Match, error) {
	if d.state == nil {
		return nil, errZero
	}
	if a.ID == "" {
		return nil, &ArticleError{Err: ErrNoID}
	}
	w := d.worker()
	defer d.pool.Put(w)
	p := &w.single
	if w.prepare(p, &a, d.state.seed); p.err != nil {
		return nil, p.err
	}
	for learnt := false; ; learnt = true {
		d.mu.Lock()
		self := uint32(none)
		if at, ok := d.state.held(a.ID); ok {
			if !replace {
				d.mu.Unlock()
				return nil, &ArticleError{ID: a.ID, Err: ErrDuplicateID}
			}
			self = at
		}
		matches, hit := d.matches(w, p, self)
		if hit && !learnt {
			site := d.state.site(d.state.bySource[a.Source])
			if site.hit(); site.due() {
				d.mu.Unlock()
				d.learn(w, a.Source)
				continue
			}
		}
		if self != none {
			d.state.remove(a.ID)
		}
		d.state.insert(p)
		if hit {
			d.state.alike(a.ID)
		}
		d.mu.Unlock()
		return matches, nil
	}
}

// AddAll adds the articles of a sequence and is equivalent to calling [Detector.Add] on each in turn, whatever the number
// of workers, except that matches are not looked up: ask [Detector.Groups] or [Detector.Pairs] afterwards. Texts are read
// by Config.Workers goroutines at once while the sequence is pulled by the calling one.
//
// As no article is compared, nothing is learnt of text of sites: the first Query or Add that needs it
// learns it, from the last thousand texts of the source. Its answers may differ from those after
// single calls of Add, which learnt from fewer.
//
// A refused article does not stop the rest. The error joins one [*ArticleError] for each, in order, which
// Unwrap() []error lists. When ctx ends, the articles pulled so far are added and the error includes ctx.Err().
func (d *Detector) AddAll(ctx context.Context, articles iter.Seq[Article]) error {
	return d.AddStream(ctx, all(articles))
}

// AddStream is [Detector.AddAll] for a sequence that can fail, such as one read from a file. It stops at the first error
// of the sequence, adds what came before, and joins that error to its own.
func (d *Detector) AddStream(ctx context.Context, articles iter.Seq2[Article, error]) error {
	if d.state == nil {
		return errZero
	}
	const slice = 16 // articles added at a time, so that queries wait for microseconds only
	return d.pipeline(ctx, articles, func(_ *worker, items []prepared) {
		for part := range slices.Chunk(items, slice) {
			d.mu.Lock()
			for i := range part {
				p := &part[i]
				switch _, taken := d.state.held(p.a.ID); {
				case p.err != nil:
				case p.a.ID == "":
					p.err = &ArticleError{Err: ErrNoID}
				case taken:
					p.err = &ArticleError{ID: p.a.ID, Err: ErrDuplicateID}
				default:
					d.state.insert(p)
				}
			}
			d.mu.Unlock()
		}
	})
}

// Remove removes an article and reports whether it was held.
func (d *Detector) Remove(id string) bool {
	d.mustBeMade()
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.remove(id)
}

// RemoveBefore removes the articles published before a time and returns how many there were; those without a time stay.
// Others go on meanwhile; what they add meanwhile may stay or not. When ctx ends, it stops and returns ctx.Err().
func (d *Detector) RemoveBefore(ctx context.Context, t time.Time) (int, error) {
	if d.state == nil {
		return 0, errZero
	}
	const look, most = 4096, 32 // entries looked at, and removed, at a time
	removed := 0
	for at := uint32(0); ; {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		d.mu.Lock()
		n := 0
		for end := at + look; at < end && at < d.state.entries.n && n < most; at++ {
			e := d.state.entries.at(at)
			if e.added != 0 && e.gone == 0 && e.nsec != noTime && e.time().Before(t) {
				d.state.remove(e.id)
				n++
			}
		}
		removed += n
		done := at >= d.state.entries.n
		d.mu.Unlock()
		if done {
			return removed, nil
		}
	}
}

// Merge adds all that another detector holds, and is equivalent to adding its articles by [Detector.AddAll], in the order in which
// they were added there: what it has learnt of sources is not taken over. IDs that both have are refused, as by [Detector.AddAll]. The other one, which stays as it is, has to be
// another, and of the same configuration (Workers may differ), or the error wraps [ErrMismatch]. When ctx ends, what was added by
// then stays, and the error includes ctx.Err().
func (d *Detector) Merge(ctx context.Context, other *Detector) error {
	if d.state == nil || other == nil || other.state == nil {
		return errZero
	}
	if d == other {
		return fmt.Errorf("neardup: a detector cannot be merged with itself")
	}
	if err := sameConfig(other.cfg, d.cfg); err != nil {
		return err
	}
	return d.merge(ctx, other)
}
