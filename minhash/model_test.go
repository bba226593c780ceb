package minhash

import (
	"bytes"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// model runs the same operations on an index and on the literal one.
type model struct {
	t     testing.TB
	x     *Index
	l     *literalIndex
	next  uint32
	taken map[uint32]bool // ids of the snapshot
	s     *Snapshot
}

func newModel(t testing.TB, cfg IndexConfig) *model {
	x := mustIndex(t, cfg)
	cfg = x.Config()
	return &model{t: t, x: x, l: &literalIndex{plan: cfg.Plan, bits: cfg.Bits, docs: map[uint32]Signature{}}}
}

func (m *model) put(id uint32, sig Signature) {
	if m.taken[id] {
		return // a document of a snapshot must stay
	}
	m.x.Put(id, sig)
	m.l.docs[id] = slices.Clone(sig)
	m.next = max(m.next, id+1)
}

func (m *model) add(sig Signature) {
	m.t.Helper()
	if id := m.x.Add(sig); id != m.next {
		m.t.Fatalf("Add returns %d, want %d", id, m.next)
	}
	m.l.docs[m.next] = slices.Clone(sig)
	m.next++
}

func (m *model) addAll(sigs []Signature) {
	m.t.Helper()
	if id := m.x.AddAll(sigs); id != m.next {
		m.t.Fatalf("AddAll returns %d, want %d", id, m.next)
	}
	for _, sig := range sigs {
		m.l.docs[m.next] = slices.Clone(sig)
		m.next++
	}
}

func (m *model) delete(id uint32) {
	m.t.Helper()
	if m.taken[id] {
		return
	}
	_, want := m.l.docs[id]
	if m.x.Has(id) != want || m.x.Delete(id) != want || m.x.Has(id) {
		m.t.Fatalf("document %d: there is one: %v, and Has or Delete say otherwise", id, want)
	}
	delete(m.l.docs, id)
}

// query compares the answers to a query.
func (m *model) query(sig Signature, least float64) {
	m.t.Helper()
	most := m.x.Config().MaxBucket
	want, wantSkipped := m.l.candidates(sig, -1, most, all)
	got, skipped := m.x.AppendCandidates([]uint32{7}, sig)
	if diff := cmp.Diff(append([]uint32{7}, want...), got); diff != "" || skipped != wantSkipped {
		m.t.Fatalf("%d skipped, want %d; candidates (-want +got)\n%s", skipped, wantSkipped, diff)
	}
	matches, skipped := m.x.AppendQuery([]Match{{1, 2}}, sig, least)
	if diff := cmp.Diff(append([]Match{{1, 2}}, m.l.matches(sig, want, least)...), matches); diff != "" || skipped != wantSkipped {
		m.t.Fatalf("%d skipped, want %d; matches (-want +got)\n%s", skipped, wantSkipped, diff)
	}
}

// snapshot makes a snapshot in place of the last.
func (m *model) snapshot() {
	m.s = m.x.Snapshot()
	m.taken = map[uint32]bool{}
	for id := range m.l.docs {
		m.taken[id] = true
	}
}

// neighbors compares the answers of the snapshot.
func (m *model) neighbors(id uint32, least float64, most int) {
	m.t.Helper()
	if m.s == nil {
		m.snapshot()
	}
	want, skipped := []uint32{}, 0
	if m.taken[id] {
		want, skipped = m.l.candidates(m.l.docs[id], int64(id), most, func(id uint32) bool { return m.taken[id] })
	}
	got, more := m.s.AppendQuery([]Match{{1, 2}}, id, least, most)
	if diff := cmp.Diff(append([]Match{{1, 2}}, m.l.matches(m.l.docs[id], want, least)...), got); diff != "" || more != (skipped > 0) {
		m.t.Fatalf("neighbors of %d: more is %v, %d skipped; (-want +got)\n%s", id, more, skipped, diff)
	}
}

// encode replaces the index by what its encoding decodes to, after comparing what comes of it in
// several ways.
func (m *model) encode() {
	m.t.Helper()
	data := encoded(m.t, m.x)
	var y Index
	if err := y.UnmarshalBinary(data); err != nil {
		m.t.Fatal(err)
	}
	z := mustIndex(m.t, m.x.Config())
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(m.l.docs))) { // in another order
		z.Put(id, m.l.docs[id])
	}
	z.next = m.next
	if !bytes.Equal(encoded(m.t, z), data) {
		m.t.Fatal("the encoding depends on history")
	}
	if len(m.l.docs) != m.x.Len() || m.x.Len() != y.Len() {
		m.t.Fatalf("Len is %d and %d, want %d", m.x.Len(), y.Len(), len(m.l.docs))
	}
	m.x = &y
	m.s, m.taken = nil, nil
}

