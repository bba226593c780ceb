package minhash

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// literalCurve is the S-curve as the papers have it.
func literalCurve(bands, rows, wide int, s float64) float64 {
	return 1 - math.Pow(1-math.Pow(s, float64(rows)), float64(bands-wide))*math.Pow(1-math.Pow(s, float64(rows+1)), float64(wide))
}

// literalLoad is the share of the pairs below the threshold that become candidates, by the middles
// of the histogram.
func literalLoad(p Plan, threshold float64, histogram []float64) float64 {
	if histogram == nil {
		for i := range 20 {
			histogram = append(histogram, math.Pow(2, -float64(i)))
		}
	}
	var load, all float64
	for i, share := range histogram {
		all += share
		if m := (float64(i) + 0.5) / float64(len(histogram)); m < threshold {
			load += share * literalCurve(p.Bands, p.Rows, p.Wide, m)
		}
	}
	return load / all
}

// The plan meets the goal, and no other plan that does has less load.
func TestNewPlanIsBest(t *testing.T) {
	histograms := [][]float64{nil, {5, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {0, 0, 0, 1}}
	for _, k := range []int{1, 2, 7, 16, 40} {
		for _, threshold := range []float64{0.05, 0.3, 0.5, 0.8, 0.95, 1} {
			for _, recall := range []float64{0.1, 0.5, 0.8, 0.95, 0.999} {
				for _, h := range histograms {
					best := math.Inf(1)
					for r := 1; r <= k; r++ {
						for b := 1; b*r <= k; b++ {
							for wide := 0; wide < b && b*r+wide <= k; wide++ {
								p := Plan{k, b, r, wide}
								c := literalCurve(b, r, wide, threshold)
								if math.Abs(c-recall) < 1e-12 { // rounding decides
									c = p.Probability(threshold)
								}
								if c >= recall {
									best = min(best, literalLoad(p, threshold, h))
								}
							}
						}
					}
					p, err := NewPlan(Goal{Threshold: threshold, Recall: recall, K: k, Similarities: h})
					if math.IsInf(best, 1) != (err != nil) {
						t.Fatalf("k=%d t=%v recall=%v: error %v, least load %v", k, threshold, recall, err, best)
					}
					if err != nil {
						continue
					}
					if got := p.Probability(threshold); got < recall {
						t.Errorf("%v: finds %v at %v, want %v", p, got, threshold, recall)
					}
					if got := literalLoad(p, threshold, h); got > best*(1+1e-9) {
						t.Errorf("%v: load is %v, want %v", p, got, best)
					}
				}
			}
		}
	}
}

// Plans are stored with indexes and shared between machines: the same goal gives the same plan for
// ever.
func TestNewPlanGolden(t *testing.T) {
	for _, tt := range []struct {
		goal Goal
		want Plan
	}{
		{Goal{}, Plan{128, 16, 7, 14}},
		{Goal{Threshold: 0.5}, Plan{128, 34, 3, 22}},
		{Goal{Threshold: 0.7, Recall: 0.9}, Plan{128, 20, 6, 5}},
		{Goal{Threshold: 0.9, Recall: 0.8}, Plan{128, 8, 16, 0}},
		{Goal{Threshold: 0.95, Recall: 0.99}, Plan{128, 8, 16, 0}},
		{Goal{K: 256}, Plan{256, 26, 9, 22}},
		{Goal{K: 4096}, Plan{4096, 213, 19, 32}},
		{Goal{Threshold: 1, Recall: 1}, Plan{128, 1, 128, 0}},
	} {
		got, err := NewPlan(tt.goal)
		if err != nil || got != tt.want {
			t.Errorf("%+v: %+v, %v, want %+v", tt.goal, got, err, tt.want)
		}
	}
}

func TestNewPlanErrors(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		goal Goal
		want string
	}{
		{Goal{Threshold: -0.1}, "Goal.Threshold is -0.1, want more than 0 and at most 1"},
		{Goal{Threshold: 1.1}, "Goal.Threshold is 1.1,"},
		{Goal{Threshold: nan}, "Goal.Threshold is NaN,"},
		{Goal{Recall: -1}, "Goal.Recall is -1,"},
		{Goal{Recall: 1.01}, "Goal.Recall is 1.01,"},
		{Goal{Recall: nan}, "Goal.Recall is NaN,"},
		{Goal{K: -1}, "Goal.K is -1, want 1 to 4096"},
		{Goal{K: 4097}, "Goal.K is 4097, want 1 to 4096"},
		{Goal{Similarities: []float64{}}, "Similarities sum to 0"},
		{Goal{Similarities: []float64{1, -1}}, "Similarities[1] is -1"},
		{Goal{Similarities: []float64{1, nan}}, "Similarities[1] is NaN"},
		{Goal{Similarities: []float64{math.Inf(1)}}, "Similarities[0] is +Inf"},
		{Goal{K: 1}, "1 slots find at most 0.8 of the pairs at similarity 0.8, want 0.95, which takes 2 slots"},
		{Goal{Threshold: 0.1, Recall: 0.999, K: 64}, "64 slots find at most 0.998821 of the pairs at similarity 0.1, want 0.999, which takes 66 slots"},
		{Goal{Threshold: 0.0001}, "which takes more than 4096 slots"},
		{Goal{Recall: 1}, "128 slots find at most 0.999999 of the pairs at similarity 0.8, want 1, which no number of slots can promise"},
	} {
		if p, err := NewPlan(tt.goal); err == nil || !strings.Contains(err.Error(), tt.want) || p != (Plan{}) {
			t.Errorf("%+v: %v, %v, want an error that says %q", tt.goal, p, err, tt.want)
		}
	}
}

