package neardup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/neardup/neardup/internal/sample"
	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
)

// Config says what counts as a near-duplicate and what may be spent on finding it. The zero Config is what a
// newsroom wants: the prose of each page, word 5-shingles, Jaccard ≥ 0.5 or three quarters of one inside the other, 95 of
// 100 such pairs found, about 570 bytes an article. Each field is defaulted on its own; a value out of range is an error
// of [New], never corrected silently.
type Config struct {
	// Shingle chooses the features: unit, width and view. The zero value is word 5-shingles of the prose.
	Shingle shingle.Config

	// Threshold is the Jaccard similarity, in (0, 1], from which two articles are the same. 0 means 0.5.
	Threshold float64

	// Containment is the share of the shorter article, in (0, 1], that has to be found in the longer one for the
	// verdict "contained", whatever their Jaccard. 0 means 0.75. Articles with fewer than 20 features in common are
	// never contained in one another.
	Containment float64

	// NoContainment turns the verdict "contained" off: only Threshold decides.
	NoContainment bool

	// Recall is the share, in (0, 1), of the pairs at exactly Threshold that have to be found as candidates; more
	// similar pairs are found more often. 0 means 0.95.
	Recall float64

	// K is the number of signature slots. 0 means 128. The standard error of an estimated similarity j is
	// sqrt(j(1-j)/K), 0.044 at worst for 128, and an article costs K bytes and the bands that the plan asks for.
	K int

	// Exact keeps the features of each article, about 5 bytes each, and verifies every candidate by exact similarity
	// instead of by signature. Only with Exact are excerpts found in articles more than about twice their length:
	// signatures say too little of them.
	Exact bool

	// Templates says what is done about text that recurs in articles otherwise different. The zero value: nothing.
	Templates Templates

	// MaxText is the longest text accepted, in bytes; a longer one is refused with [ErrTooLong]. 0 means 16 MiB.
	MaxText int

	// MaxCandidates bounds the answer of [Detector.Add] and [Detector.Query] to so many matches, the most similar, and
	// with Exact the candidates that they verify. What is left out is counted in [Stats]. Groups, Pairs and
	// Components leave nothing out. 0 means 1000.
	MaxCandidates int

	// Workers is the number of goroutines that bulk operations use. 0 means GOMAXPROCS. It never changes a result and
	// is not part of the saved state.
	Workers int
}

// The errors that articles are refused with. They come wrapped in an [ArticleError]; match them with errors.Is.
var (
	ErrNoID        = errors.New("article has no ID")
	ErrDuplicateID = errors.New("ID is taken")
	ErrTooLong     = errors.New("text is too long")
)

// An Article is one text as one source published it.
type Article struct {
	ID     string    // unique in the detector, and not empty
	Text   string    // plain text; it is not kept
	Source string    // the site or feed; optional, used by policies and templates
	Time   time.Time // of publication; optional, used by policies. Its zone does not matter and is not kept.
}

// A Kind says in which way two articles are near-duplicates.
type Kind uint8

const (
	Different Kind = iota // not at all
	Same                  // their Jaccard similarity reaches Config.Threshold
	Contained             // the first is contained in the second, its match
	Contains              // the first contains the second, its match
)

