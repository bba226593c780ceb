// Package featureset keeps sets of hash values in about the room that their entropy asks for, and counts what two of
// them have in common.
//
// # Sets
//
// A set has up to [Classes] classes, and each class has distinct values that no other class has. A value is a hash cut to
// its first width bits, 8 to 32 ([Value]). The width is not in the bytes: one use of the package has one width, and only
// sets of one width can be compared.
//
// # Room
//
// The values of a class are sorted, and the differences between neighbours are written in a Rice code. For n random values of
// w bits it takes w - log2(n) + 1.5 bits a value, which is .03 to .06 bits more than the entropy. To name the class of
// each value costs the entropy of the classes, as classes are lists of their own. In bytes a value, all in, for one class of width 24:
//
//	n         1     10    30    100   500   1,500  10,000  100,000
//	bytes     6.0   2.9   2.67  2.37  2.08  1.87   1.53    1.11
//
// No set of n values takes more than w - log2(n) + 3.1 bits a value and 17 bytes, whatever the values are.
//
// # Errors
//
// Hashes that differ can agree in their first w bits. Two sets of n and m values that have nothing in common are then
// seen to have n·m/2^w in common, on average, with a standard deviation of the root of that:
//
//	w    n = m     false common values
//	24   500       .015
//	24   1,500     .13
//	24   10,000    6.0    (.06%)
//	24   100,000   596    (.6%)
//	18   300       .34
//
// The width does not grow with the set, as that would help only where both are large: the error is a share m/2^w of the
// smaller set. It is a known number, so it is subtracted instead: see [Chance]. What is left of it for n = m = 100,000 is
// the deviation of 24. Within a set, n values are the image of n + n²/2^(w+1) hashes: .3% fewer at 100,000.
//
// The mix of Value is not secret. Who wants to can look for words whose features agree with those of another text in 24
// bits, at about 2^24/n tries a feature. Counts are exact for values; they are evidence, not proof, against one who aims.
package featureset
