package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/neardup/neardup"
	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// A journal is the list of the changes that were acknowledged, each with its number, in one file on
// the embedded store bbolt. It is used by one goroutine, but for drop.
//
// bbolt and Pebble were measured side by side, appending records of 3.4 KB, each commit synced to
// disk, on two shared cores: in commits of 64 records bbolt wrote 10,000 to 18,000 records a second
// and Pebble 19,000 to 20,000; of 512, both 19,000 to 24,000; of a single one, a commit took 0.7 to
// 1.0 ms and 0.3 to 0.4 ms. A Detector takes some 10,000 articles a second, so under load neither is
// what it waits for. bbolt is one package against two dozen, has nothing to tune, and returns an
// error where a disk is full or fails, at which Pebble ends the process.
//
// The file has a bucket for each segment, which is named by the number of its first change, and maps
// numbers to changes. Numbers are 8 bytes, big-endian. Old changes go a segment at a time, which
// does not read them.
type journal struct {
	db      *bolt.DB
	segment uint64 // where the last segment begins
	next    uint64 // number of the next change
	size    int64  // bytes of the changes in the last segment
}

func key(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// openJournal opens the journal in a file, or makes one. While it is open nobody else can open it.
func openJournal(path string) (*journal, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout: time.Second,
		// The list of free pages is as long as what a segment leaves behind. It is found again at the start.
		NoFreelistSync: true,
		FreelistType:   bolt.FreelistMapType,
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		err = errors.New("in use by another process")
	}
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	j := &journal{db: db}
	err = db.View(func(tx *bolt.Tx) error {
		if name, _ := tx.Cursor().Last(); name != nil {
			j.segment = binary.BigEndian.Uint64(name)
			j.next = j.segment
			c := tx.Bucket(name).Cursor()
			if last, _ := c.Last(); last != nil {
				j.next = binary.BigEndian.Uint64(last) + 1
			}
		}
		return nil
	})
	if err == nil && j.segment == 0 { // a new file
		j.segment, j.next = 1, 1
		err = db.Update(func(tx *bolt.Tx) error {
			_, err := tx.CreateBucket(key(1))
			return err
		})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", path, err), db.Close())
	}
	return j, nil
}

func (j *journal) close() error { return j.db.Close() }

// append adds changes. When it returns without an error they are on disk, all of them; with one, none
// of them counts.
func (j *journal) append(changes [][]byte) error {
	size := int64(0)
	err := j.db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket(key(j.segment))
		b.FillPercent = 1 // what is added comes after all that is there
		for i, c := range changes {
			if err := b.Put(key(j.next+uint64(i)), c); err != nil {
				return err
			}
			size += int64(len(c))
		}
		return nil
	})
	if err != nil {
		return err
	}
	j.next += uint64(len(changes))
	j.size += size
	return nil
}

// rotate begins a new segment, at number at or where the last one ends, and returns the number of the
// last change before it.
func (j *journal) rotate(at uint64) (uint64, error) {
	at = max(at, j.next)
	if at > j.segment {
		err := j.db.Update(func(tx *bolt.Tx) error {
			_, err := tx.CreateBucket(key(at))
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	j.segment, j.next, j.size = at, at, 0
	return at - 1, nil
}

// drop removes the segments that have nothing after a number.
func (j *journal) drop(number uint64) error {
	return j.db.Update(func(tx *bolt.Tx) error {
		var old [][]byte
		c := tx.Cursor()
		for name, _ := c.First(); name != nil; {
			following, _ := c.Next()
			if following == nil || binary.BigEndian.Uint64(following) > number+1 {
				break
			}
			old = append(old, bytes.Clone(name))
			name = following
		}
		for _, name := range old {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
		}
		return nil
	})
}

// first returns the number of the first change that is, or would be, there.
func (j *journal) first() (n uint64, err error) {
	err = j.db.View(func(tx *bolt.Tx) error {
		name, _ := tx.Cursor().First()
		n = binary.BigEndian.Uint64(name)
		return nil
	})
	return n, err
}

// after calls f for the changes after a number, in order.
func (j *journal) after(number uint64, f func(change) error) error {
	return j.db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bolt.Bucket) error {
			c := b.Cursor()
			for k, v := c.Seek(key(number + 1)); k != nil; k, v = c.Next() {
				ch, err := decodeChange(v)
				if err != nil {
					return fmt.Errorf("journal: change %d: %w", binary.BigEndian.Uint64(k), err)
				}
				if err := f(ch); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// A change is an article that was added, in place of one of the same ID if there was one, or the ID
// of one that was removed.
type change struct {
	neardup.Article
	kind byte
}

const (
	kindPut    = 1
	kindRemove = 2
	kindAsk    = 3 // not a change: what is asked between them. It is not in the journal.
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode returns the bytes of a change:
//
//	bytes  content
//	1      1 put, 2 remove
//	…      id: length (uvarint) and bytes
//	       and of what is put:
//	…      source: as the id
//	…      second (varint) and nanosecond + 1 (uvarint; 0 if there is no time)
//	…      text: as the id
//	4      CRC-32C of what precedes, little-endian
func (c change) encode() []byte {
	b := make([]byte, 0, len(c.ID)+len(c.Source)+len(c.Text)+40)
	str := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	b = append(b, c.kind)
	str(c.ID)
	if c.kind == kindPut {
		str(c.Source)
		if c.Time.IsZero() {
			b = append(b, 0, 0)
		} else {
			b = binary.AppendUvarint(binary.AppendVarint(b, c.Time.Unix()), uint64(c.Time.Nanosecond())+1)
		}
		str(c.Text)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

var errDamaged = errors.New("damaged")

// decodeChange keeps nothing of b. The error is errDamaged.
func decodeChange(b []byte) (c change, err error) {
	n := len(b) - 4
	if n < 1 || binary.LittleEndian.Uint32(b[n:]) != crc32.Checksum(b[:n], castagnoli) {
		return change{}, errDamaged
	}
	c.kind, b = b[0], b[1:n]
	str := func() (s string) {
		n, width := binary.Uvarint(b)
		if width <= 0 || n > uint64(len(b)-width) {
			err, b = errDamaged, nil
			return ""
		}
		s, b = string(b[width:width+int(n)]), b[width+int(n):]
		return s
	}
	c.ID = str()
	switch c.kind {
	case kindRemove:
	case kindPut:
		c.Source = str()
		second, width := binary.Varint(b)
		b = b[max(width, 0):]
		nano, width2 := binary.Uvarint(b)
		b = b[max(width2, 0):]
		if width <= 0 || width2 <= 0 || nano > 1e9 {
			return change{}, errDamaged
		}
		if nano > 0 {
			c.Time = time.Unix(second, int64(nano)-1).UTC()
		}
		c.Text = str()
	default:
		err = errDamaged
	}
	if err != nil || len(b) > 0 || c.ID == "" {
		return change{}, errDamaged
	}
	return c, nil
}
