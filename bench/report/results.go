package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// A table of benchmarks: name to unit to the value of each round.
type results struct {
	head   map[string]string
	names  []string
	values map[string]map[string][]float64
}

// header reads the "key: value" lines that a result file begins with, and returns the rest.
func header(b []byte) (map[string]string, []byte) {
	head := map[string]string{}
	for len(b) > 0 {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		if len(bytes.TrimSpace(line)) == 0 {
			return head, rest
		}
		key, value, _ := strings.Cut(string(line), ": ")
		head[key] = value
		b = rest
	}
	return head, nil
}

// readBench reads a benchmark file; nil if there is none.
func (o *options) readBench(name string) (*results, error) {
	b, err := os.ReadFile(filepath.Join(o.out, name))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	head, rest := header(b)
	r := &results{head: head, values: map[string]map[string][]float64{}}
	for br := benchfmt.NewReader(bytes.NewReader(rest), name); br.Scan(); {
		x, ok := br.Result().(*benchfmt.Result)
		if !ok {
			continue // PASS and the like
		}
		key := procs.ReplaceAllString(string(x.Name), "")
		if r.values[key] == nil {
			r.names = append(r.names, key)
			r.values[key] = map[string][]float64{}
		}
		for _, v := range x.Values {
			value, unit := v.Value, v.Unit
			if v.OrigUnit != "" {
				value, unit = v.OrigValue, v.OrigUnit // ns/op, not sec/op
			}
			r.values[key][unit] = append(r.values[key][unit], value)
		}
	}
	return r, nil
}

// add takes over the benchmarks of another file.
func (r *results) add(other *results) {
	if other == nil {
		return
	}
	r.names = append(r.names, other.names...)
	for name, v := range other.values {
		r.values[name] = v
	}
}

// procs is the GOMAXPROCS that go test appends to a name.
var procs = regexp.MustCompile(`-\d+$`)

// get returns the median of a unit over the rounds, NaN if it was not measured.
func (r *results) get(name, unit string) float64 {
	if r == nil {
		return math.NaN()
	}
	return median(r.values[name][unit])
}

// ns returns the nanoseconds of an operation: of the processor if known.
func (r *results) ns(name string) float64 {
	if v := r.get(name, "cpu-ns/op"); !math.IsNaN(v) {
		return v
	}
	return r.get(name, "ns/op")
}

// ratio returns how many times faster b is than a: the median over the rounds, each with itself.
func (r *results) ratio(a, b string) float64 {
	if r == nil {
		return math.NaN()
	}
	x, y := r.values[a], r.values[b]
	u, v := x["cpu-ns/op"], y["cpu-ns/op"]
	if len(u) == 0 || len(v) == 0 {
		u, v = x["ns/op"], y["ns/op"]
	}
	var q []float64
	for i := range min(len(u), len(v)) {
		q = append(q, u[i]/v[i])
	}
	return median(q)
}

func median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	return (s[n/2] + s[(n-1)/2]) / 2
}

// accuracyRow and scaleRow are the lines that bench/accuracy and bench/scale write.
type accuracyRow struct {
	Set            string   `json:"set"`
	Unit           string   `json:"unit"`
	View           string   `json:"view"`
	Size           int      `json:"size"`
	Containment    string   `json:"containment"`
	Verify         string   `json:"verify"`
	Threshold      string   `json:"threshold"`
	T              float64  `json:"t"`
	Precision      float64  `json:"precision"`
	Recall         float64  `json:"recall"`
	F1             float64  `json:"f1"`
	GroupPrecision float64  `json:"group_precision"`
	GroupRecall    float64  `json:"group_recall"`
	GroupF1        float64  `json:"group_f1"`
	ARI            *float64 `json:"ari"`
	Right          float64  `json:"right"`
}

type scaleRow struct {
	N         int     `json:"n"`
	Workers   int     `json:"workers"`
	Seconds   float64 `json:"seconds"`
	CPU       float64 `json:"cpu_seconds"`
	Marginal  float64 `json:"marginal_us"`
	BytesPer  float64 `json:"bytes_per_article"`
	MB        float64 `json:"mb_per_second"`
	Groups    float64 `json:"groups_seconds"`
	Recall    float64 `json:"recall"`
	Precision float64 `json:"precision"`
	QueryUS   float64 `json:"query_us"`
	Exponent  float64 `json:"exponent"`
	Memory    float64 `json:"mem_exp"`
}

// readLines reads a result file of JSON lines.
func readLines[T any](o *options, name string) (map[string]string, []T, error) {
	b, err := os.ReadFile(filepath.Join(o.out, name))
	if os.IsNotExist(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	head, rest := header(b)
	var rows []T
	for sc := json.NewDecoder(bufio.NewReader(bytes.NewReader(rest))); sc.More(); {
		var row T
		if err := sc.Decode(&row); err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
	return head, rows, nil
}
