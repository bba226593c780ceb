package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/corpus"
)

const (
	story = "The harbour master said on Monday that the western gate would stay open until the last of the barges had passed the lock."
	other = "A committee of the provincial council has asked the railway to explain why the evening train no longer waits for the ferry."
)

// drive runs the program and returns what it wrote and its status.
func drive(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, err bytes.Buffer
	status = program.Run(t.Context(), args, strings.NewReader(""), &out, &err)
	return out.String(), err.String(), status
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func gzipped(parts ...string) string {
	var b bytes.Buffer
	for _, s := range parts {
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(s))
		_ = z.Close()
	}
	return b.String()
}

// warc makes a record of an archive.
func warc(kind, id, uri, content, block string) string {
	return fmt.Sprintf("WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:%s>\r\nWARC-Date: 2031-10-02T07:00:00Z\r\nWARC-Target-URI: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
		kind, id, uri, content, len(block), block)
}

func response(id, uri, html string) string {
	return warc("response", id, uri, "application/http; msgtype=response", "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"+html)
}

func markup(title, text string) string {
	return "<!DOCTYPE html><html><head><title>" + title + "</title></head><body><nav><ul><li>Home<li>Sport</ul></nav><article><h1>" + title + "</h1><p>" + text + "</p></article></body></html>"
}

// records is an archive of all kinds of record; the fourth is a copy of the third.
func records() []string {
	return []string{
		"WARC/1.0\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: <urn:uuid:0>\r\nContent-Type: application/warc-fields\r\nContent-Length: 15\r\n\r\nsoftware: none\n\r\n\r\n",
		warc("request", "1", "https://www.a.example/1", "application/http; msgtype=request", "GET /1 HTTP/1.1\r\n\r\n"),
		response("2", "https://www.a.example/1", markup("Gate", strings.Repeat(story+" ", 3))),
		response("3", "https://b.example/", markup("The gate again", strings.Repeat(story+" ", 3))),
		warc("response", "4", "https://a.example/logo.png", "application/http", "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG\x00"),
		warc("response", "5", "https://a.example/gone", "application/http", "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>Gone"),
		warc("response", "6", "https://c.example/", "application/http", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"+
			chunked(gzipped(markup("Train", strings.Repeat(other+" ", 3))))),
		warc("conversion", "7", "https://d.example/", "text/plain", "Zwischen den Brücken liegt ein Boot, das niemand mehr braucht, seit die neue Straße da ist."),
		warc("response", "8", "https://e.example/", "application/http", "no HTTP"),
		warc("resource", "9", "file:///x.html", "text/html", "<html><body>"+strings.Repeat("x", 200_000)+"</body></html>"),
	}
}

func chunked(s string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(s), s) }

// An archive loses the copy, byte for byte of the others, whatever its compression.
func TestArchive(t *testing.T) {
	t.Chdir(t.TempDir())
	all := records()
	left := append(append([]string{}, all[:3]...), all[4:]...)
	write(t, "plain.warc", strings.Join(all, ""))
	write(t, "members.warc.gz", gzipped(all...))
	write(t, "solid.warc.gz", gzipped(strings.Join(all, "")))
	for in, want := range map[string]string{"plain.warc": strings.Join(left, ""), "members.warc.gz": gzipped(left...), "solid.warc.gz": gzipped(left...)} {
		out := "out-" + in
		_, stderr, status := drive(t, "-out", out, in)
		if status != 0 || !strings.Contains(stderr, "10 records in 1 file: 4 kept, 1 removed, 5 passed through, 0 rejected; 1 group;") {
			t.Errorf("%s: status %d, %s", in, status, stderr)
		}
		if got := read(t, out); got != want {
			t.Errorf("%s: %d bytes, want %d", in, len(got), len(want))
		}
	}
	// The one compressed from the other.
	if _, stderr, status := drive(t, "-out", "x.warc", "members.warc.gz"); status != 0 || read(t, "x.warc") != strings.Join(left, "") {
		t.Errorf("to plain: status %d, %s", status, stderr)
	}
	if _, stderr, status := drive(t, "-out", "x.warc.gz", "plain.warc"); status != 0 || read(t, "x.warc.gz") != gzipped(left...) {
		t.Errorf("to gzip: status %d, %s", status, stderr)
	}
	stdout, _, _ := drive(t, "-dry-run", "plain.warc")
	if !strings.Contains(stdout, `"id":"urn:uuid:3","file":"plain.warc","line":4,"duplicate_of":"urn:uuid:2","relation":"same"`) {
		t.Errorf("goes: %s", stdout)
	}
	// Cut off anywhere, it is read as far as it goes, and not written.
	whole := read(t, "members.warc.gz")
	for cut := 40; cut < len(whole); cut += 97 {
		write(t, "cut.warc.gz", whole[:cut])
		if _, stderr, status := drive(t, "-out", "y", "cut.warc.gz"); status == 1 {
			t.Errorf("cut at %d: status %d, %s", cut, status, stderr)
		}
	}
	for _, bad := range []string{"WARC/1.0\r\n\r\n", "WARC/1.0\r\nContent-Length: -1\r\n\r\n", "nonsense\r\n", "WARC/1.0\r\nContent-Length: 99999999999\r\n\r\nx"} {
		write(t, "bad.warc", bad)
		if _, stderr, status := drive(t, "bad.warc"); status != 2 || !strings.Contains(stderr, "bad.warc: record 1: ") {
			t.Errorf("%q: status %d, %s", bad, status, stderr)
		}
	}
}

