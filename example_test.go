package neardup_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/shingle"
)

// Three stories of made-up places, as sites publish them.
const (
	bridge = "The old bridge at Millhaven was closed on Monday after engineers found cracks in two of its pillars. " +
		"The town council said that it would stay closed until the end of the month. " +
		"Buses will cross the river at the new lock, two miles to the north, and the school run will start a quarter of an hour earlier. " +
		"The last time the bridge was closed was after the flood eleven years ago, when half of the railing was lost."
	ferry = "The ferry to Gull Island will run twice a day from June, its owner said on Friday. " +
		"A second boat has been bought from a yard on the coast and is being painted. " +
		"Islanders had asked for more crossings since the bakery opened its terrace last summer."
	harvest = "Farmers in the Upper Vale expect the best cherry harvest in ten years after a mild spring. " +
		"Frost spared the trees in April, and the bees did the rest, the growers' union said."
)

// The whole job: articles in, groups of near-duplicates out.
func Example() {
	detector, err := neardup.New(neardup.Config{})
	if err != nil {
		panic(err)
	}
	for _, a := range []neardup.Article{
		{ID: "gazette/1", Text: "Millhaven Gazette\nHome\nSport\n\n" + bridge + "\n\nMost read\nFerry times\n"},
		{ID: "gazette/2", Text: "Millhaven Gazette\nHome\nSport\n\n" + ferry + "\n\nMost read\nFerry times\n"},
		{ID: "oak/77", Text: "The Daily Oak | News | Shop\n\n" + bridge + "\n\nSubscribe\nAbout us\n"},
	} {
		matches, err := detector.Add(a)
		if err != nil {
			panic(err)
		}
		for _, m := range matches {
			fmt.Printf("%s is the %s article as %s\n", a.ID, m.Kind, m.ID)
		}
	}
	groups, err := detector.Groups(context.Background(), neardup.Earliest)
	if err != nil {
		panic(err)
	}
	for _, g := range groups {
		fmt.Printf("%s stands for %d articles\n", g.Representative, len(g.Members))
	}
	// Output:
	// oak/77 is the same article as gazette/1
	// gazette/1 stands for 2 articles
}

var ctx = context.Background()

func newDetector(cfg neardup.Config) *neardup.Detector {
	d, err := neardup.New(cfg)
	if err != nil {
		panic(err)
	}
	return d
}

// three holds two copies of one story and another story.
func three() *neardup.Detector {
	d := newDetector(neardup.Config{})
	articles := []neardup.Article{
		{ID: "oak", Source: "The Daily Oak", Time: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC), Text: bridge},
		{ID: "wire", Source: "Vale Wire", Time: time.Date(2026, 5, 4, 7, 30, 0, 0, time.UTC), Text: bridge},
		{ID: "ferry", Source: "Vale Wire", Text: ferry},
	}
	if err := d.AddAll(context.Background(), slices.Values(articles)); err != nil {
		panic(err)
	}
	return d
}

func ExampleNew() {
	_, err := neardup.New(neardup.Config{Threshold: 80})
	fmt.Println(err)
	// Output:
	// neardup: Threshold is 80, want more than 0 and at most 1
}

// Headlines: whole text, words in pairs, and nothing but near-identical ones.
func ExampleConfig() {
	d := newDetector(neardup.Config{
		Shingle:       shingle.Config{Size: 2, View: shingle.Whole},
		Threshold:     0.7,
		NoContainment: true,
	})
	d.Add(neardup.Article{ID: "1", Text: "Bridge at Millhaven closed until the end of the month"})
	matches, _ := d.Add(neardup.Article{ID: "2", Text: "Bridge at Millhaven closed until end of the month"})
	fmt.Printf("%.2f\n", matches[0].Jaccard)
	// Output:
	// 0.70
}

func ExampleDetector() {
	d := newDetector(neardup.Config{})
	d.Add(neardup.Article{ID: "first", Text: bridge})
	d.Add(neardup.Article{ID: "other", Text: ferry})
	matches, err := d.Query(neardup.Article{Text: bridge + " It was built in stone."})
	fmt.Println(len(matches), matches[0].ID, matches[0].Kind, err)
	// Output:
	// 1 first same <nil>
}

