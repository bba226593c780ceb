package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/neardup/neardup"
)

const corpus = "../dedup/corpus/"

// The pairs have the proportions of real pages: about half of each is navigation.
var pairs = []struct {
	name, a, b string
	want       int
}{
	{"one agency story on two sites", "harbour-courier/kelda-ferry.txt", "northmark-post/kelda-ferry-suspended.txt", same},
	{"a page and the agency copy", "harbour-courier/kelda-ferry.txt", "meridian-wire/ferry.txt", same},
	{"edited lightly", "harbour-courier/bank-rate.txt", "meridian-wire/bank-rate.txt", same},
	// Missed: headlines that are whole sentences, longer than the article on either page, might be its own.
	{"a new first paragraph", "harbour-courier/hospital-records.txt", "northmark-post/sedgeham-hospitals.txt", different},
	{"a later version", "harbour-courier/hallin-dam.txt", "harbour-courier/hallin-dam-update.txt", same},
	{"two stories under one sidebar", "harbour-courier/storm-ilse.txt", "harbour-courier/school-without-roof.txt", different},
	{"two stories of one site", "northmark-post/orrin-boat.txt", "northmark-post/aldermouth-budget.txt", different},
	{"two stories of one Arabic site", "world/burj-clock.txt", "world/wadi-rayhan.txt", different},
	{"two languages", "world/burj-clock.txt", "world/linjiang-guji.txt", different},
}

func TestStatus(t *testing.T) {
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			for _, args := range [][]string{{corpus + p.a, corpus + p.b}, {corpus + p.b, corpus + p.a}, {"-json", corpus + p.a, corpus + p.b}} {
				var stdout, stderr bytes.Buffer
				if got := run(args, nil, &stdout, &stderr); got != p.want {
					t.Errorf("run(%q) = %d, want %d; it says\n%s%s", args, got, p.want, &stdout, &stderr)
				}
				if stderr.Len() > 0 {
					t.Errorf("run(%q) writes to stderr: %s", args, &stderr)
				}
			}
		})
	}
}

func TestText(t *testing.T) {
	var stdout, stderr bytes.Buffer
	run([]string{corpus + pairs[0].a, corpus + pairs[0].b}, nil, &stdout, &stderr)
	got := stdout.String()
	for _, want := range []string{"near-duplicates: ", "\nJaccard        0.", "\nA in B         ", "\nB in A         ", "\nHamming        ", "The only car ferry", " […] "} {
		if !strings.Contains(got, want) {
			t.Errorf("output lacks %q:\n%s", want, got)
		}
	}
	stdout.Reset()
	run([]string{corpus + pairs[5].a, corpus + pairs[5].b}, nil, &stdout, &stderr)
	if !strings.HasPrefix(stdout.String(), "different") {
		t.Errorf("output does not begin with the verdict:\n%s", &stdout)
	}
}

