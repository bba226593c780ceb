package minhash

import (
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"
)

// The bits of a signature are a format: whatever these tests pin stays as it is for ever. A change
// of them is a new scheme.

// goldenFeatures returns n features that are anything but well mixed.
func goldenFeatures(n int) []uint64 {
	f := make([]uint64, n)
	for i := range f {
		f[i] = uint64(i)<<32 | uint64(i%251)
	}
	return f
}

// goldenWeights returns the weights 1, 2, 5, 10, 17, …
func goldenWeights(n int) []int32 {
	w := make([]int32, n)
	for i := range w {
		w[i] = int32(i*i + 1)
	}
	return w
}

func TestGoldenSignatures(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		n    int
		want Signature
	}{
		{Config{K: 8}, 1, Signature{0x5c896b38b, 0x6903e3883, 0x1edd7a803, 0xb7be8dcde, 0xa3a7875a, 0xf5504b582, 0x33721c76f, 0x2cd355aa9}},
		{Config{K: 8, Seed: 42}, 1, Signature{0x402152ef, 0x4dd97796b, 0x3a0dec77e, 0x8ff764689, 0x184b3a5f6, 0x63481f530, 0x9381398c4, 0x201ae0589}},
		{Config{K: 7}, 1, Signature{0x5af83dd19, 0x65e367173, 0x1901cb302, 0xb0c6bc142, 0xf32966f, 0x3703d8e81, 0x2d38eaf54}},
		{Config{K: 8, Scheme: Classic}, 1, Signature{0x435e9b77256e81e4, 0x405e0cd6bcf32eb8, 0x451b0c5a541f498a, 0x4af1c72cf07c7a01, 0x5296ea70044a2700, 0x4af6e6ea526ea2bd, 0x4d06d37117a18fcb, 0x4be8af2d1c54c907}},
		{Config{K: 8, Seed: 42, Scheme: Classic}, 1, Signature{0x49462e623b01782c, 0x48e4f556be204838, 0x40ddcabc4e558588, 0x515a62de7b182462, 0x4f520e3af1a7b4e6, 0x4071cac9511f80cc, 0x5bfd48394d7c8485, 0x4d6aab82901b4782}},
		{Config{K: 8}, 3, Signature{0x1cd5d5094, 0x8d72dc1, 0x1edd7a803, 0x7b4a8d60f, 0xa3a7875a, 0x1e65ecb72, 0x2aa228e64, 0x2cd355aa9}},
		{Config{K: 8, Seed: 42}, 3, Signature{0x402152ef, 0x1955be1c1, 0x9b4c630e, 0x3e86e17d3, 0x184b3a5f6, 0x39af4516c, 0x617b0496d, 0x201ae0589}},
		{Config{K: 7}, 3, Signature{0xe7bc4808, 0x3cba71858, 0x1901cb302, 0x68b610992, 0xf32966f, 0x12992f203, 0x20d2bb2af}},
		{Config{K: 8, Scheme: Classic}, 3, Signature{0x435e9b77256e81e4, 0x405e0cd6bcf32eb8, 0x451b0c5a541f498a, 0x449a2d83e6e44502, 0x4ae46ffb10dbc1a4, 0x4af6e6ea526ea2bd, 0x4d06d37117a18fcb, 0x4be8af2d1c54c907}},
		{Config{K: 8, Seed: 42, Scheme: Classic}, 3, Signature{0x416254aa3e872bea, 0x48e4f556be204838, 0x40ddcabc4e558588, 0x4cbcba054f22dac3, 0x4f520e3af1a7b4e6, 0x4071cac9511f80cc, 0x541197204e594896, 0x450e5c2e81002e4e}},
		{Config{K: 8}, 100, Signature{0xd2f78a8, 0x8d72dc1, 0x1b924614, 0xcea1370, 0x5404c68, 0x1c3fdd63, 0x224fed93, 0xdabcf38}},
		{Config{K: 8, Seed: 42}, 100, Signature{0xa8af767, 0x313e4194, 0x2a14a785, 0x9f12dc3, 0x10f8f478, 0x1ffc0d3f, 0x68e162d, 0xf152033}},
		{Config{K: 7}, 100, Signature{0xb898993, 0x3e79ea7, 0x13397665, 0x19691357, 0x25e72bb, 0x88b211, 0x5281ad8}},
		{Config{K: 8, Scheme: Classic}, 100, Signature{0x40ace2b919b0070e, 0x405e0cd6bcf32eb8, 0x4098b2351aedb150, 0x409a4b99800511e5, 0x402fc0976e089221, 0x40ac37e7356421c3, 0x401a16190fcb42f4, 0x40e45e2a59a92f10}},
		{Config{K: 8, Seed: 42, Scheme: Classic}, 100, Signature{0x4047ab951ae0c1cd, 0x411aaaa45d08de7e, 0x4056094d3383ee4f, 0x4034b4affcad4bc7, 0x400ee8b5b980a6bb, 0x40612d822d42b8e9, 0x402e6392cfeca4de, 0x4022bc7d40e3309e}},
	} {
		got := newSketcher(t, c.cfg).AppendSignature(nil, goldenFeatures(c.n))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v, %d features: mismatch (-want +got):\n%s", c.cfg, c.n, diff)
		}
	}
}

