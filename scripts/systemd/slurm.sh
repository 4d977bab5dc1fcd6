#!/bin/sh
# make slurm: deploy/slurm.sh, as it is, on a Slurm of two nodes. Its array drains a farm; a task is
# cancelled in the midst of a unit, then a whole array, and one runs out of time: nothing is lost.
set -eu
me=slurm
packages="iproute2 munge slurm-wlm"
here=$(cd "$(dirname "$0")" && pwd)
. "$here/machine.sh"
prepare "$@"

CGO_ENABLED=0 "${GO:-go}" build -o "$work/host/" ./cmd/proxima
cp deploy/slurm.sh "$work/host/"
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=1280x720:r=25:d=40 -f lavfi -i sine=d=40 \
	-c:v libx264 -preset ultrafast -g 25 -c:a pcm_s16le -timecode 10:00:00:00 "$work/host/clip.mov"
boot

farm=/mnt/media/farm
queue() { # NAME: a clip in the farm
	inside cp /host/clip.mov "/mnt/media/$1.mov"
	as anna proxima queue --farm "$farm" "/mnt/media/$1.mov" >/dev/null
}
batch() { as anna sbatch --parsable --chdir=/home/anna "$@" /host/slurm.sh "$farm"; }
holds() { # ID SECONDS: until a worker of that name has a unit, and an ffmpeg that writes its part
	until_true "$2" sh -c "ls $farm/jobs/*/doing/*.$1-* $farm/jobs/*/parts/.*.$1-*.partial"
}
gone() { # ID: until nothing of such a worker is left, not by a lease but by itself
	until_true 30 sh -c "! pgrep -f '[-]-name $1' && for f in $farm/workers/$1-* $farm/jobs/*/doing/*.$1-*; do ! test -e \$f || exit 1; done"
}
whole() { # NAME: its proxy has all frames, in order, and its sound
	until_true 240 test -s "/mnt/media/Proxy/$1.mov"
	inside ffmpeg -nostdin -v error -xerror -i "/mnt/media/Proxy/$1.mov" -map 0 -f null - || fail "$1: the proxy does not decode"
	made=$(inside ffprobe -v error -count_packets -select_streams v -show_entries stream=nb_read_packets:stream_tags=timecode -of csv=p=0 "/mnt/media/Proxy/$1.mov")
	[ "$made" = 1000,10:00:00:00 ] || fail "$1: the proxy has $made"
}
over() { until_true 60 sh -c "[ -z \"\$(squeue -h)\" ]"; }

step "a Slurm of two nodes"
inside useradd --create-home anna
inside install -m 755 /host/proxima /usr/local/bin/proxima
inside install -d -o anna /mnt/media
inside mkdir -p /var/lib/slurm/node1 /var/lib/slurm/node2
inside sh -c 'cat >/etc/slurm/slurm.conf' <<-END
	ClusterName=room
	SlurmctldHost=$(inside hostname)(127.0.0.1)
	SlurmUser=slurm
	StateSaveLocation=/var/lib/slurm/slurmctld
	SlurmdSpoolDir=/var/lib/slurm/%n
	SlurmdPidFile=/run/slurmd-%n.pid
	SlurmdLogFile=/var/log/slurm/%n.log
	SlurmctldLogFile=/var/log/slurm/slurmctld.log
	ProctrackType=proctrack/linuxproc
	TaskPlugin=task/none
	SelectType=select/cons_tres
	SelectTypeParameters=CR_Core_Memory
	# This machine is said to be two, and larger than it is.
	SlurmdParameters=config_overrides
	NodeName=node1 NodeHostname=node1 NodeAddr=127.0.0.1 Port=17001 CPUs=8 RealMemory=8192
	NodeName=node2 NodeHostname=node2 NodeAddr=127.0.0.1 Port=17002 CPUs=8 RealMemory=8192
	PartitionName=room Nodes=node1,node2 Default=YES State=UP
END
# Nothing here uses control groups; the plugin for those of today refuses systems that have both.
inside sh -c 'echo CgroupPlugin=cgroup/v1 >/etc/slurm/cgroup.conf'
# Slurm takes no address for one that nobody else could reach.
inside ip addr add 192.0.2.1/32 dev lo
inside systemctl restart munge slurmctld
for n in node1 node2; do
	# A host by its name, for Slurm and for the workers.
	inside systemd-run --quiet --unit="slurmd-$n" --property=Delegate=yes \
		unshare --uts sh -c "hostname $n && exec slurmd -D -N $n"
done
until_true 60 sh -c "sinfo -h -t idle -o %D | grep -qx 2"
as anna proxima init "$farm" >/dev/null
inside sh -c "printf 'format: 1\ndefaults: {chunk_length: 5s, duration_worth_chunking: 10s}\n' >$farm/farm.yaml"

step "an array drains the farm"
queue first
queue second
id=$(batch --array=1-2)
over
whole first
whole second
for n in 1 2; do
	inside sh -c "ls $farm/done/*/done/*.slurm-node$n-$n-*" >/dev/null || fail "node$n made nothing"
	inside scontrol show job "${id}_$n" | grep -q JobState=COMPLETED || fail "task $n did not end well"
done

step "scancel of a task in the midst of a unit"
queue cancelled
id=$(batch --array=1-2 --cpus-per-task=2)
holds slurm-node1-1 60
holds slurm-node2-2 60
as anna scancel "${id}_1"
gone slurm-node1-1
whole cancelled
over
inside sh -c "ls $farm/done/*/done/*.a2.slurm-node2-2-*" >/dev/null || fail "the other did not go on with what was given back"

step "scancel of all in the midst of their units"
queue all
id=$(batch --array=1-2 --cpus-per-task=2)
holds slurm-node1-1 60
holds slurm-node2-2 60
as anna scancel "$id"
gone slurm-node1-1
gone slurm-node2-2
over
batch --array=1-2 >/dev/null
whole all
over

step "the time is over in the midst of a unit"
queue late
batch --array=1 --cpus-per-task=2 --time=1 --signal=TERM@50 >/dev/null
holds slurm-node1-1 60
gone slurm-node1-1
over
batch --array=1-2 >/dev/null
whole late
over
left=$(inside find "$farm/jobs" "$farm/workers" /mnt/media/Proxy -mindepth 1 ! -path '/mnt/media/Proxy/*.mov')
[ -z "$left" ] || fail "left in the farm: $left"
inside sh -c "grep -h ' failed' /home/anna/proxima-*.log" && fail "something was charged"
echo "$me: passed"
