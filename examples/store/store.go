package main

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/records"
	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// The buckets of the file and what they map. Numbers are big-endian, so that keys sort as numbers do.
// A text is what all copies of it share.
var (
	metaBucket    = []byte("meta")     // "scheme" → what the stored bytes depend on
	articleBucket = []byte("articles") // article (8 bytes) → article
	idBucket      = []byte("ids")      // article id → article (8)
	textBucket    = []byte("texts")    // text (8) → text
	digestBucket  = []byte("digests")  // ID of a text → text (8)
	copyBucket    = []byte("copies")   // text (8), article (8) → nothing
	bandBucket    = []byte("bands")    // band key (8), text (8) → nothing
	sampleBucket  = []byte("samples")  // sampled value (4), text (8) → nothing
	sampledBucket = []byte("sampled")  // text (8) → number of its sampled values that are not common (4)
	commonBucket  = []byte("common")   // sampled value (4) that is common → nothing
	siteBucket    = []byte("sites")    // source → what text is its own, as the last groups have learnt it
)

var buckets = [][]byte{
	metaBucket, articleBucket, idBucket, textBucket, digestBucket, copyBucket, bandBucket, sampleBucket,
	sampledBucket, commonBucket, siteBucket,
}

// MaxMatches bounds the answer about one article, as Config.MaxCandidates does that of a Detector.
const MaxMatches = 1000

// Store keeps articles in one file, by what a verdict needs of them. It is used by one goroutine.
type Store struct {
	db     *bolt.DB
	reader *records.Reader
}

