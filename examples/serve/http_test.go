package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/corpus"
	"github.com/neardup/neardup/examples/serve/internal/client"
)

// Whatever is sent gets a status and a sentence, and the service goes on.
func TestHostile(t *testing.T) {
	t.Parallel() // it waits
	s := launch(t, t.TempDir(), "-body", "100000", "-text", "5000", "-batch", "50", "-timeout", "1s")
	text := func(n int) string { return strings.Repeat("word ", n/5) }
	for _, c := range []struct {
		name, method, path, kind, body string
		header                         []string
		status                         int
	}{
		{name: "nothing", path: "/v1/add", kind: object, status: 400},
		{name: "noise", path: "/v1/add", kind: object, body: "\x00\xff\x01", status: 400},
		{name: "array", path: "/v1/query", kind: object, body: "[]", status: 400},
		{name: "null", path: "/v1/add", kind: object, body: "null", status: 400},
		{name: "deep", path: "/v1/add", kind: object, body: strings.Repeat("[", 50_000), status: 400},
		{name: "deep object", path: "/v1/add", kind: object, body: strings.Repeat(`{"id":`, 15_000), status: 400},
		{name: "two objects", path: "/v1/add", kind: object, body: `{"id":"a","text":""}{"id":"b","text":""}`, status: 400},
		{name: "no id", path: "/v1/add", kind: object, body: `{"text":"x"}`, status: 400},
		{name: "empty id", path: "/v1/add", kind: object, body: `{"id":"","text":"x"}`, status: 400},
		{name: "odd id", path: "/v1/add", kind: object, body: `{"id":{"x":1},"text":"x"}`, status: 400},
		{name: "odd text", path: "/v1/add", kind: object, body: `{"id":"a","text":7}`, status: 400},
		{name: "long id", path: "/v1/add", kind: object, body: `{"id":"` + text(2000) + `","text":"x"}`, status: 400},
		{name: "long source", path: "/v1/add", kind: object, body: `{"id":"a","text":"x","source":"` + text(2000) + `"}`, status: 400},
		{name: "long text", path: "/v1/add", kind: object, body: `{"id":"a","text":"` + text(6000) + `"}`, status: 413},
		{name: "long body", path: "/v1/add", kind: object, body: text(200_000), status: 413},
		{name: "many lines", path: "/v1/add-all", kind: ndjson, body: strings.Repeat("{}\n", 51), status: 413},
		{name: "no lines", path: "/v1/add-all", kind: ndjson, body: "\n\n\n", status: 200},
		{name: "no type", path: "/v1/add", body: `{"id":"a","text":"x"}`, status: 415},
		{name: "form", path: "/v1/add", kind: "application/x-www-form-urlencoded", body: `{"id":"a","text":"x"}`, status: 415},
		{name: "odd type", path: "/v1/add", kind: ";;;", body: `{"id":"a","text":"x"}`, status: 415},
		{name: "compressed", path: "/v1/add", kind: object, body: "x", header: []string{"Content-Encoding", "gzip"}, status: 415},
		{name: "method", method: "GET", path: "/v1/add", status: 405},
		{name: "odd method", method: "BREW", path: "/v1/groups", status: 405},
		{name: "path", method: "GET", path: "/v1/nothing", status: 404},
		{name: "climbing", method: "GET", path: "/v1/..%2f..%2fetc%2fpasswd", status: 404},
		{name: "policy", method: "GET", path: "/v1/groups?policy=shortest", status: 400},
		{name: "explain one", path: "/v1/explain", kind: object, body: `{"a":{"text":"x"}}`, status: 400},
		{name: "explain nothing", path: "/v1/explain", kind: object, body: `{"a":"x","b":{}}`, status: 400},
		{name: "explain noise", path: "/v1/explain", kind: object, body: `{`, status: 400},
		{name: "explain long", path: "/v1/explain", kind: object, body: `{"a":{"text":"x"},"b":{"text":"` + text(6000) + `"}}`, status: 413},
		{name: "explain lines", path: "/v1/explain", kind: ndjson, body: `{}`, status: 415},
		{name: "remove noise", path: "/v1/remove", kind: object, body: `"a"`, status: 400},
	} {
		method := c.method
		if method == "" {
			method = "POST"
		}
		status, answer := s.do(method, c.path, c.kind, strings.NewReader(c.body), c.header...)
		var said struct{ Error string }
		err := json.Unmarshal([]byte(answer), &said)
		if status != c.status || status != 200 && (err != nil || len(said.Error) < 7 || strings.Contains(said.Error, "main.")) {
			t.Errorf("%s: %d %s, want %d and a sentence", c.name, status, answer, c.status)
		}
	}
	if n := s.must("GET", "/v1/entries", "", ""); n != "" {
		t.Errorf("something is held: %s", n)
	}
	// A body that is larger than it says, or does not say.
	status, answer := s.do("POST", "/v1/add", object, io.MultiReader(strings.NewReader(text(90_000)), strings.NewReader(text(90_000))))
	if status != 413 {
		t.Errorf("chunked: %d %s", status, answer)
	}
	// Headers that net/http answers itself.
	for name, c := range map[string]struct{ request, want string }{
		"no request":    {"noise\r\n\r\n", "400"},
		"huge header":   {"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + text(60_000) + "\r\n\r\n", "431"},
		"no host":       {"GET /healthz HTTP/1.1\r\n\r\n", "400"},
		"odd length":    {"POST /v1/add HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400"},
		"odd encoding":  {"POST /v1/add HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: odd\r\n\r\n", "501"},
		"odd chunk":     {"POST /v1/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", "400"},
		"short body":    {"POST /v1/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{", "408"},
		"old protocol":  {"GET /healthz HTTP/1.0\r\n\r\n", "200"},
		"other version": {"GET /healthz HTTP/7.0\r\nHost: x\r\n\r\n", "505"},
	} {
		if got := s.raw(c.request); !strings.Contains(got, " "+c.want+" ") {
			t.Errorf("%s: %q, want %s", name, got, c.want)
		}
	}
	// A header that never ends: the connection does.
	if got := s.raw("GET /healthz HTTP/1.1\r\nHost: x\r\nX: y"); got != "" {
		t.Errorf("half a header: %q", got)
	}
	s.must("GET", "/healthz", "", "")
}

// raw sends bytes and returns the first line of the answer, or "" if the connection ends.
func (s *service) raw(request string) string {
	s.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		s.t.Fatal(err)
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil && err != io.EOF {
		s.t.Errorf("%q: %v", articles.Abbreviate(request, 60), err)
	}
	return line
}

func TestToken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := launch(t, t.TempDir(), "-token-file", file, "-log", "debug")
	for _, c := range []struct {
		path, header string
		want         int
	}{
		{"/v1/stats", "", 401}, {"/v1/stats", "Bearer", 401}, {"/v1/stats", "Bearer hus", 401}, {"/v1/stats", "Basic hush", 401},
		{"/v1/stats", "Bearer hush", 200}, {"/v1/stats", "bearer  hush", 200}, {"/metrics", "", 401}, {"/metrics", "Bearer hush", 200},
		{"/healthz", "", 200}, {"/readyz", "", 200}, {"/openapi.yaml", "", 200}, {"/v1/nothing", "", 404},
	} {
		if status, answer := s.do("GET", c.path, "", nil, "Authorization", c.header); status != c.want {
			t.Errorf("%s with %q: %d %s, want %d", c.path, c.header, status, answer, c.want)
		}
	}
	s.stop()
	if strings.Contains(s.log.String(), "hush") {
		t.Error("the token is in the log")
	}
}