// String returns "different", "same", "contained" or "contains".
func (k Kind) String() string {
	switch k {
	case Different:
		return "different"
	case Same:
		return "same"
	case Contained:
		return "contained"
	case Contains:
		return "contains"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// flip is the kind seen from the other article.
func (k Kind) flip() Kind {
	switch k {
	case Contained:
		return Contains
	case Contains:
		return Contained
	}
	return k
}

// A Match is an article found to be a near-duplicate of the one asked about. Similarities are shares of distinct
// features, in [0,1]; they are exact with Config.Exact, otherwise estimated from signatures with the standard error that
// Config.K gives.
type Match struct {
	ID         string
	Kind       Kind
	Similarity float64 // Jaccard similarity
	Contained  float64 // share of the article asked about that is found in the match
	Contains   float64 // share of the match that is found in the article asked about
}

// compareMatches orders matches best first: same articles before contained ones, then by similarity, then by ID.
func compareMatches(a, b Match) int {
	x, y := score{a.Kind, a.Similarity, a.Contained, a.Contains}, score{b.Kind, b.Similarity, b.Contained, b.Contains}
	if c := compareScores(x, y); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// compareScores orders scores best first.
func compareScores(a, b score) int {
	if c := cmp.Compare(min(a.kind, Contained), min(b.kind, Contained)); c != 0 {
		return c
	}
	if c := cmp.Compare(b.similarity, a.similarity); c != 0 {
		return c
	}
	return cmp.Compare(max(b.contained, b.contains), max(a.contained, a.contains))
}

// An ArticleError reports an article that was refused. Unwrap gives the reason.
type ArticleError struct {
	Index int // position in the sequence given to AddAll; 0 for a single article
	ID    string
	Err   error
}

// Error names the article and the reason.
func (e *ArticleError) Error() string { return fmt.Sprintf("neardup: article %q: %v", e.ID, e.Err) }

// Unwrap returns the reason.
func (e *ArticleError) Unwrap() error { return e.Err }

// Stats counts what a [Detector] holds and has done. The last two start at zero in a new or newly read detector.
type Stats struct {
	Articles   int   // articles held
	Distinct   int   // different feature sets among them
	Empty      int   // articles without a feature, which never match
	Candidates int64 // candidates that queries compared
	Dropped    int64 // candidates and matches left out because of Config.MaxCandidates
}

const (
	none      = math.MaxUint32
	minShared = 20     // features that a contained article has to share
	maxBucket = 10_000 // articles of one bucket that Add and Query look at
	maxCommon = 1000   // articles that a feature may be in and still hint at an excerpt
)

// A Detector holds articles, by signature, and finds the near-duplicates among them. It is safe for concurrent use: any
// number of queries run at once, and changes take turns for a few microseconds each while the text of an article is
// read outside the lock. Make one with [New], [Load] or [LoadFile].
type Detector struct {
	cfg   Config
	known map[uint64]struct{} // features of Config.Templates.Known
	pool  sync.Pool           // of *worker

	compared, dropped atomic.Int64

	mu         sync.RWMutex
	slots      []slot // articles in the order they were added
	seq        uint64 // of the next
	removed    int    // slots that are holes
	byID       map[string]uint32
	sources    []string
	bySource   map[string]uint32
	classes    []class // feature sets; the position is the id in index
	dead       int     // classes without articles
	renumbered int     // how often slots and classes were
	byDigest   map[uint64]uint32
	sets       [][]uint32   // with Exact: the features of each class
	excerpts   sample.Index // of sets, unless NoContainment
	index      *minhash.Index
	learned    *learner // with Templates.Learn
}

// A slot is one article, or a hole where one was.
type slot struct {
	id     string // "" in a hole
	seq    uint64 // grows with every article added; never changes
	sec    int64
	nsec   uint32 // noTime: no time given
	source uint32
	class  uint32 // none: no features
	next   uint32 // next article of the class, in the order they were added
}

const noTime = math.MaxUint32

// A class is all articles with one set of features. They share a signature and one place in the index, so five thousand
// copies of one text cost no more to search than one.
type class struct {
	digest      uint64
	size        uint32 // distinct features
	count       uint32 // articles
	first, last uint32 // slots
	fellBack    bool   // there was too little prose in the text
}

// New returns an empty detector, or an error that names the field that is out of range.
func New(cfg Config) (*Detector, error) {
	def := func(v *float64, d float64) {
		if *v == 0 {
			*v = d
		}
	}
	defi := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&cfg.Threshold, newsroom.same)
	def(&cfg.Containment, newsroom.contained)
	def(&cfg.Recall, 0.95)
	defi(&cfg.K, 128)
	defi(&cfg.MaxText, 16<<20)
	defi(&cfg.MaxCandidates, 1000)
	if !(cfg.Threshold > 0 && cfg.Threshold <= 1) {
		return nil, fmt.Errorf("neardup: Threshold is %v, want more than 0 and at most 1", cfg.Threshold)
	}
	if !(cfg.Containment > 0 && cfg.Containment <= 1) {
		return nil, fmt.Errorf("neardup: Containment is %v, want more than 0 and at most 1", cfg.Containment)
	}
	if !(cfg.Recall > 0 && cfg.Recall < 1) {
		return nil, fmt.Errorf("neardup: Recall is %v, want more than 0 and less than 1", cfg.Recall)
	}
	if cfg.K < 1 || cfg.K > 4096 {
		return nil, fmt.Errorf("neardup: K is %d, want 1 to 4096", cfg.K)
	}
	if cfg.MaxText < 0 || cfg.MaxText > math.MaxInt32 {
		return nil, fmt.Errorf("neardup: MaxText is %d, want 0 to %d", cfg.MaxText, math.MaxInt32)
	}
	if cfg.MaxCandidates < 0 || cfg.MaxCandidates > math.MaxInt32 {
		return nil, fmt.Errorf("neardup: MaxCandidates is %d, want 0 to %d", cfg.MaxCandidates, math.MaxInt32)
	}
	if cfg.Workers < 0 || cfg.Workers > 1<<16 {
		return nil, fmt.Errorf("neardup: Workers is %d, want 0 to %d", cfg.Workers, 1<<16)
	}
	if _, err := shingle.New(cfg.Shingle); err != nil {
		return nil, fmt.Errorf("neardup: Shingle: %w", err)
	}
	index, err := newIndex(cfg)
	if err != nil {
		return nil, err
	}
	cfg.Templates.Known = slices.Clone(cfg.Templates.Known)
	cfg.Shingle.Anchors = slices.Clone(cfg.Shingle.Anchors)
	d := &Detector{
		cfg:      cfg,
		index:    index,
		byID:     make(map[string]uint32),
		bySource: make(map[string]uint32),
		byDigest: make(map[uint64]uint32),
	}
	if cfg.Templates.Learn {
		d.learned = newLearner()
	}
	w := d.worker()
	d.known = w.knownFeatures(cfg.Templates.Known)
	d.pool.Put(w)
	return d, nil
}

// newIndex plans the bands. They are what memory is spent on, so they are made from nine sixteenths of the slots if that can
// meet the goal: at the defaults, 23 bands instead of 34, and 2 candidates in 100 pairs of similarity 0.1 instead of 1. All slots
// serve verification.
func newIndex(cfg Config) (*minhash.Index, error) {
	goal := minhash.Goal{Threshold: cfg.Threshold, Recall: cfg.Recall, K: max(1, cfg.K*9/16)}
	plan, err := minhash.NewPlan(goal)
	if err != nil {
		goal.K = cfg.K
		if plan, err = minhash.NewPlan(goal); err != nil {
			return nil, fmt.Errorf("neardup: Threshold, Recall and K: %w", err)
		}
	}
	plan.K = cfg.K
	return minhash.NewIndex(minhash.IndexConfig{Plan: plan, Bits: 8, MaxBucket: maxBucket})
}

// Plan returns the bands by which candidates are found. A store outside of the process that cuts the signatures of package
// minhash, with K slots and seed 0, into the same bands has the same candidates.
func (d *Detector) Plan() minhash.Plan { return d.index.Config().Plan }

// Config returns the configuration with its defaults filled in.
func (d *Detector) Config() Config {
	cfg := d.cfg
	cfg.Templates.Known = slices.Clone(cfg.Templates.Known)
	cfg.Shingle.Anchors = slices.Clone(cfg.Shingle.Anchors)
	return cfg
}

// Len returns the number of articles held.
func (d *Detector) Len() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.byID)
}

