package simhash

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unmix is the inverse of mix, so that a test can choose what is counted.
func unmix(x uint64) uint64 {
	x ^= x>>31 ^ x>>62
	x *= 0x319642b2d24d8ec3
	x ^= x>>27 ^ x>>54
	x *= 0x96de1b173f119089
	x ^= x>>30 ^ x>>60
	return x - 0x9e3779b97f4a7c15
}

func unmixed(x ...uint64) []uint64 {
	for i := range x {
		x[i] = unmix(x[i])
	}
	return x
}

// TestGoldenFromOutside has the published vectors of simhash-cpp (test/test-simhash.cpp, Moz, MIT
// licence) for the counting of hashes that are taken as they are.
func TestGoldenFromOutside(t *testing.T) {
	for _, test := range []struct {
		hashes []uint64
		want   Fingerprint
	}{
		{nil, 0},
		{slices.Repeat([]uint64{0xdeadbeef}, 100), 0xdeadbeef},
		{[]uint64{0xdeadbeefdeadbeef, 0x2152411021524110}, 0},
		{[]uint64{0xabcd, 0xbcde, 0xcdef}, 0xadcf},
	} {
		if got := Sum(unmixed(slices.Clone(test.hashes)...)); got != test.want {
			t.Errorf("%x: got %v, want %v", test.hashes, got, test.want)
		}
	}
	if d := Fingerprint(0xdeadbeef).Distance(0xdeadbead); d != 2 {
		t.Errorf("distance %d, want 2", d)
	}
	if d := Fingerprint(0xdeadbeefdeadbeef).Distance(0x2152411021524110); d != 64 {
		t.Errorf("distance %d, want 64", d)
	}
}

// TestGoldenPairs has the sets of the same source for all pairs within three bits.
func TestGoldenPairs(t *testing.T) {
	for _, test := range []struct {
		hashes []Fingerprint
		want   string
	}{
		{
			[]Fingerprint{
				0xff, 0xef, 0xee, 0xce, 0x33, 0xff00, 0xef00, 0xee00, 0xce00, 0x3300,
				0xff0000, 0xef0000, 0xee0000, 0xce0000, 0x330000, 0xff000000, 0xef000000, 0xee000000, 0xce000000, 0x33000000,
			},
			"ce-ee ce-ef ce-ff ee-ef ee-ff ef-ff " +
				"ce00-ee00 ce00-ef00 ce00-ff00 ee00-ef00 ee00-ff00 ef00-ff00 " +
				"ce0000-ee0000 ce0000-ef0000 ce0000-ff0000 ee0000-ef0000 ee0000-ff0000 ef0000-ff0000 " +
				"ce000000-ee000000 ce000000-ef000000 ce000000-ff000000 ee000000-ef000000 ee000000-ff000000 ef000000-ff000000",
		},
		{
			[]Fingerprint{0, 0x10101000, 0x10100010, 0x10001010, 0x101010, 0x1010100, 0x1010001, 0x1000101, 0x10101},
			"0-10101 0-101010 0-1000101 0-1010001 0-1010100 0-10001010 0-10100010 0-10101000 " +
				"10101-1000101 10101-1010001 10101-1010100 101010-10001010 101010-10100010 101010-10101000 " +
				"1000101-1010001 1000101-1010100 1010001-1010100 10001010-10100010 10001010-10101000 10100010-10101000",
		},
	} {
		for blocks := range 5 {
			if blocks > 0 {
				setPlan(t, blocks, 16, 1000)
			}
			x, _ := NewIndex(IndexConfig{Distance: 3})
			x.AddAll(test.hashes)
			x.Compact()
			var got []string
			for p := range x.Pairs() {
				a, _ := x.At(p.A)
				b, _ := x.At(p.B)
				got = append(got, fmt.Sprintf("%x-%x", uint64(min(a, b)), uint64(max(a, b))))
			}
			want := strings.Fields(test.want)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%d blocks: got %v, want %v", blocks, got, want)
			}
		}
	}
}

