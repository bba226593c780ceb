package simhash

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// payloads adds what the encodings have behind their checks: a good one and malformed ones.
func payloads(f *testing.F, good []byte, malformed [][]byte) {
	f.Add(good[6 : len(good)-8])
	f.Add(good)
	for _, data := range malformed {
		if len(data) >= 14 {
			f.Add(data[6 : len(data)-8])
		}
	}
}

// FuzzIndexUnmarshalBinary takes data as a payload that has passed its check, and as a whole
// encoding.
func FuzzIndexUnmarshalBinary(f *testing.F) {
	var bad [][]byte
	for _, m := range malformed(f) {
		bad = append(bad, m.index)
	}
	good, _ := filledIndex(f).MarshalBinary()
	payloads(f, good, bad)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{encoded(indexFormat, data), data} {
			var x, y Index
			err := x.UnmarshalBinary(data)
			if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) {
				t.Fatalf("unknown error %v", err)
			}
			n, errFrom := y.ReadFrom(bytes.NewReader(data))
			if err == nil && (errFrom != nil || n != int64(len(data))) {
				t.Fatalf("ReadFrom: %d, %v, where UnmarshalBinary has no error", n, errFrom)
			}
			if err != nil {
				if x.Len() != 0 || x.made {
					t.Fatal("changed by an error")
				}
				continue
			}
			again, _ := y.MarshalBinary()
			if !bytes.Equal(again, data) {
				t.Fatal("not canonical")
			}
			for id := range uint32(min(x.ids.Total(), 10)) {
				if g, ok := x.At(id); ok {
					if m, _ := x.Nearest(g); m.Distance != 0 {
						t.Fatalf("%v is not found", g)
					}
				}
			}
		}
	})
}

// FuzzSketcherUnmarshalBinary takes data as a payload that has passed its check, and as a whole
// encoding.
func FuzzSketcherUnmarshalBinary(f *testing.F) {
	var bad [][]byte
	for _, m := range malformed(f) {
		bad = append(bad, m.sketch)
	}
	good, _ := filledSketcher().MarshalBinary()
	payloads(f, good, bad)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{encoded(sketcherFormat, data), data} {
			var s Sketcher
			if err := s.UnmarshalBinary(data); err != nil {
				if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) {
					t.Fatalf("unknown error %v", err)
				}
				if s != (Sketcher{}) {
					t.Fatal("changed by an error")
				}
				continue
			}
			if again, _ := s.MarshalBinary(); !bytes.Equal(again, data) {
				t.Fatal("not canonical")
			}
		}
	})
}

// FuzzText reads a fingerprint from text.
func FuzzText(f *testing.F) {
	for _, text := range []string{"0123456789abcdef", "FEDCBA9876543210", "000000000000000g", "+000000000000000", "0", ""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		g := Fingerprint(7)
		if err := g.UnmarshalText(text); err != nil {
			if !errors.Is(err, ErrCorrupt) || g != 7 {
				t.Fatalf("%q: %v, %v", text, g, err)
			}
			return
		}
		if again, _ := g.MarshalText(); !bytes.Equal(again, bytes.ToLower(text)) {
			t.Fatalf("%q is read as %s", text, again)
		}
	})
}

// FuzzSum makes a feature and a weight of each byte, and compares all ways to sum them with the
// naive one.
func FuzzSum(f *testing.F) {
	weights := [16]int32{1, 1, 1, -1, 0, 2, 3, 1000, -1000, 255, 256, -256, math.MaxInt32, math.MinInt32, 1 << 16, -7}
	f.Add([]byte(nil))
	f.Add([]byte{0xff, 0, 0xff, 1, 0xf3})
	f.Add(bytes.Repeat([]byte{0x10, 0x21, 0xd2, 0xc3, 0xe4, 0x05, 0x76}, 11))
	f.Fuzz(func(t *testing.T, data []byte) {
		var x []uint64
		var w []int32
		var s, u Sketcher
		for i, b := range data[:min(len(data), 80)] {
			x = append(x, uint64(b&15)<<(i%3*20))
			w = append(w, weights[b>>4])
		}
		if got, want := Sum(x), naiveSum(x, nil); got != want {
			t.Fatalf("Sum: got %v, want %v", got, want)
		}
		want := naiveSum(x, w)
		if got := SumWeighted(x, w); got != want {
			t.Fatalf("SumWeighted: got %v, want %v", got, want)
		}
		for i := range x {
			v := [2]*Sketcher{&s, &u}[i%2]
			v.AddWeighted(x[i], w[i])
		}
		s.Merge(&u)
		if got := s.Sum(); got != want {
			t.Fatalf("Merge: got %v, want %v", got, want)
		}
	})
}

// An indexProgram does what its bytes say to an index and to a naive one. Each byte is an
// operation, and some take the next as what they do it to.
type indexProgram struct {
	t        *testing.T
	code     []byte
	x, other *Index
	want     naiveIndex // x
	beside   naiveIndex // other
}

const maxProgram = 48 // bytes; what a program costs is mostly the naive index, which takes the square of its size

func (p *indexProgram) next() int {
	if len(p.code) == 0 {
		return 0
	}
	b := p.code[0]
	p.code = p.code[1:]
	return int(b)
}

