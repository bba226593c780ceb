package atomicfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestMain is another process if it is asked to be.
func TestMain(m *testing.M) {
	path := os.Getenv("ATOMICFILE_PATH")
	switch os.Getenv("ATOMICFILE_CHILD") {
	case "writes": // without end
		for n := uint32(os.Getpid()); ; n++ {
			if err := Write(path, numbered(n)); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
			fmt.Println("written")
		}
	case "once":
		if err := Write(path, text("new")); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	case "locks": // until it is killed or its input ends
		release, err := Lock(path)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("locked")
		_, _ = io.Copy(io.Discard, os.Stdin)
		if err := release(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child starts this test as another process and returns its output by lines.
func child(t *testing.T, kind, path string) (*exec.Cmd, *bufio.Scanner, io.Closer) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "ATOMICFILE_CHILD="+kind, "ATOMICFILE_PATH="+path)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return c, bufio.NewScanner(out), in
}

// numbered writes a number, some of its multiples, and a check.
func numbered(n uint32) func(io.Writer) error {
	return func(w io.Writer) error {
		var b []byte
		for i := range 20_000 + n%1000 {
			b = binary.LittleEndian.AppendUint32(b, n*i)
		}
		b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
		for piece := range slices.Chunk(b, 5000) {
			if _, err := w.Write(piece); err != nil {
				return err
			}
		}
		return nil
	}
}

// checkWhole looks whether a file is one that numbered wrote.
func checkWhole(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) < 80_000 || binary.LittleEndian.Uint32(b[len(b)-4:]) != crc32.ChecksumIEEE(b[:len(b)-4]) {
		t.Fatalf("the file is not whole: %d bytes", len(b))
	}
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func mustWrite(t *testing.T, path, s string) {
	t.Helper()
	if err := Write(path, text(s)); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != s {
		t.Fatalf("wrote %q, and there is %q, %v", s, b, err)
	}
}

// names returns what is in a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	for _, s := range []string{"first", "", strings.Repeat("long", 100_000), "last"} {
		mustWrite(t, path, s)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"state"}) {
		t.Errorf("in the directory are %q", got)
	}
	t.Chdir(dir)
	mustWrite(t, "state", "relative")
	mustWrite(t, "./state", "relative, too")
	for _, name := range []string{strings.Repeat("n", 250), strings.Repeat("n", 249) + "m", ".hidden", "a b", "-", "ü"} {
		mustWrite(t, name, name)
	}
	if got := names(t, dir); len(got) != 7 {
		t.Errorf("in the directory are %q", got)
	}
}

func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	mustWrite(t, path, "former")
	broken := errors.New("broken")
	err := Write(path, func(w io.Writer) error {
		_, _ = w.Write(make([]byte, 200_000))
		return broken
	})
	if err != broken {
		t.Errorf("got %v, want the error of write", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = Write(path, func(io.Writer) error { panic("in write") })
	}()
	if b, _ := os.ReadFile(path); string(b) != "former" {
		t.Errorf("the file is %q", b)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"state"}) {
		t.Errorf("in the directory are %q", got)
	}
	for _, path := range []string{"", dir, dir + "/", filepath.Join(dir, "state") + "/", filepath.Join(dir, "none", "state"), dir + "/.."} {
		called := false
		err := Write(path, func(io.Writer) error { called = true; return nil })
		if err == nil || called {
			t.Errorf("path %q: error %v, called %v", path, err, called)
		}
	}
	if err := Write(dir, text("")); err == nil || err.Error() != "replace "+dir+": is a directory, not a regular file" {
		t.Errorf("directory: %v", err)
	}
}

func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	left := []string{".state.neardup-0123456789abcdef.tmp", ".state.neardup-ffffffffffffffff.tmp"}
	others := []string{
		".state.neardup-0123456789abcde.tmp", ".state.neardup-0123456789abcdefa.tmp", ".state.neardup-0123456789abcdeg.tmp",
		".state.neardup-0123456789abcdef.tmp.neardup-0123456789abcdef.tmp", ".other.neardup-0123456789abcdef.tmp",
		"state.neardup-0123456789abcdef.tmp", ".state.neardup-0123456789ABCDEF.tmp", ".state.neardup-0123456789abcdef.tmp~",
		"state.123.tmp", ".state.neardup-lock",
	}
	for _, name := range append(slices.Clone(left), others...) {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		long := time.Now().Add(-48 * time.Hour)
		if err := os.Chtimes(file, long, long); err != nil {
			t.Fatal(err)
		}
	}
	mustWrite(t, path, "new")
	want := append(slices.Clone(others), "state")
	slices.Sort(want)
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("in the directory are %q, want %q", got, want)
	}
}

// TestNested writes to a file while it is being written, as another process might.
func TestNested(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	err := Write(path, func(w io.Writer) error {
		for range 3 {
			if err := Write(path, text("inner")); err != nil {
				return err
			}
		}
		return text("outer")(w)
	})
	if b, _ := os.ReadFile(path); err != nil || string(b) != "outer" {
		t.Errorf("%q, %v", b, err)
	}
	if got := names(t, filepath.Dir(path)); !slices.Equal(got, []string{"state"}) {
		t.Errorf("in the directory are %q", got)
	}
}

