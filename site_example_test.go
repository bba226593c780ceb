package neardup_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/neardup/neardup"
)

// walled returns the records of eight pages of which each shows some words of its own, and the same wall after them.
func walled(r *neardup.Reader) (records []*neardup.Record) {
	wall := strings.Repeat("To read on you need a subscription, which costs as much as a coffee a month and can be ended at any time. ", 2) +
		"It comes with the puzzles, with the letters to the editor and with the tide tables of the whole coast, all of them in large print."
	for _, place := range strings.Fields("Ashmouth Brill Corran Dunmore Eastley Farne Gull Haven") {
		var own []string // words that no other page has
		for i := range 30 {
			own = append(own, fmt.Sprintf("%s%d", strings.ToLower(place), i))
		}
		text := fmt.Sprintf("The council of %s met on Monday: %s.\n\n%s", place, strings.Join(own, " "), wall)
		rec, err := r.Read(text)
		if err != nil {
			panic(err)
		}
		records = append(records, rec)
	}
	return records
}

func ExampleReader_LearnSite() {
	// A store learns what a source puts on all of its pages.
	r, err := neardup.NewReader(neardup.Config{})
	if err != nil {
		panic(err)
	}
	site := r.LearnSite(slices.Values(walled(r)))
	fmt.Println(site.Features() > 40)
	// Output:
	// true
}

func ExampleReader_RelateOn() {
	r, err := neardup.NewReader(neardup.Config{})
	if err != nil {
		panic(err)
	}
	pages := walled(r)
	site := r.LearnSite(slices.Values(pages))
	fmt.Println(r.RelateOn(pages[0], pages[1], site, site).Kind)
	fmt.Println(r.RelateOn(pages[0], pages[0], site, site).Kind)
	// Output:
	// different
	// same
}

func ExampleSite() {
	r, err := neardup.NewReader(neardup.Config{})
	if err != nil {
		panic(err)
	}
	site := r.LearnSite(slices.Values(walled(r)))
	kept, err := site.MarshalBinary()
	if err != nil {
		panic(err)
	}
	var again neardup.Site
	if err := again.UnmarshalBinary(kept); err != nil {
		panic(err)
	}
	fmt.Println(again.Features() == site.Features())
	// Output:
	// true
}

func ExampleSite_Features() {
	// An article that names no source is on no site.
	var none *neardup.Site
	fmt.Println(none.Features())
	// Output:
	// 0
}

func ExampleJoinSites() {
	// A text that two sites have is judged without the text of either.
	r, err := neardup.NewReader(neardup.Config{})
	if err != nil {
		panic(err)
	}
	www := r.LearnSite(slices.Values(walled(r)))
	mobile := r.LearnSite(slices.Values(walled(r)[1:]))
	both := neardup.JoinSites(www, mobile, nil)
	fmt.Println(both.Features() >= www.Features())
	// Output:
	// true
}