// fingerprint makes one of 256 that are near each other in groups, share blocks, and are equal
// often.
func fingerprint(b int) Fingerprint {
	return Fingerprint(b&0xf)*0x1111_0110_1001_0101<<(b>>6) ^ Fingerprint(b>>4&3)<<40
}

func (p *indexProgram) id(b int) uint32 { return uint32(b * (len(p.want) + 1) / 256) }

func (p *indexProgram) step() {
	op := p.next()
	switch op % 16 {
	case 0, 1, 2:
		f := fingerprint(p.next())
		if got := p.x.Add(f); int(got) != len(p.want) {
			p.t.Fatalf("Add: id %d, want %d", got, len(p.want))
		}
		p.want = append(p.want, &f)
	case 3, 4:
		var list []Fingerprint
		for i := range op/16 + 1 {
			list = append(list, fingerprint(op+i*i))
		}
		if got := p.x.AddAll(list); int(got) != len(p.want) {
			p.t.Fatalf("AddAll: id %d, want %d", got, len(p.want))
		}
		for i := range list {
			p.want = append(p.want, &list[i])
		}
	case 5, 6, 7:
		id := p.id(p.next())
		p.delete(id)
	case 8:
		for id := p.id(p.next()); int(id) < min(len(p.want), op/2); id++ {
			p.delete(id)
		}
	case 9, 10, 11:
		id := p.id(p.next())
		f := fingerprint(op/16 + int(id))
		live := int(id) < len(p.want) && p.want[id] != nil
		if got := p.x.Replace(id, f); got != live {
			p.t.Fatalf("Replace(%d): got %v, want %v", id, got, live)
		}
		if live {
			p.want[id] = &f
		}
	case 12:
		p.x.Compact()
	case 13:
		if len(p.want)+len(p.beside) < 120 {
			if got := p.x.Merge(p.other); int(got) != len(p.want) {
				p.t.Fatalf("Merge: offset %d, want %d", got, len(p.want))
			}
			p.want = append(p.want, p.beside...)
		}
	case 14: // goes on with what was read back
		data, _ := p.x.MarshalBinary()
		p.x = new(Index)
		if err := p.x.UnmarshalBinary(data); err != nil {
			p.t.Fatal(err)
		}
	case 15:
		p.x, p.other, p.want, p.beside = p.other, p.x, p.beside, p.want
	}
}

func (p *indexProgram) delete(id uint32) {
	live := int(id) < len(p.want) && p.want[id] != nil
	if got := p.x.Delete(id); got != live {
		p.t.Fatalf("Delete(%d): got %v, want %v", id, got, live)
	}
	if live {
		p.want[id] = nil
	}
}

// FuzzIndex runs a program, and compares with the naive index.
func FuzzIndex(f *testing.F) {
	f.Add(uint8(3), uint8(4), []byte("any text will do: each byte does something"))
	f.Add(uint8(16), uint8(2), bytes.Repeat([]byte{243, 0, 1, 13, 11, 12, 128, 64}, 5))
	f.Add(uint8(0), uint8(0), []byte{243, 5, 100, 14, 8, 0, 15, 244, 9, 20, 13, 12})
	f.Add(uint8(5), uint8(1), []byte{243, 244, 248, 10, 12, 15, 244, 233, 7, 15, 13, 12, 14})
	f.Fuzz(func(t *testing.T, d, blocks uint8, code []byte) {
		d %= MaxDistance + 1
		if blocks %= 5; blocks > 0 {
			setPlan(t, int(blocks), 4, 8)
		}
		p := indexProgram{t: t, code: code[:min(len(code), maxProgram)]}
		seed := uint64(len(p.code))
		for _, x := range []**Index{&p.x, &p.other} {
			var err error
			if *x, err = NewIndex(IndexConfig{Distance: int(d)}); err != nil {
				t.Fatal(err)
			}
		}
		for len(p.code) > 0 {
			p.step()
		}
		same(t, p.x, p.want, rand.New(rand.NewPCG(1, seed)), 2)
	})
}

// TestIndexPrograms runs programs as FuzzIndex does, of which more are long.
func TestIndexPrograms(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 14))
	for n := range 300 {
		p := indexProgram{t: t}
		for range 10 + r.IntN(maxProgram) {
			p.code = append(p.code, byte(r.Uint32()))
		}
		t.Run("", func(t *testing.T) {
			setPlan(t, 1+n%4, 4, 8)
			p.t = t
			p.x, _ = NewIndex(IndexConfig{Distance: n % 17})
			p.other, _ = NewIndex(IndexConfig{Distance: n % 17})
			for len(p.code) > 0 {
				p.step()
			}
			same(t, p.x, p.want, r, 2)
			data, _ := p.x.MarshalBinary()
			fresh, _ := NewIndex(IndexConfig{Distance: n % 17})
			for id, f := range p.want {
				if f == nil {
					fresh.Delete(fresh.Add(0))
				} else if int(fresh.Add(*f)) != id {
					t.Fatal("ids are not dense")
				}
			}
			if other, _ := fresh.MarshalBinary(); !slices.Equal(data, other) {
				t.Fatal("the same fingerprints under the same ids give other bytes")
			}
		})
	}
}