func ExampleDetector_Config() {
	cfg := newDetector(neardup.Config{}).Config()
	fmt.Println(cfg.Threshold, cfg.Containment, cfg.Recall, cfg.K)
	// Output:
	// 0.5 0.75 0.95 128
}

func ExampleDetector_Add() {
	d := newDetector(neardup.Config{})
	d.Add(neardup.Article{ID: "a", Text: bridge})
	matches, err := d.Add(neardup.Article{ID: "b", Text: bridge})
	fmt.Println(matches[0].ID, matches[0].Kind, matches[0].Jaccard, err)
	_, err = d.Add(neardup.Article{ID: "b", Text: ferry})
	fmt.Println(err)
	// Output:
	// a same 1 <nil>
	// neardup: article "b": ID is taken
}

func ExampleDetector_AddAll() {
	d := newDetector(neardup.Config{})
	articles := []neardup.Article{{ID: "1", Text: bridge}, {ID: "2", Text: ferry}, {ID: "1", Text: harvest}}
	err := d.AddAll(context.Background(), slices.Values(articles))
	fmt.Println(d.Len(), err)
	// Output:
	// 2 neardup: article "1": ID is taken
}

func ExampleArticleError() {
	d := newDetector(neardup.Config{MaxText: 200})
	articles := []neardup.Article{{ID: "long", Text: bridge}, {ID: "short", Text: harvest}}
	err := d.AddAll(context.Background(), slices.Values(articles))
	var refused *neardup.ArticleError
	if errors.As(err, &refused) && errors.Is(err, neardup.ErrTooLong) {
		fmt.Println(refused.Index, refused.ID, refused.Err)
	}
	// Output:
	// 0 long text is too long: 413 bytes, MaxText is 200
}

func ExampleDetector_Query() {
	matches, err := three().Query(neardup.Article{Text: ferry})
	fmt.Println(len(matches), matches[0].ID, err)
	// Output:
	// 1 ferry <nil>
}

func ExampleDetector_Replace() {
	d := three()
	matches, err := d.Replace(neardup.Article{ID: "ferry", Text: bridge}) // corrected
	fmt.Println(d.Len(), len(matches), err)
	// Output:
	// 3 2 <nil>
}

func ExampleDetector_Remove() {
	d := three()
	fmt.Println(d.Remove("oak"), d.Remove("oak"), d.Len())
	// Output:
	// true false 2
}

func ExampleDetector_Has() {
	d := three()
	fmt.Println(d.Has("oak"), d.Has("elm"))
	// Output:
	// true false
}

func ExampleDetector_Len() {
	fmt.Println(three().Len())
	// Output:
	// 3
}

func ExampleDetector_Stats() {
	s := three().Stats()
	fmt.Println(s.Articles, "articles,", s.Distinct, "different")
	// Output:
	// 3 articles, 2 different
}

func ExampleDetector_Groups() {
	groups, err := three().Groups(ctx, neardup.Earliest)
	if err != nil {
		panic(err)
	}
	for _, g := range groups {
		for _, m := range g.Members {
			fmt.Println(m.ID, m.Jaccard)
		}
	}
	// Output:
	// wire 1
	// oak 1
}

func ExampleGroup() {
	d := three()
	keep := map[string]bool{"oak": true, "wire": true, "ferry": true}
	groups, _ := d.Groups(ctx, nil)
	for _, g := range groups {
		for _, m := range g.Members {
			keep[m.ID] = m.ID == g.Representative
		}
	}
	fmt.Println(keep)
	// Output:
	// map[ferry:true oak:false wire:true]
}

// A policy of one's own: the source that is first in the alphabet.
func ExamplePolicy() {
	bySource := func(a, b neardup.Entry) int { return cmp.Compare(a.Source, b.Source) }
	groups, _ := three().Groups(ctx, bySource)
	fmt.Println(groups[0].Representative)
	// Output:
	// oak
}

