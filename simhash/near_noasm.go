//go:build !amd64 || purego

package simhash

func nearParts(part []uint32, n, want, most uint32) uint32 {
	return nearPartsGeneric(part, n, want, most)
}
