-- Cached results of servers with cache.persist: all, beside the journal: traffic is no event. Written behind, read when a server's actor starts.
-- Times are ticks of 100 ns; definition tells results of one definition of the server from those of another.
CREATE TABLE cache_entries (
  server TEXT NOT NULL,
  key BLOB NOT NULL,
  definition TEXT NOT NULL,
  kind INTEGER NOT NULL,
  subject BIGINT NOT NULL,
  payload BLOB NOT NULL,
  fetched_at BIGINT NOT NULL,
  ttl BIGINT NOT NULL,
  stale_while_revalidate BIGINT NOT NULL,
  stale_if_error BIGINT NOT NULL,
  scope INTEGER NOT NULL,
  revision TEXT NOT NULL,
  is_error INTEGER NOT NULL,
  invalidated INTEGER NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (server, key)
);
CREATE INDEX cache_entries_expires_at_idx ON cache_entries (expires_at);
