package sitetext

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"testing"
)

func TestStudyCases(t *testing.T) {
	path := os.Getenv("CASES")
	if path == "" {
		t.Skip()
	}
	f, _ := os.Open(path)
	z, _ := gzip.NewReader(f)
	sc := bufio.NewScanner(z)
	sc.Buffer(nil, 1<<26)
	type rec struct {
		Kind, A, B, Expect string
		Variant            any
		Wish               bool
	}
	kinds := map[string][]rec{}
	for sc.Scan() {
		var r rec
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		kinds[r.Kind] = append(kinds[r.Kind], r)
	}
	var names []string
	for k := range kinds {
		names = append(names, k)
	}
	sort.Strings(names)
	nk, nd := 0, 0
	for _, k := range names {
		var pages []page
		seen := map[string]bool{}
		for i, r := range kinds[k] {
			art := fmt.Sprint(i)
			art2 := art
			if r.Expect == "diff" {
				art2 = art + "b"
			}
			for _, p := range []page{{"s", art, r.A}, {"s", art2, r.B}} {
				if !seen[p.text] {
					seen[p.text] = true
					pages = append(pages, p)
				}
			}
		}
		docs := readDocs(pages)
		m := learnAll(docs, sampled)
		o0, o1 := score(docs, nil), score(docs, m)
		if o0.falsePairs > 0 || o1.missed > o0.missed {
			mark := ""
			if o1.falsePairs > 0 {
				mark = "FALSE"
				nk++
			}
			if o1.missed > o0.missed {
				mark += " LOST"
				nd++
			}
			fmt.Printf("%-45s %2d texts  false %4d -> %4d  missed %3d -> %3d empty %d site %d %s\n", k, len(docs), o0.falsePairs, o1.falsePairs, o0.missed, o1.missed, o1.empty, m["s"].Len(), mark)
		}
	}
	fmt.Println("kinds with false", nk, "kinds with losses", nd)
}
