package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"
)

var (
	errVersion  = errors.New("test: unknown version")
	errCorrupt  = errors.New("test: corrupt data")
	errMismatch = errors.New("test: other configuration")
)

var testFormat = Format{
	Package: "test", Type: "thing", Magic: "tst", Version: 1,
	ErrVersion: errVersion, ErrCorrupt: errCorrupt, ErrMismatch: errMismatch,
}

// naive encodes a payload as the package comment says, and shares nothing with the encoder.
func naive(magic string, version byte, payload []byte) []byte {
	out := append([]byte(magic), version)
	for {
		n := min(len(payload), 32768)
		out = append(out, byte(n), byte(n>>8))
		out = append(out, payload[:n]...)
		sum := xxhash.Sum64(out)
		for i := range 8 {
			out = append(out, byte(sum>>(8*i)))
		}
		if n < 32768 {
			return out
		}
		payload = payload[n:]
	}
}

func sealed(payload []byte) []byte { return naive("tst", 1, payload) }

func generated(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

// lengths are those of payloads around the borders of blocks.
var lengths = []int{0, 1, 7, 8, 1000, BlockSize - 1, BlockSize, BlockSize + 1, 2*BlockSize - 1, 2 * BlockSize, 3*BlockSize + 5}

func TestLayout(t *testing.T) {
	for _, n := range lengths {
		payload := generated(n)
		want := sealed(payload)
		if len(want) != Size(n) {
			t.Fatalf("Size(%d): got %d, want %d", n, Size(n), len(want))
		}
		prefix := []byte("before")
		e := testFormat.NewAppender(prefix[:6:6], n)
		c := cap(e.buf)
		e.Raw(payload)
		got, err := e.Appended()
		if err != nil || !bytes.Equal(got, append(prefix, want...)) {
			t.Fatalf("%d bytes appended: %v, another encoding than that of the naive encoder", n, err)
		}
		if cap(got) != c {
			t.Fatalf("%d bytes appended: capacity grew from %d to %d", n, c, cap(got))
		}
		for _, piece := range []int{1, 2, 7, 4096, 40000} {
			var w bytes.Buffer
			e := testFormat.NewEncoder(&w)
			for p := range slices.Chunk(payload, piece) {
				if m, err := e.Write(p); m != len(p) || err != nil {
					t.Fatalf("Write: %d, %v", m, err)
				}
			}
			if m, err := e.Close(); m != int64(len(want)) || err != nil {
				t.Fatalf("%d bytes in pieces of %d: Close returns %d, %v", n, piece, m, err)
			}
			if !bytes.Equal(w.Bytes(), want) {
				t.Fatalf("%d bytes in pieces of %d: another encoding than that of the naive encoder", n, piece)
			}
		}
	}
}

// everything is a value of each kind, so often that each comes to stand on borders of blocks.
type everything struct {
	a byte
	b bool
	c uint16
	d uint32
	e uint64
	f float64
	g []byte
	h string
	i []string
}

func things() []everything {
	var list []everything
	for i := range 1000 {
		v := everything{byte(i), i%3 == 0, uint16(i * 40503), uint32(i) * 2654435761, uint64(i) * 0x9e3779b97f4a7c15, float64(i) / 7,
			generated(i % 61), strings.Repeat("é", i%23), nil}
		for j := range i % 4 {
			v.i = append(v.i, fmt.Sprint(i*j))
		}
		list = append(list, v)
	}
	return list
}

func (v *everything) encode(e *Encoder) {
	e.U8(v.a)
	e.Bool(v.b)
	e.U16(v.c)
	e.U32(v.d)
	e.U64(v.e)
	e.F64(v.f)
	e.Bytes(v.g)
	e.Text(v.h)
	e.Texts(v.i)
}

func (v *everything) decode(d *Decoder) {
	*v = everything{d.U8(), d.Bool(), d.U16(), d.U32(), d.U64(), d.F64(), d.Bytes(), d.Text(), d.Texts()}
	if len(v.g) == 0 {
		v.g = []byte{}
	}
}

func encodeThings(list []everything) []byte {
	e := testFormat.NewAppender(nil, 0)
	e.Count(len(list))
	for i := range list {
		list[i].encode(e)
	}
	data, err := e.Appended()
	if err != nil {
		panic(err)
	}
	return data
}

func decodeThings(d *Decoder) ([]everything, error) {
	var list []everything
	for n := d.Count(40); len(list) < n && d.OK(); {
		var v everything
		v.decode(d)
		list = append(list, v)
	}
	return list, d.Close()
}

// decoders returns a decoder of each kind.
func decoders(data []byte) map[string]*Decoder {
	return map[string]*Decoder{
		"slice":         testFormat.NewSliceDecoder(data),
		"reader":        testFormat.NewDecoder(bytes.NewReader(data)),
		"OneByteReader": testFormat.NewDecoder(iotest.OneByteReader(bytes.NewReader(data))),
		"HalfReader":    testFormat.NewDecoder(iotest.HalfReader(bytes.NewReader(data))),
		"DataErrReader": testFormat.NewDecoder(iotest.DataErrReader(bytes.NewReader(data))),
	}
}

func TestValues(t *testing.T) {
	want := things()
	data := encodeThings(want)
	if len(data) < 2*BlockSize {
		t.Fatalf("%d bytes, want several blocks", len(data))
	}
	for name, d := range decoders(data) {
		got, err := decodeThings(d)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s (-want +got):\n%s", name, cmp.Diff(want, got, cmp.AllowUnexported(everything{})))
		}
		if d.N() != int64(len(data)) {
			t.Errorf("%s: N is %d, want %d", name, d.N(), len(data))
		}
	}
}

