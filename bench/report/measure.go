package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A part is measured by itself and kept in a file of its own.
type part struct {
	name, file string
	measure    func(o *options, ctx context.Context, p part) error
}

// parts are in the order in which they run: what needs a machine that is not yet warm and full of
// files comes first.
var parts = []part{
	{"speed", "speed.txt", (*options).speed},
	{"plain", "plain.txt", (*options).plain},
	{"large", "large.txt", (*options).large},
	{"peers", "peers.txt", (*options).peers},
	{"others", "others.jsonl", (*options).others},
	{"accuracy", "accuracy.jsonl", (*options).accuracy},
	{"latency", "latency.txt", (*options).latency},
	{"scale", "scale.jsonl", (*options).scale},
	{"small", "small.jsonl", (*options).small},
	{"cores", "cores.jsonl", (*options).cores},
}

func partNames() []string {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	return names
}

// repeat runs the benchmarks of a package again and again, each time from a new process. The first
// runs in full, with what says how good a result is; that is the same every time, so the others
// leave it out.
func (o *options) repeat(ctx context.Context, w io.Writer, dir string, rounds int, tags string, args ...string) error {
	tmp, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	binary := filepath.Join(tmp, "bench.test")
	if err := o.command(ctx, dir, w, "go", "test", "-c", "-tags", tags, "-o", binary, "."); err != nil {
		return err
	}
	for i := range rounds {
		a := append([]string{"-test.run", "^$", "-test.timeout", "90m"}, args...)
		if i > 0 {
			a = append(a, "-test.short")
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

// journeys are the benchmarks of speed: all of bench but those that are parts of their own.
const journeys = "^Benchmark(Text|Pages|Features|Signature|LSH|Hamming|PromisedRecall|Compare|Detector)"

func (o *options) speed(ctx context.Context, p part) error {
	return o.part(ctx, p.file, fmt.Sprintf("go test -run '^$' -bench '%s' -benchtime %s ./bench, %d rounds", journeys, o.benchtime(), o.rounds), func(w io.Writer) error {
		return o.repeat(ctx, w, "bench", o.rounds, "", "-test.bench", journeys, "-test.benchtime", o.benchtime())
	})
}

// plain is the path from text to signature without assembly.
func (o *options) plain(ctx context.Context, p part) error {
	const pattern = "^BenchmarkTextToMinHash$/./^doc=(1|9)KB$"
	return o.part(ctx, p.file, fmt.Sprintf("go test -tags purego -run '^$' -bench '%s' -benchtime %s ./bench, %d rounds", pattern, o.benchtime(), o.rounds), func(w io.Writer) error {
		return o.repeat(ctx, w, "bench", o.rounds, "purego", "-test.short", "-test.bench", pattern, "-test.benchtime", o.benchtime())
	})
}

// large measures the indexes of a million and more.
func (o *options) large(ctx context.Context, p part) error {
	const pattern = "^Benchmark(LSH|Hamming)/./n=1000000"
	rounds := 3
	if o.short {
		rounds = 1
	}
	return o.part(ctx, p.file, fmt.Sprintf("go test -run '^$' -large -bench '%s' -benchtime %s ./bench, %d rounds", pattern, o.benchtime(), rounds), func(w io.Writer) error {
		return o.repeat(ctx, w, "bench", rounds, "", "-large", "-test.benchtime", o.benchtime(), "-test.bench", pattern)
	})
}

func (o *options) peers(ctx context.Context, p part) error {
	return o.part(ctx, p.file, fmt.Sprintf("cd bench/peers && go test -run '^$' -bench . -benchtime %s, %d rounds", o.benchtime(), o.rounds), func(w io.Writer) error {
		return o.repeat(ctx, w, "bench/peers", o.rounds, "", "-test.bench", ".", "-test.benchtime", o.benchtime())
	})
}

// others are the peers of other languages.
func (o *options) others(ctx context.Context, p part) error {
	if o.noOthers {
		return o.leaveOut(p, "by -others=false")
	}
	args := []string{filepath.Join("others", "run.sh")}
	if o.short {
		args = append(args, "-short")
	}
	return o.part(ctx, p.file, "cd bench/peers && bash "+strings.Join(args, " "), func(w io.Writer) error {
		return o.inFile(ctx, "bench/peers", w, "bash", args...)
	})
}

// leaveOut says that a part was not measured. What is there of an earlier run stays.
func (o *options) leaveOut(p part, why string) error {
	fmt.Fprintf(o.stderr, "== %s LEFT OUT %s\n", p.file, why)
	return nil
}

func (o *options) accuracy(ctx context.Context, p part) error {
	command := "go run ./bench/accuracy -all"
	if o.datasets != "" {
		command += " -data DIR"
	}
	return o.part(ctx, p.file, command, func(w io.Writer) error {
		return o.runFile(ctx, w, "./bench/accuracy", "-all", "-data", o.datasets, "-json")
	})
}

// latency is what Query and Add take while something long runs.
func (o *options) latency(ctx context.Context, p part) error {
	rounds, times := 3, "3x"
	if o.short {
		rounds, times = 2, "2x"
	}
	return o.part(ctx, p.file, fmt.Sprintf("go test -run '^$' -bench '^BenchmarkLatency' -benchtime %s ./bench, %d rounds", times, rounds), func(w io.Writer) error {
		// A process for each round, all of them in full: short would hold fewer articles.
		for range rounds {
			if err := o.repeat(ctx, w, "bench", 1, "", "-test.bench", "^BenchmarkLatency", "-test.benchtime", times); err != nil {
				return err
			}
		}
		return nil
	})
}

// available returns the bytes of memory that may be used; of a system that does not tell, 8 GB.
func available() float64 {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 8e9
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "MemAvailable:" {
			if kb, err := strconv.ParseFloat(f[1], 64); err == nil {
				return kb * 1024
			}
		}
	}
	return 8e9
}

// fitting returns the sizes that fit in memory, as a list for -n: an article takes perArticle bytes
// held and, as the garbage collector works, as much again.
func (o *options) fitting(perArticle float64, sizes ...int) string {
	var list []string
	for _, n := range sizes {
		if float64(n)*perArticle*2 > available() {
			fmt.Fprintf(o.stderr, "== %d articles LEFT OUT: they take more memory than there is\n", n)
			break
		}
		list = append(list, strconv.Itoa(n))
	}
	return strings.Join(list, ",")
}

// scale measures growth with the number of articles on one worker, which looks for the matches of
// each, in the default configuration.
func (o *options) scale(ctx context.Context, p part) error {
	sizes := []int{10_000, 100_000, 300_000, 1_000_000}
	if !o.short {
		sizes = append(sizes, 3_000_000, 10_000_000)
	}
	return o.growth(ctx, p, "-n", o.fitting(2300, sizes...))
}

// small measures the same by signature.
func (o *options) small(ctx context.Context, p part) error {
	sizes := []int{10_000, 100_000, 1_000_000}
	if !o.short {
		sizes = append(sizes, 3_000_000, 10_000_000)
	}
	return o.growth(ctx, p, "-signature", "-n", o.fitting(900, sizes...))
}

// cores measures growth with the number of workers, which add in bulk. It needs a machine on which
// nothing else runs.
func (o *options) cores(ctx context.Context, p part) error {
	n := o.fitting(2300, 1_000_000)
	if n == "" {
		n = "100000"
	}
	return o.growth(ctx, p, "-n", n, "-bulk", "-workers", o.workers, "-groups=false")
}

// growth runs bench/scale and keeps what it measured.
func (o *options) growth(ctx context.Context, p part, args ...string) error {
	return o.part(ctx, p.file, "go run ./bench/scale "+strings.Join(args, " "), func(w io.Writer) error {
		return o.runFile(ctx, w, "./bench/scale", append(args, "-json")...)
	})
}
