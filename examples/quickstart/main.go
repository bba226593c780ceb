// Quickstart finds the story that three of four pages tell.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/neardup/neardup"
)

const (
	bridge = "The old bridge at Millhaven was closed on Monday after engineers found cracks in two of its pillars. " +
		"The town council said that it would stay closed until the end of the month. " +
		"Buses will cross the river at the new lock, two miles to the north."
	ferry = "The ferry to Gull Island will run twice a day from June, its owner said on Friday. " +
		"A second boat has been bought from a yard on the coast and is being painted."
	more = " The last time was after the flood eleven years ago, when half of the railing was lost, " +
		"and a butcher from the north bank swam across with the keys of the school."
)

func main() {
	detector, err := neardup.New(neardup.Config{})
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range []neardup.Article{
		{ID: "gazette/1", Text: "Millhaven Gazette\nHome\nSport\n\n" + bridge + "\n\nMost read\nFerry times\n"},
		{ID: "gazette/2", Text: "Millhaven Gazette\nHome\nSport\n\n" + ferry + "\n\nMost read\nFerry times\n"},
		{ID: "oak/77", Text: "The Daily Oak | News | Shop\n\n" + bridge + "\n\nSubscribe\nAbout us\n"},
		{ID: "vale/9", Text: "Vale Wire\n\n" + bridge + more},
	} {
		matches, err := detector.Add(a)
		if err != nil {
			log.Fatal(err)
		}
		for _, m := range matches {
			fmt.Printf("%s: %s, has %.0f%% of %s\n", a.ID, m.Kind, 100*m.ContainmentBInA, m.ID)
		}
	}
	groups, err := detector.Groups(context.Background(), neardup.Earliest)
	if err != nil {
		log.Fatal(err)
	}
	for _, g := range groups {
		fmt.Printf("%s stays and stands for %d articles\n", g.Representative, len(g.Members))
	}
	fmt.Println(neardup.Compare(ferry, bridge))
}
