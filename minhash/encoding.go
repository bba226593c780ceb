package minhash

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// What decoding and merging report, wrapped with detail, to be matched by [errors.Is].
var (
	// ErrVersion says that the data are of a format that this version of the package does not know.
	ErrVersion = errors.New("minhash: unknown version")
	// ErrCorrupt says that the data are damaged, cut short or not an encoding of this type at all.
	ErrCorrupt = errors.New("minhash: corrupt data")
	// ErrMismatch says that the data are sound, but of another configuration than asked for.
	ErrMismatch = errors.New("minhash: other configuration")
)

// match returns an error that names the first difference of o from c, nil if there is none.
func (c Config) match(o Config) error {
	switch {
	case o.Scheme != c.Scheme:
		return fmt.Errorf("%w: scheme %d, want %d", ErrMismatch, o.Scheme, c.Scheme)
	case o.K != c.K:
		return fmt.Errorf("%w: %d slots, want %d", ErrMismatch, o.K, c.K)
	case o.Seed != c.Seed:
		return fmt.Errorf("%w: seed %d, want %d", ErrMismatch, o.Seed, c.Seed)
	}
	return nil
}

const (
	signatureTag = "mhs"
	sketcherTag  = "mhk"
	version      = 1
	schemeNone   = 0 // the scheme of the empty set in an encoded signature
	schemeMax    = 3
	seedStated   = 1 // flag
	headerSize   = 16
	checksumSize = 8
)

// number returns the scheme as a number, schemeNone for the empty set.
func (a Signature) number() byte {
	if a.Empty() {
		return schemeNone
	}
	return byte(a.scheme() + 1)
}

// check returns an error, without the name of the package, if no set has the signature.
func (a Signature) check() error {
	if len(a) < 1 || len(a) > maxK {
		return fmt.Errorf("signature has %d values, want 1 to %d", len(a), maxK)
	}
	s := a.scheme()
	last := rounds(len(a))
	for i, v := range a {
		ok := v>>tagShift == s
		switch s {
		case tagFSS:
			ok = ok && v>>32 <= last
		case tagClassic:
			ok = ok && v&(1<<tagShift-1) < mersenne
		case tagWeighted:
			ok = ok && v<<2>>52 < 0x7ff
		case tagEmpty:
			ok = v == empty
		}
		if !ok {
			return fmt.Errorf("slot %d is %#x, which is not of scheme %d", i, v, a.number())
		}
	}
	return nil
}

func appendEncoding(dst []byte, tag string, scheme, flags byte, seed uint64, sig Signature) []byte {
	start := len(dst)
	dst = slices.Grow(dst, headerSize+8*len(sig)+checksumSize)
	dst = append(dst, tag...)
	dst = append(dst, version, scheme, flags)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(sig)))
	dst = binary.LittleEndian.AppendUint64(dst, seed)
	for _, v := range sig {
		dst = binary.LittleEndian.AppendUint64(dst, v)
	}
	return binary.LittleEndian.AppendUint64(dst, xxhash.Sum64(dst[start:]))
}

// header is what an encoding says before its slots.
type header struct {
	scheme, flags byte
	k             int
	seed          uint64
}