// run interprets a program.
func (m *model) run(program []byte) {
	next := func() int {
		if len(program) == 0 {
			return 0
		}
		b := program[0]
		program = program[1:]
		return int(b)
	}
	k := m.x.Config().Plan.K
	sig := make(Signature, k)
	for len(program) > 0 {
		op := next()
		if n := next(); n == 255 {
			for i := range sig {
				sig[i] = empty
			}
		} else { // few values, so that much is shared
			for i := range sig {
				sig[i] = uint64(n >> (i % 4 * 2) & 3)
			}
		}
		switch op % 16 {
		case 0, 1, 2:
			m.add(sig)
		case 3:
			other := slices.Clone(sig)
			other[0]++
			m.addAll([]Signature{sig, other, sig, sig, other}[:op/16%6])
		case 4, 5, 6:
			m.put(uint32(next())*uint32(1+op/128*40), sig)
		case 7, 8, 9:
			m.delete(uint32(next()) * uint32(1+op/128*40))
		case 10:
			m.query(sig, float64(next())/256)
		case 11, 12:
			m.neighbors(uint32(next()), float64(op/16)/16, op/64)
		case 13:
			m.snapshot()
		case 14:
			m.encode()
		case 15:
			if m.s == nil {
				m.x.Compact()
			}
		}
	}
	m.query(sig, 0)
	m.encode()
}

var modelPlan = Plan{K: 6, Bands: 3, Rows: 1, Wide: 2}

// FuzzIndex compares an index with the literal one, whatever is done to it.
func FuzzIndex(f *testing.F) {
	defer func(r io.Reader) { secrets = r }(secrets)
	secrets = strings.NewReader("") // the same secret each time, so that coverage is the same
	rng := rand.New(rand.NewPCG(1, 99))
	for _, n := range []int{10, 100, 400} {
		for range 4 {
			program := make([]byte, n)
			for i := range program {
				program[i] = byte(rng.Uint32())
			}
			f.Add(program)
		}
	}
	f.Add(bytes.Repeat([]byte{0, 27}, 70)) // a crowd
	f.Fuzz(func(t *testing.T, program []byte) {
		newModel(t, IndexConfig{Plan: modelPlan, MaxBucket: 2, Bits: 2}).run(program[:min(len(program), 400)])
	})
}

// Every answer equals that of literal banding, while documents are added, deleted, put elsewhere
// and decoded, for plans of equal and unequal bands, with buckets of one and of hundreds.
func TestIndexEqualsLiteral(t *testing.T) {
	for i, cfg := range []IndexConfig{
		{Plan: Plan{K: 16, Bands: 4, Rows: 4}, Bits: 16},
		{Plan: Plan{K: 16, Bands: 5, Rows: 2, Wide: 3}, MaxBucket: 5, Bits: 1},
		{Plan: Plan{K: 128, Bands: 16, Rows: 8}, MaxBucket: 40},
		{Plan: Plan{K: 1, Bands: 1, Rows: 1}, MaxBucket: 90},
		{Plan: Plan{K: 9, Bands: 9, Rows: 1}, MaxBucket: 100, Bits: 4},
	} {
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		m := newModel(t, cfg)
		k := m.x.Config().Plan.K
		last := make(Signature, k)
		for step := range 1500 {
			sig := make(Signature, k)
			for j := range sig {
				sig[j] = uint64(rng.IntN(4))
			}
			switch {
			case step%50 == 7:
				for j := range sig {
					sig[j] = empty
				}
			case rng.IntN(3) > 0 && !isEmptySet(last):
				copy(sig, last)
				for range rng.IntN(k + 1) {
					sig[rng.IntN(k)] = uint64(rng.IntN(4))
				}
			}
			last = sig
			switch rng.IntN(8) {
			case 0, 1, 2, 3:
				m.add(sig)
			case 4:
				m.put(uint32(rng.IntN(1000)), sig)
			default:
				if step > 700 {
					m.delete(uint32(rng.IntN(1000)))
				}
			}
			switch {
			case step%100 == 99:
				m.query(sig, 0.25)
			case step%20 == 19:
				m.neighbors(uint32(rng.IntN(int(m.next)+1)), 0.25, rng.IntN(70))
			case step%150 == 140:
				m.encode()
			case step%150 == 70:
				m.snapshot()
			case step%500 == 498 && m.s == nil:
				m.x.Compact()
			}
		}
		m.encode()
	}
}

