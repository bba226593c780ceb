package neardup

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is learnt from records, and the verdict by it, are what Groups and Pairs of a detector that holds all of them go by; also
// after sites and records were kept.
func TestSites(t *testing.T) {
	learnt, found := 0, 0
	for seed := range uint64(8) {
		w := &writer{r: rand.New(rand.NewPCG(11, seed)), seed: 1000 + seed}
		wall := [2][]string{sentences(5000+seed, 16), sentences(6000+seed, 12)}
		d := mustNew(t, Config{})
		r := d.NewReader()
		records, source := map[string]*Record{}, map[string]int{}
		for i := range 60 {
			body := w.body()
			w.articles = append(w.articles, body)
			id, at := fmt.Sprint(i), i%3
			text := paragraphs(body)
			if at < 2 && i%2 == 0 {
				text += "\n\n" + paragraphs(wall[at])
			}
			text += fmt.Sprintf("\n\nPage %d.", at) // no text is on two sites
			name := ""
			if at < 2 {
				name = fmt.Sprint("site ", at)
			}
			mustAdd(t, d, Article{ID: id, Source: name, Text: text})
			rec, err := r.Read(text)
			if err != nil {
				t.Fatal(err)
			}
			data, _ := rec.MarshalBinary()
			records[id], source[id] = new(Record), at
			if err := records[id].UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
		}
		sites := make([]*Site, 3)
		for at := range 2 {
			s := r.LearnSite(func(yield func(*Record) bool) {
				for id, rec := range records { // in any order
					for range 2 {
						if source[id] == at && !yield(rec) {
							return
						}
					}
				}
			})
			learnt += s.Features()
			data, _ := s.MarshalBinary()
			sites[at] = new(Site)
			if err := sites[at].UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			if again, _ := sites[at].MarshalBinary(); !bytes.Equal(again, data) {
				t.Error("a site that is read is encoded in another way")
			}
			if err := sites[at].UnmarshalBinary(data[:len(data)-1]); !errors.Is(err, ErrCorrupt) {
				t.Errorf("a site cut short: %v", err)
			}
		}
		pairs := map[[2]string]Relation{}
		for _, p := range mustPairs(t, d) {
			pairs[[2]string{p.A, p.B}] = p.Relation
			found++
			if diff := cmp.Diff(p.Relation, r.RelateOn(records[p.A], records[p.B], sites[source[p.A]], sites[source[p.B]])); diff != "" {
				t.Errorf("seed %d, %s and %s (-detector +records):\n%s", seed, p.A, p.B, diff)
			}
		}
		for i := range 60 {
			for j := i + 1; j < 60; j++ {
				a, b := fmt.Sprint(i), fmt.Sprint(j)
				rel := r.RelateOn(records[a], records[b], sites[source[a]], sites[source[b]])
				if _, ok := pairs[[2]string{a, b}]; !ok && rel.Kind != Different && rel.Shared >= 150 {
					t.Errorf("seed %d, %s and %s: %v, and the detector has no such pair", seed, a, b, rel)
				}
			}
		}
	}
	if learnt < 1000 || found < 100 {
		t.Errorf("%d features learnt and %d pairs found: too few to tell", learnt, found)
	}
	r, err := NewReader(Config{Templates: Templates{Off: true}})
	if err != nil {
		t.Fatal(err)
	}
	if n := r.LearnSite(slices.Values([]*Record{{}})).Features() + (*Site)(nil).Features(); n != 0 {
		t.Errorf("%d features learnt of nothing", n)
	}
}
