#!/usr/bin/env bash
# read-only.sh on|off: the app refuses writes, or takes them again.
#
# It sets the default of new transactions for the app's own role, and ends that role's sessions so that all have it.
# It expects the service `wallet` in ~/.pg_service.conf, whose role may alter the app's.
set -euo pipefail
role=${APP_ROLE:-wallet}
case $1 in
on) read_only=on ;;
off) read_only=off ;;
*) echo "read-only.sh: \`$1\` is neither on nor off" >&2; exit 2 ;;
esac
psql -Xqv ON_ERROR_STOP=1 -d "service=${SERVICE:-wallet}" -v role="$role" -v read_only="$read_only" <<'SQL'
alter role :"role" set default_transaction_read_only = :read_only;
select pg_terminate_backend(pid) from pg_stat_activity where usename = :'role' \g /dev/null
SQL
echo "read-only is $1 for $role"
