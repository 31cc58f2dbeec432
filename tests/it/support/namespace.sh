# A network of its own with two sides: here the world, there the engine, a cable between them, and nothing else. Arguments:
# the server of the world, its port, its file, then the engine's command. Lines on standard input: `cut` pulls the cable,
# `mend` puts it back. Its end is the end of both sides.
set -eu
sink=$1 port=$2 file=$3
shift 3
trap 'kill $there $world 2>/dev/null || true' EXIT
trap 'exit 1' TERM INT HUP
there= world=
ip link set lo up
/usr/bin/python3 "$sink" 0.0.0.0 "$port" "$file" >&2 &
world=$!
ip link add name cable type veth peer name end
# shellcheck disable=SC2016
unshare --net sh -c '
    until ip link set end up 2>/dev/null; do sleep 0.02; done
    ip link set lo up
    ip address add 10.77.0.2/24 dev end
    exec "$@"
' engine "$@" </dev/null &
there=$!
# Where the engine ends before it said who it is, nobody waits for that.
exec >&2
until [ "$(readlink /proc/$there/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
ip link set end netns $there
ip address add 10.77.0.1/24 dev cable
ip link set cable up
while read -r word; do
    case $word in
    cut) ip link set cable down ;;
    mend) ip link set cable up ;;
    esac
done