// Many documents at once make the index that one after the other make.
func TestAddAll(t *testing.T) {
	plan := Plan{K: 8, Bands: 4, Rows: 2}
	rng := rand.New(rand.NewPCG(1, 20))
	x, y := mustIndex(t, IndexConfig{Plan: plan}), mustIndex(t, IndexConfig{Plan: plan})
	if x.AddAll(nil) != 0 || x.Len() != 0 {
		t.Error("nothing added is something")
	}
	for _, n := range []int{1, 7, 999, 1500, 3*bulkChunk + 5, 20_000, 5000} {
		sigs := make([]Signature, n)
		for i := range sigs {
			sigs[i] = make(Signature, plan.K)
			for j := range sigs[i] {
				switch i % 8 {
				case 0: // crowds
					sigs[i][j] = rng.Uint64N(3)
				case 1, 2: // lists
					sigs[i][j] = rng.Uint64N(40)
				default:
					sigs[i][j] = rng.Uint64() >> 8
				}
			}
			if i%1000 == 3 {
				for j := range sigs[i] {
					sigs[i][j] = empty
				}
			}
		}
		first := x.AddAll(sigs)
		for i, sig := range sigs {
			if id := y.Add(sig); id != first+uint32(i) {
				t.Fatalf("ids begin with %d, want %d", first, id-uint32(i))
			}
		}
		if !bytes.Equal(encoded(t, x), encoded(t, y)) {
			t.Fatal("encodings differ")
		}
		for _, sig := range sigs[:min(n, 500)] {
			a, skippedA := x.AppendCandidates(nil, sig)
			b, skippedB := y.AppendCandidates(nil, sig)
			if diff := cmp.Diff(b, a); diff != "" || skippedA != skippedB {
				t.Fatalf("%d skipped, want %d; candidates (-Add +AddAll)\n%s", skippedA, skippedB, diff)
			}
		}
		for id := range uint32(n / 3) {
			x.Delete(3 * id)
			y.Delete(3 * id)
		}
	}
	if float64(x.Bytes()) > 1.1*float64(y.Bytes()) {
		t.Errorf("%d bytes, %d when added one by one", x.Bytes(), y.Bytes())
	}
}

// Answers do not depend on the order in which documents came, but for the names of documents that
// are the same.
func TestIndexOrder(t *testing.T) {
	const n = 400
	cfg := IndexConfig{Plan: Plan{K: 16, Bands: 4, Rows: 4}, MaxBucket: 10}
	rng := rand.New(rand.NewPCG(1, 4))
	sigs := make([]Signature, n)
	for i := range sigs {
		sigs[i] = make(Signature, 16)
		for j := range sigs[i] {
			sigs[i][j] = uint64(rng.IntN(2))
		}
		sigs[i][3] = uint64(i) // all differ
		sigs[i][15] = uint64(i)
	}
	answers := func(order []int) [][]Match {
		x := mustIndex(t, cfg)
		for _, i := range order {
			x.Add(sigs[i])
		}
		s := x.Snapshot()
		out := make([][]Match, n)
		for id, i := range order {
			m, _ := x.AppendQuery(nil, sigs[i], 0)
			m, _ = s.AppendQuery(m, uint32(id), 0, 7)
			for j := range m {
				m[j].ID = uint32(order[m[j].ID])
			}
			slices.SortFunc(m, bestFirst)
			out[i] = m
		}
		return out
	}
	want := answers(rng.Perm(n))
	for range 3 {
		if diff := cmp.Diff(want, answers(rng.Perm(n))); diff != "" {
			t.Fatalf("another order (-want +got)\n%s", diff)
		}
	}
}

// A snapshot answers and is written as if nothing had happened since.
func TestSnapshotStays(t *testing.T) {
	x, _ := withCopies(t, IndexConfig{Plan: Plan{K: 32, Bands: 8, Rows: 4}}, 2000, true)
	sigs := similarSignatures(500, 32)
	want := encoded(t, x)
	s := x.Snapshot()
	var answers [][]Match
	for id := range x.next {
		m, more := s.AppendQuery(nil, id, 0.3, 20)
		answers = append(answers, append(m, Match{ID: uint32(map[bool]int{true: 1}[more])}))
	}
	var mu sync.RWMutex
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i, sig := range sigs {
			mu.Lock()
			id := x.Add(sig)
			if from := uint32(i); x.Has(from) {
				x.PutFrom(x.next, x, from) // crowds grow
			}
			if i%3 == 0 {
				x.Delete(id)
			}
			mu.Unlock()
		}
	}()
	var out bytes.Buffer
	if n, err := s.WriteTo(&out, mu.RLocker()); err != nil || n != int64(out.Len()) {
		t.Fatalf("%d bytes written: %v", n, err)
	}
	wg.Wait()
	if !bytes.Equal(out.Bytes(), want) {
		t.Error("the encoding is not that of the time of the snapshot")
	}
	for id, want := range answers {
		m, more := s.AppendQuery(nil, uint32(id), 0.3, 20)
		m = append(m, Match{ID: uint32(map[bool]int{true: 1}[more])})
		if diff := cmp.Diff(want, m); diff != "" {
			t.Fatalf("document %d (-before +after)\n%s", id, diff)
		}
	}
	if m, more := s.AppendQuery(nil, x.next-1, 0, 1000); m != nil || more {
		t.Error("a document put later has neighbors in the snapshot")
	}
}
