package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A machine is what every result file says of where and of what it was measured. It is asked once,
// before any file of the repository is written.
type machine struct{ cpu, goversion, commit string }

// ask fills in the machine. The commit is marked dirty if a file differs from it that can change a
// figure: not the results and not the README, which the report itself writes.
func (o *options) ask(ctx context.Context) {
	o.machine = machine{"unknown processor", runtime.Version(), o.commit(ctx)}
	if out, err := o.capture(ctx, ".", "go", "env", "GOVERSION"); err == nil {
		o.machine.goversion = strings.TrimSpace(out)
	}
	if out, err := o.capture(ctx, "bench", "go", "test", "-run", "^$", "-bench", "SignatureSimilarity/impl=classic", "-benchtime", "1x", "."); err == nil {
		for line := range strings.Lines(out) {
			if name, ok := strings.CutPrefix(line, "cpu: "); ok {
				o.machine.cpu = strings.TrimSpace(name)
			}
		}
	}
}

// commit returns the commit of the working tree, with -dirty if it has changes of its own; unknown
// outside git.
func (o *options) commit(ctx context.Context) string {
	head, err := o.capture(ctx, ".", "git", "rev-parse", "--short=10", "HEAD")
	if err != nil {
		return "unknown"
	}
	args := []string{"status", "--porcelain", "--", ".", ":(exclude)README.md"}
	if rel, err := filepath.Rel(o.root, o.out); err == nil && filepath.IsLocal(rel) && rel != "." {
		args = append(args, ":(exclude)"+filepath.ToSlash(rel))
	}
	changes, err := o.capture(ctx, ".", "git", args...)
	if err != nil {
		return "unknown"
	}
	head = strings.TrimSpace(head)
	if strings.TrimSpace(changes) != "" {
		head += "-dirty"
	}
	return head
}

// A moment is what the system says of its load.
type moment struct {
	at     time.Time
	load   string        // mean number of runnable processes over a minute; empty = not known
	busy   time.Duration // processor time of all processes, and what the host took away, since the system started
	stolen time.Duration // the latter
	known  bool
}

// look asks the system, where it is Linux.
func look() moment {
	m := moment{at: time.Now()}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.load, _, _ = strings.Cut(string(b), " ")
	}
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return m
	}
	line, _, _ := strings.Cut(string(b), "\n")
	f := strings.Fields(line)
	if len(f) < 9 || f[0] != "cpu" {
		return m
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every architecture
	m.known = true
	for i, s := range f[1:9] {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return moment{at: m.at, load: m.load}
		}
		switch i {
		case 3, 4: // idle, waiting for a disk
		case 7:
			m.stolen = time.Duration(n) * tick
			m.busy += m.stolen
		default:
			m.busy += time.Duration(n) * tick
		}
	}
	return m
}

// disturbed is the share of the machine's processor time from which on a part counts as measured
// under load.
const disturbed = 0.05

// part measures one part and keeps it as a file: the lines that benchmark files begin with, which
// say who measured what when and beside what load, and below them what measure writes. The file is
// written when all of it is there; an error leaves the old one.
func (o *options) part(ctx context.Context, name, command string, measure func(w io.Writer) error) error {
	fmt.Fprintf(o.stderr, "== %s (at %.0f s)\n", name, time.Since(o.started).Seconds())
	o.own = 0
	before := look()
	var body bytes.Buffer
	if err := measure(&body); err != nil {
		return err
	}
	after := look()
	took := after.at.Sub(before.at)
	var out bytes.Buffer
	commit := o.machine.commit
	if now := o.commit(ctx); now != commit {
		commit += ", and " + now + " at the end"
	}
	fmt.Fprintf(&out, "cpu: %s\ndate: %s\ngoversion: %s\ncpus: %d\ncommit: %s\ncommand: %s\n", o.machine.cpu, before.at.UTC().Format("2006-01-02"),
		o.machine.goversion, runtime.NumCPU(), commit, command)
	fmt.Fprintf(&out, "seconds: %.0f\nload-own: %.2f\n", took.Seconds(), o.own.Seconds()/took.Seconds())
	if before.load != "" {
		fmt.Fprintf(&out, "load-before: %s\nload-after: %s\n", before.load, after.load)
	}
	if before.known && after.known {
		all := took.Seconds() * float64(runtime.NumCPU())
		fmt.Fprintf(&out, "others: %.3f\n", max(0, (after.busy-before.busy-o.own).Seconds()/all))
		fmt.Fprintf(&out, "stolen: %.3f\n", (after.stolen-before.stolen).Seconds()/all)
	}
	out.WriteByte('\n')
	out.Write(body.Bytes())
	return os.WriteFile(filepath.Join(o.out, name), out.Bytes(), 0o666)
}

// command runs a program in a folder of the repository and copies what it prints to w. The
// processor time that it and what it started used is the report's own.
func (o *options) command(ctx context.Context, dir string, w io.Writer, name string, args ...string) error {
	fmt.Fprintf(o.stderr, "%s: %s %s\n", dir, name, strings.Join(args, " "))
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = filepath.Join(o.root, dir)
	c.Stdout, c.Stderr = w, o.stderr
	c.Env = append(os.Environ(), "NEARDUP_DATASETS="+o.datasets)
	err := c.Run()
	if c.ProcessState != nil {
		o.own += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// capture is command, returning what it prints.
func (o *options) capture(ctx context.Context, dir, name string, args ...string) (string, error) {
	var sb strings.Builder
	err := o.command(ctx, dir, &sb, name, args...)
	return sb.String(), err
}

// runFile builds a program of the repository and is inFile of it. go run would leave it running if
// the report is stopped.
func (o *options) runFile(ctx context.Context, w io.Writer, pkg string, args ...string) error {
	tmp, err := os.MkdirTemp("", "report")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	binary := filepath.Join(tmp, filepath.Base(pkg))
	if err := o.command(ctx, ".", o.stderr, "go", "build", "-o", binary, pkg); err != nil {
		return err
	}
	return o.inFile(ctx, ".", w, binary, args...)
}

// inFile runs a program that writes its figures to a file named by its last argument, and copies
// that to w.
func (o *options) inFile(ctx context.Context, dir string, w io.Writer, name string, args ...string) (err error) {
	tmp, err := os.CreateTemp("", "report-*.jsonl")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tmp.Close(), os.Remove(tmp.Name())) }()
	if err := o.command(ctx, dir, o.stderr, name, append(args, tmp.Name())...); err != nil {
		return err
	}
	b, err := os.ReadFile(tmp.Name())
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}
