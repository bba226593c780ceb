package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

//go:embed openapi.yaml
var openapi []byte

// limits are what one request, and all of them together, may ask for.
type limits struct {
	body        int64         // bytes of a body
	text        int           // bytes of the text of an article
	batch       int           // lines of a body
	buffer      int64         // bytes of all bodies in memory
	concurrency int           // requests that are worked on at the same time
	rate        float64       // articles a second; 0 for no limit
	timeout     time.Duration // for a request to come, and for each part of the answer to go
}

const (
	longestID = 1024            // bytes of an ID, and of a source
	patience  = 2 * time.Second // that a request waits for a place to be worked on
	chunk     = 64              // lines that are worked on together: others wait no longer than for these
)

// A server answers requests about what a keeper holds.
type server struct {
	keeper  *keeper
	metrics *metrics
	log     *slog.Logger
	limits  limits
	token   []byte // SHA-256 of it, or nil

	phase    atomic.Pointer[string] // why it is not ready, or nil
	rate     bucket
	work     slots
	heavy    slots // for what takes long
	buffered atomic.Int64
	active   sync.WaitGroup
}

func newServer(k *keeper, m *metrics, log *slog.Logger, l limits, token string) *server {
	s := &server{keeper: k, metrics: m, log: log, limits: l, rate: bucket{rate: l.rate}}
	s.work, s.heavy = make(slots, l.concurrency), make(slots, 1)
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		s.token = sum[:]
	}
	s.setPhase("starting: reading what is held")
	m.gauge("http_buffered_bytes", "Bytes of bodies in memory.", func() float64 { return float64(s.buffered.Load()) })
	m.gauge("articles", "Articles held.", func() float64 {
		if s.phase.Load() != nil {
			return 0 // not read yet
		}
		return float64(k.detector.Len())
	})
	return s
}

// setPhase says why the server is not ready; "" says that it is.
func (s *server) setPhase(phase string) {
	if phase == "" {
		s.phase.Store(nil)
	} else {
		s.phase.Store(&phase)
	}
}

// A problem is an answer that is an error.
type problem struct {
	status  int
	message string
	retry   time.Duration // after which to try again, if that makes sense
}

// Error returns the message.
func (p *problem) Error() string { return p.message }

func fail(status int, format string, args ...any) *problem {
	return &problem{status: status, message: fmt.Sprintf(format, args...)}
}

func busy(retry time.Duration, format string, args ...any) *problem {
	p := fail(http.StatusServiceUnavailable, format, args...)
	p.retry = retry
	return p
}

type route struct {
	method string
	open   bool // without a token, and at any time
	answer func(http.ResponseWriter, *http.Request) error
}

func (s *server) routes() map[string]route {
	scrape := promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{})
	return map[string]route{
		"/v1/add":        {"POST", false, s.one(s.add)},
		"/v1/add-all":    {"POST", false, s.all(s.add)},
		"/v1/query":      {"POST", false, s.one(s.query)},
		"/v1/query-all":  {"POST", false, s.all(s.query)},
		"/v1/remove":     {"POST", false, s.one(s.remove)},
		"/v1/remove-all": {"POST", false, s.all(s.remove)},
		"/v1/explain":    {"POST", false, s.explain},
		"/v1/groups":     {"GET", false, s.groups},
		"/v1/entries":    {"GET", false, s.entries},
		"/v1/stats":      {"GET", false, s.stats},
		"/v1/backup":     {"GET", false, s.backup},
		"/metrics":       {"GET", false, func(w http.ResponseWriter, r *http.Request) error { scrape.ServeHTTP(w, r); return nil }},
		"/healthz":       {"GET", true, s.health},
		"/readyz":        {"GET", true, s.readiness},
		"/openapi.yaml":  {"GET", true, s.description},
	}
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	for path, r := range s.routes() {
		mux.Handle(path, s.handle(path, r))
	}
	mux.Handle("/", s.handle("other", route{open: true, answer: func(http.ResponseWriter, *http.Request) error {
		return fail(http.StatusNotFound, "there is nothing at this path; what there is stands in /openapi.yaml")
	}}))
	return mux
}

