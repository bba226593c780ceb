package dedup

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A use is a path, and what it is for.
type use struct {
	flag string      // "" for what is read
	path string      // "-" is standard input
	info fs.FileInfo // nil if there is nothing yet
}

func newUse(flag, path string) use {
	u := use{flag: flag, path: path}
	if info, err := os.Stat(path); err == nil {
		u.info = info
	}
	return u
}

func (u use) String() string {
	switch {
	case u.path == "" && u.flag != "":
		return u.flag
	case u.flag != "":
		return u.flag + " " + where(u.path, 0)
	}
	return where(u.path, 0)
}

// checkPaths refuses to write over what is read, to write two things to one file, and to write
// where it cannot be done or where the next run would read it. Only -out may be the one file that
// is read.
func (j *job) checkPaths(stdin io.Reader, stdout io.Writer) error {
	written := j.writtenPaths()
	for _, u := range written {
		if err := j.writable(u); err != nil {
			return err
		}
	}
	if len(written) > 0 {
		for _, p := range append(append([]string{j.decisions}, j.against...), j.paths...) {
			if p != "" && p != "-" && leftover(realPath(p)) {
				return fmt.Errorf("%s is the leftover of a run that was killed, which the next one may remove: give it another name", where(p, 0))
			}
		}
	}
	if u := stream("standard output", stdout); u.info != nil {
		written = append(written, u)
	}
	for i, u := range written {
		for _, v := range written[i+1:] {
			if same(u, v) {
				return fmt.Errorf("%v and %v are the same file", u, v)
			}
			if err := j.nested(u, v); err != nil {
				return err
			}
			if err := j.nested(v, u); err != nil {
				return err
			}
		}
	}
	if j.decisions != "" {
		d := newUse("-decisions", j.decisions)
		if _, err := os.Stat(j.decisions); err != nil {
			return err
		}
		for _, u := range written {
			if same(u, d) {
				return fmt.Errorf("%v and %v are the same file", u, d)
			}
		}
	}
	for _, u := range written {
		if err := j.spares(u, stdin); err != nil {
			return err
		}
	}
	return nil
}

// writtenPaths lists what the program will write.
func (j *job) writtenPaths() (uses []use) {
	for _, u := range [][2]string{{"-out", j.out}, {"-rejects", j.rejects}, {"-report", j.page}} {
		if u[1] != "" {
			uses = append(uses, newUse(u[0], u[1]))
		}
	}
	return uses
}

// folder reports whether a folder is written to a path, and not a file.
func (j *job) folder(u use) bool {
	return j.found.Folder && (u.flag == "-out" || u.flag == "-rejects")
}

// writable fails where a path cannot be written to, so far as can be told before.
func (j *job) writable(u use) error {
	if j.dry && u.flag != "-report" {
		return nil
	}
	if u.info == nil {
		dir, _ := filepath.Split(trimmed(u.path)) // not Dir, to which a/.. is nothing
		if _, err := os.Stat(dir); dir != "" && errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%v: there is no such folder", u)
		}
		return nil
	}
	if j.folder(u) {
		if !u.info.IsDir() {
			return fmt.Errorf("%v is there already, and no folder: several files are written to a folder", u)
		}
		return vacant(u.path)
	}
	switch mode := u.info.Mode(); {
	case mode.IsDir():
		return fmt.Errorf("%v is a folder, want a file", u)
	case !mode.IsRegular():
		return fmt.Errorf("%v is not a regular file", u)
	}
	return nil
}

// nested fails if u is in the folder that v is written as, which has nothing else in it.
func (j *job) nested(u, v use) error {
	if j.folder(v) && u.path != "" && below(u.path, v) {
		return fmt.Errorf("%v is inside of %v, which is written as a whole", u, v)
	}
	return nil
}

// spares fails if what is written to u is something that is read, or would be read by the next run.
func (j *job) spares(u use, stdin io.Reader) error {
	over := func(v use) error {
		if u.path == "" {
			return fmt.Errorf("%v is %v, which is read", u, v)
		}
		return fmt.Errorf("%v would replace %v, which is read", u, v)
	}
	inPlace := u.flag == "-out" && !j.found.Folder
	for i, p := range append(append([]string(nil), j.against...), j.paths...) {
		if p == "-" {
			if v := stream("", stdin); v.info != nil && !(inPlace && i >= len(j.against)) && same(u, v) {
				v.path = p
				return over(v)
			}
			continue
		}
		v := newUse("", p)
		switch {
		case v.info != nil && v.info.IsDir():
			if u.path != "" && below(u.path, v) && j.wouldRead(u) {
				return fmt.Errorf("%v is inside of %v, which is read: the next run would read it, too", u, v)
			}
		case inPlace && i >= len(j.against):
		case same(u, v):
			return over(v)
		}
	}
	if u.info == nil {
		return nil
	}
	for _, f := range j.found.Files {
		if f.Path == "-" || inPlace && !f.Old {
			continue
		}
		if v := newUse("", f.Path); same(u, v) {
			return over(v)
		}
	}
	return nil
}

