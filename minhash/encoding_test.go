package minhash

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
)

var (
	_ encoding.BinaryAppender    = Signature(nil)
	_ encoding.BinaryMarshaler   = Signature(nil)
	_ encoding.BinaryUnmarshaler = (*Signature)(nil)
	_ encoding.BinaryAppender    = (*Sketcher)(nil)
	_ encoding.BinaryMarshaler   = (*Sketcher)(nil)
	_ encoding.BinaryUnmarshaler = (*Sketcher)(nil)
)

func TestSignatureEncoding(t *testing.T) {
	for _, k := range []int{1, 2, 100, 128, 4096} {
		c := newSketcher(t, Config{K: k, Scheme: Classic})
		f := random(30, uint64(k))
		for name, sig := range map[string]Signature{
			"empty":    Sum(nil, k),
			"fast":     Sum(f, k),
			"few":      Sum(f[:1], k),
			"classic":  c.AppendSignature(nil, f),
			"weighted": SumWeighted(f, slices.Repeat([]int32{3}, len(f)), k),
		} {
			data, err := sig.AppendBinary([]byte("before"))
			if err != nil || !bytes.HasPrefix(data, []byte("before")) {
				t.Fatalf("k=%d %s: AppendBinary: %v", k, name, err)
			}
			data = data[6:]
			if m, err := sig.MarshalBinary(); err != nil || !bytes.Equal(m, data) {
				t.Errorf("k=%d %s: MarshalBinary differs from AppendBinary", k, name)
			}
			var got Signature
			if err := got.UnmarshalBinary(data); err != nil || !slices.Equal(got, sig) {
				t.Errorf("k=%d %s: UnmarshalBinary: %v", k, name, err)
			}
			clear(data)
			if !slices.Equal(got, sig) {
				t.Errorf("k=%d %s: UnmarshalBinary keeps data", k, name)
			}
			s := newSketcher(t, Config{K: k, Seed: 1 << 40})
			if name == "classic" {
				s = newSketcher(t, Config{K: k, Seed: 1 << 40, Scheme: Classic})
			}
			data, err = s.AppendEncoding(nil, sig)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.AppendDecoded(Signature{7}, data); err != nil || got[0] != 7 || !slices.Equal(got[1:], sig) {
				t.Errorf("k=%d %s: AppendDecoded: %v", k, name, err)
			}
			if err := got.UnmarshalBinary(data); err != nil || !slices.Equal(got, sig) {
				t.Errorf("k=%d %s: UnmarshalBinary with a seed: %v", k, name, err)
			}
		}
	}
}

func TestSignatureEncodingRefuses(t *testing.T) {
	for _, c := range []struct {
		sig  Signature
		want string
	}{
		{nil, "minhash: signature has 0 values, want 1 to 4096"},
		{make(Signature, 4097), "minhash: signature has 4097 values, want 1 to 4096"},
		{Signature{17 << 32}, "minhash: slot 0 is 0x1100000000, which is not of scheme 1"},
		{Signature{1, empty}, "minhash: slot 1 is 0xffffffffffffffff, which is not of scheme 1"},
		{Signature{empty, 1}, "minhash: slot 1 is 0x1, which is not of scheme 0"},
		{Signature{1<<62 | mersenne}, "minhash: slot 0 is 0x5fffffffffffffff, which is not of scheme 2"},
		{Signature{3<<62 - 1}, "minhash: slot 0 is 0xbfffffffffffffff, which is not of scheme 3"},
	} {
		if b, err := c.sig.AppendBinary([]byte{1}); err == nil || err.Error() != c.want || len(b) != 1 {
			t.Errorf("AppendBinary(%#x) = %v, want %q", c.sig, err, c.want)
		}
	}
}

func TestAppendDecodedMismatch(t *testing.T) {
	f := random(10, 1)
	s := newSketcher(t, Config{K: 16, Seed: 4})
	sig := s.AppendSignature(nil, f)
	data, err := s.AppendEncoding(nil, sig)
	if err != nil {
		t.Fatal(err)
	}
	unstated, err := sig.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cfg  Config
		data []byte
		want string
	}{
		{Config{K: 16, Seed: 5}, data, "minhash: other configuration: seed 4, want 5"},
		{Config{K: 17, Seed: 4}, data, "minhash: other configuration: signature has 16 values, want 17"},
		{Config{K: 16, Seed: 4, Scheme: Classic}, data, "minhash: other configuration: scheme 1, want 2"},
		{Config{K: 16, Seed: 4}, unstated, "minhash: other configuration: seed not stated, want 4"},
	} {
		o := newSketcher(t, c.cfg)
		got, err := o.AppendDecoded(Signature{7}, c.data)
		if !errors.Is(err, ErrMismatch) || !strings.HasPrefix(err.Error(), c.want) || !slices.Equal(got, Signature{7}) {
			t.Errorf("AppendDecoded with %+v = %v, %v, want %q", c.cfg, got, err, c.want)
		}
		if c.cfg.K != 16 || c.cfg.Scheme == Classic {
			if b, err := o.AppendEncoding([]byte{1}, sig); !errors.Is(err, ErrMismatch) || len(b) != 1 {
				t.Errorf("AppendEncoding with %+v = %v", c.cfg, err)
			}
		}
	}
}