// Has reports whether an article with this ID is held.
func (d *Detector) Has(id string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, ok := d.byID[id]
	return ok
}

// Stats returns the counters.
func (d *Detector) Stats() Stats {
	d.mu.RLock()
	defer d.mu.RUnlock()
	s := Stats{
		Articles:   len(d.byID),
		Distinct:   len(d.classes) - d.dead,
		Candidates: d.compared.Load(),
		Dropped:    d.dropped.Load(),
	}
	for i := range d.slots {
		if d.slots[i].id != "" && d.slots[i].class == none {
			s.Empty++
		}
	}
	return s
}

// Add adds an article and returns the articles already held that it duplicates, best first: the same article before
// contained ones, then by similarity, then by ID. An article without a feature (no letters and digits at all) is held
// but never matches; one with fewer words than a shingle has a single feature and matches its equals.
//
// The error is an [*ArticleError] wrapping [ErrNoID], [ErrDuplicateID] or [ErrTooLong]; the detector is then unchanged.
// The cost is that of reading the text, about 5 ns a byte, and a few microseconds under the lock.
func (d *Detector) Add(a Article) ([]Match, error) { return d.add(a, false) }

// Replace is [Detector.Add], except that an article held under the same ID gives way to the new one, which counts as
// added now. The old article is not among the matches.
func (d *Detector) Replace(a Article) ([]Match, error) { return d.add(a, true) }

