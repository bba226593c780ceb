package main

import (
	"fmt"
	"math"
	"strings"
)

// A goal is a figure that the library has set itself, and what was measured.
type goal struct {
	what, rivals string
	goal         string
	measured     string
	met          verdict
}

type verdict int

const (
	unknown verdict = iota // not measured in this run
	met
	missed
)

func (v verdict) String() string { return [...]string{"not measured", "yes", "**no**"}[v] }

// test collects conditions: missed if one fails, unknown if nothing failed but something is not measured.
type test struct {
	failed, missing bool
	parts           []string
}

func (t *test) atLeast(x, bound float64, format string) { t.check(x, x >= bound, format) }
func (t *test) atMost(x, bound float64, format string)  { t.check(x, x <= bound, format) }

// also adds a figure that has no bound.
func (t *test) also(x float64, format string) {
	if !math.IsNaN(x) {
		t.parts = append(t.parts, fmt.Sprintf(format, x))
	}
}

func (t *test) check(x float64, ok bool, format string) {
	if math.IsNaN(x) {
		t.missing = true
		return
	}
	t.parts = append(t.parts, fmt.Sprintf(format, x))
	if !ok {
		t.failed = true
	}
}

func (t *test) goal(what, rivals, wanted string) goal {
	g := goal{what: what, rivals: rivals, goal: wanted, measured: strings.Join(t.parts, ", "), met: met}
	switch {
	case t.failed:
		g.met = missed
	case t.missing:
		g.met = unknown
	}
	if g.measured == "" {
		g.measured = "-"
	}
	return g
}

