#!/usr/bin/env bash
# flag.sh NAME PERCENT: the feature flag NAME is on for PERCENT % of the users. The token `admin` and `site` come from the plan.
set -euo pipefail
[[ $2 =~ ^[0-9]+$ ]] && (($2 <= 100)) || { echo "flag.sh: \`$2\` is no share from 0 to 100" >&2; exit 2; }
curl -fsS --max-time 10 -X PUT -H @- -H "Content-Type: application/json" \
    --data "{\"percent\": $2}" "${site%/}/admin/flags/$1" <<<"Authorization: Bearer $admin"