// goldenInput is n features, byte i%251 and so on.
func goldenInput(n int) []uint64 {
	x := make([]uint64, n)
	for i := range x {
		for j := range 8 {
			x[i] = x[i]<<8 | uint64((8*i+j)%251)
		}
	}
	return x
}

// TestGolden pins the fingerprints of scheme 1. They outlive the process: never change them, make a
// new scheme.
func TestGolden(t *testing.T) {
	for _, test := range []struct {
		n        int
		want     Fingerprint
		weighted Fingerprint // with the weights i*i%1000 - 300
	}{
		{0, 0x0000000000000000, 0x0000000000000000},
		{1, 0x0d04fbeb000f99d6, 0xf2fb0414fff06629},
		{2, 0x0d048a0300019042, 0xf2fb0414fff06629},
		{3, 0x0f14fb4b181991d6, 0xf0eb04b4e7e66e29},
		{31, 0x531de17c1935b072, 0x9c7ab0478fda9229},
		{32, 0x531da17419359052, 0x9f7ab0558fd80309},
		{33, 0x531df17c1935b0f2, 0x9f7ab3558fda0309},
		{100, 0x5307e2449b358fa8, 0xd7073a1ecaf50f31},
		{1000, 0x7193ef44973d0548, 0x305b71d585788728},
		{5000, 0x7193ef44973d0548, 0x70d3e7c49f3d8768},
	} {
		x := goldenInput(test.n)
		if got := Sum(x); got != test.want {
			t.Errorf("n=%d: got %v, want %v", test.n, got, test.want)
		}
		w := make([]int32, test.n)
		for i := range w {
			w[i] = int32(i*i%1000 - 300)
		}
		if got := SumWeighted(x, w); got != test.weighted {
			t.Errorf("n=%d: weighted: got %v, want %v", test.n, got, test.weighted)
		}
	}
	for i, want := range []uint64{0xe220a8397b1dcdaf, 0x910a2dec89025cc1} {
		// The first output of SplitMix64 seeded with 0 and with 1, as in its reference
		// implementation.
		if got := mix(uint64(i)); got != want {
			t.Errorf("mix(%d) = %#x, want %#x", i, got, want)
		}
	}
}

// TestGoldenBytes decodes blobs written by the release that made the format, and writes the same
// again.
func TestGoldenBytes(t *testing.T) {
	check := func(name string, data []byte) []byte {
		t.Helper()
		file := filepath.Join("testdata", "golden", "v1", name)
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(data, want) {
			t.Errorf("%s: wrote %s, want %s", name, hex.EncodeToString(data), hex.EncodeToString(want))
		}
		return want
	}
	s, _ := filledSketcher().MarshalBinary()
	var sketch Sketcher
	if err := sketch.UnmarshalBinary(check("sketcher.bin", s)); err != nil {
		t.Error(err)
	}
	if got := sketch.Sum(); got != 0x63033b0ca389c35a {
		t.Errorf("sketcher: %v", got)
	}
	x, _ := filledIndex(t).MarshalBinary()
	var index Index
	if err := index.UnmarshalBinary(check("index.bin", x)); err != nil {
		t.Error(err)
	}
	if index.Len() != 18 || index.Distance() != 3 {
		t.Errorf("index: %d fingerprints, distance %d", index.Len(), index.Distance())
	}
	f := Fingerprint(0x0123456789abcdef)
	b, _ := f.MarshalBinary()
	if got := hex.EncodeToString(b); got != "0123456789abcdef" {
		t.Errorf("fingerprint: %s", got)
	}
}

func TestCosines(t *testing.T) {
	for d := range Bits + 1 {
		want := max(0, math.Cos(math.Pi*float64(d)/Bits))
		f := Fingerprint(1)<<d - 1
		if got := f.Similarity(0); math.Abs(got-want) > 1e-15 {
			t.Errorf("d=%d: %v, want %v", d, got, want)
		}
	}
}
