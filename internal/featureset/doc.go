// Package featureset keeps sets of hash values in about the room that their entropy asks for, and
// counts what two of them have in common.
//
// # Sets
//
// A set has up to [Classes] classes, and each class has values that no other class has. A value is
// the first width bits of a hash, 8 to 32 ([Value]). The width is not in the bytes: a use of the
// package has one width, and only sets of one width can be compared. A [Builder] makes sets,
// [Append] does from sorted lists, a [Table] compares them. Bytes from outside go through [Check]
// first.
//
// # Room
//
// The values of a class are sorted, and their differences are written in a Rice code (Rice and
// Plaunt, Adaptive Variable-Length Coding, 1971). For n random values of w bits that takes
// w - log2(n) + 1.5 bits a value, .03 to .12 above the entropy, and 2.1 instead of 1.5 for any
// values. To say which class a value is in costs the entropy of the classes, as they are lists of
// their own. In bytes a value, all in, for one class of width 24:
//
//	n       1     10    30    100   500   1,500  10,000  100,000
//	bytes   6.0   3.0   2.67  2.38  2.08  1.87   1.52    1.11
//
// The low bits of all values stand apart from the unary numbers, so that these are read a byte at a
// time and those four to a word: that takes half the time of reading the values one after the other.
// Elias-Fano code takes .4 bits more a value and was not faster to read.
//
// # Errors
//
// Hashes that differ can agree in their first w bits. Two sets of n and m values that have no hash
// in common are then seen to share n·m/2^w values on average, with the root of that as the standard
// deviation:
//
//	w    n = m     false common values
//	24   500       .015
//	24   1,500     .13
//	24   10,000    6.0    (.06%)
//	24   100,000   596    (.6%)
//	18   300       .34
//
// The width does not grow with the set. That would help only where both are large, as the error is
// a share m/2^w of the other set, whatever that one's width. But the error is known, so it can be
// subtracted ([Chance]); the deviation remains, 24 values of 100,000. Within a set of n hashes,
// n²/2^(w+1) are lost because they fall together: .3% at 100,000.
//
// The mix of Value is not secret. Someone who wants to can look for words whose features agree with
// some of another text's n in 24 bits, at 2^24/n tries a feature. Counts are exact for values; for
// hashes they are evidence that can be forged.
package featureset
