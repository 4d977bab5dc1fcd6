package sharefs

import "golang.org/x/sys/unix"

// KindOf tells what carries a folder, by statfs(2)'s type name.
func KindOf(dir string) Kind {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return Unknown
	}
	switch unix.ByteSliceToString(st.Fstypename[:]) {
	case "nfs":
		return NFS
	case "smbfs":
		return SMB
	case "apfs", "hfs", "exfat", "msdos":
		return Local
	}
	return Unknown
}
