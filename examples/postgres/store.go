package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/neardup/neardup"
	"github.com/neardup/neardup/examples/internal/articles"
	"github.com/neardup/neardup/examples/internal/records"
)

//go:embed schema.sql
var schema string

//go:embed sites.sql
var sitesTable string

// migrations make the tables: each one those of a version from those of the version before. A change of
// the tables is one more of them, and what is there stays as it is.
var migrations = []string{schema, sitesTable}

// The advisory locks that are taken, numbers that are nothing but ours.
const (
	lockSchema int64 = 7310027001 // by who makes the tables
	lockTexts  int64 = 7310027002 // shared by who adds articles, alone by who removes texts without articles
	lockCommon int64 = 7310027003 // by who finds that a sampled feature has become common
)

// MaxMatches bounds the answer about one article, as Config.MaxCandidates does that of a Detector.
const MaxMatches = 1000

// Store keeps articles in a PostgreSQL database, by what a verdict needs of them. Any number of
// processes may use one database at a time; a Store itself is used by one goroutine.
type Store struct {
	pool   *pgxpool.Pool
	reader *records.Reader
}

// Open connects to the database, makes the tables that are missing, and returns the store. A
// database filled with another configuration is refused, because its keys were made for that.
func Open(ctx context.Context, url string, cfg neardup.Config) (*Store, error) {
	reader, err := records.New(cfg)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	s := &Store{pool: pool, reader: reader}
	if err := s.migrate(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) migrate(ctx context.Context) error {
	want, err := s.reader.Scheme()
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Two processes that start at once wait for each other.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockSchema); err != nil {
			return err
		}
		// What is there comes first: tables of another scheme, or of a later program, are not touched.
		var exists bool
		if err := tx.QueryRow(ctx, `SELECT to_regclass('neardup_meta') IS NOT NULL`).Scan(&exists); err != nil {
			return err
		}
		version := 0
		if exists {
			var got string
			if err := tx.QueryRow(ctx, `
				SELECT coalesce(max(value) FILTER (WHERE name = 'scheme'), ''),
					coalesce(max(value) FILTER (WHERE name = 'version'), '0')::integer
				FROM neardup_meta`).Scan(&got, &version); err != nil {
				return err
			}
			if got != want {
				return fmt.Errorf("the database was filled as %q, not %q", got, want)
			}
			if version > len(migrations) {
				return fmt.Errorf("the tables are of version %d, and this program knows %d", version, len(migrations))
			}
		}
		if version == len(migrations) {
			return nil
		}
		for i, statements := range migrations[version:] {
			if _, err := tx.Exec(ctx, statements); err != nil {
				return fmt.Errorf("making tables of version %d: %w", version+i+1, err)
			}
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO neardup_meta VALUES ('scheme', $1), ('version', $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, want, fmt.Sprint(len(migrations)))
		return err
	})
}

// Close closes the connections.
func (s *Store) Close() { s.pool.Close() }

// A RefusedError says that an article was refused, and nothing else is wrong.
type RefusedError struct {
	ID  string
	Err error
}

// Error names the article and the reason.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("article %q: %v", articles.Abbreviate(e.ID, 40), e.Err)
}

// Unwrap returns the reason.
func (e *RefusedError) Unwrap() error { return e.Err }

// read reads the text of an article. The error is a RefusedError.
func (s *Store) read(a neardup.Article) (records.Text, error) {
	text, err := s.reader.Read(a.Text)
	if err != nil {
		return text, &RefusedError{a.ID, err}
	}
	return text, nil
}

