package neardup

import (
	"github.com/neardup/neardup/internal/featureset"
)

// sampleRate is of how many features one is sampled: of 56, those of 60 words, at least one with a probability of 0.97.
const sampleRate = 16

// A sampler chooses the features by which excerpts are found. The zero sampler is ready.
type sampler struct{ values []uint32 }

// append appends the sampled features of an encoded set, in an order that depends on the set alone.
func (z *sampler) append(dst []uint64, set []byte) []uint64 {
	for class, n := range featureset.Sizes(set) {
		if n == 0 {
			continue
		}
		z.values = featureset.AppendValues(z.values[:0], set, featureBits, class)
		for _, v := range z.values {
			if v%sampleRate == 0 {
				dst = append(dst, uint64(v))
			}
		}
	}
	return dst
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
