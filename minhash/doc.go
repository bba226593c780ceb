// Package minhash turns a set of features into a [Signature] of k slots, from which the similarity
// of sets can be estimated without the sets, and finds the similar among millions of signatures,
// and the sets that are within others.
//
// A feature is any 64-bit number: the hash of a shingle, a word, an identifier. It need not be a
// good hash. Letters: k slots, n features of a set, J the Jaccard similarity, b bits of a packed
// slot; for the index b bands of r rows.
//
// # Which type when
//
//   - To compare two sets: [Sum] and [Signature.Similarity].
//   - To make many signatures without garbage, or one of features that come one by one: [Sketcher].
//   - To count each feature with a weight: [Sketcher.AppendWeighted].
//   - To keep signatures in a byte a slot and compare them so: [Packing].
//   - To find the sets that are similar to one, or all similar pairs, among millions: [Index], with
//     bands by [NewPlan] for the recall that a [Goal] asks for.
//   - To do so in a database: [Plan.AppendBandKeys] for its rows, [Packing] to verify.
//   - To find the sets that contain one or are contained in it: [ContainmentIndex]. Signatures
//     cannot do that where sizes are far apart, so it takes features and keeps a sample of them.
//
// # Algorithm
//
// The signature is that of Fast Similarity Sketching (Dahlgaard, Knudsen, Thorup, FOCS 2017,
// section 2). In each of R rounds a feature chooses one slot and writes a value there; in a last
// round it writes into all slots. A slot keeps the smallest of round<<32|value over all features of
// the set. In detail, for scheme 1:
//
//   - A feature x is combined with the seed s and mixed: h = enter(x ^ mix(s+g)), where mix is the
//     finalizer of SplitMix64 with its increment g, and enter the finalizer of MurmurHash3 without
//     its last shift.
//   - In round r the 128-bit product of h·c(r) mod 2^64 and k has the slot as its high half; the
//     value is the 32 bits below. c(0) is 1, c(r) an odd number from the SplitMix64 sequence. There
//     are R = max(16, k/2) rounds.
//   - In the last round, whose number is R, the value of h in slot b is the high half of h·d(b) mod
//     2^64, with another odd number d(b) for each slot.
//
// Deviations from the paper: it has R = k rounds, here the later half of them is left out, since
// few sets get that far; and one multiplication takes the place of a hash function that is fully
// random.
//
// Since every slot is a minimum, order and repetition of features do not matter, and the signature
// of a union is the slot-wise minimum of the signatures ([Signature.Merge], [Sketcher.Merge]). In
// practice nearly all slots are filled after k·ln k/n rounds, and what follows cannot change them:
// the time is O(n + k·log k).
//
// [Classic] is the sketch with one permutation for each slot (Broder 1997), in time O(n·k), with
// features mixed as above: for those who need the slots to be independent of one another.
//
// # Accuracy
//
// The share of slots that agree estimates J without bias. For k independent slots its standard
// error is sqrt(J(1-J)/k) ([StandardError]), 0.044 for J = 0.5 and k = 128. Slots that features do
// not choose twice in a round do better. The error measured as a multiple of that formula, for k =
// 128 and two sets of which the larger has n features:
//
//	    n  J=0.1  J=0.3  J=0.5  J=0.8 J=0.95
//	    3      –   0.72   0.71      –      –
//	   10   0.71   0.71   0.71   0.72   0.71
//	   30   0.71   0.71   0.70   0.70   0.70
//	  100   0.73   0.73   0.73   0.72   0.72
//	  300   0.81   0.81   0.81   0.80   0.80
//	 1000   0.94   0.93   0.94   0.93   0.95
//	 3000   0.99   1.00   0.96   0.98   0.97
//	10000   1.00   0.98   0.95   0.98   0.99
//
// For a set of one feature and one of two it is 0.75, and up to n = k it is at most 0.80, for any k
// of 16 or more. It does not matter what the features look like: the tests measure the same for
// numbers that follow one another, for numbers that differ in their high bits only, and for sets of
// which one is part of the other. Permutations of features that are not mixed are biased there.
//
// The empty set is similar to nothing, to another empty set neither. All its slots are
// [math.MaxUint64].
//
// The number of features is estimated with a relative error of 1/sqrt(k), less for fewer than k
// ([Signature.Cardinality]), the share of a set that is found in another with the error given there
// ([Signature.Containment]). Packed to 8 bits a slot ([Packing]) the error of the similarity grows
// by less than 2% for J ≥ 0.1.
//
// Values have 32 bits: with 10^7 features to the slot, 10^9 features at k = 128, about one slot in
// a thousand agrees by chance.
//
// # Containment
//
// A quotation of 100 features in a book of 100,000 is a similarity of 0.001, which no signature
// shows. [ContainmentIndex] keeps of each set the features that a hash of their own selects, one in
// 32 if nothing else is said, and finds sets by those that they share: of sets that have m features
// in common it finds all but the share (1-1/32)^m, 4% for 100, however large they are. That is 9 to
// 10 bytes for each feature in the sample, 0.3 bytes for each of the set.
//
// # Security
//
// The hash functions are neither secret nor cryptographic. Who knows the seed can make features
// that mislead the estimates, but none that make a ContainmentIndex slow.
//
// # Stability
//
// The bits of signatures, packed signatures and encodings are the same on every machine and will
// stay, and so will what a ContainmentIndex samples. A change would be a new scheme with a number
// of its own, and the old ones would still be decoded.
package minhash
