package minhash

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// modelIndex is what an index does, without regard to time: documents by id, and buckets that are
// sorted whenever one is looked at.
type modelIndex struct {
	plan      Plan
	bits      int
	maxBucket int
	docs      []*modelDoc // by id, nil where there is none
}

// modelDoc is what counts of a document.
type modelDoc struct {
	sig    Signature
	keys   []uint64
	packed []byte
	empty  bool
}

func (m *modelIndex) doc(sig Signature) *modelDoc {
	d := &modelDoc{sig: sig, packed: oraclePack(sig, m.bits), empty: isEmptySet(sig)}
	for _, key := range literalKeys(m.plan, sig) {
		d.keys = append(d.keys, key>>32)
	}
	return d
}

func (m *modelIndex) put(id uint32, sig Signature) {
	for int(id) >= len(m.docs) {
		m.docs = append(m.docs, nil)
	}
	m.docs[id] = m.doc(sig)
}

func (m *modelIndex) next() uint32 { return uint32(len(m.docs)) }

// at returns the document with an id, nil if there is none.
func (m *modelIndex) at(id uint32) *modelDoc {
	if id >= m.next() {
		return nil
	}
	return m.docs[id]
}

// ids returns the ids of all documents in order.
func (m *modelIndex) ids() []uint32 {
	var ids []uint32
	for id, d := range m.docs {
		if d != nil {
			ids = append(ids, uint32(id))
		}
	}
	return ids
}

// agree reports whether two signatures agree in all slots of a band.
func (m *modelIndex) agree(band int, a, b Signature) bool {
	at, rows := band*m.plan.Rows+min(band, m.plan.Wide), m.plan.Rows
	if band < m.plan.Wide {
		rows++
	}
	return slices.Equal(a[at:at+rows], b[at:at+rows])
}

// less is the order of the bucket of a band.
func (m *modelIndex) less(band int, a *modelDoc, i int64, b *modelDoc, j int64) int {
	for n := 1; n < m.plan.Bands; n++ {
		if c := cmp.Compare(a.keys[(band+n)%m.plan.Bands], b.keys[(band+n)%m.plan.Bands]); c != 0 {
			return c
		}
	}
	return cmp.Or(bytes.Compare(a.packed, b.packed), cmp.Compare(i, j))
}

// near returns the candidates for a document among some, in the order of their ids, and how many
// were left out.
func (m *modelIndex) near(d *modelDoc, id int64, among []uint32, most int) (near []uint32, skipped int) {
	if d.empty {
		return nil, 0
	}
	found := make([]bool, len(m.docs))
	var before, after []uint32
	for band := range m.plan.Bands {
		before, after = before[:0], after[:0]
		for _, other := range among {
			o := m.docs[other]
			if int64(other) == id || o.empty || !m.agree(band, d.sig, o.sig) {
				continue
			}
			if m.less(band, o, int64(other), d, id) < 0 {
				before = append(before, other)
			} else {
				after = append(after, other)
			}
		}
		order := func(a, b uint32) int { return m.less(band, m.docs[a], int64(a), m.docs[b], int64(b)) }
		left, right := before, after
		if n := len(before) - most; n > 0 {
			slices.SortFunc(before, order)
			left, skipped = before[n:], skipped+n
		}
		if n := len(after) - most; n > 0 {
			slices.SortFunc(after, order)
			right, skipped = after[:most], skipped+n
		}
		for _, other := range left {
			found[other] = true
		}
		for _, other := range right {
			found[other] = true
		}
	}
	for _, other := range among {
		if found[other] {
			near = append(near, other)
		}
	}
	return near, skipped
}

// verified returns the matches among ids, best first.
func (m *modelIndex) verified(d *modelDoc, ids []uint32, least float64) []Match {
	var matches []Match
	p := Packing{K: m.plan.K, Bits: m.bits}
	for _, id := range ids {
		if s := p.Similarity(d.packed, m.docs[id].packed); s >= least {
			matches = append(matches, Match{id, s})
		}
	}
	slices.SortStableFunc(matches, func(a, b Match) int { return cmp.Compare(b.Similarity, a.Similarity) })
	return matches
}

// index returns an index that is made anew of the documents with some ids, under ids of their own.
func (m *modelIndex) index(t testing.TB, ids []uint32) *Index {
	x := mustIndex(t, IndexConfig{Plan: m.plan, Bits: m.bits, MaxBucket: m.maxBucket})
	for i, id := range ids {
		x.Put(uint32(i), m.docs[id].sig)
	}
	return x
}

// modelPlans are those of programs.
var modelPlans = []Plan{
	{K: 8, Bands: 4, Rows: 2}, {K: 8, Bands: 1, Rows: 8}, {K: 10, Bands: 3, Rows: 2, Wide: 2}, {K: 4, Bands: 4, Rows: 1},
}

