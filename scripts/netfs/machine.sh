# Runs in each machine of `make netfs` as its first process: brings the machine up, then reads
# commands from its serial line. The kernel hands over what it was started with:
#
#   NETFS_NAME    server, a, b, c
#   NETFS_ADDR    its address; the server is 192.0.2.1
#   NETFS_SHARE   nfs3, nfs4, smb3
#   NETFS_OPTIONS options of the mount beside the defaults
#   NETFS_LEASE   seconds that the server's NFSv4 waits for clients that are gone, or after its start
#
# /host is a folder of the host's, and does not cross the machines' network.

export PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root PROXIMA_CONFIG=/run/proxima
# A page of memory costs these machines a hundred times what it costs others: keep what is freed.
export MALLOC_MMAP_THRESHOLD_=1000000000 MALLOC_TRIM_THRESHOLD_=1000000000 MALLOC_ARENA_MAX=1
here=/host/$NETFS_NAME

basics() {
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs dev /dev 2>/dev/null
	mkdir -p /dev/shm
	for d in /dev/shm /run /tmp; do mount -t tmpfs -o mode=1777 tmpfs "$d"; done
	# The disk image is everybody's; what a machine changes stays in its memory.
	modprobe overlay
	for d in etc var root; do
		mkdir -p "/run/mine/$d" "/run/mine/.$d"
		mount -t overlay -o "lowerdir=/$d,upperdir=/run/mine/$d,workdir=/run/mine/.$d" mine "/$d"
	done
	mkdir -p /run/lock /run/samba
	cp -r /host/bin /run/bin # programs are mapped faster from here
	hostname "$NETFS_NAME"
	printf '127.0.0.1 localhost\n192.0.2.1 server\n192.0.2.2 a\n192.0.2.3 b\n192.0.2.4 c\n' >/etc/hosts
	ip link set lo up
	ip link set vec0 up
	ip addr add "$NETFS_ADDR/24" dev vec0
}

# One disk that outlives the server's power cuts, and with it what NFS and Samba remember.
serve() {
	blkid /dev/ubdb >/dev/null || mkfs.ext4 -q /dev/ubdb
	mount -t ext4 /dev/ubdb /srv
	mkdir -p /srv/share /srv/samba
	chmod 777 /srv/share
	case $NETFS_SHARE in
	nfs*)
		[ -d /srv/nfs ] || cp -a /var/lib/nfs /srv/nfs
		mount --bind /srv/nfs /var/lib/nfs
		modprobe nfsd
		mount -t nfsd nfsd /proc/fs/nfsd
		mkdir -p /run/rpc_pipefs
		mount -t rpc_pipefs rpc /run/rpc_pipefs
		echo "$NETFS_LEASE" >/proc/fs/nfsd/nfsv4leasetime
		echo "$NETFS_LEASE" >/proc/fs/nfsd/nfsv4gracetime
		echo '/srv/share 192.0.2.0/24(rw,sync,fsid=0,no_root_squash,no_subtree_check)' >/etc/exports
		rpcbind -w
		rpc.statd
		nfsdcld
		exportfs -r
		rpc.mountd
		rpc.nfsd 8
		;;
	smb3)
		cat >/etc/samba/smb.conf <<-CONF
			[global]
			server role = standalone server
			server min protocol = SMB3
			smb ports = 445
			disable netbios = yes
			load printers = no
			private dir = /srv/samba
			state directory = /srv/samba
			lock directory = /srv/samba
			cache directory = /srv/samba
			log file = $here/smbd.log
			[share]
			path = /srv/share
			read only = no
		CONF
		printf 'room\nroom\n' | smbpasswd -s -a root
		smbd -D
		;;
	esac
}

# The mount options are the systems' own defaults, unless a scenario is about others.
join() {
	more=${NETFS_OPTIONS:+,$NETFS_OPTIONS}
	case $NETFS_SHARE in
	nfs3)
		rpcbind -w
		rpc.statd
		mount -t nfs -o "vers=3$more" server:/srv/share /mnt/share
		;;
	nfs4) mount -t nfs -o "vers=4.2$more" server:/ /mnt/share ;;
	smb3)
		modprobe cifs
		# Samba may need a moment after its start.
		for _ in 1 2 3 4 5 6; do
			sleep 3
			mount -t cifs -o "vers=3.1.1,username=root,password=room$more" //server/share /mnt/share && break
		done
		;;
	esac
}

set -x
{
	basics
	case $NETFS_NAME in
	server) serve ;;
	*) join ;;
	esac
	grep -E ' /(srv|mnt/share) ' /proc/mounts
	uname -r
	dmesg | grep -i -e nfsd -e cifs
} >>"$here/boot.log" 2>&1
set +x

# The line is opened once and stays open: what comes while nobody has it open is lost. The
# shell reads a pipe, for on a terminal it would prompt. This never ends: it is the machine.
exec 3<>/dev/ttyS0
stty raw -echo <&3
cd /
echo up >&3
cat <&3 | sh >&3 2>&1
