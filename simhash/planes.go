package simhash

import "math/bits"

// planes counts votes for 64 bits at once: bit i of p[j] is bit j of the number of ones that have been voted for bit i.
// (The literature calls such counters bit-sliced, or vertical.) Forty planes outlast any slice that fits into memory.
type planes struct {
	p [40]uint64
	n uint64 // votes counted
}

// csa is a carry-save adder, 64 of them side by side: it returns the high and the low bit of a+b+c.
func csa(a, b, c uint64) (h, l uint64) {
	u := a ^ b
	return a&b | u&c, u ^ c
}

// add adds 2^j times the bits of c. It does not touch n.
func (p *planes) add(c uint64, j int) {
	for ; c != 0; j++ {
		p.p[j], c = p.p[j]^c, p.p[j]&c
	}
}

// addBlock adds 16 votes: a tree of carry-save adders (Harley and Seal; Muła, Kurz and Lemire, 2018, have it for
// population counts) in which most of the work is done with registers, at about five instructions a vote.
func (p *planes) addBlock(y *[16]uint64) {
	ones, twos, fours, eights := p.p[0], p.p[1], p.p[2], p.p[3]
	var a, b, c, d, e, f, s uint64
	a, ones = csa(ones, y[0], y[1])
	b, ones = csa(ones, y[2], y[3])
	c, twos = csa(twos, a, b)
	a, ones = csa(ones, y[4], y[5])
	b, ones = csa(ones, y[6], y[7])
	d, twos = csa(twos, a, b)
	e, fours = csa(fours, c, d)
	a, ones = csa(ones, y[8], y[9])
	b, ones = csa(ones, y[10], y[11])
	c, twos = csa(twos, a, b)
	a, ones = csa(ones, y[12], y[13])
	b, ones = csa(ones, y[14], y[15])
	d, twos = csa(twos, a, b)
	f, fours = csa(fours, c, d)
	s, eights = csa(eights, e, f)
	p.p[0], p.p[1], p.p[2], p.p[3] = ones, twos, fours, eights
	p.add(s, 4)
	p.n += 16
}

// addFeatures mixes features and adds them, block by block; it returns how many it has taken, all but the last 15 at
// most.
func (p *planes) addFeatures(features []uint64) int {
	var y [16]uint64
	n := 0
	for ; len(features)-n >= 16; n += 16 {
		x := (*[16]uint64)(features[n:])
		for i := range y {
			y[i] = mix(x[i])
		}
		p.addBlock(&y)
	}
	return n
}

// majority returns the bits for which more than half of the votes are ones.
func (p *planes) majority() uint64 {
	half := p.n / 2
	gt, eq := uint64(0), ^uint64(0)
	for j := bits.Len64(p.n) - 1; j >= 0; j-- {
		m := -(half >> j & 1)
		gt |= eq & p.p[j] &^ m
		eq &^= p.p[j] ^ m
	}
	return gt
}

// addTo adds, for each bit, the ones minus the zeros to c.
func (p *planes) addTo(c *[Bits]int64) {
	for i := range c {
		c[i] -= int64(p.n)
	}
	for j := range bits.Len64(p.n) {
		for i, x := 0, p.p[j]; i < Bits; i++ {
			c[i] += int64(x>>i&1) << (j + 1)
		}
	}
}