// adding runs f in a transaction that adds articles.
func (s *Store) adding(ctx context.Context, f func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock_shared($1)`, lockTexts); err != nil {
			return err
		}
		return f(tx)
	})
}

// onConflict puts an article in the place of a former one of its ID. One that is the same stays as it is.
const onConflict = `
	ON CONFLICT (id) DO UPDATE SET source = excluded.source, published = excluded.published, text = excluded.text
	WHERE (a.source, a.published, a.text) IS DISTINCT FROM (excluded.source, excluded.published, excluded.text)`

// Add adds one article and returns the earlier ones that are near-duplicates, as seen from it, best
// first. One that is there under its ID gives way to it, and is not among them. Two processes that add
// two copies at the same moment may each miss the other's; Groups finds them. The error may be a
// RefusedError.
func (s *Store) Add(ctx context.Context, a neardup.Article) (matches []neardup.Match, err error) {
	if err := records.Check(a); err != nil {
		return nil, &RefusedError{a.ID, err}
	}
	text, err := s.read(a)
	if err != nil {
		return nil, err
	}
	err = s.adding(ctx, func(tx pgx.Tx) error {
		if matches, err = s.find(ctx, tx, text, a); err != nil {
			return err
		}
		var texts []records.Text
		if text.ID != "" {
			texts = append(texts, text)
		}
		if err := addTexts(ctx, tx, texts); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO neardup_articles AS a (id, source, published, text)
			VALUES ($1, $2, $3, (SELECT num FROM neardup_texts WHERE digest = $4))`+onConflict,
			a.ID, a.Source, published(a.Time), text.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return matches, nil
}

