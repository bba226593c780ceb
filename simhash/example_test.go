package simhash_test

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/simhash"
)

// features returns a feature for each three consecutive words. Package shingle does it better.
func features(text string) []uint64 {
	words := strings.Fields(strings.ToLower(text))
	var out []uint64
	for i := range max(0, len(words)-2) {
		h := fnv.New64a()
		h.Write([]byte(strings.Join(words[i:i+3], " ")))
		out = append(out, h.Sum64())
	}
	return out
}

const (
	story = `The harbour of Lindvik froze over on Tuesday night for the first time in eleven years, and the ferry
to the outer islands stayed at its berth until an icebreaker from the mainland had opened a channel. The harbour
master said that about two hundred passengers had spent the night in the school. The ice is expected to hold until
the weekend, when milder air from the west should reach the coast.`

	refiled = `The harbour of Lindvik froze over on Tuesday night for the first time in eleven years, and the ferry
to the outer islands stayed at its berth until an icebreaker from the mainland had opened a channel. The harbour
master said that about two hundred passengers had spent the night in the school. The ice is expected to hold until
the weekend, when milder air from the south should reach the coast.`

	other = `The council of Lindvik voted on Tuesday night to close the swimming hall for eleven months, and the school
will have to look for other places for its lessons. The head of the school said that about two hundred pupils had
lessons in the hall each week. The work is expected to begin before the summer, when the contract with the builders
should be signed.`
)

func Example() {
	index, err := simhash.NewIndex(simhash.IndexConfig{Distance: 8})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{story, other} {
		index.Add(simhash.Sum(features(text)))
	}
	for _, m := range index.AppendQuery(nil, simhash.Sum(features(refiled))) {
		fmt.Printf("article %d is %d bits away\n", m.ID, m.Distance)
	}
	// Output:
	// article 0 is 4 bits away
}

// Henzinger (SIGIR 2006) found that, of the pairs that MinHash proposes, far more are right if
// SimHash, which weighs features otherwise, agrees; and the other way round. To combine the two is
// to look in one and check with the other.
func Example_combinedFilter() {
	texts := []string{story, refiled, other}
	fingerprints := make([]simhash.Fingerprint, len(texts))
	signatures := make([]minhash.Signature, len(texts))
	for i, text := range texts {
		x := features(text)
		fingerprints[i] = simhash.Sum(x)
		signatures[i] = minhash.Sum(x, 128)
	}
	const leastSimilar, mostDistant = 0.7, 12

	// A MinHash match, checked by SimHash.
	for i := range texts {
		for j := range i {
			if signatures[i].Similarity(signatures[j]) >= leastSimilar && fingerprints[i].Distance(fingerprints[j]) <= mostDistant {
				fmt.Printf("MinHash: %d and %d, and SimHash agrees\n", j, i)
			}
		}
	}

	// A SimHash match, checked by MinHash.
	index, err := simhash.NewIndex(simhash.IndexConfig{Distance: mostDistant})
	if err != nil {
		fmt.Println(err)
		return
	}
	index.AddAll(fingerprints)
	for p := range index.Pairs() {
		if signatures[p.A].Similarity(signatures[p.B]) >= leastSimilar {
			fmt.Printf("SimHash: %d and %d, and MinHash agrees\n", p.A, p.B)
		}
	}
	// Output:
	// MinHash: 0 and 1, and SimHash agrees
	// SimHash: 0 and 1, and MinHash agrees
}

func ExampleSum() {
	fmt.Println(simhash.Sum([]uint64{1, 2, 3, 4, 5}))
	fmt.Println(simhash.Sum([]uint64{5, 4, 3, 2, 1}))
	fmt.Println(simhash.Sum(nil))
	// Output:
	// 170b35ec8b03ceca
	// 170b35ec8b03ceca
	// 0000000000000000
}

func ExampleSumWeighted() {
	words := []uint64{1, 2, 3, 4, 5}
	rare := []int32{100, 100, 100, 730, 690} // IDF, times 100
	f := simhash.SumWeighted(words, rare)
	g := simhash.SumWeighted([]uint64{4, 5}, []int32{730, 690})
	fmt.Println(f.Distance(g), simhash.Sum(words).Distance(simhash.Sum([]uint64{4, 5})))
	// Output:
	// 17 22
}

