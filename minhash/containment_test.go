package minhash

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
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

// naivePairs is a containment index to the letter of its documentation: a set of pairs of a value
// and a document. It shares no code with the index.
type naivePairs struct {
	cfg  ContainmentConfig // nothing is 0
	docs map[uint32]map[uint32]bool
}

func newNaivePairs(cfg ContainmentConfig) *naivePairs {
	return &naivePairs{cfg, map[uint32]map[uint32]bool{}}
}

// sample returns the sampled values of the features, once each.
func (p *naivePairs) sample(features []uint64) map[uint32]bool {
	values := map[uint32]bool{}
	for _, f := range features {
		w := p.cfg.Seed + 0x452821e638d01377
		w = (w ^ w>>30) * 0xbf58476d1ce4e5b9
		w = (w ^ w>>27) * 0x94d049bb133111eb
		w ^= w >> 31
		h := f ^ w
		h = (h ^ h>>33) * 0xff51afd7ed558ccd
		h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
		if hi, lo := bits.Mul64(h, uint64(p.cfg.Rate)); hi == 0 {
			values[uint32(lo>>32)] = true
		}
	}
	return values
}

func (p *naivePairs) add(id uint32, features []uint64) {
	for v := range p.sample(features) {
		if p.docs[v] == nil {
			p.docs[v] = map[uint32]bool{}
		}
		p.docs[v][id] = true
	}
}

func (p *naivePairs) remove(id uint32, features []uint64) {
	for v := range p.sample(features) {
		delete(p.docs[v], id)
	}
}

func (p *naivePairs) query(features []uint64) (found []ContainmentCandidate, sampled, common int) {
	shared := map[uint32]int{}
	for v := range p.sample(features) {
		if len(p.docs[v]) > p.cfg.MaxDocs {
			common++
			continue
		}
		sampled++
		for id := range p.docs[v] {
			shared[id]++
		}
	}
	sampledOf := map[uint32]int{}
	for _, docs := range p.docs {
		if len(docs) <= p.cfg.MaxDocs {
			for id := range docs {
				sampledOf[id]++
			}
		}
	}
	for id, n := range shared {
		if most := int64(n) * int64(p.cfg.Share); p.cfg.Share > 0 && most < int64(sampled) && most < int64(sampledOf[id]) {
			continue
		}
		found = append(found, ContainmentCandidate{id, n, sampledOf[id]})
	}
	slices.SortFunc(found, func(a, b ContainmentCandidate) int { return int(int64(a.ID) - int64(b.ID)) })
	return found, sampled, common
}

// answer is what a query says, to be compared.
type answer struct {
	Found           []ContainmentCandidate
	Sampled, Common int
}

func compareWithNaive(t *testing.T, x *ContainmentIndex, p *naivePairs, features []uint64) {
	t.Helper()
	share := x.cfg.Share
	for _, s := range []int{0, 1, 2, 3, 7, math.MaxInt32, share} {
		x.cfg.Share, p.cfg.Share = s, s
		var got, want answer
		got.Found, got.Sampled, got.Common = x.AppendQuery(nil, features)
		want.Found, want.Sampled, want.Common = p.query(features)
		if !slices.Equal(got.Found, want.Found) || got.Sampled != want.Sampled || got.Common != want.Common {
			t.Fatalf("AppendQuery with Share = %d (-want +got):\n%s", s, cmp.Diff(want, got))
		}
	}
}