func TestGoldenWeighted(t *testing.T) {
	for _, c := range []struct {
		n    int
		want Signature
	}{
		{1, Signature{0x9004509392f4d652, 0x900762b93c2f52b1, 0x8ffc6649e8db890c, 0x90002f1acbaa6ba3, 0x90066c37d84f71f4, 0x90054ef314a6adf3, 0x900366914dd2f9da, 0x9000b87f118d9810}},
		{3, Signature{0x8ff93fe73566d1d8, 0x9003589dd3577149, 0x8feabf822d9e306c, 0x90002f1acbaa6ba3, 0x8feeb375d96371df, 0x8ffbebde26fe8133, 0x8ff34ecfa584816f, 0x8ffd541f19fc0788}},
		{100, Signature{0x8fc702b33d0d1cb7, 0x8fbd15662c8e6bc9, 0x8fb62bf6eff7d13b, 0x8fc030b3027f7c04, 0x8fb7319216305d48, 0x8fb91f8c49bb304a, 0x8fc59d1b228dc587, 0x8fc4c202ce430dc2}},
	} {
		if diff := cmp.Diff(c.want, SumWeighted(goldenFeatures(c.n), goldenWeights(c.n), 8)); diff != "" {
			t.Errorf("%d features: mismatch (-want +got):\n%s", c.n, diff)
		}
	}
}

// TestGoldenSums pins long signatures by the hash of their encoding.
func TestGoldenSums(t *testing.T) {
	for _, c := range []struct {
		n, k int
		want uint64
	}{
		{1, 64, 0x69c12635b6447d86},
		{1, 128, 0xfa92f2d2ea405efc},
		{1, 100, 0x52cd6aeafe4501ae},
		{1, 4096, 0xe2cf9662004a7d6b},
		{3, 64, 0x0b8bf6b8a906cff6},
		{3, 128, 0x2ca72cf934445912},
		{3, 100, 0x4681c6d24971c5ff},
		{3, 4096, 0x9149d8d13e502bfc},
		{10, 64, 0x80518a9d16567216},
		{10, 128, 0x94f6efa82ba0b053},
		{10, 100, 0x8ebf4a5d50490693},
		{10, 4096, 0x81cea3244dae0b1c},
		{100, 64, 0x73fea7341b843626},
		{100, 128, 0x3931b3192efc6612},
		{100, 100, 0x92908f4f418fb80d},
		{100, 4096, 0xb31888adc0766d83},
		{1000, 64, 0xce1b2a3f54d24862},
		{1000, 128, 0xeb28b6adbc80411f},
		{1000, 100, 0xbc6b5f0eb1803e9d},
		{1000, 4096, 0x99f8201d9977c420},
		{10000, 64, 0xde224b08b9713e8e},
		{10000, 128, 0xb5da47310715c6d5},
		{10000, 100, 0x7b78ea41bde72c9f},
		{10000, 4096, 0x02bd96f3cf1efe54},
	} {
		data, err := Sum(goldenFeatures(c.n), c.k).MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if got := xxhash.Sum64(data); got != c.want {
			t.Errorf("n=%d k=%d: encoding hashes to %#016x, want %#016x", c.n, c.k, got, c.want)
		}
	}
}