func ExampleEarliest() {
	groups, _ := three().Groups(ctx, neardup.Earliest)
	fmt.Println(groups[0].Representative)
	// Output:
	// wire
}

func ExampleLongest() {
	d := newDetector(neardup.Config{})
	d.Add(neardup.Article{ID: "cut", Text: bridge[:300]})
	d.Add(neardup.Article{ID: "full", Text: bridge})
	groups, _ := d.Groups(ctx, neardup.Longest)
	fmt.Println(groups[0].Representative)
	// Output:
	// full
}

func ExamplePreferSources() {
	ours := neardup.PreferSources("The Daily Oak", "The Elm")
	groups, _ := three().Groups(ctx, ours)
	fmt.Println(groups[0].Representative)
	// Output:
	// oak
}

func ExampleDetector_Pairs() {
	for p, err := range three().Pairs(ctx) {
		if err != nil {
			panic(err)
		}
		fmt.Println(p.A, p.B, p.Kind, p.Jaccard)
	}
	// Output:
	// oak wire same 1
}

func ExampleDetector_Components() {
	fmt.Println(three().Components(ctx, nil))
	// Output:
	// [[wire oak]] <nil>
}

func ExampleDetector_Inspect() {
	d := three()
	d.Add(neardup.Article{ID: "cut", Text: bridge[:300]})
	groups, _ := d.Groups(ctx, neardup.Longest)
	r := d.Inspect(groups[0])
	fmt.Printf("%d members, diameter %.1f, %d edges\n", len(groups[0].Members), r.Diameter, len(r.Edges))
	// Output:
	// 3 members, diameter 0.3, 1 edges
}

func ExampleDetector_Explain() {
	menu := "Millhaven Gazette\n\nHome\n\nNews\n\nSport\n\nWeather\n\nPuzzles\n\nSubscribe\n\n"
	a := neardup.Article{Text: menu + bridge}
	b := neardup.Article{Text: bridge[:206] + " Then it was shut."}
	e := newDetector(neardup.Config{}).Explain(a, b)
	fmt.Printf("%s: similarity %.2f, %.2f of the second is in the first\n", e.Kind, e.Jaccard, e.ContainmentBInA)
	for _, p := range e.Passages {
		fmt.Printf("%d words: %.25s…\n", p.Tokens, a.Text[p.AStart:p.AEnd])
	}
	fmt.Println(len(e.A.Blocks), "blocks of the first were left out")
	// Output:
	// contains: similarity 0.44, 0.90 of the second is in the first
	// 39 words: The old bridge at Millhav…
	// 7 blocks of the first were left out
}

// Price lists made from one form are not near-duplicates.
func ExampleTemplates() {
	form := func(price string) string {
		return "This is the daily price list of the Millhaven market, published by the town every morning at seven. " +
			"All prices are in shillings and include the fee of the scales. Today the first stall asks " + price + ". " +
			"Complaints are to be made in writing to the clerk of the market before noon."
	}
	d := newDetector(neardup.Config{Templates: neardup.Templates{Known: []string{form("")}}})
	d.Add(neardup.Article{ID: "monday", Text: form("nine for a pound of pears and two for a lettuce")})
	matches, _ := d.Add(neardup.Article{ID: "tuesday", Text: form("four for a dozen of eggs, and cherries have run out")})
	fmt.Println(len(matches))
	// Output:
	// 0
}

func ExampleDetector_SaveFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "articles.ndd")
	if err := three().SaveFile(ctx, path); err != nil {
		panic(err)
	}
	d, err := neardup.LoadFile(path)
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Len())
	// Output:
	// 3
}

func ExampleLoadFile() {
	_, err := neardup.LoadFile("example_test.go")
	fmt.Println(errors.Is(err, neardup.ErrCorrupt))
	// Output:
	// true
}

func ExampleDetector_WriteTo() {
	var b bytes.Buffer
	_, err := three().WriteTo(&b)
	fmt.Println(string(b.Next(3)), err)
	// Output:
	// ndd <nil>
}

