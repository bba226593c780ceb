package neardup

import (
	"context"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"testing"
	"time"

	"github.com/neardup/neardup/shingle"
)

// A agency is a made-up news agency: articles of 500 words drawn by Zipf's law, one in five a near-duplicate of an earlier one,
// published by ten sites that put navigation around them. Article i is a function of i.
type agency struct {
	words [1 << 16]string // as often as they are used
	sites [10][2]string
}

const wireWords = 500

func newAgency() *agency {
	w := new(agency)
	rng := rand.New(rand.NewPCG(1, 99))
	vocabulary := make([]string, 50_000)
	rank := make([]float64, len(vocabulary)) // cumulative, by Zipf's law
	total := 0.0
	for i := range vocabulary {
		word := make([]byte, 0, 12)
		for range 1 + rng.IntN(4) {
			word = append(word, "bcdfghklmnprstvz"[rng.IntN(16)], "aeiou"[rng.IntN(5)])
		}
		vocabulary[i] = string(word)
		total += 1 / math.Pow(float64(i+10), 1.05)
		rank[i] = total
	}
	for i := range w.words {
		w.words[i] = vocabulary[sort.SearchFloat64s(rank, total*(float64(i)+0.5)/float64(len(w.words)))]
	}
	for i := range w.sites {
		for j := range w.sites[i] {
			for range 20 {
				w.sites[i][j] += w.word(rng) + " " + w.word(rng) + "\n"
			}
		}
	}
	return w
}

func (w *agency) word(rng *rand.Rand) string { return w.words[rng.Uint64()>>48] }

// original is the article that i is a version of, or i itself.
func (w *agency) original(i int) int {
	rng := rand.New(rand.NewPCG(3, uint64(i)))
	if i < 100 || rng.IntN(5) > 0 {
		return i
	}
	for {
		if o := rng.IntN(i); w.isOriginal(o) {
			return o
		}
	}
}

func (w *agency) isOriginal(i int) bool {
	return i < 100 || rand.New(rand.NewPCG(3, uint64(i))).IntN(5) > 0
}

// body is the article without the navigation.
func (w *agency) body(i int) string {
	o := w.original(i)
	rng := rand.New(rand.NewPCG(4, uint64(o)))
	edits := rand.New(rand.NewPCG(5, uint64(i)))
	edit := 0 // of 10,000 words
	if o != i {
		// A shingle of five words survives the edits of a share p of the words with (1-p)^5; J from 0.5 to 1.
		j := 0.5 + 0.5*edits.Float64()
		edit = int(10_000 * (1 - math.Pow(2*j/(1+j), 0.2)))
	}
	out := make([]byte, 0, wireWords*7)
	for k := range wireWords {
		word := w.word(rng)
		if edits.IntN(10_000) < edit {
			word = w.word(edits)
		}
		if k%17 == 0 {
			word = string(word[0]-'a'+'A') + word[1:]
		}
		out = append(out, word...)
		switch {
		case k%102 == 101:
			out = append(out, ".\n\n"...)
		case k%17 == 16:
			out = append(out, ". "...)
		case k%17 == 8:
			out = append(out, ", the "...)
		default:
			out = append(out, ' ')
		}
	}
	return string(out[:len(out)-1]) + ".\n"
}

func (w *agency) articles(n int) iter.Seq[Article] {
	return func(yield func(Article) bool) {
		for i := range n {
			site := &w.sites[i%len(w.sites)]
			a := Article{
				ID:     "a" + strconv.Itoa(i),
				Text:   site[0] + "\n" + w.body(i) + "\n" + site[1],
				Source: "site" + strconv.Itoa(i%len(w.sites)),
				Time:   time.Unix(1_700_000_000+int64(i), 0),
			}
			if !yield(a) {
				return
			}
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestScale measures what the documentation promises of recall, precision and memory. NEARDUP_ARTICLES=1000000 gives
// the figures of the package comment; with NEARDUP_STREAM=1 the articles are made as they are added, so that the memory of
// the process is that of the detector; NEARDUP_SIGNATURE=1 verifies by signature.
func TestScale(t *testing.T) {
	n := 20_000
	if testing.Short() {
		n = 2000
	}
	if s := os.Getenv("NEARDUP_ARTICLES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	w := newAgency()
	cfg := Config{BySignature: os.Getenv("NEARDUP_SIGNATURE") != ""}
	d := mustNew(t, cfg)
	articles := w.articles(n)
	if os.Getenv("NEARDUP_STREAM") == "" {
		articles = slices.Values(slices.Collect(articles)) // so that making them is not measured
	}
	before := heap()
	start := time.Now()
	if err := d.AddAll(context.Background(), articles); err != nil {
		t.Fatal(err)
	}
	added := time.Since(start)
	perArticle := float64(heap()-before) / float64(n)
	start = time.Now()
	groups := mustGroups(t, d, nil)
	grouped := time.Since(start)

	start = time.Now()
	found := map[[2]string]bool{}
	right, wrong := 0, 0
	var sets [2]shingle.Set
	similarity := func(i, j int) float64 {
		for k, i := range []int{i, j} {
			sets[k] = shingle.NewSet(shingle.AppendWords(sets[k][:0], w.body(i), 5))
		}
		return sets[0].Jaccard(sets[1])
	}
	number := func(id string) int { i, _ := strconv.Atoi(id[1:]); return i }
	for p, err := range d.Pairs(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		a, b := number(p.A), number(p.B)
		if w.original(b) == a {
			found[[2]string{p.A, p.B}] = true
		}
		if w.original(a) == w.original(b) {
			right++
		} else {
			wrong++
		}
	}
	paired := time.Since(start)
	var have, want [10]float64
	sample := 1 + n/200_000
	for i := range n {
		if o := w.original(i); o != i && i%sample == 0 {
			if j := similarity(o, i); j >= 0.5 {
				decile := min(9, int(j*10))
				want[decile]++
				if found[[2]string{"a" + strconv.Itoa(o), "a" + strconv.Itoa(i)}] {
					have[decile]++
				}
			}
		}
	}
	t.Logf("%d articles, GOMAXPROCS %d: added in %v, grouped in %v (%d groups), pairs in %v; %.0f bytes an article; %d pairs of one original, %d others",
		n, runtime.GOMAXPROCS(0), added.Round(time.Millisecond), grouped.Round(time.Millisecond), len(groups), paired.Round(time.Millisecond), perArticle, right, wrong)
	for i := 5; i < 10; i++ {
		got := have[i] / want[i]
		t.Logf("J from 0.%d: recall %.4f of %.0f", i, got, want[i])
		promised := d.cfg.Recall
		if i == 5 && cfg.BySignature {
			promised = 0.75 // estimates below the threshold: see Config.K
		}
		if sigma := math.Sqrt(promised * (1 - promised) / want[i]); got < promised-4*sigma {
			t.Errorf("J from 0.%d: recall %.4f of %.0f pairs, want %.4f", i, got, want[i], promised)
		}
	}
	if float64(wrong) > 0.001*float64(right) {
		t.Errorf("%d of %d pairs have nothing in common", wrong, right+wrong)
	}
	if n >= 100_000 && cfg.BySignature && perArticle > 900 {
		t.Errorf("%.0f bytes an article, want at most 900", perArticle)
	}
	runtime.KeepAlive(articles)
}
