-- Work that one process of all does at a time: who has it, and until when.
CREATE TABLE mcpactors_claims (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  until BIGINT NOT NULL
);