// checkSegments looks for what cannot be if the segments are sound.
func checkSegments(t testing.TB, x *ContainmentIndex) {
	t.Helper()
	for i := 0; i < len(x.directory); {
		g := x.directory[i]
		n := 1 << (x.depth - g.depth)
		for _, same := range x.directory[i : i+n] {
			if same != g {
				t.Fatalf("entries %d to %d of the directory are not the same valueSegment", i, i+n-1)
			}
		}
		used, live, sets := 0, 0, 0
		last := uint64(math.MaxUint64)
		taken := make([]bool, len(g.lists))
		for at, c := range g.cells {
			if c == 0 {
				continue
			}
			used++
			v, ref := uint32(c>>32), uint32(c)
			if int(v>>(32-x.depth))&^(n-1) != i || c>>32 >= last || at < g.home(v) {
				t.Fatalf("cell %d has the value %x after %x, with the home %d", at, v, last, g.home(v))
			}
			for j := g.home(v); j < at; j++ {
				if g.cells[j] == 0 {
					t.Fatalf("cell %d is vacant, before %d whose home is %d", j, at, g.home(v))
				}
			}
			last = c >> 32
			ids := g.appendDocs(nil, ref)
			if len(ids) != g.docs(ref) || !slices.IsSorted(ids) || len(slices.Compact(ids)) != g.docs(ref) {
				t.Fatalf("value %x has the documents %d, want %d in order", v, ids, g.docs(ref))
			}
			if ref&isDoc == 0 && ref&isSet == 0 {
				n, from := list(ref)
				live += listRoom(n)
				for j := from; j < from+listRoom(n); j++ {
					if taken[j] {
						t.Fatalf("word %d of the lists is in two of them", j)
					}
					taken[j] = true
				}
			} else if ref&isDoc == 0 {
				sets++
			}
		}
		for _, s := range g.sets {
			sets -= b2i(s != nil)
		}
		if used != g.used || live != len(g.lists)-g.dead || sets != 0 || g.cells[len(g.cells)-1] != 0 {
			t.Fatalf("%d cells used, want %d, and %d words, want %d", g.used, used, len(g.lists)-g.dead, live)
		}
		i += n
	}
}

// smallSegments are limits that random operations reach.
var smallSegments = segmentLimits{cells: 12, words: 40, list: 4}

// runOperations does what the bytes of a program say to an index and to the naive one, and compares
// their answers. It keeps what is naively slow small: three kinds of features, of which a few are
// in all documents and most in few.
func runOperations(t *testing.T, x *ContainmentIndex, p *naivePairs, program []byte) {
	x.limits = smallSegments
	features := make([]uint64, 0, 8)
	for len(program) >= 4 {
		op, id, seed := program[0], uint32(program[1]), binary.LittleEndian.Uint16(program[2:])
		program = program[4:]
		if op&8 != 0 {
			id |= id << 15
		}
		rng := rand.New(rand.NewPCG(1, uint64(seed)))
		features = features[:0]
		for range seed % 8 {
			features = append(features, rng.Uint64N(1<<(2+rng.Uint64N(7))))
		}
		switch op % 8 {
		case 0, 1, 2, 3:
			x.Add(id, features)
			p.add(id, features)
		case 4, 5, 6:
			x.Remove(id, features)
			p.remove(id, features)
		default:
			compareWithNaive(t, x, p, features)
		}
	}
	checkSegments(t, x)
	all := make([]uint64, 1<<8)
	for i := range all {
		all[i] = uint64(i)
	}
	compareWithNaive(t, x, p, all)
}

func TestContainmentOracle(t *testing.T) {
	programs := 150
	if testing.Short() {
		programs = 60
	}
	for i := range programs {
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		program := make([]byte, 4*(1+rng.IntN(1500)))
		for j := range program {
			program[j] = byte(rng.Uint32())
		}
		if i%3 > 0 { // more is added than removed, then all the other way round
			for j := 0; j < len(program); j += 4 {
				if rng.IntN(3) == 0 {
					program[j] = program[j]&8 | byte(j/(len(program)/2+1)*4)
				}
			}
		}
		cfg := ContainmentConfig{Rate: 1 + i%3, MaxDocs: 1 + i%11, Seed: uint64(i)}
		runOperations(t, mustContainment(t, cfg), newNaivePairs(cfg), program)
	}
}

func FuzzContainment(f *testing.F) {
	for i := range 20 {
		rng := rand.New(rand.NewPCG(2, uint64(i)))
		program := make([]byte, 4*(1+5*i))
		for j := range program {
			program[j] = byte(rng.Uint32())
		}
		f.Add(program, uint8(i))
	}
	f.Fuzz(func(t *testing.T, program []byte, most uint8) {
		cfg := ContainmentConfig{Rate: 1, MaxDocs: 1 + int(most)%20, Seed: uint64(most)}
		runOperations(t, mustContainment(t, cfg), newNaivePairs(cfg), program[:min(len(program), 400)])
	})
}

