package minhash_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/neardup/neardup/minhash"
)

// pairsOf returns a feature for each pair of neighbouring words, in lower case.
func pairsOf(text string) []uint64 { return words(strings.ToLower(text)) }

var harbour = []string{
	"the ferry to the island will leave from the old pier on monday while the new one is repaired",
	"the ferry to the island will leave from the old pier on monday while the new one is being repaired",
	"the town council has voted to close the library on sundays from the first of next month",
	"the ferry to the island leaves from the old pier today",
}

func ExampleNewPlan() {
	plan, err := minhash.NewPlan(minhash.Goal{Threshold: 0.8, Recall: 0.95})
	fmt.Println(plan, err)
	fmt.Printf("%.3f of the pairs at 0.8 are found\n", plan.Probability(0.8))

	_, err = minhash.NewPlan(minhash.Goal{Threshold: 0.2, Recall: 0.99, K: 16})
	fmt.Println(err)
	// Output:
	// k=128, 14 bands of 8 rows and 2 bands of 7 rows: finds 0.068 at 0.5, 0.255 at 0.6, 0.633 at 0.7, 0.952 at 0.8, 1.000 at 0.9 <nil>
	// 0.952 of the pairs at 0.8 are found
	// minhash: 16 slots find at most 0.971853 of the pairs at similarity 0.2, want 0.99, which takes 21 slots
}

func ExampleGoal() {
	// More recall takes more bands, of fewer rows; more slots allow more rows, and so fewer documents
	// are compared in vain.
	for _, goal := range []minhash.Goal{{}, {Recall: 0.8}, {K: 256}} {
		plan, err := minhash.NewPlan(goal)
		if err != nil {
			panic(err)
		}
		fmt.Printf("k=%d, %d bands of %d rows: finds %.3f at 0.8 and %.3f at 0.5\n",
			plan.K, plan.Bands, plan.Rows, plan.Probability(0.8), plan.Probability(0.5))
	}
	// Output:
	// k=128, 16 bands of 7 rows: finds 0.952 at 0.8 and 0.068 at 0.5
	// k=128, 13 bands of 9 rows: finds 0.804 at 0.8 and 0.017 at 0.5
	// k=256, 26 bands of 9 rows: finds 0.954 at 0.8 and 0.029 at 0.5
}

func ExamplePlan() {
	plan := minhash.Plan{K: 128, Bands: 9, Rows: 13}
	fmt.Printf("what is called a threshold of 0.8 finds %.2f of the pairs at 0.8\n", plan.Probability(0.8))
	// Output:
	// what is called a threshold of 0.8 finds 0.40 of the pairs at 0.8
}

func ExamplePlan_Probability() {
	plan := minhash.Plan{Bands: 16, Rows: 8}
	for _, s := range []float64{0.3, 0.5, 0.7, 0.9} {
		fmt.Printf("%.1f %.4f\n", s, plan.Probability(s))
	}
	// Output:
	// 0.3 0.0010
	// 0.5 0.0607
	// 0.7 0.6133
	// 0.9 0.9999
}

func ExamplePlan_String() {
	fmt.Println(minhash.Plan{K: 64, Bands: 10, Rows: 6, Wide: 4})
	// Output:
	// k=64, 4 bands of 7 rows and 6 bands of 6 rows: finds 0.118 at 0.5, 0.330 at 0.6, 0.665 at 0.7, 0.937 at 0.8, 0.999 at 0.9
}

func ExamplePlan_AppendBandKeys() {
	// A table of band key and document, which any database can hold.
	plan := minhash.Plan{K: 128, Bands: 16, Rows: 8}
	table := map[uint64][]int{}
	for i, text := range harbour {
		for _, key := range plan.AppendBandKeys(nil, minhash.Sum(pairsOf(text), plan.K)) {
			table[key] = append(table[key], i)
		}
	}
	together := map[string]int{}
	for _, docs := range table {
		if len(docs) > 1 {
			together[fmt.Sprint(docs)]++
		}
	}
	fmt.Println(together)
	// Output:
	// map[[0 1]:5]
}

func ExampleIndex() {
	index, err := minhash.NewIndex(minhash.IndexConfig{})
	if err != nil {
		panic(err)
	}
	for _, text := range harbour {
		sig := minhash.Sum(pairsOf(text), 128)
		matches, _ := index.AppendQuery(nil, sig, 0.7)
		for _, m := range matches {
			fmt.Printf("%q is %.2f similar to document %d\n", text[:20], m.Similarity, m.ID)
		}
		index.Add(sig)
	}
	// Output:
	// "the ferry to the isl" is 0.86 similar to document 0
}

