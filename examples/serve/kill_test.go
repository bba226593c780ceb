package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/corpus"
)

// killRounds is the variable that says how often TestKill kills.
const killRounds = "NEARDUP_KILL_ROUNDS"

// A child is the program in a process of its own.
type child struct {
	*exec.Cmd
	url string // "" if it was killed before it listened
	log logged
}

// spawn starts the program on a directory, and waits until it is ready or, if kill is not 0, kills it
// after that time.
func spawn(t *testing.T, dir string, kill time.Duration) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{Cmd: exec.CommandContext(t.Context(), self, "-addr", "127.0.0.1:0", "-state", dir, "-snapshot", "40ms")}
	c.Env = append(os.Environ(), childVariable+"=1")
	out, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if kill > 0 {
		time.AfterFunc(kill, func() { _ = c.Process.Kill() })
	}
	ready := make(chan bool)
	go func() {
		defer close(ready)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			_, _ = c.log.Write(append(lines.Bytes(), '\n'))
			var line struct{ Msg, Addr string }
			_ = json.Unmarshal(lines.Bytes(), &line)
			switch line.Msg {
			case "listening":
				c.url = "http://" + line.Addr
			case "ready":
				ready <- true
			}
		}
	}()
	if !<-ready && kill == 0 {
		t.Fatalf("the program ended: %v\n%s", c.Wait(), &c.log)
	}
	return c
}

// A writer adds, replaces and removes articles of its own, and knows what has to be held.
type writer struct {
	name string
	r    *rand.Rand
	docs []neardup.Article // whose texts it takes
	size []int             // of them
	held map[string][]int  // what may be held of an article: numbers of docs, -1 for nothing
	next int
}

// work sends requests until one fails, which is when the program is killed.
func (w *writer) work(client *http.Client, url string) (acknowledged int) {
	for {
		path := "/v1/add"
		if w.r.IntN(5) == 0 {
			path = "/v1/remove"
		}
		n := 1
		if w.r.IntN(4) == 0 {
			n = 1 + w.r.IntN(150)
		}
		var body bytes.Buffer
		asked := make(map[string]int)
		for range n {
			doc := w.r.IntN(len(w.docs))
			id := fmt.Sprintf("%s-%d", w.name, w.next)
			if w.next > 0 && (path == "/v1/remove" || w.r.IntN(3) == 0) {
				id = fmt.Sprintf("%s-%d", w.name, w.r.IntN(w.next))
			} else {
				w.next++
			}
			if _, ok := asked[id]; ok {
				continue
			}
			a := w.docs[doc]
			a.ID = id
			if path == "/v1/remove" {
				a, doc = neardup.Article{ID: id}, -1
			}
			asked[id] = doc
			body.WriteString(form(a))
		}
		for id, doc := range asked { // from now on it may be so
			if w.held[id] == nil {
				w.held[id] = []int{-1}
			}
			w.held[id] = append(w.held[id], doc)
		}
		resp, err := client.Post(url+path+"-all", ndjson, &body)
		if err != nil {
			return acknowledged
		}
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var a articles.Answer
			if json.Unmarshal(lines.Bytes(), &a) != nil {
				break // cut off
			}
			if a.Error != "" {
				panic(a.Error)
			}
			w.held[a.ID] = []int{asked[a.ID]} // and now it is so
			acknowledged++
		}
		resp.Body.Close()
		if lines.Err() != nil {
			return acknowledged
		}
	}
}

// check compares what is held, sizes by ID, with what has to be.
func (w *writer) check(held map[string]int) error {
	for id, may := range w.held {
		size, ok := held[id]
		left := may[:0]
		for _, doc := range may {
			if doc < 0 && !ok || doc >= 0 && ok && w.size[doc] == size {
				left = append(left, doc)
			}
		}
		if len(left) == 0 {
			return fmt.Errorf("%s: held %v, with size %d; want one of %v", id, ok, size, may)
		}
		w.held[id] = left[:1]
	}
	return nil
}

// Whenever the program is killed, what it had acknowledged is there again: while it adds and removes
// under load, while it writes snapshots and drops what they make superfluous, while it starts. A few
// rounds, or as many as NEARDUP_KILL_ROUNDS says.
func TestKill(t *testing.T) {
	rounds := 6
	if s := os.Getenv(killRounds); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	} else if testing.Short() {
		rounds = 2
	}
	docs := corpus.Articles(400, 9)
	reader, err := neardup.NewReader(neardup.Config{})
	if err != nil {
		t.Fatal(err)
	}
	sizes := make([]int, len(docs))
	for i, a := range docs {
		rec, err := reader.Read(a.Text)
		if err != nil {
			t.Fatal(err)
		}
		sizes[i] = rec.Size()
	}
	r := rand.New(rand.NewPCG(17, 1))
	var writers []*writer
	for i := range 6 {
		writers = append(writers, &writer{
			name: strconv.Itoa(i), r: rand.New(rand.NewPCG(17, uint64(i)+2)), docs: docs, size: sizes, held: make(map[string][]int),
		})
	}
	dir := t.TempDir()
	total, damaged := 0, 0
	for round := range rounds {
		if round%3 == 1 { // one that is killed while it starts
			c := spawn(t, dir, time.Duration(1+r.IntN(60))*time.Millisecond)
			_ = c.Wait()
		}
		c := spawn(t, dir, 0)
		damaged += strings.Count(c.log.String(), "damaged")
		s := &service{t: t, url: c.url}
		held := make(map[string]int)
		for _, e := range values[neardup.Entry](t, s.must("GET", "/v1/entries", "", "")) {
			held[e.ID] = e.Size
		}
		for _, w := range writers {
			if err := w.check(held); err != nil {
				t.Fatalf("after %d rounds: %v\n%s", round, err, &c.log)
			}
		}
		client := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
		var wg sync.WaitGroup
		counts := make([]int, len(writers))
		for i, w := range writers {
			wg.Go(func() { counts[i] = w.work(client, c.url) })
		}
		time.Sleep(time.Duration(30+r.IntN(250)) * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait()
		wg.Wait()
		client.CloseIdleConnections()
		for _, n := range counts {
			total += n
		}
	}
	if damaged > 0 {
		t.Errorf("%d snapshots were damaged", damaged)
	}
	if total < 20*rounds {
		t.Errorf("%d changes acknowledged in %d rounds: nothing was tested", total, rounds)
	}
	t.Logf("%d rounds, %d changes acknowledged", rounds, total)
}
