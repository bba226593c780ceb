package dedup

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/neardup/neardup/examples/internal/corpus"
)

// hostile is an article that would do harm, or break the page, if it were not escaped.
const hostile = story + ` <script>document.title = "owned"</script> <img src=x onerror="document.title='owned'"> </script><!-- {{.}} ` + "\u2028 \x00 \xff \U0001F600 " + elsewhere

// makeReport writes a report about articles and returns its path.
func makeReport(t *testing.T, in string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.html")
	if _, stderr, status := drive(t, in, append([]string{"-report", path}, args...)...); status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	return path
}

func jsonLine(t *testing.T, id, text string) string {
	t.Helper()
	b, err := json.Marshal(map[string]string{"id": id, "text": text, "source": "<b>wire</b>"})
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

var dataBlock = regexp.MustCompile(`(?s)<script type="application/json" id="(\w+)">(.*?)</script>`)

// blocks returns the data in a page, and the page without it.
func blocks(t *testing.T, path string) (map[string]string, string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, m := range dataBlock.FindAllStringSubmatch(string(data), -1) {
		found[m[1]] = m[2]
	}
	return found, dataBlock.ReplaceAllString(string(data), "")
}

// Texts are data for the page, never part of it; and nothing of them is lost.
func TestReportEscapes(t *testing.T) {
	id := `"></script><script>document.title="owned"</script>`
	path := makeReport(t, jsonLine(t, id, hostile)+jsonLine(t, "b", hostile)+jsonLine(t, "c", hostile+" "+story[:40]), "-")
	data, page := blocks(t, path)
	if len(data) != 2 {
		t.Fatalf("%d blocks of data, want 2", len(data))
	}
	for name, block := range data {
		if strings.ContainsAny(block, "<>&\u2028") {
			t.Errorf("%s is not escaped: %.300s", name, block)
		}
	}
	if strings.Contains(page, "owned") {
		t.Error("an article reached the page itself")
	}
	var rows []reportRow
	var d reportDetail
	if err := json.Unmarshal([]byte(data["rows"]), &rows); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(data["d0"]), &d); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || rows[0].ID != "c" || rows[0].Size != 3 {
		t.Errorf("rows are %+v", rows)
	}
	// Two articles are the same text, which is there once.
	if len(d.Texts) != 2 || len(d.Members) != 3 || d.Members[1].ID != id || d.Members[0].Text != 0 || d.Members[1].Text != 1 || d.Members[2].Text != 1 {
		t.Errorf("got %d texts, members %+v", len(d.Texts), d.Members)
	}
	if want := strings.ToValidUTF8(hostile, "\uFFFD"); d.Texts[1].Text != want {
		t.Errorf("text (-want +got):\n%s", cmp.Diff(want, d.Texts[1].Text))
	}
}

// Passages are where the page will look for them: at the same words of both texts, in UTF-16 code
// units.
func TestReportPassages(t *testing.T) {
	_, err := os.Stat(corpusDir)
	if err != nil {
		t.Fatal(err)
	}
	path := makeReport(t, "", corpusDir)
	data, _ := blocks(t, path)
	seen := 0
	for name, block := range data {
		if name == "rows" {
			continue
		}
		var d reportDetail
		if err := json.Unmarshal([]byte(block), &d); err != nil {
			t.Fatal(err)
		}
		n := len(d.Texts)
		if len(d.Passages) != n*(n-1)/2 {
			t.Errorf("%s: %d texts, %d pairs", name, n, len(d.Passages))
		}
		units := make([][]uint16, n)
		for i, b := range d.Texts {
			units[i] = utf16.Encode([]rune(b.Text))
			for _, nav := range b.Nav {
				if nav[0] >= nav[1] || nav[1] > len(units[i]) {
					t.Errorf("%s: navigation at %v of %d", name, nav, len(units[i]))
				}
			}
		}
		for pair, list := range d.Passages {
			var a, b int
			if _, err := fmt.Sscanf(pair, "%d-%d", &a, &b); err != nil {
				t.Fatal(err)
			}
			for _, p := range list {
				x, y := string(utf16.Decode(units[a][p[0]:p[1]])), string(utf16.Decode(units[b][p[2]:p[3]]))
				if letters(x) != letters(y) {
					t.Errorf("%s: texts %s differ in a passage:\n%s\n%s", name, pair, x, y)
				}
				seen++
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d passages", seen)
	}
}

var notLetters = regexp.MustCompile(`[^\pL\pN\pM]+`)

func letters(s string) string { return strings.ToLower(notLetters.ReplaceAllString(s, " ")) }

func TestUTF16Offsets(t *testing.T) {
	s := "aé\U0001F600\xffz"
	got := utf16Offsets(s)
	want := []int{0, 1, 1, 2, 2, 2, 2, 4, 5, 6}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A report that cannot be written is an error before anything is printed, and one that can leaves
// nothing beside it.
func TestReportFile(t *testing.T) {
	in := line("a", story) + "\n" + line("b", story) + "\n"
	stdout, stderr, status := drive(t, in, "-report", filepath.Join(t.TempDir(), "none", "out.html"), "-")
	if status != 2 || stdout != "" || !strings.Contains(stderr, "no such folder") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
	path := makeReport(t, in, "-")
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Errorf("files are %v, %v", files, err)
	}
	// No group is a report too.
	if data, _ := blocks(t, makeReport(t, line("a", story), "-")); data["rows"] != "[]" {
		t.Errorf("rows are %q", data["rows"])
	}
}

// dom opens a page in a browser and returns what it looks like once its script has run.
func dom(t *testing.T, path, fragment string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	var browser string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			browser = p
			break
		}
	}
	if browser == "" {
		if os.Getenv("NEARDUP_REQUIRE_BROWSER") != "" {
			t.Fatal("no chromium or google-chrome found")
		}
		t.Skip("NO BROWSER: chromium or google-chrome is needed to open the report; NEARDUP_REQUIRE_BROWSER=1 makes this a failure")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), Fragment: fragment}
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--virtual-time-budget=2000", "--dump-dom", u.String())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", browser, err, &stderr)
	}
	return dataBlock.ReplaceAllString(string(out), "")
}

