#!/bin/sh
# Makes what the machines of `make netfs` run:
#
#   linux             a User-Mode Linux kernel: a Linux that is an ordinary program
#   root.img          a small Debian with Samba and the tools of NFS; all machines share it and
#                     none writes to it
#   ffmpeg, ffprobe   of Debian's source, with what the tests need and no more. Debian's own
#                     loads two hundred libraries, which takes such a machine six seconds.
#
#   image.sh DIR     makes them in DIR, unless they are there
#
# NETFS_MIRROR and NETFS_SUITE say which Debian. A change of this file makes the image anew.
set -eu

cache=$1
mirror=${NETFS_MIRROR:-http://deb.debian.org/debian}
suite=${NETFS_SUITE:-bookworm}
packages=user-mode-linux,kmod,iproute2,netbase,samba,cifs-utils,nfs-kernel-server,nfs-common,rpcbind

# The image is as good as new while what it was made from is the same.
stamp=$(cksum <"$0")-$suite
if [ -e "$cache/root.img" ] && [ "$(cat "$cache/stamp" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi

mkdir -p "$cache"
work=$cache/making
leave() { rm -rf "$work"; }
trap leave EXIT
trap 'exit 130' INT TERM
rm -rf "$work" "$cache/stamp"
mkdir "$work"

echo "netfs: making the machines' disk image in $cache; with ffmpeg it takes five to ten minutes, once"
debootstrap --variant=minbase --include="$packages" "$suite" "$work/root" "$mirror" >"$cache/debootstrap.log" 2>&1 || {
	tail -n 5 "$cache/debootstrap.log" >&2
	echo "netfs: debootstrap failed; its log is $cache/debootstrap.log. Another mirror: NETFS_MIRROR=http://... make netfs" >&2
	exit 1
}
cp "$work/root/usr/bin/linux.uml" "$work/linux"

echo "netfs: building ffmpeg"
mkdir "$work/ffmpeg"
echo "deb-src $mirror $suite main" >"$work/root/etc/apt/sources.list"
{
	chroot "$work/root" apt-get update -q
	chroot "$work/root" sh -c 'cd /tmp && apt-get source -q --download-only ffmpeg'
	tar -C "$work/ffmpeg" --strip-components 1 -xf "$work"/root/tmp/ffmpeg_*.orig.tar.xz
	rm -rf "$work"/root/tmp/* "$work/root/var/lib/apt/lists"
	cd "$work/ffmpeg"
	# Without assembler: half of it, which is what a machine without nasm builds, spoils colours.
	./configure --disable-everything --disable-autodetect --disable-asm --disable-debug --disable-doc \
		--disable-ffplay --disable-network --extra-ldflags=-static --enable-indev=lavfi --enable-protocol=file,pipe \
		--enable-demuxer=mov,concat,rawvideo --enable-muxer=mov,null,framecrc,framehash,framemd5,streamhash,hash,md5,rawvideo \
		--enable-decoder=h264,dnxhd,pcm_s16le,rawvideo,wrapped_avframe --enable-encoder=dnxhd,pcm_s16le,rawvideo,wrapped_avframe \
		--enable-parser=h264,dnxhd --enable-bsf=h264_mp4toannexb,setts,null,extract_extradata \
		--enable-filter=testsrc2,sine,scale,format,noformat,trim,setpts,setsar,setparams,showinfo,atrim,asetpts,aresample,aformat,null,anull,fps,transpose,hflip,vflip
	make -j "$(nproc)" ffmpeg ffprobe
} >"$cache/ffmpeg.log" 2>&1 || {
	tail -n 5 "$cache/ffmpeg.log" >&2
	echo "netfs: ffmpeg could not be built; the log is $cache/ffmpeg.log" >&2
	exit 1
}
mkdir -p "$work/root/lib/modules" "$work/root/host" "$work/root/srv" "$work/root/mnt/share"
cp -a "$work/root/usr/lib/uml/modules/." "$work/root/lib/modules/"
# The first program of a machine finds the rest in a folder of the host's.
cat >"$work/root/sbin/machine" <<'SH'
#!/bin/sh
/bin/mount -t hostfs -o "$NETFS_DIR" none /host && exec /bin/sh /host/machine.sh
SH
chmod 755 "$work/root/sbin/machine"
rm -rf "$work/root/var/cache/apt" "$work/root/usr/share/doc" "$work/root/usr/share/locale" "$work/root/usr/lib/uml"
megabytes=$(du -sm "$work/root" | cut -f 1)
# Without a journal: nobody writes to it.
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$work/root" "$work/root.img" "$((megabytes * 6 / 5 + 64))M" >/dev/null
mv "$work/linux" "$work/root.img" "$work/ffmpeg/ffmpeg" "$work/ffmpeg/ffprobe" "$cache/"
printf '%s' "$stamp" >"$cache/stamp"
echo "netfs: made"
