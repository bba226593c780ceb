//go:build !purego

package simhash

// nearPartsAVX2 does what nearPartsGeneric does, but for the bits from n up, which mean nothing. It
// may read up to seven values behind the first n.
//
//go:noescape
func nearPartsAVX2(part *uint32, n, want, most uint32) uint32

// nearParts does what nearPartsGeneric does. It needs room for nearBlock values in part, whatever n
// is: what is behind the first n does not count.
func nearParts(part []uint32, n, want, most uint32) uint32 {
	if !useAVX2 || n < 4 {
		return nearPartsGeneric(part, n, want, most)
	}
	m := nearPartsAVX2(&part[:nearBlock][0], n, want, most)
	if n < nearBlock {
		m &= 1<<n - 1
	}
	return m
}
