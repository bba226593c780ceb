package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	begin = "<!-- bench:begin -->"
	end   = "<!-- bench:end -->"
)

// files are all parts as they were read, with the head of each.
type files struct {
	measured
	peers *results
	heads map[string]map[string]string
}

// read reads what is there of all parts.
func (o *options) read() (*files, error) {
	f := &files{heads: map[string]map[string]string{}}
	var err error
	for _, x := range []struct {
		name string
		to   **results
	}{{"speed.txt", &f.speed}, {"plain.txt", &f.plain}, {"latency.txt", &f.latency}, {"peers.txt", &f.peers}} {
		if *x.to, err = o.readBench(x.name); err != nil {
			return nil, err
		}
		if *x.to != nil {
			f.heads[x.name] = (*x.to).head
		}
	}
	large, err := o.readBench("large.txt")
	if err != nil {
		return nil, err
	}
	if large != nil {
		f.heads["large.txt"] = large.head
		if f.speed == nil {
			f.speed = large
		} else {
			f.speed.add(large)
		}
	}
	for _, x := range []struct {
		name string
		to   *[]scaleRow
	}{{"scale.jsonl", &f.scale}, {"small.jsonl", &f.small}, {"cores.jsonl", &f.cores}} {
		if f.heads[x.name], *x.to, err = readLines[scaleRow](o, x.name); err != nil {
			return nil, err
		}
	}
	if f.heads["accuracy.jsonl"], f.accuracy, err = readLines[accuracyRow](o, "accuracy.jsonl"); err != nil {
		return nil, err
	}
	f.heads["others.jsonl"], f.others, err = readLines[otherRow](o, "others.jsonl")
	return f, err
}

// write makes report.md, the charts and the section of the README from the result files.
func (o *options) write(stdout io.Writer) error {
	f, err := o.read()
	if err != nil {
		return err
	}
	var short, long bytes.Buffer
	both := io.MultiWriter(&short, &long)
	fmt.Fprintf(both, "One command makes all of this: `cd bench/report && go run . -short -datasets DIR`, or without -short.%s\n\n", f.took())
	writeGoals(both, &f.measured, f.under("speed.txt", "plain.txt", "large.txt", "latency.txt"))
	if f.peers != nil {
		writePeers(both, &long, f.peers, f.under("peers.txt"))
	}
	if len(f.others) > 0 {
		writeOthers(both, f.heads["others.jsonl"], f.others, f.under("others.jsonl"))
	}
	if len(f.accuracy) > 0 {
		writeAccuracy(both, &long, f.accuracy, f.under("accuracy.jsonl"))
		fmt.Fprintf(&short, "![Found, by how much else is on the other page](%s)\n\n", o.link("lengths.svg"))
		fmt.Fprintf(&long, "![Found, by how much else is on the other page](lengths.svg) ![F1 of the sets](sets.svg)\n\n")
		if err := lengthsChart(filepath.Join(o.out, "lengths.svg"), f.accuracy); err != nil {
			return err
		}
		if err := setsChart(filepath.Join(o.out, "sets.svg"), f.accuracy); err != nil {
			return err
		}
	}
	if f.latency != nil {
		writeLatency(both, f.latency, f.under("latency.txt"))
	}
	if len(f.scale)+len(f.small)+len(f.cores) > 0 {
		writeScale(both, &f.measured, f.under("scale.jsonl", "small.jsonl", "cores.jsonl"))
		fmt.Fprintf(&long, "![Growth with the number of articles](scale.svg) ![Growth with workers](cores.svg)\n\n")
		if err := scaleChart(filepath.Join(o.out, "scale.svg"), f.scale); err != nil {
			return err
		}
		if err := coresChart(filepath.Join(o.out, "cores.svg"), f.cores); err != nil {
			return err
		}
	}
	if f.speed != nil {
		writeSpeed(&long, f.speed, f.under("speed.txt", "large.txt"))
	}
	if err := os.WriteFile(filepath.Join(o.out, "report.md"), append([]byte("# What was measured\n\n"+
		"Written by bench/report; the raw results lie beside this file. Times are processor times unless a column says otherwise.\n\n"), long.Bytes()...), 0o666); err != nil {
		return err
	}
	fmt.Fprint(stdout, short.String())
	if o.readme == "none" {
		return nil
	}
	return o.writeReadme(short.Bytes())
}

// took says how long the parts took together.
func (f *files) took() string {
	var minutes float64
	for _, h := range f.heads {
		if s, err := strconv.ParseFloat(h["seconds"], 64); err == nil {
			minutes += s / 60
		}
	}
	if minutes == 0 {
		return ""
	}
	return fmt.Sprintf(" It took %.0f minutes on the machine below.", math.Ceil(minutes))
}