// handle answers what comes to a route, and logs and counts it.
func (s *server) handle(path string, rt route) http.Handler {
	seconds := s.metrics.seconds.WithLabelValues(path)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.active.Add(1)
		defer s.active.Done()
		s.metrics.inFlight.Inc()
		defer s.metrics.inFlight.Dec()
		start := time.Now()
		out := &response{ResponseWriter: w, controller: http.NewResponseController(w), timeout: s.limits.timeout}
		var err error
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // it is that value
				s.log.Error("panic", "path", path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				err = fail(http.StatusInternalServerError, "something is wrong here; it was noted")
			} else if p != nil {
				err = errors.New("ended before it was complete")
			}
			whole := s.finish(out, err)
			elapsed := time.Since(start)
			seconds.Observe(elapsed.Seconds())
			s.metrics.requests.WithLabelValues(path, strconv.Itoa(out.status)).Inc()
			s.logRequest(r, path, out, err, elapsed)
			if !whole {
				panic(http.ErrAbortHandler) // so that nobody takes what was sent for the whole
			}
		}()
		if err = s.admit(r, rt); err == nil {
			err = rt.answer(out, r)
		}
	})
}

// admit says whether a request may be answered now, by this one who asks.
func (s *server) admit(r *http.Request, rt route) error {
	if rt.method != "" && r.Method != rt.method && (rt.method != "GET" || r.Method != "HEAD") {
		return fail(http.StatusMethodNotAllowed, "method is %s, want %s", articles.Abbreviate(r.Method, 20), rt.method)
	}
	if rt.open {
		return nil
	}
	if s.token != nil {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(sum[:], s.token) != 1 {
			return fail(http.StatusUnauthorized, "no token, or a wrong one; want the header Authorization: Bearer TOKEN")
		}
	}
	if phase := s.phase.Load(); phase != nil && r.URL.Path != "/metrics" {
		return busy(5*time.Second, "%s", *phase)
	}
	return nil
}

// finish sends the error, if there is one. It reports whether that was still possible.
func (s *server) finish(w *response, err error) bool {
	var p *problem
	switch {
	case err == nil:
		if w.status == 0 {
			w.status = http.StatusOK
		}
		return true
	case w.status != 0:
		return false
	case errors.As(err, &p):
	case errors.Is(err, context.Canceled):
		p = fail(499, "the client went away")
	default:
		p = fail(http.StatusInternalServerError, "%v", err)
	}
	switch p.status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", p.message[strings.LastIndexByte(p.message, ' ')+1:])
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusRequestTimeout, http.StatusRequestEntityTooLarge:
		w.Header().Set("Connection", "close")
	}
	if p.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retry.Seconds()))))
	}
	w.json(p.status, map[string]string{"error": p.message})
	return true
}

func (s *server) logRequest(r *http.Request, path string, w *response, err error, elapsed time.Duration) {
	level := slog.LevelDebug
	switch {
	case path == "/readyz": // asked every second while it is not
	case w.status >= 500:
		level = slog.LevelWarn
	case err != nil:
		level = slog.LevelInfo
	}
	if !s.log.Enabled(r.Context(), level) {
		return
	}
	attrs := []any{
		"method", articles.Abbreviate(r.Method, 20), "path", path, "status", w.status, "bytes", w.bytes,
		"ms", math.Round(elapsed.Seconds()*1e6) / 1e3, "remote", r.RemoteAddr,
	}
	if err != nil {
		attrs = append(attrs, "error", err.Error())
	}
	s.log.Log(r.Context(), level, "request", attrs...)
}

// A response notes what is sent, and gives each part of it a time to go.
type response struct {
	http.ResponseWriter
	controller *http.ResponseController
	timeout    time.Duration
	status     int
	bytes      int64
}

// WriteHeader sends the status.
func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the answer.
func (w *response) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	_ = w.controller.SetWriteDeadline(time.Now().Add(w.timeout)) // what has no deadlines has its own ways
	n, err := w.ResponseWriter.Write(data)
	w.bytes += int64(n)
	return n, err
}

// Unwrap returns what [http.ResponseController] looks for.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) json(status int, v any) {
	w.Header().Set("Content-Type", typeObject)
	w.WriteHeader(status)
	encode(w, v)
}

func encode(w io.Writer, v any) {
	_ = articles.NewEncoder(w).Encode(v) // nobody is there any more
}

// The types of bodies: one JSON object, or one a line.
const (
	typeObject = "application/json"
	typeLines  = "application/x-ndjson"
)

