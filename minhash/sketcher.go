package minhash

import (
	"fmt"
	"math/bits"
)

// Scheme names the way in which a signature is made. It is part of what has to be equal for two
// signatures to be compared.
type Scheme uint8

const (
	// FastSimilarity is Fast Similarity Sketching (Dahlgaard, Knudsen, Thorup 2017), the default.
	FastSimilarity Scheme = 1
	// Classic is the minimum under k permutations a·x+b mod 2^61-1, slot by slot (Broder 1997).
	Classic Scheme = 2
)

// Config says how signatures are made. Signatures can be compared when K, Seed and Scheme are
// equal.
type Config struct {
	K      int    // slots, 1 to 4,096; 0 means 128. For 64, 128 and 256 it is a little faster.
	Seed   uint64 // selects the hash functions
	Scheme Scheme // 0 means FastSimilarity
}

// defaultK is the number of slots when Config.K is 0.
const defaultK = 128

// chunk is the number of mixed features that a Sketcher keeps at a time.
const chunk = 1024

// Sketcher makes signatures. Its zero value is not usable, get one from [New]. It must not be
// copied after use, and not be used by two goroutines at a time.
type Sketcher struct {
	cfg     Config
	word    uint64    // what the seed adds to every feature
	state   Signature // minimum over all features added but the pending
	pending []uint64  // features added since, at most chunk
	scratch []uint64  // chunk mixed features
}

// New returns a Sketcher with nothing added. The error names the field of cfg that is out of range.
func New(cfg Config) (*Sketcher, error) {
	if cfg.K == 0 {
		cfg.K = defaultK
	}
	if cfg.Scheme == 0 {
		cfg.Scheme = FastSimilarity
	}
	if cfg.K < 1 || cfg.K > maxK {
		return nil, fmt.Errorf("minhash: Config.K is %d, want 1 to %d", cfg.K, maxK)
	}
	if cfg.Scheme > Classic {
		return nil, fmt.Errorf("minhash: Config.Scheme is %d, want %d or %d", cfg.Scheme, FastSimilarity, Classic)
	}
	s := &Sketcher{
		cfg:     cfg,
		word:    seedWord(cfg.Seed),
		state:   make(Signature, cfg.K),
		pending: make([]uint64, 0, chunk),
		scratch: make([]uint64, chunk),
	}
	s.Reset()
	return s, nil
}

// Sum returns the signature of the features under the default scheme and seed 0: what a Sketcher of
// Config{K: k} returns. Order and repetitions of the features do not matter, and how well they are
// hashed does not either.
//
// Sum panics if k is not in 1 to 4,096.
func Sum(features []uint64, k int) Signature {
	if k < 1 || k > maxK {
		panic(fmt.Sprintf("minhash: k is %d, want 1 to %d", k, maxK))
	}
	var buf [chunk / 2]uint64
	dst := make(Signature, k)
	fill(dst)
	fss(dst, features, seedWord(0), buf[:])
	return dst
}

func (s *Sketcher) ready() {
	if s.scratch == nil {
		panic("minhash: Sketcher not made by New")
	}
}

// Config returns the configuration, its defaults filled in.
func (s *Sketcher) Config() Config { return s.cfg }

// AppendSignature appends the k slots of the signature of the features to dst and returns it.
// dst[:len(dst)] is left alone, and so is what was added to the Sketcher. It allocates only if dst
// has no room.
func (s *Sketcher) AppendSignature(dst Signature, features []uint64) Signature {
	s.ready()
	dst = s.grow(dst)
	sig := dst[len(dst)-s.cfg.K:]
	fill(sig)
	s.absorb(sig, features)
	return dst
}

// grow returns dst with room for another signature behind it.
func (s *Sketcher) grow(dst Signature) Signature {
	if m := len(dst) + s.cfg.K; m <= cap(dst) {
		return dst[:m]
	}
	return append(dst, make(Signature, s.cfg.K)...)
}

// Add adds a feature to the set.
func (s *Sketcher) Add(feature uint64) {
	s.ready()
	if len(s.pending) == chunk {
		s.flush()
	}
	s.pending = append(s.pending, feature)
}

// AddAll adds the features to the set. It equals [Sketcher.Add] of each.
func (s *Sketcher) AddAll(features []uint64) {
	s.ready()
	if len(features) <= chunk-len(s.pending) {
		s.pending = append(s.pending, features...)
		return
	}
	s.flush()
	s.absorb(s.state, features)
}

// Sum returns the signature of all features added since New or Reset. It changes nothing and may be
// called repeatedly.
func (s *Sketcher) Sum() Signature { return s.AppendSum(nil) }

// AppendSum appends the k slots of [Sketcher.Sum] to dst.
func (s *Sketcher) AppendSum(dst Signature) Signature {
	s.ready()
	s.flush()
	return append(dst, s.state...)
}

