// Command serve answers over HTTP which articles are near-duplicates of one another, and holds them
// across restarts and crashes.
//
//	go run . -state DIR
//
//	curl -H 'Content-Type: application/json' -d '{"id":"a","text":"…"}' localhost:7310/v1/add
//
// What it answers is described in openapi.yaml, which it serves; README.md tells how to run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/neardup/neardup/examples/internal/articles"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once, which loses nothing
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

const usage = `usage: serve -state DIR [flags]

Answers over HTTP which articles are near-duplicates of one another.

  POST /v1/add      hold an article, and say which ones held it duplicates
  POST /v1/query    say so without holding it
  POST /v1/remove   remove an article; add-all, query-all and remove-all take one a line
  POST /v1/explain  compare two texts, with the evidence
  GET  /v1/groups   the groups of all that is held;  /v1/entries, /v1/stats
  GET  /v1/backup   all that is held, as a file to start from
  GET  /metrics  /healthz  /readyz  /openapi.yaml

A token that requests have to bring is taken from the environment variable NEARDUP_TOKEN, or from
-token-file.

flags:
`

// run is the program. The status is 0, or 2 if it could not start or stopped for an error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {}
	addr := flags.String("addr", "127.0.0.1:7310", "`address` to listen on")
	state := flags.String("state", "", "`directory` that everything is kept in; made if it is not there")
	window := flags.Duration("window", 0, "how far back articles are held, by their time; 0 holds all")
	most := flags.Int("max", 0, "articles held at most; 0 for as many as come")
	snapshot := flags.Duration("snapshot", 10*time.Minute, "time between snapshots; 0 writes them only when the journal has grown")
	tokenFile := flags.String("token-file", "", "`file` with the token")
	level := flags.String("log", "info", "`level` of what is logged: debug, info, warn or error")
	grace := flags.Duration("grace", 10*time.Second, "time that requests have to end when the program is stopped")
	connections := flags.Int("connections", 1024, "connections at the same time")
	var l limits
	flags.Int64Var(&l.body, "body", 16<<20, "bytes of a request at most")
	flags.IntVar(&l.text, "text", 1<<20, "bytes of a text at most")
	flags.IntVar(&l.batch, "batch", 10_000, "articles in a request at most")
	flags.Int64Var(&l.buffer, "buffer", 256<<20, "bytes of all requests in memory at most")
	flags.IntVar(&l.concurrency, "concurrency", 64, "requests worked on at the same time")
	flags.Float64Var(&l.rate, "rate", 0, "articles a second, all requests together; 0 for no limit")
	flags.DurationVar(&l.timeout, "timeout", 10*time.Second, "time for a request to come, and for each part of its answer to go")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(stdout, usage)
			flags.SetOutput(stdout)
			flags.PrintDefaults()
			fmt.Fprint(stdout, "\narticles:\n"+articles.FieldsHelp+"\nanswers to add and query:\n"+articles.AnswerSchema+"groups:\n"+articles.GroupSchema+
				"removals:\n"+articles.RemovalSchema+"\nexit status:\n  0  stopped by a signal\n  2  could not start, or stopped for an error\n")
			return 0
		}
		return 2
	}
	bad := func(format string, args ...any) int {
		fmt.Fprintf(stderr, "serve: "+format+"\n", args...)
		return 2
	}
	switch {
	case *state == "":
		return bad("no -state: want a directory")
	case flags.NArg() > 0:
		return bad("argument %q, want none", flags.Arg(0))
	case *window < 0 || *most < 0 || *snapshot < 0 || *grace < 0 || l.rate < 0:
		return bad("-window, -max, -snapshot, -grace and -rate may not be below 0")
	case l.body < 1 || l.text < 1 || l.text > 16<<20 || l.batch < 1 || l.buffer < l.body || l.concurrency < 1 || l.timeout <= 0 || *connections < 1:
		return bad("-body, -text, -batch, -concurrency, -connections and -timeout have to be above 0, -text at most %d, and -buffer at least -body", 16<<20)
	}
	var lv slog.Level
	if err := lv.UnmarshalText([]byte(*level)); err != nil {
		return bad("-log is %q, want debug, info, warn or error", *level)
	}
	token := strings.TrimSpace(os.Getenv("NEARDUP_TOKEN"))
	if *tokenFile != "" {
		data, err := os.ReadFile(*tokenFile)
		if err != nil {
			return bad("%v", err)
		}
		if token = strings.TrimSpace(string(data)); token == "" {
			return bad("%s has no token", *tokenFile)
		}
	}
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: lv}))
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return bad("%v", err)
	}
	if host, ok := listener.Addr().(*net.TCPAddr); token == "" && ok && !host.IP.IsLoopback() {
		log.Warn("no token is set: whoever reaches this address can read and change everything", "addr", host.String())
	}
	return start(ctx, log, limit(listener, *connections), *state, *window, *most, *snapshot, *grace, l, token)
}

// start reads what is held, while it says that it does so to whoever asks, and serves until ctx ends.
func start(ctx context.Context, log *slog.Logger, listener net.Listener, state string, window time.Duration, most int,
	snapshot, grace time.Duration, l limits, token string,
) int {
	m := newMetrics()
	k := newKeeper(state, window, most, m, log)
	s := newServer(k, m, log, l, token)
	log.Info("listening", "addr", listener.Addr().String(), "token", token != "")

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() {
		served <- s.serve(ctx, listener, grace)
		cancel() // if it was not this that ended it
	}()
	status := 0
	failed := func(what string, err error) {
		if err != nil {
			log.Error(what, "error", err)
			status = 2
		}
	}
	if err := k.open(ctx); err != nil {
		if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
			failed("cannot start", err)
		}
		cancel()
		failed("serving", <-served)
		return status
	}
	if ctx.Err() == nil {
		s.setPhase("")
		log.Info("ready", "articles", k.detector.Len())
	}
	tended := make(chan struct{})
	go func() {
		defer close(tended)
		k.tend(ctx, snapshot)
	}()
	failed("serving", <-served)
	<-tended
	failed("closing", k.close(context.Background()))
	log.Info("stopped", "articles", k.detector.Len())
	return status
}
