package minhash

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustContainment(t testing.TB, cfg ContainmentConfig) *ContainmentIndex {
	t.Helper()
	x, err := NewContainmentIndex(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// randomSet returns n features.
func randomSet(rng *rand.Rand, n int) []uint64 {
	s := make([]uint64, n)
	for i := range s {
		s[i] = rng.Uint64()
	}
	return s
}

// quotes returns a passage of q features and a document of u of which it shares
// the part t.
func quotes(rng *rand.Rand, q, u int, t float64) (passage, document []uint64) {
	passage = randomSet(rng, q)
	shared := int(math.Round(t * float64(q)))
	return passage, append(slices.Clone(passage[:shared]), randomSet(rng, u-shared)...)
}

// Planted at the threshold, documents of every size up to the ratio are found at
// the rate promised, whether sizes are given or estimated.
func TestContainmentRecall(t *testing.T) {
	trials := 4000
	if testing.Short() {
		trials = 600
	}
	for _, cfg := range []ContainmentConfig{
		{},
		{Threshold: 0.6, Ratio: 5, Recall: 0.9},
		{Threshold: 1, Ratio: 20, Recall: 0.9},
		{K: 256, Threshold: 0.8, Ratio: 10, Recall: 0.99},
	} {
		x := mustContainment(t, cfg)
		cfg = x.Config()
		for _, ratio := range []float64{cfg.Threshold, 1, 3, cfg.Ratio} {
			for _, q := range []int{20, 200} {
				for _, given := range []bool{true, false} {
					if !given && q == 20 {
						continue
					}
					t.Run(fmt.Sprintf("t=%v/ratio=%v/q=%d/given=%v", cfg.Threshold, ratio, q, given), func(t *testing.T) {
						rng := rand.New(rand.NewPCG(1, uint64(q)))
						found := 0
						n := trials * 20 / (20 + q/10) / (cfg.K / 128)
						x := mustContainment(t, cfg)
						var m []ContainmentMatch
						for range n {
							a, b := quotes(rng, q, int(math.Ceil(ratio*float64(q))), cfg.Threshold)
							sa, sb := len(a), len(b)
							if !given {
								sa, sb = 0, 0
							}
							id := x.Add(Sum(b, cfg.K), sb)
							m = x.AppendQuery(m[:0], Sum(a, cfg.K), sa, cfg.Threshold)
							if slices.ContainsFunc(m, func(m ContainmentMatch) bool { return m.ID == id }) {
								found++
							}
						}
						got := float64(found) / float64(n)
						sigma := math.Sqrt(cfg.Recall * (1 - cfg.Recall) / float64(n))
						if got < cfg.Recall-4*sigma {
							t.Errorf("%.4f found, want %v (z = %.1f)", got, cfg.Recall, (got-cfg.Recall)/sigma)
						}
					})
				}
			}
		}
	}
}

// The estimate is unbiased, its standard error is what it says, and documents
// that merely share features with the passage are left out.
func TestContainmentEstimate(t *testing.T) {
	x := mustContainment(t, ContainmentConfig{})
	rng := rand.New(rand.NewPCG(1, 9))
	const n = 300
	var sum, square, stated float64
	unrelated := 0
	for range n {
		a, b := quotes(rng, 100, 1000, 0.8)
		_, c := quotes(rng, 100, 1000, 0)
		copy(c, a[:10]) // a tenth
		id := x.Add(Sum(b, 128), len(b))
		other := x.Add(Sum(c, 128), len(c))
		found := x.AppendQuery(nil, Sum(a, 128), len(a), 0.8)
		for i, m := range found {
			if i > 0 && m.Containment > found[i-1].Containment {
				t.Fatal("not in order")
			}
			switch m.ID {
			case other:
				unrelated++
			case id:
				sum += m.Containment - 0.8
				square += (m.Containment - 0.8) * (m.Containment - 0.8)
				stated += m.StandardError
			}
		}
	}
	rmse := math.Sqrt(square / n)
	if z := sum / n / (rmse / math.Sqrt(n)); math.Abs(z) > 4 {
		t.Errorf("bias %.4f (z = %.1f)", sum/n, z)
	}
	if rmse > 0.13 || stated/n < 0.8*rmse || stated/n > 1.4*rmse {
		t.Errorf("RMSE %.3f, stated %.3f, want about 0.11", rmse, stated/n)
	}
	if unrelated > n/50 {
		t.Errorf("%d of %d documents with a tenth of the passage are found", unrelated, n)
	}
}

// The candidates are those that share one of the slots searched, no more and no
// fewer, while documents come and go.
func TestContainmentCandidates(t *testing.T) {
	x := mustContainment(t, ContainmentConfig{K: 64, Ratio: 4, Recall: 0.9, MaxBucket: 1 << 20})
	rng := rand.New(rand.NewPCG(1, 10))
	type doc struct {
		sig  Signature
		size int
	}
	var docs []*doc
	for step := range 3000 {
		d := &doc{make(Signature, 64), 1 + rng.IntN(1<<rng.IntN(14))}
		for j := range d.sig {
			d.sig[j] = uint64(rng.IntN(300))
			if step%70 == 3 {
				d.sig[j] = empty
			}
		}
		x.Add(d.sig, d.size)
		docs = append(docs, d)
		for range rng.IntN(3) {
			id := rng.IntN(len(docs))
			if x.Delete(uint32(id)) != (docs[id] != nil) {
				t.Fatalf("Delete(%d)", id)
			}
			docs[id] = nil
		}
		if id := rng.IntN(len(docs)); rng.IntN(4) == 0 && x.Replace(uint32(id), d.sig, d.size) {
			docs[id] = d
		}
		if step%100 > 2 {
			continue
		}
		for _, least := range []float64{0, 0.5, 1, 1.1, math.NaN()} {
			want := []uint32{}
			for id, e := range docs {
				if e == nil || isEmptySet(d.sig) || isEmptySet(e.sig) || !(least <= 1) {
					continue
				}
				largest := 1
				for largest <= e.size {
					largest *= 2
				}
				largest--
				if float64(2*largest) < least*float64(d.size) {
					continue
				}
				s := least * float64(d.size) / (float64(largest) + float64(d.size) - least*float64(d.size))
				missed := 1.0
				for i := 0; i < x.Slots() && missed > 0.05; i++ {
					missed *= 1 - min(s, 1)
					if d.sig[i] == e.sig[i] {
						want = append(want, uint32(id))
						break
					}
				}
			}
			got := x.AppendCandidates([]uint32{}, d.sig, d.size, least)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("step %d, least %v: candidates (-want +got)\n%s", step, least, diff)
			}
		}
	}
	if x.packed.n == x.total {
		t.Error("the slots of deleted documents were never given up")
	}
}

func TestContainmentCodes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 11))
	for range 10000 {
		a, b := rng.Uint64()>>rng.IntN(64)&(1<<62-1), rng.Uint64()>>rng.IntN(64)&(1<<62-1)
		equal, less := compareCodes(appendCodes(nil, Signature{a}), appendCodes(nil, Signature{b}))
		if less == 1 && a >= b || less == 0 && equal == 0 && a <= b || equal == 0 && a == b {
			t.Fatalf("%x and %x: equal %d, less %d", a, b, equal, less)
		}
	}
	want := []byte{0, 0, 0, 4, 0, 10, 0xff, 0xfb}
	if got := appendCodes(nil, Signature{0, 1, 3, empty}); !bytes.Equal(got, want) {
		t.Errorf("codes are %x, want %x", got, want)
	}
}

