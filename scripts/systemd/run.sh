#!/bin/sh
# make systemd: the service on a machine that systemd runs. Installed, killed, stopped in the midst
# of a unit, restarted with the machine, without its share, stood still, uninstalled.
set -eu
me=systemd
here=$(cd "$(dirname "$0")" && pwd)
. "$here/machine.sh"
prepare "$@"

CGO_ENABLED=0 "${GO:-go}" build -o "$work/host/" ./cmd/proxima
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=1280x720:r=25:d=30 -f lavfi -i sine=d=30 \
	-c:v libx264 -preset ultrafast -g 25 -c:a pcm_s16le -timecode 10:00:00:00 "$work/host/clip.mov"
boot

farm=/mnt/media/farm
prop() { inside systemctl show proxima --property="$1" --value; }
queue() { # NAME: a clip in the farm, which is being encoded when this returns
	inside cp /host/clip.mov "/mnt/media/$1.mov"
	as anna proxima queue --farm "$farm" "/mnt/media/$1.mov" >/dev/null
	until_true 60 pgrep -x ffmpeg
	until_true 30 sh -c "ls $farm/jobs/*/doing/* >/dev/null"
}
finished() { until_true 240 test -s "/mnt/media/Proxy/$1.mov"; }

inside useradd --create-home anna
inside install -m 755 /host/proxima /usr/local/bin/proxima
inside mkdir -p /srv/share /mnt/media
inside chown anna /srv/share
inside mount --bind /srv/share /mnt/media
as anna proxima init "$farm" >/dev/null
inside sh -c "printf 'roots:\n  media:\n    linux: /mnt/media\n' >>$farm/farm.yaml"

step "not as root unless told twice"
inside proxima service install --farm "$farm" 2>/dev/null && fail "installed for nobody"
inside proxima service install --farm "$farm" --user root 2>/dev/null && fail "installed as root"
inside env PROXIMA_FARM="$farm" proxima service run 2>/dev/null && fail "runs as root"

step "install and start"
inside proxima service install --farm "$farm" --user anna --slots 1 --now
until_true 30 proxima service status
inside proxima service status
[ "$(inside ps -o user= -p "$(prop MainPID)")" = anna ] || fail "it does not run as anna"
until_true 5 sh -c "systemctl show proxima --property=StatusText --value | grep -q 'working for $farm'"

step "the doctor in the service's place"
inside proxima doctor --as-service || fail "the doctor finds something bad"

step "kill -9 in the midst of a unit"
queue killed
pid=$(prop MainPID)
inside kill -KILL "$pid"
until_true 2 sh -c "! pgrep -x ffmpeg"
until_true 20 sh -c "p=\$(systemctl show proxima --property=MainPID --value); [ \$p != 0 ] && [ \$p != $pid ]"
[ "$(prop NRestarts)" = 1 ] || fail "not started again by systemd"
finished killed

step "stop in the midst of a unit"
queue stopped
worker=$(inside sh -c "proxima service status | sed -n 's/^says .* as //p'")
inside proxima service stop
inside pgrep -x ffmpeg && fail "an ffmpeg is left"
inside pgrep -x proxima && fail "a worker is left"
inside sh -c "ls $farm/jobs/*/doing/*" 2>/dev/null && fail "a unit was not given back"
inside sh -c "ls $farm/workers/$worker.*" 2>/dev/null && fail "it did not sign off"
inside proxima service status >/dev/null 2>&1 && fail "status calls a stopped service well"
inside proxima service start
finished stopped

step "the machine restarts in the midst of a unit, and its share comes late"
queue restarted
inside systemctl poweroff
wait "$nspawn" || true
boot
until_true 30 sh -c "systemctl show proxima --property=StatusText --value | grep -q 'not working'"
inside systemctl is-active --quiet proxima || fail "the service does not wait for its share"
inside mount --bind /srv/share /mnt/media
[ -z "$(inside sh -c "ls $farm/jobs/*/doing/* 2>/dev/null")" ] || fail "the restart left a unit claimed"
finished restarted
until_true 20 proxima service status

step "a stop with --finish lets the unit be finished"
inside proxima service install --farm "$farm" --user anna --slots 1 --still 30s --finish 4m --now
until_true 30 proxima service status
queue drained
inside proxima service stop
inside sh -c "ls $farm/jobs/*/doing/*" 2>/dev/null && fail "a unit was left"
inside sh -c "test -s /mnt/media/Proxy/drained.mov || ls $farm/jobs/*/done/*" >/dev/null || fail "nothing was finished"

step "a process that stands still is started anew"
inside mkdir -p /run/systemd/system/proxima.service.d
inside sh -c "printf '[Service]\nWatchdogSec=5s\n' >/run/systemd/system/proxima.service.d/test.conf"
inside systemctl daemon-reload
inside proxima service start
until_true 30 proxima service status
pid=$(prop MainPID)
inside kill -STOP "$pid"
until_true 60 sh -c "p=\$(systemctl show proxima --property=MainPID --value); [ \$p != 0 ] && [ \$p != $pid ]"
inside rm -r /run/systemd/system/proxima.service.d
finished drained

step "uninstall leaves nothing"
inside proxima service uninstall
inside pgrep -x "proxima|ffmpeg" && fail "a process is left"
[ -z "$(inside find /etc /run /var/lib/systemd -name '*proxima*')" ] || fail "left: $(inside find /etc /run /var/lib/systemd -name '*proxima*')"
[ -z "$(inside find "$farm" /mnt/media/Proxy -name '.*' -type f)" ] || fail "left in the farm: $(inside find "$farm" /mnt/media/Proxy -name '.*' -type f)"
inside proxima service uninstall 2>/dev/null && fail "uninstalled twice"

step "a person's own, without root"
inside loginctl enable-linger anna
until_true 20 test -S "/run/user/$(inside id -u anna)/systemd/private"
as anna proxima service install --farm "$farm" --now
until_true 30 runuser -u anna -- env "XDG_RUNTIME_DIR=/run/user/$(inside id -u anna)" proxima service status
as anna proxima service uninstall
inside pgrep -x proxima && fail "a worker is left"
[ -z "$(inside find /home/anna -name '*proxima*')" ] || fail "left: $(inside find /home/anna -name '*proxima*')"
echo "$me: passed"
