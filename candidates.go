package neardup

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/neardup/neardup/minhash"
)

// index finds candidates by their bands. It stands in for the index of package minhash.
type index struct {
	bands, rows int
	pack        minhash.Packing
	buckets     map[uint64][]uint32
	packed      []byte
	gone        []bool
	left        int
}

type found struct {
	ID         uint32
	Similarity float64
}

func newIndex(threshold, recall float64, k int) (*index, error) {
	for r := k; r > 0; r-- {
		b := int(math.Ceil(math.Log(1-recall) / math.Log1p(-math.Pow(threshold, float64(r)))))
		if threshold == 1 {
			b = 1
		}
		if b >= 1 && b*r <= k && r <= 8 {
			return &index{bands: b, rows: r, pack: minhash.Packing{K: k, Bits: 8}, buckets: map[uint64][]uint32{}}, nil
		}
	}
	return nil, fmt.Errorf("K is %d, too few for recall %v at %v", k, recall, threshold)
}

// keys are made of the packed slots, so that a stored article can be looked up again.
func (x *index) keys(dst []uint64, p []byte) []uint64 {
	for b := range x.bands {
		h := uint64(b)
		for _, v := range p[b*x.rows : (b+1)*x.rows] {
			h = mix(h*31 + uint64(v))
		}
		dst = append(dst, h)
	}
	return dst
}

func (x *index) at(id uint32) []byte { return x.packed[int(id)*x.pack.Size():][:x.pack.Size()] }
func (x *index) Len() int            { return x.left }

func (x *index) Add(sig minhash.Signature) uint32 {
	id := uint32(len(x.gone))
	x.packed = x.pack.Append(x.packed, sig)
	x.gone = append(x.gone, false)
	x.left++
	for _, k := range x.keys(nil, x.at(id)) {
		x.buckets[k] = append(x.buckets[k], id)
	}
	return id
}

func (x *index) Delete(id uint32) bool {
	x.gone[id] = true
	x.left--
	return true
}

func (x *index) AppendQuery(dst []found, sig minhash.Signature) []found {
	return x.query(dst, x.pack.Append(nil, sig), none)
}

func (x *index) AppendQueryID(dst []found, id uint32) []found { return x.query(dst, x.at(id), id) }

func (x *index) query(dst []found, p []byte, self uint32) []found {
	var ids []uint32
	for _, k := range x.keys(nil, p) {
		ids = append(ids, x.buckets[k]...)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if id != self && !x.gone[id] {
			dst = append(dst, found{id, x.pack.Similarity(p, x.at(id))})
		}
	}
	slices.SortStableFunc(dst, func(a, b found) int {
		switch {
		case a.Similarity > b.Similarity:
			return -1
		case a.Similarity < b.Similarity:
			return 1
		}
		return 0
	})
	return dst
}

func (x *index) Similarity(a, b uint32) float64 { return x.pack.Similarity(x.at(a), x.at(b)) }

func (x *index) WriteTo(w io.Writer) (int64, error) {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(x.gone)))
	for id, gone := range x.gone {
		if gone {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
		b = append(b, x.at(uint32(id))...)
	}
	n, err := w.Write(b)
	return int64(n), err
}

func (x *index) ReadFrom(r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	if err != nil || len(b) < 4 || (len(b)-4)%(1+x.pack.Size()) != 0 || int(binary.LittleEndian.Uint32(b)) != (len(b)-4)/(1+x.pack.Size()) {
		return 0, errors.Join(err, errors.New("wrong size"))
	}
	for b = b[4:]; len(b) > 0; b = b[1+x.pack.Size():] {
		id := uint32(len(x.gone))
		x.packed = append(x.packed, b[1:1+x.pack.Size()]...)
		x.gone = append(x.gone, b[0] == 1)
		if b[0] == 0 {
			x.left++
			for _, k := range x.keys(nil, x.at(id)) {
				x.buckets[k] = append(x.buckets[k], id)
			}
		} else if b[0] > 1 {
			return 0, errors.New("bad mark")
		}
	}
	return 0, nil
}
