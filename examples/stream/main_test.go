package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
)

const (
	story = "The harbour master said on Monday that the western gate would stay open until the last of the barges had passed the lock."
	other = "A committee of the provincial council has asked the railway to explain why the evening train no longer waits for the ferry."
)

func article(id, text, when string) string {
	return fmt.Sprintf(`{"id":%q,"text":%q,"time":%q}`+"\n", id, text, when)
}

func drive(t *testing.T, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(stdin), &out, &err)
	return out.String(), err.String(), status
}

// show prints verdicts in short: "c of a same, b contained; supersedes d contains".
func show(t *testing.T, out string) (s string) {
	t.Helper()
	for line := range strings.Lines(out) {
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		var v articles.Answer
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if v.Duplicates == nil || v.Supersedes == nil {
			t.Errorf("a list is null: %s", line)
		}
		list := func(name string, matches []neardup.Match) {
			for _, m := range matches {
				s += fmt.Sprintf("%s%s %v", name, m.ID, m.Kind)
				name = ", "
			}
		}
		s += v.ID
		list(" of ", v.Duplicates)
		list(" supersedes ", v.Supersedes)
		s += "\n"
	}
	return s
}

func TestVerdicts(t *testing.T) {
	in := article("a", story, "2025-10-01T10:00:00Z") +
		article("b", other, "2025-10-01T11:00:00Z") +
		article("c", story, "2025-10-01T12:00:00Z") +
		"\n" +
		`{"id":"d","text":""}` + "\n" +
		article("a", other, "2025-10-01T13:00:00Z") + // again, with another text
		`{"id":"e"}` + "\n" +
		"nonsense\n" +
		strings.TrimSpace(article("f", story+" So it did.", "2025-10-01T14:00:00+02:00")) + "\n" +
		strings.TrimSpace(article("g", story, "yesterday")) // no newline at the end
	stdout, stderr, status := drive(t, in)
	// d has no time, so it came now, and everything else is older than the window: nothing after it is held, but g, whose time
	// cannot be read, came now too.
	want := "a\nb\nc of a same\nd\na\nf\ng\n"
	if diff := cmp.Diff(want, show(t, stdout)); diff != "" {
		t.Errorf("stdout (-want +got):\n%s", diff)
	}
	for _, want := range []string{`line 7: article "e" has no "text"`, "line 8: not JSON", `line 10: article "g" is taken without its "time"`, "7 articles answered, 1 of them duplicates; 2 remembered"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, stderr)
		}
	}
	if status != 1 {
		t.Errorf("status %d, want 1", status)
	}
}

// An article that contains an earlier one is no duplicate of it: it supersedes it. A later excerpt is a duplicate.
func TestContained(t *testing.T) {
	long := func(from, to int) string {
		s := ""
		for i := from; i < to; i++ {
			s += fmt.Sprintf("On day %d the harbour master of port w%dx said that the v%dy gate would stay open for the u%dz barge. ", i, i*i, i*7, i*13)
		}
		return s
	}
	in := article("excerpt", long(0, 12), "2025-10-01") +
		article("whole", long(0, 40), "2025-10-01T10:00:00Z") +
		article("later", long(12, 24), "2025-10-01T12:00:00Z") +
		article("copy", long(0, 12), "2025-10-01T13:00:00Z")
	stdout, stderr, status := drive(t, in)
	want := "excerpt\nwhole supersedes excerpt contains\nlater of whole contained\ncopy of excerpt same, whole contained\n"
	if diff := cmp.Diff(want, show(t, stdout)); diff != "" || status != 0 {
		t.Errorf("status %d, %s; stdout (-want +got):\n%s", status, stderr, diff)
	}
}

func newTestMemory(t *testing.T, window time.Duration, most int) *memory {
	t.Helper()
	m, err := newMemory(window, most)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// text returns articles that have nothing in common.
func text(i int) string {
	var b strings.Builder
	for j := range 30 {
		fmt.Fprintf(&b, "w%dx%d ", i, j)
	}
	return b.String() + "."
}

// Whatever arrives, no more is held than the window and the maximum allow.
func TestBounded(t *testing.T) {
	start := time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC)
	m := newTestMemory(t, time.Hour, 50)
	for i := range 2000 {
		now := start.Add(time.Duration(i) * time.Minute)
		if i >= 1000 {
			now = start.Add(1000*time.Minute + time.Duration(i)*time.Second) // a burst
		}
		if _, err := m.judge(neardup.Article{ID: fmt.Sprint(i), Text: text(i), Time: now}, now); err != nil {
			t.Fatal(err)
		}
		if n := m.detector.Len(); n > 50 || n != len(m.times) || len(m.queue) > 2*n+1000 {
			t.Fatalf("after %d: %d held, %d times, %d in the queue", i, n, len(m.times), len(m.queue))
		}
		if i == 999 {
			if !m.detector.Has("999") || !m.detector.Has("950") || m.detector.Has("949") {
				t.Error("what is held is not the newest 50")
			}
		}
	}
	// One article over and over.
	for i := range 5000 {
		now := start.Add(3000*time.Minute + time.Duration(i)*time.Millisecond)
		if _, err := m.judge(neardup.Article{ID: "same", Text: text(i), Time: now}, now); err != nil {
			t.Fatal(err)
		}
	}
	if m.detector.Len() != 1 || len(m.queue) > 1002 {
		t.Errorf("%d held, %d in the queue", m.detector.Len(), len(m.queue))
	}
}

