package dedup

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/formats"
	"github.com/neardup/neardup/shingle"
)

// options are what the command line says.
type options struct {
	config neardup.Config
	fields articles.Fields
	format formats.Format
	all    bool

	pairs, keep, null  bool
	out, rejects, page string
	annotate, dry      bool
	against            []string
	decisions          string
	paths              []string
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
}

// parse reads the command line. Without ok the program ends with the status.
func (j *job) parse(args []string, stdout, stderr io.Writer) (status int, ok bool) {
	name := j.program.Name
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	o := &j.options
	var (
		text    = flags.String("text", "", "the `field` of the text; several, joined, with commas between; found by its usual name if not said")
		view    = flags.String("view", "prose", "what is compared: prose (navigation is dropped) or whole")
		format  = flags.String("format", "", "the `kind` of files that are named, whatever their names: "+strings.Join(kinds(j.program.Set), ", "))
		noLearn = flags.Bool("templates-off", false, "do not learn what text a source repeats on its pages: it counts as evidence then")
		against list
	)
	flags.StringVar(&o.fields.ID, "id", "", "the `field` of the ID; where there is none, the ID is made of file and line")
	flags.StringVar(&o.fields.Source, "source", "", "the `field` of the source, the site or feed; else the host of the address")
	flags.StringVar(&o.fields.Time, "time", "", "the `field` of the time of publication")
	flags.Float64Var(&o.config.Threshold, "threshold", 0.5, "Jaccard similarity from which two articles are the same")
	flags.Float64Var(&o.config.Recall, "recall", 0.95, "share of the pairs at the threshold that has to be found")
	flags.BoolVar(&o.config.BySignature, "signature", false, "keep a signature of each article and not its features: a third of the memory, and similarities are estimates")
	flags.IntVar(&o.config.Workers, "workers", 0, "goroutines that read texts; 0 means one for each processor")
	flags.BoolVar(&o.pairs, "pairs", false, "print every pair instead of groups")
	flags.BoolVar(&o.keep, "keep", false, "print the IDs that stay, one a line, instead of groups")
	flags.BoolVar(&o.null, "0", false, "with -keep: end each ID with a NUL byte and not with a line break")
	flags.StringVar(&o.out, "out", "", "write what stays to `PATH`, byte for byte: a file if one is read, else a folder")
	flags.StringVar(&o.rejects, "rejects", "", "with -out: write what could not be judged to `PATH`, compressed as its name says, and not to -out")
	flags.BoolVar(&o.annotate, "annotate", false, "with -out: write all, and add duplicate_of, relation, similarity and coverage")
	flags.BoolVar(&o.dry, "dry-run", false, "write no files; print what would go")
	flags.Var(&against, "against", "remove what this old `PATH` has; may be given several times")
	flags.StringVar(&o.decisions, "decisions", "", "follow the decisions in this `file`, as a report exports them")
	flags.StringVar(&o.page, "report", "", "write a page to look at, `out.html`, too; the texts of all groups are then held in memory")
	flags.BoolVar(&o.all, "all", false, "in folders, read hidden files and what links lead to, too")
	paths, err := anywhere(flags, args)
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			j.program.help(stdout, flags)
			return done, false
		}
		fmt.Fprintf(stderr, "%s: %s\n%s -h tells how\n", name, plain(err.Error()), name)
		return failed, false
	}
	o.against, o.paths = against, paths
	if *text != "" {
		o.fields.Text = strings.Split(*text, ",")
	}
	o.config.Templates.Off = *noLearn
	err = o.check(*view)
	if err == nil && *format != "" {
		o.format, err = j.program.Set.Lookup(*format)
		if err != nil {
			err = fmt.Errorf("-format: %w", err)
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %s\n", name, plain(err.Error()))
		return failed, false
	}
	if len(o.paths) == 0 {
		fmt.Fprintf(stderr, "usage: %s [flags] PATH...\n%s -h tells more\n", name, name)
		return failed, false
	}
	return 0, true
}

// anywhere parses flags that may stand before, between and after the other arguments, which it
// returns. What follows -- is no flag.
func anywhere(flags *flag.FlagSet, args []string) (rest []string, err error) {
	var last []string
	if i := slices.Index(args, "--"); i >= 0 {
		args, last = args[:i], args[i+1:]
	}
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if args = flags.Args(); len(args) == 0 {
			return append(rest, last...), nil
		}
		rest = append(rest, args[0])
		args = args[1:]
	}
}

