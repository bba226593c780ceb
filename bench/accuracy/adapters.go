package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/neardup/neardup/bench/internal/corpus"
	"github.com/neardup/neardup/shingle"
)

// suggestion is what a set is usually measured with, where no flag says otherwise.
type suggestion struct{ units, views, sizes, thresholds, containments, verify string }

// An adapter reads a set from its folder.
type adapter struct {
	read func(dir string, limit int) (*set, error)
	suggestion
}

var adapters = map[string]adapter{
	// docs.jsonl.gz with id, cluster, text: renderings of one page form a cluster.
	"pages": {documents(""), suggestion{views: "prose,whole", thresholds: "0.2,0.3,0.4,0.5,0.6,0.7,0.8", containments: "default,off"}},
	// docs.jsonl.gz with id, cluster, source, time, text: items of feeds about one story form a
	// cluster.
	"scoop": {documents(""), suggestion{views: "prose,whole", thresholds: "0.3,0.5,0.7"}},
	// docs.jsonl.gz with id, cluster, text; labels.tsv.gz with id1, id2, label, note: dup, or gray,
	// short and far, which are not scored.
	"wcxb_dev": {labelled, suggestion{thresholds: "0.3,0.5,0.7"}},
	"trafeval": {labelled, suggestion{thresholds: "0.3,0.5,0.7"}},
	"gesetze":  {labelled, suggestion{thresholds: "0.3,0.5,0.7"}},
	"uagec":    {labelled, suggestion{thresholds: "0.3,0.5,0.7"}},
	"ocr":      {labelled, suggestion{thresholds: "0.3,0.5,0.7"}},
	// docs.jsonl.gz with id, text; exact_pairs_w5.tsv.gz with id1, id2, Jaccard, containment of all
	// pairs with J ≥ 0.3 or C ≥ 0.6.
	"licenses": {documents("exact_pairs_w5.tsv.gz"), suggestion{views: "whole", thresholds: "0.3,0.4,0.5,0.6,0.7,0.8,0.9", containments: "off", verify: "signature,exact"}},
	// The same with pairs of J ≥ 0.8 or C ≥ 0.9.
	"wdk-ddi": {documents("exact_pairs_w5_J80.tsv.gz"), suggestion{views: "whole", thresholds: "0.8,0.85,0.9,0.95", containments: "off", verify: "signature,exact"}},
	// The same with word-3 pairs of J ≥ 0.8, among documents of at least eight shingles; shorter
	// ones are left out.
	"fi-news": {atLeast(8, 3, documents("exact_pairs_w3_J80.tsv")), suggestion{views: "whole", sizes: "3", thresholds: "0.8,0.85,0.9,0.95", containments: "off", verify: "signature,exact"}},
	// articles_1000.train with "ID text" a line and articles_1000.truth with "ID ID" a line: all
	// the pairs there are.
	"mccormick": {readMcCormick, suggestion{views: "prose,whole", thresholds: "0.3,0.5,0.7"}},
	// *.txt, each a page; all of them publish one story.
	"articles": {readArticles, suggestion{thresholds: "0.3,0.5,0.7,0.8", containments: "default,off"}},
	// Made by the benchmarks' generator, no folder needed: 3,000 pages of 60 sites, three in ten a
	// copy of an earlier body.
	"generated": {generate, suggestion{units: "words,chars,anchored", views: "prose,whole", thresholds: "0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9", containments: "default,off"}},
	"news-copy": {readNewsCopy, suggestion{views: "whole", units: "words,chars", thresholds: "0.1,0.2,0.3,0.4,0.5", containments: "default,off"}},
	"core":      {readCORE, suggestion{views: "whole", units: "words,chars", thresholds: "0.3,0.4,0.5,0.6,0.7,0.8", containments: "default,off"}},
}

