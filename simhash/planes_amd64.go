//go:build !purego

package simhash

// useAVX2 tells whether the processor and the system have AVX2. (Tests switch it off.)
var useAVX2 = hasAVX2()

// addLanesAVX2 mixes 128 features and adds one vote for each to four sets of planes side by side:
// low[j][l] is plane j of set l. What is carried out of the planes is returned, as 32 times the
// bits of carry.
//
//go:noescape
func addLanesAVX2(x *[lanesBlock]uint64, low *[5][4]uint64, carry *[4]uint64)

func cpuid(leaf, sub uint32) (eax, ebx, ecx, edx uint32)

func xgetbv() (eax uint32)

func hasAVX2() bool {
	const (
		osxsave = 1 << 27
		avx     = 1 << 28
		avx2    = 1 << 5
		ymm     = 1<<1 | 1<<2 // registers that the system saves
	)
	most, _, _, _ := cpuid(0, 0)
	if most < 7 {
		return false
	}
	if _, _, c, _ := cpuid(1, 0); c&osxsave == 0 || c&avx == 0 || xgetbv()&ymm != ymm {
		return false
	}
	_, b, _, _ := cpuid(7, 0)
	return b&avx2 != 0
}

// lanesBlock is the number of features that addLanesAVX2 takes.
const lanesBlock = 128

// addBlocks does what addBlocksGeneric does, which gets what is too little for vectors, but may
// leave less.
func (p *planes) addBlocks(features []uint64) []uint64 {
	if useAVX2 && len(features) >= lanesBlock/2 {
		features = p.addVectors(features)
	}
	return p.addBlocksGeneric(features)
}

// addVectors adds votes in blocks of lanesBlock and returns the rest, if it is too little to be
// padded to one.
func (p *planes) addVectors(features []uint64) []uint64 {
	var low [5][4]uint64
	var carry [4]uint64
	p.n += uint64(len(features))
	for ; len(features) >= lanesBlock; features = features[lanesBlock:] {
		addLanesAVX2((*[lanesBlock]uint64)(features), &low, &carry)
		p.add4(&carry, 5)
	}
	if len(features) >= lanesBlock/4 {
		var y [lanesBlock]uint64
		for i := copy(y[:], features); i < lanesBlock; i++ {
			y[i] = blank
		}
		addLanesAVX2(&y, &low, &carry)
		p.add4(&carry, 5)
		features = nil
	}
	p.n -= uint64(len(features))
	for j := range low {
		p.add4(&low[j], j)
	}
	return features
}

// add4 adds 2^j times the bits of four words.
func (p *planes) add4(w *[4]uint64, j int) {
	var a, b, c uint64
	a, p.p[j] = csa(p.p[j], w[0], w[1])
	b, p.p[j] = csa(p.p[j], w[2], w[3])
	c, p.p[j+1] = csa(p.p[j+1], a, b)
	p.add(c, j+2)
}
