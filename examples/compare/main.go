// Compare says whether two text files are near-duplicate articles, which of them may go, and shows
// what they share.
//
//	go run ./examples/compare [-json] A B
//
// A or B, but not both, may be - for standard input. The exit status is that of diff: 0 for
// near-duplicates, 1 for different articles, 2 for trouble. (go run reports every status but 0 as 1;
// build the program where that matters.)
//
// With -json it prints one object:
//
//	{
//	  "duplicate": true,
//	  "verdict": "…",
//	  "kind": "contained",
//	  "jaccard": 0.44, "containment_a_in_b": 0.97, "containment_b_in_a": 0.46, "shared": 310,
//	  "reason": …,
//	  "hamming": 13,
//	  "passages": [{"a_start": 0, "a_end": 5119, "b_start": 12, "b_end": 5131, "text": "…"}]
//	}
//
// "kind" is "different", "same", "contained" (A is found in B, and may go) or "contains" (B is found
// in A, and may go), and "verdict" says it in a sentence. Offsets count bytes of the files; text is
// that of A. A file in UTF-16 or UTF-32 is converted, with a note on standard error, and offsets are
// then those of the text in UTF-8, without a byte order mark.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/formats"
)

const (
	same      = 0
	different = 1
	trouble   = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

const schema = `
output of -json, one JSON object:
  {"duplicate": bool, "verdict": string, RELATION, "hamming": number,
   "passages": [{"a_start": number, "a_end": number, "b_start": number, "b_end": number, "text": string}, …]}
                offsets count bytes; text is that of A
` + articles.RelationSchema + `
exit status:
  0  near-duplicates
  1  different
  2  trouble
`

// A result is what -json prints.
type result struct {
	Duplicate bool   `json:"duplicate"`
	Verdict   string `json:"verdict"`
	neardup.Relation
	Hamming  int       `json:"hamming"`
	A        side      `json:"a"`
	B        side      `json:"b"`
	Passages []passage `json:"passages"`
}

// A side is what one file has and the other does not.
type side struct {
	FellBack   bool     `json:"fell_back"`
	NewWords   []string `json:"new_words"`
	NewNumbers []string `json:"new_numbers"`
}

func newSide(s neardup.Side) side {
	// Empty lists, not null.
	return side{s.FellBack, append([]string{}, s.NewWords...), append([]string{}, s.NewNumbers...)}
}

type passage struct {
	AStart int    `json:"a_start"`
	AEnd   int    `json:"a_end"`
	BStart int    `json:"b_start"`
	BEnd   int    `json:"b_end"`
	Text   string `json:"text"`
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(stderr)
	const usage = "usage: compare [-json] A B\nA and B are text files; one of them may be - for standard input."
	flags.Usage = func() {}
	asJSON := flags.Bool("json", false, "print one JSON object")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(stdout, usage+"\n\nSays whether they are near-duplicates, which of them may go, and shows what they share.\n\nexample:\n  compare -json monday.txt tuesday.txt\n\nflags:\n")
			flags.SetOutput(stdout)
			flags.PrintDefaults()
			fmt.Fprint(stdout, schema)
			return same
		}
		return trouble
	}
	if flags.NArg() != 2 {
		fmt.Fprintln(stderr, usage)
		return trouble
	}
	if flags.Arg(0) == "-" && flags.Arg(1) == "-" {
		fmt.Fprintln(stderr, "compare: only one side can be standard input")
		return trouble
	}
	var text [2]string
	for i := range text {
		data, err := read(flags.Arg(i), stdin)
		if err != nil {
			fmt.Fprintln(stderr, "compare:", err)
			return trouble
		}
		text[i] = string(data)
		if converted, encoding := new(formats.Options).Text(data); encoding == "unknown" {
			fmt.Fprintf(stderr, "compare: %s is not UTF-8, and read with gaps\n", flags.Arg(i))
		} else if encoding != "" {
			fmt.Fprintf(stderr, "compare: %s was converted from %s\n", flags.Arg(i), encoding)
			text[i] = string(converted)
		}
	}

	c := neardup.Compare(text[0], text[1])
	out := bufio.NewWriter(stdout)
	if *asJSON {
		printJSON(out, c, text[0])
	} else {
		printText(out, c, text[0], text[1])
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(stderr, "compare:", err)
		return trouble
	}
	if c.Duplicate() {
		return same
	}
	return different
}

