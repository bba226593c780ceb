package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup"
)

// drive runs the program and returns what it wrote and its status.
func drive(t *testing.T, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, err bytes.Buffer
	status = program.Run(t.Context(), args, strings.NewReader(stdin), &out, &err)
	return out.String(), err.String(), status
}

// truth reads testdata/groups.txt: groups of sorted IDs, sorted.
// missed are copies that are not found: on either page, lists of headlines that are whole sentences are longer than the
// article, and nothing tells these from an article's own.
var missed = []string{"corpus/harbour-courier/bank-rate.txt", "corpus/harbour-courier/hospital-records.txt",
	"corpus/northmark-post/sedgeham-hospitals.txt", "lantern-88120", "lantern-87411"}

func truth(t *testing.T) [][]string { return groupsBut(t, missed) }

// groupsBut returns the groups of articles, without some articles.
func groupsBut(t *testing.T, but []string) [][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/groups.txt")
	if err != nil {
		t.Fatal(err)
	}
	var groups [][]string
	for line := range strings.Lines(string(data)) {
		if ids := strings.Fields(line); len(ids) > 0 && ids[0] != "#" {
			for i, id := range ids {
				if strings.HasSuffix(id, ".txt") {
					ids[i] = "corpus/" + id
				}
			}
			ids = slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(but, id) })
			slices.Sort(ids)
			if len(ids) > 1 {
				groups = append(groups, ids)
			}
		}
	}
	slices.SortFunc(groups, slices.Compare)
	return groups
}

func decodeLines[T any](t *testing.T, out string) []T {
	t.Helper()
	var all []T
	for line := range strings.Lines(out) {
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		var v T
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, v)
	}
	return all
}

