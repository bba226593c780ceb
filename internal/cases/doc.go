// Package cases holds situations that people report as bugs of near-duplicate tools, rebuilt with texts written for the
// purpose, and the right answer to each. Its tests ask the library for the answers.
//
//	testdata/pairs.jsonl.gz     a pair a line: kind (the situation), variant, a, b, expect (dup: the same article, or one
//	                            inside the other; diff: different articles), wish (good to have, not asked for)
//	testdata/corpus-*.jsonl.gz  corpora of which nothing may be lost
package cases