func TestWindow(t *testing.T) {
	now := time.Date(2025, 10, 1, 12, 0, 0, 0, time.UTC)
	m := newTestMemory(t, time.Hour, 100)
	ask := func(id string, at time.Time, c time.Duration) string {
		t.Helper()
		v, err := m.judge(neardup.Article{ID: id, Text: story, Time: at}, now.Add(c))
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, x := range v.Duplicates {
			ids = append(ids, x.ID)
		}
		return strings.Join(ids, " ")
	}
	for _, c := range []struct {
		id    string
		at    time.Time
		want  string
		clock time.Duration
	}{
		{"a", now.Add(-90 * time.Minute), "", 0},
		{"b", now.Add(-45 * time.Minute), "a", 0},                        // at the edge of the window: a is 45 minutes older
		{"c", now.Add(-20 * time.Minute), "a b", 0},                      // a is answered with, and forgotten after
		{"late", now.Add(-3 * time.Hour), "b c", 0},                      // before the window: answered, not held
		{"future", now.Add(1000 * time.Hour), "b c", 0},                  // counts as now
		{"d", now.Add(30 * time.Minute), "b c future", 30 * time.Minute}, // b is answered with, and forgotten after
	} {
		if got := ask(c.id, c.at, c.clock); got != c.want {
			t.Errorf("%s: duplicates %q, want %q", c.id, got, c.want)
		}
	}
	if m.detector.Has("late") || m.detector.Has("b") || !m.detector.Has("c") {
		t.Error("what is held is wrong")
	}
}

// A run that goes on from a saved state answers as one that was never stopped.
func TestState(t *testing.T) {
	var lines []string
	for i := range 40 {
		lines = append(lines, article(fmt.Sprint(i), text(i%25), time.Date(2025, 10, 1, i, 0, 0, 0, time.UTC).Format(time.RFC3339)))
	}
	want, _, status := drive(t, strings.Join(lines, ""), "-window", "20h")
	if status != 0 || !strings.Contains(want, `"duplicates":[]`) {
		t.Fatalf("status %d: %s", status, want)
	}
	for _, at := range []int{0, 1, 13, 39} {
		path := filepath.Join(t.TempDir(), "state")
		first, _, _ := drive(t, strings.Join(lines[:at], ""), "-window", "20h", "-state", path)
		second, stderr, status := drive(t, strings.Join(lines[at:], ""), "-window", "20h", "-state", path)
		if status != 0 {
			t.Fatalf("status %d: %s", status, stderr)
		}
		if diff := cmp.Diff(want, first+second); diff != "" {
			t.Errorf("stopped after %d (-want +got):\n%s", at, diff)
		}
		if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
			t.Errorf("files are %v, %v", files, err)
		}
	}
}

// A damaged state is trouble, and is not written over.
func TestBadState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	drive(t, article("a", story, "2025-10-01T10:00:00Z"), "-state", path)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other")
	d, err := neardup.New(neardup.Config{Threshold: 0.8})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SaveFile(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	otherwise, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{
		"empty":                 nil,
		"cut":                   good[:len(good)-1],
		"changed":               append([]byte{good[0] ^ 1}, good[1:]...),
		"more":                  append(good[:len(good):len(good)], 0),
		"noise":                 []byte("noise"),
		"another configuration": otherwise,
	}
	for name, data := range bad {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, status := drive(t, article("b", story, "2025-10-01T10:00:00Z"), "-state", path)
		if status != 2 || stdout != "" || !strings.Contains(stderr, path) {
			t.Errorf("%s: status %d, stdout %q, stderr %q", name, status, stdout, stderr)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, data) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// Answers come while the input is still open; an interrupt ends the run with the state saved.
func TestInterrupt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	ctx, stop := context.WithCancel(t.Context())
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan int)
	go func() { done <- run(ctx, []string{"-state", path}, inR, outW, &stderr) }()
	answers := bufio.NewScanner(outR)
	for _, id := range []string{"a", "b"} {
		if _, err := io.WriteString(inW, article(id, story, "2025-10-01T10:00:00Z")); err != nil {
			t.Fatal(err)
		}
		if !answers.Scan() {
			t.Fatal(answers.Err())
		}
		var v articles.Answer
		if err := json.Unmarshal(answers.Bytes(), &v); err != nil || v.ID != id || len(v.Duplicates) > 0 != (id == "b") {
			t.Fatalf("%s, %v", answers.Text(), err)
		}
	}
	if _, stderr, status := drive(t, "", "-state", path); status != 2 || !strings.Contains(stderr, "in use by ") {
		t.Errorf("a second run with the same state: status %d: %s", status, stderr)
	}
	stop()
	if status := <-done; status != 0 {
		t.Errorf("status %d: %s", status, &stderr)
	}
	stdout, _, status := drive(t, article("c", story, "2025-10-01T10:00:01Z"), "-state", path)
	if want := "c of a same, b same\n"; show(t, stdout) != want || status != 0 {
		t.Errorf("got %q, status %d", stdout, status)
	}
}

