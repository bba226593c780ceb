//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// A lock of flock belongs to the open file and ends when that is closed, by its process or by the
// death of it.

const closeFirst = false

// flock locks f if nobody has locked it.
func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != syscall.EINTR {
			return err
		}
	}
}

// isAt reports whether the open file f is the one at its path.
func isAt(f *os.File) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(open, there)
}

// own locks a new temporary file. It returns false if a sweep has removed it meanwhile, or is about
// to.
//
// A sweep removes only what it has locked. So once f is locked and still there, it stays. Where the
// file system has no locks, no sweep gets one either.
func own(f *os.File) bool {
	return !errors.Is(flock(f), syscall.EWOULDBLOCK) && isAt(f)
}

// removeIfLeft removes a temporary file if nobody has locked it.
func removeIfLeft(name string) {
	if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer f.Close()
	// If its owner has renamed it in the meantime, there is nothing to be removed under its name,
	// which does not come again.
	if flock(f) == nil {
		_ = os.Remove(name)
	}
}

// lock locks the file with the given name, which it makes, and removes on release.
func lock(name string) (release func() error, err error) {
	for {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o644)
		if err != nil {
			return nil, err
		}
		if err := flock(f); err != nil {
			_ = f.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, errLocked
			}
			return nil, &fs.PathError{Op: "lock", Path: name, Err: err}
		}
		if !isAt(f) { // its former owner has just removed it
			_ = f.Close()
			continue
		}
		_ = f.Truncate(0)
		_, _ = f.WriteAt(strconv.AppendInt(nil, int64(os.Getpid()), 10), 0)
		return func() error { return errors.Join(os.Remove(name), f.Close()) }, nil
	}
}
