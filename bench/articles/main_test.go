package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever the number of files, the articles are the same.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	all := func(args ...string) string {
		t.Helper()
		prefix := filepath.Join(t.TempDir(), "a")
		if err := run(append(args, "-output", prefix), &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(prefix + "-*.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(data)
		}
		return b.String()
	}
	one, three := all("-n", "40", "-files", "1", "-sites", "3"), all("-n", "40", "-files", "3", "-sites", "3")
	if one != three || strings.Count(one, "\n") != 40 {
		t.Errorf("%d lines in one file and %d in three", strings.Count(one, "\n"), strings.Count(three, "\n"))
	}
	texts := make(map[string]bool)
	for _, line := range strings.Split(strings.TrimSpace(all("-n", "40", "-files", "2", "-kind", "copies")), "\n") {
		var a struct{ Text string }
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		texts[a.Text] = true
	}
	if len(texts) != 1 {
		t.Errorf("%d texts among copies of one", len(texts))
	}
	if got := all("-n", "5", "-files", "1", "-kind", "paragraph", "-copies", "0"); strings.Count(got, shared[:100]) != 5 {
		t.Error("the paragraph is not in all articles")
	}
	for _, args := range [][]string{{}, {"-output", dir, "-n", "0"}, {"-output", dir, "-kind", "none"}, {"-output", dir, "-copies", "91"}} {
		if err := run(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