// At the size that segments really have, with lists and sets of all lengths.
func TestContainmentLarge(t *testing.T) {
	docs := 12_000
	if testing.Short() {
		docs = 5_000
	}
	cfg := ContainmentConfig{Rate: 2, MaxDocs: 700, Seed: 5}
	x, p := mustContainment(t, cfg), newNaivePairs(cfg)
	article := func(id int) []uint64 {
		rng := rand.New(rand.NewPCG(3, uint64(id)))
		f := randomSet(rng, 8)
		for range 4 {
			f = append(f, uint64(float64(docs)*math.Pow(rng.Float64(), 6)))
		}
		return f
	}
	steps := []struct {
		add      bool
		from, to int
	}{
		{true, 0, docs}, {false, docs / 3, docs}, {true, docs / 2, docs}, {false, 0, docs - docs/8}, {true, 0, docs / 2},
	}
	for _, s := range steps {
		for id := s.from; id < s.to; id++ {
			if s.add {
				x.Add(uint32(id), article(id))
				p.add(uint32(id), article(id))
			} else {
				x.Remove(uint32(id), article(id))
				p.remove(uint32(id), article(id))
			}
		}
		checkSegments(t, x)
		for i := range 5 {
			f := article(i*docs/5 + 1)
			compareWithNaive(t, x, p, f)
			compareWithNaive(t, x, p, f[len(f)-2:])
		}
	}
	for i := range x.directory {
		// 128 KB of cells, and somewhat more of lists: as much as is copied at a time.
		if g := x.directory[i]; len(g.cells) > 17<<10 || cap(g.lists) > 48<<10 {
			t.Errorf("valueSegment of %d cells and %d words", len(g.cells), cap(g.lists))
		}
	}
	for id := range docs {
		x.Remove(uint32(id), article(id))
	}
	checkSegments(t, x)
	for _, page := range x.many {
		if page != nil && *page != [manyPage]uint64{} {
			t.Error("a document that was removed has many values")
		}
	}
	var live uint32
	for _, page := range x.counts {
		for _, n := range page {
			live += n
		}
	}
	if limit := 4096*len(x.counts) + 1000*len(x.directory) + 1000; live != 0 || x.Bytes() > limit {
		t.Errorf("without documents the index has %d values and %d bytes, want at most %d", live, x.Bytes(), limit)
	}
}

// Documents of 1 to 600 values, all of which thousands have: they meet in the table where a query tallies them, and their tallies
// are more than it can count.
func TestContainmentShare(t *testing.T) {
	cfg := ContainmentConfig{Rate: 1, MaxDocs: 2000}
	x, p := mustContainment(t, cfg), newNaivePairs(cfg)
	all := random(600, 9)
	for id := range uint32(1500) {
		rng := rand.New(rand.NewPCG(4, uint64(id)))
		n := 1 + int(id%17)
		if id%100 == 0 {
			n = int(id) * 600 / 1500
		}
		from := rng.IntN(600 - n + 1)
		features := append(random(int(id%40), uint64(id)), all[from:from+n]...)
		x.Add(id<<8, features)
		p.add(id<<8, features)
	}
	for _, n := range []int{1, 3, 20, 300, 600} {
		compareWithNaive(t, x, p, all[:n])
		compareWithNaive(t, x, p, append(random(n, 10), all[n/2:n]...))
	}
}

