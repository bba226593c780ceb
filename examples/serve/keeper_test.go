package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/corpus"
)

// The bytes of a change are those that they always were: a journal is read by later versions.
func TestChangeGolden(t *testing.T) {
	for _, c := range []struct {
		change change
		want   string
	}{
		{change{Article: neardup.Article{ID: "a"}, kind: kindRemove}, "020161617904af"},
		{change{Article: neardup.Article{ID: "a", Text: "x y"}, kind: kindPut}, "010161000000037820797253d8f8"},
		{
			change{Article: neardup.Article{ID: "a", Source: "s", Text: "é", Time: time.Date(1969, 12, 31, 23, 59, 58, 7, time.UTC)}, kind: kindPut},
			"01016101730308" + "02c3a9" + "516f188e",
		},
	} {
		got := c.change.encode()
		if hex.EncodeToString(got) != c.want {
			t.Errorf("%+v: %x, want %s", c.change, got, c.want)
		}
		back, err := decodeChange(got)
		if diff := cmp.Diff(c.change, back, cmp.AllowUnexported(change{})); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		for i := range got {
			bad := bytes.Clone(got)
			bad[i] ^= 0x40
			if _, err := decodeChange(bad); !errors.Is(err, errDamaged) {
				t.Errorf("byte %d of %x changed: %v", i, got, err)
			}
			if _, err := decodeChange(got[:i]); !errors.Is(err, errDamaged) {
				t.Errorf("%x cut to %d: %v", got, i, err)
			}
		}
	}
}

// Whatever stands before a checksum that is right is a change, or refused.
func FuzzDecodeChange(f *testing.F) {
	for _, c := range []change{
		{Article: neardup.Article{ID: "a"}, kind: kindRemove},
		{Article: neardup.Article{ID: "a", Source: "s", Text: "text", Time: time.Unix(1, 2)}, kind: kindPut},
	} {
		data := c.encode()
		f.Add(data[:len(data)-4])
	}
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0xff}, 30))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := decodeChange(binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, castagnoli)))
		if err != nil {
			if !errors.Is(err, errDamaged) {
				t.Fatal(err)
			}
			return
		}
		again, err := decodeChange(c.encode())
		if diff := cmp.Diff(c, again, cmp.AllowUnexported(change{})); diff != "" || err != nil {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
	})
}

// Segments begin, go and are found again, and numbers never come twice.
func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := openJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	reopen := func() {
		t.Helper()
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
		if j, err = openJournal(path); err != nil {
			t.Fatal(err)
		}
	}
	put := func(ids ...string) {
		t.Helper()
		var records [][]byte
		for _, id := range ids {
			records = append(records, change{Article: neardup.Article{ID: id}, kind: kindRemove}.encode())
		}
		if err := j.append(records); err != nil {
			t.Fatal(err)
		}
	}
	rotate := func(at, want uint64) {
		t.Helper()
		if last, err := j.rotate(at); last != want || err != nil {
			t.Fatalf("rotate: %d, %v, want %d", last, err, want)
		}
	}
	check := func(after, first uint64, want string) {
		t.Helper()
		got := ""
		err := j.after(after, func(c change) error { got += c.ID; return nil })
		n, err2 := j.first()
		if got != want || n != first || err != nil || err2 != nil {
			t.Errorf("%q from %d on, %v, %v, want %q from %d on", got, n, err, err2, want, first)
		}
	}
	check(0, 1, "")
	rotate(0, 0)
	put("a", "b")
	put("c")
	reopen()
	check(0, 1, "abc")
	check(2, 1, "c")
	check(3, 1, "")
	rotate(0, 3)
	rotate(0, 3) // nothing came
	put("d")
	rotate(0, 4)
	reopen()
	check(0, 1, "abcd")
	put("e", "f")
	check(3, 1, "def")
	for _, c := range []struct {
		drop, first uint64
		want        string
	}{{0, 1, "abcdef"}, {2, 1, "abcdef"}, {3, 4, "def"}, {4, 5, "ef"}, {5, 5, "ef"}, {6, 5, "ef"}} { // the last segment stays
		if err := j.drop(c.drop); err != nil {
			t.Fatal(err)
		}
		check(0, c.first, c.want)
	}
	rotate(100, 99) // a snapshot from elsewhere was ahead
	if err := j.drop(99); err != nil {
		t.Fatal(err)
	}
	put("g")
	reopen()
	check(99, 100, "g")
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
}

