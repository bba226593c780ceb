package peers

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/axiomhq/hyperminhash"
	"github.com/cespare/xxhash/v2"
	"github.com/dgryski/go-metro"
	"github.com/dgryski/go-minhash"
	"github.com/ekzhu/minhash-lsh"
	"github.com/glaslos/ssdeep"
	"github.com/glaslos/tlsh"
	dedup "github.com/go-dedup/simhash"
	mfonda "github.com/mfonda/simhash"
	"github.com/steakknife/hamming"

	"github.com/neardup/neardup/bench/internal/classic"
	"github.com/neardup/neardup/bench/internal/corpus"
	"github.com/neardup/neardup/bench/internal/measure"
	ours "github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
	"github.com/neardup/neardup/simhash"
)

const (
	words = 5
	slots = 128
)

// a library fingerprints one text; what it returns can be compared with another of its kind.
type library struct {
	name    string
	sum     func(text []byte) any
	score   func(a, b any) float64 // higher = more alike
	jaccard bool                   // score estimates the Jaccard of word shingles
	size    float64                // bytes held a document
}

// shingles is what each of the sketches that take bytes is given: the words, lower case, joined five by five.
func shingles(text []byte) [][]byte { return mfonda.Shingle(words, bytes.Fields(bytes.ToLower(text))) }

func distance(a, b any) float64 { return -float64(mfonda.Compare(a.(uint64), b.(uint64))) }

func metro64(b []byte) uint64 { return metro.Hash64(b, 0) }

func libraries(b *testing.B) []library {
	m := classic.NewMinHash(slots, 1)
	s, err := shingle.New(shingle.Config{View: shingle.Whole})
	if err != nil {
		b.Fatal(err)
	}
	sk, err := ours.New(ours.Config{K: slots})
	if err != nil {
		b.Fatal(err)
	}
	pack := ours.Packing{K: slots, Bits: 8}
	sh := dedup.NewSimhash()
	var features []uint64
	var sig ours.Signature
	return []library{
		{"classic-minhash", func(t []byte) any { return m.Text(string(t), words) },
			func(a, b any) float64 { return classic.Similarity(a.([]uint32), b.([]uint32)) }, true, 512},
		{"neardup-minhash", func(t []byte) any {
			features = s.AppendBytes(features[:0], t)
			sig = sk.AppendSignature(sig[:0], features)
			return pack.Append(nil, sig)
		}, func(a, b any) float64 { return pack.Similarity(a.([]byte), b.([]byte)) }, true, 128},
		{"dgryski-minhash", func(t []byte) any {
			mw := minhash.NewMinWise(xxhash.Sum64, metro64, slots)
			for _, x := range shingles(t) {
				mw.Push(x)
			}
			return mw
		}, func(a, b any) float64 { return a.(*minhash.MinWise).Similarity(b.(*minhash.MinWise)) }, true, 1024},
		{"dgryski-bottomk", func(t []byte) any {
			bk := minhash.NewBottomK(xxhash.Sum64, slots)
			for _, x := range shingles(t) {
				bk.Push(x)
			}
			bk.Signature() // sorts, as Similarity needs it
			return bk
		}, func(a, b any) float64 { return a.(*minhash.BottomK).Similarity(b.(*minhash.BottomK)) }, true, 1024},
		{"ekzhu-minhash", func(t []byte) any {
			mh := minhashlsh.NewMinhash(1, slots)
			for _, x := range shingles(t) {
				mh.Push(x)
			}
			return mh.Signature()
		}, func(a, b any) float64 { return equalShare(a.([]uint64), b.([]uint64)) }, true, 1024},
		{"axiomhq-hyperminhash", func(t []byte) any {
			sk := hyperminhash.New()
			for _, x := range shingles(t) {
				sk.Add(x)
			}
			return sk
		}, func(a, b any) float64 { return a.(*hyperminhash.Sketch).Similarity(b.(*hyperminhash.Sketch)) }, true, 32768},
		{"neardup-simhash", func(t []byte) any {
			features = s.AppendBytes(features[:0], t)
			return uint64(simhash.Sum(features))
		}, distance, false, 8},
		{"mfonda-simhash", func(t []byte) any { return mfonda.Simhash(mfonda.NewWordFeatureSet(t)) }, distance, false, 8},
		{"mfonda-simhash-shingles", func(t []byte) any { return mfonda.SimhashBytes(shingles(t)) }, distance, false, 8},
		{"dedup-simhash", func(t []byte) any { return sh.GetSimhash(sh.NewWordFeatureSet(t)) }, distance, false, 8},
		{"glaslos-tlsh", func(t []byte) any {
			h, err := tlsh.HashBytes(t)
			if err != nil {
				return nil
			}
			return h
		}, func(a, b any) float64 { return -float64(a.(*tlsh.TLSH).Diff(b.(*tlsh.TLSH))) }, false, 35},
		{"glaslos-ssdeep", func(t []byte) any {
			h, err := ssdeep.FuzzyBytes(t)
			if err != nil {
				return nil
			}
			return h
		}, func(a, b any) float64 {
			d, err := ssdeep.Distance(a.(string), b.(string))
			if err != nil {
				return 0
			}
			return float64(d)
		}, false, 100},
	}
}

