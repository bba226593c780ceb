package shingle

import "testing"

// texts of which both sides must have the same tokens, and how many.
func TestTokenRules(t *testing.T) {
	for _, c := range []struct {
		a, b string
		n    int
	}{
		{"Hello, World", "hello world", 2},
		{"Café", "cafe\u0301", 1},
		{"don’t", "don't", 2},
		{"STRASSE", "Straße", 1},
		{"ＡＢＣ１２３", "abc123", 1},
		{"co\u00adoperate", "cooperate", 1},
		{"北京大学", "北 京 大 学", 4},
		{"2024年", "2024 年", 2},
		{"ΣΟΦΟΣ", "σοφος", 1},
		{"کتـــاب", "کتاب", 1},
		{"ｶﾞ", "ガ", 1},
		{"\xffa\xc3b", "a b", 2},
		{"5½", "51⁄2", 2},
		{"a\u0323\u0307", "a\u0307\u0323", 1},
		{"≠x", "=\u0338x", 1},
	} {
		a, b := appendHashes(nil, c.a, tokenWords, false), appendHashes(nil, c.b, tokenWords, false)
		if len(a) != c.n || len(b) != c.n {
			t.Errorf("%+q: %d tokens, %+q: %d tokens, want %d", c.a, len(a), c.b, len(b), c.n)
			continue
		}
		for i := range a {
			if a[i] != b[i] {
				t.Errorf("%+q and %+q: token %d differs", c.a, c.b, i)
			}
		}
	}
}
