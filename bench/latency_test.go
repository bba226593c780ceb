package bench

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/bench/internal/corpus"
)

// latencyStream is short articles, so that a large detector is made soon.
var latencyStream = corpus.Stream{Seed: 6, Size: 1500, Copies: 30}

// held returns a detector of n articles. It is made once and not changed for good.
var held = memo(func(n int) *neardup.Detector {
	d, err := neardup.New(neardup.Config{})
	if err != nil {
		panic(err)
	}
	err = d.AddAll(context.Background(), func(yield func(neardup.Article) bool) {
		var buf []byte
		for i := range n {
			buf = latencyStream.Append(buf[:0], i)
			if !yield(neardup.Article{ID: strconv.Itoa(i), Text: string(buf), Source: strconv.Itoa(i % 10)}) {
				return
			}
		}
	})
	if err != nil {
		panic(err)
	}
	return d
})

// How long Query and Add take while something long works on the same detector. Two goroutines ask and add every few
// milliseconds, as a service would, and are not in a hurry themselves. p50, p99 and max are of single calls, text included.
func BenchmarkLatency(b *testing.B) {
	n := 300_000
	if testing.Short() {
		n = 3000
	}
	ctx := context.Background()
	for _, c := range []struct {
		name string
		long func(d *neardup.Detector) error
	}{
		{"nothing", func(*neardup.Detector) error { time.Sleep(time.Second); return nil }},
		{"groups", func(d *neardup.Detector) error { _, err := d.Groups(ctx, nil); return err }},
		{"pairs", func(d *neardup.Detector) error {
			for _, err := range d.Pairs(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"components", func(d *neardup.Detector) error { _, err := d.Components(ctx, nil); return err }},
		{"save", func(d *neardup.Detector) error { _, err := d.WriteTo(io.Discard); return err }},
		{"slow-save", func(d *neardup.Detector) error { _, err := d.WriteTo(slow{}); return err }},
	} {
		b.Run(fmt.Sprintf("n=%d/while=%s", n, c.name), func(b *testing.B) {
			d := held(n)
			var stop atomic.Bool
			var wg sync.WaitGroup
			var queries, adds []time.Duration
			every := func(pause time.Duration, times *[]time.Duration, call func(a neardup.Article) error) {
				wg.Add(1)
				go func() {
					defer wg.Done()
					var buf []byte
					for i := 0; !stop.Load(); i++ {
						buf = latencyStream.Append(buf[:0], n+i)
						a := neardup.Article{ID: "new" + strconv.Itoa(i), Text: string(buf), Source: strconv.Itoa(i % 10)}
						start := time.Now()
						if err := call(a); err != nil {
							b.Error(err)
							return
						}
						*times = append(*times, time.Since(start))
						time.Sleep(pause)
					}
				}()
			}
			for b.Loop() {
				stop.Store(false)
				every(2*time.Millisecond, &queries, func(a neardup.Article) error { _, err := d.Query(a); return err })
				every(5*time.Millisecond, &adds, func(a neardup.Article) error { _, err := d.Replace(a); return err })
				if err := c.long(d); err != nil {
					b.Fatal(err)
				}
				stop.Store(true)
				wg.Wait()
			}
			for i := range adds {
				d.Remove("new" + strconv.Itoa(i))
			}
			for name, times := range map[string][]time.Duration{"query": queries, "add": adds} {
				slices.Sort(times)
				if len(times) == 0 {
					continue
				}
				b.ReportMetric(times[len(times)/2].Seconds()*1e3, name+"-p50-ms")
				b.ReportMetric(times[len(times)*99/100].Seconds()*1e3, name+"-p99-ms")
				b.ReportMetric(times[len(times)-1].Seconds()*1e3, name+"-max-ms")
			}
		})
	}
}

// slow takes 25 MB a second.
type slow struct{}

func (slow) Write(p []byte) (int, error) {
	time.Sleep(time.Duration(len(p)) * 40 * time.Nanosecond)
	return len(p), nil
}
