// Package shingle turns text into features: 64-bit values such that two texts
// have many of them in common if they have much of their wording in common. A
// text is cut into tokens, which are words or characters, and each feature
// stands for a short run of them, a shingle.
//
// [AppendWords] is the whole of it for one text at a time. A [Shingler] adds what
// takes configuration: the prose of a page instead of all of it, characters
// instead of words, and so on. The features go into a [Set] for the exact
// similarity of two texts, into a [Bag] if it matters how often they occur, or
// into a sketch of the packages minhash and simhash.
//
// Letters: w is the width of a word shingle, k that of a character shingle
// (k-gram), n the number of tokens of a text.
//
// # Tokens
//
// A token is a maximal run of letters, digits and marks (Unicode's general
// categories L, N and M), folded. In scripts that are written without spaces
// (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar) each letter is a token,
// with the marks that follow it. Everything else separates tokens and is not
// part of any. There is no word segmentation after UAX #29: its rules change
// with versions of Unicode, and a fingerprint must not.
//
// Folding is the toNFKC_Casefold of the Unicode Standard (section 3.13, R5): text
// is normalised to NFKC, case is folded, and characters without appearance are
// removed. In the rows below, texts on both sides of = have the same tokens,
// texts on both sides of ≠ do not, and the number is how many there are on the
// left:
//
//	case                       "STRASSE" = "Straße"                      1
//	case                       "ΣΊΣΥΦΟΣ" = "σίσυφοσ"                     1
//	case, dotted I             "İZMİR" = "i\u0307zmi\u0307r"             1
//	case, dotless i            "ılık" ≠ "ilik"                           1
//	NFC and NFD                "caf\u00e9" = "cafe\u0301"                1
//	order of marks             "a\u0323\u0307" = "a\u0307\u0323"         1
//	diacritics are kept        "Müller" ≠ "Muller"                       1
//	punctuation                "one,two;(three)-four" = "one two three four" 4
//	numbers                    "1,234.50" = "1 234 50"                   3
//	underscore                 "snake_case" = "snake case"               2
//	apostrophe                 "don't l'été" = "don’t l’été"             4
//	apostrophe, other forms    "don't п'ять" = "donʼt пʼять"             4
//	quotation marks            "“one” «two» ‘three’" = "\"one\" 'two' three" 3
//	full width                 "ＡＢＣ　１２３！" = "abc 123"            2
//	half width                 "ｶﾞｲﾄﾞ" = "ガイド"                        3
//	ligatures                  "ﬁnal" = "final"                          1
//	superscripts, fractions    "m² 5½" = "m2 51 2"                       3
//	letters as symbols         "20㎞ №5" = "20km no5"                    2
//	soft hyphen                "co\u00adoperate" = "cooperate"           1
//	hard hyphen                "co-operate" = "co operate"               2
//	zero-width space           "zero\u200bwidth" = "zerowidth"           1
//	zero-width (non-)joiner    "می\u200cخواهم" = "میخواهم"               1
//	byte order mark            "\ufeffone" = "one"                       1
//	direction marks            "\u202bone\u202c\u200f" = "one"           1
//	variation selectors        "葛\U000e0100城" = "葛城"                 2
//	no-break space             "one\u00a0two" = "one two"                2
//	tatweel (kashida)          "كتـــاب" = "كتاب"                        1
//	vowel points are kept      "كِتَاب" ≠ "كتاب"                         1
//	Han                        "北京大学" = "北 京 大 学"                4
//	Han and numbers            "2024年3月" = "2024 年 3 月"              4
//	Kana with sound marks      "がば" = "か\u3099は\u3099"               2
//	Kana are kept apart        "ガ" ≠ "が"                               1
//	Thai with marks            "กำลัง" = "กํ า ลั ง"                     4
//	Hangul syllables, letters  "한국" = "\u1112\u1161\u11ab\u1100\u116e\u11a8" 1
//	Devanagari                 "क़लम" = "क\u093cलम"                       1
//	mark without a letter      "\u0301one" = "one"                       1
//	emoji                      "one👍🏽two" = "one two"                   2
//	other controls             "one\x00two\x1bthree" = "one two three"   3
//	invalid UTF-8              "one\xfftwo\xc3" = "one two"              2
//	encoded surrogate          "one\xed\xa0\x80two" = "one two"          2
//
// Apostrophes separate, because the labelled data of the field have it so, and
// because languages do not agree on what they mean: "l'été" is two words. The
// apostrophe that Unicode counts as a letter, U+02BC, is one that people type
// for the others and does as they do, and so does U+02BB. Each byte that is not
// part of well-formed UTF-8 is a separator, and so is each code point that
// Unicode 15.0 does not assign. Of the combining marks that follow one character,
// the first 30 in canonical order count (as in the Stream-Safe Text Format of UAX
// #15). The tatweel, which only stretches a word, is the one exception to
// toNFKC_Casefold.
//
// [Config].FoldDiacritics also drops the marks of the Latin, Greek, Cyrillic,
// Arabic and Hebrew scripts, in any encoding: U+0300–036F, 0483–0487, 0591–05C7,
// 0610–061A, 064B–065F, 0670, 06D6–06ED, 1AB0–1AFF, 1DC0–1DFF, 20D0–20FF and
// FE20–FE2F. The strokes of ø and ł are not marks, and stay; so do the vowel signs
// of Indic scripts and the sound marks of Kana, without which words are others.
//
// # Characters
//
// Where the unit is [Char], a token is a folded letter or digit with its marks
// in every script; a Hangul syllable is one. Whatever separates words is one
// more token between them, a space, however long it is, and none at the ends of
// the text.
//
// # Anchored shingles
//
// Where the unit is [Anchored], a shingle is a stop word and the next Size
// content words, Distance apart, whatever number of stop words is between them.
// Such shingles are found in sentences and hardly in menus, headlines and
// tables. This follows SpotSigs (Theobald, Siddharth and Paepcke, SIGIR 2008,
// section 3), with two deviations: every stop word begins a shingle, and a text
// that has no such shingle has one feature, over all of its tokens. The stop
// words are those of English, Spanish, German, French, Portuguese, Italian,
// Russian, Arabic, Chinese and Japanese, all at the same time.
//
// # Features: scheme 1
//
// The hash of a token is the XXH64, with seed 0, of the folded token in UTF-8.
// The feature of a shingle of the tokens with hashes t0 … tn-1 is, modulo 2^64,
//
//	mix(t0·Pⁿ⁻¹ + t1·Pⁿ⁻² + … + tn-1)    P = 0x9E3779B97F4A7C15
//
//	mix(x):  x ^= x >> 30;  x *= 0xBF58476D1CE4E5B9
//	         x ^= x >> 27;  x *= 0x94D049BB133111EB
//	         x ^= x >> 31
//
// so that the order of the tokens matters; mix is the finalizer of SplitMix64
// (Steele, Lea and Flood, OOPSLA 2014; constants by Stafford). A text of n ≥ w
// tokens has n-w+1 features, a text of 1 to w-1 tokens has one, over all of
// them, and a text without tokens has none.
//
// # Stability
//
// The features of a text in the view [Whole] never change: not with the Go
// release, the machine, or the way the text is read. Which characters are
// letters, digits and marks, and how their case folds, is frozen as of Unicode
// 15.0 in the tables of this package. Only decomposition and composition come
// from golang.org/x/text, for characters of Unicode 15.0, where Unicode's
// stability policy guarantees that they never change. The price is that scripts
// and letters that later versions add are separators. A function that gives
// other features will be a new scheme, beside this one.
//
// # Speed
//
// Text is read once, eight bytes at a time while it is ASCII; words with simple
// letters beyond that (most of French, Russian or Chinese) are folded where
// they stand, and only what needs it goes through the normaliser. The result
// does not depend on which of these a word takes, nor the order of magnitude of
// the time on what the text is: hostile input of any kind is read in linear time.
package shingle
