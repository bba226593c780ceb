package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/neardup/neardup/examples/internal/articles"
)

// wellFormed refuses what is not JSON in UTF-8 to its last byte, and an object that has a field twice,
// of which one would be taken without a word.
func wellFormed(data []byte) *problem {
	if !utf8.Valid(data) {
		return fail(http.StatusBadRequest, "not JSON: it is not in UTF-8")
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return fail(http.StatusBadRequest, "not JSON: %v", err)
	}
	return onlyOnce(data)
}

// onlyOnce refuses an object that has a field twice. What is no object is refused elsewhere.
func onlyOnce(data []byte) *problem {
	var again *string
	seen := make(map[string]bool)
	_ = articles.EachField(data, func(name string, _ []byte, _ int) {
		if seen[name] && again == nil {
			again = &name
		}
		seen[name] = true
	})
	if again != nil {
		return fail(http.StatusBadRequest, "field %q is there twice", articles.Abbreviate(*again, 40))
	}
	return nil
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
