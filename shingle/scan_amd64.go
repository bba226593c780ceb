//go:build !purego

package shingle

// useAVX2 tells whether the processor and the system have AVX2 and the bit instructions that came with it. (Tests switch it
// off.)
var useAVX2 = hasAVX2()

// classifyAVX2 makes the letters of the blocks at win small and sets the masks of each. It returns the bytes of any of them
// that are not ASCII.
//
//go:noescape
func classifyAVX2(win *byte, blocks int, word, high, lead *uint64) (any uint64)

// lettersAVX2 takes the small Cyrillic letters and the common Chinese characters that lie in one block, which fold to
// themselves, out of the masks high and lead, and sets solo to the Chinese ones.
//
//go:noescape
func lettersAVX2(win *byte, blocks int, high, lead, solo *uint64)

// edgesAVX2 writes the places where the masks change, and returns how many there are. It may write seven more.
//
//go:noescape
func edgesAVX2(idx *uint16, word *uint64, blocks int) (n int)

// hashAVX2 hashes tokens that start and end at idx in win, eight at a time. It returns in how many eights there is one of 16
// bytes or more, of which the hash is another, and which they are in long.
//
//go:noescape
func hashAVX2(out *uint64, win *byte, idx *uint16, eights int, long *uint16) (n int)

func cpuid(leaf, sub uint32) (eax, ebx, ecx, edx uint32)

func xgetbv() (eax uint32)

func hasAVX2() bool {
	const (
		osxsave = 1 << 27
		avx     = 1 << 28
		popcnt  = 1 << 23
		bmi1    = 1 << 3
		avx2    = 1 << 5
		ymm     = 1<<1 | 1<<2 // registers that the system saves
	)
	most, _, _, _ := cpuid(0, 0)
	if most < 7 {
		return false
	}
	const c1 = osxsave | avx | popcnt
	if _, _, c, _ := cpuid(1, 0); c&c1 != c1 || xgetbv()&ymm != ymm {
		return false
	}
	_, b, _, _ := cpuid(7, 0)
	return b&(bmi1|avx2) == bmi1|avx2
}

func (s *scanner) classify(blocks int) (high bool) {
	if !useAVX2 {
		return s.classifyGeneric(blocks)
	}
	return classifyAVX2(&s.win[0], blocks, &s.word[0], &s.high[0], &s.lead[0]) != 0
}

// skipLetters takes letters that fold to themselves out of s.high and s.lead, as far as it finds them, and puts those that are
// tokens of their own into s.solo.
func (s *scanner) skipLetters(blocks int) {
	if useAVX2 {
		lettersAVX2(&s.win[0], blocks, &s.high[0], &s.lead[0], &s.solo[0])
	}
}

func (s *scanner) findEdges(blocks int) int {
	if !useAVX2 {
		return s.findEdgesGeneric(blocks)
	}
	return edgesAVX2(&s.idx[0], &s.word[0], blocks)
}

// hashTokens sets the first n of s.out to the hashes of tokens i to i+n of those in at.
func (s *scanner) hashTokens(at *edgeList, i, n int) {
	if !useAVX2 {
		s.batch.hash(&s.out, &s.win, at, uint(2*i), uint(n))
		return
	}
	idx := at[2*i:]
	var long [batchSize/8 + 1]uint16
	k := hashAVX2(&s.out[0], &s.win[0], &idx[0], (n+7)/8, &long[0])
	for _, b := range long[:k] {
		for j := 8 * int(b); j < min(8*int(b)+8, n); j++ {
			if p, e := int(idx[2*j]), int(idx[2*j+1]); e-p >= 16 {
				s.out[j] = hashToken(s.win[p:e])
			}
		}
	}
}
