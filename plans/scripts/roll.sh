#!/usr/bin/env bash
# roll.sh HOST VERSION: HOST leaves the balancer, runs VERSION, answers, and comes back.
#
# It expects app.sh on HOST (see there), reached by ssh without a question, and a balancer that asks each host's
# /api/ready, which the app answers with 503 while the file `drain` is in its slot.
set -euo pipefail
host=$1 version=$2
drain=${DRAIN_FILE:-/srv/wallet/drain}
remote() { ssh -o BatchMode=yes -o ConnectTimeout=10 "$host" "$@"; }

remote touch "$drain"
sleep "${DRAIN_SECONDS:-20}"
remote "${APP_SCRIPT:-/srv/wallet/app.sh}" start app "$version"
for _ in {1..60}; do
    if remote curl -fsS --max-time 2 "${HEALTH:-http://127.0.0.1:3000/api/health}" >/dev/null; then
        remote rm -f "$drain"
        echo "$host runs $version and is back in the balancer"
        exit 0
    fi
    sleep 1
done
echo "roll.sh: $host does not answer with $version; it stays out of the balancer" >&2
exit 1