func TestCorpusGroups(t *testing.T) {
	stdout, stderr, status := drive(t, "", "corpus")
	if status != 0 {
		t.Errorf("status %d", status)
	}
	if want := "dedup: 42 records in 27 files: 27 kept, 15 removed, 0 passed through, 0 rejected; 13 groups; "; !strings.Contains(stderr, want) {
		t.Errorf("stderr is %q, want %q", stderr, want)
	}
	var got [][]string
	for _, g := range decodeLines[neardup.Group](t, stdout) {
		var ids []string
		for _, m := range g.Members {
			ids = append(ids, m.ID)
			// The representative has most of what it stands for.
			if m.Kind != neardup.Same && m.Kind != neardup.Contains || m.ContainmentBInA < 0.5 || m.Jaccard > 1 {
				t.Errorf("%s: %+v", m.ID, m.Relation)
			}
			if m.ID == "corpus/northmark-post/orrin-boat.txt" && (m.Kind != neardup.Contains || m.ContainmentBInA != 1) {
				t.Errorf("the excerpt: %+v", m.Relation)
			}
		}
		if ids[0] != g.Representative || g.Members[0].Jaccard != 1 {
			t.Errorf("the first member is %v, the representative %s", g.Members[0], g.Representative)
		}
		slices.Sort(ids)
		got = append(got, ids)
	}
	slices.SortFunc(got, slices.Compare)
	if diff := cmp.Diff(truth(t), got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

// Every pair printed is a true one, and every group of the truth holds together. By signature the navigation around an
// article, by which its similarity falls below the threshold, cannot be told from it: there only some are found.
func TestCorpusPairs(t *testing.T) {
	of := make(map[string]int)
	for i, ids := range groupsBut(t, nil) {
		for _, id := range ids {
			of[id] = i + 1
		}
	}
	for _, signature := range []bool{false, true} {
		stdout, _, status := drive(t, "", fmt.Sprint("-signature=", signature), "-pairs", "corpus")
		if status != 0 {
			t.Errorf("status %d", status)
		}
		seen := make(map[string]int)
		for _, p := range decodeLines[neardup.Pair](t, stdout) {
			headline := p.Kind == neardup.Contained && strings.HasPrefix(p.A, "headline-") // which is in articles
			if (of[p.A] == 0 || of[p.A] != of[p.B]) && !headline && !(p.Kind == neardup.Contains && strings.HasPrefix(p.B, "headline-")) {
				t.Errorf("%s and %s are no pair", p.A, p.B)
			}
			seen[p.A]++
			seen[p.B]++
		}
		if signature && len(seen) < 16 {
			t.Errorf("-signature: only %d articles are in pairs", len(seen))
		}
		for i, ids := range truth(t) {
			for _, id := range ids {
				if !signature && seen[id] < len(ids)-1 {
					t.Errorf("group %d: %s is in %d pairs, want %d", i, id, seen[id], len(ids)-1)
				}
			}
		}
	}
}

// What is kept is one article of each group and everything else, in the order of the input: whatever is not there is a member
// that a representative stands for, and that one is there.
func TestCorpusKeep(t *testing.T) {
	stdout, _, status := drive(t, "", "-keep", "corpus")
	if status != 0 {
		t.Errorf("status %d", status)
	}
	kept := strings.Fields(stdout)
	if want := 42 - 15; len(kept) != want {
		t.Errorf("%d articles kept, want %d", len(kept), want)
	}
	for _, ids := range truth(t) {
		n := 0
		for _, id := range ids {
			if slices.Contains(kept, id) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d of %q kept, want 1", n, ids)
		}
	}
	stdout, _, _ = drive(t, "", "corpus")
	gone := 0
	for _, g := range decodeLines[neardup.Group](t, stdout) {
		for _, m := range g.Members {
			if slices.Contains(kept, m.ID) != (m.ID == g.Representative) {
				t.Errorf("%s, which %s represents, is kept or lost", m.ID, g.Representative)
			}
			gone++
		}
		gone--
	}
	if len(kept)+gone != 42 {
		t.Errorf("%d kept, %d represented, want 42 together", len(kept), gone)
	}
	if want := []string{"corpus/README.md", "brief-1", "brief-3", "headline-1", "headline-3"}; !slices.Equal(kept[:5], want) {
		t.Errorf("kept begins with %q, want %q", kept[:4], want)
	}
}

// The whole view takes the navigation for text: it misses copies that the prose view finds.
func TestWholeView(t *testing.T) {
	stdout, _, _ := drive(t, "", "-view", "whole", "-pairs", "corpus")
	whole := len(decodeLines[neardup.Pair](t, stdout))
	stdout, _, _ = drive(t, "", "-pairs", "corpus")
	if prose := len(decodeLines[neardup.Pair](t, stdout)); whole >= prose {
		t.Errorf("%d pairs on the whole texts, %d on the prose", whole, prose)
	}
}

// Pages that one source makes from one form are articles of their own, by its form being known. A copy of one of them on another
// site is found all the same. With -templates-off, or without a source, they are near-duplicates by their text.
func TestTemplates(t *testing.T) {
	form := func(i int) string {
		own := ""
		for j := range 24 {
			own += fmt.Sprintf("the lot %x was sold to bidder %x; ", (i*31+j)*7919, (i*17+j)*104729)
		}
		return longForm + own
	}
	count := func(field string, args ...string) (n int, copied bool) {
		var in strings.Builder
		for i := range 60 {
			in.WriteString(strings.Replace(line(fmt.Sprint("form-", i), form(i)), "{", "{"+field, 1) + "\n")
			if i == 50 {
				in.WriteString(strings.Replace(line("copy", form(i)), "{", `{"source":"elsewhere",`, 1) + "\n")
			}
		}
		stdout, stderr, status := drive(t, in.String(), append(args, "-pairs", "-")...)
		if status != 0 {
			t.Fatalf("status %d: %s", status, stderr)
		}
		for _, p := range decodeLines[neardup.Pair](t, stdout) {
			n++
			copied = copied || p.A == "form-50" && p.B == "copy"
		}
		return n, copied
	}
	for _, c := range []struct {
		field, arg string
		known      bool
	}{
		{`"source":"auctions",`, "-templates-off=false", true},
		{`"url":"https://www.Auctions.example:8080/lot?id=1",`, "-templates-off=false", true},
		{"", "-templates-off=false", false},
		{`"source":"auctions",`, "-templates-off", false},
	} {
		n, copied := count(c.field, c.arg)
		if !copied || c.known && n > 3 || !c.known && n < 1000 {
			t.Errorf("%s %s: %d pairs, copy found: %v", c.field, c.arg, n, copied)
		}
	}
}

// longForm is what every page of the form says.
var longForm = func() string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "Under rule %d of the conditions of sale the buyer shall collect what was bought within %d days and pay the hammer price in full. ", i, i*3+2)
	}
	return b.String()
}()

func TestSameBytes(t *testing.T) {
	for _, mode := range [][]string{{}, {"-pairs"}, {"-keep"}} {
		var want string
		for i, workers := range []string{"1", "2", "2", "7"} {
			stdout, _, _ := drive(t, "", append(mode, "-workers", workers, "corpus")...)
			if i == 0 {
				want = stdout
			} else if stdout != want {
				t.Errorf("%q: -workers %s gives\n%s\n-workers 1\n%s", mode, workers, stdout, want)
			}
		}
	}
}

const (
	story = "The harbour master said on Monday that the western gate would stay open until the last of the barges had passed the lock."
	other = "A committee of the provincial council has asked the railway to explain why the evening train no longer waits for the ferry."
)

func line(id, text string) string { return fmt.Sprintf(`{"id":%q,"text":%q}`, id, text) }

