package articles

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFinder(t *testing.T) {
	for _, tt := range []struct {
		fields   Fields
		in, want string // id, source, date, title, text
		err      string
	}{
		{Fields{}, `{"doc_id":"a","Content":"x","publisher":"p","datePublished":"2031-10-02T07:00:00Z","headline":"h"}`, "a|p|2031-10-02|h|x", ""},
		{Fields{}, `{"id":null,"text":null,"body":"x","link":"http://www.b.example/"}`, "|b.example|0001-01-01||x", ""},
		{Fields{}, `{"content":{"a":1},"body":"x","time":1950000000}`, "||2031-10-17||x", ""},
		{Fields{}, `{"_id":"late","id":"first","text":["x","y"],"time":1950000000123}`, "first||2031-10-17||x\n\ny", ""},
		{Fields{Text: []string{"title", "lead"}, ID: "n"}, `{"n":3,"id":"no","title":"t","lead":"l","text":"no"}`, "3||0001-01-01|t|t\n\nl", ""},
		{Fields{Text: []string{"title", "lead"}}, `{"title":"t"}`, "||0001-01-01|t|t", ""},
		{Fields{Text: []string{"lead"}}, `{"title":"t"}`, "||0001-01-01||", `no "lead"`},
		{Fields{}, `{"headline":"t","lead":"x"}`, "||0001-01-01||", `no "text"; there are "headline", "lead"`},
		{Fields{}, `{"text":"x","date":"Thu, 2 Oct 2031 07:00:00 GMT"}`, "||2031-10-02||x", ""},
		{Fields{Time: "when"}, `{"text":"x","when":"then","time":"2031-10-02"}`, "||0001-01-01||x", `article is taken without its "when": "then" is neither`},
		{Fields{}, `{"text":"x"`, "||0001-01-01||", "not JSON"},
		{Fields{}, `{"text":"x"} {}`, "||0001-01-01||", "not JSON"},
		{Fields{}, `{"text":"x",}`, "||0001-01-01||", "not JSON"},
		{Fields{}, `null`, "||0001-01-01||", "line is a JSON null"},
	} {
		a, err := NewFinder(tt.fields).Decode([]byte(tt.in))
		got := strings.Join([]string{a.ID, a.Source, a.Time.Format(time.DateOnly), a.Title, a.Text}, "|")
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%+v of %s: %q, %v; want %q, %q", tt.fields, tt.in, got, err, tt.want, tt.err)
		}
	}
}

func TestColumns(t *testing.T) {
	row := []string{"7", "Head", "Body", "2031-10-02", "https://www.a.example/x"}
	for _, tt := range []struct {
		fields           Fields
		names, want, err string
	}{
		{Fields{}, "no title content date url", "|a.example|2031-10-02|Head|Body", ""},
		{Fields{ID: "no", Text: []string{"title", "content"}}, "no title content x source", "7|https://www.a.example/x|0001-01-01|Head|Head\n\nBody", ""},
		{Fields{}, "a b c d e", "", `no column for the text (-text); there are "a", "b", "c", "d", "e"`},
		{Fields{ID: "key"}, "id title text x y", "", `no column "key"; there are "id"`},
	} {
		c, err := NewFinder(tt.fields).Columns(strings.Fields(tt.names))
		if err != nil || tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: error %v, want %q", tt.names, err, tt.err)
			}
			continue
		}
		a, err := c.Article(func(i int) string { return row[i] })
		if got := strings.Join([]string{a.ID, a.Source, a.Time.Format(time.DateOnly), a.Title, a.Text}, "|"); got != tt.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", tt.names, got, err, tt.want)
		}
	}
	c, err := NewFinder(Fields{}).Columns([]string{"id", "text", "time"})
	if err != nil {
		t.Fatal(err)
	}
	var te *TimeError
	if a, err := c.Article(func(int) string { return "x" }); a.Text != "x" || !errors.As(err, &te) {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := c.Article(func(int) string { return "" }); err == nil || errors.As(err, &te) {
		t.Errorf("a row without a text: %v", err)
	}
}

// What the walk over an object finds is what encoding/json finds, and it refuses what that refuses,
// but for what is wrong inside of a string that nobody reads.
func FuzzObject(f *testing.F) {
	for _, s := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a":"\\","b":"\"","c":[{"d":"]}"},2],"e":{},"a":null}`, `{"a":}`, `{"a" 1}`, `{,}`, `{"a":1,}`, `{"a":1}x`, `{"\u0061":true}`,
		`[]`, ``, `{`, `{"a":01}`, `{"a":"b`, `{"a":[}`, `{a:1}`, `{"a":"\ud800"}`, `nul`, `7`, `{"a":"\\\\\\"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := make(map[string]string)
		err := object([]byte(s), func(key string, value []byte) { got[key] = string(value) })
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal([]byte(s), &want)
		if wantErr != nil || want == nil {
			if err == nil {
				for _, v := range got {
					if v[0] == '"' && !json.Valid([]byte(v)) {
						return
					}
				}
				if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }) || strings.Contains(s, `\`) {
					return // in a name
				}
				t.Fatalf("%q: no error, want %v", s, wantErr)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		plain := make(map[string]string)
		for k, v := range want {
			plain[k] = string(v)
		}
		clean := make(map[string]string)
		for k, v := range got {
			clean[strings.ToValidUTF8(k, "\uFFFD")] = v
		}
		if len(clean) == len(got) && strings.ToValidUTF8(s, "") == s {
			if diff := cmp.Diff(plain, clean); diff != "" {
				t.Fatalf("%q (-want +got):\n%s", s, diff)
			}
		}
	})
}

// A string is what encoding/json says.
func FuzzString(f *testing.F) {
	for _, s := range []string{`""`, `"a"`, `"\"\\\/\b\f\n\r\t"`, `"\u00e9\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ude00\ud83d"`, `"\ud83d\u0041"`, `"\x"`, `"\"`, `"\u12"`, `"\u12g4"`, "\"\x01\"", "\"\xff\"", `"é\n漢"`, `"\uFFFD"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) < 2 || s[0] != '"' || quotedLen([]byte(s)) != len(s) {
			return
		}
		var want string
		wantErr := json.Unmarshal([]byte(s), &want)
		got, err := str([]byte(s))
		if (err == nil) != (wantErr == nil) || err == nil && got != want {
			t.Errorf("%q: %q, %v, want %q, %v", s, got, err, want, wantErr)
		}
	})
}
