package dedup

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// clashes are command lines by which something would be written over what is read, or two things to
// one file. None of these files is changed, and none is made.
var clashes = []struct{ args, want string }{
	{"-out o -rejects in.jsonl in.jsonl", "-rejects in.jsonl would replace in.jsonl, which is read"},
	{"-rejects in.jsonl in.jsonl", "-rejects goes with -out"},
	{"-out o -rejects ./sub/../in.jsonl in.jsonl", "would replace in.jsonl"},
	{"-out o -rejects link in.jsonl", "-rejects link would replace in.jsonl"},
	{"-out o -rejects in.jsonl link", "-rejects in.jsonl would replace link"},
	{"-out o -rejects hard in.jsonl", "-rejects hard would replace in.jsonl"},
	{"-out o -rejects other/in.jsonl in.jsonl", "would replace in.jsonl"},
	{"-out in.jsonl -rejects in.jsonl in.jsonl", "-out in.jsonl and -rejects in.jsonl are the same file"},
	{"-out old.jsonl -against old.jsonl in.jsonl", "-out old.jsonl would replace old.jsonl, which is read"},
	{"-out oldlink -against old.jsonl in.jsonl", "-out oldlink would replace old.jsonl"},
	{"-out in.jsonl -against in.jsonl in.jsonl", "-out in.jsonl would replace in.jsonl"},
	{"-out not.jsonl -against not.jsonl in.jsonl", "-out not.jsonl would replace not.jsonl"},
	{"-out sub/a.jsonl -against sub in.jsonl", "-out sub/a.jsonl is inside of sub, which is read"},
	{"-out o -rejects old.jsonl -against old.jsonl in.jsonl", "-rejects old.jsonl would replace old.jsonl"},
	{"-report in.jsonl in.jsonl", "-report in.jsonl would replace in.jsonl"},
	{"-dry-run -report link in.jsonl", "-report link would replace in.jsonl"},
	{"-report old.jsonl -against old.jsonl in.jsonl", "-report old.jsonl would replace old.jsonl"},
	{"-report o -out o in.jsonl", "-out o and -report o are the same file"},
	{"-report other/o -out sub/../o in.jsonl", "are the same file"},
	{"-out o -report r -rejects ./r in.jsonl", "-rejects ./r and -report r are the same file"},
	{"-out o -rejects dangling in.jsonl", "-out o and -rejects dangling are the same file"},
	{"-out dangling -rejects other/o in.jsonl", "are the same file"},
	{"-out link -rejects in.jsonl old.jsonl", "-out link and -rejects in.jsonl are the same file"},
	{"-decisions d -out d in.jsonl", "-out d and -decisions d are the same file"},
	{"-decisions d -out o -rejects other/d in.jsonl", "-rejects other/d and -decisions d are the same file"},
	{"-decisions d -report d in.jsonl", "-report d and -decisions d are the same file"},
	// Folders.
	{"-out sub/o sub", "-out sub/o is inside of sub, which is read"},
	{"-out other/sub/o sub", "is inside of sub, which is read"},
	{"-out o -rejects sub/r sub", "-rejects sub/r is inside of sub, which is read"},
	{"-out o -rejects sublink/r sub", "is inside of sub, which is read"},
	{"-report sub/a.jsonl sub", "-report sub/a.jsonl is inside of sub, which is read"},
	{"-report sub/page.txt sub", "the next run would read it, too"},
	{"-report hard . -all", "-report hard would replace"},
	{"-out o -report o/page.html sub", "-report o/page.html: there is no such folder"},
	{"-out empty -report empty/page.html sub", "-report empty/page.html is inside of -out empty, which is written as a whole"},
	{"-out empty -rejects empty/r sub", "-rejects empty/r is inside of -out empty"},
	{"-out empty/o -rejects empty sub", "-out empty/o is inside of -rejects empty"},
	{"-out in.jsonl in.jsonl old.jsonl", "-out in.jsonl is there already, and no folder"},
	{"-out sub in.jsonl old.jsonl", "sub is there already"},
	// What cannot be written is said before, not after, all is read.
	{"-out sub in.jsonl", "-out sub is a folder, want a file"},
	{"-out o -rejects sub in.jsonl", "-rejects sub is a folder, want a file"},
	{"-out a/../o in.jsonl", "-out a/../o: there is no such folder"},
	{"-out o .o.neardup-0123456789abcdef.tmp", ".o.neardup-0123456789abcdef.tmp is the leftover of a run that was killed"},
	{"-out o .o.neardup-partial", ".o.neardup-partial is the leftover"},
	{"-out o -against .o.neardup-partial/x.jsonl in.jsonl", ".o.neardup-partial/x.jsonl is the leftover"},
	{"-decisions nowhere in.jsonl", "nowhere: no such file"},
	{"-out nowhere/o in.jsonl", "-out nowhere/o: there is no such folder"},
	{"-report - in.jsonl", "want a path, not standard output"},
	{"-report pipe in.jsonl", "-report pipe is not a regular file"},
	{"-out pipe in.jsonl", "-out pipe is not a regular file"},
}