func ExampleLoad() {
	var b bytes.Buffer
	if _, err := three().WriteTo(&b); err != nil {
		panic(err)
	}
	d, err := neardup.Load(&b)
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Len(), d.Config().Threshold)
	// Output:
	// 3 0.5
}

func ExampleKind() {
	fmt.Println(neardup.Same, neardup.Contained, neardup.Contains)
	// Output:
	// same contained contains
}

// The second article is the first and another one.
func ExampleMatch() {
	d := newDetector(neardup.Config{Threshold: 0.9, Recall: 0.999})
	d.Add(neardup.Article{ID: "bridge", Text: bridge})
	matches, _ := d.Query(neardup.Article{Text: bridge + "\n\n" + harvest})
	for _, m := range matches {
		fmt.Printf("%s %s, similarity %.2f: all of it (%.0f%%) is here\n", m.Kind, m.ID, m.Jaccard, 100*m.ContainmentBInA)
	}
	// Output:
	// contains bridge, similarity 0.70: all of it (100%) is here
}

func ExampleArticle() {
	a := neardup.Article{
		ID:     "gazette/2026/05/04/bridge",
		Text:   "Bridge closed\n\n" + bridge,
		Source: "gazette",
		Time:   time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC),
	}
	_, err := newDetector(neardup.Config{}).Add(a)
	fmt.Println(err)
	// Output:
	// <nil>
}

// A policy sees when and where an article was published, and how long it is.
func ExampleEntry() {
	atNoon := func(a neardup.Entry) bool { return a.Time.Hour() == 12 }
	e := neardup.Entry{ID: "oak", Source: "The Daily Oak", Time: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC), Size: 72}
	fmt.Println(atNoon(e))
	// Output:
	// false
}

func ExamplePair() {
	d := newDetector(neardup.Config{})
	d.Add(neardup.Article{ID: "full", Text: bridge + " " + harvest})
	d.Add(neardup.Article{ID: "copy", Text: bridge + " " + harvest})
	for p, err := range d.Pairs(ctx) {
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s (%s %s)\n", p.Kind, p.A, p.B)
	}
	// Output:
	// same (full copy)
}

func ExampleReport() {
	d := three()
	groups, _ := d.Groups(ctx, nil)
	r := d.Inspect(groups[0])
	fmt.Println(r.Diameter, r.Bound)
	// Output:
	// 0 false
}

func ExampleStats() {
	d := three()
	d.Add(neardup.Article{ID: "photo"})
	s := d.Stats()
	fmt.Printf("%d of %d articles have no words; %d candidates were left out\n", s.Empty, s.Articles, s.Dropped)
	// Output:
	// 1 of 4 articles have no words; 0 candidates were left out
}

func ExampleComparison() {
	c := neardup.Compare(bridge, ferry)
	fmt.Println(c.Kind, c.Jaccard, len(c.Passages))
	// Output:
	// different 0 0
}

func ExampleSide() {
	menu := "Millhaven Gazette\n\nHome\n\nNews\n\nSport\n\nWeather\n\nPuzzles\n\nSubscribe\n\n"
	c := neardup.Compare(menu+bridge, bridge)
	fmt.Println(c.A.Features, "features of prose,", len(c.A.Blocks), "blocks are none")
	// Output:
	// 76 features of prose, 7 blocks are none
}

func ExampleRelation() {
	c := neardup.Compare(bridge, bridge+" "+harvest+" "+ferry)
	fmt.Printf("%s, %.0f%% of the first is in the second\n", c.Relation.Kind, 100*c.ContainmentAInB)
	// Output:
	// contained, 100% of the first is in the second
}

func ExampleRelation_Flip() {
	r := neardup.Relation{Kind: neardup.Contained, ContainmentAInB: 0.9}
	fmt.Println(r.Flip().Kind, r.Flip().ContainmentBInA)
	// Output:
	// contains 0.9
}

func ExampleRelation_Duplicate() {
	fmt.Println(neardup.Relation{Kind: neardup.Contains}.Duplicate())
	// Output:
	// true
}

