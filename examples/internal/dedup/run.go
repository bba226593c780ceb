// Package dedup is the program that finds the near-duplicate articles in files and writes the files
// without them. The programs that are made of it differ in the formats that they read.
package dedup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/formats"
)

// A Program is one that reads some formats.
type Program struct {
	Name string
	Set  formats.Set
	// Kinds describes the formats, for -h.
	Kinds string
	// Convert makes UTF-8 of other encodings; see [formats.Options].
	Convert func(data []byte) (text []byte, encoding string, ok bool)
	// MaxText is the longest text of an article, in bytes; 0 means what the library says.
	MaxText int
}

// Main runs the program and ends the process.
func (p Program) Main() {
	// A reader of standard output that goes away is an error like any other, after all files are
	// written.
	signal.Ignore(syscall.SIGPIPE)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50) // a quarter less memory, for next to no time
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	status := p.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// The exit statuses.
const (
	done     = 0
	reported = 1 // done, and something was reported
	failed   = 2 // nothing was done, or what was to be written is not there
)

// A job is one run of the program.
type job struct {
	program *Program
	options
	stderr   io.Writer
	progress progress
	detector *neardup.Detector
	found    *formats.Finding
	reading  formats.Options

	errs    int                     // things reported
	files   int                     // read
	broken  map[*formats.File]error // those that could not be read to their end; nil for what is no text
	tally   tally
	first   []int    // number of the first record of each file
	state   []state  // of each record of files that are not old
	taken   []int32  // number of the record of each article that the detector was given; -1 if it is old
	ids     []string // of these articles
	at      []place  // of them
	seen    map[uint64]uint32
	notes   notes
	removed map[int]removal // by record
	written bool            // the files that were asked for
}

// A tally says what became of the records.
type tally struct {
	read, kept, removed, passed, rejected int
	marked                                bool // the removed are not removed, but marked
}

func (t tally) String() string {
	verb := "removed"
	if t.marked {
		verb = "marked"
	}
	return fmt.Sprintf("%d kept, %d %s, %d passed through, %d rejected", t.kept, t.removed, verb, t.passed, t.rejected)
}

// A state is what is known of a record after the first reading.
type state uint8

const (
	judged   state = iota // an article that is held
	unjudged              // should be one, and is not
	other                 // is none by its nature
)

// A place is a line of a file; line 0 is the file as a whole.
type place struct {
	file, line uint32
}

// A removal is why a record goes.
type removal struct {
	by string // ID of what stays in its place; "" if a decision says so
	formats.Annotation
}

// Run runs the program and returns its exit status.
func (p Program) Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	start := time.Now()
	terminal := newProgress(stderr)
	stderr = messages{stderr}
	j := &job{program: &p, stderr: stderr, progress: terminal, seen: make(map[uint64]uint32), broken: make(map[*formats.File]error)}
	if status, ok := j.parse(args, stdout, stderr); !ok {
		return status
	}
	fail := func(err error) int {
		j.progress.clear()
		switch {
		case ctx.Err() != nil:
			what := "nothing was written"
			if j.written {
				what = "the files are written, what is printed is not complete"
			}
			fmt.Fprintf(stderr, "%s: interrupted; %s\n", p.Name, what)
		case errors.Is(err, syscall.EPIPE):
			fmt.Fprintf(stderr, "%s: whoever read the output has gone\n", p.Name)
		default:
			fmt.Fprintf(stderr, "%s: %s\n", p.Name, plain(err.Error()))
		}
		return failed
	}
	j.config.MaxText = p.MaxText
	detector, err := neardup.New(j.config)
	if err != nil {
		return fail(err)
	}
	j.detector = detector
	j.reading = formats.Options{Fields: articles.NewFinder(j.fields), MaxText: detector.Config().MaxText, Convert: p.Convert, Read: j.progress.count}
	defer j.close()
	if err := j.find(ctx, stdin, stdout); err != nil {
		return fail(err)
	}
	if err := j.read(ctx); err != nil {
		return fail(err)
	}
	if j.files == 0 {
		err := errors.New("nothing to read")
		if s := j.found.Passed(); s != "" {
			err = fmt.Errorf("nothing to read: %s; %s", s, j.found.Hint())
		}
		return fail(err)
	}
	j.progress.say(fmt.Sprintf("comparing %d articles", detector.Len()))
	result, err := j.judge(ctx)
	if err != nil {
		return fail(err)
	}
	if err := j.writeFiles(ctx, result); err != nil {
		return fail(err)
	}
	j.written = j.twice()
	j.progress.clear()
	if err := j.print(ctx, stdout, result); err != nil {
		return fail(err)
	}
	j.summary(result, time.Since(start))
	if j.errs > 0 {
		return reported
	}
	return done
}

