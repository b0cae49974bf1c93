-- One row per node, written over and over: proof that the file can be written, not only read.
CREATE TABLE IF NOT EXISTS journal_probe (
  node TEXT NOT NULL PRIMARY KEY,
  written_at INTEGER NOT NULL
);
