package dedup

import (
	"os"
	"runtime"
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "naïve 文": "naïve 文", "a\x1b[31m\n\t\x7f": `a\x1b[31m\n\t\x7f`, "\u009b1m": `\u009b1m`, "x\xff\u202ey": `x\xff\u202ey`,
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Nothing that the user or a file says comes to the terminal as a command, nor as a line that looks
// like one of the program, whatever fails.
func TestStrangeNames(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("has no such names")
	}
	t.Chdir(t.TempDir())
	const strangest = "\x1b[31m\u202e\u009b\ndedup: done\r"
	good, bad, none := strangest+"a.jsonl", strangest+"b.jsonl", strangest+"none"
	write(t, good, line("a", story)+"\n"+line("b", story)+"\n"+`{"id":{"\u009b":"`+"\u009b\u202e"+`"},"text":"x"}`+"\n")
	write(t, bad, zip(t, line("a", story)+"\n"+line("b", strings.Repeat(elsewhere, 20)))[:120])
	write(t, "folder/x."+strangest, "")
	write(t, "folder/x.jsonl", line("a", story))
	write(t, strangest+"/x.jsonl", line("a", story))
	for _, args := range [][]string{
		{good}, {none}, {bad}, {"-out", "o", bad}, {"-out", strangest, good}, {"-out", good, "-rejects", good, good}, {"-report", good, good}, {"-report", none + "/x", good},
		{"-against", none, good}, {"-decisions", none, good}, {"-decisions", good, good}, {"-out", strangest + ".csv", good}, {"-format", strangest, good}, {"-" + strangest, good},
		{"-view", strangest, good}, {"-threshold", strangest, good}, {"-text", strangest, good}, {"folder"}, {"-out", strangest, "folder"}, {"-out", "o2", strangest, strangest},
		{"-out", strangest + "/x", strangest},
	} {
		_, stderr, _ := drive(t, "", args...)
		for l := range strings.Lines(stderr) {
			if l = strings.TrimSuffix(l, "\n"); strings.ContainsFunc(l, strange) || strings.HasPrefix(l, "dedup: done") {
				t.Errorf("%q: %q", args, l)
			}
		}
		_ = os.RemoveAll("o2")
	}
}

// The rejects are compressed as their own name says, not as that of what stays.
func TestRejectsNames(t *testing.T) {
	t.Chdir(t.TempDir())
	const bad = "{\n"
	in := line("a", story) + "\n" + bad
	write(t, "in.jsonl", in)
	write(t, "packed.jsonl.gz", zip(t, in))
	form := func(name, want string) string {
		switch data := read(t, name); {
		case data == want:
			return "plain"
		case strings.HasPrefix(data, "\x1f\x8b") && unzip(t, data) == want:
			return "gzip"
		default:
			return data
		}
	}
	for _, tt := range []struct{ in, out, rejects, isOut, isRejects string }{
		{"in.jsonl", "o.jsonl.gz", "r.jsonl", "gzip", "plain"},
		{"in.jsonl", "o.jsonl", "r.jsonl.gz", "plain", "gzip"},
		{"in.jsonl", "o.jsonl.gz", "r", "gzip", "plain"},
		{"packed.jsonl.gz", "o", "r.jsonl", "gzip", "plain"},
		{"packed.jsonl.gz", "o.jsonl", "r", "plain", "gzip"},
		{"packed.jsonl.gz", "o.jsonl", "r.gz", "plain", "gzip"},
	} {
		_, stderr, status := drive(t, "", "-out", tt.out, "-rejects", tt.rejects, tt.in)
		if status != reported {
			t.Fatalf("%v: status %d, %s", tt, status, stderr)
		}
		if got := form(tt.out, line("a", story)+"\n"); got != tt.isOut {
			t.Errorf("%v: what stays is %q", tt, got)
		}
		if got := form(tt.rejects, bad); got != tt.isRejects {
			t.Errorf("%v: the rejects are %q", tt, got)
		}
		_, _ = os.Remove(tt.out), os.Remove(tt.rejects)
	}
	for name, want := range map[string]string{"r.csv": "r.csv is named as a table", "r.jsonl.bz2": "cannot be written as bzip2"} {
		if _, stderr, status := drive(t, "", "-out", "o.jsonl", "-rejects", name, "in.jsonl"); status != failed || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %s", name, status, stderr)
		}
	}
	if got := names(t); len(got) != 2 {
		t.Errorf("left are %q", got)
	}
}

// Annotating again, in place, changes nothing if nothing has changed, and what only looks annotated
// is left alone.
func TestAnnotateTwice(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "in.jsonl", line("a", story)+"\n{\n"+line("b", story)+"\n")
	write(t, "in.csv", "id,text\na,"+story+"\nb,"+story+"\nshort\n")
	for _, name := range []string{"in.jsonl", "in.csv"} {
		var once string
		for n := range 3 {
			if _, stderr, status := drive(t, "", "-annotate", "-out", name, name); status != reported {
				t.Fatalf("%s: status %d, %s", name, status, stderr)
			}
			if n == 0 {
				once = read(t, name)
			}
		}
		if got := read(t, name); got != once || strings.Count(got, "similarity") != strings.Count(once, "similarity") {
			t.Errorf("%s: once %s, again %s", name, once, got)
		}
	}
	theirs := strings.Replace(line("a", story), "{", `{"relation":"isPartOf",`, 1) + "\n"
	write(t, "theirs.jsonl", theirs)
	if _, stderr, status := drive(t, "", "-annotate", "-out", "theirs.jsonl", "theirs.jsonl"); status != failed || read(t, "theirs.jsonl") != theirs ||
		!strings.Contains(stderr, `theirs.jsonl: line 1: field "relation" is there already`) {
		t.Errorf("theirs: status %d, %s", status, stderr)
	}
}

// A quote that is never closed is said, and what is after it is in one part of the output or the
// other.
func TestUnclosedQuote(t *testing.T) {
	t.Chdir(t.TempDir())
	const head = "id,text\n"
	good, rest := "a,"+story+"\n", "b,\"no end\nc,"+story+"\nd,"+elsewhere+"\n"
	write(t, "in.csv", head+good+rest)
	const said = "dedup: in.csv:3: the quote that begins in line 3 is not closed: the rest of the file, 3 lines, is one row\n"
	_, stderr, status := drive(t, "", "-out", "o.csv", "in.csv")
	if status != reported || !strings.Contains(stderr, said) || !strings.Contains(stderr, "2 records in 1 file: 1 kept, 0 removed, 1 passed through") || read(t, "o.csv") != head+good+rest {
		t.Errorf("status %d, %q, %s", status, read(t, "o.csv"), stderr)
	}
	_, stderr, status = drive(t, "", "-out", "o.csv", "-rejects", "r.csv", "in.csv")
	if status != reported || !strings.Contains(stderr, said) || read(t, "o.csv") != head+good || read(t, "r.csv") != head+rest {
		t.Errorf("status %d, %q, %q, %s", status, read(t, "o.csv"), read(t, "r.csv"), stderr)
	}
}
