package main

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/neardup/neardup/examples/internal/formats"
)

// Whatever an archive is, what was read of it is what it was.
func FuzzArchive(f *testing.F) {
	for i, s := range records()[:8] {
		f.Add([]byte(s), i%2 == 0)
	}
	f.Add([]byte(strings.Join(records()[:8], "")), true)
	f.Add([]byte("WARC/1.0\r\nContent-Length: 1\r\n\r\nx"), false)
	f.Fuzz(func(t *testing.T, data []byte, packed bool) {
		a := &archive{limit: 1 << 10}
		if packed {
			data = []byte(gzipped(string(data), "x"))
			a.tee = &tee{r: bufio.NewReader(bytes.NewReader(data))}
		} else {
			a.plain = bufio.NewReader(bytes.NewReader(data))
		}
		var read []byte
		for {
			var r formats.Record
			err := a.Next(&r)
			if err == nil {
				read = append(read, r.Raw...)
				continue
			}
			if err == io.EOF && !bytes.Equal(read, data) || !bytes.HasPrefix(data, read) {
				t.Errorf("%q is read as %q, %v", data, read, err)
			}
			return
		}
	})
}

// The pieces of a feed are all of its bytes.
func FuzzFeed(f *testing.F) {
	f.Add("<rss><channel>" + item("1", story) + "<!-- <item> -->" + item("2", other) + "</channel></rss>")
	f.Add("<feed><entry a='x'></entry ><entry/><entry></feed>")
	f.Add("<item><![CDATA[</item>")
	f.Fuzz(func(t *testing.T, s string) {
		for _, prefixed := range []bool{false, true} {
			all, n := "", 0
			pieces, items := cut([]byte(s), prefixed)
			for _, p := range pieces {
				if len(p.data) == 0 {
					t.Error("an empty piece")
				}
				if p.item {
					n++
				}
				all += string(p.data)
			}
			if all != s || n != items {
				t.Errorf("%q is cut into %q, with %d items of %d", s, all, n, items)
			}
		}
	})
}
