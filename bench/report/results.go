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

// ratios returns how many times faster b is than a, in each round.
func (r *results) ratios(a, b string) []float64 {
	if r == nil {
		return nil
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
	return q
}

// ratio is the median of the ratios.
func (r *results) ratio(a, b string) float64 { return median(r.ratios(a, b)) }

// perByte returns the time of a benchmark by the bytes of its text.
func (r *results) perByte(name string) float64 {
	bytes := r.get(name, "MB/s") * r.get(name, "ns/op") / 1000
	return r.ns(name) / bytes
}

// spread returns how far the rounds lie apart: of each benchmark the largest time less the
// smallest, by the median, and of those the median and the 90th percentile. NaN of a single round.
func (r *results) spread() (median50, tenth float64) {
	var s []float64
	for _, name := range r.names {
		v := r.values[name]["cpu-ns/op"]
		if len(v) == 0 {
			v = r.values[name]["ns/op"]
		}
		if len(v) > 1 && median(v) > 0 {
			s = append(s, (slices.Max(v)-slices.Min(v))/median(v))
		}
	}
	if len(s) == 0 {
		return math.NaN(), math.NaN()
	}
	slices.Sort(s)
	return median(s), s[len(s)*9/10]
}

func median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	return (s[n/2] + s[(n-1)/2]) / 2
}

// accuracyRow, scaleRow and otherRow are the lines that bench/accuracy, bench/scale and
// bench/peers/others write.
type accuracyRow struct {
	Kind string `json:"kind"` // labelled, exact, cases, lengths
	Set  string `json:"set"`
	Docs int    `json:"docs"`
	True int    `json:"true"`
	// Labelled sets: by default settings, all of it and each half, and any tool that goes by the
	// exact Jaccard of whole texts.
	Ours   score `json:"ours"`
	Even   score `json:"even"`
	Odd    score `json:"odd"`
	Groups score `json:"groups"`
	At80   score `json:"jaccard_at_80"`
	Best   score `json:"jaccard_at_best"`
	// Exact lists: at this threshold, of word shingles of this size.
	T    float64 `json:"t"`
	Size int     `json:"size"`
	// Cases: kinds, those right in all variants, and pairs of different articles called the same or
	// contained.
	Kinds  int `json:"kinds"`
	Right  int `json:"right"`
	Wishes int `json:"wishes"`
	Called int `json:"called"`
	// Lengths: true pairs by how long the shorter text is beside the longer.
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
}

type score struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	T         float64 `json:"t"`
}

type otherRow struct {
	Peer      string  `json:"peer"`
	Language  string  `json:"language"`
	Task      string  `json:"task"` // text, simhash, index, end-to-end, skipped
	Of        string  `json:"of"`   // what text, what set
	US        float64 `json:"us"`   // processor µs of an operation: a text, an Add
	QueryUS   float64 `json:"query_us"`
	Bytes     float64 `json:"bytes"`
	Seconds   float64 `json:"seconds"` // processor seconds of the whole process
	Reading   float64 `json:"reading"` // of those, until the texts were read
	MB        float64 `json:"mb"`      // peak memory of the process
	Recall    float64 `json:"recall"`
	Precision float64 `json:"precision"`
	Note      string  `json:"note"`
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
