// Scale measures how the time and memory of a detector grow with the number of articles, and how
// its speed grows with cores.
//
//	go run ./bench/scale -n 10000,30000,100000,300000,1000000,3000000
//	go run ./bench/scale -n 300000 -workers 1,2,4,8
//
// The articles are generated while they are read, 3.4 KB in the mean, three in ten of them copies
// of earlier ones; with -sites each is wrapped in the page of one of so many sites. One detector
// grows through all sizes, so that the time of a size is that of every article up to it, and the
// last column, the cost of the articles since the row before, shows what one more costs.
//
// One worker adds them one by one and gets the matches of each; with -bulk, or more workers, they
// are added in bulk, and matches are looked for by Groups alone.
//
// What generating the articles takes is not counted: they are made in blocks between the timed
// parts, and adding them is timed alone.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/bench/internal/corpus"
	"github.com/neardup/neardup/bench/internal/measure"
	"github.com/neardup/neardup/shingle"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "scale:", err)
		}
		os.Exit(1)
	}
}

// A row is one size with one number of workers.
type row struct {
	N         int     `json:"n"`
	Workers   int     `json:"workers"`
	Seconds   float64 `json:"seconds"`            // to add all n
	CPU       float64 `json:"cpu_seconds"`        // processor time of that, all cores
	Marginal  float64 `json:"marginal_us"`        // processor µs an article since the row before
	BytesPer  float64 `json:"bytes_per_article"`  // held, all in
	MB        float64 `json:"mb_per_second"`      // of text, since the start
	Groups    float64 `json:"groups_seconds"`     // to make the groups; 0 = not measured
	Recall    float64 `json:"recall"`             // of the pairs of copies, by groups
	Precision float64 `json:"precision"`          //
	QueryUS   float64 `json:"query_us"`           // one Query, 3.4 KB text included
	Exponent  float64 `json:"exponent,omitempty"` // in the last row: processor seconds ~ n^exponent
	Memory    float64 `json:"mem_exp,omitempty"`  // in the last row: bytes ~ n^exponent
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	f := flag.NewFlagSet("scale", flag.ContinueOnError)
	f.SetOutput(stderr)
	ns := f.String("n", "10000,30000,100000,300000,1000000", "numbers of articles, increasing")
	ws := f.String("workers", "1", "numbers of workers; each grows a detector of its own")
	size := f.Int("size", 0, "bytes of a body; 0 = 1 to 9 KB")
	sites := f.Int("sites", 0, "wrap bodies in pages of so many sites; 0 = bare bodies")
	copies := f.Int("copies", 30, "percent of articles that are copies")
	view := f.String("view", "prose", "prose or whole")
	bySignature := f.Bool("signature", false, "keep signatures and not features")
	bulk := f.Bool("bulk", false, "add with AddAll, which looks for no matches, with one worker too; more workers always do")
	groups := f.Bool("groups", true, "also make the groups at each size and compare them with the truth")
	out := f.String("json", "", "also write the rows to this file, one JSON object a line")
	if err := f.Parse(args); err != nil {
		return err
	}
	sizes, err := numbers("-n", *ns)
	if err != nil {
		return err
	}
	if !slices.IsSorted(sizes) {
		return fmt.Errorf("-n is %s, want increasing numbers", *ns)
	}
	workers, err := numbers("-workers", *ws)
	if err != nil {
		return err
	}
	if *copies < 0 || *copies > 90 {
		return fmt.Errorf("-copies is %d, want 0 to 90", *copies)
	}
	cfg := neardup.Config{BySignature: *bySignature}
	switch *view {
	case "prose":
	case "whole":
		cfg.Shingle.View = shingle.Whole
	default:
		return fmt.Errorf("-view is %q, want prose or whole", *view)
	}
	stream := &corpus.Stream{Seed: 1, Size: *size, Copies: *copies, Sites: *sites}
	var enc *json.Encoder
	if *out != "" {
		file, createErr := os.Create(*out)
		if createErr != nil {
			return createErr
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		enc = json.NewEncoder(file)
	}
	printf := func(format string, args ...any) {
		if _, printErr := fmt.Fprintf(stdout, format, args...); err == nil {
			err = printErr
		}
	}
	printf("| workers | articles | seconds | processor s | articles/s | MB/s | B/article | processor µs for one more | µs a query | groups, s | recall | precision |\n")
	printf("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, w := range workers {
		cfg.Workers = w
		rows, err := grow(ctx, stream, cfg, sizes, *bulk || w > 1, *groups, func(r row) {
			printf("| %d | %d | %.2f | %.2f | %.0f | %.0f | %.0f | %.1f | %.1f | %.2f | %.4f | %.4f |\n", r.Workers, r.N, r.Seconds, r.CPU,
				float64(r.N)/r.Seconds, r.MB, r.BytesPer, r.Marginal, r.QueryUS, r.Groups, r.Recall, r.Precision)
		})
		if err != nil {
			return err
		}
		if len(rows) > 2 {
			var x, t, m []float64
			for _, r := range rows {
				x, t, m = append(x, float64(r.N)), append(t, r.CPU), append(m, r.BytesPer*float64(r.N))
			}
			last := &rows[len(rows)-1]
			var r2, m2 float64
			last.Exponent, r2 = measure.Exponent(x, t)
			last.Memory, m2 = measure.Exponent(x, m)
			printf("\nWith %d workers, processor time grows as n^%.3f (r² %.4f), memory as n^%.3f (r² %.4f).\n", w, last.Exponent, r2, last.Memory, m2)
		}
		if enc != nil {
			for _, r := range rows {
				if err := enc.Encode(r); err != nil {
					return err
				}
			}
		}
	}
	return err
}

func numbers(name, list string) ([]int, error) {
	var out []int
	for _, s := range strings.Split(list, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s has %q, want numbers from 1 up", name, s)
		}
		out = append(out, n)
	}
	return out, nil
}

