// Package sitetext tells the text of a site from the text of its articles: walls, notices, footers, teasers, navigation, forms.
//
// What recurs in the texts of one source is either the site's, around articles that differ, or an article's, published
// again and again. The two differ in what else the texts have that it recurs in. A feature is site text if
//
//   - it occurs in texts that each have a passage of their own, of some 20 words in a row and several times rarer
//     in the source than the feature itself. Copies of one article with edits here and there have no such passage;
//   - and these texts open in at least 6 different ways, where the opening of a text is the first feature in it
//     that few texts of the source have: mostly its title. An article published again under its title with a new
//     paragraph has such a passage each time, but only one opening.
//
// Where nothing tells the two apart, as with an article that comes each time with another title and another paragraph, it is
// site text: to take too much for the site's makes one article two, to take too little makes two articles one.
//
// # What is kept of a text
//
// Its set of features, cut to 24 bits, and a skeleton: the places of one feature in eight, a byte each. Features are sampled
// by their own bits (Broder, On the resemblance and containment of documents, 1997), so that an edit leaves the sample of
// the rest alone.
//
// # Hostile texts
//
// Values come from strangers, who can choose them at little cost. Counters are addressed by value if a source is
// large and by a keyed hash if it is small, so that no choice of values makes learning slow, and the key never shows in
// what is learnt.
package sitetext
