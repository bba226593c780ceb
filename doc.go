// Package neardup finds near-duplicate articles: the same story filed again, lightly edited, excerpted, or published by many
// sites that each put their own navigation around it.
//
// [Compare] tells whether two texts are near-duplicates, and shows what they share. A [Detector] holds any number of
// articles, by signature and not by text; it answers which articles a new one duplicates, and puts all of them into [Group]s
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
// exactly the threshold half are estimated below it, so of pairs between 0.5 and 0.6 about 85 in 100 are found, and as
// many of those just below 0.5 are reported too. With Exact every candidate is judged exactly, 97 of 100 between 0.5 and 0.6
// are found, and none below is reported. TestScale measures it on made-up articles of 500 words:
//
//	Jaccard similarity   0.5-0.6   0.6-0.7   0.7-1
//	by signature           0.86     0.999    1.000
//	exact                  0.98     0.999    1.000
//
// An article contained in one more than twice as long shares few bands with it, and is found less often the shorter it is; Exact
// does not change that.
//
// Different texts with the same features, such as copies with other navigation, are one text to a Detector.
//
// # Cost
//
// Reading an article takes about 10 ns a byte, on all cores in [Detector.AddAll]; adding and querying take a few microseconds.
// An article takes up to 600 bytes, 128 of them its signature and about 230 its bands, and 4 bytes a feature
// more with Exact; a copy of another takes about 100. Texts are not kept.
//
// # Stability
//
// The same calls give the same answers, in the same order, on every machine and with any number of goroutines. A saved
// detector can be read by later versions.
package neardup
