package shingle

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

func cpuNow() time.Duration {
	var ts syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 3, uintptr(unsafe.Pointer(&ts)), 0)
	return time.Duration(ts.Nano())
}

func TestCPU(t *testing.T) {
	sel := os.Getenv("CPUT")
	if sel == "" {
		t.Skip()
	}
	runtime.LockOSThread()
	for _, doc := range []struct {
		lang    string
		size, w int
	}{{"en", 240, 3}, {"en", 1024, 3}, {"en", 5120, 3}, {"en", 9216, 5}, {"fr", 5120, 3}, {"zh", 5120, 3}} {
		name := fmt.Sprintf("%s-%d", doc.lang, doc.size)
		if sel != "all" && !strings.Contains(sel, name) {
			continue
		}
		texts := newsTexts(doc.lang, doc.size)
		total := 0
		for _, x := range texts {
			total += len(x)
		}
		var a, b []time.Duration
		var dst []uint64
		for range 15 {
			s := cpuNow()
			for _, x := range texts {
				dst = classic(dst[:0], x, doc.w)
			}
			m := cpuNow()
			for range 4 {
				for _, x := range texts {
					dst = AppendWords(dst[:0], x, doc.w)
				}
			}
			e := cpuNow()
			a = append(a, m-s)
			b = append(b, (e-m)/4)
		}
		slices.Sort(a)
		slices.Sort(b)
		f := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(len(texts)) / 1000 }
		fmt.Printf("%-10s classic med %.1f min %.1f us  neardup med %.2f min %.2f us  ratio med %.1f min %.1f  %.0f MB/s\n", name, f(a[7]), f(a[0]), f(b[7]), f(b[0]), float64(a[7])/float64(b[7]), float64(a[0])/float64(b[0]), float64(total)/b[7].Seconds()/1e6)
	}
}