// Load adds many articles in one transaction, by COPY, without looking for duplicates: that is what
// Groups does for all of them at once. Those that are there under their IDs give way; of several with
// one ID the last one counts. It returns how many are new or have changed, and a RefusedError for each
// that could not be taken, which does not stop the rest.
func (s *Store) Load(ctx context.Context, all []neardup.Article) (changed int64, refused []error, err error) {
	texts := make(map[string]records.Text)
	rows := make([][]any, 0, len(all))
	for i, a := range all {
		if err := records.Check(a); err != nil {
			refused = append(refused, &RefusedError{a.ID, err})
			continue
		}
		text, err := s.read(a)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		if text.ID != "" {
			texts[text.ID] = text
		}
		rows = append(rows, []any{i, a.ID, a.Source, published(a.Time), text.ID})
	}
	err = s.adding(ctx, func(tx pgx.Tx) error {
		if err := addTexts(ctx, tx, slices.Collect(maps.Values(texts))); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			CREATE TEMPORARY TABLE incoming (at integer, id text, source text, published timestamptz, digest text)
			ON COMMIT DROP`); err != nil {
			return err
		}
		columns := []string{"at", "id", "source", "published", "digest"}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"incoming"}, columns, pgx.CopyFromRows(rows)); err != nil {
			return err
		}
		// In the order of their IDs, so that two that load the same articles do not wait for each other.
		tag, err := tx.Exec(ctx, `
			INSERT INTO neardup_articles AS a (id, source, published, text)
			SELECT DISTINCT ON (i.id) i.id, i.source, i.published, t.num
			FROM incoming i LEFT JOIN neardup_texts t USING (digest) ORDER BY i.id, i.at DESC`+onConflict)
		changed = tag.RowsAffected()
		return err
	})
	if err != nil {
		return 0, refused, err
	}
	// The planner has to know how much there is now.
	_, err = s.pool.Exec(ctx, `ANALYZE neardup_texts, neardup_articles, neardup_bands, neardup_samples, neardup_common`)
	return changed, refused, err
}

// addTexts adds those of the texts that are new, and their keys.
func addTexts(ctx context.Context, tx pgx.Tx, texts []records.Text) error {
	// In the same order everywhere, so that two processes with the same new texts do not wait for each other.
	slices.SortFunc(texts, func(a, b records.Text) int { return cmp.Compare(a.ID, b.ID) })
	batch := new(pgx.Batch)
	byID := make(map[string]records.Text)
	for _, t := range texts {
		byID[t.ID] = t
		batch.Queue(`
			INSERT INTO neardup_texts (digest, size, features, record, sampled)
			SELECT $1, $2, $3, $4, count(*) FROM unnest($5::integer[]) AS v
			WHERE NOT EXISTS (SELECT FROM neardup_common c WHERE c.value = v)
			ON CONFLICT (digest) DO NOTHING RETURNING num, digest`, t.ID, t.Size, t.Features, t.Record, ints(t.Sample))
	}
	var bands, samples [][]any
	var values []int32
	results := tx.SendBatch(ctx, batch)
	for range texts {
		rows, err := results.Query()
		if err != nil {
			return errors.Join(err, results.Close())
		}
		var num int64
		var id string
		if _, err := pgx.ForEachRow(rows, []any{&num, &id}, func() error {
			for _, key := range byID[id].Bands {
				bands = append(bands, []any{int64(key), num})
			}
			for _, v := range ints(byID[id].Sample) {
				samples = append(samples, []any{v, num})
				values = append(values, v)
			}
			return nil
		}); err != nil {
			return errors.Join(err, results.Close())
		}
	}
	if err := results.Close(); err != nil {
		return err
	}
	// In the order of the keys, which is that of the index.
	slices.SortFunc(bands, func(x, y []any) int {
		return cmp.Or(cmp.Compare(x[0].(int64), y[0].(int64)), cmp.Compare(x[1].(int64), y[1].(int64)))
	})
	bands = slices.CompactFunc(bands, func(x, y []any) bool { return x[0] == y[0] && x[1] == y[1] })
	slices.SortFunc(samples, func(x, y []any) int { return cmp.Compare(x[0].(int32), y[0].(int32)) })
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"neardup_bands"}, []string{"key", "text"}, pgx.CopyFromRows(bands)); err != nil {
		return err
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"neardup_samples"}, []string{"value", "text"}, pgx.CopyFromRows(samples)); err != nil {
		return err
	}
	slices.Sort(values)
	return markCommon(ctx, tx, slices.Compact(values))
}

// markCommon notes which of some sampled values are common now and were not.
func markCommon(ctx context.Context, tx pgx.Tx, values []int32) error {
	const common = `
		SELECT v AS value FROM unnest($1::integer[]) AS v
		WHERE NOT EXISTS (SELECT FROM neardup_common c WHERE c.value = v)
		AND (SELECT count(*) FROM (SELECT FROM neardup_samples WHERE value = v LIMIT $2 + 1) AS s) > $2`
	var any bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (`+common+`)`, values, records.MaxCommon).Scan(&any); err != nil || !any {
		return err
	}
	// Rarely. Who else finds the same waits, and then finds nothing.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockCommon); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		WITH added AS (INSERT INTO neardup_common `+common+` RETURNING value)
		UPDATE neardup_texts t SET sampled = t.sampled - s.n
		FROM (SELECT text, count(*) AS n FROM neardup_samples JOIN added USING (value) GROUP BY text) AS s
		WHERE t.num = s.text`, values, records.MaxCommon)
	return err
}

// Query returns the stored articles that are near-duplicates of an article, best first. The article
// that is stored under its ID is not among them. The error may be a RefusedError.
func (s *Store) Query(ctx context.Context, a neardup.Article) ([]neardup.Match, error) {
	text, err := s.read(a)
	if err != nil {
		return nil, err
	}
	if records.Check(a) != nil {
		a.ID = "" // no article has that ID
	}
	return s.find(ctx, s.pool, text, a)
}

// Remove removes an article and reports whether it was there. Its text, if it was the last copy,
// stays until [Store.Sweep], and is passed over.
func (s *Store) Remove(ctx context.Context, id string) (bool, error) {
	if records.Check(neardup.Article{ID: id}) != nil {
		return false, nil // no article has that ID
	}
	tag, err := s.pool.Exec(ctx, `DELETE FROM neardup_articles WHERE id = $1`, id)
	return tag.RowsAffected() > 0, err
}

// Stats returns the number of articles, and that of texts, which copies share.
func (s *Store) Stats(ctx context.Context) (articles, texts int64, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM neardup_articles), (SELECT count(*) FROM neardup_texts)`).Scan(&articles, &texts)
	return articles, texts, err
}

