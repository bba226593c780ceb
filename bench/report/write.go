package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	begin = "<!-- bench:begin -->"
	end   = "<!-- bench:end -->"
)

// write makes report.md, the charts and the section of the README from the result files.
func (o *options) write(ctx context.Context, stdout io.Writer) error {
	speed, err := o.readBench("speed.txt")
	if err != nil {
		return err
	}
	large, err := o.readBench("large.txt")
	if err != nil {
		return err
	}
	peers, err := o.readBench("peers.txt")
	if err != nil {
		return err
	}
	accuracyHead, accuracy, err := readLines[accuracyRow](o, "accuracy.jsonl")
	if err != nil {
		return err
	}
	scaleHead, scale, err := readLines[scaleRow](o, "scale.jsonl")
	if err != nil {
		return err
	}
	coresHead, cores, err := readLines[scaleRow](o, "cores.jsonl")
	if err != nil {
		return err
	}

	var short, long bytes.Buffer
	both := io.MultiWriter(&short, &long)
	if speed != nil {
		under := conditions(speed.head)
		if large != nil {
			under += "A million and more: " + conditions(large.head)
			speed.add(large)
		}
		writeGoals(both, speed, accuracy, under)
		writeSpeed(&long, speed, under)
	}
	if peers != nil {
		writePeers(both, peers)
	}
	if len(accuracy) > 0 {
		writeBest(both, accuracyHead, accuracy)
		for _, set := range []string{"generated", "pages"} {
			if slices.Contains(sets(accuracy), set) {
				fmt.Fprintf(&short, "![F1 by threshold on %s](%s)\n\n", set, o.link("accuracy-"+set+".svg"))
			}
		}
		writeAccuracy(&long, accuracyHead, accuracy)
		for _, set := range sets(accuracy) {
			if err := accuracyChart(filepath.Join(o.out, "accuracy-"+set+".svg"), set, accuracy); err != nil {
				return err
			}
		}
	}
	if len(scale)+len(cores) > 0 {
		writeScale(both, []map[string]string{scaleHead, coresHead}, append(slices.Clone(scale), cores...))
		fmt.Fprintf(&short, "![Growth with the number of articles](%s)\n\n", o.link("scale.svg"))
		fmt.Fprintf(&long, "![Growth with the number of articles](scale.svg) ![Growth with workers](cores.svg)\n\n")
		if err := scaleChart(filepath.Join(o.out, "scale.svg"), scale); err != nil {
			return err
		}
		if err := coresChart(filepath.Join(o.out, "cores.svg"), cores); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(o.out, "report.md"), append([]byte("# What was measured\n\n"+
		"Written by bench/report; the raw results lie beside this file. Times are processor times.\n\n"), long.Bytes()...), 0o666); err != nil {
		return err
	}
	fmt.Fprint(stdout, short.String())
	if o.readme == "none" {
		return nil
	}
	return o.writeReadme(short.Bytes())
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

// conditions is the line under each table.
func conditions(h map[string]string) string {
	if h == nil {
		return ""
	}
	return fmt.Sprintf("%s, %s CPUs, %s, %s, commit %s: `%s`\n\n", h["cpu"], h["cpus"], h["goversion"], h["date"], h["commit"], h["command"])
}

func writeGoals(w io.Writer, r *results, accuracy []accuracyRow, under string) {
	fmt.Fprintf(w, "### Goals and measurements\n\n| what | others | goal | measured | met |\n|---|---|---|---|---|\n")
	for _, g := range goals(r, accuracy) {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", g.what, g.rivals, g.goal, g.measured, g.met)
	}
	fmt.Fprintf(w, "\n\"Classic\" is the pipeline a Go programmer writes first (bench/internal/classic). Word 5-shingles, 128 slots. %s", under)
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

func writePeers(w io.Writer, r *results) {
	fmt.Fprintf(w, "### Beside other Go libraries\n\n| library | 1 KB text | 9 KB text | allocations at 9 KB | bytes held | error, × theory | separation | refused |\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, name := range r.names {
		if !strings.HasPrefix(name, "Text/") || !strings.HasSuffix(name, "/doc=9KB") {
			continue
		}
		small := strings.TrimSuffix(name, "9KB") + "1KB"
		impl := strings.TrimSuffix(strings.TrimPrefix(name, "Text/impl="), "/doc=9KB")
		if strings.HasPrefix(impl, "neardup") {
			impl = "**" + impl + "**"
		}
		refused := r.get(small, "failed")
		note := "-"
		if !math.IsNaN(refused) {
			note = fmt.Sprintf("%.0f%% of 1 KB texts", 100*refused)
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", impl, duration(r.ns(small)), duration(r.ns(name)),
			cell(r.get(name, "allocs/op"), "%.0f"), cell(r.get(name, "B/doc"), "%.0f"), cell(r.get(name, "rmse/theory"), "%.2f"),
			cell(r.get(name, "auc"), "%.3f"), note)
	}
	fmt.Fprintf(w, "\nText to sketch, as each library's documentation says. Separation: how often a pair of texts with Jaccard 0.8 and more scores above one with 0.65 and less, 1 = always. "+
		"Error is relative to sqrt(J(1-J)/128). %s", conditions(r.head))
	var other []string
	for _, name := range r.names {
		if !strings.HasPrefix(name, "Text/") {
			other = append(other, fmt.Sprintf("| %s | %s | %s | %s |", name, duration(r.ns(name)), cell(r.get(name, "B/doc"), "%.0f"), cell(r.get(name, "recall"), "%.3f")))
		}
	}
	if len(other) > 0 {
		fmt.Fprintf(w, "| benchmark | an operation | bytes held | recall |\n|---|--:|--:|--:|\n%s\n\n", strings.Join(other, "\n"))
	}
}

// sets returns the names of the sets in order of appearance.
func sets(rows []accuracyRow) []string {
	var out []string
	seen := map[string]bool{}
	for _, r := range rows {
		if !seen[r.Set] {
			seen[r.Set] = true
			out = append(out, r.Set)
		}
	}
	return out
}

// writeBest writes, for each set, the default configuration and the one with the best F1; for sets whose truth is a list of exact
// similarities, which are not measured in the default configuration, the threshold with the least recall, which is what the index loses.
func writeBest(w io.Writer, h map[string]string, rows []accuracyRow) {
	fmt.Fprintf(w, "### Accuracy\n\n| set | configuration | precision | recall | F1 | groups: F1 | ARI |\n|---|---|--:|--:|--:|--:|--:|\n")
	for _, set := range sets(rows) {
		var best, standard, least *accuracyRow
		for i := range rows {
			r := &rows[i]
			if r.Set != set {
				continue
			}
			if r.Verify == "exact" && (least == nil || r.Recall < least.Recall) {
				least = r
			}
			if best == nil || r.F1 > best.F1 {
				best = r
			}
			if r.Unit == "words" && r.View == "prose" && r.Threshold == "0.5" && r.Containment == "default" {
				standard = r
			}
		}
		if standard == nil && least != nil {
			writeAccuracyRow(w, least, "least recall: ")
			continue
		}
		if standard != nil && standard.F1 < best.F1 {
			writeAccuracyRow(w, standard, "default: ")
		} else if standard != nil {
			writeAccuracyRow(w, standard, "default: ")
			continue
		}
		writeAccuracyRow(w, best, "best F1: ")
	}
	fmt.Fprintf(w, "\n%s", conditions(h))
}

func writeAccuracyRow(w io.Writer, r *accuracyRow, label string) {
	ari := "-"
	if r.ARI != nil {
		ari = fmt.Sprintf("%.3f", *r.ARI)
	}
	fmt.Fprintf(w, "| %s | %s%s, %s, w = %d, J ≥ %s, containment %s, verified by %s | %.3f | %.3f | %.3f | %.3f | %s |\n", r.Set, label, r.Unit, r.View, r.Size,
		r.Threshold, r.Containment, r.Verify, r.Precision, r.Recall, r.F1, r.GroupF1, ari)
}

func writeAccuracy(w io.Writer, h map[string]string, rows []accuracyRow) {
	for _, set := range sets(rows) {
		fmt.Fprintf(w, "### Accuracy on %s\n\n![F1 by threshold](accuracy-%s.svg)\n\n| set | configuration | precision | recall | F1 | groups: F1 | ARI |\n|---|---|--:|--:|--:|--:|--:|\n", set, set)
		for i := range rows {
			if rows[i].Set == set {
				writeAccuracyRow(w, &rows[i], "")
			}
		}
		fmt.Fprintf(w, "\n%s", conditions(h))
	}
}

func writeScale(w io.Writer, heads []map[string]string, rows []scaleRow) {
	fmt.Fprintf(w, "### Scale\n\n| workers | articles | processor s | seconds | MB/s | B/article | µs for one more | µs a query | groups, s | recall | precision |\n"+
		"|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	notes := ""
	for _, r := range rows {
		recall, precision, groups := "-", "-", "-"
		if r.Groups > 0 {
			recall, precision, groups = fmt.Sprintf("%.3f", r.Recall), fmt.Sprintf("%.3f", r.Precision), fmt.Sprintf("%.1f", r.Groups)
		}
		fmt.Fprintf(w, "| %d | %d | %.1f | %.1f | %.0f | %.0f | %.1f | %.1f | %s | %s | %s |\n", r.Workers, r.N, r.CPU, r.Seconds, r.MB, r.BytesPer,
			r.Marginal, r.QueryUS, groups, recall, precision)
		if r.Exponent > 0 {
			notes += fmt.Sprintf(" Fitted: processor time ~ n^%.2f, memory ~ n^%.2f.", r.Exponent, r.Memory)
		}
	}
	fmt.Fprintf(w, "\nArticles of 3.4 KB in the mean, three in ten copies of earlier ones, default configuration.%s\n\n", notes)
	for _, h := range heads {
		if h != nil {
			fmt.Fprint(w, conditions(h))
		}
	}
}
