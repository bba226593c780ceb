package articles

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/neardup/neardup"
)

func TestReadLine(t *testing.T) {
	long := strings.Repeat("x", 50)
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"", []string{"|EOF"}},
		{"a\nb", []string{"a\n|<nil>", "b|EOF"}},
		{"a\n" + long[:40] + "\nb\n", []string{"a\n|<nil>", "|line is too long", "b\n|<nil>", "|EOF"}},
		{long[:39] + "\n", []string{long[:39] + "\n|<nil>", "|EOF"}},       // as long as may be, and over the room of the reader
		{"a\n" + long, []string{"a\n|<nil>", "|line is too long", "|EOF"}}, // without a newline at the end
	} {
		r := bufio.NewReaderSize(strings.NewReader(tt.text), 16)
		var got []string
		for {
			line, err := ReadLine(r, nil, 40)
			if errors.Is(err, ErrLongLine) {
				line = nil // what was read of it means nothing
			}
			if err == nil {
				got = append(got, string(line)+"|<nil>")
				continue
			}
			got = append(got, string(line)+"|"+err.Error())
			if errors.Is(err, io.EOF) {
				break
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestEach(t *testing.T) {
	in := `{"id": "a", "text": "one", "source": "s", "time": "2026-01-02T03:04:05Z"}` + "\n" + `{"id": "b", "text": "two"}` + "\n" + `{"id": `
	var ids []string
	err := Each([]string{"-"}, strings.NewReader(in), func(a neardup.Article) error {
		ids = append(ids, a.ID+a.Source+a.Text)
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "-: article 3") {
		t.Errorf("error %v, want one that names article 3", err)
	}
	if diff := cmp.Diff([]string{"asone", "btwo"}, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := Each(nil, nil, nil); err == nil {
		t.Error("no file gave no error")
	}
}
