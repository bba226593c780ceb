package dedup

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var w bytes.Buffer
	clock := time.Unix(0, 0)
	p := progress{w: &w, now: func() time.Time { return clock }, bytes: new(atomic.Int64)}
	p.start(4_000_000)
	p.show(0) // too early
	p.count(1_000_000)
	clock = clock.Add(2 * time.Second)
	p.show(5000)
	p.show(5001) // too early
	p.say("grouping")
	p.clear()
	p.clear() // nothing there
	if got, want := w.String(), "\r\x1b[K\x1b[?7l5000 articles, 2500/s, 1.0 MB, 25%, 6s left\x1b[?7h\r\x1b[K\x1b[?7lgrouping\x1b[?7h\r\x1b[K"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w.Reset()
	p.start(-1)
	clock = clock.Add(time.Second)
	p.show(10)
	if got, want := w.String(), "\r\x1b[K\x1b[?7l10 articles, 10/s, 1.0 MB\x1b[?7h"; got != want {
		t.Errorf("unknown size: got %q, want %q", got, want)
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, w := range []io.Writer{f, new(bytes.Buffer)} {
		if p := newProgress(w); p.w != nil {
			t.Errorf("%T is taken for a terminal", w)
		}
	}
}
