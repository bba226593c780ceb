package formats

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
)

// readAll reads a file that has some contents, and copies it, with the records that pass. It
// returns what each record is.
func readAll(t *testing.T, name, data string, o Options, annotate bool, stays func(r *Record) bool) (records []string, copied string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
	set := Standard()
	found := set.Find(nil, false, nil, func(path string, err error) { t.Errorf("%s: %v", path, err) })
	found.Add(false, path)
	if o.Fields == nil {
		o.Fields = articles.NewFinder(articles.Fields{})
	}
	if o.MaxText == 0 {
		o.MaxText = 1000
	}
	in, reader, err := set.Open(found.Files[0], &o)
	if err != nil {
		return []string{err.Error()}, ""
	}
	defer in.Close()
	var out bytes.Buffer
	w, err := reader.Writer(&out, annotate)
	if err != nil {
		t.Fatal(err)
	}
	stay := true
	for {
		r := new(Record)
		err := reader.Next(r)
		if err == io.EOF {
			break
		}
		if err != nil {
			return append(records, err.Error()), out.String()
		}
		reader.Parse(r)
		if !r.Cont {
			stay = r.Kind == Head || r.Kind == Filler || stays == nil || stays(r)
		}
		switch {
		case r.Cont:
			records[len(records)-1] += "+"
		case r.Err != nil:
			records = append(records, fmt.Sprintf("%d! %v", r.Line, r.Err))
		case r.Kind == Article:
			records = append(records, fmt.Sprintf("%d %s %s", r.Line, r.ID, r.Text))
		}
		var a *Annotation
		if annotate && r.Err == nil {
			a = &Annotation{}
			if r.ID == "b" {
				a = &Annotation{`"a", x`, "contained", 0.25, 1}
			}
		}
		if stay {
			if err := w.Write(r, a); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return records, out.String()
}

func zip(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func utf16(s string) string {
	var b bytes.Buffer
	w := toUTF16(nopCloser{&b}, false)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

// manyLines returns n bytes of short lines, at least.
func manyLines(n int) string { return strings.Repeat("c,three\n", n/8+1) }

var long = strings.Repeat("long ", 60_000)

// What is read is what was written, and what is written is what was read, byte for byte, less what
// does not stay.
func TestReadAndCopy(t *testing.T) {
	bzip, err := os.ReadFile("testdata/two.jsonl.bz2")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, data string
		want       []string
		without    string // the copy without the article b
	}{
		{"a.jsonl", `{"id":"a","text":"one"}` + "\r\n\n" + `{"id":"b","text":"two"}` + "\n" + `{"id":"c"` + "\n \n" + `{"id":"d","text":"four"}`,
			[]string{"1 a one", "3 b two", "4! not JSON: unexpected end of JSON input", "6 d four"},
			`{"id":"a","text":"one"}` + "\r\n\n" + `{"id":"c"` + "\n \n" + `{"id":"d","text":"four"}`},
		{"a.jsonl", "\xef\xbb\xbf" + `{"id":"b","text":"two"}` + "\n", []string{"1 b two"}, "\xef\xbb\xbf"},
		{"a.jsonl", utf16("\ufeff" + `{"id":"b","text":"zwei, ä"}` + "\n" + `{"id":"c","text":"drei"}`), []string{"1 b zwei, ä", "2 c drei"}, utf16("\ufeff" + `{"id":"c","text":"drei"}`)},
		{"a.jsonl", `{"id":"a","text":"` + long + `"}` + "\n" + `{"id":"b","text":"two"}` + "\n", []string{"1! line is longer than 69536 bytes++", "2 b two"}, `{"id":"a","text":"` + long + `"}` + "\n"},
		{"a.jsonl", `{"id":"a","text":"` + long + `"}`, []string{"1! line is longer than 69536 bytes++"}, `{"id":"a","text":"` + long + `"}`},
		{"a.ndjson", "null\n7\n", []string{"1! line is a JSON null, want an object", "2! line is a JSON number, want an object"}, "null\n7\n"},
		{"a.jsonl", "", nil, ""},
		{"a.jsonl", "a\x00b", []string{"is passed over: binary"}, ""},
		{"a.csv", "id,text\na,\"one,\nand \"\"more\"\"\"\n\nb,two\nc\nd,it's 5\" long\n", []string{"2 a one,\nand \"more\"", "5 b two", "6! row has 1 values, want 2", "7 d it's 5\" long"},
			"id,text\na,\"one,\nand \"\"more\"\"\"\n\nc\nd,it's 5\" long\n"},
		{"a.csv", "id;title;text\r\nb;T, t;two\r\n", []string{"2 b two"}, "id;title;text\r\n"},
		{"a.tsv", "id\ttext\nb\t\"two\"\n\"x\"\tthree", []string{"2 b two", "3 x three"}, "id\ttext\n\"x\"\tthree"},
		{"a.csv", "id,text\nb,two\nc,\"three\nd,four\n", []string{"2 b two", "3! the quote that begins in line 3 is not closed: the rest of the file, 2 lines, is one row"},
			"id,text\nc,\"three\nd,four\n"},
		{"a.csv", "id,text,x\nb,\"two\nlines\",\"no\nend", []string{"2! the quote that begins in line 3 is not closed: the rest of the file, 2 lines, is one row"}, "id,text,x\nb,\"two\nlines\",\"no\nend"},
		{"a.csv", "id,text\nb,\"two", []string{"2! the quote that begins in line 2 is not closed"}, "id,text\nb,\"two"},
		{"a.tsv", "id\ttext\nb\t\"\"\"two\"\"\n", []string{"2! the quote that begins in line 2 is not closed"}, "id\ttext\nb\t\"\"\"two\"\"\n"},
		{"a.csv", "id,text\na,\"" + manyLines(100_000) + "b,two\n", []string{"2! row is longer than 69536 bytes; the quote that begins in line 2 is not closed by then+"}, "id,text\na,\"" + manyLines(100_000) + "b,two\n"},
		{"a.csv", "id,\"text\nb,two\n", []string{"1! the quote that begins in line 1 is not closed: the rest of the file, 2 lines, is one row"}, "id,\"text\nb,two\n"},
		{"a.csv", long + "\nb,two\n", []string{"1! row is longer than 69536 bytes++", "2! the names of the columns were not read: row is longer than 69536 bytes"}, long + "\nb,two\n"},
		{"a.csv", "id,text\na," + long + "\nb,two\n", []string{"2! row is longer than 69536 bytes++", "3 b two"}, "id,text\na," + long + "\n"},
		{"a.csv", "x,y\nb,two\n", []string{`2! no column for the text (-text); there are "x", "y"`}, "x,y\nb,two\n"},
		{"a.csv", utf16("\ufeffid\ttext\nb\tzwei\nc\tdrei\n"), []string{"2 b zwei", "3 c drei"}, utf16("\ufeffid\ttext\nc\tdrei\n")},
		{"a.txt", "\xef\xbb\xbfOne.\n", []string{"0 DIR/a.txt One.\n"}, "\xef\xbb\xbfOne.\n"},
		{"a.md", "", []string{"0 DIR/a.md "}, ""},
		{"a.txt", "\xff\xfeA\x00", []string{"0 DIR/a.txt A"}, "\xff\xfeA\x00"},
		{"a.txt", "\xff\xfe\x00\x00A\x00\x00\x00", []string{"0 DIR/a.txt A"}, "\xff\xfe\x00\x00A\x00\x00\x00"},
		{"a.txt", "\x00P\x00l\x00a\x00i\x00n\x00 \x00t\x00e\x00x\x00t", []string{"0 DIR/a.txt Plain text"}, "\x00P\x00l\x00a\x00i\x00n\x00 \x00t\x00e\x00x\x00t"},
		{"a.txt", "PNG\x00\x01", []string{"is passed over: binary"}, ""},
		{"a.txt", long, []string{"0! text is longer than 1000 bytes: text is too long+++++"}, long},
		{"a.jsonl.bz2", string(bzip), []string{"1 a one", "2 b two"}, "cannot be written"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if strings.HasSuffix(tt.name, ".bz2") {
				records, _ := readBzip2(t, tt.data)
				if diff := cmp.Diff(tt.want, records); diff != "" {
					t.Errorf("records (-want +got):\n%s", diff)
				}
				return
			}
			for _, packed := range []bool{false, true} {
				name, data := tt.name, tt.data
				if packed {
					name, data = name+".gz", zip(t, data)
				}
				got, copied := readAll(t, name, data, Options{}, false, nil)
				for i := range got {
					if k := strings.Index(got[i], "/a."); k > 0 {
						got[i] = "0 DIR" + strings.ReplaceAll(got[i][k:], ".gz", "")
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%.40q (-want +got):\n%s", tt.data, diff)
				}
				if len(tt.want) == 1 && strings.HasSuffix(tt.want[0], "binary") {
					continue
				}
				_, without := readAll(t, name, data, Options{}, false, func(r *Record) bool { return r.ID != "b" })
				if packed {
					copied, without = unzip(t, copied), unzip(t, without)
				}
				if copied != tt.data {
					t.Errorf("%.40q: the copy is %.40q", tt.data, copied)
				}
				if without != tt.without {
					t.Errorf("%.40q without b is %.80q, want %.80q", tt.data, without, tt.without)
				}
			}
		})
	}
}

func unzip(t *testing.T, s string) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// bzip2 is read, and cannot be written.
func readBzip2(t *testing.T, data string) (records []string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.jsonl.bz2")
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
	set := Standard()
	found := set.Find(nil, false, nil, nil)
	found.Add(false, path)
	in, reader, err := set.Open(found.Files[0], &Options{Fields: articles.NewFinder(articles.Fields{}), MaxText: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := reader.Writer(io.Discard, false); err == nil {
		t.Error("bzip2 was written")
	}
	for {
		var r Record
		if err := reader.Next(&r); err != nil {
			return records, err
		}
		reader.Parse(&r)
		records = append(records, fmt.Sprintf("%d %s %s", r.Line, r.ID, r.Text))
	}
}

func TestAnnotate(t *testing.T) {
	_, got := readAll(t, "a.jsonl", `{"id":"a","text":"x" } `+"\r\n{\n"+`{"id":"b","text":"y","z":{}}`, Options{}, true, nil)
	want := `{"id":"a","text":"x" ,"duplicate_of":null,"relation":null,"similarity":null,"coverage":null} ` + "\r\n{\n" +
		`{"id":"b","text":"y","z":{},"duplicate_of":"\"a\", x","relation":"contained","similarity":0.25,"coverage":1}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for line := range strings.Lines(want) {
		if line != "{\n" && !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
	_, got = readAll(t, "a.csv", "id,text\r\na,x\r\nb,\"y\"\r\nonly\r\n", Options{}, true, nil)
	if want := "id,text,duplicate_of,relation,similarity,coverage\r\na,x,,,,\r\nb,\"y\",\"\"\"a\"\", x\",contained,0.25,1\r\nonly\r\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if _, err := (&whole{in: &Input{}, name: "text"}).Writer(io.Discard, true); err == nil {
		t.Error("a text was annotated")
	}
	r := &rows{t: &table{columns: articles.Columns{Names: []string{"id", "relation"}}}}
	if err := r.Write(&Record{Kind: Head}, nil); err == nil {
		t.Error("a column was added a second time")
	}
}

// An annotation takes the place of a former one, and nothing else changes, however often. What has
// only some of its names is somebody else's, and is not replaced.
func TestAnnotateAgain(t *testing.T) {
	const fresh = `"duplicate_of":"\"a\", x","relation":"contained","similarity":0.25,"coverage":1`
	for _, tt := range []struct{ in, want string }{
		{`{"id":"b","text":"y","duplicate_of":null,"relation":null,"similarity":null,"coverage":null}`, `{"id":"b","text":"y",` + fresh + `}`},
		{`{"id":"b","text":"y" ,"duplicate_of":"q","relation":"same","similarity":1,"coverage":1} ` + "\r\n", `{"id":"b","text":"y" ,` + fresh + `} ` + "\r\n"},
		{` { "relation" : {"x":[1,"}"]} , "id":"b",` + "\t" + `"coverage":1e0, "text":"y", "similarity":-1,"dupl\u0069cate_of":"\"}","z":2 } `, ` { "id":"b", "text":"y","z":2 ,` + fresh + `} `},
		{`{"id":"b","duplicate_of":1,"relation":2,"relation":3,"similarity":4,"coverage":5,"text":"y","duplicate_of":6}`, `{"id":"b","text":"y",` + fresh + `}`},
	} {
		_, once := readAll(t, "a.jsonl", tt.in, Options{}, true, nil)
		if once != tt.want || !json.Valid([]byte(once)) {
			t.Errorf("%s\ngot  %s\nwant %s", tt.in, once, tt.want)
		}
		if _, twice := readAll(t, "a.jsonl", once, Options{}, true, nil); twice != once {
			t.Errorf("twice:\ngot  %s\nwant %s", twice, once)
		}
	}
	const table = "coverage,id,text,\"similarity\",relation,duplicate_of\r\n1,b,\"y, \"\"z\"\"\",0.5,\"same\",\"q\"\"\"\r\n\"\",c,\"w\"x,,,\r\nold,a,,,\"kept\",\r\nonly"
	want := "coverage,id,text,\"similarity\",relation,duplicate_of\r\n1,b,\"y, \"\"z\"\"\",0.25,contained,\"\"\"a\"\", x\"\r\n,c,\"w\"x,,,\r\nold,a,,,\"kept\",\r\nonly"
	_, once := readAll(t, "a.csv", table, Options{}, true, nil)
	if once != want {
		t.Errorf("got  %q\nwant %q", once, want)
	}
	if _, twice := readAll(t, "a.csv", once, Options{}, true, nil); twice != once {
		t.Errorf("twice:\ngot  %q\nwant %q", twice, once)
	}
	for _, in := range []string{`{"id":"a","text":"x","relation":"theirs"}`, `{"id":"a","text":"x","duplicate_of":"b","similarity":1,"coverage":1}`} {
		o := objects{Copier: Copier{nopCloser{io.Discard}}}
		if err := o.Write(&Record{Raw: []byte(in), Line: 7}, &Annotation{}); err == nil || !strings.Contains(err.Error(), "line 7: field") {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// Annotated objects are what encoding/json makes of them without former annotations.
func FuzzAnnotate(f *testing.F) {
	for _, s := range []string{`{"id":"a","text":"b"}`, `{ "duplicate_of":1 , "relation":[{}],"similarity":"\"","coverage":null , "text":"x"}` + "\n", `{"text":"\\","t":{"}":[]}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var fields map[string]json.RawMessage
		if json.Unmarshal([]byte(s), &fields) != nil || fields == nil {
			return
		}
		var out bytes.Buffer
		o := objects{Copier: Copier{nopCloser{&out}}}
		r := &Record{Raw: []byte(s)}
		if o.Write(r, &Annotation{"q", "same", 1, 0.5}) != nil {
			n := 0
			for _, name := range AnnotationNames {
				if _, ok := fields[name]; ok {
					n++
				}
			}
			if n == 0 || n == len(AnnotationNames) {
				t.Fatalf("%q is refused", s)
			}
			return
		}
		for i, v := range []string{`"q"`, `"same"`, "1", "0.5"} {
			fields[AnnotationNames[i]] = json.RawMessage(v)
		}
		var got map[string]json.RawMessage
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%q: %q: %v", s, &out, err)
		}
		if diff := cmp.Diff(fields, got); diff != "" {
			t.Fatalf("%q: %q (-want +got):\n%s", s, &out, diff)
		}
		for _, name := range AnnotationNames {
			if n := strings.Count(out.String(), `"`+name+`":`); n > 1 && strings.Count(s, name) == 0 {
				t.Fatalf("%q: %q is there %d times", s, name, n)
			}
		}
	})
}

// Text in code pages is converted by whoever knows them, record by record; without, it is left as
// it is, and said so.
func TestConvert(t *testing.T) {
	latin := Options{Convert: func(b []byte) ([]byte, string, bool) {
		return bytes.ReplaceAll(b, []byte{0xe9}, []byte("é")), "latin", true
	}}
	for name, data := range map[string]string{"a.txt": "caf\xe9", "a.jsonl": "{\"text\":\"caf\xe9\"}\n", "a.csv": "id,text\nx,caf\xe9\n"} {
		got, copied := readAll(t, name, data, latin, false, nil)
		if len(got) != 1 || !strings.HasSuffix(got[0], " café") || copied != data {
			t.Errorf("%s: %q, copied %q", name, got, copied)
		}
	}
	if text, encoding := new(Options).Text([]byte("caf\xe9")); encoding != "unknown" || string(text) != "caf\xe9" {
		t.Errorf("%q, %q", text, encoding)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		"c/a.txt": "x", "c/b.TXT": "x", "c/d/e.jsonl.gz": "x", "c/.hidden.txt": "x", "c/.git/x.txt": "x", "c/page.html": "x", "c/p.HTML": "x", "c/x.png": "x", "c/README": "x",
		"c/.txt": "x", "other/a.txt": "x", "o.csv": "x", "page.html": "x", "noise": "{",
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("a.txt", "c/link.txt"); err != nil {
		t.Skip(err)
	}
	set := Standard()
	find := func(all bool, paths ...string) (rel string, x *Finding, errs string) {
		x = set.Find(nil, all, nil, func(path string, err error) { errs += path + ": " + err.Error() + "\n" })
		x.Add(false, paths...)
		for _, f := range x.Files {
			rel += filepath.ToSlash(f.Rel) + " "
		}
		return rel, x, errs
	}
	rel, x, errs := find(false, "c")
	if want := "a.txt b.TXT d/e.jsonl.gz "; rel != want || errs != "" || !x.Folder {
		t.Errorf("found %q, %s", rel, errs)
	}
	if got, want := x.Passed(), "8 passed over (3 hidden, 2 .html, 1 .png, 1 link, 1 no extension)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := x.Hint(); got != ".html: examples/corpus reads it" {
		t.Errorf("hint %q", got)
	}
	if rel, _, _ := find(true, "c"); rel != ".hidden.txt a.txt b.TXT d/e.jsonl.gz link.txt " {
		t.Errorf("all: %q", rel)
	}
	rel, x, errs = find(false, "c", "other", "o.csv", "missing", "page.html", "noise")
	if want := "c/a.txt c/b.TXT c/d/e.jsonl.gz other/a.txt o.csv noise "; rel != want {
		t.Errorf("found %q", rel)
	}
	if !strings.Contains(errs, "missing: ") || !strings.Contains(errs, "page.html: is of a kind that is not read here: examples/corpus reads it") {
		t.Errorf("errors %s", errs)
	}
	if a, _ := x.Clash(); a != nil {
		t.Errorf("%s clashes", a.Path)
	}
	if _, x, _ = find(false, "c/a.txt", "other/a.txt"); true {
		if a, b := x.Clash(); a == nil || b.Path != "other/a.txt" {
			t.Error("two files of one name do not clash")
		}
	}
	if _, x, _ = find(false, "o.csv"); x.Folder {
		t.Error("one file is a folder")
	}
}

// Where a row ends, and its values, are what encoding/csv says, of all that it accepts. Of all else
// every byte is in some row, and only the last can be one whose quote is not closed.
func FuzzTable(f *testing.F) {
	for _, s := range []string{"a,b\nc,d\n", "\"a\nb\",\"\"\"\"\n\n,\nx", "a,\"b\"\"\"\r\n\"\",c", "\"\"", "a,\"b\",\n", "a,\"b\nc,d\n", "a,\"b\"\"", "a,\"b\"c\n\"\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		// Without carriage returns, which encoding/csv drops inside of quotes, too.
		s = strings.ReplaceAll(s, "\r", "")
		x := splitter{b: bufio.NewReaderSize(strings.NewReader(s), 16), limit: 1 << 20, table: &quotes{delimiter: ',', start: true}, begun: true}
		var got [][]string
		var unclosed error
		copied := ""
		for {
			var r Record
			if err := x.next(&r); err != nil {
				break
			}
			if unclosed != nil {
				t.Errorf("%q: there is something after the end: %q", s, r.Raw)
			}
			copied += string(r.Raw)
			unclosed = r.Err
			if r.Kind != Filler || len(strings.Trim(string(r.Raw), "\n")) > 0 { // blanks are a row to encoding/csv
				got = append(got, split(nil, r.Raw, ','))
			}
		}
		if copied != s {
			t.Errorf("%q: copied %q", s, copied)
		}
		c := csv.NewReader(strings.NewReader(s))
		c.FieldsPerRecord = -1
		if want, err := c.ReadAll(); err == nil {
			if diff := cmp.Diff(want, got); diff != "" || unclosed != nil {
				t.Errorf("%q: %v (-want +got):\n%s", s, unclosed, diff)
			}
		}
	})
}

func TestTooLong(t *testing.T) {
	if got, _ := readAll(t, "a.txt", long, Options{}, false, nil); !strings.Contains(got[0], neardup.ErrTooLong.Error()) {
		t.Errorf("got %q", got)
	}
}
