package bench

import (
	"math"
	"testing"
	"time"

	"github.com/neardup/neardup/bench/internal/classic"
	"github.com/neardup/neardup/bench/internal/measure"
	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
	"github.com/neardup/neardup/simhash"
)

// TestSpeed guards against slowing down. It compares with the classic pipeline, which only a new compiler changes, so that the machine
// drops out. Each bound is about three fifths of the ratio that was measured when it was set: a lost factor of two fails. Noise does
// not: both sides take turns, each is judged by its fastest turn and by processor time, and a ratio that is too low is measured again
// with more turns before it counts. Raise a bound with the commit that earns it.
func TestSpeed(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("measures time")
	}
	s, prose, sk := whole(t), shingler(t, shingle.Config{}), sketcher(t)
	m := classic.NewMinHash(slots, 1)
	var features []uint64
	var sig minhash.Signature
	var sink uint64
	long, short, sets := rotation(9000), rotation(1000), featureSets(1000)
	pack := minhash.Packing{K: slots, Bits: 8}
	var narrow [][]uint32
	var packed [][]byte
	for _, x := range sets {
		narrow = append(narrow, m.Features(x))
		packed = append(packed, pack.Append(nil, sk.AppendSignature(nil, x)))
	}
	for _, g := range []struct {
		name          string
		min           float64
		classic, ours func(i int)
	}{
		{"text to MinHash, 9 KB", 16,
			func(i int) { m.Text(long[i&255], shingleWords) },
			func(i int) {
				features = s.Append(features[:0], long[i&255])
				sig = sk.AppendSignature(sig[:0], features)
			}},
		{"text to MinHash, 1 KB", 13,
			func(i int) { m.Text(short[i&255], shingleWords) },
			func(i int) {
				features = s.Append(features[:0], short[i&255])
				sig = sk.AppendSignature(sig[:0], features)
			}},
		{"prose to MinHash, 9 KB", 7,
			func(i int) { m.Text(long[i&255], shingleWords) },
			func(i int) {
				features = prose.Append(features[:0], long[i&255])
				sig = sk.AppendSignature(sig[:0], features)
			}},
		{"text to SimHash, 9 KB", 13,
			func(i int) { sink += classic.SimHash(classic.Features(long[i&255], shingleWords)) },
			func(i int) {
				features = s.Append(features[:0], long[i&255])
				sink += uint64(simhash.Sum(features))
			}},
		{"features to MinHash", 75,
			func(i int) { m.Features(sets[i&63]) },
			func(i int) { sig = sk.AppendSignature(sig[:0], sets[i&63]) }},
		{"features to SimHash", 120,
			func(i int) { sink += classic.SimHash(sets[i&63]) },
			func(i int) { sink += uint64(simhash.Sum(sets[i&63])) }},
		{"packed similarity", 2.3,
			func(i int) { sink += uint64(classic.Similarity(narrow[i&63], narrow[(i*7+1)&63])) },
			func(i int) { sink += uint64(pack.Similarity(packed[i&63], packed[(i*7+1)&63])) }},
	} {
		var best float64
		for turns := 5; turns <= 45 && best < g.min; turns *= 3 {
			best = max(best, ratio(g.classic, g.ours, turns))
		}
		if best < g.min {
			t.Errorf("%s: %.1f times as fast as the classic pipeline, want at least %.1f", g.name, best, g.min)
		} else if testing.Verbose() {
			t.Logf("%s: %.1f times as fast as the classic pipeline, at least %.1f", g.name, best, g.min)
		}
	}
	_ = sink
}

// ratio returns how many times as much time a takes as b, in turns of a few milliseconds each, by the fastest turn of each.
func ratio(a, b func(i int), turns int) float64 {
	const turn = 4 * time.Millisecond
	fs := [2]func(int){a, b}
	var calls [2]int
	for k, f := range fs {
		for n := 1; ; n *= 2 { // also brings buffers to their size
			start := measure.CPU()
			for i := range n {
				f(i)
			}
			if d := measure.CPU() - start; d >= turn/2 {
				calls[k] = max(1, int(float64(n)*float64(turn)/float64(d)))
				break
			}
		}
	}
	best := [2]float64{math.Inf(1), math.Inf(1)}
	at := [2]int{}
	for range turns {
		for k, f := range fs {
			start := measure.CPU()
			for i := range calls[k] {
				f(at[k] + i)
			}
			at[k] += calls[k]
			best[k] = min(best[k], float64(measure.CPU()-start)/float64(calls[k]))
		}
	}
	return best[0] / best[1]
}
