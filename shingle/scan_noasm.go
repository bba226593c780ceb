//go:build !amd64 || purego

package shingle

func (s *scanner) classify(blocks int) (high bool) { return s.classifyGeneric(blocks) }

func (s *scanner) skipLetters(int) {}

func (s *scanner) findEdges(blocks int) int { return s.findEdgesGeneric(blocks) }

// hashTokens sets the first n of s.out to the hashes of tokens i to i+n of those in at.
func (s *scanner) hashTokens(at *edgeList, i, n int) {
	s.batch.hash(&s.out, &s.win, at, uint(2*i), uint(n))
}
