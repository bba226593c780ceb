package minhash_test

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"

	"github.com/neardup/neardup/minhash"
)

// features returns a feature for each pair of neighbouring words. Package
// shingle has better ones.
func features(text string) []uint64 {
	words := strings.Fields(strings.ToLower(text))
	var f []uint64
	for i := range words {
		h := fnv.New64a()
		h.Write([]byte(strings.Join(words[i:min(i+2, len(words))], " ")))
		f = append(f, h.Sum64())
	}
	return f
}

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
	// More slots, or less recall, mean fewer false candidates.
	for _, goal := range []minhash.Goal{{}, {Recall: 0.8}, {K: 256}} {
		plan, err := minhash.NewPlan(goal)
		if err != nil {
			panic(err)
		}
		fmt.Printf("k=%d, %d bands: finds %.3f at 0.5\n", plan.K, plan.Bands, plan.Probability(0.5))
	}
	// Output:
	// k=128, 16 bands: finds 0.068 at 0.5
	// k=128, 13 bands: finds 0.017 at 0.5
	// k=256, 26 bands: finds 0.029 at 0.5
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
		for _, key := range plan.AppendBandKeys(nil, minhash.Sum(features(text), plan.K)) {
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
		sig := minhash.Sum(features(text), 128)
		for _, m := range index.AppendQuery(nil, sig, 0.7) {
			fmt.Printf("%q is %.2f similar to document %d\n", text[:20], m.Similarity, m.ID)
		}
		index.Add(sig)
	}
	// Output:
	// "the ferry to the isl" is 0.87 similar to document 0
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
		index.Add(minhash.Sum(features(text), 128))
	}
	return index
}

func ExampleIndex_AppendCandidates() {
	index := newHarbour()
	fmt.Println(index.AppendCandidates(nil, minhash.Sum(features(harbour[1]), 128)))
	// Output:
	// [0 1]
}

func ExampleIndex_AppendNearest() {
	index := newHarbour()
	fmt.Println(index.AppendNearest(nil, minhash.Sum(features(harbour[0]), 128), 1))
	// Output:
	// [{0 1}]
}

func ExampleIndex_AppendQueryFunc() {
	// Verified by the documents themselves.
	index := newHarbour()
	words := func(text string) map[uint64]bool {
		set := map[uint64]bool{}
		for _, f := range features(text) {
			set[f] = true
		}
		return set
	}
	query := words(harbour[0])
	exact := func(id uint32) float64 {
		other, both := words(harbour[id]), 0
		for f := range query {
			if other[f] {
				both++
			}
		}
		return float64(both) / float64(len(query)+len(other)-both)
	}
	for _, m := range index.AppendQueryFunc(nil, minhash.Sum(features(harbour[0]), 128), 0.8, exact) {
		fmt.Printf("%d %.3f\n", m.ID, m.Similarity)
	}
	// Output:
	// 0 1.000
	// 1 0.857
}

func ExampleIndex_Pairs() {
	for p := range newHarbour().Pairs(0.7) {
		fmt.Printf("%d and %d: %.2f\n", p.A, p.B, p.Similarity)
	}
	// Output:
	// 0 and 1: 0.87
}

func ExampleIndex_Skipped() {
	index, err := minhash.NewIndex(minhash.IndexConfig{MaxBucket: 100})
	if err != nil {
		panic(err)
	}
	sig := minhash.Sum(features(harbour[0]), 128)
	for range 1000 {
		index.Add(sig)
	}
	fmt.Println(len(index.AppendQuery(nil, sig, 0.9)), "found in each of", index.Config().Plan.Bands, "bands,", index.Skipped(sig), "skipped")
	buckets, largest := index.Crowded()
	fmt.Println(buckets, "crowded buckets of up to", largest)
	// Output:
	// 100 found in each of 16 bands, 14400 skipped
	// 16 crowded buckets of up to 1000
}

func ExampleIndex_Replace() {
	index := newHarbour()
	fmt.Println(index.Delete(0), index.Delete(0), index.Len())
	fmt.Println(index.Replace(2, minhash.Sum(features(harbour[0]), 128)))
	fmt.Println(index.AppendQuery(nil, minhash.Sum(features(harbour[0]), 128), 0.99))
	// Output:
	// true false 3
	// true
	// [{2 1}]
}

func ExampleIndex_Merge() {
	a, b := newHarbour(), newHarbour()
	offset, err := a.Merge(b)
	fmt.Println(offset, err, a.Len())
	fmt.Println(a.AppendCandidates(nil, minhash.Sum(features(harbour[2]), 128)))
	// Output:
	// 4 <nil> 8
	// [2 6]
}

func ExampleIndex_Compact() {
	index := newHarbour()
	index.Delete(0)
	index.Compact()
	fmt.Println(index.Len(), index.AppendCandidates(nil, minhash.Sum(features(harbour[1]), 128)))
	// Output:
	// 3 [0]
}

func ExampleIndex_Neighbors() {
	index := newHarbour()
	fmt.Println(len(index.Neighbors().AppendQuery(nil, 0, 0.7)), index.Similarity(0, 1) > 0.7)
	// Output:
	// 1 true
}

// A file is replaced by a new one that is whole, so that there is no time at
// which it is not.
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

func ExampleAppendForest() {
	// A bucket of seven documents: similar are those of one letter.
	bucket := []string{"a", "b", "a", "c", "b", "a", "d"}
	edges, skipped := minhash.AppendForest(nil, len(bucket), 100, 0.8, func(i, j int) float64 {
		if bucket[i] == bucket[j] {
			return 1
		}
		return 0
	})
	fmt.Println(edges, skipped)
	// Output:
	// [{0 2 1} {1 4 1} {0 5 1}] 0
}

func ExampleMatch() {
	index := newHarbour()
	sig := minhash.Sum(features(harbour[0]), 128)
	matches := index.AppendQuery(nil, sig, 0)
	fmt.Println("the nearest:", matches[0])
	// Output:
	// the nearest: {0 1}
}

func ExampleEdge() {
	edges := []minhash.Edge{{A: 0, B: 2, Similarity: 1}, {A: 2, B: 5, Similarity: 0.75}}
	for _, e := range edges {
		fmt.Printf("members %d and %d of the bucket are %.2f similar\n", e.A, e.B, e.Similarity)
	}
	// Output:
	// members 0 and 2 of the bucket are 1.00 similar
	// members 2 and 5 of the bucket are 0.75 similar
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
	// 0 and 1 are closest, 0.87
}