func ExampleFingerprint() {
	f := simhash.Fingerprint(0x00c0ffee)
	seen := map[simhash.Fingerprint]string{f: "an article"} // it is a plain value
	fmt.Println(f, seen[f])
	// Output:
	// 0000000000c0ffee an article
}

func ExampleFingerprint_Distance() {
	fmt.Println(simhash.Fingerprint(0xff).Distance(0xfe))
	// Output:
	// 1
}

func ExampleFingerprint_Similarity() {
	f := simhash.Fingerprint(0)
	for _, g := range []simhash.Fingerprint{0, 0b111, 0xffff, 0xffff_ffff} {
		fmt.Printf("%2d bits: cosine about %.3f\n", f.Distance(g), f.Similarity(g))
	}
	// Output:
	//  0 bits: cosine about 1.000
	//  3 bits: cosine about 0.989
	// 16 bits: cosine about 0.707
	// 32 bits: cosine about 0.000
}

func ExampleFingerprint_String() {
	fmt.Println(simhash.Fingerprint(255).String())
	// Output:
	// 00000000000000ff
}

func ExampleFingerprint_MarshalText() {
	text, err := simhash.Fingerprint(0xabc).MarshalText()
	fmt.Printf("%s %v\n", text, err)
	// Output:
	// 0000000000000abc <nil>
}

func ExampleFingerprint_AppendText() {
	line, err := simhash.Fingerprint(0xabc).AppendText([]byte("id-7\t"))
	fmt.Printf("%q %v\n", line, err)
	// Output:
	// "id-7\t0000000000000abc" <nil>
}

func ExampleFingerprint_UnmarshalText() {
	var f simhash.Fingerprint
	fmt.Println(f.UnmarshalText([]byte("0000000000000abc")), uint64(f))
	fmt.Println(f.UnmarshalText([]byte("abc")))
	// Output:
	// <nil> 2748
	// simhash: corrupt data: fingerprint of 3 characters, want 16 hexadecimal digits
}

func ExampleFingerprint_AppendBinary() {
	key, err := simhash.Fingerprint(0xabc).AppendBinary([]byte("f:"))
	fmt.Printf("%q %v\n", key, err)
	// Output:
	// "f:\x00\x00\x00\x00\x00\x00\n\xbc" <nil>
}

func ExampleFingerprint_MarshalBinary() {
	data, err := simhash.Fingerprint(0x0102).MarshalBinary()
	fmt.Println(data, err)
	// Output:
	// [0 0 0 0 0 0 1 2] <nil>
}

func ExampleFingerprint_UnmarshalBinary() {
	var f simhash.Fingerprint
	err := f.UnmarshalBinary([]byte{0, 0, 0, 0, 0, 0, 1, 2})
	fmt.Println(f, err)
	// Output:
	// 0000000000000102 <nil>
}

func ExampleSketcher() {
	var s simhash.Sketcher
	for _, feature := range features(story) {
		s.Add(feature)
	}
	fmt.Println(s.Sum() == simhash.Sum(features(story)))
	// Output:
	// true
}

func ExampleSketcher_Add() {
	var s simhash.Sketcher
	s.Add(1)
	s.Add(2)
	fmt.Println(s.Sum() == simhash.Sum([]uint64{1, 2}))
	// Output:
	// true
}

func ExampleSketcher_AddAll() {
	var s simhash.Sketcher
	s.AddAll([]uint64{1, 2})
	s.AddAll([]uint64{3})
	fmt.Println(s.Sum() == simhash.Sum([]uint64{1, 2, 3}))
	// Output:
	// true
}

func ExampleSketcher_AddWeighted() {
	var s simhash.Sketcher
	s.AddWeighted(1, 3)
	s.AddWeighted(2, 1)
	s.AddWeighted(3, 5)
	s.AddWeighted(3, -5) // takes it back
	fmt.Println(s.Sum() == simhash.Sum([]uint64{1, 1, 1, 2}))
	// Output:
	// true
}

func ExampleSketcher_Sum() {
	var s simhash.Sketcher
	fmt.Println(s.Sum())
	s.Add(1)
	fmt.Println(s.Sum(), s.Sum())
	// Output:
	// 0000000000000000
	// 910a2dec89025cc1 910a2dec89025cc1
}

