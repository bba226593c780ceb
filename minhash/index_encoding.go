package minhash

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/bits-and-blooms/bitset"

	"github.com/neardup/neardup/internal/wire"
)

const (
	indexHeader = 26
	// portion is how many bytes of a snapshot are taken at a time.
	portion = 1 << 16
)

var indexFormat = wire.Format{
	Package: "minhash", Type: "index", Magic: "mhi", Version: 1,
	ErrVersion: ErrVersion, ErrCorrupt: ErrCorrupt, ErrMismatch: ErrMismatch,
}

func (x *Index) mustBeMade() {
	if x.bands == nil {
		panic("minhash: Index is not made by NewIndex")
	}
}

// WriteTo writes the encoding of the index that [Index.UnmarshalBinary] describes, and returns the
// number of bytes written and the error of w, if any. It takes a few bytes for each 64 ids while it
// runs.
//
// To replace a file so that there is a whole one at any time, write to a new file in the same
// directory, sync it, and rename it. A file that was cut short is refused on reading.
func (x *Index) WriteTo(w io.Writer) (int64, error) { return x.Snapshot().WriteTo(w, nil) }

// AppendBinary appends the encoding of the index and returns the extended slice. The error is
// always nil.
func (x *Index) AppendBinary(dst []byte) ([]byte, error) {
	s := x.Snapshot()
	e := indexFormat.NewAppender(dst, indexHeader+2*((int(s.next)+7)/8)+int(x.indexed.Count())*x.records.size)
	s.encode(e, nil)
	return e.Appended()
}

// MarshalBinary returns the encoding of the index. The error is always nil.
func (x *Index) MarshalBinary() ([]byte, error) { return x.AppendBinary(nil) }

// WriteTo writes the encoding of the index as it was when the snapshot was made, as [Index.WriteTo]
// would have then. It locks mu, if that is not nil, while it takes a portion of about 64 KB out of
// the index, and not while it writes: with the read lock of a [sync.RWMutex] (its RLocker) that
// guards the index, others can query and change the index meanwhile.
func (s *Snapshot) WriteTo(w io.Writer, mu sync.Locker) (int64, error) {
	e := indexFormat.NewEncoder(w)
	s.encode(e, mu)
	return e.Close()
}

// WriteDocuments is [Snapshot.WriteTo] for some documents of the snapshot, of which the one at
// ids[i] gets the id i in what is written. It panics if an id is not in the snapshot.
func (s *Snapshot) WriteDocuments(w io.Writer, mu sync.Locker, ids []uint32) (int64, error) {
	for _, id := range ids {
		if !s.ids.Test(uint(id)) {
			panic(fmt.Sprintf("minhash: snapshot has no document %d", id))
		}
	}
	e := indexFormat.NewEncoder(w)
	encodeHeader(e, s.x.cfg, uint32(len(ids)))
	var all, indexed bitset.BitSet
	lock(mu)
	for i, id := range ids { // a read of a bit each: 1 ms for a million
		all.Set(uint(i))
		if s.x.indexed.Test(uint(id)) {
			indexed.Set(uint(i))
		}
	}
	unlock(mu)
	for _, set := range []*bitset.BitSet{&all, &indexed} {
		for i := 0; i < len(ids); i += 8 {
			var b byte
			for j := i; j < min(i+8, len(ids)); j++ {
				if set.Test(uint(j)) {
					b |= 1 << (j - i)
				}
			}
			e.U8(b)
		}
	}
	buf := s.x.records.buffer(len(ids))
	for i := 0; i < len(ids) && e.Err() == nil; {
		buf = buf[:0]
		lock(mu)
		for ; i < len(ids) && len(buf) < portion; i++ {
			if indexed.Test(uint(i)) {
				buf = append(buf, s.x.records.at(ids[i])...)
			}
		}
		unlock(mu)
		e.Raw(buf)
	}
	return e.Close()
}

