package neardup

import (
	"crypto/sha256"
	"slices"

	"github.com/neardup/neardup/internal/featureset"
)

// A sampler chooses the features by which excerpts are found.
type sampler struct {
	rate        uint32 // one feature in so many is chosen
	bySignature bool   // what is kept is a digest and the chosen ones
	values      []uint32
}

// One feature in 16 is sampled: of 56, those of 60 words, at least one with a probability of 0.97. By signature, where
// the sample is most of what is kept, it is one in 32.
const (
	sampleRate      = 16
	signatureSample = 32
)

func newSampler(cfg *Config) sampler {
	if cfg.BySignature {
		return sampler{rate: signatureSample, bySignature: true}
	}
	return sampler{rate: sampleRate}
}

// append appends the sampled features of an encoded set, in an order that depends on the set alone.
func (z *sampler) append(dst []uint64, set []byte) []uint64 {
	for class, n := range featureset.Sizes(set) {
		if n == 0 {
			continue
		}
		z.values = featureset.AppendValues(z.values[:0], set, featureBits, class)
		for _, v := range z.values {
			if v%z.rate == 0 {
				dst = append(dst, uint64(v))
			}
		}
	}
	return dst
}

// appendKept is append for the evidence of a text that is kept.
func (z *sampler) appendKept(dst []uint64, e *evidence) []uint64 {
	if z.bySignature {
		z.values = featureset.AppendValues(z.values[:0], e.data[digestSize:], featureBits, 0)
		for _, v := range z.values {
			dst = append(dst, uint64(v))
		}
		return dst
	}
	return z.append(dst, e.features())
}

// digest appends what the state keeps of a text by signature.
func (z *sampler) digest(dst, data []byte, sample []uint64) []byte {
	sum := sha256.Sum256(data)
	z.values = z.values[:0]
	for _, v := range sample {
		z.values = append(z.values, uint32(v))
	}
	slices.Sort(z.values)
	return featureset.Append(append(dst, sum[:digestSize]...), featureBits, &[featureset.Classes][]uint32{z.values})
}

// appendClassed appends the features of an encoded set, ascending, each as 8 times its value plus its class.
func (z *sampler) appendClassed(dst []uint32, set []byte) []uint32 {
	base := len(dst)
	for class, n := range featureset.Sizes(set) {
		if n == 0 {
			continue
		}
		z.values = featureset.AppendValues(z.values[:0], set, featureBits, class)
		for i, v := range z.values {
			z.values[i] = v<<3 | uint32(class)
		}
		dst = mergeInto(dst, base, z.values)
	}
	return dst
}

// mergeInto merges an ascending list into dst[base:], which is one too.
func mergeInto(dst []uint32, base int, list []uint32) []uint32 {
	i, j := len(dst)-1, len(list)-1
	dst = append(dst, list...)
	for at := len(dst) - 1; j >= 0; at-- {
		if i >= base && dst[i] > list[j] {
			dst[at] = dst[i]
			i--
		} else {
			dst[at] = list[j]
			j--
		}
	}
	return dst
}
