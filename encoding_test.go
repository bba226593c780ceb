package neardup

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup/shingle"
)

func encode(t testing.TB, d *Detector) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := d.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("WriteTo = %d, %v for %d bytes", n, err, b.Len())
	}
	return b.Bytes()
}

func mustLoad(t testing.TB, b []byte) *Detector {
	t.Helper()
	d, err := Load(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// filled returns detectors of several configurations with some articles, and some removed.
func filled(t testing.TB) map[string]*Detector {
	t.Helper()
	out := map[string]*Detector{}
	for name, cfg := range map[string]Config{
		"plain":    whole,
		"default":  {},
		"sketched": {Shingle: whole.Shingle, BySignature: true, MaxText: 5000, NoContainment: true},
		"anchored": {Shingle: shingle.Config{Unit: shingle.Anchored, Size: 2, Distance: 2, Anchors: []string{"the", "a"}, View: shingle.Whole}},
		"other": {Shingle: shingle.Config{Unit: shingle.Char, Size: 9, FoldDiacritics: true}, Threshold: 0.8, Recall: 0.9, K: 64, Containment: 1, MaxCandidates: 3,
			Templates: Templates{Known: []string{"a form to be filled in by you", ""}}},
	} {
		d := mustNew(t, cfg)
		mustAdd(t, d, Article{ID: "empty", Source: "never used again"}, Article{ID: "é\xff", Text: "invalid \xff UTF-8 in both"})
		mustAdd(t, d, family(8, 1)...)
		d.Remove("empty")
		d.Remove("1-3")
		mustAdd(t, d, Article{ID: "1-3", Text: made(1, 30)}, Article{ID: "nothing"})
		out[name] = d
	}
	d := mustNew(t, Config{K: 32})
	wall := strings.Join(sentences(5, 10), " ")
	for i := range uint64(12) {
		mustAdd(t, d, Article{ID: fmt.Sprint(i), Source: "www", Text: strings.Join(sentences(50+i, 2), " ") + "\n\n" + wall})
	}
	if d.state.sources[0].model == nil {
		t.Fatal("nothing is learnt")
	}
	d.Remove("3")
	out["learnt"] = d
	return out
}

func TestEncodingRoundTrip(t *testing.T) {
	for name, d := range filled(t) {
		b := encode(t, d)
		got := mustLoad(t, b)
		if again := encode(t, got); !bytes.Equal(b, again) {
			t.Errorf("%s: %d bytes became %d others", name, len(b), len(again))
		}
		if diff := cmp.Diff(d.Config(), got.Config()); diff != "" {
			t.Errorf("%s: configuration (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(mustPairs(t, d), mustPairs(t, got)); diff != "" {
			t.Errorf("%s: pairs (-want +got):\n%s", name, diff)
		}
		// Both go on alike.
		for _, a := range family(20, 1) {
			x, err1 := d.Replace(a)
			y, err2 := got.Replace(a)
			if diff := cmp.Diff(x, y); diff != "" || err1 != nil || err2 != nil {
				t.Fatalf("%s: %v, %v (-want +got):\n%s", name, err1, err2, diff)
			}
		}
		if diff := cmp.Diff(mustGroups(t, d, nil), mustGroups(t, got, nil)); diff != "" {
			t.Errorf("%s: groups (-want +got):\n%s", name, diff)
		}
		for what, r := range map[string]io.Reader{
			"one byte": iotest.OneByteReader(bytes.NewReader(b)),
			"data err": iotest.DataErrReader(bytes.NewReader(b)),
		} {
			if _, err := Load(r); err != nil {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
}

func TestEncodingCanonical(t *testing.T) {
	articles := family(40, 3)
	cfg := whole
	cfg.Templates.Off = true // or which articles a source learns from depends on what was there when they came
	a, b := mustNew(t, cfg), mustNew(t, cfg)
	mustAdd(t, a, articles...)
	mustAdd(t, b, Article{ID: "gone", Text: articles[0].Text, Source: "gone"})
	mustAdd(t, b, articles...)
	if b.Remove("gone"); !bytes.Equal(encode(t, a), encode(t, b)) {
		t.Error("a detector remembers an article that was removed")
	}
}

func readError(err error) bool {
	return errors.Is(err, ErrCorrupt) || errors.Is(err, ErrVersion) || errors.Is(err, ErrMismatch)
}

// TestEncodingDamage cuts the file after every byte and flips every byte.
func TestEncodingDamage(t *testing.T) {
	for name, d := range filled(t) {
		b := encode(t, d)
		step := 2
		if testing.Short() {
			step = 17
		}
		for n := 0; n < len(b); n += step {
			if _, err := Load(bytes.NewReader(b[:n])); !readError(err) {
				t.Fatalf("%s cut to %d of %d bytes: %v", name, n, len(b), err)
			}
			c := slices.Clone(b)
			c[n] ^= byte(1 + n%255)
			if _, err := Load(bytes.NewReader(c)); !readError(err) {
				t.Fatalf("%s with byte %d of %d changed: %v", name, n, len(b), err)
			}
		}
		if _, err := Load(bytes.NewReader(append(b, 0))); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s and a byte more: %v", name, err)
		}
		boom := errors.New("boom")
		if _, err := Load(io.MultiReader(bytes.NewReader(b[:len(b)/2]), iotest.ErrReader(boom))); !errors.Is(err, boom) {
			t.Errorf("%s: %v, want the error of the reader", name, err)
		}
	}
}

func TestMergeMismatch(t *testing.T) {
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Threshold = 0.6 }, "Threshold is 0.5, want 0.6"},
		{func(c *Config) { c.K = 64 }, "K is 128, want 64"},
		{func(c *Config) { c.BySignature = true }, "BySignature is false, want true"},
		{func(c *Config) { c.Templates.Known = []string{"x"} }, "Templates.Known differs"},
		{func(c *Config) { c.Shingle.Size = 4 }, "Shingle.Size is 0, want 4"},
		{func(c *Config) { c.Templates.Off = true }, "Templates.Off is"},
		{func(c *Config) { c.Seed = 7 }, "Seed is 0, want 7"},
	} {
		other := filled(t)["plain"]
		cfg := whole
		c.change(&cfg)
		d := mustNew(t, cfg)
		mustAdd(t, d, Article{ID: "mine", Text: "what was there before"})
		err := d.Merge(t.Context(), other)
		if !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Merge = %v, want %q", err, c.want)
		}
		if d.Len() != 1 || !d.Has("mine") {
			t.Error("a refused Merge changed the detector")
		}
	}
}

// failAfter fails the nth write.
type failAfter struct {
	n int
	w io.Writer
}

var errFull = errors.New("disk full")

func (f *failAfter) Write(b []byte) (int, error) {
	if f.n--; f.n < 0 {
		n, _ := f.w.Write(b[:len(b)/2])
		return n, errFull
	}
	return f.w.Write(b)
}

func TestWriteToFails(t *testing.T) {
	d := mustNew(t, whole)
	mustAdd(t, d, family(300, 1)...)
	writes := &failAfter{n: math.MaxInt, w: io.Discard}
	if _, err := d.WriteTo(writes); err != nil {
		t.Fatal(err)
	}
	for n := range math.MaxInt - writes.n {
		var part bytes.Buffer
		if _, err := d.WriteTo(&failAfter{n, &part}); !errors.Is(err, errFull) {
			t.Errorf("failing at write %d: %v", n, err)
		}
		if _, err := Load(&part); !errors.Is(err, ErrCorrupt) {
			t.Errorf("what was written before write %d failed reads as %v", n, err)
		}
	}
}

func TestSaveFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "articles.ndd")
	d := mustNew(t, whole)
	for range 2 {
		mustAdd(t, d, family(10, uint64(d.Len()))...)
		if err := d.SaveFile(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		got, err := LoadFile(path)
		if err != nil || got.Len() != d.Len() {
			t.Fatalf("LoadFile = %v, %v", got, err)
		}
	}
	if err := d.SaveFile(t.Context(), filepath.Join(dir, "missing", "x")); err == nil {
		t.Error("SaveFile into a missing directory: no error")
	}
	// A directory in the way makes the last step, the rename, fail.
	way := filepath.Join(dir, "way")
	if err := os.MkdirAll(filepath.Join(way, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.SaveFile(t.Context(), way); err == nil {
		t.Error("SaveFile over a directory: no error")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Errorf("%v, %v: want no temporary file left", files, err)
	}
	if _, err := LoadFile(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("LoadFile of a missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte("ndd\x03 and what this version says"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadFile(path); !errors.Is(err, ErrVersion) {
		t.Errorf("LoadFile of version 3: %v", err)
	}
}

// TestSaveWhileChanging saves while four goroutines add, query and remove. Every goroutine adds its articles in order and
// removes each third one right after it has added the next, so a state that existed is recognisable.
func TestSaveWhileChanging(t *testing.T) {
	const n = 120
	d := mustNew(t, whole)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range n {
				a := Article{ID: fmt.Sprintf("%d-%d", g, i), Text: made(uint64(i), 50), Source: fmt.Sprint(g % 2)}
				if _, err := d.Add(a); err != nil {
					t.Error(err)
				}
				if ms, err := d.Query(Article{Text: a.Text}); err != nil || !slices.Contains(ids(ms), a.ID) {
					t.Errorf("%s is not found: %v, %v", a.ID, ms, err)
				}
				if i%3 == 2 {
					d.Remove(fmt.Sprintf("%d-%d", g, i-1))
				}
			}
		}()
	}
	var saved [][]byte
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 12 {
			var b bytes.Buffer
			if _, err := d.WriteTo(&b); err != nil {
				t.Error(err)
			}
			saved = append(saved, b.Bytes())
		}
	}()
	wg.Wait()
	<-done
	saved = append(saved, encode(t, d))
	for _, b := range saved {
		s := mustLoad(t, b)
		for g := range 4 {
			last := -1
			for i := range n {
				if s.Has(fmt.Sprintf("%d-%d", g, i)) {
					last = i
				}
			}
			for i := range last + 1 {
				has := s.Has(fmt.Sprintf("%d-%d", g, i))
				if gone := i%3 == 1 && i+1 <= last; gone && i+1 < last && has || !gone && !has && !(i%3 == 1 && i == last-1) {
					t.Errorf("goroutine %d: article %d held is %v with %d the last: no such state existed", g, i, has, last)
				}
			}
		}
	}
	if want := 4 * n * 2 / 3; d.Len() != want || mustLoad(t, saved[len(saved)-1]).Len() != want {
		t.Errorf("Len() = %d, want %d", d.Len(), want)
	}
}

