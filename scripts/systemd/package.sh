#!/bin/sh
# make package-test: the .deb on a Debian of its own, under systemd: installed, used, upgraded,
# removed.
set -eu
me=package-test
here=$(cd "$(dirname "$0")" && pwd)
. "$here/machine.sh"
prepare "$@"

epoch=$(git log -1 --format=%ct 2>/dev/null || echo 0)
for v in v0.0.1 v0.0.2; do
	"${GO:-go}" run ./packaging/dist -version "$v" -epoch "$epoch" -only linux/amd64 -out "$work/dist-$v"
	cp "$work/dist-$v"/*.deb "$work/host/$v.deb"
done
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=4 -f lavfi -i sine=d=4 \
	-c:v libx264 -preset ultrafast -c:a pcm_s16le -timecode 10:00:00:00 "$work/host/clip.mov"
boot

step "install"
inside dpkg -i /host/v0.0.1.deb
inside proxima --version | grep -q v0.0.1 || fail "another version"
for f in /usr/lib/systemd/system/proxima.service /usr/share/man/man1/proxima-work.1 /usr/share/bash-completion/completions/proxima /etc/proxima/config.yaml; do
	inside test -s "$f" || fail "$f is not there"
done
inside systemd-analyze verify proxima.service || fail "systemd finds fault with the unit"
inside systemctl is-active --quiet proxima && fail "it was started unasked"

step "use"
inside install -d -o proxima -g proxima /srv/media
inside cp /host/clip.mov /srv/media/
inside runuser -u proxima -- proxima init /srv/media/farm
inside sh -c "echo 'farm: /srv/media/farm' >>/etc/proxima/config.yaml"
inside systemctl enable --quiet --now proxima
[ "$(inside ps -o user= -C proxima)" = proxima ] || fail "it does not run as proxima"
inside env PROXIMA_CONFIG=/etc/proxima runuser -u proxima -- proxima queue --wait /srv/media/clip.mov
inside test -s /srv/media/Proxy/clip.mov || fail "no proxy was made"
inside env PROXIMA_CONFIG=/etc/proxima proxima service status

step "upgrade"
before=$(inside systemctl show proxima --property=MainPID --value)
inside dpkg -i /host/v0.0.2.deb </dev/null
inside grep -q '^farm: /srv/media/farm' /etc/proxima/config.yaml || fail "the settings were not kept"
until_true 30 env PROXIMA_CONFIG=/etc/proxima proxima service status
[ "$(inside systemctl show proxima --property=MainPID --value)" != "$before" ] || fail "the old one runs on"

step "remove"
inside dpkg -r proxima
inside pgrep -x proxima && fail "a worker is left"
inside test -e /usr/bin/proxima && fail "the program is left"
inside test -s /etc/proxima/config.yaml || fail "removed settings that a purge should remove"
inside dpkg -P proxima
left=$(inside find /etc /usr /var/lib/systemd -name '*proxima*' -not -path '/usr/share/doc/*')
[ -z "$left" ] || fail "left: $left"
echo "$me: passed"