// Reset forgets all features.
func (s *Sketcher) Reset() {
	s.ready()
	s.pending = s.pending[:0]
	fill(s.state)
}

// Merge adds everything that was added to o. The error wraps [ErrMismatch] if the configurations
// differ.
func (s *Sketcher) Merge(o *Sketcher) error {
	s.ready()
	o.ready()
	if err := s.cfg.match(o.cfg); err != nil {
		return err
	}
	if s == o {
		return nil
	}
	s.flush()
	o.flush()
	s.state.Merge(o.state)
	return nil
}

func (s *Sketcher) flush() {
	s.absorb(s.state, s.pending)
	s.pending = s.pending[:0]
}

// absorb lowers dst to the minimum with the signature of the features.
func (s *Sketcher) absorb(dst Signature, features []uint64) {
	if len(features) == 0 {
		return
	}
	if s.cfg.Scheme == Classic {
		classic(dst, features, s.word, s.scratch)
		return
	}
	fss(dst, features, s.word, s.scratch)
}

func fill(dst Signature) {
	for i := range dst {
		dst[i] = empty
	}
}

// rounds returns the number of rounds in which a feature writes into one slot of its own choice; in
// a last round every feature writes into every slot. It is part of the scheme. Fewer rounds would
// be faster for the smallest sets and their error would be larger: with 32 at k = 128 the error for
// one feature against two is 0.83 of what independent slots have, with 64 it is 0.75.
func rounds(k int) uint64 { return uint64(max(16, k/2)) }

// fss lowers dst to the minimum with the signature of the features. buf holds mixed features
// meanwhile.
//
// By the scheme every feature writes round<<32|value into one slot in each round, and into all
// slots in the last. Rounds come first in the order of values, so that a slot that holds a value of
// this round or an earlier one is settled: no later round can change it. To stop when all are
// settled is an economy and not part of the definition.
func fss(dst Signature, features []uint64, word uint64, buf []uint64) {
	if len(features) == 0 {
		return
	}
	first := uint64(0)
	if len(features) >= 4*len(dst) && dst.Empty() {
		// Many features: they leave no slot empty, or one, or seldom more.
		if n, b := firstRound(dst, features, word); n == 0 || n == 1 && finish(dst, b, features, word, buf) {
			return
		}
		// What finish has done can be done again, and so can what firstRound has done, which is not
		// all if it left the last slot empty.
		if dst[len(dst)-1] != empty {
			first = 1
		}
	}
	last := rounds(len(dst))
	settled := 0 // dst[:settled] are settled
	fits := len(features) <= len(buf)
	if fits {
		buf = buf[:len(features)]
		enterAll(buf, features, word)
	}
	for r := first; r < last; r++ {
		if fits {
			throw(dst, buf, r)
		} else {
			for f := features; len(f) > 0; {
				n := min(len(f), len(buf))
				enterAll(buf, f[:n], word)
				throw(dst, buf[:n], r)
				f = f[n:]
			}
		}
		for settled < len(dst) && dst[settled]>>32 <= r {
			settled++
		}
		if settled == len(dst) {
			return
		}
	}
	for f := features; len(f) > 0; {
		n := min(len(f), len(buf))
		if !fits {
			enterAll(buf, f[:n], word)
		}
		throwEverywhere(dst, buf[:n])
		f = f[n:]
	}
}

// firstRound does round 0 of fss on an empty dst, and returns the number of slots that are still
// empty and one of them. It mixes as it goes. Within a slot the mixed features are ordered as their
// values are, so that the values are taken from the minima at the end. The one feature that mixes
// to the value of an empty slot, which belongs into the last, is taken for none.
func firstRound(dst Signature, features []uint64, word uint64) (n, b int) {
	if len(dst) == 128 {
		lowest128((*[128]uint64)(dst), features, word)
	} else {
		lowest(dst, features, word)
	}
	k := uint64(len(dst))
	for i, x := range dst {
		if x == empty {
			n, b = n+1, i
			continue
		}
		dst[i] = x * k >> 32
	}
	return n, b
}

// finish does the rounds after round 0 for the only slot that it left empty, and reports whether
// they filled it. It leaves the last slot to others, for firstRound may have overlooked a feature
// there.
func finish(dst Signature, b int, features []uint64, word uint64, buf []uint64) bool {
	if b == len(dst)-1 {
		return false
	}
	for r, last := uint64(1), rounds(len(dst)); r < last; r++ {
		for f := features; len(f) > 0; {
			n := min(len(f), len(buf))
			enterAll(buf, f[:n], word)
			throwInto(dst, b, buf[:n], r)
			f = f[n:]
		}
		if dst[b] != empty {
			return true
		}
	}
	return false
}

// lowest and lowest128 lower dst[b] to the lowest of the mixed features that choose slot b. Both
// are unrolled, which saves a tenth of the time. To know the shift saves another tenth, for the
// number of slots that most use.