func ExampleSketcher_Reset() {
	var s simhash.Sketcher
	s.Add(1)
	s.Reset()
	fmt.Println(s == simhash.Sketcher{})
	// Output:
	// true
}

func ExampleSketcher_Merge() {
	var title, body simhash.Sketcher
	title.AddAll([]uint64{1, 2})
	body.AddAll([]uint64{3, 4, 5})
	body.Merge(&title)
	fmt.Println(body.Sum() == simhash.Sum([]uint64{1, 2, 3, 4, 5}))
	// Output:
	// true
}

func ExampleSketcher_AppendBinary() {
	var s simhash.Sketcher
	s.AddAll([]uint64{1, 2, 3})
	data, err := s.AppendBinary(nil)
	fmt.Println(len(data), err)
	// Output:
	// 527 <nil>
}

func ExampleSketcher_MarshalBinary() {
	var s, t simhash.Sketcher
	s.AddAll([]uint64{1, 2, 3})
	t.AddAll([]uint64{3, 2, 1})
	a, _ := s.MarshalBinary()
	b, _ := t.MarshalBinary()
	fmt.Println(bytes.Equal(a, b))
	// Output:
	// true
}

func ExampleSketcher_UnmarshalBinary() {
	var s, t simhash.Sketcher
	s.AddAll([]uint64{1, 2, 3})
	data, _ := s.MarshalBinary()
	fmt.Println(t.UnmarshalBinary(data), s.Sum() == t.Sum())
	fmt.Println(t.UnmarshalBinary(data[:100]))
	// Output:
	// <nil> true
	// simhash: corrupt data: sketcher: ends after 100 bytes
}

func ExampleConfig() {
	index, err := simhash.NewIndex(simhash.IndexConfig{}) // equal fingerprints only
	fmt.Println(index.Distance(), err)
	// Output:
	// 0 <nil>
}

func ExampleNewPlan() {
	for _, d := range []int{3, 8, 12} {
		p, err := simhash.NewPlan(1_000_000, d)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("d=%d: %d tables by %d bits, %.0f bytes each; a query makes %d lookups and compares %.0f\n",
			d, p.Tables, p.Key, p.Bytes, p.Lookups, p.Candidates)
	}
	// Output:
	// d=3: 4 tables by 16 bits, 41 bytes each; a query makes 4 lookups and compares 61
	// d=8: 4 tables by 16 bits, 41 bytes each; a query makes 188 lookups and compares 2869
	// d=12: 4 tables by 16 bits, 41 bytes each; a query makes 1108 lookups and compares 16907
}

func ExamplePlan() {
	p, err := simhash.NewPlan(100, 12)
	fmt.Println(p.Blocks, p.Candidates, err) // 100 are scanned
	// Output:
	// 0 100 <nil>
}

func ExampleNewIndex() {
	_, err := simhash.NewIndex(simhash.IndexConfig{Distance: 17})
	fmt.Println(err)
	// Output:
	// simhash: distance 17, want 0 to 16: a query would make 6428 lookups and compare 10% of all fingerprints, no better than a linear scan
}

// few returns an index of four fingerprints.
func few() *simhash.Index {
	index, err := simhash.NewIndex(simhash.IndexConfig{Distance: 2})
	if err != nil {
		panic(err)
	}
	index.AddAll([]simhash.Fingerprint{0b0000, 0b0001, 0b1111, 0b0001})
	return index
}

func ExampleIndex() {
	index := few()
	fmt.Println(index.AppendQuery(nil, 0b0011))
	// Output:
	// [{1 1} {3 1} {0 2} {2 2}]
}

func ExampleMatch() {
	for _, m := range few().AppendQuery(nil, 0b1111) {
		fmt.Println("id", m.ID, "distance", m.Distance)
	}
	// Output:
	// id 2 distance 0
}

func ExampleIndex_Distance() {
	fmt.Println(few().Distance())
	// Output:
	// 2
}

func ExampleIndex_Len() {
	index := few()
	index.Delete(0)
	fmt.Println(index.Len())
	// Output:
	// 3
}

func ExampleIndex_Add() {
	index := few()
	fmt.Println(index.Add(0b1110), index.Add(0b0111))
	// Output:
	// 4 5
}

