package simhash

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

func FuzzIndexUnmarshalBinary(f *testing.F) {
	good, _ := filledIndex(f).MarshalBinary()
	f.Add(good)
	for _, m := range malformed(f) {
		if m.index != nil {
			f.Add(m.index)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, sealedIfLong(data)} {
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
			for id := range x.total {
				if g, ok := x.At(uint32(id)); ok {
					if m, _ := x.Nearest(g); m.Distance != 0 {
						t.Fatalf("%v is not found", g)
					}
				}
			}
		}
	})
}

func sealedIfLong(data []byte) []byte {
	if len(data) < 8 {
		return data
	}
	return sealed(data)
}

func FuzzSketcherUnmarshalBinary(f *testing.F) {
	good, _ := filledSketcher().MarshalBinary()
	f.Add(good)
	for _, m := range malformed(f) {
		if m.sketch != nil {
			f.Add(m.sketch)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Sketcher
		if err := s.UnmarshalBinary(data); err != nil {
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) {
				t.Fatalf("unknown error %v", err)
			}
			if s != (Sketcher{}) {
				t.Fatal("changed by an error")
			}
			return
		}
		if again, _ := s.MarshalBinary(); !bytes.Equal(again, data) {
			t.Fatal("not canonical")
		}
	})
}

// FuzzSum reads features and weights from the data and compares all ways to sum them with the naive one.
func FuzzSum(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 255, 127}, 50))
	f.Fuzz(func(t *testing.T, data []byte) {
		var x []uint64
		var w []int32
		var s, u Sketcher
		for ; len(data) >= 12; data = data[12:] {
			x = append(x, binary.LittleEndian.Uint64(data))
			w = append(w, int32(binary.LittleEndian.Uint32(data[8:])))
		}
		if got, want := Sum(x), naiveSum(x, nil); got != want {
			t.Fatalf("Sum: got %v, want %v", got, want)
		}
		if got, want := SumWeighted(x, w), naiveSum(x, w); got != want {
			t.Fatalf("SumWeighted: got %v, want %v", got, want)
		}
		for i := range x {
			v := [2]*Sketcher{&s, &u}[i%2]
			v.AddWeighted(x[i], w[i])
		}
		s.Merge(&u)
		if got, want := s.Sum(), naiveSum(x, w); got != want {
			t.Fatalf("Merge: got %v, want %v", got, want)
		}
	})
}

// FuzzIndex reads a program of additions, deletions and replacements from the data, and compares with the scan.
func FuzzIndex(f *testing.F) {
	f.Add(3, []byte("any text will do: each byte does something"))
	f.Add(16, bytes.Repeat([]byte{0, 1, 2, 255, 128, 64}, 60))
	f.Fuzz(func(t *testing.T, d int, program []byte) {
		x, err := NewIndex(Config{Distance: d})
		if err != nil {
			if d >= 0 && d <= MaxDistance {
				t.Fatal(err)
			}
			return
		}
		program = program[:min(len(program), 600)]
		setPlan(t, 1+len(program)%4, 4, 8)
		var want naiveIndex
		for i, b := range program {
			f := Fingerprint(b&0xf) * 0x1111_0110_1001_0101 << (b >> 6)
			id := uint32(i*7) % uint32(len(want)+1)
			switch {
			case b%8 == 0:
				x.Delete(id)
				if int(id) < len(want) {
					want[id] = nil
				}
			case b%8 == 1:
				x.Replace(id, f)
				if int(id) < len(want) && want[id] != nil {
					want[id] = &f
				}
			default:
				x.Add(f)
				want = append(want, &f)
			}
		}
		for b := range 8 {
			q := Fingerprint(b) * 0x1111_0110_1001_0101
			if got, want := x.AppendQuery(nil, q), want.query(q, d); !slices.Equal(got, want) {
				t.Fatalf("query %v: got %v, want %v", q, got, want)
			}
		}
		if got, want := byID(slices.Collect(x.Pairs())), want.pairs(d); !slices.Equal(got, want) {
			t.Fatalf("pairs: got %v, want %v", got, want)
		}
	})
}
