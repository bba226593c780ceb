package neardup

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/neardup/neardup/minhash"
	"github.com/neardup/neardup/shingle"
)

// The errors of reading a saved detector, always wrapped with the detail. Any other error is the reader's own.
var (
	ErrVersion  = errors.New("unknown version")
	ErrCorrupt  = errors.New("damaged or not a detector")
	ErrMismatch = errors.New("saved with another configuration")
)

const (
	magic   = "ndd"
	version = 1
)

// WriteTo writes the whole state: configuration, articles, signatures, what has been learnt. Queries go on meanwhile; changes
// wait, so that what is written is a state that existed.
//
// The bytes are the same on every machine and canonical: reading them back and writing again gives the same bytes. All
// integers are little-endian; a string is its length in 4 bytes and its bytes.
//
//	bytes     content
//	3         "ndd"
//	1         version, 1
//	4         unit, view, flags (1 fold diacritics, 2 no containment, 4 exact, 8 learn), 0
//	8         probe: a hash of the features of a fixed text, which changes with the shingling
//	4+4       shingle size and distance, 0 for the default
//	4, …      number of anchors, each a string
//	8+8+8     threshold, containment, recall (IEEE 754)
//	4+4+4     K, MaxText, MaxCandidates
//	4, …      number of known templates, each a string
//	4, …      number of sources, each a string
//	4, …      number of classes: digest (8), distinct features (4), 1 if there was too little prose (1);
//	          all 0 if no article is left, which happens only if others remove articles at the very moment
//	4, …      number of articles, in the order they were added: ID (string), source (4), nanosecond (4; all ones if
//	          there is no time), second (8), class (4; all ones if there are no features)
//	…         with Exact: for each class, the features as 4 bytes each
//	…         with Learn: 4+4 MiB of counters, filled (8), number of sources (4), each hash (8) and count (4)
//	…         the index, as [minhash.Index.UnmarshalBinary] describes it
//	8         XXH64 of all that precedes
func (d *Detector) WriteTo(w io.Writer) (int64, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for range 3 {
		if d.removed == 0 && d.dead == 0 {
			break
		}
		d.mu.RUnlock()
		d.mu.Lock()
		d.compact()
		d.mu.Unlock()
		d.mu.RLock() // others may have removed more meanwhile
	}
	e := &encoder{w: bufio.NewWriterSize(w, 1<<16)}
	e.h.Reset()
	e.bytes([]byte(magic))
	e.bytes([]byte{version})
	d.encodeConfig(e)

	sources := make([]uint32, len(d.sources))
	for i := range sources {
		sources[i] = none
	}
	var names []string
	for i := range d.slots {
		if s := &d.slots[i]; s.id != "" && sources[s.source] == none {
			sources[s.source] = uint32(len(names))
			names = append(names, d.sources[s.source])
		}
	}
	e.strings(names)

	e.u32(uint32(len(d.classes)))
	for i := range d.classes {
		c := &d.classes[i]
		if c.first == none {
			e.bytes(make([]byte, 13))
			continue
		}
		e.u64(c.digest)
		e.u32(c.size)
		if c.fellBack {
			e.bytes([]byte{1})
		} else {
			e.bytes([]byte{0})
		}
	}
	e.u32(uint32(len(d.byID)))
	for i := range d.slots {
		if s := &d.slots[i]; s.id != "" {
			e.string(s.id)
			e.u32(sources[s.source])
			e.u32(s.nsec)
			e.u64(uint64(s.sec))
			e.u32(s.class)
		}
	}
	for _, set := range d.sets {
		for _, f := range set {
			e.u32(f)
		}
	}
	if l := d.learned; l != nil {
		for _, row := range l.rows {
			e.bytes(row)
		}
		e.u64(uint64(l.filled))
		e.u32(uint32(len(l.sources)))
		for _, s := range slices.Sorted(maps.Keys(l.sources)) {
			e.u64(s)
			e.u32(l.sources[s])
		}
	}
	if _, err := d.index.WriteTo(e); err != nil && e.err == nil {
		e.err = err
	}
	sum := e.h.Sum64()
	e.u64(sum)
	if e.err == nil {
		e.err = e.w.Flush()
	}
	if e.err != nil {
		return e.n, fmt.Errorf("neardup: writing: %w", e.err)
	}
	return e.n, nil
}