func equalShare(a, b []uint64) float64 {
	n := 0
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return float64(n) / float64(len(a))
}

var similarities = []float64{0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95}

func BenchmarkText(b *testing.B) {
	for _, size := range []struct {
		key   string
		bytes int
	}{{"1KB", 1000}, {"9KB", 9000}} {
		type pair struct {
			a, b []byte
			j    float64
		}
		var pairs []pair
		n := 280
		if testing.Short() {
			n = 28
		}
		for i := range n {
			a := corpus.Article(corpus.English, 2, uint64(i), size.bytes)
			e, j := corpus.Edit(corpus.English, a, words, similarities[i%len(similarities)], uint64(i))
			pairs = append(pairs, pair{[]byte(a), []byte(e), j})
		}
		var texts [][]byte
		total := 0
		for _, t := range corpus.Articles(corpus.English, 1, 256, size.bytes) {
			texts = append(texts, []byte(t))
			total += len(t)
		}
		for _, l := range libraries(b) {
			b.Run(fmt.Sprintf("impl=%s/doc=%s", l.name, size.key), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(total / len(texts)))
				failed, i := 0, 0
				cpu := measure.CPU()
				for b.Loop() {
					if l.sum(texts[i&255]) == nil {
						failed++
					}
					i++
				}
				reportCPU(b, cpu)
				e := measure.NewError(slots)
				var alike, unlike []float64
				for _, p := range pairs {
					x := l.sum(p.a)
					y := l.sum(p.b)
					if x == nil || y == nil {
						continue
					}
					s := l.score(x, y)
					e.Add(s, p.j)
					if p.j > 0.75 {
						alike = append(alike, s)
					} else if p.j < 0.7 {
						unlike = append(unlike, s)
					}
				}
				b.ReportMetric(l.size, "B/doc")
				if l.jaccard {
					b.ReportMetric(e.OverTheory(), "rmse/theory")
				}
				if failed > 0 {
					b.ReportMetric(float64(failed)/float64(i), "failed")
				}
				if len(alike) > 0 {
					b.ReportMetric(measure.AUC(alike, unlike), "auc")
				}
			})
		}
	}
}

// reportCPU reports the processor time of an operation since start: steadier than the clock where others use the machine too.
func reportCPU(b *testing.B, start time.Duration) {
	if d := measure.CPU() - start; d > 0 {
		b.ReportMetric(float64(d.Nanoseconds())/float64(b.N), "cpu-ns/op")
	}
}

func BenchmarkDistance(b *testing.B) {
	x, _, _ := corpus.FeaturePair(1024, 1, 3)
	sink := 0
	for _, l := range []struct {
		name string
		f    func(a, b uint64) int
	}{
		{"neardup", func(a, b uint64) int { return simhash.Fingerprint(a).Distance(simhash.Fingerprint(b)) }},
		{"steakknife", hamming.Uint64},
		{"mfonda", func(a, b uint64) int { return int(mfonda.Compare(a, b)) }},
		{"dedup", func(a, b uint64) int { return int(dedup.Compare(a, b)) }},
	} {
		b.Run("impl="+l.name, func(b *testing.B) {
			i := 0
			cpu := measure.CPU()
			for b.Loop() {
				sink += l.f(x[i&1023], x[(i*5+1)&1023])
				i++
			}
			reportCPU(b, cpu)
		})
	}
	_ = sink
}
