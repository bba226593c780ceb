package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/sign"
	bolt "go.etcd.io/bbolt"
)

// The buckets of the file and what they map. Numbers are big-endian, so that keys sort as numbers do.
var (
	metaBucket = []byte("meta")     // "scheme" → what the stored bytes depend on
	docBucket  = []byte("articles") // number (8 bytes) → record
	idBucket   = []byte("ids")      // article id → number
	bandBucket = []byte("bands")    // band key (8 bytes), number (8 bytes) → nothing
)

// Store keeps the signatures of articles in one file.
type Store struct {
	db        *bolt.DB
	threshold float64
	signer    *sign.Signer
}

// Match is a stored article that another one duplicates.
type Match struct {
	ID         string  `json:"id"`
	Similarity float64 `json:"similarity"`
}

// ErrExists is the error for an article whose id is in the store already.
var ErrExists = errors.New("id is in the store already")

// Open opens the store in the file, or makes a new one. Articles are near-duplicates from the threshold on, a Jaccard
// similarity, and recall is the share of those at the threshold that are found. A store made with another threshold or
// recall is refused, because its bands were cut for them.
func Open(path string, threshold, recall float64) (*Store, error) {
	signer, err := sign.New(threshold, recall)
	if err != nil {
		return nil, err
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s := &Store{db: db, threshold: threshold, signer: signer}
	if err := s.init(); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func (s *Store) init() error {
	return s.db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{metaBucket, docBucket, idBucket, bandBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		want := []byte(fmt.Sprintf("%s threshold=%v", s.signer.Scheme(), s.threshold))
		meta := tx.Bucket(metaBucket)
		if got := meta.Get([]byte("scheme")); got != nil && !bytes.Equal(got, want) {
			return fmt.Errorf("the store was made as %q, not %q", got, want)
		}
		return meta.Put([]byte("scheme"), want)
	})
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Result is what became of one article of a batch.
type Result struct {
	ID         string  `json:"id"`
	Duplicates []Match `json:"duplicates"`      // earlier articles, best first
	Err        string  `json:"error,omitempty"` // why the article was refused
}

// AddBatch adds articles in one transaction and returns, for each, the earlier ones that it duplicates, those of the same
// batch included. An article that is refused does not stop the rest. When AddBatch returns without an error the batch is on disk, whole;
// if the process dies before, none of it is.
func (s *Store) AddBatch(articles []neardup.Article) ([]Result, error) {
	results := make([]Result, len(articles))
	err := s.db.Update(func(tx *bolt.Tx) error {
		docs, ids, bands := tx.Bucket(docBucket), tx.Bucket(idBucket), tx.Bucket(bandBucket)
		// The bands of the batch are collected and put in the order of their keys, at the end: a page of bbolt that is
		// being filled is a sorted slice.
		pending := make(map[uint64][]number)
		for i, a := range articles {
			results[i] = Result{ID: a.ID, Duplicates: []Match{}}
			switch {
			case a.ID == "":
				results[i].Err = "article has no id"
				continue
			case ids.Get([]byte(a.ID)) != nil:
				results[i].Err = ErrExists.Error()
				continue
			}
			signed := s.signer.Sign(a.Text)
			results[i].Duplicates = s.find(tx, signed, pending)

			seq, err := docs.NextSequence()
			if err != nil {
				return err
			}
			n := binary.BigEndian.AppendUint64(nil, seq) // bbolt keeps it until the transaction ends
			if err := docs.Put(n, record{signed.Features, a.Time, a.ID, signed.Packed}.encode()); err != nil {
				return err
			}
			if err := ids.Put([]byte(a.ID), n); err != nil {
				return err
			}
			for _, key := range signed.Keys {
				pending[key] = append(pending[key], number(n))
			}
		}
		for _, key := range slices.Sorted(maps.Keys(pending)) {
			for _, n := range pending[key] {
				if err := bands.Put(append(binary.BigEndian.AppendUint64(nil, key), n[:]...), nil); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return results, err
}

// Query returns the stored articles that the text duplicates, best first.
func (s *Store) Query(text string) (matches []Match, err error) {
	signed := s.signer.Sign(text)
	err = s.db.View(func(tx *bolt.Tx) error {
		matches = s.find(tx, signed, nil)
		return nil
	})
	return matches, err
}

// Delete removes an article and reports whether it was there. Its entries in the bands stay until [Store.Sweep]; they
// are passed over.
func (s *Store) Delete(id string) (found bool, err error) {
	err = s.db.Update(func(tx *bolt.Tx) error {
		ids := tx.Bucket(idBucket)
		n := ids.Get([]byte(id))
		if n == nil {
			return nil
		}
		found = true
		if err := tx.Bucket(docBucket).Delete(bytes.Clone(n)); err != nil {
			return err
		}
		return ids.Delete([]byte(id))
	})
	return found, err
}

// Sweep removes what deleted articles left in the bands and returns the number of entries removed. It reads the whole
// store in one transaction.
func (s *Store) Sweep() (removed int, err error) {
	err = s.db.Update(func(tx *bolt.Tx) error {
		docs, bands := tx.Bucket(docBucket), tx.Bucket(bandBucket)
		var dead [][]byte
		c := bands.Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			if docs.Get(k[8:]) == nil {
				dead = append(dead, bytes.Clone(k))
			}
		}
		for _, k := range dead {
			if err := bands.Delete(k); err != nil {
				return err
			}
		}
		removed = len(dead)
		return nil
	})
	return removed, err
}

// Len returns the number of articles.
func (s *Store) Len() (n int, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		n = tx.Bucket(idBucket).Stats().KeyN
		return nil
	})
	return n, err
}

// Size returns the size of the file in bytes.
func (s *Store) Size() (n int64, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		n = tx.Size()
		return nil
	})
	return n, err
}

// Groups returns the groups of near-duplicates, as a neardup.Detector would: every member resembles its representative,
// the earliest.
func (s *Store) Groups() (groups []neardup.Group, err error) {
	var entries []neardup.Entry
	var pairs []neardup.Pair
	err = s.db.View(func(tx *bolt.Tx) error {
		records := make(map[number]record)
		c := tx.Bucket(docBucket).Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			r, err := decode(v)
			if err != nil {
				return err
			}
			records[number(k)] = r
			entries = append(entries, neardup.Entry{ID: r.id, Time: r.time, Size: r.features})
		}
		// Two articles that share several bands are one pair.
		seen := make(map[[16]byte]bool)
		var bucket []number
		verify := func() {
			sign.Compared(len(bucket), func(i, j int) {
				var pair [16]byte
				copy(pair[:8], bucket[i][:])
				copy(pair[8:], bucket[j][:])
				if seen[pair] {
					return
				}
				seen[pair] = true
				a, b := records[bucket[i]], records[bucket[j]]
				if sim := s.signer.Similarity(a.packed, b.packed); sim >= s.threshold {
					pairs = append(pairs, neardup.Pair{A: a.id, B: b.id, Kind: neardup.Same, Similarity: sim})
				}
			})
			bucket = bucket[:0]
		}
		var last []byte
		c = tx.Bucket(bandBucket).Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			if !bytes.Equal(k[:8], last) {
				verify()
				last = k[:8]
			}
			n := number(k[8:])
			if _, ok := records[n]; ok {
				bucket = append(bucket, n)
			}
		}
		verify()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return neardup.GroupPairs(entries, slices.Values(pairs), neardup.Earliest)
}

// find returns the stored articles that a signed one duplicates, best first, then the earliest. Pending are bands that are
// not in the store yet.
func (s *Store) find(tx *bolt.Tx, a sign.Signed, pending map[uint64][]number) []Match {
	docs, cursor := tx.Bucket(docBucket), tx.Bucket(bandBucket).Cursor()
	var candidates []number
	for _, key := range a.Keys { // the earliest sign.MaxBucket articles of each band are looked at
		prefix := binary.BigEndian.AppendUint64(nil, key)
		looked := 0
		for k, _ := cursor.Seek(prefix); bytes.HasPrefix(k, prefix) && looked < sign.MaxBucket; k, _ = cursor.Next() {
			candidates = append(candidates, number(k[8:]))
			looked++
		}
		later := pending[key]
		candidates = append(candidates, later[:min(len(later), sign.MaxBucket-looked)]...)
	}
	slices.SortFunc(candidates, func(x, y number) int { return bytes.Compare(x[:], y[:]) })
	matches := []Match{}
	for _, n := range slices.Compact(candidates) {
		r, err := decode(docs.Get(n[:]))
		if err != nil {
			continue // deleted, and not swept yet
		}
		if sim := s.signer.Similarity(a.Packed, r.packed); sim >= s.threshold {
			matches = append(matches, Match{r.id, sim})
		}
	}
	slices.SortStableFunc(matches, func(x, y Match) int { return cmp.Compare(y.Similarity, x.Similarity) })
	return matches
}

// number is the number of an article, counted in the order in which they were added.
type number [8]byte

// record is what is kept of an article:
//
//	bytes  content, little-endian
//	4      distinct features
//	8      time, Unix seconds; 0 is no time
//	128    packed signature
//	rest   id
type record struct {
	features int
	time     time.Time
	id       string
	packed   []byte
}

func (r record) encode() []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(r.features))
	var unix int64
	if !r.time.IsZero() {
		unix = r.time.Unix()
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(unix))
	b = append(b, r.packed...)
	return append(b, r.id...)
}

// decode returns the record; its signature shares the memory of b, which is that of the transaction.
func decode(b []byte) (record, error) {
	const fixed = 12 + sign.K*sign.Bits/8
	if len(b) < fixed {
		return record{}, fmt.Errorf("record has %d bytes, want at least %d", len(b), fixed)
	}
	r := record{features: int(binary.LittleEndian.Uint32(b)), packed: b[12:fixed], id: string(b[fixed:])}
	if unix := int64(binary.LittleEndian.Uint64(b[4:])); unix != 0 {
		r.time = time.Unix(unix, 0).UTC()
	}
	return r, nil
}
