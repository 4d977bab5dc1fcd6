#!/bin/sh
# A farm of two workers on this machine makes a proxy of a clip of two minutes.
#
#   demo.sh PROXIMA DIR     DIR is made; what an earlier demo left in it is replaced
#   demo.sh --clean DIR     removes what a demo left
set -eu

mark=.proxima-demo

clean() { # removes only what a demo made
	if [ -e "$1/$mark" ]; then
		rm -rf "$1/farm" "$1/media" "$1/logs" "$1/$mark"
		rmdir "$1" 2>/dev/null || true
	fi
}

if [ "${1-}" = --clean ]; then
	clean "$2"
	exit 0
fi

proxima=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
dir=$2
if [ -d "$dir" ] && [ ! -e "$dir/$mark" ] && [ -n "$(ls -A "$dir")" ]; then
	echo "demo: $dir holds something else; choose another folder: make demo DEMO_DIR=..." >&2
	exit 1
fi
clean "$dir"
mkdir -p "$dir/media" "$dir/logs"
dir=$(cd "$dir" && pwd)
: >"$dir/$mark"
farm=$dir/farm
clip=$dir/media/A001_C001.mov

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
if [ ! -t 1 ]; then
	say() { printf '\n%s\n' "$*"; }
fi
fail() {
	echo "demo: $*" >&2
	for log in "$dir"/logs/*.log; do
		[ -s "$log" ] || continue
		echo "--- last lines of $log" >&2
		tail -n 15 "$log" >&2
	done
	exit 1
}

workers=
leave() { # ends the workers that run: an interrupt lets them finish what they hold
	[ -n "$workers" ] || return 0
	for pid in $workers; do kill -INT "$pid" 2>/dev/null || true; done
	(
		sleep 30
		for pid in $workers; do kill -TERM "$pid" 2>/dev/null || true; done
	) >/dev/null 2>&1 &
	patience=$!
	bad=0
	for pid in $workers; do
		wait "$pid" || case $? in 130) ;; *) bad=1 ;; esac
	done
	kill "$patience" 2>/dev/null || true
	wait "$patience" 2>/dev/null || true
	workers=
	return $bad
}
trap 'leave || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "1. A camera file: two minutes, 1280x720, 25 frames a second, a keyframe every ten seconds"
picture=testsrc2=size=1280x720:rate=25:duration=120
# Not all builds of ffmpeg can write text, nor have all machines a font.
if ffmpeg -nostdin -v quiet -f lavfi -i "testsrc2=size=64x64:duration=0.04,drawtext=text=0" -f null - 2>/dev/null; then
	picture="$picture,drawtext=text='%{n}':x=w-tw-40:y=h-th-40:fontsize=72:fontcolor=white:box=1:boxcolor=black"
fi
ffmpeg -nostdin -v error -y -f lavfi -i "$picture" -f lavfi -i "sine=frequency=440:sample_rate=48000:duration=120" \
	-c:v libx264 -preset ultrafast -crf 28 -g 250 -keyint_min 250 -sc_threshold 0 -bf 2 -pix_fmt yuv420p \
	-c:a pcm_s16le -timecode 01:00:00:00 "$clip" || fail "ffmpeg could not make the clip"
ls -l "$clip"

say "2. The farm: a folder"
"$proxima" init "$farm" || fail "proxima init"

say "3. Two workers, as on two machines"
for name in a b; do
	"$proxima" work --farm "$farm" --name "$name" --slots 1 >"$dir/logs/$name.log" 2>&1 &
	workers="$workers $!"
	echo "worker $name: process $!, log $dir/logs/$name.log"
done

say "4. Queue the clip, in chunks of about 20 seconds, and wait"
"$proxima" queue "$clip" --farm "$farm" --preset edit_proxy --chunk-length 20s --wait || fail "proxima queue ended with $?"

say "5. The workers are told to leave"
leave || fail "a worker ended with an error"
echo "they left"

say "6. What the farm verified before it called the proxy done"
record=$(find "$farm/done" -name DONE.yaml)
[ -f "$record" ] || fail "no DONE.yaml in $farm/done"
cat "$record"

say "7. What ffprobe says, without Proxima"
proxy=$(find "$dir/media" -name '*.mov' ! -path "$clip")
[ -f "$proxy" ] || fail "no proxy in $dir/media"
ls -l "$proxy"
count() { ffprobe -v error -count_packets -select_streams v:0 -show_entries stream=nb_read_packets -of default=nw=1:nk=1 "$1"; }
timecode() { ffprobe -v error -select_streams v:0 -show_entries stream_tags=timecode -of default=nw=1:nk=1 "$1"; }
ffprobe -v error -show_entries stream=codec_name,profile,width,height,pix_fmt,r_frame_rate,sample_rate:stream_tags=timecode -of compact=nk=0 "$proxy"
echo "frames:    source $(count "$clip"), proxy $(count "$proxy")"
echo "timecode:  source $(timecode "$clip"), proxy $(timecode "$proxy")"
[ "$(count "$clip")" = 3000 ] && [ "$(count "$proxy")" = 3000 ] || fail "frames are missing"
[ "$(timecode "$proxy")" = 01:00:00:00 ] || fail "the timecode is wrong"
complaints=$(ffmpeg -nostdin -v error -xerror -i "$proxy" -f null - 2>&1) || fail "the proxy does not decode: $complaints"
[ -z "$complaints" ] || fail "the proxy does not decode cleanly: $complaints"
echo "every frame decodes"

say "8. The farm folder"
(cd "$farm" && find . ! -name . | LC_ALL=C sort)

say "Done: $proxy"
