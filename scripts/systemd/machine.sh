# A machine under systemd, for the scripts beside this one, which read it with the dot command: a
# container of systemd-nspawn over an overlay of the Debian that root.sh makes. It ends with the
# script, and nothing of it stays.
#
#   packages="A B"   before prepare: what is on it besides
#   boot             starts it and waits until it is up; /host there is $work here
#   inside CMD...    runs something in it
#   until_true N CMD... repeats something in it for N seconds until it works
#   fail WORDS       ends all

need() {
	echo "$me: $*" >&2
	exit 1
}

prepare() {
	[ "$(uname -s)" = Linux ] || need "needs Linux"
	[ "$(id -u)" = 0 ] || need "needs root, for a machine of its own: sudo make $me"
	sh "$here/../deps.sh" systemd
	# Namespaces of its own: no mount and no process outlives them.
	if [ -z "${SYSTEMD_INSIDE-}" ]; then
		export SYSTEMD_INSIDE=1
		SYSTEMD_WORK=$(mktemp -d)
		export SYSTEMD_WORK
		running=
		leave() {
			# unshare takes its namespaces with it, and the machine with them.
			[ -z "$running" ] || kill -KILL "$running" 2>/dev/null || true
			[ -z "$running" ] || wait "$running" 2>/dev/null || true
			# Its groups of processes are empty a moment later.
			for _ in $(seq 50); do
				find "$(groups)/proxima-test" -depth -type d -exec rmdir {} + 2>/dev/null || true
				[ -d "$(groups)/proxima-test" ] || break
				sleep 0.1
			done
			rm -rf "$SYSTEMD_WORK"
		}
		trap leave EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM HUP
		unshare --mount --pid --cgroup --mount-proc --fork --kill-child --propagation private sh "$0" "$@" </dev/null &
		running=$!
		code=0
		wait "$running" || code=$?
		running=
		exit "$code"
	fi
	work=$SYSTEMD_WORK
	# A machine with more on it is another one.
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/proxima-${packages:+$me-}systemd
	sh "$here/root.sh" "$cache" ${packages-}
	mkdir -p "$work/over" "$work/host"
	mount -t tmpfs -o size=2g over "$work/over"
	mkdir "$work/over/up" "$work/over/work" "$work/over/root"
	mount -t overlay -o "lowerdir=$cache/root,upperdir=$work/over/up,workdir=$work/over/work" over "$work/over/root"
	mount -t tmpfs run /run
	mkdir -p /run/lock
}

# groups is where this system has the one tree of control groups that systemd wants.
groups() {
	if [ -e /sys/fs/cgroup/cgroup.procs ]; then echo /sys/fs/cgroup; else echo /sys/fs/cgroup/unified; fi
}

boot() {
	g=$(groups)/proxima-test
	mkdir -p "$g"
	sh -c 'echo $$ >"$1/cgroup.procs" && umount -R /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 cgroup2 /sys/fs/cgroup &&
		exec systemd-nspawn --quiet --directory="$2/over/root" --boot --register=no --keep-unit --private-network \
			--bind="$2/host:/host" --console=pipe systemd.show_status=0' boot "$g" "$work" >"$work/console" 2>&1 </dev/null &
	nspawn=$!
	up
}

# up waits for the machine's first process, which is another after a restart.
up() {
	for _ in $(seq 120); do
		leader=$(cat "/proc/$nspawn/task/$nspawn/children" 2>/dev/null | cut -d ' ' -f 1)
		if [ -n "$leader" ] && inside sh -c 'case $(systemctl is-system-running 2>/dev/null) in running | degraded) ;; *) exit 1 ;; esac' 2>/dev/null; then
			return
		fi
		sleep 0.5
	done
	cat "$work/console" >&2
	fail "the machine does not come up"
}

inside() {
	nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup env -i \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"
}

as() { # PERSON CMD...
	person=$1
	shift
	inside runuser -u "$person" -- env "XDG_RUNTIME_DIR=/run/user/$(inside id -u "$person")" "$@"
}

until_true() {
	seconds=$1
	shift
	for _ in $(seq $((seconds * 4))); do
		if inside "$@" >/dev/null 2>&1; then return; fi
		sleep 0.25
	done
	fail "waited $seconds s in vain for: $*"
}

step() { echo "$me: $*"; }

fail() {
	echo "$me: FAILED: $*" >&2
	inside journalctl --no-pager -u proxima -n 40 >&2 2>/dev/null || true
	exit 1
}
