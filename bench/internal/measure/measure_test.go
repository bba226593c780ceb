package measure

import (
	"math"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestAUC(t *testing.T) {
	for _, c := range []struct {
		alike, unlike []float64
		want          float64
	}{
		{[]float64{3, 4}, []float64{1, 2}, 1},
		{[]float64{1, 2}, []float64{3, 4}, 0},
		{[]float64{1, 1}, []float64{1, 1, 1}, 0.5},
		{[]float64{2, 5}, []float64{1, 2, 3}, (1.5 + 3) / 6},
	} {
		if got := AUC(c.alike, c.unlike); !near(got, c.want) {
			t.Errorf("AUC(%v, %v) = %v, want %v", c.alike, c.unlike, got, c.want)
		}
	}
}

func TestError(t *testing.T) {
	e := NewError(100)
	e.Add(0.55, 0.5) // one sigma of k=100
	e.Add(0.45, 0.5)
	e.Add(1, 1)
	if !near(e.OverTheory(), 1) || !near(e.Bias(), 0) {
		t.Errorf("error %v of theory with bias %v, want 1 and 0", e.OverTheory(), e.Bias())
	}
}

func TestExponent(t *testing.T) {
	e, r2 := Exponent([]float64{1, 10, 100}, []float64{3, 3 * math.Pow(10, 1.2), 3 * math.Pow(100, 1.2)})
	if !near(e, 1.2) || !near(r2, 1) {
		t.Errorf("exponent %v, r² %v, want 1.2 and 1", e, r2)
	}
}

// Values from the definition, counted by hand, and the contingency table of Hubert and Arabie's setting.
func TestPartitions(t *testing.T) {
	truth := []int{1, 1, 1, 2, 2, 3}
	if got := ClusterPairs(truth, []int{7, 7, 8, 9, 9, 9}); got != (Pairs{TP: 2, FP: 2, FN: 2}) {
		t.Errorf("pairs %+v", got)
	}
	if got := AdjustedRand(truth, truth); got != 1 {
		t.Errorf("equal partitions: %v", got)
	}
	// both 2, t 4, g 4, all 15: (2 - 16/15) / (4 - 16/15)
	if got, want := AdjustedRand(truth, []int{7, 7, 8, 9, 9, 9}), (2-16.0/15)/(4-16.0/15); !near(got, want) {
		t.Errorf("adjusted Rand %v, want %v", got, want)
	}
	p := Pairs{TP: 6, FP: 2, FN: 4}
	if !near(p.Precision(), 0.75) || !near(p.Recall(), 0.6) || !near(p.F1(), 2*0.75*0.6/1.35) {
		t.Errorf("%v %v %v", p.Precision(), p.Recall(), p.F1())
	}
	if got := Median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("median %v", got)
	}
}
