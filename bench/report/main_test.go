package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const speedFile = `cpu: Some CPU
date: 2031-01-02
goversion: go1.99
cpus: 2
commit: abc
command: go test

goos: linux
goarch: amd64
pkg: x
cpu: Some CPU
BenchmarkTextToMinHash/impl=classic/doc=9KB-2 100 1000000 ns/op 900000 cpu-ns/op 9 MB/s 1.02 rmse/theory 1462 allocs/op
BenchmarkTextToMinHash/impl=neardup-prose/doc=9KB-2 100 25000 ns/op 22500 cpu-ns/op 360 MB/s 0.93 rmse/theory 0 allocs/op
BenchmarkTextToMinHash/impl=classic/doc=1KB-2 100 100000 ns/op
BenchmarkTextToMinHash/impl=neardup-prose/doc=1KB-2 100 10000 ns/op
BenchmarkTextToFeatures/unit=words-prose/lang=english/doc=9KB-2 100 10000 ns/op 900 MB/s
BenchmarkTextToFeatures/unit=words-prose/lang=french/doc=9KB-2 100 20000 ns/op 450 MB/s
BenchmarkSignatureSimilarity/impl=neardup/bits=8-2 100 28 ns/op 0.95 rmse/theory
BenchmarkPromisedRecall/threshold=0.5/goal=0.9-2 100 3867 ns/op 0.9038 promised 0.9105 recall
PASS
BenchmarkTextToMinHash/impl=classic/doc=9KB-2 100 3000000 ns/op 3000000 cpu-ns/op
BenchmarkTextToMinHash/impl=neardup-prose/doc=9KB-2 100 60000 ns/op 60000 cpu-ns/op
PASS
`