// body reads the body of a request, which has to be of the type wanted. What is returned counts as held in memory until release.
func (s *server) body(w http.ResponseWriter, r *http.Request, want string) (data []byte, release func(), err error) {
	release = func() {}
	if r.Header.Get("Content-Encoding") != "" {
		return nil, release, fail(http.StatusUnsupportedMediaType, "the body has a Content-Encoding, want none")
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != want {
		return nil, release, fail(http.StatusUnsupportedMediaType, "Content-Type is %q, want %s",
			articles.Abbreviate(r.Header.Get("Content-Type"), 80), want)
	}
	if wait := s.rate.wait(time.Now()); wait > 0 {
		return nil, release, &problem{http.StatusTooManyRequests,
			fmt.Sprintf("more than %v articles a second", s.limits.rate), wait}
	}
	tooLarge := fail(http.StatusRequestEntityTooLarge, "the body has more than %d bytes", s.limits.body)
	if r.ContentLength > s.limits.body {
		return nil, release, tooLarge
	}
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(s.limits.timeout))
	data, release, err = readAll(http.MaxBytesReader(w, r.Body, s.limits.body), r.ContentLength, &s.buffered, s.limits.buffer)
	var large *http.MaxBytesError
	switch {
	case err == nil:
		_ = c.SetReadDeadline(time.Time{})
	case errors.As(err, &large):
		err = tooLarge
	case errors.Is(err, errBuffered):
		err = busy(time.Second, "%v", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fail(http.StatusRequestTimeout, "the body took longer than %v", s.limits.timeout)
	default:
		err = fail(http.StatusBadRequest, "the body could not be read: %v", err)
	}
	return data, release, err
}

// place waits for a place to work, and returns how to leave it.
func (s *server) place(ctx context.Context) (leave func(), err error) {
	if s.work.take(ctx, patience) {
		return s.work.leave, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, busy(time.Second, "%d requests are being worked on, which is as many as there may be", s.limits.concurrency)
}

// An outcome is what is said to one line of a body.
type outcome struct {
	value any      // as JSON
	err   *problem // why it was refused; the value says so too
}

// A work answers lines, as many as it is given.
type work func(context.Context, [][]byte) ([]outcome, error)

// one answers a body that is one JSON object.
func (s *server) one(do work) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		data, release, err := s.body(w, r, typeObject)
		defer release()
		if err != nil {
			return err
		}
		s.rate.take(1)
		leave, err := s.place(r.Context())
		if err != nil {
			return err
		}
		defer leave()
		out, err := do(r.Context(), [][]byte{data})
		if err != nil {
			return err
		}
		if out[0].err != nil {
			return out[0].err
		}
		w.Header().Set("Content-Type", typeObject)
		encode(w, out[0].value)
		return nil
	}
}

// all answers a body that is one JSON object a line, by one a line.
func (s *server) all(do work) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		data, release, err := s.body(w, r, typeLines)
		defer release()
		if err != nil {
			return err
		}
		lines, err := split(data, s.limits.batch)
		if err != nil {
			return err
		}
		s.rate.take(len(lines))
		leave, err := s.place(r.Context())
		if err != nil {
			return err
		}
		defer leave()
		w.Header().Set("Content-Type", typeLines)
		for part := range slices.Chunk(lines, chunk) {
			out, err := do(r.Context(), part)
			if err != nil {
				return err // the status, if nothing was sent; what was sent was done
			}
			var b bytes.Buffer
			for _, o := range out {
				encode(&b, o.value)
			}
			if _, err := w.Write(b.Bytes()); err != nil {
				return err
			}
		}
		return nil
	}
}

