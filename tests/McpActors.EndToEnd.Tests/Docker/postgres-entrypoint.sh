#!/bin/sh
# What the official image of PostgreSQL does with these variables, as far as docker-compose.cluster.yml uses it.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --no-sync -D "$PGDATA" -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" -A scram-sha-256 -E UTF8 --locale=C
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  printf '%s\n' "listen_addresses = '*'" 'fsync = off' >>"$PGDATA/postgresql.conf"
  printf 'CREATE DATABASE "%s";\n' "$POSTGRES_DB" | postgres --single -D "$PGDATA" postgres
fi
exec "$@"
