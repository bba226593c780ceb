package minhash

import (
	"fmt"
	"math/bits"
)

// Scheme names the way in which a signature is made. It is part of what has to be equal for two signatures to be compared.
type Scheme uint8

const (
	// FastSimilarity is Fast Similarity Sketching (Dahlgaard, Knudsen, Thorup 2017), the default.
	FastSimilarity Scheme = 1
	// Classic is the minimum under k permutations a·x+b mod 2^61-1, slot by slot (Broder 1997).
	Classic Scheme = 2
)

// Config says how signatures are made. Signatures can be compared when K, Seed and Scheme are equal.
type Config struct {
	K      int    // slots, 1 to MaxK; 0 means 128. Powers of two are fastest.
	Seed   uint64 // selects the hash functions
	Scheme Scheme // 0 means FastSimilarity
}

// DefaultK is the number of slots when Config.K is 0.
const DefaultK = 128

// chunk is the number of mixed features that a Sketcher keeps at a time.
const chunk = 1024

// Sketcher makes signatures. Its zero value is not usable, get one from [New]. It must not be copied after use, and not
// be used by two goroutines at a time.
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
		cfg.K = DefaultK
	}
	if cfg.Scheme == 0 {
		cfg.Scheme = FastSimilarity
	}
	if cfg.K < 1 || cfg.K > MaxK {
		return nil, fmt.Errorf("minhash: Config.K is %d, want 1 to %d", cfg.K, MaxK)
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

// Sum returns the signature of the features under the default scheme and seed 0: what a Sketcher of Config{K: k} returns.
// Order and repetitions of the features do not matter, and how well they are hashed does not either.
//
// Sum panics if k is not in 1 to [MaxK].
func Sum(features []uint64, k int) Signature {
	if k < 1 || k > MaxK {
		panic(fmt.Sprintf("minhash: k is %d, want 1 to %d", k, MaxK))
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

// AppendSignature appends the k slots of the signature of the features to dst and returns it. dst[:len(dst)] is left alone, and so
// is what was added to the Sketcher. It allocates only if dst has no room.
func (s *Sketcher) AppendSignature(dst Signature, features []uint64) Signature {
	s.ready()
	n := len(dst)
	if m := n + s.cfg.K; m <= cap(dst) {
		dst = dst[:m]
	} else {
		dst = append(dst, make(Signature, s.cfg.K)...)
	}
	fill(dst[n:])
	s.absorb(dst[n:], features)
	return dst
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

// Sum returns the signature of all features added since New or Reset. It changes nothing and may be called repeatedly.
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

// Merge adds everything that was added to o. The error wraps [ErrMismatch] if the configurations differ.
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

// rounds is the number of rounds in which a feature writes into one slot of its own choice. After them every feature writes
// into every slot. It is part of the scheme.
var rounds = uint64(16)

// fss lowers dst to the minimum with the signature of the features. buf holds mixed features meanwhile.
//
// By the scheme every feature writes round<<32|value into one slot in each round, and into all slots in the round after the last. Rounds
// come first in the order of values, so that once every slot holds a value of this round or an earlier one, no later round can
// change anything: stopping there is an economy and not part of the definition.
func fss(dst Signature, features []uint64, word uint64, buf []uint64) {
	if len(features) == 0 {
		return
	}
	fits := len(features) <= len(buf)
	settled := 0 // dst[:settled] are beyond the reach of the rounds to come
	for r := uint64(0); r < rounds; r++ {
		for f := features; len(f) > 0; {
			n := min(len(f), len(buf))
			h := buf[:n]
			if r == 0 || !fits {
				mixAll(h, f[:n], word)
			}
			throw(dst, h, r)
			f = f[n:]
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
		h := buf[:n]
		if !fits {
			mixAll(h, f[:n], word)
		}
		throwEverywhere(dst, h)
		f = f[n:]
	}
}

// throw lets every mixed feature write into one slot in round r. The high bits of a product choose the slot and the 32 bits
// below them are the value.
func throw(dst Signature, h []uint64, r uint64) {
	c, hi := roundMultiplier(r), r<<32
	k := uint64(len(dst))
	if k&(k-1) != 0 || k == 1 {
		for _, x := range h {
			b, lo := bits.Mul64(x*c, k)
			p := &dst[b]
			*p = min(*p, hi|lo>>32)
		}
		return
	}
	l := uint(bits.TrailingZeros64(k)) & 63
	sh := (64 - l) & 63
	for _, x := range h {
		x *= c
		p := &dst[x>>sh]
		*p = min(*p, hi|x<<l>>32)
	}
}

// throwEverywhere lets every mixed feature write into every slot that no round has filled, by a permutation of the slot's own.
func throwEverywhere(dst Signature, h []uint64) {
	var slot [4]int
	n := 0
	for b, v := range dst {
		if v>>32 >= rounds {
			slot[n] = b
			if n++; n == len(slot) {
				throwInto4(dst, slot, h)
				n = 0
			}
		}
	}
	if n > 0 {
		for i := n; i < len(slot); i++ {
			slot[i] = slot[0]
		}
		throwInto4(dst, slot, h)
	}
}

func throwInto4(dst Signature, slot [4]int, h []uint64) {
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
		*p = min(*p, rounds<<32|m>>32)
	}
}
