#!/usr/bin/env bash
# restore.sh: the dump of this launch, else the newest, becomes the database. Every write since the dump is lost.
#
# It restores beside the live database and swaps the names, so that the old one is still there to look at. It expects the
# service `wallet` in ~/.pg_service.conf, whose role may create and rename databases.
set -euo pipefail
dir=${BACKUPS:-/srv/wallet/backups}
database=${DATABASE:-wallet}
live=${SERVICE:-wallet}
dump=${dump:-$(readlink -f "$dir/newest")}
stamp=$(date -u +%Y%m%dT%H%M%SZ)
admin() { psql -Xqv ON_ERROR_STOP=1 -d "service=$live dbname=postgres" -v from="$1" -v to="$2"; }

admin "$database" "${database}_restored" <<<'create database :"to";'
pg_restore --exit-on-error --no-owner --jobs=4 --dbname="service=$live dbname=${database}_restored" "$dump"
admin "$database" "${database}_before_$stamp" <<'SQL'
select pg_terminate_backend(pid) from pg_stat_activity where datname = :'from' and pid <> pg_backend_pid() \g /dev/null
alter database :"from" rename to :"to";
SQL
admin "${database}_restored" "$database" <<'SQL'
alter database :"from" rename to :"to";
SQL
echo "$database is $dump; what was there is ${database}_before_$stamp"
