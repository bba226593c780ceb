package neardup_test

import (
	"fmt"

	"github.com/neardup/neardup"
)

func ExampleCompare() {
	const story = "The bridge over the river was closed on Monday after engineers found cracks in two of its pillars. " +
		"It will stay closed until the end of the month, the town council said, and buses will take another way."
	a := "Harbour Gazette\nHome\nSport\nWeather\n\n" + story + "\n\nMost read\nFerry timetable changes\nTen ways to cook a pumpkin\n"
	b := "The Daily Oak | News | Opinion | Shop\n\n" + story + "\n\nSubscribe\nAbout us\n"

	c := neardup.Compare(a, b)
	fmt.Println(c.Duplicate())
	fmt.Println(c)
	for _, p := range c.Passages {
		fmt.Printf("%d words: %.29s…\n", p.Tokens, a[p.AStart:p.AEnd])
	}
	// Output:
	// true
	// the same article: 100% of the prose of both together is in both (Jaccard similarity)
	// 38 words: The bridge over the river was…
}

func ExampleComparison_String() {
	fmt.Println(neardup.Compare("Council Shuts Ferry Bridge", ""))
	fmt.Println(neardup.Compare("Council Shuts Ferry Bridge", "Council shuts ferry bridge."))
	// Output:
	// different: B has no words
	// the same article: 100% of the text of both together is in both (Jaccard similarity); there is too little prose in both, so all of their text was compared
}

func ExampleComparison_Duplicate() {
	c := neardup.Compare("Council Shuts Ferry Bridge", "School Choir Wins Prize")
	fmt.Println(c.Kind, c.Duplicate())
	// Output:
	// different false
}