func adapterNames() []string {
	var out []string
	for name := range adapters {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func open(data, name, jsonl string, limit int) (*set, suggestion, error) {
	if jsonl != "" {
		s := &set{Name: jsonl}
		return s, suggestion{}, s.readJSONL(jsonl, limit)
	}
	a, ok := adapters[name]
	if !ok {
		return nil, suggestion{}, fmt.Errorf("no adapter for %q, want one of %s", name, strings.Join(adapterNames(), ", "))
	}
	if data == "" && name != "generated" {
		return nil, suggestion{}, errors.New("want -data, or NEARDUP_DATASETS set")
	}
	dir := filepath.Join(data, name)
	if _, err := os.Stat(dir); name == "articles" && err != nil {
		dir = filepath.Join(data, "..", name) // no set of its own: two texts, beside the sets
	}
	s, err := a.read(dir, limit)
	if err != nil {
		return nil, suggestion{}, err
	}
	s.Name = name
	return s, a.suggestion, nil
}

// documents reads docs.jsonl.gz and, if there is one, a table of exact pairs.
func documents(pairs string) func(dir string, limit int) (*set, error) {
	return func(dir string, limit int) (*set, error) {
		s := &set{lastOnly: true} // licenses has an id twice; its pairs are those of the last, by their numbers of shingles
		err := s.readJSONL(filepath.Join(dir, "docs.jsonl.gz"), limit)
		if err != nil || pairs == "" {
			return s, err
		}
		for i := range s.Docs {
			s.Docs[i].Cluster = ""
		}
		err = eachLine(filepath.Join(dir, pairs), func(n int, b []byte) error {
			f := strings.Split(strings.TrimRight(string(b), "\r\n"), "\t")
			if n == 1 && f[0] == "id1" {
				return nil
			}
			if len(f) < 4 {
				return fmt.Errorf("%d columns, want at least 4", len(f))
			}
			j, err := strconv.ParseFloat(f[2], 64)
			if err != nil {
				return err
			}
			c, err := strconv.ParseFloat(f[3], 64)
			if err != nil {
				return err
			}
			s.label(f[0], f[1], label{exact: true, jaccard: j, containment: c})
			return nil
		})
		return s, err
	}
}

// labelled reads docs.jsonl.gz and labels.tsv.gz.
func labelled(dir string, limit int) (*set, error) {
	s := &set{}
	if err := s.readJSONL(filepath.Join(dir, "docs.jsonl.gz"), limit); err != nil {
		return nil, err
	}
	for i := range s.Docs {
		s.Docs[i].page, s.Docs[i].Cluster = s.Docs[i].Cluster, ""
	}
	s.labels = map[[2]int]label{}
	return s, eachLine(filepath.Join(dir, "labels.tsv.gz"), func(n int, b []byte) error {
		f := strings.Split(strings.TrimRight(string(b), "\r\n"), "\t")
		if n == 1 {
			return nil
		}
		if len(f) < 3 {
			return fmt.Errorf("%d columns, want at least 3", len(f))
		}
		s.label(f[0], f[1], label{same: f[2] == "dup", gray: f[2] != "dup"})
		return nil
	})
}

// atLeast leaves out documents of fewer than n distinct word-w-shingles.
func atLeast(n, w int, read func(dir string, limit int) (*set, error)) func(dir string, limit int) (*set, error) {
	return func(dir string, limit int) (*set, error) {
		s, err := read(dir, limit)
		if err != nil {
			return nil, err
		}
		kept := &set{partial: s.partial, labels: map[[2]int]label{}}
		moved := make([]int, len(s.Docs))
		var buf []uint64
		for i := range s.Docs {
			moved[i] = -1
			buf = shingle.AppendWords(buf[:0], s.Docs[i].Text, w)
			if len(shingle.NewSet(buf)) >= n {
				moved[i] = len(kept.Docs)
				if err := kept.add(s.Docs[i]); err != nil {
					return nil, err
				}
			}
		}
		for p, l := range s.labels {
			if a, b := moved[p[0]], moved[p[1]]; a >= 0 && b >= 0 {
				kept.labels[[2]int{a, b}] = l
			}
		}
		return kept, nil
	}
}

func readArticles(dir string, limit int) (*set, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, err
	}
	s := &set{}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if err := s.add(doc{ID: filepath.Base(path), Text: string(b), Cluster: "one story"}); err != nil {
			return nil, err
		}
	}
	if len(s.Docs) < 2 {
		return nil, fmt.Errorf("%s: want two or more *.txt", dir)
	}
	return s, nil
}