// goals compares what was measured with what was promised.
func goals(r *results, accuracy []accuracyRow) []goal {
	var out []goal
	us := func(name string) string {
		if v := r.ns(name); !math.IsNaN(v) {
			return fmt.Sprintf("classic %s", duration(v))
		}
		return "-"
	}

	var t test
	minHash := func(impl, doc string) string { return "TextToMinHash/impl=" + impl + "/doc=" + doc }
	t.atLeast(r.ratio(minHash("classic", "9KB"), minHash("neardup", "9KB")), 30, "%.1f × at 9 KB")
	t.atLeast(r.ratio(minHash("classic", "1KB"), minHash("neardup", "1KB")), 18, "%.1f × at 1 KB")
	t.also(r.ns(minHash("neardup", "9KB"))/1000, "%.0f µs")
	t.also(r.get(minHash("neardup", "9KB"), "MB/s"), "%.0f MB/s by the clock")
	t.atMost(r.get(minHash("neardup", "9KB"), "allocs/op"), 0, "%.0f allocations")
	out = append(out, t.goal("text → MinHash signature, 9 KB article", us(minHash("classic", "9KB")), "≥ 30 × classic; ≥ 18 × at 1 KB; 0 allocations"))

	t = test{}
	f := func(impl string, n int) string { return fmt.Sprintf("FeaturesToMinHash/impl=%s/n=%d", impl, n) }
	t.atLeast(r.ratio(f("classic", 1000), f("neardup", 1000)), 120, "%.0f ×")
	t.also(r.ns(f("neardup", 1000))/1000, "%.2f µs")
	out = append(out, t.goal("features → signature, n = 1,000", us(f("classic", 1000)), "≥ 120 × classic"))

	t = test{}
	for _, n := range []int{10, 100, 1000, 10_000} {
		bound := 1.0
		if n <= 128 {
			bound = 0.8
		}
		// The metric is an estimate itself, from a few hundred to two thousand pairs: three per cent are within its noise.
		t.atMost(r.get(f("neardup", n), "rmse/theory"), bound+0.03, fmt.Sprintf("%%.2f × at n = %d", n))
	}
	out = append(out, t.goal("estimator error, of sqrt(J(1-J)/k)", "classic "+cell(r.get(f("classic", 1000), "rmse/theory"), "%.2f ×"),
		"≤ 1.00 × everywhere, ≤ 0.80 × for n ≤ k"))

	t = test{}
	t.atMost(math.Abs(r.get(f("neardup", 1000), "bias-of-consecutive")), 0.005, "%.4f")
	out = append(out, t.goal("bias on consecutive integers, J = 0.5", "classic "+cell(r.get(f("classic", 1000), "bias-of-consecutive"), "%.3f"), "none"))

	t = test{}
	s := func(impl, doc string) string { return "TextToSimHash/impl=" + impl + "/doc=" + doc }
	t.atLeast(r.ratio(s("classic", "9KB"), s("neardup", "9KB")), 22, "%.1f ×")
	t.also(r.ns(s("neardup", "9KB"))/1000, "%.0f µs")
	t.atMost(r.get(s("neardup", "9KB"), "allocs/op"), 0, "%.0f allocations")
	out = append(out, t.goal("text → SimHash, 9 KB article", us(s("classic", "9KB")), "≥ 22 × the naive loop; 0 allocations"))

	t = test{}
	h := func(impl string) string { return "FeaturesToSimHash/impl=" + impl + "/n=1000" }
	t.atLeast(r.ratio(h("classic"), h("neardup")), 200, "%.0f × the branchy loop")
	t.atLeast(r.ratio(h("branchfree"), h("neardup")), 40, "%.0f × the branch-free one")
	t.also(r.ns(h("neardup"))/1000, "%.2f µs")
	out = append(out, t.goal("features → SimHash, n = 1,000", us(h("classic"))+", branch-free "+duration(r.ns(h("branchfree"))), "≥ 200 × and ≥ 40 ×"))

	t = test{}
	q := "HammingQuery/impl=neardup/n=1000000/d=3"
	t.atMost(r.ns(q), 600, "%.0f ns a query")
	t.also(r.ratio("HammingQuery/impl=classic/n=1000000/d=3", q), "%.0f × a scan")
	t.atMost(r.get(q, "B/doc"), 48, "%.1f B each")
	t.atMost(r.ns("HammingAllPairs/impl=neardup/n=1000000/d=3")/1e9, 0.2, "all pairs %.2f s")
	t.atMost(r.ns("HammingAllPairs/impl=neardup/n=10000000/d=3")/1e9, 3, "of 10M %.2f s")
	out = append(out, t.goal("Hamming index, 1M, d ≤ 3", "a scan "+duration(r.ns("HammingQuery/impl=classic/n=1000000/d=3")),
		"≤ 0.6 µs, ≤ 48 B; all pairs ≤ 0.2 s, of 10M ≤ 3 s"))

	t = test{}
	add, query := "LSHAdd/impl=neardup/n=1000000", "LSHQuery/impl=neardup/n=1000000"
	t.atMost(r.ns(add)/1000, 1.5, "add %.2f µs")
	t.atMost(r.ns(query)/1000, 4, "query %.2f µs")
	t.also(r.ratio("LSHAdd/impl=classic/n=1000000", add), "%.1f ×")
	t.also(r.ratio("LSHQuery/impl=classic/n=1000000", query), "and %.1f × the maps")
	t.atMost(r.get(add, "B/doc-without-signature"), 200, "%.0f B")
	out = append(out, t.goal("LSH index, 1M, 16 × 8, signatures apart", fmt.Sprintf("maps: add %s, query %s, %s B",
		duration(r.ns("LSHAdd/impl=classic/n=1000000")), duration(r.ns("LSHQuery/impl=classic/n=1000000")),
		cell(r.get("LSHAdd/impl=classic/n=1000000", "B/doc"), "%.0f")), "≤ 1.5 µs, ≤ 4 µs, ≤ 200 B"))

	t = test{}
	p := "SignatureSimilarity/impl=neardup/bits=8"
	t.atMost(r.ns(p), 30, "%.0f ns")
	t.also(r.ratio("SignatureSimilarity/impl=classic/bits=32", p), "%.1f × classic")
	t.atMost(r.get(p, "rmse/theory"), 1.03, "error %.2f ×")
	out = append(out, t.goal("signature similarity, k = 128, 8-bit slots", us("SignatureSimilarity/impl=classic/bits=32"), "≤ 30 ns at an error ≤ 1.0 × theory"))

	t = test{}
	worst, settings := math.Inf(1), 0
	if r != nil {
		for _, name := range r.names {
			if strings.HasPrefix(name, "PromisedRecall/") {
				if d := r.get(name, "recall") - r.get(name, "promised"); !math.IsNaN(d) {
					worst = min(worst, d)
					settings++
				}
			}
		}
	}
	if settings > 0 {
		t.check(100*worst, worst >= 0, fmt.Sprintf("over the promise by %%.2f points in the worst of %d settings", settings))
	} else {
		t.missing = true
	}
	out = append(out, t.goal("recall promised at t", "0.31 to 0.77 at the threshold they are given", "measured ≥ promised"))

	t = test{}
	t.atLeast(r.get("Compare", "found"), 1, "%.2f of generated pairs found")
	t.atMost(r.get("Compare", "false"), 0, "%.2f of stories under one sidebar matched")
	for _, a := range accuracy {
		if a.Set == "articles" && a.View == "prose" && a.Threshold == "0.5" && a.Containment == "default" {
			t.atLeast(a.Recall, 1, "the founding pair: %.0f of 1")
		}
	}
	out = append(out, t.goal("one story on two sites, default settings", "not found", "found; two stories under one sidebar not matched"))
	return out
}

// duration prints nanoseconds with three digits.
func duration(ns float64) string {
	switch {
	case math.IsNaN(ns):
		return "-"
	case ns < 1e3:
		return fmt.Sprintf("%.3g ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	case ns < 1e9:
		return fmt.Sprintf("%.3g ms", ns/1e6)
	}
	return fmt.Sprintf("%.3g s", ns/1e9)
}
