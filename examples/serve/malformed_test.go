package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
)

// Each body that is not what it should be is refused with a sentence, by whatever it is sent to and
// as a line among others, and nothing of it is held.
func TestMalformed(t *testing.T) {
	t.Parallel()
	s := launch(t, t.TempDir(), "-batch", "200")
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	const (
		id  = 1 // what has only an ID is refused for it, too
		all = 2
	)
	bodies := []struct {
		body, want string
		by         int
	}{
		{``, "not JSON: unexpected end", id},
		{" \t ", "not JSON: unexpected end", id},
		{`{`, "not JSON: unexpected end", id},
		{`{"id":"a","text":"x"`, "not JSON: unexpected end", id},
		{`{"id":"a","text":"x`, "not JSON: unexpected end", id},
		{`{"id":"a","text":"x",}`, "not JSON", id},
		{`{"id":"a" "text":"x"}`, "not JSON", id},
		{`{id:"a","text":"x"}`, "not JSON", id},
		{`{'id':'a','text':'x'}`, "not JSON", id},
		{`{"id":"a","text":"x"} x`, "not JSON: invalid character 'x' after", id},
		{`{"id":"a","text":"x"}]`, "not JSON", id},
		{`{"id":"a","text":"x"}{}`, "not JSON", id},
		{`{"id":"a","text":"x"}` + "\x00", "not JSON", id},
		{`{"id":"a","text":"x","z":nul}`, "not JSON", id},
		{`{"id":"a","text":"x","z":01}`, "not JSON", id},
		{`{"id":"a","text":"x","z":1e}`, "not JSON", id},
		{`{"id":"a","text":"x","z":NaN}`, "not JSON", id},
		{`{"id":"a","text":"x","z":"\q"}`, "not JSON: invalid character 'q'", id},
		{`{"id":"a","text":"x","z":"\u12"}`, "not JSON", id},
		{"{\"id\":\"a\",\"text\":\"x\",\"z\":\"\x01\"}", "not JSON: invalid character '\\x01'", id},
		{"{\"id\":\"a\",\"text\":\"x\x01\"}", "not JSON: invalid character '\\x01'", id},
		{`{"id":"a","text":"x","z":` + deep(20_000) + `}`, "exceeded max depth", id},
		{`{"id":` + deep(20_000) + `}`, "exceeded max depth", id},
		{"\ufeff" + `{"id":"a","text":"x"}`, "not JSON", id},
		{"\xff\xfe{\x00\"\x00", "not in UTF-8", id},
		{"{\"id\":\"a\xff\",\"text\":\"x\"}", "not in UTF-8", id},
		{"{\"id\":\"a\",\"text\":\"x\xc3(\"}", "not in UTF-8", id},
		{"{\"id\":\"a\",\"text\":\"\xed\xa0\x80\"}", "not in UTF-8", id},
		{"{\"id\":\"a\",\"text\":\"x\",\"z\xff\":1}", "not in UTF-8", id},
		{`{"id":"a","id":"b","text":"x"}`, `field "id" is there twice`, id},
		{`{"id":"a","text":"x","\u0069d":"b"}`, `field "id" is there twice`, id},
		{`{"id":"a","text":"x","text":"y"}`, `field "text" is there twice`, id},
		{`{"id":"a","text":"x","z":1,"z":1}`, `field "z" is there twice`, id},
		{`"a"`, "a JSON string, want an object", id},
		{`7`, "a JSON number, want an object", id},
		{`true`, "a JSON bool, want an object", id},
		{`null`, "a JSON null, want an object", id},
		{`[]`, "a JSON array, want an object", id},
		{`[{"id":"a","text":"x"}]`, "a JSON array, want an object", id},
		{`{}`, "no", id},
		{`{"id":true,"text":"x"}`, "want a string or a number", id},
		{`{"id":[1],"text":"x"}`, "want a string or a number", id},
		{`{"id":{},"text":"x"}`, "want a string or a number", id},
		{`{"id":null,"text":"x"}`, `no "id"`, id},
		{`{"id":"","text":"x"}`, `no "id"`, id},
		{`{"id":1` + strings.Repeat("0", 2000) + `,"text":"x"}`, "more than 1024 bytes", all},
		{`{"id":"a\u0000","text":"x"}`, `id "a\x00" has a NUL`, all},
		{`{"id":"\ud800","text":"x"}`, "half of a surrogate pair", all},
		{`{"id":"a","text":null}`, `no "text"`, all},
		{`{"id":"a"}`, `no "text"`, all},
		{`{"id":"a","text":{}}`, "an object, want a string", all},
		{`{"id":"a","text":[1]}`, "want a string or a list of strings", all},
		{`{"id":"a","text":["x",2]}`, "want a string or a list of strings", all},
		{`{"id":"a","text":true}`, "a bool, want a string", all},
		{`{"id":"a","text":1e999}`, "a number, want a string", all},
		{`{"id":"a","text":"x","source":7}`, `"source" is a number, want a string`, all},
		{`{"id":"a","text":"x","source":[]}`, `"source" is a list, want a string`, all},
	}
	for _, path := range []string{"add", "query", "remove"} {
		var lines, wants []string
		for _, b := range bodies {
			if path == "remove" && b.by == all {
				continue
			}
			status, answer := s.do("POST", "/v1/"+path, object, strings.NewReader(b.body))
			var said struct{ Error string }
			if err := json.Unmarshal([]byte(answer), &said); status != 400 || err != nil || !strings.Contains(said.Error, b.want) {
				t.Errorf("%s %.80q: %d %s, want 400 and %q", path, b.body, status, answer, b.want)
			}
			if strings.TrimSpace(b.body) != "" {
				lines, wants = append(lines, b.body), append(wants, b.want)
			}
		}
		status, answer := s.do("POST", "/v1/"+path+"-all", ndjson, strings.NewReader(strings.Join(lines, "\n")))
		answers := values[struct {
			ID                     string
			Duplicates, Supersedes []neardup.Match
			Removed                bool
			Error                  string
		}](t, answer)
		if status != 200 || len(answers) != len(lines) {
			t.Fatalf("%s-all: %d, %d answers to %d lines", path, status, len(answers), len(lines))
		}
		for i, a := range answers {
			if !strings.Contains(a.Error, wants[i]) {
				t.Errorf("%s-all %.80q: %q, want %q", path, lines[i], a.Error, wants[i])
			}
		}
	}
	for _, b := range []struct{ body, want string }{
		{``, "not JSON"}, {`{`, "not JSON"}, {`null`, "want an object"}, {`[]`, "want an object"}, {`{}`, `want "a" and "b"`},
		{`{"a":{"text":"x"},"b":{"text":"y"}} x`, "not JSON"}, {"{\"a\":{\"text\":\"\xff\"},\"b\":{\"text\":\"y\"}}", "not in UTF-8"},
		{`{"a":{"text":"x"},"b":{"text":"y"},"a":{"text":"z"}}`, `field "a" is there twice`}, {`{"a":{"text":"x"},"b":{"text":"y","text":"z"}}`, `field "text" is there twice`},
		{`{"a":[],"b":{"text":"y"}}`, "each an object"}, {`{"a":{"text":1e999},"b":{"text":"y"}}`, "each an object"}, {`{"a":{"text":"x","source":1},"b":{"text":"y"}}`, "each an object"},
		{`{"a":` + deep(20_000) + `}`, "exceeded max depth"}, {`{"a":null,"b":{"text":"y"}}`, `each with a "text"`},
	} {
		status, answer := s.do("POST", "/v1/explain", object, strings.NewReader(b.body))
		var said struct{ Error string }
		if err := json.Unmarshal([]byte(answer), &said); status != 400 || err != nil || !strings.Contains(said.Error, b.want) {
			t.Errorf("explain %.80q: %d %s, want 400 and %q", b.body, status, answer, b.want)
		}
	}
	if n := s.must("GET", "/v1/entries", "", ""); n != "" {
		t.Errorf("something is held: %s", n)
	}
}

