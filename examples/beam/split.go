package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"github.com/neardup/neardup/examples/internal/articles"
)

// A split is a part of a file: the lines that begin in it.
type split struct {
	path     string
	from, to int64
}

func (s split) encode() []byte {
	return append(binary.AppendUvarint(binary.AppendUvarint(nil, uint64(s.from)), uint64(s.to)), s.path...)
}

func decodeSplit(data []byte) (split, error) {
	b := block{b: data}
	s := split{from: int64(b.uvarint()), to: int64(b.uvarint())}
	s.path = string(b.b)
	return s, b.err
}

// List lists the splits of the input, numbered in the order of the names of the files. Each number
// is a key of its own, so that splits are spread over all workers whatever the number of files.
type List struct{ Config Config }

// ProcessElement is called once.
func (f *List) ProcessElement(ctx context.Context, _ []byte, emit func(int64, []byte)) error {
	fs, err := filesystem.New(ctx, f.Config.Input)
	if err != nil {
		return err
	}
	defer fs.Close()
	names, err := fs.List(ctx, f.Config.Input)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("no file matches %q", f.Config.Input)
	}
	slices.Sort(names)
	number := int64(0)
	for _, name := range names {
		size, err := fs.Size(ctx, name)
		if err != nil {
			return err
		}
		for from := int64(0); from < size; from += f.Config.Split {
			emit(number, split{name, from, min(size, from+f.Config.Split)}.encode())
			number++
		}
	}
	return nil
}

const longestLine = 64 << 20 // bytes

// lines calls f for each line of a split that is not blank, with its number in the split. A line
// that is too long comes as nil.
func (s split) lines(ctx context.Context, f func(number int, line []byte) error) (err error) {
	fs, err := filesystem.New(ctx, s.path)
	if err != nil {
		return err
	}
	defer fs.Close()
	file, err := fs.OpenRead(ctx, s.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	at := max(0, s.from-1) // the line that begins before the split ends in it, or right before it
	if seeker, ok := file.(io.Seeker); ok {
		_, err = seeker.Seek(at, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, file, at)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	r := bufio.NewReaderSize(file, 1<<18)
	if s.from > 0 {
		n, err := skipLine(r)
		if err != nil {
			return ended(s.path, err)
		}
		at += n
	}
	var line []byte
	for number := 0; at < s.to; number++ {
		line, err = articles.ReadLine(r, line[:0], longestLine)
		long := errors.Is(err, articles.ErrLongLine)
		if err != nil && !long && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: %w", s.path, err)
		}
		last := errors.Is(err, io.EOF)
		switch {
		case long:
			return fmt.Errorf("%s: the line at byte %d has more than %d bytes", s.path, at, longestLine)
		case len(trim(line)) > 0:
			if err := f(number, trim(line)); err != nil {
				return err
			}
		}
		at += int64(len(line))
		if last {
			break
		}
	}
	return nil
}

func trim(line []byte) []byte {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r' || line[len(line)-1] == ' ') {
		line = line[:len(line)-1]
	}
	return line
}

// skipLine reads to the end of a line and returns the number of its bytes.
func skipLine(r *bufio.Reader) (n int64, err error) {
	for {
		part, err := r.ReadSlice('\n')
		n += int64(len(part))
		if !errors.Is(err, bufio.ErrBufferFull) {
			return n, err
		}
	}
}

// ended passes over the end of a file.
func ended(path string, err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}
