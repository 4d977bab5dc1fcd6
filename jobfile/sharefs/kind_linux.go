package sharefs

import "golang.org/x/sys/unix"

// KindOf tells what carries a folder. The magic numbers are statfs(2)'s.
func KindOf(dir string) Kind {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return Unknown
	}
	switch uint32(st.Type) {
	case unix.NFS_SUPER_MAGIC:
		return NFS
	case unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC:
		return SMB
	case unix.FUSE_SUPER_MAGIC:
		return FUSE
	}
	return Local
}