// local is a service in this process, to look into.
func local(t *testing.T, l limits) *server {
	t.Helper()
	m, log := newMetrics(), slog.New(slog.DiscardHandler)
	k := newKeeper(t.TempDir(), 0, 0, m, log)
	if err := k.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.close(t.Context()) })
	s := newServer(k, m, log, l, "")
	s.setPhase("")
	return s
}

var usual = limits{body: 1 << 20, text: 1 << 20, batch: 1000, buffer: 1 << 24, concurrency: 4, timeout: 100 * time.Millisecond}

// Where the journal cannot be written nothing is acknowledged, whoever asks is told, and questions are
// answered.
func TestUnwritable(t *testing.T) {
	s := local(t, usual)
	do := func(method, path, body string) (int, string) {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		if r.Header.Set("Content-Type", object); strings.HasSuffix(path, "-all") {
			r.Header.Set("Content-Type", ndjson)
		}
		w := httptest.NewRecorder()
		s.handler().ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	a := form(neardup.Article{ID: "a", Text: story})
	if status, answer := do("POST", "/v1/add", a); status != 200 {
		t.Fatal(status, answer)
	}
	if err := s.keeper.journal.close(); err != nil { // as good as a disk that fails
		t.Fatal(err)
	}
	for range 2 {
		for _, path := range []string{"/v1/add", "/v1/add-all", "/v1/remove", "/v1/remove-all"} {
			if status, answer := do("POST", path, a); status != 503 || !strings.Contains(answer, "not stored: ") {
				t.Errorf("%s: %d %s", path, status, answer)
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, answer := do("GET", path, ""); status != 503 || !strings.Contains(answer, "journal cannot be written") {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
	if status, answer := do("POST", "/v1/query", form(neardup.Article{ID: "b", Text: story})); status != 200 || !strings.Contains(answer, `"a"`) {
		t.Errorf("query: %d %s", status, answer)
	}
}

// pipes is a listener for connections in memory, which have no buffers.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A client that does not read its answer, or does not send its request, is given up, and what it held
// is free again.
func TestSlowClient(t *testing.T) {
	t.Parallel() // it waits
	s := local(t, usual)
	for _, a := range corpus.Articles(200, 3) {
		if _, err := s.keeper.detector.Add(a); err != nil {
			t.Fatal(err)
		}
	}
	p := make(pipes)
	h := &http.Server{Handler: s.handler(), ReadHeaderTimeout: s.limits.timeout}
	go func() { _ = h.Serve(p) }()
	defer h.Close()
	for _, request := range []string{
		"GET /v1/entries HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /v1/backup HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /v1/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
		"GET /v1/groups HTTP/1.1\r\nHost: ",
	} {
		mine, its := net.Pipe()
		p <- its
		if _, err := io.WriteString(mine, request); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		time.Sleep(3 * s.limits.timeout)
		// The connection has ended, and what it read is not the whole.
		_ = mine.SetReadDeadline(time.Now().Add(5 * time.Second))
		data, err := io.ReadAll(mine)
		if err != nil || time.Since(start) > 3*time.Second {
			t.Errorf("%q: %v after %v", request, err, time.Since(start))
		}
		if bytes.HasSuffix(data, []byte("\r\n0\r\n\r\n")) {
			t.Errorf("%q: the answer looks whole", request)
		}
		mine.Close()
	}
	s.active.Wait()
	if len(s.heavy) > 0 || len(s.work) > 0 || s.buffered.Load() != 0 {
		t.Errorf("held are %d, %d places and %d bytes", len(s.heavy), len(s.work), s.buffered.Load())
	}
}
