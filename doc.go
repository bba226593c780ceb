// Package neardup finds near-duplicate articles: the same story filed again, lightly edited, excerpted, or published by many
// sites that each put their own navigation around it.
//
// [Compare] tells whether two texts are near-duplicates, and shows what they share. A [Detector] holds any number of
// articles, by signature and not by text; it answers which articles a new one duplicates, and puts all of them into groups (see [Group])
// with one representative each. The zero [Config] is what a newsroom wants.
//
// # How it works
//
// A text becomes a set of features, the hashes of its runs of five words, taken from its prose ([github.com/neardup/neardup/shingle.Prose]): menus, bylines and
// lists of headlines are left out. The set becomes a signature of 128 slots ([github.com/neardup/neardup/minhash.Signature]). Articles whose
// signatures agree in a band of slots are candidates; bands are planned so that 95 of 100 pairs at the threshold become candidates, and nearly
// all above it. Candidates are verified, by the whole signature or, with Config.Exact, by the features.
//
// Two articles are near-duplicates if the Jaccard similarity of their sets, the share of all features that are in both, is at
// least 0.5, or if at least 0.75 of one article is found in the other. Both thresholds are in the Config. Groups do not chain:
// see [Detector.Groups].
//
// # Accuracy
//
// By signature, a similarity j is estimated with a standard error of at most sqrt(j(1-j)/128), 0.044 at j = 0.5. Of the pairs at
// exactly the threshold half are therefore estimated below it and not reported, and of those just below it some are. With
// Exact every candidate is judged exactly, so what is missed are only the pairs that do not become candidates, and nothing below
// the threshold is reported. TestScale measures both on a million made-up articles of 500 words, a fifth of them copies with known
// similarity, on ten sites with navigation; no pair of unrelated articles was reported:
//
//	Jaccard similarity   0.5-0.6   0.6-0.7   0.7-1
//	by signature          0.856     0.998    1.000
//	exact                 0.997     1.000    1.000
//
// An excerpt less than half as long as the article it is from shares few bands with it. By signature it is found the less often
// the shorter it is; with Exact it is found by a sample of its features, one in 32: 99 of 100 excerpts of 150 words,
// 77 of 100 of 50.
//
// Articles with the same features, such as copies that differ in punctuation or in their navigation, are one text to a Detector.
//
// # Cost
//
// On one core, an article of 500 words takes about 55 µs to read, and a few to add; a query takes as much. [Detector.AddAll] reads
// on all cores and is twice as fast on two: a million articles in 41 s, and their groups in 5 s.
// An article takes about 570 bytes, of which 128 are its signature and about 240 its bands, and with Exact 5 bytes for each feature
// more; a copy of another takes about 100. Texts are not kept.
//
// # Stability
//
// The same calls give the same answers, in the same order, on every machine and with any number of goroutines. A saved
// detector can be read by later versions.
package neardup
