package simhash

import (
	"fmt"
	"math"
	"math/bits"
)

// MaxDistance is the greatest distance that an [Index] searches.
const MaxDistance = 16

// A Plan says how an [Index] of N fingerprints searches within Distance bits, and at what cost. The
// index makes one by itself for every part that it sorts; [NewPlan] shows it before anything is
// built.
//
// Each fingerprint is cut into Blocks blocks. Two fingerprints within d bits of each other are
// within r bits in one of the first a+1 blocks or within r-1 bits in one of the others, where d =
// r·Blocks + a: if none were, the differences would add up to d+1. For each block there is a table
// of all fingerprints, sorted by Key bits of it, and a query looks up every key within r (or r-1)
// bits of its own. With d+1 blocks r is 0, and the tables are those of Manku, Jain and Das Sarma
// (WWW 2007, section 3); fewer and wider blocks with a radius are the multi-index hashing of
// Norouzi, Punjani and Fleet (CVPR 2012, section 3). The latter is what makes distances past 6 or 7
// worth their memory.
//
// The plan is the number of blocks, one to four, and the width of the key that cost least, in units
// of one comparison (about 0.7 ns): 1 for each candidate, L for each key looked up, 2·L for each
// candidate that passes a first comparison of 32 bits, against 0.75 · N for a linear scan, to which
// it falls back (Blocks is 0) where blocks do not pay. L is 16 where the tables fit into the cache
// and grows by 4 with each doubling of N past 16,384. The expectations are for uniform
// fingerprints. More than four tables would take more than 48 bytes a fingerprint.
type Plan struct {
	N        int // number of distinct fingerprints
	Distance int // bits
	Blocks   int // blocks that a fingerprint is cut into, 0 for a linear scan
	Tables   int // sorted tables, Distance+1 if there are more blocks than that
	Key      int // bits of its block by which a table is sorted

	Lookups    int     // keys looked up in a query
	Candidates float64 // fingerprints compared in a query, expected for uniform ones
	Bytes      float64 // memory for each fingerprint, in bytes, with the fingerprint itself and all else
}

// scanCost is what a fingerprint costs in a linear scan, if it costs 1 in a bucket.
const scanCost = 0.75

// lookupCost is what a visit to some place of an index of n costs.
func lookupCost(n int) float64 {
	return 16 + 4*float64(max(0, bits.Len(uint(n))-15))
}

// maxTables bounds the memory of an index.
const maxTables = 4

// NewPlan returns the plan for n fingerprints and distance d. It returns an error if n is negative
// or more than 4,294,967,295, or if d is not in 0 to [MaxDistance].
func NewPlan(n, d int) (Plan, error) {
	if err := checkDistance(d); err != nil {
		return Plan{}, err
	}
	if n < 0 || uint64(n) > uint64(maxIDs) {
		return Plan{}, fmt.Errorf("simhash: plan for %d fingerprints, want 0 to %d", n, uint32(maxIDs))
	}
	return planFor(n, d, Bits), nil
}

// planFor chooses the plan for n values of width bits.
func planFor(n, d, width int) Plan {
	if forcePlan != nil {
		return forcePlan(Plan{N: n, Distance: d}, width)
	}
	best := Plan{N: n, Distance: d, Candidates: float64(n), Bytes: 8.125}
	cost := scanCost * float64(n)
	visit := lookupCost(n)
	for m := 1; m <= maxTables; m++ {
		for key := 1; key <= min(width/m, bits.Len(uint(n))-2); key++ {
			p := Plan{N: n, Distance: d, Blocks: m, Tables: min(m, d+1), Key: key}
			each := float64(n) / float64(uint64(1)<<key) // values in a bucket
			lookups, passed := 0.0, 0.0
			for b := range p.Tables {
				for j := 0; j <= radius(b, m, d); j++ {
					c := binomial(key, j)
					lookups += c
					passed += float64(float64(c*each) * within(min(32, width-key), d-j))
				}
			}
			p.Candidates = lookups * each
			// The conversions keep the products from being fused with the sum, which would round
			// otherwise.
			if c := float64(visit*(lookups+2*passed)) + p.Candidates; c < cost {
				p.Lookups = int(lookups)
				p.Bytes = 8.125 + float64(p.Tables)*(8+4*float64(uint64(1)<<key)/float64(n))
				best, cost = p, c
			}
		}
	}
	return best
}

// within returns the probability that n random bits have d ones or fewer.
func within(n, d int) float64 {
	ways := 0.0
	for i := 0; i <= min(n, d); i++ {
		ways += binomial(n, i)
	}
	return ways / float64(uint64(1)<<n)
}

// forcePlan is for tests: it makes small indexes as complex as large ones.
var forcePlan func(p Plan, width int) Plan

// radius returns within how many bits block b of m is searched to find all within distance d: -1
// for not at all.
func radius(b, m, d int) int {
	if b <= d%m {
		return d / m
	}
	return d/m - 1
}

// binomial returns the number of ways to choose k of n.
func binomial(n, k int) float64 {
	if k > n {
		return 0
	}
	c := 1.0
	for i := range k {
		c = math.Round(c * float64(n-i) / float64(i+1))
	}
	return c
}

// checkDistance reports a distance that no index searches, with what it would cost.
func checkDistance(d int) error {
	if d >= 0 && d <= MaxDistance {
		return nil
	}
	if d < 0 || d > Bits {
		return fmt.Errorf("simhash: distance %d, want 0 to %d", d, MaxDistance)
	}
	lookups := 0.0
	for b := range maxTables {
		for j := 0; j <= radius(b, maxTables, d); j++ {
			lookups += binomial(Bits/maxTables, j)
		}
	}
	share := min(1, lookups/(1<<(Bits/maxTables)))
	return fmt.Errorf("simhash: distance %d, want 0 to %d: a query would make %.0f lookups and compare %.0f%% of all fingerprints, no better than a linear scan",
		d, MaxDistance, lookups, 100*share)
}
