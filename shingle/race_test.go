//go:build race

package shingle

// raceEnabled is whether the race detector is on, which makes a sync.Pool drop
// what is put into it at random.
const raceEnabled = true
