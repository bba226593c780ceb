package dedup

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/neardup/neardup/examples/internal/formats"
)

const corpusDir = "../../dedup/corpus"

const (
	story     = "The harbour master said on Monday that the western gate would stay open until the last of the barges had passed the lock."
	elsewhere = "A committee of the provincial council has asked the railway to explain why the evening train no longer waits for the ferry."
)

// drive runs a program that has the standard formats and returns what it wrote and its status.
func drive(t *testing.T, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, err bytes.Buffer
	p := Program{Name: "dedup", Set: formats.Standard(), MaxText: 1 << 14}
	status = p.Run(t.Context(), args, strings.NewReader(stdin), &out, &err)
	return out.String(), err.String(), status
}

func line(id, text string) string { return fmt.Sprintf(`{"id":%q,"text":%q}`, id, text) }