func TestProbability(t *testing.T) {
	for _, p := range []Plan{{128, 16, 8, 0}, {128, 16, 7, 14}, {1, 1, 1, 0}, {4096, 4096, 1, 0}, {4096, 1, 4096, 0}, {0, 5, 20, 3}} {
		last := 0.0
		for i := range 1001 {
			s := float64(i) / 1000
			got, want := p.Probability(s), literalCurve(p.Bands, p.Rows, p.Wide, s)
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("%+v: Probability(%v) = %v, want %v", p, s, got, want)
			}
			if got < last {
				t.Errorf("%+v: Probability(%v) = %v falls", p, s, got)
			}
			last = got
		}
		for s, want := range map[float64]float64{math.Inf(-1): 0, -1: 0, 0: 0, 1: 1, 2: 1, math.Inf(1): 1} {
			if got := p.Probability(s); got != want {
				t.Errorf("Probability(%v) = %v, want %v", s, got, want)
			}
		}
		if got := p.Probability(math.NaN()); !math.IsNaN(got) {
			t.Errorf("Probability(NaN) = %v", got)
		}
	}
}

func TestPlanPanics(t *testing.T) {
	good := Plan{K: 4, Bands: 2, Rows: 2}
	for want, f := range map[string]func(){
		"minhash: Plan.Bands is 0, want 1 to 128":    func() { Plan{}.Probability(0.5) },
		"minhash: Plan.Bands is 5, want 1 to 4":      func() { Plan{K: 4, Bands: 5, Rows: 1}.Probability(0.5) },
		"minhash: Plan.Rows is 0, want 1 to 4":       func() { Plan{K: 4, Bands: 2}.Probability(0) },
		"minhash: Plan.Wide is 2, want 0 to 1":       func() { Plan{K: 9, Bands: 2, Rows: 1, Wide: 2}.Probability(0) },
		"minhash: Plan uses 5 slots, want at most 4": func() { Plan{K: 4, Bands: 2, Rows: 2, Wide: 1}.Probability(0) },
		"minhash: Plan.K is 5000, want 1 to 4096":    func() { Plan{K: 5000, Bands: 1, Rows: 1}.AppendBandKeys(nil, nil) },
		"minhash: signature has 3 values, want 4":    func() { good.AppendBandKeys(nil, Signature{1, 2, 3}) },
	} {
		mustPanic(t, want, f)
	}
}