func TestGoldenPacked(t *testing.T) {
	sig := Sum(goldenFeatures(100), 16)
	for _, c := range []struct {
		bits int
		want string
	}{
		{1, "cef4"},
		{2, "d45a1af7"},
		{4, "9c79a255a20dd3f7"},
		{8, "3cb9a937e2bab59592ca6d70633d178f"},
		{16, "3c11b99fa9733709e2b7bae3b5909529927aca406d3a70ed63953d1117f68fa1"},
	} {
		if got := fmt.Sprintf("%x", Packing{K: 16, Bits: c.bits}.Append(nil, sig)); got != c.want {
			t.Errorf("bits=%d: packed to %s, want %s", c.bits, got, c.want)
		}
	}
}

// TestGoldenEncodings pins the encodings of a Sketcher with 50 features and of signatures without
// and with a seed.
func TestGoldenEncodings(t *testing.T) {
	s := newSketcher(t, Config{K: 4, Seed: 42})
	s.AddAll(goldenFeatures(50))
	encode := func(data []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(data)
	}
	for _, c := range []struct{ name, got, want string }{
		{"sketcher", encode(s.MarshalBinary()), "6d686b01010104002a00000000000000b37b450500000000c2530a15000000003c7a7c0800000000160b470300000000c5e7543033fe9b85"},
		{"signature", encode(Sum(goldenFeatures(3), 4).MarshalBinary()), "6d687301010004000000000000000000e0966b840000000001d4eb7601000000adc3d351000000003247115502000000ed904487481b5703"},
		{"signature with seed", encode(s.AppendEncoding(nil, s.Sum())), "6d687301010104002a00000000000000b37b450500000000c2530a15000000003c7a7c0800000000160b47030000000060d940b1e554630c"},
		{"weighted", encode(SumWeighted(goldenFeatures(3), []int32{1, 2, 3}, 4).MarshalBinary()), "6d68730103000400000000000000000095310b74d3ebfd8fdad25e86765ff48fe5a7f991eafcfa8f6f8184a5cf4ef38f7170fc638b70e46c"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
}

// TestYardstick feeds the yardstick of the benchmarks with vectors of datasketch (MIT licence):
// SHA-1 begins of words, the first four permutations of num_perm=4, seed=1, and the published
// signature of "Hello". It shows that the yardstick is what others run.
func TestYardstick(t *testing.T) {
	m := permutations{
		a: []uint64{775169054918279404, 2109959069025162, 401325382989534145, 1130051441076870728},
		b: []uint64{1758426461858698312, 965365488286768773, 1703346441743126657, 1762784241922636284},
	}
	for _, c := range []struct {
		words string
		f     []uint64
		want  []uint32
	}{
		{"Hello", []uint64{2342453239}, []uint32{734825475, 960773806, 359816889, 342714745}},
		{"a b", []uint64{937752454, 1579145193}, []uint32{297616339, 739114274, 2013617805, 1974455217}},
		{"brown dog fox jumps lazy over quick the",
			[]uint64{4293813905, 1376949732, 2332692479, 304523757, 1104115728, 3839360752, 3578877850, 786418875},
			[]uint32{407326892, 34383241, 44059036, 1119886979}},
	} {
		got := make([]uint32, 4)
		m.sum(got, c.f)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %d, want %d", c.words, got, c.want)
		}
	}
}