func (d *Detector) add(a Article, replace bool) ([]Match, error) {
	if a.ID == "" {
		return nil, &ArticleError{Err: ErrNoID}
	}
	w := d.worker()
	defer d.pool.Put(w)
	p := &w.single
	p.reset(a)
	if d.prepare(w, p); p.err != nil {
		return nil, p.err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.byID[a.ID]; ok {
		if !replace {
			return nil, &ArticleError{ID: a.ID, Err: ErrDuplicateID}
		}
		d.remove(a.ID)
	}
	d.learn(w, p)
	matches := d.matches(w, p, none)
	d.insert(p)
	return matches, nil
}

// Query returns the articles that a duplicates, as [Detector.Add] would, without adding it. The ID may be empty; an
// article held under the same ID is not among the matches.
func (d *Detector) Query(a Article) ([]Match, error) {
	w := d.worker()
	defer d.pool.Put(w)
	p := &w.single
	p.reset(a)
	if d.prepare(w, p); p.err != nil {
		return nil, p.err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	d.weigh(w, p)
	self := uint32(none)
	if s, ok := d.byID[a.ID]; ok {
		self = s
	}
	return d.matches(w, p, self), nil
}

// Remove removes an article and reports whether it was held.
func (d *Detector) Remove(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.remove(id)
}

func (d *Detector) remove(id string) bool {
	s, ok := d.byID[id]
	if !ok {
		return false
	}
	delete(d.byID, id)
	if c := d.slots[s].class; c != none {
		d.unlink(c, s)
	}
	d.slots[s] = slot{seq: d.slots[s].seq, class: none, next: none}
	d.removed++
	if d.removed > 1024 && d.removed > len(d.slots)/2 || d.dead > 1024 && d.dead > len(d.classes)/2 {
		d.compact()
	}
	return true
}

// unlink takes slot s out of the list of class c.
func (d *Detector) unlink(c, s uint32) {
	cl := &d.classes[c]
	prev := uint32(none)
	for at := cl.first; at != s; at = d.slots[at].next {
		prev = at
	}
	next := d.slots[s].next
	if prev == none {
		cl.first = next
	} else {
		d.slots[prev].next = next
	}
	if cl.last == s {
		cl.last = prev
	}
	cl.count--
	if cl.first == none {
		delete(d.byDigest, cl.digest)
		d.index.Delete(c)
		d.dead++
		if d.cfg.Exact {
			if !d.cfg.NoContainment {
				d.excerpts.Remove(c, d.sets[c])
			}
			d.sets[c] = nil
		}
	}
}

// compact closes the holes that removed articles left, keeping the order.
func (d *Detector) compact() {
	classes := make([]uint32, len(d.classes)) // where each goes
	live := uint32(0)
	index, err := minhash.NewIndex(d.index.Config())
	if err != nil {
		panic(err) // it is the configuration of an index
	}
	for i, c := range d.classes {
		if c.first == none {
			continue
		}
		d.classes[live] = c
		if d.cfg.Exact {
			d.sets[live] = d.sets[i]
		}
		d.byDigest[c.digest] = live
		index.PutFrom(live, d.index, uint32(i))
		classes[i] = live
		live++
	}
	if int(live) < len(d.classes) {
		d.index = index
		d.classes = slices.Clone(d.classes[:live])
		if d.cfg.Exact {
			d.sets = slices.Clone(d.sets[:live])
			d.sampleAll()
		}
		d.dead = 0
	}
	slots := make([]uint32, len(d.slots))
	kept := make([]slot, 0, len(d.byID))
	for i, s := range d.slots {
		if s.id == "" {
			continue
		}
		slots[i] = uint32(len(kept))
		if s.class != none {
			s.class = classes[s.class]
		}
		d.byID[s.id] = uint32(len(kept))
		kept = append(kept, s)
	}
	for i := range kept {
		if s := &kept[i]; s.next != none {
			s.next = slots[s.next]
		}
	}
	for i := range d.classes {
		c := &d.classes[i]
		c.first, c.last = slots[c.first], slots[c.last]
	}
	d.slots, d.removed = kept, 0
	d.renumbered++
}

// sampleAll makes excerpts from sets.
func (d *Detector) sampleAll() {
	d.excerpts = sample.Index{}
	if !d.cfg.NoContainment {
		for c, set := range d.sets {
			d.excerpts.Add(uint32(c), set)
		}
	}
}

// AddAll adds the articles of a sequence and is equivalent to calling [Detector.Add] on each in turn, whatever the number
// of workers, except that matches are not looked up: ask [Detector.Groups] or [Detector.Pairs] afterwards. Texts are read
// by Config.Workers goroutines at once while the sequence is pulled by the calling one.
//
// A refused article does not stop the rest. The error joins one [*ArticleError] for each, in order, which
// Unwrap() []error lists. When ctx is cancelled, the articles pulled so far are added and the error includes ctx.Err().
func (d *Detector) AddAll(ctx context.Context, articles iter.Seq[Article]) error {
	return d.pipeline(ctx, articles, func(w *worker, p *prepared) error {
		if p.a.ID == "" {
			return ErrNoID
		}
		if _, ok := d.byID[p.a.ID]; ok {
			return ErrDuplicateID
		}
		d.learn(w, p)
		d.insert(p)
		return nil
	})
}

// A batch is a run of articles that one worker reads.
type batch struct {
	items []prepared
	n     int
	first int // position of items[0] in the sequence
	bytes int
	read  chan struct{}
}

const (
	batchArticles = 128
	batchBytes    = 1 << 20
)

// pipeline reads articles on all workers and hands them to commit, in order and under the lock.
func (d *Detector) pipeline(ctx context.Context, articles iter.Seq[Article], commit func(*worker, *prepared) error) error {
	n := d.workers()
	jobs := make(chan *batch, 2*n+1)  // to any worker
	order := make(chan *batch, 2*n+1) // to the committer, in order
	spare := make(chan *batch, 2*n+1)
	for range 2*n + 1 {
		spare <- &batch{items: make([]prepared, batchArticles), read: make(chan struct{}, 1)}
	}
	var refused []error
	var wg sync.WaitGroup
	for range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w := d.worker()
			defer d.pool.Put(w)
			for b := range jobs {
				for i := range b.items[:b.n] {
					d.prepare(w, &b.items[i])
				}
				b.read <- struct{}{}
			}
		}()
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		w := d.worker()
		defer d.pool.Put(w)
		for b := range order {
			<-b.read
			d.mu.Lock()
			for i := range b.items[:b.n] {
				p := &b.items[i]
				err := p.err
				if err == nil {
					if cause := commit(w, p); cause != nil {
						err = &ArticleError{ID: p.a.ID, Err: cause}
					}
				}
				var ae *ArticleError
				if errors.As(err, &ae) {
					ae.Index = b.first + i
					refused = append(refused, ae)
				}
				p.a = Article{}
			}
			d.mu.Unlock()
			spare <- b
		}
	}()
	func() {
		// Deferred, so that a panic in the caller's sequence leaves no goroutine behind.
		defer wg.Wait()
		defer close(order)
		defer close(jobs)
		var b *batch
		flush := func() {
			if b != nil {
				jobs <- b
				order <- b
				b = nil
			}
		}
		at := 0
		for a := range articles {
			if ctx.Err() != nil {
				break
			}
			if b == nil {
				b = <-spare
				b.n, b.first, b.bytes = 0, at, 0
			}
			b.items[b.n].reset(a)
			b.n++
			b.bytes += len(a.Text)
			at++
			if b.n == len(b.items) || b.bytes >= batchBytes {
				flush()
			}
		}
		flush()
	}()
	if err := ctx.Err(); err != nil {
		refused = append(refused, err)
	}
	return errors.Join(refused...)
}

