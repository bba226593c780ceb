package shingle

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
)

// golden holds features of scheme 1. Fingerprints of them are stored all over
// the world: add rows, never change one.
var golden = []struct {
	unit byte // 'w', 'c', 'a', or 'd'
	size int
	text string
	want []uint64
}{
	{'w', 1, "", nil},
	{'w', 1, "a", []uint64{0x93cc77e6d960b302}},
	{'w', 1, "The quick brown fox", []uint64{0xb12bcdbf6abc7094, 0xda48f86ed6c71b3c, 0x2288b4ed7ad9b96d, 0x1fa1500090a3be93}},
	{'w', 3, "The quick brown fox jumps.", []uint64{0x893a131a401d38f9, 0x5651c2cea172d185, 0x58ae9b888e5e45f8}},
	{'w', 5, "the QUICK brown", []uint64{0x893a131a401d38f9}},
	{'w', 2, "don't can’t l'été", []uint64{0x24f04bcee00da82d, 0x91ede95f6ef1a034, 0x963c43171f9b633f, 0xcd08ee6d7d6519f3, 0xcb5c698cb58ca7a3}},
	{'w', 2, "internationalisation antidisestablishmentarianism 0123456789abcdef0123456789abcdef x", []uint64{0x2c0d0c08078da37a, 0x2e2481cfb7ac5cbe, 0x3a78ce7752291389}},
	{'w', 2, "Crème brûlée à l’Élysée, Straße ſtraſſe", []uint64{0xdd1d40dd42b982cb, 0x8550e4053d575011, 0xd1ddfd49ea535ca4, 0x687d120d8d07351f, 0x90d7a0eb76f0533f, 0x55e449fb757c1857}},
	{'w', 2, "Москва́, ЁЛКА ΣΟΦΟΣ", []uint64{0x6c36dc03893a263f, 0x801f01e5ee8e623a}},
	{'w', 3, "北京大学2024年、がガｶﾞ", []uint64{0x993c5fcd97e906b7, 0x9972e59dea92420b, 0xb222cb06163872e3, 0x5de2be0e5ffd0de1, 0x7d0a7915b32b20be, 0x54a6937dffe9a4ad, 0x97a480ed165a1e4d}},
	{'w', 2, "ประเทศไทย กำลัง", []uint64{0x798303879809a189, 0x84ff0dc385a26995, 0x4a817a59281739b5, 0x5b9104a6a96de015, 0xf43425ccd1074e74, 0xc84151bb11a7079b, 0xa0cb67d78ff8693a, 0x66c1de75bfcb85ac, 0x60ceb2e436c7cca5, 0x8bea77461054a9c6, 0xe48db37dd7385165, 0x7d9a8d8a0abb519d}},
	{'w', 2, "한국어 뉴스 각", []uint64{0x28eabc210e8e7837, 0x0351556b4774a333}},
	{'w', 2, "الكِتـــابُ عَلَى הַסֵּפֶר", []uint64{0xe481793fa2336135, 0xce41a0f3edec10a0}},
	{'w', 2, "हिन्दी क़लम বাংলা", []uint64{0xcebe7ca307c39e62, 0xbcd8fb0b651d191b}},
	{'w', 1, "½ ﷺ ǆ ﬁ \xff\xfe ͺ №5 x\u00ady", []uint64{0x81824d3dbce8dc99, 0xb537e02d49bd394e, 0x374154184c9a2115, 0x6cae59dc3f8f002a, 0xe6a33b147aeb725a, 0x6f2ee72cecc76731, 0x339d05a79ee21fb6, 0x2225a20bc1f18fb1, 0xab594907fbf9941c, 0x5576137b23ff765c}},
	{'c', 1, "ab", []uint64{0x93cc77e6d960b302, 0xdb064085aec3230f}},
	{'c', 3, "Ab, cd\u0301!", []uint64{0x1a58110bffa0c994, 0x5b577e09b7d4dba1, 0x936c01beb18729b8}},
	{'c', 5, " abc ", []uint64{0xe2cb9975aab99733}},
	{'c', 2, "각 각 か\u3099", []uint64{0xd76598cd2d958615, 0x1ec4b4e073b85eee, 0xd76598cd2d958615, 0x6c57ee7b39267df4}},
	{'a', 3, "The mayor of the town said that the bridge would be closed for a week.", []uint64{0x9e4be1aca58d50f1, 0xcf3755d3909b2287, 0x023c38a35cfd67a7, 0xe609f08043761714, 0x0f56f1cfc7c0ec28}},
	{'a', 2, "Le maire de la ville a dit : « Der Bürgermeister und die Stadt » и мэр города, на неделю", []uint64{0x0c92388bf62641e5, 0xa262a8d3b56bd5a0, 0xf48f3364f8688bc0, 0x0c028e13cd109d36, 0x953045ee6f73b593, 0x25b08e04164d0e07, 0x80989425a4d8183d, 0x49213ea01219ee19}},
	{'a', 1, "市长的大桥在下周关闭 町の橋が قال من يوم", []uint64{0x0cbe00fe87e65c2c, 0x2c6703a7b2616e39, 0xd6031633b34bf23c, 0x0f8c522e79b53300, 0xaf5aae250136fd9a}},
	{'a', 3, "no anchor found", []uint64{0x623641112f11d8ed}},
	{'d', 1, "Ångström café Ёлка والكِتاب שָׁלוֹם क़ が ø", []uint64{0xb621800849a6d0ed, 0xdaa419ade34095d4, 0x2bf4bc7fba517c37, 0x1005483802f678d8, 0xcd08ccd7df817812, 0x42430c75f9aec955, 0x4ff07644fdc85535, 0xde1d8d929aff7000}}, // without diacritics
}