// A record that is too long passes through in pieces.
func TestLongRecord(t *testing.T) {
	t.Chdir(t.TempDir())
	p := program
	p.MaxText = 1 << 16
	long := warc("resource", "1", "file:///x", "text/html", "<p>"+strings.Repeat("0123456789abcdef", 100_000))
	short := response("2", "https://a.example/", markup("Gate", story))
	write(t, "a.warc", long+short)
	write(t, "a.warc.gz", gzipped(long, short))
	for _, name := range []string{"a.warc", "a.warc.gz"} {
		var stdout, stderr strings.Builder
		status := p.Run(t.Context(), []string{"-out", "out-" + name, name}, nil, &stdout, &stderr)
		if status != 1 || !strings.Contains(stderr.String(), name+":1: record is longer than") || !strings.Contains(stderr.String(), "1 kept, 0 removed, 1 passed through") {
			t.Errorf("%s: status %d, %s", name, status, stderr.String())
		}
		if read(t, "out-"+name) != read(t, name) {
			t.Errorf("%s is not as it was", name)
		}
	}
}

// A Parquet file keeps its schema, its metadata and its other rows, nested ones too.
func TestParquet(t *testing.T) {
	in, err := filepath.Abs("testdata/table.parquet")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	_, stderr, status := drive(t, "-out", "out.parquet", "-rejects", "rejects.parquet", in)
	if status != 1 || !strings.Contains(stderr, `id from "doc_id"; text from "content"; source from the host of "url"; time from "published"`) ||
		!strings.Contains(stderr, "5 records in 1 file: 2 kept, 1 removed, 0 passed through, 2 rejected") {
		t.Errorf("status %d, %s", status, stderr)
	}
	was, got, rejects := rows(t, in), rows(t, "out.parquet"), rows(t, "rejects.parquet")
	if got.schema != was.schema || got.meta != was.meta || got.codec != was.codec {
		t.Errorf("schema %s, was %s\nmetadata %s, was %s\ncompression %s, was %s", got.schema, was.schema, got.meta, was.meta, got.codec, was.codec)
	}
	if got.rows != was.lines(1, 2) || rejects.rows != was.lines(3, 4) {
		t.Errorf("rows are\n%s\nrejects\n%s\nof\n%s", got.rows, rejects.rows, was.rows)
	}
	if _, stderr, status := drive(t, "-annotate", "-out", "annotated.parquet", in); status != 1 {
		t.Errorf("-annotate: status %d, %s", status, stderr)
	}
	annotated := rows(t, "annotated.parquet")
	if n := strings.Count(annotated.rows, "\n"); n != 5 || !strings.Contains(annotated.rows, " c same 1 1\n") {
		t.Errorf("annotated:\n%s", annotated.rows)
	}
	if _, stderr, status := drive(t, "-annotate", "-out", "twice.parquet", "annotated.parquet"); status != 1 {
		t.Errorf("twice: status %d, %s", status, stderr)
	}
	if twice := rows(t, "twice.parquet"); twice != annotated {
		t.Errorf("twice: got\n%+v\nwant\n%+v", twice, annotated)
	}
	// Another decision takes the place of the former one.
	write(t, "decisions", `{"id":"a","decision":"keep"}`+"\n"+`{"id":"b","decision":"keep"}`+"\n"+`{"id":"c","decision":"keep"}`)
	if _, stderr, status := drive(t, "-annotate", "-decisions", "decisions", "-out", "none.parquet", "annotated.parquet"); status != 1 || strings.Contains(rows(t, "none.parquet").rows, " same ") {
		t.Errorf("decided: status %d, %s\n%s", status, stderr, rows(t, "none.parquet").rows)
	}
	if _, stderr, status := drive(t, "-text", "zeta,content", "-id", "nothing", in); status == 0 || !strings.Contains(stderr, `no column "nothing"; there are "zeta", "doc_id"`) {
		t.Errorf("status %d, %s", status, stderr)
	}
	data := read(t, in)
	for cut := 0; cut < len(data); cut += 211 { // damaged is an error, never a panic
		write(t, "cut.parquet", data[:cut])
		drive(t, "cut.parquet")
		b := []byte(data)
		b[cut] ^= 0xff
		write(t, "bad.parquet", string(b))
		drive(t, "bad.parquet")
	}
}

