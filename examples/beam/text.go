package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/internal/featureset"
	"github.com/neardup/neardup/internal/wire"
	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
)

const (
	bandBits   = 44 // of a band key: among a billion texts two in a hundred share one with another by chance
	sampleBits = 36 // of a sampled feature
	digestSize = 16
	sketchSize = 32
)

// A digest is the beginning of the SHA-256 of the record of a text. Texts that have the same one
// are the same text: two of a billion others have one by chance with a probability of 10⁻²¹, and to
// find two takes 2⁶⁴ tries.
type digest [digestSize]byte

func (d digest) slot() uint64 { return slotOf(d[:]) }

func (d digest) compare(e digest) int { return bytes.Compare(d[:], e[:]) }

// packing makes the sketch of a text from its signature, two bits a slot. With it most of the pairs
// that share a band and little else are known before their records are moved.
var packing = minhash.Packing{K: 4 * sketchSize, Bits: 2}

// A reader reads and judges as the library does.
type reader struct {
	*neardup.Reader
	plan     minhash.Plan
	least    float64 // similarity by sketches from which a pair that shares a band is looked at
	shingler *shingle.Shingler
	reading  shingle.Reading
}

// A text is what the first reading makes of an article.
type text struct {
	digest digest
	sketch [sketchSize]byte
	bands  []uint64 // of bandBits
	sample []uint64 // of sampleBits, ascending
}

// text reads a text. One without features gives false.
func (r *reader) text(s string) (t text, ok bool, err error) {
	rec, err := r.Read(s)
	if err != nil || rec.Empty() {
		return t, false, err
	}
	t.digest, err = digestOf(rec)
	if err != nil {
		return t, false, err
	}
	if sig := rec.Signature(); !sig.Empty() { // as it is if there is nothing but menus
		t.bands = r.plan.AppendBandKeys(nil, sig)
		for i := range t.bands {
			t.bands[i] >>= 64 - bandBits
		}
		packing.Append(t.sketch[:0], sig)
	}
	t.sample = r.sample(s)
	return t, true, nil
}

func digestOf(rec *neardup.Record) (d digest, err error) {
	data, err := rec.MarshalBinary()
	if err != nil {
		return d, err
	}
	sum := sha256.Sum256(data)
	copy(d[:], sum[:])
	return d, nil
}

// sample returns the features of a text by which a Detector finds excerpts. It samples those that
// [neardup.Record.AppendSample] does, but cuts them to 36 bits and not to 20: among 36 features
// each of millions of texts the shorter ones are common by chance.
func (r *reader) sample(s string) (out []uint64) {
	r.shingler.Read(&r.reading, s)
	for _, f := range r.reading.Features {
		if v := featureset.Value(f, 24); v%16 == 0 {
			out = append(out, uint64(v/16)<<(sampleBits-20)|f*0x9e3779b97f4a7c15>>(64-(sampleBits-20)))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Records go to the comparisons without their signatures, of which no verdict asks.
var recordFormat = wire.Format{
	Package: "neardup", Type: "record", Magic: "ndr", Version: 1,
	ErrVersion: neardup.ErrVersion, ErrCorrupt: neardup.ErrCorrupt, ErrMismatch: errMismatch,
}

var errMismatch = errors.New("neardup: mismatch") // no record, and no site, gives it

// stripped returns the encoding of a record, as [neardup.Record.AppendBinary] describes it, but
// with one slot.
func stripped(rec *neardup.Record) ([]byte, error) {
	data, err := rec.MarshalBinary()
	if err != nil {
		return nil, err
	}
	dec := recordFormat.NewSliceDecoder(data)
	fellBack := dec.Bool()
	dec.AppendU64s(nil, dec.Count(8))
	evidence := dec.Bytes()
	words, skeleton := dec.U32(), dec.U32()
	if err := dec.Close(); err != nil {
		return nil, err
	}
	e := recordFormat.NewAppender(nil, len(data))
	e.Bool(fellBack)
	e.Count(1)
	e.U64(0)
	e.Bytes(evidence)
	e.U32(words)
	e.U32(skeleton)
	return e.Appended()
}
