//go:build unix

// Ours is this library's side of bench/peers/others, and what all sides share: it writes the texts,
// measures, and judges what the others found. run.sh calls it:
//
//	ours texts DIR DATASETS          write texts, sets of features and what there is of fi-news and wdk-ddi to DIR
//	ours text|index DIR              measure
//	ours end SET DIR same|contained  find the pairs of SET, whose numbers go to DIR/pairs
//	ours judge SET DIR DATASETS      complete the row on standard input with the recall and precision of DIR/pairs
//
// Texts are separated by a zero byte, so that no program spends its time on a format. A row is a
// JSON object a line.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/bench/internal/corpus"
	"github.com/neardup/neardup/bench/internal/measure"
	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
	"github.com/neardup/neardup/simhash"
)

const slots = 128

// row is a line of the results; bench/report has the words.
type row struct {
	Peer      string  `json:"peer"`
	Language  string  `json:"language"`
	Task      string  `json:"task"`
	Of        string  `json:"of"`
	US        float64 `json:"us,omitempty"`
	QueryUS   float64 `json:"query_us,omitempty"`
	Bytes     float64 `json:"bytes,omitempty"`
	Seconds   float64 `json:"seconds,omitempty"`
	Reading   float64 `json:"reading,omitempty"`
	MB        float64 `json:"mb,omitempty"`
	Recall    float64 `json:"recall,omitempty"`
	Precision float64 `json:"precision,omitempty"`
	Note      string  `json:"note,omitempty"`
}

func emit(r row) error {
	if r.Language == "" {
		r.Language = "Go"
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ours:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	for len(args) < 4 {
		args = append(args, "")
	}
	switch args[0] {
	case "texts":
		return writeTexts(args[1], args[2])
	case "text":
		return measureText(args[1])
	case "index":
		return measureIndex(args[1])
	case "end":
		return measureEnd(args[1], args[2], args[3])
	case "judge":
		return judge(args[1], args[2], args[3])
	}
	return fmt.Errorf("%q is no task", args[0])
}

// sizes are the texts that are measured one by one.
var sizes = []struct {
	of    string
	bytes int
}{{"1KB", 1000}, {"9KB", 9000}}

// A bigSet is measured end to end, in word shingles of a size; pairs of its exact list from a
// Jaccard of .8 on are true.
type bigSet struct {
	name, pairs string
	size, least int // least: texts of fewer distinct shingles are not in the list
}

var bigSets = []bigSet{{"fi-news", "exact_pairs_w3_J80.tsv", 3, 8}, {"wdk-ddi", "exact_pairs_w5_J80.tsv.gz", 5, 0}}

func big(name string) (bigSet, error) {
	for _, s := range bigSets {
		if s.name == name {
			return s, nil
		}
	}
	return bigSet{}, fmt.Errorf("%q is no set", name)
}

const (
	indexed = 100_000
	queried = 2048
)

// stream is what the indexes hold: one set in ten is a near-duplicate of an earlier one.
var stream = corpus.FeatureStream{Seed: 9, N: 100, Copies: 10}

func target(i int) int { return (i*7919 + 13) % indexed }

func writeTexts(dir, datasets string) error {
	for _, s := range sizes {
		if err := os.WriteFile(filepath.Join(dir, s.of), []byte(strings.Join(corpus.Articles(corpus.English, 1, 256, s.bytes), "\x00")+"\x00"), 0o666); err != nil {
			return err
		}
	}
	var sets, queries bytes.Buffer
	var x []uint64
	put := func(to *bytes.Buffer) {
		b := binary.LittleEndian.AppendUint32(nil, uint32(len(x)))
		for _, f := range x {
			b = binary.LittleEndian.AppendUint64(b, f)
		}
		to.Write(b)
	}
	for i := range indexed {
		x = stream.Append(x[:0], i)
		put(&sets)
	}
	for i := range queried {
		x = stream.AppendLike(x[:0], target(i), 0.8, uint64(i)+1<<40)
		put(&queries)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "sets"), sets.Bytes(), 0o666), os.WriteFile(filepath.Join(dir, "queries"), queries.Bytes(), 0o666)); err != nil {
		return err
	}
	for _, s := range bigSets {
		if err := writeBig(dir, datasets, s); err != nil {
			return err
		}
	}
	return nil
}

// writeBig writes the texts of a set, and its ids a line.
func writeBig(dir, datasets string, s bigSet) error {
	var texts, ids bytes.Buffer
	err := eachLine(filepath.Join(datasets, s.name, "docs.jsonl.gz"), func(line []byte) error {
		var x struct{ ID, Text string }
		if err := json.Unmarshal(line, &x); err != nil {
			return err
		}
		texts.WriteString(strings.ReplaceAll(x.Text, "\x00", " ") + "\x00")
		ids.WriteString(x.ID + "\n")
		return nil
	})
	if errors.Is(err, os.ErrNotExist) || datasets == "" {
		fmt.Fprintf(os.Stderr, "ours: %s is not at hand\n", s.name)
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, s.name+".ids"), ids.Bytes(), 0o666), os.WriteFile(filepath.Join(dir, s.name), texts.Bytes(), 0o666))
}

// each calls f with the texts of a file one by one.
func each(path string, f func(text string) error) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	r := bufio.NewReaderSize(file, 1<<20)
	for {
		text, err := r.ReadString(0)
		if err != nil {
			return nil // the last text ends in a zero byte, too
		}
		if err := f(text[:len(text)-1]); err != nil {
			return err
		}
	}
}

// turn calls f with the texts in turn for half a second and returns the processor µs of a call.
func turn(texts []string, f func(text string)) float64 {
	for _, t := range texts[:16] {
		f(t) // buffers take their size
	}
	n, start := 0, measure.CPU()
	for measure.CPU()-start < 500*time.Millisecond {
		for range 16 {
			f(texts[n%len(texts)])
			n++
		}
	}
	return float64((measure.CPU() - start).Nanoseconds()) / 1000 / float64(n)
}