func encodeHeader(e *wire.Encoder, c IndexConfig, next uint32) {
	e.U8(byte(c.Scheme))
	e.U8(byte(c.Bits))
	for _, v := range []int{c.Plan.K, c.Plan.Bands, c.Plan.Rows, c.Plan.Wide} {
		e.U16(uint16(v))
	}
	e.U32(uint32(c.MaxBucket))
	e.U64(c.Seed)
	e.U32(next)
}

func (s *Snapshot) encode(e *wire.Encoder, mu sync.Locker) {
	encodeHeader(e, s.x.cfg, s.next)
	buf := s.x.records.buffer(s.n)
	for _, set := range []*bitset.BitSet{&s.ids, &s.x.indexed} {
		for at := int64(0); at < int64(s.next) && e.Err() == nil; at += 8 * portion {
			lock(mu)
			buf = s.appendBits(buf[:0], set, at)
			unlock(mu)
			e.Raw(buf)
		}
	}
	for id, ok := uint(0), true; ok && e.Err() == nil; {
		lock(mu)
		buf, id, ok = s.appendRecords(buf[:0], id)
		unlock(mu)
		e.Raw(buf)
	}
}

// buffer returns room for a portion of the records of n documents.
func (r *records) buffer(n int) []byte {
	return make([]byte, 0, min(portion, min(portion, n)*r.size)+r.size)
}

func lock(mu sync.Locker) {
	if mu != nil {
		mu.Lock()
	}
}

func unlock(mu sync.Locker) {
	if mu != nil {
		mu.Unlock()
	}
}

// appendBits appends a portion of the bits of a set from at on, as far as they are of the snapshot.
func (s *Snapshot) appendBits(dst []byte, set *bitset.BitSet, at int64) []byte {
	words, ids := set.Words(), s.ids.Words()
	for ; at < int64(s.next) && len(dst) < portion; at += 64 {
		var word uint64
		if i := int(at / 64); i < len(words) && i < len(ids) {
			word = words[i] & ids[i]
		}
		dst = binary.LittleEndian.AppendUint64(dst, word)
		if over := at + 64 - int64(s.next); over > 0 {
			dst = dst[:len(dst)-int(over/8)]
		}
	}
	return dst
}

// appendRecords appends a portion of the records from id on. It returns the id to go on with, and
// false if there are no more.
func (s *Snapshot) appendRecords(dst []byte, id uint) (records []byte, next uint, more bool) {
	for id, ok := s.ids.NextSet(id); ok; id, ok = s.ids.NextSet(id + 1) {
		if s.x.indexed.Test(id) {
			if len(dst) >= portion {
				return dst, id, true
			}
			dst = append(dst, s.x.records.at(uint32(id))...)
		}
	}
	return dst, 0, false
}

// UnmarshalBinary makes x the index that data encodes. If x comes from [NewIndex], its
// configuration has to be that of the encoding; a zero Index takes it over. What x held before is
// gone.
//
// The errors wrap [ErrCorrupt], [ErrVersion] or [ErrMismatch], and then x is unchanged. Nothing of
// data is kept. The tables are made anew, so it takes as long as adding the documents. With b bands
// and a next id n it holds at most four bytes for each byte of data and b·n/64 bytes, beside what an
// empty index takes: b·n/64 is a quarter of a byte for each id with 16 bands, and much where there
// are thousands.
//
// The encoding is the same on every machine and canonical: indexes that answer every query alike
// now and after any further changes have the same one. All numbers are little-endian.
//
//	      bytes  what
//	          3  "mhi"
//	          1  version, 1
//	             then in blocks of 32,768 bytes, the last of which is shorter, each with its length in
//	             2 bytes before it and a check of 8 bytes, the XXH64 of all before the check, after it:
//	          1  scheme of the signatures
//	          1  bits a slot of the packed signatures
//	          2  slots k
//	          2  bands b
//	          2  rows
//	          2  wide bands
//	          4  bucket limit
//	          8  seed
//	          4  the next id, n
//	      ⌈n/8⌉  a bit for each id, from the lowest of the first byte, of the documents
//	      ⌈n/8⌉  the same, of those that have features
//	             then for each document that has features, by id:
//	⌈k·bits/8⌉  packed signature
//	        4·b  the upper halves of the band keys
func (x *Index) UnmarshalBinary(data []byte) error {
	return x.decode(indexFormat.NewSliceDecoder(data))
}

