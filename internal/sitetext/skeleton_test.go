package sitetext

import (
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomValues returns n values, of which some come again.
func randomValues(r *rand.Rand, n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		if out[i] = r.Uint32() >> 8; i > 0 && r.IntN(10) == 0 {
			out[i] = out[r.IntN(i)]
		}
	}
	return out
}

// setOf returns values as a set.
func setOf(values []uint32) []uint32 {
	out := slices.Clone(values)
	slices.Sort(out)
	return slices.Compact(out)
}

// TestSkeleton checks that the features of a skeleton come in text order, the first of equal ones,
// each as near to its place as its byte can tell.
func TestSkeleton(t *testing.T) {
	var w Writer
	var l reader
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 7, 100, 159, 160, 255, 256, 257, 319, 320, 512, 513, 640, 1024, 1025, 5000, 65536, 65537, 200000} {
		values := randomValues(r, n)
		skeleton := w.AppendSkeleton([]byte("before"), values)
		if string(skeleton[:6]) != "before" {
			t.Fatal("AppendSkeleton changed what is before it")
		}
		skeleton = skeleton[6:]
		sample, _ := appendSample(nil, setOf(values), skeleton)
		every, unit := 8, 1
		if n < 320 {
			every = 4
		}
		if n < 160 {
			every = 2
		}
		for n > 256*unit && n <= 1024 || n > 65536*unit {
			unit *= 2
		}
		if len(sample)*every > n+6*every+n/4 || len(sample)*every < n/2-12*every {
			t.Errorf("n = %d: %d features are sampled, one in %d", n, len(sample), every)
		}
		if n <= 640 && len(skeleton) > 110 {
			t.Errorf("n = %d: %d bytes", n, len(skeleton))
		}
		var c counts
		c.reset(0)
		l.read(sample, skeleton, &c)
		firsts := make(map[uint32]int)
		for i, v := range slices.Backward(values) {
			firsts[v] = i
		}
		at := 0
		for _, f := range l.features {
			first := firsts[f.value]
			if f.value%uint32(every) != 0 || f.at > first || f.at+unit <= first || f.at < at {
				t.Fatalf("n = %d: feature %d is at %d after %d, want %d", n, f.value, f.at, at, first)
			}
			at = f.at
		}
		if len(l.features) != len(sample) {
			t.Errorf("n = %d: %d features, want %d", n, len(l.features), len(sample))
		}
	}
}

// TestSkeletonGolden pins the bytes, which are kept on disk.
func TestSkeletonGolden(t *testing.T) {
	for _, c := range []struct {
		n    int
		want string
	}{
		{0, "10"},
		{12, "1009010b030507"},
	} {
		values := make([]uint32, c.n)
		for i := range values {
			values[i] = uint32(i+1) * 0x9E3779 % universe
		}
		var w Writer
		if got := hex.EncodeToString(w.AppendSkeleton(nil, values)); got != c.want {
			t.Errorf("skeleton of %d values is %s, want %s", c.n, got, c.want)
		}
	}
}

// TestSampleMismatch gives skeletons of other texts.
func TestSampleMismatch(t *testing.T) {
	var w Writer
	r := rand.New(rand.NewPCG(1, 3))
	values := setOf(randomValues(r, 500))
	whole := w.AppendSkeleton(nil, values)
	for _, skeleton := range [][]byte{nil, whole[:1], whole[:len(whole)-1], append(slices.Clone(whole), 0)} {
		dst := []uint32{7}
		if got, _ := appendSample(dst, values, skeleton); !slices.Equal(got, dst) {
			t.Errorf("%d bytes of %d give a sample of %d", len(skeleton), len(whole), len(got)-1)
		}
	}
}

func TestAllocs(t *testing.T) {
	var w Writer
	r := rand.New(rand.NewPCG(1, 4))
	values := randomValues(r, 1500)
	dst := w.AppendSkeleton(nil, values)
	if n := testing.AllocsPerRun(10, func() { dst = w.AppendSkeleton(dst[:0], values) }); n != 0 {
		t.Errorf("AppendSkeleton allocates %v times", n)
	}
	p := newPress(1)
	p.walled("s", 40, 40, nil, p.words(270))
	var l Learner
	texts := pile(p.pages)
	m := l.Learn(texts)
	if n := testing.AllocsPerRun(10, func() { l.Learn(texts) }); n > 4 {
		t.Errorf("Learn allocates %v times, want 4 at most", n)
	}
	pair := Pair{m, m}
	if n := testing.AllocsPerRun(10, func() { pair.DropsBoth(values[0]) }); n != 0 {
		t.Errorf("DropsBoth allocates %v times", n)
	}
}
