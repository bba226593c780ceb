package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// create opens a result file and writes who measured it when and how: the lines that benchmark files begin with.
func (o *options) create(ctx context.Context, name, command string) (*os.File, error) {
	f, err := os.Create(filepath.Join(o.out, name))
	if err != nil {
		return nil, err
	}
	version, err := o.capture(ctx, ".", "go", "env", "GOVERSION")
	if err != nil {
		version = runtime.Version()
	}
	commit, err := o.capture(ctx, ".", "git", "describe", "--always", "--dirty")
	if err != nil {
		commit = "unknown"
	}
	cpu := "unknown processor"
	if out, err := o.capture(ctx, "bench", "go", "test", "-run", "^$", "-bench", "SignatureSimilarity/impl=classic", "-benchtime", "1x", "."); err == nil {
		for line := range strings.Lines(out) {
			if name, ok := strings.CutPrefix(line, "cpu: "); ok {
				cpu = strings.TrimSpace(name)
			}
		}
	}
	fmt.Fprintf(f, "cpu: %s\ndate: %s\ngoversion: %s\ncpus: %d\ncommit: %s\ncommand: %s\n\n", cpu, time.Now().UTC().Format("2006-01-02"),
		strings.TrimSpace(version), runtime.NumCPU(), strings.TrimSpace(commit), command)
	return f, nil
}

// rounds runs the benchmarks of a package again and again, each time from a new process.
func (o *options) repeat(ctx context.Context, w io.Writer, dir string, rounds int, args ...string) error {
	tmp, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	binary := filepath.Join(tmp, "bench.test")
	if err := o.command(ctx, dir, w, "go", "test", "-c", "-o", binary, "."); err != nil {
		return err
	}
	for i := range rounds {
		a := append([]string{"-test.run", "^$"}, args...)
		if i > 0 {
			a = append(a, "-test.short") // the quality is the same every time
		}
		if err := o.command(ctx, dir, w, binary, a...); err != nil {
			return err
		}
	}
	return nil
}

func (o *options) benchtime() string {
	if o.short {
		return "50ms"
	}
	return "300ms"
}

func (o *options) speed(ctx context.Context) error {
	f, err := o.create(ctx, "speed.txt", fmt.Sprintf("go test -run '^$' -bench . -benchtime %s ./bench, %d rounds", o.benchtime(), o.rounds))
	if err != nil {
		return err
	}
	defer f.Close()
	return o.repeat(ctx, f, "bench", o.rounds, "-test.bench", ".", "-test.benchtime", o.benchtime())
}

// large measures the indexes of a million and more.
func (o *options) large(ctx context.Context) error {
	if o.short {
		return nil
	}
	const pattern = "^Benchmark(LSH|Hamming)/./n=1000000"
	f, err := o.create(ctx, "large.txt", "go test -run '^$' -large -bench '"+pattern+"' -benchtime 300ms ./bench, 2 rounds")
	if err != nil {
		return err
	}
	defer f.Close()
	return o.repeat(ctx, f, "bench", 2, "-large", "-test.timeout", "60m", "-test.benchtime", "300ms", "-test.bench", pattern)
}

func (o *options) peers(ctx context.Context) error {
	f, err := o.create(ctx, "peers.txt", fmt.Sprintf("cd bench/peers && go test -run '^$' -bench . -benchtime %s, %d rounds", o.benchtime(), o.rounds))
	if err != nil {
		return err
	}
	defer f.Close()
	return o.repeat(ctx, f, "bench/peers", o.rounds, "-test.bench", ".", "-test.benchtime", o.benchtime())
}

// labelled are the sets that are measured if the folder has them.
var labelled = []string{"articles", "pages", "licenses", "wdk-ddi", "fi-news", "mccormick", "news-copy", "core"}

func (o *options) accuracy(ctx context.Context) error {
	f, err := o.create(ctx, "accuracy.jsonl", "go run ./bench/accuracy -data DIR -set NAME -json FILE, for each set")
	if err != nil {
		return err
	}
	defer f.Close()
	tmp, err := os.MkdirTemp("", "accuracy")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	sets := []string{"generated"}
	for _, s := range labelled {
		if o.datasets == "" {
			break
		}
		if _, err := os.Stat(filepath.Join(o.datasets, s)); err == nil {
			sets = append(sets, s)
		}
	}
	for _, s := range sets {
		path := filepath.Join(tmp, s+".jsonl")
		args := []string{"run", "./bench/accuracy", "-set", s, "-data", o.datasets, "-json", path}
		if o.short {
			args = append(args, "-limit", "2000")
		}
		if _, err := o.capture(ctx, ".", "go", args...); err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if _, err := f.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// scale measures growth with the number of articles, on one worker.
func (o *options) scale(ctx context.Context) error {
	sizes := "10000,30000,100000,300000,1000000,3000000"
	if o.short {
		sizes = "3000,10000,30000"
	}
	return o.growth(ctx, "scale.jsonl", "-n", sizes)
}

// cores measures growth with the number of workers. It needs a machine on which nothing else runs.
func (o *options) cores(ctx context.Context) error {
	n := "300000"
	if o.short {
		n = "100000"
	}
	return o.growth(ctx, "cores.jsonl", "-n", n, "-workers", o.workers, "-groups=false")
}

// growth runs bench/scale and keeps what it measured in a file.
func (o *options) growth(ctx context.Context, name string, args ...string) error {
	f, err := o.create(ctx, name, "go run ./bench/scale "+strings.Join(args, " "))
	if err != nil {
		return err
	}
	defer f.Close()
	path := filepath.Join(o.out, "scale.tmp")
	defer os.Remove(path)
	if _, err := o.capture(ctx, ".", "go", append([]string{"run", "./bench/scale", "-json", path}, args...)...); err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return err
}
