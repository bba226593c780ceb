// Accuracy measures how right a detector is on a labelled set: precision, recall and F1 of the
// pairs that it finds, the same for the groups that it makes, and the adjusted Rand index of the
// groups. It tries every combination of the values given for a setting.
//
//	go run ./bench/accuracy -jsonl articles.jsonl -view prose,whole -threshold 0.3,0.5,0.7
//	go run ./bench/accuracy -data DIR -set pages
//	go run ./bench/accuracy -data DIR -all
//
// With -all it measures every set of a folder at default settings, all of it and by halves, beside
// what goes by the exact Jaccard of whole texts, and the cases of the repository; how recall
// depends on how much of the longer text the shorter is; and -h says how the folder is laid out.
// That is what bench/report shows.
//
// # The format of a labelled set
//
// JSON Lines, plain or gzipped, read from -jsonl. Each line is a document or a labelled pair:
//
//	{"id": "a1", "text": "…", "cluster": "storm", "source": "site", "time": "2031-04-05T06:07:08Z"}
//	{"pair": ["a1", "a2"], "same": true}
//	{"pair": ["a1", "a2"], "jaccard": 0.61, "containment": 0.93}
//
// Truth comes from one of three:
//
//   - cluster: documents with equal labels are duplicates, all others are not. A document without a
//     label is a cluster of its own.
//   - pairs with "same": the true pairs. If any pair says false, only labelled pairs are judged, and
//     what is found beside them counts neither for nor against; if none does, the list is complete,
//     and what is found beside it is wrong.
//   - pairs with exact similarities, a complete list down to some bound: a pair is true if its Jaccard
//     reaches the threshold in use, or its containment (of the shorter text in the longer) the
//     containment in use. This measures the sketches and the index alone.
//
// # The adapters
//
// The flag -set reads a set as its publisher ships it, from the folder of -data that has its name:
// pages, wcxb_dev, trafeval, gesetze, uagec, ocr, scoop, licenses, wdk-ddi, fi-news, mccormick,
// news-copy, core, and articles. generated needs no folder. The file names and formats stand beside
// each adapter in adapters.go.
//
// # The columns
//
// precision, recall and F1 judge the pairs of [neardup.Detector.Pairs]; grouped precision, recall
// and F1 judge every two members of a group of [neardup.Detector.Groups], and ARI is the adjusted
// Rand index of those groups. right is the share of documents whose duplicates are exactly the
// labelled ones. fell back is the share of documents in which the prose view found too little
// prose.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/shingle"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "accuracy:", err)
		}
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	f := flag.NewFlagSet("accuracy", flag.ContinueOnError)
	f.SetOutput(stderr)
	data := f.String("data", os.Getenv("NEARDUP_DATASETS"), "folder that holds the folders of the sets (default $NEARDUP_DATASETS)")
	name := f.String("set", "", "a set that an adapter reads: "+strings.Join(adapterNames(), ", "))
	jsonl := f.String("jsonl", "", "a labelled set in the format of this program, .jsonl or .jsonl.gz")
	units := f.String("unit", "", "units to try: words, chars, anchored")
	views := f.String("view", "", "views to try: prose, whole")
	widths := f.String("size", "", "shingle sizes to try; 0 = the default of the unit")
	thresholds := f.String("threshold", "", "Jaccard thresholds to try")
	containments := f.String("containment", "", "containments to try: numbers, off, or default")
	off := f.Bool("templates-off", false, "do not learn what text is a source's own (Config.Templates.Off)")
	verify := f.String("verify", "", "how to verify candidates: exact, signature (Config.BySignature)")
	k := f.Int("k", 0, "signature slots; 0 = the default")
	limit := f.Int("limit", 0, "read only so many documents; 0 = all")
	out := f.String("json", "", "also write the results to this file, one JSON object a line")
	all := f.Bool("all", false, "measure every set of -data, and the cases, at default settings, beside exact Jaccard")
	cases := f.String("cases", casesFile, "with -all: cases, one JSON object a line with kind, expect, wish, a, b")
	f.Usage = func() {
		fmt.Fprintf(stderr, "Usage of accuracy:\n")
		f.PrintDefaults()
		fmt.Fprintf(stderr, "\n%s", layout)
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	var enc *json.Encoder
	if *out != "" {
		file, createErr := os.Create(*out)
		if createErr != nil {
			return createErr
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		enc = json.NewEncoder(file)
	}
	if *all {
		return runAll(ctx, *data, *cases, *limit, stdout, func(x any) error {
			if enc == nil {
				return nil
			}
			return enc.Encode(x)
		}, stderr)
	}
	if (*name == "") == (*jsonl == "") {
		return errors.New("want -set or -jsonl")
	}
	set, suggested, err := open(*data, *name, *jsonl, *limit)
	if err != nil {
		return err
	}
	pick := func(given, suggested, fallback string) []string {
		for _, s := range []string{given, suggested, fallback} {
			if s != "" {
				return strings.Split(s, ",")
			}
		}
		return nil
	}
	var configs []setting
	for _, u := range pick(*units, suggested.units, "words") {
		for _, v := range pick(*views, suggested.views, "prose,whole") {
			for _, w := range pick(*widths, suggested.sizes, "0") {
				for _, c := range pick(*containments, suggested.containments, "default") {
					for _, e := range pick(*verify, suggested.verify, "exact") {
						for _, t := range pick(*thresholds, suggested.thresholds, "0.3,0.4,0.5,0.6,0.7,0.8") {
							s := setting{Unit: u, View: v, Size: w, Containment: c, Verify: e, Threshold: t}
							s.cfg, err = s.config()
							if err != nil {
								return err
							}
							s.cfg.K, s.cfg.Templates.Off = *k, *off
							s.cfg.MaxCandidates = 100_000 // a set has clusters of any size; every pair has to be found
							configs = append(configs, s)
						}
					}
				}
			}
		}
	}
	printf := func(format string, args ...any) {
		if _, printErr := fmt.Fprintf(stdout, format, args...); err == nil {
			err = printErr
		}
	}
	printf("%s: %d documents, %.1f MB, %s\n\n", set.Name, len(set.Docs), float64(set.bytes())/1e6, set.truthString())
	printf("| unit | view | size | containment | verified by | threshold | precision | recall | F1 | grouped precision | recall | F1 | ARI | right | fell back | articles/s |\n")
	printf("|---|---|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, s := range configs {
		r, err := set.measure(ctx, s)
		if err != nil {
			return err
		}
		ari := "-"
		if r.ARI != nil {
			ari = fmt.Sprintf("%.3f", *r.ARI)
		}
		printf("| %s | %s | %d | %s | %s | %s | %.3f | %.3f | %.3f | %.3f | %.3f | %.3f | %s | %.3f | %.3f | %.0f |\n",
			s.Unit, s.View, r.Size, s.Containment, s.Verify, s.Threshold, r.Precision, r.Recall, r.F1,
			r.GroupPrecision, r.GroupRecall, r.GroupF1, ari, r.Right, r.FellBack, r.Speed)
		if enc != nil {
			if err := enc.Encode(r); err != nil {
				return err
			}
		}
	}
	return err
}

// A setting is one row: the strings as given, and the configuration that they make.
type setting struct {
	Unit        string `json:"unit"`
	View        string `json:"view"`
	Size        string `json:"-"`
	Containment string `json:"containment"`
	Verify      string `json:"verify"`
	Threshold   string `json:"threshold"`
	cfg         neardup.Config
}

func (s *setting) config() (cfg neardup.Config, err error) {
	switch s.Unit {
	case "words":
		cfg.Shingle.Unit = shingle.Word
	case "chars":
		cfg.Shingle.Unit = shingle.Char
	case "anchored":
		cfg.Shingle.Unit = shingle.Anchored
	default:
		return cfg, fmt.Errorf("-unit is %q, want words, chars or anchored", s.Unit)
	}
	switch s.View {
	case "prose":
		cfg.Shingle.View = shingle.Prose
	case "whole":
		cfg.Shingle.View = shingle.Whole
	default:
		return cfg, fmt.Errorf("-view is %q, want prose or whole", s.View)
	}
	if cfg.Shingle.Size, err = strconv.Atoi(s.Size); err != nil {
		return cfg, fmt.Errorf("-size: %w", err)
	}
	if cfg.Threshold, err = strconv.ParseFloat(s.Threshold, 64); err != nil {
		return cfg, fmt.Errorf("-threshold: %w", err)
	}
	switch s.Verify {
	case "exact":
	case "signature":
		cfg.BySignature = true
	default:
		return cfg, fmt.Errorf("-verify is %q, want exact or signature", s.Verify)
	}
	switch s.Containment {
	case "default":
	case "off":
		cfg.NoContainment = true
	default:
		if cfg.Containment, err = strconv.ParseFloat(s.Containment, 64); err != nil {
			return cfg, fmt.Errorf("-containment: %w", err)
		}
	}
	return cfg, nil
}
