package shingle_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/neardup/neardup/shingle"
)

func ExampleAppendBlocks() {
	page := `Home
News
Sport
Weather

The bridge over the river was closed on Monday after engineers found
cracks in two of its pillars. It will stay closed until the end of the
month, the town council said.

Most read
Ferry Timetable Changes
Ten Ways To Cook A Pumpkin
`
	for _, b := range shingle.AppendBlocks(nil, page) {
		text := strings.Fields(page[b.Start:b.End])
		fmt.Printf("%-5v %s … (%v)\n", b.Kept, text[0], b.Reason)
	}
	// Output:
	// false Home … (reads like a menu)
	// false News … (reads like a menu)
	// false Sport … (reads like a menu)
	// false Weather … (reads like a menu)
	// true  The … (reads like sentences)
	// false Most … (does not read like sentences)
	// false Ferry … (does not read like sentences)
	// false Ten … (does not read like sentences)
}

func ExampleAppendPassages() {
	a := "Weather. The ferry sails at noon, and the last one leaves at ten. Sport."
	b := "THE FERRY SAILS AT NOON - and the last one leaves at ten or later"
	for _, p := range shingle.AppendPassages(nil, a, b, 5) {
		fmt.Printf("%d words\nA: %s\nB: %s\n", p.Tokens, a[p.AStart:p.AEnd], b[p.BStart:p.BEnd])
	}
	// Output:
	// 12 words
	// A: The ferry sails at noon, and the last one leaves at ten
	// B: THE FERRY SAILS AT NOON - and the last one leaves at ten
}

func ExampleShingler_AppendPassages() {
	s, err := shingle.New(shingle.Config{})
	if err != nil {
		panic(err)
	}
	const story = `The bridge over the river was closed on Monday after engineers found cracks in two of its pillars.
It will stay closed until the end of the month, the town council said.`
	a := "Harbour Gazette\nHome\nNews\nSport\nWeather\nShop\nTen Ways To Cook A Pumpkin This Autumn\n\n" + story
	b := story + "\n\nMost read\nTen Ways To Cook A Pumpkin This Autumn\nFerry Timetable Changes\nAbout Us\nContact\n"
	for _, p := range s.AppendPassages(nil, a, b, 5) {
		fmt.Printf("%d words: %s … %s\n", p.Tokens, a[p.AStart:p.AStart+10], a[p.AEnd-12:p.AEnd])
	}
	// Output:
	// 32 words: The bridge … council said
}

func ExampleReason() {
	fmt.Println(shingle.TooLittleProse)
	// Output:
	// too little prose in the text
}

func ExampleBlock() {
	text := "Home | News | Sport\n\n" + strings.Repeat("The ferry sails at noon, and the last one leaves at ten in the evening. ", 5)
	words := 0
	for _, b := range shingle.AppendBlocks(nil, text) {
		if b.Kept {
			words += len(strings.Fields(text[b.Start:b.End]))
		}
	}
	fmt.Println(words, "words of prose")
	// Output:
	// 80 words of prose
}

func ExamplePassage() {
	const a, b = "noon: the ferry sails from the pier", "The ferry sails from the bridge"
	for _, p := range shingle.AppendPassages(nil, a, b, 3) {
		fmt.Printf("bytes %d to %d of A are bytes %d to %d of B\n", p.AStart, p.AEnd, p.BStart, p.BEnd)
	}
	// Output:
	// bytes 6 to 30 of A are bytes 0 to 24 of B
}

// A view of one's own: without the quotations that a mail starts each line with.
func ExampleShingler_AppendKept() {
	mail := "> Shall we meet on Monday?\nTuesday would be better for me.\n> The library closes at six.\nThen let us meet at five.\n"
	var blocks []shingle.Block
	at := 0
	for line := range strings.Lines(mail) {
		blocks = append(blocks, shingle.Block{Start: at, End: at + len(line), Kept: !strings.HasPrefix(line, ">")})
		at += len(line)
	}
	s, err := shingle.New(shingle.Config{Size: 2})
	if err != nil {
		panic(err)
	}
	kept := s.AppendKept(nil, mail, blocks)
	own := shingle.AppendWords(nil, "Tuesday would be better for me. Then let us meet at five.", 2)
	fmt.Println(len(kept), slices.Equal(kept, own))
	// Output:
	// 11 true
}
