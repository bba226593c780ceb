package sitetext

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"
)

func cpuTime() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestStudyCPU(t *testing.T) {
	if os.Getenv("CPU") == "" {
		t.Skip()
	}
	for _, c := range [][2]int{{10, 500}, {100, 500}, {2000, 500}, {2000, 100}, {20000, 500}, {100000, 500}} {
		h := newHeap(c[0], c[1], c[1]*2/5)
		var l Learner
		l.Learn(h)
		reps := max(1, 4000000/(c[0]*c[1]))
		s := cpuTime()
		x := uint32(0)
		for range 20 * reps {
			for i := range h.sets {
				l.values = h.AppendSet(l.values[:0], i)
				for _, v := range l.values {
					x += v ^ x>>3
				}
			}
		}
		ref := (cpuTime() - s) / 20
		s = cpuTime()
		for range reps {
			l.Learn(h)
		}
		d := cpuTime() - s
		fmt.Printf("texts %6d features %4d: %.1f ns/feature, %.1f µs/text; reference %.2f ns (quiet: 1) %d\n", c[0], c[1], float64(d)/float64(reps*c[0]*c[1]), float64(d)/1000/float64(reps*c[0]), float64(ref)/float64(reps*c[0]*c[1]), x&1)
	}
}
