package simhash

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
)

// TestEstimate checks that distances have the mean and the variance of 64 independent bits that
// each differ with the probability θ/π, whatever the features look like.
func TestEstimate(t *testing.T) {
	const n = 1001 // odd: no ties
	trials := 1000
	if testing.Short() {
		trials = 200
	}
	if raceEnabled {
		trials = 50
	}
	kinds := []struct {
		name    string
		feature func(i uint64) uint64
	}{
		{"integers", func(i uint64) uint64 { return i }},
		{"high bits", func(i uint64) uint64 { return i << 40 }},
		{"multiples", func(i uint64) uint64 { return i * 1000 }},
		{"floats", func(i uint64) uint64 { return math.Float64bits(float64(i)) }},
		{"pairs in the top bit", func(i uint64) uint64 { return i>>1 | i<<63 }},
		{"hashes", naiveMix2},
	}
	for _, kind := range kinds {
		for _, shared := range []int{0, 250, 500, 900, 980, 1000} {
			cosine := float64(shared) / n
			p := math.Acos(cosine) / math.Pi
			sum, squares := 0.0, 0.0
			next := uint64(0)
			for range trials {
				x := make([]uint64, 0, 2*n)
				for range 2*n - shared {
					x = append(x, kind.feature(next))
					next++
				}
				d := float64(Sum(x[:n]).Distance(Sum(x[n-shared:])))
				sum += d
				squares += d * d
			}
			m := float64(trials)
			mean := sum / m
			variance := squares/m - mean*mean
			// 36 checks each of mean and variance, all within 4.8 sigma with a probability over
			// .9999. The angle between sums of n votes is that of normal vectors but for a term of
			// order 1/n.
			want := 64 * p
			sigma := math.Sqrt(64 * p * (1 - p) / m)
			if z := (mean - want) / sigma; math.Abs(z) > 4.8 {
				t.Errorf("%s, %d of %d shared: mean distance %.3f, want %.3f (z = %.1f)", kind.name, shared, n, mean, want, z)
			}
			wantVar := 64 * p * (1 - p)
			// Of the binomial: variance of the sample variance, with its excess kurtosis.
			sigma = wantVar * math.Sqrt(2/m+(1-6*p*(1-p))/(64*p*(1-p))/m)
			if z := (variance - wantVar) / sigma; math.Abs(z) > 4.8 {
				t.Errorf("%s, %d of %d shared: variance %.3f, want %.3f (z = %.1f)", kind.name, shared, n, variance, wantVar, z)
			}
		}
	}
}

// naiveMix2 is some other good hash.
func naiveMix2(i uint64) uint64 {
	return xxhash.Sum64String(fmt.Sprint(i))
}

// article returns words of a text with the frequencies of natural language.
func article(r *rand.Rand, n int) []string {
	zipf := rand.NewZipf(r, 1.1, 5, 20000)
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprintf("w%d", zipf.Uint64())
	}
	return words
}

// edit replaces k words by others, at random places.
func edit(r *rand.Rand, words []string, k int) []string {
	words = slices.Clone(words)
	for i, at := range r.Perm(len(words))[:k] {
		words[at] = fmt.Sprintf("new%d", i)
	}
	return words
}

// shingles returns a feature for each w consecutive words.
func shingles(words []string, w int) []uint64 {
	var x []uint64
	for i := range len(words) - w + 1 {
		x = append(x, xxhash.Sum64String(strings.Join(words[i:i+w], " ")))
	}
	return x
}

// cosine returns the cosine between two bags.
func cosine(a, b []uint64) float64 {
	counts := map[uint64][2]int{}
	for _, f := range a {
		c := counts[f]
		c[0]++
		counts[f] = c
	}
	for _, f := range b {
		c := counts[f]
		c[1]++
		counts[f] = c
	}
	dot, aa, bb := 0, 0, 0
	for _, c := range counts {
		dot, aa, bb = dot+c[0]*c[1], aa+c[0]*c[0], bb+c[1]*c[1]
	}
	return float64(dot) / math.Sqrt(float64(aa)*float64(bb))
}

// TestDocumentedDistances measures the table in doc.go, and checks it.
func TestDocumentedDistances(t *testing.T) {
	if raceEnabled {
		t.Skip("deterministic, and slow with the race detector")
	}
	const texts, length = 100, 1000
	var table []string
	for _, w := range []int{1, 5} {
		for _, k := range []int{1, 2, 5, 10, 20, 50, 100, 200} {
			r := rand.New(rand.NewPCG(1, uint64(k)))
			cosines, predicted, within3, within6 := 0.0, 0.0, 0, 0
			var distances []int
			for range texts {
				words := article(r, length)
				a, b := shingles(words, w), shingles(edit(r, words, k), w)
				c := cosine(a, b)
				cosines += c
				predicted += math.Acos(min(c, 1)) / math.Pi * 64
				d := Sum(a).Distance(Sum(b))
				distances = append(distances, d)
				if d <= 3 {
					within3++
				}
				if d <= 6 {
					within6++
				}
			}
			slices.Sort(distances)
			sum := 0
			for _, d := range distances {
				sum += d
			}
			mean, want := float64(sum)/texts, predicted/texts
			// Single words are no test of the angle: a few of them make up most of the vector, and
			// see doc.go.
			if w > 1 && math.Abs(mean-want) > 4.5*math.Sqrt(want*(1-want/64)/texts) {
				t.Errorf("w=%d, %d words: mean distance %.2f, predicted %.2f", w, k, mean, want)
			}
			table = append(table, fmt.Sprintf("//\t%d %8.1f%% %8.3f %9.1f %9.1f %6d to %2d %6d%% %6d%%",
				w, 100*float64(k)/length, cosines/texts, want, mean,
				distances[texts/20], distances[texts-1-texts/20], 100*within3/texts, 100*within6/texts))
		}
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(table, "\n"); !strings.Contains(string(doc), want) {
		t.Errorf("doc.go does not have what was measured:\n%s", want)
	}
}
