package simhash

import "math/bits"

// planes counts votes for 64 bits at once: bit i of p[j] is bit j of the number of ones voted for
// bit i. (The literature calls such counters bit-sliced, or vertical.) Forty planes outlast any
// slice that fits into memory.
type planes struct {
	p [40]uint64
	n uint64 // votes counted
}

// csa is a carry-save adder, 64 of them side by side: it returns the high and the low bit of a+b+c.
func csa(a, b, c uint64) (h, l uint64) {
	u := a ^ b
	return a&b | u&c, u ^ c
}

// block is the number of features that go through one tree of adders.
const block = 32

// addBlocksGeneric mixes features and adds one vote for each. It takes them in blocks and returns
// the rest, fewer than a block.
//
// A block goes through a tree of carry-save adders (Harley and Seal, see Muła, Kurz and Lemire, The
// Computer Journal 2018, who count populations with it), which keeps the five lowest planes in
// registers. Of each block one carry is left, to be added to the planes above.
func (p *planes) addBlocksGeneric(features []uint64) []uint64 {
	ones, twos, fours, eights, sixteens := p.p[0], p.p[1], p.p[2], p.p[3], p.p[4]
	for ; len(features) >= block; features = features[block:] {
		x := (*[block]uint64)(features)
		var a, b, c, d, e, f, g, h, i uint64
		a, ones = csa(ones, mix(x[0]), mix(x[1]))
		b, ones = csa(ones, mix(x[2]), mix(x[3]))
		c, twos = csa(twos, a, b)
		a, ones = csa(ones, mix(x[4]), mix(x[5]))
		b, ones = csa(ones, mix(x[6]), mix(x[7]))
		d, twos = csa(twos, a, b)
		e, fours = csa(fours, c, d)
		a, ones = csa(ones, mix(x[8]), mix(x[9]))
		b, ones = csa(ones, mix(x[10]), mix(x[11]))
		c, twos = csa(twos, a, b)
		a, ones = csa(ones, mix(x[12]), mix(x[13]))
		b, ones = csa(ones, mix(x[14]), mix(x[15]))
		d, twos = csa(twos, a, b)
		f, fours = csa(fours, c, d)
		g, eights = csa(eights, e, f)
		a, ones = csa(ones, mix(x[16]), mix(x[17]))
		b, ones = csa(ones, mix(x[18]), mix(x[19]))
		c, twos = csa(twos, a, b)
		a, ones = csa(ones, mix(x[20]), mix(x[21]))
		b, ones = csa(ones, mix(x[22]), mix(x[23]))
		d, twos = csa(twos, a, b)
		e, fours = csa(fours, c, d)
		a, ones = csa(ones, mix(x[24]), mix(x[25]))
		b, ones = csa(ones, mix(x[26]), mix(x[27]))
		c, twos = csa(twos, a, b)
		a, ones = csa(ones, mix(x[28]), mix(x[29]))
		b, ones = csa(ones, mix(x[30]), mix(x[31]))
		d, twos = csa(twos, a, b)
		f, fours = csa(fours, c, d)
		h, eights = csa(eights, e, f)
		i, sixteens = csa(sixteens, g, h)
		p.add(i, 5)
		p.n += block
	}
	p.p[0], p.p[1], p.p[2], p.p[3], p.p[4] = ones, twos, fours, eights, sixteens
	return features
}

// blank is a feature that votes for no ones: mix(blank) is 0. Blocks are padded with it.
const blank = 0x61c8864680b583eb

// addFew mixes features, no more than a block, and adds one vote for each.
func (p *planes) addFew(features []uint64) {
	n := p.n + uint64(len(features))
	if len(features) < block/4 {
		for _, x := range features {
			p.add(mix(x), 0)
		}
	} else {
		var y [block]uint64
		for i := copy(y[:], features); i < block; i++ {
			y[i] = blank
		}
		p.addBlocksGeneric(y[:])
	}
	p.n = n
}

// add adds 2^j to the counters of the bits set in c. It does not count a vote.
func (p *planes) add(c uint64, j int) {
	for ; c != 0; j++ {
		p.p[j], c = p.p[j]^c, p.p[j]&c
	}
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