func TestLimits(t *testing.T) {
	t.Parallel() // it waits
	s := launch(t, t.TempDir(), "-rate", "50")
	one := func() (int, string) {
		return s.do("POST", "/v1/query", object, strings.NewReader(form(neardup.Article{ID: "a", Text: story})))
	}
	if status, answer := one(); status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	s.must("POST", "/v1/query-all", ndjson, strings.Repeat(form(neardup.Article{ID: "a", Text: story}), 80)) // into debt
	if status, answer := one(); status != 429 || !strings.Contains(answer, "50 articles a second") {
		t.Errorf("%d %s", status, answer)
	}
	time.Sleep(time.Second)
	if status, answer := one(); status != 200 {
		t.Errorf("after a second: %d %s", status, answer)
	}
}

// Bodies that come slowly have room for so many bytes, and no more.
func TestBuffer(t *testing.T) {
	s := launch(t, t.TempDir(), "-body", "200000", "-buffer", "400000")
	var slow []*io.PipeWriter
	var wg sync.WaitGroup
	for range 3 {
		r, w := io.Pipe()
		slow = append(slow, w)
		wg.Go(func() {
			if status, answer := s.do("POST", "/v1/query-all", ndjson, r); status != 200 {
				t.Errorf("a slow one: %d %s", status, answer)
			}
		})
		if _, err := w.Write(bytes.Repeat([]byte("\n"), 120_000)); err != nil {
			t.Fatal(err)
		}
	}
	const held = "neardup_http_buffered_bytes"
	for range 1000 {
		if s.metric(held) == "393216" { // of three times 2^17
			break
		}
		time.Sleep(time.Millisecond)
	}
	ask := func(n int) (int, string) {
		return s.do("POST", "/v1/query", object, strings.NewReader(form(neardup.Article{ID: "a", Text: strings.Repeat("word ", n/5)})))
	}
	if status, answer := ask(20_000); status != 503 || !strings.Contains(answer, "too many bytes") {
		t.Errorf("%d %s", status, answer)
	}
	if status, answer := ask(1000); status != 200 {
		t.Errorf("a small one: %d %s", status, answer)
	}
	for _, w := range slow {
		w.Close()
	}
	wg.Wait()
	if status, answer := ask(20_000); status != 200 {
		t.Errorf("%d %s", status, answer)
	}
	if n := s.metric(held); n != "0" {
		t.Errorf("%s bytes are counted as held", n)
	}
	if n := s.metric(`neardup_http_requests_total{code="503",route="/v1/query"}`); n != "1" {
		t.Errorf("%s requests were refused, want 1", n)
	}
}