func TestSketcherEncoding(t *testing.T) {
	for _, cfg := range []Config{{}, {K: 3, Seed: 9}, {K: 64, Seed: 1<<64 - 1, Scheme: Classic}} {
		for _, n := range []int{0, 1, 500, 2000} {
			f := random(n, 3)
			s := newSketcher(t, cfg)
			s.AddAll(f[:n/2])
			data, err := s.AppendBinary([]byte("before"))
			if err != nil {
				t.Fatal(err)
			}
			data = data[6:]
			var o Sketcher
			if err := o.UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			if o.Config() != s.Config() {
				t.Errorf("configuration is %+v, want %+v", o.Config(), s.Config())
			}
			again, err := o.MarshalBinary()
			if err != nil || !bytes.Equal(again, data) {
				t.Error("equal Sketchers have different encodings")
			}
			for _, x := range f[n/2:] {
				s.Add(x)
				o.Add(x)
			}
			if !slices.Equal(o.Sum(), s.Sum()) {
				t.Errorf("%+v: the decoded Sketcher goes on to another signature", cfg)
			}
			one := newSketcher(t, cfg)
			for i := range f {
				one.Add(f[len(f)-1-i])
			}
			a, _ := s.MarshalBinary()
			b, _ := one.MarshalBinary()
			if !bytes.Equal(a, b) {
				t.Error("equal sets have different encodings")
			}
		}
	}
}

// seal replaces the checksum by the right one.
func seal(data []byte) []byte {
	n := len(data) - 8
	return binary.LittleEndian.AppendUint64(data[:n:n], xxhash.Sum64(data[:n]))
}

// malformed are encodings of neither a signature nor a Sketcher, and the reason. They are also
// where the fuzzers start.
func malformed() map[string]struct {
	data []byte
	want error
} {
	s, err := New(Config{K: 2, Seed: 5})
	if err != nil {
		panic(err)
	}
	s.AddAll([]uint64{1, 2, 3})
	sig, err := s.AppendEncoding(nil, s.Sum())
	if err != nil {
		panic(err)
	}
	sketcher, err := s.MarshalBinary()
	if err != nil {
		panic(err)
	}
	m := map[string]struct {
		data []byte
		want error
	}{}
	for name, good := range map[string][]byte{"signature": sig, "sketcher": sketcher} {
		put := func(what string, want error, data []byte) {
			m[name+" "+what] = struct {
				data []byte
				want error
			}{data, want}
		}
		set := func(at int, v ...byte) []byte {
			d := bytes.Clone(good)
			copy(d[at:], v)
			return seal(d)
		}
		put("nothing", ErrCorrupt, nil)
		put("header only", ErrCorrupt, good[:16])
		put("one byte short", ErrCorrupt, good[:len(good)-1])
		put("one byte long", ErrCorrupt, append(bytes.Clone(good), 0))
		put("twice", ErrCorrupt, append(bytes.Clone(good), good...))
		put("other tag", ErrCorrupt, set(0, 'x', 'm', 'l'))
		put("version 0", ErrVersion, set(3, 0))
		put("version 2", ErrVersion, set(3, 2))
		put("scheme 4", ErrVersion, set(4, 4))
		put("scheme 255", ErrVersion, set(4, 255))
		put("scheme classic of fast slots", ErrCorrupt, set(4, 2))
		put("scheme none of fast slots", ErrCorrupt, set(4, 0))
		put("flags 2", ErrCorrupt, set(5, 2))
		put("seed without flag", ErrCorrupt, set(5, 0))
		put("no slots", ErrCorrupt, set(6, 0, 0))
		put("too many slots", ErrCorrupt, set(6, 0xff, 0xff))
		put("more slots than bytes", ErrCorrupt, set(6, 3, 0))
		put("round out of range", ErrCorrupt, set(16+4, 17))
		put("slot of another scheme", ErrCorrupt, set(16+7, 0x80))
		put("one slot empty", ErrCorrupt, set(16, 255, 255, 255, 255, 255, 255, 255, 255))
		wrong := bytes.Clone(good)
		wrong[len(wrong)-1]++
		put("checksum", ErrCorrupt, wrong)
	}
	m["sketcher weighted"] = struct {
		data []byte
		want error
	}{seal(slices.Concat([]byte("mhk\x01\x03\x01\x01\x00"), make([]byte, 15), []byte{0x80}, make([]byte, 8))), ErrCorrupt}
	return m
}

