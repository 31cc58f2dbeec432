#!/usr/bin/env bash
# weight.sh N: green gets N % of the requests, blue the rest.
#
# It writes the upstream that nginx includes, lets nginx test it, and reloads. A configuration that nginx refuses is put
# back as it was, and this fails. A share of nothing is `down`: nginx refuses a weight of 0.
# It shifts requests, not people: for a person to stay on one version, use a cookie, and write that here.
set -euo pipefail
percent=$1
upstream=${UPSTREAM_FILE:-/etc/nginx/conf.d/wallet-upstream.conf}
name=${UPSTREAM_NAME:-wallet}
blue=${BLUE_ADDRESS:-127.0.0.1:3001}
green=${GREEN_ADDRESS:-127.0.0.1:3002}

[[ $percent =~ ^[0-9]+$ ]] && ((percent <= 100)) || { echo "weight.sh: \`$percent\` is no share from 0 to 100" >&2; exit 2; }

server() {
    if (($2 == 0)); then echo "    server $1 down;"; else echo "    server $1 weight=$2;"; fi
}

before=$(mktemp)
trap 'rm -f "$before"' EXIT
cp "$upstream" "$before"
{
    echo "upstream $name {"
    server "$blue" $((100 - percent))
    server "$green" "$percent"
    echo "}"
} >"$upstream"
# shellcheck disable=SC2086 # words of a command
if ! ${NGINX_TEST:-sudo -n nginx -t}; then
    cat "$before" >"$upstream"
    echo "weight.sh: nginx refuses it; $upstream is as it was" >&2
    exit 1
fi
# shellcheck disable=SC2086
${NGINX_RELOAD:-sudo -n systemctl reload nginx}
echo "$percent % to green ($green), $((100 - percent)) % to blue ($blue)"