// metric returns the value of a metric, "" if there is none.
func (s *service) metric(name string) string {
	s.t.Helper()
	m := regexp.MustCompile("(?m)^" + regexp.QuoteMeta(name) + " (.*)$").FindStringSubmatch(s.must("GET", "/metrics", "", ""))
	if m == nil {
		return ""
	}
	return m[1]
}

// A limit lets so many through in a second, and says when more are.
func TestBucket(t *testing.T) {
	b := bucket{rate: 10}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	let := 0
	for range 10_000 {
		wait := b.wait(now)
		if wait == 0 {
			b.take(1)
			let++
			continue
		}
		if wait > 100*time.Millisecond {
			t.Fatalf("wait %v, want at most a tenth of a second", wait)
		}
		now = now.Add(wait)
		if now.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) > 10*time.Second {
			break
		}
	}
	if let < 108 || let > 112 {
		t.Errorf("%d in 10 seconds, want 110", let)
	}
	b.take(50)
	if wait := b.wait(now); wait < 4*time.Second || wait > 6*time.Second {
		t.Errorf("after a debt of 50 the wait is %v", wait)
	}
}

// All places are taken: others wait a little, and then are told.
func TestConcurrency(t *testing.T) {
	s := make(slots, 1)
	if !s.take(t.Context(), 0) || s.take(t.Context(), time.Millisecond) {
		t.Fatal("want one place")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s.take(ctx, time.Hour) {
		t.Error("a place for one who went away")
	}
	s.leave()
	if !s.take(t.Context(), 0) {
		t.Error("no place after one was left")
	}
}

// A body counts as it comes, and not any more once it is released.
func TestReadAll(t *testing.T) {
	for _, n := range []int{0, 1, 65_535, 65_536, 65_537, 300_000} {
		for _, said := range []int64{-1, 0, int64(n), 1 << 40} {
			s := &server{}
			data, release, err := readAll(strings.NewReader(strings.Repeat("x", n)), said, &s.buffered, 1<<20)
			if err != nil || len(data) != n || s.buffered.Load() < int64(n) {
				t.Errorf("%d bytes, %d said: %d read, %d counted, %v", n, said, len(data), s.buffered.Load(), err)
			}
			if release(); s.buffered.Load() != 0 {
				t.Errorf("%d are counted after release", s.buffered.Load())
			}
			if _, release, err = readAll(strings.NewReader(strings.Repeat("x", n)), said, &s.buffered, 1000); n > 1000 && err == nil {
				t.Errorf("%d bytes were read where 1000 may be", n)
			}
			if release(); s.buffered.Load() != 0 {
				t.Errorf("%d are counted after release", s.buffered.Load())
			}
		}
	}
}

// A client that was generated from the description understands the service, and the description names
// every path there is.
func TestClient(t *testing.T) {
	s := launch(t, t.TempDir())
	c, err := client.NewClientWithResponses(s.url)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	source := "courier"
	add := func(id, text string) *client.AddResponse {
		t.Helper()
		r, err := c.AddWithResponse(ctx, client.Article{Id: id, Text: text, Source: &source})
		if err != nil || r.JSON200 == nil {
			t.Fatalf("%v: %s", err, r.Body)
		}
		return r
	}
	add("a", story)
	if m := add("b", story).JSON200.Duplicates; len(m) != 1 || m[0].Id != "a" || m[0].Kind != client.MatchKindSame || m[0].Reason != "each-in-other" {
		t.Errorf("duplicates are %+v", m)
	}
	q, err := c.QueryWithResponse(ctx, client.Article{Id: "c", Text: other})
	if err != nil || q.JSON200 == nil || len(q.JSON200.Duplicates) != 0 {
		t.Errorf("%v: %s", err, q.Body)
	}
	many, err := c.AddAllWithBodyWithResponse(ctx, ndjson, strings.NewReader(forms(corpus.Articles(20, 2))))
	if err != nil || many.StatusCode() != 200 || bytes.Count(many.Body, []byte("\n")) != 20 {
		t.Errorf("%v: %s", err, many.Body)
	}
	x, err := c.ExplainWithResponse(ctx, client.ExplainJSONRequestBody{A: client.Text{Text: story}, B: client.Text{Text: story + " " + other}})
	if err != nil || x.JSON200 == nil || x.JSON200.Kind != "contained" || len(x.JSON200.Passages) != 1 || x.JSON200.B.Features < 30 {
		t.Errorf("%v: %s", err, x.Body)
	}
	policy := client.Longest
	g, err := c.GroupsWithResponse(ctx, &client.GroupsParams{Policy: &policy})
	if err != nil || g.StatusCode() != 200 {
		t.Fatalf("%v: %s", err, g.Body)
	}
	if groups := values[client.Group](t, string(g.Body)); len(groups) == 0 {
		t.Error("no groups")
	}
	e, err := c.EntriesWithResponse(ctx)
	if entries := values[client.Entry](t, string(e.Body)); err != nil || len(entries) != 22 {
		t.Errorf("%v: %d entries", err, len(entries))
	}
	r, err := c.RemoveWithResponse(ctx, client.ID{Id: "a"})
	if err != nil || r.JSON200 == nil || !r.JSON200.Removed {
		t.Errorf("%v: %s", err, r.Body)
	}
	st, err := c.StatsWithResponse(ctx)
	if err != nil || st.JSON200 == nil || st.JSON200.Articles != 21 {
		t.Errorf("%v: %s", err, st.Body)
	}
	bad, err := c.AddWithResponse(ctx, client.Article{Text: "x"})
	if err != nil || bad.JSON4XX == nil || bad.JSON4XX.Error != `no "id"` || bad.StatusCode() != 400 {
		t.Errorf("%v: %s", err, bad.Body)
	}
	for _, ask := range []func() (int, error){
		func() (int, error) { r, err := c.HealthWithResponse(ctx); return r.StatusCode(), err },
		func() (int, error) { r, err := c.ReadyWithResponse(ctx); return r.StatusCode(), err },
		func() (int, error) { r, err := c.BackupWithResponse(ctx); return r.StatusCode(), err },
		func() (int, error) { r, err := c.MetricsWithResponse(ctx); return r.StatusCode(), err },
	} {
		if status, err := ask(); err != nil || status != 200 {
			t.Errorf("%d, %v", status, err)
		}
	}
	var described []string
	for _, m := range regexp.MustCompile(`(?m)^  (/\S*):$`).FindAllStringSubmatch(s.must("GET", "/openapi.yaml", "", ""), -1) {
		described = append(described, m[1])
	}
	var there []string
	for path := range (&server{metrics: newMetrics()}).routes() {
		there = append(there, path)
	}
	slices.Sort(described)
	slices.Sort(there)
	if diff := cmp.Diff(there, described); diff != "" {
		t.Errorf("paths (-there +described):\n%s", diff)
	}
}

// Who is being answered when the program is stopped is answered to the end; who comes later is told.
func TestGracefulStop(t *testing.T) {
	s := launch(t, t.TempDir())
	body, w := io.Pipe()
	status := make(chan string, 1)
	go func() {
		code, answer := s.do("POST", "/v1/add", object, body)
		status <- fmt.Sprint(code, " ", answer)
	}()
	_, _ = io.WriteString(w, `{"id":"a","text":"`)
	for s.metric("neardup_http_requests_in_flight") != "2" { // that one, and this
		time.Sleep(time.Millisecond)
	}
	stopped := make(chan int)
	go func() { stopped <- s.stop() }()
	time.Sleep(50 * time.Millisecond)
	_, _ = io.WriteString(w, story+`"}`)
	w.Close()
	if got := <-status; !strings.HasPrefix(got, `200 {"id":"a"`) {
		t.Errorf("the request that had begun: %s", got)
	}
	if code := <-stopped; code != 0 {
		t.Errorf("status %d", code)
	}
	if _, err := http.Get(s.url + "/healthz"); err == nil {
		t.Error("it still answers")
	}
}

// Changes and questions come from all sides while snapshots, backups and groups are made.
func TestConcurrent(t *testing.T) {
	s := launch(t, t.TempDir(), "-snapshot", "10ms")
	docs := corpus.Articles(200, 4)
	var wg sync.WaitGroup
	for part := range slices.Chunk(docs, 50) {
		wg.Go(func() {
			for _, a := range part {
				s.must("POST", "/v1/add", object, form(a))
				s.must("POST", "/v1/query", object, form(a))
			}
		})
	}
	stop := make(chan struct{})
	var reading sync.WaitGroup
	for _, path := range []string{"/v1/groups", "/v1/entries", "/v1/backup", "/metrics", "/v1/stats"} {
		reading.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
					s.do("GET", path, "", nil)
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	reading.Wait()
	if n := len(values[neardup.Entry](t, s.must("GET", "/v1/entries", "", ""))); n != len(docs) {
		t.Errorf("%d are held, want %d", n, len(docs))
	}
}
