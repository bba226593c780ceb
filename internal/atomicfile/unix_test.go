//go:build unix

package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestMode(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o027))
	dir := t.TempDir()
	path := filepath.Join(dir, "new")
	mustWrite(t, path, "new")
	if info, _ := os.Stat(path); info.Mode() != 0o640 {
		t.Errorf("new file with umask 027: mode %v, want %v", info.Mode(), fs.FileMode(0o640))
	}
	for _, mode := range []fs.FileMode{0o600, 0o644, 0o666, 0o755, 0o400, 0o777, 0o604 | fs.ModeSetgid} {
		path := filepath.Join(dir, fmt.Sprint(mode))
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		err := Write(path, func(w io.Writer) error {
			for _, name := range names(t, dir) { // while it is written, nobody else may read it
				if info, err := os.Stat(filepath.Join(dir, name)); isTemporary(name, temporaryPrefix(path)) && (err != nil || info.Mode() != 0o600) {
					t.Errorf("mode %v: the temporary file has mode %v, %v", mode, info.Mode(), err)
				}
			}
			return text("more")(w)
		})
		if err != nil {
			t.Fatal(err)
		}
		if info, _ := os.Stat(path); info.Mode() != mode || info.Size() != 4 {
			t.Errorf("mode %v: got %v", mode, info.Mode())
		}
	}
}

// TestOwner needs to be root, to give files away.
func TestOwner(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	mustWrite(t, path, "former")
	if err := os.Chown(path, 12345, 23456); err != nil {
		if os.Getenv("NEARDUP_REQUIRE_ROOT") != "" {
			t.Fatal(err)
		}
		t.Skip("NOTHING TESTED, NEARDUP_REQUIRE_ROOT=1 makes this a failure: " + err.Error())
	}
	check := func(uid, gid uint32, mode fs.FileMode) {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if s := info.Sys().(*syscall.Stat_t); s.Uid != uid || s.Gid != gid || info.Mode() != mode {
			t.Errorf("got owner %d, group %d, mode %v, want %d, %d, %v", s.Uid, s.Gid, info.Mode(), uid, gid, mode)
		}
	}
	if err := os.Chmod(path, 0o660|fs.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, path, "new")
	check(12345, 23456, 0o660|fs.ModeSetuid)

	// Somebody who is not root and not in the group: the group becomes his own, and gets what
	// everybody has.
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "program"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{dir, filepath.Dir(dir)} {
		if err := errors.Join(os.Chmod(name, 0o755), os.Chown(name, 12345, 12345)); err != nil {
			t.Fatal(err)
		}
	}
	for groups, want := range map[uint32]struct {
		gid  uint32
		mode fs.FileMode
	}{23456: {23456, 0o664}, 34567: {12345, 0o644}} {
		if err := errors.Join(os.Chown(path, 54321, 23456), os.Chmod(path, 0o664|fs.ModeSetuid|fs.ModeSetgid)); err != nil {
			t.Fatal(err)
		}
		c := exec.Command(filepath.Join(dir, "program"))
		c.Env = append(os.Environ(), "ATOMICFILE_CHILD=once", "ATOMICFILE_PATH="+path)
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 12345, Gid: 12345, Groups: []uint32{groups}}}
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if groups == 23456 {
			want.mode |= fs.ModeSetgid
		}
		check(12345, want.gid, want.mode)
	}
}

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub", "deep")
	if err := os.MkdirAll(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	link := func(to, name string) string {
		name = filepath.Join(dir, name)
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	link("sub/deep", "in")
	for _, path := range []string{
		link("sub/state", "relative"),
		link(filepath.Join(dir, "sub", "state"), "absolute"),
		link("relative", "twice"),
		link("in/../state", "up"), // sub/state: up from where in leads to
		dir + "/in/../state",
	} {
		mustWrite(t, path, path)
		if b, err := os.ReadFile(filepath.Join(dir, "sub", "state")); err != nil || string(b) != path {
			t.Errorf("%s: the target is %q, %v", path, b, err)
		}
		if err := os.Remove(filepath.Join(dir, "sub", "state")); err != nil {
			t.Fatal(err)
		}
		mustWrite(t, path, "where there was no target")
	}
	for name, want := range map[string]string{"relative": "sub/state", "twice": "relative"} {
		if got, err := os.Readlink(filepath.Join(dir, name)); got != want {
			t.Errorf("the link %s leads to %q, %v", name, got, err)
		}
	}
	if got := names(t, filepath.Join(dir, "sub")); !slices.Equal(got, []string{"deep", "state"}) {
		t.Errorf("in the directory are %q", got)
	}
	release, err := Lock(filepath.Join(dir, "twice"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(filepath.Join(dir, "sub", "state")); err == nil {
		t.Error("locked by way of a link and without")
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

func TestNotRegular(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("pipe", link); err != nil {
		t.Fatal(err)
	}
	for path, what := range map[string]string{pipe: "a named pipe", link: "a named pipe", "/dev/null": "a device", dir: "a directory"} {
		for op, f := range map[string]func() error{
			"replace": func() error { return Write(path, text("x")) },
			"lock":    func() error { _, err := Lock(path); return err },
		} {
			want := op + " " + path + ": is " + what + ", not a regular file"
			done := make(chan error, 1)
			go func() { done <- f() }()
			select {
			case err := <-done:
				if err == nil || err.Error() != want {
					t.Errorf("got %v, want %s", err, want)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("%s %s waits", op, path)
			}
		}
	}
	// A pipe with the name of a leftover is none, and nobody waits for it.
	state := filepath.Join(dir, "state")
	if err := syscall.Mkfifo(filepath.Join(dir, ".state.neardup-0123456789abcdef.tmp"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, state, "new")
	if !slices.ContainsFunc(names(t, dir), func(s string) bool { return strings.HasSuffix(s, ".tmp") }) {
		t.Error("the pipe is gone")
	}
}

// TestReadOnly has a directory in which nothing can be made.
func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	mustWrite(t, path, "former")
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if os.Getuid() == 0 {
		t.Skip("NOTHING TESTED: root may write anywhere")
	}
	for _, err := range []error{Write(path, text("new")), func() error { _, err := Lock(path); return err }()} {
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("got %v", err)
		}
	}
}
