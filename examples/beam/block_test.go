package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/corpus"
)

func entriesOf(r *rand.Rand, n, width int) []entry {
	list := make([]entry, n)
	for i := range list {
		list[i] = entry{r.Uint64() >> (64 - width), r.Uint64() >> (64 - slotBits)}
		if i > 0 && r.IntN(4) == 0 {
			list[i].key = list[i-1].key
		}
	}
	slices.SortFunc(list, compareEntries)
	return list
}

func TestEntries(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, width := range []int{1, 8, 36, 44, 48} {
		for _, n := range []int{0, 1, 2, 3, 1000} {
			list := entriesOf(r, n, width)
			if n > 2 {
				list[n-1].key = 1<<width - 1 // far from the others
			}
			b := block{b: append(appendEntries(nil, list), 7)}
			got := b.entries(nil)
			if diff := gocmp.Diff(list, got, gocmp.AllowUnexported(entry{})); b.err != nil || n > 0 && diff != "" || len(b.b) != 1 {
				t.Errorf("width %d, %d entries: %v, %d bytes left\n%s", width, n, b.err, len(b.b), diff)
			}
		}
	}
	list := entriesOf(r, 3000, 44)
	for i := range list { // spread
		list[i].key = uint64(i)<<32 + r.Uint64()>>32
	}
	if got, want := float64(len(appendEntries(nil, list)))/3000, (slotBits+32+1.5+0.2)/8; got > want {
		t.Errorf("%.2f bytes an entry, want at most %.2f", got, want)
	}
}

func FuzzBlock(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 3))
	f.Add(appendEntries(nil, entriesOf(r, 20, 44)))
	f.Add([]byte{200, 200, 1, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, read := range []func(*block){
			func(b *block) { b.entries(nil) }, func(b *block) { b.pairs(nil) }, func(b *block) { b.texts(func(holding) {}) },
			func(b *block) { b.nodes(make(map[uint64]*node)) }, func(b *block) { b.ask() }, func(b *block) { b.want() },
		} {
			b := &block{b: data}
			if read(b); b.err == nil && len(b.b) > len(data) {
				t.Fatal("more is left than there was")
			}
		}
	})
}

func TestPairsBlock(t *testing.T) {
	list := []pair{{a: 1, b: 5, shared: 3}, {a: 1, b: 9, band: true}, {a: 7, b: 2, shared: 300, band: true}}
	var got []pair
	sendPairs(t.Context(), movedPairs, slices.Clone(list), 1, func(_ int64, data []byte) {
		b := block{b: data}
		got = b.pairs(got)
	})
	if !slices.Equal(got, list) {
		t.Errorf("%v, want %v", got, list)
	}
	twice := merged([]pair{{a: 2, b: 3, shared: 1}, {a: 1, b: 2}, {a: 2, b: 3, shared: 2, band: true}})
	if want := []pair{{a: 1, b: 2}, {a: 2, b: 3, shared: 3, band: true}}; !slices.Equal(twice, want) {
		t.Errorf("merged %v, want %v", twice, want)
	}
}

