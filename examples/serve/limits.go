package main

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A bucket is a limit of so many units a second, with room for a burst of one second. It may go into
// debt, so that what is as large as it likes is let through, and what comes after waits.
type bucket struct {
	rate float64 // 0 is no limit

	mu   sync.Mutex
	have float64
	last time.Time
}

// wait returns how long it is until something may be taken, 0 if it may be now.
func (b *bucket) wait(now time.Time) time.Duration {
	if b.rate == 0 {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last.IsZero() {
		b.have = max(b.rate, 1)
	} else if d := now.Sub(b.last); d > 0 {
		b.have = min(b.have+d.Seconds()*b.rate, max(b.rate, 1))
	}
	b.last = now
	if b.have >= 1 {
		return 0
	}
	return time.Duration((1 - b.have) / b.rate * float64(time.Second))
}

// take takes n units.
func (b *bucket) take(n int) {
	b.mu.Lock()
	b.have -= float64(n)
	b.mu.Unlock()
}

// slots are places for work that is done at the same time.
type slots chan struct{}

// take waits for a place for some time at most, and reports whether it got one.
func (s slots) take(ctx context.Context, wait time.Duration) bool {
	select {
	case s <- struct{}{}:
		return true
	default:
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case s <- struct{}{}:
		return true
	case <-t.C:
	case <-ctx.Done():
	}
	return false
}

func (s slots) leave() { <-s }

var errBuffered = errors.New("too many bytes of bodies are in memory")

// readAll reads r to its end, as long as all bodies together, which held counts, have no more than most
// bytes. What is returned counts, also with an error, until release is called.
func readAll(r io.Reader, length int64, held *atomic.Int64, most int64) (data []byte, release func(), err error) {
	counted := int64(0)
	release = func() { held.Add(-counted) }
	grow := func(to int) bool {
		n := int64(to) - counted
		counted += n
		return held.Add(n) <= most
	}
	// What is promised is not believed before a part of it has come.
	data = make([]byte, 0, min(max(length+1, 512), 64<<10))
	if !grow(cap(data)) {
		return nil, release, errBuffered
	}
	for {
		if len(data) == cap(data) {
			to := 2 * cap(data)
			if length >= int64(len(data)) && length < int64(to) {
				to = int(length) + 1
			}
			if !grow(to) {
				return nil, release, errBuffered
			}
			data = append(make([]byte, 0, to), data...)
		}
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			return data, release, nil
		}
		if err != nil {
			return nil, release, err
		}
	}
}

// limited is a listener that has so many connections at most; more wait until one ends.
type limited struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	once   sync.Once
}

func limit(l net.Listener, n int) net.Listener {
	return &limited{Listener: l, places: make(chan struct{}, n), closed: make(chan struct{})}
}

// Accept returns the next connection.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &place{Conn: c, leave: sync.OnceFunc(func() { <-l.places })}, nil
}

// Close ends the listening; connections stay.
func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type place struct {
	net.Conn
	leave func()
}

// Close closes the connection and leaves its place.
func (p *place) Close() error {
	defer p.leave()
	return p.Conn.Close()
}
