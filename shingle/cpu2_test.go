package shingle

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"
)

func TestStages(t *testing.T) {
	if os.Getenv("CPUT") == "" {
		t.Skip()
	}
	runtime.LockOSThread()
	texts := newsTexts("en", 5120)
	var s scanner
	var dst []uint64
	fs := []struct {
		n string
		f func(x string)
	}{
		{"copy", func(x string) { copy(s.win[:4096], x) }},
		{"copy+classify", func(x string) {
			copy(s.win[:4096], x[:4096])
			for b := range 64 {
				w, _ := classify((*[64]byte)(s.win[b*64:]))
				sink += w
			}
		}},
		{"copy+edges", func(x string) { copy(s.win[:4096], x[:4096]); k, _ := s.edges(64); sink += uint64(k) }},
		{"AppendHashes 4096", func(x string) { dst = appendHashes(dst[:0], x[:4096], tokenWords, false) }},
		{"AppendWords 4096", func(x string) { dst = AppendWords(dst[:0], x[:4096], 3) }},
		{"AppendWords all", func(x string) { dst = AppendWords(dst[:0], x, 3) }},
		{"classic all", func(x string) { dst = classic(dst[:0], x, 3) }},
	}
	ts := make([][]time.Duration, len(fs))
	for range 30 {
		for i, f := range fs {
			a := cpuNow()
			for _, x := range texts {
				f.f(x)
			}
			ts[i] = append(ts[i], cpuNow()-a)
		}
	}
	for i, f := range fs {
		slices.Sort(ts[i])
		fmt.Printf("%-20s med %.2f min %.2f us/text\n", f.n, float64(ts[i][15].Nanoseconds())/1000/float64(len(texts)), float64(ts[i][0].Nanoseconds())/1000/float64(len(texts)))
	}
	fmt.Println(len(dst), len(appendHashes(nil, texts[len(texts)-1], tokenWords, false)))
}
