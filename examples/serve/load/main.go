// Command load measures the service: it fills it with generated articles and then adds and queries
// one at a time, from some clients at once, and says how long that took.
//
//	go run ./load -url http://127.0.0.1:7310 -fill 100000 -clients 4 -for 10s
//
// The articles are those of the tests of the examples, 1.9 KB in the mean, one in four a copy, an
// excerpt or another version of another one. They have no time: where there is a window, that of
// arrival counts. Each client sends its next request when the last one was
// answered, so throughput and times are of a service that is as busy as that many clients make it. The
// client takes its share of the machine.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/corpus"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:7310", "where the service is")
	fill := flag.Int("fill", 0, "articles to add first, in batches")
	from := flag.Int("from", 0, "number of the first article, so that another run adds other ones")
	clients := flag.Int("clients", 4, "requests at the same time")
	duration := flag.Duration("for", 10*time.Second, "how long to add and query one at a time")
	share := flag.Int("queries", 50, "queries in 100 of these requests")
	flag.Parse()
	l := &load{url: *url, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *clients}}}
	if err := l.run(*fill, *from, *clients, *duration, *share); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

type load struct {
	url    string
	client *http.Client
}

const part = 10_000 // articles that are generated together

// articles returns part articles, from number n*part on.
func articles(n int) [][]byte {
	out := make([][]byte, part)
	for i, a := range corpus.Articles(part, uint64(n)+1) {
		a.ID = fmt.Sprintf("%d-%s", n, a.ID)
		out[i] = form(a)
	}
	return out
}

func form(a neardup.Article) []byte {
	data, err := json.Marshal(map[string]any{"id": a.ID, "text": a.Text, "source": a.Source})
	if err != nil {
		panic(err)
	}
	return data
}

func (l *load) post(path, kind string, body []byte) error {
	resp, err := l.client.Post(l.url+path, kind, bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, resp.Status, answer)
	}
	return err
}

func (l *load) run(fill, from, clients int, duration time.Duration, share int) error {
	next := from / part
	if fill > 0 {
		var took time.Duration
		for done := 0; done < fill; done += part {
			docs := articles(next)
			next++
			start := time.Now()
			err := each(clients, slices.Collect(slices.Chunk(docs, 250)), func(batch [][]byte) error {
				return l.post("/v1/add-all", "application/x-ndjson", bytes.Join(batch, []byte("\n")))
			})
			if err != nil {
				return err
			}
			took += time.Since(start)
		}
		fmt.Printf("filled: %d articles in %.1f s, %.0f a second\n", fill, took.Seconds(), float64(fill)/took.Seconds())
	}
	if duration == 0 {
		return nil
	}
	// Enough for the time, made before it begins.
	docs := make([][][]byte, clients)
	for i := range docs {
		docs[i] = articles(next + i)
	}
	var adds, queries times
	var failed atomic.Value
	var wg sync.WaitGroup
	start := time.Now()
	for _, mine := range docs {
		wg.Go(func() {
			for i := 0; time.Since(start) < duration && failed.Load() == nil; i++ {
				path, to := "/v1/add", &adds
				if i*share/100 != (i+1)*share/100 {
					path, to = "/v1/query", &queries
				}
				t := time.Now()
				if err := l.post(path, "application/json", mine[i%len(mine)]); err != nil {
					failed.Store(err)
					return
				}
				to.add(time.Since(t))
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return err.(error)
	}
	elapsed := time.Since(start).Seconds()
	fmt.Printf("%d clients: %.0f requests a second\n", clients, float64(len(adds.all)+len(queries.all))/elapsed)
	fmt.Println("  add  ", adds.String())
	fmt.Println("  query", queries.String())
	return nil
}

// each calls f for all items, from n goroutines, until one fails.
func each[T any](n int, items []T, f func(T) error) error {
	var at atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() {
			for {
				j := int(at.Add(1)) - 1
				if j >= len(items) {
					return
				}
				if errs[i] = f(items[j]); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// times are how long requests took.
type times struct {
	mu  sync.Mutex
	all []time.Duration
}

func (t *times) add(d time.Duration) {
	t.mu.Lock()
	t.all = append(t.all, d)
	t.mu.Unlock()
}

// String returns some of them, in milliseconds.
func (t *times) String() string {
	if len(t.all) == 0 {
		return "none"
	}
	slices.Sort(t.all)
	at := func(share float64) float64 {
		return t.all[int(share*float64(len(t.all)-1))].Seconds() * 1e3
	}
	return fmt.Sprintf("%7d  p50 %6.2f ms  p90 %6.2f  p99 %6.2f  p99.9 %6.2f  max %6.2f", len(t.all), at(.5), at(.9), at(.99), at(.999), at(1))
}
