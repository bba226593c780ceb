package sitetext

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

func TestStudyProf(t *testing.T) {
	path := os.Getenv("PROF")
	if path == "" {
		t.Skip()
	}
	f, _ := os.Open(path)
	in, _ := gzip.NewReader(f)
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, 1<<28)
	var docs []*sdoc
	for sc.Scan() {
		var r struct{ ID, Text string }
		json.Unmarshal(sc.Bytes(), &r)
		d := readDocs([]page{{"s", r.ID, r.Text}})[0]
		d.text, d.order, d.key = "", nil, ""
		docs = append(docs, d)
	}
	n := 0
	for _, d := range docs {
		n += len(d.vals)
	}
	var l Learner
	for range 5 {
		s := cpuTime()
		m := l.Learn(stexts(docs))
		d := cpuTime() - s
		fmt.Println("learn", d, "per feature", float64(d)/float64(n), "per text µs", float64(d)/1000/float64(len(docs)), "witnesses", len(l.witnesses), m.Len(), "samples", len(l.samples))
	}
}
