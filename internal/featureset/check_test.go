package featureset

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// malformed are encodings that Append does not write.
var malformed = []struct {
	name  string
	width int
	b     []byte
}{
	{"nothing", 24, nil},
	{"a class without a size", 24, []byte{1}},
	{"a class without values", 24, []byte{1, 0}},
	{"half a size", 24, []byte{1, 0x80}},
	{"a size with a byte too many", 24, []byte{1, 0x80, 0, 0, 0, 0x80}},
	{"sizes whose sum is 2^64", 24, append([]byte{3}, bytes.Repeat([]byte{255, 255, 255, 255, 255, 255, 255, 255, 127}, 2)...)},
	{"a size that overflows", 24, append([]byte{1}, bytes.Repeat([]byte{255}, 30)...)},
	{"more than MaxValues", 32, append([]byte{1, 0x80, 0x80, 0x80, 0x80, 1}, make([]byte, 100)...)},
	{"more than MaxValues in all", 32, append([]byte{3, 255, 255, 255, 127, 0}, make([]byte, 100)...)},
	{"MaxValues in a few bytes", 32, append([]byte{1, 255, 255, 255, 127}, make([]byte, 100)...)},
	{"more values than there are", 8, append([]byte{1, 0x80, 2}, bytes.Repeat([]byte{255}, 300)...)},
	{"more values than there are in all", 8, append([]byte{3, 0xff, 1, 0}, bytes.Repeat([]byte{255}, 300)...)},
	{"no end of a number", 24, []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
	{"no bits", 24, []byte{1, 1, 0, 0, 0, 0, 0, 0}},
	{"after the empty set", 24, []byte{0, 0}},
	{"a value twice", 24, encode(&[Classes][]uint32{{5, 5}}, 24)},
	{"0 twice", 24, encode(&[Classes][]uint32{{0, 0}}, 24)},
	{"a value twice, later", 24, encode(&[Classes][]uint32{{1, 2, 3, 100, 100, 200}}, 24)},
	{"a value in two classes", 24, encode(&[Classes][]uint32{{1, 2, 3, 100}, {5, 50, 100, 200}}, 24)},
	{"a value in the first and the last class", 24, encode(&[Classes][]uint32{0: {7}, 7: {7}}, 24)},
	{"a value too large", 24, encode(&[Classes][]uint32{{1 << 24}}, 24)},
	{"the second value too large", 8, encode(&[Classes][]uint32{{255, 256}}, 8)},
	{"too large in one of two classes", 10, encode(&[Classes][]uint32{{3, 1023}, {2, 1024}}, 10)},
	{"too large by 2^32", 32, []byte{1, 0, 5, 0, 0, 0, 2}},
	{"far too large", 24, encode(&[Classes][]uint32{{1, 1 << 26}}, 24)},
}

func TestCheckMalformed(t *testing.T) {
	for _, x := range malformed {
		if err := Check(x.b, x.width); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: Check: %v, want %v", x.name, err, ErrCorrupt)
		}
		if n, err := Len(x.b, x.width); err == nil && n > len(x.b) || err != nil && !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: Len: %d, %v", x.name, n, err)
		}
	}
	// This would need 32 MB to be refused for nothing else.
	if sizes, _, ok := readSizes([]byte{3, 255, 255, 255, 127, 0}); ok {
		t.Errorf("sizes %v are allowed", sizes)
	}
}

func flip(b []byte, bit int) []byte {
	b = slices.Clone(b)
	b[bit/8] ^= 1 << (bit % 8)
	return b
}

// TestCheckDamaged damages sets in all ways that change a bit or cut or add bytes.
func TestCheckDamaged(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 1))
	for _, width := range []int{8, 12, 18, 24, 32} {
		for _, n := range []int{0, 1, 2, 9, 40} {
			for _, s := range shapes {
				b := s.of(r, n, width, mixes[r.IntN(len(mixes))]).encode(width)
				for bit := range 8 * len(b) {
					checkCanonical(t, flip(b, bit), width)
				}
				for cut := range b {
					if err := Check(b[:cut], width); !errors.Is(err, ErrCorrupt) {
						t.Errorf("Check of %d bytes of %x, width %d: %v", cut, b, width, err)
					}
				}
				for _, more := range [][]byte{{0}, {1}, b} {
					if err := Check(append(slices.Clip(b), more...), width); !errors.Is(err, ErrCorrupt) {
						t.Errorf("Check of %x and %x, width %d: %v", b, more, width, err)
					}
				}
			}
		}
	}
}

// checkCanonical checks that Check passes b only if it is what Append writes for the values that it
// holds.
func checkCanonical(t *testing.T, b []byte, width int) (ok bool) {
	t.Helper()
	n, lenErr := Len(b, width)
	if lenErr == nil && n > len(b) || lenErr != nil && !errors.Is(lenErr, ErrCorrupt) {
		t.Errorf("Len of %x, width %d: %d, %v", b, width, n, lenErr)
	}
	if err := Check(b, width); err != nil {
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("Check of %x: %v", b, err)
		}
		return false
	}
	if lenErr != nil || n != len(b) {
		t.Errorf("Check passes %x, width %d, but Len is %d, %v", b, width, n, lenErr)
	}
	set := naive{}
	sizes := Sizes(b)
	for c := range Classes {
		values := AppendValues(nil, b, width, c)
		if len(values) != sizes[c] || !slices.IsSorted(values) {
			t.Errorf("Check passes %x, width %d: class %d of %d values has %v", b, width, c, sizes[c], values)
		}
		for _, v := range values {
			if _, twice := set[v]; twice || uint64(v)>>width != 0 {
				t.Errorf("Check passes %x, width %d: value %d, twice: %v", b, width, v, twice)
			}
			set[v] = c
		}
	}
	if want := set.encode(width); !bytes.Equal(b, want) {
		t.Errorf("Check passes %x, width %d: of its values Append makes %x", b, width, want)
	}
	return true
}