// split returns the lines of data that are not empty, most of them at most.
func split(data []byte, most int) (lines [][]byte, err error) {
	for len(data) > 0 {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte("\n"))
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(lines) == most {
			return nil, fail(http.StatusRequestEntityTooLarge, "the body has more than %d lines", most)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// decode reads an article and sees to it that it may be taken.
func (s *server) decode(data []byte) (a neardup.Article, warning string, p *problem) {
	if p := wellFormed(data); p != nil {
		return a, "", p
	}
	a, err := articles.Decode(data)
	switch {
	case err != nil && a.ID == "":
		return a, "", fail(http.StatusBadRequest, "%v", err)
	case len(a.ID) > longestID || len(a.Source) > longestID:
		a.ID = articles.Abbreviate(a.ID, 40)
		return a, "", fail(http.StatusBadRequest, "an id or a source has more than %d bytes", longestID)
	case len(a.Text) > s.limits.text:
		return a, "", fail(http.StatusRequestEntityTooLarge, "text of article %q has %d bytes, want at most %d", a.ID, len(a.Text), s.limits.text)
	case err != nil:
		warning = err.Error()
	}
	if p := goodID(a.ID); p != nil {
		a.ID = "" // is in the message
		return a, "", p
	}
	// In a window every article needs a date, and one in the future must not keep it longer.
	if now := time.Now(); s.keeper.window > 0 && (a.Time.IsZero() || a.Time.After(now)) {
		a.Time = now
	}
	return a, warning, nil
}

// answer returns what is said of an article.
func (s *server) answer(id string, matches []neardup.Match, warning string, p *problem) outcome {
	if p != nil {
		s.metrics.articles.WithLabelValues("refused").Inc()
		return outcome{articles.NewAnswer(id, nil, p), p}
	}
	a := articles.NewAnswer(id, matches, nil)
	a.Warning = warning
	return outcome{a, nil}
}

// problemOf returns what is said when the detector refuses an article.
func problemOf(err error) *problem {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, neardup.ErrTooLong):
		return fail(http.StatusRequestEntityTooLarge, "%v", err)
	}
	return fail(http.StatusBadRequest, "%v", err)
}

func (s *server) add(ctx context.Context, lines [][]byte) ([]outcome, error) {
	out := make([]outcome, len(lines))
	warnings := make([]string, len(lines))
	var changes []change
	var at []int // line of each change
	for i, line := range lines {
		a, warning, p := s.decode(line)
		if p == nil && s.keeper.most > 0 && s.keeper.detector.Len() >= s.keeper.most && !s.keeper.detector.Has(a.ID) {
			p = fail(http.StatusInsufficientStorage, "%d articles are held, which is as many as may be", s.keeper.most)
		}
		switch {
		case p != nil:
			out[i] = s.answer(a.ID, nil, "", p)
		case s.keeper.window > 0 && a.Time.Before(time.Now().Add(-s.keeper.window)):
			warnings[i] = "older than the window: answered, and not held"
			changes, at = append(changes, change{Article: a, kind: kindAsk}), append(at, i)
		default:
			warnings[i] = warning
			changes, at = append(changes, change{Article: a, kind: kindPut}), append(at, i)
		}
	}
	results, err := s.keeper.change(ctx, changes)
	if err != nil {
		return nil, notWritten(err)
	}
	for j, r := range results {
		i := at[j]
		out[i] = s.answer(changes[j].ID, r.matches, warnings[i], problemOf(r.err))
		s.metrics.articles.WithLabelValues("added").Inc()
	}
	return out, nil
}

// notWritten is what is said when changes are not in the journal.
func notWritten(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return busy(10*time.Second, "not stored: %v", err)
}

func (s *server) query(ctx context.Context, lines [][]byte) ([]outcome, error) {
	out := make([]outcome, len(lines))
	for i, line := range lines {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		a, warning, p := s.decode(line)
		var matches []neardup.Match
		if p == nil {
			var err error
			matches, err = s.keeper.detector.Query(a)
			p = problemOf(err)
		}
		out[i] = s.answer(a.ID, matches, warning, p)
		s.metrics.articles.WithLabelValues("queried").Inc()
	}
	return out, nil
}

func (s *server) remove(ctx context.Context, lines [][]byte) ([]outcome, error) {
	out := make([]outcome, len(lines))
	var changes []change
	var at []int
	for i, line := range lines {
		p := wellFormed(line)
		var id string
		if p == nil { // an ID that would not be taken may still be held from before
			var err error
			if id, err = articles.DecodeID(line); err != nil {
				p = fail(http.StatusBadRequest, "%v", err)
			}
		}
		if p != nil {
			out[i] = outcome{articles.Removal{Error: p.message}, p}
			continue
		}
		out[i].value = articles.Removal{ID: id}
		if s.keeper.detector.Has(id) {
			changes, at = append(changes, change{Article: neardup.Article{ID: id}, kind: kindRemove}), append(at, i)
		}
	}
	results, err := s.keeper.change(ctx, changes)
	if err != nil {
		return nil, notWritten(err)
	}
	for j, r := range results {
		out[at[j]].value = articles.Removal{ID: changes[j].ID, Removed: r.removed}
		s.metrics.articles.WithLabelValues("removed").Inc()
	}
	return out, nil
}

