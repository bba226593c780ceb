// Package sitetext tells the text of a site from the text of its articles: walls, notices, footers,
// teasers, navigation, forms.
//
// # The rule
//
// What recurs in the texts of one source is the site's, around articles that differ, or it is an
// article's, published again and again. What tells the two apart is what else is in the texts that
// it recurs in, and where. A feature is site text if it is found behind 6 different openings, in
// texts that have a passage of their own where texts of this source have one:
//
//   - A passage is the longest stretch of a text of which each feature is in at most 5 texts of the
//     source. It is the text's own if it spans 16 features, some 13 to 25 words. So a copy with
//     words replaced here and there has none, nor has one that only brings a new title.
//   - It stands where passages do if the next feature before it, or after it, that is in 6 times as
//     many texts stands beside a passage in at least a third of these. A wall does: it follows a
//     teaser wherever it occurs. The sentences of a story do not, if the copies of the story each
//     have a new sentence or paragraph anywhere.
//   - The opening is the first stretch of 8 features in about as many, and at most 10, texts:
//     mostly title and first lines. A story that is published up to ten times with a new paragraph
//     each time has one opening; ten walled pages have ten. A label or a date above the title is
//     shorter.
//
// Where nothing tells the two apart it is site text: to take too much for the site's leaves two
// copies of one article, to take too little loses one of two articles. So a story that comes more
// than ten times, each time with another paragraph in the same place, is taken for a form, and
// nothing of it is left but that paragraph. A story that grows, or of which all copies are equal or
// differ by edits, is not, however often it is published.
//
// What is not found: pages that share a site's text and have fewer than some 14 words of their own
// each (their pairs are for others to judge); a wall of which a source has fewer than 6 pages, or
// fewer than 11 if it stands above the article; a wall between lists of headlines that change from
// page to page, if they are not known to be menus; a wall on pages of which each comes in more than
// 5 versions.
//
// # What is kept of a text
//
// Its set of features, cut to 24 bits, and a skeleton: the places of one feature in eight, a byte
// each, more densely for short texts. Features are sampled by their own bits (Broder, On the
// resemblance and containment of documents, 1997), so that a feature is sampled in all texts or in
// none of one length, and an edit leaves the sample of the rest alone. Passages, openings and what
// stands beside them are found in samples; only of some texts is the whole set looked at, to find
// the features of the site that are not sampled.
//
// # Hostile texts
//
// Whoever writes texts can choose features at little cost. Counters are addressed by a keyed hash,
// or by value if they are many, so that no choice makes learning slow. The key does not show in
// what is learnt: that depends on the set of texts only.
package sitetext
