#!/usr/bin/env bash
# backup.sh: dumps the database and proves the dump by restoring it once.
#
# It expects the services `wallet` (the database) and `wallet-scratch` (one that may be overwritten) in ~/.pg_service.conf
# and their passwords in ~/.pgpass: a password on a command line is seen by everyone on the machine.
# A dump is a backup once it was restored: its size says nothing. Its path is the last line, which restore.sh gets as `dump`.
set -euo pipefail
dir=${BACKUPS:-/srv/wallet/backups}
live=${SERVICE:-wallet}
scratch=${SCRATCH_SERVICE:-wallet-scratch}
dump=$dir/$(date -u +%Y%m%dT%H%M%SZ).dump

pg_dump --format=custom --file="$dump" --dbname="service=$live"
pg_restore --exit-on-error --no-owner --clean --if-exists --dbname="service=$scratch" "$dump"
tables="select count(*) from pg_stat_user_tables"
in_live=$(psql -XAtv ON_ERROR_STOP=1 -d "service=$live" -c "$tables")
in_scratch=$(psql -XAtv ON_ERROR_STOP=1 -d "service=$scratch" -c "$tables")
if [[ $in_live != "$in_scratch" ]]; then
    echo "backup.sh: $in_live tables in the database, $in_scratch after the restore of $dump" >&2
    exit 1
fi
ln -sfn "$dump" "$dir/newest"
echo "restored once, $in_scratch tables, $(du -h "$dump" | cut -f1)"
echo "$dump"