const block = 2000 // articles made at a time

// grow adds articles to one detector, one by one or in bulk, and reports at each size.
func grow(ctx context.Context, stream *corpus.Stream, cfg neardup.Config, sizes []int, bulk, groups bool, report func(row)) ([]row, error) {
	before := measure.Heap()
	d, err := neardup.New(cfg)
	if err != nil {
		return nil, err
	}
	var rows []row
	var total, cpu, marked time.Duration
	var bytes int64
	n, markedAt := 0, 0
	articles := make([]neardup.Article, 0, block)
	for _, size := range sizes {
		for n < size {
			m := min(block, size-n)
			articles = makeArticles(articles[:m], stream, n)
			for i := range articles {
				bytes += int64(len(articles[i].Text))
			}
			start, cpuStart := time.Now(), measure.CPU()
			if !bulk {
				for i := range articles {
					if _, err := d.Add(articles[i]); err != nil {
						return nil, err
					}
				}
			} else if err := d.AddAll(ctx, slices.Values(articles)); err != nil {
				return nil, err
			}
			total += time.Since(start)
			cpu += measure.CPU() - cpuStart
			n += m
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		r := row{N: n, Workers: cfg.Workers, Seconds: total.Seconds(), CPU: cpu.Seconds(), MB: float64(bytes) / total.Seconds() / 1e6}
		r.Marginal = (cpu - marked).Seconds() / float64(n-markedAt) * 1e6
		marked, markedAt = cpu, n
		clear(articles[:cap(articles)]) // the last block is not the detector's
		r.BytesPer = float64(measure.Heap()-before) / float64(n)
		r.QueryUS = timeQueries(d, stream, n)
		if groups {
			start := time.Now()
			found, err := d.Groups(ctx, nil)
			if err != nil {
				return nil, err
			}
			r.Groups = time.Since(start).Seconds()
			p := compare(stream, n, found)
			r.Recall, r.Precision = p.Recall(), p.Precision()
		}
		rows = append(rows, r)
		report(r)
	}
	runtime.KeepAlive(d)
	return rows, nil
}

// makeArticles fills articles with those from number first on, on all cores.
func makeArticles(articles []neardup.Article, stream *corpus.Stream, first int) []neardup.Article {
	var wg sync.WaitGroup
	parts := runtime.GOMAXPROCS(0)
	for p := range parts {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var buf []byte
			for i := p * len(articles) / parts; i < (p+1)*len(articles)/parts; i++ {
				buf = stream.Append(buf[:0], first+i)
				articles[i] = neardup.Article{ID: strconv.Itoa(first + i), Text: string(buf)}
			}
		}()
	}
	wg.Wait()
	return articles
}

// timeQueries returns the microseconds of a query with an article that is not held: the median of
// batches.
func timeQueries(d *neardup.Detector, stream *corpus.Stream, n int) float64 {
	const batch = 100
	articles := makeArticles(make([]neardup.Article, 8*batch), stream, n)
	var times []float64
	for len(articles) > 0 {
		start := time.Now()
		for _, a := range articles[:batch] {
			if _, err := d.Query(a); err != nil {
				return math.NaN()
			}
		}
		times = append(times, time.Since(start).Seconds()/batch*1e6)
		articles = articles[batch:]
	}
	return measure.Median(times)
}

// compare judges groups by the roots of the stream.
func compare(stream *corpus.Stream, n int, groups []neardup.Group) measure.Pairs {
	truth, got := make([]int, n), make([]int, n)
	for i := range n {
		truth[i], got[i] = stream.Root(i), -1-i
	}
	for g, group := range groups {
		for _, m := range group.Members {
			i, err := strconv.Atoi(m.ID)
			if err != nil {
				panic(err) // the IDs are ours
			}
			got[i] = g
		}
	}
	return measure.ClusterPairs(truth, got)
}