func (d *Detector) encodeConfig(e *encoder) {
	c := &d.cfg
	var flags byte
	for i, set := range []bool{c.Shingle.FoldDiacritics, c.NoContainment, c.Exact, c.Templates.Learn} {
		if set {
			flags |= 1 << i
		}
	}
	e.bytes([]byte{byte(c.Shingle.Unit), byte(c.Shingle.View), flags, 0})
	e.u64(probe(c.Shingle))
	e.u32(uint32(c.Shingle.Size))
	e.u32(uint32(c.Shingle.Distance))
	e.strings(c.Shingle.Anchors)
	e.u64(math.Float64bits(c.Threshold))
	e.u64(math.Float64bits(c.Containment))
	e.u64(math.Float64bits(c.Recall))
	e.u32(uint32(c.K))
	e.u32(uint32(c.MaxText))
	e.u32(uint32(c.MaxCandidates))
	e.strings(c.Templates.Known)
}

// probe identifies what a shingler does by what it makes of a text.
func probe(cfg shingle.Config) uint64 {
	const text = "The harbour café re-opened on Friday, said its owner; “we’re glad,” she told a crowd of 250 people.\n\n" +
		"Menu | Home | Search\n\nOn the following day, the mayor and the council visited it. 東京都は金曜日に発表した。"
	s, err := shingle.New(cfg)
	if err != nil {
		return 0
	}
	var h uint64
	for _, f := range s.Append(nil, text) {
		h = mix(h + f)
	}
	return h
}