func ExampleNewIndex() {
	plan, err := minhash.NewPlan(minhash.Goal{Threshold: 0.6, Recall: 0.99})
	if err != nil {
		panic(err)
	}
	index, err := minhash.NewIndex(minhash.IndexConfig{Plan: plan, Bits: 16})
	if err != nil {
		panic(err)
	}
	fmt.Println(index.Len(), index.Config().Plan.Bands, index.Config().MaxBucket)
	// Output:
	// 0 32 256
}

func newHarbour() *minhash.Index {
	index, err := minhash.NewIndex(minhash.IndexConfig{})
	if err != nil {
		panic(err)
	}
	for _, text := range harbour {
		index.Add(minhash.Sum(pairsOf(text), 128))
	}
	return index
}

func ExampleIndex_Merge() {
	a, b := newHarbour(), newHarbour()
	offset, err := a.Merge(b)
	fmt.Println(offset, err, a.Len())
	fmt.Println(a.AppendCandidates(nil, minhash.Sum(pairsOf(harbour[2]), 128)))
	// Output:
	// 4 <nil> 8
	// [2 6] 0
}

func ExampleIndex_Pairs() {
	for p := range newHarbour().Pairs(0.7) {
		fmt.Printf("%d and %d: %.2f\n", p.A, p.B, p.Similarity)
	}
	// Output:
	// 0 and 1: 0.86
}

func ExampleIndex_WriteTo() {
	dir, err := os.MkdirTemp("", "index")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	save := func(index *minhash.Index, name string) error {
		f, err := os.CreateTemp(filepath.Dir(name), "index")
		if err != nil {
			return err
		}
		defer os.Remove(f.Name()) // fails if all goes well
		_, err = index.WriteTo(f)
		if err == nil {
			err = f.Sync()
		}
		if e := f.Close(); err == nil {
			err = e
		}
		if err == nil {
			err = os.Rename(f.Name(), name)
		}
		return err
	}
	name := filepath.Join(dir, "harbour.mhi")
	fmt.Println(save(newHarbour(), name))

	f, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	var index minhash.Index
	_, err = index.ReadFrom(f)
	fmt.Println(err, index.Len())
	// Output:
	// <nil>
	// <nil> 4
}

func ExampleIndex_Has() {
	index := newHarbour()
	index.Delete(2)
	fmt.Println(index.Has(1), index.Has(2), index.Has(4))
	// Output:
	// true false false
}

func ExampleIndex_Bytes() {
	index := newHarbour()
	fmt.Println(index.Bytes() > 4*128) // the packed signatures alone take as much
	// Output:
	// true
}

func ExamplePair() {
	var closest minhash.Pair
	for p := range newHarbour().Pairs(0) {
		if p.Similarity > closest.Similarity {
			closest = p
		}
	}
	fmt.Printf("%d and %d are closest, %.2f\n", closest.A, closest.B, closest.Similarity)
	// Output:
	// 0 and 1 are closest, 0.86
}

func ExampleIndexConfig() {
	plan, err := minhash.NewPlan(minhash.Goal{Threshold: 0.7, K: 256})
	if err != nil {
		panic(err)
	}
	index, err := minhash.NewIndex(minhash.IndexConfig{Plan: plan, Bits: 4, MaxBucket: 1000})
	if err != nil {
		panic(err)
	}
	c := index.Config()
	fmt.Println(c.Plan.K, c.Plan.Bands, c.Bits, c.MaxBucket, c.Scheme == minhash.FastSimilarity)

	_, err = minhash.NewIndex(minhash.IndexConfig{Bits: 5})
	fmt.Println(err)
	// Output:
	// 256 36 4 1000 true
	// minhash: Packing.Bits is 5, want 1, 2, 4, 8 or 16
}

func ExampleIndex_AppendCandidates() {
	index := newHarbour()
	ids, skipped := index.AppendCandidates(nil, minhash.Sum(pairsOf(harbour[1]), 128))
	fmt.Println(ids, skipped)
	// Output:
	// [0 1] 0
}

func ExampleIndex_AppendQuery_crowded() {
	// One text is there a thousand times. A query looks at some of them.
	index, err := minhash.NewIndex(minhash.IndexConfig{MaxBucket: 100})
	if err != nil {
		panic(err)
	}
	sig := minhash.Sum(pairsOf(harbour[0]), 128)
	for range 1000 {
		index.Add(sig)
	}
	matches, skipped := index.AppendQuery(nil, sig, 0.9)
	fmt.Println(len(matches), "found,", skipped, "left out in", index.Config().Plan.Bands, "bands")
	// Output:
	// 100 found, 14400 left out in 16 bands
}

func ExampleIndex_AddAll() {
	index := newHarbour()
	var sigs []minhash.Signature
	for _, text := range harbour {
		sigs = append(sigs, minhash.Sum(pairsOf(text), 128))
	}
	fmt.Println(index.AddAll(sigs), index.Len())
	// Output:
	// 4 8
}

