#!/bin/sh
# make netfs: Proxima's daemons on three machines that share a real NFS or SMB folder. The
# machines are User-Mode Linux; all of it runs in namespaces of its own, and nothing of it
# stays but the disk image in the cache and the logs. It needs Linux on x86_64, root, /dev/net/tun,
# namespaces, and once debootstrap and a Debian mirror.
#
#   run.sh LOGS     NETFS_SHARE and NETFS_SCENARIO, if set, say which; all otherwise, which takes
#                   an hour. The machines' logs and a table, results.md, go to the folder LOGS.
#                   NETFS_BENCH=1 measures instead.
set -eu

need() {
	echo "netfs: $*" >&2
	exit 1
}

case $(uname -s)/$(uname -m) in
Linux/x86_64) ;;
*) need "needs Linux on x86_64, for User-Mode Linux; this is $(uname -s) on $(uname -m)" ;;
esac
[ "$(id -u)" = 0 ] || need "needs root, for network namespaces and taps: sudo make netfs"
[ -c /dev/net/tun ] || need "needs /dev/net/tun: modprobe tun; in a container, hand the device in"
unshare --net --mount --pid --fork true 2>/dev/null ||
	need "needs namespaces of its own (unshare --net --mount --pid), which this system or container does not grant"

here=$(cd "$(dirname "$0")" && pwd)
logs=$1
sh "$here/../deps.sh"
sh "$here/../deps.sh" cc
sh "$here/../deps.sh" netfs

NETFS_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/proxima-netfs
sh "$here/image.sh" "$NETFS_CACHE"

NETFS_WORK=$(mktemp -d)
running=
leave() {
	# unshare takes its namespace with it, the machines and their network with that.
	[ -z "$running" ] || kill -KILL "$running" 2>/dev/null || true
	[ -z "$running" ] || wait "$running" 2>/dev/null || true
	rm -rf "$NETFS_WORK"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

mkdir -p "$NETFS_WORK/bin" "$NETFS_WORK/clips" "$NETFS_WORK/uml" "$NETFS_WORK/memory" "$logs"
NETFS_LOGS=$(cd "$logs" && pwd)
NETFS_SCRIPTS=$here
export NETFS_CACHE NETFS_WORK NETFS_LOGS NETFS_SCRIPTS
cp "$NETFS_CACHE/ffmpeg" "$NETFS_CACHE/ffprobe" "$NETFS_WORK/bin/"
CGO_ENABLED=0 "${GO:-go}" build -o "$NETFS_WORK/bin/" ./cmd/proxima
CGO_ENABLED=0 "${GO:-go}" test -c -tags netfs -o "$NETFS_WORK/netfs.test" ./internal/netfs
what=
if [ -n "${NETFS_BENCH:-}" ]; then
	CGO_ENABLED=0 "${GO:-go}" test -c -o "$NETFS_WORK/bin/" ./encode
	what="-test.run=^$ -test.bench=. -test.benchtime=1x"
fi

unshare --net --mount --pid --mount-proc --fork --kill-child \
	"$NETFS_WORK/netfs.test" -test.v -test.timeout 3h $what </dev/null &
running=$!
code=0
wait "$running" || code=$?
running=
exit "$code"
