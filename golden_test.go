package neardup

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// goldenV2 is a saved detector, written by version 2. It is never rewritten: every later version has to read it.
const goldenV2 = `
bmRkAj8BAAEAAPKPM5jGavvGAAAAAAAAAAAAAAAAAAAAAAAA4D+amZmZmZnpP5qZmZmZmek/AAAAAAAAAAAQAAAA6AMAAOgDAAAAAAAAAwAAAAMAAABvYW
sDAAAAZWxtAAAAAAEAAAAAGgAAAIAGCnMo2gzFlqYGMeMu81g9v+qxqlUAEAAGFgAAABcAAAADAAAAAQAAAGEAAAAABQAAAADKmjsAAAAAAAAAAAEBAAAA
YgEAAAD/////AAAAAAAAAAAAAAAAAQUAAABlbXB0eQIAAAD/////AAAAAAAAAAD/////AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAG
1oaQEuAAECEAAEAAEAAQAQJwAAAAAAAAAAAAABAAAAAQHWySeKU3tAWMxHqfQBO2Omnh3I2GqUTF+AEX8ZUFSP0T8L
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
	golden, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(goldenV2, "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	if got := encode(t, d); !bytes.Equal(got, golden) {
		t.Errorf("the encoding has changed: now it is\n%s", base64.StdEncoding.EncodeToString(got))
	}
	former := slices.Clone(golden)
	former[3] = 1
	if _, err := Load(bytes.NewReader(former)); !errors.Is(err, ErrVersion) {
		t.Errorf("version 1, of which no module was released, reads as %v", err)
	}
	want := []Pair{{"a", "b", Relation{Kind: Same, Reason: EachInOther, Jaccard: 1, ContainmentAInB: 1, ContainmentBInA: 1, Shared: 7}}}
	got := mustPairs(t, mustLoad(t, golden))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
}