func (d *Detector) workers() int {
	if d.cfg.Workers > 0 {
		return d.cfg.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// A worker holds what one goroutine needs to read texts and to query.
type worker struct {
	shingler *shingle.Shingler
	sketcher *minhash.Sketcher
	features []uint64
	table    []uint64
	found    []minhash.Match
	near     []neighbor
	excerpts []uint32
	ids      []uint32
	single   prepared
}

func (d *Detector) worker() *worker {
	if w, ok := d.pool.Get().(*worker); ok {
		return w
	}
	w := new(worker)
	var err error
	if w.shingler, err = shingle.New(d.cfg.Shingle); err != nil {
		panic(err) // New has made one already
	}
	if w.sketcher, err = minhash.New(minhash.Config{K: d.cfg.K}); err != nil {
		panic(err) // the plan has been made with the same K
	}
	return w
}

// prepared is an article that has been read.
type prepared struct {
	a        Article
	features []uint64 // distinct; only with learned templates, which decide later what to sketch
	sig      minhash.Signature
	set      []uint32
	digest   uint64
	size     int
	fellBack bool
	err      error // an *ArticleError
}

func (p *prepared) reset(a Article) { *p = prepared{a: a, features: p.features[:0], sig: p.sig[:0]} }

// prepare does everything that needs the text and not the lock.
func (d *Detector) prepare(w *worker, p *prepared) {
	if n := len(p.a.Text); n > d.cfg.MaxText {
		p.err = &ArticleError{ID: p.a.ID, Err: fmt.Errorf("%w: %d bytes, MaxText is %d", ErrTooLong, n, d.cfg.MaxText)}
		return
	}
	features := w.distinct(d.features(w, p.a.Text))
	p.fellBack = w.shingler.FellBack()
	p.a.Text = ""
	if d.learned != nil {
		p.features = append(p.features, features...)
		return
	}
	d.sketch(w, p, features)
}

// features returns the features of text without those of supplied templates, repeats kept. The slice is w's.
func (d *Detector) features(w *worker, text string) []uint64 {
	w.features = w.shingler.Append(w.features[:0], text)
	if len(d.known) > 0 {
		w.features = slices.DeleteFunc(w.features, func(f uint64) bool { _, ok := d.known[f]; return ok })
	}
	return w.features
}

// sketch fills in what is kept of distinct features.
func (d *Detector) sketch(w *worker, p *prepared, features []uint64) {
	p.size = len(features)
	p.digest = mix(uint64(len(features)))
	if p.fellBack {
		p.digest = ^p.digest
	}
	for _, f := range features {
		p.digest += mix(f) // a sum: the order of features does not matter
	}
	p.sig = w.sketcher.AppendSignature(p.sig[:0], features)
	if d.cfg.Exact {
		p.set = compactSet(features)
	}
}

// distinct moves the distinct features to the front, in order of first occurrence, and returns them.
func (w *worker) distinct(features []uint64) []uint64 {
	size := 16
	for size < 2*len(features) {
		size *= 2
	}
	if cap(w.table) < size {
		w.table = make([]uint64, size)
	}
	table := w.table[:size]
	clear(table)
	n := 0
	zero := false // 0 marks a free place in the table, so the feature 0 is remembered apart
next:
	for _, f := range features {
		if f == 0 {
			if zero {
				continue
			}
			zero = true
		} else {
			at := int(f) & (size - 1)
			for ; table[at] != 0; at = (at + 1) & (size - 1) {
				if table[at] == f {
					continue next
				}
			}
			table[at] = f
		}
		features[n] = f
		n++
	}
	return features[:n]
}

// compactSet returns the features as sorted 32-bit values. Two different features share a value with probability 2^-32, so
// the overlap of sets of n and m features is too large by nm/2^32 on average.
func compactSet(features []uint64) []uint32 {
	set := make([]uint32, len(features))
	for i, f := range features {
		set[i] = uint32(f >> 32)
	}
	slices.Sort(set)
	return set
}

// overlap counts the values that two sorted sets share.
func overlap(a, b []uint32) int {
	n := 0
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			n++
			a, b = a[1:], b[1:]
		}
	}
	return n
}