func clashFiles(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, "in.jsonl", line("a", story)+"\n"+line("b", story)+"\n{\n")
	write(t, "old.jsonl", line("c", elsewhere)+"\n")
	write(t, "sub/a.jsonl", line("a", story)+"\n")
	write(t, ".o.neardup-0123456789abcdef.tmp", line("a", story)+"\n")
	write(t, ".o.neardup-partial/x.jsonl", line("a", story)+"\n")
	write(t, "d", `{"id":"a","decision":"keep"}`+"\n")
	for _, err := range []error{
		os.Symlink("in.jsonl", "link"), os.Symlink("old.jsonl", "oldlink"), os.Link("in.jsonl", "hard"), os.Symlink(".", "other"), os.Symlink("o", "dangling"),
		os.Symlink("sub", "sublink"), os.Mkdir("empty", 0o777), exec.Command("mkfifo", "pipe").Run(),
	} {
		if err != nil {
			t.Skip(err)
		}
	}
}

// names lists what is in the working directory.
func names(t *testing.T) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestClashes(t *testing.T) {
	clashFiles(t)
	before, sub := names(t), tree(t, "sub")
	contents := func() string { return read(t, "in.jsonl") + read(t, "old.jsonl") + read(t, "d") }
	was := contents()
	for _, tt := range clashes {
		stdout, stderr, status := drive(t, "", strings.Fields(tt.args)...)
		if status != failed || stdout != "" || !strings.Contains(stderr, tt.want) || strings.Contains(stderr, "fields:") {
			t.Errorf("%s: status %d, want %q: %s%s", tt.args, status, tt.want, stdout, stderr)
		}
		if got := contents(); got != was {
			t.Fatalf("%s: files have become %s", tt.args, got)
		}
		if diff := cmp.Diff(before, names(t)) + cmp.Diff(sub, tree(t, "sub")); diff != "" {
			t.Fatalf("%s: files (-want +got):\n%s", tt.args, diff)
		}
	}
}

// What only looks like a clash is none.
func TestNoClash(t *testing.T) {
	clashFiles(t)
	for _, tt := range []struct{ args, written, want string }{
		{"-out in.jsonl in.jsonl", "in.jsonl", line("a", story) + "\n{\n"},
		{"-out link in.jsonl", "in.jsonl", line("a", story) + "\n{\n"},
		{"-out in.jsonl -rejects r in.jsonl", "in.jsonl", line("a", story) + "\n"},
		{"-out hard in.jsonl", "hard", line("a", story) + "\n{\n"},
		{"-out o -rejects O in.jsonl", "o", line("a", story) + "\n"},
		{"-out sub2 -rejects sub3 sub old.jsonl", "sub2/old.jsonl", line("c", elsewhere) + "\n"},
		{"-out empty -rejects sub4 sub old.jsonl", "empty/old.jsonl", line("c", elsewhere) + "\n"},
		{"-decisions in.jsonl -out x old.jsonl", "", ""},
		{"-report sub/page.html sub", "", ""},
		{"-decisions d -report page.html in.jsonl", "", ""},
	} {
		if tt.args == "-out o -rejects O in.jsonl" {
			if wd, err := os.Getwd(); err != nil || foldsCase(wd) {
				continue
			}
		}
		write(t, "in.jsonl", line("a", story)+"\n"+line("b", story)+"\n{\n")
		_, stderr, status := drive(t, "", strings.Fields(tt.args)...)
		if strings.Contains(stderr, "same file") || strings.Contains(stderr, "which is read") || tt.written != "" && (status == failed || read(t, tt.written) != tt.want) {
			t.Errorf("%s: status %d, %s", tt.args, status, stderr)
		}
	}
}

