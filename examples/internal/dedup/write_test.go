package dedup

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neardup/neardup/examples/internal/corpus"
	"github.com/neardup/neardup/examples/internal/formats"
)

// write writes a file, and its folder.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// tree returns the files of a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, name)
			files[filepath.ToSlash(rel)] = read(t, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func zip(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func unzip(t *testing.T, s string) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// mixed is a file of all that can be in one: a good article and its copy, one that is not one, one
// without a text, one that is refused, one under an ID that is taken.
func mixed() (lines []string) {
	return []string{
		line("a", story) + "\n",
		"\n",
		line("b", story) + "\r\n",
		"{\"id\": \n",
		`{"id":"c","title":"no text"}` + "\n",
		"null\n",
		line("a", elsewhere) + "\n",
		`{"id":"d","text":"` + strings.Repeat("word ", 4<<10) + `"}` + "\n",
		`{"id":"e","text":"` + strings.Repeat("x", 1<<20) + `"}` + "\n",
		line("f", elsewhere),
	}
}

// The sum of what was kept, removed, passed through and rejected is what was read, in every mode,
// and so say the files.
func TestEveryMode(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in.jsonl")
	lines := mixed()
	write(t, in, strings.Join(lines, ""))
	pick := func(n ...int) (s string) {
		for _, i := range n {
			s += lines[i]
		}
		return s
	}
	clean, rejects := filepath.Join(dir, "clean.jsonl"), filepath.Join(dir, "rejects.jsonl")
	for _, tt := range []struct {
		args         string
		sum          string
		out, rejects string
	}{
		{"", "9 records in 1 file: 2 kept, 2 removed, 5 passed through, 0 rejected", "", ""},
		{"-keep", "9 records in 1 file: 2 kept, 2 removed, 5 passed through, 0 rejected", "", ""},
		{"-pairs", "9 records in 1 file: 4 kept, 0 removed, 5 passed through, 0 rejected", "", ""},
		{"-dry-run", "9 records in 1 file: 2 kept, 2 removed, 5 passed through, 0 rejected", "", ""},
		{"-dry-run -out clean.jsonl -rejects rejects.jsonl", "9 records in 1 file: 2 kept, 2 removed, 0 passed through, 5 rejected", "", ""},
		{"-out clean.jsonl", "9 records in 1 file: 2 kept, 2 removed, 5 passed through, 0 rejected", pick(0, 1, 3, 4, 5, 7, 8, 9), ""},
		{"-out clean.jsonl -rejects rejects.jsonl", "9 records in 1 file: 2 kept, 2 removed, 0 passed through, 5 rejected", pick(0, 1, 9), pick(3, 4, 5, 7, 8)},
		{"-annotate -out clean.jsonl -rejects rejects.jsonl", "9 records in 1 file: 2 kept, 2 marked, 0 passed through, 5 rejected", "*", pick(3, 4, 5, 7, 8)},
	} {
		_, _ = os.Remove(clean), os.Remove(rejects)
		t.Chdir(dir)
		_, stderr, status := drive(t, "", append(strings.Fields(tt.args), "in.jsonl")...)
		if status != reported || !strings.Contains(stderr, "dedup: "+tt.sum+"; ") {
			t.Errorf("%q: status %d, %s", tt.args, status, stderr)
		}
		if want := "dedup: in.jsonl:9: line is longer than 131072 bytes\n"; !strings.Contains(stderr, want) {
			t.Errorf("%q does not say %s", tt.args, want)
		}
		for path, want := range map[string]string{clean: tt.out, rejects: tt.rejects} {
			got, err := os.ReadFile(path)
			if want != "*" && (string(got) != want || (err == nil) != (want != "")) {
				t.Errorf("%q: %s has %d bytes, want %d: %.200q", tt.args, filepath.Base(path), len(got), len(want), got)
			}
			if want == "*" && strings.Count(string(got), `"duplicate_of":`) != 4 {
				t.Errorf("%q: %.400q", tt.args, got)
			}
		}
	}
}

// What goes is said as it is annotated.
func TestAnnotations(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "in.csv", "id,text,time\nlate,"+story+",2031-10-02\nfirst,"+story+",2031-10-01\nother,"+elsewhere+",\nempty,,\nshort\n")
	stdout, _, status := drive(t, "", "-dry-run", "in.csv")
	if want := `{"id":"late","file":"in.csv","line":2,"duplicate_of":"first","relation":"same","similarity":1,"coverage":1}` + "\n"; stdout != want || status != reported {
		t.Errorf("status %d, got %s, want %s", status, stdout, want)
	}
	if stdout, stderr, status := drive(t, "", "-annotate", "-out", "out.csv", "in.csv"); status != reported || stdout != "" {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	want := "id,text,time,duplicate_of,relation,similarity,coverage\nlate," + story + ",2031-10-02,first,same,1,1\nfirst," + story + ",2031-10-01,,,,\nother," + elsewhere + ",,,,,\nempty,,,,,,\nshort\n"
	if diff := cmp.Diff(want, read(t, "out.csv")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	write(t, "a.txt", story)
	if _, stderr, status := drive(t, "", "-annotate", "-out", "out.txt", "a.txt"); status != failed || !strings.Contains(stderr, "a.txt: a file of text has no room for annotations") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// A folder is written as a folder: what stays of each file, in its form, and a text whole or not at
// all.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, "in/a.txt", story)
	write(t, "in/copies/b.md", story+"\n")
	write(t, "in/copies/c.jsonl.gz", zip(t, line("c", story)+"\n"+line("d", elsewhere)+"\n{\n"))
	write(t, "in/big.txt", strings.Repeat("word ", 4<<10))
	write(t, "in/.hidden.txt", story)
	write(t, "in/page.html", story)
	for _, rejects := range []bool{false, true} {
		args := []string{"-out", "out", "in"}
		sum := "6 records in 4 files: 2 kept, 2 removed, 2 passed through, 0 rejected; 1 group; files: 2 passed over (1 .html, 1 hidden)"
		if rejects {
			args = append([]string{"-rejects", "rejects"}, args...)
			sum = "6 records in 4 files: 2 kept, 2 removed, 0 passed through, 2 rejected"
		}
		_, stderr, status := drive(t, "", args...)
		if status != reported || !strings.Contains(stderr, sum) {
			t.Fatalf("status %d, %s", status, stderr)
		}
		got := tree(t, "out")
		if s, ok := got["copies/c.jsonl.gz"]; ok {
			got["copies/c.jsonl.gz"] = unzip(t, s)
		}
		stories := 0
		for _, s := range got {
			stories += strings.Count(s, story)
		}
		if stories != 1 || !strings.Contains(got["copies/c.jsonl.gz"], line("d", elsewhere)+"\n") {
			t.Errorf("rejects %v: %d copies stay in %v", rejects, stories, slices.Sorted(func(yield func(string) bool) {
				for name := range got {
					if !yield(name) {
						return
					}
				}
			}))
		}
		if _, ok := got["big.txt"]; ok == rejects {
			t.Errorf("rejects %v: big.txt there: %v", rejects, ok)
		}
		if rejects {
			away := tree(t, "rejects")
			if len(away) != 2 || away["big.txt"] != strings.Repeat("word ", 4<<10) || unzip(t, away["copies/c.jsonl.gz"]) != "{\n" {
				t.Errorf("rejects has %d files", len(away))
			}
		}
		if _, stderr, status := drive(t, "", args...); status != failed || !strings.Contains(stderr, "is there already") {
			t.Errorf("a second time: status %d, %s", status, stderr)
		}
		if err := os.RemoveAll("out"); err != nil {
			t.Fatal(err)
		}
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 2 {
		t.Errorf("left are %v, %v", entries, err)
	}
}

// Compression and form are as the name says, or as they came in.
func TestOutNames(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "in.jsonl.gz", zip(t, line("a", story)+"\n"))
	for name, want := range map[string]string{"a.jsonl": "plain", "b.jsonl.gz": "gzip", "c": "gzip", "d.csv": "is named as a table", "e.jsonl.bz2": "cannot be written as bzip2"} {
		_, stderr, status := drive(t, "", "-out", name, "in.jsonl.gz")
		got := ""
		if data, err := os.ReadFile(name); err == nil {
			if got = "plain"; strings.HasPrefix(string(data), "\x1f\x8b") {
				got = "gzip"
			}
		} else if status == failed && strings.Contains(stderr, want) {
			got = want
		}
		if got != want {
			t.Errorf("%s: %s, want %s; status %d, %s", name, got, want, status, stderr)
		}
	}
	// In place.
	write(t, "x.jsonl", line("a", story)+"\n"+line("b", story)+"\n")
	if _, stderr, status := drive(t, "", "-out", "x.jsonl", "x.jsonl"); status != done || read(t, "x.jsonl") != line("a", story)+"\n" {
		t.Errorf("in place: status %d, %s", status, stderr)
	}
	// A file that is damaged cannot be written whole.
	cut := zip(t, line("a", story)+"\n"+line("b", strings.Repeat(elsewhere, 10))+"\n")
	write(t, "cut.jsonl.gz", cut[:len(cut)-12])
	if _, stderr, status := drive(t, "", "-out", "cut", "cut.jsonl.gz"); status != failed || !strings.Contains(stderr, "cut.jsonl.gz cannot be written whole") {
		t.Errorf("damaged: status %d, %s", status, stderr)
	}
	write(t, "folder/x.jsonl", line("a", story))
	if _, stderr, status := drive(t, "", "-out", "folder/clean", "folder"); status != failed || !strings.Contains(stderr, "is inside of folder") {
		t.Errorf("inside: status %d, %s", status, stderr)
	}
	// Flags may follow, but not --.
	if _, stderr, status := drive(t, "", "x.jsonl", "-out", "after.jsonl"); status != done || read(t, "after.jsonl") != line("a", story)+"\n" {
		t.Errorf("flags after paths: status %d, %s", status, stderr)
	}
	if _, stderr, status := drive(t, "", "x.jsonl", "--", "-out"); status != reported || !strings.Contains(stderr, "-out: no such file") {
		t.Errorf("no flag: status %d, %s", status, stderr)
	}
	for _, args := range [][]string{{"-out", "-", "x.jsonl"}, {"-annotate", "x.jsonl"}, {"-rejects", "r", "x.jsonl"}, {"-0", "x.jsonl"}, {"-pairs", "-out", "o", "x.jsonl"},
		{"-dry-run", "-keep", "x.jsonl"}, {"-out", "o", "-rejects", "./o", "x.jsonl"}, {"-format", "nonsense", "x.jsonl"}} {
		if stdout, stderr, status := drive(t, "", args...); status != failed || stdout != "" || stderr == "" {
			t.Errorf("%q: status %d, %s%s", args, status, stdout, stderr)
		}
	}
}

// A new set loses what an old one has; the old one is not written, and may have the same IDs.
func TestAgainst(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "old.jsonl", line("1", story)+"\n"+line("2", elsewhere)+"\n"+line("2", elsewhere)+"\n")
	third := "In the valley behind the quarry three farmers have built a mill that grinds by night, when power is cheap and nobody else wants it."
	write(t, "new.jsonl", line("1", third)+"\n"+line("old:1", story)+"\n"+line("3", third)+"\n")
	stdout, stderr, status := drive(t, "", "-out", "out.jsonl", "-against", "old.jsonl", "new.jsonl")
	if status != reported || stdout != "" || !strings.Contains(stderr, "dedup: 3 records in 2 files: 1 kept, 2 removed, ") {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	got := read(t, "out.jsonl")
	if got != line("1", third)+"\n" {
		t.Errorf("left is %s", got)
	}
	write(t, "decisions", `{"id":"old:1","decision":"drop"}`)
	stdout, _, _ = drive(t, "", "-dry-run", "-decisions", "decisions", "-against", "old.jsonl", "new.jsonl")
	if !strings.Contains(stdout, `{"id":"new.jsonl:2","file":"new.jsonl","line":2,"duplicate_of":"old:1","relation":"same",`) {
		t.Errorf("goes: %s", stdout)
	}
}

// What is wrong thousands of times is told some times, and counted.
func TestManyErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	var in strings.Builder
	for range 300 {
		in.WriteString("{\n")
	}
	for i := range 60 {
		write(t, fmt.Sprintf("in/%d.jsonl", i), in.String())
	}
	_, stderr, status := drive(t, "", "in")
	if n := strings.Count(stderr, "\n"); status != reported || n > 1100 || !strings.Contains(stderr, "18000 records in 60 files: 0 kept, 0 removed, 18000 passed through, 0 rejected; 0 groups; 18000 errors") ||
		!strings.Contains(stderr, "0.jsonl: 280 more like these") || !strings.Contains(stderr, "only the first 1000 errors are told") {
		t.Errorf("status %d, %d lines, %s", status, n, stderr[max(0, len(stderr)-300):])
	}
	// A table on standard input has to be called one.
	if _, stderr, status := drive(t, "id,text\na,"+story+"\n", "-"); status != failed || !strings.Contains(stderr, "standard input: is of no kind that is known here; want .jsonl") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if stdout, stderr, status := drive(t, "id,text\na,"+story+"\n", "-format", "csv", "-keep", "-"); status != done || stdout != "a\n" {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
}

// IDs of any kind cannot break a list of them.
func TestNull(t *testing.T) {
	two := `{"id":"a\nb","text":"` + story + `"}` + "\n" + `{"id":"c","text":"` + elsewhere + `"}`
	if stdout, stderr, status := drive(t, two, "-keep", "-"); status != failed || stdout != "" || !strings.Contains(stderr, `standard input:1: ID "a\nb" has a line break: -keep needs -0`) {
		t.Errorf("status %d, %q, %s", status, stdout, stderr)
	}
	if stdout, stderr, status := drive(t, two, "-keep", "-0", "-"); status != done || stdout != "a\nb\x00c\x00" {
		t.Errorf("status %d, %q, %s", status, stdout, stderr)
	}
	if stdout, _, status := drive(t, `{"id":"\u0000","text":"x"}`, "-keep", "-0", "-"); status != failed || stdout != "" {
		t.Errorf("NUL: status %d, %q", status, stdout)
	}
	stdout, stderr, status := drive(t, `{"id":"\u001b[31m","text":"x"}`+"\n"+`{"id":"\u001b[31m","text":"y"}`, "-dry-run", "-")
	if status != reported || strings.ContainsRune(stderr+stdout, 0x1b) {
		t.Errorf("status %d, %q%q", status, stdout, stderr)
	}
}

// A decision outranks what was found: keep and different keep an article, drop removes it, and then
// it represents nothing.
func TestDecisions(t *testing.T) {
	t.Chdir(t.TempDir())
	in := line("a", story) + "\n" + line("b", story) + "\n" + line("c", story) + "\n" + line("d", elsewhere) + "\n"
	for decided, want := range map[string]string{
		"":                             "a d",
		`{"id":"b","decision":"keep"}`: "a b d",
		`{"id":"a","decision":"drop"}`: "b d",
		`{"id":"d","decision":"drop"}`: "a",
		`{"id":"b","of":"a","decision":"different"}` + "\n\n" + `{"id":"c","of":"x","decision":"different"}`: "a b d",
		`{"id":"b","decision":"keep"}` + "\n" + `{"id":"b","of":"a","decision":"drop"}`:                      "a d",
	} {
		write(t, "decisions", decided)
		stdout, stderr, status := drive(t, in, "-decisions", "decisions", "-keep", "-")
		if got := strings.Join(strings.Fields(stdout), " "); got != want || status != done {
			t.Errorf("%s: kept %q, want %q; status %d, %s", decided, got, want, status, stderr)
		}
	}
	for _, bad := range []string{"{", `{"id":"a"}`, `{"id":"a","decision":"maybe"}`, `{"decision":"keep"}`} {
		write(t, "decisions", bad)
		if _, stderr, status := drive(t, in, "-decisions", "decisions", "-"); status != failed || !strings.Contains(stderr, "decisions:1") {
			t.Errorf("%s: status %d, %s", bad, status, stderr)
		}
	}
	write(t, "decisions", `{"id":"nobody","decision":"keep"}`)
	if _, stderr, status := drive(t, in, "-decisions", "decisions", "-"); status != reported || !strings.Contains(stderr, "1 ID not among the articles") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// A stream is read once, and written all the same.
func TestStreams(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no named pipes")
	}
	t.Chdir(t.TempDir())
	in := line("a", story) + "\n" + line("b", story) + "\n"
	t.Setenv("TMPDIR", t.TempDir())
	if err := exec.Command("mkfifo", "pipe").Run(); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"-", "pipe"} {
		stdin := in
		if name == "pipe" {
			stdin = ""
			go func() {
				if f, err := os.OpenFile("pipe", os.O_WRONLY, 0); err == nil {
					_, _ = f.WriteString(in)
					_ = f.Close()
				}
			}()
		}
		_, stderr, status := drive(t, stdin, "-out", "out.jsonl", name)
		if status != done || read(t, "out.jsonl") != line("a", story)+"\n" {
			t.Errorf("%s: status %d, %s", name, status, stderr)
		}
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
	// In a folder it is passed over.
	if _, stderr, status := drive(t, "", "."); status != done || !strings.Contains(stderr, "1 not a regular file") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A closed pipe and a full disk are failures, after the files are written.
func TestNobodyReads(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "in.jsonl", line("a", story)+"\n"+line("b", story)+"\n")
	for err, want := range map[error]string{syscall.EPIPE: "whoever read the output has gone", syscall.ENOSPC: "no space left"} {
		_ = os.Remove("page.html")
		var stderr bytes.Buffer
		p := Program{Name: "dedup", Set: formats.Standard()}
		status := p.Run(t.Context(), []string{"-report", "page.html", "in.jsonl"}, nil, failing{err}, &stderr)
		if _, statErr := os.Stat("page.html"); status != failed || !strings.Contains(stderr.String(), want) || statErr != nil {
			t.Errorf("%v: status %d, %s, %v", err, status, &stderr, statErr)
		}
	}
}

// dedupMain makes this test the program.
const dedupMain = "NEARDUP_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(dedupMain) != "" {
		Program{Name: "dedup", Set: formats.Standard()}.Main()
	}
	os.Exit(m.Run())
}

// start starts the program.
func start(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), dedupMain+"=1")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// Killed at any moment, the program leaves the old file or the new one, and a folder that is there
// whole or not at all; what it leaves beside them goes with the next run.
func TestKill(t *testing.T) {
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("starts processes and kills them")
	}
	t.Chdir(t.TempDir())
	var b strings.Builder
	for _, a := range corpus.Articles(1000, 7) {
		b.WriteString(line(a.ID, a.Text) + "\n")
	}
	write(t, "in/a.jsonl", b.String())
	write(t, "in/b.jsonl", b.String())
	const former = "what was there before\n"
	began := time.Now()
	if err := start(t, "-out", "want.jsonl", "in/a.jsonl").Wait(); err != nil {
		t.Fatal(err)
	}
	if err := start(t, "-out", "want", "in").Wait(); err != nil && err.(*exec.ExitError).ExitCode() != reported {
		t.Fatal(err)
	}
	took := time.Since(began) / 2
	whole, folder := read(t, "want.jsonl"), tree(t, "want")
	r := rand.New(rand.NewPCG(1, 2))
	killed, tries := 0, 0
	for ; killed < 10 && tries < 60; tries++ {
		write(t, "out.jsonl", former)
		args := []string{"-out", "out.jsonl", "in/a.jsonl"}
		if killed%2 > 0 {
			args = []string{"-out", "out", "in"}
		}
		c, began := start(t, args...), time.Now()
		time.AfterFunc(time.Duration(r.Float64()*float64(took)), func() { _ = c.Process.Kill() })
		if err := c.Wait(); err != nil && err.(*exec.ExitError).ExitCode() == -1 {
			killed++
		} else {
			took = time.Since(began) // it was faster than before
		}
		if got := read(t, "out.jsonl"); got != former && got != whole {
			t.Fatalf("killed: %d bytes, of %d", len(got), len(whole))
		}
		if _, err := os.Stat("out"); err == nil {
			if diff := cmp.Diff(folder, tree(t, "out")); diff != "" {
				t.Fatalf("killed: the folder differs")
			}
			if err := os.RemoveAll("out"); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, args := range [][]string{{"-out", "out.jsonl", "in/a.jsonl"}, {"-out", "out", "in"}} {
		_ = start(t, args...).Wait()
	}
	entries, err := os.ReadDir(".")
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"in", "out", "out.jsonl", "want", "want.jsonl"}, names); diff != "" || err != nil {
		t.Errorf("left behind, %v (-want +got):\n%s", err, diff)
	}
	if killed < 10 {
		t.Errorf("of %d runs only %d were killed before they ended", tries, killed)
	}
}

