package sitetext

import (
	"fmt"
	"os"
	"testing"
)

func TestStudyThreshold(t *testing.T) {
	if os.Getenv("THRESH") == "" {
		t.Skip()
	}
	for _, n := range []int{60, 130, 250, 500, 1500, 6000} {
		fmt.Printf("site text %5d words:", n)
		for _, own := range []int{6, 8, 10, 12, 14, 16, 18, 20, 25, 30, 35, 40, 60} {
			p := newPress(uint64(n))
			got := 0
			site := p.words(n)
			for range 400 {
				p.print("s", p.article(), site[:n/2], p.words(own), site[n/2:])
			}
			docs := readDocs(p.pages)
			var l Learner
			for i := range docs {
				l.sample(stexts(docs), i)
			}
			l.count()
			for _, w := range l.witnesses {
				l.reader.read(l.samples[w.from:w.to], docs[w.index].skel, &l.texts)
				if p, _ := l.reader.findPassage(0); p.rarity > 0 {
					got++
				}
			}
			fmt.Printf(" %d:%.2f", own, float64(got)/400)
		}
		fmt.Println()
	}
}
