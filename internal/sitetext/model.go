package sitetext

import (
	"math/bits"
	"slices"
)

// A Model is the text of one site. It is immutable and takes 8 to 12 bytes a feature. A nil Model
// has none.
type Model struct {
	values []uint32 // ascending
	starts []uint32 // of the values with each value of the highest bits, and one more
	shift  int
}

// NewModel returns the site that has these features, distinct and of at most 24 bits, nil if there are none. It keeps nothing of
// values.
func NewModel(values []uint32) *Model {
	if len(values) == 0 {
		return nil
	}
	m := &Model{values: slices.Clone(values)}
	slices.Sort(m.values)
	size := bits.Len(uint(len(values)))
	m.shift = width - size
	m.starts = make([]uint32, 1<<size+1)
	for _, v := range m.values {
		m.starts[v>>m.shift+1]++
	}
	for i := 1; i < len(m.starts); i++ {
		m.starts[i] += m.starts[i-1]
	}
	return m
}

// Len returns the number of features of the site.
func (m *Model) Len() int {
	if m == nil {
		return 0
	}
	return len(m.values)
}

// Has reports whether v is text of the site. It takes a few nanoseconds, O(log m.Len()) time if
// somebody chose the values.
func (m *Model) Has(v uint32) bool {
	if m == nil || v >= universe {
		return false
	}
	i, j := m.starts[v>>m.shift], m.starts[v>>m.shift+1]
	if j-i > 8 {
		_, ok := slices.BinarySearch(m.values[i:j], v)
		return ok
	}
	for ; i < j; i++ {
		if m.values[i] >= v {
			return m.values[i] == v
		}
	}
	return false
}

// Append appends the features of the site, ascending.
func (m *Model) Append(dst []uint32) []uint32 {
	if m == nil {
		return dst
	}
	return append(dst, m.values...)
}

// Join returns the text that any of the sites has.
func Join(models ...*Model) *Model {
	var values []uint32
	for _, m := range models {
		values = m.Append(values)
	}
	slices.Sort(values)
	return NewModel(slices.Compact(values))
}