func (s *server) explain(w http.ResponseWriter, r *http.Request) error {
	data, release, err := s.body(w, r, typeObject)
	defer release()
	if err != nil {
		return err
	}
	type side struct {
		Text   *string `json:"text"`
		Source string  `json:"source"`
	}
	if p := wellFormed(data); p != nil {
		return p
	}
	var ask struct{ A, B *side }
	if err := json.Unmarshal(data, &ask); err != nil {
		return fail(http.StatusBadRequest, `want "a" and "b", each an object with a "text" that is a string`)
	}
	var twice *problem
	_ = articles.EachField(data, func(_ string, value []byte, _ int) {
		if value[0] == '{' && twice == nil {
			twice = wellFormed(value)
		}
	})
	if twice != nil {
		return twice
	}
	var two [2]neardup.Article
	for i, x := range []*side{ask.A, ask.B} {
		switch {
		case x == nil || x.Text == nil:
			return fail(http.StatusBadRequest, `want "a" and "b", each with a "text"`)
		case len(*x.Text) > s.limits.text || len(x.Source) > longestID:
			return fail(http.StatusRequestEntityTooLarge, "a text has more than %d bytes, or a source more than %d", s.limits.text, longestID)
		}
		two[i] = neardup.Article{Text: *x.Text, Source: x.Source}
	}
	s.rate.take(2)
	leave, err := s.place(r.Context())
	if err != nil {
		return err
	}
	defer leave()
	c := s.keeper.detector.Explain(two[0], two[1])
	c.Relation = articles.Round(c.Relation)
	w.Header().Set("Content-Type", typeObject)
	encode(w, c)
	return nil
}

// long waits for the place of what takes long, of which there is one.
func (s *server) long(ctx context.Context, what string) (leave func(), err error) {
	if !s.heavy.take(ctx, patience) {
		return nil, busy(10*time.Second, "%s: another request for groups, entries or a backup is being answered", what)
	}
	return s.heavy.leave, nil
}

func (s *server) groups(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	var policy neardup.Policy
	switch p := q.Get("policy"); {
	case q.Has("prefer"):
		policy = neardup.PreferSources(strings.Split(q.Get("prefer"), ",")...)
	case p == "" || p == "earliest":
		policy = neardup.Earliest
	case p == "longest":
		policy = neardup.Longest
	default:
		return fail(http.StatusBadRequest, "policy is %q, want earliest or longest", articles.Abbreviate(p, 40))
	}
	leave, err := s.long(r.Context(), "groups")
	if err != nil {
		return err
	}
	defer leave()
	groups, err := s.keeper.detector.Groups(r.Context(), policy)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", typeLines)
	return articles.WriteGroups(w, groups)
}

func (s *server) entries(w http.ResponseWriter, r *http.Request) error {
	leave, err := s.long(r.Context(), "entries")
	if err != nil {
		return err
	}
	defer leave()
	w.Header().Set("Content-Type", typeLines)
	enc := articles.NewEncoder(w)
	for e := range s.keeper.detector.Entries() {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) stats(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", typeObject)
	encode(w, s.keeper.detector.Stats())
	return nil
}

func (s *server) backup(w http.ResponseWriter, r *http.Request) error {
	leave, err := s.long(r.Context(), "backup")
	if err != nil {
		return err
	}
	defer leave()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", "attachment; filename="+snapshotPrefix+strings.Repeat("0", 20)+snapshotSuffix)
	return s.keeper.backup(w)
}

func (s *server) health(w http.ResponseWriter, _ *http.Request) error {
	if err := s.keeper.unwritable(); err != nil {
		return fail(http.StatusServiceUnavailable, "%v", err)
	}
	w.Header().Set("Content-Type", typeObject)
	_, err := io.WriteString(w, `{"status":"ok"}`+"\n")
	return err
}

func (s *server) readiness(w http.ResponseWriter, r *http.Request) error {
	if phase := s.phase.Load(); phase != nil {
		return busy(time.Second, "%s", *phase)
	}
	return s.health(w, r)
}

func (s *server) description(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, err := w.Write(openapi)
	return err
}

// serve answers on a listener until ctx ends, and then until what has begun is answered, or a time is
// over.
func (s *server) serve(ctx context.Context, l net.Listener, grace time.Duration) error {
	h := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: s.limits.timeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	s.setPhase("stopping")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := h.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("some requests were cut off after %v", grace), h.Close())
	}
	s.active.Wait() // what is cut off ends soon: no request waits for anything but its connection
	return err
}
