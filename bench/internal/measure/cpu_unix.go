//go:build unix

package measure

import (
	"syscall"
	"time"
)

// CPU returns the processor time that this process has used, all threads together, or the time of the clock where the system does not tell. On a machine
// that others use too it is steadier than the clock.
func CPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