// A stream that is a file is one.
func TestClashingStreams(t *testing.T) {
	clashFiles(t)
	was := read(t, "in.jsonl")
	run := func(stdin, stdout string, args ...string) (stderr string, status int) {
		t.Helper()
		c := exec.Command(os.Args[0], args...)
		c.Env = append(os.Environ(), dedupMain+"=1")
		var b strings.Builder
		c.Stderr = &b
		if stdin != "" {
			f, err := os.Open(stdin)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			c.Stdin = f
		}
		if stdout != "" {
			f, err := os.OpenFile(stdout, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			c.Stdout = f
		}
		_ = c.Run()
		return b.String(), c.ProcessState.ExitCode()
	}
	for _, tt := range []struct{ stdin, stdout, args, want string }{
		{"in.jsonl", "", "-out o -rejects hard -", "-rejects hard would replace standard input, which is read"},
		{"old.jsonl", "", "-out old.jsonl -against - in.jsonl", "-out old.jsonl would replace standard input, which is read"},
		{"", "hard", "in.jsonl", "standard output is in.jsonl, which is read"},
		{"in.jsonl", "in.jsonl", "-", "standard output is standard input, which is read"},
		{"", "page", "-report page in.jsonl", "-report page and standard output are the same file"},
		{"", "sub/a.jsonl", "sub", "standard output is sub" + string(filepath.Separator) + "a.jsonl, which is read"},
	} {
		if stderr, status := run(tt.stdin, tt.stdout, strings.Fields(tt.args)...); status != failed || !strings.Contains(stderr, tt.want) {
			t.Errorf("%v: status %d, %s", tt, status, stderr)
		}
		if got := read(t, "in.jsonl"); got != was {
			t.Fatalf("%v: in.jsonl has become %q", tt, got)
		}
	}
	if stderr, status := run("in.jsonl", "", "-out", "in.jsonl", "-"); status != reported || read(t, "in.jsonl") != line("a", story)+"\n{\n" {
		t.Errorf("in place: status %d, %s", status, stderr)
	}
}

// Where names may be written in either case, they are one.
func TestSamePath(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" && foldsCase(dir) {
		t.Skip("an unusual file system")
	}
	write(t, filepath.Join(dir, "There"), "")
	_, err = os.Stat(filepath.Join(dir, "tHERE"))
	folds := err == nil
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"x", "x", true}, {"x", "y", false}, {"x/y", "x/y", true}, {"x/y", "y", false}, {"x", "X", folds}, {"There/x", "There/X", folds}, {"new/a", "NEW/A", folds}, {"new/a", "NEW/b", false},
		{"There", "there", folds}, {"There", "x", false},
	} {
		if got := samePath(filepath.Join(dir, tt.a), filepath.Join(dir, tt.b)); got != tt.want {
			t.Errorf("%s and %s: %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
	if foldsCase(dir) != folds {
		t.Errorf("folds is %v, want %v", !folds, folds)
	}
}

// A link to a folder that is written to stays one, as one to a file does.
func TestLinkedFolder(t *testing.T) {
	clashFiles(t)
	if err := errors.Join(os.Symlink("empty", "to-empty"), os.Symlink("new", "to-new")); err != nil {
		t.Fatal(err)
	}
	for link, name := range map[string]string{"to-empty": "empty", "to-new": "new"} {
		_, stderr, status := drive(t, "", "-out", link, "sub", "old.jsonl")
		info, err := os.Lstat(link)
		if status != done || err != nil || info.Mode()&os.ModeSymlink == 0 || read(t, name+"/old.jsonl") != line("c", elsewhere)+"\n" {
			t.Errorf("%s: status %d, %v, %s", link, status, err, stderr)
		}
	}
}