// program is a sequence of operations on an index and on its model.
type program struct {
	t        *testing.T
	code     []byte
	x        *Index
	m        modelIndex
	snapshot *Snapshot
	held     []uint32 // ids of the snapshot
	written  []byte   // the encoding when it was made
}

// byte returns the next byte of the code, 0 after the last.
func (p *program) byte() byte {
	if len(p.code) == 0 {
		return 0
	}
	b := p.code[0]
	p.code = p.code[1:]
	return b
}

// id returns an id that a document has, had, or could have soon.
func (p *program) id() uint32 { return uint32(p.byte()) % (p.m.next() + 3) }

// signature returns one of 65, of which many share bands.
func (p *program) signature() Signature {
	b := p.byte()
	k := p.m.plan.K
	if b == 255 {
		return voidSignature(k)
	}
	sig := slices.Repeat(Signature{uint64(b >> 6)}, k)
	for j := range sig {
		if b>>(j*4/k)&1 != 0 {
			sig[j] += 16
		}
		if b>>4&3 == 3 {
			sig[j] += uint64(j)
		}
	}
	return sig
}

// release drops the snapshot if it has the document.
func (p *program) release(id uint32) {
	if p.snapshot != nil && slices.Contains(p.held, id) {
		p.snapshot = nil
	}
}

func (p *program) equal(what string, want, got any) {
	p.t.Helper()
	if reflect.DeepEqual(want, got) { // faster
		return
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		p.t.Fatalf("%s (-want +got)\n%s", what, diff[:min(len(diff), 2000)])
	}
}

func (p *program) put() {
	id, sig := p.id(), p.signature()
	p.release(id)
	p.x.Put(id, sig)
	p.m.put(id, sig)
}

func (p *program) add(n int) {
	for sig := p.signature(); n > 0; n-- {
		p.equal("Add", p.m.next(), p.x.Add(sig))
		p.m.put(p.m.next(), sig)
	}
}

func (p *program) remove() {
	id := p.id()
	ok := p.m.at(id) != nil
	p.release(id)
	p.equal("Delete", ok, p.x.Delete(id))
	if ok {
		p.m.docs[id] = nil
	}
}

func (p *program) putFrom() {
	id, from := p.id(), p.id()
	d := p.m.at(from)
	ok := d != nil
	if ok {
		p.release(id)
	}
	p.equal("PutFrom", ok, p.x.PutFrom(id, p.x, from))
	if ok {
		p.m.put(id, d.sig)
	}
}

func (p *program) query() {
	sig := p.signature()
	d := p.m.doc(sig)
	ids, skipped := p.m.near(d, -1, p.m.ids(), p.m.maxBucket)
	got, n := p.x.AppendCandidates(nil, sig)
	p.equal("candidates", ids, got)
	p.equal("skipped", skipped, n)
	least := float64(p.byte()%5) / 4
	matches, n := p.x.AppendQuery(nil, sig, least)
	p.equal("matches", p.m.verified(d, ids, least), matches)
	p.equal("skipped", skipped, n)
}

func (p *program) querySnapshot() {
	id, most := p.id(), int(p.byte()%70)
	if p.snapshot == nil {
		return
	}
	var want []Match
	skipped := 0
	if slices.Contains(p.held, id) {
		d := p.m.docs[id]
		var ids []uint32
		ids, skipped = p.m.near(d, int64(id), p.held, most)
		want = p.m.verified(d, ids, 0.2)
	}
	got, more := p.snapshot.AppendQuery(nil, id, 0.2, most)
	p.equal("matches of the snapshot", want, got)
	p.equal("more", skipped > 0, more)
}

func (p *program) writeSnapshot() {
	var whole, part bytes.Buffer
	if p.snapshot == nil {
		return
	}
	_, err := p.snapshot.WriteTo(&whole, nil)
	if err != nil || !bytes.Equal(whole.Bytes(), p.written) {
		p.t.Fatalf("snapshot writes something else: %v", err)
	}
	ids := make([]uint32, 0, 9)
	for n := int(p.byte() % 9); len(ids) < n && len(p.held) > 0; {
		ids = append(ids, p.held[int(p.byte())%len(p.held)])
	}
	_, err = p.snapshot.WriteDocuments(&part, nil, ids)
	if err != nil || !bytes.Equal(part.Bytes(), encoded(p.t, p.m.index(p.t, ids))) {
		p.t.Fatalf("snapshot writes other documents: %v", err)
	}
}