func ExampleIndex_Put() {
	// Documents under numbers of one's own.
	index, err := minhash.NewIndex(minhash.IndexConfig{})
	if err != nil {
		panic(err)
	}
	sig := minhash.Sum(pairsOf(harbour[0]), 128)
	index.Put(20, sig)
	index.Put(7, sig)
	fmt.Println(index.AppendCandidates(nil, sig))
	index.Put(7, minhash.Sum(pairsOf(harbour[2]), 128)) // another text in its place
	fmt.Println(index.AppendCandidates(nil, sig))
	fmt.Println(index.Len(), index.Add(sig))
	// Output:
	// [7 20] 0
	// [20] 0
	// 2 21
}

func ExampleIndex_PutFrom() {
	a, b := newHarbour(), newHarbour()
	fmt.Println(a.PutFrom(100, b, 2), a.PutFrom(101, b, 9))
	fmt.Println(a.AppendCandidates(nil, minhash.Sum(pairsOf(harbour[2]), 128)))
	// Output:
	// true false
	// [2 100] 0
}

func ExampleIndex_Delete() {
	index := newHarbour()
	fmt.Println(index.Delete(0), index.Delete(0), index.Len())
	fmt.Println(index.AppendCandidates(nil, minhash.Sum(pairsOf(harbour[0]), 128)))
	// Output:
	// true false 3
	// [1] 0
}

func ExampleIndex_Compact() {
	index := newHarbour()
	index.Delete(0)
	index.Compact()
	fmt.Println(index.Len())
	fmt.Println(index.AppendCandidates(nil, minhash.Sum(pairsOf(harbour[1]), 128)))
	// Output:
	// 3
	// [1] 0
}

func ExampleIndex_Similarity() {
	index := newHarbour()
	fmt.Printf("%.2f\n", index.Similarity(0, 1))
	// Output:
	// 0.86
}

func ExampleMatch() {
	index := newHarbour()
	matches, _ := index.AppendQuery(nil, minhash.Sum(pairsOf(harbour[0]), 128), 0)
	for _, m := range matches {
		fmt.Printf("document %d: %.2f\n", m.ID, m.Similarity)
	}
	// Output:
	// document 0: 1.00
	// document 1: 0.86
}

func ExampleIndex_AppendNear() {
	// A hundred copies are in every bucket. One document to either side is enough to tell that there are some.
	index, err := minhash.NewIndex(minhash.IndexConfig{Plan: minhash.Plan{K: 128, Bands: 16, Rows: 8}})
	if err != nil {
		panic(err)
	}
	sig := minhash.Sum(pairsOf(harbour[0]), 128)
	for range 100 {
		index.Add(sig)
	}
	few, skipped := index.AppendNear(nil, sig, 0.5, 1)
	fmt.Println(len(few), skipped > 0)
	all, skipped := index.AppendNear(nil, sig, 0.5, 100)
	fmt.Println(len(all), skipped)
	// Output:
	// 1 true
	// 100 0
}

func ExampleIndex_Snapshot() {
	// What is near each document, while others may be added.
	index := newHarbour()
	snapshot := index.Snapshot()
	index.Add(minhash.Sum(pairsOf(harbour[0]), 128))
	for id := range uint32(index.Len()) {
		matches, more := snapshot.AppendQuery(nil, id, 0.5, 64)
		fmt.Println(id, len(matches), more)
	}
	// Output:
	// 0 1 false
	// 1 1 false
	// 2 0 false
	// 3 0 false
	// 4 0 false
}

func ExampleSnapshot() {
	// A copy is written, to a file that may be slow, while other goroutines add documents.
	var mu sync.RWMutex // guards the index
	index := newHarbour()

	mu.RLock()
	snapshot := index.Snapshot()
	mu.RUnlock()
	added := make(chan bool)
	go func() {
		mu.Lock()
		index.Add(minhash.Sum(pairsOf(harbour[0]), 128))
		mu.Unlock()
		close(added)
	}()
	var file bytes.Buffer
	_, err := snapshot.WriteTo(&file, mu.RLocker())
	if err != nil {
		panic(err)
	}
	<-added

	var copied minhash.Index
	if err := copied.UnmarshalBinary(file.Bytes()); err != nil {
		panic(err)
	}
	fmt.Println(index.Len(), copied.Len())
	// Output:
	// 5 4
}

func ExampleSnapshot_WriteDocuments() {
	index := newHarbour()
	var file bytes.Buffer
	if _, err := index.Snapshot().WriteDocuments(&file, nil, []uint32{3, 1}); err != nil {
		panic(err)
	}
	var part minhash.Index
	if _, err := part.ReadFrom(&file); err != nil {
		panic(err)
	}
	fmt.Println(part.Len())
	fmt.Println(part.AppendCandidates(nil, minhash.Sum(pairsOf(harbour[1]), 128)))
	// Output:
	// 2
	// [1] 0
}
