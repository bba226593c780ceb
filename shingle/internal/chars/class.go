package chars

// Class is what a character is to the prose view.
type Class uint8

const (
	Other    Class = iota // punctuation and symbols that say nothing
	Space                 // white space within a line
	Break                 // line break
	Skip                  // nothing at all: soft hyphens, zero-width characters, tatweel
	Stop                  // . ! ?
	Full                  // the same in other scripts, where no space need follow
	Comma                 // , ; and their likes
	Colon                 // :
	Close                 // closing quotes and brackets
	Glue                  // what joins words: apostrophe, hyphen, slash, @
	Symbol                // | • © and other symbols that sentences do not have
	Digit                 // digits; from here on, parts of words
	Lower                 // letters of scripts with two cases
	Upper                 //
	Plain                 // letters of scripts without case, between spaces
	Hangul                // the same, where the last syllable tells a particle
	Particle              // a syllable that Korean words with a particle or the ending of a verb are likely to end with
	Mark                  // combining marks
	Han                   // letters of scripts without spaces
	Grammar               // the same, that carry grammar, as a rule
	Hira                  //
	Kata                  //
	Thai                  // and of those without terminal punctuation either: Thai, Lao, Khmer, Burmese
)

// ClassOf returns the class of r. A character that is one for compatibility, and part of a token, has the class of the first one
// that it stands for.
func ClassOf(r rune) Class {
	if uint32(r) < Limit {
		return Class(classData[int(classIndex[r/Block])*Block+int(r%Block)])
	}
	if 0xE0000 <= r && r <= 0xE0FFF {
		return Skip
	}
	return Other
}

// ASCII returns the class of an ASCII character.
func ASCII(c byte) Class { return Class(classData[c%0x80]) }
