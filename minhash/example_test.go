package minhash_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/neardup/neardup/minhash"
)

// words returns a feature for each pair of neighbouring words.
func words(text string) []uint64 {
	var f []uint64
	w := strings.Fields(text)
	for i := 1; i < len(w); i++ {
		h := fnv.New64a()
		h.Write([]byte(w[i-1] + " " + w[i]))
		f = append(f, h.Sum64())
	}
	return f
}

// numbers returns the features from, from+1, … to-1. They need not be mixed.
func numbers(from, to uint64) []uint64 {
	var f []uint64
	for x := from; x < to; x++ {
		f = append(f, x)
	}
	return f
}

func Example() {
	a := minhash.Sum(words("the harbour of Port Ellery was closed on Monday after a crane fell into the basin"), 128)
	b := minhash.Sum(words("the harbour of Port Ellery was closed on Tuesday after a crane fell into the basin"), 128)
	c := minhash.Sum(words("voters in the valley go to the polls to choose a council of nine members"), 128)
	// 13 of 17 pairs of neighbouring words are in both a and b, which is 0.76.
	fmt.Printf("%.2f %.2f\n", a.Similarity(b), a.Similarity(c))
	// Output: 0.71 0.00
}

func ExampleSum() {
	a := minhash.Sum([]uint64{1, 2, 3}, 128)
	b := minhash.Sum([]uint64{3, 1, 2, 1}, 128)
	fmt.Println(len(a), slices.Equal(a, b))
	// Output: 128 true
}

func ExampleNew() {
	_, err := minhash.New(minhash.Config{K: 5000})
	fmt.Println(err)
	// Output: minhash: Config.K is 5000, want 1 to 4096
}

func ExampleConfig() {
	s, err := minhash.New(minhash.Config{Seed: 7})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%+v\n", s.Config())
	// Output: {K:128 Seed:7 Scheme:1}
}

func ExampleScheme() {
	s, err := minhash.New(minhash.Config{K: 1024, Scheme: minhash.Classic})
	if err != nil {
		panic(err)
	}
	a, b := s.AppendSignature(nil, numbers(0, 150)), s.AppendSignature(nil, numbers(50, 200))
	fmt.Printf("%.1f\n", a.Similarity(b))
	// Output: 0.5
}

func ExampleSketcher() {
	s, err := minhash.New(minhash.Config{})
	if err != nil {
		panic(err)
	}
	for _, x := range numbers(0, 10) {
		s.Add(x)
	}
	s.AddAll(numbers(5, 20))
	fmt.Println(slices.Equal(s.Sum(), minhash.Sum(numbers(0, 20), 128)))
	s.Reset()
	fmt.Println(s.Sum().Empty())
	// Output:
	// true
	// true
}

func ExampleSketcher_AppendSignature() {
	s, err := minhash.New(minhash.Config{K: 64})
	if err != nil {
		panic(err)
	}
	// One slice holds the signatures of all documents.
	var all minhash.Signature
	for _, text := range []string{"a rose is a rose is a rose", "a rose is a rose", "violets are blue"} {
		all = s.AppendSignature(all, words(text))
	}
	fmt.Println(all[:64].Similarity(all[64:128]), all[:64].Similarity(all[128:]))
	// Output: 1 0
}

func ExampleSketcher_Merge() {
	a, _ := minhash.New(minhash.Config{})
	b, _ := minhash.New(minhash.Config{})
	c, _ := minhash.New(minhash.Config{Seed: 1})
	a.AddAll(numbers(0, 500))
	b.AddAll(numbers(400, 1000))
	fmt.Println(a.Merge(b), slices.Equal(a.Sum(), minhash.Sum(numbers(0, 1000), 128)))
	err := a.Merge(c)
	fmt.Println(err, errors.Is(err, minhash.ErrMismatch))
	// Output:
	// <nil> true
	// minhash: other configuration: seed 1, want 0 true
}

func ExampleSketcher_AppendDecoded() {
	s, _ := minhash.New(minhash.Config{K: 16, Seed: 3})
	o, _ := minhash.New(minhash.Config{K: 16})
	data, err := s.AppendEncoding(nil, s.AppendSignature(nil, numbers(0, 100)))
	if err != nil {
		panic(err)
	}
	sig, err := s.AppendDecoded(nil, data)
	fmt.Println(len(data), len(sig), err)
	_, err = o.AppendDecoded(nil, data)
	fmt.Println(err)
	// Output:
	// 152 16 <nil>
	// minhash: other configuration: seed 3, want 0
}