// A file with everything wrong in it: what is good is used, the rest is reported with its line.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bad.jsonl")
	lines := []string{
		"\xef\xbb\xbf" + line("a", story), // a byte order mark is no error
		"",
		`{"id": "b", "text": `,
		`["c"]`,
		`{"text": "no id", "id": null}`,
		`{"id": "", "text": null}`,
		`{"id": "d"}`,
		`{"id": "e", "text": 5}`,
		`{"id": {"x": 1}, "text": "x"}`,
		line("a", other),
		`{"id": 17, "text": "` + story + `", "time": "2031-10-02T07:00:00Z", "other": [1]}` + "\r",
		`{"id": "f", "text": "` + other + `", "time": "yesterday"}`,
		`{"id": "g", "text": "` + other + `", "time": "2031-10-02"}`, // and no newline at the end
	}
	write(t, path, strings.Join(lines, "\n"))
	stdout, stderr, status := drive(t, "", "-keep", path, filepath.Join(dir, "missing.txt"))
	if status != 1 {
		t.Errorf("status %d, want 1", status)
	}
	// Of 17, which has a time, and a, which has none, 17 is the earlier; g has a time and f has not.
	if want := path + ":5\n17\ng\n"; stdout != want {
		t.Errorf("kept %q, want %q", stdout, want)
	}
	var got []string
	for l := range strings.Lines(strings.ReplaceAll(stderr, dir+string(filepath.Separator), "")) {
		got = append(got, strings.TrimSpace(l))
	}
	want := []string{
		`dedup: missing.txt: no such file or directory`,
		`dedup: bad.jsonl:3: not JSON: unexpected end of JSON input`,
		`dedup: bad.jsonl:4: line is a JSON array, want an object`,
		`dedup: bad.jsonl:6: no "text"; there are "id", "text"`,
		`dedup: bad.jsonl:7: article "d" has no "text"`,
		`dedup: bad.jsonl:8: "text" is a number, want a string`,
		`dedup: bad.jsonl:9: "id" is {"x": 1}, want a string or a number`,
		`dedup: bad.jsonl:10: ID "a" is taken by bad.jsonl:1; this article is called "bad.jsonl:10"`,
		`dedup: bad.jsonl:12: article "f" is taken without its "time": "yesterday" is neither RFC 3339 nor YYYY-MM-DD`,
		`dedup: fields: id from "id" (5), file and line (1); text from "text"; source from none; time from none (3), "time" (3)`,
	}
	if len(got) == 0 || !strings.HasPrefix(got[len(got)-1], "dedup: 12 records in 1 file: 3 kept, 3 removed, 6 passed through, 0 rejected; 2 groups; 9 errors; ") {
		t.Errorf("no summary: %s", stderr)
	}
	if diff := cmp.Diff(want, got[:max(0, len(got)-1)]); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// pairs prints the pairs of -pairs by their IDs and kinds.
func pairs(t *testing.T, out string) (s string) {
	for _, p := range decodeLines[neardup.Pair](t, out) {
		s += fmt.Sprintf("%s %s %s\n", p.A, p.Kind, p.B)
	}
	return s
}

