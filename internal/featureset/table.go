package featureset

// A Table is a set that many are compared with. [Table.Reset] comes first. A Table keeps about 50
// bytes for each value of the largest set that it was, and allocates nothing for one that is not
// larger. It needs exclusive access, also for Count.
//
// It is an ordered hash table with linear probing (Amble and Knuth, The Computer Journal, 1974).
// The home of a value is proportional to the value, as the values are hashes already. A value
// stands at its home or, if that is taken, after it, and the slots are in order of their values. Of
// width 8, with 8 homes, one for 32 values:
//
//	home    0     1     2     3     4     5     6     7
//	value   9     40    41    61    -     -     -     240   250   -     -
//
// 61 stands two after its home. A search for 62 begins at 1 and ends at the first slot that is not
// smaller; vacant ones are larger than all. With four homes a value that is nearly always one of the
// first two slots, and these are looked at without a branch. Values that come in ascending order go
// through the table in one direction, however many share a home: nobody can choose values for which
// it is slow.
type Table struct {
	slots []uint64 // value<<8 | 8·class, or vacant
	scale uint64   // the home of a value is value·scale >> 32
	total int      // values
	width int

	// Room to work in.
	keys, fresh []uint64
	layout      layout
	reader      reader
}

const (
	vacant        = 1 << 40 // more than any value<<8
	homesPerValue = 4       // 3 is 6% slower to count, 5 is 2% faster
)

// Reset makes the table the set b, of which nothing is kept. It takes O(n) time for n values, and
// allocates only if no set was as large before. It panics if width is not 8 to 32 or b is not a set
// of this width.
func (t *Table) Reset(b []byte, width int) {
	l := &t.layout
	l.mustRead(b, width)
	t.width, t.total = width, l.total
	t.keys = t.keys[:0]
	if l.total > 0 {
		t.reader.open(b, l.low, l.high)
	}
	for c, n := range l.sizes {
		if n > 0 {
			t.reader.class(n, l.k[c])
			t.readClass(uint64(c))
		}
	}
	homes := min(uint64(l.total)*homesPerValue, 1<<width)
	t.scale = homes << (maxWidth - width)
	t.place(int(homes) + l.total + 2)
}

// readClass merges the values of the reader's class into keys.
func (t *Table) readClass(class uint64) {
	fresh := t.fresh[:0]
	if len(t.keys) == 0 {
		fresh = t.keys
	}
	for values := t.reader.read(); len(values) > 0; values = t.reader.read() {
		for _, v := range values {
			fresh = append(fresh, uint64(v)<<8|8*class)
		}
	}
	if len(t.keys) == 0 {
		t.keys = fresh
		return
	}
	t.fresh = fresh
	// From the largest, so that the keys move within their slice.
	i := len(t.keys)
	t.keys = append(t.keys, fresh...)
	for at := len(t.keys) - 1; len(fresh) > 0; at-- {
		last := fresh[len(fresh)-1]
		if i > 0 && t.keys[i-1] > last {
			i--
			t.keys[at] = t.keys[i]
		} else {
			fresh = fresh[:len(fresh)-1]
			t.keys[at] = last
		}
	}
}

// place puts the keys, in order, into n slots.
func (t *Table) place(n int) {
	if cap(t.slots) < n {
		t.slots = make([]uint64, n)
	}
	slots := t.slots[:n]
	slots[0] = vacant
	for i := 1; i < n; i *= 2 {
		copy(slots[i:], slots[:i])
	}
	free := 0
	for _, key := range t.keys {
		at := max(free, int(key>>8*t.scale>>32))
		slots[at] = key
		free = at + 1
	}
	t.slots = slots
}

// Count sets hist[i][j] to the number of values that are in class i of the table and in class j of
// b, a checked set of the table's width. How many of class j are not in the table is Sizes(b)[j]
// less the sum of hist[i][j] over i.
//
// It returns whether at least least values are in both, all classes taken together. If not, it may
// have ended before it counted all, and hist is of no use. It takes O(m + n·c) time for a b of m
// values in c classes, whatever the values, and allocates nothing. It panics if b is not a set of
// the table's width.
func (t *Table) Count(b []byte, least int, hist *[Classes][Classes]uint32) bool {
	l := &t.layout
	l.mustRead(b, t.width)
	*hist = [Classes][Classes]uint32{}
	if most := min(l.total, t.total); most < least || most == 0 {
		return most >= least
	}
	left, shared := l.total, 0
	t.reader.open(b, l.low, l.high)
	for c, n := range l.sizes {
		if n > 0 {
			t.reader.class(n, l.k[c])
		}
		for from := 0; n > 0; {
			values := t.reader.read()
			var found uint64
			found, from = t.find(values, from)
			for i := range hist {
				hist[i][c] += uint32(found >> (8 * i) & 255)
			}
			n -= len(values)
			left -= len(values)
			// The counts are of fewer than 256 values, and so is their sum.
			if shared += int(found * 0x0101010101010101 >> 56); shared+left < least {
				return false
			}
		}
	}
	return true
}

// find returns how many of the values, ascending and fewer than 256, are in the table: those of
// class i in byte i. No slot before from has a value as large as these; it returns such a position
// for larger values.
func (t *Table) find(values []uint32, from int) (found uint64, next int) {
	slots, scale := t.slots, t.scale
	for _, v := range values {
		at := int(uint64(v) * scale >> 32)
		key := uint64(v) << 8
		pair := slots[at : at+2 : at+2]
		slot, second := pair[0], pair[1]
		if slot < key {
			slot = second // without a branch: it could not be predicted
		}
		if second < key {
			// Rare, unless values were chosen for it; and from never goes back.
			for from = max(from, at); slots[from] < key; from++ {
			}
			slot = slots[from]
		}
		// The value is there if only the low byte differs, which says where its class is counted.
		diff := slot ^ key
		found += (diff - 256) >> 63 << (diff & 63)
	}
	return found, from
}
