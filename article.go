package neardup

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// An Article is one text as one source published it.
type Article struct {
	ID     string    // unique in the detector, and not empty
	Text   string    // plain text; it is not kept
	Source string    // the site or feed; optional, used by policies and to learn what text is the site's own
	Time   time.Time // of publication; optional, used by policies. Its zone does not matter and is not kept.

	// Features, if not nil, are features of the caller's own, by a tokenizer of its own, in the order of the text. They
	// stand in for those of Text, which is then not read.
	Features []uint64
}

// The errors that articles are refused with. They come wrapped in an [ArticleError]; match them with errors.Is.
var (
	ErrNoID        = errors.New("article has no ID")
	ErrDuplicateID = errors.New("ID is taken")
	ErrTooLong     = errors.New("text is too long")
)

// An ArticleError reports an article that was refused. Unwrap gives the reason.
type ArticleError struct {
	Index int // position in the sequence given to AddAll; 0 for a single article
	ID    string
	Err   error
}

// Error names the article and the reason.
func (e *ArticleError) Error() string { return fmt.Sprintf("neardup: article %q: %v", e.ID, e.Err) }

// Unwrap returns the reason.
func (e *ArticleError) Unwrap() error { return e.Err }

// An Entry is what a [Detector] tells, and a [Policy] sees, of an article.
type Entry struct {
	ID     string    `json:"id"`
	Source string    `json:"source,omitempty"`
	Time   time.Time `json:"time,omitzero"` // in UTC; the zero Time if none was given
	Size   int       `json:"size"`          // distinct features of its prose: the length of the article without its navigation
}

// A Policy orders articles by how well they represent their group: negative when a is the better representative, as
// [cmp.Compare]. It must be a consistent order. Articles that it leaves equal are ordered by [Earliest], then by
// [Longest], then by source, then by ID.
type Policy func(a, b Entry) int

// Earliest prefers the article published first; one without a time comes last.
func Earliest(a, b Entry) int {
	if a.Time.IsZero() || b.Time.IsZero() {
		switch {
		case b.Time.IsZero() && !a.Time.IsZero():
			return -1
		case a.Time.IsZero() && !b.Time.IsZero():
			return 1
		}
		return 0
	}
	return a.Time.Compare(b.Time)
}

// Longest prefers the article with the most text, counted in distinct features of its prose.
func Longest(a, b Entry) int { return cmp.Compare(b.Size, a.Size) }

// PreferSources returns a policy that prefers the sources in the order given, before all others.
func PreferSources(sources ...string) Policy {
	rank := make(map[string]int, len(sources))
	for i, s := range sources {
		if _, ok := rank[s]; !ok {
			rank[s] = i - len(sources)
		}
	}
	return func(a, b Entry) int { return cmp.Compare(rank[a.Source], rank[b.Source]) }
}

// total returns the policy with what it leaves equal ordered as [Policy] says.
func (p Policy) total() Policy {
	if p == nil {
		p = Earliest
	}
	return func(a, b Entry) int {
		return cmp.Or(p(a, b), Earliest(a, b), Longest(a, b), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
	}
}

// sortEntries sorts by the policy, and what it leaves equal by what [Policy] says.
func sortEntries(entries []Entry, policy Policy) { slices.SortFunc(entries, policy.total()) }