// usual is the commit that most files were measured at.
func (f *files) usual() string {
	count := map[string]int{}
	most := ""
	for _, p := range parts { // in an order, so that ties are the first's
		h := f.heads[p.file]
		if h == nil {
			continue
		}
		c := h["commit"]
		count[c]++
		if most == "" || count[c] > count[most] {
			most = c
		}
	}
	return most
}

// under is the line below a table: what measured its files, where and when, at which commit, how
// busy the machine was and how far the rounds lie apart. A file of another commit and a file
// measured under load are marked.
func (f *files) under(names ...string) string {
	var b strings.Builder
	shown := ""
	for _, name := range names {
		h := f.heads[name]
		if h == nil {
			continue
		}
		if where := fmt.Sprintf("%s, %s CPUs, %s, %s, commit %s", h["cpu"], h["cpus"], h["goversion"], h["date"], h["commit"]); where != shown {
			fmt.Fprintf(&b, "%s. ", where)
			shown = where
		}
		if c := f.usual(); h["commit"] != c {
			fmt.Fprintf(&b, "**Another commit than most tables, which are of %s.** ", c)
		}
		fmt.Fprintf(&b, "`%s`", h["command"])
		if s := h["seconds"]; s != "" {
			fmt.Fprintf(&b, " (%s s)", s)
		}
		if h["load-before"] != "" {
			fmt.Fprintf(&b, ", load %s before and %s after, %s of its own", h["load-before"], h["load-after"], h["load-own"])
		}
		if others, err := strconv.ParseFloat(h["others"], 64); err == nil {
			fmt.Fprintf(&b, ", others took %.0f%% of the machine", 100*others)
			if others > disturbed {
				b.WriteString(": **measured under load**")
			}
		}
		var r *results
		switch name {
		case "speed.txt":
			r = f.speed
		case "plain.txt":
			r = f.plain
		case "peers.txt":
			r = f.peers
		}
		if r != nil {
			if half, tenth := r.spread(); !math.IsNaN(half) {
				fmt.Fprintf(&b, "; rounds lie %.0f%% apart, one in ten times more than %.0f%%", 100*half, 100*tenth)
			}
		}
		b.WriteString(". ")
	}
	return strings.TrimSpace(b.String()) + "\n\n"
}

// link is the path of a result as the README has to spell it.
func (o *options) link(name string) string {
	path := filepath.Join(o.out, name)
	if rel, err := filepath.Rel(filepath.Dir(o.readme), path); err == nil {
		path = rel
	}
	return filepath.ToSlash(path)
}

// writeReadme replaces what stands between the markers.
func (o *options) writeReadme(section []byte) error {
	b, err := os.ReadFile(o.readme)
	if err != nil {
		return err
	}
	i, j := bytes.Index(b, []byte(begin)), bytes.Index(b, []byte(end))
	if i < 0 || j < i {
		return fmt.Errorf("%s has no section between %s and %s", o.readme, begin, end)
	}
	var out bytes.Buffer
	out.Write(b[:i+len(begin)])
	out.WriteString("\n<!-- written by bench/report: do not edit -->\n\n")
	out.Write(bytes.TrimSpace(section))
	out.WriteString("\n\n")
	out.Write(b[j:])
	return os.WriteFile(o.readme, out.Bytes(), 0o666)
}

func writeGoals(w io.Writer, m *measured, under string) {
	fmt.Fprintf(w, "### Goals and measurements\n\n| what | others | goal | measured | met |\n|---|---|---|---|---|\n")
	for _, g := range goals(m) {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", g.what, g.rivals, g.goal, g.measured, g.met)
	}
	fmt.Fprintf(w, "\n\"Classic\" is the pipeline a Go programmer writes first (bench/internal/classic). 9 KB English articles, word 5-shingles, 128 slots, one core. "+
		"Times are processor times, of a million articles on two cores and of latencies those of the clock; in brackets the least and the largest ratio of the rounds. "+
		"Goals for estimation errors have a tolerance of %.2f, the noise of their measurement; F1 is compared to three digits, as printed; all others have none.\n\n%s", noise, under)
}

