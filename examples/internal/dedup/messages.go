package dedup

import (
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// messages is where messages are written to, each whole. What is in the names of files, in fields
// and in options must not command a terminal.
type messages struct{ w io.Writer }

func (m messages) Write(b []byte) (int, error) {
	s := string(b)
	if !strings.ContainsFunc(s, strange) {
		return m.w.Write(b)
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = plain(line)
	}
	if _, err := io.WriteString(m.w, strings.Join(lines, "\n")); err != nil {
		return 0, err
	}
	return len(b), nil
}

// strange reports whether a terminal would do something with a character but show it: a control
// character, one that turns the direction of what follows, or bytes that are no UTF-8.
func strange(c rune) bool {
	return unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == utf8.RuneError
}

// plain returns s on one line, with what is strange in it as Go writes it in quotes.
func plain(s string) string {
	if !strings.ContainsFunc(s, strange) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		c, n := utf8.DecodeRuneInString(s)
		if strange(c) {
			quoted := strconv.QuoteToASCII(s[:n])
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}
