package minhash

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"
)

// smallIndex has documents deleted, replaced, without features and alike.
func smallIndex(t testing.TB) *Index {
	t.Helper()
	x := mustIndex(t, IndexConfig{Plan: Plan{K: 6, Bands: 2, Rows: 2, Wide: 1}, Seed: 5, MaxBucket: 3})
	for i := range uint64(11) {
		x.Add(Signature{i % 3, i % 3, i % 3, i, i, 7})
	}
	x.Add(Signature{empty, empty, empty, empty, empty, empty})
	x.Delete(4)
	x.Delete(11)
	x.Add(Signature{empty, empty, empty, empty, empty, empty})
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

// payloadAt is where the payload begins in a small encoding.
const payloadAt = 6

// sealed gives data, of one block, the length and the check that belong to them.
func sealed(data []byte) []byte {
	body := slices.Clone(data[:max(payloadAt, len(data)-8)])
	binary.LittleEndian.PutUint16(body[4:], uint16(len(body)-payloadAt))
	return binary.LittleEndian.AppendUint64(body, xxhash.Sum64(body))
}

// changed returns data with other bytes in the payload.
func changed(data []byte, at int, b ...byte) []byte {
	data = slices.Clone(data)
	copy(data[payloadAt+at:], b)
	return sealed(data)
}

// answers is what an index says about itself.
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
	const want = goldenIndex
	if got := hex.EncodeToString(encoded(t, smallIndex(t))); got != want {
		t.Errorf("encoding is\n%s, want\n%s", got, want)
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
	} {
		t.Run(name, func(t *testing.T) {
			data := encoded(t, x)
			var y Index
			if err := y.UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(encoded(t, &y), data) {
				t.Error("encoding of the decoded index differs")
			}
			if diff := cmp.Diff(slices.Collect(x.Pairs(0.3)), slices.Collect(y.Pairs(0.3))); diff != "" {
				t.Errorf("pairs (-want +got)\n%s", diff)
			}
			if name == "small" {
				if diff := cmp.Diff(answers(x), answers(&y)); diff != "" {
					t.Errorf("answers (-want +got)\n%s", diff)
				}
			}
			// Both go on alike.
			k := x.cfg.Plan.K
			for i := range 40 {
				sig := make(Signature, k)
				for j := range sig {
					sig[j] = uint64(i % 7)
				}
				if a, b := x.Add(sig), y.Add(sig); a != b {
					t.Fatalf("next id is %d, want %d", b, a)
				}
				if a, b := x.Delete(uint32(i)), y.Delete(uint32(i)); a != b {
					t.Fatalf("Delete(%d) = %v, want %v", i, b, a)
				}
				x.Put(uint32(3*i), sig)
				y.Put(uint32(3*i), sig)
			}
			if !bytes.Equal(encoded(t, x), encoded(t, &y)) {
				t.Error("encodings differ after the same changes")
			}
			// A stream, read in pieces, with something behind it.
			var out bytes.Buffer
			n, err := x.WriteTo(&out)
			if err != nil || n != int64(out.Len()) || !bytes.Equal(out.Bytes(), encoded(t, x)) {
				t.Fatalf("WriteTo wrote %d bytes of %d: %v", n, out.Len(), err)
			}
			out.WriteString("behind")
			for _, r := range []io.Reader{
				bytes.NewReader(out.Bytes()),
				iotest.OneByteReader(bytes.NewReader(out.Bytes())),
				iotest.HalfReader(bytes.NewReader(out.Bytes())),
				iotest.DataErrReader(bytes.NewReader(out.Bytes())),
			} {
				z := mustIndex(t, x.cfg)
				m, err := z.ReadFrom(r)
				if err != nil || m != n {
					t.Fatalf("ReadFrom read %d bytes, want %d: %v", m, n, err)
				}
				if !bytes.Equal(encoded(t, z), out.Bytes()[:n]) {
					t.Error("encoding of the index read differs")
				}
				if rest, _ := io.ReadAll(r); string(rest) != "behind" {
					t.Errorf("ReadFrom left %q", rest)
				}
			}
		})
	}
}

