package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// summary returns the median of what was measured of a peer; its figures are NaN if there is
// nothing.
func summary(rows []otherRow, peer, task, of string) otherRow {
	out := otherRow{Peer: peer, Task: task, Of: of}
	var us, query, bytes, seconds, reading, mb, recall, precision []float64
	for _, r := range rows {
		if name, _, _ := strings.Cut(r.Peer, " "); (r.Peer != peer && name != peer) || r.Task != task || r.Of != of {
			continue
		}
		out.Peer, out.Language, out.Note = r.Peer, r.Language, r.Note
		us, query, bytes = append(us, r.US), append(query, r.QueryUS), append(bytes, r.Bytes)
		seconds, reading, mb = append(seconds, r.Seconds), append(reading, r.Reading), append(mb, r.MB)
		recall, precision = append(recall, r.Recall), append(precision, r.Precision)
	}
	out.US, out.QueryUS, out.Bytes, out.Seconds, out.Reading, out.MB = median(us), median(query), median(bytes), median(seconds), median(reading), median(mb)
	out.Recall, out.Precision = median(recall), median(precision)
	return out
}

// peerNames returns the peers that have rows of a task, in order of appearance.
func peerNames(rows []otherRow, task string) []string {
	var out []string
	for _, r := range rows {
		if r.Task == task && !slices.Contains(out, r.Peer) {
			out = append(out, r.Peer)
		}
	}
	return out
}

func ours(peer string) bool { return strings.HasPrefix(peer, "neardup") }

// best says what the fastest other library took for a set.
func best(rows []otherRow, set string) string {
	out, least := "-", math.Inf(1)
	for _, peer := range peerNames(rows, "end-to-end") {
		if x := summary(rows, peer, "end-to-end", set); !ours(peer) && x.Seconds < least {
			least = x.Seconds
			out = fmt.Sprintf("%s %.1f s, %.0f MB, recall %.3f", peer, x.Seconds, x.MB, x.Recall)
		}
	}
	return out
}

func bold(peer string) string {
	if ours(peer) {
		return "**" + peer + "**"
	}
	return peer
}

// figure prints what is there: not NaN and not 0.
func figure(x float64, format string) string {
	if math.IsNaN(x) || x == 0 {
		return "-"
	}
	return fmt.Sprintf(format, x)
}

// micro prints microseconds.
func micro(us float64) string {
	if us == 0 {
		return "-"
	}
	return duration(1000 * us)
}