func TestStandardInput(t *testing.T) {
	in := line("a", story) + "\n" + line("b", story) + "\n"
	stdout, stderr, status := drive(t, in, "-pairs", "-")
	if want := "a same b\n"; pairs(t, stdout) != want || status != 0 {
		t.Errorf("got %q, status %d, %s", stdout, status, stderr)
	}
	stdout, stderr, status = drive(t, zip(t, in), "-pairs", "-")
	if want := "a same b\n"; pairs(t, stdout) != want || status != 0 {
		t.Errorf("compressed: got %q, status %d, %s", stdout, status, stderr)
	}
	_, stderr, status = drive(t, "{", "-")
	if status != 1 || !strings.HasPrefix(stderr, "dedup: standard input:1: ") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// A compressed file that ends in the middle gives what was complete.
func TestTruncated(t *testing.T) {
	var in strings.Builder
	for i := range 2000 {
		text := ""
		for j := range 20 {
			text += fmt.Sprintf("%x ", (i*20+j)*7919)
		}
		in.WriteString(line(fmt.Sprint(i), text) + "\n")
	}
	whole := zip(t, in.String())
	path := filepath.Join(t.TempDir(), "cut.jsonl.gz")
	write(t, path, whole[:len(whole)/2])
	stdout, stderr, status := drive(t, "", "-keep", path)
	if status != 1 || !strings.Contains(stderr, "unexpected EOF") || !strings.Contains(stderr, "cut.jsonl.gz:") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if n := strings.Count(stdout, "\n"); n < 500 || n > 1500 {
		t.Errorf("%d of 2000 articles kept", n)
	}
	write(t, path, "\x1f\x8bnot gzip")
	if _, stderr, status = drive(t, "", path); status != 2 || !strings.Contains(stderr, "gzip: invalid header") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// Lines may be far longer than the 64 KB that bufio.Scanner takes.
func TestLongLine(t *testing.T) {
	long := strings.Repeat(story+"\\n", 2000) // 240 KB
	in := fmt.Sprintf(`{"id":"a","text":"%s"}`+"\n"+`{"id":"b","text":"%s"}`+"\n", long, long)
	stdout, stderr, status := drive(t, in, "-pairs", "-")
	if want := "a same b\n"; pairs(t, stdout) != want || status != 0 {
		t.Errorf("got %q, status %d, %s", stdout, status, stderr)
	}
}

func TestTooLong(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.txt")
	write(t, big, strings.Repeat("word ", 4<<20))
	write(t, filepath.Join(dir, "small.txt"), story)
	stdout, stderr, status := drive(t, "", "-keep", dir)
	if want := filepath.ToSlash(filepath.Join(dir, "small.txt")) + "\n"; stdout != want || status != 1 || !strings.Contains(stderr, "big.txt") || !strings.Contains(stderr, "too long") {
		t.Errorf("got %q, status %d, %s", stdout, status, stderr)
	}
}

// Text is taken as it is: empty, other line ends, bytes that are not UTF-8.
func TestText(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.txt"), "\xef\xbb\xbf"+story)
	write(t, filepath.Join(dir, "b.TXT"), strings.ReplaceAll(story, " ", "\r\n"))
	write(t, filepath.Join(dir, "c", "c.txt"), "")
	write(t, filepath.Join(dir, "c", "d.txt"), "")
	write(t, filepath.Join(dir, "e.txt"), "\xff\xfet\x00e\x00")
	write(t, filepath.Join(dir, "f.txt"), "\xc3\x28 \xf0 broken \x80")
	write(t, filepath.Join(dir, "notes.pdf"), story)
	write(t, filepath.Join(dir, "g.txt"), "no\x00text")
	t.Chdir(dir)
	stdout, stderr, status := drive(t, "", ".")
	if got := decodeLines[neardup.Group](t, stdout); len(got) != 1 || got[0].Representative != "a.txt" || got[0].Members[1].ID != "b.TXT" || got[0].Members[1].Jaccard != 1 {
		t.Errorf("got %s", stdout)
	}
	if status != 0 || !strings.Contains(stderr, "dedup: converted from UTF-16LE: 1 text, first e.txt\n") ||
		!strings.Contains(stderr, "6 records in 6 files: 5 kept, 1 removed, 0 passed through, 0 rejected; 1 group; files: 2 passed over (1 .pdf, 1 binary); ") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if _, stderr, status = drive(t, "", "notes.pdf"); status != 2 || !strings.HasPrefix(stderr, "dedup: notes.pdf: is of no kind that is known here; want .jsonl") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{
		{}, {"-pairs"}, {"-view", "half", "corpus"}, {"-threshold", "0", "corpus"}, {"-threshold", "1.5", "corpus"}, {"-threshold", "NaN", "corpus"},
		{"-recall", "0", "corpus"}, {"-recall", "1", "corpus"}, {"-workers", "-1", "corpus"}, {"-pairs", "-keep", "corpus"}, {"-nonsense", "corpus"},
	} {
		if stdout, stderr, status := drive(t, "", args...); status != 2 || stdout != "" || stderr == "" {
			t.Errorf("%q: status %d, stdout %q, stderr %q", args, status, stdout, stderr)
		}
	}
	help, _, _ := drive(t, "", "-h")
	for _, want := range []string{"examples:\n", "formats:\n", ".jsonl .ndjson", "-against", `"members": [`, `"reason": string`, "ANNOTATION", "exit status:\n"} {
		if !strings.Contains(help, want) {
			t.Errorf("-h does not have %s", want)
		}
	}
	for line := range strings.Lines(help) {
		if len(line) > 101 && !strings.HasPrefix(line, "    \t") {
			t.Errorf("-h has a long line: %s", line)
		}
	}
	if help, stderr, status := drive(t, "", "-h"); status != 0 || !strings.HasPrefix(help, "usage: dedup") || stderr != "" {
		t.Errorf("-h: status %d, %s%s", status, help, stderr)
	}
}

func TestWriteError(t *testing.T) {
	for _, mode := range []string{"-pairs", "-keep", "-workers=1"} {
		var stderr bytes.Buffer
		if status := program.Run(t.Context(), []string{mode, "corpus"}, nil, failing{}, &stderr); status != 2 || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%s: status %d, %s", mode, status, &stderr)
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if status := program.Run(ctx, []string{"corpus"}, nil, &stdout, &stderr); status != 2 || stdout.Len() > 0 || !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("status %d, stdout %q, stderr %q", status, &stdout, &stderr)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func zip(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(s))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
