#!/usr/bin/env bash
# smoke.sh URL: asks for pages that must answer; changes nothing, so it may run against production.
set -euo pipefail
url=${1%/}
for path in ${SMOKE_PATHS:-/ /api/health /login}; do
    curl -fsS --max-time 10 -o /dev/null -w "%{http_code} %{time_total}s $path\n" "$url$path"
done