// Searched, and a group opened at two of its members.
func TestReportInBrowser(t *testing.T) {
	t.Parallel()
	path := makeReport(t, "", corpusDir)
	data, _ := blocks(t, path)
	var rows []reportRow
	if err := json.Unmarshal([]byte(data["rows"]), &rows); err != nil {
		t.Fatal(err)
	}
	at := -1
	for i, r := range rows {
		if strings.Contains(strings.Join(append(r.Find, r.Title), " "), "only car ferry") {
			at = i
		}
	}
	if at < 0 {
		t.Fatalf("no group about the ferry in %+v", rows)
	}
	page := dom(t, path, fmt.Sprintf("q=car ferry&g=%d&l=1&r=2", at))
	if n := strings.Count(page, `class="row"`); n != 1 {
		t.Errorf("%d groups found by the search, want 1", n)
	}
	for _, want := range []string{`aria-expanded="true"`, fmt.Sprintf("1 of %d groups", len(rows)), "<mark", `class="fold"`, "The only car ferry to the Kelda Islands was taken out of service", "Side by side", "words of navigation", "later", "stands for the group"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestReportInBrowserEscapes(t *testing.T) {
	t.Parallel()
	in := jsonLine(t, `<img src=x onerror="document.title='owned'">`, hostile) + jsonLine(t, "b", hostile+" "+story[:40])
	page := dom(t, makeReport(t, in, "-"), "g=0")
	if !strings.Contains(page, "<title>1 group of near-duplicates, 2 articles</title>") {
		t.Errorf("the title was changed: %.300s", page)
	}
	if !strings.Contains(page, "&lt;script&gt;document.title") || strings.Contains(page, "<img") {
		t.Error("the article is not shown as text")
	}
}

// The title is where the article begins, not its navigation.
func TestTitle(t *testing.T) {
	for path, want := range map[string]string{
		corpusDir + "/harbour-courier/kelda-ferry.txt":      "MARROW BAY — The only car ferry",
		corpusDir + "/northmark-post/orrin-boat.txt":        "LOWER ORRIN — Archaeologists have",
		corpusDir + "/world/linjiang-guji.txt":              "【本报临江讯】临江市图书馆",
		corpusDir + "/harbour-courier/hallin-dam.txt":       "ALDERMOUTH — A judge",
		corpusDir + "/northmark-post/aldermouth-budget.txt": "ALDERMOUTH — The city council",
	} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := title(string(data)); !strings.HasPrefix(got, want) {
			t.Errorf("%s: title is %q, want %q…", path, got, want)
		}
	}
	for text, want := range map[string]string{"": "", " \n": "", "\x1b[1mTwo\tlines\nof text": "[1mTwo lines"} {
		if got := title(text); got != want {
			t.Errorf("title(%q) = %q, want %q", text, got, want)
		}
	}
}

// script runs a script in a report, and returns what it puts together in log.
func script(t *testing.T, path, js string) string {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	js = `<script>
const log = [], $ = s => document.querySelector(s), all = s => [...document.querySelectorAll(s)];
const press = (...keys) => { for (const k of keys) document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true })); };
const choose = (id, value) => { const e = document.getElementById(id); e.value = value; e.dispatchEvent(new Event(e.id === "q" ? "input" : "change")); };
const groups = () => all("#list > li > .row").length;
try {
` + js + `
} catch (e) { log.push(e); }
document.title = "log " + log.join(" ");
</script></body>`
	if err := os.WriteFile(path, bytes.Replace(page, []byte("</body>"), []byte(js), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(dom(t, path, ""), "<title>log ")
	got, _, _ := strings.Cut(rest, "</title>")
	return got
}

// j and k move, a group opens and Esc closes it, / goes to the search; filters and the order do
// what they say. Decisions are made by keys and buttons, undone, and exported in the form that
// -decisions reads.
func TestReportKeys(t *testing.T) {
	t.Parallel()
	path := makeReport(t, "", corpusDir)
	data, _ := blocks(t, path)
	var d reportDetail
	if err := json.Unmarshal([]byte(data["d0"]), &d); err != nil {
		t.Fatal(err)
	}
	got := script(t, path, `
localStorage.clear();
const at = () => all("#list > li").indexOf(document.activeElement.closest("#list > li"));
const open = () => all('[aria-expanded="true"]').length;
press("j"); log.push(at()); press("j"); press("j"); log.push(at()); press("k"); log.push(at());
document.activeElement.click(); log.push(open());
press("Escape"); log.push(open(), at());
press("/"); log.push(document.activeElement.id);
choose("q", "ferry"); log.push(groups());
press("j"); log.push(document.activeElement.id);
press("Escape"); log.push(document.activeElement.tagName, groups());
choose("sort", "size"); log.push($("#list li span").firstChild.textContent); choose("sort", "order");
choose("kind", "contained"); log.push(groups()); choose("kind", "copy"); log.push(groups()); choose("kind", "");
choose("size", "3"); log.push(groups()); choose("size", "100"); log.push(groups(), $(".none").textContent); choose("size", "2");
choose("source", "kelda-gazette.example"); log.push(groups() > 0 && groups() < 13); choose("source", "");
log.push("|");
press("j"); document.activeElement.click();
press("n"); log.push(document.activeElement.className.includes("member"));
const of = all(".member").findIndex(e => e.classList.contains("rep")), other = 1 - of;
all(".member")[other].focus(); press("1"); all(".member")[other].focus(); press("3"); log.push($("#export").textContent);
all(".member")[of].focus(); press("3"); log.push($("#export").textContent); press("2");
log.push($("#export").textContent, all("[aria-pressed=true][data-d]").length);
all(".member")[of].focus(); press("0"); log.push($("#export").textContent);
all(".member")[of].querySelector("[data-d=keep]").click();
$("#export").click();
log.push($("#box").open, "|" + $("#lines").textContent);`)
	lines := fmt.Sprintf(`{"id":%q,"of":%q,"decision":"different"}
{"id":%q,"of":%q,"decision":"keep"}
`, d.Members[1].ID, d.Members[0].ID, d.Members[0].ID, d.Members[0].ID)
	want := "0 2 1 1 0 1 q 2 q BODY 13 4 texts 4 6 1 0 No group is like that. true | " +
		"true Export 1 decision Export 1 decision Export 2 decisions 2 Export 1 decision true |" + lines
	if strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	file := filepath.Join(t.TempDir(), "decisions.jsonl")
	write(t, file, lines)
	before, _, _ := drive(t, "", "-keep", corpusDir)
	after, stderr, status := drive(t, "", "-keep", "-decisions", file, corpusDir)
	if status != done || strings.Count(after, "\n") != strings.Count(before, "\n")+1 || !strings.Contains(after, d.Members[1].ID+"\n") {
		t.Errorf("status %d, %s: kept %s", status, stderr, after)
	}
}

// The difference of two texts, put together again, is either of them.
func TestReportDifference(t *testing.T) {
	t.Parallel()
	var a, b strings.Builder
	for i := range 400 {
		w := fmt.Sprintf("word%d ", i*i%97)
		if i%50 != 7 {
			a.WriteString(w)
		}
		if i%60 == 9 {
			b.WriteString("new ")
		}
		b.WriteString(w)
	}
	got := script(t, makeReport(t, line("a", a.String())+"\n"+line("b", b.String())+"\n"+line("c", "前日"+strings.Repeat("港の責任者は月曜日に最後の船が水門を通過するまで", 3))+"\n"+line("d", strings.Repeat("港の責任者は月曜日に最後の船が水門を通過するまで", 3)+"待つ"), "-"), `
const words = s => s.split(/\s+/).filter(x => x).join(" "), squeeze = s => /[a-z]/.test(s) ? words(s) : s.replaceAll(" ", "");
for (const li of all("#list > li")) {
  li.firstChild.click();
  const d = JSON.parse(document.getElementById("d" + li.row.n).textContent);
  press("v"); li.querySelector(".row").focus(); press("v");
  if (!li.querySelector("ins")) press("v");
  for (const f of li.querySelectorAll(".fold")) f.click();
  const text = li.querySelector(".text");
  const without = tag => { const c = text.cloneNode(true); for (const e of c.querySelectorAll(tag)) e.remove(); return words(c.textContent); };
  log.push(squeeze(d.texts[0].text) === squeeze(without("ins")), squeeze(d.texts[1].text) === squeeze(without("del")), li.querySelectorAll("ins").length, li.querySelectorAll("del").length, li.querySelector(".tools .hint").textContent);
  li.firstChild.click();
}`)
	want := "true true 1 16 392 words in both, 15 only in the first, 0 only in the second; navigation and what is the site's is left out. " +
		"true true 2 2 72 words in both, 2 only in the first, 2 only in the second; navigation and what is the site's is left out."
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The lines that a site has on many pages are folded away as such. A group of thousands opens at
// once, and shows some of its articles at a time.
func TestReportSite(t *testing.T) {
	t.Parallel()
	wall := strings.ReplaceAll(corpus.Articles(1, 99)[0].Text, "\n\n", " ")
	var in strings.Builder
	docs := corpus.Articles(60, 5)
	for i, a := range docs {
		fmt.Fprintf(&in, `{"id":%q,"source":"s","text":%q}`+"\n", fmt.Sprint("x", i), a.Text+"\n\n"+wall+"\n\n"+a.ID)
	}
	fmt.Fprintf(&in, `{"id":"copy","source":"z","text":%q}`+"\n", docs[0].Text)
	for i := range 2500 {
		fmt.Fprintf(&in, `{"id":"y%d","text":%q,"time":%d}`+"\n", i, story, 1950000000+i*60)
	}
	path := makeReport(t, in.String(), "-")
	data, _ := blocks(t, path)
	found := 0
	for name, block := range data {
		var d reportDetail
		if name == "rows" {
			continue
		}
		if err := json.Unmarshal([]byte(block), &d); err != nil {
			t.Fatal(err)
		}
		for _, text := range d.Texts {
			for _, x := range text.Site {
				if text.Text[x[0]:x[1]] != wall {
					t.Errorf("taken for the site's: %q", text.Text[x[0]:x[1]])
				}
				found++
			}
		}
	}
	if found == 0 {
		t.Error("no line of the site is known")
	}
	if got := script(t, path, `for (const r of all("#list .row")) r.click();
log.push(all(".fold").some(e => /words of the site$/.test(e.textContent)));
const big = all("#list > li").find(li => li.row.size > 1000).lastChild;
log.push(big.querySelectorAll(".member").length, big.querySelector(".members + button").textContent);
big.querySelector(".members + button").click(); log.push(big.querySelectorAll(".member").length);
log.push(big.querySelector(".member small").textContent, big.querySelectorAll(".member small")[61].textContent);
big.querySelector(".member").focus(); for (let i = 0; i < 102; i++) press("n"); log.push(big.querySelectorAll(".member").length);`); got != "true 50 Show 50 more of 2,450 100 first 1 h 1 min later 150" {
		t.Errorf("got %s", got)
	}
}

// All text has the contrast that WCAG 2 asks for at level AA, in light and in dark.
func TestReportContrast(t *testing.T) {
	luminance := func(hex string) float64 {
		hex = strings.TrimPrefix(hex, "#")
		if len(hex) == 3 {
			hex = hex[:1] + hex[:1] + hex[1:2] + hex[1:2] + hex[2:] + hex[2:]
		}
		n, err := strconv.ParseUint(hex, 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
			c := float64(n>>(8*i)&0xff) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(reportHTML, -1)
	if len(blocks) != 3 {
		t.Fatalf("%d sets of colours, want light, dark and print", len(blocks))
	}
	light := make(map[string]string)
	for i, block := range blocks {
		colours := make(map[string]string)
		for name, c := range light {
			if i == 2 {
				colours[name] = c
			}
		}
		for _, m := range regexp.MustCompile(`--(\w+): (#\w+)`).FindAllStringSubmatch(block[1], -1) {
			colours[m[1]] = m[2]
		}
		if i == 0 {
			light = colours
		}
		for _, pair := range []string{"ink paper", "ink soft", "dim paper", "dim soft", "ink mark", "ink mark2", "ink ins", "ink del", "paper keep", "paper drop", "paper diff", "paper ink"} {
			text, ground, _ := strings.Cut(pair, " ")
			a, b := luminance(colours[text]), luminance(colours[ground])
			if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < 4.5 {
				t.Errorf("set %d: %s on %s has a contrast of %.2f, want 4.5", i, text, ground, ratio)
			}
		}
	}
}
