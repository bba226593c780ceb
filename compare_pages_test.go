package neardup

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/neardup/neardup/shingle"
)

// TestComparePages measures the prose view and the verdict, exactly, on a set of
// labelled pages, pages/docs.jsonl.gz in the directory that NEARDUP_DATASETS
// names: renderings of one page (its annotated body, the whole page by four
// converters, the output of eight extractors) have one cluster. The points of
// the prose view were chosen on half 0, every other cluster, and both halves
// are shown; all together have to reach the figures.
func TestComparePages(t *testing.T) {
	dir := os.Getenv("NEARDUP_DATASETS")
	if dir == "" {
		t.Skip("NEARDUP_DATASETS is not set")
	}
	type doc struct {
		ID, Cluster, Variant, Text string
		prose                      shingle.Set
		half                       int
	}
	f, err := os.Open(filepath.Join(dir, "pages", "docs.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	s, err := shingle.New(shingle.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var (
		docs        []*doc
		clusters    = map[string]int{}
		body        = map[string]*doc{}
		kept, total [2]int
		postings    = map[uint64][]int{}
	)
	for dec := json.NewDecoder(z); ; {
		d := new(doc)
		if err := dec.Decode(d); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if _, ok := clusters[d.Cluster]; !ok {
			clusters[d.Cluster] = len(clusters)
		}
		d.half = clusters[d.Cluster] % 2
		d.prose = shingle.NewSet(s.Append(nil, d.Text))
		if d.Variant == "ground-truth" {
			body[d.Cluster] = d
			total[d.half] += len(shingle.AppendWords(nil, d.Text, 1))
			for _, b := range shingle.AppendBlocks(nil, d.Text) {
				if b.Kept {
					kept[d.half] += len(shingle.AppendWords(nil, d.Text[b.Start:b.End], 1))
				}
			}
		}
		for _, x := range d.prose {
			postings[x] = append(postings[x], len(docs))
		}
		docs = append(docs, d)
	}

	var found, wrong, missed, near, pages [2]int
	shared := make([]int, len(docs))
	for i, d := range docs {
		clear(shared)
		for _, x := range d.prose {
			for _, k := range postings[x] {
				shared[k]++
			}
		}
		for k, e := range docs[:i] {
			o := shared[k]
			var j float64
			if o > 0 {
				j = float64(o) / float64(len(d.prose)+len(e.prose)-o)
			}
			same := newsroom.verdict(j, float64(o), len(d.prose), len(e.prose)) != Different
			switch {
			case same && d.Cluster == e.Cluster:
				found[d.half]++
			case same:
				wrong[d.half]++
			case d.Cluster == e.Cluster:
				missed[d.half]++
			}
		}
		switch d.Variant {
		case "inscriptis", "html-text", "beautifulsoup", "html2text":
			pages[d.half]++
			if body[d.Cluster].prose.Jaccard(d.prose) >= 0.5 {
				near[d.half]++
			}
		}
	}

	share := func(a, b int) float64 { return float64(a) / float64(a+b) }
	check := func(what string, got, want float64) {
		t.Logf("%s: %.4f, want %.2f", what, got, want)
		if got < want {
			t.Errorf("%s: %.4f, want %.2f", what, got, want)
		}
	}
	for h := range 2 {
		t.Logf("half %d: recall %.4f, precision %.4f, Jaccard ≥ 0.5 %.4f, body kept %.4f", h, share(found[h], missed[h]),
			share(found[h], wrong[h]), float64(near[h])/float64(pages[h]), float64(kept[h])/float64(total[h]))
	}
	check("recall of the verdict", share(found[0]+found[1], missed[0]+missed[1]), 0.98)
	check("precision of the verdict", share(found[0]+found[1], wrong[0]+wrong[1]), 0.98)
	check("pages with Jaccard similarity ≥ 0.5 to their body", float64(near[0]+near[1])/float64(pages[0]+pages[1]), 0.90)
	check("share of the body kept", float64(kept[0]+kept[1])/float64(total[0]+total[1]), 0.99)
}