// recode takes the index that the encoding is decoded to in the place of the old one.
func (p *program) recode() {
	data := encoded(p.t, p.x)
	p.equal("Len", len(p.m.ids()), p.x.Len())
	anew := mustIndex(p.t, p.x.cfg)
	if p.m.next() > 0 { // the last id is given out, and given up
		anew.Put(p.m.next()-1, voidSignature(p.m.plan.K))
		anew.Delete(p.m.next() - 1)
	}
	for _, id := range p.m.ids() {
		anew.Put(id, p.m.docs[id].sig)
	}
	if !bytes.Equal(data, encoded(p.t, anew)) {
		p.t.Fatal("the encoding is not that of a new index with the same documents")
	}
	y := new(Index)
	if err := y.UnmarshalBinary(data); err != nil {
		p.t.Fatal(err)
	}
	if !bytes.Equal(data, encoded(p.t, y)) {
		p.t.Fatal("the encoding is not canonical")
	}
	p.x, p.snapshot = y, nil
}

func (p *program) pairs() {
	var want []Pair
	ids := p.m.ids()
	step := 1 + uint32(len(ids))/30 // not those of all, which takes long
	for _, a := range ids {
		if a%step != 0 {
			continue
		}
		d := p.m.docs[a]
		near, _ := p.m.near(d, int64(a), ids, p.m.maxBucket)
		matches := p.m.verified(d, near, 0.4)
		slices.SortFunc(matches, func(a, b Match) int { return cmp.Compare(a.ID, b.ID) })
		for _, m := range matches {
			if m.ID > a {
				want = append(want, Pair{a, m.ID, m.Similarity})
			}
		}
	}
	var got []Pair
	for pair := range p.x.Pairs(0.4) {
		if pair.A%step == 0 {
			got = append(got, pair)
		}
	}
	p.equal("pairs", want, got)
}

func (p *program) merge() {
	ids := p.m.ids()
	if len(ids) > 60 {
		return
	}
	offset, err := p.x.Merge(p.m.index(p.t, ids))
	p.equal("offset", p.m.next(), offset)
	if err != nil {
		p.t.Fatal(err)
	}
	for i, id := range ids {
		p.m.put(offset+uint32(i), p.m.docs[id].sig)
	}
}

// step runs an operation.
func (p *program) step() {
	switch op := p.byte() % 20; op {
	case 0, 1, 2, 3:
		p.add(1)
	case 4:
		p.add(int(p.byte() % 40))
	case 5, 6:
		p.put()
	case 7, 8, 9:
		p.remove()
	case 10:
		p.putFrom()
	case 11:
		p.x.Compact()
	case 12, 13:
		p.query()
	case 14:
		p.snapshot, p.held, p.written = p.x.Snapshot(), p.m.ids(), encoded(p.t, p.x)
	case 15, 16:
		p.querySnapshot()
	case 17:
		p.writeSnapshot()
	case 18:
		p.recode()
	default:
		p.merge()
	}
	id := p.id()
	p.equal("Has", p.m.at(id) != nil, p.x.Has(id))
}

// runProgram runs a program to its end and then looks at everything.
func runProgram(t *testing.T, code []byte) {
	p := program{t: t, code: code[:min(len(code), 120)]}
	b := int(p.byte())
	p.m = modelIndex{
		plan:      modelPlans[b%4],
		bits:      []int{8, 1, 16, 4}[b/4%4],
		maxBucket: []int{1 << 20, 1, 5, 66}[b/16%4],
	}
	p.x = p.m.index(t, nil)
	for len(p.code) > 0 && p.m.next() < 150 {
		p.step()
	}
	p.code = []byte{65, 2}
	p.query()
	p.pairs()
	p.recode()
	for _, id := range p.m.ids() { // nothing is left behind
		p.x.Delete(id)
	}
	for b := range p.x.bands {
		for _, g := range p.x.bands[b].segs {
			if g.used != 0 {
				t.Fatalf("%d entries are left in an empty index", g.used)
			}
		}
	}
}

// randomProgram returns one that makes large buckets now and then.
func randomProgram(rng *rand.Rand) []byte {
	code := make([]byte, 20+rng.IntN(100))
	narrow := rng.IntN(2) == 0
	for i := range code {
		code[i] = byte(rng.Uint32())
		if narrow {
			code[i] &= 0x5f
		}
	}
	return code
}

func TestIndexEqualsModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 55))
	n := 400
	if testing.Short() {
		n = 150
	}
	for range n {
		runProgram(t, randomProgram(rng))
	}
}

func FuzzIndex(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 56))
	for range 24 {
		f.Add(randomProgram(rng))
	}
	f.Add(bytes.Repeat([]byte{34, 4, 0, 39, 4, 1, 39}, 6))
	f.Fuzz(func(t *testing.T, code []byte) { runProgram(t, code) })
}