// Answers depend on what is held and on nothing else: not on order, history, or the places that
// chance has chosen.
func TestContainmentHistory(t *testing.T) {
	article := func(id int) []uint64 {
		f := random(100, uint64(id))
		for i := range uint64(40) {
			if i*uint64(id)%7 < 5 {
				f = append(f, i)
			}
		}
		return f
	}
	cfg := ContainmentConfig{Rate: 3, MaxDocs: 50}
	fresh, worn := mustContainment(t, cfg), mustContainment(t, cfg)
	for id := range 60 {
		fresh.Add(uint32(id), article(id))
	}
	for id := 299; id >= 0; id-- {
		worn.Add(uint32(id), article(id+17))
		worn.Add(uint32(id), article(id))
	}
	for id := range 300 {
		worn.Remove(uint32(id), article(id+17))
	}
	for id := 60; id < 300; id++ {
		worn.Remove(uint32(id), article(id))
	}
	for id := range 60 {
		worn.Add(uint32(id), article(id)) // what it shares with the article that was removed
	}
	for id := range 300 {
		var a, b answer
		a.Found, a.Sampled, a.Common = fresh.AppendQuery(nil, article(id))
		b.Found, b.Sampled, b.Common = worn.AppendQuery(nil, article(id))
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("query %d (-fresh +worn):\n%s", id, diff)
		}
		if id == 0 && (a.Common == 0 || len(a.Found) == 0) {
			t.Fatal("nothing is common, or nothing is found")
		}
	}
}

// What is sampled is part of what a caller may store.
func TestContainmentGolden(t *testing.T) {
	for _, c := range []struct {
		cfg  ContainmentConfig
		want []uint64 // features 0, 1, … that are sampled
	}{
		{ContainmentConfig{}, []uint64{38, 84, 90, 112}},
		{ContainmentConfig{Rate: 100, Seed: 1}, []uint64{8, 269, 289, 302}},
		{ContainmentConfig{Rate: 1 << 20, Seed: 2}, []uint64{594451, 1985146, 2350209}},
	} {
		x := mustContainment(t, c.cfg)
		got := []uint64{}
		for f := uint64(0); f < 1<<22 && len(got) < 4; f++ {
			if len(x.appendSample(nil, []uint64{f})) > 0 {
				got = append(got, f)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.cfg, diff)
		}
	}
}

// Of pairs that share m features, 1-(1-1/Rate)^m are found, and the share of sampled values
// estimates the containment without bias, for features of any kind.
func TestContainmentRecall(t *testing.T) {
	trials := 3000
	if testing.Short() {
		trials = 1000
	}
	for _, kind := range []string{"random", "consecutive", "high"} {
		for _, c := range []struct {
			rate, n, size int
			share         float64
		}{
			{32, 50, 1000, 0.8}, {32, 100, 100, 0.5}, {32, 150, 5000, 0.9}, {32, 300, 600, 0.1},
			{8, 20, 200, 0.6}, {5, 30, 40, 0.3}, {1, 10, 20, 0.1}, {1000, 900, 1000, 1},
		} {
			t.Run(fmt.Sprintf("kind=%s/rate=%d/n=%d/share=%v", kind, c.rate, c.n, c.share), func(t *testing.T) {
				x := mustContainment(t, ContainmentConfig{Rate: c.rate, MaxDocs: 1 << 30})
				m := int(math.Round(c.share * float64(c.n)))
				found := 0
				var ratio moments
				var got []ContainmentCandidate
				for i := range trials {
					// All features are different in all trials, so that hits are of this trial's
					// pair.
					all := make([]uint64, 0, c.n+c.size-m)
					for j := range c.n + c.size - m {
						f := uint64(i)<<20 + uint64(j)
						switch kind {
						case "random":
							f = mix(f + golden)
						case "high":
							f <<= 24
						}
						all = append(all, f)
					}
					passage, document := all[:c.n], all[c.n-m:]
					x.Add(uint32(i), document)
					var sampled int
					got, sampled, _ = x.AppendQuery(got[:0], passage)
					shared := 0
					for _, g := range got {
						if g.ID == uint32(i) {
							shared = g.Shared
						}
					}
					found += b2i(shared > 0)
					if sampled > 0 {
						ratio.add(float64(shared)/float64(sampled) - float64(m)/float64(c.n))
					}
				}
				want := 1 - math.Pow(1-1/float64(c.rate), float64(m))
				sigma := math.Sqrt(want*(1-want)/float64(trials)) + 1e-9
				// Of 48 checks at 4.5 sigma, one fails in 3,000 runs.
				if z := (float64(found)/float64(trials) - want) / sigma; math.Abs(z) > 4.5 {
					t.Errorf("%.4f found, want %.4f (z = %.1f)", float64(found)/float64(trials), want, z)
				}
				if z := ratio.biasZ(); ratio.rmse() > 1e-9 && math.Abs(z) > 4.5 {
					t.Errorf("containment is estimated with a bias of %.4f (z = %.1f)", ratio.bias(), z)
				}
			})
		}
	}
}

