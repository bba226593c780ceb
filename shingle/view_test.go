package shingle

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestAppendKept(t *testing.T) {
	page := "Home | News | Sport\n\n" + strings.Repeat("The ferry sails at noon, and the last one leaves at ten in the evening. ", 4) +
		"\n\nMost read\nFerry Timetable Changes\n\n北京大学今天宣布，新的图书馆将于明年春天开放。\n\n" + strings.Repeat("Nobody on the island had asked for it, but it was a success. ", 4)
	for _, unit := range []Unit{Word, Char, Anchored} {
		shingler := func(v View) *Shingler {
			s, err := New(Config{Unit: unit, View: v})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		s := shingler(Whole)
		prose, whole := shingler(Prose).Append(nil, page), s.Append(nil, page)
		if slices.Equal(prose, whole) {
			t.Fatal("the prose of the page is all of it: the page tests nothing")
		}
		if got := s.AppendKept(nil, page, AppendBlocks(nil, page)); !slices.Equal(got, prose) {
			t.Errorf("unit %d: the blocks of AppendBlocks give other features than View Prose", unit)
		}
		if got := s.AppendKept([]uint64{7}, page, []Block{{0, len(page), true, 0}}); !slices.Equal(got[1:], whole) || got[0] != 7 {
			t.Errorf("unit %d: one block gives other features than View Whole", unit)
		}
		if got := s.AppendKept(nil, page, nil); len(got) != 0 {
			t.Errorf("unit %d: no block gives %d features", unit, len(got))
		}
		// Cut anywhere, a text is the same as long as all is kept.
		r := rand.New(rand.NewPCG(1, uint64(unit)))
		for range 50 {
			var blocks []Block
			for at := 0; at < len(page); {
				end := min(len(page), at+r.IntN(100))
				blocks = append(blocks, Block{at, end, true, 0})
				at = end
			}
			if got := s.AppendKept(nil, page, blocks); !slices.Equal(got, whole) {
				t.Fatalf("unit %d: blocks %v give other features than the whole", unit, blocks)
			}
		}
	}
}

func TestAppendKeptPanics(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, blocks := range [][]Block{{{-1, 2, true, 0}}, {{0, 9, true, 0}}, {{3, 2, true, 0}}, {{0, 3, false, 0}, {2, 4, true, 0}}} {
		func() {
			defer func() {
				if r, _ := recover().(string); !strings.HasPrefix(r, "shingle: block ") {
					t.Errorf("blocks %v: panic %q", blocks, r)
				}
			}()
			s.AppendKept(nil, "12345678", blocks)
		}()
	}
}
