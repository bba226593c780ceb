package bench

import (
	"flag"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/neardup/neardup/bench/internal/classic"
	"github.com/neardup/neardup/bench/internal/corpus"
	"github.com/neardup/neardup/bench/internal/measure"
	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
	"github.com/neardup/neardup/simhash"
)

var large = flag.Bool("large", false, "also run the sizes of a million and more: minutes and gigabytes")

// counts returns the sizes to measure.
func counts(normal []int, big ...int) []int {
	if *large {
		return append(normal, big...)
	}
	return normal
}

const (
	shingleWords = 5
	slots        = 128
)

// size is a length of articles and its name in a benchmark key.
type size struct {
	key   string
	bytes int
}

var sizes = []size{{"240B", 240}, {"1KB", 1000}, {"5KB", 5000}, {"9KB", 9000}, {"50KB", 50_000}}

// articles returns different articles of one size, so many that no branch predictor learns them: what is measured is a stream of
// texts, not one text repeated. They are a power of two, for benchmarks to turn through.
var articles = memo(func(k articleKey) []string { return corpus.Articles(k.lang, 1, k.n, k.bytes) })

type articleKey struct {
	lang     corpus.Language
	n, bytes int
}

// memo caches what several benchmarks, or the rounds of one, need; only setup calls it.
func memo[K comparable, V any](f func(K) V) func(K) V {
	var mu sync.Mutex
	m := map[K]V{}
	return func(k K) V {
		mu.Lock()
		defer mu.Unlock()
		v, ok := m[k]
		if !ok {
			v = f(k)
			m[k] = v
		}
		return v
	}
}

func rotation(bytes int) []string {
	n := 256
	if bytes > 10_000 {
		n = 64
	}
	return articles(articleKey{corpus.English, n, bytes})
}

func meanLen(texts []string) int64 {
	n := 0
	for _, t := range texts {
		n += len(t)
	}
	return int64(n / len(texts))
}

func whole(tb testing.TB) *shingle.Shingler {
	return shingler(tb, shingle.Config{Size: shingleWords, View: shingle.Whole})
}

