// Package sign turns an article into what a store has to keep of it: the bytes of its signature and its band keys. The
// examples that keep articles outside of the process share it, so that they find what one another find.
package sign

import (
	"fmt"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
)

// K is the number of slots of a signature, and Bits that of the bits kept of each.
const (
	K    = 128
	Bits = 8
)

// Signed is what is kept of an article.
type Signed struct {
	Features int      // distinct features of the prose; an article with none matches nothing
	Packed   []byte   // the packed signature, K bytes
	Keys     []uint64 // the band keys: two articles are candidates if they share one
}

// Signer signs articles. It is not safe for concurrent use: every goroutine makes its own.
type Signer struct {
	Plan    minhash.Plan
	Packing minhash.Packing

	shingler  *shingle.Shingler
	sketcher  *minhash.Sketcher
	features  []uint64
	signature minhash.Signature
}

// New returns a Signer that reads the prose of an article in word 5-shingles, as a neardup.Detector does, with band keys
// that find the given share, recall, of the pairs whose Jaccard similarity is threshold.
func New(threshold, recall float64) (*Signer, error) {
	d, err := neardup.New(neardup.Config{Threshold: threshold, Recall: recall, K: K})
	if err != nil {
		return nil, err
	}
	shingler, err := shingle.New(shingle.Config{})
	if err != nil {
		return nil, err
	}
	sketcher, err := minhash.New(minhash.Config{K: K})
	if err != nil {
		return nil, err
	}
	return &Signer{Plan: d.Plan(), Packing: minhash.Packing{K: K, Bits: Bits}, shingler: shingler, sketcher: sketcher}, nil
}

// Sign signs a text. The result is the caller's.
func (s *Signer) Sign(text string) Signed {
	s.features = s.shingler.Append(s.features[:0], text)
	set := shingle.NewSet(s.features)
	s.signature = s.sketcher.AppendSignature(s.signature[:0], set)
	out := Signed{Features: len(set), Packed: s.Packing.Append(nil, s.signature)}
	if len(set) > 0 {
		out.Keys = s.Plan.AppendBandKeys(nil, s.signature)
	}
	return out
}

// Similarity returns the Jaccard similarity estimated from two packed signatures.
func (s *Signer) Similarity(a, b []byte) float64 { return s.Packing.Similarity(a, b) }

// Scheme describes everything that the stored bytes depend on. A store keeps it beside the data and refuses to work with
// another.
func (s *Signer) Scheme() string {
	return fmt.Sprintf("neardup prose words=5 fss k=%d bits=%d bands=%d rows=%d wide=%d", K, Bits, s.Plan.Bands, s.Plan.Rows, s.Plan.Wide)
}

// What is compared in a bucket, the articles that share one band key, in the order in which they were added: all pairs of
// the first MaxBucket, and every later article with the first Heads. So a text that is there thousands of times takes thousands
// of comparisons, not millions, and its copies are still tied to the first of them.
const (
	MaxBucket = 256
	Heads     = 8
)

// Compared calls f for the pairs i < j of a bucket of n articles that are to be compared.
func Compared(n int, f func(i, j int)) {
	for j := range n {
		limit := j
		if j >= MaxBucket {
			limit = Heads
		}
		for i := range limit {
			f(i, j)
		}
	}
}
