//go:build !amd64 || purego

package simhash

func (p *planes) addBlocks(features []uint64) []uint64 {
	return p.addBlocksGeneric(features)
}