// malformedIndexes are refused, each with its error.
func malformedIndexes(t testing.TB) map[string]struct {
	data []byte
	err  error
} {
	good := encoded(t, smallIndex(t)) // 13 ids, of which 4 and 11 are deleted and 12 has no features
	type m = map[string]struct {
		data []byte
		err  error
	}
	return m{
		"nothing":                {nil, ErrCorrupt},
		"other type":             {append([]byte("mhx"), good[3:]...), ErrCorrupt},
		"version 0":              {append([]byte("mhi\x00"), good[4:]...), ErrVersion},
		"version 2":              {append([]byte("mhi\x02"), good[4:]...), ErrVersion},
		"scheme 0":               {changed(good, 0, 0), ErrCorrupt},
		"scheme 9":               {changed(good, 0, 9), ErrCorrupt},
		"bits 0":                 {changed(good, 1, 0), ErrCorrupt},
		"bits 3":                 {changed(good, 1, 3), ErrCorrupt},
		"slots 0":                {changed(good, 2, 0), ErrCorrupt},
		"slots 65535":            {changed(good, 2, 255, 255), ErrCorrupt},
		"bands 0":                {changed(good, 4, 0), ErrCorrupt},
		"bands 3":                {changed(good, 4, 3), ErrCorrupt},
		"rows 0":                 {changed(good, 6, 0), ErrCorrupt},
		"wide 2":                 {changed(good, 8, 2), ErrCorrupt},
		"bucket 0":               {changed(good, 10, 0), ErrCorrupt},
		"bucket 2^32-1":          {changed(good, 10, 255, 255, 255, 255), ErrCorrupt},
		"ids 0":                  {changed(good, 22, 0), ErrCorrupt},
		"ids 12":                 {changed(good, 22, 12), ErrCorrupt},
		"ids 17":                 {changed(good, 22, 17), ErrCorrupt},
		"ids 2^31-1":             {changed(good, 22, 255, 255, 255, 127), ErrCorrupt},
		"ids 2^32-1":             {changed(good, 22, 255, 255, 255, 255), ErrCorrupt},
		"document past n":        {changed(good, 27, good[payloadAt+27]|1<<7), ErrCorrupt},
		"features past n":        {changed(good, 29, good[payloadAt+29]|1<<7), ErrCorrupt},
		"features of no one":     {changed(good, 28, good[payloadAt+28]|1<<4), ErrCorrupt},
		"a document less":        {changed(good, 28, good[payloadAt+28]&^1), ErrCorrupt},
		"a document more":        {changed(good, 29, good[payloadAt+29]|1<<4), ErrCorrupt},
		"a byte after":           {append(slices.Clone(good), 0), ErrCorrupt},
		"a byte of payload more": {sealed(append(slices.Clone(good), make([]byte, 8)...)), ErrCorrupt},
		"check":                  {append(slices.Clone(good[:len(good)-1]), good[len(good)-1]^1), ErrCorrupt},
		"fifth bit of a slot": {func() []byte {
			x := mustIndex(t, IndexConfig{Plan: Plan{K: 3, Bands: 1, Rows: 3}, Bits: 2})
			x.Add(Signature{1, 2, 3})
			return changed(encoded(t, x), 28, 0x40)
		}(), ErrCorrupt},
		"fifth bit of tags": {func() []byte {
			x := mustIndex(t, IndexConfig{Plan: Plan{K: 3, Bands: 1, Rows: 3}, Bits: 2})
			x.Add(Signature{1, 2, 3})
			return changed(encoded(t, x), 32, 0x80)
		}(), ErrCorrupt},
	}
}

func TestIndexMalformed(t *testing.T) {
	for name, m := range malformedIndexes(t) {
		t.Run(name, func(t *testing.T) {
			for _, x := range []*Index{smallIndex(t), {}} {
				var before []byte
				if x.bands != nil {
					before = encoded(t, x)
				}
				if strings.HasPrefix(name, "fifth") && x.bands != nil {
					continue // of another configuration
				}
				if err := x.UnmarshalBinary(m.data); !errors.Is(err, m.err) {
					t.Errorf("error is %v, want %v", err, m.err)
				}
				if name != "a byte after" {
					if _, err := x.ReadFrom(bytes.NewReader(m.data)); !errors.Is(err, m.err) {
						t.Errorf("ReadFrom: error is %v, want %v", err, m.err)
					}
				}
				if x.bands == nil {
					if before != nil {
						t.Error("index changed")
					}
				} else if !bytes.Equal(encoded(t, x), before) {
					t.Error("index changed")
				}
			}
		})
	}
}

