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
	// the same article: each is found in the other; 100% of the prose of A is in B, and 100% of B in A
	// 38 words: The bridge over the river was…
}

func ExampleComparison_String() {
	fmt.Println(neardup.Compare("Council Shuts Ferry Bridge", ""))
	fmt.Println(neardup.Compare("Council Shuts Ferry Bridge", "School Choir Wins Prize"))
	// Output:
	// different: a text has no words
	// different: they have nothing in common
}

// What decided, for programs: the names are stable.
func ExampleReason() {
	form := "The registry of the court of Millhaven gives notice that the hearing in case %d will be held in the small hall " +
		"of the old town house, and that whoever wishes to be heard has to say so to the clerk before noon of the day before."
	c := neardup.Compare(fmt.Sprintf(form, 1204), fmt.Sprintf(form, 3391))
	name, _ := c.Reason.MarshalText()
	fmt.Println(c.Kind, string(name))
	fmt.Println(c.Reason)
	// Output:
	// different other-numbers
	// it is one form with other numbers
}

func ExampleComparison_Duplicate() {
	c := neardup.Compare("Council Shuts Ferry Bridge", "School Choir Wins Prize")
	fmt.Println(c.Kind, c.Duplicate())
	// Output:
	// different false
}
