package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/corpus"
)

// childVariable makes the test binary be the program, for tests that kill it.
const childVariable = "NEARDUP_SERVE_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(status)
	}
	os.Exit(m.Run())
}

// A service is the program, running.
type service struct {
	t    testing.TB
	url  string
	stop func() int // and wait for its status
	log  *logged
}

// logged is what the program wrote.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// line waits for a line with a message and returns it.
func (l *logged) line(t testing.TB, message string) (line map[string]any) {
	t.Helper()
	for range 1000 {
		for text := range strings.Lines(l.String()) {
			if json.Unmarshal([]byte(text), &line) == nil && line["msg"] == message {
				return line
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no %q in the log:\n%s", message, l)
	return nil
}

// launch runs the program in this process until the test ends.
func launch(t testing.TB, dir string, args ...string) *service {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &service{t: t, log: &logged{}}
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, append([]string{"-addr", "127.0.0.1:0", "-state", dir}, args...), io.Discard, s.log)
	}()
	s.stop = sync.OnceValue(func() int {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if status := s.stop(); status != 0 && !t.Failed() {
			t.Errorf("status %d:\n%s", status, s.log)
		}
	})
	s.url = "http://" + s.log.line(t, "listening")["addr"].(string)
	s.log.line(t, "ready")
	return s
}

// do sends a request and returns the status and the body.
func (s *service) do(method, path, kind string, body io.Reader, header ...string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

const (
	object = typeObject
	ndjson = typeLines
)

// must is do where the status is to be 200.
func (s *service) must(method, path, kind, body string) string {
	s.t.Helper()
	status, answer := s.do(method, path, kind, strings.NewReader(body))
	if status != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	return answer
}

// form is an article as JSON.
func form(a neardup.Article) string {
	m := map[string]any{"id": a.ID, "text": a.Text, "source": a.Source}
	if !a.Time.IsZero() {
		m["time"] = a.Time
	}
	data, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(data) + "\n"
}

func forms(docs []neardup.Article) string {
	var b strings.Builder
	for _, a := range docs {
		b.WriteString(form(a))
	}
	return b.String()
}

// values reads JSON, one value a line.
func values[T any](t testing.TB, text string) (all []T) {
	t.Helper()
	s := bufio.NewScanner(strings.NewReader(text))
	s.Buffer(nil, 1<<24)
	for s.Scan() {
		d := json.NewDecoder(bytes.NewReader(s.Bytes()))
		d.DisallowUnknownFields()
		var v T
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%s: %v", articles.Abbreviate(s.Text(), 200), err)
		}
		all = append(all, v)
	}
	return all
}

// What the service says is what a Detector says to the same calls, in the same order, before and after
// a restart.
func TestEqualsDetector(t *testing.T) {
	docs := corpus.Articles(1500, 3)
	own, err := corpus.Files("../dedup/corpus")
	if err != nil {
		t.Fatal(err)
	}
	docs = append(docs, own...)
	if testing.Short() {
		docs = docs[len(docs)-800:]
	}
	d, err := neardup.New(config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := launch(t, dir)
	answer := func(a neardup.Article, ask func(neardup.Article) ([]neardup.Match, error)) articles.Answer {
		matches, err := ask(a)
		if err != nil {
			t.Fatal(err)
		}
		return articles.NewAnswer(a.ID, matches, nil)
	}
	same := func(what string, want, got any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-detector +service):\n%s", what, diff)
		}
	}
	found, contained := 0, 0
	for part := range slices.Chunk(docs, 700) {
		var want []articles.Answer
		for _, a := range part {
			want = append(want, answer(a, d.Replace))
			found += len(want[len(want)-1].Duplicates)
			contained += len(want[len(want)-1].Supersedes)
		}
		same("add", want, values[articles.Answer](t, s.must("POST", "/v1/add-all", ndjson, forms(part))))
	}
	if found < len(docs)/20 || contained < len(docs)/200 {
		t.Errorf("%d duplicates and %d superseded of %d articles: the corpus tests nothing", found, contained, len(docs))
	}
	// Some come again, with another text, and some go.
	for i := range 100 {
		a := docs[i*7%len(docs)]
		a.Text = docs[i*13%len(docs)].Text
		same("add", []articles.Answer{answer(a, d.Replace)}, values[articles.Answer](t, s.must("POST", "/v1/add", object, form(a))))
		id := docs[i*5%len(docs)].ID
		same("remove", []articles.Removal{{ID: id, Removed: d.Remove(id)}},
			values[articles.Removal](t, s.must("POST", "/v1/remove", object, form(neardup.Article{ID: id}))))
	}
	var want []articles.Answer
	for _, a := range docs[:500] {
		want = append(want, answer(a, d.Query))
	}
	same("query", want, values[articles.Answer](t, s.must("POST", "/v1/query-all", ndjson, forms(docs[:500]))))
	all := func() {
		t.Helper()
		groups, err := d.Groups(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := articles.WriteGroups(&want, groups); err != nil {
			t.Fatal(err)
		}
		same("groups", want.String(), s.must("GET", "/v1/groups", "", ""))
		same("entries", slices.Collect(d.Entries()), values[neardup.Entry](t, s.must("GET", "/v1/entries", "", "")))
		var bytes bytes.Buffer
		if _, err := d.WriteTo(&bytes); err != nil {
			t.Fatal(err)
		}
		if s.must("GET", "/v1/backup", "", "") != bytes.String() {
			t.Error("the backup is not what the detector writes")
		}
	}
	all()
	if status := s.stop(); status != 0 {
		t.Fatalf("status %d:\n%s", status, s.log)
	}
	s = launch(t, dir)
	all()
}

const (
	story = "The harbour master said on Monday that the western gate would stay open until the last of the barges had passed the lock."
	other = "A committee of the provincial council has asked the railway to explain why the evening train no longer waits for the ferry."
)

// A batch with lines that are refused does what the others say.
func TestOneBadLine(t *testing.T) {
	s := launch(t, t.TempDir(), "-text", "200", "-max", "3")
	in := form(neardup.Article{ID: "a", Text: story}) + "\n" +
		"nonsense\n" +
		`{"id":"b"}` + "\n" +
		form(neardup.Article{ID: "c", Text: strings.Repeat("long ", 100)}) +
		`{"id":7,"text":"` + story + `","time":"yesterday"}` + "\n" +
		`{"id":"d","text":"` + other + `","url":"https://www.example.org/d","time":"2026-01-02"}` + "\n" +
		"[]\n" +
		`{"id":"e","text":"` + other + `"}`
	got := ""
	for _, a := range values[articles.Answer](t, s.must("POST", "/v1/add-all", ndjson, in)) {
		if a.Duplicates == nil || a.Supersedes == nil {
			t.Errorf("a list of %q is null", a.ID)
		}
		got += fmt.Sprintf("%s|", a.ID)
		for _, m := range a.Duplicates {
			got += fmt.Sprintf("%s %v", m.ID, m.Kind)
		}
		got += "|" + a.Warning + "|" + a.Error + "\n"
	}
	want := `a|||
||not JSON: invalid character 'o' in literal null (expecting 'u')
|||article "b" has no "text"
c|||text of article "c" has 500 bytes, want at most 200
7|a same|article "7" is taken without its "time": "yesterday" is neither RFC 3339 nor YYYY-MM-DD|
d|||
|||line is a JSON array, want an object
e|d same||
`
	want = strings.Replace(want, "||not JSON", "|||not JSON", 1)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	entries := s.must("GET", "/v1/entries", "", "")
	want = `{"id":"a","size":19}
{"id":"7","size":19}
{"id":"d","source":"example.org","time":"2026-01-02T00:00:00Z","size":18}
{"id":"e","size":18}
`
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// No more may be held than -max says, as far as lines that came together can know, but what is held may change.
	if status, answer := s.do("POST", "/v1/add", object, strings.NewReader(form(neardup.Article{ID: "f", Text: story}))); status != 507 || !strings.Contains(answer, "4 articles") && !strings.Contains(answer, "3 articles") {
		t.Errorf("%d %s", status, answer)
	}
	s.must("POST", "/v1/add", object, form(neardup.Article{ID: "a", Text: other}))
	got = s.must("POST", "/v1/remove-all", ndjson, `{"id":7}`+"\n"+`{"id":"7"}`+"\n{}\n"+`{"id":"none"}`)
	want = `{"id":"7","removed":true}
{"id":"7","removed":false}
{"id":"","removed":false,"error":"no \"id\""}
{"id":"none","removed":false}
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWindow(t *testing.T) {
	t.Parallel() // it waits
	dir := t.TempDir()
	s := launch(t, dir, "-window", "2s")
	now := time.Now()
	at := func(id string, d time.Duration) string {
		return form(neardup.Article{ID: id, Text: story, Time: now.Add(d)})
	}
	got := values[articles.Answer](t, s.must("POST", "/v1/add-all", ndjson,
		at("old", -time.Hour)+at("older soon", -time.Second)+at("future", time.Hour)+`{"id":"now","text":"`+story+`"}`+"\n"+at("late", -time.Minute)))
	if got[0].Warning == "" || len(got[4].Duplicates) == 0 || got[4].Warning == "" {
		t.Errorf("what is older than the window is to be answered, and that it is not held said: %+v", got)
	}
	held := func() (ids []string) {
		for _, e := range values[neardup.Entry](t, s.must("GET", "/v1/entries", "", "")) {
			ids = append(ids, e.ID)
		}
		return ids
	}
	if diff := cmp.Diff([]string{"older soon", "future", "now"}, held()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for range 100 {
		if len(held()) == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if ids := held(); len(ids) > 0 || time.Since(now) < time.Second {
		t.Errorf("%v are held after %v", ids, time.Since(now))
	}
}

// A snapshot that is damaged is said to be, and costs nothing. Where it would cost something the
// program does not start, and the journal stays.
func TestDamagedSnapshot(t *testing.T) {
	dir := t.TempDir()
	docs := corpus.Articles(90, 6)
	// What is learnt of sources may be another after a replay, which looks nothing up.
	held := func(s *service) string {
		return s.must("GET", "/v1/entries", "", "") + s.must("GET", "/v1/groups", "", "")
	}
	var want string
	for part := range slices.Chunk(docs, 30) { // each run ends with a snapshot
		s := launch(t, dir)
		s.must("POST", "/v1/add-all", ndjson, forms(part))
		want = held(s)
		s.stop()
	}
	paths := func() (paths []string) {
		numbers, err := snapshots(dir)
		if err != nil || len(numbers) != 2 {
			t.Fatalf("snapshots are %v, %v, want 2", numbers, err)
		}
		for _, n := range numbers {
			paths = append(paths, snapshotPath(dir, n))
		}
		return paths
	}
	damage := func(path string) (former []byte) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		former = bytes.Clone(data)
		data[len(data)/2] ^= 1
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return former
	}
	newest := paths()[1]
	damage(newest)
	s := launch(t, dir)
	if got := s.log.line(t, "snapshot is damaged; an older one and the journal are tried")["path"]; got != newest {
		t.Errorf("path is %v, want %v", got, newest)
	}
	if held(s) != want {
		t.Error("what is held is not what was held")
	}
	s.stop() // writes the newest again
	older := paths()[0]
	former := damage(older)
	damage(newest)
	before, err := os.ReadFile(filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	if status, log := try(t, "-addr", "127.0.0.1:0", "-state", dir); status != 2 ||
		!strings.Contains(log, "no snapshot") || !strings.Contains(log, "put a backup there as "+filepath.Base(older)) {
		t.Errorf("status %d: %s", status, log)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "journal.db")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the journal has changed, or %v", err)
	}
	// With a backup of that time everything is there again.
	if err := os.WriteFile(older, former, 0o600); err != nil {
		t.Fatal(err)
	}
	if s = launch(t, dir); held(s) != want {
		t.Error("what is held is not what was held")
	}
}

// try runs the program where it is not to start.
func try(t *testing.T, args ...string) (status int, log string) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var l logged
	return run(ctx, args, &l, &l), l.String()
}

// A journal that is damaged is said to be.
func TestDamagedJournal(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"text":  func(b []byte) []byte { b[bytes.LastIndex(b, []byte("barges"))] ^= 1; return b },
		"noise": func([]byte) []byte { return []byte(strings.Repeat("noise ", 10_000)) },
		"meta":  func(b []byte) []byte { clear(b[:8192]); return b },
	} {
		dir := t.TempDir()
		j, err := openJournal(filepath.Join(dir, "journal.db"))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(j.append([][]byte{change{Article: neardup.Article{ID: "a", Text: story}, kind: kindPut}.encode()}), j.close()); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "journal.db"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "journal.db"), damage(data), 0o600); err != nil {
			t.Fatal(err)
		}
		if status, log := try(t, "-addr", "127.0.0.1:0", "-state", dir); status != 2 || !strings.Contains(log, "journal") {
			t.Errorf("%s: status %d: %s", name, status, log)
		}
	}
}

// What a backup has is all there is to it.
func TestBackup(t *testing.T) {
	s := launch(t, t.TempDir())
	s.must("POST", "/v1/add-all", ndjson, forms(corpus.Articles(300, 5)))
	backup := s.must("GET", "/v1/backup", "", "")
	dir := t.TempDir()
	if err := os.WriteFile(snapshotPath(dir, 0), []byte(backup), 0o600); err != nil {
		t.Fatal(err)
	}
	s.must("POST", "/v1/add-all", ndjson, form(neardup.Article{ID: "x", Text: story})) // is not in it
	r := launch(t, dir)
	if again := r.must("GET", "/v1/backup", "", ""); again != backup {
		t.Error("what was restored is not what was saved")
	}
	r.must("POST", "/v1/add", object, form(neardup.Article{ID: "y", Text: story}))
	r.stop()
	if r = launch(t, dir); !strings.Contains(r.must("GET", "/v1/entries", "", ""), `"y"`) {
		t.Error("what was added after is lost")
	}
}

// The commands of the README do what it says, as they are written.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("SKIPPED, NOTHING TESTED: no curl here")
	}
	s := launch(t, t.TempDir())
	out := ""
	n := 0
	for line := range strings.Lines(string(readme)) {
		command, ok := strings.CutPrefix(line, "    curl ")
		if !ok {
			continue
		}
		n++
		command = strings.ReplaceAll("curl -sS --fail "+command, "localhost:7310", strings.TrimPrefix(s.url, "http://"))
		command = strings.ReplaceAll(command, "-o ", "-o "+t.TempDir()+"/")
		said, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", command, err, said)
		}
		out += string(said)
	}
	for _, want := range []string{
		`{"id":"a","duplicates":[],"supersedes":[]}`, `{"id":"b","duplicates":[{"id":"a","kind":"same",`, `{"representative":`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the commands do not print %s:\n%s", want, out)
		}
	}
	if n < 5 {
		t.Errorf("%d commands, want 5", n)
	}
	// Every flag that it names is one.
	_, help := try(t, "-h")
	for _, m := range regexp.MustCompile("`(-[a-z]+)").FindAllStringSubmatch(string(readme), -1) {
		if !strings.Contains(help, "  "+m[1]) {
			t.Errorf("%s is no flag", m[1])
		}
	}
}

// Two programs cannot have one directory.
func TestOneOwner(t *testing.T) {
	t.Parallel() // it waits
	dir := t.TempDir()
	launch(t, dir)
	if status, log := try(t, "-addr", "127.0.0.1:0", "-state", dir); status != 2 || !strings.Contains(log, "in use by another process") {
		t.Errorf("status %d: %s", status, log)
	}
}

func TestTrouble(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{}, {"-state", "x", "y"}, {"-state", "x", "-window", "-1s"}, {"-state", "x", "-body", "0"}, {"-state", "x", "-log", "loud"},
		{"-state", "x", "-addr", "nowhere"}, {"-state", "x", "-token-file", empty}, {"-state", "x", "-token-file", empty + "x"},
		{"-no"}, {"-state", empty, "-addr", "127.0.0.1:0"}, {"-state", "x", "-buffer", "1"},
	} {
		if status, log := try(t, args...); status != 2 || log == "" {
			t.Errorf("%q: status %d, %q", args, status, log)
		}
	}
	t.Setenv("NEARDUP_TOKEN", "hush")
	if status, log := try(t, "-h"); status != 0 || strings.Contains(log, "hush") || !strings.Contains(log, "/v1/add") {
		t.Errorf("-h: status %d: %s", status, log)
	}
}