func TestGolden(t *testing.T) {
	for _, g := range golden {
		var got []uint64
		switch g.unit {
		case 'w':
			got = AppendWords(nil, g.text, g.size)
		case 'c':
			got = AppendChars(nil, g.text, g.size)
		case 'a':
			got = newShingler(t, Config{Unit: Anchored, Size: g.size, View: Whole}).Append(nil, g.text)
		case 'd':
			got = newShingler(t, Config{Size: g.size, View: Whole, FoldDiacritics: true}).Append(nil, g.text)
		}
		if fmt.Sprint(got) != fmt.Sprint(g.want) {
			t.Errorf("%c%d %+q:\n got %s", g.unit, g.size, g.text, literal(got))
		}
	}
}

func literal(f []uint64) string {
	var b strings.Builder
	for _, x := range f {
		fmt.Fprintf(&b, "%#016x, ", x)
	}
	return strings.TrimSuffix(b.String(), ", ")
}

// TestGoldenLong pins the features of texts that are longer than a window, as
// how many there are and the XXH64 of them all.
func TestGoldenLong(t *testing.T) {
	long := make([]byte, 20000)
	for i := range long {
		long[i] = byte(i % 251)
	}
	runes := make([]rune, 20000)
	for i := range runes {
		runes[i] = rune(i * 7 % 0x3000)
	}
	for _, g := range []struct {
		name string
		got  []uint64
		n    int
		hash uint64
	}{
		{"bytes, words", AppendWordsBytes(nil, long, 2), 239, 0x2ddcd14ecd5be56c},
		{"bytes, characters", AppendCharsBytes(nil, long, 4), 5196, 0x6f0b1654137d9c0f},
		{"runes, words", AppendWords(nil, string(runes), 2), 2103, 0xe222e6a86b47460d},
		{"runes, characters", AppendChars(nil, string(runes), 4), 12579, 0xf2b0f6b0365bc38d},
	} {
		d := xxhash.New()
		for _, f := range g.got {
			var b [8]byte
			binary.BigEndian.PutUint64(b[:], f)
			d.Write(b[:])
		}
		if len(g.got) != g.n || d.Sum64() != g.hash {
			t.Errorf("%s: %d, %#016x, want %d, %#016x", g.name, len(g.got), d.Sum64(), g.n, g.hash)
		}
	}
}

// TestGoldenView pins what the view keeps of pages in many languages: the XXH64 of the features of the prose, and of the views
// that each feature is in.
func TestGoldenView(t *testing.T) {
	s := newShingler(t, Config{})
	var r Reading
	for _, l := range layouts {
		d := xxhash.New()
		for _, row := range pageRows {
			page := l.page(row)
			for _, f := range s.Append(nil, page) {
				var b [8]byte
				binary.BigEndian.PutUint64(b[:], f)
				d.Write(b[:])
			}
			s.Read(&r, page)
			for _, v := range r.Views {
				d.Write([]byte{byte(v)})
			}
		}
		if got := d.Sum64(); got != goldenViews[l.name] {
			t.Errorf("%q: %#016x", l.name, got)
		}
	}
}

var goldenViews = map[string]uint64{
	"paragraphs":  0x7e3db73f5025f446,
	"blank-lines": 0x7e3db73f5025f446,
	"wrapped":     0x4db13de13fab0888,
	"crlf":        0x2be48b851830312b,
	"markdown":    0x887d63d4d9f3f3bf,
	"indented":    0x887d63d4d9f3f3bf,
	"one-line":    0x254071116117bcd7,
}

// TestGoldenMix compares the finalizer with the generator that it comes from:
// the first outputs of SplitMix64 for seed 1234567, as published with it.
func TestGoldenMix(t *testing.T) {
	x := uint64(1234567)
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		x += combine
		if got := mix(x); got != want {
			t.Errorf("output %d: %d, want %d", i, got, want)
		}
	}
}

func TestSpaceHash(t *testing.T) {
	if want := xxhash.Sum64String(" "); spaceHash != want {
		t.Errorf("spaceHash = %#x, want %#x", uint64(spaceHash), want)
	}
}
