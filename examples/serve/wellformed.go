package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/neardup/neardup/examples/internal/articles"
)

// wellFormed refuses what is not a JSON object in UTF-8 to its last byte, and one that has a field
// twice, of which one would be taken without a word. It is several times as fast as [json.Valid].
func wellFormed(data []byte) *problem {
	if !utf8.Valid(data) {
		return fail(http.StatusBadRequest, "not JSON: it is not in UTF-8")
	}
	var p *problem
	seen := make(map[string]bool)
	err := articles.EachField(data, func(name string, value []byte, _ int) {
		switch {
		case p != nil:
		case seen[name]:
			p = fail(http.StatusBadRequest, "field %q is there twice", articles.Abbreviate(name, 40))
		case value[0] == '"' && !goodString(value): // all else has been looked into
			p = fail(http.StatusBadRequest, "not JSON: %v", json.Unmarshal(value, new(string)))
		}
		seen[name] = true
	})
	if err != nil {
		return fail(http.StatusBadRequest, "%v", err)
	}
	return p
}

// goodString reports whether what stands between two quotes is a JSON string.
func goodString(s []byte) bool {
	for _, c := range s {
		if c < ' ' {
			return false
		}
	}
	for s = s[1 : len(s)-1]; ; {
		n := bytes.IndexByte(s, '\\')
		if n < 0 {
			return true
		}
		if s = s[n+1:]; len(s) == 0 || bytes.IndexByte([]byte(`"\/bfnrtu`), s[0]) < 0 {
			return false
		}
		c := s[0]
		if s = s[1:]; c != 'u' {
			continue
		}
		if len(s) < 4 || len(bytes.Trim(s[:4], "0123456789abcdefABCDEF")) > 0 {
			return false
		}
		s = s[4:]
	}
}

// goodID refuses IDs that may be taken for others: with a NUL, at which many programs end them, and
// with U+FFFD, which stands for whatever could not be read.
func goodID(id string) *problem {
	switch {
	case strings.IndexByte(id, 0) >= 0:
		return fail(http.StatusBadRequest, "id %q has a NUL", articles.Abbreviate(id, 40))
	case strings.ContainsRune(id, utf8.RuneError):
		return fail(http.StatusBadRequest, "id %q has a character that is none, U+FFFD or half of a surrogate pair", articles.Abbreviate(id, 40))
	}
	return nil
}
