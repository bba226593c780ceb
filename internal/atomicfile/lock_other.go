//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"
)

const closeFirst = true

func own(*os.File) bool { return true }

// removeIfLeft removes a temporary file that was not written to for a day.
func removeIfLeft(name string) {
	if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > 24*time.Hour {
		_ = os.Remove(name)
	}
}

func lock(name string) (release func() error, err error) {
	return nil, &os.PathError{Op: "lock", Path: name, Err: fmt.Errorf("on %s: %w", runtime.GOOS, errors.ErrUnsupported)}
}
