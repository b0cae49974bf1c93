-- Events and snapshots, as Akka.Persistence.Sql reads and writes them. The unique constraint is what admits one writer per entity.
CREATE TABLE IF NOT EXISTS journal (
  ordering BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  created BIGINT NOT NULL,
  deleted BOOLEAN NOT NULL,
  persistence_id TEXT NOT NULL,
  sequence_number BIGINT NOT NULL,
  message BYTEA NOT NULL,
  manifest TEXT,
  identifier INTEGER,
  writer_uuid TEXT,
  CONSTRAINT journal_uq UNIQUE (persistence_id, sequence_number)
);
CREATE INDEX IF NOT EXISTS journal_created_idx ON journal (created);
CREATE INDEX IF NOT EXISTS journal_sequence_number_idx ON journal (sequence_number);

CREATE TABLE IF NOT EXISTS tags (
  ordering_id BIGINT NOT NULL,
  tag TEXT NOT NULL,
  sequence_nr BIGINT NOT NULL,
  persistence_id TEXT NOT NULL,
  PRIMARY KEY (ordering_id, tag)
);
CREATE INDEX IF NOT EXISTS tags_persistence_id_sequence_nr_idx ON tags (persistence_id, sequence_nr);
CREATE INDEX IF NOT EXISTS tags_tag_idx ON tags (tag);

CREATE TABLE IF NOT EXISTS snapshot (
  persistence_id TEXT NOT NULL,
  sequence_number BIGINT NOT NULL,
  created BIGINT NOT NULL,
  snapshot BYTEA,
  manifest TEXT,
  serializer_id INTEGER,
  PRIMARY KEY (persistence_id, sequence_number)
);
CREATE INDEX IF NOT EXISTS snapshot_created_idx ON snapshot (created);
CREATE INDEX IF NOT EXISTS snapshot_sequence_number_idx ON snapshot (sequence_number);
