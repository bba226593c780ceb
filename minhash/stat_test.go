package minhash

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// pair is a shape of two sets: features of the first only, of both, of the second only.
type pair struct{ a, both, b int }

func (p pair) jaccard() float64 { return float64(p.both) / float64(p.a+p.both+p.b) }

// moments collects the errors of an estimator.
type moments struct{ n, sum, sum2, sum4 float64 }

func (m *moments) add(err float64) {
	m.n++
	m.sum += err
	m.sum2 += err * err
	m.sum4 += err * err * err * err
}

func (m *moments) bias() float64 { return m.sum / m.n }
func (m *moments) rmse() float64 { return math.Sqrt(m.sum2 / m.n) }

// biasZ returns the bias in units of its standard error.
func (m *moments) biasZ() float64 {
	return m.bias() / math.Sqrt((m.sum2/m.n-m.bias()*m.bias())/m.n)
}

// rmseError returns the standard error of the RMSE, from the fourth moment.
func (m *moments) rmseError() float64 {
	ms := m.sum2 / m.n
	return math.Sqrt(math.Max(0, m.sum4/m.n-ms*ms)/m.n) / (2 * math.Sqrt(ms))
}

// sources fill a slice with features that differ from one another. Trial after trial they are other features.
var sources = []struct {
	name string
	fill func(f []uint64, r *rand.Rand)
}{
	{"mixed", func(f []uint64, r *rand.Rand) {
		for i := range f {
			f[i] = r.Uint64()
		}
	}},
	{"consecutive", func(f []uint64, r *rand.Rand) {
		start := r.Uint64N(1 << 40)
		for i := range f {
			f[i] = start + uint64(i)
		}
	}},
	{"shifted", func(f []uint64, r *rand.Rand) { // all differences in the high bits
		start := r.Uint64()
		for i := range f {
			f[i] = start + uint64(i)<<48
		}
	}},
	{"strided", func(f []uint64, r *rand.Rand) { // in the middle bits, in steps that are not a power of two
		start, step := r.Uint64(), 3+2*r.Uint64N(1<<20)
		for i := range f {
			f[i] = start + uint64(i)*step<<20
		}
	}},
}

// z is the bound of every check here in standard errors. There are about 500 of them, so that all pass with a probability of 0.999; the
// seeds are fixed, so that they pass always or never.
const z = 4.8

// TestSimilarityError measures bias and error of the Jaccard estimate on sets of many shapes and kinds of features.
func TestSimilarityError(t *testing.T) {
	const k = 128
	budget := 6_000_000 // slots or features gone through for each row
	if testing.Short() {
		budget = 600_000
	}
	shapes := []pair{
		{0, 1, 1}, {1, 1, 1}, {2, 1, 2}, {1, 2, 1}, {0, 1, 9},
		{5, 5, 5}, {2, 8, 2}, {0, 8, 2}, {0, 10, 90}, {9, 1, 9},
		{50, 50, 50}, {33, 67, 33}, {5, 95, 5}, {0, 100, 900}, {90, 10, 90}, {10, 90, 0}, {1, 99, 900},
		{500, 500, 500}, {50, 950, 50}, {0, 1000, 9000}, {900, 100, 900}, {0, 900, 100},
		{5000, 5000, 5000}, {500, 9500, 500}, {9000, 1000, 9000},
	}
	for si, src := range sources {
		for pi, p := range shapes {
			t.Run(fmt.Sprintf("%s/%d+%d+%d", src.name, p.a, p.both, p.b), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, uint64(si*1000+pi)))
				f := make([]uint64, p.a+p.both+p.b)
				j := p.jaccard()
				trials := max(100, budget/(2*k+2*len(f)))
				if len(f) > 2000 && testing.Short() {
					trials = 30
				}
				var m moments
				var a, b Signature
				var s *Sketcher
				for i := range trials {
					if i%16 == 0 {
						s = newSketcher(t, Config{K: k, Seed: r.Uint64()})
					}
					src.fill(f, r)
					if src.name == "consecutive" && i%2 == 1 { // the shared ones spread among the others
						r.Shuffle(len(f), func(i, j int) { f[i], f[j] = f[j], f[i] })
					}
					a = s.AppendSignature(a[:0], f[:p.a+p.both])
					b = s.AppendSignature(b[:0], f[p.a:])
					m.add(a.Similarity(b) - j)
				}
				theory := StandardError(j, k)
				limit := 1.0
				if max(p.a, p.b)+p.both <= k {
					limit = 0.80
				}
				t.Logf("J=%.3f trials=%d bias=%+.5f (z=%+.1f) rmse/theory=%.3f±%.3f", j, trials, m.bias(), m.biasZ(), m.rmse()/theory, m.rmseError()/theory)
				if math.Abs(m.biasZ()) > z {
					t.Errorf("bias %+.5f is %.1f standard errors from 0", m.bias(), m.biasZ())
				}
				if d := (m.rmse() - limit*theory) / m.rmseError(); d > z {
					t.Errorf("error is %.3f of theory, want at most %.2f; z=%.1f", m.rmse()/theory, limit, d)
				}
			})
		}
	}
}
