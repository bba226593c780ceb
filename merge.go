package neardup

import (
	"context"
	"errors"
	"hash/maphash"
	"runtime"
	"strings"
)

// merge adds what another detector of the same configuration holds.
func (d *Detector) merge(ctx context.Context, other *Detector) error {
	v, err := other.snapshot(ctx)
	if err != nil {
		return err
	}
	defer v.release()
	w := d.worker()
	defer d.pool.Put(w)
	const slice = 16 // articles added at a time
	var refused []error
	for first := 0; first < len(v.entries); first += slice {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(refused, err)...)
		}
		d.lockWith(other)
		for i := first; i < min(first+slice, len(v.entries)); i++ {
			c := &v.entries[i]
			if _, ok := d.state.held(c.id); ok {
				refused = append(refused, &ArticleError{Index: i, ID: c.id, Err: ErrDuplicateID})
				continue
			}
			id := uint32(none)
			if c.text != none {
				id = d.state.adopt(w, &v.texts[c.text], other.state)
			}
			d.state.insertEntry(strings.Clone(c.id), v.sources[c.source], c.sec, c.nsec, id)
		}
		other.mu.RUnlock()
		d.mu.Unlock()
	}
	return errors.Join(refused...)
}

// lockWith locks d for writing and other for reading. It waits with neither of them locked, as two detectors may be merged into
// one another at the same time.
func (d *Detector) lockWith(other *Detector) {
	for d.mu.Lock(); !other.mu.TryRLock(); d.mu.Lock() {
		d.mu.Unlock()
		runtime.Gosched()
	}
}

// adopt returns the number of a text that another state holds, which is added if it is new here.
func (s *state) adopt(w *worker, t *seenText, other *state) uint32 {
	p := &w.single
	p.rec.evidence, p.kept = t.evidence, t.data
	p.hash = maphash.Bytes(s.seed, p.kept)
	defer func() { p.rec.evidence, p.kept = evidence{}, nil }() // they are the other's
	id, ok := s.find(p)
	if !ok {
		if p.sample = p.sample[:0]; s.excerpts != nil {
			p.sample = w.sampler.append(p.sample, t.features())
		}
		id = s.addText(p)
		s.index.PutFrom(id, other.index, t.id)
	}
	return id
}
