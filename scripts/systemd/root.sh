#!/bin/sh
# Makes the Debian that the tests of the service and of the packages run: systemd, ffmpeg, nothing
# else. It is kept, and no test writes to it.
#
#   root.sh DIR [PACKAGE...]     makes it in DIR, unless it is there; with more packages
#
# SYSTEMD_MIRROR and SYSTEMD_SUITE say which Debian. A change of this file makes it anew.
set -eu

cache=$1
shift
mirror=${SYSTEMD_MIRROR:-http://deb.debian.org/debian}
suite=${SYSTEMD_SUITE:-bookworm}

stamp="$(cksum <"$0")-$suite $*"
if [ -d "$cache/root" ] && [ "$(cat "$cache/stamp" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi
mkdir -p "$cache"
rm -rf "$cache/root" "$cache/stamp"
echo "systemd: making a Debian in $cache, which takes five to ten minutes, once"
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,libpam-systemd,procps,ffmpeg$(for p; do printf ',%s' "$p"; done) \
	"$suite" "$cache/root" "$mirror" >"$cache/debootstrap.log" 2>&1 || {
	tail -n 5 "$cache/debootstrap.log" >&2
	echo "systemd: debootstrap failed; its log is $cache/debootstrap.log. Another mirror: SYSTEMD_MIRROR=http://..." >&2
	exit 1
}
rm -rf "$cache/root/var/cache/apt/archives" "$cache/root/usr/share/doc" "$cache/root/usr/share/locale"
printf '%s' "$stamp" >"$cache/stamp"
