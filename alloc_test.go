package neardup

import (
	"strings"
	"testing"
)

// TestAllocs checks that a query allocates for its matches and for nothing else.
func TestAllocs(t *testing.T) {
	for _, exact := range []bool{false, true} {
		cfg := whole
		cfg.BySignature = !exact
		d := mustNew(t, cfg)
		mustAdd(t, d, family(50, 1)...)
		lone := strings.Repeat(made(1<<50, 300)+" ", 2)
		if _, err := d.Query(Article{Text: lone}); err != nil { // makes the room
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { _, _ = d.Query(Article{Text: lone}) }); n > 0 && !raceEnabled {
			t.Errorf("exact=%v: a query without a match allocates %v times", exact, n)
		}
	}
}
