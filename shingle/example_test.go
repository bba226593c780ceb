package shingle_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/neardup/neardup/shingle"
)

const (
	filed = "The ferry between the islands will not run on Monday, because the quay is being repaired."
	late  = "The ferry between the islands will not run on Tuesday, because the quay is being repaired."
)

// Two texts are alike as far as they have the same runs of words.
func Example() {
	a := shingle.NewSet(shingle.AppendWords(nil, filed, 3))
	b := shingle.NewSet(shingle.AppendWords(nil, late, 3))
	fmt.Printf("%d and %d features, %d in common\n", len(a), len(b), a.Overlap(b))
	fmt.Printf("Jaccard similarity %.2f\n", a.Jaccard(b))
	// Output:
	// 14 and 14 features, 11 in common
	// Jaccard similarity 0.65
}

func ExampleAppendWords() {
	fmt.Printf("%016x\n", shingle.AppendWords(nil, "Three blind mice", 2))
	fmt.Printf("%016x\n", shingle.AppendWords(nil, "“three” BLIND—mice", 2))
	// Output:
	// [7d0b015c16aebd9f b48cf8dd22bf7c36]
	// [7d0b015c16aebd9f b48cf8dd22bf7c36]
}

func ExampleAppendWordsBytes() {
	line := []byte("see how they run")
	var features []uint64
	for range 3 {
		features = shingle.AppendWordsBytes(features[:0], line, 2) // in the same room
	}
	fmt.Println(len(features))
	// Output: 3
}

// A word with a slip of the pen still has most of its characters.
func ExampleAppendChars() {
	a := shingle.NewSet(shingle.AppendChars(nil, "accommodation", 3))
	b := shingle.NewSet(shingle.AppendChars(nil, "accomodation", 3))
	fmt.Printf("%.2f\n", a.Jaccard(b))
	// Output: 0.75
}

func ExampleAppendCharsBytes() {
	fmt.Println(len(shingle.AppendCharsBytes(nil, []byte("  北京, 上海\n"), 2)))
	// Output: 4
}

func ExampleWords() {
	known := shingle.NewSet(shingle.AppendWords(nil, filed, 3))
	n := 0
	for f := range shingle.Words(late, 3) {
		if _, ok := slices.BinarySearch(known, f); !ok {
			break
		}
		n++
	}
	fmt.Printf("the first %d shingles are known\n", n)
	// Output: the first 7 shingles are known
}

func ExampleNew() {
	s, err := shingle.New(shingle.Config{Unit: shingle.Char, Size: 9, View: shingle.Whole})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(s.Append(nil, filed)))

	_, err = shingle.New(shingle.Config{Size: -3})
	fmt.Println(err)
	// Output:
	// 79
	// shingle: Size is -3, want 1 or more, or 0 for the default
}

func ExampleConfig() {
	s, _ := shingle.New(shingle.Config{Size: 1, View: shingle.Whole, FoldDiacritics: true})
	fmt.Println(slices.Equal(s.Append(nil, "Jürgen"), s.Append(nil, "JURGEN")))
	// Output: true
}

func ExampleUnit() {
	for _, unit := range []shingle.Unit{shingle.Word, shingle.Char, shingle.Anchored} {
		s, _ := shingle.New(shingle.Config{Unit: unit, View: shingle.Whole})
		fmt.Println(len(s.Append(nil, filed)))
	}
	// Output:
	// 12
	// 83
	// 6
}

const sitePage = `Home | News | Sport | Weather

The harbour was closed on Monday after a ship had run aground in the night.
It will take two days to free it, said the harbour master, and the ferries
to the islands will not run before that is done.

Most read | Share | Print
`

func ExampleView() {
	for _, view := range []shingle.View{shingle.Prose, shingle.Whole} {
		s, _ := shingle.New(shingle.Config{View: view})
		fmt.Println(len(s.Append(nil, sitePage)))
	}
	// Output:
	// 36
	// 44
}

