package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	var out bytes.Buffer
	args := []string{"-n", "100,200,400", "-workers", "1,2", "-size", "600", "-json", path}
	if err := run(context.Background(), args, &out, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for d := json.NewDecoder(bytes.NewReader(b)); d.More(); {
		var r row
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	if len(rows) != 6 {
		t.Fatalf("%d rows, want 6", len(rows))
	}
	for i, r := range rows {
		if r.Workers != 1+i/3 || r.N != 100<<(i%3) || r.Seconds <= 0 || r.BytesPer <= 0 || r.Marginal <= 0 || r.QueryUS <= 0 {
			t.Errorf("row %d: %+v", i, r)
		}
		if r.Recall < 0.9 || r.Precision < 0.99 {
			t.Errorf("%d articles: recall %.3f, precision %.3f", r.N, r.Recall, r.Precision)
		}
	}
	if rows[0].Recall != rows[3].Recall || rows[2].Precision != rows[5].Precision {
		t.Error("the number of workers changes the groups")
	}
	if n := strings.Count(out.String(), "processor time grows as n^"); n != 2 {
		t.Errorf("%d fitted exponents, want 2:\n%s", n, out.String())
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-n 0", "numbers from 1 up"},
		{"-n 20,10", "increasing"},
		{"-workers x", "numbers from 1 up"},
		{"-copies 99", "0 to 90"},
		{"-view half", "prose or whole"},
	} {
		err := run(context.Background(), strings.Fields(c.args), new(bytes.Buffer), new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q in it", c.args, err, c.want)
		}
	}
}