func ExampleSketcher_MarshalBinary() {
	s, _ := minhash.New(minhash.Config{})
	s.AddAll(numbers(0, 1000))
	data, err := s.MarshalBinary()
	if err != nil {
		panic(err)
	}
	var later minhash.Sketcher
	if err := later.UnmarshalBinary(data); err != nil {
		panic(err)
	}
	later.AddAll(numbers(1000, 2000))
	fmt.Println(slices.Equal(later.Sum(), minhash.Sum(numbers(0, 2000), 128)))
	// Output: true
}

func ExampleSignature() {
	day := minhash.Sum(numbers(0, 300), 256)
	week := slices.Clone(day)
	week.Merge(minhash.Sum(numbers(200, 1000), 256))
	fmt.Println(slices.Equal(week, minhash.Sum(numbers(0, 1000), 256)))
	// Output: true
}

func ExampleSignature_Cardinality() {
	for _, n := range []uint64{0, 1, 10, 1000, 100000} {
		fmt.Printf("%.0f ", minhash.Sum(numbers(0, n), 1024).Cardinality())
	}
	fmt.Println()
	// Output: 0 1 10 963 99612
}

func ExampleSignature_Containment() {
	page, article := minhash.Sum(numbers(0, 1000), 128), minhash.Sum(numbers(0, 400), 128)
	fmt.Printf("%.2f %.2f\n", article.Containment(page), page.Containment(article))
	// Output: 1.00 0.42
}

func ExampleStandardError() {
	fmt.Printf("%.3f\n", minhash.StandardError(0.5, 128))
	// Output: 0.044
}

func ExampleSignature_MarshalBinary() {
	data, err := minhash.Sum(numbers(0, 100), 128).MarshalBinary()
	if err != nil {
		panic(err)
	}
	var sig minhash.Signature
	fmt.Println(len(data), sig.UnmarshalBinary(data))
	data[100]++
	fmt.Println(errors.Is(sig.UnmarshalBinary(data), minhash.ErrCorrupt))
	// Output:
	// 1048 <nil>
	// true
}

func ExampleSumWeighted() {
	// How often the words occur in two texts.
	features := []uint64{1, 2, 3, 4}
	a := minhash.SumWeighted(features, []int32{10, 3, 0, 1}, 1024)
	b := minhash.SumWeighted(features, []int32{5, 3, 2, 1}, 1024)
	// The smaller counts sum to 9, the larger to 16.
	fmt.Printf("%.1f of %.4f\n", a.Similarity(b), 9./16)
	// Output: 0.6 of 0.5625
}

func ExamplePacking() {
	p := minhash.Packing{K: 128, Bits: 8}
	if err := p.Check(); err != nil {
		panic(err)
	}
	one := p.Append(nil, minhash.Sum(numbers(0, 150), p.K))
	// Many can stand in one slice.
	var many []byte
	many = p.Append(many, minhash.Sum(numbers(0, 150), p.K))
	many = p.Append(many, minhash.Sum(numbers(50, 200), p.K))
	many = p.Append(many, minhash.Sum(numbers(500, 700), p.K))
	for other := range slices.Chunk(many, p.Size()) {
		fmt.Printf("%d bytes: %.2f\n", len(other), p.Similarity(one, other))
	}
	// Output:
	// 128 bytes: 1.00
	// 128 bytes: 0.51
	// 128 bytes: 0.00
}

func ExamplePacking_Similarity() {
	p := minhash.Packing{K: 256, Bits: 2}
	a, b := p.Append(nil, minhash.Sum(numbers(0, 300), p.K)), p.Append(nil, minhash.Sum(numbers(100, 400), p.K))
	// Half of the slots agree, and a quarter of the others by chance, for which the estimate is
	// corrected.
	fmt.Printf("%.2f\n", p.Similarity(a, b))
	// Output: 0.53
}

func ExampleSketcher_AppendSum() {
	s, err := minhash.New(minhash.Config{K: 64})
	if err != nil {
		panic(err)
	}
	var sig minhash.Signature
	for day := range uint64(3) { // what has come so far, at the end of each day
		s.AddAll(numbers(100*day, 100*day+100))
		sig = s.AppendSum(sig[:0])
		fmt.Println(len(sig), slices.Equal(sig, minhash.Sum(numbers(0, 100*day+100), 64)))
	}
	// Output:
	// 64 true
	// 64 true
	// 64 true
}

func ExampleSketcher_AppendWeighted() {
	s, err := minhash.New(minhash.Config{})
	if err != nil {
		panic(err)
	}
	words := numbers(0, 50)
	once, thrice := make([]int32, 50), make([]int32, 50)
	for i := range words {
		once[i], thrice[i] = 1, 3
	}
	a := s.AppendWeighted(nil, words, once)
	b := s.AppendWeighted(nil, words, thrice)
	fmt.Printf("1/3 is estimated as %.1f\n", a.Similarity(b))
	// Output: 1/3 is estimated as 0.3
}
