package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
BenchmarkTextToMinHash/impl=neardup/doc=9KB-2 100 25000 ns/op 22500 cpu-ns/op 360 MB/s 0.93 rmse/theory 0 allocs/op
BenchmarkTextToMinHash/impl=classic/doc=1KB-2 100 100000 ns/op
BenchmarkTextToMinHash/impl=neardup/doc=1KB-2 100 10000 ns/op
BenchmarkSignatureSimilarity/impl=neardup/bits=8-2 100 28 ns/op 0.95 rmse/theory
BenchmarkPromisedRecall/threshold=0.5/goal=0.9-2 100 3867 ns/op 0.9038 promised 0.9105 recall
PASS
BenchmarkTextToMinHash/impl=classic/doc=9KB-2 100 3000000 ns/op 3000000 cpu-ns/op
BenchmarkTextToMinHash/impl=neardup/doc=9KB-2 100 60000 ns/op 60000 cpu-ns/op
PASS
`

func setUp(t *testing.T) (out, readme string) {
	t.Helper()
	out = t.TempDir()
	readme = filepath.Join(out, "README.md")
	for name, text := range map[string]string{
		"speed.txt": speedFile,
		"README.md": "# Title\n\n" + begin + "\nformerly\n" + end + "\n\nRest\n",
		"accuracy.jsonl": "date: 2031-01-02\ncommand: c\n\n" +
			`{"set":"pages","unit":"words","view":"prose","size":5,"containment":"default","verify":"signature","threshold":"0.5","t":0.5,"f1":0.8,"ari":0.7}` + "\n" +
			`{"set":"pages","unit":"words","view":"prose","size":5,"containment":"default","verify":"signature","threshold":"0.3","t":0.3,"f1":0.9}` + "\n",
		"scale.jsonl": "date: 2031-01-02\ncommand: c\n\n" +
			`{"n":1000,"workers":1,"seconds":1,"cpu_seconds":1,"bytes_per_article":500,"groups_seconds":1}` + "\n" +
			`{"n":10000,"workers":1,"seconds":11,"cpu_seconds":11,"bytes_per_article":450,"groups_seconds":1,"exponent":1.04,"mem_exp":0.95}` + "\n",
		"cores.jsonl": "date: 2031-01-02\ncommand: c\n\n" +
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
		"45.0 × at 9 KB, 10.0 × at 1 KB, 41 µs, 360 MB/s by the clock, 0 allocations | **no** |", // ratios 40 and 50 by round
		"| 28 ns, error 0.95 × | yes |",
		"over the promise by 0.67 points in the worst of 1 settings | yes |",
		"| not measured |",
		"Some CPU, 2 CPUs, go1.99, 2031-01-02, commit abc: `go test`",
		"default: words, prose, w = 5, J ≥ 0.5",
		"best F1: words, prose, w = 5, J ≥ 0.3",
		"processor time ~ n^1.04, memory ~ n^0.95",
	} {
		if !strings.Contains(string(first), want) {
			t.Errorf("the section lacks %q:\n%s", want, first)
		}
	}
	if strings.Contains(string(first), "formerly") {
		t.Error("the old section is still there")
	}
	for _, name := range []string{"report.md", "accuracy-pages.svg", "scale.svg", "cores.svg"} {
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
		{"-only sped -readme none", "want speed"},
	} {
		err := run(context.Background(), append(strings.Fields(c.args), "-out", out), new(bytes.Buffer), new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", c.args, err, c.want)
		}
	}
}
