package sitetext

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

// DATA=file SOURCE=s (one source for all) | SOURCE=cluster
func TestStudyData(t *testing.T) {
	path := os.Getenv("DATA")
	if path == "" {
		t.Skip()
	}
	f, _ := os.Open(path)
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		in, _ = gzip.NewReader(f)
	}
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, 1<<28)
	var pages []page
	most := 1 << 30
	fmt.Sscan(os.Getenv("MOST"), &most)
	for sc.Scan() && len(pages) < most {
		var r struct{ ID, Source, Cluster, Text, Group string }
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		switch s := os.Getenv("SOURCE"); s {
		case "":
		case "cluster":
			r.Source = r.Cluster
		default:
			r.Source = s
		}
		if r.Cluster == "" {
			r.Cluster = r.ID
		}
		pages = append(pages, page{r.Source, r.Cluster, r.Text})
	}
	docs := readDocs(pages)
	s := cpuTime()
	m := learnAll(docs, sampled)
	fmt.Println("learn", cpuTime()-s)
	fmt.Println("none   ", score(docs, nil))
	fmt.Println("sampled", score(docs, m), lens(m))
	if os.Getenv("FULL") != "" {
		m := learnAll(docs, fullOrder)
		fmt.Println("full   ", score(docs, m), lens(m))
	}
}

// PAIRS=file of exact pairs: how many match before and after learning.
func TestStudyPairs(t *testing.T) {
	path, pairs := os.Getenv("DATA"), os.Getenv("PAIRS")
	if pairs == "" {
		t.Skip()
	}
	open := func(path string) *bufio.Scanner {
		f, _ := os.Open(path)
		var in io.Reader = f
		if strings.HasSuffix(path, ".gz") {
			in, _ = gzip.NewReader(f)
		}
		sc := bufio.NewScanner(in)
		sc.Buffer(nil, 1<<28)
		return sc
	}
	sc := open(path)
	at := map[string]int{}
	var docs []*sdoc
	for sc.Scan() {
		var r struct{ ID, Text string }
		json.Unmarshal(sc.Bytes(), &r)
		at[r.ID] = len(docs)
		d := readDocs([]page{{"s", r.ID, r.Text}})[0]
		d.text, d.order = "", nil
		d.key = fmt.Sprint(len(docs))
		docs = append(docs, d)
	}
	s := cpuTime()
	m := learnAll(docs, sampled)["s"]
	n := 0
	empty := 0
	for _, d := range docs {
		n += len(d.vals)
		if k := len(minus(d.vals, m)); k < 12 && len(d.vals) >= 12 {
			empty++
		}
	}
	fmt.Println("learn", cpuTime()-s, "texts", len(docs), "features", n, "site", m.Len(), "empty", empty)
	sc = open(pairs)
	total, eq, before, after, one := 0, 0, 0, 0, 0
	for sc.Scan() {
		f := strings.Split(sc.Text(), "\t")
		i, ok := at[f[0]]
		j, ok2 := at[f[1]]
		if !ok || !ok2 {
			continue
		}
		total++
		if fmt.Sprint(docs[i].vals) == fmt.Sprint(docs[j].vals) {
			eq++
		}
		docs[i].article, docs[j].article = "x", "x"
		if score([]*sdoc{docs[i], docs[j]}, nil).missed == 0 {
			before++
		}
		if score([]*sdoc{docs[i], docs[j]}, map[string]*Model{"s": m}).missed == 0 {
			after++
		} else if one < 12 {
			one++
			fmt.Println(sc.Text(), len(docs[i].vals), len(docs[j].vals), "left", len(minus(docs[i].vals, m)), len(minus(docs[j].vals, m)))
		}
	}
	fmt.Println("pairs", total, "equal", eq, "match before", before, "after", after)
}
