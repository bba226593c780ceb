package neardup_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/neardup/neardup"
)

// Pairs that a database found: b is close to both of the others, which are not close to one another. They do not become
// one group of three.
func ExampleGroupPairs() {
	day := func(d int) time.Time { return time.Date(2026, time.March, d, 0, 0, 0, 0, time.UTC) }
	entries := []neardup.Entry{{ID: "a", Time: day(1)}, {ID: "b", Time: day(2)}, {ID: "c", Time: day(3)}}
	pairs := []neardup.Pair{
		{A: "a", B: "b", Relation: neardup.Relation{Kind: neardup.Same, Jaccard: 0.8}},
		{A: "b", B: "c", Relation: neardup.Relation{Kind: neardup.Same, Jaccard: 0.7}},
	}
	groups, err := neardup.GroupPairs(entries, slices.Values(pairs), neardup.Earliest)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range groups {
		fmt.Println(g.Representative, len(g.Members))
	}
	// Output: a 2
}

// A database that keeps band keys and signatures finds what the detector finds.
func ExampleReader_Plan() {
	r, err := neardup.NewReader(neardup.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	plan := r.Plan()
	fmt.Println(plan.Bands, "bands; found at similarity 0.6:", plan.Probability(0.6) > 0.99)
	// Output: 26 bands; found at similarity 0.6: true
}