// TestBorders puts a value of each width on each place around a border.
func TestBorders(t *testing.T) {
	for before := BlockSize - 9; before <= BlockSize+1; before++ {
		e := testFormat.NewAppender(nil, 0)
		payload := generated(before)
		e.Raw(payload)
		e.U16(0x0102)
		e.U32(0x03040506)
		e.U64(0x0708090a0b0c0d0e)
		data, _ := e.Appended()
		payload = append(payload, 2, 1, 6, 5, 4, 3, 14, 13, 12, 11, 10, 9, 8, 7)
		if !bytes.Equal(data, sealed(payload)) {
			t.Fatalf("after %d bytes: another encoding than that of the naive encoder", before)
		}
		for name, d := range decoders(data) {
			d.Next(before)
			if a, b, c := d.U16(), d.U32(), d.U64(); a != 0x0102 || b != 0x03040506 || c != 0x0708090a0b0c0d0e || d.Close() != nil {
				t.Fatalf("%s after %d bytes: %x %x %x %v", name, before, a, b, c, d.Err())
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	const n = 50000
	e := testFormat.NewAppender(nil, 0)
	e.U8(1) // so that numbers stand across borders
	var want32 []uint32
	var want64 []uint64
	for i := range n {
		want32 = append(want32, uint32(i)*2654435761)
		e.U32(want32[i])
	}
	for i := range n {
		want64 = append(want64, uint64(i)*0x9e3779b97f4a7c15)
		e.U64(want64[i])
	}
	data, _ := e.Appended()
	for name, d := range decoders(data) {
		d.U8()
		got32 := d.AppendU32s([]uint32{7}, n)
		got64 := d.AppendU64s([]uint64{7}, n)
		if err := d.Close(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got32[0] != 7 || got64[0] != 7 || !slices.Equal(got32[1:], want32) || !slices.Equal(got64[1:], want64) {
			t.Fatalf("%s: other numbers", name)
		}
	}
	for name, d := range decoders(data) {
		if got := d.AppendU64s([]uint64{7}, 3*n); len(got) != 1 || !errors.Is(d.Err(), errCorrupt) {
			t.Fatalf("%s: %d numbers and %v where there are too few", name, len(got), d.Err())
		}
	}
}

// TestFlips damages each byte of an encoding in several ways: what comes out is ErrCorrupt, or
// ErrVersion for the version.
func TestFlips(t *testing.T) {
	small := things()[:12]
	for _, data := range [][]byte{encodeThings(small), encodeThings(nil), sealed(nil)} {
		for i := range data {
			bad := bytes.Clone(data)
			for flip := byte(255); flip > 0; flip >>= 1 {
				bad[i] = data[i] ^ flip
				want := errCorrupt
				if i == 3 {
					want = errVersion
				}
				for name, d := range map[string]*Decoder{
					"slice": testFormat.NewSliceDecoder(bad), "reader": testFormat.NewDecoder(bytes.NewReader(bad)),
				} {
					if _, err := decodeThings(d); !errors.Is(err, want) {
						t.Fatalf("%s, byte %d of %d, flip %x: got %v, want %v", name, i, len(data), flip, err, want)
					}
				}
			}
		}
	}
}

// TestUnseen damages each byte of an encoding of several blocks, and no byte of the block with the
// damage may come out.
func TestUnseen(t *testing.T) {
	payload := generated(2*BlockSize + 1000)
	data := sealed(payload)
	bad := bytes.Clone(data)
	for i := 4; i < len(data); i++ {
		if at := (i - 4) % (BlockSize + 10); at > 20 && at < BlockSize-20 && i%31 != 0 {
			continue // not every byte in the middle of a block
		}
		bad[i]++
		d := testFormat.NewSliceDecoder(bad)
		got, err := io.ReadAll(d)
		if !errors.Is(err, errCorrupt) {
			t.Fatalf("byte %d: got %v, want an ErrCorrupt", i, err)
		}
		if most := (i - 4) / (BlockSize + 10) * BlockSize; len(got) > most || !bytes.Equal(got, payload[:len(got)]) {
			t.Fatalf("byte %d: %d bytes of payload, want %d at most", i, len(got), most)
		}
		bad[i]--
	}
}

func TestCuts(t *testing.T) {
	data := sealed(generated(BlockSize + 100))
	for n := range data {
		if n > 300 && n%101 != 0 && (n < BlockSize-20 || n > BlockSize+40) {
			continue
		}
		for name, d := range decoders(data[:n]) {
			if name == "OneByteReader" && n > 300 {
				continue
			}
			d.Next(BlockSize + 100)
			if err := d.Close(); !errors.Is(err, errCorrupt) {
				t.Fatalf("%s of %d bytes: got %v, want an ErrCorrupt", name, n, err)
			}
		}
	}
}

// TestBlocksMoved takes away, repeats and exchanges blocks.
func TestBlocksMoved(t *testing.T) {
	data := sealed(generated(3 * BlockSize))
	const size = BlockSize + 10
	block := func(i int) []byte { return data[4+i*size : min(4+(i+1)*size, len(data))] }
	for name, order := range map[string][]int{
		"lost": {0, 2, 3}, "repeated": {0, 0, 1, 2, 3}, "exchanged": {1, 0, 2, 3}, "only the last": {3}, "first lost": {1, 2, 3},
	} {
		bad := bytes.Clone(data[:4])
		for _, i := range order {
			bad = append(bad, block(i)...)
		}
		d := testFormat.NewSliceDecoder(bad)
		_, _ = io.Copy(io.Discard, d)
		if err := d.Close(); !errors.Is(err, errCorrupt) {
			t.Errorf("%s: got %v, want an ErrCorrupt", name, err)
		}
	}
}

func TestErrors(t *testing.T) {
	later := testFormat
	later.Version = 2
	e := later.NewAppender(nil, 0)
	e.U32(1)
	v2, _ := e.Appended()
	good := sealed([]byte{1, 2, 3, 4})
	large := []byte("tst\x01\x01\x80")
	for _, test := range []struct {
		name string
		data []byte
		read func(*Decoder)
		is   error
		text string
	}{
		{"empty", nil, nil, errCorrupt, `test: corrupt data: thing: ends after 0 bytes`},
		{"magic", []byte("tsT\x01\x00\x00"), nil, errCorrupt, `test: corrupt data: thing: does not begin with "tst"`},
		{"version", v2, nil, errVersion, `test: unknown version: thing: has version 2, want 1`},
		{"length", large, nil, errCorrupt, `test: corrupt data: thing: has a block of 32769 bytes, want at most 32768`},
		{"short", good[:17], func(d *Decoder) { d.U32() }, errCorrupt, `test: corrupt data: thing: ends after 17 bytes`},
		{"too much", good, func(d *Decoder) { d.U16() }, errCorrupt, `test: corrupt data: thing: has more than is expected`},
		{"too little", good, func(d *Decoder) { d.U64() }, errCorrupt, `test: corrupt data: thing: has less than is expected`},
		{"boolean", good, func(d *Decoder) { d.U8(); d.Bool() }, errCorrupt, `test: corrupt data: thing: has a boolean of 2`},
		{"first", good, func(d *Decoder) { _ = d.Corrupt("a %d", 1); _ = d.Corrupt("b"); _ = d.Mismatch("c") }, errCorrupt, `test: corrupt data: thing: a 1`},
		{"mismatch", good, func(d *Decoder) { _ = d.Mismatch("size 3, want 4") }, errMismatch, `test: other configuration: thing: size 3, want 4`},
		{"unknown", good, func(d *Decoder) { _ = d.Unknown("scheme 3, want 4") }, errVersion, `test: unknown version: thing: scheme 3, want 4`},
	} {
		for name, d := range decoders(test.data) {
			if test.read != nil {
				test.read(d)
			}
			if err := d.Close(); !errors.Is(err, test.is) || err.Error() != test.text {
				t.Errorf("%s, %s: got %q, want %q", test.name, name, err, test.text)
			}
			if d.OK() || d.U8() != 0 || d.U64() != 0 || d.Next(1) != nil || d.Count(1) != 0 {
				t.Errorf("%s, %s: reads after an error", test.name, name)
			}
		}
	}
	checkEnds(t, good)
}

// checkEnds looks at what follows an encoding and at what a reader fails with.
func checkEnds(t *testing.T, good []byte) {
	d := testFormat.NewSliceDecoder(append(bytes.Clone(good), 9, 9))
	d.U32()
	if err := d.Close(); !errors.Is(err, errCorrupt) || err.Error() != "test: corrupt data: thing: ends 2 bytes before the data" {
		t.Errorf("slice with more: %v", err)
	}
	d = testFormat.NewDecoder(bytes.NewReader(append(bytes.Clone(good), 9, 9)))
	d.U32()
	if err := d.CloseAtEOF(); !errors.Is(err, errCorrupt) || err.Error() != "test: corrupt data: thing: ends after 18 bytes, and more follow" {
		t.Errorf("reader with more: %v", err)
	}
	for name, d := range decoders(good) {
		d.U32()
		if err := d.CloseAtEOF(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	failure := errors.New("broken")
	for n := range len(good) + 1 {
		d := testFormat.NewDecoder(io.MultiReader(bytes.NewReader(good[:n]), iotest.ErrReader(failure)))
		d.U32()
		err := d.CloseAtEOF()
		if !errors.Is(err, failure) || errors.Is(err, errCorrupt) || err.Error() != "test: reading thing: broken" {
			t.Errorf("reader that breaks after %d bytes: %v", n, err)
		}
	}
}

// TestSeveral reads encodings that follow one another from one reader.
func TestSeveral(t *testing.T) {
	var w bytes.Buffer
	for _, n := range lengths {
		e := testFormat.NewEncoder(&w)
		e.Raw(generated(n))
		if _, err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	w.WriteString("rest")
	for _, n := range lengths {
		d := testFormat.NewDecoder(&w)
		if got := d.AppendRaw(nil, n); d.Close() != nil || !bytes.Equal(got, generated(n)) || d.N() != int64(Size(n)) {
			t.Fatalf("%d bytes: %v", n, d.Err())
		}
	}
	if w.String() != "rest" {
		t.Errorf("%d bytes are left, want 4", w.Len())
	}
}

// TestNested has an encoding in an encoding.
func TestNested(t *testing.T) {
	inner := testFormat
	inner.Magic, inner.Type = "inn", "inner"
	for _, n := range lengths {
		e := testFormat.NewAppender(nil, 0)
		e.U8(1)
		in := inner.NewEncoder(e)
		in.Raw(generated(n))
		if m, err := in.Close(); m != int64(Size(n)) || err != nil {
			t.Fatal(m, err)
		}
		e.U8(2)
		data, _ := e.Appended()
		for name, d := range decoders(data) {
			a := d.U8()
			in := inner.NewDecoder(d)
			got := in.AppendRaw(nil, n)
			if err := in.Close(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if b := d.U8(); a != 1 || b != 2 || !bytes.Equal(got, generated(n)) || d.Close() != nil {
				t.Fatalf("%s: %d, %d, %v", name, a, b, d.Err())
			}
		}
		data[len(data)-1] ^= 1
		d := testFormat.NewSliceDecoder(data)
		d.U8()
		in2 := inner.NewDecoder(d)
		in2.AppendRaw(nil, n)
		if in2.Close() != nil && d.OK() {
			t.Fatal("damage of the outer encoding that only the inner has seen")
		}
		d.U8()
		if err := d.Close(); !errors.Is(err, errCorrupt) {
			t.Fatalf("damaged: %v", err)
		}
	}
}

type limitedWriter struct{ n int }

var errFull = errors.New("full")

func (w *limitedWriter) Write(b []byte) (int, error) {
	n := min(len(b), w.n)
	w.n -= n
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

func TestWriterFails(t *testing.T) {
	payload := generated(3 * BlockSize)
	size := Size(len(payload))
	for n := 0; n < size; n += 1009 {
		e := testFormat.NewEncoder(&limitedWriter{n})
		e.Raw(payload)
		if m, err := e.Close(); m != int64(n) || !errors.Is(err, errFull) || err.Error() != "test: writing thing: full" {
			t.Fatalf("room for %d bytes: %d, %v", n, m, err)
		}
	}
	e := testFormat.NewEncoder(writerFunc(func(b []byte) (int, error) { return len(b) - 1, nil }))
	if _, err := e.Close(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("short write: %v", err)
	}
	a := testFormat.NewAppender([]byte("before"), 0)
	a.Fail(errFull)
	a.Raw(payload)
	if got, err := a.Appended(); string(got) != "before" || !errors.Is(err, errFull) {
		t.Errorf("appender that failed: %q, %v", got, err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// allocated returns the number of bytes that f allocates, of which some may be garbage at the end.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// TestLies has lists that claim to be of up to 4 GB and are not there.
func TestLies(t *testing.T) {
	for _, count := range []uint32{1000, 1 << 20, 1<<31 - 1, 1 << 31, 1<<32 - 1} {
		for _, there := range []int{0, 100, 10 * BlockSize} {
			payload := append(binary.LittleEndian.AppendUint32(nil, count), make([]byte, there)...)
			data := sealed(payload)
			for kind, read := range map[string]func(*Decoder){
				"Bytes":      func(d *Decoder) { d.Bytes() },
				"Text":       func(d *Decoder) { _ = d.Text() },
				"Texts":      func(d *Decoder) { d.Texts() },
				"AppendU32s": func(d *Decoder) { d.AppendU32s(nil, d.Count(4)) },
				"AppendU64s": func(d *Decoder) { d.AppendU64s(nil, d.Count(8)) },
			} {
				if int64(count) <= int64(there) {
					continue
				}
				for _, slice := range []bool{true, false} {
					decode := func() {
						d := testFormat.NewDecoder(bytes.NewReader(data))
						if slice {
							d = testFormat.NewSliceDecoder(data)
						}
						read(d)
						if err := d.Close(); !errors.Is(err, errCorrupt) {
							t.Fatalf("%s of %d: %v", kind, count, err)
						}
					}
					// The runtime allocates now and then, too.
					n := min(allocated(decode), allocated(decode), allocated(decode))
					// Of a slice nothing is allocated but the error. Of a reader, it is the buffer
					// and, as a list doubles, less than 4 bytes for each that came, and 12 for each
					// of a list of empty strings, which takes 16 for 4; and a block to begin with.
					limit := int64(4096)
					if !slice {
						limit = 4*int64(there) + 3*BlockSize
						if kind == "Texts" {
							limit += 12 * int64(there)
						}
					}
					if n > limit {
						t.Errorf("%s of %d with %d bytes there, slice %v: %d bytes allocated, want %d at most", kind, count, there, slice, n, limit)
					}
				}
			}
		}
	}
}

func TestAllocs(t *testing.T) {
	payload := generated(BlockSize + 500)
	buf := make([]byte, 0, Size(len(payload)))
	for name, f := range map[string]func(){
		"append": func() {
			e := testFormat.NewAppender(buf, len(payload))
			e.Raw(payload)
			e.U64(1)
			buf, _ = e.Appended()
			buf = buf[:0]
		},
		"decode": func() {
			d := testFormat.NewSliceDecoder(sealedOnce)
			for range 100 {
				d.Next(9)
				d.U32()
			}
			_ = d.Close()
		},
	} {
		f()
		if n := testing.AllocsPerRun(50, f); n != 0 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}

var sealedOnce = sealed(generated(1300))

func TestFloats(t *testing.T) {
	e := testFormat.NewAppender(nil, 0)
	for _, v := range []float64{0, math.Copysign(0, -1), math.Inf(1), math.SmallestNonzeroFloat64, math.NaN()} {
		e.F64(v)
	}
	data, _ := e.Appended()
	d := testFormat.NewSliceDecoder(data)
	for _, v := range []float64{0, math.Copysign(0, -1), math.Inf(1), math.SmallestNonzeroFloat64, math.NaN()} {
		if got := d.F64(); math.Float64bits(got) != math.Float64bits(v) {
			t.Errorf("got %v, want %v", got, v)
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// decodeProgram reads a payload as a program says, each byte of which asks for a value, and returns
// all that came.
func decodeProgram(d *Decoder, program []byte) []any {
	var out []any
	for _, op := range program {
		switch op % 10 {
		case 0:
			out = append(out, d.U8())
		case 1:
			out = append(out, d.U16())
		case 2:
			out = append(out, d.U32())
		case 3:
			out = append(out, d.U64())
		case 4:
			out = append(out, d.Bool())
		case 5:
			out = append(out, string(d.Bytes()))
		case 6:
			out = append(out, d.Text())
		case 7:
			out = append(out, d.Texts())
		case 8:
			out = append(out, d.AppendU32s(nil, d.Count(4)))
		case 9:
			out = append(out, string(d.Next(int(op))))
		}
	}
	return out
}

// FuzzDecoder reads a payload that has passed its check, as a program says, from a slice and from a
// reader, and compares. What was read without an error encodes to what it was read from. The raw
// bytes, too, are taken as an encoding.
func FuzzDecoder(f *testing.F) {
	e := testFormat.NewAppender(nil, 0)
	things()[7].encode(e)
	data, _ := e.Appended()
	f.Add(data[6:len(data)-8], []byte{0, 4, 1, 2, 3, 3, 5, 6, 7})
	f.Add([]byte{2, 0, 0, 0, 1, 0, 0, 0, 'a', 0, 0, 0, 0}, []byte{7})
	f.Add([]byte{255, 255, 255, 255, 1}, []byte{8})
	f.Add([]byte{255, 255, 255, 127, 1}, []byte{5})
	f.Add(data, []byte{0})
	f.Fuzz(func(t *testing.T, payload, program []byte) {
		program = program[:min(len(program), 100)]
		for _, data := range [][]byte{sealed(payload), payload} {
			d, r := testFormat.NewSliceDecoder(data), testFormat.NewDecoder(iotest.DataErrReader(bytes.NewReader(data)))
			got, want := decodeProgram(d, program), decodeProgram(r, program)
			err, errR := d.Close(), r.Close()
			for _, err := range []error{err, errR} {
				if err != nil && !errors.Is(err, errCorrupt) && !errors.Is(err, errVersion) {
					t.Fatalf("error of no kind: %v", err)
				}
			}
			if err == nil && errR != nil || errR == nil && err != nil && r.N() == int64(len(data)) {
				t.Fatalf("slice: %v, reader: %v", err, errR)
			}
			if err != nil {
				continue
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("slice and reader differ (-reader +slice):\n%s", cmp.Diff(want, got))
			}
			e := testFormat.NewAppender(nil, 0)
			encodeProgram(e, program, got)
			if again, err := e.Appended(); err != nil || !bytes.Equal(again, data) {
				t.Fatalf("not canonical: %x, want %x, %v", again, data, err)
			}
		}
	})
}

func encodeProgram(e *Encoder, program []byte, values []any) {
	for i, op := range program {
		switch v := values[i].(type) {
		case uint8:
			e.U8(v)
		case uint16:
			e.U16(v)
		case uint32:
			e.U32(v)
		case uint64:
			e.U64(v)
		case bool:
			e.Bool(v)
		case []string:
			e.Texts(v)
		case []uint32:
			e.Count(len(v))
			for _, n := range v {
				e.U32(n)
			}
		case string:
			if op%10 == 9 {
				e.Raw([]byte(v))
			} else {
				e.Text(v)
			}
		}
	}
}

// FuzzWhole takes raw bytes as an encoding: what is read without an error is what the naive encoder
// makes of the payload.
func FuzzWhole(f *testing.F) {
	f.Add(sealed(nil))
	f.Add(sealed([]byte("some bytes")))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := testFormat.NewSliceDecoder(data)
		payload, err := io.ReadAll(d)
		if err := errors.Join(err, d.Close()); err != nil {
			if !errors.Is(err, errCorrupt) && !errors.Is(err, errVersion) {
				t.Fatalf("error of no kind: %v", err)
			}
			return
		}
		if !bytes.Equal(sealed(payload), data) {
			t.Fatal("not canonical")
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(8 << 16)
	var buf []byte
	for b.Loop() {
		e := testFormat.NewAppender(buf[:0], 8<<16)
		for i := range uint64(1 << 16) {
			e.U64(i)
		}
		buf, _ = e.Appended()
	}
}

func BenchmarkDecode(b *testing.B) {
	data := sealed(generated(8 << 16))
	for _, kind := range []string{"slice", "reader"} {
		b.Run("of="+kind, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(8 << 16)
			for b.Loop() {
				d := testFormat.NewSliceDecoder(data)
				if kind == "reader" {
					d = testFormat.NewDecoder(bytes.NewReader(data))
				}
				for range 1 << 16 {
					d.U64()
				}
				if err := d.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