func smallContainment(t testing.TB) *ContainmentIndex {
	t.Helper()
	x := mustContainment(t, ContainmentConfig{K: 4, Threshold: 1, Ratio: 1, Recall: 0.6, MaxBucket: 2, Seed: 3})
	for i := range uint64(9) {
		x.Add(Signature{i % 2, i % 3, i, 1 << 40}, int(10*i+1))
	}
	x.Add(Signature{empty, empty, empty, empty}, 0)
	x.Delete(3)
	x.Replace(1, Signature{7, 7, 7, 7}, 1<<31-1)
	return x
}

func TestContainmentEncoding(t *testing.T) {
	x := smallContainment(t)
	good := encoded(t, x)
	var y ContainmentIndex
	if err := y.UnmarshalBinary(good); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encoded(t, &y), good) {
		t.Error("encoding of the decoded index differs")
	}
	for i := range uint64(9) {
		sig := Signature{i % 2, i % 3, i, 1 << 40}
		if diff := cmp.Diff(x.AppendQuery(nil, sig, 5, 0.5), y.AppendQuery(nil, sig, 5, 0.5)); diff != "" {
			t.Errorf("answer (-want +got)\n%s", diff)
		}
	}
	z := mustContainment(t, x.Config())
	before := encoded(t, z)
	for i := range good {
		for _, data := range [][]byte{good[:i], changedByte(good, i)} {
			err := z.UnmarshalBinary(data)
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) && !errors.Is(err, ErrMismatch) {
				t.Fatalf("byte %d: error is %v", i, err)
			}
			if !bytes.Equal(encoded(t, z), before) {
				t.Fatalf("byte %d: index changed", i)
			}
		}
	}
	for want, change := range map[string]func(*ContainmentConfig){
		"scheme 1, want 2":         func(c *ContainmentConfig) { c.Scheme = Classic },
		"4 slots, want 5":          func(c *ContainmentConfig) { c.K = 5 },
		"seed 3, want 0":           func(c *ContainmentConfig) { c.Seed = 0 },
		"Threshold is 1, want 0.9": func(c *ContainmentConfig) { c.Threshold = 0.9 },
		"Ratio is 1, want 1.5":     func(c *ContainmentConfig) { c.Ratio = 1.5 },
		"Recall is 0.6, want 0.5":  func(c *ContainmentConfig) { c.Recall = 0.5 },
		"MaxBucket is 2, want 256": func(c *ContainmentConfig) { c.MaxBucket = 0 },
	} {
		c := x.Config()
		change(&c)
		other := mustContainment(t, c)
		if err := other.UnmarshalBinary(good); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one that says %q", err, want)
		}
		if _, err := other.Merge(x); !errors.Is(err, ErrMismatch) {
			t.Errorf("Merge: error is %v", err)
		}
	}
	if offset, err := z.Merge(x); err != nil || offset != 0 || !bytes.Equal(encoded(t, z), good) {
		t.Errorf("merged into an empty index it differs: %v", err)
	}
}