// Whatever the size of the splits, each line is in one of them.
func TestSplits(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"a": "one\ntwo\n\nthree", "b": "", "c": strings.Repeat("x", 100) + "\r\ny\n", "d": "\n\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"one", "two", "three", strings.Repeat("x", 100), "y"}
	for size := range int64(120) {
		list := &List{Config{Input: filepath.Join(dir, "*"), Split: size + 1}}
		var got []string
		numbers := int64(0)
		err := list.ProcessElement(t.Context(), nil, func(number int64, data []byte) {
			if number != numbers {
				t.Fatalf("split %d after %d", number, numbers-1)
			}
			numbers++
			s, err := decodeSplit(data)
			if err != nil {
				t.Fatal(err)
			}
			last := -1
			if err := s.lines(t.Context(), func(n int, line []byte) error {
				if n <= last {
					t.Fatalf("line %d after %d", n, last)
				}
				last = n
				got = append(got, string(line))
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("splits of %d bytes: %v, %q", size+1, err, got)
		}
	}
	if err := (&List{Config{Input: filepath.Join(dir, "none*"), Split: 1}}).ProcessElement(t.Context(), nil, nil); err == nil {
		t.Error("no file is no error")
	}
}

// The features by which excerpts are found are those of the library.
func TestSample(t *testing.T) {
	r, err := newsroom.reader()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range corpus.Articles(50, 3) {
		rec, err := r.Read(a.Text)
		if err != nil {
			t.Fatal(err)
		}
		want := rec.AppendSample(nil)
		slices.Sort(want)
		var got []uint64
		for _, v := range r.sample(a.Text) {
			got = append(got, v>>(sampleBits-20)<<4)
		}
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Fatalf("%d features %v, want %v", len(got), got, want)
		}
	}
}

// A record without its signature gives the same verdicts.
func TestStripped(t *testing.T) {
	r, err := newsroom.reader()
	if err != nil {
		t.Fatal(err)
	}
	docs := corpus.Articles(120, 8)
	whole, less := make([]*neardup.Record, len(docs)), make([]*neardup.Record, len(docs))
	bytes := [2]int{}
	for i, a := range docs {
		if whole[i], err = r.Read(a.Text); err != nil {
			t.Fatal(err)
		}
		data, err := stripped(whole[i])
		if err != nil {
			t.Fatal(err)
		}
		less[i] = new(neardup.Record)
		if err := less[i].UnmarshalBinary(data); err != nil {
			t.Fatal(err)
		}
		all, _ := whole[i].MarshalBinary()
		bytes[0], bytes[1] = bytes[0]+len(all), bytes[1]+len(data)
	}
	duplicates := 0
	for i := range docs {
		for j := range i {
			want := r.Relate(whole[i], whole[j])
			if got := r.Relate(less[i], less[j]); got != want {
				t.Fatalf("%d and %d: %+v, want %+v", i, j, got, want)
			}
			if want.Duplicate() {
				duplicates++
			}
		}
	}
	if duplicates < 10 || bytes[1] > bytes[0]-900*len(docs) {
		t.Errorf("%d duplicates; %d bytes of %d", duplicates, bytes[1], bytes[0])
	}
}

// A crowd, in which hundreds share a band, is tied to the earliest, in whatever part of it a text
// is.
func TestCrowd(t *testing.T) {
	if testing.Short() {
		t.Skip("reads hundreds of versions")
	}
	base := strings.Fields(corpus.Articles(1, 21)[0].Text)
	docs := make([]neardup.Article, 0, 500)
	for i := range 500 {
		words := slices.Clone(base)
		for k := range 6 { // no two are equal
			words[(i*7+k*31)%len(words)] = fmt.Sprintf("other%dword%d", i, k)
		}
		a := corpus.Articles(1, 22)[0]
		a.ID, a.Text, a.Time = fmt.Sprintf("v%04d", (i*211)%500), strings.Join(words, " "), a.Time.AddDate(0, 0, i)
		a.Source = ""
		docs = append(docs, a)
	}
	groups := sameGroups(t, docs)
	if len(groups) != 1 || groups[0].Representative != docs[0].ID {
		t.Errorf("%d groups, want one of the earliest", len(groups))
	}
}

// Groups made in several passes are the same.
func TestPasses(t *testing.T) {
	dir := t.TempDir()
	docs := corpus.Articles(300, 12)
	writeArticles(t, filepath.Join(dir, "in"), docs)
	want, err := runJob(t, dir, newsroom, prismExecute)
	if err != nil {
		t.Fatal(err)
	}
	f := finish{parts: filepath.Join(dir, "out-parts-"), output: filepath.Join(dir, "again"), shards: 2, passes: 7}
	if err := f.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := linesOf(t, filepath.Join(dir, "again-0*"))
	if !slices.Equal(got, want) || len(got) < 20 {
		t.Errorf("%d lines, want %d", len(got), len(want))
	}
	if err := os.Remove(f.parts + complete); err != nil {
		t.Fatal(err)
	}
	if err := f.run(t.Context()); err == nil || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("a job that has not ended gave %v", err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*.tmp"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
