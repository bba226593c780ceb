package minhash

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/neardup/neardup/internal/wire"
)

var (
	_ encoding.BinaryAppender    = (*Index)(nil)
	_ encoding.BinaryMarshaler   = (*Index)(nil)
	_ encoding.BinaryUnmarshaler = (*Index)(nil)
	_ io.WriterTo                = (*Index)(nil)
	_ io.ReaderFrom              = (*Index)(nil)
)

func voidSignature(k int) Signature { return slices.Repeat(Signature{empty}, k) }

// smallIndex has documents deleted, replaced, without features and alike.
func smallIndex(t testing.TB) *Index {
	t.Helper()
	x := mustIndex(t, IndexConfig{Plan: Plan{K: 6, Bands: 2, Rows: 2, Wide: 1}, Seed: 5, MaxBucket: 3})
	for i := range uint64(11) {
		x.Add(Signature{i % 3, i % 3, i % 3, i, i, 7})
	}
	x.Add(voidSignature(6))
	x.Delete(4)
	x.Delete(11)
	x.Add(voidSignature(6))
	x.Put(2, Signature{1, 1, 1, 1, 1, 1})
	return x
}

func encoded(t testing.TB, x interface{ MarshalBinary() ([]byte, error) }) []byte {
	t.Helper()
	b, err := x.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// indexOf returns the encoding that has a payload.
func indexOf(payload []byte) []byte {
	e := indexFormat.NewAppender(nil, len(payload))
	e.Raw(payload)
	data, _ := e.Appended()
	return data
}

// payloadOf takes the payload out of an encoding.
func payloadOf(data []byte) []byte {
	var payload []byte
	for data = data[4:]; len(data) > 0; {
		n := int(binary.LittleEndian.Uint16(data))
		payload = append(payload, data[2:2+n]...)
		data = data[2+n+8:]
	}
	return payload
}

// sealed gives an encoding of one block the check that belongs to it.
func sealed(data []byte) []byte {
	body := slices.Clone(data[:len(data)-8])
	return binary.LittleEndian.AppendUint64(body, xxhash.Sum64(body))
}

// answers is what an index of 6 slots says about itself.
func answers(x *Index) any {
	var all []any
	for i := range uint64(4) {
		sig := Signature{i, i, i, i, i, 7}
		ids, skipped := x.AppendCandidates(nil, sig)
		matches, _ := x.AppendQuery(nil, sig, 0)
		all = append(all, ids, skipped, matches)
	}
	return append(all, x.Len(), x.next, slices.Collect(x.Pairs(0)))
}

func TestIndexEncodingGolden(t *testing.T) {
	data := encoded(t, smallIndex(t))
	if got := hex.EncodeToString(data); got != goldenIndex {
		t.Errorf("encoding is\n%s, want\n%s", got, goldenIndex)
	}
	// The payload by its description.
	want := []byte{1, 8, 6, 0, 2, 0, 2, 0, 1, 0, 3, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0}
	want = append(want, 0b1110_1111, 0b1_0111, 0b1110_1111, 0b0_0111)
	plan := Plan{K: 6, Bands: 2, Rows: 2, Wide: 1}
	for i := range uint64(11) {
		sig := Signature{i % 3, i % 3, i % 3, i, i, 7}
		switch i {
		case 2:
			sig = Signature{1, 1, 1, 1, 1, 1}
		case 4:
			continue
		}
		want = append(want, oraclePack(sig, 8)...)
		keys := literalKeys(plan, sig)
		tags := binary.LittleEndian.AppendUint64(nil, keys[0]>>36|keys[1]>>36<<28)
		want = append(want, tags[:7]...)
	}
	if got := payloadOf(data); !bytes.Equal(got, want) {
		t.Errorf("payload is\n%x, want\n%x", got, want)
	}
	if len(data) != wire.Size(len(want)) {
		t.Errorf("%d bytes, want %d", len(data), wire.Size(len(want)))
	}
	dst := make([]byte, 0, len(data))
	x := smallIndex(t)
	if out, _ := x.AppendBinary(dst); &out[0] != &dst[:1][0] {
		t.Error("AppendBinary does not use the room of dst")
	}
}

func TestIndexRoundTrip(t *testing.T) {
	for name, x := range map[string]*Index{
		"small": smallIndex(t),
		"empty": mustIndex(t, IndexConfig{}),
		"large": func() *Index {
			x, _ := withCopies(t, IndexConfig{Plan: Plan{K: 32, Bands: 8, Rows: 4}}, 1500, true)
			return x
		}(),
		"sparse": func() *Index {
			x := mustIndex(t, IndexConfig{Plan: Plan{K: 5, Bands: 5, Rows: 1}, Bits: 2})
			for i := range uint32(40) {
				x.Put(i*i*601, Signature{uint64(i % 3), uint64(i), 2, uint64(i + 4), 9})
			}
			return x
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			data := encoded(t, x)
			y := new(Index)
			if err := y.UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(encoded(t, y), data) {
				t.Error("encoding of the decoded index differs")
			}
			if diff := cmp.Diff(slices.Collect(x.Pairs(0.3)), slices.Collect(y.Pairs(0.3))); diff != "" {
				t.Errorf("pairs (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(x.Config(), y.Config()); diff != "" {
				t.Errorf("configuration (-want +got)\n%s", diff)
			}
			if name == "small" {
				if diff := cmp.Diff(answers(x), answers(y)); diff != "" {
					t.Errorf("answers (-want +got)\n%s", diff)
				}
			}
			goOnAlike(t, x, y)
			readBack(t, x)
		})
	}
}

// goOnAlike changes both indexes.
func goOnAlike(t *testing.T, x, y *Index) {
	for i := range 40 {
		sig := slices.Repeat(Signature{uint64(i % 7)}, x.cfg.Plan.K)
		if a, b := x.Add(sig), y.Add(sig); a != b {
			t.Fatalf("next id is %d, want %d", b, a)
		}
		if a, b := x.Delete(uint32(i)), y.Delete(uint32(i)); a != b {
			t.Fatalf("Delete(%d) = %v, want %v", i, b, a)
		}
		x.Put(uint32(3*i), sig)
		y.Put(uint32(3*i), sig)
	}
	if !bytes.Equal(encoded(t, x), encoded(t, y)) {
		t.Error("encodings differ after the same changes")
	}
}

// readBack reads a stream, in pieces, of two indexes with something behind them.
func readBack(t *testing.T, x *Index) {
	var out bytes.Buffer
	n, err := x.WriteTo(&out)
	if err != nil || n != int64(out.Len()) || !bytes.Equal(out.Bytes(), encoded(t, x)) {
		t.Fatalf("WriteTo wrote %d bytes of %d: %v", n, out.Len(), err)
	}
	second := mustIndex(t, IndexConfig{})
	second.Add(similarSignatures(1, 128)[0])
	if _, err := second.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	out.WriteString("behind")
	for _, r := range []io.Reader{
		bytes.NewReader(out.Bytes()),
		iotest.OneByteReader(bytes.NewReader(out.Bytes())),
		iotest.HalfReader(bytes.NewReader(out.Bytes())),
		iotest.DataErrReader(bytes.NewReader(out.Bytes())),
	} {
		y, z := mustIndex(t, x.cfg), new(Index)
		m, err := y.ReadFrom(r)
		if err != nil || m != n {
			t.Fatalf("ReadFrom read %d bytes, want %d: %v", m, n, err)
		}
		if !bytes.Equal(encoded(t, y), out.Bytes()[:n]) {
			t.Error("encoding of the index read differs")
		}
		if _, err := z.ReadFrom(r); err != nil || !bytes.Equal(encoded(t, z), encoded(t, second)) {
			t.Errorf("the second index is another: %v", err)
		}
		if rest, _ := io.ReadAll(r); string(rest) != "behind" {
			t.Errorf("ReadFrom left %q", rest)
		}
	}
}

// The encoding says what there is, not how it came about.
func TestIndexEncodingCanonical(t *testing.T) {
	const n = 700
	cfg := IndexConfig{Plan: Plan{K: 8, Bands: 4, Rows: 2}, MaxBucket: 5}
	rng := rand.New(rand.NewPCG(1, 31))
	sigs := make([]Signature, n)
	for i := range sigs {
		if i%3 == 0 {
			continue
		}
		sigs[i] = make(Signature, 8)
		for j := range sigs[i] {
			sigs[i][j] = uint64(rng.IntN(3))
		}
		if i%50 == 1 {
			sigs[i] = voidSignature(8)
		}
	}
	x := mustIndex(t, cfg)
	for id, sig := range sigs {
		if sig != nil {
			x.Put(uint32(id), sig)
		}
	}
	want := encoded(t, x)
	for round := range 4 {
		y := mustIndex(t, cfg)
		for range 2 * n { // a past
			if id := uint32(rng.IntN(n)); rng.IntN(3) == 0 {
				y.Delete(id)
			} else if other := sigs[rng.IntN(n)]; other != nil && id != n-1 {
				y.Put(id, other)
			}
		}
		if round == 1 {
			y.Compact()
		}
		for _, id := range rng.Perm(n) {
			if sigs[id] == nil {
				y.Delete(uint32(id))
			} else {
				y.Put(uint32(id), sigs[id])
			}
		}
		if round == 2 {
			y.Compact()
		}
		if !bytes.Equal(encoded(t, y), want) {
			t.Fatalf("round %d: the past shows", round)
		}
		for _, sig := range sigs[1:2] {
			a, m := x.AppendQuery(nil, sig, 0)
			b, n := y.AppendQuery(nil, sig, 0)
			if m != n || !slices.Equal(a, b) {
				t.Fatalf("round %d: the past shows in answers", round)
			}
		}
	}
}

type badIndex struct {
	name string
	data []byte
	want error
}

// badIndexes are refused, each with its error.
func badIndexes(t testing.TB) []badIndex {
	good := encoded(t, smallIndex(t))
	payload := payloadOf(good)
	whole := func(at int, b ...byte) []byte {
		d := slices.Clone(good)
		copy(d[at:], b)
		return sealed(d)
	}
	in := func(at int, b ...byte) []byte {
		p := slices.Clone(payload)
		copy(p[at:], b)
		return indexOf(p)
	}
	return []badIndex{
		{"nothing", nil, ErrCorrupt},
		{"other tag", whole(0, 'm', 'h', 'x'), ErrCorrupt},
		{"version 0", whole(3, 0), ErrVersion},
		{"version 2", whole(3, 2), ErrVersion},
		{"no payload", indexOf(nil), ErrCorrupt},
		{"header cut", indexOf(payload[:25]), ErrCorrupt},
		{"scheme 0", in(0, 0), ErrCorrupt},
		{"scheme 9", in(0, 9), ErrCorrupt},
		{"bits 0", in(1, 0), ErrCorrupt},
		{"bits 3", in(1, 3), ErrCorrupt},
		{"slots 0", in(2, 0), ErrCorrupt},
		{"slots 4", in(2, 4), ErrCorrupt},
		{"slots 65535", in(2, 255, 255), ErrCorrupt},
		{"bands 0", in(4, 0), ErrCorrupt},
		{"bands 3", in(4, 3), ErrCorrupt},
		{"no plan", in(2, 0, 0, 0, 0, 0, 0, 0, 0), ErrCorrupt},
		{"rows 0", in(6, 0), ErrCorrupt},
		{"wide 2", in(8, 2), ErrCorrupt},
		{"bucket 0", in(10, 0), ErrCorrupt},
		{"bucket 2^31", in(10, 0, 0, 0, 128), ErrCorrupt},
		{"bucket 2^32-1", in(10, 255, 255, 255, 255), ErrCorrupt},
		{"ids 0", in(22, 0), ErrCorrupt},
		{"ids 12", in(22, 12), ErrCorrupt},
		{"ids 17", in(22, 17), ErrCorrupt},
		{"ids 2^31-1", in(22, 255, 255, 255, 127), ErrCorrupt},
		{"ids 2^32-1", in(22, 255, 255, 255, 255), ErrCorrupt},
		{"one document past n", in(27, 0b11_0111), ErrCorrupt},
		{"features past n", in(29, 0b10_0111), ErrCorrupt},
		{"features of one that is not there", in(28, 0b1111_1111), ErrCorrupt},
		{"one with features fewer", in(29, 0b0_0011), ErrCorrupt},
		{"one with features more", in(29, 0b1_0111), ErrCorrupt},
		{"a record cut", indexOf(payload[:len(payload)-1]), ErrCorrupt},
		{"a byte more", indexOf(append(slices.Clone(payload), 0)), ErrCorrupt},
		{"check", append(slices.Clone(good[:len(good)-1]), good[len(good)-1]^1), ErrCorrupt},
	}
}

// refused checks that data are refused, by an index that is there and one that is not.
func refused(t *testing.T, name string, data []byte, want ...error) {
	t.Helper()
	for _, x := range []*Index{smallIndex(t), {}} {
		var before []byte
		if x.bands != nil {
			before = encoded(t, x)
		}
		_, err := x.ReadFrom(bytes.NewReader(data))
		for how, err := range map[string]error{"UnmarshalBinary": x.UnmarshalBinary(data), "ReadFrom": err} {
			known := false
			for _, want := range want {
				known = known || errors.Is(err, want) && strings.HasPrefix(err.Error(), want.Error()+": index: ")
			}
			if !known || strings.Count(err.Error(), "minhash: ") != 1 {
				t.Errorf("%s: %s: error is %v, want %v", name, how, err, want)
			}
		}
		if x.bands != nil && !bytes.Equal(encoded(t, x), before) || x.bands == nil && before != nil {
			t.Errorf("%s: index changed", name)
		}
	}
}

func TestIndexMalformed(t *testing.T) {
	for _, bad := range badIndexes(t) {
		refused(t, bad.name, bad.data, bad.want)
	}
	if err := new(Index).UnmarshalBinary(append(encoded(t, smallIndex(t)), 0)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a byte after the end: error is %v", err)
	}
	odd := mustIndex(t, IndexConfig{Plan: Plan{K: 3, Bands: 1, Rows: 3}, Bits: 1})
	odd.Add(Signature{1, 2, 3})
	spare := payloadOf(encoded(t, odd))
	spare[indexHeader+2] |= 1 << 3
	if err := new(Index).UnmarshalBinary(indexOf(spare)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("bits past the last slot: error is %v", err)
	}
	data := encoded(t, smallIndex(t))
	data[3] = 2
	const want = "minhash: unknown version: index: has version 2, want 1"
	if err := new(Index).UnmarshalBinary(sealed(data)); err == nil || err.Error() != want {
		t.Errorf("error is %v, want %v", err, want)
	}
}

// Cut anywhere, or with any byte changed, an encoding is refused, and the old state stays whole.
func TestIndexDamaged(t *testing.T) {
	good := encoded(t, smallIndex(t))
	for i := range good {
		refused(t, "cut", good[:i], ErrCorrupt)
		for _, bit := range []byte{1, 128, 255} {
			flipped := slices.Clone(good)
			flipped[i] ^= bit
			if i == 3 {
				refused(t, "flipped version", flipped, ErrVersion)
			} else {
				refused(t, "flipped byte", flipped, ErrCorrupt)
			}
		}
	}
	x := smallIndex(t)
	for i := range good { // writes that fail at any point are reported
		if n, err := x.WriteTo(&brokenWriter{left: i}); err == nil || n > int64(i) {
			t.Fatalf("writer with room for %d bytes: %d written, error %v", i, n, err)
		}
	}
	broken := errors.New("disk")
	r := io.MultiReader(bytes.NewReader(good[:40]), iotest.ErrReader(broken))
	if _, err := x.ReadFrom(r); !errors.Is(err, broken) || errors.Is(err, ErrCorrupt) {
		t.Errorf("error of the reader is %v", err)
	}
	if !bytes.Equal(encoded(t, x), good) {
		t.Error("index changed")
	}
}

type brokenWriter struct{ left int }

func (w *brokenWriter) Write(b []byte) (int, error) {
	n := min(len(b), w.left)
	w.left -= n
	if n < len(b) {
		return n, errors.New("disk full")
	}
	return n, nil
}

func TestIndexMismatch(t *testing.T) {
	x := smallIndex(t)
	data := encoded(t, x)
	for want, change := range map[string]func(*IndexConfig){
		"scheme 1, want 2":         func(c *IndexConfig) { c.Scheme = Classic },
		"6 slots, want 7":          func(c *IndexConfig) { c.Plan.K = 7 },
		"seed 5, want 6":           func(c *IndexConfig) { c.Seed = 6 },
		"Plan.Bands is 2, want 1":  func(c *IndexConfig) { c.Plan.Bands, c.Plan.Wide = 1, 0 },
		"Plan.Rows is 2, want 1":   func(c *IndexConfig) { c.Plan.Rows = 1 },
		"Plan.Wide is 1, want 0":   func(c *IndexConfig) { c.Plan.Wide = 0 },
		"Bits is 8, want 16":       func(c *IndexConfig) { c.Bits = 16 },
		"MaxBucket is 3, want 256": func(c *IndexConfig) { c.MaxBucket = 0 },
	} {
		c := x.Config()
		change(&c)
		y := mustIndex(t, c)
		want = "minhash: other configuration: " + want
		if err := y.UnmarshalBinary(data); !errors.Is(err, ErrMismatch) || err.Error() != want {
			t.Errorf("error is %v, want %q", err, want)
		}
		if _, err := y.Merge(x); !errors.Is(err, ErrMismatch) || err.Error() != want {
			t.Errorf("Merge: error is %v, want %q", err, want)
		}
		if y.Len() != 0 {
			t.Error("index changed")
		}
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// A header that claims billions of ids allocates no more than what follows it is worth.
func TestIndexLyingHeader(t *testing.T) {
	payload := payloadOf(encoded(t, smallIndex(t)))
	copy(payload[22:], []byte{255, 255, 255, 127})
	lie := indexOf(payload)
	for name, f := range map[string]func() error{
		"ReadFrom":        func() error { _, err := new(Index).ReadFrom(bytes.NewReader(lie)); return err },
		"UnmarshalBinary": func() error { return new(Index).UnmarshalBinary(lie) },
	} {
		var err error
		if n := allocated(func() { err = f() }); n > 1<<20 || !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %d bytes allocated, error %v", name, n, err)
		}
	}
}

// What a snapshot writes while documents are added is what was there when it was made.
func TestSnapshotWriteTo(t *testing.T) {
	x, _ := withCopies(t, IndexConfig{Plan: Plan{K: 32, Bands: 8, Rows: 4}}, 6000, true)
	want := encoded(t, x)
	var mu sync.RWMutex
	s := x.Snapshot()
	stop, done := make(chan bool), make(chan int)
	go func() {
		added, dead := 0, uint32(0)
		for dead < s.next && s.ids.Test(uint(dead)) {
			dead++
		}
		for sigs := similarSignatures(500, 32); ; {
			select {
			case <-stop:
				done <- added
				return
			default:
				mu.Lock()
				x.Add(sigs[added%len(sigs)])
				x.Put(dead, sigs[added*7%len(sigs)]) // not in the snapshot
				added++
				mu.Unlock()
			}
		}
	}()
	ids := s.ids.AsSlice(make([]uint, s.n))
	some := make([]uint32, 0, len(ids)+1)
	for i := range ids {
		some = append(some, uint32(ids[i*7919%len(ids)]))
	}
	some = append(some, some[0]) // once more
	for range 5 {
		var out, part bytes.Buffer
		if n, err := s.WriteTo(&out, mu.RLocker()); err != nil || n != int64(out.Len()) || !bytes.Equal(out.Bytes(), want) {
			t.Fatalf("WriteTo wrote %d bytes, %d of them as it should: %v", n, common(out.Bytes(), want), err)
		}
		n, err := s.WriteDocuments(&part, mu.RLocker(), some)
		if err != nil || n != int64(part.Len()) {
			t.Fatalf("WriteDocuments wrote %d bytes of %d: %v", n, part.Len(), err)
		}
		anew := mustIndex(t, x.cfg)
		mu.RLock()
		for i, id := range some {
			anew.PutFrom(uint32(i), x, id)
		}
		mu.RUnlock()
		if !bytes.Equal(part.Bytes(), encoded(t, anew)) {
			t.Fatal("WriteDocuments does not write what a new index of these documents would")
		}
	}
	close(stop)
	if added := <-done; added == 0 {
		t.Error("nothing was added meanwhile")
	}
	for i := range 100 { // failing writers
		if n, err := s.WriteDocuments(&brokenWriter{left: i * 1000}, nil, some); err == nil || n > int64(i*1000) {
			t.Fatalf("%d written, error %v", n, err)
		}
	}
}

func common(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func TestSnapshotWriteDocuments(t *testing.T) {
	x := smallIndex(t)
	s := x.Snapshot()
	x.Add(voidSignature(6))
	var none bytes.Buffer
	if _, err := s.WriteDocuments(&none, nil, nil); err != nil || !bytes.Equal(none.Bytes(), encoded(t, mustIndex(t, x.cfg))) {
		t.Errorf("an index without documents differs: %v", err)
	}
	for id, want := range map[uint32]string{
		4:  "minhash: snapshot has no document 4",
		13: "minhash: snapshot has no document 13", // added since
		99: "minhash: snapshot has no document 99",
	} {
		var out bytes.Buffer
		mustPanic(t, want, func() { _, _ = s.WriteDocuments(&out, nil, []uint32{0, id}) })
		if out.Len() > 0 {
			t.Error("a part was written")
		}
	}
	mustPanic(t, "minhash: Index is not made by NewIndex", func() { new(Index).Snapshot() })
}

// FuzzIndexUnmarshalBinary takes data as a payload that has passed its check, and as a whole
// encoding.
func FuzzIndexUnmarshalBinary(f *testing.F) {
	good := encoded(f, smallIndex(f))
	f.Add(payloadOf(good))
	f.Add(good)
	for _, bad := range badIndexes(f) {
		f.Add(bad.data)
		if len(bad.data) > 14 {
			f.Add(bad.data[6 : len(bad.data)-8])
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<12 {
			return
		}
		for _, data := range [][]byte{indexOf(data), data} {
			var x Index
			if err := x.UnmarshalBinary(data); err != nil {
				if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) {
					t.Fatalf("error is %v", err)
				}
				if x.bands != nil {
					t.Fatal("changed by an error")
				}
				continue
			}
			if !bytes.Equal(encoded(t, &x), data) {
				t.Fatal("encoding is not canonical")
			}
			for range x.Pairs(0) {
				break
			}
			x.Delete(0)
			if x.cfg.Scheme == FastSimilarity { // as slots of zeros are
				x.Add(make(Signature, x.cfg.Plan.K))
			}
		}
	})
}

// goldenIndex is smallIndex, for ever.
const goldenIndex = "" +
	"6d686901a000010806000200020001000300000005000000000000000d000000ef17ef07000000000014f6920fa157d90de5" +
	"e5e5e5e5141d8d248b1addfee5e5e5e5e5e51d8d248b1addfe000000f0f014f6920f717738678a8a8adcdc14973793361bb8" +
	"9e0000006c6c14f6920f818ddda4e5e5e51414141d8d242bc0f88b8a8a8ae8e81497379376bf423b000000d7d714f6920f51" +
	"d5af51e5e5e57979141d8d247b55bd583f3151c29a0243f6"