type content struct{ schema, meta, codec, rows string }

func (c content) lines(n ...int) (s string) {
	all := strings.SplitAfter(c.rows, "\n")
	for _, i := range n {
		s += all[i]
	}
	return s
}

func rows(t *testing.T, path string) (c content) {
	t.Helper()
	data := read(t, path)
	f, err := parquet.OpenFile(strings.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	meta := f.Metadata()
	c.schema, c.meta = f.Schema().String(), fmt.Sprint(meta.KeyValueMetadata)
	c.codec = fmt.Sprint(meta.RowGroups[0].Columns[0].MetaData.Codec)
	for _, g := range f.RowGroups() {
		rows := g.Rows()
		buf := make([]parquet.Row, 1)
		for {
			n, err := rows.ReadRows(buf)
			if n > 0 {
				for _, v := range buf[0] {
					c.rows += v.String() + " "
				}
				c.rows = strings.TrimSuffix(c.rows, " ") + "\n"
			}
			if err != nil {
				break
			}
		}
		_ = rows.Close()
	}
	return c
}

func item(id, text string) string {
	return "<item><title>T " + id + "</title><guid>" + id + "</guid><link>https://www.a.example/" + id + "</link><pubDate>Thu, 02 Oct 2031 07:00:00 GMT</pubDate><description><![CDATA[<p>" + text + "</p> </item><item> ]]></description></item>"
}

func TestFeed(t *testing.T) {
	t.Chdir(t.TempDir())
	const head, tail = "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>F</title><!-- <item> -->\n", "</channel></rss>\n"
	write(t, "a.rss", head+item("1", story)+"\n"+item("2", story)+"\n"+item("3", other)+"<item><title>no text</title></item>"+tail)
	_, stderr, status := drive(t, "-out", "out.rss", "-rejects", "rejects.xml", "a.rss")
	if status != 1 || !strings.Contains(stderr, "4 records in 1 file: 2 kept, 1 removed, 0 passed through, 1 rejected") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if want := head + item("1", story) + "\n\n" + item("3", other) + tail; read(t, "out.rss") != want {
		t.Errorf("got %s\nwant %s", read(t, "out.rss"), want)
	}
	if want := head + "<item><title>no text</title></item>" + tail; read(t, "rejects.xml") != want {
		t.Errorf("rejects %s", read(t, "rejects.xml"))
	}
	entry := func(id, text string) string {
		return `<entry xml:lang="en"><title>` + id + `</title><id>` + id + `</id><updated>2031-10-02T07:00:00Z</updated><content type="html">&lt;p&gt;` + text + `&lt;/p&gt;</content></entry>`
	}
	const top = `<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://b.example/"/>`
	write(t, "b.atom", top+entry("x", story)+entry("y", story)+"</feed>")
	if _, stderr, status := drive(t, "-out", "out.atom", "b.atom"); status != 0 || read(t, "out.atom") != top+entry("x", story)+"</feed>" {
		t.Errorf("status %d, %s%s", status, stderr, read(t, "out.atom"))
	}
	write(t, "sitemap.xml", "<urlset></urlset>")
	if _, stderr, status := drive(t, "sitemap.xml"); status != 2 || !strings.Contains(stderr, "nothing to read: 1 passed over (1 XML that is no feed)") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if _, _, status := drive(t, "-annotate", "-out", "x", "a.rss"); status != 2 {
		t.Errorf("-annotate: status %d", status)
	}
}

// An item without a text is passed through, however it is written, and so is what only looks like
// one.
func TestEmptyItems(t *testing.T) {
	t.Chdir(t.TempDir())
	const head, tail = "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>F</title>", "</channel></rss>\n"
	for _, tt := range []struct{ name, empty string }{
		{"empty", "<item/>"}, {"blank", "<item />"}, {"closed", "<item></item>"}, {"attribute", `<item x="/>" y='>'/>`}, {"spread", "<item\n></item\n>"},
		{"nested", "<item><title>x</title><source><item/></source></item>"}, {"inner", "<item><title>x</title><item><title>y</title></item></item>"},
		{"upper", "<ITEM/>"}, {"other end", "<item><title>x</title><y><entry></entry></y></item>"},
	} {
		name := strings.ReplaceAll(tt.name, " ", "-") + ".rss"
		write(t, name, head+item("1", story)+tt.empty+item("2", story)+tt.empty+item("3", other)+tail)
		_, stderr, status := drive(t, "-out", "out.rss", name)
		if want := "5 records in 1 file: 2 kept, 1 removed, 2 passed through, 0 rejected"; status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %s", tt.name, status, stderr)
			continue
		}
		if got, want := read(t, "out.rss"), head+item("1", story)+tt.empty+tt.empty+item("3", other)+tail; got != want {
			t.Errorf("%s: got %s\nwant %s", tt.name, got, want)
		}
	}
	const top, entry = `<feed xmlns="http://www.w3.org/2005/Atom">`, `<entry><title>x</title><id>x</id><updated>2031-10-02T07:00:00Z</updated><content>` + story + `</content></entry>`
	write(t, "a.atom", top+entry+"<entry/>"+strings.Replace(entry, "<id>x", "<id>y", 1)+"</feed>")
	if _, stderr, status := drive(t, "-out", "out.atom", "a.atom"); status != 1 || !strings.Contains(stderr, "3 records in 1 file: 1 kept, 1 removed, 1 passed through") || read(t, "out.atom") != top+entry+"<entry/></feed>" {
		t.Errorf("status %d, %s", status, stderr)
	}
	// Elements of other vocabularies are none.
	write(t, "x.rss", head+"<x:item xmlns:x=\"urn:x\">q</x:item><x:item/>"+item("1", story)+tail)
	if _, stderr, status := drive(t, "x.rss"); status != 0 || !strings.Contains(stderr, "1 record in 1 file: 1 kept") {
		t.Errorf("other: status %d, %s", status, stderr)
	}
	write(t, "p.xml", strings.NewReplacer("<feed xmlns=", "<atom:feed xmlns:atom=", "</", "</atom:", "<", "<atom:").Replace(top+entry+"</feed>"))
	if _, stderr, status := drive(t, "p.xml"); status != 0 || !strings.Contains(stderr, "1 record in 1 file: 1 kept") {
		t.Errorf("prefixed: status %d, %s", status, stderr)
	}
}

