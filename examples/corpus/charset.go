package main

import (
	"bytes"
	"strings"

	"github.com/wlynxg/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
)

// convert makes UTF-8 of text in another encoding, which it tells by what the text looks like.
func convert(data []byte) (text []byte, encoding string, ok bool) {
	sample := data
	if len(sample) > 1<<16 {
		sample = sample[:1<<16]
	}
	found := chardet.Detect(sample)
	if found.Encoding == "" || found.Confidence < 0.2 {
		return nil, "", false
	}
	// What ISO 8859-1 does not have, its superset does.
	e, name := charset.Lookup(strings.ToLower(found.Encoding))
	if e == nil {
		return nil, "", false
	}
	text, err := e.NewDecoder().Bytes(data)
	if err != nil {
		return nil, "", false
	}
	if name == "windows-1254" { // which is windows-1252 but for six letters of Turkish
		if western, err := charmap.Windows1252.NewDecoder().Bytes(data); err == nil && bytes.Equal(western, text) {
			name = "windows-1252"
		}
	}
	return text, name, true
}