// wouldRead reports whether what is written to u is read if it is in a folder that is.
func (j *job) wouldRead(u use) bool {
	if u.flag != "-report" {
		return true
	}
	format, _ := j.program.Set.ByName(u.path)
	return format != nil
}

// leftover reports whether a path has a name of those that files and folders have while they are
// written, and which are removed before others are.
func leftover(path string) bool {
	for _, name := range strings.FieldsFunc(path, separates) {
		if strings.HasPrefix(name, ".") && strings.Contains(name, ".neardup-") {
			return true
		}
	}
	return false
}

// stream returns the use of a stream that is a regular file, and one without info if it is none.
func stream(flag string, s any) use {
	if f, ok := s.(*os.File); ok && f != nil {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return use{flag: flag, info: info}
		}
	}
	return use{flag: flag}
}

// same reports whether two paths lead to one file, by whatever links and spelling, or would once it
// is there.
func same(a, b use) bool {
	switch {
	case a.info != nil && b.info != nil:
		return os.SameFile(a.info, b.info)
	case a.info != nil || b.info != nil || a.path == "" || b.path == "":
		return false
	}
	return samePath(realPath(a.path), realPath(b.path))
}

// samePath is same for two real paths where there may be nothing.
func samePath(a, b string) bool {
	if a == b {
		return true
	}
	x, errA := os.Stat(a)
	y, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(x, y)
	}
	dirA, dirB := filepath.Dir(a), filepath.Dir(b)
	if (errA == nil) != (errB == nil) || dirA == a || dirB == b || !strings.EqualFold(filepath.Base(a), filepath.Base(b)) || !samePath(dirA, dirB) {
		return false
	}
	return filepath.Base(a) == filepath.Base(b) || foldsCase(dirA)
}

// foldsCase reports whether names that differ in case are the same in a folder, by what is there.
func foldsCase(dir string) bool {
	for {
		if f, err := os.Open(dir); err == nil {
			names, _ := f.Readdirnames(100)
			f.Close()
			for _, name := range names {
				if is, known := swapped(filepath.Join(dir, name)); known {
					return is
				}
			}
		}
		if is, known := swapped(dir); known {
			return is
		}
		if filepath.Dir(dir) == dir {
			return false
		}
		dir = filepath.Dir(dir)
	}
}

// swapped reports whether the name of something leads to it in the other case, too. That is not
// known if there is no letter in it.
func swapped(path string) (is, known bool) {
	base := filepath.Base(path)
	other := strings.Map(func(c rune) rune {
		if unicode.IsUpper(c) {
			return unicode.ToLower(c)
		}
		return unicode.ToUpper(c)
	}, base)
	if other == base {
		return false, false
	}
	a, err := os.Lstat(path)
	if err != nil {
		return false, false
	}
	b, err := os.Lstat(filepath.Join(filepath.Dir(path), other))
	return err == nil && os.SameFile(a, b), true
}

// below reports whether a path is in a folder, or is it. A link is where it is, and where it leads
// to.
func below(path string, folder use) bool {
	if folder.info == nil { // not there yet
		of := realPath(folder.path)
		return within(realPath(path), func(p string) bool { return samePath(p, of) })
	}
	is := func(p string) bool {
		info, err := os.Stat(p)
		return err == nil && os.SameFile(info, folder.info)
	}
	path = trimmed(path)
	return within(realPath(path), is) || within(realPath(filepath.Dir(path)), is)
}

// within reports whether a path or a folder that it is in is one.
func within(path string, is func(string) bool) bool {
	for {
		if is(path) {
			return true
		}
		dir := filepath.Dir(path)
		if dir == path {
			return false
		}
		path = dir
	}
}

// trimmed returns a path without the separators at its end.
func trimmed(path string) string { return strings.TrimRightFunc(path, separates) }

func separates(c rune) bool { return c < utf8.RuneSelf && os.IsPathSeparator(byte(c)) }

// realPath returns the absolute path without links that a path leads to. What is not there yet is a
// path all the same, and so is what a link leads to that leads to nothing.
func realPath(path string) string {
	if !filepath.IsAbs(path) {
		if dir, err := os.Getwd(); err == nil {
			path = dir + string(filepath.Separator) + path // not Join, to which a/.. is nothing even if a is a link
		}
	}
	return realFrom(path, 40)
}

// realFrom is realPath of an absolute path, through so many links at most.
func realFrom(path string, links int) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	dir, base := filepath.Split(trimmed(path))
	if base == "" || dir == "" || links == 0 {
		return filepath.Clean(path)
	}
	if link, err := os.Readlink(dir + base); err == nil {
		if !filepath.IsAbs(link) {
			link = dir + link
		}
		return realFrom(link, links-1)
	}
	return filepath.Join(realFrom(dir, links), base)
}