func measureText(dir string) error {
	whole, err := shingle.New(shingle.Config{View: shingle.Whole})
	if err != nil {
		return err
	}
	prose, err := shingle.New(shingle.Config{})
	if err != nil {
		return err
	}
	sk, err := minhash.New(minhash.Config{K: slots})
	if err != nil {
		return err
	}
	var features []uint64
	var sig minhash.Signature
	var sink uint64
	for _, s := range sizes {
		var texts []string
		if err := each(filepath.Join(dir, s.of), func(text string) error { texts = append(texts, text); return nil }); err != nil {
			return err
		}
		for _, x := range []struct {
			name, task, note string
			f                func(text string)
		}{
			{"neardup-prose", "text", "the default: prose alone", func(text string) {
				features = prose.Append(features[:0], text)
				sig = sk.AppendSignature(sig[:0], features)
			}},
			{"neardup-whole", "text", "whole text, as all below", func(text string) {
				features = whole.Append(features[:0], text)
				sig = sk.AppendSignature(sig[:0], features)
			}},
			{"neardup-simhash", "simhash", "whole text", func(text string) {
				features = whole.Append(features[:0], text)
				sink += uint64(simhash.Sum(features))
			}},
		} {
			if err := emit(row{Peer: x.name, Task: x.task, Of: s.of, US: turn(texts, x.f), Note: x.note}); err != nil {
				return err
			}
		}
	}
	_ = sink
	return nil
}

func measureIndex(dir string) error {
	sk, err := minhash.New(minhash.Config{K: slots})
	if err != nil {
		return err
	}
	signatures := func(name string) (out []minhash.Signature, err error) {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		var x []uint64
		for len(b) > 0 {
			n := binary.LittleEndian.Uint32(b)
			b = b[4:]
			x = x[:0]
			for range n {
				x, b = append(x, binary.LittleEndian.Uint64(b)), b[8:]
			}
			out = append(out, sk.AppendSignature(nil, x))
		}
		return out, nil
	}
	sets, err := signatures("sets")
	if err != nil {
		return err
	}
	queries, err := signatures("queries")
	if err != nil {
		return err
	}
	for _, bulk := range []bool{false, true} {
		r := row{Peer: "neardup", Task: "index", Of: strconv.Itoa(indexed), Note: "one by one; bytes with signatures of 8-bit slots; queries find candidates, as all below"}
		before := measure.Heap()
		start := measure.CPU()
		x, err := minhash.NewIndex(minhash.IndexConfig{Plan: minhash.Plan{K: slots, Bands: 16, Rows: 8}})
		if err != nil {
			return err
		}
		if bulk {
			r.Peer, r.Note = "neardup-bulk", "in one call"
			x.AddAll(sets)
		} else {
			for _, sig := range sets {
				x.Add(sig)
			}
		}
		r.US = float64((measure.CPU() - start).Nanoseconds()) / 1000 / indexed
		r.Bytes = float64(measure.Heap()-before) / indexed
		var ids []uint32
		found := 0
		const turns = 8
		start = measure.CPU()
		for range turns {
			for _, q := range queries {
				ids, _ = x.AppendCandidates(ids[:0], q)
			}
		}
		r.QueryUS = float64((measure.CPU() - start).Nanoseconds()) / 1000 / turns / queried
		for i, q := range queries {
			ids, _ = x.AppendCandidates(ids[:0], q)
			for _, id := range ids {
				if int(id) == target(i) {
					found++
				}
			}
		}
		r.Recall = float64(found) / queried
		if err := emit(r); err != nil {
			return err
		}
	}
	runtime.KeepAlive(sets)
	return nil
}

// measureEnd finds all pairs of a set from a Jaccard of .8 on, whole texts, verified exactly.
func measureEnd(name, dir, mode string) error {
	s, err := big(name)
	if err != nil {
		return err
	}
	r := row{Peer: "neardup-same", Task: "end-to-end", Of: name, Note: "verified exactly; containment off, as all below"}
	cfg := neardup.Config{Threshold: 0.8, NoContainment: true, Shingle: shingle.Config{View: shingle.Whole, Size: s.size}}
	if mode == "contained" {
		cfg.NoContainment = false
		r.Peer, r.Note = "neardup", "verified exactly; finds contained articles, too, which the list does not count as pairs"
	}
	start := measure.CPU()
	if err := each(filepath.Join(dir, name), func(string) error { return nil }); err != nil {
		return err
	}
	r.Reading = (measure.CPU() - start).Seconds()
	start = measure.CPU()
	d, err := neardup.New(cfg)
	if err != nil {
		return err
	}
	n := 0
	err = d.AddAll(context.Background(), func(yield func(neardup.Article) bool) {
		stop := errors.New("stop")
		if err := each(filepath.Join(dir, name), func(text string) error {
			n++
			if !yield(neardup.Article{ID: strconv.Itoa(n - 1), Text: text}) {
				return stop
			}
			return nil
		}); err != nil {
			return
		}
	})
	if err != nil {
		return err
	}
	var pairs bytes.Buffer
	for p, err := range d.Pairs(context.Background()) {
		if err != nil {
			return err
		}
		fmt.Fprintf(&pairs, "%s %s\n", p.A, p.B)
	}
	r.Seconds = (measure.CPU() - start).Seconds()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return err
	}
	r.MB = float64(u.Maxrss) / 1000
	if err := os.WriteFile(filepath.Join(dir, "pairs"), pairs.Bytes(), 0o666); err != nil {
		return err
	}
	return emit(r)
}
