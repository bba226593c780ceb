//go:build unix

package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/neardup/neardup/shingle"
)

// judge reads a row and prints it with the recall and precision of DIR/pairs: numbers of texts, two
// a line.
func judge(name, dir, datasets string) error {
	s, err := big(name)
	if err != nil {
		return err
	}
	var r row
	if err := json.NewDecoder(os.Stdin).Decode(&r); err != nil {
		return fmt.Errorf("no row: %w", err)
	}
	listed, err := listedTexts(dir, s)
	if err != nil {
		return err
	}
	number := map[string]int{}
	ids, err := os.ReadFile(filepath.Join(dir, name+".ids"))
	if err != nil {
		return err
	}
	for i, id := range strings.Split(strings.TrimSuffix(string(ids), "\n"), "\n") {
		if _, ok := number[id]; !ok {
			number[id] = i
		}
	}
	wanted := map[[2]int]bool{}
	err = eachLine(filepath.Join(datasets, name, s.pairs), func(line []byte) error {
		f := strings.Split(string(line), "\t")
		if f[0] == "id1" {
			return nil
		}
		if len(f) < 3 {
			return fmt.Errorf("%d columns, want at least 3", len(f))
		}
		j, err := strconv.ParseFloat(f[2], 64)
		if err != nil {
			return err
		}
		a, b := number[f[0]], number[f[1]]
		if j >= 0.8 && listed[a] && listed[b] {
			wanted[[2]int{min(a, b), max(a, b)}] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	right, wrong := map[[2]int]bool{}, map[[2]int]bool{}
	err = eachLine(filepath.Join(dir, "pairs"), func(line []byte) error {
		var a, b int
		if _, err := fmt.Sscan(string(line), &a, &b); err != nil {
			return err
		}
		p := [2]int{min(a, b), max(a, b)}
		switch {
		case a == b || !listed[a] || !listed[b]:
		case wanted[p]:
			right[p] = true
		default:
			wrong[p] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.Recall = float64(len(right)) / float64(max(1, len(wanted)))
	if r.Peer != "neardup" { // it finds more than the list has
		r.Precision = float64(len(right)) / float64(max(1, len(right)+len(wrong)))
	}
	return emit(r)
}

// listedTexts says of each text whether the list of pairs speaks of it.
func listedTexts(dir string, s bigSet) (listed []bool, err error) {
	sh, err := shingle.New(shingle.Config{View: shingle.Whole, Size: s.size})
	if err != nil {
		return nil, err
	}
	var features []uint64
	return listed, each(filepath.Join(dir, s.name), func(text string) error {
		ok := s.least == 0
		if !ok {
			features = sh.Append(features[:0], text)
			ok = len(shingle.NewSet(features)) >= s.least
		}
		listed = append(listed, ok)
		return nil
	})
}

// eachLine calls f with the lines of a file, unpacked if its name ends in .gz.
func eachLine(path string, f func(line []byte) error) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var r io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(file); err != nil {
			return err
		}
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		if err := f(lines.Bytes()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return lines.Err()
}