func ExampleShingler() {
	s, err := shingle.New(shingle.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var features []uint64
	for _, text := range []string{sitePage, filed} {
		features = s.Append(features[:0], text)
		fmt.Println(len(features), s.FellBack())
	}
	// Output:
	// 36 false
	// 12 true
}

func ExampleShingler_Append() {
	s, _ := shingle.New(shingle.Config{Size: 2, View: shingle.Whole})
	fmt.Printf("%016x\n", s.Append(nil, "Three blind mice"))
	// Output: [7d0b015c16aebd9f b48cf8dd22bf7c36]
}

func ExampleShingler_AppendBytes() {
	s, _ := shingle.New(shingle.Config{Size: 2, View: shingle.Whole})
	fmt.Printf("%016x\n", s.AppendBytes(nil, []byte("Three blind mice")))
	// Output: [7d0b015c16aebd9f b48cf8dd22bf7c36]
}

func ExampleShingler_AppendReader() {
	s, _ := shingle.New(shingle.Config{Size: 2, View: shingle.Whole})
	features, err := s.AppendReader(nil, strings.NewReader("Three blind mice"))
	fmt.Printf("%016x %v\n", features, err)
	// Output: [7d0b015c16aebd9f b48cf8dd22bf7c36] <nil>
}

func ExampleShingler_FellBack() {
	s, _ := shingle.New(shingle.Config{})
	s.Append(nil, "Ferry cancelled")
	fmt.Println("nothing but a headline, so all of it was used:", s.FellBack())
	// Output: nothing but a headline, so all of it was used: true
}

func ExampleSet() {
	var a, b shingle.Set = []uint64{1, 2, 3, 4}, []uint64{3, 4, 5}
	fmt.Println(a.Overlap(b), a.Jaccard(b), a.Containment(b))
	// Output: 2 0.4 0.5
}

func ExampleNewSet() {
	fmt.Println(shingle.NewSet([]uint64{5, 1, 5, 3, 1}))
	// Output: [1 3 5]
}

func ExampleSet_Overlap() {
	var a, b shingle.Set = []uint64{1, 2, 3, 4}, []uint64{3, 4, 5}
	fmt.Println(a.Overlap(b))
	// Output: 2
}

func ExampleSet_Jaccard() {
	var a, b shingle.Set = []uint64{1, 2, 3, 4}, []uint64{3, 4, 5}
	fmt.Println(a.Jaccard(b), shingle.Set{}.Jaccard(shingle.Set{}))
	// Output: 0.4 0
}

// How much of the excerpt is in the article, and the other way round.
func ExampleSet_Containment() {
	article := shingle.NewSet(shingle.AppendWords(nil, filed, 3))
	excerpt := shingle.NewSet(shingle.AppendWords(nil, "the ferry between the islands will not run", 3))
	fmt.Printf("%.2f %.2f\n", excerpt.Containment(article), article.Containment(excerpt))
	// Output: 1.00 0.43
}

func ExampleBag() {
	a := shingle.NewBag(shingle.AppendWords(nil, "the cat and the dog and the bird", 1))
	b := shingle.NewBag(shingle.AppendWords(nil, "the cat, the dog, the bird", 1))
	fmt.Printf("%d distinct of %d, Jaccard %.2f\n", len(a.Features), a.Total(), a.Jaccard(b))
	// Output: 5 distinct of 8, Jaccard 0.75
}

func ExampleNewBag() {
	b := shingle.NewBag([]uint64{7, 3, 7, 7})
	fmt.Println(b.Features, b.Weights)
	// Output: [3 7] [1 3]
}

func ExampleBag_Reset() {
	var b shingle.Bag
	for _, line := range []string{"to be or not to be", "that is the question"} {
		b.Reset(shingle.AppendWords(nil, line, 1))
		fmt.Println(len(b.Features), b.Total())
	}
	// Output:
	// 4 6
	// 4 4
}

// Words that are in every document count little.
func ExampleBag_Scale() {
	docs := []string{"the cat", "the dog", "the bird", "the bird and the cat"}
	frequency := map[uint64]int{}
	for _, doc := range docs {
		for _, f := range shingle.NewSet(shingle.AppendWords(nil, doc, 1)) {
			frequency[f]++
		}
	}
	idf := func(f uint64) int32 {
		return int32(math.Round(100 * math.Log(float64(len(docs))/float64(max(1, frequency[f])))))
	}
	a := shingle.NewBag(shingle.AppendWords(nil, docs[0], 1))
	b := shingle.NewBag(shingle.AppendWords(nil, docs[1], 1))
	fmt.Printf("%.2f", a.Jaccard(b))
	a.Scale(idf)
	b.Scale(idf)
	fmt.Printf(" %.2f\n", a.Jaccard(b))
	// Output: 0.33 0.00
}

func ExampleBag_Overlap() {
	a := shingle.NewBag([]uint64{1, 1, 1, 2})
	b := shingle.NewBag([]uint64{1, 1, 3})
	fmt.Println(a.Overlap(b))
	// Output: 2
}

func ExampleBag_Total() {
	fmt.Println(shingle.NewBag([]uint64{1, 1, 1, 2}).Total())
	// Output: 4
}

func ExampleBag_Jaccard() {
	a := shingle.NewBag([]uint64{1, 1, 1, 2})
	b := shingle.NewBag([]uint64{1, 1, 3})
	fmt.Println(a.Jaccard(b))
	// Output: 0.4
}

func ExampleBag_Containment() {
	a := shingle.NewBag([]uint64{1, 1, 1, 2})
	b := shingle.NewBag([]uint64{1, 1, 3})
	fmt.Println(a.Containment(b))
	// Output: 0.5
}