// Sweep removes the texts of which no article is left and returns how many they were. Who adds
// articles meanwhile waits.
func (s *Store) Sweep(ctx context.Context) (removed int64, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockTexts); err != nil {
			return err
		}
		for i, statement := range []string{
			`DELETE FROM neardup_texts t WHERE NOT EXISTS (SELECT FROM neardup_articles a WHERE a.text = t.num)`,
			`DELETE FROM neardup_bands b WHERE NOT EXISTS (SELECT FROM neardup_texts t WHERE t.num = b.text)`,
			`DELETE FROM neardup_samples s WHERE NOT EXISTS (SELECT FROM neardup_texts t WHERE t.num = s.text)`,
			fmt.Sprintf(`
				WITH gone AS (
					DELETE FROM neardup_common c
					WHERE (SELECT count(*) FROM neardup_samples s WHERE s.value = c.value) <= %d RETURNING value)
				UPDATE neardup_texts t SET sampled = t.sampled + s.n
				FROM (SELECT text, count(*) AS n FROM neardup_samples JOIN gone USING (value) GROUP BY text) AS s
				WHERE t.num = s.text`, records.MaxCommon),
		} {
			tag, err := tx.Exec(ctx, statement)
			if err != nil {
				return err
			}
			if i == 0 {
				removed = tag.RowsAffected()
			}
		}
		return nil
	})
	return removed, err
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// The candidates for one text: it itself, those of its bands, the first of each, and those that share enough of its sample.
const candidatesOf = `
	WITH own AS MATERIALIZED (
		SELECT v AS value FROM unnest($2::integer[]) AS v
		WHERE NOT EXISTS (SELECT FROM neardup_common c WHERE c.value = v)),
	shared AS MATERIALIZED (
		SELECT s.text, count(*) AS n FROM own JOIN neardup_samples s USING (value) GROUP BY s.text)
	SELECT t.num, t.digest = $4, t.record, ARRAY(SELECT source FROM neardup_articles WHERE text = t.num ORDER BY num LIMIT 16)
	FROM neardup_texts t WHERE t.num IN (
		SELECT num FROM neardup_texts WHERE digest = $4
		UNION
		SELECT b.text
		FROM unnest($1::bigint[]) AS k (key)
		CROSS JOIN LATERAL (SELECT text FROM neardup_bands WHERE key = k.key ORDER BY text LIMIT $3) AS b
		UNION
		SELECT s.text
		FROM shared s JOIN neardup_texts t ON t.num = s.text
		WHERE 3 * s.n >= LEAST((SELECT count(*) FROM own), t.sampled))
	ORDER BY t.num`

// A candidate is a text that may be a near-duplicate of another.
type candidate struct {
	num     int64
	same    bool // it is that text
	record  []byte
	sources []string // of its first articles
}

// find returns the stored articles that are near-duplicates of an article with a text, best first. The one
// that is stored under its ID is not among them.
func (s *Store) find(ctx context.Context, q querier, text records.Text, a neardup.Article) ([]neardup.Match, error) {
	if text.ID == "" {
		return nil, nil
	}
	rows, err := q.Query(ctx, candidatesOf, bigints(text.Bands), ints(text.Sample), records.MaxBucket, text.ID)
	if err != nil {
		return nil, err
	}
	var all []candidate
	var c candidate
	sources := []string{a.Source}
	if _, err := pgx.ForEachRow(rows, []any{&c.num, &c.same, &c.record, &c.sources}, func() error {
		if all = append(all, c); c.same {
			sources = append(sources, c.sources...)
		}
		c.record, c.sources = nil, nil // they are kept
		return nil
	}); err != nil || len(all) == 0 {
		return nil, err
	}
	sites, err := s.sites(ctx, q, a.Source, all)
	if err != nil {
		return nil, err
	}
	own, err := sites.Site(sources)
	if err != nil {
		return nil, err
	}
	var nums []int64
	relations := make(map[int64]neardup.Relation)
	for _, c := range all {
		site, err := sites.Site(c.sources)
		if err != nil {
			return nil, err
		}
		r, err := s.reader.RelateOn(text.Record, c.record, own, site)
		if err != nil {
			return nil, err
		}
		if r.Duplicate() {
			nums = append(nums, c.num)
			relations[c.num] = r
		}
	}
	if len(nums) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(nums, func(a, b int64) int { return records.CompareRelations(relations[a], relations[b]) })
	rows, err = q.Query(ctx, `
		SELECT a.text, a.id
		FROM unnest($1::bigint[]) WITH ORDINALITY AS t (num, at)
		CROSS JOIN LATERAL (
			SELECT text, id, num FROM neardup_articles WHERE text = t.num AND id <> $2 ORDER BY num LIMIT $3) AS a
		ORDER BY t.at, a.num LIMIT $3`, nums, a.ID, MaxMatches)
	if err != nil {
		return nil, err
	}
	var matches []neardup.Match
	var num int64
	var id string
	if _, err := pgx.ForEachRow(rows, []any{&num, &id}, func() error {
		matches = append(matches, neardup.Match{ID: id, Relation: relations[num]})
		return nil
	}); err != nil {
		return nil, err
	}
	slices.SortFunc(matches, records.CompareMatches)
	return matches, nil
}

