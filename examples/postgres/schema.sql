-- Run at every start: each statement does nothing where its work is done.

CREATE TABLE IF NOT EXISTS neardup_meta (
	name  text PRIMARY KEY,
	value text NOT NULL
);

CREATE TABLE IF NOT EXISTS neardup_articles (
	num       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- in the order in which articles were added
	id        text NOT NULL UNIQUE,
	source    text NOT NULL DEFAULT '',
	published timestamptz,
	features  integer NOT NULL, -- distinct features of the prose
	packed    bytea NOT NULL    -- the packed signature
);

-- One row for each band of each article: two articles are candidates if they share a key. Rows of deleted articles are
-- passed over, because they join with nothing, and reclaimed by Sweep.
CREATE TABLE IF NOT EXISTS neardup_bands (
	key bigint NOT NULL,
	num bigint NOT NULL,
	PRIMARY KEY (key, num)
);
