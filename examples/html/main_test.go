package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	for _, tt := range []struct {
		name, a, b         string
		status             int
		extracted, byProse bool
	}{
		// One story on two sites, one of them all tables and <br> in Latin-1: either way will do.
		{"syndicated", "courier.html", "wire.html", alike, true, true},
		// Comments are prose, more than the article is: only the HTML tells which is which.
		{"comments", "courier.html", "comments.html", alike, true, false},
		// Two stories of one site under the same navigation.
		{"other story", "courier.html", "dictionary.html", different, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, stderr bytes.Buffer
			status := run([]string{"-json", "testdata/" + tt.a, "testdata/" + tt.b}, nil, &out, &stderr)
			if status != tt.status {
				t.Errorf("status %d, want %d\n%s", status, tt.status, &stderr)
			}
			var got []result
			for d := json.NewDecoder(&out); ; {
				var r result
				if err := d.Decode(&r); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				got = append(got, r)
			}
			if len(got) != 2 {
				t.Fatalf("%d results, want 2", len(got))
			}
			if got[0].Duplicate != tt.extracted {
				t.Errorf("extracted articles: duplicate is %v, want %v (%s)", got[0].Duplicate, tt.extracted, got[0].Verdict)
			}
			if got[1].Duplicate != tt.byProse {
				t.Errorf("prose view: duplicate is %v, want %v (%s)", got[1].Duplicate, tt.byProse, got[1].Verdict)
			}
		})
	}
}

func TestReadPage(t *testing.T) {
	page := `<html><head><meta charset="windows-1252"><title>no</title><style>p { color: no }</style></head>
		<body><ul><li>One</li><li>Two</li></ul>tail<p>Caf` + "\xe9" + `</p><script>no()</script><noscript>no</noscript></body></html>`
	p, err := readPage(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(strings.Fields(p.Text), "|"), "One|Two|tail|Café"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if strings.Contains(p.Text, "Two tail") {
		t.Error("a list item and the text after the list are one paragraph")
	}
	for _, hostile := range []string{"", "\x00", "<", "plain text", strings.Repeat("<div>", 10_000), strings.Repeat("<p", 10_000)} {
		if _, err := readPage(strings.NewReader(hostile)); err != nil {
			t.Logf("refused: %v", err) // an error will do, a panic will not
		}
	}
	if _, err := readPage(strings.NewReader(strings.Repeat("x", maxPage+1))); err == nil {
		t.Error("a page over the limit was read")
	}
}

func TestTrouble(t *testing.T) {
	for _, args := range [][]string{nil, {"one.html"}, {"testdata/courier.html", "testdata/missing.html"}, {"-nonsense"}} {
		if status := run(args, nil, io.Discard, io.Discard); status != trouble {
			t.Errorf("run(%q) = %d, want %d", args, status, trouble)
		}
	}
}
