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
bmRkARoBAAEAAPKPM5jGavvGAAAAAAAAAAAAAAAAAAAAAAAA4D+amZmZmZnpP5qZmZmZmek/AAAAAAAAAAAQAAAA6AMAAOgDAAAAAAAAAwAAAAMAAA
BvYWsDAAAAZWxtAAAAAAEAAAAAGgAAAIAGCnMo2gzFlqYGMeMu81g9v+qxqlUAEAAGFgAAABcAAAADAAAAAQAAAGEAAAAABQAAAADKmjsAAAAAAAAA
AAEAAABiAQAAAP////8AAAAAAAAAAAAAAAAFAAAAZW1wdHkCAAAA/////wAAAAAAAAAA/////21oaQEwAAECEAAEAAEAAQAQJwAAAAAAAAAAAAABAA
AAAQHWySeKMbUHhFvMR6lEH7AzaaaeHeinwYvWa5U/TkwBCLdMEcE=
`

func TestGoldenEncoding(t *testing.T) {
	cfg := whole
	cfg.K, cfg.Recall, cfg.MaxText, cfg.Containment = 16, 0.8, 1000, 0.8 // defaults may change
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
	want := []Pair{{"a", "b", Relation{Kind: Same, Reason: EachInOther, Jaccard: 1, ContainmentAInB: 1, ContainmentBInA: 1, Shared: 7}}}
	got := mustPairs(t, mustLoad(t, golden))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
}