// Nobody can choose features that crowd one place, even if he knows all but the random numbers of
// the index.
func TestContainmentAimed(t *testing.T) {
	if raceEnabled {
		t.Skip("one goroutine, and slow under the race detector")
	}
	const n = 40_000
	// feature returns one that has the value v at a rate of 1.
	feature := func(v uint32) uint64 {
		return unenter(uint64(v)<<32, 0) ^ seedWord(0) ^ sampleWord(0)
	}
	// crowding returns how many bits of a value the directory needs to tell segments from one
	// another, and how far cells are from their homes at most.
	crowding := func(place scramble, value func(i uint32) uint32) (depth uint, farthest int) {
		x := mustContainment(t, ContainmentConfig{Rate: 1})
		x.place = place
		for i := range uint32(n) {
			x.Add(i/10, []uint64{feature(value(i))})
		}
		checkSegments(t, x)
		for i := 0; i < len(x.directory); {
			g := x.directory[i]
			for at, c := range g.cells {
				if c != 0 {
					farthest = max(farthest, at-g.home(uint32(c>>32)))
				}
			}
			i += 1 << (x.depth - g.depth)
		}
		return x.depth, farthest
	}
	attacks := map[string]func(i uint32) uint32{
		"consecutive": func(i uint32) uint32 { return i },
		"high":        func(i uint32) uint32 { return i << 15 },
		"reversed":    func(i uint32) uint32 { return bits.Reverse32(i) },
		"stride":      func(i uint32) uint32 { return i * 0x9e3779b1 },
		"squares":     func(i uint32) uint32 { return i * i },
		"ends":        func(i uint32) uint32 { return i&0xff<<24 | i>>8 },
	}
	// Without secret numbers an attack is a success.
	if depth, _ := crowding(scramble{0, 1, 1}, attacks["consecutive"]); depth < 16 {
		t.Errorf("an attack on known places leads to a directory of %d bits only", depth)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	deepest, worst := uint(0), 0
	for range 8 { // as a matter of chance
		place := newScramble(rng.Uint64(), rng.Uint64())
		depth, farthest := crowding(place, func(uint32) uint32 { return rng.Uint32() })
		deepest, worst = max(deepest, depth), max(worst, farthest)
	}
	for name, value := range attacks {
		for i := range 5 {
			place, times := newScramble(rng.Uint64(), rng.Uint64()), 3
			if i == 4 { // the places of this process, which are others in each
				place, times = mustContainment(t, ContainmentConfig{}).place, 12
			}
			depth, farthest := crowding(place, value)
			if depth > deepest+1 || farthest > times*worst {
				t.Errorf("%s at %x: %d bits of directory, cells up to %d from home; by chance %d and %d",
					name, place, depth, farthest, deepest, worst)
			}
		}
	}
}

// pagesOfSites calls add with n documents of about 16 sampled values at a rate of 1, and returns
// the number of pairs: one in ten has three quarters of an earlier one, one in ten a quarter, all
// have a value that others have, more or less, and one in ten has two that belong to a site.
func pagesOfSites(n int, add func(id uint32, features []uint64)) (pairs int) {
	rng := rand.New(rand.NewPCG(1, 16))
	f := make([]uint64, 0, 20)
	for id := range n {
		f = f[:0]
		own, from, copied := uint64(id)<<32, uint64(rng.IntN(id+1))<<32, uint64(0)
		switch rng.IntN(10) {
		case 0:
			copied = 12
		case 1:
			copied = 4
		case 2:
			f = append(f, 1, 2)
		}
		for i := range uint64(15) {
			if i < copied {
				f = append(f, from+1<<20+i)
			} else {
				f = append(f, own+1<<20+i)
			}
		}
		f = append(f, 3+uint64(float64(n)*math.Pow(rng.Float64(), 3)))
		slices.Sort(f)
		pairs += len(slices.Compact(f))
		add(uint32(id), f)
	}
	return pairs
}

func heapHeld() uint64 {
	runtime.GC()
	runtime.GC() // pools are emptied by the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A sampled value takes ten bytes at most, and Bytes is what the heap says.
func TestContainmentBytes(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 20_000
	}
	rng := rand.New(rand.NewPCG(1, 15))
	unique := func(add func(uint32, []uint64)) (pairs int) {
		for id := range n {
			add(uint32(id), randomSet(rng, 16))
		}
		return 16 * n
	}
	for name, fill := range map[string]func(add func(uint32, []uint64)) (pairs int){
		"unique": unique,
		"sites":  func(add func(uint32, []uint64)) int { return pagesOfSites(n, add) },
		"common": func(add func(uint32, []uint64)) int {
			for id := range n {
				add(uint32(id), []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, uint64(id)})
			}
			return 11 * n
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := heapHeld()
			x := mustContainment(t, ContainmentConfig{Rate: 1})
			pairs := fill(x.Add)
			got, heap := float64(x.Bytes()), float64(heapHeld()-before)
			if got/float64(pairs) > 10 || math.Abs(got-heap) > 0.02*heap {
				t.Errorf("%.2f bytes a value, want at most 10; the heap says %.2f", got/float64(pairs), heap/float64(pairs))
			}
			t.Logf("%.2f bytes a value", got/float64(pairs))
			runtime.KeepAlive(x)
		})
	}
}