// Open opens the store in the file, or makes a new one. A store made with another configuration is
// refused, because its keys were made for that.
func Open(path string, cfg neardup.Config) (*Store, error) {
	reader, err := records.New(cfg)
	if err != nil {
		return nil, err
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second})
	if errors.Is(err, bolterrors.ErrTimeout) {
		err = errors.New("in use by another process")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s := &Store{db: db, reader: reader}
	if err := s.init(); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func (s *Store) init() error {
	want, err := s.reader.Scheme()
	if err != nil {
		return err
	}
	return s.db.Update(func(tx *bolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(metaBucket)
		if got := meta.Get([]byte("scheme")); got != nil && string(got) != want {
			return fmt.Errorf("the store was made as %q, not %q", got, want)
		}
		return meta.Put([]byte("scheme"), []byte(want))
	})
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Result is what became of one article of a batch.
type Result struct {
	ID      string
	Matches []neardup.Match // earlier articles that are near-duplicates, as seen from this one, best first
	Err     error           // why the article was refused
}

// AddBatch adds articles in one transaction and returns, for each, the earlier ones that are
// near-duplicates of it, those of the same batch included. An article whose ID is there already takes
// the place of the former one, which is not among its matches, so that a batch may be added again. One
// that is refused does not stop the rest. When AddBatch returns without an error the batch is on disk,
// whole; if the process dies before, none of it is.
func (s *Store) AddBatch(articles []neardup.Article) ([]Result, error) {
	results := make([]Result, len(articles))
	err := s.db.Update(func(tx *bolt.Tx) error {
		v := newView(s.reader, tx)
		if len(articles) >= 100 {
			v.load()
		}
		for i, a := range articles {
			results[i].ID = a.ID
			if results[i].Err = records.Check(a); results[i].Err != nil {
				continue
			}
			text, err := s.reader.Read(a.Text)
			if err != nil {
				results[i].Err = err
				continue
			}
			var former number
			copy(former[:], v.ids.Get([]byte(a.ID)))
			if results[i].Matches, err = v.find(text, a.Source, former); err != nil {
				return err
			}
			if err := v.put(a, text, former); err != nil {
				return err
			}
		}
		return v.flush()
	})
	return results, err
}

// Query returns the stored articles that are near-duplicates of an article, best first. The article
// that is stored under its id is not among them.
func (s *Store) Query(a neardup.Article) (matches []neardup.Match, err error) {
	text, err := s.reader.Read(a.Text)
	if err != nil {
		return nil, err
	}
	err = s.db.View(func(tx *bolt.Tx) error {
		v := newView(s.reader, tx)
		var self number
		copy(self[:], v.ids.Get([]byte(a.ID)))
		matches, err = v.find(text, a.Source, self)
		return err
	})
	return matches, err
}

// Remove removes an article and reports whether it was there. Its text, if it was the last copy,
// stays until [Store.Sweep], and is passed over.
func (s *Store) Remove(id string) (found bool, err error) {
	err = s.db.Update(func(tx *bolt.Tx) error {
		v := newView(s.reader, tx)
		n := v.ids.Get([]byte(id))
		if found = n != nil; !found {
			return nil
		}
		return v.remove(number(n), id)
	})
	return found, err
}

// Sweep removes the texts of which no article is left and returns how many they were. It reads the
// whole store in one transaction.
func (s *Store) Sweep() (removed int64, err error) {
	err = s.db.Update(func(tx *bolt.Tx) error {
		v := newView(s.reader, tx)
		dead := make(map[number]bool)
		for c, k := first(v.texts); k != nil; k, _ = c.Next() {
			if n := number(k); !v.alive(n) {
				dead[n] = true
			}
		}
		removed = int64(len(dead))
		// What is deleted while a cursor walks a bucket may lead it astray.
		for _, b := range []*bolt.Bucket{v.bands, v.samples} {
			var keys [][]byte
			for c, k := first(b); k != nil; k, _ = c.Next() {
				if dead[number(k[len(k)-8:])] {
					keys = append(keys, bytes.Clone(k))
				}
			}
			for _, k := range keys {
				if err := b.Delete(k); err != nil {
					return err
				}
			}
		}
		for _, n := range slices.SortedFunc(maps.Keys(dead), compareNumbers) {
			t, err := v.text(n)
			if err != nil {
				return err
			}
			if err := errors.Join(
				v.digests.Delete([]byte(records.ID(t.record))), v.texts.Delete(n[:]), v.sampled.Delete(n[:])); err != nil {
				return err
			}
		}
		return v.recount()
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

// Groups returns the groups of near-duplicates that a neardup.Detector of the same articles finds. It keeps
// what text it has learnt to be a site's own: AddBatch and Query go by that until the next time.
func (s *Store) Groups() (groups []neardup.Group, err error) {
	var sites *records.Sites
	err = s.db.View(func(tx *bolt.Tx) error {
		v := newView(s.reader, tx)
		var held []records.Held
		texts := make(map[number]text)
		c := v.articles.Cursor()
		for k, data := c.First(); k != nil; k, data = c.Next() {
			a, err := decodeArticle(data)
			if err != nil {
				return err
			}
			h := records.Held{Entry: neardup.Entry{ID: a.id, Source: a.source, Time: a.time}}
			if a.text != (number{}) {
				t, ok := texts[a.text]
				if !ok {
					if t, err = v.text(a.text); err != nil {
						return err
					}
					texts[a.text] = t
				}
				h.Text, h.Features, h.Size = a.text.int(), t.features, t.size
			}
			held = append(held, h)
		}
		var err error
		sites, err = s.reader.Learn(held, func(list []int64) iter.Seq2[[]byte, error] {
			return func(yield func([]byte, error) bool) {
				for _, n := range list {
					if !yield(texts[numberOf(n)].record, nil) {
						return
					}
				}
			}
		})
		if err != nil {
			return err
		}
		var failed error
		groups, err = records.Groups(held, func(yield func(records.Pair) bool) { failed = v.pairs(texts, sites, yield) })
		return errors.Join(err, failed)
	})
	if err != nil {
		return nil, err
	}
	return groups, s.db.Update(func(tx *bolt.Tx) error {
		if err := tx.DeleteBucket(siteBucket); err != nil {
			return err
		}
		kept, err := tx.CreateBucket(siteBucket)
		if err != nil {
			return err
		}
		for source, data := range sites.All() {
			if err := kept.Put([]byte(source), data); err != nil {
				return err
			}
		}
		return nil
	})
}
