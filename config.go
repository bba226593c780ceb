package neardup

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
)

// Config says what counts as a near-duplicate and what may be spent on finding it. The zero Config is what a
// newsroom wants: articles are compared by their prose, whatever stands around it, in runs of five words, exactly. Each
// field is defaulted on its own; a value out of range is an error of [New], never corrected silently.
type Config struct {
	// Shingle chooses the features: unit, width and view. The zero value is word 5-shingles of the prose.
	Shingle shingle.Config

	// Threshold is the Jaccard similarity, in (0, 1], from which two articles are the same. 0 means 0.5.
	Threshold float64

	// Containment is the share of the shorter article, in (0, 1], that has to be found in the longer one for the
	// verdict "contained", whatever their Jaccard similarity. 0 means 0.75.
	Containment float64

	// NoContainment turns the verdict "contained" off: articles are the same or different.
	NoContainment bool

	// Recall is the share, in (0, 1), of the pairs at exactly Threshold that have to be found as candidates; more
	// similar pairs are found more often. 0 means 0.95.
	Recall float64

	// BySignature keeps a signature of each text and not its features, in about a third of the room. Similarities are
	// then estimates with the standard error sqrt(j(1-j)/K), so of the pairs at exactly Threshold half are missed; an
	// excerpt much shorter than its article is not found; and what a verdict needs beside them is not known: new words
	// and what text is the site's own.
	BySignature bool

	// K is the number of slots of a signature, 1 to 4096. 0 means 128.
	K int

	// Seed selects the hash functions. With 0 everyone has the same, and what one process keeps another understands.
	// Whoever knows the seed can, with some computing, write a text that is taken for another: where texts come from
	// strangers who gain by that, set a random seed and keep it secret.
	Seed uint64

	// Templates says what is done about text that a source puts on many of its pages. The zero value: where articles
	// name their source, such text is learnt, and is not evidence.
	Templates Templates

	// MaxText is the longest text accepted, in bytes; a longer one is refused with [ErrTooLong]. 0 means 16 MiB.
	MaxText int

	// MaxCandidates bounds the answer of [Detector.Add] and [Detector.Query] to so many matches, the most similar, and
	// the candidates that they verify. What is left out is counted in [Stats]. Groups, Pairs and Components have no such
	// bound. 0 means 1000.
	MaxCandidates int

	// Workers is the number of goroutines that bulk operations use. 0 means GOMAXPROCS. It never changes a result and
	// is not part of the saved state.
	Workers int
}

// Templates says what is done about text that recurs in the articles of one source. See [Detector] for what is learnt, which is
// part of the saved state.
type Templates struct {
	// Off turns learning off.
	Off bool
	// Known are texts, such as an empty form, whose features are evidence nowhere. They are read as articles are, and
	// part of the saved state.
	Known []string
}

// maxK is the largest number of slots of a signature.
const maxK = 4096

// defaults are what a field of 0 means.
var defaults = Config{
	Threshold:     0.5,
	Containment:   0.75,
	Recall:        0.95,
	K:             128,
	MaxText:       16 << 20,
	MaxCandidates: 1000,
}

// normal returns the configuration with its defaults filled in, or an error that names the field that is out of range.
// It shares nothing with c.
func (c Config) normal() (Config, error) {
	fill(&c.Threshold, defaults.Threshold)
	fill(&c.Containment, defaults.Containment)
	fill(&c.Recall, defaults.Recall)
	fill(&c.K, defaults.K)
	fill(&c.MaxText, defaults.MaxText)
	fill(&c.MaxCandidates, defaults.MaxCandidates)
	if err := c.check(); err != nil {
		return c, err
	}
	return c.clone(), nil
}

func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (c *Config) check() error {
	for _, f := range []struct {
		name   string
		value  float64
		closed bool // 1 is in the range
	}{
		{"Threshold", c.Threshold, true}, {"Containment", c.Containment, true}, {"Recall", c.Recall, false},
	} {
		if f.value > 0 && (f.value < 1 || f.closed && f.value == 1) {
			continue
		}
		want := "less than 1"
		if f.closed {
			want = "at most 1"
		}
		return fmt.Errorf("neardup: %s is %v, want more than 0 and %s", f.name, f.value, want)
	}
	for _, f := range []struct {
		name            string
		value, min, max int
	}{
		{"K", c.K, 1, maxK},
		{"MaxText", c.MaxText, 0, math.MaxInt32},
		{"MaxCandidates", c.MaxCandidates, 0, math.MaxInt32},
		{"Workers", c.Workers, 0, 1 << 16},
	} {
		if f.value < f.min || f.value > f.max {
			return fmt.Errorf("neardup: %s is %d, want %d to %d", f.name, f.value, f.min, f.max)
		}
	}
	if _, err := shingle.New(c.Shingle); err != nil {
		return fmt.Errorf("neardup: Shingle: %w", err)
	}
	_, err := c.plan()
	return err
}

func (c Config) clone() Config {
	c.Templates.Known = slices.Clone(c.Templates.Known)
	c.Shingle.Anchors = slices.Clone(c.Shingle.Anchors)
	return c
}

// planFor is the similarity that bands are laid for, as a share of the threshold: the promise is for the threshold, and
// is kept with room, so that articles of unequal length are seen as well. (In a simulation on labelled pages it took the
// F1 of one set from .972 to .987.) At the zero Config it makes 26 bands, and 995 of 1,000 pairs at the threshold
// become candidates.
const planFor = 0.8

// plan returns the bands. They are what the memory of an index is spent on, so they are made from nine sixteenths of the
// slots if that can meet the goal; all slots serve to estimate.
func (c *Config) plan() (minhash.Plan, error) {
	var err error
	for _, goal := range []minhash.Goal{
		{Threshold: planFor * c.Threshold, Recall: c.Recall, K: max(1, c.K*9/16)},
		{Threshold: planFor * c.Threshold, Recall: c.Recall, K: c.K},
		{Threshold: c.Threshold, Recall: c.Recall, K: c.K},
	} {
		var plan minhash.Plan
		if plan, err = minhash.NewPlan(goal); err == nil {
			plan.K = c.K
			return plan, nil
		}
	}
	return minhash.Plan{}, fmt.Errorf("neardup: Threshold, Recall and K: %w", err)
}

// bits returns how many bits of each slot of a signature are kept: enough for a verdict, or to tell which candidates are
// worth one.
func (c *Config) bits() int {
	if c.BySignature {
		return 8
	}
	return 2
}

// least returns the estimated similarity below which a candidate of the bands is not looked at: three standard errors
// below what the bands are laid for. Excerpts have other candidates.
func (c *Config) least() float64 {
	j := planFor * c.Threshold
	chance := math.Pow(2, -float64(c.bits())) // that slots agree which are not the same
	agree := j + float64((1-j)*chance)
	return max(0, j-3*math.Sqrt(agree*(1-agree)/float64(c.K))/(1-chance))
}

func (c *Config) workers() int {
	if c.Workers > 0 {
		return c.Workers
	}
	return runtime.GOMAXPROCS(0)
}

var errZero = errors.New("neardup: a Detector is made by New, Load or LoadFile; this one is a zero value")