// Interrupted while it waits for standard input, the program ends.
func TestInterruptedReading(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	for _, args := range [][]string{{"-"}, {"-out", "out.jsonl", "-"}} {
		r, w := io.Pipe()
		defer func() { _ = w.Close() }()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, _ = w.Write([]byte(line("a", story) + "\n"))
			cancel()
		}()
		var stdout, stderr bytes.Buffer
		p := Program{Name: "dedup", Set: formats.Standard()}
		if status := p.Run(ctx, args, r, &stdout, &stderr); status != failed || stdout.Len() > 0 || !strings.Contains(stderr.String(), "interrupted") {
			t.Errorf("%q: status %d, %s%s", args, status, &stdout, &stderr)
		}
	}
	for _, dir := range []string{".", os.Getenv("TMPDIR")} {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left are %v, %v", left, err)
		}
	}
}

// Interrupted while it writes, the program leaves what was there.
func TestInterruptedWriting(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "in.jsonl", line("a", story)+"\n"+line("b", story)+"\n")
	write(t, "out.jsonl", "before")
	for n := range 40 {
		ctx := &counting{Context: t.Context(), left: n}
		var stdout, stderr bytes.Buffer
		p := Program{Name: "dedup", Set: formats.Standard()}
		status := p.Run(ctx, []string{"-out", "out.jsonl", "-workers", "1", "in.jsonl"}, nil, &stdout, &stderr)
		got := read(t, "out.jsonl")
		if status == failed && got != "before" || status == done && got == "before" || status == reported {
			t.Fatalf("after %d questions: status %d, %q, %s", n, status, got, &stderr)
		}
		if status == done {
			return
		}
	}
	t.Error("never done")
}

// counting is a context that ends when it has been asked a number of times.
type counting struct {
	context.Context
	left int
}

func (c *counting) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// The output of -dry-run has the names of the annotations.
func TestSchema(t *testing.T) {
	b, err := json.Marshal(going{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range formats.AnnotationNames {
		if !strings.Contains(string(b), fmt.Sprintf("%q:", name)) {
			t.Errorf("%s has no %s", b, name)
		}
	}
}
