package neardup_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/shingle"
	"github.com/neardup/neardup/simhash"
)

// A service: each article that comes in is told what it duplicates, of the last seven days. Its state survives a restart.
func Example_service() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "articles.ndd")

	d, err := neardup.LoadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		d, err = neardup.New(neardup.Config{})
	}
	if err != nil {
		panic(err)
	}

	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var a neardup.Article
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&a); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		matches, err := d.Add(a)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		_ = json.NewEncoder(w).Encode(matches)
	})
	for _, body := range []string{
		`{"ID": "1", "Time": "2026-05-04T09:00:00Z", "Text": "The old bridge at Millhaven was closed on Monday."}`,
		`{"ID": "2", "Time": "2026-05-12T09:00:00Z", "Text": "The old bridge at Millhaven was closed on Monday!"}`,
	} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest("POST", "/", strings.NewReader(body)))
		fmt.Println(len(answer.Body.String()) > 5)
	}

	// Once an hour:
	now := time.Date(2026, 5, 13, 0, 0, 0, 0, time.UTC)
	removed, err := d.RemoveBefore(ctx, now.AddDate(0, 0, -7))
	if err != nil {
		panic(err)
	}
	if err := d.SaveFile(ctx, path); err != nil {
		panic(err)
	}
	fmt.Println(removed, d.Len())
	// Output:
	// false
	// true
	// 1 1
}

// Feed items: a title and a sentence. Pairs of words, all of the text, and a high threshold.
func Example_feed() {
	d := newDetector(neardup.Config{
		Shingle:       shingle.Config{Size: 2, View: shingle.Whole},
		Threshold:     0.7,
		NoContainment: true,
	})
	d.Add(neardup.Article{ID: "oak", Text: "Bridge closed: the old bridge at Millhaven stays shut until June"})
	d.Add(neardup.Article{ID: "elm", Text: "Ferry: a second boat will sail to Gull Island from June"})
	matches, _ := d.Add(neardup.Article{ID: "ash", Text: "Bridge closed – the old bridge at Millhaven stays shut until June."})
	fmt.Println(len(matches), matches[0].ID)
	// Output:
	// 1 oak
}

// Product descriptions: characters, since words are cut and joined in them as people like.
func Example_products() {
	d := newDetector(neardup.Config{
		Shingle:   shingle.Config{Unit: shingle.Char, Size: 6, View: shingle.Whole},
		Threshold: 0.6,
	})
	d.Add(neardup.Article{ID: "shop 1", Text: "Garden hose, 25m, green, with spray-gun and quick connectors"})
	matches, _ := d.Add(neardup.Article{ID: "shop 2", Text: "Gardenhose 25 m green with spray gun and quick-connectors"})
	fmt.Println(len(matches))
	// Output:
	// 1
}

// Which of my pages contain this press release?
func Example_contained() {
	d := newDetector(neardup.Config{})
	d.Add(neardup.Article{ID: "page", Text: harvest + "\n\n" + bridge + "\n\n" + ferry})
	d.Add(neardup.Article{ID: "other", Text: harvest})
	matches, _ := d.Query(neardup.Article{Text: bridge})
	for _, m := range matches {
		if m.Kind == neardup.Contained {
			fmt.Printf("%s has %.0f%% of it\n", m.ID, 100*m.ContainmentAInB)
		}
	}
	// Output:
	// page has 100% of it
}

// Short posts by SimHash: 8 bytes each, near-copies of a whole text.
func Example_posts() {
	index, err := simhash.NewIndex(simhash.IndexConfig{Distance: 12})
	if err != nil {
		panic(err)
	}
	print := func(text string) simhash.Fingerprint { return simhash.Sum(shingle.AppendWords(nil, text, 1)) }
	index.Add(print("The old bridge at Millhaven is closed until June, take the ferry or the new lock"))
	index.Add(print("Best cherry harvest in ten years, and the bees did it"))
	found := index.AppendQuery(nil, print("the old bridge at Millhaven is closed until June!! take the ferry or the lock"))
	fmt.Println(len(found), found[0].ID)
	// Output:
	// 1 0
}

// A tokenizer of one's own: features are any numbers, such as hashes of lines of code without their comments.
func Example_tokenizer() {
	features := func(code string) (out []uint64) {
		for line := range strings.Lines(code) {
			line, _, _ = strings.Cut(line, "//")
			if line = strings.TrimSpace(line); line != "" {
				out = append(out, xxhash.Sum64String(line))
			}
		}
		return out
	}
	d := newDetector(neardup.Config{})
	d.Add(neardup.Article{ID: "a.go", Features: features("x := 1 // one\ny := 2\nprint(x + y)\n")})
	matches, _ := d.Query(neardup.Article{Features: features("// sum\nx := 1\ny := 2\n\nprint(x + y)\n")})
	fmt.Println(matches[0].ID, matches[0].Jaccard)
	// Output:
	// a.go 1
}

// A verdict of one's own: pairs that the library finds are looked at again, and what is left is grouped.
func Example_verifier() {
	d := three()
	d.Add(neardup.Article{ID: "elm", Source: "Vale Wire", Text: ferry})
	var pairs []neardup.Pair
	for p, err := range d.Pairs(ctx) {
		if err != nil {
			panic(err)
		}
		if p.A == "oak" || p.B == "oak" { // The Daily Oak is never a copy
			continue
		}
		pairs = append(pairs, p)
	}
	var entries []neardup.Entry
	for e := range d.Entries() {
		entries = append(entries, e)
	}
	groups, err := neardup.GroupPairs(entries, func(yield func(neardup.Pair) bool) {
		for _, p := range pairs {
			if !yield(p) {
				return
			}
		}
	}, nil)
	fmt.Println(len(groups), groups[0].Representative, err)
	// Output:
	// 1 elm <nil>
}
