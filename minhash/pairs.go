package minhash

import (
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
)

// Pair is two documents of an index, A < B.
type Pair struct {
	A, B       uint32
	Similarity float64 // estimated Jaccard similarity, in [0,1]
}

// Pairs returns all pairs of documents that agree in at least one band and have an estimated
// similarity of min or more, each once, in ascending order of A and then B. In a bucket of more
// than MaxBucket documents a pair is seen if it is at most MaxBucket apart in the order of the
// bucket (see [Index]): which links copies and close versions with one another, but does not give
// all pairs of them.
//
// The work is done on all processors, and what is returned does not depend on their number. Pairs
// are yielded while others are computed, and stopping early stops the work. It takes O(b) time for
// each document and O(k·Bits/64) for each candidate pair, and little memory. The index must not be
// changed during the loop; queries may run.
func (x *Index) Pairs(min float64) iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		x.mustBeMade()
		j := join{x: x, min: min}
		j.run(yield)
	}
}

// join computes the pairs of an index.
type join struct {
	x   *Index
	min float64
}

// joinChunk is how many ids a worker takes at a time.
const joinChunk = 1024

// run has workers compute the pairs of chunks of ids, no more than a few chunks ahead of the loop
// that takes them.
func (j *join) run(yield func(Pair) bool) {
	workers := runtime.GOMAXPROCS(0)
	chunks := (int(j.x.next) + joinChunk - 1) / joinChunk
	ahead := 4 * workers
	done := make([]chan []Pair, min(ahead, chunks)) // the result of chunk c at c % len(done)
	for i := range done {
		done[i] = make(chan []Pair, 1)
	}
	tickets := make(chan struct{}, ahead) // one for each chunk that may be begun
	for range done {
		tickets <- struct{}{}
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(tickets)
	for range min(workers, chunks) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			q := j.x.start()
			defer j.x.pool.Put(q)
			for range tickets {
				c := int(next.Add(1)) - 1
				if c >= chunks {
					return
				}
				done[c%len(done)] <- j.chunk(q, c)
			}
		}()
	}
	defer next.Store(int64(chunks)) // what is not begun by then is left out
	for c := range chunks {
		for _, p := range <-done[c%len(done)] {
			if !yield(p) {
				return
			}
		}
		tickets <- struct{}{}
	}
}

// chunk returns the pairs whose A is in chunk c, in order.
func (j *join) chunk(q *query, c int) []Pair {
	x := j.x
	tags := x.records.tags
	end := uint(c+1) * joinChunk
	var pairs []Pair
	for id, ok := x.indexed.NextSet(uint(c) * joinChunk); ok && id < end; id, ok = x.indexed.NextSet(id + 1) {
		q.keys = x.records.appendKeys(q.keys[:0], uint32(id))
		x.lookup(q)
		record := x.records.at(uint32(id))
		x.gather(q, record, int64(id), x.cfg.MaxBucket, nil)
		for _, other := range q.ids {
			if other < uint32(id) {
				continue
			}
			if s := x.packing.Similarity(record[:tags], x.records.at(other)[:tags]); s >= j.min {
				pairs = append(pairs, Pair{uint32(id), other, s})
			}
		}
	}
	return pairs
}
