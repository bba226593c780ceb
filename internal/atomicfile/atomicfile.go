// Package atomicfile replaces a file whole: whoever reads it, at whatever moment, and whatever
// crashes, finds either the former contents or the new ones. It also lets one process own a file
// that several could write.
//
// What is written goes to a temporary file in the same directory, which is synced and renamed. The
// temporary file of name is called .name.neardup-0123456789abcdef.tmp, with random digits. What
// crashed processes leave of these is removed by the next [Write] to the same file.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Write replaces the file at path by what write writes, or makes it. With an error from write or
// from the system the file is what it was, unless it is the directory that could not be synced.
//
// If path is a symbolic link, the link stays, and what it leads to is replaced. A new file has the
// mode 0666 less what the umask takes away. A former one passes its mode on, and where that is
// allowed its owner and group; where the group cannot be kept, a new one may do no more than
// everybody. Further attributes, such as access control lists, are not kept, nor are hard links.
// What is neither a regular file nor absent is refused: a directory, a named pipe, a device.
//
// Several processes may write to one path at the same time; the last one to end wins. It is not
// synchronized with [Lock].
func Write(path string, write func(io.Writer) error) (err error) {
	target, former, err := resolve("replace", path)
	if err != nil {
		return err
	}
	sweep(target)
	f, err := create(target, former)
	if err != nil {
		return err
	}
	temporary := f.Name()
	renamed := false
	defer func() { // runs also when write panics
		_ = f.Close()
		if !renamed {
			_ = os.Remove(temporary)
		}
	}()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if former != nil {
		if err := passOn(f, former); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if closeFirst {
		if err := f.Close(); err != nil {
			return err
		}
	}
	if err := os.Rename(temporary, target); err != nil {
		return err
	}
	renamed = true
	return syncDir(filepath.Dir(target))
}

// Lock makes the calling process the owner of the file at path, which need not exist, until it
// calls release or ends, in whatever way. While there is an owner, Lock returns an error that says
// so, and which process it is, if known.
//
// The lock is on a file beside it, .name.neardup-lock, since the file itself is replaced. It is
// advisory: it keeps nobody from writing who does not ask. The error wraps [errors.ErrUnsupported]
// where the system has no locks that end with their owner.
func Lock(path string) (release func() error, err error) {
	target, _, err := resolve("lock", path)
	if err != nil {
		return nil, err
	}
	dir, base := filepath.Split(target)
	name := dir + "." + short(base) + ".neardup-lock"
	release, err = lock(name)
	if errors.Is(err, errLocked) {
		owner := "another process"
		if pid, readErr := os.ReadFile(name); readErr == nil && len(pid) > 0 && len(pid) < 20 {
			owner = "process " + strings.TrimSpace(string(pid))
		}
		return nil, &fs.PathError{Op: "lock", Path: path, Err: fmt.Errorf("in use by %s", owner)}
	}
	return release, err
}

// errLocked says that a lock has an owner.
var errLocked = errors.New("locked")

// resolve returns the file that path leads to, by however many links, and what is there; nil if
// there is nothing.
func resolve(op, path string) (target string, info fs.FileInfo, err error) {
	refuse := func(what string) (string, fs.FileInfo, error) {
		return "", nil, &fs.PathError{Op: op, Path: path, Err: errors.New(what)}
	}
	// Asked first, since what some links of /proc say is no path.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return refuse("is " + kind(info.Mode()) + ", not a regular file")
	}
	target = path
	for range 40 {
		dir, base := filepath.Split(target)
		if base == "" || base == "." || base == ".." {
			return refuse("does not name a file")
		}
		if dir == "" {
			dir = "."
		}
		if dir, err = filepath.EvalSymlinks(dir); err != nil {
			return "", nil, err
		}
		target = filepath.Join(dir, base)
		info, err = os.Lstat(target)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return target, nil, nil
		case err != nil:
			return "", nil, err
		case info.Mode()&fs.ModeSymlink == 0:
			return target, info, nil
		}
		link, err := os.Readlink(target)
		if err != nil {
			return "", nil, err
		}
		if target = link; !filepath.IsAbs(link) {
			target = dir + string(filepath.Separator) + link // not Join, to which a/.. is nothing even if a is a link
		}
	}
	return refuse("too many links")
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// short returns a name that is short enough to have something before and after it, and still its
// own.
func short(base string) string {
	const most = 180 // of the 255 bytes that most file systems allow
	if len(base) <= most {
		return base
	}
	return fmt.Sprintf("%s~%08x", base[:most], crc32.ChecksumIEEE([]byte(base)))
}

const digits = 16 // of a temporary file

// temporaryPrefix returns what the names of the temporary files of a target begin with.
func temporaryPrefix(target string) string {
	return "." + short(filepath.Base(target)) + ".neardup-"
}

// isTemporary reports whether name is that of a temporary file of a target with the prefix, and of
// none else.
func isTemporary(name, prefix string) bool {
	middle, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return false
	}
	if middle, ok = strings.CutSuffix(middle, ".tmp"); !ok || len(middle) != digits {
		return false
	}
	return strings.Trim(middle, "0123456789abcdef") == ""
}

// create makes a temporary file that no sweep takes away as long as it is open.
func create(target string, former fs.FileInfo) (*os.File, error) {
	mode := fs.FileMode(0o666)
	if former != nil {
		mode = 0o600 // until it gets that of the former
	}
	for {
		name := fmt.Sprintf("%s%016x.tmp", temporaryPrefix(target), rand.Uint64())
		f, err := os.OpenFile(filepath.Join(filepath.Dir(target), name), os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if own(f) {
			return f, nil
		}
		_ = f.Close() // a sweep was faster
	}
}

// sweep removes the temporary files of a target that no living process has open. It does what it
// can; what stays does no harm but take room.
func sweep(target string) {
	dir, err := os.Open(filepath.Dir(target))
	if err != nil {
		return
	}
	defer dir.Close()
	prefix := temporaryPrefix(target)
	for {
		names, err := dir.Readdirnames(1024)
		for _, name := range names {
			if isTemporary(name, prefix) {
				removeIfLeft(filepath.Join(dir.Name(), name))
			}
		}
		if err != nil {
			return
		}
	}
}