// check says which options do not go together.
func (o *options) check(view string) error {
	switch view {
	case "prose":
		o.config.Shingle.View = shingle.Prose
	case "whole":
		o.config.Shingle.View = shingle.Whole
	default:
		return fmt.Errorf("-view is %q, want prose or whole", view)
	}
	switch {
	case o.config.Threshold == 0:
		return errors.New("-threshold is 0, want more than 0 and at most 1")
	case o.config.Recall == 0:
		return errors.New("-recall is 0, want more than 0 and less than 1")
	case o.pairs && o.keep:
		return errors.New("-pairs and -keep exclude each other")
	case o.pairs && (o.dry || o.out != "" || o.decisions != ""):
		return errors.New("-pairs excludes -out, -dry-run and -decisions, which go by groups")
	case o.dry && o.keep:
		return errors.New("-dry-run and -keep exclude each other")
	case o.null && !o.keep:
		return errors.New("-0 goes with -keep")
	case o.annotate && o.out == "" && !o.dry:
		return errors.New("-annotate goes with -out")
	case o.rejects != "" && o.out == "" && !o.dry:
		return errors.New("-rejects goes with -out")
	case o.out == "-" || o.rejects == "-" || o.page == "-":
		return errors.New("-out, -rejects and -report want a path, not standard output")
	}
	return nil
}

func kinds(s formats.Set) (names []string) {
	for _, f := range s.Formats {
		names = append(names, f.Extensions()[0][1:])
	}
	return names
}

// help prints how the program is used.
func (p *Program) help(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprintf(w, `usage: %[1]s [flags] PATH...

Finds the near-duplicate articles in files, prints the groups of them, and writes the files without
them. A PATH is a file, a folder, or - for standard input.

examples:
  %[1]s corpus                                 print the groups
  %[1]s -report groups.html corpus             and look at them in a browser
  %[1]s -out clean.jsonl corpus.jsonl          write what stays
  %[1]s -dry-run corpus.jsonl                  see what would go
  %[1]s -out new.jsonl -against old.jsonl today.jsonl
  %[1]s -text title,body -id url -out clean corpus

formats:
%[2]s
Fields and columns are found by their usual names, such as id or doc_id, text, content or body,
source, publisher or the host of url, time, date or published; standard error says by which.

In a folder, hidden files and links are passed over. Files of other kinds are counted, and not
copied to -out. A folder is written to where there is none; it appears when it is complete. No file
that is read is ever written over, except by -out if it is the only one, and then as a whole. What
cannot be written, or would be read by the next run, is refused before anything is read.

flags:
`, p.Name, p.Kinds)
	flags.SetOutput(w)
	flags.PrintDefaults()
	fmt.Fprint(w, `
output, one JSON object a line:
  groups        {"representative": string, "members": [{"id": string, RELATION}, …]}
                the representative comes first; the relations are as seen from it
  -pairs        {"a": string, "b": string, RELATION}, as seen from a
  -dry-run      {"id": string, "file": string, "line": number, ANNOTATION}; the line is left out
                where a file is one article
  -keep         the IDs, one a line
`+articles.RelationSchema+`  ANNOTATION    "duplicate_of": string, "relation": "same" | "contained", "similarity": number,
                "coverage": number, the share of the article that is in the other; all null if it
                stays. -annotate adds these to each record; if it has all four, it replaces them. A
                record that has only some of these fields is somebody else's, and an error.
  -decisions    {"id": string, "of": string, "decision": "keep" | "drop" | "different"}
                keep: the article stays. drop: it goes. different: it is not the same as "of"

With -out the last line on standard error says what became of each record that was read: kept,
removed, passed through (it could not be judged, and is in -out), or rejected (it is in -rejects).
With -against, IDs of the old articles begin with "old:".

exit status:
  0  done
  1  done, and something was reported on standard error
  2  not done: wrong usage, nothing to read, interrupted, or what was to be written could not be;
     files are then what they were before, unless it was standard output that failed, which is
     written last
`)
}