// What is only unusual is taken: what is nobody's business, and a time that cannot be read.
func TestUnusual(t *testing.T) {
	t.Parallel()
	s := launch(t, t.TempDir())
	for i, b := range []struct{ body, id, warning string }{
		{`{"id":7,"text":"x"}`, "7", ""},
		{`{"id":1e999,"text":"x"}`, "1e999", ""},
		{`{"id":"a","text":"x","time":1e999}`, "a", `"1e999" is neither RFC 3339`},
		{`{"id":"a","text":"x","time":{}}`, "a", "want a string or a number"},
		{`{"id":"a","text":["x","y"]}`, "a", ""},
		{`{"id":"a","text":""}`, "a", ""},
		{`{"id":"a","text":"x\u0000\ud83d"}`, "a", ""},
		{`{"id":"a","text":"x","z":[{"id":1,"id":2},1e999]}`, "a", ""},
		{" {\"text\":\"x\",\r\n\t\"\\u0069d\":\"\u00e4\\n\"} \n", "ä\n", ""},
		{`{"id":"a","text":"x","z":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, "a", ""},
	} {
		a := values[articles.Answer](t, s.must("POST", "/v1/query", object, b.body))[0]
		if a.ID != b.id || a.Error != "" || (b.warning == "") != (a.Warning == "") || !strings.Contains(a.Warning, b.warning) {
			t.Errorf("%d: %+v", i, a)
		}
	}
}

// Bodies that do not come as they are said to.
func TestMalformedBodies(t *testing.T) {
	t.Parallel() // it waits
	s := launch(t, t.TempDir(), "-timeout", "1s", "-body", "1000")
	const head = "POST /v1/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"chunks without an end":    {"Transfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n", 408},
		"a chunk without an end":   {"Transfer-Encoding: chunked\r\n\r\n50\r\n{\"id\"", 408},
		"a huge chunk":             {"Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n{\"id\"", 408},
		"a chunk too long to be":   {"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{\"id\"", 400},
		"a chunk of a wrong size":  {"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n", 400},
		"a chunk of negative size": {"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n", 400},
		"many chunks":              {"Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\n \r\n", 1001) + "0\r\n\r\n", 413},
		"empty chunks":             {"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		"length and chunks":        {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		"two lengths":              {"Content-Length: 3\r\nContent-Length: 4\r\n\r\n{}", 400},
		"a huge length":            {"Content-Length: 999999999999\r\n\r\n{}", 413},
		"a length too long to be":  {"Content-Length: 99999999999999999999\r\n\r\n{}", 400},
		"no length":                {"\r\n{\"id\":\"a\",\"text\":\"x\"}", 400},
		"less than its length":     {"Content-Length: 50\r\n\r\n{}", 408},
		"nothing, waited for":      {"Content-Length: 50\r\nExpect: 100-continue\r\n\r\n", 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := s.raw(head + c.request); !strings.Contains(got, fmt.Sprintf(" %d ", c.status)) {
				t.Errorf("%s: %q, want %d", name, got, c.status)
			}
		})
	}
}

// What is well formed is what encoding/json says, and has no field twice.
func FuzzWellFormed(f *testing.F) {
	for _, s := range []string{`{"id":"a","text":"x\\u00e4\\n"}`, "{\"a\x01\":1}", "{}\f", `{"a":"\\"}`, `{"a":"\\\\","a":[{"b":1,"b":2}]}`, `[]`, ` {} `, `{"a":1,}`, `{"a":1}{}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := utf8.ValidString(s) && json.Valid([]byte(s)) && strings.HasPrefix(strings.TrimLeft(s, " \t\r\n"), "{")
		if want {
			d := json.NewDecoder(strings.NewReader(s))
			seen := make(map[string]bool)
			_, _ = d.Token()
			for d.More() {
				key, _ := d.Token()
				want = want && !seen[key.(string)]
				seen[key.(string)] = true
				var value json.RawMessage
				_ = d.Decode(&value)
			}
		}
		if p := wellFormed([]byte(s)); (p == nil) != want {
			t.Errorf("%q: %v, want %v", s, p, want)
		}
	})
}
