// Package bench measures the library beside its rivals: how fast, how much memory, how right.
//
// The benchmarks of this directory are journeys, from text or features to a result, each beside the
// pipeline that a Go programmer writes first (impl=classic). Their names are benchstat keys:
//
//	go test -run '^$' -bench TextToMinHash -count 10 ./bench | benchstat -col /impl -
//
// The directories below it go further: peers runs the same work on other libraries, accuracy
// computes precision and recall on labelled sets, scale measures growth with the number of articles
// and cores, and report runs them all and writes the tables of the README.
package bench
