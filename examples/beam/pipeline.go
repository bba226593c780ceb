package main

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/shingle"
)

// Everything that a worker runs is registered by name. RegisterDoFn uses reflection; the generic
// register package is faster at run time and takes minutes to compile.
func init() {
	for _, f := range []any{
		&List{}, &Count{}, &Read{}, &Meet{}, &Once{}, &Weigh{}, &Crowd{}, &Choose{}, &Ask{}, &Collect{}, &Learn{},
		&Gather{}, &Compare{}, &Rest{},
	} {
		beam.RegisterDoFn(f)
	}
	beam.RegisterType(reflect.TypeFor[Config]())
}

// Config is what the workers need to know.
type Config struct {
	Input      string  // a glob
	Parts      string  // a prefix of the files of entries and edges
	Threshold  float64 // Jaccard similarity from which two articles are the same
	Recall     float64 // share of the pairs at the threshold to find
	Split      int64   // bytes of a file that are read at once
	Partitions int     // of everything that is shuffled
	Learn      int     // articles of a source that its text is learnt from
}

func (c Config) check() error {
	switch {
	case c.Split < 1:
		return fmt.Errorf("-split is %d, want at least 1", c.Split)
	case c.Partitions < 1 || c.Partitions > 1<<20:
		return fmt.Errorf("-partitions is %d, want 1 to 1048576", c.Partitions)
	case c.Learn < fewest:
		return fmt.Errorf("-learn is %d, want at least %d", c.Learn, fewest)
	}
	_, err := c.reader()
	return err
}

func (c Config) reader() (*reader, error) {
	r, err := neardup.NewReader(neardup.Config{Threshold: c.Threshold, Recall: c.Recall})
	if err != nil {
		return nil, err
	}
	s, err := shingle.New(r.Config().Shingle)
	if err != nil {
		return nil, err
	}
	return &reader{Reader: r, plan: r.Plan(), shingler: s, least: leastOf(r.Config())}, nil
}

var digestCode = base64.RawURLEncoding

func randomName() uint64 { return rand.Uint64() }

// What the job counts.
var (
	read           = beam.NewCounter("neardup", "articles")
	malformed      = beam.NewCounter("neardup", "malformed")
	candidates     = beam.NewCounter("neardup", "candidates")
	judged         = beam.NewCounter("neardup", "judged")
	edges          = beam.NewCounter("neardup", "edges")
	unmet          = beam.NewCounter("neardup", "pairs that met nowhere, from both sides")
	crowds         = beam.NewCounter("neardup", "crowds")
	crowded        = beam.NewCounter("neardup", "compared with the first of a crowd only")
	tiered         = beam.NewCounter("neardup", tieredName)
	commonFeatures = beam.NewCounter("neardup", "common features")
	sampledSources = beam.NewCounter("neardup", sourcesName)

	movedBands   = beam.NewCounter("moved", "bands")
	movedSamples = beam.NewCounter("moved", "samples")
	movedTexts   = beam.NewCounter("moved", "texts")
	movedCommons = beam.NewCounter("moved", "commons")
	movedPairs   = beam.NewCounter("moved", "pairs")
	movedSides   = beam.NewCounter("moved", "sides")
	movedAsks    = beam.NewCounter("moved", "asks")
	movedCrowds  = beam.NewCounter("moved", "crowds")
	movedWanted  = beam.NewCounter("moved", "wanted")
	movedLearnt  = beam.NewCounter("moved", "learnt")
	movedSites   = beam.NewCounter("moved", "sites")
	movedRecords = beam.NewCounter("moved", "records")
	movedRest    = beam.NewCounter("moved", "rest")
)

// Edges finds the edges among the articles of the input, and writes them and the entries of the
// articles that are in one, or have copies, to files. They are those that a neardup.Detector goes
// by.
func Edges(s beam.Scope, cfg Config) {
	n := cfg.Partitions
	s = s.Scope("neardup")
	splits := beam.ParDo(s.Scope("list"), &List{cfg}, beam.Impulse(s))
	group := func(s beam.Scope, c beam.PCollection) beam.PCollection { return beam.GroupByKey(s, c) }

	l := s.Scope("learn")
	asked := beam.ParDo(l, &Ask{cfg}, group(l, beam.ParDo(l, &Count{n}, group(l, splits))))
	collected := beam.ParDo(l, &Collect{Config: cfg}, beam.CoGroupByKey(l, splits, asked))
	learnt := beam.SideInput{Input: beam.ParDo(l, &Learn{Config: cfg}, group(l, collected))}

	r := s.Scope("read")
	bands, crowds, samples, texts := beam.ParDo4(r, &Read{Config: cfg}, group(r, splits), learnt)

	c := s.Scope("candidates")
	pairs, commons, crowds2 := beam.ParDo3(c, &Meet{n}, beam.CoGroupByKey(c, bands, samples))
	sides := beam.ParDo(c, &Once{n}, group(c, pairs))
	asks, crowded, involved := beam.ParDo3(c, &Weigh{n}, beam.CoGroupByKey(c, texts, commons, sides, beam.Flatten(c, crowds, crowds2)))
	more := beam.ParDo(c, &Crowd{Config: cfg}, group(c, crowded))
	wanted := beam.ParDo(c, &Choose{Config: cfg}, beam.CoGroupByKey(c, involved, beam.Flatten(c, asks, more)))

	v := s.Scope("verify")
	records := beam.ParDo(v, &Gather{Config: cfg}, beam.CoGroupByKey(v, splits, wanted))
	for i := range rounds {
		records = beam.ParDo(v, &Compare{Config: cfg, Round: i + 1}, group(v, records), learnt)
	}
	beam.ParDo0(v, &Rest{Config: cfg}, group(v, records), learnt)
}

// leastOf returns the similarity, as two sketches have it, from which a pair is looked at. It is
// reckoned as a Detector does: three standard errors below what the bands are laid for, four fifths
// of the threshold.
func leastOf(c neardup.Config) float64 {
	j := 0.8 * c.Threshold
	chance := 1 / float64(int(1)<<packing.Bits) // that slots agree which are not the same
	agree := j + float64((1-j)*chance)
	return max(0, j-3*math.Sqrt(agree*(1-agree)/float64(packing.K))/(1-chance))
}

// What is reported whether asked for or not: what was capped.
const (
	tieredName  = "texts of crowds were compared with the first of a part of the crowd only"
	sourcesName = "sources were learnt from a sample of their articles"
)