func shingler(tb testing.TB, cfg shingle.Config) *shingle.Shingler {
	tb.Helper()
	s, err := shingle.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func sketcher(tb testing.TB) *minhash.Sketcher {
	tb.Helper()
	s, err := minhash.New(minhash.Config{K: slots})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// pair is an article and an edit of it at a known Jaccard of word shingles.
type pair struct {
	a, b string
	j    float64
}

var similarities = []float64{0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95}

var editedPairs = memo(func(bytes int) []pair {
	n := min(280, 5_000_000/bytes)
	out := make([]pair, 0, n)
	for i := range n {
		a := corpus.Article(corpus.English, 2, uint64(i), bytes)
		b, j := corpus.Edit(corpus.English, a, shingleWords, similarities[i%len(similarities)], uint64(i))
		out = append(out, pair{a, b, j})
	}
	return out
})

func BenchmarkTextToMinHash(b *testing.B) {
	type impl struct {
		name string
		run  func(text string)
		sim  func(p pair) float64 // the estimate for a pair, nil = no error reported
	}
	m := classic.NewMinHash(slots, 1)
	s, prose, sk := whole(b), shingler(b, shingle.Config{}), sketcher(b)
	var features []uint64
	var sig minhash.Signature
	impls := []impl{
		{"classic", func(text string) { m.Text(text, shingleWords) },
			func(p pair) float64 { return classic.Similarity(m.Text(p.a, shingleWords), m.Text(p.b, shingleWords)) }},
		{"neardup", func(text string) {
			features = s.Append(features[:0], text)
			sig = sk.AppendSignature(sig[:0], features)
		}, func(p pair) float64 {
			x := sk.AppendSignature(nil, s.Append(nil, p.a))
			return x.Similarity(sk.AppendSignature(nil, s.Append(nil, p.b)))
		}},
		{"neardup-prose", func(text string) {
			features = prose.Append(features[:0], text)
			sig = sk.AppendSignature(sig[:0], features)
		}, nil},
	}
	for _, im := range impls {
		for _, sz := range sizes {
			b.Run(fmt.Sprintf("impl=%s/doc=%s", im.name, sz.key), func(b *testing.B) {
				texts := rotation(sz.bytes)
				run(b, texts, im.run)
				if im.sim != nil && !testing.Short() {
					e := measure.NewError(slots)
					for _, p := range editedPairs(sz.bytes) {
						e.Add(im.sim(p), p.j)
					}
					b.ReportMetric(e.OverTheory(), "rmse/theory")
				}
			})
		}
	}
}

func BenchmarkTextToSimHash(b *testing.B) {
	s, prose := whole(b), shingler(b, shingle.Config{})
	var features []uint64
	var sink simhash.Fingerprint
	classicSum := func(text string) uint64 { return classic.SimHash(classic.Features(text, shingleWords)) }
	impls := []struct {
		name string
		run  func(text string)
		sum  func(text string) uint64
	}{
		{"classic", func(text string) { classicSum(text) }, classicSum},
		{"neardup", func(text string) {
			features = s.Append(features[:0], text)
			sink += simhash.Sum(features)
		}, func(text string) uint64 { return uint64(simhash.Sum(s.Append(nil, text))) }},
		{"neardup-prose", func(text string) {
			features = prose.Append(features[:0], text)
			sink += simhash.Sum(features)
		}, nil},
	}
	for _, im := range impls {
		for _, sz := range sizes {
			b.Run(fmt.Sprintf("impl=%s/doc=%s", im.name, sz.key), func(b *testing.B) {
				run(b, rotation(sz.bytes), im.run)
				if im.sum != nil && !testing.Short() {
					b.ReportMetric(separation(editedPairs(sz.bytes), im.sum), "auc")
				}
			})
		}
	}
	_ = sink
}

// separation returns how well the Hamming distance ranks pairs with Jaccard of 0.8 and more before those of 0.65 and less.
func separation(pairs []pair, sum func(string) uint64) float64 {
	var alike, unlike []float64
	for _, p := range pairs {
		d := -float64(simhash.Fingerprint(sum(p.a)).Distance(simhash.Fingerprint(sum(p.b))))
		switch {
		case p.j > 0.75:
			alike = append(alike, d)
		case p.j < 0.7:
			unlike = append(unlike, d)
		}
	}
	return measure.AUC(alike, unlike)
}

// run times f over the texts in turn.
func run(b *testing.B, texts []string, f func(string)) {
	b.ReportAllocs()
	b.SetBytes(meanLen(texts))
	for _, t := range texts[:min(len(texts), 16)] {
		f(t) // buffers take their size
	}
	i := 0
	cpu := measure.CPU()
	for b.Loop() {
		f(texts[i&(len(texts)-1)])
		i++
	}
	reportCPU(b, cpu)
}

// reportCPU reports the processor time of an operation since start, garbage collection included: steadier than the clock where others
// use the machine too, and what the report takes its ratios from.
func reportCPU(b *testing.B, start time.Duration) {
	if d := measure.CPU() - start; d > 0 {
		b.ReportMetric(float64(d.Nanoseconds())/float64(b.N), "cpu-ns/op")
	}
}

// Other scripts, for the neardup side only: the classic pipeline finds one word in a Chinese sentence.
func BenchmarkTextToFeatures(b *testing.B) {
	for _, cfg := range []struct {
		key string
		cfg shingle.Config
	}{
		{"unit=words", shingle.Config{View: shingle.Whole}},
		{"unit=words-prose", shingle.Config{}},
		{"unit=chars", shingle.Config{Unit: shingle.Char, View: shingle.Whole}},
		{"unit=anchored", shingle.Config{Unit: shingle.Anchored, View: shingle.Whole}},
	} {
		for _, lang := range corpus.Languages() {
			b.Run(fmt.Sprintf("%s/lang=%v/doc=9KB", cfg.key, lang), func(b *testing.B) {
				s, err := shingle.New(cfg.cfg)
				if err != nil {
					b.Skip(err)
				}
				var features []uint64
				run(b, articles(articleKey{lang, 64, 9000}), func(text string) { features = s.Append(features[:0], text) })
			})
		}
	}
}

func BenchmarkFeaturesToMinHash(b *testing.B) {
	m, sk := classic.NewMinHash(slots, 1), sketcher(b)
	var sig minhash.Signature
	impls := []struct {
		name string
		run  func(x []uint64)
		sim  func(x, y []uint64) float64
	}{
		{"classic", func(x []uint64) { m.Features(x) },
			func(x, y []uint64) float64 { return classic.Similarity(m.Features(x), m.Features(y)) }},
		{"neardup", func(x []uint64) { sig = sk.AppendSignature(sig[:0], x) },
			func(x, y []uint64) float64 {
				return sk.AppendSignature(nil, x).Similarity(sk.AppendSignature(nil, y))
			}},
	}
	for _, im := range impls {
		for _, n := range []int{10, 100, 1000, 1500, 10_000} {
			b.Run(fmt.Sprintf("impl=%s/n=%d", im.name, n), func(b *testing.B) {
				runFeatures(b, n, im.run)
				if testing.Short() {
					return
				}
				random, sequential := measure.NewError(slots), measure.NewError(slots)
				for i := range max(28, min(2000, 200_000/n)) {
					x, y, j := corpus.FeaturePair(n, similarities[i%len(similarities)], uint64(i))
					random.Add(im.sim(x, y), j)
					x, y, j = consecutive(n, i)
					sequential.Add(im.sim(x, y), j)
				}
				b.ReportMetric(random.OverTheory(), "rmse/theory")
				b.ReportMetric(sequential.Bias(), "bias-of-consecutive")
			})
		}
	}
}

// consecutive returns two sets of n consecutive integers that overlap by two thirds, a Jaccard of 0.5: what a caller has who numbers
// words instead of hashing them.
func consecutive(n, i int) (x, y []uint64, j float64) {
	start, shift := uint64(i)*1_000_003, uint64(math.Round(float64(n)/3))
	for k := range uint64(n) {
		x, y = append(x, start+k), append(y, start+shift+k)
	}
	return x, y, float64(n-int(shift)) / float64(n+int(shift))
}

func BenchmarkFeaturesToSimHash(b *testing.B) {
	var sink uint64
	for _, im := range []struct {
		name string
		run  func(x []uint64)
	}{
		{"classic", func(x []uint64) { sink += classic.SimHash(x) }},
		{"branchfree", func(x []uint64) { sink += classic.SimHashBranchFree(x) }},
		{"neardup", func(x []uint64) { sink += uint64(simhash.Sum(x)) }},
	} {
		for _, n := range []int{10, 100, 1000, 10_000} {
			b.Run(fmt.Sprintf("impl=%s/n=%d", im.name, n), func(b *testing.B) { runFeatures(b, n, im.run) })
		}
	}
	_ = sink
}

func runFeatures(b *testing.B, n int, f func([]uint64)) {
	b.ReportAllocs()
	sets := featureSets(n)
	for _, x := range sets[:8] {
		f(x)
	}
	i := 0
	cpu := measure.CPU()
	for b.Loop() {
		f(sets[i&(len(sets)-1)])
		i++
	}
	reportCPU(b, cpu)
}

var featureSets = memo(func(n int) [][]uint64 { return corpus.Features(64, n, 7) })

func BenchmarkSignatureSimilarity(b *testing.B) {
	sk, m := sketcher(b), classic.NewMinHash(slots, 1)
	sets := featureSets(1000)
	var full []minhash.Signature
	var old [][]uint32
	for _, x := range sets {
		full = append(full, sk.AppendSignature(nil, x))
		old = append(old, m.Features(x))
	}
	var sink float64
	b.Run("impl=classic/bits=32", func(b *testing.B) {
		i := 0
		cpu := measure.CPU()
		for b.Loop() {
			sink += classic.Similarity(old[i&63], old[(i*7+1)&63])
			i++
		}
		reportCPU(b, cpu)
	})
	b.Run("impl=neardup/bits=64", func(b *testing.B) {
		i := 0
		cpu := measure.CPU()
		for b.Loop() {
			sink += full[i&63].Similarity(full[(i*7+1)&63])
			i++
		}
		reportCPU(b, cpu)
	})
	for _, bits := range []int{1, 2, 4, 8, 16} {
		b.Run(fmt.Sprintf("impl=neardup/bits=%d", bits), func(b *testing.B) {
			p := minhash.Packing{K: slots, Bits: bits}
			packed := make([][]byte, len(full))
			for i := range packed {
				packed[i] = p.Append(nil, full[i])
			}
			i := 0
			cpu := measure.CPU()
			for b.Loop() {
				sink += p.Similarity(packed[i&63], packed[(i*7+1)&63])
				i++
			}
			reportCPU(b, cpu)
			if testing.Short() {
				return
			}
			e := measure.NewError(slots)
			for i := range 1400 {
				x, y, j := corpus.FeaturePair(1000, similarities[i%len(similarities)], uint64(i))
				e.Add(p.Similarity(p.Append(nil, sk.AppendSignature(nil, x)), p.Append(nil, sk.AppendSignature(nil, y))), j)
			}
			b.ReportMetric(e.OverTheory(), "rmse/theory")
			b.ReportMetric(float64(p.Size()), "B/doc")
		})
	}
	_ = sink
}