// TestKilled kills processes while they write.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	if err := Write(path, numbered(1)); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	left := 0
	for range 20 {
		c, out, _ := child(t, "writes", path)
		if !out.Scan() || out.Text() != "written" {
			t.Fatalf("another process says %q", out.Text())
		}
		time.Sleep(time.Duration(r.IntN(5000)) * time.Microsecond)
		_ = c.Process.Kill()
		_ = c.Wait()
		checkWhole(t, path)
		n := len(names(t, dir)) - 1
		if n > 1 {
			t.Fatalf("%d temporary files are left of one process", n)
		}
		left += n
	}
	if left == 0 {
		t.Error("no process was killed while it wrote: the test tests nothing")
	}
	if runtime.GOOS == "windows" {
		return // sweeps only after an hour
	}
	if err := Write(path, numbered(2)); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"state"}) {
		t.Errorf("in the directory are %q", got)
	}
}

// TestTwoProcesses has several processes write to one path: none may take away what another writes.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	if err := Write(path, numbered(1)); err != nil {
		t.Fatal(err)
	}
	var outs []*bufio.Scanner
	for range 2 {
		_, out, _ := child(t, "writes", path)
		outs = append(outs, out)
	}
	for range 40 {
		for _, out := range outs {
			if !out.Scan() || out.Text() != "written" {
				t.Fatalf("another process says %q", out.Text())
			}
		}
		checkWhole(t, path)
		if err := Write(path, numbered(2)); err != nil {
			t.Fatal(err)
		}
		checkWhole(t, path)
	}
}

// TestTogether has goroutines write, which meet more often than processes.
func TestTogether(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	var wait sync.WaitGroup
	for g := range 4 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for n := range 30 {
				if err := Write(path, numbered(uint32(100*g+n))); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wait.Wait()
	checkWhole(t, path)
	if got := names(t, dir); !slices.Equal(got, []string{"state"}) {
		t.Errorf("in the directory are %q", got)
	}
}

func unsupported(t *testing.T) {
	release, err := Lock(filepath.Join(t.TempDir(), "state"))
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("NOTHING TESTED: " + err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}

func TestLock(t *testing.T) {
	unsupported(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	for round := range 4 {
		release, err := Lock(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Lock(path); err == nil || !strings.HasPrefix(err.Error(), "lock "+path+": in use by ") {
			t.Fatalf("locked twice: %v", err)
		}
		_, out, _ := child(t, "locks", path)
		if !out.Scan() || !strings.Contains(out.Text(), ": in use by ") {
			t.Fatalf("another process says %q", out.Text())
		}
		if err := release(); err != nil {
			t.Fatal(err)
		}
		if got := names(t, dir); len(got) > 0 {
			t.Fatalf("in the directory are %q", got)
		}
		c, out, in := child(t, "locks", path)
		if !out.Scan() || out.Text() != "locked" {
			t.Fatalf("another process says %q", out.Text())
		}
		_, err = Lock(path)
		owner := fmt.Sprintf("process %d", c.Process.Pid)
		if runtime.GOOS == "windows" {
			owner = "another process"
		}
		if err == nil || err.Error() != "lock "+path+": in use by "+owner {
			t.Fatalf("locked by another process: %v", err)
		}
		if round%2 == 0 {
			_ = c.Process.Kill()
			_ = c.Wait()
			continue
		}
		_ = in.Close()
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	mustWrite(t, path, "still to be written")
}

// TestLockTogether has goroutines lock and release: there is never more than one owner.
func TestLockTogether(t *testing.T) {
	unsupported(t)
	path := filepath.Join(t.TempDir(), "state")
	var owners, times atomic.Int32
	var wait sync.WaitGroup
	for range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); {
				release, err := Lock(path)
				if err != nil {
					continue
				}
				if owners.Add(1) != 1 {
					t.Error("two owners")
				}
				times.Add(1)
				owners.Add(-1)
				if err := release(); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wait.Wait()
	if times.Load() < 10 {
		t.Errorf("locked %d times", times.Load())
	}
}

func TestLockRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"", dir, filepath.Join(dir, "none", "state")} {
		if _, err := Lock(path); err == nil || errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("path %q: %v", path, err)
		}
	}
}

func TestNoLink(t *testing.T) {
	dir := t.TempDir()
	ring := filepath.Join(dir, "ring")
	if err := os.Symlink("ring", ring); err != nil {
		t.Skip("NOTHING TESTED: " + err.Error())
	}
	if err := Write(ring, text("")); err == nil {
		t.Error("a ring of links was written to")
	}
	var pathError *fs.PathError
	if err := Write(ring, text("")); !errors.As(err, &pathError) {
		t.Errorf("%v is no PathError", err)
	}
}