// writeSpeed writes every benchmark with its metrics.
func writeSpeed(w io.Writer, r *results, under string) {
	fmt.Fprintf(w, "### Speed\n\n| benchmark | time | MB/s | allocations | × classic | metrics |\n|---|--:|--:|--:|--:|---|\n")
	for _, name := range r.names {
		v := r.values[name]
		factor := "-"
		for _, impl := range []string{"impl=neardup-verified", "impl=neardup-prose", "impl=neardup", "impl=branchfree"} {
			if strings.Contains(name, impl+"/") {
				if q := r.ratio(strings.Replace(name, impl, "impl=classic", 1), name); !math.IsNaN(q) {
					factor = fmt.Sprintf("%.1f", q)
				}
				break
			}
		}
		var metrics []string
		for _, unit := range []string{"rmse/theory", "bias-of-consecutive", "auc", "recall", "promised", "precision", "found", "false", "B/doc",
			"B/doc-without-signature", "candidates/query", "matches/query", "docs/s", "ns/add"} {
			if len(v[unit]) > 0 {
				metrics = append(metrics, fmt.Sprintf("%s %.4g", unit, median(v[unit])))
			}
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", name, duration(r.ns(name)), cell(r.get(name, "MB/s"), "%.0f"),
			cell(r.get(name, "allocs/op"), "%.0f"), factor, strings.Join(metrics, ", "))
	}
	fmt.Fprintf(w, "\n%s", under)
}

func cell(x float64, format string) string {
	if math.IsNaN(x) {
		return "-"
	}
	return fmt.Sprintf(format, x)
}

func writePeers(w, long io.Writer, r *results, under string) {
	fmt.Fprintf(w, "### Beside other Go libraries\n\n| library | 1 KB text | 9 KB text | bytes held | error, × theory | separation | refused |\n|---|--:|--:|--:|--:|--:|--:|\n")
	for _, name := range r.names {
		if !strings.HasPrefix(name, "Text/") || !strings.HasSuffix(name, "/doc=9KB") {
			continue
		}
		small := strings.TrimSuffix(name, "9KB") + "1KB"
		refused := "-"
		if x := r.get(small, "failed"); !math.IsNaN(x) {
			refused = fmt.Sprintf("%.0f%% of 1 KB texts", 100*x)
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s |\n", bold(strings.TrimSuffix(strings.TrimPrefix(name, "Text/impl="), "/doc=9KB")), duration(r.ns(small)), duration(r.ns(name)),
			cell(r.get(name, "B/doc"), "%.0f"), cell(r.get(name, "rmse/theory"), "%.2f"),
			cell(r.get(name, "auc"), "%.3f"), refused)
	}
	fmt.Fprintf(w, "\nText to sketch, as each library's documentation says. Separation: how often a pair of texts with Jaccard 0.8 and more scores above one with 0.65 and less, 1 = always. "+
		"Error is relative to sqrt(J(1-J)/128). %s", under)
	var other []string
	for _, name := range r.names {
		if !strings.HasPrefix(name, "Text/") {
			other = append(other, fmt.Sprintf("| %s | %s | %s | %s |", name, duration(r.ns(name)), cell(r.get(name, "B/doc"), "%.0f"), cell(r.get(name, "recall"), "%.3f")))
		}
	}
	if len(other) > 0 {
		fmt.Fprintf(long, "| benchmark | an operation | bytes held | recall |\n|---|--:|--:|--:|\n%s\n\n", strings.Join(other, "\n"))
	}
}