func TestJSON(t *testing.T) {
	a, b := corpus+pairs[0].a, corpus+pairs[0].b
	var stdout, stderr bytes.Buffer
	if status := run([]string{"-json", a, b}, nil, &stdout, &stderr); status != same {
		t.Fatalf("status %d: %s", status, &stderr)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(stdout.Bytes(), &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"duplicate", "verdict", "kind", "shared", "reason", "jaccard", "containment_a_in_b", "containment_b_in_a", "hamming", "passages"} {
		if fields[name] == nil {
			t.Errorf("no field %q", name)
		}
	}
	var r result
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if !r.Duplicate || r.Kind == neardup.Different || r.Verdict == "" || max(r.ContainmentAInB, r.ContainmentBInA) < 0.5 {
		t.Errorf("got %+v", r)
	}
	textA, textB := readFile(t, a), readFile(t, b)
	shared := 0
	for i, p := range r.Passages {
		if p.Text != textA[p.AStart:p.AEnd] {
			t.Errorf("passage %d: text is not that of A", i)
		}
		if x, y := words(p.Text), words(textB[p.BStart:p.BEnd]); x != y {
			t.Errorf("passage %d differs:\n%s\n%s", i, x, y)
		}
		shared += p.AEnd - p.AStart
	}
	// The body is half of the page.
	if shared < len(textA)*45/100 || shared > len(textA)*60/100 {
		t.Errorf("passages have %d of %d bytes", shared, len(textA))
	}
}

// An excerpt is found inside the page that has all of it, and the verdict says which of the two may go.
func TestExcerpt(t *testing.T) {
	page := corpus + "harbour-courier/kelda-ferry.txt"
	whole := readFile(t, corpus+"meridian-wire/ferry.txt")
	excerpt := filepath.Join(t.TempDir(), "excerpt")
	writeFile(t, excerpt, whole[:strings.Index(whole, "Investigators from")])
	for _, c := range []struct {
		a, b string
		want neardup.Kind
	}{{excerpt, page, neardup.Contained}, {page, excerpt, neardup.Contains}} {
		var stdout, stderr bytes.Buffer
		status := run([]string{"-json", c.a, c.b}, nil, &stdout, &stderr)
		var r result
		if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if status != same || r.Kind != c.want {
			t.Errorf("status %d, kind %v, want %v:\n%s%s", status, r.Kind, c.want, &stdout, &stderr)
		}
	}
}

// A list that is empty is [], not null.
func TestJSONDifferent(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	writeFile(t, a, "Nothing to see here.")
	writeFile(t, b, "")
	var stdout, stderr bytes.Buffer
	if status := run([]string{"-json", a, b}, nil, &stdout, &stderr); status != different {
		t.Fatalf("status %d: %s", status, &stderr)
	}
	if !strings.Contains(stdout.String(), `"passages": []`) {
		t.Errorf("got %s", &stdout)
	}
}

func TestStandardInput(t *testing.T) {
	a, b := corpus+pairs[0].a, corpus+pairs[0].b
	var want, left, right bytes.Buffer
	run([]string{a, b}, nil, &want, &want)
	run([]string{"-", b}, strings.NewReader(readFile(t, a)), &left, &left)
	run([]string{a, "-"}, iotest.DataErrReader(strings.NewReader(readFile(t, b))), &right, &right)
	if left.String() != want.String() || right.String() != want.String() {
		t.Errorf("got\n%s\nand\n%s\nwant\n%s", &left, &right, &want)
	}
}

func TestTrouble(t *testing.T) {
	a := corpus + pairs[0].a
	for _, args := range [][]string{{}, {a}, {a, a, a}, {"-", "-"}, {a, "missing.txt"}, {"missing.txt", a}, {a, "."}, {"-xml", a, a}, {a, "-"}} {
		var stdout, stderr bytes.Buffer
		got := run(args, iotest.ErrReader(errors.New("no light")), &stdout, &stderr)
		if got != trouble || stdout.Len() > 0 || stderr.Len() == 0 {
			t.Errorf("run(%q) = %d, stdout %q, stderr %q", args, got, &stdout, &stderr)
		}
	}
	var stderr bytes.Buffer
	if got := run([]string{a, a}, nil, failing{}, &stderr); got != trouble || stderr.Len() == 0 {
		t.Errorf("full disk: status %d, stderr %q", got, &stderr)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// A text in UTF-16 is the text that it is.
func TestUTF16(t *testing.T) {
	a := corpus + pairs[0].a
	wide := filepath.Join(t.TempDir(), "wide.txt")
	var b bytes.Buffer
	b.WriteString("\xff\xfe")
	for _, u := range utf16.Encode([]rune(readFile(t, a))) {
		b.Write([]byte{byte(u), byte(u >> 8)})
	}
	writeFile(t, wide, b.String())
	var stdout, stderr bytes.Buffer
	status := run([]string{"-json", a, wide}, nil, &stdout, &stderr)
	var r result
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if status != same || r.Jaccard != 1 || !strings.Contains(stderr.String(), "wide.txt was converted from UTF-16LE") {
		t.Errorf("status %d, Jaccard %v, %s", status, r.Jaccard, &stderr)
	}
}

// Whatever the bytes are, the output is text, and passages are where they are said to be.
func TestHostile(t *testing.T) {
	dir := t.TempDir()
	body := "\xef\xbb\xbfThe \x1b[31mharbour\x1b[0m master said\r\nthat the \xff\xfe gate would stay open until the tide turned, and so it did. "
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	writeFile(t, a, strings.Repeat(body, 3))
	writeFile(t, b, "x "+strings.Repeat(body, 3))
	var stdout, stderr bytes.Buffer
	if status := run([]string{a, b}, nil, &stdout, &stderr); status != same {
		t.Fatalf("status %d: %s%s", status, &stdout, &stderr)
	}
	if i := strings.IndexFunc(stdout.String(), func(r rune) bool { return r < ' ' && r != '\n' }); i >= 0 {
		t.Errorf("control character in the output: %q", &stdout)
	}
	stdout.Reset()
	run([]string{"-json", a, b}, nil, &stdout, &stderr)
	if !json.Valid(stdout.Bytes()) {
		t.Errorf("not JSON: %s", &stdout)
	}
}

func TestAbbreviate(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"", 10, ""},
		{" one\n two\t", 10, "one two"},
		{"one two three four five six", 20, "one two […] five six"},
		{"一二三四五六七八九十", 4, "一二 […] 九十"},
	} {
		if got := abbreviate(c.text, c.n); got != c.want {
			t.Errorf("abbreviate(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := run([]string{"-h"}, nil, &stdout, &stderr); status != same || stderr.Len() > 0 {
		t.Errorf("status %d, %s", status, &stderr)
	}
	for _, want := range []string{"usage: compare", "example:", "-json", `"passages": [`, "exit status:"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %s in\n%s", want, &stdout)
		}
	}
}
