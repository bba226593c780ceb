package minhash

import "testing"

func TestAllocs(t *testing.T) {
	for _, scheme := range []Scheme{FastSimilarity, Classic} {
		s := newSketcher(t, Config{Scheme: scheme})
		o := newSketcher(t, Config{Scheme: scheme})
		few, many := random(10, 1), random(3000, 2)
		weights := make([]int32, len(few))
		for i := range weights {
			weights[i] = int32(i)
		}
		sig, other := s.AppendSignature(nil, few), s.AppendSignature(nil, many)
		p := Packing{K: 128, Bits: 8}
		packed := p.Append(nil, sig)
		sims := make([]float64, 0, 4)
		buf := make([]byte, 0, 2048)
		data, err := s.AppendEncoding(nil, other)
		if err != nil {
			t.Fatal(err)
		}
		decoded := make(Signature, 0, 128)
		var out float64
		for name, f := range map[string]func(){
			"AppendSignature few":  func() { sig = s.AppendSignature(sig[:0], few) },
			"AppendSignature many": func() { sig = s.AppendSignature(sig[:0], many) },
			"AppendWeighted":       func() { sig = s.AppendWeighted(sig[:0], few, weights) },
			"Add":                  func() { s.Add(few[0]) },
			"AddAll":               func() { s.AddAll(many) },
			"AppendSum":            func() { sig = s.AppendSum(sig[:0]) },
			"Merge": func() {
				if s.Merge(o) != nil {
					t.Fail()
				}
			},
			"Reset":              func() { s.Reset() },
			"Similarity":         func() { out += other.Similarity(other) },
			"Cardinality":        func() { out += other.Cardinality() },
			"Containment":        func() { out += other.Containment(other) },
			"Append":             func() { packed = p.Append(packed[:0], sig) },
			"Packing.Similarity": func() { out += p.Similarity(packed, packed) },
			"AppendSimilarities": func() { sims = p.AppendSimilarities(sims[:0], packed, packed) },
			"AppendBinary":       func() { buf, _ = other.AppendBinary(buf[:0]) },
			"AppendDecoded":      func() { decoded, _ = s.AppendDecoded(decoded[:0], data) },
		} {
			if n := testing.AllocsPerRun(20, f); n != 0 {
				t.Errorf("scheme=%d: %s allocates %v times", scheme, name, n)
			}
		}
	}
	if n := testing.AllocsPerRun(20, func() { Sum(nil, 128) }); n > 1 {
		t.Errorf("Sum allocates %v times, want once", n)
	}
}