// writeAccuracy writes what the default settings find in labelled sets, beside tools that go by the
// Jaccard of whole texts. How it depends on lengths goes to long alone, as a table: the README has
// the picture.
func writeAccuracy(w, long io.Writer, rows []accuracyRow, under string) {
	fmt.Fprintf(w, "### Accuracy\n\n| labelled set | texts | true pairs | any Jaccard tool at .8: F1 | at its best threshold: F1 | **default settings**: precision | recall | F1 | halves | goal | met |\n"+
		"|---|--:|--:|--:|--:|--:|--:|--:|---|--:|---|\n")
	for _, r := range rows {
		if r.Kind != "labelled" {
			continue
		}
		goal, reached := "-", "-"
		if g, ok := wanted[r.Set]; ok {
			goal, reached = fmt.Sprintf("%.3f", g), missed.String()
			if round3(r.Ours.F1) >= g {
				reached = met.String()
			}
		}
		fmt.Fprintf(w, "| %s | %d | %d | %.3f | %.3f at %.2f | %.3f | %.3f | **%.3f** | %.3f, %.3f | %s | %s |\n", r.Set, r.Docs, r.True, r.At80.F1, r.Best.F1, r.Best.T,
			r.Ours.Precision, r.Ours.Recall, r.Ours.F1, r.Even.F1, r.Odd.F1, goal, reached)
	}
	fmt.Fprintf(w, "\nF1 of pairs. \"Any Jaccard tool\" compares whole texts by their exact word-5 Jaccard: what every tool estimates that does so; the best threshold is the one that "+
		"is best for that very set, known to nobody beforehand. Halves: the clusters by a hash of their names, each half by itself.\n\n")
	first := true
	for _, r := range rows {
		if r.Kind == "exact" {
			if first {
				fmt.Fprintf(w, "| list of all pairs | texts | true pairs | settings | precision | recall |\n|---|--:|--:|---|--:|--:|\n")
				first = false
			}
			fmt.Fprintf(w, "| %s | %d | %d | whole text, words, w = %d, J ≥ %g | %.3f | %.3f |\n", r.Set, r.Docs, r.True, r.Size, r.T, r.Ours.Precision, r.Ours.Recall)
		}
	}
	if !first {
		fmt.Fprintln(w)
	}
	first = true
	for _, r := range rows {
		if r.Kind == "lengths" {
			if first {
				fmt.Fprintf(long, "| an article is this share of the page that has it | true pairs | Jaccard at .8 finds | Jaccard at .5 | **default settings** |\n|---|--:|--:|--:|--:|\n")
				first = false
			}
			fmt.Fprintf(long, "| %.0f to %.0f%% | %d | %.1f%% | %.1f%% | **%.1f%%** |\n", 100*r.Lo, 100*r.Hi, r.True, 100*r.At80.Recall, 100*r.Best.Recall, 100*r.Ours.Recall)
		}
	}
	if !first {
		fmt.Fprintf(long, "\nPairs of the labelled sets in which at least four fifths of the shorter text is in the longer.\n\n")
	}
	for _, r := range rows {
		if r.Kind == "cases" {
			fmt.Fprintf(w, "Cases that users report as bugs of such tools, of our own texts: %d of %d kinds are right in all variants, %d pairs of different articles are called the same or contained; %d more kinds are wishes.\n\n",
				r.Right, r.Kinds, r.Called, r.Wishes)
		}
	}
	fmt.Fprint(w, under)
}

// writeLatency writes what a Query and an Add take while something long works on the same detector.
func writeLatency(w io.Writer, r *results, under string) {
	fmt.Fprintf(w, "### Latency\n\n| meanwhile | it takes | query p50 | p99 | most | add p50 | p99 | most |\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, name := range r.names {
		long, ok := strings.CutPrefix(name, "Latency/n=300000/while=")
		if !ok {
			continue
		}
		fmt.Fprintf(w, "| %s | %s |", strings.ReplaceAll(long, "-", " "), duration(r.get(name, "ns/op")))
		for _, unit := range []string{"query-p50-ms", "query-p99-ms", "query-max-ms", "add-p50-ms", "add-p99-ms", "add-max-ms"} {
			fmt.Fprintf(w, " %s |", cell(r.get(name, unit), "%.2f ms"))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "\n300,000 articles of 1.5 KB of ten sites; two goroutines ask and add every few milliseconds while the call runs. Times of single calls by the clock, reading the text included; "+
		"a slow save writes 25 MB a second. %s", under)
}

func writeScale(w io.Writer, m *measured, under string) {
	fmt.Fprintf(w, "### Growth\n\n| configuration | workers | articles | processor s | seconds | MB/s | B/article | µs for one more | µs a query | groups, s | recall | precision |\n"+
		"|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	notes := ""
	for _, x := range []struct {
		name string
		rows []scaleRow
	}{{"default", m.scale}, {"by signature", m.small}, {"default, in bulk", m.cores}} {
		for _, r := range x.rows {
			recall, precision, groups := "-", "-", "-"
			if r.Groups > 0 {
				recall, precision, groups = fmt.Sprintf("%.3f", r.Recall), fmt.Sprintf("%.3f", r.Precision), fmt.Sprintf("%.1f", r.Groups)
			}
			fmt.Fprintf(w, "| %s | %d | %d | %.1f | %.1f | %.0f | %.0f | %.1f | %.1f | %s | %s | %s |\n", x.name, r.Workers, r.N, r.CPU, r.Seconds, r.MB, r.BytesPer,
				r.Marginal, r.QueryUS, groups, recall, precision)
			if r.Exponent > 0 {
				notes += fmt.Sprintf(" Fitted, %s: processor time ~ n^%.2f, memory ~ n^%.2f.", x.name, r.Exponent, r.Memory)
			}
		}
	}
	fmt.Fprintf(w, "\nArticles of 3.4 KB in the mean, three in ten copies of earlier ones, added one by one with the matches of each, or in bulk without. Processor s, µs for one more: of all threads, adding alone; seconds, groups and queries by the clock.%s %s", notes, under)
}
