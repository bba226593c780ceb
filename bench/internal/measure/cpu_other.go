//go:build !unix

package measure

import "time"

var epoch = time.Now()

// CPU returns the time of the clock: this system does not tell the processor time of a process.
func CPU() time.Duration { return time.Since(epoch) }