// decode appends the slots of an encoding to dst, which it returns unchanged with an error.
func decode(dst Signature, tag string, data []byte) (Signature, header, error) {
	var h header
	fail := func(cause error, format string, args ...any) (Signature, header, error) {
		return dst, h, fmt.Errorf("%w: %s", cause, fmt.Sprintf(format, args...))
	}
	if len(data) < headerSize+8+checksumSize {
		return fail(ErrCorrupt, "%d bytes, want at least %d", len(data), headerSize+8+checksumSize)
	}
	if string(data[:3]) != tag {
		return fail(ErrCorrupt, "data begin with %q, want %q", data[:3], tag)
	}
	if data[3] != version {
		return fail(ErrVersion, "version %d, want %d", data[3], version)
	}
	h.scheme, h.flags, h.k = data[4], data[5], int(binary.LittleEndian.Uint16(data[6:]))
	h.seed = binary.LittleEndian.Uint64(data[8:])
	if h.k < 1 || h.k > maxK {
		return fail(ErrCorrupt, "%d slots, want 1 to %d", h.k, maxK)
	}
	if want := headerSize + 8*h.k + checksumSize; len(data) != want {
		return fail(ErrCorrupt, "%d bytes, want %d", len(data), want)
	}
	end := len(data) - checksumSize
	if got, want := xxhash.Sum64(data[:end]), binary.LittleEndian.Uint64(data[end:]); got != want {
		return fail(ErrCorrupt, "checksum is %016x, want %016x", got, want)
	}
	if h.scheme > schemeMax {
		return fail(ErrVersion, "scheme %d, want at most %d", h.scheme, schemeMax)
	}
	if h.flags > seedStated || h.flags == 0 && h.seed != 0 {
		return fail(ErrCorrupt, "flags %d and seed %d", h.flags, h.seed)
	}
	n := len(dst)
	out := slices.Grow(dst, h.k)
	for p := data[headerSize:end]; len(p) > 0; p = p[8:] {
		out = append(out, binary.LittleEndian.Uint64(p))
	}
	if err := out[n:].check(); err != nil {
		return dst, h, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return out, h, nil
}

// AppendBinary appends the encoding of the signature to b; see [Signature.UnmarshalBinary]. It does
// not say the seed, which a Signature does not know: where signatures of several seeds may meet,
// use [Sketcher.AppendEncoding]. The error says what is wrong with a signature that no set has.
func (a Signature) AppendBinary(b []byte) ([]byte, error) {
	if err := a.check(); err != nil {
		return b, fmt.Errorf("minhash: %w", err)
	}
	return appendEncoding(b, signatureTag, a.number(), 0, 0, a), nil
}

// MarshalBinary returns the encoding of the signature, as [Signature.AppendBinary] does.
func (a Signature) MarshalBinary() ([]byte, error) { return a.AppendBinary(nil) }

// UnmarshalBinary sets the signature to an encoded one, whether that states a seed or not. Equal
// signatures have equal encodings. All numbers are little-endian:
//
//	offset  bytes  content
//	0       3      "mhs"
//	3       1      version, 1
//	4       1      scheme: 0 empty set, 1 fast similarity sketching, 2 classic, 3 weighted
//	5       1      1 if the seed is stated, else 0
//	6       2      k, 1 to 4096
//	8       8      seed, 0 if it is not stated
//	16      8·k    slots
//	16+8·k  8      XXH64 of all bytes before
//
// It fails with [ErrVersion] on a version or scheme that it does not know and with [ErrCorrupt] on
// all that is not such an encoding, bytes too few or too many included, and then leaves the
// signature unchanged. It keeps nothing of data.
func (a *Signature) UnmarshalBinary(data []byte) error {
	sig, h, err := decode(nil, signatureTag, data)
	if err == nil && h.scheme != sig.number() {
		err = fmt.Errorf("%w: scheme %d, slots of scheme %d", ErrCorrupt, h.scheme, sig.number())
	}
	if err != nil {
		return err
	}
	*a = sig
	return nil
}

// AppendEncoding appends the encoding of a signature that this Sketcher made to dst, with its seed
// stated. The layout is that of [Signature.UnmarshalBinary]. The error says what is wrong with a
// signature that the Sketcher cannot have made.
func (s *Sketcher) AppendEncoding(dst []byte, sig Signature) ([]byte, error) {
	s.ready()
	if err := sig.check(); err != nil {
		return dst, fmt.Errorf("minhash: %w", err)
	}
	if err := s.made(sig); err != nil {
		return dst, err
	}
	return appendEncoding(dst, signatureTag, sig.number(), seedStated, s.cfg.Seed, sig), nil
}

// AppendDecoded appends the signature that data encode to dst, provided that a Sketcher of the same
// configuration made it: it fails with [ErrMismatch] if the seed is another one or not stated, or
// the number of slots or the scheme is another one, and otherwise as [Signature.UnmarshalBinary]
// does. With an error dst is returned as it was.
func (s *Sketcher) AppendDecoded(dst Signature, data []byte) (Signature, error) {
	s.ready()
	out, h, err := decode(dst, signatureTag, data)
	if err != nil {
		return dst, err
	}
	sig := out[len(dst):]
	switch {
	case h.scheme != sig.number():
		err = fmt.Errorf("%w: scheme %d, slots of scheme %d", ErrCorrupt, h.scheme, sig.number())
	case h.flags&seedStated == 0:
		err = fmt.Errorf("%w: seed not stated, want %d", ErrMismatch, s.cfg.Seed)
	case h.seed != s.cfg.Seed:
		err = fmt.Errorf("%w: seed %d, want %d", ErrMismatch, h.seed, s.cfg.Seed)
	default:
		err = s.made(sig)
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

// made returns an error if the Sketcher does not make such signatures. It makes weighted ones
// beside those of its scheme.
func (s *Sketcher) made(sig Signature) error {
	if len(sig) != s.cfg.K {
		return fmt.Errorf("%w: signature has %d values, want %d", ErrMismatch, len(sig), s.cfg.K)
	}
	if n := sig.number(); n != schemeNone && n != tagWeighted+1 && n != byte(s.cfg.Scheme) {
		return fmt.Errorf("%w: scheme %d, want %d", ErrMismatch, n, s.cfg.Scheme)
	}
	return nil
}

// AppendBinary appends the encoding of the Sketcher to b, its configuration and all that was added;
// see [Sketcher.UnmarshalBinary]. The error is always nil.
func (s *Sketcher) AppendBinary(b []byte) ([]byte, error) {
	s.ready()
	s.flush()
	return appendEncoding(b, sketcherTag, byte(s.cfg.Scheme), seedStated, s.cfg.Seed, s.state), nil
}

// MarshalBinary returns the encoding of the Sketcher, as [Sketcher.AppendBinary] does.
func (s *Sketcher) MarshalBinary() ([]byte, error) { return s.AppendBinary(nil) }

// UnmarshalBinary sets the Sketcher, which need not come from [New], to an encoded one. Sketchers
// with equal configurations and equal sets have equal encodings. The layout is that of
// [Signature.UnmarshalBinary] with "mhk" at the beginning, the scheme of the configuration, 1 or 2,
// and the seed stated. The errors are as there, and the Sketcher is unchanged with one.
func (s *Sketcher) UnmarshalBinary(data []byte) error {
	state, h, err := decode(nil, sketcherTag, data)
	if err != nil {
		return err
	}
	if n := state.number(); h.scheme < byte(FastSimilarity) || h.scheme > byte(Classic) || n != schemeNone && n != h.scheme {
		return fmt.Errorf("%w: scheme %d, slots of scheme %d", ErrCorrupt, h.scheme, n)
	}
	if h.flags != seedStated {
		return fmt.Errorf("%w: seed not stated", ErrCorrupt)
	}
	d, err := New(Config{K: h.k, Seed: h.seed, Scheme: Scheme(h.scheme)})
	if err != nil {
		return err // not of a header that is checked
	}
	copy(d.state, state)
	*s = *d
	return nil
}
