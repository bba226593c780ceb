package neardup

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// goldenV1 is a saved detector, written by version 1. It is never rewritten: every later version has to read it.
const goldenV1 = `
bmRkAQABAACnZPJSnwgUDAAAAAAAAAAAAADgP5qZmZmZmek/mpmZmZmZ6T8QAAAA6AMAAOgDAAAAAAAAAwAAAAMAAABvYWsDAAAAZWxtAAAAAA
EAAADFlHd691FwxAcAAAAAAwAAAAEAAABhAAAAAAUAAAAAypo7AAAAAAAAAAABAAAAYgEAAAD/////AAAAAAAAAAAAAAAABQAAAGVtcHR5AgAA
AP////8AAAAAAAAAAP////9taGkBAQgQAAUAAQAEABAnAAAAAAAAAAAAAAEAAAAAAAAAAQAAAACCIU2H8RaUT5vF5thyTmzSMbUHhOtFgccsG2
ItVFqo2vI437oSP5LPIDCaco2EwE5FIV67
`

func TestGoldenEncoding(t *testing.T) {
	cfg := whole
	cfg.K, cfg.Recall, cfg.MaxText = 16, 0.8, 1000
	d := mustNew(t, cfg)
	mustAdd(t, d,
		Article{ID: "a", Source: "oak", Time: time.Unix(1_000_000_000, 5), Text: "The ferry runs twice a day from June, says its owner."},
		Article{ID: "gone", Text: "What was here is no longer here."},
		Article{ID: "b", Source: "elm", Text: "the ferry RUNS twice a day from June — says its owner"},
		Article{ID: "empty"})
	d.Remove("gone")
	golden, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(goldenV1, "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	if got := encode(t, d); !bytes.Equal(got, golden) {
		t.Errorf("the encoding has changed: now it is\n%s", base64.StdEncoding.EncodeToString(got))
	}
	want := []Pair{{A: "a", B: "b", Kind: Same, Similarity: 1, Contained: 1, Contains: 1}}
	var got []Pair
	for p := range mustLoad(t, golden).Pairs() {
		got = append(got, p)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
}