func generate(_ string, limit int) (*set, error) {
	stream := corpus.Stream{Seed: 3, Copies: 30, Sites: 60}
	s := &set{}
	if limit == 0 {
		limit = 3000
	}
	for i := range limit {
		d := doc{ID: strconv.Itoa(i), Cluster: strconv.Itoa(stream.Root(i)), Text: string(stream.Append(nil, i))}
		if err := s.add(d); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func readMcCormick(dir string, limit int) (*set, error) {
	s := &set{}
	err := eachLine(filepath.Join(dir, "articles_1000.train"), func(n int, b []byte) error {
		if limit > 0 && len(s.Docs) >= limit {
			return nil
		}
		id, text, _ := strings.Cut(strings.TrimSpace(string(b)), " ")
		return s.add(doc{ID: id, Text: text})
	})
	if err != nil {
		return nil, err
	}
	return s, eachLine(filepath.Join(dir, "articles_1000.truth"), func(n int, b []byte) error {
		f := strings.Fields(string(b))
		if len(f) != 2 {
			return fmt.Errorf("%d fields, want 2", len(f))
		}
		s.label(f[0], f[1], label{same: true})
		return nil
	})
}

// readNewsCopy reads NEWS-COPY (Silcock, D'Amico-Wong, Yang and Dell, ICLR 2023). Its code,
// github.com/dell-research-harvard/NEWS-COPY, reads two JSON files for each of its splits: one
// object from the id of an article to its fields, of which headline, byline and article are texts
// (rule_based/rule_based_utils.py, clean_text, joins the last two), and one list of the pairs of
// ids that are duplicates (utils.py, evaluate and cluster_eval, which take the connected components
// as the true clusters). The publisher's names of the files vary with the split, so the file of
// articles and the file of pairs are told apart by what they hold. Lines broken by a hyphen are
// joined as its code does.
func readNewsCopy(dir string, limit int) (*set, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	s := &set{}
	var pairs [][2]string
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		switch first := strings.TrimSpace(string(b[:min(len(b), 64)])); {
		case strings.HasPrefix(first, "{"):
			var articles map[string]struct {
				Byline  string `json:"byline"`
				Article string `json:"article"`
			}
			if err := json.Unmarshal(b, &articles); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			ids := make([]string, 0, len(articles))
			for id := range articles {
				ids = append(ids, id)
			}
			slices.Sort(ids)
			for _, id := range ids {
				if limit > 0 && len(s.Docs) >= limit {
					break
				}
				text := strings.ReplaceAll(articles[id].Byline+"\n"+articles[id].Article, "-\n", "")
				if err := s.add(doc{ID: id, Text: text}); err != nil {
					return nil, fmt.Errorf("%s: %w", path, err)
				}
			}
		case strings.HasPrefix(first, "["):
			var list [][2]string
			if err := json.Unmarshal(b, &list); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			pairs = append(pairs, list...)
		}
	}
	if len(s.Docs) == 0 || len(pairs) == 0 {
		return nil, fmt.Errorf("%s: want a JSON object of articles and a JSON list of pairs of ids", dir)
	}
	s.link(pairs)
	return s, nil
}

// readCORE reads the CORE deduplication dataset of 2020 (Gyawali, Anastasiou and Knoth, LREC 2020):
// one JSON object a line with core_id, original_title, original_abstract and labelled_duplicates, a
// list of core_ids; ids are strings or numbers. The first file found of *.jsonl, *.json and their
// .gz is read. Truth is the list of each document, as published: it is not transitive everywhere.
func readCORE(dir string, limit int) (*set, error) {
	var path string
	for _, pattern := range []string{"*.jsonl", "*.jsonl.gz", "*.json", "*.json.gz", "*"} {
		if m, _ := filepath.Glob(filepath.Join(dir, pattern)); len(m) > 0 {
			path = m[0]
			break
		}
	}
	if path == "" {
		return nil, fmt.Errorf("%s: no file", dir)
	}
	s := &set{}
	duplicates := map[string][]string{}
	err := eachLine(path, func(n int, b []byte) error {
		if limit > 0 && len(s.Docs) >= limit {
			return nil
		}
		var x struct {
			ID         scalar   `json:"core_id"`
			Title      string   `json:"original_title"`
			Abstract   string   `json:"original_abstract"`
			Duplicates []scalar `json:"labelled_duplicates"`
		}
		if err := json.Unmarshal(b, &x); err != nil {
			return err
		}
		for _, d := range x.Duplicates {
			duplicates[string(x.ID)] = append(duplicates[string(x.ID)], string(d))
		}
		return s.add(doc{ID: string(x.ID), Text: x.Title + "\n\n" + x.Abstract})
	})
	if err != nil {
		return nil, err
	}
	s.labels = map[[2]int]label{}
	for a, list := range duplicates {
		for _, b := range list {
			s.label(a, b, label{same: true})
		}
	}
	return s, nil
}

// scalar is a JSON string or number as text.
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	*s = scalar(strings.Trim(string(b), `"`))
	return nil
}
