#!/usr/bin/env bash
# jobs.sh pause|resume: background jobs that can wait stop being taken, or are taken again.
#
# It asks the app, which knows its queue library: the keys in Redis differ from version to version.
set -euo pipefail
case $1 in
pause | resume) curl -fsS --max-time 10 -X POST -H @- "${site%/}/admin/queues/$1" <<<"Authorization: Bearer $admin" ;;
*) echo "jobs.sh: \`$1\` is neither pause nor resume" >&2; exit 2 ;;
esac
