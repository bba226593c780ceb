package featureset

import "fmt"

// Len returns how many bytes the set takes that b begins with. It takes O(n) time for n values and
// no memory, and reads no further than the set. The error wraps [ErrCorrupt]; without one, the set
// may still fail [Check].
func Len(b []byte, width int) (int, error) {
	checkWidth(width)
	var l layout
	if !l.read(b, width) {
		return 0, fmt.Errorf("%w: its head is damaged, or of more than %d bytes", ErrCorrupt, len(b))
	}
	_, end, err := l.ends(b, width)
	return int((end + 7) >> 3), err
}

// ends returns where the unary numbers of each class begin, and where the last ends, in bits.
func (l *layout) ends(b []byte, width int) (starts [Classes]uint64, end uint64, err error) {
	end = l.high
	for c, n := range l.sizes {
		starts[c] = end
		if n == 0 {
			continue
		}
		var ok bool
		if end, ok = skip(b, end, n, (1<<width-1)>>l.k[c]); !ok {
			return starts, 0, fmt.Errorf("%w: class %d has no %d values of %d bits", ErrCorrupt, c, n, width)
		}
	}
	return starts, end, nil
}

// Check returns nil if b is what [Append] writes for some lists of this width, without a byte more,
// and an error that wraps [ErrCorrupt] if not. It takes O(n) time for n values and allocates
// nothing but the error. It panics if width is not 8 to 32.
func Check(b []byte, width int) error {
	checkWidth(width)
	var l layout
	if !l.read(b, width) {
		return fmt.Errorf("%w: its head is damaged, or of more than %d bytes", ErrCorrupt, len(b))
	}
	starts, end, err := l.ends(b, width)
	if err != nil {
		return err
	}
	if n := int((end + 7) >> 3); n != len(b) {
		return fmt.Errorf("%w: %d bytes, want %d", ErrCorrupt, len(b), n)
	}
	if end&7 != 0 && b[len(b)-1]>>(end&7) != 0 {
		return fmt.Errorf("%w: bits after its end", ErrCorrupt)
	}
	return l.checkValues(b, width, &starts)
}

// A run is the values of a class, some at a time.
type run struct {
	reader
	at, end int // of those in reader.values that are not merged yet
}

func (x *run) head() uint32 { return x.values[x.at] }

// fill reads values, and returns false at the end of the class.
func (x *run) fill() bool {
	x.at, x.end = 0, len(x.read())
	return x.end > 0
}

// checkValues merges the classes, to see whether a value is too large, twice in one of them or in
// two.
func (l *layout) checkValues(b []byte, width int, starts *[Classes]uint64) error {
	var all [Classes]run
	runs := all[:0]
	low := l.low
	for c, n := range l.sizes {
		if n > 0 {
			runs = runs[:len(runs)+1]
			x := &runs[len(runs)-1]
			x.open(b, low, starts[c])
			x.class(n, l.k[c])
			x.fill()
			low += uint64(n) * uint64(l.k[c])
		}
	}
	next := uint64(0) // the smallest value that can follow
	for len(runs) > 0 {
		// One run has the smallest value, and is read up to the smallest one of the others.
		first, limit := 0, uint64(1)<<width
		for i := 1; i < len(runs); i++ {
			if v := runs[i].head(); v < runs[first].head() {
				first, limit = i, uint64(runs[first].head())
			} else {
				limit = min(limit, uint64(v))
			}
		}
		x := &runs[first]
		if v := uint64(x.head()); v >= limit {
			return fmt.Errorf("%w: value %d is there twice or has more than %d bits", ErrCorrupt, v, width)
		}
		for ; x.at < x.end && uint64(x.head()) < limit; x.at++ {
			v := uint64(x.head())
			if v < next {
				return fmt.Errorf("%w: value %d follows %d", ErrCorrupt, v, next-1)
			}
			next = v + 1
		}
		if x.at == x.end && !x.fill() {
			*x = runs[len(runs)-1]
			runs = runs[:len(runs)-1]
		}
	}
	return nil
}