func setUp(t *testing.T) (out, readme string) {
	t.Helper()
	out = t.TempDir()
	readme = filepath.Join(out, "README.md")
	for name, text := range map[string]string{
		"speed.txt": speedFile,
		"README.md": "# Title\n\n" + begin + "\nformerly\n" + end + "\n\nRest\n",
		"accuracy.jsonl": "cpu: Some CPU\ncpus: 2\ngoversion: go1.99\ndate: 2031-01-02\ncommit: abc\ncommand: c\nothers: 0.250\n\n" +
			`{"kind":"labelled","set":"pages","docs":9,"true":5,"ours":{"precision":1,"recall":0.99,"f1":0.9951},"even":{"f1":0.99},"odd":{"f1":1},"jaccard_at_80":{"f1":0.7},"jaccard_at_best":{"f1":0.9,"t":0.31}}` + "\n" +
			`{"kind":"labelled","set":"scoop","ours":{"f1":0.9}}` + "\n" +
			`{"kind":"exact","set":"fi-news","t":0.8,"size":3,"true":422,"ours":{"precision":1,"recall":0.998}}` + "\n" +
			`{"kind":"lengths","lo":0.1,"hi":0.2,"true":50,"ours":{"recall":0.98},"jaccard_at_80":{},"jaccard_at_best":{}}` + "\n" +
			`{"kind":"cases","kinds":400,"right":390,"wishes":9,"called":2}` + "\n",
		"others.jsonl": "date: 2031-01-02\ncommit: abd\ncommand: c\n\n" +
			`{"peer":"neardup-whole","language":"Go","task":"text","of":"9KB","us":25}` + "\n" +
			`{"peer":"gaoya 1","language":"Rust","task":"text","of":"9KB","us":200}` + "\n" +
			`{"peer":"gaoya 1","language":"Rust","task":"text","of":"9KB","us":300}` + "\n" +
			`{"peer":"neardup","task":"end-to-end","of":"fi-news","seconds":2,"mb":250,"recall":1,"precision":1}` + "\n" +
			`{"peer":"neardup-same","task":"end-to-end","of":"fi-news","seconds":1.5,"mb":250,"recall":1,"precision":0.9}` + "\n" +
			`{"peer":"gaoya 1","task":"end-to-end","of":"fi-news","seconds":9,"mb":900,"recall":0.9,"precision":1}` + "\n",
		"latency.txt": "cpu: Some CPU\ncommit: abc\ncommand: c\n\n" +
			"BenchmarkLatency/n=300000/while=groups-2 3 2000000000 ns/op 0.1 query-p50-ms 1.5 query-p99-ms 3 query-max-ms 0.2 add-p50-ms 6 add-p99-ms 9 add-max-ms\n",
		"scale.jsonl": "date: 2031-01-02\ncommit: abc\ncommand: c\n\n" +
			`{"n":1000,"workers":1,"seconds":1,"cpu_seconds":1,"bytes_per_article":500,"groups_seconds":1}` + "\n" +
			`{"n":1000000,"workers":1,"seconds":11,"cpu_seconds":11,"bytes_per_article":2300,"groups_seconds":1,"exponent":1.04,"mem_exp":0.95}` + "\n",
		"cores.jsonl": "date: 2031-01-02\ncommit: abc\ncommand: c\n\n" +
			`{"n":1000,"workers":1,"seconds":2}` + "\n" + `{"n":1000,"workers":2,"seconds":1.1}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return out, readme
}

func TestWrite(t *testing.T) {
	out, readme := setUp(t)
	args := []string{"-only", "none", "-out", out, "-readme", readme}
	if err := run(context.Background(), args, new(bytes.Buffer), new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Title\n", "\nRest\n", end,
		"45.0 × at 9 KB (40–50), 10.0 × at 1 KB, 41 µs, 0 allocations | **no** |",
		"french 2.00 × | **no** |",
		"| 28 ns, error 0.95 × | yes |",
		"over the promise by 0.67 points in the worst of 1 settings | yes |",
		"| not measured |",
		"Some CPU, 2 CPUs, go1.99, 2031-01-02, commit abc. `go test`; rounds lie 99% apart",
		"others took 25% of the machine: **measured under load**",
		"**Another commit than most tables, which are of abc.**",
		"| pages | 9 | 5 | 0.700 | 0.900 at 0.31 | 1.000 | 0.990 | **0.995** | 0.990, 1.000 | 0.995 | yes |",
		"1 of 2, in the worst -2.0 points from it | **no** |",
		"390 of 400 kinds right in all variants, 2 different articles called the same or contained | **no** |",
		"| gaoya 1 | Rust | - | 250 µs | 10.0 |",
		"gaoya 1 9.0 s, 900 MB, recall 0.900 | ≤ 3 s, ≤ 300 MB | 2.0 processor s, without containment 1.5, 250 MB | yes |",
		"**Where we are not first.** fi-news, precision: gaoya 1 1.000, we 0.900.",
		"groups: query 1.50 ms, add 6.00 ms | **no** |",
		"| groups | 2 s | 0.10 ms | 1.50 ms | 3.00 ms | 0.20 ms | 6.00 ms | 9.00 ms |",
		"| 2300 B an article, time ~ n^1.04 | not measured |",
		"processor time ~ n^1.04, memory ~ n^0.95",
	} {
		if !strings.Contains(string(first), want) {
			t.Errorf("the section lacks %q:\n%s", want, first)
		}
	}
	if b, err := os.ReadFile(filepath.Join(out, "report.md")); err != nil || !strings.Contains(string(b), "| 10 to 20% | 50 | 0.0% | 0.0% | **98.0%** |") {
		t.Errorf("report.md lacks the lengths: %v", err)
	}
	if strings.Contains(string(first), "formerly") {
		t.Error("the old section is still there")
	}
	for _, name := range []string{"report.md", "lengths.svg", "sets.svg", "scale.svg", "cores.svg"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() < 500 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	if err := run(context.Background(), args, new(bytes.Buffer), new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	if second, _ := os.ReadFile(readme); !bytes.Equal(first, second) {
		t.Error("writing again changes the README")
	}
}

func TestErrors(t *testing.T) {
	out, readme := setUp(t)
	if err := os.WriteFile(readme, []byte("no markers"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"-only none -readme " + readme, "no section"},
		{"-only sped -readme none", "want speed, plain, large"},
	} {
		err := run(context.Background(), append(strings.Fields(c.args), "-out", out), new(bytes.Buffer), new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", c.args, err, c.want)
		}
	}
}

// A commit is dirty by what can change a figure, not by what the report writes.
func TestCommit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	ctx := context.Background()
	root := t.TempDir()
	o := &options{root: root, out: filepath.Join(root, "bench", "results"), stderr: new(bytes.Buffer)}
	if got := (&options{root: filepath.Join(root, "none"), out: o.out, stderr: new(bytes.Buffer)}).commit(ctx); got != "unknown" {
		t.Errorf("no repository: %q", got)
	}
	put := func(name string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name+t.Name()+time.Now().String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"}, args...)
		if _, err := o.capture(ctx, ".", "git", args...); err != nil {
			t.Skip(err)
		}
	}
	put("a.go")
	put("README.md")
	put("bench/results/speed.txt")
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "first")
	clean := o.commit(ctx)
	if clean == "unknown" || strings.HasSuffix(clean, "-dirty") {
		t.Fatalf("a clean tree is %q", clean)
	}
	put("README.md")
	put("bench/results/speed.txt")
	put("bench/results/new.txt")
	if got := o.commit(ctx); got != clean {
		t.Errorf("with results of its own %q, want %q", got, clean)
	}
	for _, name := range []string{"b.go", "a.go"} {
		put(name)
		if got := o.commit(ctx); got != clean+"-dirty" {
			t.Errorf("with another %s %q, want %q", name, got, clean+"-dirty")
		}
	}
}

// A part keeps its file if it fails, and says what else ran if it does not.
func TestPart(t *testing.T) {
	out := t.TempDir()
	o := &options{root: out, out: out, stderr: new(bytes.Buffer), started: time.Now(), machine: machine{"CPU", "go", "abc"}}
	if err := o.part(context.Background(), "x.txt", "do it", func(w io.Writer) error {
		_, err := io.WriteString(w, "figures\n")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(out, "x.txt"))
	if err != nil {
		t.Fatal(err)
	}
	head, rest := header(b)
	if head["command"] != "do it" || !strings.HasPrefix(head["commit"], "abc") || head["seconds"] == "" || string(rest) != "figures\n" {
		t.Errorf("the file is\n%s", b)
	}
	if m := look(); m.known && (head["others"] == "" || head["load-before"] == "") {
		t.Errorf("no load in\n%s", b)
	}
	if err := o.part(context.Background(), "x.txt", "do it", func(io.Writer) error { return io.ErrUnexpectedEOF }); err == nil {
		t.Error("no error")
	}
	if again, _ := os.ReadFile(filepath.Join(out, "x.txt")); !bytes.Equal(b, again) {
		t.Error("a part that failed changed its file")
	}
}