func TestMalformed(t *testing.T) {
	for name, c := range malformed() {
		t.Run(name, func(t *testing.T) {
			sig := Signature{1, 2}
			if strings.HasPrefix(name, "signature") {
				if err := sig.UnmarshalBinary(c.data); !errors.Is(err, c.want) {
					t.Errorf("Signature: %v, want %v", err, c.want)
				}
			} else {
				s := newSketcher(t, Config{K: 5})
				s.Add(1)
				want := s.Sum()
				if err := s.UnmarshalBinary(c.data); !errors.Is(err, c.want) {
					t.Errorf("Sketcher: %v, want %v", err, c.want)
				}
				if !slices.Equal(s.Sum(), want) {
					t.Error("Sketcher changed by failed decoding")
				}
			}
			if !slices.Equal(sig, Signature{1, 2}) {
				t.Error("Signature changed by failed decoding")
			}
		})
	}
}

// TestFlippedBits: no damage of one bit goes unnoticed.
func TestFlippedBits(t *testing.T) {
	s := newSketcher(t, Config{K: 2, Seed: 5})
	s.AddAll([]uint64{1, 2, 3})
	good, err := s.AppendEncoding(nil, s.Sum())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(good) {
		d := bytes.Clone(good)
		d[i/8] ^= 1 << (i % 8)
		var sig Signature
		if err := sig.UnmarshalBinary(d); !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) {
			t.Errorf("bit %d flipped: %v", i, err)
		}
	}
}

func known(err error) bool {
	return errors.Is(err, ErrCorrupt) || errors.Is(err, ErrVersion) || errors.Is(err, ErrMismatch)
}

func FuzzSignatureUnmarshalBinary(f *testing.F) {
	for _, c := range malformed() {
		f.Add(c.data)
	}
	good, _ := Sum([]uint64{1, 2, 3}, 4).MarshalBinary()
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, reseal(data)} {
			sig := Signature{5}
			if err := sig.UnmarshalBinary(data); err != nil {
				if !known(err) || !slices.Equal(sig, Signature{5}) {
					t.Fatalf("error %v, signature %v", err, sig)
				}
				continue
			}
			again, err := sig.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			if data[5] == 0 && !bytes.Equal(again, data) {
				t.Fatal("encoding is not canonical")
			}
			if got := sig.Similarity(sig); got != 1 && !(got == 0 && sig.Empty()) {
				t.Fatalf("similarity to itself is %v", got)
			}
		}
	})
}

func FuzzSketcherUnmarshalBinary(f *testing.F) {
	for _, c := range malformed() {
		f.Add(c.data)
	}
	s, _ := New(Config{K: 3, Seed: 1})
	s.Add(1)
	good, _ := s.MarshalBinary()
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, reseal(data)} {
			var s Sketcher
			if err := s.UnmarshalBinary(data); err != nil {
				if !known(err) {
					t.Fatalf("error %v", err)
				}
				continue
			}
			if again, err := s.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
				t.Fatalf("encoding is not canonical: %v", err)
			}
			s.Add(1)
			if s.Sum().Empty() {
				t.Fatal("a feature was lost")
			}
		}
	})
}

// reseal makes the checksum right, so that fuzzing reaches what is behind it.
func reseal(data []byte) []byte {
	if len(data) < 8 {
		return data
	}
	return seal(data)
}

// FuzzSketcher compares chunked with plain sketching, and with the definition.
func FuzzSketcher(f *testing.F) {
	f.Add([]byte("three features, eight bytes"), uint16(128), uint64(0))
	f.Add([]byte{}, uint16(1), uint64(1))
	f.Add(bytes.Repeat([]byte{255}, 64), uint16(16), uint64(1<<63))
	f.Fuzz(func(t *testing.T, data []byte, k uint16, seed uint64) {
		if len(data) > 1<<10 {
			return
		}
		s := newSketcher(t, Config{K: int(k)%300 + 1, Seed: seed})
		var features []uint64
		for len(data) >= 8 {
			features = append(features, binary.LittleEndian.Uint64(data))
			data = data[8:]
		}
		want := Signature(oracleFSS(features, s.Config().K, seed))
		if got := s.AppendSignature(nil, features); !slices.Equal(got, want) {
			t.Fatal("AppendSignature differs from the definition")
		}
		for i, x := range features {
			s.Add(x)
			if i%3 == 0 {
				s.Sum()
			}
		}
		if got := s.Sum(); !slices.Equal(got, want) {
			t.Fatal("Sum differs from the definition")
		}
		if p := (Packing{K: len(want), Bits: 4}); fmt.Sprintf("%x", p.Append(nil, want)) != fmt.Sprintf("%x", oraclePack(want, 4)) {
			t.Fatal("packed bytes differ from the definition")
		}
	})
}