// A folder of saved pages is a corpus: syndicated copies go, the pages that stay are copied.
func TestPages(t *testing.T) {
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, name := range []string{"courier.html", "wire.html", "comments.html", "dictionary.html"} {
		write(t, "pages/"+strings.TrimSuffix(name, ".html")+"/"+name, read(t, filepath.Join(dir, name)))
	}
	_, stderr, status := drive(t, "-out", "out", "pages")
	if status != 0 || !strings.Contains(stderr, "4 records in 4 files: 2 kept, 2 removed") || !strings.Contains(stderr, "corpus: converted from windows-1252: 1 text, first pages/wire/wire.html") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if read(t, "out/dictionary/dictionary.html") != read(t, "pages/dictionary/dictionary.html") {
		t.Error("a page was changed")
	}
}

// Comments are prose, more than the article is: only the HTML tells which is which.
func TestExtractor(t *testing.T) {
	open := func(name string) page {
		p, err := readPage([]byte(read(t, "testdata/"+name)), "text/html", "")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	courier := open("courier.html")
	for _, tt := range []struct {
		name               string
		extracted, byProse bool
	}{
		{"wire.html", true, true}, // one story on two sites, one of them all tables and <br> in Latin-1
		{"comments.html", true, false},
		{"dictionary.html", false, false}, // two stories of one site under the same navigation
	} {
		p := open(tt.name)
		if got := neardup.Compare(courier.Article, p.Article).Duplicate(); got != tt.extracted {
			t.Errorf("%s: extracted articles are duplicates: %v, want %v", tt.name, got, tt.extracted)
		}
		if got := neardup.Compare(courier.Text, p.Text).Duplicate(); got != tt.byProse {
			t.Errorf("%s: pages are duplicates: %v, want %v", tt.name, got, tt.byProse)
		}
	}
}

// Where the extractor takes a notice for the article, pages that share nothing else do not become
// one.
func TestNotice(t *testing.T) {
	t.Chdir(t.TempDir())
	notice := "<article class=\"article\"><p>We and our partners, of whom there are many, store and read small files on your device, and you may change your mind about that at any time.</p></article>"
	for i, a := range corpus.Articles(4, 11) {
		body := strings.ReplaceAll(a.Text, "\n\n", "</li><li>")
		page := "<html><body>" + notice + "<div class=\"sidebar menu\" role=\"complementary\"><ul><li>" + body + "</li></ul></div></body></html>"
		if p, err := readPage([]byte(page), "", ""); err != nil || strings.Contains(p.Article, body[:20]) || !strings.Contains(p.Article, "partners") {
			t.Fatalf("the extractor takes %q, %v", p.Article, err)
		}
		write(t, fmt.Sprintf("in/%d/%d.html", i, i), page)
	}
	if _, stderr, status := drive(t, "in"); status != 0 || !strings.Contains(stderr, "4 kept, 0 removed") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

func TestReadPage(t *testing.T) {
	page := `<html><head><meta charset="windows-1252"><title>no</title><style>p { color: no }</style></head>
		<body><ul><li>One</li><li>Two</li></ul>tail<p>Caf` + "\xe9" + `</p><script>no()</script><noscript>no</noscript></body></html>`
	p, err := readPage([]byte(page), "text/html", "")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(strings.Fields(p.Text), "|"), "One|Two|tail|Café"; got != want || p.Encoding != "windows-1252" {
		t.Errorf("text %q, want %q; %s", got, want, p.Encoding)
	}
	if strings.Contains(p.Text, "Two tail") {
		t.Error("a list item and the text after the list are one paragraph")
	}
	start := time.Now()
	for _, hostile := range []string{"", "\x00", "<", "plain text", strings.Repeat("<div>", 100_000), strings.Repeat("<p", 10_000), strings.Repeat("<table><tr><td>", 10_000)} {
		_, _ = readPage([]byte(hostile), "text/html", "") // an error will do, a panic will not
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("hostile pages took %v", took)
	}
}

// Text in the code pages of half the world is recognised.
func TestCharset(t *testing.T) {
	for name, want := range map[string]string{
		"windows-1252": "Die Straße über die Brücke führt zum Müller, der für die Bäckerei das schönste Mehl der Gegend mahlt – «c’est très différent à l’été».",
		"windows-1251": "Городской совет попросил железную дорогу объяснить, почему вечерний поезд больше не ждёт паром у пристани.",
		"shift_jis":    "港の責任者は月曜日に、最後の船が水門を通過するまで西側の門を開けておくと述べた。",
		"gbk":          "港务局长星期一说，西边的闸门将一直开放，直到最后一艘驳船通过船闸为止。",
	} {
		data := encode(t, name, want)
		text, encoding, ok := convert(data)
		if !ok || string(text) != want {
			t.Errorf("%s: taken for %s, %v: %.80s", name, encoding, ok, text)
		}
	}
	t.Chdir(t.TempDir())
	write(t, "a.txt", string(encode(t, "windows-1252", "Die Straße über die Brücke führt zum Müller, der für die Bäckerei das schönste Mehl der Gegend mahlt.")))
	if _, stderr, status := drive(t, "a.txt"); status != 0 || !strings.Contains(stderr, "converted from windows-1252: 1 text") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

func TestZstandard(t *testing.T) {
	t.Chdir(t.TempDir())
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(z, "{\"text\":%q}\n{\"text\":%q}\n{\"text\":%q}\n", story, story, other)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, "a.jsonl.zst", b.String())
	if _, stderr, status := drive(t, "-out", "b.jsonl.zst", "a.jsonl.zst"); status != 0 {
		t.Errorf("status %d, %s", status, stderr)
	}
	d, err := zstd.NewReader(strings.NewReader(read(t, "b.jsonl.zst")))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(d)
	if want := fmt.Sprintf("{\"text\":%q}\n{\"text\":%q}\n", story, other); string(got) != want || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
}

// What is written opens in tools that are not ours, with the right records.
func TestOtherTools(t *testing.T) {
	python := os.Getenv("NEARDUP_PYTHON")
	if python == "" {
		python = "python3"
	}
	if err := exec.Command(python, "-c", "import pyarrow, warcio").Run(); err != nil {
		if os.Getenv("NEARDUP_REQUIRE_PYTHON") != "" {
			t.Fatal(err)
		}
		t.Skip("NO PYTHON with pyarrow and warcio; NEARDUP_PYTHON names one, and NEARDUP_REQUIRE_PYTHON=1 makes this a failure")
	}
	in, err := filepath.Abs("testdata/table.parquet")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	write(t, "in.warc.gz", gzipped(records()...))
	write(t, "in.jsonl.gz", gzipped(fmt.Sprintf("{\"text\":%q}\n{\"text\":%q}\n", story, story)))
	write(t, "in.rss", "<rss version=\"2.0\"><channel><title>F</title>"+item("1", story)+item("2", story)+item("3", other)+"</channel></rss>")
	for _, args := range [][]string{{"-out", "out.rss", "in.rss"}, {"-out", "out.warc.gz", "in.warc.gz"}, {"-out", "out.parquet", in}, {"-annotate", "-out", "all.parquet", in}, {"-out", "out.jsonl.gz", "in.jsonl.gz"}} {
		if _, stderr, status := drive(t, args...); status == 2 {
			t.Fatal(stderr)
		}
	}
	script := `
import sys, gzip, xml.etree.ElementTree as et, pyarrow.parquet as pq
from warcio.archiveiterator import ArchiveIterator
ids = lambda name: [r.rec_headers.get_header("WARC-Record-ID")[10:-1] for r in ArchiveIterator(open(name, "rb"), check_digests=True)]
assert ids("in.warc.gz") == list("0123456789"), ids("in.warc.gz")
assert ids("out.warc.gz") == list("012456789"), ids("out.warc.gz")
a, b, c = pq.read_table(sys.argv[1]), pq.read_table("out.parquet"), pq.read_table("all.parquet")
assert b.schema.equals(a.schema, check_metadata=True), b.schema
assert b.to_pylist() == [r for r in a.to_pylist() if r["doc_id"] != "a"]
assert c.column("duplicate_of").to_pylist() == ["c", None, None, None, None]
assert [{k: r[k] for k in a.schema.names} for r in c.to_pylist()] == a.to_pylist()
assert [e.text for e in et.parse("out.rss").iter("guid")] == ["1", "3"]
assert gzip.open("out.jsonl.gz").read().count(b"\n") == 1
`
	if out, err := exec.Command(python, "-c", script, in).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A crawl of many pages is read by all processors, and comes to the same result by one.
func TestManyPages(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	for i, a := range corpus.Articles(300, 3) {
		b.WriteString(response(fmt.Sprint(i), "https://"+a.Source+".example/"+a.ID, markup(a.ID, strings.ReplaceAll(a.Text, "\n\n", "</p><p>"))))
	}
	write(t, "many.warc", b.String())
	var want string
	for _, workers := range []string{"1", "2", "5"} {
		stdout, stderr, status := drive(t, "-workers", workers, "many.warc")
		if status != 0 || !strings.Contains(stderr, "300 records") {
			t.Fatalf("status %d, %s", status, stderr)
		}
		if want == "" {
			want = stdout
		}
		if stdout != want || len(want) < 1000 {
			t.Errorf("-workers %s finds something else", workers)
		}
	}
}

func BenchmarkPage(b *testing.B) {
	data, err := os.ReadFile("testdata/courier.html")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readPage(data, "text/html", ""); err != nil {
			b.Fatal(err)
		}
	}
}
