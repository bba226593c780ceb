package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/sign"
)

//go:embed schema.sql
var schema string

// Store keeps the signatures of articles in a PostgreSQL database. Any number of processes may use one database at a
// time; a Store itself is used by one goroutine.
type Store struct {
	pool      *pgxpool.Pool
	threshold float64
	signer    *sign.Signer
}

// Match is a stored article that another one duplicates.
type Match struct {
	ID         string  `json:"id"`
	Similarity float64 `json:"similarity"`
}

// Open connects to the database, makes the tables that are missing, and returns the store. Articles are near-duplicates
// from the threshold on, a Jaccard similarity, and recall is the share of those at the threshold that are found. A
// database filled with another threshold or recall is refused, because its bands were cut for them.
func Open(ctx context.Context, url string, threshold, recall float64) (*Store, error) {
	signer, err := sign.New(threshold, recall)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	s := &Store{pool: pool, threshold: threshold, signer: signer}
	if err := s.migrate(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) migrate(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Two processes that start at once wait for each other; the number is nothing but ours.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(7310027001)`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, schema); err != nil {
			return fmt.Errorf("schema: %w", err)
		}
		want := fmt.Sprintf("%s threshold=%v", s.signer.Scheme(), s.threshold)
		if _, err := tx.Exec(ctx, `INSERT INTO neardup_meta VALUES ('scheme', $1) ON CONFLICT DO NOTHING`, want); err != nil {
			return err
		}
		var got string
		if err := tx.QueryRow(ctx, `SELECT value FROM neardup_meta WHERE name = 'scheme'`).Scan(&got); err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("the database was filled as %q, not %q", got, want)
		}
		return nil
	})
}

// Close closes the connections.
func (s *Store) Close() { s.pool.Close() }

// ErrExists is the error for an article whose id is in the database already.
var ErrExists = errors.New("id is in the database already")

// Add adds one article and returns the earlier ones that it duplicates, best first. Two processes that add two copies at
// the same moment may each miss the other's; Groups finds them.
func (s *Store) Add(ctx context.Context, a neardup.Article) (matches []Match, err error) {
	signed := s.signer.Sign(a.Text)
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if matches, err = s.find(ctx, tx, signed); err != nil {
			return err
		}
		var num int64
		err := tx.QueryRow(ctx, `
			INSERT INTO neardup_articles (id, source, published, features, packed) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO NOTHING RETURNING num`,
			a.ID, a.Source, published(a.Time), signed.Features, signed.Packed).Scan(&num)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("%s: %w", a.ID, ErrExists)
		} else if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO neardup_bands (key, num) SELECT DISTINCT unnest($1::bigint[]), $2::bigint`,
			bigints(signed.Keys), num)
		return err
	})
	if err != nil {
		return nil, err
	}
	return matches, nil
}

