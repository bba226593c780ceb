package simhash

import "testing"

func TestAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	features := goldenInput(1000)
	weights := make([]int32, len(features))
	for i := range weights {
		weights[i] = int32(i)
	}
	var s, u Sketcher
	x, _ := NewIndex(IndexConfig{Distance: 3})
	f := uniform(20000)
	x.AddAll(f)
	for _, f := range f[:100] {
		x.Add(f)
	}
	dst := make([]Match, 0, 100)
	buf := make([]byte, 0, 1000)
	n := 0
	for name, do := range map[string]func(){
		"Sum":         func() { Sum(features) },
		"SumWeighted": func() { SumWeighted(features, weights) },
		"Add":         func() { s.Add(7) },
		"AddAll":      func() { s.AddAll(features) },
		"AddWeighted": func() { s.AddWeighted(7, 1000) },
		"Sketcher":    func() { s.Sum(); u.Merge(&s); u.Sum(); u.Reset() },
		"Distance":    func() { n += f[0].Distance(f[1]) },
		"Similarity":  func() { _ = f[0].Similarity(f[1]) },
		"AppendQuery": func() { dst = x.AppendQuery(dst[:0], f[n%20000]); n++ },
		"AppendQueryWithin": func() {
			dst = x.AppendQueryWithin(dst[:0], f[n%20000], 2)
			n++
		},
		"AppendBinary": func() { buf, _ = s.AppendBinary(buf[:0]); buf, _ = f[0].AppendBinary(buf) },
		"AppendText":   func() { buf, _ = f[0].AppendText(buf[:0]) },
		"Delete":       func() { x.Delete(uint32(n % 100)); n++ },
	} {
		if got := testing.AllocsPerRun(200, do); got != 0 {
			t.Errorf("%s: %v allocations", name, got)
		}
	}
}