// However many copies and versions of one text come, an answer names a hundred, and is a duplicate.
func TestManyVersions(t *testing.T) {
	m := newTestMemory(t, time.Hour, 300)
	now := time.Date(2025, 10, 1, 12, 0, 0, 0, time.UTC)
	for i := range 400 {
		body := strings.Repeat(story+" "+other+" ", 3)
		if i%2 == 0 {
			body += fmt.Sprintf("So said v%dx.", i)
		}
		v, err := m.judge(neardup.Article{ID: fmt.Sprint(i), Text: body, Time: now}, now)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(v.Duplicates) + len(v.Supersedes); n != min(i, mostMatches) {
			t.Fatalf("%d: %d named, want %d", i, n, min(i, mostMatches))
		}
	}
	if n := m.detector.Len(); n != 300 || n != len(m.times) {
		t.Errorf("%d remembered, %d times, want 300", n, len(m.times))
	}
}

// childVariable makes the test binary be the program, for a test that kills it.
const childVariable = "NEARDUP_STREAM_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// Killed at any moment, the program leaves a state that can be read and has all that was answered but
// what came in the last interval, and the next run may have it at once.
func TestKill(t *testing.T) {
	const interval = 20 * time.Millisecond
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "state")
	answered := make(map[string]time.Time)
	next, kept := 0, 0
	for round := range 6 {
		cmd := exec.CommandContext(t.Context(), self, "-state", path, "-autosave", interval.String())
		cmd.Env = append(os.Environ(), childVariable+"=1")
		in, err1 := cmd.StdinPipe()
		out, err2 := cmd.StdoutPipe()
		if err := errors.Join(err1, err2, cmd.Start()); err != nil {
			t.Fatal(err)
		}
		var kill *time.Timer // runs from the first answer on: on a busy machine the program takes long to start
		answers := bufio.NewScanner(out)
		for {
			id := fmt.Sprint(next)
			if _, err := io.WriteString(in, article(id, text(next), "2025-10-01T10:00:00Z")); err != nil || !answers.Scan() {
				break
			}
			answered[id] = time.Now()
			if next++; kill == nil {
				kill = time.AfterFunc(time.Duration(60+37*round)*time.Millisecond, func() { _ = cmd.Process.Kill() })
			}
		}
		end := time.Now()
		if err := cmd.Wait(); err == nil {
			t.Fatal("the program ended by itself")
		}
		d, err := neardup.LoadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		kept = d.Len()
		for id, at := range answered {
			switch {
			case d.Has(id):
				answered[id] = time.Time{} // from now on, for good
			case at.IsZero() || end.Sub(at) > 50*interval: // this machine may be slow
				t.Errorf("round %d: %s is lost, answered %v before the end", round, id, end.Sub(at))
			default:
				delete(answered, id)
			}
		}
	}
	if kept < 10 {
		t.Errorf("%d articles kept: nothing was tested", kept)
	}
}

func TestTrouble(t *testing.T) {
	for _, args := range [][]string{{"file"}, {"-window", "0s"}, {"-window", "-1h"}, {"-max", "0"}, {"-autosave", "-1s"}, {"-x"}, {"-state", t.TempDir()}} {
		if stdout, stderr, status := drive(t, "", args...); status != 2 || stdout != "" || stderr == "" {
			t.Errorf("%q: status %d, stdout %q, stderr %q", args, status, stdout, stderr)
		}
	}
	var stderr bytes.Buffer
	if status := run(t.Context(), nil, strings.NewReader(article("a", story, "2025-10-01T10:00:00Z")), failing{}, &stderr); status != 2 {
		t.Errorf("full disk: status %d, %s", status, &stderr)
	}
	stderr.Reset()
	broken := io.MultiReader(strings.NewReader(article("a", story, "2025-10-01T10:00:00Z")), failing{})
	var stdout bytes.Buffer
	if status := run(t.Context(), nil, broken, &stdout, &stderr); status != 1 || !strings.HasPrefix(stdout.String(), `{"id":"a"`) || !strings.Contains(stderr.String(), "line 2: no light") {
		t.Errorf("broken input: status %d, %s%s", status, &stdout, &stderr)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left") }
func (failing) Read([]byte) (int, error)  { return 0, errors.New("no light") }

func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := run(t.Context(), []string{"-h"}, nil, &stdout, &stderr); status != 0 || stderr.Len() > 0 {
		t.Errorf("status %d, %s", status, &stderr)
	}
	for _, want := range []string{"usage: stream", "example:", "-window", `"duplicates": [MATCH, …]`, "exit status:"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %s in\n%s", want, &stdout)
		}
	}
}