// To add and remove for a long time, with numbers used again, takes no more memory in the end.
func TestContainmentRecycling(t *testing.T) {
	const docs = 5000
	x := mustContainment(t, ContainmentConfig{Rate: 1, MaxDocs: 100})
	rng := rand.New(rand.NewPCG(1, 17))
	held := make([][]uint64, docs)
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	var first int
	for round := range rounds {
		for range docs {
			id := rng.IntN(docs)
			x.Remove(uint32(id), held[id])
			held[id] = append(held[id][:0], randomSet(rng, 10)...)
			for range 5 {
				held[id] = append(held[id], uint64(docs*math.Pow(rng.Float64(), 4)))
			}
			x.Add(uint32(id), held[id])
		}
		if n := x.Bytes(); round == 4 {
			first = n
		} else if round > 4 && float64(n) > 1.06*float64(first) {
			t.Fatalf("%d bytes in round %d, want about %d", n, round, first)
		}
	}
	checkSegments(t, x)
}

func TestContainmentAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector a sync.Pool forgets")
	}
	x := mustContainment(t, ContainmentConfig{Rate: 1})
	pagesOfSites(5000, x.Add)
	sets := map[uint32][]uint64{}
	pagesOfSites(5000, func(id uint32, f []uint64) { sets[id] = slices.Clone(f) })
	found := make([]ContainmentCandidate, 0, 5000)
	if n := testing.AllocsPerRun(200, func() { found, _, _ = x.AppendQuery(found[:0], sets[4000]) }); n >= 1 {
		t.Errorf("AppendQuery allocates %v times", n)
	}
	if n := testing.AllocsPerRun(200, func() { _, _, _ = x.AppendQuery(nil, sets[4000]) }); n >= 2 {
		t.Errorf("AppendQuery to nothing allocates %v times, want once", n)
	}
	if n := testing.AllocsPerRun(200, func() {
		x.Remove(4000, sets[4000])
		x.Add(4000, sets[4000])
	}); n >= 1 {
		t.Errorf("Remove and Add allocate %v times", n)
	}
}

// Queries run at once; the race detector watches.
func TestContainmentConcurrentQueries(t *testing.T) {
	x := mustContainment(t, ContainmentConfig{Rate: 1})
	var sets [][]uint64
	pagesOfSites(2000, func(id uint32, f []uint64) {
		x.Add(id, f)
		sets = append(sets, slices.Clone(f))
	})
	answers := make([]string, 4)
	var wg sync.WaitGroup
	for w := range answers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var all []ContainmentCandidate
			for _, f := range sets[:300] {
				all, _, _ = x.AppendQuery(all, f)
			}
			answers[w] = fmt.Sprint(all)
		}()
	}
	wg.Wait()
	for _, a := range answers[1:] {
		if a != answers[0] {
			t.Fatal("answers differ")
		}
	}
}

