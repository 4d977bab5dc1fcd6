#!/bin/sh
# Makes sure that what the tests run is there: ffmpeg and ffprobe with the encoders of the
# presets, or with the argument "cc" a C compiler for the race detector, with "lua" a LuaJIT for
# the tests of Resolve's scripts, with "chromium" a browser for the test of the room's page, with
# "netfs" what makes and connects the machines of make netfs, or with "systemd" what starts the
# machine of make systemd. Installs it on Debian and Ubuntu; elsewhere says what to type.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

install() { # packages...
	if have apt-get; then
		if [ "$(id -u)" = 0 ]; then
			as_root=
		elif have sudo; then
			as_root=sudo
		else
			echo "deps: $* missing; as root: apt-get install $*" >&2
			exit 1
		fi
		echo "deps: installing $*"
		$as_root apt-get -o DPkg::Lock::Timeout=600 update -q </dev/null
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -q -y --no-install-recommends "$@" </dev/null
		return
	fi
	echo "deps: $* missing; install it:" >&2
	case $(uname -s) in
	Darwin) echo "  brew install $1" ;;
	MINGW* | MSYS* | CYGWIN* | Windows*) echo "  winget install Gyan.FFmpeg     (then open a new terminal)" ;;
	*)
		echo "  Fedora       sudo dnf install $1     (ffmpeg: from RPM Fusion, with libx264 and libx265)"
		echo "  Arch         sudo pacman -S $1"
		echo "  openSUSE     sudo zypper install $1"
		echo "  Alpine       sudo apk add $1"
		;;
	esac >&2
	exit 1
}

if [ "${1-}" = cc ]; then
	have "$("${GO:-go}" env CC)" || install gcc libc6-dev
	exit 0
fi

if [ "${1-}" = lua ]; then
	# Not needed to use Proxima, nor to work on most of it.
	have luajit || (have apt-get && install luajit) ||
		echo "deps: without luajit the tests of Resolve's scripts are left out" >&2
	exit 0
fi

if [ "${1-}" = chromium ]; then
	have chromium || have chromium-browser || have google-chrome || install chromium
	exit 0
fi

if [ "${1-}" = systemd ]; then
	have debootstrap || install debootstrap
	have systemd-nspawn || install systemd-container
	have unshare && have nsenter || install util-linux
	exit 0
fi

if [ "${1-}" = netfs ]; then
	have debootstrap || install debootstrap
	have mke2fs || install e2fsprogs
	have ip || install iproute2
	have unshare && have taskset || install util-linux
	exit 0
fi

have ffmpeg && have ffprobe || install ffmpeg

# -fps_mode came with ffmpeg 5.1, the oldest that will do.
case $(ffmpeg -hide_banner -nostdin -h long 2>/dev/null) in
*-fps_mode*) ;;
*)
	echo "deps: this ffmpeg ($(command -v ffmpeg)) is older than 5.1; put a newer one first in PATH" >&2
	exit 1
	;;
esac
encoders=$(ffmpeg -hide_banner -nostdin -encoders 2>/dev/null)
for e in dnxhd prores_aw prores_ks mjpeg libx264 libx265 aac; do
	case $encoders in
	*" $e "*) ;;
	*)
		echo "deps: this ffmpeg ($(command -v ffmpeg)) has no encoder $e; install a full build of it" >&2
		exit 1
		;;
	esac
done