// Load adds many articles in one transaction, by COPY, without looking for duplicates: that is what Groups does for all
// of them at once. If an id is in the database already, nothing is added.
func (s *Store) Load(ctx context.Context, articles []neardup.Article) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Numbers are drawn beforehand, so that both tables can be copied.
		var next int64
		nums := make([]int64, 0, len(articles))
		rows, err := tx.Query(ctx, `SELECT nextval(pg_get_serial_sequence('neardup_articles', 'num')) FROM generate_series(1, $1::int)`, len(articles))
		if err != nil {
			return err
		}
		if _, err := pgx.ForEachRow(rows, []any{&next}, func() error { nums = append(nums, next); return nil }); err != nil {
			return err
		}
		var bands [][]any
		docs := make([][]any, len(articles))
		for i, a := range articles {
			signed := s.signer.Sign(a.Text)
			docs[i] = []any{nums[i], a.ID, a.Source, published(a.Time), signed.Features, signed.Packed}
			for _, key := range bigints(signed.Keys) {
				bands = append(bands, []any{key, nums[i]})
			}
		}
		// In the order of the keys, which is that of the index.
		slices.SortFunc(bands, func(x, y []any) int { return cmp.Compare(x[0].(int64), y[0].(int64)) })
		if _, err := tx.Exec(ctx, `CREATE TEMPORARY TABLE incoming (LIKE neardup_articles) ON COMMIT DROP`); err != nil {
			return err
		}
		columns := []string{"num", "id", "source", "published", "features", "packed"}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"incoming"}, columns, pgx.CopyFromRows(docs)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO neardup_articles OVERRIDING SYSTEM VALUE SELECT * FROM incoming`); err != nil {
			return err
		}
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"neardup_bands"}, []string{"key", "num"}, pgx.CopyFromRows(bands))
		return err
	})
}

// Query returns the stored articles that the text duplicates, best first.
func (s *Store) Query(ctx context.Context, text string) ([]Match, error) {
	return s.find(ctx, s.pool, s.signer.Sign(text))
}

// Delete removes an article and reports whether it was there.
func (s *Store) Delete(ctx context.Context, id string) (bool, error) {
	tag, err := s.pool.Exec(ctx, `DELETE FROM neardup_articles WHERE id = $1`, id)
	return tag.RowsAffected() > 0, err
}

// Sweep removes the bands of deleted articles and returns the number of rows removed.
func (s *Store) Sweep(ctx context.Context) (int64, error) {
	tag, err := s.pool.Exec(ctx, `
		DELETE FROM neardup_bands b WHERE NOT EXISTS (SELECT FROM neardup_articles a WHERE a.num = b.num)`)
	return tag.RowsAffected(), err
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func (s *Store) find(ctx context.Context, q querier, signed sign.Signed) ([]Match, error) {
	rows, err := q.Query(ctx, `
		SELECT a.id, a.packed
		FROM neardup_articles a
		WHERE a.num IN (
			SELECT b.num
			FROM unnest($1::bigint[]) AS k (key)
			CROSS JOIN LATERAL (SELECT num FROM neardup_bands WHERE key = k.key ORDER BY num LIMIT $2) AS b)
		ORDER BY a.num`, bigints(signed.Keys), sign.MaxBucket)
	if err != nil {
		return nil, err
	}
	matches := []Match{}
	var id string
	var packed []byte
	if _, err := pgx.ForEachRow(rows, []any{&id, &packed}, func() error {
		if sim := s.signer.Similarity(signed.Packed, packed); sim >= s.threshold {
			matches = append(matches, Match{id, sim})
		}
		return nil
	}); err != nil {
		return nil, err
	}
	slices.SortStableFunc(matches, func(x, y Match) int { return cmp.Compare(y.Similarity, x.Similarity) })
	return matches, nil
}

// The batch step: all candidates, each once, by joining the bands with themselves. What is compared in a bucket is what
// sign.Compared says: all pairs of the first articles, every later one with the heads.
const candidates = `
	WITH ranked AS MATERIALIZED (
		SELECT b.key, b.num, row_number() OVER (PARTITION BY b.key ORDER BY b.num) AS rank
		FROM neardup_bands b JOIN neardup_articles a USING (num))
	SELECT x.num, y.num
	FROM ranked x JOIN ranked y ON x.key = y.key
	WHERE x.rank < y.rank AND x.rank <= $1 AND y.rank <= $1
	UNION
	SELECT x.num, y.num
	FROM ranked x JOIN ranked y ON x.key = y.key
	WHERE x.rank <= $2 AND y.rank > $1`

// Groups returns the groups of near-duplicates, as a neardup.Detector would: every member resembles its representative,
// the earliest. Signatures are held in memory meanwhile, about 200 bytes an article.
func (s *Store) Groups(ctx context.Context) ([]neardup.Group, error) {
	type article struct {
		id     string
		packed []byte
	}
	var entries []neardup.Entry
	articles := make(map[int64]article)

	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(ctx)
	rows, err := tx.Query(ctx, `SELECT num, id, source, published, features, packed FROM neardup_articles`)
	if err != nil {
		return nil, err
	}
	var num int64
	var e neardup.Entry
	var published *time.Time
	var packed []byte
	if _, err := pgx.ForEachRow(rows, []any{&num, &e.ID, &e.Source, &published, &e.Size, &packed}, func() error {
		e.Time = time.Time{}
		if published != nil {
			e.Time = published.UTC()
		}
		entries = append(entries, e)
		articles[num] = article{e.ID, slices.Clone(packed)}
		return nil
	}); err != nil {
		return nil, err
	}

	var failed error
	var pairs iter.Seq[neardup.Pair] = func(yield func(neardup.Pair) bool) {
		rows, err := tx.Query(ctx, candidates, sign.MaxBucket, sign.Heads)
		if err != nil {
			failed = err
			return
		}
		defer rows.Close()
		for rows.Next() {
			var x, y int64
			if failed = rows.Scan(&x, &y); failed != nil {
				return
			}
			a, b := articles[x], articles[y]
			sim := s.signer.Similarity(a.packed, b.packed)
			if sim >= s.threshold && !yield(neardup.Pair{A: a.id, B: b.id, Kind: neardup.Same, Similarity: sim}) {
				return
			}
		}
		failed = rows.Err()
	}
	groups, err := neardup.GroupPairs(entries, pairs, neardup.Earliest)
	return groups, errors.Join(err, failed)
}

// bigints returns the band keys as PostgreSQL's bigint, which has a sign: the same 64 bits.
func bigints(keys []uint64) []int64 {
	out := make([]int64, len(keys))
	for i, k := range keys {
		out[i] = int64(k)
	}
	return out
}

// published returns a time as the database keeps it, NULL for none.
func published(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