// mix is the SplitMix64 finalizer.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// insert adds a prepared article under an ID that is free.
func (d *Detector) insert(p *prepared) {
	at := uint32(len(d.slots))
	s := slot{id: strings.Clone(p.a.ID), seq: d.seq, nsec: noTime, class: none, next: none}
	if !p.a.Time.IsZero() {
		s.sec, s.nsec = p.a.Time.Unix(), uint32(p.a.Time.Nanosecond())
	}
	source, ok := d.bySource[p.a.Source]
	if !ok {
		source = uint32(len(d.sources))
		name := strings.Clone(p.a.Source)
		d.sources = append(d.sources, name)
		d.bySource[name] = source
	}
	s.source = source
	if p.size > 0 {
		c, ok := d.byDigest[p.digest]
		if !ok {
			c = d.index.Add(p.sig)
			d.classes = append(d.classes, class{digest: p.digest, size: uint32(p.size), first: none, last: none, fellBack: p.fellBack})
			d.byDigest[p.digest] = c
			if d.cfg.Exact {
				d.sets = append(d.sets, p.set)
				if !d.cfg.NoContainment {
					d.excerpts.Add(c, p.set)
				}
			}
		}
		s.class = c
		if cl := &d.classes[c]; cl.first == none {
			cl.first, cl.last = at, at
		} else {
			d.slots[cl.last].next = at
			cl.last = at
		}
		d.classes[c].count++
	}
	d.seq++
	d.slots = append(d.slots, s)
	d.byID[s.id] = at
}