// sites returns what is kept of the text of a source and of those of the candidates.
func (s *Store) sites(ctx context.Context, q querier, source string, all []candidate) (*records.Sites, error) {
	names := []string{source}
	for _, c := range all {
		names = append(names, c.sources...)
	}
	rows, err := q.Query(ctx, `SELECT source, site FROM neardup_sites WHERE source = ANY ($1::text[])`, names)
	if err != nil {
		return nil, err
	}
	kept := make(map[string][]byte)
	var name string
	var site []byte
	_, err = pgx.ForEachRow(rows, []any{&name, &site}, func() error {
		kept[name] = slices.Clone(site)
		return nil
	})
	return records.KeptSites(func(source string) ([]byte, error) { return kept[source], nil }), err
}

// The batch step: all candidates, each once, by joining the bands with themselves, and what is kept of them. What is compared in
// a bucket is what records.Compared says: all pairs of the first texts, every later one with the heads. Pairs that share enough of
// their samples are given.
const candidates = `
	WITH live AS MATERIALIZED (SELECT DISTINCT text FROM neardup_articles WHERE text IS NOT NULL),
	banded AS MATERIALIZED (
		SELECT key, text, rank FROM (
			SELECT b.key, b.text, row_number() OVER (PARTITION BY b.key ORDER BY b.text) AS rank,
				count(*) OVER (PARTITION BY b.key) AS texts
			FROM neardup_bands b JOIN live USING (text)) AS b
		WHERE texts > 1),
	found AS MATERIALIZED (
		SELECT x.text AS a, y.text AS b
		FROM banded x JOIN banded y ON x.key = y.key
		WHERE x.rank < y.rank AND x.rank <= $1 AND y.rank <= $1
		UNION
		SELECT x.text, y.text
		FROM banded x JOIN banded y ON x.key = y.key
		WHERE x.rank <= $2 AND y.rank > $1
		UNION
		SELECT a, b FROM unnest($3::bigint[], $4::bigint[]) AS sampled (a, b))
	SELECT f.a, f.b, x.record, y.record
	FROM found f JOIN neardup_texts x ON x.num = f.a JOIN neardup_texts y ON y.num = f.b`