// close removes the copies of streams.
func (j *job) close() {
	if j.found != nil {
		for _, f := range j.found.Files {
			f.Unspool()
		}
	}
}

// find finds the files to be read, the old ones first, checks that none of them is written over,
// and copies streams that have to be read twice.
func (j *job) find(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	j.found = j.program.Set.Find(stdin, j.all, j.format, func(path string, err error) { j.report(path, 0, err) })
	j.found.Add(true, j.against...)
	j.found.Add(false, j.paths...)
	if a, b := j.found.Clash(); a != nil && j.found.Folder && j.out != "" {
		return fmt.Errorf("%s and %s would be one file below %s", where(a.Path, 0), where(b.Path, 0), where(j.out, 0))
	}
	if err := j.checkPaths(stdin, stdout); err != nil {
		return err
	}
	var size int64
	for _, f := range j.found.Files {
		if f.Stream() && j.twice() {
			j.progress.say("copying " + where(f.Path, 0))
			if err := f.Spool(ctx); err != nil {
				return fmt.Errorf("%s: %w", where(f.Path, 0), err)
			}
		}
		if f.Size < 0 || size < 0 {
			size = -1
		} else {
			size += f.Size
		}
	}
	j.progress.start(size)
	return nil
}

// twice reports whether files are read a second time, to be written or shown.
func (o *options) twice() bool { return o.out != "" && !o.dry || o.page != "" }

// A result is what was found.
type result struct {
	groups []neardup.Group
	pairs  int
}

// print writes what was asked for to standard output.
func (j *job) print(ctx context.Context, stdout io.Writer, r *result) error {
	out := bufio.NewWriterSize(stdout, 1<<16)
	var err error
	switch {
	case j.pairs:
		lines := articles.NewEncoder(out)
		for p, pairErr := range j.detector.Pairs(ctx) {
			if err = pairErr; err == nil {
				p.Relation = articles.Round(p.Relation)
				err = lines.Encode(p)
			}
			if err != nil {
				return err
			}
			r.pairs++
		}
	case j.keep:
		end := byte('\n')
		if j.null {
			end = 0
		}
		for i, n := range j.taken {
			if n < 0 || j.state[n] != judged {
				continue
			}
			if _, gone := j.removed[int(n)]; gone {
				continue
			}
			if _, err = out.WriteString(j.ids[i]); err == nil {
				err = out.WriteByte(end)
			}
			if err != nil {
				return err
			}
		}
	case j.dry:
		err = j.printRemoved(out)
	case j.out == "":
		err = articles.WriteGroups(out, r.groups)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return ctx.Err()
}

// A going is a line of -dry-run.
type going struct {
	ID          string   `json:"id"`
	File        string   `json:"file"`
	Line        int      `json:"line,omitempty"`
	DuplicateOf *string  `json:"duplicate_of"` // null if a decision alone says so
	Relation    *string  `json:"relation"`
	Similarity  *float64 `json:"similarity"`
	Coverage    *float64 `json:"coverage"`
}

// printRemoved prints what goes.
func (j *job) printRemoved(w io.Writer) error {
	lines := articles.NewEncoder(w)
	for i, n := range j.taken {
		r, gone := j.removed[int(n)]
		if n < 0 || !gone {
			continue
		}
		g := going{ID: j.ids[i], File: j.found.Files[j.at[i].file].Path, Line: int(j.at[i].line)}
		if r.by != "" {
			g.DuplicateOf, g.Relation, g.Similarity, g.Coverage = &r.DuplicateOf, &r.Relation, &r.Similarity, &r.Coverage
		}
		if err := lines.Encode(g); err != nil {
			return err
		}
	}
	return nil
}

// summary prints the last line.
func (j *job) summary(r *result, took time.Duration) {
	found := plural(len(r.groups), "group")
	if j.pairs {
		found = plural(r.pairs, "pair")
	}
	line := fmt.Sprintf("%s: %s in %s: %v; %s", j.program.Name, plural(j.tally.read, "record"), plural(j.files, "file"), j.tally, found)
	if s := j.found.Passed(); s != "" {
		line += "; files: " + s
	}
	if j.errs > 0 {
		line += "; " + plural(j.errs, "error")
	}
	if j.errs > mostReports {
		fmt.Fprintf(j.stderr, "%s: only the first %d errors are told one by one\n", j.program.Name, mostReports)
	}
	fmt.Fprintf(j.stderr, "%s; %.1f s\n", plain(line), took.Seconds())
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