// writeOthers writes the peers of other languages: texts, index, whole jobs.
func writeOthers(w io.Writer, h map[string]string, rows []otherRow, under string) {
	fmt.Fprintf(w, "### Beside libraries of other languages\n\n| library | language | 1 KB text | 9 KB text | × ours at 9 KB | remark |\n|---|---|--:|--:|--:|---|\n")
	base := summary(rows, "neardup-whole", "text", "9KB").US
	for _, task := range []string{"text", "simhash"} {
		if task == "simhash" {
			base = summary(rows, "neardup-simhash", task, "9KB").US
		}
		for _, peer := range peerNames(rows, task) {
			one, nine := summary(rows, peer, task, "1KB"), summary(rows, peer, task, "9KB")
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", bold(peer), nine.Language, micro(one.US), micro(nine.US), figure(nine.US/base, "%.1f"), nine.Note)
		}
	}
	fmt.Fprintf(w, "\nText to signature of 128 slots (SimHash: 64 bits), word 5-shingles, one thread, processor time; × ours: the time as a multiple of our whole view's.\n\n")

	if len(peerNames(rows, "index")) > 0 {
		fmt.Fprintf(w, "| LSH index | add | query | bytes a document | recall at J = .8 | remark |\n|---|--:|--:|--:|--:|---|\n")
		for _, peer := range peerNames(rows, "index") {
			x := summary(rows, peer, "index", "100000")
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", bold(peer), micro(x.US), micro(x.QueryUS), figure(x.Bytes, "%.0f"), figure(x.Recall, "%.3f"), x.Note)
		}
		fmt.Fprintf(w, "\n100,000 signatures of 128 slots, 16 bands of 8, signatures made before.\n\n")
	}

	if len(peerNames(rows, "end-to-end")) > 0 {
		fmt.Fprintf(w, "| end to end | set | processor s | of those reading | peak MB | recall | precision | remark |\n|---|---|--:|--:|--:|--:|--:|---|\n")
		for _, set := range []string{"fi-news", "wdk-ddi"} {
			for _, peer := range peerNames(rows, "end-to-end") {
				x := summary(rows, peer, "end-to-end", set)
				if math.IsNaN(x.Seconds) {
					continue
				}
				fmt.Fprintf(w, "| %s | %s | %.1f | %.1f | %.0f | %s | %s | %s |\n", bold(peer), set, x.Seconds, x.Reading, x.MB, figure(x.Recall, "%.3f"), figure(x.Precision, "%.3f"), x.Note)
			}
		}
		fmt.Fprintf(w, "\nAll pairs from a Jaccard of .8 on: fi-news in word 3-shingles, wdk-ddi in word 5-shingles, whole texts. Recall and precision against the exact list.\n\n")
	}
	if s := notFirst(rows); s != "" {
		fmt.Fprintf(w, "**Where we are not first.** %s.\n\n", s)
	}
	var skipped []string
	for _, r := range rows {
		if what := fmt.Sprintf("%s, %s (%s)", r.Peer, r.Of, r.Note); r.Task == "skipped" && !slices.Contains(skipped, what) {
			skipped = append(skipped, what)
		}
	}
	if len(skipped) > 0 {
		fmt.Fprintf(w, "Not measured: %s.\n\n", strings.Join(skipped, "; "))
	}
	fmt.Fprint(w, under)
}

// notFirst says in which columns another library is ahead of ours; empty if in none.
func notFirst(rows []otherRow) string {
	var out []string
	compare := func(what, task, of string, more bool, noise float64, format string, figure func(x otherRow) float64) {
		least := [2]float64{math.NaN(), math.NaN()}
		var who string
		for _, peer := range peerNames(rows, task) {
			x := figure(summary(rows, peer, task, of))
			i := 1
			if ours(peer) {
				i = 0
			}
			if math.IsNaN(x) || x == 0 || (task == "end-to-end" && peer == "neardup") {
				continue
			}
			if ahead := x < least[i] != more && x != least[i]; math.IsNaN(least[i]) || ahead {
				least[i] = x
				if i == 1 {
					who = peer
				}
			}
		}
		if least[1] < least[0] != more && math.Abs(least[1]-least[0]) > noise {
			out = append(out, fmt.Sprintf("%s: %s "+format+", we "+format, what, who, least[1], least[0]))
		}
	}
	us := func(x otherRow) float64 { return x.US }
	for _, of := range []string{"1KB", "9KB"} {
		compare("text of "+of, "text", of, false, 0, "%.3g µs", us)
		compare("SimHash of "+of, "simhash", of, false, 0, "%.3g µs", us)
	}
	compare("index, add", "index", "100000", false, 0, "%.2f µs", us)
	compare("index, query", "index", "100000", false, 0, "%.2f µs", func(x otherRow) float64 { return x.QueryUS })
	compare("index, bytes", "index", "100000", false, 0, "%.0f", func(x otherRow) float64 { return x.Bytes })
	// 0.01 is twice the standard error of 2,048 queries.
	compare("index, recall", "index", "100000", true, 0.01, "%.3f", func(x otherRow) float64 { return x.Recall })
	for _, set := range []string{"fi-news", "wdk-ddi"} {
		compare(set+", time", "end-to-end", set, false, 0, "%.1f s", func(x otherRow) float64 { return x.Seconds })
		compare(set+", memory", "end-to-end", set, false, 0, "%.0f MB", func(x otherRow) float64 { return x.MB })
		compare(set+", recall", "end-to-end", set, true, 0, "%.3f", func(x otherRow) float64 { return x.Recall })
		compare(set+", precision", "end-to-end", set, true, 0, "%.3f", func(x otherRow) float64 { return x.Precision })
	}
	return strings.Join(out, "; ")
}
