package simhash

import (
	"bytes"
	"encoding"
	"encoding/binary"
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
	"github.com/neardup/neardup/internal/wire"
)

var (
	_ encoding.BinaryAppender    = Fingerprint(0)
	_ encoding.BinaryMarshaler   = Fingerprint(0)
	_ encoding.BinaryUnmarshaler = (*Fingerprint)(nil)
	_ encoding.TextAppender      = Fingerprint(0)
	_ encoding.TextMarshaler     = Fingerprint(0)
	_ encoding.TextUnmarshaler   = (*Fingerprint)(nil)
	_ encoding.BinaryAppender    = (*Sketcher)(nil)
	_ encoding.BinaryUnmarshaler = (*Sketcher)(nil)
	_ encoding.BinaryAppender    = (*Index)(nil)
	_ encoding.BinaryUnmarshaler = (*Index)(nil)
	_ io.WriterTo                = (*Index)(nil)
	_ io.ReaderFrom              = (*Index)(nil)
)

func TestFingerprintEncoding(t *testing.T) {
	for _, test := range []struct {
		f    Fingerprint
		text string
	}{
		{0, "0000000000000000"}, {1, "0000000000000001"}, {0xfedcba9876543210, "fedcba9876543210"},
	} {
		if got := test.f.String(); got != test.text {
			t.Errorf("String = %q, want %q", got, test.text)
		}
		text, _ := test.f.MarshalText()
		var f, g, h Fingerprint
		if err := f.UnmarshalText(text); err != nil || f != test.f || string(text) != test.text {
			t.Errorf("text %q: got %v, %v", text, f, err)
		}
		if err := g.UnmarshalText(bytes.ToUpper(text)); err != nil || g != test.f {
			t.Errorf("upper case %q: got %v, %v", text, g, err)
		}
		data, _ := test.f.AppendBinary([]byte("x"))
		if err := h.UnmarshalBinary(data[1:]); err != nil || h != test.f || len(data) != 9 {
			t.Errorf("binary %x: got %v, %v", data, h, err)
		}
	}
	f := Fingerprint(7)
	for _, bad := range []string{"", "0", "000000000000000", "00000000000000000", "000000000000000g", "0x00000000000000", "+000000000000000", "000000000000000\xff"} {
		if err := f.UnmarshalText([]byte(bad)); !errors.Is(err, ErrCorrupt) || f != 7 {
			t.Errorf("text %q: %v, f = %v", bad, err, f)
		}
	}
	for _, bad := range []string{"", "1234567", "123456789"} {
		if err := f.UnmarshalBinary([]byte(bad)); !errors.Is(err, ErrCorrupt) || f != 7 {
			t.Errorf("binary %q: %v, f = %v", bad, err, f)
		}
	}
}

// filledSketcher has something in each of its parts.
func filledSketcher() *Sketcher {
	var s Sketcher
	for i := range uint64(1003) {
		s.Add(i)
	}
	for i := range uint64(300) {
		s.AddWeighted(i, int32(i)*9-500)
	}
	s.AddWeighted(5, 1<<30)
	s.AddWeighted(6, 77)
	return &s
}

