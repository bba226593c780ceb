//go:build unix

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// passOn gives f the mode of the file that it replaces, and its owner and group if it may.
func passOn(f *os.File, former fs.FileInfo) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	mode := former.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
	old, ok := former.Sys().(*syscall.Stat_t)
	now, ok2 := info.Sys().(*syscall.Stat_t)
	if ok && ok2 && (old.Uid != now.Uid || old.Gid != now.Gid) && f.Chown(int(old.Uid), int(old.Gid)) != nil {
		mode &^= fs.ModeSetuid
		if old.Gid != now.Gid && f.Chown(-1, int(old.Gid)) != nil {
			// The group is another one, which may do what everybody may.
			mode &^= fs.ModeSetgid | 0o070
			mode |= mode & 0o007 << 3
		}
	}
	if info.Mode()&^fs.ModeType == mode {
		return nil
	}
	return f.Chmod(mode)
}

// syncDir makes a rename in a directory last. Not every file system can, and not every directory
// may be opened.
func syncDir(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