// SaveFile writes the detector to a file, which at any moment is either the old one or the new one, whole: it writes to
// a temporary file in the same directory, syncs it and renames it. Read it with [LoadFile].
func (d *Detector) SaveFile(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("neardup: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = d.WriteTo(f); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return fmt.Errorf("neardup: %w", err)
	}
	if err = f.Sync(); err != nil {
		return fmt.Errorf("neardup: %w", err)
	}
	if err = f.Close(); err != nil {
		return fmt.Errorf("neardup: %w", err)
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("neardup: %w", err)
	}
	// The rename is on disk when the directory is. Not every system can sync one; the file is whole either way.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}

// LoadFile reads a detector that [Detector.SaveFile] wrote.
func LoadFile(path string) (*Detector, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("neardup: %w", err)
	}
	defer f.Close()
	d, err := Load(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// Load returns the detector that [Detector.WriteTo] wrote, with the configuration it was written with. It reads to
// the end of r. The error is wrapped around ErrVersion or ErrCorrupt, or is that of r. Memory is allocated for what has been
// read, never for what a damaged length promises.
func Load(r io.Reader) (*Detector, error) {
	d, _, err := decode(r, nil)
	return d, err
}

// ReadFrom replaces the contents of d by those that [Detector.WriteTo] wrote. A detector with another configuration
// refuses them with ErrMismatch (Workers may differ). On error d is unchanged.
func (d *Detector) ReadFrom(r io.Reader) (int64, error) {
	n, read, err := decode(r, &d.cfg)
	if err != nil {
		return read, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.slots, d.seq, d.removed, d.byID = n.slots, n.seq, n.removed, n.byID
	d.sources, d.bySource = n.sources, n.bySource
	d.classes, d.dead, d.byDigest, d.sets = n.classes, n.dead, n.byDigest, n.sets
	d.index, d.excerpts, d.learned = n.index, n.excerpts, n.learned
	d.renumbered++
	return read, nil
}

func decode(r io.Reader, want *Config) (*Detector, int64, error) {
	dec := &decoder{r: bufio.NewReaderSize(r, 1<<16)}
	dec.h.Reset()
	d := dec.detector(want)
	if dec.err == nil {
		sum := dec.h.Sum64()
		if dec.u64() != sum && dec.err == nil {
			dec.corrupt("wrong checksum")
		}
	}
	if dec.err == nil {
		if _, err := dec.r.ReadByte(); err == nil {
			dec.corrupt("more bytes than expected")
		} else if err != io.EOF {
			dec.err = err
		}
	}
	if dec.err != nil {
		return nil, dec.n, fmt.Errorf("neardup: reading: %w", dec.err)
	}
	return d, dec.n, nil
}

// detector reads all but the checksum.
func (dec *decoder) detector(want *Config) *Detector {
	if string(dec.bytes(3)) != magic {
		dec.corrupt("does not begin with " + magic)
		return nil
	}
	if v := dec.u8(); dec.err == nil && v != version {
		dec.err = fmt.Errorf("%w %d, want %d", ErrVersion, v, version)
		return nil
	}
	cfg := dec.config()
	if dec.err != nil {
		return nil
	}
	if want != nil {
		if err := sameConfig(cfg, *want); err != nil {
			dec.err = err
			return nil
		}
		cfg = *want
	}
	d, err := New(cfg)
	if err != nil {
		dec.corrupt(err.Error())
		return nil
	}

	d.sources = dec.strings()
	for i, s := range d.sources {
		if _, ok := d.bySource[s]; ok {
			dec.corrupt("a source comes twice")
		}
		d.bySource[s] = uint32(i)
	}
	for range dec.count() {
		c := class{digest: dec.u64(), size: dec.u32(), first: none, last: none}
		fellBack := dec.u8()
		c.fellBack = fellBack == 1
		if fellBack > 1 || c.size == 0 && (c.digest != 0 || c.fellBack) {
			dec.corrupt("a class is malformed")
		}
		if c.size > math.MaxInt32/4 {
			dec.corrupt("a class is too large")
		}
		if dec.err != nil {
			return nil
		}
		if c.size == 0 {
			d.dead++
		} else if _, ok := d.byDigest[c.digest]; ok {
			dec.corrupt("a class comes twice")
		} else {
			d.byDigest[c.digest] = uint32(len(d.classes))
		}
		d.classes = append(d.classes, c)
	}
	usedSources := uint32(0)
	n := dec.count()
	for at := uint32(0); int(at) < n; at++ {
		s := slot{id: dec.string(), seq: d.seq, source: dec.u32(), nsec: dec.u32(), sec: int64(dec.u64()), class: dec.u32(), next: none}
		_, taken := d.byID[s.id]
		switch {
		case dec.err != nil:
			return nil
		case s.id == "" || taken:
			dec.corrupt("an ID is empty or comes twice")
		case s.source > usedSources || int(s.source) >= len(d.sources):
			dec.corrupt("a source is out of range")
		case s.nsec >= 1e9 && (s.nsec != noTime || s.sec != 0):
			dec.corrupt("a time is out of range")
		case s.class != none && (uint64(s.class) >= uint64(len(d.classes)) || d.classes[s.class].size == 0):
			dec.corrupt("a class is out of range")
		}
		if dec.err != nil {
			return nil
		}
		if s.source == usedSources {
			usedSources++
		}
		if s.class != none {
			c := &d.classes[s.class]
			if c.first == none {
				c.first = at
			} else {
				d.slots[c.last].next = at
			}
			c.last = at
			c.count++
		}
		d.byID[s.id] = at
		d.slots = append(d.slots, s)
		d.seq++
	}
	if int(usedSources) != len(d.sources) {
		dec.corrupt("a source has no article")
	}
	for _, c := range d.classes {
		if c.size > 0 && c.first == none {
			dec.corrupt("a class has no article")
		}
	}
	if dec.err == nil && d.cfg.Exact {
		for _, c := range d.classes {
			set := dec.u32s(int(c.size))
			if !slices.IsSorted(set) {
				dec.corrupt("features are not in order")
			}
			d.sets = append(d.sets, set)
			if dec.err != nil {
				return nil
			}
		}
		d.sampleAll()
	}
	if dec.err == nil && d.learned != nil {
		l := d.learned
		for i := range l.rows {
			l.rows[i] = dec.bytes(learnCells)
		}
		filled := dec.u64()
		if filled >= learnFull {
			dec.corrupt("counters are out of range")
		}
		l.filled = int(filled)
		last := uint64(0)
		for i := range dec.count() {
			s, n := dec.u64(), dec.u32()
			if i > 0 && s <= last || n == 0 {
				dec.corrupt("counted sources are not in order")
			}
			if dec.err != nil {
				return nil
			}
			l.sources[s], last = n, s
		}
	}
	if dec.err != nil {
		return nil
	}
	// The index comes with its plan: a later version might plan otherwise for the same configuration.
	d.index = new(minhash.Index)
	if _, err := d.index.ReadFrom(dec); dec.err == nil && err != nil {
		dec.corrupt("index: " + err.Error())
	}
	if ix := d.index.Config(); dec.err == nil && (ix.Plan.K != d.cfg.K || ix.Bits != 8 || ix.Seed != 0 || ix.Scheme != minhash.FastSimilarity) {
		dec.corrupt("the index does not fit the configuration")
	}
	if dec.err != nil {
		return nil
	}
	fits := d.index.Len() == len(d.classes)-d.dead
	for i, c := range d.classes {
		fits = fits && d.index.Has(uint32(i)) == (c.size > 0)
	}
	if !fits {
		dec.corrupt("the index does not fit the articles")
	}
	return d
}

func (dec *decoder) config() Config {
	var c Config
	c.Shingle.Unit, c.Shingle.View = shingle.Unit(dec.u8()), shingle.View(dec.u8())
	flags := dec.u8()
	if flags > 15 || dec.u8() != 0 {
		dec.corrupt("unknown flags")
	}
	c.Shingle.FoldDiacritics, c.NoContainment = flags&1 != 0, flags&2 != 0
	c.Exact, c.Templates.Learn = flags&4 != 0, flags&8 != 0
	p := dec.u64()
	c.Shingle.Size, c.Shingle.Distance = int(dec.u32()), int(dec.u32())
	c.Shingle.Anchors = dec.strings()
	c.Threshold = math.Float64frombits(dec.u64())
	c.Containment = math.Float64frombits(dec.u64())
	c.Recall = math.Float64frombits(dec.u64())
	c.K = int(dec.u32())
	c.MaxText = int(dec.u32())
	c.MaxCandidates = int(dec.u32())
	c.Templates.Known = dec.strings()
	if dec.err == nil && (c.Threshold == 0 || c.Containment == 0 || c.Recall == 0 || c.K == 0 || c.MaxText == 0 || c.MaxCandidates == 0) {
		dec.corrupt("a setting is missing")
	}
	if dec.err == nil && p != probe(c.Shingle) {
		dec.err = fmt.Errorf("%w: the texts were shingled in another way", ErrMismatch)
	}
	return c
}

// sameConfig names the first field in which a saved configuration differs from the one wanted.
func sameConfig(saved, want Config) error {
	for _, f := range []struct {
		name        string
		saved, want any
	}{
		{"Shingle.Unit", saved.Shingle.Unit, want.Shingle.Unit},
		{"Shingle.Size", saved.Shingle.Size, want.Shingle.Size},
		{"Shingle.View", saved.Shingle.View, want.Shingle.View},
		{"Shingle.FoldDiacritics", saved.Shingle.FoldDiacritics, want.Shingle.FoldDiacritics},
		{"Shingle.Distance", saved.Shingle.Distance, want.Shingle.Distance},
		{"Threshold", saved.Threshold, want.Threshold},
		{"Containment", saved.Containment, want.Containment},
		{"NoContainment", saved.NoContainment, want.NoContainment},
		{"Recall", saved.Recall, want.Recall},
		{"K", saved.K, want.K},
		{"Exact", saved.Exact, want.Exact},
		{"Templates.Learn", saved.Templates.Learn, want.Templates.Learn},
		{"MaxText", saved.MaxText, want.MaxText},
		{"MaxCandidates", saved.MaxCandidates, want.MaxCandidates},
	} {
		if !reflect.DeepEqual(f.saved, f.want) {
			return fmt.Errorf("%w: %s is %v, want %v", ErrMismatch, f.name, f.saved, f.want)
		}
	}
	if !slices.Equal(saved.Shingle.Anchors, want.Shingle.Anchors) {
		return fmt.Errorf("%w: Shingle.Anchors differ", ErrMismatch)
	}
	if !slices.Equal(saved.Templates.Known, want.Templates.Known) {
		return fmt.Errorf("%w: Templates.Known differs", ErrMismatch)
	}
	return nil
}

// An encoder writes and sums; the first error stops it.
type encoder struct {
	w   *bufio.Writer
	h   xxhash.Digest
	n   int64
	buf [8]byte
	err error
}

func (e *encoder) bytes(b []byte) {
	if e.err != nil {
		return
	}
	_, _ = e.h.Write(b)
	n, err := e.w.Write(b)
	e.n += int64(n)
	e.err = err
}

func (e *encoder) u32(v uint32) { e.bytes(binary.LittleEndian.AppendUint32(e.buf[:0], v)) }
func (e *encoder) u64(v uint64) { e.bytes(binary.LittleEndian.AppendUint64(e.buf[:0], v)) }

func (e *encoder) string(s string) {
	if len(s) > math.MaxInt32 {
		e.err = fmt.Errorf("a string has %d bytes", len(s))
	}
	e.u32(uint32(len(s)))
	e.bytes([]byte(s))
}

func (e *encoder) strings(list []string) {
	e.u32(uint32(len(list)))
	for _, s := range list {
		e.string(s)
	}
}

// Write is bytes, for the index.
func (e *encoder) Write(b []byte) (int, error) { e.bytes(b); return len(b), e.err }

// A decoder reads and sums; the first error stops it, and everything read after that is zero.
type decoder struct {
	r   *bufio.Reader
	h   xxhash.Digest
	n   int64
	buf [8]byte
	err error
}

func (dec *decoder) corrupt(what string) {
	if dec.err == nil {
		dec.err = fmt.Errorf("%w: %s", ErrCorrupt, what)
	}
}

// fill reads len(b) bytes.
func (dec *decoder) fill(b []byte) {
	if dec.err == nil {
		n, err := io.ReadFull(dec.r, b)
		dec.n += int64(n)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			dec.corrupt("it ends too early")
		} else if err != nil {
			dec.err = err
		}
	}
	if dec.err != nil {
		clear(b)
	}
	_, _ = dec.h.Write(b)
}

// bytes reads n bytes, allocating as they come.
func (dec *decoder) bytes(n int) []byte {
	var b []byte
	for len(b) < n && dec.err == nil {
		have := len(b)
		b = append(b, make([]byte, min(n-have, max(have, 1<<12)))...)
		dec.fill(b[have:])
	}
	return b
}

func (dec *decoder) u8() byte { dec.fill(dec.buf[:1]); return dec.buf[0] }
func (dec *decoder) u32() uint32 {
	dec.fill(dec.buf[:4])
	return binary.LittleEndian.Uint32(dec.buf[:])
}
func (dec *decoder) u64() uint64 {
	dec.fill(dec.buf[:8])
	return binary.LittleEndian.Uint64(dec.buf[:])
}

func (dec *decoder) u32s(n int) []uint32 {
	b := dec.bytes(4 * n)
	if dec.err != nil {
		return nil
	}
	out := make([]uint32, n)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return out
}

// count reads the number of things that come next. A loop over them ends at the first error, so the number is not
// believed before they have been read.
func (dec *decoder) count() int {
	n := dec.u32()
	if dec.err == nil && n > math.MaxInt32 {
		dec.corrupt("a number is out of range")
	}
	if dec.err != nil {
		return 0
	}
	return int(n)
}

func (dec *decoder) string() string { return string(dec.bytes(dec.count())) }

func (dec *decoder) strings() []string {
	var out []string
	for range dec.count() {
		s := dec.string()
		if dec.err != nil {
			return nil
		}
		out = append(out, s)
	}
	return out
}

// Read reads for the index.
func (dec *decoder) Read(b []byte) (int, error) {
	if dec.err != nil {
		return 0, dec.err
	}
	n, err := dec.r.Read(b)
	dec.n += int64(n)
	_, _ = dec.h.Write(b[:n])
	if err != nil && err != io.EOF {
		dec.err = err
	}
	return n, err
}
