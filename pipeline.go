package neardup

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash/maphash"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/neardup/neardup/internal/sitetext"
)

// A worker holds what one goroutine needs to read texts and to query.
type worker struct {
	*Reader
	search
	single  prepared
	learner sitetext.Learner
}

// prepared is an article that has been read: all that needs the text and not the state.
type prepared struct {
	a      Article // without text and features
	rec    Record
	kept   []byte   // what the state keeps: the evidence, or by signature a digest of it
	digest []byte   // room for the latter
	sample []uint64 // features sampled to find excerpts
	hash   uint64   // of kept
	err    error    // an *ArticleError
}

const digestSize = 16

// prepare reads an article.
func (w *worker) prepare(p *prepared, a *Article, seed maphash.Seed) {
	p.a = Article{ID: a.ID, Source: a.Source, Time: a.Time}
	p.err = nil
	if err := w.readArticle(a); err != nil {
		p.err = &ArticleError{ID: a.ID, Err: err}
		return
	}
	// The record changes hands, and so does the room for the next one.
	w.rec, p.rec = p.rec, w.rec
	w.sample, p.sample = p.sample, w.sample
	if p.kept = p.rec.data; w.cfg.BySignature {
		sum := sha256.Sum256(p.rec.data)
		p.digest = append(p.digest[:0], sum[:digestSize]...)
		p.kept = p.digest
	}
	p.hash = maphash.Bytes(seed, p.kept)
}

// newWorkers returns the pool that workers of a normal configuration come from.
func newWorkers(cfg Config) (*sync.Pool, error) {
	first, err := newReader(cfg, nil)
	if err != nil {
		return nil, err
	}
	known := first.known
	return &sync.Pool{New: func() any {
		r, err := newReader(cfg, known)
		if err != nil {
			panic(err) // the first was made with the same configuration
		}
		return &worker{Reader: r}
	}}, nil
}

// A batch is a run of articles that one worker reads.
type batch struct {
	articles []Article
	items    []prepared
	first    int // position of articles[0] in the sequence
	bytes    int
	read     chan struct{}
}

const (
	batchArticles = 128
	batchBytes    = 1 << 20
)

// pipeline reads articles on all workers and hands each batch to commit, in order. It returns what was refused, in order,
// by the reader or by commit, which returns an error for each of the items. It stops at the first error of the sequence and when ctx
// ends, after what was pulled by then.
func (d *Detector) pipeline(ctx context.Context, articles iter.Seq2[Article, error], commit func(*worker, []prepared)) error {
	n := d.cfg.workers()
	jobs := make(chan *batch, 2*n+1)  // to any worker
	order := make(chan *batch, 2*n+1) // to the committer, in order
	spare := make(chan *batch, 2*n+1)
	for range 2*n + 1 {
		spare <- &batch{items: make([]prepared, batchArticles), read: make(chan struct{}, 1)}
	}
	var refused []error // the committer's
	var failed error    // of the sequence
	var wg sync.WaitGroup
	for range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w := d.worker()
			defer d.pool.Put(w)
			for b := range jobs {
				for i := range b.articles {
					w.prepare(&b.items[i], &b.articles[i], d.state.seed)
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
			items := b.items[:len(b.articles)]
			commit(w, items)
			for i := range items {
				var ae *ArticleError
				if errors.As(items[i].err, &ae) {
					ae.Index = b.first + i
					refused = append(refused, ae)
				}
			}
			clear(b.articles)
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
		for a, err := range articles {
			if ctx.Err() != nil {
				break
			}
			if err != nil {
				failed = err
				break
			}
			if b == nil {
				b = <-spare
				b.articles, b.first, b.bytes = b.articles[:0], at, 0
			}
			b.articles = append(b.articles, a)
			b.bytes += len(a.Text) + 8*len(a.Features)
			at++
			if len(b.articles) == batchArticles || b.bytes >= batchBytes {
				flush()
			}
		}
		flush()
	}()
	return errors.Join(append(refused, failed, ctx.Err())...)
}

// all gives each article of a sequence that cannot fail.
func all(articles iter.Seq[Article]) iter.Seq2[Article, error] {
	return func(yield func(Article, error) bool) {
		for a := range articles {
			if !yield(a, nil) {
				return
			}
		}
	}
}

// parallel calls f for 0 … n-1 on all workers, and gives others a turn in between. It stops early when ctx ends.
func (d *Detector) parallel(ctx context.Context, n int, f func(w *worker, i int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(d.cfg.workers(), n) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w := d.worker()
			defer d.pool.Put(w)
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(w, i)
				runtime.Gosched()
			}
		}()
	}
	wg.Wait()
	return ctx.Err()
}

func (d *Detector) worker() *worker { return d.pool.Get().(*worker) }
