-- Version 2 of the tables: what text is a source's own, as groups has learnt it last.
CREATE TABLE IF NOT EXISTS neardup_sites (
	source text PRIMARY KEY,
	site   bytea NOT NULL
);
