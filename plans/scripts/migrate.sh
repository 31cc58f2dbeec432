#!/usr/bin/env bash
# migrate.sh: applies the migrations that are not applied yet, each in a transaction of its own.
#
# They only add, so that the old version goes on with the new schema. One that would wait for a lock gives up after three
# seconds, and this fails: try again, or look at who holds it. Indexes go in with CREATE INDEX CONCURRENTLY, which needs
# a file of its own named *.concurrent.sql, since it can't be in a transaction.
# It expects the service `wallet` in ~/.pg_service.conf, as backup.sh does.
set -euo pipefail
dir=${MIGRATIONS:-/srv/wallet/migrations}
run() { PGOPTIONS="-c lock_timeout=3s -c client_min_messages=warning" psql -Xqv ON_ERROR_STOP=1 -d "service=${SERVICE:-wallet}" "$@"; }

run -c "create table if not exists applied_migrations (name text primary key, at timestamptz not null default now())"
for file in "$dir"/*.sql; do
    name=$(basename "$file")
    [[ $(run -At -v name="$name" <<<"select count(*) from applied_migrations where name = :'name'") = 0 ]] || continue
    echo "$name"
    if [[ $name == *.concurrent.sql ]]; then
        run -f "$file"
        run -v name="$name" <<<"insert into applied_migrations (name) values (:'name')"
    else
        run --single-transaction -v name="$name" -f "$file" -f - <<<"insert into applied_migrations (name) values (:'name');"
    fi
done
echo "the schema is up to date"
