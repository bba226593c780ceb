package articles

import (
	"bufio"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup"
)

func TestReadLine(t *testing.T) {
	long := strings.Repeat("x", 50)
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"", []string{"|EOF"}},
		{"a\nb", []string{"a\n|<nil>", "b|EOF"}},
		{"a\n" + long[:40] + "\nb\n", []string{"a\n|<nil>", "|line is too long", "b\n|<nil>", "|EOF"}},
		{long[:39] + "\n", []string{long[:39] + "\n|<nil>", "|EOF"}},       // as long as may be, and over the room of the reader
		{"a\n" + long, []string{"a\n|<nil>", "|line is too long", "|EOF"}}, // without a newline at the end
	} {
		r := bufio.NewReaderSize(strings.NewReader(tt.text), 16)
		var got []string
		for {
			line, err := ReadLine(r, nil, 40)
			if errors.Is(err, ErrLongLine) {
				line = nil // what was read of it means nothing
			}
			if err == nil {
				got = append(got, string(line)+"|<nil>")
				continue
			}
			got = append(got, string(line)+"|"+err.Error())
			if errors.Is(err, io.EOF) {
				break
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, diff)
		}
	}
}

// What is wrong with a line or a file does not stop the rest; what is wrong with the receiver does.
func TestEach(t *testing.T) {
	in := "\ufeff" + `{"id": "a", "text": "one", "source": "s", "time": "2026-01-02T03:04:05Z"}` + "\n\nnonsense\n" +
		`{"id": "b", "text": "two", "time": "soon"}` + "\n" + `{"id": `
	ids, reports := "", ""
	report := func(err error) { reports += err.Error() + "\n" }
	names := []string{"no such file", "-"}
	if err := Each(names, strings.NewReader(in), report, func(a neardup.Article) error {
		ids += a.ID + a.Source + a.Text + " "
		return nil
	}); err != nil || ids != "asone btwo " {
		t.Errorf("%v, got %q", err, ids)
	}
	for _, want := range []string{"open no such file", "-:3: not JSON", `-:4: article "b" is taken without its "time"`, "-:5: not JSON"} {
		if !strings.Contains(reports, want) {
			t.Errorf("no %q in the reports:\n%s", want, reports)
		}
	}
	full := errors.New("full")
	calls := 0
	if err := Each([]string{"-", "-"}, strings.NewReader(in), report, func(neardup.Article) error {
		calls++
		return full
	}); !errors.Is(err, full) || calls != 1 {
		t.Errorf("error %v after %d calls, want the first one", err, calls)
	}
}

func TestDecode(t *testing.T) {
	for _, tt := range []struct{ in, want, err string }{
		{`{"id":"a","text":"x","source":"s","url":"https://u.example/"}`, "a s 0001-01-01", ""},
		{`{"id":7,"text":"","url":"https://www.News.example:8080/a?b"}`, "7 news.example 0001-01-01", ""},
		{`{"id":"a","text":"x","url":17,"time":"2031-10-02","other":[1]}`, "a  2031-10-02", ""},
		{`{"id":"a","text":"x","url":"%zz","time":"2031-10-02T07:00:00+02:00"}`, "a  2031-10-02", ""},
		{`{"id":"a","text":"x","time":null}`, "a  0001-01-01", ""},
		{`{"id":"a","text":"x","time":"soon"}`, "a  0001-01-01", `article "a" is taken without its "time": "soon" is neither`},
		{`{"id":"","text":"x"}`, "  0001-01-01", `no "id"`},
		{`{"id":"a"}`, "  0001-01-01", `article "a" has no "text"`},
		{`{"id":[1],"text":"x"}`, "  0001-01-01", `"id" is [1], want a string or a number`},
		{`{"id":"a","text":"x","source":1}`, "  0001-01-01", `"source" is a number, want a string`},
		{`[]`, "  0001-01-01", "line is a JSON array, want an object"},
		{`{`, "  0001-01-01", "not JSON"},
	} {
		a, err := Decode([]byte(tt.in))
		if got := a.ID + " " + a.Source + " " + a.Time.Format(time.DateOnly); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.in, got, tt.want)
		}
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.in, err, tt.err)
		}
	}
}

func TestOutput(t *testing.T) {
	matches := []neardup.Match{
		{ID: "a", Relation: neardup.Relation{Kind: neardup.Same, Jaccard: 2.0 / 3}},
		{ID: "b", Relation: neardup.Relation{Kind: neardup.Contains, ContainmentBInA: 1}},
		{ID: "c", Relation: neardup.Relation{Kind: neardup.Contained, ContainmentAInB: 0.99996, Shared: 7}},
	}
	duplicates, supersedes := Split(matches)
	if ids := duplicates[0].ID + duplicates[1].ID + supersedes[0].ID; ids != "acb" {
		t.Errorf("got %q", ids)
	}
	if matches[0].Jaccard != 2.0/3 || duplicates[0].Jaccard != 0.6667 || duplicates[1].ContainmentAInB != 1 {
		t.Error("shares are not rounded, or those given are changed")
	}
	if d, s := Split(nil); d == nil || s == nil {
		t.Error("an empty list is nil")
	}
	var b strings.Builder
	if err := WriteGroups(&b, []neardup.Group{{Representative: "a", Members: matches}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`{"representative":"a","members":[{"id":"a","kind":"same","jaccard":0.6667,`, `{"id":"b","kind":"contains",`, `"shared":7`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, &b)
		}
	}
}

// An answer has the fields that the help of the programs names, lists that are not null, and no
// markup that is escaped.
func TestAnswer(t *testing.T) {
	var b strings.Builder
	m := []neardup.Match{{ID: "<a&b>", Relation: neardup.Relation{Kind: neardup.Same, Jaccard: 1.0 / 3}}}
	for _, a := range []Answer{NewAnswer("x", m, nil), NewAnswer("y", nil, io.ErrUnexpectedEOF)} {
		if err := NewEncoder(&b).Encode(a); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"id":"x","duplicates":[{"id":"<a&b>","kind":"same","jaccard":0.3333,"containment_a_in_b":0,"containment_b_in_a":0,"shared":0,"reason":"nothing-shared"}],"supersedes":[]}
{"id":"y","duplicates":[],"supersedes":[],"error":"unexpected EOF"}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for line := range strings.Lines(want) {
		for _, m := range regexp.MustCompile(`"(\w+)":`).FindAllStringSubmatch(line, -1) {
			if !strings.Contains(AnswerSchema, `"`+m[1]+`"`) {
				t.Errorf("the schema does not name %s", m[1])
			}
		}
	}
}
