package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
)

// An input reads articles from files and remembers where each came from.
type input struct {
	stdin    io.Reader
	stderr   io.Writer
	maxText  int
	files    []string // "-" is standard input
	size     int64    // of all files, -1 if one is a stream
	read     int      // files
	errs     int      // things reported
	ids      []string // of the articles handed on, in order
	at       []place  // of the same articles
	lost     map[int]bool
	kept     map[string]neardup.Article // texts, for a report; nil if there is none
	progress progress
}

// A place is a line of a file; line 0 is the file as a whole.
type place struct {
	file, line uint32
}

func newInput(stdin io.Reader, stderr io.Writer, maxText int) *input {
	return &input{stdin: stdin, stderr: stderr, maxText: maxText, progress: newProgress(stderr)}
}

// find expands paths into files.
func (in *input) find(paths []string) {
	add := func(path string, size int64) {
		in.files = append(in.files, path)
		if size < 0 || in.size < 0 {
			in.size = -1
		} else {
			in.size += size
		}
	}
	for _, path := range paths {
		if path == "-" {
			add(path, -1)
			continue
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			in.report(path, 0, err)
		case info.IsDir():
			// WalkDir goes in lexical order and does not follow links to directories, so it ends.
			_ = filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
				if err != nil {
					in.report(path, 0, err)
					return nil
				}
				if d.IsDir() || format(path) == "" {
					return nil
				}
				switch info, err := os.Stat(path); {
				case err != nil:
					in.report(path, 0, err)
				case info.Mode().IsRegular():
					add(path, info.Size())
				}
				return nil
			})
		case format(path) == "":
			in.report(path, 0, errors.New("want a .txt, .jsonl or .jsonl.gz file or a directory"))
		case info.Mode().IsRegular():
			add(path, info.Size())
		default:
			add(path, -1)
		}
	}
}

// format returns "txt" or "jsonl", or "" for other files.
func format(path string) string {
	switch name := strings.ToLower(path); {
	case name == "-", strings.HasSuffix(name, ".jsonl"), strings.HasSuffix(name, ".jsonl.gz"):
		return "jsonl"
	case strings.HasSuffix(name, ".txt"):
		return "txt"
	}
	return ""
}

// report says what is wrong and where; reading goes on.
func (in *input) report(file string, line int, err error) {
	in.errs++
	in.progress.clear()
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err // the file is named already
	}
	fmt.Fprintf(in.stderr, "dedup: %s: %v\n", where(file, line), err)
}

func where(file string, line int) string {
	if file == "-" {
		file = "standard input"
	}
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// articles reads all files in turn.
func (in *input) articles(ctx context.Context) iter.Seq[neardup.Article] {
	return func(yield func(neardup.Article) bool) {
		in.progress.start(in.size)
		for i, name := range in.files {
			if ctx.Err() != nil {
				return
			}
			more := true
			emit := func(line int, a neardup.Article) bool {
				in.ids = append(in.ids, a.ID)
				in.at = append(in.at, place{uint32(i), uint32(line)})
				if _, ok := in.kept[a.ID]; in.kept != nil && !ok {
					in.kept[a.ID] = a
				}
				more = yield(a)
				in.progress.show(len(in.ids))
				return more
			}
			in.file(name, emit)
			if !more {
				return
			}
		}
	}
}

// file reads one file until emit returns false.
func (in *input) file(name string, emit func(line int, a neardup.Article) bool) {
	var r io.Reader = in.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			in.report(name, 0, err)
			return
		}
		defer f.Close()
		r = f
	}
	in.read++
	r = in.progress.count(r)
	if format(name) == "txt" {
		in.text(name, r, emit)
		return
	}
	in.lines(name, r, emit)
}

// text reads a .txt file: one article, whose ID is its path and whose source is its folder.
func (in *input) text(name string, r io.Reader, emit func(int, neardup.Article) bool) {
	data, err := io.ReadAll(io.LimitReader(r, int64(in.maxText)+1))
	if err != nil {
		in.report(name, 0, err)
		return
	}
	if data, err = plain(data); err != nil {
		in.report(name, 0, err)
		return
	}
	id := filepath.ToSlash(name)
	emit(0, neardup.Article{ID: id, Text: string(data), Source: path.Dir(id)})
}

// plain removes a byte order mark. Bytes that are not UTF-8 are left to the library, except for UTF-16, which
// would come out as noise.
func plain(data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, errors.New("text is UTF-16, want UTF-8")
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

// lines reads JSON Lines, compressed or not, whatever the name says.
func (in *input) lines(name string, r io.Reader, emit func(int, neardup.Article) bool) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			in.report(name, 0, err)
			return
		}
		buffered = bufio.NewReaderSize(z, 1<<16)
	}
	limit := 4*in.maxText + 1<<16 // JSON may escape every character
	var buf []byte
	for line := 1; ; line++ {
		var err error
		buf, err = articles.ReadLine(buffered, buf[:0], limit)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, articles.ErrLongLine) {
			// What was read of this line is incomplete.
			in.report(name, line, err)
			return
		}
		if errors.Is(err, articles.ErrLongLine) {
			in.report(name, line, fmt.Errorf("line is longer than %d bytes", limit))
			continue
		}
		if data := bytes.TrimSpace(buf); len(data) > 0 {
			if line == 1 {
				var bad error
				if data, bad = plain(data); bad != nil {
					in.report(name, line, bad)
					return
				}
			}
			a, problem := articles.Decode(data)
			if problem != nil {
				in.report(name, line, problem)
			}
			if a.ID != "" && !emit(line, a) {
				return
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
	}
}

// refused reports the articles that the detector did not take.
func (in *input) refused(err error) {
	list, ok := err.(interface{ Unwrap() []error })
	if !ok {
		if err != nil {
			in.report("dedup", 0, err)
		}
		return
	}
	in.lost = make(map[int]bool)
	first := make(map[string]int) // where an ID was seen first
	for _, err := range list.Unwrap() {
		var ae *neardup.ArticleError
		if !errors.As(err, &ae) {
			in.report("dedup", 0, err)
			continue
		}
		in.lost[ae.Index] = true
		if errors.Is(err, neardup.ErrDuplicateID) {
			first[ae.ID] = -1
		}
	}
	if len(first) > 0 {
		for i, id := range in.ids {
			if n, ok := first[id]; ok && n < 0 && !in.lost[i] {
				first[id] = i
			}
		}
	}
	for _, err := range list.Unwrap() {
		var ae *neardup.ArticleError
		if !errors.As(err, &ae) {
			continue
		}
		at := in.at[ae.Index]
		if i, ok := first[ae.ID]; ok && i >= 0 && errors.Is(err, neardup.ErrDuplicateID) {
			before := in.at[i]
			in.report(in.files[at.file], int(at.line), fmt.Errorf("ID %q is taken by %s; article passed over", ae.ID, where(in.files[before.file], int(before.line))))
			continue
		}
		in.report(in.files[at.file], int(at.line), fmt.Errorf("article %q passed over: %w", ae.ID, ae.Err))
	}
}

// accepted lists the IDs of the articles that the detector took, in the order of the input.
func (in *input) accepted() []string {
	ids := make([]string, 0, len(in.ids))
	for i, id := range in.ids {
		if !in.lost[i] {
			ids = append(ids, id)
		}
	}
	return ids
}
