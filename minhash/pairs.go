package minhash

import (
	"cmp"
	"iter"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Pair is two documents of an index, A < B.
type Pair struct {
	A, B       uint32
	Similarity float64 // estimated Jaccard similarity, in [0,1]
}

func comparePairs(a, b Pair) int {
	if c := cmp.Compare(a.A, b.A); c != 0 {
		return c
	}
	return cmp.Compare(a.B, b.B)
}

// Pairs returns all pairs of documents that agree in at least one band and have
// an estimated similarity of min or more, each once, in ascending order of A and then B.
// Buckets of more than MaxBucket documents are not compared in full: of
// them the edges that [AppendForest] finds with MaxBucket comparisons for each
// document are returned, which link the same groups with few exceptions; [Index.Crowded]
// tells how many there are.
//
// The work is done on all processors, and what is returned does not depend on their
// number. Pairs are yielded while others are computed, and stopping early stops the work.
// It takes 4 bytes for each band and document while it runs, O(n·b) time, and O(k·Bits/64)
// for each candidate pair. The index must not be changed during the loop; queries
// may run.
func (x *Index) Pairs(min float64) iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		j := join{x: x, min: min}
		j.prepare()
		j.run(yield)
	}
}

// Crowded returns the number of buckets with more than MaxBucket documents, and
// how many documents the largest bucket has. Cost: O(n·b) time.
func (x *Index) Crowded() (buckets, largest int) {
	x.post[0].lists(&x.dead, func(_ int, _ uint32, members []uint32) {
		largest = max(largest, len(members))
		if len(members) > x.cfg.MaxBucket {
			buckets++
		}
	})
	if largest == 0 && x.live > 0 {
		largest = 1
	}
	return buckets, largest
}

// join computes the pairs of an index.
type join struct {
	x       *Index
	min     float64
	buckets []uint32 // by slot and band: the header of its bucket plus 1, 0 if it has but one document or is crowded
	crowds  [][]uint32
	edges   []Pair // of the crowded buckets, in order
}

// chunk is how many ids a worker takes at a time.
const joinChunk = 1024

func (j *join) prepare() {
	x := j.x
	b := len(x.post[0].bands)
	j.buckets = make([]uint32, x.packed.n*b)
	x.post[0].lists(&x.dead, func(band int, h uint32, members []uint32) {
		if len(members) > x.cfg.MaxBucket {
			j.crowds = append(j.crowds, slices.Clone(members))
			return
		}
		for _, slot := range members {
			j.buckets[int(slot)*b+band] = h + 1
		}
	})
	// The bands of a crowd have nearly the same members; the pairs that several of
	// them find are dropped here.
	found := make([][]Pair, len(j.crowds))
	inParallel(len(j.crowds), func() func(int) {
		var f forest
		var edges []Edge
		return func(c int) {
			members := j.crowds[c]
			edges, _ = f.append(edges[:0], len(members), x.cfg.MaxBucket, j.min, func(a, b int) float64 {
				return x.packing.Similarity(x.packed.at(members[a]), x.packed.at(members[b]))
			})
			for _, e := range edges {
				a, b := x.id(members[e.A]), x.id(members[e.B])
				found[c] = append(found[c], Pair{min(a, b), max(a, b), e.Similarity})
			}
		}
	})
	for _, f := range found {
		j.edges = append(j.edges, f...)
	}
	j.crowds = nil
	slices.SortFunc(j.edges, comparePairs)
	j.edges = slices.Compact(j.edges)
}

// inParallel calls the functions that worker makes for 0 to n-1, each once.
func inParallel(n int, worker func() func(int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			work := worker()
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				work(int(i - 1))
			}
		}()
	}
	wg.Wait()
}

// run has workers compute the pairs of chunks of ids, no more than a few chunks
// ahead of the loop that takes them.
func (j *join) run(yield func(Pair) bool) {
	workers := runtime.GOMAXPROCS(0)
	chunks := (j.x.total + joinChunk - 1) / joinChunk
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
			var q query
			for range tickets {
				c := int(next.Add(1)) - 1
				if c >= chunks {
					return
				}
				done[c%len(done)] <- j.chunk(&q, c)
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
	bands := len(x.post[0].bands)
	first := uint32(c * joinChunk)
	end := uint32(min(x.total, (c+1)*joinChunk))
	at, _ := slices.BinarySearchFunc(j.edges, first, func(p Pair, id uint32) int { return cmp.Compare(p.A, id) })
	edges := j.edges[at:]
	var pairs []Pair
	for id := first; id < end; id++ {
		base := len(pairs)
		for len(edges) > 0 && edges[0].A == id {
			pairs = append(pairs, edges[0])
			edges = edges[1:]
		}
		slot, ok := x.slot(id)
		if !ok {
			continue
		}
		q.ids = q.ids[:0]
		for _, h := range j.buckets[int(slot)*bands : (int(slot)+1)*bands] {
			if h > 0 {
				q.ids = x.post[0].appendBucket(q.ids, linked|(h-1), &x.dead, maxDocs)
			}
		}
		q.ids = slices.DeleteFunc(q.ids, func(other uint32) bool { return x.id(other) <= id })
		if len(q.ids) == 0 {
			continue
		}
		q.unique()
		a := x.packed.at(slot)
		for _, other := range q.ids {
			if s := x.packing.Similarity(a, x.packed.at(other)); s >= j.min {
				pairs = append(pairs, Pair{id, x.id(other), s})
			}
		}
		slices.SortFunc(pairs[base:], comparePairs)
		pairs = append(pairs[:base], slices.Compact(pairs[base:])...)
	}
	return pairs
}
