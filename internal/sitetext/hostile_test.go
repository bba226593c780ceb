package sitetext

import (
	"encoding/binary"
	"slices"
	"testing"
)

// FuzzLearn learns from texts and skeletons that do not belong together. What is learnt must be
// features of at least six texts, in order, and the same in another order of texts.
func FuzzLearn(f *testing.F) {
	p := newPress(1)
	p.walled("s", 8, 30, nil, p.words(40))
	var seed []byte
	for _, g := range p.pages {
		seed = binary.LittleEndian.AppendUint16(seed, uint16(len(g.set)))
		for _, v := range g.set {
			seed = binary.LittleEndian.AppendUint32(seed, v)
		}
		seed = binary.LittleEndian.AppendUint16(seed, uint16(len(g.skeleton)))
		seed = append(seed, g.skeleton...)
	}
	f.Add(seed)
	f.Add(seed[:len(seed)/2])
	f.Add([]byte{0, 0, 1, 0, 0x10, 0, 0, 0, 0, 1, 0, 0x70})
	f.Fuzz(func(t *testing.T, data []byte) {
		take := func(n int) []byte {
			n = min(n, len(data))
			b := data[:n]
			data = data[n:]
			return b
		}
		length := func() int {
			var b [2]byte
			copy(b[:], take(2))
			return int(binary.LittleEndian.Uint16(b[:]))
		}
		var texts pile
		for len(data) > 0 {
			g := &page{}
			for b := take(4 * length()); len(b) >= 4; b = b[4:] {
				g.set = append(g.set, binary.LittleEndian.Uint32(b))
			}
			g.skeleton = take(length())
			texts = append(texts, g)
		}
		var l Learner
		got := l.Learn(texts).Append(nil)
		for i, v := range got {
			n := 0
			for _, g := range texts {
				if slices.ContainsFunc(g.set, func(w uint32) bool { return w%universe == v }) {
					n++
				}
			}
			if i > 0 && v <= got[i-1] || n == 0 {
				t.Fatalf("feature %d, after %v, of %d texts", v, got[:i], n)
			}
		}
	})
}

// TestChosen learns from texts whose values somebody chose: all sampled, all in one place of a
// table, one text with very many.
func TestChosen(t *testing.T) {
	var w Writer
	for name, value := range map[string]func(i, k int) uint32{
		"all sampled": func(i, k int) uint32 { return uint32(i*300+k) * 8 % universe },
		"one range":   func(i, k int) uint32 { return uint32(i*300 + k) },
		"the same":    func(_, k int) uint32 { return uint32(k) * 8 },
		"none":        func(i, k int) uint32 { return uint32(i*300+k)*2 + 1 },
	} {
		t.Run(name, func(t *testing.T) {
			var texts pile
			for i := range 60 {
				n := 300
				if i == 7 {
					n = 100000
				}
				g := &page{}
				for k := range n {
					g.order = append(g.order, value(i, k)%universe)
				}
				g.set = setOf(g.order)
				g.skeleton = w.AppendSkeleton(nil, g.order)
				texts = append(texts, g)
			}
			var l Learner
			if m := l.Learn(texts); m != nil {
				t.Errorf("%d features of the site, want none", m.Len())
			}
		})
	}
}

// TestNoise learns from so many features that each value is met by chance in several texts.
func TestNoise(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	h := newHeap(20000, 500, 100) // 10 million features: a value is met by chance in half a text, and in 6 texts some hundred times
	var l Learner
	m := l.Learn(h)
	site := h.sets[0]
	for _, s := range h.sets[1:3] {
		site = slices.DeleteFunc(slices.Clone(site), func(v uint32) bool {
			_, ok := slices.BinarySearch(s, v)
			return !ok
		})
	}
	found := 0
	for _, v := range site {
		if m.Has(v) {
			found++
		}
	}
	if found < len(site)*95/100 || m.Len() > len(site)*105/100 {
		t.Errorf("%d features of the site, %d of %d", m.Len(), found, len(site))
	}
}
