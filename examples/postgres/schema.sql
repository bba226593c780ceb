-- Version 1 of the tables, which migrations in store.go makes the later ones from.

CREATE TABLE IF NOT EXISTS neardup_meta (
	name  text PRIMARY KEY,
	value text NOT NULL
);

-- What is kept of a text, which all its copies share.
CREATE TABLE IF NOT EXISTS neardup_texts (
	num      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	digest   text NOT NULL UNIQUE, -- of the record
	size     integer NOT NULL,     -- distinct features of the prose
	features integer NOT NULL,     -- distinct features
	sampled  integer NOT NULL,     -- sampled features that are not common
	record   bytea NOT NULL        -- what the verdict needs
);

CREATE TABLE IF NOT EXISTS neardup_articles (
	num       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id        text NOT NULL UNIQUE,
	source    text NOT NULL DEFAULT '',
	published timestamptz,
	text      bigint -- of neardup_texts; NULL if it has no features
);
CREATE INDEX IF NOT EXISTS neardup_articles_text ON neardup_articles (text);

-- One row for each band of each text: two texts are candidates if they share a key. Rows of texts without articles are
-- reclaimed by Sweep, with the texts.
CREATE TABLE IF NOT EXISTS neardup_bands (
	key  bigint NOT NULL,
	text bigint NOT NULL,
	PRIMARY KEY (key, text)
);

-- One row for each sampled feature of each text: two texts are candidates if they share a third of the smaller sample, common
-- ones not counted.
CREATE TABLE IF NOT EXISTS neardup_samples (
	value integer NOT NULL,
	text  bigint NOT NULL,
	PRIMARY KEY (value, text)
);

-- Sampled features that are common: so many texts have them that they are evidence of nothing.
CREATE TABLE IF NOT EXISTS neardup_common (
	value integer PRIMARY KEY
);
