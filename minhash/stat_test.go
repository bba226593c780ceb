package minhash

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
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

// sources fill a slice with features that differ from one another. Trial after trial they are other
// features.
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
	// In the middle bits, in steps that are not a power of two.
	{"strided", func(f []uint64, r *rand.Rand) {
		start, step := r.Uint64(), 3+2*r.Uint64N(1<<20)
		for i := range f {
			f[i] = start + uint64(i)*step<<20
		}
	}},
}

// z is the bound of every check here in standard errors. There are about 500 of them, so that all
// pass with a probability of 0.999; the seeds are fixed, so that they pass always or never.
const z = 4.8

// TestSimilarityError measures bias and error of the Jaccard estimate on sets of many shapes and
// kinds of features.
func TestSimilarityError(t *testing.T) {
	if raceEnabled {
		t.Skip("one goroutine, and slow under the race detector")
	}
	const k = 128
	budget := 2_000_000 // slots or features gone through for each row
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
					if src.name == "consecutive" && i%2 == 1 {
						// The shared ones are spread among the others.
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

// TestSimilarityErrorSlots does the same for other numbers of slots.
func TestSimilarityErrorSlots(t *testing.T) {
	budget := 2_000_000
	if testing.Short() {
		budget = 400_000
	}
	for _, k := range []int{1, 2, 3, 16, 100, 512, 1000, 4096} {
		for pi, p := range []pair{{0, 1, 1}, {1, 2, 1}, {5, 5, 5}, {50, 50, 50}, {0, 100, 900}} {
			t.Run(fmt.Sprintf("k=%d/%d+%d+%d", k, p.a, p.both, p.b), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, uint64(k*10+pi)))
				f := make([]uint64, p.a+p.both+p.b)
				s := newSketcher(t, Config{K: k})
				var m moments
				var a, b Signature
				for i := range max(60, budget/(4*k+4*len(f))) {
					sources[i%2].fill(f, r)
					a = s.AppendSignature(a[:0], f[:p.a+p.both])
					b = s.AppendSignature(b[:0], f[p.a:])
					m.add(a.Similarity(b) - p.jaccard())
				}
				theory, limit := StandardError(p.jaccard(), k), 1.0
				if k >= 16 && max(p.a, p.b)+p.both <= k {
					limit = 0.80
				}
				t.Logf("J=%.3f bias=%+.5f (z=%+.1f) rmse/theory=%.3f±%.3f", p.jaccard(), m.bias(), m.biasZ(), m.rmse()/theory, m.rmseError()/theory)
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

// TestClassicError: the classic scheme has the error of independent slots, and no bias on
// consecutive features either.
func TestClassicError(t *testing.T) {
	const k = 128
	budget := 200
	if testing.Short() {
		budget = 60
	}
	for si, src := range sources {
		for pi, p := range []pair{{1, 2, 1}, {5, 5, 5}, {50, 50, 50}, {0, 100, 300}} {
			t.Run(fmt.Sprintf("%s/%d+%d+%d", src.name, p.a, p.both, p.b), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, uint64(si*10+pi)))
				f := make([]uint64, p.a+p.both+p.b)
				s := newSketcher(t, Config{K: k, Scheme: Classic})
				var m moments
				var a, b Signature
				for range budget {
					src.fill(f, r)
					a = s.AppendSignature(a[:0], f[:p.a+p.both])
					b = s.AppendSignature(b[:0], f[p.a:])
					m.add(a.Similarity(b) - p.jaccard())
				}
				theory := StandardError(p.jaccard(), k)
				if math.Abs(m.biasZ()) > z {
					t.Errorf("bias %+.5f is %.1f standard errors from 0", m.bias(), m.biasZ())
				}
				if d := (m.rmse() - theory) / m.rmseError(); d > z {
					t.Errorf("error is %.3f of theory; z=%.1f", m.rmse()/theory, d)
				}
			})
		}
	}
}

// TestCardinalityError measures bias and error relative to the true number.
func TestCardinalityError(t *testing.T) {
	trials := 2000
	if testing.Short() {
		trials = 200
	}
	for _, k := range []int{16, 128, 1000} {
		for _, n := range []int{1, 2, 3, 5, 10, 17, 30, 60, 100, 200, 500, 1000, 3000, 10000} {
			t.Run(fmt.Sprintf("k=%d/n=%d", k, n), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, uint64(n)))
				s := newSketcher(t, Config{K: k})
				f := make([]uint64, n)
				var m moments
				var a Signature
				for i := range max(30, trials*100/(100+n)) {
					sources[i%len(sources)].fill(f, r)
					a = s.AppendSignature(a[:0], f)
					m.add(a.Cardinality()/float64(n) - 1)
				}
				t.Logf("bias=%+.4f (z=%+.1f) rmse·sqrt(k)=%.3f±%.3f", m.bias(), m.biasZ(), m.rmse()*math.Sqrt(float64(k)), m.rmseError()*math.Sqrt(float64(k)))
				if n == 1 && m.rmse() > 1e-12 {
					t.Errorf("one feature is counted with an error of %v", m.rmse())
				}
				theory := 1 / math.Sqrt(float64(k-2))
				if d := math.Abs(m.bias()) - 0.1*theory; n > 1 && d/math.Sqrt(m.sum2/m.n/m.n) > z {
					t.Errorf("bias %+.4f is beyond a tenth of %.4f", m.bias(), theory)
				}
				limit := theory
				if n <= k {
					limit *= 0.80
				}
				if d := (m.rmse() - limit) / m.rmseError(); n > 1 && d > z {
					t.Errorf("error is %.4f, want at most %.4f; z=%.1f", m.rmse(), limit, d)
				}
			})
		}
	}
	s := newSketcher(t, Config{K: 256, Scheme: Classic})
	var m moments
	for i := range 100 {
		m.add(s.AppendSignature(nil, random(200, uint64(i))).Cardinality()/200 - 1)
	}
	if math.Abs(m.biasZ()) > z || (m.rmse()-1./16)/m.rmseError() > z {
		t.Errorf("classic: bias %+.4f, error %.4f, want at most %.4f", m.bias(), m.rmse(), 1./16)
	}
}

