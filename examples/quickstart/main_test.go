package main

func Example() {
	main()
	// Output:
	// oak/77: same, has 100% of gazette/1
	// vale/9: contains, has 100% of gazette/1
	// vale/9: contains, has 100% of oak/77
	// vale/9 stays and stands for 3 articles
	// different: they have nothing in common
}
