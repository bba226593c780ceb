package shingle

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// TestDocTable holds the package comment to its word: each row of the table of
// token rules is a test.
func TestDocTable(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	str := `("(?:[^"\\]|\\.)*")`
	rows := regexp.MustCompile(`(?m)^//\t(.*?) +`+str+` ([=≠]) `+str+` +(\d+)$`).FindAllStringSubmatch(string(doc), -1)
	if len(rows) < 40 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		a, err1 := strconv.Unquote(row[2])
		b, err2 := strconv.Unquote(row[4])
		n, _ := strconv.Atoi(row[5])
		if err1 != nil || err2 != nil {
			t.Fatalf("%s: %v, %v", row[0], err1, err2)
		}
		ta, tb := AppendWords(nil, a, 1), AppendWords(nil, b, 1)
		if len(ta) != n {
			t.Errorf("%s: %s has %d tokens, want %d", row[1], row[2], len(ta), n)
		}
		if same := slices.Equal(ta, tb); same != (row[3] == "=") {
			t.Errorf("%s: %s and %s have the same tokens: %v", row[1], row[2], row[4], same)
		}
	}
}

// TestSpans checks what part of the text each token is said to come from.
func TestSpans(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"Hello, wörld!", []string{"Hello", "wörld"}},
		{"co\u00adop\u00ad-x", []string{"co\u00adop", "x"}},
		{"cafe\u0301 e", []string{"cafe\u0301", "e"}},
		{"北京a1大", []string{"北", "京", "a1", "大"}},
		{"か\u3099く", []string{"か\u3099", "く"}},
		{"กำลัง", []string{"กำ", "ำ", "ลั", "ง"}},
		{"5½x", []string{"5½", "½x"}},
		{"a\xffb", []string{"a", "b"}},
	} {
		var got []string
		for _, tok := range appendTokens(nil, c.text) {
			got = append(got, c.text[tok.start:tok.end])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+q: %+q, want %+q", c.text, got, c.want)
		}
	}
}
