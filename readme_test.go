package neardup_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The Go code of the README is copied from tested Examples, and its program is the one of examples/quickstart.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "examples/quickstart/main.go", "examples/quickstart/main_test.go")
	var examples, outputs strings.Builder
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			if filepath.Base(name) != "main.go" {
				line = strings.TrimPrefix(line, "\t")
			}
			examples.WriteString(line)
			outputs.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "\t"), "// "))
		}
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```\n\n((?:    [^\n]*\n)+)").FindAllStringSubmatch(string(readme), -1)
	if n := strings.Count(string(readme), "```go"); n != len(blocks) || n < 2 {
		t.Fatalf("%d blocks of code, %d of them followed by what they print; want at least 2, each", n, len(blocks))
	}
	for _, b := range blocks {
		if !strings.Contains(examples.String(), b[1]) {
			t.Errorf("no Example has the code\n%s", b[1])
		}
		if printed := strings.ReplaceAll(b[2], "    ", ""); !strings.Contains(outputs.String(), "Output:\n"+printed) {
			t.Errorf("no Example prints\n%s", printed)
		}
	}
}