// ReadFrom makes x the index that r has the encoding of, under the rules of
// [Index.UnmarshalBinary], and returns the number of bytes read. It reads the bytes of the encoding
// and none after it, so several can stand in one file. The memory it takes grows with what it has
// read, whatever the encoding claims to hold. If r fails, the error wraps that of r.
func (x *Index) ReadFrom(r io.Reader) (int64, error) {
	d := indexFormat.NewDecoder(r)
	err := x.decode(d)
	return d.N(), err
}

func (x *Index) decode(d *wire.Decoder) error {
	c, next, err := decodeHeader(d)
	if err == nil && x.bands != nil {
		err = x.cfg.match(c)
	}
	if err != nil {
		return err
	}
	var y Index
	y.init(c)
	y.next = next
	y.live = decodeBits(d, next)
	y.indexed = decodeBits(d, next)
	if !d.OK() {
		return d.Err()
	}
	if !y.live.IsSuperSet(&y.indexed) {
		return d.Corrupt("has features of a document that is not there")
	}
	y.n = int(y.live.Count())
	spare := byte(0xff) << (c.Plan.K * c.Bits % 8)
	if c.Plan.K*c.Bits%8 == 0 {
		spare = 0
	}
	for id, ok := y.indexed.NextSet(0); ok; id, ok = y.indexed.NextSet(id + 1) {
		record := d.Next(y.records.size)
		if record == nil {
			return d.Err()
		}
		if record[y.records.tags-1]&spare != 0 {
			return d.Corrupt("has a packed signature of more than %d slots", c.Plan.K)
		}
		y.records.reserve(uint32(id), &y.indexed)
		copy(y.records.make(uint32(id)), record)
		y.keys = y.records.appendKeys(y.keys[:0], uint32(id))
		y.link(uint32(id), y.keys)
	}
	if err := d.Close(); err != nil {
		return err
	}
	x.cfg, x.packing, x.holdings = y.cfg, y.packing, y.holdings
	return nil
}

// decodeHeader decodes the configuration and the next id.
func decodeHeader(d *wire.Decoder) (c IndexConfig, next uint32, err error) {
	c.Scheme, c.Bits = Scheme(d.U8()), int(d.U8())
	for _, v := range []*int{&c.Plan.K, &c.Plan.Bands, &c.Plan.Rows, &c.Plan.Wide} {
		*v = int(d.U16())
	}
	maxBucket := d.U32()
	c.Seed, next = d.U64(), d.U32()
	if !d.OK() {
		return c, 0, d.Err()
	}
	c.MaxBucket = int(maxBucket & maxDocs)
	full, err := c.normal()
	switch {
	case err != nil:
		return c, 0, d.Corrupt("has a configuration out of range: %s", strings.TrimPrefix(err.Error(), "minhash: "))
	case full != c || maxBucket > maxDocs:
		return c, 0, d.Corrupt("has a configuration out of range")
	case next > maxDocs:
		return c, 0, d.Corrupt("has %d ids, want at most %d", next, maxDocs)
	}
	return c, next, nil
}

// decodeBits decodes a set of ids below n.
func decodeBits(d *wire.Decoder, n uint32) (set bitset.BitSet) {
	raw := d.AppendRaw(nil, int((uint64(n)+7)/8))
	if len(raw) == 0 {
		return set
	}
	if n%8 != 0 && raw[len(raw)-1]>>(n%8) != 0 {
		_ = d.Corrupt("has documents beyond the last of %d ids", n)
	}
	words := make([]uint64, 0, (len(raw)+7)/8)
	for ; len(raw) > 0; raw = raw[min(8, len(raw)):] {
		words = append(words, tail(raw[:min(8, len(raw))]))
	}
	return *bitset.FromWithLength(uint(n), words)
}
