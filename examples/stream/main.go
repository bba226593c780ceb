// Stream answers for each article, as it arrives, which recent articles it duplicates.
//
//	tail -f feed.jsonl | go run ./examples/stream [-window 72h] [-max 1000000] [-state file] [-autosave 5m]
//
// It reads JSON Lines from standard input, one object a line with "id" and "text", optionally
// "source" (or "url", whose host is then the source) and "time" (RFC 3339 or a date; without it the
// time of arrival counts), and writes one line for each, in the same order:
//
//	{"id":"b","duplicates":[{"id":"a","kind":"same",…}],"supersedes":[]}
//
// "duplicates" are the articles that can stand for b, which may go: those that are the "same", and
// those that b is "contained" in. "supersedes" are the articles that b can stand for, because it
// "contains" them: an excerpt or an earlier version that came before. Both come best first, and have
// the fields of neardup.Relation as seen from b. An article that comes again under its ID replaces
// the former one.
//
// An answer names a hundred articles at most, the nearest, so copies and versions of one text take no
// longer, however many come.
//
// Text that a source repeats on its pages is learnt on the way, from some six pages on, and then is
// no evidence. It is part of the state: a run that is stopped and goes on gives the same answers.
//
// Memory is bounded: an article is forgotten when it is older than -window, counted back from the
// newest one, or when more than -max are held, the oldest first. An article that arrives with a
// time before the window is answered and not held.
//
// On interrupt, or at the end of the input, it finishes the line at hand and saves what it holds to
// -state, from where the next run goes on. -autosave also saves every so often, so that a crash
// loses no more than that. Two runs cannot have the same state at the same time: the second one
// ends with an error.
//
// Malformed lines are reported on standard error and passed over. The exit status is 0, 1 if
// something was reported, 2 if nothing could be done or the state could not be saved.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"reflect"
	"syscall"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/internal/atomicfile"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// mostMatches are the articles that an answer names.
const mostMatches = 100

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("stream", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {}
	window := flags.Duration("window", 72*time.Hour, "how far back articles are remembered")
	most := flags.Int("max", 1_000_000, "articles remembered at most")
	state := flags.String("state", "", "`file` to go on from and to save to")
	autosave := flags.Duration("autosave", 5*time.Minute, "time between saves to -state; 0 saves at the end only")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			help(stdout, flags)
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 || *window <= 0 || *most <= 0 || *autosave < 0 {
		fmt.Fprintln(stderr, "stream: want -window and -max above 0, -autosave of 0 or more, and no arguments; articles come on standard input")
		return 2
	}
	m, err := newMemory(*window, *most)
	if err == nil && *state != "" {
		var release func() error
		if release, err = atomicfile.Lock(*state); err == nil {
			defer func() { _ = release() }() // the process ends
		} else if errors.Is(err, errors.ErrUnsupported) {
			err = nil // that nobody else writes to it, the user has to see to
		}
		if err == nil {
			err = m.load(*state)
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, "stream:", err)
		return 2
	}

	errs := 0
	report := func(line int, err error) {
		errs++
		fmt.Fprintf(stderr, "stream: line %d: %v\n", line, err)
	}
	lines := make(chan line, 64)
	go read(ctx, stdin, lines)
	var save <-chan time.Time
	if *state != "" && *autosave > 0 {
		t := time.NewTicker(*autosave)
		defer t.Stop()
		save = t.C
	}
	out := bufio.NewWriter(stdout)
	encoder := articles.NewEncoder(out)
	failed := func(err error) bool {
		if err != nil {
			errs++
			fmt.Fprintln(stderr, "stream:", err)
		}
		return err != nil
	}
loop:
	for {
		select {
		case <-ctx.Done():
			break loop
		case <-save:
			if err := m.detector.SaveFile(ctx, *state); ctx.Err() == nil {
				failed(err) // it may work the next time
			}
		case l, ok := <-lines:
			if !ok {
				break loop
			}
			if l.err != nil {
				report(l.number, l.err)
			}
			if l.article.ID == "" {
				continue
			}
			v, err := m.judge(l.article, time.Now())
			if err != nil {
				report(l.number, err)
				continue
			}
			_ = encoder.Encode(v) // an error of out stays until Flush
			if len(lines) == 0 {
				// Nothing is waiting: the reader of the output shall not wait either.
				if failed(out.Flush()) {
					break loop
				}
			}
		}
	}
	status := 0
	if failed(out.Flush()) {
		status = 2
	}
	if *state != "" && failed(m.detector.SaveFile(context.WithoutCancel(ctx), *state)) {
		status = 2
	}
	fmt.Fprintf(stderr, "stream: %d articles answered, %d of them duplicates; %d remembered\n", m.answered, m.duplicates, m.detector.Len())
	if status == 0 && errs > 0 {
		status = 1
	}
	return status
}

