package minhash_test

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/neardup/neardup/minhash"
)

// phrases returns a feature for each pair of neighbouring words. Package shingle has better ones.
func phrases(text string) []uint64 {
	words := strings.Fields(text)
	var f []uint64
	for i := range words[1:] {
		h := fnv.New64a()
		h.Write([]byte(words[i] + " " + words[i+1]))
		f = append(f, h.Sum64())
	}
	return f
}

// report returns a text of n words that has a quotation in the middle.
func report(number, n int, quotation string) string {
	var b strings.Builder
	for i := range n {
		if i == n/2 {
			b.WriteString(quotation + " ")
		}
		fmt.Fprintf(&b, "word%d of report%d ", i, number)
	}
	return b.String()
}

const quotation = "we have never seen the river this high and we will not open the gates before friday " +
	"said the keeper of the lock who has been here for thirty years and remembers every flood"

func ExampleContainmentIndex() {
	// Short texts need more than one feature in 32.
	index, err := minhash.NewContainmentIndex(minhash.ContainmentConfig{Rate: 4})
	if err != nil {
		panic(err)
	}
	index.Add(0, phrases(report(0, 300, "")))
	index.Add(1, phrases(report(1, 500, quotation)))
	index.Add(2, phrases(report(2, 400, "")))
	found, sampled, _ := index.AppendQuery(nil, phrases(quotation))
	for _, c := range found {
		fmt.Printf("document %d has %d of the %d sampled values of the quotation\n", c.ID, c.Shared, sampled)
	}
	// Output:
	// document 1 has 9 of the 9 sampled values of the quotation
}

func ExampleContainmentIndex_AppendQuery() {
	index, err := minhash.NewContainmentIndex(minhash.ContainmentConfig{})
	if err != nil {
		panic(err)
	}
	index.Add(7, numbers(0, 5000))     // has all of the query
	index.Add(8, numbers(900, 2000))   // has a tenth of it
	index.Add(9, numbers(300, 600))    // is within it
	index.Add(10, numbers(7000, 8000)) // has nothing to do with it
	found, sampled, _ := index.AppendQuery(nil, numbers(0, 1000))
	for _, c := range found {
		fmt.Printf("%d: %.2f of the query, %.2f of the document, a candidate: %v\n", c.ID,
			float64(c.Shared)/float64(sampled), float64(c.Shared)/float64(c.Sampled),
			3*c.Shared >= min(sampled, c.Sampled))
	}
	// Output:
	// 7: 1.00 of the query, 0.22 of the document, a candidate: true
	// 8: 0.05 of the query, 0.05 of the document, a candidate: false
	// 9: 0.32 of the query, 1.00 of the document, a candidate: true
}

func ExampleContainmentIndex_Remove() {
	index, err := minhash.NewContainmentIndex(minhash.ContainmentConfig{})
	if err != nil {
		panic(err)
	}
	index.Add(0, numbers(0, 1000))
	index.Add(1, numbers(500, 1500))
	index.Remove(0, numbers(0, 1000)) // with what it was added
	index.Add(0, numbers(9000, 9500)) // the number is free for another
	found, _, _ := index.AppendQuery(nil, numbers(500, 1000))
	fmt.Println(len(found), found[0].ID)
	// Output:
	// 1 1
}

func ExampleContainmentConfig() {
	// What more than two documents have says nothing of any two of them.
	index, err := minhash.NewContainmentIndex(minhash.ContainmentConfig{Rate: 1, MaxDocs: 2})
	if err != nil {
		panic(err)
	}
	footer := numbers(0, 50)
	for id := range uint32(3) {
		body := numbers(1000*uint64(id+1), 1000*uint64(id+1)+100)
		index.Add(id, slices.Concat(body, footer))
	}
	found, sampled, common := index.AppendQuery(nil, slices.Concat(numbers(1000, 1100), footer))
	fmt.Println(found, sampled, common)
	// Output:
	// [{0 100 100}] 100 50
}

func ExampleContainmentCandidate() {
	c := minhash.ContainmentCandidate{ID: 5, Shared: 18, Sampled: 20}
	fmt.Printf("about %.0f%% of document %d is in the query\n", 100*float64(c.Shared)/float64(c.Sampled), c.ID)
	// Output:
	// about 90% of document 5 is in the query
}

func ExampleNewContainmentIndex() {
	_, err := minhash.NewContainmentIndex(minhash.ContainmentConfig{Rate: -1})
	fmt.Println(err)
	// Output:
	// minhash: ContainmentConfig.Rate is -1, want 1 to 1048576
}

func ExampleContainmentIndex_Bytes() {
	index, err := minhash.NewContainmentIndex(minhash.ContainmentConfig{})
	if err != nil {
		panic(err)
	}
	for id := range uint32(10_000) {
		index.Add(id, numbers(uint64(id)<<32, uint64(id)<<32+640)) // 20 sampled values on average
	}
	fmt.Println(index.Bytes() < 10*20*10_000)
	// Output:
	// true
}