func lowest128(dst *[128]uint64, f []uint64, word uint64) {
	i := 3
	for ; i < len(f); i += 4 {
		x, y, u, v := enter(f[i-3]^word), enter(f[i-2]^word), enter(f[i-1]^word), enter(f[i]^word)
		p := &dst[x>>57]
		*p = min(*p, x)
		p = &dst[y>>57]
		*p = min(*p, y)
		p = &dst[u>>57]
		*p = min(*p, u)
		p = &dst[v>>57]
		*p = min(*p, v)
	}
	for _, x := range f[i-3:] {
		x = enter(x ^ word)
		p := &dst[x>>57]
		*p = min(*p, x)
	}
}

func lowest(dst Signature, f []uint64, word uint64) {
	k := uint64(len(dst))
	i := 3
	for ; i < len(f); i += 4 {
		x, y, u, v := enter(f[i-3]^word), enter(f[i-2]^word), enter(f[i-1]^word), enter(f[i]^word)
		b, _ := bits.Mul64(x, k)
		p := &dst[b]
		*p = min(*p, x)
		b, _ = bits.Mul64(y, k)
		p = &dst[b]
		*p = min(*p, y)
		b, _ = bits.Mul64(u, k)
		p = &dst[b]
		*p = min(*p, u)
		b, _ = bits.Mul64(v, k)
		p = &dst[b]
		*p = min(*p, v)
	}
	for _, x := range f[i-3:] {
		x = enter(x ^ word)
		b, _ := bits.Mul64(x, k)
		p := &dst[b]
		*p = min(*p, x)
	}
}

// throw lets every mixed feature write into one slot in round r. Of the product with k, as a
// fraction of 2^64, the whole part is the slot and the first 32 bits behind the point are the
// value.
func throw(dst Signature, h []uint64, r uint64) {
	c, hi := roundMultiplier(r), r<<32
	switch len(dst) { // with the shifts known the loops take three quarters of the time
	case 64:
		dst := (*[64]uint64)(dst)
		for _, x := range h {
			x *= c
			p := &dst[x>>58]
			*p = min(*p, hi|x<<6>>32)
		}
		return
	case 128:
		dst := (*[128]uint64)(dst)
		for _, x := range h {
			x *= c
			p := &dst[x>>57]
			*p = min(*p, hi|x<<7>>32)
		}
		return
	case 256:
		dst := (*[256]uint64)(dst)
		for _, x := range h {
			x *= c
			p := &dst[x>>56]
			*p = min(*p, hi|x<<8>>32)
		}
		return
	}
	k := uint64(len(dst))
	for _, x := range h {
		b, lo := bits.Mul64(x*c, k)
		p := &dst[b]
		*p = min(*p, hi|lo>>32)
	}
}

// throwInto does what throw does to slot b and leaves the other slots alone, which is faster for
// many features.
func throwInto(dst Signature, b int, h []uint64, r uint64) {
	c, k := roundMultiplier(r), uint64(len(dst))
	// The slot is chosen by the numbers from b·2^64/k up to and without (b+1)·2^64/k.
	first, rem := bits.Div64(uint64(b), 0, k)
	first += uint64(b2i(rem > 0))
	width := -first
	if b+1 < len(dst) {
		next, rem := bits.Div64(uint64(b+1), 0, k)
		width += next + uint64(b2i(rem > 0))
	}
	for _, x := range h {
		if x *= c; x-first < width {
			dst[b] = min(dst[b], r<<32|x*k>>32)
		}
	}
}

// throwEverywhere lets every mixed feature write into every slot that the rounds have not filled,
// by a permutation of the slot's own.
func throwEverywhere(dst Signature, h []uint64) {
	last := rounds(len(dst))
	var slot [4]int
	n := 0
	for b, v := range dst {
		if v>>32 >= last {
			slot[n] = b
			if n++; n == len(slot) {
				throwInto4(dst, slot, h, last<<32)
				n = 0
			}
		}
	}
	if n > 0 {
		for i := n; i < len(slot); i++ {
			slot[i] = slot[0]
		}
		throwInto4(dst, slot, h, last<<32)
	}
}

func throwInto4(dst Signature, slot [4]int, h []uint64, hi uint64) {
	c0, c1, c2, c3 := slotMultiplier(slot[0]), slotMultiplier(slot[1]), slotMultiplier(slot[2]), slotMultiplier(slot[3])
	m0, m1, m2, m3 := uint64(empty), uint64(empty), uint64(empty), uint64(empty)
	for _, x := range h {
		m0 = min(m0, x*c0)
		m1 = min(m1, x*c1)
		m2 = min(m2, x*c2)
		m3 = min(m3, x*c3)
	}
	for i, m := range [4]uint64{m0, m1, m2, m3} {
		p := &dst[slot[i]]
		*p = min(*p, hi|m>>32)
	}
}