// Cut anywhere, or with any byte flipped, an encoding is refused and the old state stays whole.
func TestIndexDamaged(t *testing.T) {
	good := encoded(t, smallIndex(t))
	x := mustIndex(t, IndexConfig{Plan: Plan{K: 6, Bands: 2, Rows: 2, Wide: 1}, Seed: 5, MaxBucket: 3})
	x.Add(Signature{1, 2, 3, 4, 5, 6})
	before := encoded(t, x)
	check := func(data []byte, what string, at int) {
		t.Helper()
		for _, err := range []error{
			x.UnmarshalBinary(data),
			func() error { _, err := x.ReadFrom(bytes.NewReader(data)); return err }(),
		} {
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) && !errors.Is(err, ErrMismatch) {
				t.Fatalf("%s %d: error is %v", what, at, err)
			}
		}
		if !bytes.Equal(encoded(t, x), before) {
			t.Fatalf("%s %d: index changed", what, at)
		}
	}
	for i := range good {
		check(good[:i], "cut at", i)
		for _, bit := range []byte{1, 128, 255} {
			flipped := slices.Clone(good)
			flipped[i] ^= bit
			check(flipped, "flipped byte", i)
		}
	}
	if err := x.UnmarshalBinary(good); err != nil {
		t.Fatal(err)
	}
	// Writes that fail at any point are reported.
	for i := range good {
		if n, err := x.WriteTo(&brokenWriter{left: i}); err == nil || n > int64(i) {
			t.Fatalf("writer with room for %d bytes: %d written, error %v", i, n, err)
		}
	}
	broken := errors.New("disk")
	if _, err := x.ReadFrom(io.MultiReader(bytes.NewReader(good[:30]), iotest.ErrReader(broken))); !errors.Is(err, broken) || errors.Is(err, ErrCorrupt) {
		t.Errorf("error of the reader is %v", err)
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
		if err := y.UnmarshalBinary(data); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one that says %q", err, want)
		}
		if _, err := y.Merge(x); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), want) {
			t.Errorf("Merge: error is %v, want one that says %q", err, want)
		}
		if y.Len() != 0 {
			t.Error("index changed")
		}
	}
}

// A header that claims billions of ids allocates no more than what follows it is worth.
func TestIndexLyingHeader(t *testing.T) {
	good := encoded(t, smallIndex(t))
	lie := changed(good, 22, 255, 255, 255, 127)
	var x Index
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := x.ReadFrom(bytes.NewReader(lie)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("error is %v", err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}

// An index is held in at most four bytes for each byte of its encoding, also if ids or features are
// few and far between.
func TestIndexDecodedBytes(t *testing.T) {
	for _, plan := range []Plan{{K: 128, Bands: 16, Rows: 8}, {K: 3, Bands: 1, Rows: 1}, {K: 64, Bands: 30, Rows: 2}} {
		for _, every := range []uint32{1, 2, 3, 30, 300, 5000} {
			x := mustIndex(t, IndexConfig{Plan: plan})
			rng := rand.New(rand.NewPCG(1, uint64(every)))
			sig := make(Signature, plan.K)
			for id := uint32(0); id < min(3000*every, 1_000_000); id += every {
				for j := range sig {
					sig[j] = uint64(rng.Uint32())
				}
				x.Put(id, sig)
			}
			data := encoded(t, x)
			empty := mustIndex(t, x.cfg).Bytes()
			var y Index
			if err := y.UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			if got := y.Bytes() - empty; got > 4*len(data) {
				t.Errorf("%v, every %d-th id: %d bytes for %d, %.1f times as many", plan, every, got, len(data), float64(got)/float64(len(data)))
			}
			if !bytes.Equal(encoded(t, &y), data) {
				t.Errorf("%v, every %d-th id: encoding differs", plan, every)
			}
			// What was sparse may be filled.
			for id := uint32(0); id < 1000; id++ {
				y.Put(id, sig)
				x.Put(id, sig)
			}
			if !bytes.Equal(encoded(t, &y), encoded(t, x)) {
				t.Errorf("%v, every %d-th id: encoding differs after more was put", plan, every)
			}
			x.Compact()
			if !bytes.Equal(encoded(t, &y), encoded(t, x)) {
				t.Errorf("%v, every %d-th id: encoding differs after Compact", plan, every)
			}
		}
	}
}

func FuzzIndexUnmarshal(f *testing.F) {
	f.Add(encoded(f, smallIndex(f)))
	for _, m := range malformedIndexes(f) {
		f.Add(m.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, sealed(append(slices.Clone(data), make([]byte, max(8, payloadAt+8-len(data)))...))} {
			var x Index
			if err := x.UnmarshalBinary(data); err != nil {
				if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) {
					t.Fatalf("error is %v", err)
				}
				continue
			}
			if !bytes.Equal(encoded(t, &x), data) {
				t.Fatal("encoding is not canonical")
			}
			for range x.Pairs(0) {
				break
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
