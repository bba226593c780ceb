package simhash

import "fmt"

// A Sketcher accumulates features and tells their [Fingerprint] at any moment. The zero value is
// ready to use. It holds 64 counters, whatever the number of features: [Sketcher.Merge] adds the
// features of another, and the counters can be written and read back.
//
// A Sketcher is a plain value without pointers: to copy it is to clone it. It must not be used from
// several goroutines at once.
type Sketcher struct {
	ones    planes // votes of weight one
	buf     [block]uint64
	pending int // how many features at the start of buf wait to be mixed and added to ones, always under a block

	lanes [16]uint64 // 16-bit counters: lane l of word i counts the ones of bit i+16l, by weight
	heavy uint32     // the weight counted in lanes, at most 65,535

	count [Bits]int64 // ones minus zeros by weight, of what is counted neither in ones, buf nor lanes
	full  bool        // count is not all zero for lack of use
}

// Add adds one feature with the weight 1. It takes about two nanoseconds and does not allocate.
func (s *Sketcher) Add(feature uint64) {
	s.buf[s.pending%block] = feature
	s.pending++
	if s.pending == block {
		s.ones.addBlocks(s.buf[:])
		s.pending = 0
		s.spill()
	}
}

// AddAll adds features with the weight 1 each. It costs what [Sum] costs, and does not allocate.
func (s *Sketcher) AddAll(features []uint64) {
	for s.pending > 0 && len(features) > 0 {
		s.Add(features[0])
		features = features[1:]
	}
	features = s.ones.addBlocks(features)
	s.pending += copy(s.buf[s.pending:], features)
	s.spill()
}

// AddWeighted adds one feature with a weight, which counts as if the feature had been added weight
// times. A weight of 0 changes nothing; a negative weight votes for the opposite of each bit, so it
// takes back what has been added.
//
// The sums are exact as long as all weights together, signs dropped, stay under 2^63: no fewer than
// four billion features of the greatest weight. Past that, they wrap as Go's integers do, still in
// any order the same.
//
// It takes about 20 ns if the weight is under 65,536 and 100 ns if not, and does not allocate.
func (s *Sketcher) AddWeighted(feature uint64, weight int32) {
	h, w := mix(feature), int64(weight)
	if w < 0 {
		h, w = ^h, -w
	}
	switch {
	case weight == 1:
		s.Add(feature)
	case w < 1<<16:
		if uint32(w) > 1<<16-1-s.heavy {
			s.spillLanes()
		}
		s.heavy += uint32(w)
		for i := range s.lanes {
			s.lanes[i] += h >> i & 0x0001_0001_0001_0001 * uint64(w)
		}
	default:
		s.full = true
		for i := range s.count {
			s.count[i] += w * (int64(h>>i&1)<<1 - 1)
		}
	}
}

// Sum returns the fingerprint of all that has been added. It does not change the state: more can be
// added, and Sum called again. It takes under 100 ns if all weights were 1 and under 1 µs if not,
// and does not allocate.
func (s *Sketcher) Sum() Fingerprint {
	if !s.full && s.heavy == 0 {
		p := s.ones
		p.addFew(s.buf[:s.pending])
		return Fingerprint(p.majority())
	}
	var f Fingerprint
	for i, c := range s.counts() {
		if c > 0 {
			f |= 1 << i
		}
	}
	return f
}

// Reset forgets all that has been added.
func (s *Sketcher) Reset() {
	*s = Sketcher{}
}

// Merge adds to s all that has been added to t, as often and with the weights that it was added
// with. It does not change t, which may be s itself. The order of merges and additions makes no
// difference.
func (s *Sketcher) Merge(t *Sketcher) {
	c := t.counts()
	for i := range c {
		s.count[i] += c[i]
	}
	s.full = true
}

// spill moves the votes in ones to count before they can overflow.
func (s *Sketcher) spill() {
	if s.ones.n >= 1<<38 {
		s.ones.addTo(&s.count)
		s.ones = planes{}
		s.full = true
	}
}

// spillLanes moves the votes in lanes to count.
func (s *Sketcher) spillLanes() {
	s.addLanesTo(&s.count)
	s.lanes = [16]uint64{}
	s.heavy = 0
	s.full = true
}

// addLanesTo adds, for each bit, the ones minus the zeros in lanes to c.
func (s *Sketcher) addLanesTo(c *[Bits]int64) {
	for i := range c {
		c[i] += int64(s.lanes[i&15]>>(i&^15)&0xffff)<<1 - int64(s.heavy)
	}
}

// counts returns, for each bit, the weight of the ones minus that of the zeros.
func (s *Sketcher) counts() [Bits]int64 {
	c := s.count
	s.addLanesTo(&c)
	p := s.ones
	p.addFew(s.buf[:s.pending])
	p.addTo(&c)
	return c
}

func checkWeights(features []uint64, weights []int32) {
	if len(features) != len(weights) {
		panic(fmt.Sprintf("simhash: %d weights for %d features", len(weights), len(features)))
	}
}
