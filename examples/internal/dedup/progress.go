package dedup

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"
)

// A progress is one line on a terminal that is written over; it writes nothing to files and pipes.
type progress struct {
	w     io.Writer // nil: not a terminal
	now   func() time.Time
	begun time.Time
	shown time.Time // last time the line was written
	on    bool      // the line is on the screen
	bytes *atomic.Int64
	size  int64 // of all input, -1 if unknown
}

func newProgress(stderr io.Writer) progress {
	p := progress{now: time.Now, bytes: new(atomic.Int64)}
	if f, ok := stderr.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.w = stderr
		}
	}
	return p
}

func (p *progress) start(size int64) {
	p.size = size
	p.begun = p.now()
	p.shown = p.begun
}

// count counts bytes read.
func (p *progress) count(n int) { p.bytes.Add(int64(n)) }

// show rewrites the line, at most five times a second.
func (p *progress) show(articles int) {
	if p.w == nil {
		return
	}
	now := p.now()
	if now.Sub(p.shown) < 200*time.Millisecond {
		return
	}
	p.shown = now
	p.say(p.line(articles, now.Sub(p.begun)))
}

// say rewrites the line with what is going on. While it writes, the terminal does not wrap, so that
// a line that is too wide is cut and not spread over two.
func (p *progress) say(s string) {
	if p.w != nil {
		p.on = true
		fmt.Fprint(p.w, "\r\x1b[K\x1b[?7l", s, "\x1b[?7h")
	}
}

// line gives count, rate and, where the size of the input is known, the share done and the time
// left.
func (p *progress) line(articles int, passed time.Duration) string {
	bytes := p.bytes.Load()
	s := fmt.Sprintf("%d articles, %.0f/s, %.1f MB", articles, float64(articles)/passed.Seconds(), float64(bytes)/1e6)
	if p.size > 0 && bytes > 0 {
		done := min(1, float64(bytes)/float64(p.size))
		left := time.Duration(float64(passed) * (1 - done) / done)
		s += fmt.Sprintf(", %.0f%%, %v left", 100*done, left.Round(time.Second))
	}
	return s
}

// clear takes the line off the screen, before other output.
func (p *progress) clear() {
	if p.on {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.on = false
	}
}
