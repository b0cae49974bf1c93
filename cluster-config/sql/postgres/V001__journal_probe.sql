-- One row per node, written over and over: proof that the database can be written, not only read.
CREATE TABLE journal_probe (
  node TEXT NOT NULL PRIMARY KEY,
  written_at BIGINT NOT NULL
);
