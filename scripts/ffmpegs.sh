#!/bin/sh
# Runs the tests of encoding with the ffmpeg of other Debian releases: what editors install is newer
# than what a server has. Each is installed into a root of its own, below bin/ffmpegs, which stays.
# Needs root, debootstrap and the network.
set -eu
GO=${GO:-go}
suites=${*:-trixie sid}
here=$PWD/bin/ffmpegs

if [ "$(id -u)" != 0 ]; then
	echo "ffmpegs: only root can install into another root; run it with sudo" >&2
	exit 1
fi
if ! command -v debootstrap >/dev/null; then
	apt-get update -qq
	apt-get install -y -qq debootstrap >/dev/null
fi

# install SUITE puts its ffmpeg into $here/SUITE. What is old in a mirror is no reason to stop.
# From release 8 on ffmpeg decodes on Vulkan, and Mesa's driver for processors shows what comes of it.
install() {
	root=$here/$1
	packages=ffmpeg
	[ "$1" != sid ] || packages="ffmpeg mesa-vulkan-drivers"
	if [ ! -x "$root/usr/bin/ffmpeg" ]; then
		rm -rf "$root"
		mkdir -p "$here"
		debootstrap --variant=minbase "$1" "$root" >"$here/$1.log" 2>&1 &&
			chroot "$root" sh -c '
				apt-get -o Acquire::Check-Valid-Until=false update -qq
				DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends '"$packages" >>"$here/$1.log" 2>&1 || {
			echo "ffmpegs: $1 could not be installed; $here/$1.log tells why" >&2
			exit 1
		}
	fi
	# Started by its own loader and with its own libraries, it sees this machine's files.
	loader=$(echo "$root"/lib*/ld-linux-*.so.*)
	libs=$root/usr/lib/$(uname -m)-linux-gnu
	mkdir -p "$here/$1-bin"
	for p in ffmpeg ffprobe; do
		printf '#!/bin/sh\nexec %s --library-path %s:%s/pulseaudio:%s/blas:%s/lapack %s "$@"\n' \
			"$loader" "$libs" "$libs" "$libs" "$libs" "$root/usr/bin/$p" >"$here/$1-bin/$p"
		chmod +x "$here/$1-bin/$p"
	done
	vulkan=
	if [ -f "$root/usr/share/vulkan/icd.d/lvp_icd.json" ]; then
		vulkan=$here/$1-bin/lvp_icd.json
		sed "s|\"library_path\": \"|&$libs/|" "$root/usr/share/vulkan/icd.d/lvp_icd.json" >"$vulkan"
	fi
}

failed=
for s in $suites; do
	install "$s"
	echo "=== $s: $("$here/$s-bin/ffmpeg" -version | head -n 1)"
	# The one that is left out looks for processes called ffmpeg, and these bear their loader's name.
	PATH=$here/$s-bin:$PATH VK_DRIVER_FILES=$vulkan $GO test -tags e2e -timeout 60m -skip '^TestFFmpegYields$' ./encode || failed="$failed $s"
	PATH=$here/$s-bin:$PATH $GO test -tags e2e -timeout 60m -run '^(TestStitchedEqualsUninterrupted|TestBuiltinPresetsMakeWhatResolveLinks)$' ./cmd/proxima || failed="$failed $s"
done
if [ -n "$failed" ]; then
	echo "ffmpegs: failed with that of$failed" >&2
	exit 1
fi
