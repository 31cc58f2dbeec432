#!/usr/bin/env bash
# app.sh start SLOT VERSION: the release VERSION runs as SLOT (blue, green, or a host's name) and answers.
# app.sh stop SLOT:          SLOT ends after what it has under way.
#
# It expects releases that are built and unpacked in $RELEASES/VERSION, and a systemd unit wallet@SLOT that runs what
# $SLOTS/SLOT points to. So an older version is started by pointing at it again: nothing is built at three in the morning.
set -euo pipefail
order=$1 slot=$2
releases=${RELEASES:-/srv/wallet/releases}
slots=${SLOTS:-/srv/wallet/slots}

case $order in
start)
    release=$releases/${3:?which version}
    [[ -d $release ]] || { echo "app.sh: there is no release in $release" >&2; exit 1; }
    ln -sfn "$release" "$slots/$slot.new"
    mv -T "$slots/$slot.new" "$slots/$slot"
    sudo -n systemctl restart "wallet@$slot"
    echo "$slot runs $3"
    ;;
stop)
    # The unit's TimeoutStopSec is how long requests under way may take.
    sudo -n systemctl stop "wallet@$slot"
    echo "$slot is stopped"
    ;;
*)
    echo "app.sh: \`$order\` is neither start nor stop" >&2
    exit 2
    ;;
esac
