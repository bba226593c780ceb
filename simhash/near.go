package simhash

import "math/bits"

// nearBlock is the number of values that nearParts compares.
const nearBlock = 32

// nearPartsGeneric returns a bit for each of the first n of part, of which it looks at nearBlock at
// most: 1 if it is within most bits of want. There is no branch that depends on what is found, as
// none could be predicted.
func nearPartsGeneric(part []uint32, n, want, most uint32) uint32 {
	m := uint32(0)
	for i, p := range part[:min(n, nearBlock)] {
		m |= (uint32(bits.OnesCount32(p^want)) - most - 1) >> 31 << i
	}
	return m
}