func changedByte(data []byte, at int) []byte {
	data = slices.Clone(data)
	data[at] ^= 0x41
	return data
}

func TestContainmentConfig(t *testing.T) {
	for _, tt := range []struct {
		cfg  ContainmentConfig
		want string
	}{
		{ContainmentConfig{K: -1}, "ContainmentConfig.K is -1, want 1 to 4096"},
		{ContainmentConfig{Threshold: 1.1}, "ContainmentConfig.Threshold is 1.1, want more than 0 and at most 1"},
		{ContainmentConfig{Threshold: math.NaN()}, "ContainmentConfig.Threshold is NaN"},
		{ContainmentConfig{Ratio: 0.5}, "ContainmentConfig.Ratio is 0.5, want 1 to 1000"},
		{ContainmentConfig{Recall: 1}, "ContainmentConfig.Recall is 1, want more than 0 and less than 1"},
		{ContainmentConfig{MaxBucket: -1}, "ContainmentConfig.MaxBucket is -1"},
		{ContainmentConfig{Scheme: 3}, "ContainmentConfig.Scheme is 3"},
		{ContainmentConfig{Ratio: 100}, "minhash: 128 slots find at most 0.283 of the documents that contain 0.8 of a passage and have 100 times its features, want 0.95, which takes 461 slots"},
		{ContainmentConfig{Ratio: 1000}, "which takes more than 4096 slots"},
	} {
		_, err := NewContainmentIndex(tt.cfg)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: error is %v, want one that says %q", tt.cfg, err, tt.want)
		}
	}
}

func FuzzContainmentUnmarshal(f *testing.F) {
	good := encoded(f, smallContainment(f))
	f.Add(good)
	for i := range good {
		if i < containmentHeader || i%7 == 0 {
			f.Add(changed(good, i, good[i]^0x41))
			f.Add(good[:i])
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, sealed(append(slices.Clone(data), make([]byte, 8)...))} {
			var x ContainmentIndex
			if err := x.UnmarshalBinary(data); err != nil {
				if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) {
					t.Fatalf("error is %v", err)
				}
				continue
			}
			if !bytes.Equal(encoded(t, &x), data) {
				t.Fatal("encoding is not canonical")
			}
		}
	})
}