// Groups returns the groups of near-duplicates that a neardup.Detector of the same articles finds. It keeps
// what text it has learnt to be a site's own: Add and Query go by that until the next time.
func (s *Store) Groups(ctx context.Context) ([]neardup.Group, error) {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(ctx)
	// The defaults are for small joins, and compiling takes longer than what it saves.
	if _, err := tx.Exec(ctx, `SET LOCAL work_mem = '64MB'; SET LOCAL jit = off`); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		SELECT a.id, a.source, a.published, coalesce(a.text, 0), coalesce(t.size, 0), coalesce(t.features, 0)
		FROM neardup_articles a LEFT JOIN neardup_texts t ON t.num = a.text`)
	if err != nil {
		return nil, err
	}
	var held []records.Held
	var h records.Held
	var published *time.Time
	if _, err := pgx.ForEachRow(rows, []any{&h.ID, &h.Source, &published, &h.Text, &h.Size, &h.Features}, func() error {
		h.Time = time.Time{}
		if published != nil {
			h.Time = published.UTC()
		}
		held = append(held, h)
		return nil
	}); err != nil {
		return nil, err
	}
	sites, err := s.learn(ctx, tx, held)
	if err != nil {
		return nil, err
	}
	var failed error
	groups, err := records.Groups(held, func(yield func(records.Pair) bool) { failed = s.pairs(ctx, tx, sites, yield) })
	if err = errors.Join(err, failed); err == nil {
		err = s.keepSites(ctx, sites)
	}
	return groups, err
}

// keepSites replaces what is kept of the text of sources.
func (s *Store) keepSites(ctx context.Context, sites *records.Sites) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Who reads meanwhile sees what was there before; who makes groups, too, waits.
		if _, err := tx.Exec(ctx, `LOCK TABLE neardup_sites IN SHARE ROW EXCLUSIVE MODE; DELETE FROM neardup_sites`); err != nil {
			return err
		}
		var rows [][]any
		for source, site := range sites.All() {
			rows = append(rows, []any{source, site})
		}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"neardup_sites"}, []string{"source", "site"}, pgx.CopyFromRows(rows))
		return err
	})
}

// learn learns what text sources put on their pages.
func (s *Store) learn(ctx context.Context, tx pgx.Tx, held []records.Held) (*records.Sites, error) {
	return s.reader.Learn(held, func(texts []int64) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			rows, err := tx.Query(ctx, `SELECT record FROM neardup_texts WHERE num = ANY ($1::bigint[])`, texts)
			if err != nil {
				yield(nil, err)
				return
			}
			defer rows.Close()
			for rows.Next() {
				var record []byte
				if err := rows.Scan(&record); !yield(record, err) {
					return
				}
			}
			if err := rows.Err(); err != nil {
				yield(nil, err)
			}
		}
	})
}

// pairs yields the pairs of near-duplicates among all texts.
func (s *Store) pairs(ctx context.Context, tx pgx.Tx, sites *records.Sites, yield func(records.Pair) bool) error {
	rows, err := tx.Query(ctx, `
		SELECT value, text FROM neardup_samples
		WHERE text IN (SELECT text FROM neardup_articles) ORDER BY value`)
	if err != nil {
		return err
	}
	var samples records.Sampling
	var value int32
	var text int64
	if _, err := pgx.ForEachRow(rows, []any{&value, &text}, func() error {
		samples.Add(uint32(value), text)
		return nil
	}); err != nil {
		return err
	}
	var a, b []int64
	for x, y := range samples.Pairs() {
		a, b = append(a, min(x, y)), append(b, max(x, y))
	}
	rows, err = tx.Query(ctx, candidates, records.MaxBucket, records.Heads, a, b)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var p records.Pair
		var a, b []byte
		if err := rows.Scan(&p.A, &p.B, &a, &b); err != nil {
			return err
		}
		if p.Relation, err = s.reader.RelateOn(a, b, sites.Of(p.A), sites.Of(p.B)); err != nil {
			return err
		}
		if p.Duplicate() && !yield(p) {
			return nil
		}
	}
	return rows.Err()
}

// bigints returns the band keys as PostgreSQL's bigint, which has a sign: the same 64 bits.
func bigints(keys []uint64) []int64 {
	out := make([]int64, len(keys))
	for i, k := range keys {
		out[i] = int64(k)
	}
	return out
}

// ints returns sampled values, which have 24 bits, as PostgreSQL's integer.
func ints(values []uint32) []int32 {
	out := make([]int32, len(values))
	for i, v := range values {
		out[i] = int32(v)
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