func TestContainmentErrors(t *testing.T) {
	for _, c := range []struct {
		cfg  ContainmentConfig
		want string
	}{
		{ContainmentConfig{Rate: -1}, "minhash: ContainmentConfig.Rate is -1, want 1 to 1048576"},
		{ContainmentConfig{Rate: 1<<20 + 1}, "minhash: ContainmentConfig.Rate is 1048577, want 1 to 1048576"},
		{ContainmentConfig{MaxDocs: -1}, "minhash: ContainmentConfig.MaxDocs is -1, want 1 to 2147483647"},
	} {
		if x, err := NewContainmentIndex(c.cfg); err == nil || err.Error() != c.want || x != nil {
			t.Errorf("NewContainmentIndex(%+v) = %v, %v, want %q", c.cfg, x, err, c.want)
		}
	}
	x := mustContainment(t, ContainmentConfig{Rate: 1})
	mustPanic(t, "minhash: document has the number 2147483648, want less than 2147483648", func() { x.Add(1<<31, nil) })
	x.Add(1<<31-1, []uint64{1})
	if found, _, _ := x.AppendQuery(nil, []uint64{1}); len(found) != 1 || found[0].ID != 1<<31-1 {
		t.Errorf("the last document is found as %v", found)
	}
	x.Remove(1<<32-1, []uint64{1})
	const unmade = "minhash: ContainmentIndex is not made by NewContainmentIndex"
	mustPanic(t, unmade, func() { new(ContainmentIndex).Add(1, nil) })
	mustPanic(t, unmade, func() { new(ContainmentIndex).Remove(1, nil) })
	mustPanic(t, unmade, func() { new(ContainmentIndex).AppendQuery(nil, nil) })
}

func TestSortIDs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 18))
	var spare []uint32
	for _, n := range []int{0, 1, 2, 999, 1000, 5000} {
		for _, limit := range []uint32{1, 1 << 11, 1<<11 + 1, 1 << 22, 1<<31 - 1} {
			ids := make([]uint32, n)
			for i := range ids {
				ids[i] = rng.Uint32N(limit)
			}
			want := slices.Sorted(slices.Values(ids))
			var got []uint32
			if got, spare = sortIDs(ids, spare); !slices.Equal(got, want) {
				t.Errorf("%d numbers below %d are not in order", n, limit)
			}
		}
	}
}

// A docSet is a set, whatever is added and removed, and gives room back.
func TestDocSet(t *testing.T) {
	for _, limit := range []uint32{70_000, 1 << 20, 1 << 31} {
		rng := rand.New(rand.NewPCG(1, uint64(limit)))
		var s docSet
		want := map[uint32]bool{}
		for _, phase := range []struct{ n, adds int }{{60_000, 9}, {90_000, 3}, {60_000, 7}, {400_000, 1}} {
			if testing.Short() {
				phase.n /= 4
			}
			for range phase.n {
				id := rng.Uint32N(limit)
				if limit > 1<<20 {
					id &^= 0xfff00 // more in a chunk, and many chunks
				}
				if rng.IntN(10) < phase.adds {
					if s.add(id) == want[id] {
						t.Fatalf("add(%d) = %v", id, want[id])
					}
					want[id] = true
				} else {
					if s.remove(id) != want[id] {
						t.Fatalf("remove(%d) = %v", id, !want[id])
					}
					delete(want, id)
				}
			}
			got := s.appendTo(nil)
			if len(got) != len(want) || s.n != len(want) || !slices.IsSorted(got) {
				t.Fatalf("%d documents, %d listed, want %d", s.n, len(got), len(want))
			}
			for _, id := range got {
				if !want[id] {
					t.Fatalf("%d is listed", id)
				}
			}
		}
		for id := range want {
			s.remove(id)
		}
		if s.n != 0 || len(s.chunks) != 0 {
			t.Errorf("%d documents in %d chunks are left", s.n, len(s.chunks))
		}
	}
}