// TestContainmentError measures bias and error of both directions.
func TestContainmentError(t *testing.T) {
	const k = 128
	trials := 4000
	if testing.Short() {
		trials = 400
	}
	for si, p := range []pair{{5, 5, 5}, {50, 50, 50}, {0, 100, 900}, {10, 90, 410}, {500, 500, 500}, {10, 1000, 10}, {30, 970, 1000}} {
		t.Run(fmt.Sprintf("%d+%d+%d", p.a, p.both, p.b), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(si)))
			s := newSketcher(t, Config{K: k})
			f := make([]uint64, p.a+p.both+p.b)
			var ab, ba moments
			var a, b Signature
			na, nb, u := float64(p.a+p.both), float64(p.b+p.both), float64(len(f))
			ca, cb := float64(p.both)/na, float64(p.both)/nb
			for range max(100, trials*100/(100+len(f))) {
				sources[0].fill(f, r)
				a = s.AppendSignature(a[:0], f[:p.a+p.both])
				b = s.AppendSignature(b[:0], f[p.a:])
				ab.add(a.Containment(b) - ca)
				ba.add(b.Containment(a) - cb)
			}
			for _, c := range []struct {
				m       *moments
				c, n    float64
				forward bool
			}{{&ab, ca, na, true}, {&ba, cb, nb, false}} {
				if c.c == 1 {
					if c.m.rmse() > 0 {
						t.Errorf("a set within the other is contained with an error of %v", c.m.rmse())
					}
					continue
				}
				theory := math.Sqrt(c.c * (1 - c.c) * u / (k * c.n))
				t.Logf("C=%.3f bias=%+.5f (z=%+.1f) rmse/theory=%.3f±%.3f", c.c, c.m.bias(), c.m.biasZ(), c.m.rmse()/theory, c.m.rmseError()/theory)
				if math.Abs(c.m.biasZ()) > z {
					t.Errorf("C=%.3f: bias %+.5f is %.1f standard errors from 0", c.c, c.m.bias(), c.m.biasZ())
				}
				// A ratio of two counts: the error is larger by 1/(number of counts).
				if d := (c.m.rmse() - 1.05*theory) / c.m.rmseError(); d > z {
					t.Errorf("C=%.3f: error is %.3f of theory; z=%.1f", c.c, c.m.rmse()/theory, d)
				}
			}
		})
	}
}

// TestDocumentedErrors measures the table of the package comment, and that the comment has it.
func TestDocumentedErrors(t *testing.T) {
	if testing.Short() {
		t.Skip("measures for seconds")
	}
	const k = 128
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	worst := 0.0
	for ni, n := range []int{3, 10, 30, 100, 300, 1000, 3000, 10000} {
		fmt.Fprintf(&table, "//\t%5d", n)
		for ji, j := range []float64{0.1, 0.3, 0.5, 0.8, 0.95} {
			// The larger set has n features, the smaller as many as it shares with it, or two sets
			// of n share what makes it nearest to j.
			p := pair{0, n, 0}
			for both := 0; both <= n; both++ {
				for _, q := range []pair{{n - both, both, n - both}, {0, both, n - both}} {
					if q.both > 0 && q.jaccard() < 1 && (p.jaccard() == 1 || math.Abs(q.jaccard()-j) < math.Abs(p.jaccard()-j)-1e-9) {
						p = q
					}
				}
			}
			if p.jaccard() == 1 || math.Abs(p.jaccard()-j) > 0.1*math.Min(j, 1-j)+0.05 {
				table.WriteString("      –")
				continue
			}
			r := rand.New(rand.NewPCG(uint64(ni), uint64(ji)))
			f := make([]uint64, p.a+p.both+p.b)
			s := newSketcher(t, Config{})
			var m moments
			var a, b Signature
			for range min(10000, 12_000_000/len(f)) {
				sources[0].fill(f, r)
				a = s.AppendSignature(a[:0], f[:p.a+p.both])
				b = s.AppendSignature(b[:0], f[p.a:])
				m.add(a.Similarity(b) - p.jaccard())
			}
			fmt.Fprintf(&table, "  %5.2f", m.rmse()/StandardError(p.jaccard(), k))
			if math.Abs(m.biasZ()) > math.Abs(worst) {
				worst = m.biasZ()
			}
		}
		table.WriteByte('\n')
	}
	t.Logf("largest bias is %.1f standard errors\n%s", worst, &table)
	if math.Abs(worst) > z {
		t.Errorf("a bias is %.1f standard errors from 0", worst)
	}
	if !strings.Contains(string(doc), table.String()) {
		t.Errorf("package comment does not have the measured table:\n%s", &table)
	}
}