func ExampleIndex_AddAll() {
	index := few()
	fmt.Println(index.AddAll([]simhash.Fingerprint{7, 8, 9}), index.Len())
	// Output:
	// 4 7
}

func ExampleIndex_At() {
	index := few()
	fmt.Println(index.At(2))
	fmt.Println(index.At(4))
	// Output:
	// 000000000000000f true
	// 0000000000000000 false
}

func ExampleIndex_Delete() {
	index := few()
	fmt.Println(index.Delete(1), index.Delete(1))
	fmt.Println(index.AppendQuery(nil, 0b0001))
	// Output:
	// true false
	// [{3 0} {0 1}]
}

func ExampleIndex_Replace() {
	index := few()
	fmt.Println(index.Replace(1, 0b1111))
	fmt.Println(index.AppendQuery(nil, 0b1111))
	// Output:
	// true
	// [{1 0} {2 0}]
}

func ExampleIndex_Merge() {
	index := few()
	offset := index.Merge(few())
	fmt.Println(offset, index.AppendQuery(nil, 0b1111))
	// Output:
	// 4 [{2 0} {6 0}]
}

func ExampleIndex_Compact() {
	index := few()
	index.Delete(0)
	index.Compact()
	fmt.Println(index.AppendQuery(nil, 0b0001)) // ids are what they were
	// Output:
	// [{1 0} {3 0}]
}

func ExampleIndex_AppendQuery() {
	index := few()
	matches := make([]simhash.Match, 0, 16) // to be used again and again
	matches = index.AppendQuery(matches[:0], 0b0000)
	fmt.Println(matches)
	// Output:
	// [{0 0} {1 1} {3 1}]
}

func ExampleIndex_AppendQueryWithin() {
	fmt.Println(few().AppendQueryWithin(nil, 0b0000, 0))
	// Output:
	// [{0 0}]
}

func ExampleIndex_Nearest() {
	m, ok := few().Nearest(0xff0000)
	fmt.Println(m, ok)
	// Output:
	// {0 8} true
}

func ExampleIndex_Pairs() {
	for p := range few().Pairs() {
		fmt.Println(p.A, p.B, p.Distance)
	}
	// Unordered output:
	// 0 1 1
	// 0 3 1
	// 1 3 0
}

func ExampleIndex_Links() {
	for p := range few().Links() { // 3 is linked to 0 through 1, to which it is equal
		fmt.Println(p.A, p.B, p.Distance)
	}
	// Unordered output:
	// 0 1 1
	// 1 3 0
}

func ExamplePair() {
	fmt.Println(simhash.Pair{A: 3, B: 7, Distance: 2})
	// Output:
	// {3 7 2}
}

func ExampleIndex_AppendBinary() {
	data, err := few().AppendBinary(nil)
	fmt.Println(len(data), err)
	// Output:
	// 53 <nil>
}

func ExampleIndex_MarshalBinary() {
	a, _ := few().MarshalBinary()
	index := few()
	index.Compact()
	b, _ := index.MarshalBinary()
	fmt.Println(bytes.Equal(a, b))
	// Output:
	// true
}

func ExampleIndex_UnmarshalBinary() {
	data, _ := few().MarshalBinary()
	var index simhash.Index
	fmt.Println(index.UnmarshalBinary(data), index.Len(), index.Distance())
	data[20] ^= 1
	fmt.Println(index.UnmarshalBinary(data) != nil, index.Len())
	// Output:
	// <nil> 4 2
	// true 4
}

func ExampleIndex_WriteTo() {
	var file bytes.Buffer
	n, err := few().WriteTo(&file)
	fmt.Println(n, err)
	// Output:
	// 53 <nil>
}

func ExampleIndex_ReadFrom() {
	var file bytes.Buffer
	if _, err := few().WriteTo(&file); err != nil {
		fmt.Println(err)
		return
	}
	index, _ := simhash.NewIndex(simhash.IndexConfig{Distance: 3})
	_, err := index.ReadFrom(bytes.NewReader(file.Bytes()))
	fmt.Println(err)
	var other simhash.Index // takes any
	n, err := other.ReadFrom(&file)
	fmt.Println(n, err, other.Distance())
	// Output:
	// simhash: other configuration: index: distance 2, want 3
	// 53 <nil> 2
}
