//go:build unix

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the sides found is judged by the exact list, among the texts that the list speaks of.
func TestJudge(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	long := "one two three four five six seven eight nine ten eleven"
	write("fi-news", strings.Repeat(long+"\x00", 4)+"too short a text\x00")
	write("fi-news.ids", "a\nb\nc\nd\ne\n")
	// a-b and c-d are true; a-c is listed below .8; e is too short for the list.
	write("sets/fi-news/exact_pairs_w3_J80.tsv", "id1\tid2\tj\tc\na\tb\t0.9\t1\nd\tc\t0.8\t1\na\tc\t0.7\t1\na\te\t1\t1\n")
	write("pairs", "1 0\n0 1\n2 0\n4 1\n")
	judged := func(row string) string {
		t.Helper()
		in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
		write("in", row)
		stdin, stdout := os.Stdin, os.Stdout
		defer func() { os.Stdin, os.Stdout = stdin, stdout }()
		var err error
		if os.Stdin, err = os.Open(in); err != nil {
			t.Fatal(err)
		}
		if os.Stdout, err = os.Create(out); err != nil {
			t.Fatal(err)
		}
		if err := run([]string{"judge", "fi-news", dir, filepath.Join(dir, "sets")}); err != nil {
			t.Fatal(err)
		}
		if err := os.Stdout.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if got := judged(`{"peer":"x","seconds":3}`); !strings.Contains(got, `"seconds":3`) || !strings.Contains(got, `"recall":0.5,"precision":0.5`) {
		t.Errorf("the row is %s", got)
	}
	if got := judged(`{"peer":"neardup"}`); strings.Contains(got, "precision") {
		t.Errorf("a row that finds more than the list has a precision: %s", got)
	}
}

func TestErrors(t *testing.T) {
	for _, args := range [][]string{{"nothing"}, {"end", "no set", t.TempDir(), "same"}, {"text", t.TempDir()}} {
		if err := run(args); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