// A neighbor is a class found to duplicate another.
type neighbor struct {
	class uint32
	score
}

// A score is what is known of two articles, seen from the first.
type score struct {
	kind                            Kind
	similarity, contained, contains float64
}

var twin = score{kind: Same, similarity: 1, contained: 1, contains: 1}

func (s score) flip() score {
	s.kind = s.kind.flip()
	s.contained, s.contains = s.contains, s.contained
	return s
}

// judge gives the verdict on articles of n and m features with the Jaccard similarity j.
func (d *Detector) judge(j float64, n, m int, fellBack bool) score {
	shared := j / (1 + j) * float64(n+m)
	return d.score(j, shared, n, m, fellBack)
}

// judgeExact is judge from the number of shared features.
func (d *Detector) judgeExact(shared, n, m int, fellBack bool) score {
	return d.score(float64(shared)/float64(n+m-shared), float64(shared), n, m, fellBack)
}

// score applies the verdict of Compare. fellBack says that there was too little prose in both texts: what one has of the other may
// then be the menu of their site.
func (d *Detector) score(j, shared float64, n, m int, fellBack bool) score {
	l := limits{d.cfg.Threshold, d.cfg.Containment, minShared}
	if d.cfg.NoContainment || fellBack {
		l.contained = 2
	}
	return score{l.verdict(j, shared, n, m), j, min(1, shared/float64(n)), min(1, shared/float64(m))}
}

