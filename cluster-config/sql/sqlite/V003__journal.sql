-- Events and snapshots, as Akka.Persistence.Sql reads and writes them. The unique index is what admits one writer per entity.
-- The plugin makes the same tables where it comes first.
CREATE TABLE IF NOT EXISTS journal (
  ordering INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  created INTEGER NOT NULL,
  deleted BIT NOT NULL,
  persistence_id NVARCHAR(255) NOT NULL,
  sequence_number INTEGER NOT NULL,
  message VARBINARY NOT NULL,
  manifest NVARCHAR(500),
  identifier INTEGER,
  writer_uuid NVARCHAR(128)
);
CREATE UNIQUE INDEX IF NOT EXISTS journal_uq ON journal (persistence_id, sequence_number);
CREATE INDEX IF NOT EXISTS journal_created_idx ON journal (created);
CREATE INDEX IF NOT EXISTS journal_sequence_number_idx ON journal (sequence_number);

CREATE TABLE IF NOT EXISTS tags (
  ordering_id INTEGER NOT NULL,
  tag NVARCHAR(64) NOT NULL,
  sequence_nr INTEGER NOT NULL,
  persistence_id NVARCHAR(255) NOT NULL,
  CONSTRAINT PK_tags PRIMARY KEY (ordering_id, tag)
);
CREATE INDEX IF NOT EXISTS tags_persistence_id_sequence_nr_idx ON tags (persistence_id, sequence_nr);
CREATE INDEX IF NOT EXISTS tags_tag_idx ON tags (tag);

CREATE TABLE IF NOT EXISTS snapshot (
  persistence_id NVARCHAR(255) NOT NULL,
  sequence_number INTEGER NOT NULL,
  created INTEGER NOT NULL,
  snapshot VARBINARY,
  manifest NVARCHAR(500),
  serializer_id INTEGER,
  CONSTRAINT PK_snapshot PRIMARY KEY (persistence_id, sequence_number)
);
CREATE INDEX IF NOT EXISTS snapshot_created_idx ON snapshot (created);
CREATE INDEX IF NOT EXISTS snapshot_sequence_number_idx ON snapshot (sequence_number);
