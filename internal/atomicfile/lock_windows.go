package atomicfile

import (
	"os"
	"syscall"
	"time"
)

// closeFirst: an open file cannot be renamed.
const closeFirst = true

// own does nothing: an open file cannot be removed.
func own(*os.File) bool { return true }

// removeIfLeft removes a temporary file that nobody has open, which would be an error, and that was
// not written to in the last hour: a living process closes it a moment before it renames it.
func removeIfLeft(name string) {
	if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > time.Hour {
		_ = os.Remove(name)
	}
}

// lock opens a file that nobody else can open until it is closed, by its process or by the end of
// it, and which is then gone.
func lock(name string) (release func() error, err error) {
	const (
		deleteOnClose    = 0x04000000
		sharingViolation = syscall.Errno(32)
	)
	p, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: name, Err: err}
	}
	h, err := syscall.CreateFile(p, syscall.GENERIC_READ|syscall.GENERIC_WRITE|0x00010000, 0, nil, syscall.OPEN_ALWAYS,
		syscall.FILE_ATTRIBUTE_NORMAL|deleteOnClose, 0)
	if err == sharingViolation {
		return nil, errLocked
	}
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: name, Err: err}
	}
	return func() error { return syscall.CloseHandle(h) }, nil
}