// verify turns candidates for an article of size features into neighbors, in w.near. With Exact, set holds the features.
func (d *Detector) verify(w *worker, found []minhash.Match, size int, set []uint32, fellBack bool) []neighbor {
	w.near = w.near[:0]
	d.compared.Add(int64(len(found)))
	for _, c := range found {
		var s score
		if other := &d.classes[c.ID]; d.cfg.Exact {
			s = d.judgeExact(overlap(set, d.sets[c.ID]), size, int(other.size), fellBack && other.fellBack)
		} else {
			s = d.judge(c.Similarity, size, int(other.size), fellBack && other.fellBack)
		}
		if s.kind != Different {
			w.near = append(w.near, neighbor{c.ID, s})
		}
	}
	return w.near
}

// matches answers a query for p. The article in slot self is left out.
func (d *Detector) matches(w *worker, p *prepared, self uint32) []Match {
	if p.size == 0 {
		return nil
	}
	var out []Match
	left := d.cfg.MaxCandidates
	add := func(c uint32, s score) {
		rest := int(d.classes[c].count)
		for at := d.classes[c].first; at != none && left > 0; at = d.slots[at].next {
			rest--
			if at != self {
				left--
				out = append(out, Match{d.slots[at].id, s.kind, s.similarity, s.contained, s.contains})
			}
		}
		d.dropped.Add(int64(rest))
	}
	same, ok := d.byDigest[p.digest]
	if ok {
		add(same, twin)
	}
	var skipped int
	w.found, skipped = d.index.AppendQuery(w.found[:0], p.sig, 0)
	d.dropped.Add(int64(skipped))
	d.findExcerpts(w, p.set)
	if d.cfg.Exact && len(w.found) > d.cfg.MaxCandidates {
		// The most similar by signature come first.
		d.dropped.Add(int64(len(w.found) - d.cfg.MaxCandidates))
		w.found = w.found[:d.cfg.MaxCandidates]
	}
	near := d.verify(w, w.found, p.size, p.set, p.fellBack)
	slices.SortFunc(near, compareNeighbors)
	for _, n := range near {
		if !ok || n.class != same {
			add(n.class, n.score)
		}
	}
	slices.SortFunc(out, compareMatches)
	return out
}

// findExcerpts adds to w.found the classes that contain the set, or are contained in it, and whose signatures are too different
// to tell. Only sets of features can tell.
func (d *Detector) findExcerpts(w *worker, set []uint32) {
	if !d.cfg.Exact || d.cfg.NoContainment {
		return
	}
	w.excerpts = d.excerpts.AppendCandidates(w.excerpts[:0], set, maxCommon)
	w.ids = w.ids[:0]
	for _, m := range w.found {
		w.ids = append(w.ids, m.ID)
	}
	slices.Sort(w.ids)
	for _, c := range w.excerpts {
		if _, ok := slices.BinarySearch(w.ids, c); !ok {
			w.found = append(w.found, minhash.Match{ID: c})
		}
	}
}

// compareNeighbors is the order of compareMatches as far as classes have it.
func compareNeighbors(a, b neighbor) int {
	if c := compareScores(a.score, b.score); c != 0 {
		return c
	}
	return cmp.Compare(a.class, b.class)
}
