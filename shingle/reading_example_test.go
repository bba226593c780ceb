package shingle_test

import (
	"fmt"

	"github.com/neardup/neardup/shingle"
)

// readPage is a page with a menu before its article.
const readPage = `Harbour Gazette
Home
News
Sport
Opinion
Obituaries
Subscribe

The old ferry bridge will stay closed until the end of April, the council said. Engineers have found cracks in two of
its pillars, and it may cost 1,250,000 pounds to repair them.`

// count returns how many features of r are in a view.
func count(r *shingle.Reading, v shingle.Views) (n int) {
	for _, f := range r.Views {
		if f&v != 0 {
			n++
		}
	}
	return n
}

func ExampleReading() {
	s, err := shingle.New(shingle.Config{})
	if err != nil {
		panic(err)
	}
	var r shingle.Reading
	s.Read(&r, readPage)
	numbers := 0
	for _, f := range r.WordFlags {
		if f&shingle.WordNumber != 0 {
			numbers++
		}
	}
	fmt.Println(len(r.Features), "features,", len(r.Words), "words,", numbers, "number")
	// Output:
	// 39 features, 41 words, 1 number
}

func ExampleShingler_Read() {
	s, err := shingle.New(shingle.Config{})
	if err != nil {
		panic(err)
	}
	var r shingle.Reading
	s.Read(&r, readPage)
	fmt.Println("whole text:", count(&r, shingle.InWhole))
	fmt.Println("without menus:", count(&r, shingle.InBody))
	fmt.Println("prose:", count(&r, shingle.InProse))
	// Output:
	// whole text: 39
	// without menus: 31
	// prose: 31
}

func ExampleShingler_ReadBytes() {
	s, err := shingle.New(shingle.Config{})
	if err != nil {
		panic(err)
	}
	var r shingle.Reading
	s.ReadBytes(&r, []byte("the cat sat on the mat"))
	fmt.Println(len(r.Features), r.FellBack)
	// Output:
	// 2 true
}

func ExampleViews() {
	v := shingle.InBody | shingle.InWhole // in the body, but not in the prose: a table, a list, a poem
	fmt.Println(v&shingle.InProse != 0, v&shingle.InBody != 0)
	// Output:
	// false true
}

func ExampleWordFlags() {
	s, err := shingle.New(shingle.Config{})
	if err != nil {
		panic(err)
	}
	var r shingle.Reading
	s.Read(&r, "Gate 17 closes")
	for _, f := range r.WordFlags {
		fmt.Print(f&shingle.WordNumber != 0, " ")
	}
	// Output:
	// false true false
}
