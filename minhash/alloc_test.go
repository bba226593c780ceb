package minhash

import "testing"

func TestAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
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
			"AppendBinary":       func() { buf, _ = other.AppendBinary(buf[:0]) },
			"AppendDecoded":      func() { decoded, _ = s.AppendDecoded(decoded[:0], data) },
		} {
			if n := testing.AllocsPerRun(20, f); n != 0 {
				t.Errorf("scheme=%d: %s allocates %v times", scheme, name, n)
			}
		}
	}
}

// What appends to nothing allocates once: what it returns.
func TestAllocsOnce(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	s := newSketcher(t, Config{})
	few := random(10, 1)
	sig := s.AppendSignature(nil, few)
	data, err := s.AppendEncoding(nil, sig)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func(){
		"Sum":             func() { Sum(few, 128) },
		"SumWeighted":     func() { SumWeighted(few, make([]int32, 10), 128) },
		"AppendSignature": func() { s.AppendSignature(nil, few) },
		"AppendWeighted":  func() { s.AppendWeighted(nil, few, make([]int32, 10)) },
		"Sketcher.Sum":    func() { s.Sum() },
		"AppendSum":       func() { s.AppendSum(nil) },
		"AppendEncoding":  func() { _, _ = s.AppendEncoding(nil, sig) },
		"AppendDecoded":   func() { _, _ = s.AppendDecoded(nil, data) },
		"Sketcher.MarshalBinary": func() {
			_, _ = s.MarshalBinary()
		},
		"Signature.MarshalBinary": func() { _, _ = sig.MarshalBinary() },
		"UnmarshalBinary":         func() { _ = new(Signature).UnmarshalBinary(data) },
		"Packing.Append 1":        func() { Packing{K: 128, Bits: 1}.Append(nil, sig) },
		"Packing.Append 8":        func() { Packing{K: 128, Bits: 8}.Append(nil, sig) },
		"Packing.Append 16":       func() { Packing{K: 128, Bits: 16}.Append(nil, sig) },
		"Packing.Append empty":    func() { Packing{K: 128, Bits: 8}.Append(nil, Sum(nil, 128)[:128]) },
		"AppendBandKeys":          func() { Plan{Bands: 16, Rows: 8}.AppendBandKeys(nil, sig) },
	} {
		want := 1.0
		if name == "Packing.Append empty" { // and the signature
			want = 2
		}
		if n := testing.AllocsPerRun(20, f); n != want {
			t.Errorf("%s allocates %v times, want %v", name, n, want)
		}
	}
}