func read(path string, stdin io.Reader) ([]byte, error) {
	if path != "-" {
		return os.ReadFile(path)
	}
	data, err := io.ReadAll(stdin)
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	return data, nil
}

func printJSON(w io.Writer, c neardup.Comparison, a string) {
	r := result{
		Duplicate: c.Duplicate(),
		Verdict:   c.String(),
		Relation:  articles.Round(c.Relation),
		Hamming:   c.Hamming,
		A:         newSide(c.A),
		B:         newSide(c.B),
		Passages:  []passage{}, // not null
	}
	for _, p := range c.Passages {
		r.Passages = append(r.Passages, passage{p.AStart, p.AEnd, p.BStart, p.BEnd, a[p.AStart:p.AEnd]})
	}
	e := articles.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(r) // an error of w comes back from Flush
}

func printText(w io.Writer, c neardup.Comparison, a, b string) {
	if c.Duplicate() {
		fmt.Fprint(w, "near-duplicates: ")
	}
	fmt.Fprintf(w, "%s\n\n", c) // begins with "different" where they are
	fmt.Fprintf(w, "Jaccard        %.3f\n", c.Jaccard)
	fmt.Fprintf(w, "A in B         %.3f\n", c.ContainmentAInB)
	fmt.Fprintf(w, "B in A         %.3f\n", c.ContainmentBInA)
	fmt.Fprintf(w, "Hamming        %d of 64 bits\n", c.Hamming)
	for _, x := range []struct {
		name        string
		list, other []string
	}{
		{"New words", c.A.NewWords, c.B.NewWords}, {"New numbers", c.A.NewNumbers, c.B.NewNumbers}, {"Site's lines", c.A.SiteLines, c.B.SiteLines},
	} {
		if len(x.list)+len(x.other) > 0 {
			fmt.Fprintf(w, "%-14s A: %s\n%-14s B: %s\n", x.name, abbreviate(strings.Join(x.list, ", "), 160), "", abbreviate(strings.Join(x.other, ", "), 160))
		}
	}
	shared := [2]int{}
	tokens := 0
	for _, p := range c.Passages {
		shared[0] += p.AEnd - p.AStart
		shared[1] += p.BEnd - p.BStart
		tokens += p.Tokens
	}
	fmt.Fprintf(w, "Shared         %s, %d words: %d of %d bytes of A, %d of %d bytes of B\n",
		plural(len(c.Passages), "passage"), tokens, shared[0], len(a), shared[1], len(b))
	for i, p := range c.Passages {
		fmt.Fprintf(w, "\n%d.  A %d-%d  B %d-%d  %s\n", i+1, p.AStart, p.AEnd, p.BStart, p.BEnd, plural(p.Tokens, "word"))
		fmt.Fprintf(w, "    %s\n", abbreviate(a[p.AStart:p.AEnd], 160))
	}
}

// abbreviate puts text on one line and leaves out its middle, so that about n characters remain. What a terminal would
// take for a command becomes a space.
func abbreviate(text string, n int) string {
	text = strings.ToValidUTF8(text, "�")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f && r < 0xa0 }), " ")
	count := utf8.RuneCountInString(text)
	if count <= n {
		return text
	}
	runes := []rune(text)
	head, tail := string(runes[:n/2]), string(runes[count-n/2:])
	// Cut between words where there are any nearby.
	if i := strings.LastIndexByte(head, ' '); i > max(0, len(head)-20) {
		head = head[:i]
	}
	if i := strings.IndexByte(tail, ' '); i >= 0 && i < 20 {
		tail = tail[i+1:]
	}
	return head + " […] " + tail
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