// FuzzLoad reads payloads with valid checks.
func FuzzLoad(f *testing.F) {
	for _, d := range filled(f) {
		f.Add(payload(f, encode(f, d)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e := detectorFormat.NewAppender(nil, len(b))
		e.Raw(b)
		data, err := e.Appended()
		if err != nil {
			t.Fatal(err)
		}
		d, err := Load(bytes.NewReader(data))
		if err != nil {
			if !readError(err) {
				t.Fatalf("error %v is of no known kind", err)
			}
			return
		}
		if !bytes.Equal(encode(t, d), data) {
			t.Fatal("the encoding is not canonical")
		}
		mustPairs(t, d)
		for _, g := range mustGroups(t, d, nil) {
			d.Inspect(g)
			d.Remove(g.Representative)
		}
		if _, err := d.Add(Article{ID: "new", Text: "a text of the fuzzer's own"}); err != nil && !errors.Is(err, ErrDuplicateID) && !errors.Is(err, ErrTooLong) {
			t.Fatal(err)
		}
		encode(t, d)
	})
}

// payload takes the payload out of an encoding.
func payload(t testing.TB, data []byte) []byte {
	t.Helper()
	dec := detectorFormat.NewSliceDecoder(data)
	var out []byte
	for data = data[4:]; ; {
		n := int(binary.LittleEndian.Uint16(data))
		out = append(out, data[2:2+n]...)
		if data = data[2+n+8:]; n < 1<<15 {
			break
		}
	}
	if !dec.OK() || len(data) > 0 {
		t.Fatalf("%d bytes are left", len(data))
	}
	return out
}
