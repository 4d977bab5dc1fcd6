//go:build linux || darwin

package sharefs

import "golang.org/x/sys/unix"

// space counts with statfs(2)'s f_bavail, what is left without the superuser's reserve.
func space(dir string) (free, total uint64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, err
	}
	return uint64(st.Bavail) * uint64(st.Bsize), uint64(st.Blocks) * uint64(st.Bsize), nil
}
