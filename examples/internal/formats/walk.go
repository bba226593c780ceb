package formats

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A Finding is the files of some paths, and what was passed over.
type Finding struct {
	Files []*File
	// Skipped counts the files in folders that were passed over, by reason; a reason that begins
	// with a dot is a kind of file that cannot be read.
	Skipped map[string]int
	// Folder is set if a path is a folder, or if there are several paths: then output is a folder
	// too.
	Folder bool
	set    *Set
	stdin  io.Reader
	all    bool
	force  Format
	report func(path string, err error)
}

// Find finds files. In folders hidden files and links are passed over unless all is set, and links
// to folders always. force, if not nil, is the format of paths that are files, whatever their
// names. report is told of paths that are nothing.
func (s *Set) Find(stdin io.Reader, all bool, force Format, report func(path string, err error)) *Finding {
	return &Finding{Skipped: make(map[string]int), set: s, stdin: stdin, all: all, force: force, report: report}
}

// Add adds the files of paths. Several folders, or files, of one name are an error.
func (x *Finding) Add(old bool, paths ...string) {
	for _, p := range paths {
		x.Folder = x.Folder || !old && len(paths) > 1
		if p == "-" {
			x.Files = append(x.Files, &File{Path: p, Rel: "stdin.jsonl", Old: old, Format: x.force, Size: -1, stdin: x.stdin})
			continue
		}
		info, err := os.Stat(p)
		switch {
		case err != nil:
			x.report(p, err)
		case info.IsDir():
			x.Folder = x.Folder || !old
			prefix := ""
			if len(paths) > 1 {
				prefix = filepath.Base(filepath.Clean(p))
			}
			x.walk(p, prefix, old)
		default:
			x.file(p, info, old)
		}
	}
}

// file adds a file that was named.
func (x *Finding) file(p string, info fs.FileInfo, old bool) {
	format, _ := x.set.ByName(p)
	if x.force != nil {
		format = x.force
	}
	f := &File{Path: p, Rel: filepath.Base(p), Old: old, Format: format, Size: -1}
	if info.Mode().IsRegular() {
		f.Size, f.mod = info.Size(), info.ModTime()
	}
	if ext := extension(p); format == nil {
		if hint, ok := x.set.Hints[ext]; ok {
			x.report(p, fmt.Errorf("is of a kind that is not read here: %s", hint))
			return
		}
	}
	x.Files = append(x.Files, f)
}

// walk adds the files of a folder, in lexical order.
func (x *Finding) walk(root, prefix string, old bool) {
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			x.report(name, err)
			return nil
		}
		if name != root && strings.HasPrefix(d.Name(), ".") && d.Name() != "." && !x.all {
			x.Skipped["hidden"]++
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			if d.Name() == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		if d.Type()&fs.ModeSymlink != 0 && !x.all {
			x.Skipped["link"]++
			return nil
		}
		info, err := os.Stat(name)
		switch {
		case err != nil:
			x.report(name, err)
			return nil
		case !info.Mode().IsRegular():
			x.Skipped["not a regular file"]++
			return nil
		}
		format, _ := x.set.ByName(name)
		if format == nil {
			x.Skipped[extension(name)]++
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			rel = filepath.Base(name)
		}
		x.Files = append(x.Files, &File{Path: name, Rel: filepath.Join(prefix, rel), Old: old, Format: format, Size: info.Size(), mod: info.ModTime()})
		return nil
	})
}

// extension is the last part of a name, in lower case, "no extension" if there is none.
func extension(name string) string {
	ext := strings.ToLower(path.Ext(filepath.ToSlash(name)))
	if ext == "" || ext == "." {
		return "no extension"
	}
	return ext
}

// Passed says what was passed over, most often first; "" if nothing was.
func (x *Finding) Passed() string {
	type reason struct {
		name string
		n    int
	}
	var all []reason
	total := 0
	for name, n := range x.Skipped {
		all = append(all, reason{name, n})
		total += n
	}
	if total == 0 {
		return ""
	}
	slices.SortFunc(all, func(a, b reason) int {
		if a.n != b.n {
			return b.n - a.n
		}
		return strings.Compare(a.name, b.name)
	})
	var parts []string
	rest := 0
	for i, r := range all {
		if i >= 6 {
			rest += r.n
			continue
		}
		parts = append(parts, fmt.Sprintf("%d %s", r.n, r.name))
	}
	if rest > 0 {
		parts = append(parts, fmt.Sprintf("%d others", rest))
	}
	return fmt.Sprintf("%d passed over (%s)", total, strings.Join(parts, ", "))
}

// Hint says which program reads what was passed over, "" if none is known to.
func (x *Finding) Hint() string {
	exts := make(map[string][]string) // by hint
	for ext := range x.Skipped {
		if h, ok := x.set.Hints[ext]; ok {
			exts[h] = append(exts[h], ext)
		}
	}
	var all []string
	for hint, list := range exts {
		slices.Sort(list)
		all = append(all, strings.Join(list, ", ")+": "+hint)
	}
	if len(all) == 0 {
		return "want " + x.set.kinds()
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// Clash returns two files that would be one in a folder of output, or nil.
func (x *Finding) Clash() (a, b *File) {
	seen := make(map[string]*File)
	for _, f := range x.Files {
		if f.Old {
			continue
		}
		if g := seen[f.Rel]; g != nil {
			return g, f
		}
		seen[f.Rel] = f
	}
	return nil, nil
}

// Streams reports whether a file is a stream, which can be read only once.
func (f *File) Stream() bool { return f.Size < 0 && f.spool == "" }

// Spool copies a stream to a temporary file, from which it can be read as often as need be, and
// which Unspool removes. When ctx ends, it returns, though the stream may have nothing to read.
func (f *File) Spool(ctx context.Context) error {
	tmp, err := os.CreateTemp("", "neardup-*")
	if err != nil {
		return err
	}
	f.spool = tmp.Name()
	done := make(chan error, 1)
	go func() { done <- f.copyTo(tmp) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// copyTo copies the stream to a file, which it closes.
func (f *File) copyTo(w *os.File) error {
	var r io.Reader = f.stdin
	if f.Path != "-" {
		in, err := os.Open(f.Path)
		if err != nil {
			_ = w.Close()
			return err
		}
		defer in.Close()
		r = in
	}
	_, err := io.Copy(w, r)
	if closeErr := w.Close(); err == nil {
		err = closeErr
	}
	return err
}

// Unspool removes what Spool has made.
func (f *File) Unspool() {
	if f.spool != "" {
		_ = os.Remove(f.spool)
		f.spool = ""
	}
}
