package shingle

// Reason is why the prose view kept or dropped a block.
type Reason uint8

// Block is a paragraph-like unit of one text: bytes Start to End, whether the
// prose view keeps it, and why.
type Block struct {
	Start, End int
	Kept       bool
	Reason     Reason
}

// AppendBlocks appends the blocks of text to dst, in text order.
func AppendBlocks(dst []Block, text string) []Block {
	dst, _ = proseBlocks(dst, text)
	return dst
}

// proseBlocks appends the blocks of text to dst, in text order, not
// overlapping, each boundary at a place where no token stands; and reports
// whether everything is kept because too little prose was found.
func proseBlocks(dst []Block, text string) (blocks []Block, fellBack bool) {
	if len(text) > 0 {
		dst = append(dst, Block{End: len(text), Kept: true})
	}
	return dst, false
}
