// Package neardup finds near-duplicate articles: the same story filed again, lightly edited, excerpted, or published by
// many sites that each put their own navigation around it.
//
// [Compare] tells whether two texts are near-duplicates, and shows what they share. A [Detector] holds any number of
// articles, by what a verdict needs of them and not by text; it answers which articles a new one duplicates, and puts all
// of them into groups (see [Group]) with one representative each. A [Reader] is the part between text and verdict, for
// stores, batch jobs and tokenizers of one's own. The zero [Config] is what a newsroom wants.
//
// # How it works
//
// A text becomes a set of features, the hashes of its runs of five words, and each of them is marked: in the prose of the
// page ([github.com/neardup/neardup/shingle.Prose]), in the body without what is surely menu, or anywhere. The set is kept, compressed to two bytes
// a feature, with a shorter hash of each word. Candidates for a text are found in two ways: its signature of 128 slots
// ([github.com/neardup/neardup/minhash.Signature]) agrees with theirs in a band of slots; or they have many of its sampled
// features, one in 16 ([github.com/neardup/neardup/minhash.ContainmentIndex]), however much else they have. Each candidate is then judged exactly, by the two sets.
//
// Two articles are the same, or one is contained in the other; everything else is different. What a verdict looks at, and why, is told
// with the [Reason] that each verdict has. Groups do not chain, and have a direction: see [Detector.Groups].
//
// # Dedup must not lose an article
//
// Evidence is the article's own words. What a site repeats on its pages is learnt where articles name their source, and is
// evidence for nothing; two forms with other numbers are two articles; an article that is contained in others
// never represents them. Where it is not clear, the answer is "different". Of every article that a group would let go, the
// representative has at least half of the prose.
//
// # Accuracy
//
// Verdicts are exact but for hashes of 24 bits: of two articles of 500 features each, 0.015 are common by chance. What is
// missed are pairs that do not become candidates. Bands are laid below the threshold: of the pairs at a Jaccard similarity of
// 0.5, 995 of 1,000 become candidates by signature alone. An excerpt of n features that is in an article as a whole is
// found by the sample with probability 1-(15/16)^n: 0.97 for 60 words, 0.999 for 120; features that more than 256 texts
// have do not count. Of a text with dozens of candidates the likeliest are judged first, and the others if any of
// those was a duplicate: where thousands share a paragraph and nothing else, a duplicate that is none of the likeliest is
// missed.
//
// All this is of the exact setting. With Config.BySignature a similarity j is estimated with a standard error of at most
// sqrt(j(1-j)/128), 0.044 at j = 0.5. Of the pairs at exactly the threshold half are therefore estimated below it and not
// reported, and of those just below it some are. Excerpts are not looked for, and pages with little prose, or none, among
// much else are different unless hardly anything in them differs. What a group lets go may, by the same error, have a little
// less than half of its words in what stays.
//
// # Stability
//
// The same calls give the same answers, in the same order, on every machine and with any number of goroutines. A saved
// detector can be read by later versions.
package neardup