func filledIndex(t testing.TB) *Index {
	x, err := NewIndex(IndexConfig{Distance: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(20) {
		x.Add(Fingerprint(mix(i / 2)))
	}
	x.Delete(3)
	x.Delete(17)
	x.Replace(4, 0xabc)
	return x
}

func TestSketcherEncoding(t *testing.T) {
	s := filledSketcher()
	data, err := s.MarshalBinary()
	if err != nil || len(data) != 527 {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	var u, v Sketcher
	if err := u.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	again, _ := u.MarshalBinary()
	if !bytes.Equal(data, again) || u.Sum() != s.Sum() {
		t.Error("not the same after decoding")
	}
	// The same in another order and another way.
	v.AddWeighted(6, 77)
	for i := 299; i >= 0; i-- {
		v.AddWeighted(uint64(i), int32(i)*9-500)
	}
	for i := range uint64(1003) {
		v.AddWeighted(i, 2)
		v.AddWeighted(i, -1)
	}
	for range 1 << 4 {
		v.AddWeighted(5, 1<<26)
	}
	if other, _ := v.MarshalBinary(); !bytes.Equal(data, other) {
		t.Error("another order gives other bytes")
	}
	u.Add(9)
	s.Add(9)
	if u.Sum() != s.Sum() {
		t.Error("not the same after decoding and adding")
	}
}

func TestIndexEncoding(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for _, pop := range populations {
		for _, n := range []int{0, 1, 7, 8, 9, 300, 70000} {
			if n > 1000 && testing.Short() {
				continue
			}
			x, _ := NewIndex(IndexConfig{Distance: 4})
			f := pop.make(r, n)
			for _, f := range f {
				x.Add(f)
			}
			for range n / 3 {
				x.Delete(r.Uint32N(uint32(n)))
				x.Replace(r.Uint32N(uint32(n)), Fingerprint(r.Uint64()))
			}
			data, err := x.AppendBinary([]byte("before"))
			if err != nil {
				t.Fatal(err)
			}
			data = data[6:]
			var buf bytes.Buffer
			if m, err := x.WriteTo(&buf); err != nil || m != int64(buf.Len()) || !bytes.Equal(buf.Bytes(), data) {
				t.Fatalf("%s n=%d: WriteTo: %d, %v, or not what AppendBinary gives", pop.name, n, m, err)
			}
			var y, z Index
			if err := y.UnmarshalBinary(data); err != nil {
				t.Fatalf("%s n=%d: %v", pop.name, n, err)
			}
			in := append(slices.Clone(data), "behind"...)
			if m, err := z.ReadFrom(iotest.HalfReader(bytes.NewReader(in))); err != nil || m != int64(len(data)) {
				t.Fatalf("%s n=%d: ReadFrom: %d of %d, %v", pop.name, n, m, len(data), err)
			}
			for _, got := range []*Index{&y, &z} {
				again, _ := got.MarshalBinary()
				if !bytes.Equal(again, data) {
					t.Fatalf("%s n=%d: not the same bytes again", pop.name, n)
				}
				if n > 1000 {
					continue
				}
				for _, q := range f[:min(n, 20)] {
					if want, got := x.AppendQuery(nil, q), got.AppendQuery(nil, q); !slices.Equal(want, got) {
						t.Fatalf("%s n=%d (-want +got):\n%s", pop.name, n, cmp.Diff(want, got))
					}
				}
				if diff := cmp.Diff(slices.Collect(x.Pairs()), slices.Collect(got.Pairs())); diff != "" {
					t.Fatalf("%s n=%d: pairs (-want +got):\n%s", pop.name, n, diff)
				}
				if x.Len() != got.Len() || x.ids.Total() != got.ids.Total() || x.Distance() != got.Distance() {
					t.Fatalf("%s n=%d: %d of %d, want %d of %d", pop.name, n, got.Len(), got.ids.Total(), x.Len(), x.ids.Total())
				}
			}
		}
	}
}

func TestIndexMismatch(t *testing.T) {
	data, _ := filledIndex(t).MarshalBinary()
	x, _ := NewIndex(IndexConfig{Distance: 5})
	x.Add(7)
	before, _ := x.MarshalBinary()
	if err := x.UnmarshalBinary(data); !errors.Is(err, ErrMismatch) {
		t.Errorf("UnmarshalBinary: %v", err)
	}
	if _, err := x.ReadFrom(bytes.NewReader(data)); !errors.Is(err, ErrMismatch) {
		t.Errorf("ReadFrom: %v", err)
	}
	if after, _ := x.MarshalBinary(); !bytes.Equal(before, after) {
		t.Error("changed by an error")
	}
}

// sealed puts the right checksum to an encoding of one block.
func sealed(data []byte) []byte {
	data = slices.Clone(data)
	binary.LittleEndian.PutUint64(data[len(data)-8:], xxhash.Sum64(data[:len(data)-8]))
	return data
}

// encoded returns the encoding with a payload.
func encoded(f wire.Format, payload []byte) []byte {
	e := f.NewAppender(nil, len(payload))
	e.Raw(payload)
	data, _ := e.Appended()
	return data
}

func set(data []byte, at int, b ...byte) []byte {
	data = slices.Clone(data)
	copy(data[at:], b)
	return data
}

// malformed are encodings that must be refused, and with what.
func malformed(t testing.TB) []struct {
	name          string
	sketch, index []byte
	want          error
} {
	x, _ := filledIndex(t).MarshalBinary()
	s, _ := filledSketcher().MarshalBinary()
	return []struct {
		name          string
		sketch, index []byte
		want          error
	}{
		{"empty", []byte{}, []byte{}, ErrCorrupt},
		{"tag only", s[:3], x[:3], ErrCorrupt},
		{"header only", s[:6], x[:6], ErrCorrupt},
		{"tag", sealed(set(s, 0, 'S')), sealed(set(x, 0, 'S')), ErrCorrupt},
		{"tag of the other", sealed(set(s, 2, 'i')), sealed(set(x, 2, 's')), ErrCorrupt},
		{"version 0", sealed(set(s, 3, 0)), sealed(set(x, 3, 0)), ErrVersion},
		{"version 2", sealed(set(s, 3, 2)), sealed(set(x, 3, 2)), ErrVersion},
		{"scheme 2", sealed(set(s, 6, 2)), sealed(set(x, 6, 2)), ErrVersion},
		{"one byte short", s[:len(s)-1], x[:len(x)-1], ErrCorrupt},
		{"checksum", set(s, len(s)-1, s[len(s)-1]^1), set(x, len(x)-1, x[len(x)-1]^1), ErrCorrupt},
		{"no payload", encoded(sketcherFormat, nil), encoded(indexFormat, nil), ErrCorrupt},
		{"payload short", encoded(sketcherFormat, s[6:len(s)-9]), encoded(indexFormat, x[6:len(x)-9]), ErrCorrupt},
		{"payload long", encoded(sketcherFormat, s[6:len(s)-7]), encoded(indexFormat, x[6:len(x)-7]), ErrCorrupt},
		{"parity", sealed(set(s, 7+8*9, s[7+8*9]^1)), nil, ErrCorrupt},
		{"distance 17", nil, sealed(set(x, 7, 17)), ErrCorrupt},
		{"distance 255", nil, sealed(set(x, 7, 255)), ErrCorrupt},
		{"one id fewer, which is alive", nil, sealed(set(x, 8, 19)), ErrCorrupt},
		{"25 ids, without their bits", nil, sealed(set(x, 8, 25)), ErrCorrupt},
		{"2^32-1 ids", nil, sealed(set(x, 8, 255, 255, 255, 255)), ErrCorrupt},
		{"alive beyond the end", nil, sealed(set(x, 14, 0x1d)), ErrCorrupt},
		{"one more alive", nil, sealed(set(x, 12, 0xff)), ErrCorrupt},
		{"one fewer alive", nil, sealed(set(x, 12, 0xf6)), ErrCorrupt},
	}
}

func TestMalformed(t *testing.T) {
	for _, test := range malformed(t) {
		if test.sketch != nil {
			s := filledSketcher()
			if err := s.UnmarshalBinary(test.sketch); !errors.Is(err, test.want) {
				t.Errorf("sketcher, %s: %v, want %v", test.name, err, test.want)
			}
			if *s != *filledSketcher() {
				t.Errorf("sketcher, %s: changed by an error", test.name)
			}
		}
		if test.index != nil {
			x := filledIndex(t)
			before, _ := x.MarshalBinary()
			if err := x.UnmarshalBinary(test.index); !errors.Is(err, test.want) {
				t.Errorf("index, %s: %v, want %v", test.name, err, test.want)
			}
			if _, err := x.ReadFrom(iotest.OneByteReader(bytes.NewReader(test.index))); !errors.Is(err, test.want) {
				t.Errorf("index, %s: ReadFrom: %v, want %v", test.name, err, test.want)
			}
			if after, _ := x.MarshalBinary(); !bytes.Equal(before, after) {
				t.Errorf("index, %s: changed by an error", test.name)
			}
		}
	}
	x := filledIndex(t)
	data, _ := x.MarshalBinary()
	if err := x.UnmarshalBinary(append(data, 0)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("index with a byte more: %v", err)
	}
	s, _ := filledSketcher().MarshalBinary()
	if err := new(Sketcher).UnmarshalBinary(append(s, 0)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("sketcher with a byte more: %v", err)
	}
}

// TestTruncatedAndFlipped damages encodings, and reads them into an index of another distance, too:
// that they are damaged is known before that they do not fit.
func TestTruncatedAndFlipped(t *testing.T) {
	x, _ := filledIndex(t).MarshalBinary()
	s, _ := filledSketcher().MarshalBinary()
	check := func(what string, i int, want error, errs ...error) {
		t.Helper()
		for _, err := range errs {
			if !errors.Is(err, want) || strings.Count(err.Error(), "simhash") != 1 {
				t.Errorf("%s %d: got %v, want %v", what, i, err, want)
			}
		}
	}
	index := func(bad []byte) []error {
		y, _ := NewIndex(IndexConfig{Distance: 5})
		_, err := new(Index).ReadFrom(bytes.NewReader(bad))
		_, err5 := y.ReadFrom(bytes.NewReader(bad))
		return []error{err, err5, new(Index).UnmarshalBinary(bad), y.UnmarshalBinary(bad)}
	}
	for i := range x {
		check("index cut to", i, ErrCorrupt, index(x[:i])...)
	}
	for i := range s {
		check("sketcher cut to", i, ErrCorrupt, new(Sketcher).UnmarshalBinary(s[:i]))
	}
	for bit := range 8 {
		for i := range x {
			want := ErrCorrupt
			if i == 3 {
				want = ErrVersion
			}
			bad := set(x, i, x[i]^1<<bit)
			check("index with a flip at", i, want, index(bad)...)
			if i < len(s) {
				check("sketcher with a flip at", i, want, new(Sketcher).UnmarshalBinary(set(s, i, s[i]^1<<bit)))
			}
		}
	}
	for _, at := range []int{0, 1, 100, wire.BlockSize, 100_000} { // in an index of several blocks
		y, _ := NewIndex(IndexConfig{Distance: 4})
		y.AddAll(uniform(20000))
		big, _ := y.MarshalBinary()
		big[len(big)-1-at] ^= 1
		check("large index with a flip at the end before", at, ErrCorrupt, index(big)[0])
	}
}

func TestReadFromPassesErrors(t *testing.T) {
	data, _ := filledIndex(t).MarshalBinary()
	broken := errors.New("broken disk")
	r := io.MultiReader(bytes.NewReader(data[:50]), iotest.ErrReader(broken))
	if _, err := new(Index).ReadFrom(r); !errors.Is(err, broken) || err.Error() != "simhash: reading index: broken disk" {
		t.Errorf("got %v", err)
	}
	if _, err := new(Index).ReadFrom(iotest.DataErrReader(bytes.NewReader(data))); err != nil {
		t.Errorf("data with EOF: %v", err)
	}
}

type limitedWriter int

func (w *limitedWriter) Write(p []byte) (int, error) {
	if len(p) > int(*w) {
		n := int(*w)
		*w = 0
		return n, io.ErrShortWrite
	}
	*w -= limitedWriter(len(p))
	return len(p), nil
}

func TestWriteToPassesErrors(t *testing.T) {
	x, _ := NewIndex(IndexConfig{})
	x.AddAll(make([]Fingerprint, 30000))
	for _, room := range []int{0, 10, 1 << 16, 1 << 17, 240_000, 243_839} {
		w := limitedWriter(room)
		if n, err := x.WriteTo(&w); !errors.Is(err, io.ErrShortWrite) || n > int64(room) {
			t.Errorf("room for %d: wrote %d, %v", room, n, err)
		}
	}
}

// TestNoAmplification: what a header promises is not allocated.
func TestNoAmplification(t *testing.T) {
	data, _ := filledIndex(t).MarshalBinary()
	data = sealed(set(data, 8, 255, 255, 255, 255))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_ = new(Index).UnmarshalBinary(data)
	_, _ = new(Index).ReadFrom(bytes.NewReader(data))
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<17 {
		t.Errorf("allocated %d bytes", n)
	}
}