// help prints how the program is used.
func help(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(w, `usage: stream [flags] <articles.jsonl

Answers for each article, as it arrives, which recent articles it duplicates.

example:
  tail -f feed.jsonl | stream -window 48h -state seen.nd

input:
`+articles.FieldsHelp+"\nflags:\n")
	flags.SetOutput(w)
	flags.PrintDefaults()
	fmt.Fprint(w, "\noutput, one JSON object a line, in the order of the input:\n"+articles.AnswerSchema+`
exit status:
  0  done
  1  done, and something was reported on standard error
  2  nothing could be done, or the state could not be saved
`)
}

// A line of the input.
type line struct {
	number  int
	article neardup.Article
	err     error
}

// read sends the lines of r until it ends or ctx is done. It is a goroutine of its own because
// reading cannot be interrupted.
func read(ctx context.Context, r io.Reader, lines chan<- line) {
	defer close(lines)
	b := bufio.NewReaderSize(r, 1<<16)
	for number := 1; ; number++ {
		data, err := articles.ReadLine(b, nil, longest)
		if data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff"))); len(data) > 0 || err != nil && !errors.Is(err, io.EOF) {
			l := line{number: number, err: err}
			if errors.Is(err, articles.ErrLongLine) {
				l.err = fmt.Errorf("line is longer than %d bytes", longest)
			} else if err == nil || errors.Is(err, io.EOF) {
				l.article, l.err = articles.Decode(data)
			}
			select {
			case lines <- l:
			case <-ctx.Done():
				return
			}
		}
		if err != nil && !errors.Is(err, articles.ErrLongLine) {
			return
		}
	}
}

const longest = 64 << 20 // bytes of a line

// A memory is a detector that forgets.
type memory struct {
	detector *neardup.Detector
	window   time.Duration
	most     int
	newest   time.Time            // time of the newest article seen
	times    map[string]time.Time // of the articles held
	queue    queue                // the same, oldest first, and some that have been replaced since

	answered, duplicates int
}

func newMemory(window time.Duration, most int) (*memory, error) {
	d, err := neardup.New(neardup.Config{MaxCandidates: mostMatches})
	if err != nil {
		return nil, err
	}
	return &memory{detector: d, window: window, most: most, times: make(map[string]time.Time)}, nil
}

// judge answers for one article, holds it, and forgets what is too old.
func (m *memory) judge(a neardup.Article, now time.Time) (articles.Answer, error) {
	if a.Time.IsZero() || a.Time.After(now) {
		a.Time = now // a date in the future must not push everything else out of the window
	}
	var found []neardup.Match
	var err error
	if a.Time.Before(m.newest.Add(-m.window)) {
		found, err = m.detector.Query(a)
	} else if found, err = m.detector.Replace(a); err == nil {
		m.hold(entry{a.Time, a.ID})
	}
	if err != nil {
		return articles.Answer{}, err
	}
	m.answered++
	v := articles.NewAnswer(a.ID, found, nil)
	if len(v.Duplicates) > 0 {
		m.duplicates++
	}
	return v, nil
}

// hold notes that an article is held now, and removes those that are too old or too many.
func (m *memory) hold(e entry) {
	m.times[e.id] = e.at
	heap.Push(&m.queue, e)
	if e.at.After(m.newest) {
		m.newest = e.at
	}
	for oldest := m.newest.Add(-m.window); len(m.times) > m.most || m.queue[0].at.Before(oldest); {
		old := heap.Pop(&m.queue).(entry)
		if at, ok := m.times[old.id]; ok && at.Equal(old.at) {
			m.detector.Remove(old.id)
			delete(m.times, old.id)
		}
	}
	if len(m.queue) > 2*len(m.times)+1000 {
		m.requeue() // an article that comes again and again leaves an entry each time
	}
}

func (m *memory) requeue() {
	m.queue = m.queue[:0]
	for id, at := range m.times {
		m.queue = append(m.queue, entry{at, id})
	}
	heap.Init(&m.queue)
}

type entry struct {
	at time.Time
	id string
}

// A queue is a heap of entries, the oldest first.
type queue []entry

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(q[i].at.Compare(q[j].at), cmp.Compare(q[i].id, q[j].id)) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(entry)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	*q = (*q)[:last]
	return e
}

// load reads the state, if there is one. What has become too old, or too many, goes when the next
// article comes.
func (m *memory) load(path string) error {
	d, err := neardup.LoadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !reflect.DeepEqual(d.Config(), m.detector.Config()) {
		err = errors.New("it is of a detector with another configuration")
	}
	if err != nil {
		return fmt.Errorf("state %s: %w", path, err)
	}
	m.detector = d
	for e := range d.Entries() {
		m.times[e.ID] = e.Time
		if e.Time.After(m.newest) {
			m.newest = e.Time
		}
	}
	m.requeue()
	return nil
}
