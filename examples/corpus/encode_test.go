package main

import (
	"testing"

	"golang.org/x/net/html/charset"
)

// encode returns text in an encoding.
func encode(t *testing.T, name, text string) []byte {
	t.Helper()
	e, _ := charset.Lookup(name)
	if e == nil {
		t.Fatalf("no encoding %s", name)
	}
	data, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
