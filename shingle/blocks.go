package shingle

// Reason is why the prose view kept or dropped a block.
type Reason uint8

const (
	ReadsLikeProse Reason = iota // kept: reads like sentences
	BetweenProse                 // kept: does not, but stands among blocks that do
	TooLittleProse               // kept: there is too little prose in the text, so all of it is used
	NotSentences                 // dropped: reads like names, labels, links or headlines
	AwayFromProse                // dropped: reads like sentences, but is small and far from the body of the text
)

// String returns the reason in words.
func (r Reason) String() string {
	switch r {
	case ReadsLikeProse:
		return "reads like sentences"
	case BetweenProse:
		return "stands among sentences"
	case TooLittleProse:
		return "too little prose in the text"
	case NotSentences:
		return "does not read like sentences"
	case AwayFromProse:
		return "small and far from the body"
	}
	return "unknown reason"
}

// Block is a paragraph-like unit of one text: bytes Start to End, whether the
// prose view keeps it, and why.
type Block struct {
	Start, End int
	Kept       bool
	Reason     Reason
}

// AppendBlocks appends the blocks of text to dst, in text order.
func AppendBlocks(dst []Block, text string) []Block {
	dst, _ = proseBlocks(new(prose), dst, text)
	return dst
}

const (
	minProse   = 4 * 20 // least prose of a text, in quarters of a word
	minShare   = 12     // least share of it: one part in minShare
	smallShare = 8      // a run of prose with less than one part in smallShare of the largest is dropped
)

// proseBlocks appends the blocks of text to dst, and reports whether all are
// kept because too little prose was found.
func proseBlocks[T string | []byte](p *prose, dst []Block, text T) (blocks []Block, fellBack bool) {
	p.pieces = scanPieces(p.pieces[:0], text)
	label(p.pieces)
	dropIslands(p.pieces)
	var kept, total, menu int64
	head := int64(-1)
	for i := range p.pieces {
		total += int64(p.pieces[i].size)
		if p.pieces[i].kept {
			if head < 0 {
				head = total - int64(p.pieces[i].size)
			}
			kept += int64(p.pieces[i].size)
		} else if !p.pieces[i].list && !p.pieces[i].away {
			menu += int64(p.pieces[i].size)
		}
	}
	fellBack = kept < W.MinProse || kept*W.MinShare < total
	clean := W.Clean
	if head <= W.Head {
		clean = W.CleanHead
	}
	if menu*100 <= total*clean {
		for i := range p.pieces {
			p.pieces[i].kept = true
		}
	}
	n0 := len(dst)
	var sum int64
	for i := range p.pieces {
		q := &p.pieces[i]
		end := len(text)
		if i+1 < len(p.pieces) {
			end = p.pieces[i+1].start
		}
		k := q.kept || fellBack
		if n := len(dst); n > n0 && q.gap < gapLine && dst[n-1].Kept == k {
			dst[n-1].End = end
			sum += int64(q.score)
		} else {
			dst = append(dst, Block{Start: q.start, End: end, Kept: k})
			sum = int64(q.score)
		}
		b := &dst[len(dst)-1]
		switch {
		case fellBack:
			b.Reason = TooLittleProse
		case k && sum > 0:
			b.Reason = ReadsLikeProse
		case k:
			b.Reason = BetweenProse
		case q.away:
			b.Reason = AwayFromProse
		default:
			b.Reason = NotSentences
		}
	}
	if len(p.pieces) == 0 && len(text) > 0 {
		dst = append(dst, Block{End: len(text), Kept: true, Reason: TooLittleProse})
	}
	return dst, fellBack
}

// dropIslands drops the runs of prose that are small beside the largest.
func dropIslands(p []piece) {
	var largest, run int64
	for i := range p {
		if p[i].kept {
			run += int64(p[i].size)
			largest = max(largest, run)
		} else {
			run = 0
		}
	}
	// before is the size of what is dropped since the last run that stays.
	for i := 0; i < len(p); {
		if !p[i].kept {
			i++
			continue
		}
		j, run := i, int64(0)
		var dry, stops int64
		for ; j < len(p) && p[j].kept; j++ {
			run += int64(p[j].size)
			if !p[j].list {
				dry += int64(p[j].size)
			}
			if p[j].stop {
				stops++
			}
		}
		if W.Dense > 0 && dry > 4*20 && stops*int64(W.Dense)*4 < dry || run*W.Island < largest && !near(p, i, j, run*W.Near) {
			for k := i; k < j; k++ {
				p[k].kept, p[k].away = false, true
			}
		}
		i = j
	}
}

// near reports whether there is prose within reach before i or after j.
func near(p []piece, i, j int, reach int64) bool {
	for d := int64(0); i > 0 && d <= reach; d += int64(p[i].size) {
		i--
		if p[i].kept {
			return true
		}
	}
	for d := int64(0); j < len(p) && d <= reach; j++ {
		if p[j].kept {
			return true
		}
		d += int64(p[j].size)
	}
	return false
}