func ExampleDetector_Entries() {
	for e := range three().Entries() {
		fmt.Println(e.ID, e.Source)
	}
	// Output:
	// oak The Daily Oak
	// wire Vale Wire
	// ferry Vale Wire
}

// A window of seven days: what is older goes.
func ExampleDetector_RemoveBefore() {
	d := three()
	now := time.Date(2026, 5, 11, 8, 0, 0, 0, time.UTC)
	n, err := d.RemoveBefore(ctx, now.AddDate(0, 0, -7))
	fmt.Println(n, d.Has("wire"), d.Has("oak"), err)
	// Output:
	// 1 false true <nil>
}

// What two machines have read comes together.
func ExampleDetector_Merge() {
	here, there := three(), newDetector(neardup.Config{})
	there.Add(neardup.Article{ID: "elm", Text: ferry})
	err := here.Merge(ctx, there)
	matches, _ := here.Query(neardup.Article{Text: ferry})
	fmt.Println(here.Len(), len(matches), err)
	// Output:
	// 4 2 <nil>
}

// Articles come from a file that may be damaged.
func ExampleDetector_AddStream() {
	read := func(yield func(neardup.Article, error) bool) {
		if yield(neardup.Article{ID: "1", Text: bridge}, nil) {
			yield(neardup.Article{}, errors.New("line 2: not JSON"))
		}
	}
	d := newDetector(neardup.Config{})
	err := d.AddStream(ctx, read)
	fmt.Println(d.Len(), err)
	// Output:
	// 1 line 2: not JSON
}

// A store keeps records and compares them as a detector does.
func ExampleReader() {
	r, err := neardup.NewReader(neardup.Config{})
	if err != nil {
		panic(err)
	}
	a, _ := r.Read("The Daily Oak | News | Shop\n\n" + bridge)
	stored, _ := a.MarshalBinary()

	var b neardup.Record
	if err := b.UnmarshalBinary(stored); err != nil {
		panic(err)
	}
	c, _ := r.Read(bridge)
	fmt.Println(r.Relate(&b, c).Kind)
	// Output:
	// same
}

func ExampleNewReader() {
	_, err := neardup.NewReader(neardup.Config{K: -1})
	fmt.Println(err)
	// Output:
	// neardup: K is -1, want 1 to 4096
}

func ExampleDetector_NewReader() {
	r := newDetector(neardup.Config{Threshold: 0.7}).NewReader()
	fmt.Println(r.Config().Threshold)
	// Output:
	// 0.7
}

func ExampleReader_Read() {
	r := newDetector(neardup.Config{MaxText: 300}).NewReader()
	_, err := r.Read(bridge)
	fmt.Println(errors.Is(err, neardup.ErrTooLong))
	// Output:
	// true
}

// Features of one's own: here, the lines of a log.
func ExampleReader_ReadFeatures() {
	r := newDetector(neardup.Config{}).NewReader()
	lines := func(log string) (features []uint64) {
		for line := range strings.Lines(log) {
			features = append(features, xxhash.Sum64String(strings.TrimSpace(line)))
		}
		return features
	}
	a := r.ReadFeatures(lines("start\nlisten\naccept\nclose\nstop\n"))
	b := r.ReadFeatures(lines("start\nlisten\naccept\nstop\n"))
	fmt.Printf("%.1f\n", r.Relate(a, b).Jaccard)
	// Output:
	// 0.8
}

func ExampleRecord() {
	r := newDetector(neardup.Config{}).NewReader()
	rec, _ := r.Read(bridge)
	fmt.Println(rec.Size(), "features,", len(rec.Signature()), "slots,", rec.Empty(), rec.FellBack())
	// Output:
	// 76 features, 128 slots, false false
}

// The keys by which a database finds what a detector finds.
func ExampleRecord_AppendSample() {
	r := newDetector(neardup.Config{}).NewReader()
	rec, _ := r.Read(bridge)
	bands := r.Plan().AppendBandKeys(nil, rec.Signature())
	sample := rec.AppendSample(nil)
	fmt.Println(len(bands), "bands,", len(sample), "sampled features")
	// Output:
	// 26 bands, 2 sampled features
}
