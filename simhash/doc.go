// Package simhash turns a bag of features into a [Fingerprint] of 64 bits, so that bags that point
// in nearly the same direction have fingerprints that differ in few bits, and finds all
// fingerprints within a distance.
//
// # Algorithm
//
// Charikar (STOC 2002, section 3) cuts space by random hyperplanes: two vectors at the angle θ lie
// on different sides of one with the probability θ/π. Here a vector is a bag of features with their
// counts or weights; each feature is a 64-bit number, mixed by a fixed bijection (SplitMix64), and
// each bit of the result votes, 1 for and 0 against. Bit i of the fingerprint is 1 if more weight
// votes for it than against. A tie is 0, and so is each bit of no features at all. (Other libraries
// decide ties and the empty bag otherwise: their fingerprints are not ours.)
//
// The votes for all 64 bits are counted at once, in bit-sliced counters that a tree of carry-save
// adders feeds (four features at once on amd64 with AVX2, which the index compares with too, unless
// built with the tag purego); weights are integers, counted exactly. The [Index] cuts fingerprints
// into blocks, as Manku, Jain and Das Sarma (WWW 2007, section 3) do, and where that takes too many
// blocks it searches each within a radius, as Norouzi, Punjani and Fleet (CVPR 2012) do: see
// [Plan]. What a query costs is mostly to wait for memory, so it asks for all the places that it
// needs before it looks at the first. The letters are d for a distance in bits, n for the number of
// features or fingerprints, w for the width of a shingle.
//
// # Accuracy
//
// d/64 estimates θ/π without bias, with a standard error of sqrt(p(1-p)/64) for p = θ/π, 1/16 at
// most; so cos(π·d/64) estimates the cosine ([Fingerprint.Similarity]). The index is exact: it
// finds all within its distance, and nothing else.
//
// A pair's d is a random number even so: with a cosine of 0.989, which corresponds to d = 3, a good
// third of all pairs are further than 3 bits apart. Measured on 100 texts of 1,000 words with the
// frequencies of natural language, of which some words, at random places, are replaced:
//
//	w replaced   cosine predicted  measured  5% to 95%   d ≤ 3   d ≤ 6
//	1      0.1%    1.000       0.4       0.2      0 to  1    100%    100%
//	1      0.2%    1.000       0.5       0.3      0 to  1    100%    100%
//	1      0.5%    0.999       0.8       0.6      0 to  2     99%    100%
//	1      1.0%    0.998       1.1       0.9      0 to  2     99%    100%
//	1      2.0%    0.997       1.6       1.1      0 to  3     97%    100%
//	1      5.0%    0.992       2.6       2.3      0 to  5     79%     99%
//	1     10.0%    0.983       3.7       2.9      1 to  5     67%     98%
//	1     20.0%    0.960       5.8       4.0      1 to  8     43%     90%
//	5      0.1%    0.995       2.0       2.1      0 to  4     83%    100%
//	5      0.2%    0.990       2.9       2.9      1 to  6     72%     96%
//	5      0.5%    0.975       4.5       4.3      1 to  8     37%     86%
//	5      1.0%    0.951       6.4       6.4      3 to 10      8%     57%
//	5      2.0%    0.904       9.0       9.1      5 to 14      1%     15%
//	5      5.0%    0.774      14.0      13.7      7 to 19      0%      3%
//	5     10.0%    0.590      19.1      18.2     12 to 23      0%      0%
//	5     20.0%    0.327      25.2      24.8     18 to 31      0%      0%
//
// Predicted and measured are mean distances, predicted by the exact cosine; then come the range
// that holds 90 of 100 pairs, and the share of pairs that an index of distance 3 or 6 finds. For
// single words (w = 1) the distance is smaller than the angle says: a few words make up most of
// such a vector, and two sums with the same few heavy votes fall to the same side more often than
// hyperplanes of normal numbers would let them. (IDF, weights that make rare words count more,
// spread the vector over more of them.)
//
// # When not to use it
//
// d ≤ 3, the usual setting, needs a cosine of about 0.989: with 5-word shingles, two words replaced
// in a thousand. It is right for copies with a date changed, and wrong for these:
//
//   - Copies with a frame of their own. One agency story as two sites published it, each in its
//     navigation, is 11 to 24 bits apart, no nearer than many unrelated pages of one site. Only
//     without the frame, on the prose, is it near.
//   - Excerpts and quotations: the cosine knows no containment. Use package minhash.
//   - Moderate similarity. Below a cosine of 0.9 the distances of similar pairs run into those of
//     chance: of a million unrelated fingerprints, 38 are within 16 bits of a given one, and a
//     corpus of millions has 10¹³ pairs.
//   - Short texts: with a dozen features, one that differs moves several bits.
//
// What it is best at is the second opinion: 8 bytes a text, compared in a nanosecond, that weigh
// features by how often they occur where MinHash only asks whether they do. Henzinger (SIGIR 2006)
// found the two together to be far more precise than either; an example shows how.
//
// # Stability
//
// Fingerprints are stored and compared years later. Those of this package are scheme 1: the same
// features give the same bits in every release, on every machine. A change would be another scheme,
// and old encodings would still be read.
package simhash
