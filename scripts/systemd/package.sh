#!/bin/sh
# make package-test: the .deb on a Debian of its own, under systemd: installed, used, upgraded in the
# midst of a unit, removed. Then the .rpm in the same way, by Debian's rpm, which knows of no packages
# that it could depend on.
set -eu
me=package-test
packages=rpm
here=$(cd "$(dirname "$0")" && pwd)
. "$here/machine.sh"
prepare "$@"

epoch=$(git log -1 --format=%ct 2>/dev/null || echo 0)
for v in v0.0.1 v0.0.2; do
	"${GO:-go}" run ./packaging/dist -version "$v" -epoch "$epoch" -only linux/amd64 -out "$work/dist-$v"
	cp "$work/dist-$v"/*.deb "$work/host/$v.deb"
	cp "$work/dist-$v"/*.rpm "$work/host/$v.rpm"
done
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=4 -f lavfi -i sine=d=4 \
	-c:v libx264 -preset ultrafast -c:a pcm_s16le -timecode 10:00:00:00 "$work/host/clip.mov"
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=1280x720:r=25:d=30 -c:v libx264 -preset ultrafast -g 25 "$work/host/long.mov"
boot

pid() { inside systemctl show proxima --property=MainPID --value; }
use() { # VERSION: has the service of that package begin a unit
	inside sh -c "echo 'farm: /srv/media/farm' >>/etc/proxima/config.yaml"
	inside systemctl enable --quiet --now proxima
	until_true 30 env PROXIMA_CONFIG=/etc/proxima proxima service status
	inside cp /host/long.mov "/srv/media/$1.mov"
	inside env PROXIMA_CONFIG=/etc/proxima runuser -u proxima -- proxima queue "/srv/media/$1.mov" >/dev/null
	until_true 60 sh -c "ls /srv/media/farm/jobs/*/doing/* && pgrep -x ffmpeg"
	before=$(pid)
}
upgraded() { # NAME: the old one gave its unit back, and the new one went on with it
	inside proxima --version | grep -q v0.0.2 || fail "another version"
	inside grep -q '^farm: /srv/media/farm' /etc/proxima/config.yaml || fail "the settings were not kept"
	until_true 30 env PROXIMA_CONFIG=/etc/proxima proxima service status
	[ "$(pid)" != "$before" ] || fail "the old one runs on"
	until_true 120 test -s "/srv/media/Proxy/$1.mov"
	until_true 30 sh -c "ls /srv/media/farm/done/*_$1_*/done/whole.a2.*"
}

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
use deb
[ "$(inside ps -o user= -C proxima)" = proxima ] || fail "it does not run as proxima"

step "upgrade"
inside dpkg -i /host/v0.0.2.deb </dev/null
upgraded deb
inside env PROXIMA_CONFIG=/etc/proxima runuser -u proxima -- proxima queue --wait /srv/media/clip.mov
inside test -s /srv/media/Proxy/clip.mov || fail "no proxy was made"
inside env PROXIMA_CONFIG=/etc/proxima proxima service status

step "remove"
inside dpkg -r proxima
inside pgrep -x proxima && fail "a worker is left"
inside test -e /usr/bin/proxima && fail "the program is left"
inside test -s /etc/proxima/config.yaml || fail "removed settings that a purge should remove"
inside dpkg -P proxima
left=$(inside find /etc /usr /var/lib/systemd -name '*proxima*' -not -path '/usr/share/doc/*')
[ -z "$left" ] || fail "left: $left"

step "the .rpm"
inside rpm --nodeps -i /host/v0.0.1.rpm
inside proxima --version | grep -q v0.0.1 || fail "another version"
inside systemd-analyze verify proxima.service || fail "systemd finds fault with the unit"
use rpm
inside rpm --nodeps -U /host/v0.0.2.rpm
upgraded rpm
inside rpm -e proxima
inside pgrep -x proxima && fail "a worker is left"
left=$(inside find /etc /usr /var/lib/systemd -name '*proxima*' -not -path '/etc/proxima')
[ -z "$left$(inside find /etc/proxima ! -type d ! -name config.yaml.rpmsave)" ] || fail "left: $left"
echo "$me: passed"