// literalKeys follows the documentation of AppendBandKeys word by word.
func literalKeys(p Plan, sig Signature) []uint64 {
	var keys []uint64
	at := 0
	for i := 0; i < p.Bands; i++ {
		r := p.Rows
		if i < p.Wide {
			r++
		}
		h := (uint64(i) + 1) * 0x9e3779b97f4a7c15
		h ^= uint64(r)
		for j := 0; j < r; j++ {
			h ^= sig[at]
			h *= 0xbf58476d1ce4e5b9
			h ^= h >> 32
			at++
		}
		h *= 0x94d049bb133111eb
		h ^= h >> 31
		keys = append(keys, h)
	}
	return keys
}

func TestAppendBandKeysGolden(t *testing.T) {
	sig := make(Signature, 16)
	for i := range sig {
		sig[i] = uint64(i%3)<<32 | uint64(i*i)*0x01234567
	}
	for _, tt := range []struct {
		plan Plan
		want []uint64
	}{
		{Plan{16, 4, 4, 0}, goldenKeys[:4]},
		{Plan{16, 3, 4, 2}, goldenKeys[4:7]},
		{Plan{16, 1, 1, 0}, goldenKeys[7:]},
	} {
		got := tt.plan.AppendBandKeys([]uint64{42}, sig)
		if diff := cmp.Diff(append([]uint64{42}, tt.want...), got); diff != "" {
			t.Errorf("%+v: keys (-want +got)\n%s\n%#x", tt.plan, diff, got[1:])
		}
		if diff := cmp.Diff(literalKeys(tt.plan, sig), got[1:]); diff != "" {
			t.Errorf("%+v: keys (-documented +got)\n%s", tt.plan, diff)
		}
	}
}

// Keys differ between bands of equal slots, between rows, and wherever one slot differs by one bit.
func TestAppendBandKeysDiffer(t *testing.T) {
	p := Plan{K: 128, Bands: 16, Rows: 8}
	sig := make(Signature, 128)
	seen := map[uint64]bool{}
	for _, key := range p.AppendBandKeys(nil, sig) {
		seen[key] = true
	}
	if len(seen) != 16 {
		t.Errorf("%d keys of equal bands, want 16", len(seen))
	}
	for i := range sig {
		for bit := range 64 {
			sig[i] ^= 1 << bit
			seen[p.AppendBandKeys(nil, sig)[i/8]] = true
			sig[i] ^= 1 << bit
		}
	}
	if len(seen) != 16+128*64 {
		t.Errorf("%d keys, want %d", len(seen), 16+128*64)
	}
	// The upper halves, which the index uses, are as good as random.
	rng := rand.New(rand.NewPCG(1, 12))
	distinct := map[uint64]bool{}
	for range 1 << 13 {
		for i := range sig {
			sig[i] = uint64(rng.IntN(3))
		}
		for _, key := range p.AppendBandKeys(nil, sig) {
			distinct[key] = true
		}
	}
	var cells [256]float64
	for key := range distinct {
		cells[key>>56]++
	}
	mean, chi := float64(len(distinct))/256, 0.0
	for _, n := range cells {
		chi += (n - mean) * (n - mean) / mean
	}
	if z := (chi - 255) / math.Sqrt(2*255); math.Abs(z) > 4 {
		t.Errorf("top bytes of %d keys are uneven: z = %.1f", len(distinct), z)
	}
}

var goldenKeys = []uint64{
	0xabdbe87b69d154cb, 0xa8ddde75efa4788a, 0xf159357b468207cd, 0x79df7a166a3bed8b,
	0xcf7075402fac762e, 0xe94bf87cc1d9c6a3, 0x7e6bdc3943ee0280,
	0xcb2e1a58e369eb93,
}
